package jobs

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"time"

	"claimsaudit/configs"
	"claimsaudit/pipeline"
	"claimsaudit/pipeline/decode"
	"claimsaudit/pipeline/register"
	"claimsaudit/pipeline/transform"
)

// changeModel stands in the ledger of models before layer 70.
const changeModel = "700_change_due"

// scoreYear is a year whose figures a run computes, as far as it has come.
type scoreYear struct {
	Year        int
	First, Last pipeline.Period
	Window, Key string // of its ratios
}

func wholeYear(year int) scoreYear {
	return scoreYear{Year: year, First: pipeline.Period{Year: year, Month: time.January}, Last: pipeline.Period{Year: year, Month: time.December},
		Window: "year", Key: fmt.Sprintf("%04d", year)}
}

// scoreYears are the years of the run's windows up to its own: claims of the next year that came early have nothing to be
// held against yet. A monthly run shows the standing of its own year to date, and never one that is older than the latest
// closed month; so does the clearing of a year that still runs. Other years are whole, and those with final cards too:
// part of a year must not be held against a card of all of it.
func (s *runState) scoreYears(windows []ratioWindow, latestClosed string, final []int) (years []scoreYear) {
	for _, w := range windows {
		if w.Kind != "year" {
			continue
		}
		year, _ := strconv.Atoi(w.Key) // windowsOf wrote it
		if own := max(s.req.Year, s.req.Period.Year); own != 0 && year > own {
			continue
		}
		y := wholeYear(year)
		if to := s.clearedTo(latestClosed); to.Year == year && to.Month < time.December {
			y.Last, y.Window, y.Key = to, "ytd", to.String()
		}
		closed, err := pipeline.ParsePeriod(latestClosed)
		if s.req.Job == Monthly && s.req.Period.Year == year && (err != nil || closed.Year <= year) && !slices.Contains(final, year) {
			y.Last = s.req.Period
			if err == nil && closed.Year == year && closed.Month > y.Last.Month {
				y.Last = closed
			}
			y.Window, y.Key = "ytd", y.Last.String()
		}
		years = append(years, y)
	}
	slices.SortFunc(years, func(a, b scoreYear) int { return cmp.Compare(a.Year, b.Year) })
	return years
}

// addFigureReference adds what layer 70 is told of the years and of the rule pack.
func (s *runState) addFigureReference(tables map[string][][]any, years []scoreYear) {
	figures := s.Config.RulePack.Figures
	tables["ref.score_setting"] = [][]any{{figures.TraceDispensingFrom, figures.TraceStockInFrom, figures.OnlinePercent}}
	tables["ref.med_type_kind"], tables["ref.insutype_kind"] = figures.MedTypeRows(), figures.InsutypeRows()
	tables["ref.score_year"], tables["ref.metric_title"], tables["ref.indicator"] = nil, nil, nil
	for _, y := range years {
		tables["ref.score_year"] = append(tables["ref.score_year"], []any{y.Year, y.First.String(), y.Last.String(), pipeline.EpochDay(y.First.First()),
			pipeline.EpochDay(y.Last.Last()), y.Window, y.Key})
	}
	for _, m := range configs.Metrics() {
		tables["ref.metric_title"] = append(tables["ref.metric_title"], []any{m.Name, m.Title})
	}
	for _, p := range s.Config.EvidenceParts() {
		tables["ref.indicator"] = append(tables["ref.indicator"], []any{p.FixmedinsType, p.Indicator.No, p.Part})
	}
}

// indicators are what a file of evidence or of self-scores may name. Where a table asks one thing only about an
// indicator, the part may be left out.
func (s *runState) indicators() (list []decode.Indicator) {
	for _, p := range s.Config.EvidenceParts() {
		list = append(list, decode.Indicator{No: p.Indicator.No, Part: p.Part, Way: p.Way})
	}
	for _, card := range s.Config.Scorecards {
		for i, x := range card.Indicators {
			list = append(list, decode.Indicator{No: x.No, Most: &card.Indicators[i].Points})
			if parts := x.EvidenceParts(); len(parts) == 1 {
				list = append(list, decode.Indicator{No: x.No, Way: x.EvidenceWay(parts[0])})
			}
		}
	}
	return list
}

// scoredFrom is the first year any table scores. Later years may still get theirs, earlier ones never do.
func (s *runState) scoredFrom() (first int) {
	for _, card := range s.Config.Scorecards {
		if first == 0 || card.ScoredYear < first {
			first = card.ScoredYear
		}
	}
	return first
}

// computeFigures computes what the scorecards ask of claims, registry and deliveries, for the month's and the year's run
// alone: a night changes no score. It comes behind what depends on the run's day.
func (s *runState) computeFigures(ctx context.Context, in transform.Input) error {
	if s.req.Job != Monthly && s.req.Job != Annual {
		return nil
	}
	rows, err := s.changeDueRows(ctx)
	if err != nil {
		return err
	}
	if err := s.keepComputed(ctx, changeModel, map[string][][]any{"core.change_due": rows}); err != nil {
		return err
	}
	in.Params["core.change_due"], in.Params["core.points_notice"] = digestRows(rows), s.notices
	in.Params["core.late_block"] = s.notices + " " + in.Feeds["practitioner_status"] + " " + in.Params["effective_from_day"]
	ran, err := transform.Run(ctx, s.db, in, transform.ScoreLayers...)
	s.out.Models += ran
	return err
}

// changeDueRows are the days on which a status or a registration began, each with the last day on which it was filed in
// time. Days whose year has no calendar are left out: what cannot be told is no fault.
func (s *runState) changeDueRows(ctx context.Context) (rows [][]any, err error) {
	err = s.db.Query(ctx, func(r *sql.Rows) error {
		var day register.Day
		if err := r.Scan(&day); err != nil {
			return err
		}
		if due, err := s.Config.Operation.Calendar.AddWorkdays(day.Time(), s.Config.RulePack.Figures.ChangeWithinWorkdays); err == nil {
			rows = append(rows, []any{int(day), int(register.DayOf(due))})
		}
		return nil
	}, `SELECT day FROM (
  SELECT begin_day AS day FROM core.practitioner_status WHERE status <> 'normal' UNION SELECT registered_day FROM core.practitioner_status
) WHERE day IS NOT NULL ORDER BY day`)
	if err != nil {
		return nil, fmt.Errorf("read changes of personnel: %w", err)
	}
	return rows, nil
}
