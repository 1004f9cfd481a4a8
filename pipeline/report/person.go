package report

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// PersonFile is everything kept about one practitioner. Its JSON is the program's promise: names are stable, a day is
// yyyy-MM-dd or null, an amount is a decimal string in yuan, a list is never null. Stretches of days are half-open: From
// is the first day, To the first day after; a null end is open.
type PersonFile struct {
	Code              string              `json:"practitioner_code"`
	Name              Text                `json:"name"`
	IsNameMasked      bool                `json:"name_masked"`
	Type              Text                `json:"practitioner_type"`
	AsOf              Day                 `json:"as_of"`          // registry status, points record, deadlines, warnings
	ClaimsAsOf        Day                 `json:"claims_as_of"`   // the last run's day
	RunID             string              `json:"run_id"`         // the last run that judged
	UnjudgedFiles     int                 `json:"unjudged_files"` // taken in since: the record knows them, the published tables do not
	RulePack          string              `json:"rule_pack"`
	Policy            string              `json:"policy"`
	Centre            string              `json:"centre"`
	IsRegistered      bool                `json:"in_registry"`
	HasRecord         bool                `json:"in_points_record"`
	RegistryStatus    Text                `json:"registry_status"` // null: the registry does not know the person
	DerivedStatus     string              `json:"derived_status"`
	TotalPoints       int                 `json:"total_points"`
	BlockedTo         Day                 `json:"blocked_to"`
	Registrations     []Registration      `json:"registrations"`
	RegistryRows      []RegistryRow       `json:"registry_rows"`
	RegistryStretches []RegistryStretch   `json:"registry_stretches"` // not normal
	Comparison        []StatusStretch     `json:"status_comparison"`
	Events            []PersonEvent       `json:"points_events"`
	Blocks            []PersonBlock       `json:"blocks"`
	Decisions         []PersonDecision    `json:"decisions"`
	Repairs           []PersonRepair      `json:"repairs"`
	Restorations      []PersonRestoration `json:"restorations"`
	Matters           []PersonMatter      `json:"matters"` // delivered rows without effect, or in doubt
	ClaimTotals       []ClaimTotal        `json:"claim_totals"`
	Lines             []ClaimLine         `json:"lines"`
	LineCount         int                 `json:"line_count"` // of all; Lines may hold the first of them only
	LineQuery         string              `json:"line_query"` // prints them all
	Deadlines         []PersonDeadline    `json:"deadlines"`
	Aliases           []PersonAlias       `json:"aliases"`
	Pharmacies        []Pharmacy          `json:"pharmacies"`
	NotMaintained     []NotMaintained     `json:"status_not_maintained"`
	Warnings          []PersonWarning     `json:"warnings"`
}

// Day is yyyy-MM-dd, "" where there is none.
type Day string

// MarshalJSON writes null for no day.
func (d Day) MarshalJSON() ([]byte, error) { return Text(d).MarshalJSON() }

// Text is a text that may be missing.
type Text string

// MarshalJSON writes null for a missing text.
func (t Text) MarshalJSON() ([]byte, error) {
	if t == "" {
		return []byte("null"), nil
	}
	return json.Marshal(string(t))
}

// Money is an amount in cents.
type Money int64

// String groups thousands, for the eye.
func (m Money) String() string { return cents(m).String() }

// MarshalJSON writes yuan with two decimals, exactly.
func (m Money) MarshalJSON() ([]byte, error) {
	sign, n := "", int64(m)
	if n < 0 {
		sign, n = "-", -n
	}
	return []byte(fmt.Sprintf(`"%s%d.%02d"`, sign, n/100, n%100)), nil
}

// RuleNo is a rule's number, 0 for none.
type RuleNo int

// MarshalJSON writes null for no rule.
func (r RuleNo) MarshalJSON() ([]byte, error) {
	if r == 0 {
		return []byte("null"), nil
	}
	return strconv.AppendInt(nil, int64(r), 10), nil
}

// Evidence is where a delivered row came from.
type Evidence struct {
	File    Text `json:"file"`
	Line    int  `json:"line"`
	Archive Text `json:"archive"`
}

// String is the file and its line.
func (e Evidence) String() string {
	if e.File == "" {
		return ""
	}
	return string(e.File) + " line " + strconv.Itoa(e.Line)
}

