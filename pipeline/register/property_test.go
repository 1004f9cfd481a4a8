package register_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"claimsaudit/configs"
	"claimsaudit/pipeline/register"
)

// history draws a person through the generator of the twin's histories, so that rapid shrinks only the seed; rows are
// many and meet often.
func history(t *rapid.T) (register.Person, register.Day) {
	return drawHistory(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 7)), on("2024-06-01"), 3)
}

func TestTotalsAddUpAndAreNeverNegative(t *testing.T) {
	rules := points(t, "chongqing-2025")
	rapid.Check(t, func(t *rapid.T) {
		p, asOf := history(t)
		rec := register.Compute(rules, p, asOf)
		total, last := 0, register.Day(0)
		for _, e := range rec.Events {
			total += e.Points
			if e.TotalAfter != total || total < 0 {
				t.Fatalf("%s: the rows before add up to %d", e, total)
			}
			if e.On < last || e.On > asOf {
				t.Fatalf("%s: after %s, as of %s", e, last, asOf)
			}
			if e.Kind == register.EventClear && total != 0 {
				t.Fatalf("%s leaves points", e)
			}
			last = e.On
		}
		if rec.Total != total {
			t.Fatalf("total %d, rows add up to %d", rec.Total, total)
		}
	})
}

func TestOrderOfRowsIsIrrelevant(t *testing.T) {
	rules := points(t, "chongqing-2025")
	rapid.Check(t, func(t *rapid.T) {
		p, asOf := history(t)
		want := register.Compute(rules, p, asOf)
		shuffled := register.Person{Decisions: slices.Clone(p.Decisions), Repairs: slices.Clone(p.Repairs), Restorations: slices.Clone(p.Restorations)}
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "order"), 1))
		r.Shuffle(len(p.Decisions), func(i, j int) { swap(shuffled.Decisions, i, j) })
		r.Shuffle(len(p.Repairs), func(i, j int) { swap(shuffled.Repairs, i, j) })
		r.Shuffle(len(p.Restorations), func(i, j int) { swap(shuffled.Restorations, i, j) })
		if got := register.Compute(rules, shuffled, asOf); !reflect.DeepEqual(got, want) {
			t.Fatalf("another order gives another record:\n%s\n%+v\n%+v", describe(p), got, want)
		}
	})
}

func swap[T any](rows []T, i, j int) { rows[i], rows[j] = rows[j], rows[i] }

func TestARevokedDecisionChangesNothing(t *testing.T) {
	rules := points(t, "chongqing-2025")
	rapid.Check(t, func(t *rapid.T) {
		p, asOf := history(t)
		before := register.Compute(rules, p, asOf)
		n := rapid.IntRange(1, 12).Draw(t, "points")
		revoked := gives("J00", "2025-01-01", n, "state=revoked", "inspection_no=C1", "act_no=A1").(register.Decision)
		revoked.DecidedOn = asOf - register.Day(rapid.IntRange(0, 400).Draw(t, "days ago"))
		revoked.WasFinal = rapid.Bool().Draw(t, "was final")
		p.Decisions = append(p.Decisions, revoked)
		after := register.Compute(rules, p, asOf)
		listed := slices.IndexFunc(after.Matters, func(m register.Matter) bool { return m.RefNo == "J00" })
		if (listed < 0) != revoked.WasFinal {
			t.Fatalf("was final %t, listed at %d", revoked.WasFinal, listed)
		}
		if listed >= 0 {
			after.Matters = slices.Delete(after.Matters, listed, listed+1)
		}
		if len(before.Matters)+len(after.Matters) == 0 {
			before.Matters, after.Matters = nil, nil
		}
		if !reflect.DeepEqual(before, after) {
			t.Fatalf("a revoked decision changed the record:\n%+v\n%+v", before, after)
		}
	})
}

