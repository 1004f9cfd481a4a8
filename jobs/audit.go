package jobs

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"sort"
	"strings"
	"time"

	"claimsaudit/configs"
	"claimsaudit/pipeline"
	"claimsaudit/pipeline/register"
	"claimsaudit/pipeline/transform"
	"claimsaudit/pipeline/warehouse"
)

// audit recomputes every model whose inputs changed.
func (s *runState) audit(ctx context.Context) error {
	feeds, err := s.db.FeedTokens(ctx)
	if err != nil {
		return err
	}
	target, err := s.statementTarget(ctx)
	if err != nil {
		return err
	}
	windows, err := s.ratioWindows(ctx)
	if err != nil {
		return err
	}
	final, err := s.finalYears(ctx)
	if err != nil {
		return err
	}
	years := s.scoreYears(windows, s.out.ClosedBy, final)
	if err := s.writeReference(ctx, target, windows, years); err != nil {
		return err
	}
	blocks, err := s.keepPoints(ctx)
	if err != nil {
		return err
	}
	reviews, err := s.reviewsInForce(ctx)
	if err != nil {
		return err
	}
	statement := fmt.Sprintf("%s %d %s", target.IssuedIn, target.LastFileID, target.AsOf.Format(time.DateOnly))
	in := transform.Input{RunID: s.row.ID, Feeds: feeds, Settings: s.Config.ModelsDigest(), Clock: s.now, Step: s.modelStep, Only: s.only,
		Params: map[string]string{
			"effective_from_day": s.Config.RulePack.EffectiveFrom.Format(time.DateOnly),
			"reviews_in_force":   reviews,
			"as_of_day":          s.req.AsOf.Format(time.DateOnly),
			"statement":          statement,
			"ratio_windows":      fmt.Sprint(windows),
			// The ledger of statements only grows, and a statement is named by its month.
			"audit.statement_line": target.No,
			// A new day on which nobody's block changes recomputes no verdict.
			"core.points_block": blocks,
			"score_years":       fmt.Sprint(years),
		}}
	layers := append([]string{}, transform.AuditLayers...)
	if len(windows) > 0 {
		layers = append(layers, transform.RatioLayers...)
	}
	if s.req.Job == Monthly || s.req.Job == Plan {
		layers = append(layers, transform.StatementLayers...)
	}
	ran, err := transform.Run(ctx, s.db, in, layers...)
	s.out.Models += ran
	if err != nil {
		return err
	}
	if err := s.keepToday(ctx); err != nil {
		return err
	}
	if err := s.computeFigures(ctx, in); err != nil {
		return err
	}
	return s.keepScores(ctx, feeds, years)
}

// warnOfEarlierDay says that the publication is going to show a day before the one it shows: deadlines, totals and whoever
// is blocked are those of the run's day, not of today.
func (s *runState) warnOfEarlierDay(ctx context.Context) error {
	var last sql.NullInt32
	if err := s.db.Row(ctx, "SELECT max(as_of_day) FROM ref.run", []any{&last}); err != nil {
		return fmt.Errorf("read the last run's day: %w", err)
	}
	if !s.isPlan && last.Valid && register.Day(last.Int32) > register.DayOf(s.req.AsOf) {
		s.out.LaterDay = register.Day(last.Int32).String()
		s.Log.Warn().Str("as_of", s.req.AsOf.Format(time.DateOnly)).Str("last_as_of", s.out.LaterDay).
			Msg("the as-of day is before the last run's: the publication shows the earlier day until a run of a later one")
	}
	return nil
}

func (s *runState) modelStep(model string, rows int64, took time.Duration) {
	if rows < 0 {
		s.startProgress("compute "+model, 0)
		if s.onModel != nil {
			s.onModel(model)
		}
		return
	}
	s.endProgress()
	s.Log.Debug().Str("model", model).Int64("rows", rows).Dur("took", took).Msg("computed")
}

