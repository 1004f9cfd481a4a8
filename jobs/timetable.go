package jobs

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"claimsaudit/configs"
	"claimsaudit/pipeline"

	"github.com/robfig/cron/v3"
)

// Timetable says when each job runs, in Asia/Shanghai whatever the host says. It has one line per job that is not off.
type Timetable struct {
	lines []line
}

type line struct {
	job  Job
	spec string
	next func(after time.Time) (time.Time, error) // zero: never again; beside an error the earliest it can be
}

// timetableJobs are the jobs that have a line, in the order in which they run if they fall due together.
var timetableJobs = []Job{Nightly, Monthly, Annual, Housekeeping}

// specOf is the line of the settings for a job.
func specOf(s configs.Schedule, job Job) string {
	spec := map[Job]string{Nightly: s.Nightly, Monthly: s.Monthly, Annual: s.Annual, Housekeeping: s.Housekeeping}[job]
	if spec == "" {
		return "off"
	}
	return spec
}

// NewTimetable reads the schedule and holds every line against what it will do next: one that never fires, or fires twice
// for the same month, is a mistake that would else show when something is missed. All mistakes are returned, joined.
func NewTimetable(s configs.Schedule, calendar configs.Calendar, now time.Time) (Timetable, error) {
	var t Timetable
	var wrong []error
	for _, job := range timetableJobs {
		l, err := newLine(job, specOf(s, job), calendar)
		if err == nil && l.next != nil {
			err = l.check(now)
		}
		switch {
		case err != nil:
			wrong = append(wrong, err)
		case l.next != nil:
			t.lines = append(t.lines, l)
		}
	}
	return t, errors.Join(wrong...)
}

// newLine reads one line; its next is nil if the job is off.
func newLine(job Job, spec string, calendar configs.Calendar) (line, error) {
	l := line{job: job, spec: spec}
	spec = strings.TrimSpace(spec)
	if spec == "off" {
		return l, nil
	}
	if rest, ok := strings.CutPrefix(spec, "workday "); ok {
		return l.onWorkday(rest, calendar)
	}
	if strings.Contains(spec, "TZ=") {
		return l, l.mistake(errors.New("it names a time zone"), "leave the zone out: the time is always that of Asia/Shanghai")
	}
	if strings.HasPrefix(spec, "@") {
		return l, l.mistake(errors.New("short forms such as @daily are not accepted"), writeFive)
	}
	// The standard parser takes the zone of the time it is asked with, which is Shanghai's below.
	schedule, err := cron.ParseStandard(spec)
	if err != nil {
		return l, l.mistake(err, writeFive)
	}
	l.next = func(after time.Time) (time.Time, error) { return schedule.Next(after.In(pipeline.Shanghai)), nil }
	return l, nil
}

const writeFive = `write five fields "minute hour day month weekday", for example "0 2 * * *" for 02:00 every day; "workday 3 06:00"; or "off"`

func (l line) mistake(err error, hint string) error {
	return &pipeline.Error{Kind: pipeline.KindUsage, Op: "read timetable", Where: fmt.Sprintf("schedule.%s: %q", l.job, l.spec), Err: err, Hint: hint}
}

var workdayTime = regexp.MustCompile(`^([1-9]|1[0-9]|20) +([01][0-9]|2[0-3]):([0-5][0-9])$`)

// onWorkday is the line "workday N HH:MM": the N-th working day of every month, the last one if it has fewer.
func (l line) onWorkday(text string, calendar configs.Calendar) (line, error) {
	m := workdayTime.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return l, l.mistake(errors.New("it is not a working day and a time"), `write for example "workday 3 06:00" for 06:00 on the third working day of the month`)
	}
	number := func(s string) int { n, _ := strconv.Atoi(s); return n } // digits, says the pattern
	n, at := number(m[1]), time.Duration(number(m[2]))*time.Hour+time.Duration(number(m[3]))*time.Minute
	l.next = func(after time.Time) (time.Time, error) {
		for p := pipeline.PeriodOf(after.In(pipeline.Shanghai)); ; p = p.Add(1) {
			day, err := calendar.NthWorkday(p, n)
			if err != nil {
				return midnightOf(p.First()), err
			}
			if fire := midnightOf(day).Add(at); fire.After(after) {
				return fire, nil
			}
		}
	}
	return l, nil
}

// midnightOf is when a day, carried as 00:00 UTC, begins in Shanghai.
func midnightOf(day time.Time) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, pipeline.Shanghai)
}

// dayOf is the day in Shanghai an instant lies in, as 00:00 UTC.
func dayOf(t time.Time) time.Time {
	t = t.In(pipeline.Shanghai)
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// upcoming is the next n times after now. What could be computed is returned beside an error.
func (l line) upcoming(now time.Time, n int) ([]time.Time, error) {
	var times []time.Time
	for range n {
		fire, err := l.next(now)
		if err != nil || fire.IsZero() {
			return times, err
		}
		times, now = append(times, fire), fire
	}
	return times, nil
}

// nextTimes is how many times a line is asked for, to be shown and to be checked.
const nextTimes = 5

func (l line) check(now time.Time) error {
	times, err := l.upcoming(now, nextTimes)
	if err != nil {
		return nil // a year without calendar is no mistake of the line: see Timetable.Blocked
	}
	if len(times) == 0 {
		return l.mistake(errors.New("it never fires"), "no such day comes within five years: correct day and month, or write off")
	}
	for i := 1; i < len(times); i++ {
		if former, due := dueAt(l.job, times[i-1]), dueAt(l.job, times[i]); former.Key == due.Key {
			return l.mistake(fmt.Errorf("it fires twice for %s: %s and %s", due.Key, minute(former.FireAt), minute(due.FireAt)),
				"a run for the same day, month or year would find nothing to do: name one time; day and weekday given together mean either")
		}
	}
	return nil
}

// Blocked says of the jobs whose next time cannot be known, because a year has no calendar, why. They are not guessed:
// until somebody adds the year these jobs do not run, and the others do.
func (t Timetable) Blocked(now time.Time) map[Job]error {
	blocked := map[Job]error{}
	for _, l := range t.lines {
		if _, err := l.next(now); err != nil {
			blocked[l.job] = fmt.Errorf("schedule.%s: %w", l.job, err)
		}
	}
	return blocked
}

func minute(t time.Time) string { return t.In(pipeline.Shanghai).Format("2006-01-02 15:04") }
