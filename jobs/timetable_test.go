package jobs

import (
	"strings"
	"testing"
	"time"

	"claimsaudit/configs"
	"claimsaudit/pipeline"
)

func workdays(t testing.TB) configs.Calendar {
	t.Helper()
	c, err := configs.BuiltInCalendar()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// at is a wall time in Shanghai, "2025-10-11 06:00".
func at(t testing.TB, text string) time.Time {
	t.Helper()
	when, err := time.ParseInLocation("2006-01-02 15:04", text, pipeline.Shanghai)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

var usual = configs.Schedule{Nightly: "0 2 * * *", Monthly: "workday 3 06:00", Annual: "0 6 10 1 *", Housekeeping: "0 4 * * 0"}

// The times are those of Shanghai on a machine that stands, by its settings, in New York.
func TestTimetableIsShanghaiTime(t *testing.T) {
	newYork := time.FixedZone("EST", -5*60*60)
	former := time.Local
	time.Local = newYork
	t.Cleanup(func() { time.Local = former })
	table, err := NewTimetable(usual, workdays(t), at(t, "2025-09-29 12:00"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[Job]string{
		Nightly: "2025-09-30 02:00 2025-10-01 02:00 2025-10-02 02:00 2025-10-03 02:00 2025-10-04 02:00",
		// October: the holiday ends on the 8th, Saturday the 11th is worked. 2026: 1 to 3 January off, Sunday the 4th worked.
		Monthly:      "2025-10-11 06:00 2025-11-05 06:00 2025-12-03 06:00 2026-01-06 06:00 2026-02-04 06:00",
		Annual:       "2026-01-10 06:00 2027-01-10 06:00 2028-01-10 06:00 2029-01-10 06:00 2030-01-10 06:00",
		Housekeeping: "2025-10-05 04:00 2025-10-12 04:00 2025-10-19 04:00 2025-10-26 04:00 2025-11-02 04:00",
	}
	for _, l := range table.lines {
		times, err := l.upcoming(at(t, "2025-09-29 12:00").In(newYork), nextTimes)
		var got []string
		for _, x := range times {
			got = append(got, minute(x))
		}
		if text := strings.Join(got, " "); err != nil || text != want[l.job] {
			t.Errorf("%s: %s (%v), want %s", l.job, text, err, want[l.job])
		}
	}
}

func TestWrongTimetablesAreRefused(t *testing.T) {
	for spec, want := range map[string]string{
		"0 0 30 2 *":                       "never fires",
		"* * * *":                          "expected exactly 5 fields",
		"61 2 * * *":                       "above maximum",
		"TZ=Asia/Shanghai 0 2 * * *":       "names a time zone",
		"CRON_TZ=Mars/Phobos 0 2 * * *":    "names a time zone",
		"TZ=Mars":                          "names a time zone", // crashes the parser
		"@daily":                           "short forms",
		"@every 1h":                        "short forms",
		"workday 0 06:00":                  "not a working day and a time",
		"workday 3 24:00":                  "not a working day and a time",
		"workday 21 06:00":                 "not a working day and a time",
		"workday third 06:00":              "not a working day and a time",
		"0 6 * * 1":                        "fires twice for 2025-02", // as a monthly line
		"0 6 3 * 1":                        "fires twice for 2025-02", // day or weekday, not both
		"tomorrow":                         "expected exactly 5 fields",
		"0 2 * * * ; rm -rf / # not today": "expected exactly 5 fields",
	} {
		_, err := NewTimetable(configs.Schedule{Monthly: spec}, workdays(t), at(t, "2025-03-01 00:00"))
		if pipeline.KindOf(err) != pipeline.KindUsage || err == nil || !strings.Contains(err.Error(), want) ||
			!strings.Contains(err.Error(), "schedule.monthly") || pipeline.HintOf(err) == "" {
			t.Errorf("%q: %v; want %q and what to do", spec, err, want)
		}
	}
	_, err := NewTimetable(configs.Schedule{Nightly: "0 0 31 4 *", Monthly: "x", Annual: "off"}, workdays(t), at(t, "2025-03-01 00:00"))
	if n := len(pipeline.Flatten(err)); n != 2 {
		t.Errorf("%d mistakes reported at once, want 2: %v", n, err)
	}
}

// A leap day comes seldom, but it comes.
func TestSeldomTimesAreNoMistake(t *testing.T) {
	for _, spec := range []string{"0 0 29 2 *", "off", "", "workday 20 23:59", "  0 6 10 1 *  "} {
		if _, err := NewTimetable(configs.Schedule{Annual: spec}, workdays(t), at(t, "2025-03-01 00:00")); err != nil &&
			!strings.Contains(spec, "workday") { // twelve times a year is too often for an annual job
			t.Errorf("%q: %v", spec, err)
		}
	}
}

// Where the calendar ends the working day is not guessed, and the other jobs go on.
func TestYearWithoutCalendarBlocksItsJobAlone(t *testing.T) {
	table, err := NewTimetable(usual, workdays(t), at(t, "2026-12-10 00:00"))
	if err != nil {
		t.Fatal(err)
	}
	blocked := table.Blocked(at(t, "2026-12-10 00:00"))
	if len(blocked) != 1 || blocked[Monthly] == nil || !strings.Contains(blocked[Monthly].Error(), "2027") ||
		pipeline.KindOf(blocked[Monthly]) != pipeline.KindUsage || pipeline.HintOf(blocked[Monthly]) == "" {
		t.Errorf("blocked: %v", blocked)
	}
	h := History{Serving: Serving{Lines: lines(usual, at(t, "2026-12-01 00:00"))}}
	if _, unknown := MissedRuns(h, workdays(t), at(t, "2026-12-31 23:00")); len(unknown) > 0 {
		t.Errorf("in December nothing of January is due yet: %v", unknown)
	}
	missed, unknown := MissedRuns(h, workdays(t), at(t, "2027-01-03 03:00"))
	if len(unknown) != 1 || !strings.Contains(unknown[0].Error(), "schedule.monthly") {
		t.Errorf("in January: %v", unknown)
	}
	if last := missed[len(missed)-1]; last.Job != Nightly || last.Key != "2027-01-03" {
		t.Errorf("the nightly run of the day is not due, but %s %s", last.Job, last.Key)
	}
}

func lines(s configs.Schedule, from time.Time) map[Job][]Stretch {
	all := map[Job][]Stretch{}
	for _, job := range timetableJobs {
		all[job] = []Stretch{{From: from, Spec: specOf(s, job)}}
	}
	return all
}
