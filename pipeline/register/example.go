package register

import (
	"cmp"
	"fmt"
	"strings"

	"claimsaudit/configs"
)

// Outcome is a worked example of a rule pack as it came out.
type Outcome struct {
	Record Record
	Wrong  []string // what differs from what the example wants, in English; empty: it holds
}

// RunExample computes a worked example and holds it against what it wants.
func RunExample(rules *configs.Points, e configs.Example) Outcome {
	o := Outcome{Record: Compute(rules, personOf(e), DayOf(e.AsOf))}
	if len(e.Decisions)+len(e.Repairs)+len(e.Restorations) > 0 {
		o.compare(e.Want)
	}
	for _, x := range e.Shares {
		if got := ShareOf(rules.Share, x.Registered, x.Blocked); got.Flagged != x.Flagged {
			o.wrong("share %d of %d: flagged %t, want %t", x.Blocked, x.Registered, got.Flagged, x.Flagged)
		}
	}
	return o
}

func (o *Outcome) wrong(format string, args ...any) {
	o.Wrong = append(o.Wrong, fmt.Sprintf(format, args...))
}

func (o *Outcome) compare(want configs.Expectation) {
	r := &o.Record
	if r.Total != want.Total {
		o.wrong("total %d, want %d", r.Total, want.Total)
	}
	for i := range max(len(r.Events), len(want.Events)) {
		var got, wanted string
		if i < len(r.Events) {
			got = r.Events[i].String()
		}
		if i < len(want.Events) {
			x := want.Events[i]
			wanted = Event{On: DayOf(x.On), Kind: x.Event, RefNo: x.RefNo, Points: x.Points, TotalAfter: x.TotalAfter, Measure: x.Measure,
				BlockFrom: DayOf(x.BlockFrom), BlockTo: DayOf(x.BlockTo)}.String()
		}
		if len(want.Events) > 0 && got != wanted {
			o.wrong("event %d: %s, want %s", i+1, cmp.Or(got, "none"), cmp.Or(wanted, "none"))
		}
	}
	for _, x := range want.Statuses {
		if got := r.StatusOn(DayOf(x.On)); got != x.Status {
			o.wrong("status on %s: %s, want %s", DayOf(x.On), got, x.Status)
		}
	}
	listed := map[string]int{}
	for _, m := range r.Matters {
		listed[m.RefNo+" "+string(m.Reason)]++
	}
	for _, x := range want.Listed {
		if key := x.RefNo + " " + x.Reason; listed[key] == 0 {
			o.wrong("not listed: %s", key)
		} else {
			listed[key]--
		}
	}
	for _, m := range r.Matters { // in order; a map has none
		if key := m.RefNo + " " + string(m.Reason); listed[key] > 0 {
			o.wrong("listed: %s, not wanted", key)
			listed[key] = 0
		}
	}
}

// String is the event in one line, without its article.
func (e Event) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", e.On, e.Kind)
	if e.RefNo != "" {
		b.WriteString(" " + e.RefNo)
	}
	if e.Points != 0 {
		fmt.Fprintf(&b, " %+d", e.Points)
	}
	fmt.Fprintf(&b, " = %d", e.TotalAfter)
	if e.Measure != "" {
		b.WriteString(", " + e.Measure)
	}
	if e.BlockTo != 0 {
		fmt.Fprintf(&b, " [%s, %s)", e.BlockFrom, e.BlockTo)
	}
	return b.String()
}

func personOf(e configs.Example) Person {
	var p Person
	for _, x := range e.Decisions {
		p.Decisions = append(p.Decisions, Decision{No: x.No, DecidedOn: DayOf(x.DecidedOn), Article: x.Article, Item: x.Item, Points: x.Points,
			State: cmp.Or(x.State, "final"), EffectiveOn: DayOf(x.EffectiveOn), InspectionNo: x.InspectionNo, ActNo: x.ActNo, WasFinal: x.WasFinal})
	}
	for _, x := range e.Repairs {
		p.Repairs = append(p.Repairs, Repair{No: x.No, Kind: x.Kind, DoneOn: DayOf(x.DoneOn), PointsOff: x.PointsOff, MonthsOff: x.MonthsOff,
			WorkingDays: x.WorkingDays})
	}
	for _, x := range e.Restorations {
		p.Restorations = append(p.Restorations, Restoration{No: x.No, AppliedOn: DayOf(x.AppliedOn), DecidedOn: DayOf(x.DecidedOn),
			Approved: x.Approved, EffectiveOn: DayOf(x.EffectiveOn), NewCommitment: x.NewCommitment == "1"})
	}
	return p
}
