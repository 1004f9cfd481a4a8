// Package jobs says what runs, in which order, and what it leaves behind. A
// run holds the data directory's lock, takes deliveries in, audits, closes the
// month if asked, renders and publishes. Its state is in the warehouse: a run
// that was cut off is taken up again by the next one, step by step, and a run
// with nothing new changes nothing.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"claimsaudit/configs"
	"claimsaudit/pipeline"
	"claimsaudit/pipeline/intake"
	"claimsaudit/pipeline/report"
	"claimsaudit/pipeline/warehouse"

	"github.com/rs/zerolog"
)

// Job names a kind of run.
type Job string

// The jobs an operator can run.
const (
	Nightly      Job = "nightly"
	Monthly      Job = "monthly"
	Annual       Job = "annual"
	Deliver      Job = "deliver" // sends what waits in the outbox, nothing else
	Housekeeping Job = "housekeeping"
	Replay       Job = "replay"
	Plan         Job = "plan"
)

// Request says what to run.
type Request struct {
	Job    Job
	Period pipeline.Period // Monthly and Plan
	Year   int             // Annual
	AsOf   time.Time       // day, 00:00 UTC; what a person decided later does not count
	Files  []string        // Replay: corrected quarantine files; none means all that were changed
	Alarms []Alarm         // Deliver: to be mailed first
	Now    bool            // Deliver: also to whom the next attempt would come later
}

// Outcome is what a run did, for the operator's eyes.
type Outcome struct {
	RunID                 string
	Files, NoOps, Refused int
	Rows, Rejected        int64
	Models                int // models recomputed
	Published             bool
	Statement             *warehouse.Statement // issued by this run
	ClosedBefore          bool                 // the month had been closed by an earlier run
	Reports               []string
	ForAuthorities        []string // reports with names in full: points of the month, lists to hand over
	Period                string
	Totals                Totals
	Took                  time.Duration
	Quarantine            []string
	RefusedFiles          []string        // with the place they are kept at
	Ignored               []string        // what the inbox held beside, with the reason
	LaterDay              string          // the last run's as-of day if it is after this one's: the publication goes back
	ClosedBy              string          // ClosedBefore: the month whose statement closed it
	Difference            []DifferenceRow // Plan
	Freed                 []Freed         // Housekeeping
	Notes                 []string        // Housekeeping: what could not be done, and why
	Missing               []string        // expected deliveries that are overdue, with the day they were due
	Mail                  Delivery
	Scores                []ScoreYear // Monthly and Annual: by year, institutions before pharmacies
	ScoreForms            []string    // Annual: the filled table of each institution
}

// Totals are the amounts of one period in cents.
type Totals struct {
	Settlements, Lines                  int64
	Fund, Pay, Exempt, Review, Withhold int64
	Recover, Release                    int64
}

// Progress is told how far a step is; the command line draws it.
type Progress interface {
	Start(step string, total int64)
	Add(n int64)
	Done()
}

// Runner holds what every job needs.
type Runner struct {
	Config   *configs.Config
	Key      []byte
	Clock    pipeline.Clock
	Log      zerolog.Logger
	Progress Progress
	Settle   func(context.Context) error // waits between two looks at the inbox
	outbox   outboxGlance
}

// Paths of the data directory.
func (r *Runner) path(parts ...string) string {
	return filepath.Join(append([]string{r.Config.Settings.Data}, parts...)...)
}

// WarehousePath is the working database, which only runs open.
func (r *Runner) WarehousePath() string { return r.path("warehouse.duckdb") }

// PublishedPath is the database analysts read.
func (r *Runner) PublishedPath() string { return r.path("published", "analyst.duckdb") }

