package register

import (
	"cmp"
	"slices"
	"time"

	"claimsaudit/configs"
)

// The kinds of a deadline.
const (
	DueNotice              = "notice"               // serve the decision
	DueRegistry            = "registry"             // put the block into the registry
	DueAppeal              = "appeal"               // the person may appeal until then; after it the decision may be taken
	DueRestorationRequest  = "restoration_request"  // the person should ask for restoration
	DueRestorationDecision = "restoration_decision" // decide on the request
)

// Deadline is what is still to be done in a case. Err says why its day is not
// known: the calendar lacks the year.
type Deadline struct {
	Kind    string
	Due     Day // last day on which it is in time; 0 with Err
	Article string
	RefNo   string // of the decision or, for a request made, of the restoration
	Overdue bool   // Due is before the as-of day
	Err     error
}

// Workdays is the n-th working day after a day, before it if n is negative.
type Workdays func(day time.Time, n int) (time.Time, error)

// Registry says since when the registry shows a block; 0: not yet.
type Registry func(Block) Day

// Deadlines are those of a person's open cases, the next one first, those
// without a day last. Without a registry the deadlines to update it are left out.
func Deadlines(rules *configs.Points, p Person, rec Record, workdays Workdays, registry Registry) []Deadline {
	d := due{rules: &rules.Deadlines, asOf: rec.AsOf, workdays: workdays}
	served := map[string]Day{}
	for _, x := range p.Decisions {
		d.decision(x)
		served[x.No] = x.NoticeServedOn
	}
	for _, b := range rec.Blocks {
		if s := served[b.RefNo]; registry != nil && s >= b.DecidedOn && s <= d.asOf && d.asOf < b.To {
			if shown := registry(b); shown == 0 || shown > d.asOf {
				d.add(DueRegistry, d.rules.Registry, s, 1, b.RefNo)
			}
		}
	}
	d.request(p, rec)
	for _, r := range p.Restorations {
		if d.undecided(r) {
			d.add(DueRestorationDecision, d.rules.RestorationDecision, r.AppliedOn, 1, r.No)
		}
	}
	slices.SortFunc(d.list, func(a, b Deadline) int {
		last := func(x Deadline) Day {
			if x.Err != nil {
				return never
			}
			return x.Due
		}
		return cmp.Or(cmp.Compare(last(a), last(b)), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.RefNo, b.RefNo))
	})
	return d.list
}

type due struct {
	rules    *configs.Deadlines
	asOf     Day
	workdays Workdays
	list     []Deadline
}

// add counts working days from a day, backwards if sign is -1.
func (d *due) add(kind string, rule configs.Deadline, from Day, sign int, refNo string) {
	x := Deadline{Kind: kind, Article: rule.Article, RefNo: refNo}
	day, err := d.workdays(from.Time(), sign*rule.Workdays)
	if err != nil {
		x.Err = err
	} else {
		x.Due = DayOf(day)
		x.Overdue = x.Due < d.asOf
	}
	d.list = append(d.list, x)
}

// decision: before it is taken the notice of intended points runs; after it the
// decision itself is to be served. A notice served before the decision was the
// one of intention.
func (d *due) decision(x Decision) {
	served := x.NoticeServedOn != 0 && x.NoticeServedOn <= d.asOf
	switch {
	case x.State == "proposed" && served && (x.AppealedOn == 0 || x.AppealedOn > d.asOf):
		d.add(DueAppeal, d.rules.Appeal, x.NoticeServedOn, 1, x.No)
	case x.State == "final" && x.DecidedOn != 0 && x.DecidedOn <= d.asOf && (!served || x.NoticeServedOn < x.DecidedOn):
		d.add(DueNotice, d.rules.Notice, x.DecidedOn, 1, x.No)
	}
}

// undecided reports whether an application made by the as-of day waits for an answer on it.
func (d *due) undecided(r Restoration) bool {
	answered := r.Approved != "" && r.DecidedOn <= d.asOf
	return r.AppliedOn != 0 && r.AppliedOn <= d.asOf && !answered
}

// request: who is blocked, or expired, and has asked for nothing that is still
// to be decided or waits for the end.
func (d *due) request(p Person, rec Record) {
	var begin, end Day
	var refNo string
	for _, b := range rec.Blocks {
		if b.RestoredOn != 0 {
			continue
		}
		if end == 0 || b.From < begin {
			begin = b.From
		}
		if b.To > end {
			end, refNo = b.To, b.RefNo
		}
	}
	if end == 0 {
		return
	}
	for _, r := range p.Restorations {
		if d.undecided(r) && r.AppliedOn >= begin {
			return
		}
	}
	d.add(DueRestorationRequest, d.rules.RestorationRequest, end, -1, refNo)
}
