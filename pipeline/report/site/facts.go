package site

import (
	"claimsaudit/pipeline/report"
)

// amounts are those of one institution, or of all, in one month.
type amounts struct {
	Settlements, Lines                                    int64
	Fund, Pay, Exempt, Review, Withhold, Recover, Release report.Cents
}

func (a *amounts) add(b amounts) {
	a.Settlements, a.Lines = a.Settlements+b.Settlements, a.Lines+b.Lines
	a.Fund, a.Pay, a.Exempt, a.Review = a.Fund+b.Fund, a.Pay+b.Pay, a.Exempt+b.Exempt, a.Review+b.Review
	a.Withhold, a.Recover, a.Release = a.Withhold+b.Withhold, a.Recover+b.Recover, a.Release+b.Release
}

// isQuiet says that nothing but plain payment happened.
func (a amounts) isQuiet() bool {
	return a.Exempt == 0 && a.Review == 0 && a.Withhold == 0 && a.Recover == 0 && a.Release == 0
}

// verdicts are the lines of one rule, by what became of them.
type verdicts struct {
	WithholdLines, ExemptLines, ReviewLines int64
	Withhold, Exempt, Review                report.Cents
}

func (v *verdicts) add(verdict string, lines int64, c report.Cents) {
	switch verdict {
	case "withhold":
		v.WithholdLines, v.Withhold = v.WithholdLines+lines, v.Withhold+c
	case "exempt":
		v.ExemptLines, v.Exempt = v.ExemptLines+lines, v.Exempt+c
	case "review":
		v.ReviewLines, v.Review = v.ReviewLines+lines, v.Review+c
	}
}

func (v verdicts) lines() int64 { return v.WithholdLines + v.ExemptLines + v.ReviewLines }

// monthRule is one rule in one month.
type monthRule struct {
	Month string
	Rule  int64
}

// line is a line whose verdict is not pay.
type line struct {
	Institution, Person, Settlement, Line, Day, Verdict, Role, Status, From, To, Emergency string
	Rule                                                                                   int64
	Cents                                                                                  report.Cents
}

// ratio is one share of one institution in one window.
type ratio struct {
	Institution            string
	No                     int64
	Name, Window, Key      string
	Numerator, Denominator int64
	Hundredths             report.Hundredths
	HasData, HasThreshold  bool
	Threshold              int64
	Meets                  bool
}

// state is what the share says: met, missed, no_data or none (no threshold).
func (r ratio) state() string {
	switch {
	case !r.HasData:
		return "no_data"
	case !r.HasThreshold:
		return "none"
	case r.Meets:
		return "met"
	}
	return "missed"
}

// institution is everything the site shows of one.
type institution struct {
	Code, Name, Type, Level, Ownership, Agreement, AgreementFrom, AgreementTo string

	Months map[string]amounts
	Rules  map[monthRule]*verdicts
	Lines  []*line
	Total  int64 // lines whose verdict is not pay, those shown among them
	Ratios []ratio
	Cards  []card
	Owed   []kindSum // what statements issued for it
	People map[string]*verdicts
	Duties []duty
	Late   []lateStatus
	Shares []share
}

// person is everything the site shows of one practitioner.
type person struct {
	Code, Masked, Institutions, Registry, Derived, BlockedTo string

	IsKnown  bool // to the registry or the points record
	Points   int64
	Rules    map[monthRule]*verdicts
	Found    map[monthRule]int64 // findings, whether or not the verdict rests on them
	Total    verdicts
	Findings int64
	Where    map[string]*verdicts // by institution
	Lines    []*line
	Spells   []spell
	Record   []event
	Duties   []duty
}

// spell is a stretch of days of one status, its end exclusive.
type spell struct{ Status, From, To, Where string }

// event is one entry of the points record.
type event struct {
	On, Event, Ref, Measure, From, To, Article string
	Points, Total                              int64
}

// duty is something due.
type duty struct{ Person, Kind, Title, Due, State, Article, Ref, Note string }

// card is a yearly scorecard; points are exact decimals as text, "" while something is missing.
type card struct {
	Institution, Total, Lowest, Highest, Vetoes, Missing, Own, Decision, Pass, Note, Title, Window, State string
	Year                                                                                                  int64
	IsVetoed, StandsIn                                                                                    bool
	Indicators                                                                                            []indicator
	Steps                                                                                                 []step
}

type indicator struct {
	No                                                    int64
	Title, Max, Score, Lowest, Highest, Source, Why, Self string
	IsVetoed                                              bool
}

type step struct {
	No, Indicator    int64
	Kind, Gain, Text string
}

// kindSum is what a month's statement says of one kind and cause.
type kindSum struct {
	IssuedIn, Institution, Kind, Cause string
	Lines                              int64
	Cents                              report.Cents
}

type statement struct {
	No, Month, AsOf, Run       string
	Lines                      int64
	Withhold, Recover, Release report.Cents
}

// lateStatus is a block that an institution did not put into its registry in time.
type lateStatus struct {
	Institution, Person, Ref, Measure, From, To, Due, Done string
	Lines                                                  int64
	Cents                                                  report.Cents
}

type warning struct {
	Title, Institution, Person, On, Article string
	Points, Registered, Blocked             int64
}

type share struct {
	Year, Registered, Blocked int64
	IsFlagged                 bool
}

type agreementEvent struct{ Institution, Event, From, To, Person, Status, IfResponsible string }

type run struct {
	ID, Job, Period, AsOf, Started, Finished, State, Hash string
	Rows                                                  int64
}

type file struct {
	Name, Feed, Encoding, Received, SHA           string
	Read, Loaded, Superseded, Duplicate, Rejected int64
}

type reject struct {
	Feed, File, Column string
	Open, Again        int64
}

type matter struct{ Title, Month, Settlement, Line, Note string }

type matterCount struct {
	Title, Month string
	Count        int64
}

type freshness struct{ Feed, Newest, Received string }

// facts are everything the pages are made of.
type facts struct {
	Months       []string // newest first
	Total        map[string]amounts
	Institutions map[string]*institution
	Codes        []string // of Institutions, in order
	People       map[string]*person
	PeopleCodes  []string // of people with findings, in order
	Rules        map[int64]rule
	RuleTotals   map[monthRule]*verdicts
	Statements   []statement // newest first
	Issued       []kindSum
	Duties       []duty
	Warnings     []warning
	Late         []lateStatus
	Agreements   []agreementEvent
	Runs         []run // newest first
	RunCount     int64
	Files        []file
	FileCount    int64
	Rejects      []reject
	RejectCount  int64 // of files and columns
	RejectsOpen  int64 // rows, also of those not listed
	Matters      []matter
	MatterCounts []matterCount
	Fresh        []freshness
}

type rule struct {
	No                     int64
	Title, Action, Article string
}

func (f *facts) institution(code string) *institution {
	i := f.Institutions[code]
	if i == nil {
		i = &institution{Code: code, Months: map[string]amounts{}, Rules: map[monthRule]*verdicts{}, People: map[string]*verdicts{}}
		f.Institutions[code] = i
	}
	return i
}

func (f *facts) person(code string) *person {
	p := f.People[code]
	if p == nil {
		p = &person{Code: code, Rules: map[monthRule]*verdicts{}, Found: map[monthRule]int64{}, Where: map[string]*verdicts{}}
		f.People[code] = p
	}
	return p
}

func at[K comparable](m map[K]*verdicts, key K) *verdicts {
	v := m[key]
	if v == nil {
		v = &verdicts{}
		m[key] = v
	}
	return v
}