// Run does one job from lock to publication. The error carries the kind that picks the exit code; the outcome is
// filled as far as the run came.
func (r *Runner) Run(ctx context.Context, req Request) (out Outcome, err error) {
	start := r.Clock()
	defer r.recoverPanic(&err) // the last net: what follows a panic below leaves no lock and no half transaction
	if err := req.check(); err != nil {
		return out, err
	}
	if err := r.checkScored(req); err != nil {
		return out, err
	}
	if req.Job == Deliver {
		return r.runDeliver(ctx, req)
	}
	if err := os.MkdirAll(r.path(), 0o700); err != nil {
		return out, dataError(r.path(), err)
	}
	release, err := acquireLock(ctx, r.path("run.lock"), string(req.Job), start)
	if err != nil {
		return out, err
	}
	defer release()
	if err := r.prepareData(); err != nil {
		return out, err
	}
	if req.Job == Plan {
		return r.plan(ctx, req)
	}
	db, err := r.open(ctx, r.WarehousePath())
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	out, err = r.runOn(ctx, db, req)
	out.Took = r.Clock().Sub(start)
	return out, err
}

// check refuses a month or year that has not begun: a statement cannot be taken back.
func (req Request) check() error {
	if !req.Period.IsZero() && req.Period.First().After(req.AsOf) {
		return &pipeline.Error{Kind: pipeline.KindUsage, Op: "run " + string(req.Job), Where: req.Period.String(),
			Err: fmt.Errorf("the month begins after the as-of day %s", req.AsOf.Format(time.DateOnly)), Hint: "check --period and --as-of: a statement cannot be taken back"}
	}
	if req.Job == Annual && req.Year > req.AsOf.Year() {
		return &pipeline.Error{Kind: pipeline.KindUsage, Op: "run " + string(req.Job), Where: fmt.Sprint(req.Year),
			Err: fmt.Errorf("the year begins after the as-of day %s", req.AsOf.Format(time.DateOnly)), Hint: "check --year and --as-of"}
	}
	return nil
}

// checkScored refuses the clearing of a year that no table scores. Who uses no scorecards may clear any year.
func (r *Runner) checkScored(req Request) error {
	if req.Job != Annual || len(r.Config.Scorecards) == 0 {
		return nil
	}
	return r.Config.ScorecardYears(req.Year)
}

// recoverPanic makes a panic the run's error: it must not take the daemon down, and whoever looks needs the stack.
func (r *Runner) recoverPanic(err *error) {
	if p := recover(); p != nil {
		r.Log.Error().Str("panic", fmt.Sprint(p)).Bytes("stack", debug.Stack()).Msg("panic: report this message")
		*err = errors.Join(*err, &pipeline.Error{Kind: pipeline.KindInternal, Op: "panic", Err: fmt.Errorf("%v", p),
			Hint: "a fault of the program: report the log; finished steps are kept"})
	}
}

// open waits a few seconds for a reader such as explain: no other run can have the file, this one holds the lock.
func (r *Runner) open(ctx context.Context, path string) (db *warehouse.DB, err error) {
	err = patiently(ctx, func() error {
		db, err = warehouse.Open(ctx, r.warehouseOptions(path))
		return err
	})
	return db, err
}

// patiently tries again for a few seconds while a reader has the warehouse.
func patiently(ctx context.Context, open func() error) error {
	for try := 1; ; try++ {
		err := open()
		if pipeline.KindOf(err) != pipeline.KindLocked || try == 20 {
			return err
		}
		select {
		case <-ctx.Done():
			return interrupted("open warehouse", ctx.Err())
		case <-time.After(250 * time.Millisecond):
		}
	}
}

func (r *Runner) warehouseOptions(path string) warehouse.Options {
	return warehouse.Options{Path: path, TempDir: r.path("tmp", "spill"), MemoryLimitMB: r.Config.Settings.MemoryLimitMB,
		Threads: r.Config.Settings.Threads, Key: r.Key}
}

// prepareData needs the lock: tmp may be another run's.
func (r *Runner) prepareData() error {
	// What a killed run left unpacked is of no use to anyone.
	if err := os.RemoveAll(r.path("tmp")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return dataError(r.path("tmp"), err)
	}
	compacting := warehouse.CompactingPath(r.WarehousePath())
	if err := errors.Join(removeScratch(compacting), removeScratch(compacting+".wal")); err != nil {
		return err
	}
	dirs := []string{r.path("archive"), r.path("tmp"), r.path("quarantine"), r.path("reports"), r.path("published")}
	if inside, err := filepath.Rel(r.path(), r.Config.Settings.Inbox); err == nil && filepath.IsLocal(inside) {
		dirs = append(dirs, r.Config.Settings.Inbox) // one elsewhere must exist: a wrong path must not pass for an empty inbox
	}
	for _, dir := range dirs {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return dataError(dir, err)
		}
	}
	return r.openPublished()
}

