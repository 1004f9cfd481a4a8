package jobs

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"claimsaudit/pipeline"
	"claimsaudit/pipeline/report"
	"claimsaudit/pipeline/warehouse"
)

// publishedFact holds the digest of what is published; reportedFact and a month the run whose report of it stands.
const (
	publishedFact = "published"
	reportedFact  = "reported "
)

// publish builds the mart beside the published file, renders the reports from it and puts it in place. A run with
// nothing new leaves the publication as it is.
func (s *runState) publish(ctx context.Context) error {
	state, err := s.publicationDigest(ctx)
	if err != nil {
		return err
	}
	reported, err := s.db.Fact(ctx, reportedFact+s.periodText())
	if err != nil {
		return err
	}
	s.isReported = reported != ""
	known, err := s.db.Fact(ctx, publishedFact)
	if err != nil {
		return err
	}
	if _, statErr := os.Stat(s.PublishedPath()); statErr == nil && known == state && s.reportsStand() {
		return s.readTotals(ctx, s.PublishedPath())
	}
	built := s.PublishedPath() + ".tmp"
	s.startProgress("publish", 0)
	defer s.endProgress()
	// The publication shows its own run, as done; the ledger says so only when the publication is in place.
	row := s.row
	row.State, row.FinishedAt, row.RowsIn = "publishing", s.now(), s.out.Rows
	s.row.FinishedAt = row.FinishedAt
	if len(s.problems) > 0 {
		row.ExitCode = pipeline.KindBadFile.ExitCode()
	}
	if row.ChainHash, err = s.link(ctx, row); err != nil {
		return err
	}
	s.row.ChainHash = row.ChainHash
	if err := s.renew(ctx, built); err != nil {
		return err
	}
	s.out.Published, s.finished = true, true
	if err := s.readTotals(ctx, s.PublishedPath()); err != nil {
		return err
	}
	row.State = "done"
	err = s.db.Tx(ctx, func() error {
		if err := s.db.MarkRun(ctx, row); err != nil {
			return err
		}
		if err := s.queueMail(ctx, nil); err != nil {
			return err
		}
		return s.notePublication(ctx, state)
	})
	s.isMailed = err == nil
	return err
}

// renew builds the mart, renders the reports from it and puts it in place. Meanwhile the warehouse is tidied; if that
// fails nothing is lost, but the database goes no further after it, so its error is the one that says why.
func (s *runState) renew(ctx context.Context, built string) (err error) {
	statement, err := s.db.StatementOf(ctx, s.periodText())
	if err != nil {
		return err
	}
	var points report.PointsMonth
	if s.req.Job == Monthly { // now: nobody else may use the warehouse while it is tidied
		if points, err = pointsMonth(ctx, s.db, &s.Config.RulePack.Points, s.points, s.req.Period, s.req.AsOf); err != nil {
			return err
		}
	}
	s.db.GiveBack(s.out.Rows)
	tidied, err := s.db.BuildMart(ctx, built)
	if err != nil {
		return err
	}
	s.db.GiveBack(s.out.Rows)
	err = s.guardedReports(ctx, built, statement, points)
	if tidyErr := tidied(); tidyErr != nil && err == nil && ctx.Err() == nil {
		err = s.untidy(tidyErr)
	}
	if err != nil {
		return err
	}
	s.keepFormer(ctx)
	return warehouse.CommitMart(built, s.PublishedPath(), s.Config.Settings.PublishedMode)
}

// guardedReports catches a panic here: the connections are still in use.
func (s *runState) guardedReports(ctx context.Context, built, statement string, points report.PointsMonth) (err error) {
	defer s.recoverPanic(&err)
	if s.req.Job == Annual {
		return s.renderScores(ctx, built)
	}
	if s.req.Job != Monthly {
		return nil
	}
	return s.renderReports(ctx, built, statement, points)
}

// notePublication records what is in place now. Call inside Tx.
func (s *runState) notePublication(ctx context.Context, state string) error {
	if s.req.Job == Monthly {
		if err := s.db.SetFact(ctx, reportedFact+s.periodText(), s.row.ID); err != nil {
			return err
		}
	}
	if err := s.db.SetFact(ctx, publishedFact, state); err != nil {
		return err
	}
	return s.db.MarkPublished(ctx, s.row.ID)
}

// publicationDigest changes whenever something the mart shows changes; the run's own row does not count.
func (s *runState) publicationDigest(ctx context.Context) (string, error) {
	h := sha256.New()
	models, err := sqlDigest()
	if err != nil {
		return "", err
	}
	key := sha256.Sum256(s.Key) // another key makes other pseudonyms
	fmt.Fprintln(h, models, s.Config.Digest, hex.EncodeToString(key[:]))
	err = s.db.Query(ctx, func(rows *sql.Rows) error {
		var text string
		if err := rows.Scan(&text); err != nil {
			return err
		}
		fmt.Fprintln(h, text)
		return nil
	}, `SELECT model || ' ' || input_digest FROM meta.model WHERE model NOT LIKE '5%' -- what a statement would say is not published
UNION ALL SELECT 'file ' || file_id FROM meta.file
UNION ALL SELECT 'statement ' || statement_no FROM audit.statement
UNION ALL SELECT 'replayed ' || count(*) FROM staging.rejected_row WHERE replayed_in IS NOT NULL
ORDER BY 1`)
	return hex.EncodeToString(h.Sum(nil)), err
}

