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
	"time"

	"claimsaudit/configs"
	"claimsaudit/pipeline"
	"claimsaudit/pipeline/intake"
	"claimsaudit/pipeline/warehouse"

	"github.com/rs/zerolog"
)

// Job names a kind of run.
type Job string

// The jobs an operator can run.
const (
	Nightly Job = "nightly"
	Monthly Job = "monthly"
	Replay  Job = "replay"
	Plan    Job = "plan"

	Housekeeping Job = "housekeeping"
)

// Request says what to run.
type Request struct {
	Job    Job
	Period pipeline.Period // Monthly and Plan
	AsOf   time.Time       // day, 00:00 UTC; what a person decided later does not count
	Files  []string        // Replay: corrected quarantine files; none means all that were changed
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
	Period                string
	Totals                Totals
	Took                  time.Duration
	Quarantine            []string
	RefusedFiles          []string        // with the place they are kept at
	Ignored               []string        // what the inbox held beside, with the reason
	ClosedBy              string          // ClosedBefore: the month whose statement closed it
	Difference            []DifferenceRow // Plan
	Freed                 []Freed         // Housekeeping
	Notes                 []string        // Housekeeping: what could not be done, and why
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
	if !req.Period.IsZero() && req.Period.First().After(req.AsOf) {
		return out, &pipeline.Error{Kind: pipeline.KindUsage, Op: "run " + string(req.Job), Where: req.Period.String(),
			Err: fmt.Errorf("the month begins after the as-of day %s", req.AsOf.Format(time.DateOnly)), Hint: "check --period and --as-of: a statement cannot be taken back"}
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
	if err := run.settleLedger(ctx); err != nil {
		return out, err
	}
	if err := run.settleQuarantine(ctx); err != nil {
		return out, err
	}
	found, err := run.lookAtInbox(ctx)
	if err != nil {
		return out, err
	}
	err = run.carryOut(ctx, found)
	// Last of all, when nothing will change the run's row any more.
	if journalErr := run.writeJournal(context.WithoutCancel(ctx)); err == nil {
		err = journalErr
	}
	return out, err
}

// carryOut takes the deliveries in and does the job, from the run's entry in the ledger to its link of the chain.
func (s *runState) carryOut(ctx context.Context, found intake.Found) error {
	if err := s.begin(ctx, found); err != nil {
		return err
	}
	err := s.steps(ctx, found)
	if finishErr := s.finish(ctx, err); err == nil {
		err = finishErr
	}
	return err
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
	isReported bool // the month's report was made and published by an earlier run
}

func (s *runState) steps(ctx context.Context, found intake.Found) error {
	if s.req.Job == Housekeeping {
		return s.keepHouse(ctx)
	}
	if err := s.takeInAll(ctx, found); err != nil {
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
	return errors.Join(s.problems...)
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
		row.State, row.ExitCode, row.Error = "failed", pipeline.KindOf(runErr).ExitCode(), runErr.Error()
		if interrupted {
			row.State, row.ExitCode = "interrupted", pipeline.KindInterrupted.ExitCode()
		}
	}
	if s.finished { // published, but files were refused: the chain link stands
		return errors.Join(s.db.MarkRun(ctx, row), s.checkpoint(ctx))
	}
	if _, err := s.link(ctx, row); err != nil {
		return fmt.Errorf("finish run: %w", err)
	}
	return s.checkpoint(ctx)
}

// checkpoint moves what was committed from the log into the file; if that fails nothing is lost, the log stays.
func (s *runState) checkpoint(ctx context.Context) error {
	if err := s.db.Checkpoint(ctx); err != nil {
		return &pipeline.Error{Kind: pipeline.KindInternal, Op: "tidy warehouse", Where: s.WarehousePath(), Err: err,
			Hint: "see that the disk works and free space on it, then run again; what the run did is kept"}
	}
	return nil
}

// now is the wall time of the ledger: Asia/Shanghai without zone.
func (r *Runner) now() time.Time {
	t := r.Clock().In(pipeline.Shanghai)
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond()/1000*1000, time.UTC)
}
