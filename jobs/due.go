package jobs

import (
	"fmt"
	"slices"
	"sort"
	"time"

	"claimsaudit/configs"
	"claimsaudit/pipeline"
	"claimsaudit/pipeline/warehouse"
)

// Due is one run the timetable asks for. Job and Key name it for ever: the day of a nightly run or of housekeeping, the
// month before a monthly one fires, the year before an annual one.
type Due struct {
	Job     Job
	Key     string
	Period  pipeline.Period // Monthly
	Year    int             // Annual
	AsOf    time.Time       // the day it fired, 00:00 UTC, however late it runs
	FireAt  time.Time
	Attempt int // 1 unless it was tried before
}

// Request is what Run is to be asked for.
func (d Due) Request() Request {
	return Request{Job: d.Job, Period: d.Period, Year: d.Year, AsOf: d.AsOf}
}

func dueAt(job Job, fire time.Time) Due {
	d := Due{Job: job, AsOf: dayOf(fire), FireAt: fire, Attempt: 1}
	switch job {
	case Monthly:
		d.Period = pipeline.PeriodOf(d.AsOf).Add(-1)
		d.Key = d.Period.String()
	case Annual:
		d.Year = d.AsOf.Year() - 1
		d.Key = fmt.Sprintf("%04d", d.Year)
	default:
		d.Key = d.AsOf.Format(time.DateOnly)
	}
	return d
}

// DueState is what has become of a run the timetable asked for.
type DueState string

// The states of a run that is due.
const (
	DueNow     DueState = "due"
	DueWaiting DueState = "waiting"  // it failed and is tried again at RetryAt
	DueGivenUp DueState = "given up" // it failed too often: somebody must see to it and run it by hand
)

// Missed is a run that fell due and is not done.
type Missed struct {
	Due
	State   DueState
	RetryAt time.Time // DueWaiting
	Error   string    // what the latest attempt said
}

const (
	// attemptsMax attempts that fail are enough: what fails three times wants a person, and later runs must go on.
	attemptsMax = 3
	retryAfter  = time.Hour
	// A gate stops for a person's sake, and the next run goes on without the rejected rows: leave a day to correct them.
	retryAfterGate = 24 * time.Hour
	// deathsMax is for runs that ended with their process, whoever's fault that was: power cuts may be many, but a run that
	// kills the daemon each time must not do so for ever. From the second death on it waits like a failed one.
	deathsMax = 24
)

// History is what is known of the past: the ledger and what former daemons noted.
type History struct {
	Runs    []warehouse.Run
	Serving Serving
}

// Serving is what daemons note in the warehouse beside the ledger.
type Serving struct {
	Lines  map[Job][]Stretch `json:"lines"`
	Seen   time.Time         `json:"seen"` // latest sign of life; beside runs about once a day
	Deaths map[string]Death  `json:"deaths,omitempty"`
}

// Stretch is a time during which a line of the timetable was in force: from From to the next stretch.
// Without the former lines a changed schedule would make all its past times fall due.
type Stretch struct {
	From time.Time `json:"from"`
	Spec string    `json:"spec"`
}

// Death counts the runs for one key that ended with their process.
type Death struct {
	Count int       `json:"count"`
	At    time.Time `json:"at"`    // when the latest was noticed
	Start time.Time `json:"start"` // as the ledger has it, to count each once
}

// Since is when serving began: nothing before it ever falls due. Zero: never served.
func (s Serving) Since() time.Time {
	var since time.Time
	for _, stretches := range s.Lines {
		for _, x := range stretches {
			if since.IsZero() || x.From.Before(since) {
				since = x.From
			}
		}
	}
	return since
}

// lastKnown is the latest instant not after now at which anything was noted, zero if nothing ever was. What is noted later
// than now was written under a wrong clock, then or now, and says nothing.
func (h History) lastKnown(now time.Time) time.Time {
	var last time.Time
	note := func(t time.Time) {
		if !t.After(now) && t.After(last) {
			last = t
		}
	}
	note(h.Serving.Seen)
	for _, stretches := range h.Serving.Lines {
		for _, x := range stretches {
			note(x.From)
		}
	}
	for _, r := range h.Runs {
		note(wallTime(r.StartedAt))
	}
	return last
}

// firstYear is the year before which no machine ran this program: a dead clock battery says 1970 or 2000.
const firstYear = 2024

// ClockSuspect says why now cannot be believed, nil if it can. A wrong clock would close months that are not over, and
// a statement cannot be taken back; a machine that really was off that long is told so by a person.
func (h History) ClockSuspect(now time.Time, gapMax time.Duration) error {
	suspect := func(format string, args ...any) error {
		return &pipeline.Error{Kind: pipeline.KindUsage, Op: "trust the clock", Err: fmt.Errorf(format, args...),
			Hint: "until this is settled nothing runs by timetable: correct the clock (timedatectl), or, if it is right, start `claimsaudit serve --accept-gap` once"}
	}
	since, last := h.Serving.Since(), h.lastKnown(now)
	switch {
	case now.In(pipeline.Shanghai).Year() < firstYear:
		return suspect("this machine says it is %s", minute(now))
	case since.IsZero():
		return nil // whoever starts the daemon for the first time looks at it, and nothing before that is caught up
	case now.Before(since.Add(-24 * time.Hour)):
		return suspect("it is %s, but serving began at %s", minute(now), minute(since))
	case gapMax > 0 && now.Sub(last) > gapMax && !last.IsZero():
		return suspect("it is %s, %d days after the last sign of life at %s", minute(now), int(now.Sub(last).Hours()/24), minute(last))
	}
	return nil
}

