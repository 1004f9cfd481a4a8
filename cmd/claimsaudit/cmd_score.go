package main

import (
	"cmp"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"claimsaudit/configs"
	"claimsaudit/jobs"
	"claimsaudit/pipeline"
	"claimsaudit/pipeline/score"
	"claimsaudit/pipeline/warehouse"

	"github.com/spf13/cobra"
)

func (a *app) scorecardShowCommand() *cobra.Command {
	var year int
	var format string
	cmd := &cobra.Command{
		Use:   "scorecard CODE",
		Short: "The yearly scorecard of one institution, and what it can still do",
		Long: `Prints the scorecard of an institution from the published database: every indicator with its points, where
they come from and why, the total, the decision, and what the institution can still do. A missing score is
shown as the range it can come to. The state is final once "run annual" has closed it, else open: the
standing to date. A final card stays as it was decided; where claims or evidence that came since say otherwise,
the line "changed" and "today:" below the indicator show it. --format json adds for each indicator a query that
leads to the rows behind it.`,
		Example: "  claimsaudit scorecard H50010500001 --year 2024\n  claimsaudit scorecard H50010500001 --format json\n  claimsaudit scorecard test",
		Args: func(cmd *cobra.Command, args []string) error {
			if err := cobra.ExactArgs(1)(cmd, args); err != nil {
				return usageError{err}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if format != "text" && format != "json" {
				return usageError{fmt.Errorf("unknown format %q: use text or json", format)}
			}
			config, err := a.load()
			if err != nil {
				return err
			}
			db, err := warehouse.OpenMart(cmd.Context(), filepath.Join(config.Settings.Data, "published", "analyst.duckdb"))
			if err != nil {
				return err
			}
			defer db.Close()
			card, err := readCard(cmd, db, args[0], year)
			if err != nil {
				return err
			}
			if format == "json" {
				out := json.NewEncoder(a.stdout)
				out.SetIndent("", "  ")
				out.SetEscapeHTML(false)
				return out.Encode(card)
			}
			card.print(a.stdout)
			return nil
		},
	}
	cmd.Flags().IntVar(&year, "year", 0, "the year that is scored (default the latest)")
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	return cmd
}

// publishedCard is a card as it is published; points are exact decimals as text, nil where something is missing.
type publishedCard struct {
	Year       int             `json:"year"`
	Code       string          `json:"fixmedins_code"`
	Name       string          `json:"fixmedins_name"`
	Table      string          `json:"card"`
	StandsIn   bool            `json:"stands_in"`
	State      string          `json:"state"`
	FinalOn    *string         `json:"final_on"`
	Window     string          `json:"window_key"`
	Total      *string         `json:"total"`
	Lowest     string          `json:"lowest"`
	Highest    string          `json:"highest"`
	Self       *string         `json:"self_total"`
	PassMark   string          `json:"pass_mark"`
	Vetoes     *string         `json:"vetoes"`
	Missing    *string         `json:"missing"`
	Decision   string          `json:"decision"`
	Note       string          `json:"note"`
	Since      *string         `json:"differs_since"`
	Differs    *string         `json:"differs"`
	TotalNow   *string         `json:"total_now"`
	NowDecided *string         `json:"decision_now"`
	Indicators []publishedRow  `json:"indicators"`
	Steps      []publishedStep `json:"steps"`
}

type publishedRow struct {
	No       int     `json:"indicator_no"`
	Title    string  `json:"title"`
	Method   string  `json:"method"`
	Max      string  `json:"max_points"`
	Score    *string `json:"score"`
	Lowest   string  `json:"lowest"`
	Highest  string  `json:"highest"`
	Vetoed   bool    `json:"vetoed"`
	MayVeto  bool    `json:"may_veto"`
	Source   string  `json:"source"`
	Evidence string  `json:"evidence"`
	Query    *string `json:"query"`
	Self     *string `json:"self_score"`
	Since    *string `json:"differs_since"`
	ScoreNow *string `json:"score_now"`
	Now      *string `json:"evidence_now"`
}

type publishedStep struct {
	Indicator int    `json:"indicator_no"`
	Kind      string `json:"kind"`
	Gain      string `json:"gain"`
	Text      string `json:"step"`
}

func readCard(cmd *cobra.Command, db *sql.DB, code string, year int) (publishedCard, error) {
	c := publishedCard{Code: code}
	err := db.QueryRowContext(cmd.Context(), `SELECT t.year, coalesce(i.fixmedins_name, ''), t.card, t.stands_in, t.state, CAST(t.final_on AS VARCHAR), t.window_key,
  CAST(t.total AS VARCHAR), CAST(t.lowest AS VARCHAR), CAST(t.highest AS VARCHAR), CAST(t.self_total AS VARCHAR), CAST(t.pass_mark AS VARCHAR),
  t.vetoes, t.missing, t.decision, t.note, CAST(t.differs_since AS VARCHAR), t.differs, CAST(t.total_now AS VARCHAR), t.decision_now
FROM mart.scorecard_total t
LEFT JOIN mart.institution i ON i.fixmedins_code = t.fixmedins_code AND coalesce(i.valid_from <= make_date(t.year, 12, 31), true)
  AND coalesce(i.valid_to > make_date(t.year, 12, 31), true)
WHERE t.fixmedins_code = $1 AND (t.year = $2 OR $2 = 0) ORDER BY t.year DESC LIMIT 1`, code, year).
		Scan(&c.Year, &c.Name, &c.Table, &c.StandsIn, &c.State, &c.FinalOn, &c.Window, &c.Total, &c.Lowest, &c.Highest, &c.Self, &c.PassMark,
			&c.Vetoes, &c.Missing, &c.Decision, &c.Note, &c.Since, &c.Differs, &c.TotalNow, &c.NowDecided)
	if errors.Is(err, sql.ErrNoRows) {
		return c, &pipeline.Error{Kind: pipeline.KindUsage, Op: "show scorecard", Where: strings.TrimSpace(code + " " + cmp.Or(map[bool]string{true: fmt.Sprint(year)}[year != 0], "")),
			Err:  errors.New("no such scorecard is published"),
			Hint: "check code and --year; `claimsaudit query \"SELECT year, fixmedins_code, decision FROM mart.scorecard_total\"` lists them; monthly and annual runs compute them"}
	}
	if err != nil {
		return c, fmt.Errorf("read scorecard: %w", err)
	}
	if c.Indicators, err = readAll(cmd, db, `SELECT indicator_no, title, method, CAST(max_points AS VARCHAR), CAST(score AS VARCHAR), CAST(lowest AS VARCHAR),
  CAST(highest AS VARCHAR), vetoed, may_veto, source, evidence, query, CAST(self_score AS VARCHAR), CAST(differs_since AS VARCHAR),
  CAST(score_now AS VARCHAR), evidence_now
FROM mart.scorecard WHERE fixmedins_code = $1 AND year = $2 ORDER BY indicator_no`, code, c.Year, func(rows *sql.Rows, r *publishedRow) error {
		return rows.Scan(&r.No, &r.Title, &r.Method, &r.Max, &r.Score, &r.Lowest, &r.Highest, &r.Vetoed, &r.MayVeto, &r.Source, &r.Evidence, &r.Query, &r.Self,
			&r.Since, &r.ScoreNow, &r.Now)
	}); err != nil {
		return c, err
	}
	c.Steps, err = readAll(cmd, db, `SELECT indicator_no, kind, CAST(gain AS VARCHAR), step
FROM mart.scorecard_step WHERE fixmedins_code = $1 AND year = $2 ORDER BY step_no`, code, c.Year, func(rows *sql.Rows, s *publishedStep) error {
		return rows.Scan(&s.Indicator, &s.Kind, &s.Gain, &s.Text)
	})
	return c, err
}

func readAll[T any](cmd *cobra.Command, db *sql.DB, query, code string, year int, scan func(*sql.Rows, *T) error) ([]T, error) {
	rows, err := db.QueryContext(cmd.Context(), query, code, year)
	if err != nil {
		return nil, fmt.Errorf("read scorecard: %w", err)
	}
	defer rows.Close()
	all := []T{}
	for rows.Next() {
		var x T
		if err := scan(rows, &x); err != nil {
			return nil, fmt.Errorf("read scorecard: %w", err)
		}
		all = append(all, x)
	}
	return all, rows.Err()
}

// brief writes 7.00 as 7, and a range if the points are not decided.
func brief(points *string, lowest, highest string) string {
	cut := func(s string) string { return strings.TrimSuffix(strings.TrimSuffix(s, "0"), ".0") }
	if points != nil {
		return cut(*points)
	}
	return cut(lowest) + "-" + cut(highest)
}

func (c publishedCard) print(w io.Writer) {
	state := c.State
	if c.FinalOn != nil {
		state += " since " + *c.FinalOn
	}
	fmt.Fprintf(w, "%s %s, year %d, by %s\n", c.Code, c.Name, c.Year, c.Table)
	fmt.Fprintf(w, "state      %s; ratios of %s\n", state, c.Window)
	if c.StandsIn {
		fmt.Fprintf(w, "           %d has no table of its own: this one stands in, nothing becomes final\n", c.Year)
	}
	fmt.Fprintf(w, "total      %s of 100, pass mark %s", brief(c.Total, c.Lowest, c.Highest), brief(&c.PassMark, "", ""))
	if c.Self != nil {
		fmt.Fprintf(w, ", its own total %s", brief(c.Self, "", ""))
	}
	fmt.Fprintf(w, "\ndecision   %s: %s\n", c.Decision, c.Note)
	if c.Since != nil {
		fmt.Fprintf(w, "changed    since %s data or evidence say otherwise of %s: today it would be %s", *c.Since, *c.Differs, *c.NowDecided)
		if c.TotalNow != nil {
			fmt.Fprintf(w, " with %s", brief(c.TotalNow, "", ""))
		}
		fmt.Fprintf(w, "; the final card stands\n")
	}
	fmt.Fprintln(w)
	fmt.Fprintf(w, "%3s %8s %5s %5s  %-11s %s\n", "no", "score", "of", "own", "source", "indicator, and why")
	for _, r := range c.Indicators {
		score, own := brief(r.Score, r.Lowest, r.Highest), ""
		switch {
		case r.Vetoed:
			score = "VETO"
		case r.Method == "veto" && r.Score != nil:
			score = "pass"
		case r.Method == "veto":
			score = "?"
		}
		if r.Self != nil {
			own = brief(r.Self, "", "")
		}
		fmt.Fprintf(w, "%3d %8s %5s %5s  %-11s %s\n%37s%s\n", r.No, score, brief(&r.Max, "", ""), own, r.Source, r.Title, "", r.Evidence)
		if r.Now != nil {
			fmt.Fprintf(w, "%37stoday: %s\n", "", *r.Now)
		}
	}
	if len(c.Steps) > 0 {
		heading := map[bool]string{true: "what was lacking when it became final", false: "what can still be done"}[c.State == "final"]
		fmt.Fprintf(w, "\n"+heading+"\n%3s %-13s %5s\n", "no", "kind", "gain")
	}
	for _, s := range c.Steps {
		fmt.Fprintf(w, "%3d %-13s %5s  %s\n", s.Indicator, s.Kind, brief(&s.Gain, "", ""), s.Text)
	}
}

func (a *app) scorecardTestCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "test [TABLE]",
		Short: "Run the cases and the institutions scored by hand that are written inside a scorecard",
		Long: `Runs the cases written beside each indicator, and the institutions scored by hand, and prints every row that
does not come out as written. It also says what no case tries: each rule must have one at, just below and
just above its limit, one without data, and one that vetoes.

TABLE is a name below scorecards/ or the path of a file; without one it is every configured table. Ends with 2
when something differs or is not tried.`,
		Example: "  claimsaudit scorecard test institution-2025\n  claimsaudit scorecard test ./scorecards/institution-2026.yaml",
		Args: func(cmd *cobra.Command, args []string) error {
			if err := cobra.MaximumNArgs(1)(cmd, args); err != nil {
				return usageError{err}
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			config, err := a.load()
			if err != nil {
				return err
			}
			tables := config.Scorecards
			if len(args) == 1 {
				table, err := configs.LoadScorecard(a.configPath, args[0])
				if err != nil {
					return err
				}
				tables = []configs.Scorecard{table}
			}
			return a.testScorecards(tables, config.Operation.Calendar, true)
		},
	}
}