// statementTarget is what a statement of this run would build on: IssuedIn is the month it would close, No, AsOf and
// LastFileID are those of the latest statement.
func (s *runState) statementTarget(ctx context.Context) (warehouse.Statement, error) {
	latest, ok, err := s.db.LatestStatement(ctx)
	if err != nil {
		return latest, err
	}
	if !ok {
		latest.AsOf = time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	s.out.ClosedBefore = ok && !s.req.Period.IsZero() && s.req.Period.String() <= latest.IssuedIn
	s.out.ClosedBy = latest.IssuedIn
	switch {
	case s.out.ClosedBefore: // its news wait for the next month's statement
		closed, err := pipeline.ParsePeriod(latest.IssuedIn)
		if err != nil {
			return latest, err
		}
		latest.IssuedIn = closed.Add(1).String()
	default:
		latest.IssuedIn = s.monthText()
	}
	return latest, nil
}

// ratioWindow is one window of contract section 5.
type ratioWindow struct {
	Kind, Key, First, Last string
	Months                 int
	LastDay                int32
}

// ratioWindows are the windows this run computes: month and year to date of its own month and of every month that is
// not closed, and the whole years they lie in. Keys of closed months stay as computed.
func (s *runState) ratioWindows(ctx context.Context) ([]ratioWindow, error) {
	months := map[pipeline.Period]bool{}
	if !s.req.Period.IsZero() {
		months[s.req.Period] = true
	}
	err := s.db.Query(ctx, func(rows *sql.Rows) error {
		var text string
		if err := rows.Scan(&text); err != nil {
			return err
		}
		p, err := pipeline.ParsePeriod(text)
		months[p] = true
		return err
	}, `SELECT DISTINCT period FROM core.settlement_delivered
WHERE period > coalesce((SELECT max(issued_in) FROM audit.statement), '')`)
	if err != nil {
		return nil, err
	}
	return windowsOf(months, s.clearedTo(s.out.ClosedBy)), nil
}

// clearedTo is the month up to which the yearly clearing looks, none for other jobs: December, or while the year still
// runs the latest month that has ended or is closed. A month that has only begun would be held to uploads it still has time for.
func (s *runState) clearedTo(latestClosed string) pipeline.Period {
	if s.req.Job != Annual {
		return pipeline.Period{}
	}
	to := pipeline.Period{Year: s.req.Year, Month: time.December}
	closed, err := pipeline.ParsePeriod(latestClosed)
	for to.Month > time.January && to.Last().After(s.req.AsOf) && (err != nil || to.First().After(closed.First())) {
		to = to.Add(-1)
	}
	return to
}

// windowsOf lists the windows of the months in order. The yearly clearing adds the year and what its last month's year to
// date says, although the month is closed: what came late belongs to the year that is scored.
func windowsOf(months map[pipeline.Period]bool, clearing pipeline.Period) []ratioWindow {
	var windows []ratioWindow
	years := map[int]bool{}
	toDate := func(p pipeline.Period) ratioWindow {
		january := pipeline.Period{Year: p.Year, Month: time.January}
		return ratioWindow{"ytd", p.String(), january.String(), p.String(), int(p.Month), pipeline.EpochDay(p.Last())}
	}
	for p := range months {
		windows = append(windows, ratioWindow{"month", p.String(), p.String(), p.String(), 1, pipeline.EpochDay(p.Last())}, toDate(p))
		years[p.Year] = true
	}
	if !clearing.IsZero() {
		years[clearing.Year] = true
		if !months[clearing] {
			windows = append(windows, toDate(clearing))
		}
	}
	for year := range years {
		december := pipeline.Period{Year: year, Month: time.December}
		whole := toDate(december)
		whole.Kind, whole.Key = "year", fmt.Sprintf("%04d", year)
		windows = append(windows, whole)
	}
	sort.Slice(windows, func(i, j int) bool {
		return windows[i].Kind+windows[i].Key < windows[j].Kind+windows[j].Key
	})
	return windows
}

// writeReference fills schema ref from the configuration and the run.
func (s *runState) writeReference(ctx context.Context, target warehouse.Statement, windows []ratioWindow, years []scoreYear) error {
	pack := s.Config.RulePack
	tables := map[string][][]any{
		"ref.rule":            ruleRows(pack.Rules),
		"ref.role":            roleRows(pack.Roles),
		"ref.emergency_test":  emergencyRows(pack.EmergencyTests),
		"ref.ratio":           ratioRows(pack.Ratios),
		"ref.ratio_threshold": thresholdRows(s.Config.Thresholds),
		"ref.ratio_window":    nil,
		"ref.share":           {{pack.Points.Share.Percent, pack.Points.Share.Comparison, pack.Points.Share.Article}},
		"ref.run": {{pipeline.EpochDay(s.req.AsOf), pipeline.EpochDay(pack.EffectiveFrom), target.IssuedIn, target.LastFileID,
			pipeline.EpochDay(target.AsOf)}},
	}
	s.addFigureReference(tables, years)
	for _, w := range windows {
		tables["ref.ratio_window"] = append(tables["ref.ratio_window"], []any{w.Kind, w.Key, w.First, w.Last, w.Months, w.LastDay})
	}
	return s.db.Tx(ctx, func() error {
		for name, rows := range tables {
			if err := s.db.ReplaceRows(ctx, name, rows); err != nil {
				return err
			}
		}
		return nil
	})
}

func ruleRows(rules []configs.Rule) (rows [][]any) {
	for _, r := range rules {
		rows = append(rows, []any{r.No, r.Name, r.Title, r.Action, r.Article, r.Reason, r.LiftedByEmergency})
	}
	return rows
}

// roleRows adds the principal, whose role is not a matter of the rule pack: only rule 403 looks at it.
func roleRows(roles []string) (rows [][]any) {
	order := map[string]int{"bilg_dr": 1, "orders_dr": 2}
	for _, r := range roles {
		rows = append(rows, []any{r, order[r]})
	}
	return append(rows, []any{"principal", 3})
}

func emergencyRows(tests []configs.EmergencyTest) (rows [][]any) {
	for _, t := range tests {
		for _, v := range t.Values {
			rows = append(rows, []any{t.Order, t.Name, v})
		}
	}
	return rows
}

func ratioRows(ratios []configs.Ratio) (rows [][]any) {
	for _, r := range ratios {
		rows = append(rows, []any{r.No, r.Name, r.Title, r.DenominatorPerMonth})
	}
	return rows
}

func thresholdRows(thresholds []configs.Threshold) (rows [][]any) {
	for _, t := range thresholds {
		rows = append(rows, []any{t.RatioNo, t.FixmedinsType, t.Percent})
	}
	return rows
}

// reviewsInForce stands for the decisions that count on the as-of day, so that a day on which none begins or ends
// recomputes nothing.
func (s *runState) reviewsInForce(ctx context.Context) (string, error) {
	h := sha256.New()
	err := s.db.Query(ctx, func(rows *sql.Rows) error {
		var no string
		if err := rows.Scan(&no); err != nil {
			return err
		}
		fmt.Fprintf(h, "%q\n", no)
		return nil
	}, `SELECT v.review_no FROM core.review v CROSS JOIN ref.run p
WHERE v.decided_day <= p.as_of_day AND coalesce(v.expires_day, 2932896) >= p.as_of_day ORDER BY v.review_no`)
	return hex.EncodeToString(h.Sum(nil)), err
}

// closeMonth issues the statement of a month that is not closed yet.
func (s *runState) closeMonth(ctx context.Context) error {
	if s.req.Job != Monthly || s.out.ClosedBefore {
		return nil
	}
	if err := s.refuseFutureMonth(ctx); err != nil {
		return err
	}
	id, err := s.db.NextFileID(ctx)
	if err != nil {
		return err
	}
	statement, err := s.db.IssueStatement(ctx, warehouse.Statement{
		No: s.statementNo(s.req.Period), IssuedIn: s.req.Period.String(), RunID: s.row.ID, AsOf: s.req.AsOf, LastFileID: id - 1,
	})
	if err != nil {
		return err
	}
	s.out.Statement = &statement
	s.Log.Info().Str("statement", statement.No).Int64("lines", statement.Lines).Msg("month closed")
	return nil
}

// refuseFutureMonth keeps a mistyped year from closing every month before it: an empty month as of a day that has not come
// is closed by nobody on purpose, and a statement cannot be taken back.
func (s *runState) refuseFutureMonth(ctx context.Context) error {
	if !s.req.AsOf.After(s.now()) {
		return nil
	}
	var settlements int64
	if err := s.db.Row(ctx, "SELECT count(*) FROM core.settlement WHERE period = ?", []any{&settlements}, s.periodText()); err != nil || settlements > 0 {
		return err
	}
	return &pipeline.Error{Kind: pipeline.KindUsage, Op: "close month", Where: s.periodText(),
		Err:  fmt.Errorf("it has no settlement, and its as-of day %s has not come yet", s.req.AsOf.Format(time.DateOnly)),
		Hint: "check --period, --as-of and the machine's clock: a statement cannot be taken back, and it would close every month before it"}
}

func (s *runState) statementNo(p pipeline.Period) string {
	return strings.Join([]string{s.Config.Settings.StatementPrefix, p.String()}, "-")
}
