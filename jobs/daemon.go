package jobs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"claimsaudit/configs"
	"claimsaudit/pipeline"
	"claimsaudit/pipeline/warehouse"
)

// ServeOptions say how to serve. Every field may be left out.
type ServeOptions struct {
	AcceptGap bool                    // a person vouches for the clock: catch up, however long the gap
	Hangup    <-chan os.Signal        // asks for a reload
	Reload    func() (*Runner, error) // what a fresh start would run with
	Start     func() error            // called once the data directory is ours; its error ends Serve
	Observer  Observer
}

// Observer is told what happens. Its functions may be nil, are called from several goroutines and must not block.
type Observer struct {
	Tick           func(now time.Time)        // about once a minute, also while a job runs
	Ledger         func(runs []warehouse.Run) // whenever it was read, newest first
	Ran            func(job Job, key string, out Outcome, err error)
	Missed         func(missed []Missed)
	ClockSuspected func(err error) // nil: no longer
	Reloaded       func(config *configs.Config)
	ReloadRefused  func(err error)
	Alarms         func(ctx context.Context, now time.Time) []Alarm // of the moment; each is mailed once
	Outbox         func(waiting int, oldest time.Time)
}

// WatchedBy is an observer that tells m everything.
func WatchedBy(m *Monitor) Observer {
	return Observer{
		Tick: m.Tick, Ledger: m.Remember, ClockSuspected: m.ClockSuspected, Reloaded: m.Reloaded, ReloadRefused: m.ReloadRefused,
		Missed: func(missed []Missed) { m.MissedRuns(len(missed)) }, Alarms: m.Alarms, Outbox: m.OutboxDepth,
		Ran: func(job Job, key string, out Outcome, err error) {
			m.Ran(job, key, out, err)
			if looksForExpected(job) && didItsWork(endCode(err)) {
				m.MissingFiles(len(out.Missing))
			}
		},
	}
}

// Daemon runs what the timetable asks for. Serve gives it real time; tests call Tick.
type Daemon struct {
	opts    ServeOptions
	made    time.Time
	release func()

	mu      sync.Mutex // guards pending, and runner against a reload
	pending *Runner    // read by a reload, in force from the next run on
	runner  *Runner

	// What follows belongs to Tick.
	begun      bool // the beginning of serving is noted
	accept     bool
	fresh      bool // history is what the warehouse says
	history    History
	unrecorded []warehouse.Run // failures the ledger could not take, of this process
	suspect    error
	told       map[string]bool // what the log or a mail said already
	alarms     []Alarm         // to be mailed
}

// NewDaemon takes the data directory for itself; a second daemon is refused with KindLocked. A timetable with a mistake
// is refused; a year without calendar only keeps its jobs from running.
func (r *Runner) NewDaemon(ctx context.Context, opts ServeOptions) (*Daemon, error) {
	now := r.Clock()
	if err := r.checkTimetable(now); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(r.path(), 0o700); err != nil {
		return nil, dataError(r.path(), err)
	}
	lock := r.path(serveLock)
	release, err := acquireLock(ctx, lock, "serve", now)
	if pipeline.KindOf(err) == pipeline.KindLocked && err != nil {
		return nil, &pipeline.Error{Kind: pipeline.KindLocked, Op: "serve", Where: r.path(),
			Err:  fmt.Errorf("another daemon serves this data directory: %s", textOf(lock)),
			Hint: "one is enough; stop it first (systemctl stop claimsaudit), or give another --data"}
	}
	if err != nil {
		return nil, err
	}
	return &Daemon{opts: opts, made: now, release: release, runner: r, accept: opts.AcceptGap, told: map[string]bool{}}, nil
}

const serveLock = "serve.lock"

// checkTimetable refuses a wrong line; it logs what only a calendar is missing for.
func (r *Runner) checkTimetable(now time.Time) error {
	table, err := NewTimetable(r.Config.Operation.Schedule, r.Config.Operation.Calendar, now)
	if err != nil {
		return err
	}
	for job, err := range table.Blocked(now) {
		r.Log.Error().Str("job", string(job)).Err(err).Str("do", pipeline.HintOf(err)).Msg("next time not known")
	}
	return nil
}

// Close lets go of the data directory.
func (d *Daemon) Close() { d.release() }

// Tick does what is due now: it is the one body of every wake. It returns after what was due has run, or when ctx ends.
// What goes wrong is logged and tried again at a later Tick.
func (d *Daemon) Tick(ctx context.Context) {
	d.adopt()
	err := d.runDue(ctx)
	if err == nil && ctx.Err() == nil {
		err = d.deliverDue(ctx)
	}
	switch {
	case err == nil || ctx.Err() != nil:
		d.told["tick"] = false
		d.runner.Log.Debug().Msg("nothing more is due")
	case pipeline.KindOf(err) == pipeline.KindLocked:
		d.runner.Log.Debug().Err(err).Msg("somebody has the data directory: waiting")
	default:
		d.tellOnce("tick", err, "could not look what is due; trying again every minute")
	}
}

