package report

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"

	"claimsaudit/pipeline"
)

// shownPlaces bounds the institutions the page lists in the difference; the workbook has them all.
const shownPlaces = 10

// issue is one statement, beside what is judged today of its month. Only what was issued never changes.
type issue struct {
	No                          string // "" if there is no such statement
	Month                       pipeline.Period
	Fund, Exempt, Review        cents // judged today
	Withhold, Recover, Released cents // issued
}

// Stands reports whether there is such a statement.
func (i issue) Stands() bool { return i.No != "" }

// changeRow is an amount now and in the statement before.
type changeRow struct {
	Code, Label           string
	LinesBefore, LinesNow int64
	Before, Now           cents
}

// Change is how much more it is now.
func (r changeRow) Change() cents { return r.Now - r.Before }

// adjustment is what the statement changed in what was closed or issued before, for one reason.
type adjustment struct {
	Month, Kind, Cause string
	Lines              int64
	Cents              cents
}

// change is what sets the statement apart from the one before it.
type change struct {
	Now, Before issue
	Rules       []changeRow  // withheld, by rule
	Places      []changeRow  // withheld, by institution, the largest change first
	Earlier     []adjustment // by month, kind and cause
}

// goneRule stands for lines on which no rule withholds any more.
const goneRule = "（通知后已退还或更正）"

const queryIssues = `SELECT s.issued_in, s.statement_no, coalesce(p.fund, 0), coalesce(p.exempt, 0), coalesce(p.review, 0),
  CAST(s.withhold_yuan * 100 AS BIGINT), CAST(s.recover_yuan * 100 AS BIGINT), CAST(s.release_yuan * 100 AS BIGINT)
FROM mart.statement s
LEFT JOIN (SELECT period, CAST(sum(CAST(fund_yuan * 100 AS BIGINT)) AS BIGINT) AS fund,
    CAST(sum(CAST(exempt_yuan * 100 AS BIGINT)) AS BIGINT) AS exempt, CAST(sum(CAST(review_yuan * 100 AS BIGINT)) AS BIGINT) AS review
  FROM mart.institution_period GROUP BY period) p ON p.period = s.issued_in
WHERE s.issued_in = $1 OR s.issued_in = (SELECT max(issued_in) FROM mart.statement WHERE issued_in < $1)
ORDER BY s.issued_in`

// A statement does not keep the rule; the verdict of today does, as long as the line is withheld.
const queryChange = names + `, line AS (
  SELECT l.issued_in = $1 AS is_now, l.fixmedins_code, v.rule, count(*) AS lines,
    CAST(sum(CAST(l.amount_yuan * 100 AS BIGINT)) AS BIGINT) AS cents
  FROM mart.statement_line l
  LEFT JOIN (SELECT period, setl_id, feedetl_sn, rule FROM mart.line_verdict WHERE verdict = 'withhold' AND period IN ($1, $2)) v
    ON v.period = l.period AND v.setl_id = l.setl_id AND v.feedetl_sn = l.feedetl_sn
  WHERE l.kind = 'withhold' AND l.issued_in IN ($1, $2)
  GROUP BY ALL)
SELECT l.fixmedins_code, coalesce(min(p.name), ''), coalesce(l.rule, 0),
  CAST(coalesce(sum(l.lines) FILTER (NOT is_now), 0) AS BIGINT), CAST(coalesce(sum(l.lines) FILTER (is_now), 0) AS BIGINT),
  CAST(coalesce(sum(l.cents) FILTER (NOT is_now), 0) AS BIGINT), CAST(coalesce(sum(l.cents) FILTER (is_now), 0) AS BIGINT)
FROM line l LEFT JOIN place p ON p.fixmedins_code = l.fixmedins_code
GROUP BY l.fixmedins_code, l.rule ORDER BY l.fixmedins_code, l.rule`

const queryEarlier = `SELECT period, kind, coalesce(cause, ''), count(*), CAST(sum(CAST(amount_yuan * 100 AS BIGINT)) AS BIGINT)
FROM mart.statement_line WHERE issued_in = $1 AND kind <> 'withhold'
GROUP BY ALL ORDER BY period DESC, kind, 3`

