package jobs

import (
	"context"
	"fmt"
	"strings"

	"claimsaudit/pipeline/report"
)

// ownLines are the lines on which a rule names the person, and what statements issued on them. A line that stood and on
// which nothing fires any more is the person's if the code on it, or one it is an alias of, is.
const ownLines = `WITH code AS (
  SELECT $1 AS code UNION SELECT alias_code FROM core.practitioner_alias WHERE practitioner_code = $1
),
issued AS (
  SELECT t.setl_id, t.feedetl_sn, t.period, t.fixmedins_code, sum(t.amount_cents) AS issued_cents,
    sum(CASE WHEN t.kind = 'recover' THEN t.amount_cents ELSE 0 END) AS recover_cents,
    sum(CASE WHEN t.kind = 'release' THEN t.amount_cents ELSE 0 END) AS release_cents
  FROM audit.statement_line t GROUP BY ALL
),
named AS (
  SELECT x.setl_id, x.feedetl_sn, string_agg(DISTINCT x.rule || ' ' || x.role, '; ' ORDER BY x.rule || ' ' || x.role) AS own_rules
  FROM audit.finding x WHERE x.practitioner_code = $1 GROUP BY x.setl_id, x.feedetl_sn
),
stood AS (
  SELECT i.setl_id, i.feedetl_sn, '' AS own_rules
  FROM issued i JOIN core.fee_line l ON l.setl_id = i.setl_id AND l.feedetl_sn = i.feedetl_sn
  WHERE (l.bilg_dr_codg IN (SELECT code FROM code) OR l.orders_dr_code IN (SELECT code FROM code))
    AND NOT EXISTS (SELECT 1 FROM audit.finding x WHERE x.setl_id = i.setl_id AND x.feedetl_sn = i.feedetl_sn)
),
line AS (
  SELECT o.setl_id, o.feedetl_sn, coalesce(d.period, i.period) AS period, coalesce(d.fixmedins_code, i.fixmedins_code) AS fixmedins_code,
    coalesce(d.verdict, 'pay') AS verdict, d.rule, d.service_day, CASE WHEN d.verdict = 'exempt' THEN d.emergency_test END AS emergency_test,
    d.review_no, o.own_rules, h.fund_cents, coalesce(i.issued_cents, 0) AS issued_cents,
    coalesce(i.recover_cents, 0) AS recover_cents, coalesce(i.release_cents, 0) AS release_cents
  FROM (SELECT * FROM named UNION ALL SELECT * FROM stood) o
  LEFT JOIN audit.line_decision d ON d.setl_id = o.setl_id AND d.feedetl_sn = o.feedetl_sn
  LEFT JOIN audit.line_share h ON h.setl_id = o.setl_id AND h.feedetl_sn = o.feedetl_sn
  LEFT JOIN issued i ON i.setl_id = o.setl_id AND i.feedetl_sn = o.feedetl_sn
)
`

// readClaims collects amounts by month and institution, and the lines up to the limit.
func (p *personReader) readClaims(ctx context.Context) error {
	f := p.file
	f.ClaimTotals, f.Lines = []report.ClaimTotal{}, []report.ClaimLine{}
	f.LineQuery = fmt.Sprintf(`claimsaudit query "SELECT f.*, v.verdict, v.service_date, v.fund_yuan FROM mart.finding f `+
		`LEFT JOIN mart.line_verdict v USING (setl_id, feedetl_sn) WHERE f.practitioner_code = '%s'"`, strings.ReplaceAll(p.code, "'", "''"))
	err := each(ctx, p.db, func(c []string) {
		f.ClaimTotals = append(f.ClaimTotals, report.ClaimTotal{Period: c[0], Institution: c[1], InstitutionName: report.Text(c[2]),
			WithholdLines: number(c[3]), Withhold: centsOf(c[4]), ExemptLines: number(c[5]), Exempt: centsOf(c[6]), ReviewLines: number(c[7]),
			Review: centsOf(c[8]), ReleasedLines: number(c[9]), Recovered: centsOf(c[10]), Released: centsOf(c[11])})
		f.LineCount += number(c[12])
	}, ownLines+`SELECT l.period, l.fixmedins_code, max(i.fixmedins_name),
  count(CASE WHEN verdict = 'withhold' THEN 1 END), sum(CASE WHEN verdict = 'withhold' THEN fund_cents ELSE 0 END),
  count(CASE WHEN verdict = 'exempt' THEN 1 END), sum(CASE WHEN verdict = 'exempt' THEN fund_cents ELSE 0 END),
  count(CASE WHEN verdict = 'review' THEN 1 END), sum(CASE WHEN verdict = 'review' THEN fund_cents ELSE 0 END),
  count(CASE WHEN verdict = 'pay' THEN 1 END), sum(recover_cents), sum(release_cents), count(*)
FROM line l LEFT JOIN core.institution_interval i ON i.fixmedins_code = l.fixmedins_code AND i.to_day = 2932896
GROUP BY l.period, l.fixmedins_code ORDER BY l.period, l.fixmedins_code`, p.code)
	if err != nil {
		return err
	}
	limit := ""
	if p.req.Lines > 0 {
		limit = fmt.Sprintf(" LIMIT %d", p.req.Lines)
	}
	return each(ctx, p.db, func(c []string) {
		line := report.ClaimLine{Period: c[0], Institution: c[1], SetlID: c[2], LineNo: c[3], ServiceDate: report.Day(c[4]), Verdict: c[5], Rule: report.RuleNo(number(c[6])),
			RuleTitle: c[7], Article: c[8], OwnRules: c[9], EmergencyTest: report.Text(c[10]), ReviewNo: report.Text(c[11]), Issued: centsOf(c[13])}
		if c[12] != "" {
			fund := centsOf(c[12])
			line.Fund = &fund
		}
		f.Lines = append(f.Lines, line)
	}, ownLines+`SELECT l.period, l.fixmedins_code, l.setl_id, l.feedetl_sn,
  coalesce(day_date(l.service_day), (SELECT CAST(x.fee_ocur_time AS DATE) FROM staging.fee_line x WHERE x.setl_id = l.setl_id AND x.feedetl_sn = l.feedetl_sn)),
  l.verdict, l.rule, u.title, u.article, l.own_rules, l.emergency_test, l.review_no, l.fund_cents, l.issued_cents
FROM line l LEFT JOIN ref.rule u ON u.rule = l.rule
ORDER BY 5, l.setl_id, l.feedetl_sn`+limit, p.code)
}

// centsOf is an amount in cents as the database says it.
func centsOf(text string) report.Money { return report.Money(number(text)) }

// moneyOf is a decimal amount of yuan as the mart says it.
func moneyOf(text string) report.Money {
	return report.Money(number(strings.Replace(text, ".", "", 1)))
}
