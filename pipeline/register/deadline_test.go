package register_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"claimsaudit/configs"
	"claimsaudit/pipeline/register"
)

func deadlineLines(t *testing.T, registry register.Registry, asOf string, rows ...row) []string {
	t.Helper()
	calendar, err := configs.BuiltInCalendar()
	if err != nil {
		t.Fatal(err)
	}
	rules, p := points(t, "chongqing-2025"), person(rows...)
	var all []string
	for _, d := range register.Deadlines(rules, p, register.Compute(rules, p, on(asOf)), calendar.AddWorkdays, registry) {
		line := fmt.Sprintf("%s %s %s (%s)", d.Due, d.Kind, d.RefNo, d.Article)
		if d.Overdue {
			line += " overdue"
		}
		if d.Err != nil {
			line += " unknown"
		}
		all = append(all, line)
	}
	return all
}

func never(register.Block) register.Day { return 0 }

// The calendar: 4 to 6 April 2025 and 1 to 5 May are holidays, 27 April (a Sunday) is worked.
func TestDeadlinesOfOpenCases(t *testing.T) {
	for _, x := range []struct {
		name string
		asOf string
		rows []row
		want []string
	}{
		{"Art. 36: a decision is served within 5 working days", "2025-04-02", []row{gives("J1", "2025-04-01", 3)}, []string{"2025-04-09 notice J1 (36)"}},
		{"Art. 36: on its last day it is in time", "2025-04-09", []row{gives("J1", "2025-04-01", 3)}, []string{"2025-04-09 notice J1 (36)"}},
		{"Art. 36: after it it is overdue", "2025-04-10", []row{gives("J1", "2025-04-01", 3)}, []string{"2025-04-09 notice J1 (36) overdue"}},
		{"Art. 36: served, done", "2025-04-10", []row{gives("J1", "2025-04-01", 3, "notice_served_on=2025-04-03")}, nil},
		{"Art. 36: not served before the as-of day", "2025-04-02", []row{gives("J1", "2025-04-01", 3, "notice_served_on=2025-04-03")}, []string{"2025-04-09 notice J1 (36)"}},
		{"Art. 36: the notice of intention does not serve the decision", "2025-04-02", []row{gives("J1", "2025-04-01", 3, "notice_served_on=2025-03-03")}, []string{"2025-04-09 notice J1 (36)"}},
		{"Art. 36: a decision after the as-of day, or revoked, is no case", "2025-03-31", []row{gives("J1", "2025-04-01", 3), gives("J2", "2025-03-03", 3, "state=revoked", "was_final")}, nil},
		{"Art. 35: an appeal within 10 working days of the notice of intention", "2025-04-25", []row{gives("J1", "2025-04-24", 3, "state=proposed", "notice_served_on=2025-04-24")},
			[]string{"2025-05-12 appeal J1 (35)"}},
		{"Art. 35: appealed, or not served yet", "2025-04-25", []row{gives("J1", "2025-04-24", 3, "state=proposed", "notice_served_on=2025-04-24", "appealed_on=2025-04-25"), gives("J2", "2025-04-24", 3, "state=proposed")}, nil},
		{"Art. 37, 44: a block goes into the registry within 5 working days of the notice", "2025-04-10", []row{gives("J1", "2025-04-01", 9, "notice_served_on=2025-04-03")},
			[]string{"2025-04-11 registry J1 (37)", "2025-05-12 restoration_request J1 (44)"}},
		{"Art. 44: the request at least 15 working days before the end", "2025-05-13", []row{gives("J1", "2025-04-01", 9, "notice_served_on=2025-04-03")},
			[]string{"2025-04-11 registry J1 (37) overdue", "2025-05-12 restoration_request J1 (44) overdue"}},
		{"Art. 44: asked, to be decided within 10 working days", "2025-04-30", []row{gives("J1", "2025-03-03", 9, "notice_served_on=2025-03-03"), restores("H1", "2025-04-28", "", "", "", false)},
			[]string{"2025-03-10 registry J1 (37) overdue", "2025-05-15 restoration_decision H1 (44)"}},
		{"Art. 44: decided after the as-of day is not decided", "2025-05-10", []row{gives("J1", "2025-03-03", 9, "notice_served_on=2025-03-03"), restores("H1", "2025-04-28", "2025-05-12", "1", "", false)},
			[]string{"2025-05-15 restoration_decision H1 (44)"}},
		{"Art. 44: refused, so to be asked again", "2025-05-10", []row{gives("J1", "2025-03-03", 9, "notice_served_on=2025-03-03"), restores("H1", "2025-04-28", "2025-05-09", "0", "", false)},
			[]string{"2025-04-11 restoration_request J1 (44) overdue"}},
		{"Art. 44: approved and waiting for the end, nothing to do", "2025-04-30", []row{gives("J1", "2025-03-03", 9, "notice_served_on=2025-03-03"), restores("H1", "2025-04-08", "2025-04-20", "1", "", false)},
			[]string{"2025-03-10 registry J1 (37) overdue"}},
		{"Art. 44: an application of an earlier block does not count for the next", "2025-06-10",
			[]row{gives("J1", "2025-02-03", 9, "notice_served_on=2025-02-03"), restores("H1", "2025-03-10", "2025-04-03", "1", "", false), gives("J2", "2025-06-03", 1, "notice_served_on=2025-06-03")},
			[]string{"2025-06-10 registry J2 (37)", "2025-07-14 restoration_request J2 (44)"}},
		{"Art. 44: an end in a year without calendar has no day yet", "2025-04-10", []row{gives("J1", "2025-04-01", 12, "notice_served_on=2025-04-03")},
			[]string{"2025-04-11 registry J1 (37)", " restoration_request J1 (44) unknown"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			if got := deadlineLines(t, never, x.asOf, x.rows...); !slices.Equal(got, x.want) {
				t.Errorf("got %q\nwant %q", got, x.want)
			}
		})
	}
}

func TestTheRegistryClosesItsDeadline(t *testing.T) {
	decided := gives("J1", "2025-04-01", 9, "notice_served_on=2025-04-03")
	shown := func(day string) register.Registry { return func(register.Block) register.Day { return on(day) } }
	for _, x := range []struct {
		name     string
		registry register.Registry
		open     bool
	}{{"not asked", nil, false}, {"not shown", never, true}, {"shown", shown("2025-04-08"), false}, {"shown later", shown("2025-04-20"), true}} {
		got := deadlineLines(t, x.registry, "2025-04-10", decided)
		if open := slices.Contains(got, "2025-04-11 registry J1 (37)"); open != x.open {
			t.Errorf("%s: %q", x.name, got)
		}
	}
}

func TestACalendarThatFailsHidesNothing(t *testing.T) {
	rules := points(t, "chongqing-2025")
	p := person(gives("J1", "2025-04-01", 9))
	broken := errors.New("no calendar")
	list := register.Deadlines(rules, p, register.Compute(rules, p, on("2025-04-02")), func(time.Time, int) (time.Time, error) { return time.Time{}, broken }, nil)
	if len(list) != 2 || !errors.Is(list[0].Err, broken) || !errors.Is(list[1].Err, broken) || list[0].Kind != register.DueNotice {
		t.Errorf("%+v", list)
	}
}
