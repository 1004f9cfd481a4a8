package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"

	"claimsaudit/pipeline"
	"claimsaudit/pipeline/warehouse"
)

// Status is what an operator sees at a glance.
type Status struct {
	PublishedAt   string // wall time, "" if never
	ClosedTo      string // latest closed month
	OpenPeriods   string
	RejectedOpen  int64
	QuarantineDir string
	Outbox        warehouse.Outbox // not known while a run is going on
	Runs          []warehouse.Run
}

// Status reads the ledger; while a run is going on it reads the publication's, which lacks that run.
func (r *Runner) Status(ctx context.Context) (s Status, err error) {
	s.QuarantineDir = r.path("quarantine")
	if info, err := os.Stat(r.PublishedPath()); err == nil {
		s.PublishedAt = info.ModTime().In(pipeline.Shanghai).Format(time.DateTime)
	}
	db, err := warehouse.OpenReadOnly(ctx, r.WarehousePath())
	if pipeline.KindOf(err) == pipeline.KindLocked {
		return s, r.publishedStatus(ctx, &s)
	}
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = db.Row(ctx, `SELECT coalesce((SELECT max(issued_in) FROM audit.statement), ''),
  coalesce((SELECT string_agg(DISTINCT period, ', ' ORDER BY period) FROM core.settlement
    WHERE period > coalesce((SELECT max(issued_in) FROM audit.statement), '')), ''),
  (SELECT count(*) FROM staging.rejected_row WHERE replayed_in IS NULL)`, []any{&s.ClosedTo, &s.OpenPeriods, &s.RejectedOpen})
	if err != nil {
		return s, err
	}
	if s.Outbox, err = db.Outbox(ctx); err != nil {
		return s, err
	}
	s.Runs, err = db.Runs(ctx, 10)
	return s, err
}

// publishedStatus fills in what the publication knows; before the first one that is nothing.
func (r *Runner) publishedStatus(ctx context.Context, s *Status) error {
	if s.PublishedAt == "" {
		return nil
	}
	mart, err := warehouse.OpenMart(ctx, r.PublishedPath())
	if err != nil {
		return err
	}
	defer mart.Close()
	err = mart.QueryRowContext(ctx, `SELECT coalesce((SELECT max(issued_in) FROM mart.statement), ''),
  coalesce((SELECT string_agg(DISTINCT period, ', ' ORDER BY period) FROM mart.settlement
    WHERE period > coalesce((SELECT max(issued_in) FROM mart.statement), '')), ''),
  (SELECT count(*) FROM mart.rejected_row WHERE replayed_in IS NULL)`).Scan(&s.ClosedTo, &s.OpenPeriods, &s.RejectedOpen)
	if err != nil {
		return fmt.Errorf("read publication: %w", err)
	}
	rows, err := mart.QueryContext(ctx, `SELECT run_id, state, started_at, finished_at FROM mart.run ORDER BY started_at DESC, run_id DESC LIMIT 10`)
	if err != nil {
		return fmt.Errorf("read publication: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var run warehouse.Run
		var finished sql.NullTime
		if err := rows.Scan(&run.ID, &run.State, &run.StartedAt, &finished); err != nil {
			return fmt.Errorf("read publication: %w", err)
		}
		run.FinishedAt = finished.Time
		s.Runs = append(s.Runs, run)
	}
	return rows.Err()
}
