package configs

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Example is a worked case of a rule pack: what was decided, and what the
// record must then say. `claimsaudit rules test` runs it.
type Example struct {
	Name         string               `yaml:"name"`
	Article      string               `yaml:"article"`
	AsOf         time.Time            `yaml:"as_of"`
	Decisions    []ExampleDecision    `yaml:"decisions,omitempty"`
	Repairs      []ExampleRepair      `yaml:"repairs,omitempty"`
	Restorations []ExampleRestoration `yaml:"restorations,omitempty"`
	Shares       []ExampleShare       `yaml:"shares,omitempty"`
	Want         Expectation          `yaml:"want,omitempty"`
}

// ExampleDecision is a row of the feed points_decision; its state is final unless given.
type ExampleDecision struct {
	No           string    `yaml:"decision_no"`
	DecidedOn    time.Time `yaml:"decided_on"`
	Article      string    `yaml:"article"`
	Item         string    `yaml:"item,omitempty"`
	Points       int       `yaml:"points"`
	State        string    `yaml:"state,omitempty"`
	EffectiveOn  time.Time `yaml:"effective_on,omitempty"`
	InspectionNo string    `yaml:"inspection_no,omitempty"`
	ActNo        string    `yaml:"act_no,omitempty"`
	WasFinal     bool      `yaml:"was_final,omitempty"` // a revoked one that had been final
}

// ExampleRepair is a row of the feed repair.
type ExampleRepair struct {
	No          string    `yaml:"repair_no"`
	Kind        string    `yaml:"kind"`
	DoneOn      time.Time `yaml:"done_on"`
	PointsOff   int       `yaml:"points_off,omitempty"`
	MonthsOff   int       `yaml:"months_off,omitempty"`
	WorkingDays int       `yaml:"working_days,omitempty"`
}

// ExampleRestoration is a row of the feed restoration.
type ExampleRestoration struct {
	No            string    `yaml:"restoration_no"`
	AppliedOn     time.Time `yaml:"applied_on"`
	DecidedOn     time.Time `yaml:"decided_on,omitempty"`
	Approved      string    `yaml:"approved,omitempty"`
	EffectiveOn   time.Time `yaml:"effective_on,omitempty"`
	NewCommitment string    `yaml:"new_commitment,omitempty"`
}

// ExampleShare is an institution's year: persons registered, and blocked among them.
type ExampleShare struct {
	Registered int  `yaml:"registered"`
	Blocked    int  `yaml:"blocked"`
	Flagged    bool `yaml:"flagged"`
}

// Expectation is what the record must say on the example's as-of day.
type Expectation struct {
	Total    int              `yaml:"total"`
	Events   []ExpectedEvent  `yaml:"events,omitempty"` // all of them, in order; none given: not compared
	Statuses []ExpectedStatus `yaml:"statuses,omitempty"`
	Listed   []ExpectedMatter `yaml:"listed,omitempty"` // all rows without effect, with the reason
}

// ExpectedEvent is a row of mart.points_record.
type ExpectedEvent struct {
	On         time.Time `yaml:"on_date"`
	Event      string    `yaml:"event"`
	RefNo      string    `yaml:"ref_no,omitempty"`
	Points     int       `yaml:"points,omitempty"`
	TotalAfter int       `yaml:"total_after"`
	Measure    string    `yaml:"measure,omitempty"`
	BlockFrom  time.Time `yaml:"block_from,omitempty"`
	BlockTo    time.Time `yaml:"block_to,omitempty"` // exclusive
}

// ExpectedStatus is the derived status on a day.
type ExpectedStatus struct {
	On     time.Time `yaml:"on"`
	Status string    `yaml:"status"`
}

// ExpectedMatter is a row without effect.
type ExpectedMatter struct {
	RefNo  string `yaml:"ref_no"`
	Reason string `yaml:"reason"`
}

func checkExamples(d *document, examples []Example) {
	names := map[string]bool{}
	for i, e := range examples {
		at := fmt.Sprintf("points.examples[%d]", i)
		if d.good(at+".name") && names[e.Name] {
			d.fault(at+".name", "算例“"+e.Name+"”重复", "每个算例用不同的名称")
		}
		names[e.Name] = true
		d.article(at, e.Article)
		rows := len(e.Decisions) + len(e.Repairs) + len(e.Restorations)
		switch {
		case !d.good(at):
		case rows == 0 && len(e.Shares) == 0:
			d.fault(at, "算例没有内容", "写上 decisions、repairs、restorations 或 shares")
		case rows > 0 && d.at[at+".want"] == nil:
			d.fault(at, "算例没有写结果", "在 want 里写上应得的 total，以及 events、statuses 或 listed")
		}
		d.checkRows(at, e)
		d.checkWant(at+".want", e.Want)
	}
}

func (d *document) checkRows(at string, e Example) {
	seen := map[string]bool{}
	number := func(place, no string) {
		if d.good(place) && seen[no] {
			d.fault(place, "编号 "+no+" 重复", "一个算例里的编号各不相同")
		}
		seen[no] = true
	}
	for i, x := range e.Decisions {
		row := fmt.Sprintf("%s.decisions[%d]", at, i)
		number(row+".decision_no", x.No)
		d.among(row+".state", x.State, "proposed", "final", "revoked")
	}
	for i, x := range e.Repairs {
		row := fmt.Sprintf("%s.repairs[%d]", at, i)
		number(row+".repair_no", x.No)
		d.among(row+".kind", x.Kind, "study", "publicity", "on_site")
	}
	for i, x := range e.Restorations {
		row := fmt.Sprintf("%s.restorations[%d]", at, i)
		number(row+".restoration_no", x.No)
		d.among(row+".approved", x.Approved, "0", "1")
		d.among(row+".new_commitment", x.NewCommitment, "0", "1")
	}
	for i, x := range e.Shares {
		row := fmt.Sprintf("%s.shares[%d]", at, i)
		d.between(row+".registered", x.Registered, 0, 1<<30)
		d.between(row+".blocked", x.Blocked, 0, 1<<30)
	}
}

func (d *document) checkWant(at string, w Expectation) {
	for i, x := range w.Events {
		row := fmt.Sprintf("%s.events[%d]", at, i)
		d.among(row+".event", x.Event, "points", "block", "repair", "clear", "restore")
		d.among(row+".measure", x.Measure, measureKinds...)
	}
	for i, x := range w.Statuses {
		d.among(fmt.Sprintf("%s.statuses[%d].status", at, i), x.Status, "normal", "suspended", "terminated", "expired")
	}
}

// among checks one word; a word not given is nobody's mistake.
func (d *document) among(at, word string, allowed ...string) {
	if d.good(at) && !slices.Contains(allowed, word) {
		d.fault(at, "不认识的值 "+word, "可用："+strings.Join(allowed, "、"))
	}
}
