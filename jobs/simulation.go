package jobs

import (
	"time"

	"claimsaudit/pipeline/report"
)

// SimulateRequest says which decisions are tried on whom.
type SimulateRequest struct {
	Code  string // as typed: it is normalised as in a delivery
	Add   []Addition
	AsOf  time.Time // zero: the last run's day, or the last decision's if that is later
	Lines int       // so many claim lines at most; 0: all
}

// Addition is a decision that is not taken yet.
type Addition struct {
	Article, Item       string
	Points              int
	DecidedOn           time.Time
	EffectiveOn         time.Time // zero: the day it is decided
	ActNo, InspectionNo string
}

// Simulation is what decisions would cause. Its JSON follows the rules of report.PersonFile.
type Simulation struct {
	Code         string           `json:"practitioner_code"`
	AsOf         report.Day       `json:"as_of"`          // of both records
	ClaimsAsOf   report.Day       `json:"claims_as_of"`   // the last run's day
	Unjudged     int              `json:"unjudged_files"` // taken in since: the simulation knows them, the published tables do not
	RulePack     string           `json:"rule_pack"`
	IsRegistered bool             `json:"in_registry"`
	HasRecord    bool             `json:"in_points_record"`
	Decisions    []SimulatedOne   `json:"decisions"`
	Before       RecordState      `json:"before"`
	After        RecordState      `json:"after"`
	NewlyBlocked []SimulatedDays  `json:"newly_blocked"`     // not blocked before
	NotBlocked   []SimulatedDays  `json:"no_longer_blocked"` // a decision counted once with another may move a block
	Deadlines    []SimulatedDue   `json:"deadlines"`
	Claims       []AffectedClaims `json:"claims"`      // once the registry shows the block
	Until        AffectedSum      `json:"until_shown"` // until then rule 409 asks for review of these
	Lines        []AffectedLine   `json:"lines"`       // may hold the first of them only
	LineCount    int              `json:"line_count"`  // of all
	Shares       []AffectedShare  `json:"shares"`      // of the person's institutions (Art. 34)
	Notes        []string         `json:"notes"`
}

// SimulatedOne is a decision under the number by which it is sorted among those of its day.
type SimulatedOne struct {
	No           string      `json:"decision_no"`
	Article      string      `json:"article"`
	Item         report.Text `json:"item"`
	Points       int         `json:"points"`
	DecidedOn    report.Day  `json:"decided_on"`
	EffectiveOn  report.Day  `json:"effective_on"`
	ActNo        report.Text `json:"act_no"`
	InspectionNo report.Text `json:"inspection_no"`
	CountedWith  report.Text `json:"counted_with"` // null: it counts
}

// RecordState is a person's record.
type RecordState struct {
	TotalPoints int                   `json:"total_points"`
	Status      string                `json:"derived_status"`
	BlockedTo   report.Day            `json:"blocked_to"`
	Measure     report.Text           `json:"last_measure"` // of the latest decisions that had one
	ClearsOn    report.Day            `json:"clears_on"`    // when the total becomes zero if nothing else happens
	Events      []report.PersonEvent  `json:"points_events"`
	Blocks      []report.PersonBlock  `json:"blocks"`
	Matters     []report.PersonMatter `json:"matters"`
}

// SimulatedDays is a half-open stretch of one status.
type SimulatedDays struct {
	From   report.Day `json:"from"`
	To     report.Day `json:"to"`
	Status string     `json:"status"`
}

// SimulatedDue is a deadline that would start.
type SimulatedDue struct {
	Kind    string      `json:"kind"`
	Title   string      `json:"title"`
	Due     report.Day  `json:"due_on"`
	Article string      `json:"article"`
	RefNo   string      `json:"ref_no"`
	Note    report.Text `json:"note"`
}

// AffectedClaims sums lines by month, institution, verdict now and effect.
type AffectedClaims struct {
	Period          string       `json:"period"`
	Institution     string       `json:"fixmedins_code"`
	InstitutionName report.Text  `json:"fixmedins_name"`
	Now             string       `json:"verdict_now"`
	Effect          string       `json:"effect"` // withhold, recover, stands (withheld as issued), exempt, review, pay, none
	Rule            int          `json:"rule"`
	IsPrincipal     bool         `json:"as_principal"`
	Lines           int          `json:"lines"`
	Fund            report.Money `json:"fund_yuan"`
	Issued          report.Money `json:"issued_yuan"` // what statements withheld of it so far; a recovery is the rest
}

// AffectedSum is a number of lines with their fund amount.
type AffectedSum struct {
	Lines int          `json:"lines"`
	Fund  report.Money `json:"fund_yuan"`
}

// AffectedLine is one fee line.
type AffectedLine struct {
	Period        string       `json:"period"`
	Institution   string       `json:"fixmedins_code"`
	SetlID        string       `json:"setl_id"`
	LineNo        string       `json:"feedetl_sn"`
	ServiceDate   report.Day   `json:"service_date"`
	Now           string       `json:"verdict_now"`
	Effect        string       `json:"effect"`
	Rule          int          `json:"rule"`
	EmergencyTest report.Text  `json:"emergency_test"`
	IsPrincipal   bool         `json:"as_principal"`
	Fund          report.Money `json:"fund_yuan"`
	Issued        report.Money `json:"issued_yuan"`
}

// AffectedShare is the share of Article 34 before and after.
type AffectedShare struct {
	Year          int         `json:"year"`
	Institution   string      `json:"fixmedins_code"`
	Name          report.Text `json:"fixmedins_name"`
	Registered    int         `json:"registered"`
	BlockedBefore int         `json:"blocked_before"`
	BlockedAfter  int         `json:"blocked_after"`
	FlaggedBefore bool        `json:"flagged_before"`
	FlaggedAfter  bool        `json:"flagged_after"`
	Article       string      `json:"article"`
}
