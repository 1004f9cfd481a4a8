package register_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"claimsaudit/pipeline/register"
)

// A history is drawn from few days, numbers and keys, so that rows meet.
const drawnDays = 700

func drawHistory(r *rand.Rand, base register.Day, studyMonths int) (register.Person, register.Day) {
	var p register.Person
	meet := make([]register.Day, 6)
	for i := range meet {
		meet[i] = base + register.Day(r.IntN(drawnDays))
	}
	day := func() register.Day {
		if r.IntN(3) > 0 {
			return meet[r.IntN(len(meet))] + register.Day(r.IntN(3))*register.Day(r.IntN(30))
		}
		return base + register.Day(r.IntN(drawnDays))
	}
	for i := range r.IntN(7) {
		n := 1 + r.IntN(13)
		d := register.Decision{No: fmt.Sprint("J", 20-i), DecidedOn: day(), Article: fmt.Sprint(29 + min(n-1, 11)/3), Item: "1", Points: n, State: "final"}
		switch r.IntN(12) {
		case 0:
			d.State = "revoked"
		case 1:
			d.State = "proposed"
		case 2:
			d.Article = fmt.Sprint(28 + r.IntN(6))
		}
		if r.IntN(3) == 0 {
			d.EffectiveOn = d.DecidedOn + register.Day(r.IntN(100)-20)
		}
		if r.IntN(4) == 0 {
			d.InspectionNo = fmt.Sprint("C", r.IntN(2))
		}
		if r.IntN(4) == 0 {
			d.ActNo = fmt.Sprint("A", r.IntN(2))
		}
		p.Decisions = append(p.Decisions, d)
	}
	for i := range r.IntN(6) {
		p.Repairs = append(p.Repairs, register.Repair{No: fmt.Sprint("X", 20-i), Kind: []string{"study", "study", "publicity", "on_site"}[r.IntN(4)], DoneOn: day(),
			PointsOff: r.IntN(4), MonthsOff: r.IntN(studyMonths + 1), WorkingDays: 3 + r.IntN(10)})
	}
	for i := range r.IntN(4) {
		x := register.Restoration{No: fmt.Sprint("H", 20-i), AppliedOn: day(), Approved: []string{"1", "1", "1", "0", ""}[r.IntN(5)], NewCommitment: r.IntN(2) == 0}
		if r.IntN(5) > 0 {
			x.DecidedOn = x.AppliedOn + register.Day(r.IntN(20))
		}
		if r.IntN(2) == 0 {
			x.EffectiveOn = x.AppliedOn + register.Day(r.IntN(60))
		}
		p.Restorations = append(p.Restorations, x)
	}
	return p, base + register.Day(r.IntN(drawnDays+200))
}

// TestTheTwinAgrees: the state machine and the day-by-day twin say the same of 10,000 random histories under each of two
// very different rule packs: events, total, and the status of every day.
func TestTheTwinAgrees(t *testing.T) {
	for _, x := range []struct {
		pack      string
		region    region
		base      register.Day
		histories int
	}{{"chongqing-2025", chongqing, on("2024-06-01"), 10000}, {"example-other-region", otherRegion, on("2025-10-01"), 3000}} {
		t.Run(x.pack, func(t *testing.T) {
			t.Parallel()
			rules := points(t, x.pack)
			met := map[string]int{}
			for seed := range x.histories {
				p, asOf := drawHistory(rand.New(rand.NewPCG(uint64(seed), 4)), x.base, 3)
				disagree := func(p register.Person) string {
					got := register.Compute(rules, p, asOf)
					for _, e := range got.Events {
						met[e.Kind+" "+e.Measure]++
					}
					return compareWithTwin(got, x.region.walk(p, asOf, x.base-200, x.base+2300))
				}
				if disagree(p) != "" {
					p = shrink(p, func(p register.Person) bool { return disagree(p) != "" })
					t.Fatalf("history %d as of %s:\n%s%s", seed, asOf, describe(p), disagree(p))
				}
			}
			for _, kind := range []string{"points circular", "block suspend", "block terminate", "repair ", "repair suspend", "clear ", "restore "} {
				if met[kind] < x.histories/200 {
					t.Errorf("only %d of %q in %d histories", met[kind], kind, x.histories)
				}
			}
		})
	}
}

func compareWithTwin(got register.Record, want *twin) string {
	if events := eventLines(got); !slices.Equal(events, want.events) {
		return fmt.Sprintf("register\n  %s\ntwin\n  %s", strings.Join(events, "\n  "), strings.Join(want.events, "\n  "))
	}
	if got.Total != want.total {
		return fmt.Sprintf("total %d, twin %d", got.Total, want.total)
	}
	for day := want.first; day < want.beyond; day++ {
		if a, b := got.StatusOn(day), want.status(day); a != b {
			return fmt.Sprintf("%s: %s, twin %s; spans %v", day, a, b, got.Spans)
		}
	}
	return ""
}

// shrink leaves out rows as long as the rest still fails.
func shrink(p register.Person, fails func(register.Person) bool) register.Person {
	for smaller := true; smaller; {
		smaller = false
		for i := range p.Decisions {
			if q := p; tryWithout(&q.Decisions, i, func() bool { return fails(q) }) {
				p, smaller = q, true
				break
			}
		}
		for i := range p.Repairs {
			if q := p; tryWithout(&q.Repairs, i, func() bool { return fails(q) }) {
				p, smaller = q, true
				break
			}
		}
		for i := range p.Restorations {
			if q := p; tryWithout(&q.Restorations, i, func() bool { return fails(q) }) {
				p, smaller = q, true
				break
			}
		}
	}
	return p
}

func tryWithout[T any](rows *[]T, i int, fails func() bool) bool {
	*rows = slices.Delete(slices.Clone(*rows), i, i+1)
	return fails()
}

func describe(p register.Person) string {
	var b strings.Builder
	for _, d := range p.Decisions {
		fmt.Fprintf(&b, "  %s %s %s:%d %s effective %s inspection %q act %q\n", d.DecidedOn, d.No, d.Article, d.Points, d.State, d.EffectiveOn, d.InspectionNo, d.ActNo)
	}
	for _, r := range p.Repairs {
		fmt.Fprintf(&b, "  %s %s %s %d points %d months %d days\n", r.DoneOn, r.No, r.Kind, r.PointsOff, r.MonthsOff, r.WorkingDays)
	}
	for _, r := range p.Restorations {
		fmt.Fprintf(&b, "  %s %s decided %s approved %q effective %s commitment %t\n", r.AppliedOn, r.No, r.DecidedOn, r.Approved, r.EffectiveOn, r.NewCommitment)
	}
	return b.String()
}