// deliverDue sends the messages whose time has come, and once each alarm that no run reports. What could not be sent is
// in the log and the outbox and comes up again by itself.
func (d *Daemon) deliverDue(ctx context.Context) error {
	if !d.runner.Config.Operation.Mail.Enabled() {
		return nil
	}
	req := Request{Job: Deliver, Alarms: slices.Clone(d.alarms)}
	if d.opts.Observer.Alarms != nil {
		for _, a := range d.opts.Observer.Alarms(ctx, d.runner.Clock()) {
			if !d.told["alarm "+a.Key] {
				req.Alarms = append(req.Alarms, a)
			}
		}
	}
	out, err := d.runner.Run(ctx, req)
	if !pipeline.Stands(err) {
		return err
	}
	for _, a := range req.Alarms {
		d.told["alarm "+a.Key] = true
	}
	d.alarms = nil
	if d.opts.Observer.Outbox != nil {
		d.opts.Observer.Outbox(out.Mail.Waits())
	}
	return nil
}

// adopt puts a reloaded configuration in force.
func (d *Daemon) adopt() {
	d.mu.Lock()
	next := d.pending
	if d.pending = nil; next != nil {
		d.runner = next
	}
	d.mu.Unlock()
	if next != nil {
		d.fresh = false
		d.runner.Log.Info().Str("digest", next.Config.Digest[:12]).Msg("new configuration in force")
	}
}

// runDue runs what is due, oldest first, and looks anew after each run.
func (d *Daemon) runDue(ctx context.Context) error {
	ran := map[string]bool{}
	for ctx.Err() == nil {
		now := d.runner.Clock()
		next, err := d.next(ctx, now)
		if err != nil || next == nil {
			return err
		}
		name := string(next.Job) + " " + next.Key
		if ran[name] { // the ledger or the clock is not to be trusted: leave it to the next wake
			return &pipeline.Error{Kind: pipeline.KindInternal, Op: "run " + name, Err: errors.New("it ended and is still due"),
				Hint: "see what the log says about the clock and the disk"}
		}
		ran[name] = true
		if err := d.run(ctx, *next); err != nil {
			return err
		}
		d.adopt()
	}
	return nil
}

// next is the run to do now, nil if there is none. It reads the warehouse only when what is known says that there may
// be one: a hand-typed run may have done it since, none can have made it due.
func (d *Daemon) next(ctx context.Context, now time.Time) (*Due, error) {
	if d.fresh && d.suspect == nil {
		if len(d.missed(now)) == 0 && now.Sub(d.history.lastKnown(now)) < signOfLife {
			return nil, nil
		}
	}
	if err := d.look(ctx, now); err != nil {
		return nil, err
	}
	d.suspect = d.history.ClockSuspect(now, d.runner.Config.Operation.CatchUpMax)
	tell(d.opts.Observer.ClockSuspected, d.suspect)
	if d.suspect != nil {
		d.tellOnce("clock", d.suspect, "nothing runs: the clock is not believed")
		return nil, nil
	}
	d.told["clock"] = false
	if err := d.note(ctx, now); err != nil {
		return nil, err
	}
	missed := d.missed(now)
	tell(d.opts.Observer.Missed, missed)
	for i, m := range missed {
		if m.State == DueGivenUp {
			d.giveUp(m)
		}
		if m.State == DueNow {
			return &missed[i].Due, nil
		}
	}
	return nil, nil
}

// giveUp says that a run is not tried again.
func (d *Daemon) giveUp(m Missed) {
	name := "gave up " + string(m.Job) + " " + m.Key
	if d.tellOnce(name, errors.New(m.Error), "tried often enough: see to it and run it by hand") {
		d.alarms = append(d.alarms, Alarm{name, "任务多次失败，不再重试",
			fmt.Sprintf("任务 %s（%s）已试 %d 次，均未成功，不再自动重试；其他任务照常运行。\n请用 claimsaudit status 查看原因，排除后手工运行。", m.Job, m.Key, m.Attempt-1)})
	}
}

func (d *Daemon) missed(now time.Time) []Missed {
	h := d.history
	h.Runs = append(h.Runs[:len(h.Runs):len(h.Runs)], d.unrecorded...)
	missed, unknown := MissedRuns(h, d.runner.Config.Operation.Calendar, now)
	for _, err := range unknown {
		if d.tellOnce("calendar "+err.Error(), err, "a job is not run: its time is not known") {
			d.alarms = append(d.alarms, Alarm{"calendar " + pipeline.PeriodOf(dayOf(now)).String(), "缺少工作日历，任务停摆",
				"工作日历没有今年的放假安排，按工作日运行的任务无法确定时间，已停止运行；其他任务照常。\n请照国务院办公厅的通知补上今年的日历，写法见 configs/README.md，然后重新加载服务。"})
		}
	}
	return missed
}