// TestMorePointsNeverMeanLessBlocking within one year, where no clearing comes between: a decision more, or one point
// more, leaves nobody less severely blocked on any day. Keys of Art. 26 and later starts are left out: they may move a
// block to another day.
func TestMorePointsNeverMeanLessBlocking(t *testing.T) {
	rules := points(t, "chongqing-2025")
	severe := map[string]int{register.StatusSuspended: 1, register.StatusTerminated: 2}
	rapid.Check(t, func(t *rapid.T) {
		p, _ := history(t)
		begin, asOf := on("2025-01-01"), on("2025-12-31")
		for i := range p.Decisions {
			d := &p.Decisions[i]
			d.DecidedOn = begin + d.DecidedOn%365
			d.EffectiveOn, d.InspectionNo, d.ActNo, d.State = 0, "", "", "final"
			d.Points = min(d.Points, 12)
			d.Article = fmt.Sprint(29 + (d.Points-1)/3)
		}
		for i := range p.Repairs {
			p.Repairs[i].DoneOn = begin + p.Repairs[i].DoneOn%365
		}
		p.Restorations = nil
		more := register.Person{Decisions: slices.Clone(p.Decisions), Repairs: p.Repairs}
		if i := rapid.IntRange(0, len(p.Decisions)).Draw(t, "which"); i < len(p.Decisions) && p.Decisions[i].Points < 12 {
			d := &more.Decisions[i]
			d.Points++
			d.Article = fmt.Sprint(29 + (d.Points-1)/3)
		} else {
			extra := gives("J0", "2025-01-01", rapid.IntRange(1, 12).Draw(t, "points")).(register.Decision)
			extra.DecidedOn += register.Day(rapid.IntRange(0, 364).Draw(t, "day"))
			more.Decisions = append(more.Decisions, extra)
		}
		a, b := register.Compute(rules, p, asOf), register.Compute(rules, more, asOf)
		for day := begin; day <= asOf; day++ {
			if severe[b.StatusOn(day)] < severe[a.StatusOn(day)] {
				t.Fatalf("%s: %s, with more points %s\n%sthen\n%s", day, a.StatusOn(day), b.StatusOn(day), describe(p), describe(more))
			}
		}
	})
}

// TestTheYearIsCleared: who was not blocked, nor about to be, enters the new year without points.
func TestTheYearIsCleared(t *testing.T) {
	rules := points(t, "chongqing-2025")
	rapid.Check(t, func(t *rapid.T) {
		p, _ := history(t)
		newYear := on("2025-01-01")
		p.Decisions = slices.DeleteFunc(p.Decisions, func(d register.Decision) bool { return d.DecidedOn == newYear })
		before, after := register.Compute(rules, p, newYear-1), register.Compute(rules, p, newYear)
		held := slices.ContainsFunc(before.Blocks, func(b register.Block) bool { return b.To > newYear })
		if !held && after.Total != 0 {
			t.Fatalf("%d points in the new year\n%s", after.Total, describe(p))
		}
		if held && after.Total > before.Total {
			t.Fatalf("points grew from %d to %d overnight", before.Total, after.Total)
		}
	})
}

// TestNoRowDisappears: every delivered row shows in an event, is listed, is counted once with another, or is one that by
// its own words has no effect: proposed, revoked after it was final, refused, undecided.
func TestNoRowDisappears(t *testing.T) {
	rules := points(t, "chongqing-2025")
	rapid.Check(t, func(t *rapid.T) {
		p, asOf := history(t)
		rec := register.Compute(rules, p, asOf)
		seen := map[string]bool{}
		for _, e := range rec.Events {
			seen[e.RefNo] = true
		}
		for _, m := range rec.Matters {
			seen[m.RefNo] = seen[m.RefNo] || !m.Reason.HasEffect()
			if m.Reason.Chinese() == "" {
				t.Fatalf("%s has no words for the office", m.Reason)
			}
		}
		for _, o := range rec.Once {
			seen[o.RefNo] = true
			if o.With == o.RefNo || o.Article != "26" {
				t.Fatalf("%+v", o)
			}
		}
		for _, d := range p.Decisions {
			if !seen[d.No] && d.State == "final" {
				t.Fatalf("decision %s is nowhere\n%s", d.No, describe(p))
			}
		}
		for _, r := range p.Repairs {
			if !seen[r.No] {
				t.Fatalf("repair %s is nowhere\n%s", r.No, describe(p))
			}
		}
		for _, r := range p.Restorations {
			if !seen[r.No] && r.Approved == "1" {
				t.Fatalf("restoration %s is nowhere\n%s", r.No, describe(p))
			}
		}
	})
}