// testScorecards prints what does not come out as written, and if asked what every institution scored by hand comes to.
func (a *app) testScorecards(tables []configs.Scorecard, calendar configs.Calendar, showAll bool) error {
	failed := 0
	for i := range tables {
		table := &tables[i]
		cases, wrong := 0, score.Uncovered(table)
		for j := range table.Indicators {
			x := &table.Indicators[j]
			for _, c := range x.Cases {
				cases++
				for _, text := range score.RunCase(table, x, c, calendar.IsWorkday).Wrong {
					wrong = append(wrong, text+" in "+c.Name)
				}
			}
		}
		for _, e := range table.Examples {
			out := score.RunExample(table, e, calendar.IsWorkday)
			if showAll {
				fmt.Fprintf(a.stdout, "%s: %s\n      %s %s\n", table.Name, e.Name, out.Card.Decision, out.Card.Note)
			}
			for _, text := range out.Wrong {
				wrong = append(wrong, text+" in "+e.Name)
			}
		}
		for _, text := range wrong {
			fmt.Fprintf(a.stdout, "%s: wrong: %s\n", table.Name, text)
		}
		fmt.Fprintf(a.stdout, "scorecard %s: scores %d, %d indicators, %d cases, %d institutions scored by hand: %s\n", table.Name, table.ScoredYear,
			len(table.Indicators), cases, len(table.Examples), map[bool]string{true: "hold", false: fmt.Sprintf("%d faults", len(wrong))}[len(wrong) == 0])
		failed += len(wrong)
	}
	if failed == 0 {
		return nil
	}
	return &pipeline.Error{Kind: pipeline.KindUsage, Op: "run cases of the scorecards", Err: fmt.Errorf("%d do not come out as written, or are not tried", failed),
		Hint: "hold each line marked wrong against the notice: correct the rule, or what the case wants; add a case where none tries a limit"}
}

// printScores says how the scorecards of a run stand.
func printScores(w io.Writer, scores []jobs.ScoreYear) {
	for _, y := range scores {
		state := "open"
		switch {
		case y.StandsIn:
			state = fmt.Sprintf("open: %d has no table of its own", y.Year)
		case y.IsRunning:
			state = "open: the year has not ended"
		case y.Final+y.NewlyFinal > 0:
			state = fmt.Sprintf("final %d, %d of them by this run", y.Final+y.NewlyFinal, y.NewlyFinal)
			if y.NewlyFinal == 0 {
				state = fmt.Sprintf("final %d, unchanged", y.Final)
			}
		}
		fmt.Fprintf(w, "scorecard  %d by %s: %d institutions, %d qualified, %d unqualified, %d incomplete; %s\n", y.Year, y.Card, y.Institutions,
			y.Qualified, y.Unqualified, y.Incomplete, state)
	}
}