// Registration is a stretch of days in which the person is in an institution's snapshots.
type Registration struct {
	Institution     string `json:"fixmedins_code"`
	InstitutionName Text   `json:"fixmedins_name"`
	From            Day    `json:"from"` // null: from the beginning
	To              Day    `json:"to"`
	FirstSnapshot   Day    `json:"first_snapshot"`
	LastSnapshot    Day    `json:"last_snapshot"`
	Commitment      Text   `json:"commitment_flag"`
}

// RegistryRow is one row of a snapshot.
type RegistryRow struct {
	Snapshot     Day    `json:"snapshot_date"`
	Institution  string `json:"fixmedins_code"`
	Status       string `json:"status"`
	Begin        Day    `json:"status_begin"`
	End          Day    `json:"status_end"` // last day
	Commitment   Text   `json:"commitment_flag"`
	RegisteredOn Day    `json:"registered_on"`
	Evidence
}

// RegistryStretch is a stretch of the effective status, over all institutions.
type RegistryStretch struct {
	Status      string `json:"status"`
	From        Day    `json:"from"`
	To          Day    `json:"to"`
	Institution string `json:"recorded_at_institution"`
	Snapshot    Day    `json:"snapshot_date"`
}

// StatusStretch holds the two statuses side by side. Rule is 409 where the record blocks and the registry says normal.
type StatusStretch struct {
	From     Day    `json:"from"`
	To       Day    `json:"to"`
	Registry Text   `json:"registry_status"`
	Derived  string `json:"derived_status"`
	Agrees   bool   `json:"agrees"`
	Rule     RuleNo `json:"rule"`
}

// PersonEvent is a row of the points record.
type PersonEvent struct {
	Year         int    `json:"year"`
	On           Day    `json:"on_date"`
	Kind         string `json:"event"`
	RefNo        Text   `json:"ref_no"`
	Points       int    `json:"points"` // what the total changed by
	TotalAfter   int    `json:"total_after"`
	Measure      Text   `json:"measure"`
	MeasureTitle Text   `json:"measure_title"`
	BlockFrom    Day    `json:"block_from"`
	BlockTo      Day    `json:"block_to"`
	Article      string `json:"article"`
}

// PersonBlock is a suspension or termination as it runs after all repairs.
type PersonBlock struct {
	Measure    string `json:"measure"`
	Title      string `json:"measure_title"`
	RefNo      string `json:"ref_no"`
	DecidedOn  Day    `json:"decided_on"`
	From       Day    `json:"from"`
	To         Day    `json:"to"`
	ServedOn   Day    `json:"notice_served_on"`
	ShownSince Day    `json:"registry_shows_since"` // first snapshot that shows it
	RestoredOn Day    `json:"restored_on"`
	State      string `json:"state"` // to_come, running, over, restored
}

// PersonDecision is a delivered decision, whatever its state.
type PersonDecision struct {
	No             string `json:"decision_no"`
	DecidedOn      Day    `json:"decided_on"`
	Article        string `json:"article"`
	Item           Text   `json:"item"`
	Points         int    `json:"points"`
	State          string `json:"state"`
	EffectiveOn    Day    `json:"effective_on"`
	InspectionNo   Text   `json:"inspection_no"`
	ActNo          Text   `json:"act_no"`
	Responsibility Text   `json:"responsibility"`
	Adjustment     Text   `json:"adjustment"`
	Institution    Text   `json:"fixmedins_code"`
	ServedOn       Day    `json:"notice_served_on"`
	AppealedOn     Day    `json:"appealed_on"`
	Evidence
}

// PersonRepair is a delivered repair.
type PersonRepair struct {
	No          string `json:"repair_no"`
	Kind        string `json:"kind"`
	DoneOn      Day    `json:"done_on"`
	PointsOff   int    `json:"points_off"`
	MonthsOff   int    `json:"months_off"`
	WorkingDays int    `json:"working_days"`
	Evidence
}

// PersonRestoration is a delivered request for restoration.
type PersonRestoration struct {
	No            string `json:"restoration_no"`
	AppliedOn     Day    `json:"applied_on"`
	DecidedOn     Day    `json:"decided_on"`
	Approved      Text   `json:"approved"`
	EffectiveOn   Day    `json:"effective_on"`
	NewCommitment bool   `json:"new_commitment"`
	Evidence
}

