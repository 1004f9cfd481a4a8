package register

import (
	"cmp"
	"slices"

	"claimsaudit/configs"
)

// changedAfterService lists the decisions that were served and whose measure is another one since a decision taken
// before them became final: the notice says less than the record. A later delivery of the served row ends it.
func changedAfterService(rules *configs.Points, p Person, rec *Record) (matters []Matter) {
	for _, served := range p.Decisions {
		if served.State != "final" || served.NoticeServedOn < served.DecidedOn || served.NoticeServedOn > rec.AsOf {
			continue
		}
		isLate := func(d Decision) bool {
			isBefore := cmp.Or(cmp.Compare(d.DecidedOn, served.DecidedOn), cmp.Compare(d.No, served.No)) < 0
			return d.State == "final" && d.DecidedOn != 0 && isBefore && d.FinalSince > served.FileNo
		}
		if !slices.ContainsFunc(p.Decisions, isLate) {
			continue
		}
		known := p
		known.Decisions = slices.DeleteFunc(slices.Clone(p.Decisions), isLate)
		then := compute(rules, known, rec.AsOf)
		if measureOf(&then, served.No) == measureOf(rec, served.No) {
			continue
		}
		m := Matter{Feed: feedDecision, RefNo: served.No, On: served.DecidedOn, Reason: ChangedAfterService}
		for _, d := range p.Decisions {
			if isLate(d) && (hasPoints(rec, d.No) || countedWith(rec, d.No)) {
				m.Others = append(m.Others, d.No)
			}
		}
		slices.Sort(m.Others)
		matters = append(matters, m)
	}
	return matters
}

// decided is what a decision's notice has to say about its measure.
type decided struct {
	measure  string
	months   int
	from, to Day
}

func measureOf(rec *Record, no string) decided {
	for _, e := range rec.Events {
		if e.Kind == EventPoints && e.RefNo == no {
			return decided{e.Measure, e.Months, e.BlockFrom, e.BlockTo}
		}
	}
	return decided{}
}

func hasPoints(rec *Record, no string) bool {
	return slices.ContainsFunc(rec.Events, func(e Event) bool { return e.Kind == EventPoints && e.RefNo == no })
}

func countedWith(rec *Record, no string) bool {
	return slices.ContainsFunc(rec.Once, func(o Once) bool { return o.RefNo == no })
}
