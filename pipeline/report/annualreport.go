package report

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"claimsaudit/pipeline"
)

// AnnualFacts are what the draft of an institution's yearly report says (江医保中心发〔2024〕16号, Annex 1 and 3): the
// figures that the program computed. What it cannot know is a line to write on.
type AnnualFacts struct {
	Code, Name, Type string
	NoticeNo         string // of the notice that asks for the report
	Issuer           string // to whom it is addressed
	meta             Meta
	card, title      string
	standsIn         bool
	agreementYear    int
	result           string // of the scorecard, in a sentence
	funds            []fundFigure
	metrics          map[string]metricFact
	steps            []string
	people           peopleFacts
	money            moneyFacts
	cases            map[string]int64 // cents of the lines behind a metric
}

type metricFact struct {
	numerator, denominator int64
	isKnown                bool
}

// fundFigure is a line of the table of fund use: what an indicator asks for.
type fundFigure struct {
	indicator       int
	fund, insurance pipeline.Titled
	visits, amount  bool
}

// peopleFacts count persons of the institution; known is whether the registry has any in the year.
type peopleFacts struct {
	isKnown                  bool
	registered, blocked      int64
	persons, decided, points int64
	lateStatus, lateCents    int64
}

// moneyFacts are the year's amounts in cents; known is whether there was a claim.
type moneyFacts struct {
	isKnown                                                        bool
	settlements, fund, pay, exempt, review, withhold, recover, off int64
}

// LoadAnnual reads the facts of every institution with a scorecard of meta.Year, or of those named by code, by type and
// code. noticeNo gives the number of the notice by the table's name.
func LoadAnnual(ctx context.Context, db *sql.DB, meta Meta, tables ScoreTables, noticeNo map[string]string, codes []string) (all []*AnnualFacts, err error) {
	if err := meta.check(); err != nil {
		return nil, err
	}
	byCode := map[string]*AnnualFacts{}
	args := []any{meta.Year, strings.Join(codes, "\n")}
	for _, q := range annualQueries {
		err := each(ctx, db, q.table, q.query, args, func(rows *sql.Rows) error { return q.scan(rows, byCode) })
		if err != nil {
			return nil, err
		}
	}
	for _, code := range slices.Sorted(maps.Keys(byCode)) {
		f := byCode[code]
		f.meta, f.Issuer = meta, meta.CentreName
		f.funds = fundFigures(tables[f.card])
		if !f.standsIn { // the notice of that year is not known yet
			f.NoticeNo = noticeNo[f.card]
		}
		all = append(all, f)
	}
	slices.SortStableFunc(all, func(a, b *AnnualFacts) int { return strings.Compare(a.Type, b.Type) })
	return all, nil
}

// fundFigures are the lines that the indicators of a table ask for, in their order.
func fundFigures(figures map[int][]string) (lines []fundFigure) {
	at := map[string]int{}
	for _, no := range slices.Sorted(maps.Keys(figures)) {
		for _, name := range figures[no] {
			kind, fund, insu := splitFigure(name)
			key := fund + " " + insu
			if _, seen := at[key]; !seen {
				at[key] = len(lines)
				lines = append(lines, fundFigure{indicator: no, fund: titled(pipeline.Funds, fund), insurance: titled(pipeline.Insurances, insu)})
			}
			line := &lines[at[key]]
			line.visits, line.amount = line.visits || kind == "visits", line.amount || kind == "amount"
		}
	}
	return lines
}

func titled(list []pipeline.Titled, name string) pipeline.Titled {
	if i := slices.IndexFunc(list, func(t pipeline.Titled) bool { return t.Name == name }); i >= 0 {
		return list[i]
	}
	return pipeline.Titled{Name: name, Title: name}
}

// annualQuery fills a part of the facts; $1 is the year, $2 the institutions.
type annualQuery struct {
	table, query string
	scan         func(rows *sql.Rows, byCode map[string]*AnnualFacts) error
}