// loadChange reads what the statement changed against the one before it; without one there is nothing to compare.
func (s *summary) loadChange(ctx context.Context, db *sql.DB) error {
	c, period := &s.Change, s.Meta.Period
	err := each(ctx, db, "statement", queryIssues, []any{period.String()}, func(rows *sql.Rows) error {
		var i issue
		var month string
		err := rows.Scan(&month, &i.No, &i.Fund, &i.Exempt, &i.Review, &i.Withhold, &i.Recover, &i.Released)
		if err != nil {
			return err
		}
		if i.Month, err = pipeline.ParsePeriod(month); err != nil {
			return err
		}
		if i.Month == period {
			c.Now = i
		} else {
			c.Before = i
		}
		return nil
	})
	if err != nil || !c.Now.Stands() {
		return err
	}
	if err := s.loadWithheld(ctx, db); err != nil {
		return err
	}
	return each(ctx, db, "statement_line", queryEarlier, []any{period.String()}, func(rows *sql.Rows) error {
		var a adjustment
		err := rows.Scan(&a.Month, &a.Kind, &a.Cause, &a.Lines, &a.Cents)
		c.Earlier = append(c.Earlier, a)
		return err
	})
}

// loadWithheld reads what either statement withheld, by rule and by institution.
func (s *summary) loadWithheld(ctx context.Context, db *sql.DB) error {
	c := &s.Change
	before := ""
	if c.Before.Stands() {
		before = c.Before.Month.String()
	}
	rules := map[int64]*changeRow{}
	err := each(ctx, db, "statement_line", queryChange, []any{s.Meta.Period.String(), before}, func(rows *sql.Rows) error {
		var r changeRow
		var rule int64
		if err := rows.Scan(&r.Code, &r.Label, &rule, &r.LinesBefore, &r.LinesNow, &r.Before, &r.Now); err != nil {
			return err
		}
		r.Label = orElse(r.Label, "（名称未登记）")
		if last := len(c.Places) - 1; last < 0 || c.Places[last].Code != r.Code {
			c.Places = append(c.Places, changeRow{Code: r.Code, Label: r.Label})
		}
		c.Places[len(c.Places)-1].add(r)
		if rules[rule] == nil {
			rules[rule] = &changeRow{}
		}
		rules[rule].add(r)
		return nil
	})
	if err != nil {
		return err
	}
	for _, known := range s.Rules {
		if r := rules[known.No]; r != nil {
			r.Code, r.Label = fmt.Sprint(known.No), known.Title
			c.Rules = append(c.Rules, *r)
			delete(rules, known.No)
		}
	}
	for _, no := range slices.Sorted(maps.Keys(rules)) {
		r := rules[no]
		if r.Label = goneRule; no != 0 { // a rule the pack no longer has
			r.Code, r.Label = fmt.Sprint(no), "（规则库已无此规则）"
		}
		c.Rules = append(c.Rules, *r)
	}
	slices.SortStableFunc(c.Places, byChange)
	return nil
}

func (r *changeRow) add(o changeRow) {
	r.LinesBefore += o.LinesBefore
	r.LinesNow += o.LinesNow
	r.Before += o.Before
	r.Now += o.Now
}

// byChange puts the largest change first, up or down.
func byChange(a, b changeRow) int { return cmp.Compare(b.Change().abs(), a.Change().abs()) }

func (c cents) abs() cents { return max(c, -c) }

// Compares reports whether there are two statements to compare.
func (c change) Compares() bool { return c.Now.Stands() && c.Before.Stands() }

// Totals are the statement's figures beside those of the one before.
func (c change) Totals() []changeRow {
	return []changeRow{
		{Label: "扣款", Before: c.Before.Withhold, Now: c.Now.Withhold},
		{Label: "追回", Before: c.Before.Recover, Now: c.Now.Recover},
		{Label: "退还", Before: c.Before.Released, Now: c.Now.Released},
		{Label: "待复核", Before: c.Before.Review, Now: c.Now.Review},
		{Label: "急诊豁免", Before: c.Before.Exempt, Now: c.Now.Exempt},
		{Label: "申报基金金额", Before: c.Before.Fund, Now: c.Now.Fund},
	}
}

