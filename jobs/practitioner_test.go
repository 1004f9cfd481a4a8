package jobs

import (
	"fmt"
	"testing"

	"claimsaudit/configs"
	"claimsaudit/pipeline/register"
	"claimsaudit/pipeline/report"
)

// TestStatusesBesideEachOther: stretches are cut where either side changes, open ends stay open, and only a block that the
// registry calls normal is a matter of rule 409.
func TestStatusesBesideEachOther(t *testing.T) {
	day := func(text string) register.Day { return register.DayOf(dateOf(t, text)) }
	registry := []register.Span{{From: noDay, To: day("2025-02-01"), Status: "suspended"}, {From: day("2025-03-10"), To: openDay, Status: "terminated"}}
	derived := []register.Span{{From: day("2025-01-20"), To: day("2025-03-20"), Status: "suspended"}, {From: day("2025-03-20"), To: register.Open, Status: "expired"}}
	for name, x := range map[string]struct {
		isRegistered      bool
		registry, derived []register.Span
		effective, want   string
	}{
		"both": {true, registry, derived, "2025-01-01", "[{ 2025-01-20 suspended normal false 0} {2025-01-20 2025-02-01 suspended suspended true 0} " +
			"{2025-02-01 2025-03-10 normal suspended false 409} {2025-03-10 2025-03-20 terminated suspended false 0} {2025-03-20  terminated expired false 0}]"},
		"only the record": {false, nil, derived, "2025-03-01", "[{2025-01-20 2025-03-20  suspended false 0} {2025-03-20   expired false 0}]"},
		"days before the rules": {true, nil, derived, "2025-03-01", "[{2025-01-20 2025-03-01 normal suspended false 0} {2025-03-01 2025-03-20 normal suspended false 409} " +
			"{2025-03-20  normal expired false 0}]"},
		"always normal": {true, nil, nil, "2025-03-01", "[]"},
	} {
		if got := fmt.Sprint(compareStatuses(x.isRegistered, day(x.effective), x.registry, x.derived)); got != x.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, x.want)
		}
	}
}

// TestWhenATotalBecomesZero: on the clearing day, or where a block ends; what is not known on the day does not count.
func TestWhenATotalBecomesZero(t *testing.T) {
	config, err := configs.LoadRulePack("", "chongqing-2025")
	if err != nil {
		t.Fatal(err)
	}
	rules, asOf := &config.Points, register.DayOf(dateOf(t, "2025-06-01"))
	decision := func(on, article string, points int) register.Decision {
		return register.Decision{No: on, DecidedOn: register.DayOf(dateOf(t, on)), Article: article, Points: points, State: "final"}
	}
	for want, decisions := range map[string][]register.Decision{
		"":           {decision("2025-07-01", "29", 3)},
		"2026-01-01": {decision("2025-03-01", "29", 3), decision("2025-11-01", "31", 9)},
		"2026-03-01": {decision("2025-03-01", "30", 6), decision("2025-03-01", "30", 5), decision("2025-03-01", "29", 3)},
		"2028-05-05": {decision("2025-05-05", "32", 12)},
	} {
		if got := clearsOn(rules, register.Person{Decisions: decisions}, asOf); got.String() != want {
			t.Errorf("cleared on %s, want %s", got, want)
		}
	}
}

func TestEffectOfAChangedVerdict(t *testing.T) {
	for _, x := range []struct {
		now, is, period string
		fund, issued    report.Money
		want            string
	}{
		{"pay", "withhold", "2025-04", 100, 0, "withhold"},
		{"pay", "withhold", "2025-03", 100, 0, "recover"},
		{"review", "withhold", "2025-03", 100, 40, "recover"},
		{"pay", "withhold", "2025-03", 100, 100, "stands"},
		{"pay", "exempt", "2025-03", 100, 0, "exempt"},
		{"withhold", "withhold", "2025-03", 100, 100, "none"},
		{"pay", "pay", "2025-04", 0, 0, "none"},
	} {
		line := AffectedLine{Now: x.now, Period: x.period, Fund: x.fund, Issued: x.issued}
		if got := effectOf(&line, x.is, "2025-03"); got != x.want {
			t.Errorf("%+v: %s", x, got)
		}
	}
}
