package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"os"
	"time"

	"claimsaudit/configs"
	"claimsaudit/pipeline"
	"claimsaudit/pipeline/warehouse"
)

// servingFact is the name of the fact that holds Serving.
const servingFact = "serving"

// history reads the past without taking the lock; KindLocked while a run has the warehouse.
func (r *Runner) history(ctx context.Context) (h History, err error) {
	if _, err := os.Stat(r.WarehousePath()); errors.Is(err, fs.ErrNotExist) {
		return h, nil
	}
	db, err := warehouse.OpenReadOnly(ctx, r.WarehousePath())
	if err != nil {
		return h, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return readHistory(ctx, db)
}

func readHistory(ctx context.Context, db *warehouse.DB) (h History, err error) {
	if h.Runs, err = db.Runs(ctx, math.MaxInt32); err != nil {
		return h, err
	}
	text, err := db.Fact(ctx, servingFact)
	if err != nil || text == "" {
		return h, err
	}
	if err := json.Unmarshal([]byte(text), &h.Serving); err != nil {
		return h, &pipeline.Error{Kind: pipeline.KindInternal, Op: "read what former daemons noted", Where: "fact " + servingFact, Err: err,
			Hint: "use the program version that wrote it, or a newer one"}
	}
	return h, nil
}

// withWarehouse does something short on the open warehouse, under the lock of runs.
func (r *Runner) withWarehouse(ctx context.Context, what string, do func(*warehouse.DB) error) (err error) {
	if err := os.MkdirAll(r.path(), 0o700); err != nil {
		return dataError(r.path(), err)
	}
	release, err := acquireLock(ctx, r.path("run.lock"), what, r.Clock())
	if err != nil {
		return err
	}
	defer release()
	db, err := r.open(ctx, r.WarehousePath())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return do(db)
}

func writeServing(ctx context.Context, db *warehouse.DB, s Serving) error {
	text, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("note serving: %w", err)
	}
	return db.SetFact(ctx, servingFact, string(text))
}

// signOfLife is how often a daemon notes that it lives if no run does it for it.
const signOfLife = 24 * time.Hour

// after is what is to be noted once the schedule is in force at now, and whether that is new.
func (s Serving) after(schedule configs.Schedule, lastKnown, now time.Time) (Serving, bool) {
	next := Serving{Lines: map[Job][]Stretch{}, Seen: s.Seen, Deaths: s.Deaths}
	changed := false
	for _, job := range timetableJobs {
		stretches := s.Lines[job]
		spec := specOf(schedule, job)
		if n := len(stretches); n == 0 || stretches[n-1].Spec != spec {
			for n > 0 && stretches[n-1].From.After(now) { // noted under a clock that ran ahead
				n--
			}
			stretches = append(stretches[:n:n], Stretch{From: now, Spec: spec})
			changed = true
		}
		next.Lines[job] = stretches
	}
	if lastKnown.IsZero() || now.Sub(lastKnown) >= signOfLife {
		next.Seen, changed = now, true
	}
	return next, changed
}

// accepted is what is noted when a person vouches for the clock: what was noted under a later one is dropped.
func (s Serving) accepted(now time.Time) Serving {
	next := Serving{Lines: map[Job][]Stretch{}, Seen: now, Deaths: s.Deaths}
	for job, stretches := range s.Lines {
		for _, x := range stretches {
			if !x.From.After(now) {
				next.Lines[job] = append(next.Lines[job], x)
			}
		}
	}
	return next
}

// buried counts the runs that stand in the ledger as going on although nobody can be doing them.
func (s Serving) buried(runs []warehouse.Run, now time.Time) (Serving, bool) {
	next, found := s, false
	next.Deaths = maps.Clone(s.Deaths)
	for _, r := range runs {
		if r.State != "running" && r.State != "publishing" {
			continue
		}
		if next.Deaths == nil {
			next.Deaths = map[string]Death{}
		}
		name := r.Job + " " + ledgerKey(r.Period, r.AsOf)
		if former := next.Deaths[name]; !former.Start.Equal(r.StartedAt) {
			next.Deaths[name] = Death{Count: former.Count + 1, At: now, Start: r.StartedAt}
			found = true
		}
	}
	return next, found
}

// AgendaLine is what an operator wants to know of a job.
type AgendaLine struct {
	Job     Job
	Spec    string
	Last    *warehouse.Run // nil: never ran, or not known
	Next    []time.Time
	Blocked error // why Next is short
	Missed  []Missed
}

// Agenda is the timetable with what became of it.
type Agenda struct {
	Lines   []AgendaLine
	Since   time.Time // when serving began, zero if never
	Suspect error     // why the daemon would not trust the clock
	Busy    bool      // a run has the ledger: last and missed are not known
}

// Agenda reads the timetable, the ledger and the clock.
func (r *Runner) Agenda(ctx context.Context) (Agenda, error) {
	now, o := r.Clock(), r.Config.Operation
	table, err := NewTimetable(o.Schedule, o.Calendar, now)
	if err != nil {
		return Agenda{}, err
	}
	h, err := r.history(ctx)
	a := Agenda{Busy: pipeline.KindOf(err) == pipeline.KindLocked && err != nil}
	if err != nil && !a.Busy {
		return a, err
	}
	a.Since, a.Suspect = h.Serving.Since(), h.ClockSuspect(now, o.CatchUpMax)
	missed, _ := MissedRuns(h, o.Calendar, now) // what cannot be known shows as Blocked
	for _, job := range timetableJobs {
		line := AgendaLine{Job: job, Spec: specOf(o.Schedule, job)}
		for _, l := range table.lines {
			if l.job == job {
				line.Next, line.Blocked = l.upcoming(now, nextTimes)
			}
		}
		for i := range h.Runs { // newest first
			if h.Runs[i].Job == string(job) {
				line.Last = &h.Runs[i]
				break
			}
		}
		for _, m := range missed {
			if m.Job == job {
				line.Missed = append(line.Missed, m)
			}
		}
		a.Lines = append(a.Lines, line)
	}
	return a, nil
}
