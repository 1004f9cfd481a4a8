package jobs

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"claimsaudit/pipeline"
	"claimsaudit/pipeline/report"
	"claimsaudit/pipeline/warehouse"
)

// ScoreRequest says of which year and whose scorecards something is to be written.
type ScoreRequest struct {
	Year         int
	Institutions []string // codes; none: all, and what the centre needs of all of them
	Dir          string   // "" = the year's folder of the reports
}

// ScoreForms writes the filled table of each institution, and for the centre the workbook over all of them, as the
// publication shows them, and returns the paths. It needs no lock.
func (r *Runner) ScoreForms(ctx context.Context, req ScoreRequest) (paths []string, err error) {
	s, err := r.openScores(ctx, req, "write score forms")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.mart.Close()) }()
	if len(req.Institutions) == 0 {
		if paths, err = report.ScoreBook(ctx, s.mart, s.dir, s.meta, r.scoreTables()); err != nil {
			return nil, err
		}
	}
	forms, err := report.ScoreForms(ctx, s.mart, s.meta, r.scoreTables(), req.Institutions, scoreFormPath(s.dir, req.Year))
	return append(paths, forms...), err
}

func scoreFormPath(dir string, year int) func(string) string {
	return func(code string) string { return filepath.Join(dir, fmt.Sprintf("%s-%d.xlsx", safeName(code), year)) }
}

// scoreTables are the figures that the self-reports are held against, as the tables in use list them.
func (r *Runner) scoreTables() report.ScoreTables {
	all := report.ScoreTables{}
	for _, card := range r.Config.Scorecards {
		all[card.Name] = map[int][]string{}
		for _, x := range card.Indicators {
			for _, p := range x.Parts {
				all[card.Name][x.No] = append(all[card.Name][x.No], p.Figures...)
			}
		}
	}
	return all
}

// openedScores is the publication with the folder to write into.
type openedScores struct {
	mart *sql.DB
	meta report.Meta
	dir  string
}

// openScores refuses what nothing could be written of, and says which years there are instead.
func (r *Runner) openScores(ctx context.Context, req ScoreRequest, op string) (s openedScores, err error) {
	mart, err := warehouse.OpenMart(ctx, r.PublishedPath())
	if err != nil {
		return s, err
	}
	s = openedScores{mart: mart, dir: cmp.Or(req.Dir, r.path("reports", fmt.Sprintf("%04d", req.Year)))}
	defer func() {
		if err != nil {
			err = errors.Join(err, mart.Close())
		}
	}()
	if err := r.checkScores(ctx, mart, req, op); err != nil {
		return s, err
	}
	run, err := publishingRun(ctx, mart)
	if err != nil {
		return s, err
	}
	s.meta = r.reportMeta(pipeline.Period{}, run)
	s.meta.Year = req.Year
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return s, &pipeline.Error{Kind: pipeline.KindUsage, Op: op, Where: s.dir, Err: err,
			Hint: "give --out a folder that exists or can be made, and that this user may write"}
	}
	return s, nil
}

// publishingRun is the run that made the publication: the newest it knows.
func publishingRun(ctx context.Context, mart *sql.DB) (run warehouse.Run, err error) {
	err = mart.QueryRowContext(ctx, `SELECT run_id, as_of, finished_at, coalesce(chain_hash, '') FROM mart.run WHERE finished_at IS NOT NULL
ORDER BY finished_at DESC, run_id DESC LIMIT 1`).Scan(&run.ID, &run.AsOf, &run.FinishedAt, &run.ChainHash)
	if err != nil {
		return run, fmt.Errorf("read the publication's run: %w", err)
	}
	return run, nil
}

// checkScores says everything at once: an institution nobody knows, one without a card of that year.
func (r *Runner) checkScores(ctx context.Context, mart *sql.DB, req ScoreRequest, op string) error {
	years := map[string][]string{} // by institution
	var all []string
	err := eachRow(ctx, mart, func(rows *sql.Rows) error {
		var code, year string
		err := rows.Scan(&code, &year)
		years[code] = append(years[code], year)
		if !slices.Contains(all, year) {
			all = append(all, year)
		}
		return err
	}, `SELECT fixmedins_code, CAST(year AS VARCHAR) FROM mart.scorecard_total ORDER BY year`)
	if err != nil {
		return err
	}
	year := fmt.Sprint(req.Year)
	if !slices.Contains(all, year) {
		if err := r.Config.ScorecardYears(req.Year); err != nil {
			return err
		}
		return &pipeline.Error{Kind: pipeline.KindUsage, Op: op, Where: year, Err: fmt.Errorf("no scorecards of %s are published; %s", year, yearsText(all)),
			Hint: fmt.Sprintf("`claimsaudit run annual --year %s` computes them, monthly runs the standing to date", year)}
	}
	var problems []error
	known := map[string]bool{}
	for _, code := range req.Institutions {
		if known[code] || slices.Contains(years[code], year) {
			continue
		}
		known[code] = true
		what := fmt.Errorf("the institution has no scorecard of %s; %s", year, yearsText(years[code]))
		hint := "leave it out, or give --year one of these"
		if years[code] == nil {
			var n int64
			if err := mart.QueryRowContext(ctx, "SELECT count(*) FROM mart.institution WHERE fixmedins_code = $1", code).Scan(&n); err != nil {
				return fmt.Errorf("read institutions: %w", err)
			}
			hint = "it was not registered at the end of that year, or no table scores its type"
			if n == 0 {
				what, hint = errors.New("the registry has no such institution"), "check the code; `claimsaudit query \"SELECT fixmedins_code, fixmedins_name FROM mart.institution\"` lists them"
			}
		}
		problems = append(problems, &pipeline.Error{Kind: pipeline.KindUsage, Op: op, Where: code, Err: what, Hint: hint})
	}
	return errors.Join(problems...)
}

func yearsText(years []string) string {
	if len(years) == 0 {
		return "none of any year"
	}
	return "there are those of " + strings.Join(years, ", ")
}

func eachRow(ctx context.Context, mart *sql.DB, use func(*sql.Rows) error, query string, args ...any) (err error) {
	rows, err := mart.QueryContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("read publication: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := use(rows); err != nil {
			return fmt.Errorf("read publication: %w", err)
		}
	}
	return rows.Err()
}

// renderScores writes what `run annual` leaves behind: the centre's workbook and the table of every institution. They are
// views of the publication and take the place of those of an earlier run.
func (s *runState) renderScores(ctx context.Context, built string) (err error) {
	mart, err := warehouse.OpenMartWithin(ctx, built, s.Config.Settings.MemoryLimitMB/3, s.path("tmp", "report"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, mart.Close()) }()
	dir := s.reportDir()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return dataError(dir, err)
	}
	if err := s.removeHalfReports(); err != nil {
		return err
	}
	meta := s.reportMeta(pipeline.Period{}, s.row)
	meta.Year = s.req.Year
	if s.out.Reports, err = report.ScoreBook(ctx, mart, dir, meta, s.scoreTables()); err != nil {
		return err
	}
	s.out.ScoreForms, err = report.ScoreForms(ctx, mart, meta, s.scoreTables(), nil, scoreFormPath(dir, s.req.Year))
	return err
}

// scoreBooks is the centre's workbook of a year, if it is there.
func (s *runState) scoreBooks() []string {
	return existing(filepath.Join(s.path("reports", s.periodText()), report.ScoreBookName+s.periodText()+".xlsx"))
}