// Withheld is what all rules, and all institutions, come to.
func (c change) Withheld() changeRow { return sumRows(c.Rules) }

// Adjusted is what all adjustments come to.
func (c change) Adjusted() (sum adjustment) {
	for _, a := range c.Earlier {
		sum.Lines += a.Lines
		sum.Cents += a.Cents
	}
	return sum
}

func sumRows(rows []changeRow) (sum changeRow) {
	for _, r := range rows {
		sum.add(r)
	}
	return sum
}

// largest are the first n rows that changed, and all others in one row; its label says how many they are.
func largest(rows []changeRow, n int) (first []changeRow, rest changeRow) {
	for len(first) < min(n, len(rows)) && rows[len(first)].Change() != 0 {
		first = rows[:len(first)+1]
	}
	if others := rows[len(first):]; len(others) > 0 {
		rest = sumRows(others)
		rest.Label = fmt.Sprintf("其余 %d 家", len(others))
	}
	return first, rest
}

// check refuses a difference that does not add up to the two statements.
func (c change) check(s *summary) error {
	if !c.Now.Stands() {
		return nil
	}
	sum := map[string]cents{}
	for _, a := range c.Earlier {
		sum[a.Kind] += a.Cents
	}
	rules, places := c.Withheld(), sumRows(c.Places)
	return agree("the difference to the last statement", s.Meta.Period, []agreement{
		{"statement's withheld lines = statement", s.issued("withhold").Cents, c.Now.Withhold},
		{"statement's recovered lines = statement", s.issued("recover").Cents, c.Now.Recover},
		{"statement's released lines = statement", s.issued("release").Cents, c.Now.Released},
		{"withheld by rule = statement", rules.Now, c.Now.Withhold},
		{"withheld by institution = statement", places.Now, c.Now.Withhold},
		{"withheld by rule = statement before", rules.Before, c.Before.Withhold},
		{"withheld by institution = statement before", places.Before, c.Before.Withhold},
		{"recovered by cause = statement", sum["recover"], c.Now.Recover},
		{"released by cause = statement", sum["release"], c.Now.Released},
		{"fund of the month = institutions", c.Now.Fund, s.Total.Fund},
	})
}

// notes say in sentences what is compared with what, and how withholding moved.
func (c change) notes() []string {
	switch {
	case !c.Now.Stands():
		return []string{"本期未出具通知单，不与上期比较。"}
	case !c.Before.Stands():
		return []string{"此前没有通知单，无上期可比。"}
	}
	notes := []string{fmt.Sprintf("本期通知单 %s 与上一份通知单 %s（%s）比较：%s。", c.Now.No, c.Before.No, chineseMonth(c.Before.Month), c.moved())}
	if before := c.Before.Month.Add(1); before != c.Now.Month {
		notes = append(notes, fmt.Sprintf("其间（%s起）没有通知单，那几个月的扣款由本期通知单一并追回。", chineseMonth(before)))
	}
	return notes
}

// moved says whether more or less is withheld than before.
func (c change) moved() string {
	switch d := c.Now.Withhold - c.Before.Withhold; {
	case d > 0:
		return fmt.Sprintf("扣款增加 %s 元", d)
	case d < 0:
		return fmt.Sprintf("扣款减少 %s 元", -d)
	default:
		return "扣款相同"
	}
}

// signedMoney writes an amount with its sign: +1,234.50.
func signedMoney(c cents) string {
	if c > 0 {
		return "+" + c.String()
	}
	return c.String()
}

// monthText writes yyyy-MM in Chinese; any other text is shown as it is.
func monthText(s string) string {
	p, err := pipeline.ParsePeriod(s)
	if err != nil {
		return s
	}
	return chineseMonth(p)
}

// causeText is the Chinese name of a cause.
func (l lexicon) causeText(cause string) string { return orElse(l.cause.of(cause), "原因未记录") }