// PersonMatter is a delivered row without effect, in doubt, or counted with another.
type PersonMatter struct {
	Feed    string `json:"feed"`
	RefNo   string `json:"ref_no"`
	On      Day    `json:"on_date"`
	Reason  string `json:"reason"`
	Title   string `json:"title"`
	Article Text   `json:"article"`
}

// ClaimTotal sums the lines on which a rule names the person, by month and institution. Recovered and Released are what
// statements issued on them.
type ClaimTotal struct {
	Period          string `json:"period"`
	Institution     string `json:"fixmedins_code"`
	InstitutionName Text   `json:"fixmedins_name"`
	WithholdLines   int    `json:"withhold_lines"`
	Withhold        Money  `json:"withhold_yuan"`
	ExemptLines     int    `json:"exempt_lines"`
	Exempt          Money  `json:"exempt_yuan"`
	ReviewLines     int    `json:"review_lines"`
	Review          Money  `json:"review_yuan"`
	ReleasedLines   int    `json:"paid_after_review_lines"`
	Recovered       Money  `json:"recover_yuan"`
	Released        Money  `json:"release_yuan"`
}

// ClaimLine is a fee line on which a rule names the person. Rule is the one that decides; OwnRules name the person.
type ClaimLine struct {
	Period        string `json:"period"`
	Institution   string `json:"fixmedins_code"`
	SetlID        string `json:"setl_id"`
	LineNo        string `json:"feedetl_sn"`
	ServiceDate   Day    `json:"service_date"`
	Verdict       string `json:"verdict"`
	Rule          RuleNo `json:"rule"`
	RuleTitle     string `json:"rule_title"`
	Article       string `json:"article"`
	OwnRules      string `json:"own_rules"` // rule and role, joined by "; "
	EmergencyTest Text   `json:"emergency_test"`
	ReviewNo      Text   `json:"review_no"`
	Fund          *Money `json:"fund_yuan"`   // null: paid after review, in a settlement of which nothing is shared out
	Issued        Money  `json:"issued_yuan"` // what statements issued on it so far
}

// PersonDeadline is an open matter.
type PersonDeadline struct {
	Kind    string `json:"kind"`
	Title   string `json:"title"`
	Due     Day    `json:"due_on"`
	State   string `json:"state"`
	Article string `json:"article"`
	RefNo   string `json:"ref_no"`
	Note    Text   `json:"note"`
}

// PersonAlias is another code that stands for the person.
type PersonAlias struct {
	Code        string `json:"alias_code"`
	Institution Text   `json:"fixmedins_code"` // null: at every institution
	From        Day    `json:"valid_from"`
	Remark      Text   `json:"remark"`
	Evidence
}

// Pharmacy is one whose principal the person is or was.
type Pharmacy struct {
	Institution     string `json:"fixmedins_code"`
	InstitutionName Text   `json:"fixmedins_name"`
	From            Day    `json:"from"`
	To              Day    `json:"to"`
	Agreement       Text   `json:"agreement_status"`
}

// NotMaintained is a block that an institution did not put into its registry in time, as of the last run's day.
type NotMaintained struct {
	Institution  string `json:"fixmedins_code"`
	RefNo        string `json:"ref_no"`
	Due          Day    `json:"due_on"`
	MaintainedOn Day    `json:"maintained_on"`
	Lines        int    `json:"lines"`
	Fund         Money  `json:"fund_yuan"`
	LateLines    int    `json:"late_lines"`
	LateFund     Money  `json:"late_fund_yuan"`
	Article      string `json:"article"`
}

// PersonWarning is something to prepare for or to look at.
type PersonWarning struct {
	Kind        string `json:"kind"`
	Title       string `json:"title"`
	Institution Text   `json:"fixmedins_code"`
	On          Day    `json:"on_date"`
	Note        Text   `json:"note"`
	Article     Text   `json:"article"`
}

// MeasureTitle says a measure in the office's words, with its length in months.
func MeasureTitle(kind string, months int) string { return newPointsWords().measureText(kind, months) }

// DeadlineTitle says what is to be done, as mart.deadline does.
func DeadlineTitle(kind string) string { return deadlineTitles.of(kind) }

var deadlineTitles = words{"notice": "送达处理通知书", "registry": "维护登记备案状态", "appeal": "申诉期满，可作出处理决定",
	"restoration_request": "申请恢复资格", "restoration_decision": "审核恢复申请", "block_start": "暂停或终止开始执行"}
