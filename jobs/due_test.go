package jobs

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"claimsaudit/configs"
	"claimsaudit/pipeline"
	"claimsaudit/pipeline/warehouse"

	"pgregory.net/rapid"
)

// ran is a ledger row; started is Shanghai wall time.
func ran(t testing.TB, job Job, key, started, state string, exit int) warehouse.Run {
	t.Helper()
	start, err := time.Parse("2006-01-02 15:04", started)
	if err != nil {
		t.Fatal(err)
	}
	r := warehouse.Run{ID: string(job) + key + started, Job: string(job), StartedAt: start, State: state, ExitCode: exit}
	if day, err := time.Parse(time.DateOnly, key); err == nil {
		r.AsOf = day
	} else {
		r.Period, r.AsOf = key, start.Truncate(24*time.Hour)
	}
	return r
}

func shownDue(missed []Missed) string {
	var texts []string
	for _, m := range missed {
		text := string(m.Job) + " " + m.Key
		if m.State != DueNow {
			text += " " + string(m.State)
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, ", ")
}

// Ten days without power over the end of a quarter: every day and the month once, in the order in which they were due,
// each as of its own day.
func TestMissedRunsAreCaughtUpOldestFirst(t *testing.T) {
	h := History{Serving: Serving{Lines: lines(usual, at(t, "2025-03-01 12:00"))}}
	for day := 2; day <= 28; day++ {
		key := fmt.Sprintf("2025-03-%02d", day)
		h.Runs = append(h.Runs, ran(t, Nightly, key, key+" 02:00", "done", 0))
		if day%7 == 2 { // Sundays
			h.Runs = append(h.Runs, ran(t, Housekeeping, key, key+" 04:00", "done", 0))
		}
	}
	h.Runs = append(h.Runs, ran(t, Monthly, "2025-02", "2025-03-05 06:00", "done", 0))
	missed, _ := MissedRuns(h, workdays(t), at(t, "2025-04-07 09:30"))
	want := "nightly 2025-03-29, nightly 2025-03-30, housekeeping 2025-03-30, nightly 2025-03-31, nightly 2025-04-01, nightly 2025-04-02, " +
		"nightly 2025-04-03, monthly 2025-03, nightly 2025-04-04, nightly 2025-04-05, nightly 2025-04-06, housekeeping 2025-04-06, nightly 2025-04-07"
	if got := shownDue(missed); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for _, m := range missed {
		if m.Job == Monthly && (m.AsOf.Format(time.DateOnly) != "2025-04-03" || m.Period.String() != "2025-03") {
			t.Errorf("the month is judged as of %s", m.AsOf.Format(time.DateOnly))
		}
	}
}

func TestWhatCountsAsDone(t *testing.T) {
	began := lines(configs.Schedule{Nightly: "0 2 * * *"}, at(t, "2025-04-01 12:00"))
	monthly := lines(configs.Schedule{Monthly: "workday 3 06:00"}, at(t, "2025-04-01 12:00"))
	day, month := "2025-04-02", "2025-03"
	for _, c := range []struct {
		name   string
		lines  map[Job][]Stretch
		runs   []warehouse.Run
		deaths map[string]Death
		now    string
		want   string
	}{
		{"nothing before serving began", began, nil, nil, "2025-04-02 01:59", ""},
		{"due", began, nil, nil, "2025-04-02 02:00", "nightly 2025-04-02"},
		{"done", began, []warehouse.Run{ran(t, Nightly, day, "2025-04-02 02:00", "done", 0)}, nil, "2025-04-02 02:01", ""},
		{"typed by hand before its time", monthly, []warehouse.Run{ran(t, Monthly, month, "2025-04-01 15:00", "done", 0)}, nil, "2025-04-04 08:00", ""},
		{"a refused file", began, []warehouse.Run{ran(t, Nightly, day, "2025-04-02 02:00", "failed", 3)}, nil, "2025-04-02 09:00", ""},
		{"an undelivered report", began, []warehouse.Run{ran(t, Nightly, day, "2025-04-02 02:00", "failed", 5)}, nil, "2025-04-02 09:00", ""},
		{"a missing file", began, []warehouse.Run{ran(t, Nightly, day, "2025-04-02 02:00", "done", 6)}, nil, "2025-04-02 09:00", ""},
		{"another month's run", monthly, []warehouse.Run{ran(t, Monthly, "2025-02", "2025-04-01 15:00", "done", 0)}, nil, "2025-04-04 08:00", "monthly 2025-03"},
		{"a plan is no run", monthly, []warehouse.Run{ran(t, Plan, month, "2025-04-01 15:00", "done", 0)}, nil, "2025-04-04 08:00", "monthly 2025-03"},
		{"failed, too early to try again", began, []warehouse.Run{ran(t, Nightly, day, "2025-04-02 02:00", "failed", 1)}, nil, "2025-04-02 02:59", "nightly 2025-04-02 waiting"},
		{"failed, an hour later", began, []warehouse.Run{ran(t, Nightly, day, "2025-04-02 02:00", "failed", 1)}, nil, "2025-04-02 03:00", "nightly 2025-04-02"},
		{"a gate leaves a day to correct the rows", monthly, []warehouse.Run{ran(t, Monthly, month, "2025-04-03 06:00", "failed", 4)}, nil, "2025-04-03 12:00", "monthly 2025-03 waiting"},
		{"the day after a gate", monthly, []warehouse.Run{ran(t, Monthly, month, "2025-04-03 06:00", "failed", 4)}, nil, "2025-04-04 06:00", "monthly 2025-03"},
		{"failed three times", began, []warehouse.Run{ran(t, Nightly, day, "2025-04-02 02:00", "failed", 1), ran(t, Nightly, day, "2025-04-02 03:00", "failed", 2),
			ran(t, Nightly, day, "2025-04-02 04:00", "failed", 1)}, nil, "2025-04-02 23:00", "nightly 2025-04-02 given up"},
		{"made up for by the next night", began, []warehouse.Run{ran(t, Nightly, day, "2025-04-02 02:00", "failed", 1), ran(t, Nightly, day, "2025-04-02 03:00", "failed", 2),
			ran(t, Nightly, day, "2025-04-02 04:00", "failed", 1), ran(t, Nightly, "2025-04-03", "2025-04-03 02:00", "done", 0)}, nil, "2025-04-03 09:00", ""},
		{"no longer tried once the next night is done", began, []warehouse.Run{ran(t, Nightly, day, "2025-04-02 02:00", "failed", 4),
			ran(t, Nightly, "2025-04-03", "2025-04-03 02:00", "done", 0)}, nil, "2025-04-03 09:00", ""},
		{"a month is tried again although the next one is done", monthly, []warehouse.Run{ran(t, Monthly, month, "2025-04-03 06:00", "failed", 1),
			ran(t, Monthly, "2025-04", "2025-04-03 06:30", "done", 0)}, nil, "2025-04-03 09:00", "monthly 2025-03"},
		{"stopped by the service manager", began, []warehouse.Run{ran(t, Nightly, day, "2025-04-02 02:00", "interrupted", 130)}, nil, "2025-04-02 02:01", "nightly 2025-04-02"},
		{"killed", began, []warehouse.Run{ran(t, Nightly, day, "2025-04-02 02:00", "running", 0)},
			map[string]Death{"nightly " + day: {Count: 1, At: at(t, "2025-04-02 02:01")}}, "2025-04-02 02:01", "nightly 2025-04-02"},
		{"killed again and again", began, []warehouse.Run{ran(t, Nightly, day, "2025-04-02 02:00", "publishing", 0)},
			map[string]Death{"nightly " + day: {Count: 2, At: at(t, "2025-04-02 02:01")}}, "2025-04-02 02:02", "nightly 2025-04-02 waiting"},
		{"kills the daemon each time", began, nil,
			map[string]Death{"nightly " + day: {Count: deathsMax, At: at(t, "2025-04-02 02:01")}}, "2025-04-02 22:02", "nightly 2025-04-02 given up"},
		{"done under a clock that ran ahead", began, []warehouse.Run{ran(t, Nightly, day, "2025-04-09 11:00", "done", 0)}, nil, "2025-04-02 02:00", "nightly 2025-04-02"},
		{"the clock went back before the beginning", began, nil, nil, "2025-03-20 02:00", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			missed, _ := MissedRuns(History{Runs: c.runs, Serving: Serving{Lines: c.lines, Deaths: c.deaths}}, workdays(t), at(t, c.now))
			if got := shownDue(missed); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// A changed line asks for nothing before its change, and what the former one asked for is not forgotten.
func TestChangedScheduleHasNoPast(t *testing.T) {
	began := at(t, "2025-01-01 12:00")
	serving, changed := Serving{}.after(configs.Schedule{Nightly: "off", Housekeeping: "0 4 * * 0"}, began, began)
	if !changed {
		t.Fatal("the beginning is not noted")
	}
	now := at(t, "2025-06-03 10:00") // a Tuesday
	serving, _ = serving.after(configs.Schedule{Nightly: "0 2 * * *", Housekeeping: "0 4 * * 1"}, now, now)
	h := History{Serving: serving}
	for day := at(t, "2025-01-05 04:00"); day.Before(at(t, "2025-05-30 00:00")); day = day.AddDate(0, 0, 7) {
		key := day.Format(time.DateOnly)
		h.Runs = append(h.Runs, ran(t, Housekeeping, key, key+" 04:00", "done", 0))
	}
	missed, _ := MissedRuns(h, workdays(t), at(t, "2025-06-04 03:00"))
	if got, want := shownDue(missed), "housekeeping 2025-06-01, nightly 2025-06-04"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, changed := serving.after(configs.Schedule{Nightly: "0 2 * * *", Housekeeping: "0 4 * * 1"}, now, now.Add(time.Hour)); changed {
		t.Error("an unchanged schedule is noted again")
	}
}

func TestClockIsSuspected(t *testing.T) {
	began := at(t, "2025-03-01 12:00")
	h := History{Serving: Serving{Lines: lines(usual, began)}, Runs: []warehouse.Run{ran(t, Nightly, "2025-03-20", "2025-03-20 02:00", "done", 0)}}
	const gapMax = 45 * 24 * time.Hour
	for now, want := range map[string]string{
		"2025-03-21 02:00": "", "2025-05-01 02:00": "", "2025-05-05 02:00": "46 days after", "2035-03-21 02:00": "last sign of life at 2025-03-20 02:00",
		"2025-03-01 11:59": "", "2025-02-20 02:00": "serving began", "1970-01-01 08:00": "says it is 1970",
	} {
		err := h.ClockSuspect(at(t, now), gapMax)
		if (err == nil) != (want == "") || err != nil && (!strings.Contains(err.Error(), want) || !strings.Contains(pipeline.HintOf(err), "--accept-gap")) {
			t.Errorf("%s: %v, want %q", now, err, want)
		}
	}
	if err := (History{Runs: h.Runs}).ClockSuspect(at(t, "2026-03-21 02:00"), gapMax); err != nil {
		t.Errorf("who starts serving for the first time is present: %v", err)
	}
	later := at(t, "2026-01-01 00:00")
	h.Serving = h.Serving.accepted(later)
	if err := h.ClockSuspect(later, gapMax); err != nil {
		t.Errorf("accepted, and still: %v", err)
	}
	h.Serving = h.Serving.accepted(at(t, "2025-02-01 00:00")) // serving had begun under a clock that ran ahead
	if since := h.Serving.Since(); !since.IsZero() {
		t.Errorf("serving began %s, in the future", since)
	}
}

// world is an office with a daemon, of which only the clock, the ledger and what the daemon noted are real.
type world struct {
	t        *rapid.T
	calendar configs.Calendar
	began    time.Time
	now      time.Time
	h        History
	jumped   bool           // the clock has gone back once
	faults   int            // attempts that may still fail
	failed   map[string]int // never three for one key: nothing is given up
	done     map[string]int // runs that did their work
}

// wake is the daemon's body: run what is due until nothing is.
func (w *world) wake() {
	var last Due
	for {
		missed, _ := MissedRuns(w.h, w.calendar, w.now)
		i := slices.IndexFunc(missed, func(m Missed) bool { return m.State == DueNow })
		if i < 0 {
			return
		}
		d := missed[i].Due
		if d.Attempt == 1 { // an hour may pass while others run, and one that failed is tried again
			if d.FireAt.Before(last.FireAt) {
				w.t.Fatalf("%s %s after %s %s", d.Job, d.Key, last.Job, last.Key)
			}
			last = d
		}
		if !w.run(d) {
			return
		}
	}
}

// run plays one run; false: the process is gone.
func (w *world) run(d Due) bool {
	name := string(d.Job) + " " + d.Key
	if d.FireAt.Before(w.began) || d.FireAt.After(w.now) || !d.AsOf.Equal(dayOf(d.FireAt)) {
		w.t.Fatalf("at %s, served since %s: %s due %s as of %s", minute(w.now), minute(w.began), name, minute(d.FireAt), d.AsOf)
	}
	wall := w.now.In(pipeline.Shanghai)
	row := warehouse.Run{Job: string(d.Job), AsOf: d.AsOf, State: "done",
		StartedAt: time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, time.UTC)}
	if d.Job == Monthly || d.Job == Annual {
		row.Period = d.Key
	}
	for _, r := range w.h.Runs {
		if r.Job == row.Job && ledgerKey(r.Period, r.AsOf) == ledgerKey(row.Period, row.AsOf) && !r.StartedAt.After(row.StartedAt) && didItsPart(r) == partDone {
			w.t.Fatalf("%s is run at %s although it was done at %s", name, minute(w.now), minute(wallTime(r.StartedAt)))
		}
	}
	w.now = w.now.Add(time.Minute)
	if w.faults > 0 && w.failed[name] < 2 {
		switch rapid.IntRange(0, 3).Draw(w.t, "fault") {
		case 1:
			row.State, row.ExitCode = "failed", rapid.SampledFrom([]int{1, 2, 4}).Draw(w.t, "exit")
		case 2:
			row.State, row.ExitCode, row.Error = "interrupted", 130, "stopped"
		case 3:
			row.State = "running"
		}
	}
	w.h.Runs = append(w.h.Runs, row)
	switch row.State {
	case "done":
		w.done[name]++
		return true
	case "failed":
		w.faults--
		w.failed[name]++
		return true
	}
	w.faults--
	if row.State == "running" {
		w.failed[name]++
	}
	w.h.Serving, _ = w.h.Serving.buried(w.h.Runs, w.now) // the next process finds it
	w.h.Runs[len(w.h.Runs)-1].State = "interrupted"
	return false
}

// wanted is every key the timetable `usual` asks for from began to now, by another way of reckoning.
func (w *world) wanted() []string {
	var names []string
	for day := dayOf(w.began); !day.After(dayOf(w.now)); day = day.AddDate(0, 0, 1) {
		add := func(hour int, name string) {
			if fire := midnightOf(day).Add(time.Duration(hour) * time.Hour); !fire.Before(w.began) && !fire.After(w.now) {
				names = append(names, name)
			}
		}
		add(2, "nightly "+day.Format(time.DateOnly))
		if day.Weekday() == time.Sunday {
			add(4, "housekeeping "+day.Format(time.DateOnly))
		}
		if third, err := w.calendar.NthWorkday(pipeline.PeriodOf(day), 3); err == nil && third.Equal(day) {
			add(6, "monthly "+pipeline.PeriodOf(day).Add(-1).String())
		}
		if day.Month() == time.January && day.Day() == 10 {
			add(6, fmt.Sprintf("annual %d", day.Year()-1))
		}
	}
	return names
}

// checkNothingForgotten: what was due by now was done by now, or waits.
func (w *world) checkNothingForgotten() {
	missed, _ := MissedRuns(w.h, w.calendar, w.now)
	for _, name := range w.wanted() {
		waits := slices.ContainsFunc(missed, func(m Missed) bool { return string(m.Job)+" "+m.Key == name })
		if !waits && !w.isMadeUp(name) && !slices.ContainsFunc(w.h.Runs, func(r warehouse.Run) bool {
			return r.Job+" "+ledgerKey(r.Period, r.AsOf) == name && didItsPart(r) == partDone && !wallTime(r.StartedAt).After(w.now)
		}) {
			w.t.Fatalf("at %s %s was not done", minute(w.now), name)
		}
	}
}

// isMadeUp: a day that failed or died need not be done again once a later one was.
func (w *world) isMadeUp(name string) bool {
	return w.failed[name] > 0 && (strings.HasPrefix(name, "nightly") || strings.HasPrefix(name, "housekeeping"))
}

// TestEachPeriodExactlyOnce plays months of outages, restarts in the middle of runs, failures and a clock that is set
// back and forth. With a clock that only goes forward every period is done exactly once. When it was set back, what it
// had done ahead of time is done again at its time, and nothing else.
func TestEachPeriodExactlyOnce(t *testing.T) {
	calendar := workdays(t)
	rapid.Check(t, func(t *rapid.T) {
		began := time.Date(2024, 12, 1, 0, 0, 0, 0, pipeline.Shanghai).Add(time.Duration(rapid.IntRange(0, 60*24*60).Draw(t, "began")) * time.Minute)
		w := &world{t: t, calendar: calendar, began: began, now: began, done: map[string]int{}, failed: map[string]int{}, h: History{Serving: Serving{Lines: lines(usual, began)}}}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			switch rapid.IntRange(0, 9).Draw(t, "step") {
			case 0: // an outage
				w.now = w.now.Add(time.Duration(rapid.IntRange(1, 12*24).Draw(t, "hours off")) * time.Hour)
			case 1: // the clock is set back
				back := time.Duration(rapid.IntRange(1, 10*24*60).Draw(t, "minutes back")) * time.Minute
				w.now, w.jumped = w.now.Add(-back), true
			case 2:
				w.faults++
			default:
				w.now = w.now.Add(time.Duration(rapid.IntRange(1, 30*60).Draw(t, "minutes")) * time.Minute)
			}
			w.wake()
			w.checkNothingForgotten()
		}
		// A day without faults, woken every hour: whatever waited has its turn.
		w.faults = 0
		for range 49 {
			w.now = w.now.Add(time.Hour)
			w.wake()
		}
		for _, name := range w.wanted() {
			if n := w.done[name]; n == 0 && !w.isMadeUp(name) || n > 1 && !w.jumped {
				t.Errorf("%s was done %d times", name, n)
			}
			if !w.jumped {
				delete(w.done, name)
			}
		}
		if !w.jumped && len(w.done) > 0 {
			t.Errorf("done although not asked for: %v", w.done)
		}
	})
}
