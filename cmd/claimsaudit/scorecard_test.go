package main

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"claimsaudit/configs"
	"claimsaudit/pipeline/score"
	"claimsaudit/pipeline/warehouse"
)

// TestPublishedScoresFollowFromPublishedNumbers: whoever doubts a score or its sentence can work it out from the tables beside
// it, and every row's query leads somewhere. That the points are the notice's is what TestSamples asks a second reading of it.
func TestPublishedScoresFollowFromPublishedNumbers(t *testing.T) {
	s := newSite(t)
	s.closeSample(t, "2025-03", "2025-04-02")
	mart, err := warehouse.OpenMart(t.Context(), filepath.Join(s.data, "published", "analyst.duckdb"))
	if err != nil {
		t.Fatal(err)
	}
	defer mart.Close()
	config, err := configs.Load("", false, nil, configs.Overrides{})
	if err != nil {
		t.Fatal(err)
	}
	compared, ran := 0, 0
	for _, kind := range []string{"1", "2"} {
		table, standsIn := config.Scorecard(kind, 2025)
		if table == nil || !standsIn {
			t.Fatal("the samples are of a year whose own table is not known yet")
		}
		inputs := publishedInputs(t, mart, kind, "2025-03-31")
		when := score.When{Year: 2025, AsOf: time.Date(2025, 4, 2, 0, 0, 0, 0, time.UTC), WindowKind: "ytd", WindowKey: "2025-03", Workday: config.Operation.Calendar.IsWorkday}
		for _, card := range score.Table(table, when, inputs) {
			want := []string{cardText(card)}
			for _, r := range card.Rows {
				want = append(want, rowText(r))
			}
			got := texts(t, mart, `SELECT concat_ws(' ', coalesce(CAST(total AS VARCHAR), '-'), lowest, highest, vetoed, decision, coalesce(vetoes, '-'), coalesce(missing, '-'), note)
FROM mart.scorecard_total WHERE year = 2025 AND fixmedins_code = $1`, card.Code)
			got = append(got, texts(t, mart, `SELECT concat_ws(' ', indicator_no, max_points, coalesce(CAST(score AS VARCHAR), '-'), lowest, highest, vetoed, may_veto, source, evidence)
FROM mart.scorecard WHERE year = 2025 AND fixmedins_code = $1 ORDER BY indicator_no`, card.Code)...)
			if a, b := strings.Join(got, "\n"), strings.Join(want, "\n"); a != b {
				t.Errorf("%s: published\n%s\nworked out\n%s", card.Code, a, b)
			}
			compared++
		}
	}
	for _, query := range texts(t, mart, "SELECT DISTINCT query FROM mart.scorecard WHERE fixmedins_code IN (SELECT arg_min(fixmedins_code, lowest) FROM mart.scorecard_total GROUP BY fixmedins_type, ownership, decision) AND $1 = ''", "") {
		rows, err := mart.QueryContext(t.Context(), query)
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		rows.Close()
		ran++
	}
	if compared != 40 || ran < 40 {
		t.Errorf("%d institutions compared, %d queries run", compared, ran)
	}
}

func hundredths(n int64) string { return fmt.Sprintf("%d.%02d", n/100, n%100) }

func ifKnown(known bool, n int64) string {
	if !known {
		return "-"
	}
	return hundredths(n)
}

func cardText(c score.Card) string {
	list := func(numbers []int) string {
		if len(numbers) == 0 {
			return "-"
		}
		return strings.Trim(strings.ReplaceAll(fmt.Sprint(numbers), " ", ", "), "[]")
	}
	return fmt.Sprintf("%s %s %s %t %s %s %s %s", ifKnown(c.Known, c.Total), hundredths(c.Lowest), hundredths(c.Highest), c.Vetoed, c.Decision, list(c.Vetoes),
		list(c.Missing), c.Note)
}

func rowText(r score.Row) string {
	return fmt.Sprintf("%d %s %s %s %s %t %t %s %s", r.Indicator.No, hundredths(r.Max), ifKnown(r.Known, r.Score), hundredths(r.Lowest), hundredths(r.Highest),
		r.Vetoed, r.MayVeto, r.Source, r.Evidence)
}

