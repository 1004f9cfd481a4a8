package jobs

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"os"

	"claimsaudit/pipeline"
)

// DifferenceRow is what a statement would change, by kind and cause.
type DifferenceRow struct {
	Kind, Cause string
	Lines       int64
	Cents       int64
}

// plan does the computation of a monthly run on a copy of the warehouse and reads off what the statement would say.
// Neither the warehouse nor the inbox nor the publication is touched.
func (r *Runner) plan(ctx context.Context, req Request) (out Outcome, err error) {
	scratch := r.path("tmp", "plan.duckdb")
	defer func() {
		err = errors.Join(err, removeScratch(scratch), removeScratch(scratch+".wal"))
	}()
	if err := copyFile(r.WarehousePath(), scratch); err != nil {
		return out, err
	}
	if err := copyFile(r.WarehousePath()+".wal", scratch+".wal"); err != nil {
		return out, err
	}
	db, err := r.open(ctx, scratch)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	s := &runState{Runner: r, db: db, req: req, out: &out, isPlan: true}
	found, err := s.lookAtInbox(ctx)
	if err != nil {
		return out, err
	}
	if err := s.begin(ctx, found); err != nil {
		return out, err
	}
	if err := s.takeInAll(ctx, found); err != nil {
		return out, err
	}
	if err := s.audit(ctx); err != nil {
		return out, err
	}
	if err := s.readDifference(ctx); err != nil {
		return out, err
	}
	return out, errors.Join(s.problems...)
}

func (s *runState) readDifference(ctx context.Context) error {
	err := s.db.Query(ctx, func(rows *sql.Rows) error {
		var d DifferenceRow
		if err := rows.Scan(&d.Kind, &d.Cause, &d.Lines, &d.Cents); err != nil {
			return err
		}
		s.out.Difference = append(s.out.Difference, d)
		return nil
	}, `SELECT kind, cause, count(*), CAST(sum(amount_cents) AS BIGINT) FROM audit.statement_difference
GROUP BY kind, cause ORDER BY CASE kind WHEN 'withhold' THEN 1 WHEN 'recover' THEN 2 ELSE 3 END, cause`)
	if err != nil {
		return err
	}
	t := &s.out.Totals
	return s.db.Row(ctx, `SELECT count(*), CAST(coalesce(sum(fund_cents), 0) AS BIGINT), CAST(coalesce(sum(pay_cents), 0) AS BIGINT),
  CAST(coalesce(sum(exempt_cents), 0) AS BIGINT), CAST(coalesce(sum(review_cents), 0) AS BIGINT), CAST(coalesce(sum(withhold_cents), 0) AS BIGINT)
FROM audit.settlement_verdict WHERE period = ?`, []any{&t.Settlements, &t.Fund, &t.Pay, &t.Exempt, &t.Review, &t.Withhold}, s.periodText())
}

// copyFile copies a file that may be absent.
func copyFile(from, to string) error {
	src, err := os.Open(from)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return dataError(from, err)
	}
	defer src.Close()
	dst, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return dataError(to, err)
	}
	_, err = io.Copy(dst, src)
	if closeErr := dst.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return &pipeline.Error{Kind: pipeline.KindInternal, Op: "copy warehouse for the plan", Where: to, Err: err,
			Hint: "a plan needs as much free space as the warehouse has: free some and try again"}
	}
	return nil
}