// reportDir is where the month's report goes. The report made with the statement is what people sign and stays; a later
// run of the closed month writes its view of that day beside it.
func (s *runState) reportDir() string {
	dir := s.path("reports", s.periodText())
	if !s.isLaterView() {
		return dir
	}
	return filepath.Join(dir, "as-of-"+s.req.AsOf.Format(time.DateOnly))
}

// isLaterView reports that the month was closed and reported by an earlier run.
func (s *runState) isLaterView() bool { return s.out.ClosedBefore && s.isReported }

// reportsStand reports whether the reports of the month or the year exist, if this run is to make any.
func (s *runState) reportsStand() bool {
	if s.req.Job == Annual {
		s.out.Reports = s.scoreBooks()
		return len(s.out.Reports) > 0
	}
	if s.req.Job != Monthly {
		return true
	}
	found, err := filepath.Glob(filepath.Join(s.path("reports", s.periodText()), "claimsaudit-*.*"))
	s.out.Reports = found
	for _, name := range []string{report.PointsReportName, report.HandoverDrugName, report.HandoverHealthName} {
		s.out.ForAuthorities = append(s.out.ForAuthorities, existing(s.path("reports", s.periodText(), name+s.periodText()+".xlsx"))...)
	}
	return err == nil && len(found) > 1
}

func (s *runState) renderReports(ctx context.Context, built, statement string, points report.PointsMonth) error {
	mart, err := warehouse.OpenMartWithin(ctx, built, s.Config.Settings.MemoryLimitMB/3, s.path("tmp", "report"))
	if err != nil {
		return err
	}
	defer mart.Close()
	if err := os.MkdirAll(s.reportDir(), 0o700); err != nil {
		return dataError(s.reportDir(), err)
	}
	if err := s.removeHalfReports(); err != nil {
		return err
	}
	meta := s.reportMeta(s.req.Period, s.row)
	meta.StatementNo = statement
	if s.month, err = report.ReadMonth(ctx, mart, meta); err != nil {
		return err
	}
	if s.out.Reports, err = s.month.Write(ctx, mart, s.reportDir()); err != nil {
		return err
	}
	s.out.ForAuthorities, err = forAuthorities(ctx, mart, s.reportDir(), meta, points)
	s.hasReport = err == nil
	return err
}

// reportMeta says what a report of a run is about.
func (r *Runner) reportMeta(period pipeline.Period, run warehouse.Run) report.Meta {
	return report.Meta{Period: period, AsOf: run.AsOf, CentreName: r.Config.Settings.CentreName, RulePackTitle: r.Config.RulePack.Title,
		RunID: run.ID, ChainHash: run.ChainHash, GeneratedAt: wallTime(run.FinishedAt).Truncate(time.Second)}
}

// removeHalfReports deletes what a killed run left of a report it was writing: a file, or a folder of spilled rows.
func (s *runState) removeHalfReports() error {
	left, err := filepath.Glob(filepath.Join(s.reportDir(), ".report-*"))
	if err != nil {
		return err
	}
	for _, path := range left {
		if err := os.RemoveAll(path); err != nil {
			return dataError(path, err)
		}
	}
	return nil
}

// readTotals reads the period's amounts from the publication, so that the terminal says what the reports say.
func (s *runState) readTotals(ctx context.Context, path string) error {
	mart, err := warehouse.OpenMart(ctx, path)
	if err != nil {
		return err
	}
	defer mart.Close()
	t := &s.out.Totals
	return mart.QueryRowContext(ctx, `SELECT coalesce(sum(settlements), 0)::BIGINT, coalesce(sum(lines), 0)::BIGINT,
  coalesce(sum(fund_yuan) * 100, 0)::BIGINT, coalesce(sum(pay_yuan) * 100, 0)::BIGINT, coalesce(sum(exempt_yuan) * 100, 0)::BIGINT,
  coalesce(sum(review_yuan) * 100, 0)::BIGINT, coalesce(sum(withhold_yuan) * 100, 0)::BIGINT,
  coalesce(sum(recover_yuan) * 100, 0)::BIGINT, coalesce(sum(release_yuan) * 100, 0)::BIGINT
FROM mart.institution_period WHERE starts_with(period, ?)`, s.periodText()).Scan( // a month, the months of a year, or all
		&t.Settlements, &t.Lines, &t.Fund, &t.Pay, &t.Exempt, &t.Review, &t.Withhold, &t.Recover, &t.Release)
}