// openPublished lets the group through to the publication if its mode says that the group may read it.
func (r *Runner) openPublished() error {
	data, published := os.FileMode(0o700), os.FileMode(0o700)
	if r.Config.Settings.PublishedMode&0o040 != 0 {
		data, published = 0o710, 0o750
	}
	if err := os.Chmod(r.path(), data); err != nil {
		return dataError(r.path(), err)
	}
	if err := os.Chmod(r.path("published"), published); err != nil {
		return dataError(r.path("published"), err)
	}
	if err := os.Chmod(r.historyDir(), published); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return dataError(r.historyDir(), err)
	}
	return nil
}

func dataError(path string, err error) error {
	return &pipeline.Error{Kind: pipeline.KindUsage, Op: "prepare data directory", Where: path, Err: err,
		Hint: "see that the directory of --data exists, is writable by this user and has free space"}
}

// runOn does the job on an open warehouse.
func (r *Runner) runOn(ctx context.Context, db *warehouse.DB, req Request) (out Outcome, err error) {
	run := &runState{Runner: r, db: db, req: req, out: &out}
	err = run.work(ctx)
	if sendErr := run.deliverOwn(ctx); sendErr != nil {
		err = errors.Join(err, sendErr, run.markUndelivered(ctx, err, sendErr))
	}
	if run.row.ID == "" { // it did not come to be a run
		return out, err
	}
	// Last of all, when nothing will change the run's row any more.
	if journalErr := run.writeJournal(context.WithoutCancel(ctx)); journalErr != nil {
		err = errors.Join(err, journalErr)
	}
	return out, err
}

// work does the job and writes into the ledger how it ended.
func (s *runState) work(ctx context.Context) error {
	if err := s.settle(ctx); err != nil {
		return errors.Join(err, s.mailFault(ctx, err))
	}
	found, err := s.look(ctx)
	if err != nil && (ctx.Err() != nil || s.req.Job == Replay) { // stopped, or whoever typed it mistyped a name
		return err
	}
	return s.carryOut(ctx, found, err)
}

// carryOut takes the deliveries in and does the job, from the run's entry in the ledger to its link of the chain. A look
// at the inbox that failed is a failed run: the timetable must know that it was tried.
func (s *runState) carryOut(ctx context.Context, found intake.Found, lookErr error) error {
	if err := s.begin(ctx, found); err != nil {
		err = errors.Join(lookErr, err)
		return errors.Join(err, s.mailFault(ctx, err))
	}
	err := lookErr
	if err == nil {
		err = s.guardedSteps(ctx, found)
	}
	if finishErr := s.finish(ctx, err); err == nil {
		err = finishErr
	}
	return err
}

// settle completes what a killed run left.
func (s *runState) settle(ctx context.Context) (err error) {
	defer s.recoverPanic(&err)
	if err := s.settleLedger(ctx); err != nil {
		return err
	}
	return s.settleQuarantine(ctx)
}

// mailFault tells of a machine that cannot even begin: there is no run to speak of, but it must not be silent. To be
// stopped is no fault.
func (s *runState) mailFault(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return s.db.Tx(ctx, func() error { return s.queueMail(ctx, err) })
}

// look finds out what there is to do.
func (s *runState) look(ctx context.Context) (found intake.Found, err error) {
	defer s.recoverPanic(&err)
	return s.lookAtInbox(ctx)
}

// markUndelivered corrects the ledger: what the run made stands and did not reach everyone.
func (s *runState) markUndelivered(ctx context.Context, runErr, sendErr error) error {
	if s.row.ID == "" || !pipeline.Stands(runErr) || pipeline.KindOf(sendErr) != pipeline.KindUndelivered {
		return nil
	}
	both := errors.Join(runErr, sendErr)
	s.row.State, s.row.ExitCode, s.row.Error = "failed", pipeline.Gravest(both).ExitCode(), both.Error()
	return s.db.MarkRun(context.WithoutCancel(ctx), s.row)
}

