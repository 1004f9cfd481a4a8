// Package register keeps the points record of practitioners (contract section
// 4a, Articles 24 to 44): from one person's decisions, repairs and restorations
// to events, total, blocks and status of every day. It is pure: no database, no
// clock, and every number and article comes from the rule pack.
//
// Nouns: a Decision gives points; a Block is a suspension or termination
// [From, To); an Event is a row of mart.points_record; a Matter is a delivered
// row without effect, or with one in doubt, for a person to look at. After a block a person is
// expired until a Restoration takes effect.
//
// Promise: the same rows in any order give the same Record; what is in no Event
// of the Record is a Matter, counted once with another decision, or waits for a
// person's decision. Nothing here fails: a row that makes no sense is a Matter.
package register

import (
	"cmp"
	"slices"

	"claimsaudit/configs"
)

// Person is what was delivered about one practitioner. A zero Day means not given.
type Person struct {
	Decisions    []Decision
	Repairs      []Repair
	Restorations []Restoration
	MovedAway    []Decision // their number once named this person, and names another one now
}

// Decision is a row of the feed points_decision.
type Decision struct {
	No             string
	DecidedOn      Day
	Article        string
	Item           string
	Points         int
	State          string // proposed, final or revoked
	EffectiveOn    Day    // first day of the block it may cause; DecidedOn unless given
	InspectionNo   string
	ActNo          string
	NoticeServedOn Day
	AppealedOn     Day
	WasFinal       bool // an earlier delivery of a revoked decision was final
	WasAnothers    bool // an earlier delivery named another person
	FileNo         int  // of the file the row came with; later files have larger numbers
	FinalSince     int  // the first file that called it final for this person
}

// Repair is a row of the feed repair.
type Repair struct {
	No          string
	Kind        string // study, publicity or on_site
	DoneOn      Day
	PointsOff   int
	MonthsOff   int
	WorkingDays int
}

// Restoration is a row of the feed restoration.
type Restoration struct {
	No            string
	AppliedOn     Day
	DecidedOn     Day
	Approved      string // 1: yes; anything else given: no
	EffectiveOn   Day
	NewCommitment bool
}

// date is the day on which the restoration is to take effect.
func (r Restoration) date() Day { return cmp.Or(r.EffectiveOn, r.DecidedOn) }

// Record is the file of one person as known at the end of the as-of day.
type Record struct {
	AsOf    Day
	Total   int
	Events  []Event // in the order in which they happened
	Blocks  []Block // in the order in which they were decided
	Spans   []Span  // disjoint, by day; every other day is normal
	Once    []Once  // by decision
	Matters []Matter
}

// The kinds of an event, as mart.points_record names them.
const (
	EventPoints  = "points"
	EventBlock   = "block" // beside the last points row of its day
	EventRepair  = "repair"
	EventClear   = "clear"
	EventRestore = "restore"
)

// Event is one row of mart.points_record.
type Event struct {
	Year       int // of the totals: the calendar year unless the pack clears on another day
	On         Day
	Kind       string
	RefNo      string // "" for clear
	Points     int    // what the total changed by: repair and clear are negative
	TotalAfter int
	Measure    string // kind; "" for none
	Months     int    // length of the measure
	BlockFrom  Day    // 0 without a block
	BlockTo    Day    // exclusive
	Article    string
}

// Block is a suspension or termination as it runs after all repairs.
type Block struct {
	Kind       string // configs.Suspend or configs.Terminate
	Months     int    // as decided
	From       Day
	To         Day // exclusive
	DecidedOn  Day
	RefNo      string // the last decision of that day
	RestoredOn Day    // 0: not, as far as decided by the as-of day
}

// Once is a final decision that is counted with another one (Art. 26).
type Once struct {
	RefNo   string
	With    string // the decision that counts
	Article string
}

// Compute is the record of one person at the end of the day asOf. Days after it
// are as decided by then.
func Compute(rules *configs.Points, p Person, asOf Day) Record {
	rec := compute(rules, p, asOf)
	rec.Matters = append(rec.Matters, changedAfterService(rules, p, &rec)...)
	slices.SortFunc(rec.Matters, func(a, b Matter) int {
		return cmp.Or(cmp.Compare(a.Feed, b.Feed), cmp.Compare(a.RefNo, b.RefNo), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.On, b.On))
	})
	return rec
}

// compute is the record without what only a look at the files tells.
func compute(rules *configs.Points, p Person, asOf Day) Record {
	w := &walk{rules: rules, rec: Record{AsOf: asOf}}
	w.clearMonth, w.clearDay = rules.Clearing.MonthDay()
	w.decisions = w.admitDecisions(p.Decisions)
	for _, d := range p.MovedAway {
		w.list(feedDecision, d.No, d.DecidedOn, MovedToAnother)
	}
	w.repairs = w.admitRepairs(p.Repairs)
	w.restorations = w.admitRestorations(p.Restorations)
	for day, more := w.first(); more; day, more = w.next(day) {
		w.step(day)
	}
	rec := w.rec
	rec.Total = w.total
	for _, b := range w.blocks {
		rec.Blocks = append(rec.Blocks, b.Block)
	}
	rec.Spans = spans(rec.Blocks)
	slices.SortFunc(rec.Once, func(a, b Once) int { return cmp.Or(cmp.Compare(a.RefNo, b.RefNo), cmp.Compare(a.With, b.With)) })
	return rec
}