var annualQueries = []annualQuery{
	{"scorecard_total", scorePlaces + `SELECT t.fixmedins_code, coalesce(p.name, ''), t.fixmedins_type, t.card, t.stands_in, t.card_title, t.agreement_year, coalesce(t.note, '')
FROM mart.scorecard_total t LEFT JOIN place p ON p.fixmedins_code = t.fixmedins_code WHERE t.year = $1` + scoreWanted,
		func(rows *sql.Rows, byCode map[string]*AnnualFacts) error {
			f := &AnnualFacts{metrics: map[string]metricFact{}, cases: map[string]int64{}}
			err := rows.Scan(&f.Code, &f.Name, &f.Type, &f.card, &f.standsIn, &f.title, &f.agreementYear, &f.result)
			byCode[f.Code] = f
			return err
		}},
	{"score_metric", `SELECT t.fixmedins_code, t.metric, t.numerator, t.denominator, t.state = 'ok' FROM mart.score_metric t WHERE t.year = $1` + scoreWanted,
		func(rows *sql.Rows, byCode map[string]*AnnualFacts) error {
			var code, metric string
			var m metricFact
			err := rows.Scan(&code, &metric, &m.numerator, &m.denominator, &m.isKnown)
			if f := byCode[code]; f != nil {
				f.metrics[metric] = m
			}
			return err
		}},
	{"score_case", `SELECT t.fixmedins_code, t.metric, CAST(coalesce(sum(t.amount_yuan), 0) * 100 AS BIGINT) FROM mart.score_case t WHERE t.year = $1` +
		scoreWanted + ` GROUP BY ALL`,
		func(rows *sql.Rows, byCode map[string]*AnnualFacts) error {
			var code, metric string
			var cents int64
			err := rows.Scan(&code, &metric, &cents)
			if f := byCode[code]; f != nil {
				f.cases[metric] = cents
			}
			return err
		}},
	{"scorecard_step", `SELECT t.fixmedins_code, t.indicator_no, t.step FROM mart.scorecard_step t WHERE t.year = $1 AND t.kind IN ('submit', 'show_no_veto')` +
		scoreWanted + ` ORDER BY t.fixmedins_code, t.indicator_no, t.step_no`,
		func(rows *sql.Rows, byCode map[string]*AnnualFacts) error {
			var code, step string
			var no int
			err := rows.Scan(&code, &no, &step)
			if f := byCode[code]; f != nil {
				f.steps = append(f.steps, fmt.Sprintf("第 %d 项：%s。", no, oneLine(step)))
			}
			return err
		}},
	{"institution_period", `SELECT t.fixmedins_code, CAST(sum(t.settlements) AS BIGINT), CAST(sum(t.fund_yuan) * 100 AS BIGINT), CAST(sum(t.pay_yuan) * 100 AS BIGINT),
  CAST(sum(t.exempt_yuan) * 100 AS BIGINT), CAST(sum(t.review_yuan) * 100 AS BIGINT), CAST(sum(t.withhold_yuan) * 100 AS BIGINT),
  CAST(sum(t.recover_yuan) * 100 AS BIGINT), CAST(sum(t.release_yuan) * 100 AS BIGINT)
FROM mart.institution_period t WHERE starts_with(t.period, CAST($1 AS VARCHAR) || '-')` + scoreWanted + ` GROUP BY 1`,
		func(rows *sql.Rows, byCode map[string]*AnnualFacts) error {
			var code string
			var m moneyFacts
			err := rows.Scan(&code, &m.settlements, &m.fund, &m.pay, &m.exempt, &m.review, &m.withhold, &m.recover, &m.off)
			m.isKnown = m.settlements > 0
			if f := byCode[code]; f != nil {
				f.money = m
			}
			return err
		}},
	// A person counts where he or she is or was registered, for a decision may not say where.
	{"points_record", `WITH member AS (SELECT practitioner_code, unnest(string_split(institutions, '；')) AS fixmedins_code FROM mart.practitioner_file),
given AS (SELECT practitioner_code, count(*) AS decided, sum(points) AS points FROM mart.points_record WHERE year = $1 AND event = 'points' GROUP BY 1),
counted AS (SELECT m.fixmedins_code, count(*) AS persons, sum(g.decided) AS decided, sum(g.points) AS points
  FROM given g JOIN member m ON m.practitioner_code = g.practitioner_code GROUP BY 1),
late AS (SELECT fixmedins_code, count(*) AS n, sum(fund_yuan) AS yuan FROM mart.status_not_maintained WHERE year(due_on) = $1 GROUP BY 1),
share AS (SELECT fixmedins_code, registered, blocked FROM mart.institution_blocked_share WHERE year = $1)
SELECT t.fixmedins_code, s.registered IS NOT NULL, coalesce(s.registered, 0), coalesce(s.blocked, 0), coalesce(c.persons, 0), CAST(coalesce(c.decided, 0) AS BIGINT),
  CAST(coalesce(c.points, 0) AS BIGINT), coalesce(l.n, 0), CAST(coalesce(l.yuan, 0) * 100 AS BIGINT)
FROM mart.scorecard_total t LEFT JOIN share s ON s.fixmedins_code = t.fixmedins_code LEFT JOIN counted c ON c.fixmedins_code = t.fixmedins_code
  LEFT JOIN late l ON l.fixmedins_code = t.fixmedins_code WHERE t.year = $1` + scoreWanted,
		func(rows *sql.Rows, byCode map[string]*AnnualFacts) error {
			var code string
			var p peopleFacts
			err := rows.Scan(&code, &p.isKnown, &p.registered, &p.blocked, &p.persons, &p.decided, &p.points, &p.lateStatus, &p.lateCents)
			if f := byCode[code]; f != nil {
				f.people = p
			}
			return err
		}},
}
