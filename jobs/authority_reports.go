package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"claimsaudit/pipeline"
	"claimsaudit/pipeline/report"
	"claimsaudit/pipeline/warehouse"
)

// forAuthorities writes everything a month has for other authorities.
func forAuthorities(ctx context.Context, mart *sql.DB, dir string, meta report.Meta, points report.PointsMonth) ([]string, error) {
	monthly, err := report.Points(ctx, mart, dir, meta, points)
	if err != nil {
		return nil, err
	}
	lists, err := report.Handover(ctx, dir, meta, points)
	return append(monthly, lists...), err
}

// PointsReport writes the month's report to the upper level (Art. 45) as the last run knows it and returns its path. It
// goes to dir, "" for the folder of the month's reports. Nothing but the file is written.
func (r *Runner) PointsReport(ctx context.Context, period pipeline.Period, dir string) ([]string, error) {
	return r.authorityReport(ctx, period, dir, report.Points)
}

// Handover writes the month's lists for the health and the drug authority (Art. 4 to 6), like PointsReport.
func (r *Runner) Handover(ctx context.Context, period pipeline.Period, dir string) ([]string, error) {
	return r.authorityReport(ctx, period, dir, func(ctx context.Context, _ *sql.DB, dir string, meta report.Meta, points report.PointsMonth) ([]string, error) {
		return report.Handover(ctx, dir, meta, points)
	})
}

type authorityWriter func(ctx context.Context, mart *sql.DB, dir string, meta report.Meta, points report.PointsMonth) ([]string, error)

// authorityReport holds the warehouse open until the files are there, so that no run can begin meanwhile.
func (r *Runner) authorityReport(ctx context.Context, period pipeline.Period, dir string, write authorityWriter) (paths []string, err error) {
	for _, path := range []string{r.WarehousePath(), r.PublishedPath()} {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, nothingRan(path)
		}
	}
	db, err := warehouse.OpenReadOnly(ctx, r.WarehousePath())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	run, err := lastAudit(ctx, db)
	if err != nil {
		return nil, err
	}
	if run.ID == "" {
		return nil, nothingRan(r.WarehousePath())
	}
	if period.First().After(run.AsOf) {
		return nil, &pipeline.Error{Kind: pipeline.KindUsage, Op: "report points", Where: period.String(),
			Err:  fmt.Errorf("the month begins after %s, the as-of day of the last run", run.AsOf.Format(time.DateOnly)),
			Hint: "check --period; `claimsaudit run nightly` brings the record up to today"}
	}
	files, err := readPoints(ctx, db)
	if err != nil {
		return nil, fmt.Errorf("read points record: %w", err)
	}
	points, err := pointsMonth(ctx, db, &r.Config.RulePack.Points, files, period, run.AsOf)
	if err != nil {
		return nil, err
	}
	if dir == "" {
		if dir, err = r.monthDir(ctx, db, period, run.AsOf); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, &pipeline.Error{Kind: pipeline.KindUsage, Op: "make report folder", Where: dir, Err: err,
			Hint: "give --out a folder that exists or can be made, and that this user may write"}
	}
	mart, err := warehouse.OpenMart(ctx, r.PublishedPath())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, mart.Close()) }()
	return write(ctx, mart, dir, r.reportMeta(period, run), points)
}

func nothingRan(path string) error {
	return &pipeline.Error{Kind: pipeline.KindUsage, Op: "report points", Where: path, Err: errors.New("nothing has run yet"),
		Hint: "`claimsaudit run nightly` takes in what lies in the inbox; or give the right --data"}
}

// monthDir is the month's folder until a run has reported the month: that report stays, a later view goes beside it.
func (r *Runner) monthDir(ctx context.Context, db *warehouse.DB, period pipeline.Period, asOf time.Time) (string, error) {
	dir := r.path("reports", period.String())
	reported, err := db.Fact(ctx, reportedFact+period.String())
	if err == nil && reported != "" {
		dir = filepath.Join(dir, "as-of-"+asOf.Format(time.DateOnly))
	}
	return dir, err
}

// lastAudit is the newest run that brought the record up to its as-of day; without one its ID is "".
func lastAudit(ctx context.Context, db *warehouse.DB) (warehouse.Run, error) {
	runs, err := db.Runs(ctx, 1<<20)
	if err != nil {
		return warehouse.Run{}, err
	}
	at := slices.IndexFunc(runs, func(run warehouse.Run) bool {
		job := Job(run.Job)
		return (job == Nightly || job == Monthly || job == Annual || job == Replay) && !run.FinishedAt.IsZero() && slices.Contains(standing, run.ExitCode)
	})
	if at < 0 {
		return warehouse.Run{}, nil
	}
	return runs[at], nil
}

// standing are the exit codes of runs that did their work.
var standing = []int{0, pipeline.KindBadFile.ExitCode(), pipeline.KindUndelivered.ExitCode(), pipeline.KindMissingFile.ExitCode()}

// existing are those of the paths that are there.
func existing(paths ...string) (found []string) {
	for _, path := range paths {
		if _, err := os.Stat(path); err == nil {
			found = append(found, path)
		}
	}
	return found
}