// TestWhatWasKnownStays: a later as-of day adds events and rewrites none, as long as nothing later speaks of earlier
// days: keys of Art. 26 and restorations dated back.
func TestWhatWasKnownStays(t *testing.T) {
	rules := points(t, "chongqing-2025")
	rapid.Check(t, func(t *rapid.T) {
		p, asOf := history(t)
		for i := range p.Decisions {
			p.Decisions[i].InspectionNo, p.Decisions[i].ActNo = "", ""
		}
		for i := range p.Restorations {
			r := &p.Restorations[i]
			r.DecidedOn = max(r.DecidedOn, r.AppliedOn)
			r.EffectiveOn = max(r.EffectiveOn, r.DecidedOn)
		}
		early := register.Compute(rules, p, asOf)
		late := register.Compute(rules, p, asOf+register.Day(rapid.IntRange(1, 400).Draw(t, "later")))
		if len(late.Events) < len(early.Events) || !slices.Equal(early.Events, late.Events[:len(early.Events)]) {
			t.Fatalf("as of %s\n%q\nlater\n%q", asOf, eventLines(early), eventLines(late))
		}
	})
}

func TestSpansAreDisjointAndMaximal(t *testing.T) {
	rules := points(t, "chongqing-2025")
	rapid.Check(t, func(t *rapid.T) {
		p, asOf := history(t)
		rec := register.Compute(rules, p, asOf)
		for i, s := range rec.Spans {
			if s.From >= s.To || s.Status == register.StatusNormal {
				t.Fatalf("span %+v", s)
			}
			if i > 0 {
				last := rec.Spans[i-1]
				if last.To > s.From || last.To == s.From && last.Status == s.Status {
					t.Fatalf("spans %+v and %+v", last, s)
				}
			}
		}
		to := rec.BlockedTo(asOf)
		blocked := func(d register.Day) bool {
			s := rec.StatusOn(d)
			return s == register.StatusSuspended || s == register.StatusTerminated
		}
		if blocked(asOf) != (to != 0) || to != 0 && (blocked(to) || !blocked(to-1)) {
			t.Fatalf("blocked to %s, spans %+v", to, rec.Spans)
		}
	})
}

// TestSharesAreExact holds the whole-number comparison against the definition.
func TestSharesAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rule := configs.Share{Percent: rapid.IntRange(1, 100).Draw(t, "percent"), Comparison: rapid.SampledFrom([]string{"above", "at_least"}).Draw(t, "comparison")}
		registered := rapid.IntRange(0, 300).Draw(t, "registered")
		blocked := rapid.IntRange(0, registered).Draw(t, "blocked")
		flagged := func(blocked int) bool {
			side := cmp.Compare(blocked*100, registered*rule.Percent)
			return registered > 0 && (side > 0 || side == 0 && rule.Comparison == "at_least")
		}
		s := register.ShareOf(rule, registered, blocked)
		if s.Flagged != flagged(blocked) {
			t.Fatalf("%d of %d: %+v", blocked, registered, s)
		}
		if registered > 0 && (!flagged(blocked+s.Margin) || s.Margin > 0 && flagged(blocked+s.Margin-1)) {
			t.Fatalf("%d of %d: so many more would not flag it: %+v", blocked, registered, s)
		}
	})
}
