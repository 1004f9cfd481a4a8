package jobs

import (
	"context"
	"database/sql"
	"time"

	"claimsaudit/pipeline"
	"claimsaudit/pipeline/register"
	"claimsaudit/pipeline/score"
)

// scoreInputs is all that the scorecards of one year rest on.
type scoreInputs struct {
	year                  int
	isOver                bool                     // the year, on the run's day
	windowKind, windowKey string                   // of the ratios: the year's, or its last year to date
	inputs                map[string][]score.Input // by type of institution, by code
	final                 map[string]string        // institution → decision that stands
}

// readScoreYear reads metrics, evidence and self-reports as they are known on the run's day.
func (s *runState) readScoreYear(ctx context.Context, y scoreYear) (*scoreInputs, error) {
	end := time.Date(y.Year, time.December, 31, 0, 0, 0, 0, time.UTC)
	k := &scoreInputs{year: y.Year, isOver: s.req.AsOf.After(end), windowKind: y.Window, windowKey: y.Key,
		inputs: map[string][]score.Input{}, final: map[string]string{}}
	byCode := map[string]*score.Input{}
	var order []*score.Input
	err := s.db.Query(ctx, func(rows *sql.Rows) error {
		in := &score.Input{Metrics: map[string]score.Metric{}}
		err := rows.Scan(&in.Code, &in.Type, &in.Ownership)
		byCode[in.Code], order = in, append(order, in)
		return err
	}, `SELECT fixmedins_code, fixmedins_type, coalesce(ownership, '') FROM core.institution_interval
WHERE from_day <= $1 AND to_day > $1 ORDER BY fixmedins_code`, pipeline.EpochDay(y.Last.Last()))
	if err != nil {
		return nil, err
	}
	for _, read := range []func(context.Context, *scoreInputs, map[string]*score.Input) error{s.readMetrics, s.readEvidence, s.readSelfReports, s.readFinal} {
		if err := read(ctx, k, byCode); err != nil {
			return nil, err
		}
	}
	for _, in := range order {
		k.inputs[in.Type] = append(k.inputs[in.Type], *in)
	}
	return k, nil
}

func (s *runState) readMetrics(ctx context.Context, k *scoreInputs, byCode map[string]*score.Input) error {
	return s.db.Query(ctx, func(rows *sql.Rows) error {
		var code, name string
		var m score.Metric
		err := rows.Scan(&code, &name, &m.Numerator, &m.Denominator, &m.State)
		if in := byCode[code]; in != nil {
			in.Metrics[name] = m
		}
		return err
	}, `SELECT fixmedins_code, metric, numerator, denominator, state FROM audit.score_metric
WHERE year = $1`, k.year)
}

func (s *runState) readEvidence(ctx context.Context, k *scoreInputs, byCode map[string]*score.Input) error {
	return s.db.Query(ctx, func(rows *sql.Rows) error {
		var code string
		var e score.Evidence
		var yes sql.NullBool
		var count, value, day sql.NullInt64
		err := rows.Scan(&code, &e.Indicator, &e.Part, &yes, &count, &value, &day, &e.Document, &e.EnteredBy, &e.EnteredAt)
		if yes.Valid {
			e.YesNo = &yes.Bool
		}
		if count.Valid {
			e.Count = &count.Int64
		}
		if value.Valid {
			e.Value = &value.Int64
		}
		if day.Valid {
			e.EventOn = register.Day(day.Int64).Time()
		}
		if in := byCode[code]; in != nil {
			in.Evidence = append(in.Evidence, e)
		}
		return err
	}, `SELECT fixmedins_code, indicator_no, part, yes_no, count, value_e6, event_day, coalesce(document_no, ''), coalesce(entered_by, ''),
  coalesce(entered_at, TIMESTAMP '1970-01-01')
FROM core.indicator_evidence WHERE is_current AND year = $1 ORDER BY fixmedins_code, indicator_no, part`, k.year)
}

func (s *runState) readSelfReports(ctx context.Context, k *scoreInputs, byCode map[string]*score.Input) error {
	return s.db.Query(ctx, func(rows *sql.Rows) error {
		var code string
		var metric sql.NullString
		var figure, indicator, points sql.NullInt64
		if err := rows.Scan(&code, &metric, &figure, &indicator, &points); err != nil || byCode[code] == nil {
			return err
		}
		in := byCode[code]
		if in.Self == nil {
			in.Self = &score.SelfReport{Figures: map[string]int64{}, Scores: map[int]int64{}}
		}
		if metric.Valid && figure.Valid {
			in.Self.Figures[metric.String] = figure.Int64
		}
		if indicator.Valid && points.Valid {
			in.Self.Scores[int(indicator.Int64)] = points.Int64
		}
		return nil
	}, `SELECT fixmedins_code, metric, figure, indicator_no, score_hundredths FROM core.self_report WHERE is_current AND year = $1`, k.year)
}

func (s *runState) readFinal(ctx context.Context, k *scoreInputs, _ map[string]*score.Input) error {
	return s.db.Query(ctx, func(rows *sql.Rows) error {
		var code, decision string
		err := rows.Scan(&code, &decision)
		k.final[code] = decision
		return err
	}, `SELECT fixmedins_code, decision FROM audit.scorecard_total WHERE is_final AND year = $1`, k.year)
}