// look reads the past. The first time it opens the warehouse for writing, which makes it if there is none and recovers
// what a killed process left; from then on looking must not be in anybody's way.
func (d *Daemon) look(ctx context.Context, now time.Time) (err error) {
	defer func() {
		if d.fresh = err == nil; d.fresh {
			tell(d.opts.Observer.Ledger, d.history.Runs)
		}
	}()
	if d.begun {
		d.history, err = d.runner.history(ctx)
		return err
	}
	err = d.runner.withWarehouse(ctx, "serve", func(db *warehouse.DB) error {
		if d.history, err = readHistory(ctx, db); err != nil {
			return err
		}
		serving, died := d.history.Serving.buried(d.history.Runs, now)
		if d.accept {
			serving = serving.accepted(now)
		}
		if !died && !d.accept {
			return nil
		}
		d.history.Serving = serving
		return writeServing(ctx, db, serving)
	})
	d.begun = err == nil
	return err
}

// note writes down that the timetable is in force, if that is new, and that the daemon lives, if no run has shown it.
func (d *Daemon) note(ctx context.Context, now time.Time) error {
	from := now
	if d.history.Serving.Since().IsZero() && d.made.Before(now) {
		from = d.made // a run that fell due while somebody had the lock is not lost
	}
	serving, changed := d.history.Serving.after(d.runner.Config.Operation.Schedule, d.history.lastKnown(now), from)
	if !changed {
		return nil
	}
	err := d.runner.withWarehouse(ctx, "serve", func(db *warehouse.DB) error { return writeServing(ctx, db, serving) })
	if err == nil {
		d.history.Serving = serving
	}
	return err
}

// run does one due run. Its error is not the run's, which the ledger and the log have, but that it could not begin.
func (d *Daemon) run(ctx context.Context, due Due) error {
	r, start := d.runner, d.runner.now()
	d.fresh = false
	r.Log.Info().Str("job", string(due.Job)).Str("key", due.Key).Str("due", minute(due.FireAt)).Int("attempt", due.Attempt).Msg("due")
	out, err := r.Run(ctx, due.Request())
	if err != nil && out.RunID == "" {
		if pipeline.KindOf(err) == pipeline.KindLocked || ctx.Err() != nil {
			return err
		}
		d.keepFailure(due, start, err)
	}
	if d.opts.Observer.Ran != nil {
		d.opts.Observer.Ran(due.Job, due.Key, out, err)
	}
	event := r.Log.Info()
	if err != nil {
		event = r.Log.Error().Err(err).Int("exit", endCode(err)).Str("do", pipeline.HintOf(pipeline.Flatten(err)[0]))
	}
	event.Str("job", string(due.Job)).Str("key", due.Key).Str("run", out.RunID).Dur("took", out.Took).Int("files", out.Files).Int("refused", out.Refused).
		Int64("rejected", out.Rejected).Int("missing", len(out.Missing)).Bool("published", out.Published).Msg("run ended")
	return nil
}

// keepFailure remembers a run that ended before the ledger could take it, so that it is neither tried every minute nor
// for ever.
func (d *Daemon) keepFailure(due Due, start time.Time, cause error) {
	row := warehouse.Run{Job: string(due.Job), AsOf: due.AsOf, StartedAt: start, State: "failed", ExitCode: pipeline.Gravest(cause).ExitCode(), Error: cause.Error()}
	if due.Job == Monthly || due.Job == Annual {
		row.Period = due.Key
	}
	d.unrecorded = append(d.unrecorded, row)
}

// tellOnce logs a matter when it comes up, and then reports true; it is silent about it while it lasts.
func (d *Daemon) tellOnce(name string, err error, msg string) bool {
	if d.told[name] {
		return false
	}
	d.told[name] = true
	event := d.runner.Log.Error().Err(err)
	if hint := pipeline.HintOf(err); hint != "" {
		event = event.Str("do", hint)
	}
	event.Msg(msg)
	return true
}

// reload reads the configuration anew. A valid one is in force from the next run on; an invalid one changes nothing.
func (d *Daemon) reload() {
	if d.opts.Reload == nil {
		return
	}
	next, err := d.opts.Reload()
	if err == nil {
		err = next.checkTimetable(next.Clock())
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	current := d.runner
	if err == nil && next.path() != current.path() {
		err = &pipeline.Error{Kind: pipeline.KindUsage, Op: "reload", Where: next.path(), Err: errors.New("the data directory cannot change while it is served"),
			Hint: "stop the service, then start it with the new directory"}
	}
	if err != nil {
		current.Log.Error().Err(err).Str("do", pipeline.HintOf(err)).Msg("configuration refused, the former one stays in force")
		tell(d.opts.Observer.ReloadRefused, err)
		return
	}
	d.pending = next
	current.Log.Info().Str("source", next.Config.Source).Msg("configuration read, in force from the next run on")
	tell(d.opts.Observer.Reloaded, next.Config)
}

// tell calls an observer's function if there is one.
func tell[T any](fn func(T), what T) {
	if fn != nil {
		fn(what)
	}
}