func texts(t *testing.T, mart *sql.DB, query string, args ...any) (all []string) {
	t.Helper()
	each(t, mart, func(rows *sql.Rows) error {
		var text string
		err := rows.Scan(&text)
		all = append(all, text)
		return err
	}, query, args...)
	return all
}

func each(t *testing.T, mart *sql.DB, scan func(*sql.Rows) error, query string, args ...any) {
	t.Helper()
	rows, err := mart.QueryContext(t.Context(), query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			t.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

// publishedInputs reads what the mart says of the institutions of a type.
func publishedInputs(t *testing.T, mart *sql.DB, kind, lastDay string) (inputs []score.Input) {
	t.Helper()
	at := map[string]int{}
	each(t, mart, func(rows *sql.Rows) error {
		in := score.Input{Metrics: map[string]score.Metric{}}
		err := rows.Scan(&in.Code, &in.Type, &in.Ownership)
		at[in.Code], inputs = len(inputs), append(inputs, in)
		return err
	}, `SELECT fixmedins_code, fixmedins_type, coalesce(ownership, '') FROM mart.institution WHERE fixmedins_type = $1
AND coalesce(valid_from <= CAST($2 AS DATE), true) AND coalesce(valid_to > CAST($2 AS DATE), true) ORDER BY 1`, kind, lastDay)
	of := func(code string) *score.Input {
		if i, ok := at[code]; ok {
			return &inputs[i]
		}
		return &score.Input{Metrics: map[string]score.Metric{}}
	}
	var code, name string
	each(t, mart, func(rows *sql.Rows) error {
		var m score.Metric
		err := rows.Scan(&code, &name, &m.Numerator, &m.Denominator, &m.State)
		of(code).Metrics[name] = m
		return err
	}, "SELECT fixmedins_code, metric, numerator, denominator, state FROM mart.score_metric WHERE year = 2025")
	each(t, mart, func(rows *sql.Rows) error {
		var e score.Evidence
		var yes sql.NullBool
		var count, value sql.NullInt64
		var day sql.NullTime
		err := rows.Scan(&code, &e.Indicator, &e.Part, &yes, &count, &value, &day, &e.Document)
		for _, x := range []struct {
			is  bool
			set func()
		}{{yes.Valid, func() { e.YesNo = &yes.Bool }}, {count.Valid, func() { e.Count = &count.Int64 }}, {value.Valid, func() { e.Value = &value.Int64 }},
			{day.Valid, func() { e.EventOn = day.Time }}} {
			if x.is {
				x.set()
			}
		}
		of(code).Evidence = append(of(code).Evidence, e)
		return err
	}, `SELECT fixmedins_code, indicator_no, coalesce(part, ''), yes_no, count, CAST(value * 1000000 AS BIGINT), event_on, coalesce(document_no, '')
FROM mart.indicator_evidence WHERE is_current AND year = 2025`)
	each(t, mart, func(rows *sql.Rows) error {
		var item sql.NullString
		var figure, no, points sql.NullInt64
		err := rows.Scan(&code, &item, &figure, &no, &points)
		in := of(code)
		if in.Self == nil {
			in.Self = &score.SelfReport{Figures: map[string]int64{}, Scores: map[int]int64{}}
		}
		switch {
		case no.Valid:
			in.Self.Scores[int(no.Int64)] = points.Int64
		case strings.HasPrefix(item.String, "amount_"):
			in.Self.Figures[item.String+"_cents"] = figure.Int64 // 10,000 yuan are 1,000,000 cents
		default:
			in.Self.Figures[item.String] = figure.Int64 / 1_000_000
		}
		return err
	}, `SELECT fixmedins_code, report_item, CAST(figure * 1000000 AS BIGINT), indicator_no, CAST(self_score * 100 AS BIGINT)
FROM mart.self_report WHERE is_current AND year = 2025`)
	return inputs
}
