package jobs

import (
	"context"
	"errors"
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
	Runs          []warehouse.Run
}

// Status reads the ledger; while a run is going on it reads the publication's.
func (r *Runner) Status(ctx context.Context) (s Status, err error) {
	s.QuarantineDir = r.path("quarantine")
	if info, err := os.Stat(r.PublishedPath()); err == nil {
		s.PublishedAt = info.ModTime().In(pipeline.Shanghai).Format(time.DateTime)
	}
	db, err := warehouse.OpenReadOnly(ctx, r.WarehousePath())
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
	s.Runs, err = db.Runs(ctx, 10)
	return s, err
}
