package jobs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"sync"
	"time"

	"claimsaudit/configs"
	"claimsaudit/pipeline"
	"claimsaudit/pipeline/warehouse"
)

// loopPatience is how long the timetable's loop may be silent before the daemon counts as dead.
const loopPatience = 5 * time.Minute

// Monitor knows how the unattended machine is. The daemon tells it what happens, the publication what the data say; it
// answers over HTTP, to the service manager's watchdog and as alarms. It is safe for concurrent use.
type Monitor struct {
	clock   pipeline.Clock
	reading sync.Mutex // one at a time reads the publication, the others wait for what it finds
	mu      sync.Mutex // guards known
	known   health
}

// health is what a Monitor knows; a copy of it may be looked at without the lock.
type health struct {
	config        *configs.Config
	ticked        time.Time
	clockSuspect  error
	reloadRefused error
	runs          map[Job]lastRun
	outboxDepth   int
	outboxOldest  time.Time
	missedRuns    int
	missingFiles  int
	figures       figures
	published     os.FileInfo // the publication the figures are of, nil without
	publishedErr  error
}

// lastRun is what is remembered of a job.
type lastRun struct {
	endedAt   time.Time // zero: only the success is known
	exit      int
	took      time.Duration
	successAt time.Time // zero: never
	period    string    // the latest one done
}

// NewMonitor begins with a loop that counts as alive, so that a daemon has loopPatience to come up.
func NewMonitor(config *configs.Config, clock pipeline.Clock) *Monitor {
	return &Monitor{clock: clock, known: health{config: config, ticked: clock(), runs: map[Job]lastRun{}}}
}

func (m *Monitor) tell(change func(h *health)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change(&m.known)
}

// state is a copy of what is known.
func (m *Monitor) state() health {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.known
	h.runs = maps.Clone(h.runs)
	return h
}

// Tick is the loop's sign of life, wanted at least once a minute also while a job runs. A now that came straight from the
// real clock makes the silence immune to that clock being set.
func (m *Monitor) Tick(now time.Time) { m.tell(func(h *health) { h.ticked = now }) }

// Ran is told of every run that ended. key is what it was for: the month, the year, or the day.
func (m *Monitor) Ran(job Job, key string, out Outcome, err error) {
	if job == Plan {
		return // changes nothing
	}
	now := m.clock()
	m.tell(func(h *health) {
		r := h.runs[job]
		r.endedAt, r.took, r.exit = now, out.Took, endCode(err)
		if didItsWork(r.exit) {
			r.successAt, r.period = now, max(r.period, key)
		}
		h.runs[job] = r
	})
}

// Remember takes over what the ledger says, newest run first: what former daemons did, and what was typed by hand since.
func (m *Monitor) Remember(runs []warehouse.Run) {
	m.tell(func(h *health) {
		seen := map[Job]bool{}
		for _, row := range runs {
			job, code := Job(row.Job), row.ExitCode
			if row.State == "running" || row.State == "publishing" {
				code = 137 // whoever did that run is dead, else the ledger could not be read
			}
			r := h.runs[job]
			if !seen[job] { // its last run
				seen[job] = true
				r.ended(row, code)
			}
			if didItsWork(code) {
				r = r.succeeded(wallTime(row.FinishedAt), ledgerKey(row.Period, row.AsOf))
			}
			h.runs[job] = r
		}
	})
}

// ended is told of a run in the ledger; one that ended before what is known already changes nothing.
func (r *lastRun) ended(row warehouse.Run, code int) {
	at, took := wallTime(row.StartedAt), time.Duration(0)
	if !row.FinishedAt.IsZero() {
		at, took = wallTime(row.FinishedAt), row.FinishedAt.Sub(row.StartedAt)
	}
	if at.After(r.endedAt) {
		r.endedAt, r.took, r.exit = at, took, code
	}
}

// succeeded is the memory with a success added, whichever came first.
func (r lastRun) succeeded(at time.Time, period string) lastRun {
	if at.After(r.successAt) {
		r.successAt = at
	}
	r.period = max(r.period, period)
	return r
}

// Reloaded is told of a configuration that was taken over.
func (m *Monitor) Reloaded(config *configs.Config) {
	m.tell(func(h *health) { h.config, h.reloadRefused = config, nil })
}

// ReloadRefused is told of one that was not: the daemon goes on with the former and could not be started again.
func (m *Monitor) ReloadRefused(err error) { m.tell(func(h *health) { h.reloadRefused = err }) }

// ClockSuspected says why the machine's time cannot be right; nil: it is.
func (m *Monitor) ClockSuspected(err error) { m.tell(func(h *health) { h.clockSuspect = err }) }

// OutboxDepth is how many messages wait and since when the oldest does.
func (m *Monitor) OutboxDepth(n int, oldest time.Time) {
	m.tell(func(h *health) { h.outboxDepth, h.outboxOldest = n, oldest })
}

// MissedRuns is how many due runs have not been made up for yet.
func (m *Monitor) MissedRuns(n int) { m.tell(func(h *health) { h.missedRuns = n }) }

// MissingFiles is how many expected deliveries are overdue.
func (m *Monitor) MissingFiles(n int) { m.tell(func(h *health) { h.missingFiles = n }) }

// Alive is nil while the loop moves. It looks at nothing that can hang, so that the watchdog may ask.
func (m *Monitor) Alive() error {
	h := m.state()
	return h.alive(m.clock())
}

func (h *health) alive(now time.Time) error {
	if silent := now.Sub(h.ticked); silent > loopPatience {
		return fmt.Errorf("the timetable has not moved for %s, since %s", silent.Round(time.Second), shanghai(h.ticked))
	}
	return nil
}

// endCode is the exit code of a run, as the ledger keeps it.
func endCode(err error) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, context.Canceled):
		return pipeline.KindInterrupted.ExitCode()
	default:
		return pipeline.Gravest(err).ExitCode()
	}
}

// didItsWork: a refused file, an undelivered report and a missing file need a person, but what the run was for is done.
func didItsWork(exit int) bool {
	switch exit {
	case 0, pipeline.KindBadFile.ExitCode(), pipeline.KindUndelivered.ExitCode(), pipeline.KindMissingFile.ExitCode():
		return true
	}
	return false
}

// ledgerKey is what a run of the ledger was for.
func ledgerKey(period string, asOf time.Time) string {
	if period == "" {
		return asOf.Format(time.DateOnly)
	}
	return period
}

// wallTime is the instant of a ledger's time, which is Shanghai wall time without zone.
func wallTime(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), pipeline.Shanghai)
}

func shanghai(t time.Time) string { return t.In(pipeline.Shanghai).Format(time.DateTime) }