// MissedRuns lists what fell due between the beginning of serving and now and is not done, oldest first: a pure function
// of the timetables in force, the ledger and the clock. The errors are lines whose times cannot be known.
//
// A key is done if the ledger has a run for it that did its work, typed by hand or not. Runs that began after now are left
// out: the clock has gone back since, and what was done under a clock that ran ahead is to be done again at its time;
// a run that finds nothing new changes nothing.
func MissedRuns(h History, calendar configs.Calendar, now time.Time) ([]Missed, []error) {
	tried := map[string][]warehouse.Run{}
	for _, r := range h.Runs {
		if !wallTime(r.StartedAt).After(now) {
			name := r.Job + " " + ledgerKey(r.Period, r.AsOf)
			tried[name] = append(tried[name], r)
		}
	}
	var missed []Missed
	var unknown []error
	for _, job := range timetableJobs {
		fired, err := firedBy(h.Serving.Lines[job], job, calendar, now)
		if err != nil {
			unknown = append(unknown, err)
		}
		missed = append(missed, openOf(fired, tried, h.Serving.Deaths, now)...)
	}
	sort.SliceStable(missed, func(i, j int) bool { return missed[i].FireAt.Before(missed[j].FireAt) })
	return missed, unknown
}

// openOf lists what of a job's runs is not done. A day that failed is made up for by a later one, which took in what lay
// there and knew more: to repeat it would publish what was known before. A month or year that failed is not.
func openOf(fired []Due, tried map[string][]warehouse.Run, deaths map[string]Death, now time.Time) []Missed {
	var missed []Missed
	isMadeUp := false
	for i := len(fired) - 1; i >= 0; i-- {
		d := fired[i]
		name := string(d.Job) + " " + d.Key
		m, open := judge(d, tried[name], deaths[name], now)
		switch {
		case !open:
			isMadeUp = d.Job == Nightly || d.Job == Housekeeping
		case m.Attempt == 1 || !isMadeUp:
			missed = append(missed, m)
		}
	}
	slices.Reverse(missed)
	return missed
}

// firedBy lists what a job's lines asked for until now, each key once.
func firedBy(stretches []Stretch, job Job, calendar configs.Calendar, now time.Time) ([]Due, error) {
	var fired []Due
	known := map[string]bool{}
	for i, stretch := range stretches {
		l, err := newLine(job, stretch.Spec, calendar)
		if err != nil || l.next == nil {
			continue // off; a line that is no longer understood was replaced by one that is
		}
		end := now.Add(1)
		if i+1 < len(stretches) && stretches[i+1].From.Before(end) {
			end = stretches[i+1].From
		}
		// cron looks for the next whole second: one nanosecond earlier includes the stretch's first instant.
		for at := stretch.From.Add(-1); ; {
			fire, err := l.next(at)
			if fire.IsZero() || !fire.Before(end) {
				break
			}
			if err != nil {
				return fired, fmt.Errorf("schedule.%s: %w", job, err)
			}
			at = fire
			if d := dueAt(job, fire); !known[d.Key] && !fire.Before(stretch.From) {
				known[d.Key] = true
				fired = append(fired, d)
			}
		}
	}
	return fired, nil
}

// judge says what has become of d, given the runs for its key; open is false if it is done.
func judge(d Due, runs []warehouse.Run, death Death, now time.Time) (m Missed, open bool) {
	m = Missed{Due: d, State: DueNow}
	failures, died := 0, death.Count
	var wait, latest time.Time
	for _, r := range runs {
		switch didItsPart(r) {
		case partDone:
			return m, false
		case partFailed:
			failures++
			pause := retryAfter
			if r.ExitCode == pipeline.KindGate.ExitCode() {
				pause = retryAfterGate
			}
			if until := wallTime(r.StartedAt).Add(pause); until.After(wait) {
				wait = until
			}
		}
		if start := wallTime(r.StartedAt); !start.Before(latest) {
			latest, m.Error = start, r.Error
		}
	}
	if died > 1 && !death.At.After(now) { // the first time it is taken up again at once
		if until := death.At.Add(retryAfter); until.After(wait) {
			wait = until
		}
	}
	m.Attempt = failures + died + 1
	switch {
	case failures >= attemptsMax || died >= deathsMax:
		m.State = DueGivenUp
	case wait.After(now):
		m.State, m.RetryAt = DueWaiting, wait
	}
	return m, true
}

type part uint8

const (
	partDone   part = iota
	partFailed      // it ended by a fault and wants time before it is tried again
	partCut         // it was stopped or died: nobody's fault that time cures
)

// didItsPart reads a ledger row. A run that had a refused file, an undelivered report or a missing file did its work.
func didItsPart(r warehouse.Run) part {
	switch r.State {
	case "done":
		return partDone
	case "failed":
		switch {
		case didItsWork(r.ExitCode):
			return partDone
		case r.ExitCode == pipeline.KindInterrupted.ExitCode():
			return partCut
		}
		return partFailed
	default: // interrupted; running or publishing with the ledger free to read: its process is dead
		return partCut
	}
}
