package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"claimsaudit/configs"
	"claimsaudit/pipeline"
	"claimsaudit/pipeline/report"
	"claimsaudit/pipeline/report/site"
	"claimsaudit/pipeline/warehouse"
)

// SitePath is the folder of the published site.
func (r *Runner) SitePath() string { return r.path("published", "site") }

// siteBuilt is where a new site is written; housekeeping removes what a killed run leaves there.
func (r *Runner) siteBuilt() string { return r.SitePath() + ".tmp" }

func (r *Runner) siteOptions() site.Options {
	o := site.Options{People: sitePeople(r.Config), Key: r.Key, DirMode: 0o700, FileMode: r.Config.Settings.PublishedMode}
	if o.FileMode&0o040 != 0 {
		o.DirMode = 0o750
	}
	return o
}

// sitePeople is what the settings let be seen of persons; the settings of a rebuilt run do not say.
func sitePeople(c *configs.Config) site.People {
	if c.Operation.Site.Practitioners == "" {
		return site.Pseudonym
	}
	return site.People(c.Operation.Site.Practitioners)
}

// beginSite writes the site from the mart at built while the caller renders the reports. end waits for it, given what
// became of the reports: after a failure of either nothing is left, and the first error is returned.
func (s *runState) beginSite(ctx context.Context, built string) (end func(error) error) {
	ctx, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	meta := s.reportMeta(s.req.Period, s.row)
	go func() { done <- s.guardedSite(ctx, built, meta) }()
	return func(err error) error {
		if err != nil {
			stop()
		}
		siteErr := <-done
		stop()
		if err == nil {
			err = siteErr
		}
		if err != nil {
			return errors.Join(err, os.RemoveAll(s.siteBuilt()))
		}
		return nil
	}
}

// guardedSite catches a panic on its own goroutine.
func (s *runState) guardedSite(ctx context.Context, mart string, meta report.Meta) (err error) {
	defer s.recoverPanic(&err)
	return s.buildSite(ctx, mart, meta)
}

func (s *runState) buildSite(ctx context.Context, path string, meta report.Meta) (err error) {
	if err := os.RemoveAll(s.siteBuilt()); err != nil { // a killed run's
		return dataError(s.siteBuilt(), err)
	}
	const least = 64 // MB; beyond it the queries spill
	mart, err := warehouse.OpenMartWithin(ctx, path, max(least, s.Config.Settings.MemoryLimitMB/6), s.path("tmp", "site"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, mart.Close()) }()
	made, err := site.Build(ctx, mart, s.siteBuilt(), meta, s.siteOptions())
	if err == nil {
		s.Log.Debug().Int("pages", made.Pages).Int64("bytes", made.Bytes).Msg("site written")
	}
	return err
}

// putSite puts the new site in place of the one that stands.
func (s *runState) putSite() error {
	if err := site.Put(s.siteBuilt(), s.SitePath()); err != nil {
		return err
	}
	s.out.Site = filepath.Join(s.SitePath(), "index.html")
	return nil
}

// mendSite makes the site of the publication that stands anew if it is missing or torn, as after a restore, or if the
// program or the settings would write another one. It is no publication: ledger and chain do not change.
func (s *runState) mendSite(ctx context.Context) error {
	run, ok, err := s.publishedRun(ctx)
	if err != nil || !ok {
		return err
	}
	if site.Stands(s.SitePath(), run.ID, run.ChainHash, s.siteOptions()) {
		return nil
	}
	var period pipeline.Period
	if Job(run.Job) == Monthly {
		if period, err = pipeline.ParsePeriod(run.Period); err != nil {
			return err
		}
	}
	if err := s.buildSite(ctx, s.PublishedPath(), s.reportMeta(period, run)); err != nil {
		return err
	}
	return s.putSite()
}

// publishedRun is the run whose publication stands.
func (s *runState) publishedRun(ctx context.Context) (run warehouse.Run, ok bool, err error) {
	err = s.db.Query(ctx, func(rows *sql.Rows) error {
		ok = true
		var finished sql.NullTime
		err := rows.Scan(&run.ID, &run.Job, &run.Period, &run.AsOf, &finished, &run.ChainHash)
		run.FinishedAt = finished.Time
		return err
	}, `SELECT run_id, job, coalesce(period, ''), as_of, finished_at, coalesce(chain_hash, '') FROM meta.run
WHERE is_published AND link_no IS NOT NULL ORDER BY link_no DESC LIMIT 1`)
	if err != nil {
		return run, false, fmt.Errorf("find the published run: %w", err)
	}
	return run, ok, nil
}