// runState is one run under way.
type runState struct {
	*Runner
	db         *warehouse.DB
	req        Request
	out        *Outcome
	row        warehouse.Run
	problems   []error         // files that were refused: the run goes on and ends with 3
	takenAt    time.Time       // when the delivery at hand was looked at
	only       map[string]bool // rebuild: the models that the recorded run computed; nil is all
	onModel    func(string)    // rebuild: told of every model before it runs; nil outside
	isPlan     bool
	finished   bool
	overdue    error // expected deliveries that did not come: the run goes on and ends with 6
	isReported bool  // the month's report was made and published by an earlier run
	hasReport  bool  // this run made one
	month      *report.Month
	isMailed   bool // what it has to tell is in the outbox
	points     []pointsFile
	notices    string // stands for core.points_notice
}

// guardedSteps catches a panic before the run's end is written, so that the ledger says what happened.
func (s *runState) guardedSteps(ctx context.Context, found intake.Found) (err error) {
	defer s.recoverPanic(&err)
	return s.steps(ctx, found)
}

func (s *runState) steps(ctx context.Context, found intake.Found) error {
	if s.req.Job == Housekeeping {
		return s.keepHouse(ctx)
	}
	if err := s.takeInAll(ctx, found); err != nil {
		return err
	}
	if err := s.lookForExpected(ctx); err != nil {
		return err
	}
	if err := s.warnOfEarlierDay(ctx); err != nil {
		return err
	}
	if err := s.audit(ctx); err != nil {
		return err
	}
	if err := s.closeMonth(ctx); err != nil {
		return err
	}
	if err := s.publish(ctx); err != nil {
		return err
	}
	return errors.Join(append(s.problems, s.overdue)...)
}

// finish writes the run's end into the ledger unless publishing has done so, also when ctx is over.
func (s *runState) finish(ctx context.Context, runErr error) error {
	interrupted := ctx.Err() != nil
	ctx = context.WithoutCancel(ctx)
	if s.finished && runErr == nil {
		return s.checkpoint(ctx)
	}
	row := s.row
	row.FinishedAt, row.RowsIn = s.now(), s.out.Rows
	row.State = "done"
	if runErr != nil {
		kind := pipeline.Gravest(runErr)
		row.ExitCode, row.Error = kind.ExitCode(), runErr.Error()
		if kind != pipeline.KindMissingFile { // what is missing was not this run's to do
			row.State = "failed"
		}
		if interrupted {
			row.State, row.ExitCode = "interrupted", pipeline.KindInterrupted.ExitCode()
		}
	}
	err := s.db.Tx(ctx, func() (err error) {
		if s.finished { // published, but files were refused: the chain link stands
			err = s.db.MarkRun(ctx, row)
		} else {
			s.row.ChainHash, err = s.link(ctx, row)
		}
		if err != nil || s.isMailed || interrupted {
			return err
		}
		return s.queueMail(ctx, runErr)
	})
	if err != nil {
		return fmt.Errorf("finish run: %w", err)
	}
	return s.checkpoint(ctx)
}

// checkpoint moves what was committed from the log into the file; if that fails nothing is lost, the log stays.
func (s *runState) checkpoint(ctx context.Context) error {
	if err := s.db.Checkpoint(ctx); err != nil {
		return s.untidy(err)
	}
	return nil
}

func (s *runState) untidy(err error) error {
	return &pipeline.Error{Kind: pipeline.KindInternal, Op: "tidy warehouse", Where: s.WarehousePath(), Err: err,
		Hint: "see that the disk works and free space on it, then run again; what the run did is kept"}
}

// now is the wall time of the ledger: Asia/Shanghai without zone.
func (r *Runner) now() time.Time {
	t := r.Clock().In(pipeline.Shanghai)
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond()/1000*1000, time.UTC)
}
