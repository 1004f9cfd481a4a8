package register_test

import (
	"slices"
	"strings"
	"testing"

	"claimsaudit/configs"
	"claimsaudit/pipeline/register"
)

// TestTheExamplesOfTheShippedPacksHold, and there are enough of them to learn from.
func TestTheExamplesOfTheShippedPacksHold(t *testing.T) {
	for _, pack := range []string{"chongqing-2025", "example-other-region"} {
		rules := points(t, pack)
		if len(rules.Examples) < 10 {
			t.Errorf("%s: %d examples", pack, len(rules.Examples))
		}
		for _, e := range rules.Examples {
			if wrong := register.RunExample(rules, e).Wrong; len(wrong) > 0 {
				t.Errorf("%s: %s: %q", pack, e.Name, wrong)
			}
		}
	}
}

// TestAnExampleThatDoesNotHoldSaysWhere: each thing an example may want is really compared.
func TestAnExampleThatDoesNotHoldSaysWhere(t *testing.T) {
	rules := points(t, "chongqing-2025")
	sound := configs.Example{AsOf: on("2025-12-31").Time(),
		Decisions: []configs.ExampleDecision{{No: "J1", DecidedOn: on("2025-03-03").Time(), Article: "29", Points: 3}, {No: "J2", DecidedOn: on("2025-03-03").Time(), Article: "29", Points: 4}},
		Shares:    []configs.ExampleShare{{Registered: 2, Blocked: 2, Flagged: true}},
		Want: configs.Expectation{Total: 3, Events: []configs.ExpectedEvent{{On: on("2025-03-03").Time(), Event: "points", RefNo: "J1", Points: 3, TotalAfter: 3, Measure: "talk"}},
			Statuses: []configs.ExpectedStatus{{On: on("2025-03-03").Time(), Status: "normal"}}, Listed: []configs.ExpectedMatter{{RefNo: "J2", Reason: "points_outside_band"}}}}
	if wrong := register.RunExample(rules, sound).Wrong; len(wrong) > 0 {
		t.Fatalf("%q", wrong)
	}
	for _, x := range []struct {
		name   string
		change func(e *configs.Example)
		want   string
	}{
		{"total", func(e *configs.Example) { e.Want.Total = 4 }, "total 3, want 4"},
		{"event", func(e *configs.Example) { e.Want.Events[0].Measure = "circular" }, "event 1: 2025-03-03 points J1 +3 = 3, talk, want 2025-03-03 points J1 +3 = 3, circular"},
		{"event too many", func(e *configs.Example) { e.Want.Events = append(e.Want.Events, e.Want.Events[0]) }, "event 2: none, want 2025-03-03 points J1"},
		{"status", func(e *configs.Example) { e.Want.Statuses[0].Status = "expired" }, "status on 2025-03-03: normal, want expired"},
		{"not listed", func(e *configs.Example) { e.Want.Listed[0].Reason = "after_as_of" }, "not listed: J2 after_as_of"},
		{"listed", func(e *configs.Example) { e.Want.Listed = nil }, "listed: J2 points_outside_band, not wanted"},
		{"share", func(e *configs.Example) { e.Shares[0].Flagged = false }, "share 2 of 2: flagged true, want false"},
	} {
		e := sound
		e.Want.Events, e.Want.Statuses = slices.Clone(e.Want.Events), slices.Clone(e.Want.Statuses)
		e.Want.Listed, e.Shares = slices.Clone(e.Want.Listed), slices.Clone(e.Shares)
		x.change(&e)
		if wrong := register.RunExample(rules, e).Wrong; !strings.Contains(strings.Join(wrong, "\n"), x.want) {
			t.Errorf("%s: %q", x.name, wrong)
		}
	}
}
