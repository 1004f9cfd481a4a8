package jobs

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"claimsaudit/pipeline/register"
	"claimsaudit/pipeline/report"
	sqlfiles "claimsaudit/sql"
)

// personCodes are the person's code and those that are its aliases somewhere.
const personCodes = "(SELECT $1 UNION SELECT alias_code FROM delivered.staging.practitioner_alias WHERE prac_psn_code = $1)"

// concernedClaims is more than what the decisions can touch, and little enough to be judged in memory: every settlement
// with a line of these days that names the person, may have been corrected to, or is of a pharmacy of a principal.
const concernedClaims = `SELECT DISTINCT setl_id FROM delivered.staging.fee_line
WHERE CAST(fee_ocur_time AS DATE) - DATE '1970-01-01' >= $2 AND CAST(fee_ocur_time AS DATE) - DATE '1970-01-01' < $3 AND (
  bilg_dr_codg IN ` + personCodes + ` OR orders_dr_code IN ` + personCodes + `
  OR setl_id IN (SELECT setl_id FROM delivered.staging.review WHERE decision = 'correct_practitioner' AND prac_psn_code IN ` + personCodes + `)
  OR setl_id IN (SELECT setl_id FROM delivered.staging.settlement WHERE fixmedins_code IN (
    SELECT fixmedins_code FROM delivered.staging.institution WHERE fixmedins_type = '2' AND principal_code IN ` + personCodes + `)))`

// judge lets the models judge the lines concerned twice: while the registry does not show the block, and once it does.
func (s *simulator) judge(ctx context.Context) error {
	if err := s.fillClaims(ctx); err != nil {
		return err
	}
	models, err := sqlfiles.Models("30_core", "40_verdict")
	if err != nil {
		return err
	}
	last := slices.IndexFunc(models, func(m sqlfiles.Model) bool { return m.Name == "460_line_share" })
	pieces := slices.IndexFunc(models, func(m sqlfiles.Model) bool { return m.Writes == "core.blocked_piece" })
	if last < 0 || pieces < 0 {
		return fmt.Errorf("a model of layers 30 and 40 is missing")
	}
	if err := s.runModels(ctx, models[:last+1]); err != nil {
		return err
	}
	if err := s.readUntilShown(ctx); err != nil {
		return err
	}
	before, err := s.readShares(ctx)
	if err != nil {
		return err
	}
	for _, x := range s.fresh { // as a registry would show it that follows the record, whatever else it shows
		if err := s.box.Fill(ctx, "core.blocked_piece", `SELECT $1 AS practitioner_code, '' AS fixmedins_code, CAST($2 AS INTEGER) AS snapshot_day,
  CAST($3 AS INTEGER) AS severity, CAST($4 AS INTEGER) AS from_day, CAST($5 AS INTEGER) AS to_day`,
			s.code, int(s.asOf), severityOf(x.Status), int(x.From), int(x.To)); err != nil {
			return err
		}
	}
	if err := s.runModels(ctx, models[pieces+1:last+1]); err != nil {
		return err
	}
	if err := s.readLines(ctx); err != nil {
		return err
	}
	after, err := s.readShares(ctx)
	if err != nil {
		return err
	}
	for i := range after {
		if i < len(before) {
			after[i].BlockedBefore, after[i].FlaggedBefore = before[i].BlockedAfter, before[i].FlaggedAfter
		}
	}
	s.out.Shares = after
	return nil
}

func (s *simulator) runModels(ctx context.Context, models []sqlfiles.Model) error {
	for _, m := range models {
		if _, err := s.box.RunModel(ctx, m, "", "simulation", s.now()); err != nil {
			return err
		}
	}
	return nil
}

// fillClaims takes over the registry and the lines concerned, and lets go of the warehouse.
func (s *simulator) fillClaims(ctx context.Context) error {
	from, to := s.fresh[0].From, s.fresh[len(s.fresh)-1].To
	if err := s.box.Keep(ctx, "concerned", concernedClaims, s.code, int(from), int(to)); err != nil {
		return err
	}
	for _, table := range []struct{ name, where string }{
		{"staging.practitioner_status", "true"}, {"staging.institution", "true"}, {"staging.practitioner_alias", "true"},
		{"staging.settlement", "setl_id IN (SELECT setl_id FROM main.concerned)"}, {"staging.fee_line", "setl_id IN (SELECT setl_id FROM main.concerned)"},
		{"staging.review", "setl_id IN (SELECT setl_id FROM main.concerned)"},
	} {
		if err := s.box.Fill(ctx, table.name, "SELECT * FROM delivered."+table.name+" WHERE "+table.where); err != nil {
			return err
		}
	}
	if err := s.box.Fill(ctx, "core.points_block", "SELECT * FROM delivered.core.points_block WHERE practitioner_code <> ?", s.code); err != nil {
		return err
	}
	for _, x := range s.after.record.Spans {
		if x.Status == register.StatusExpired {
			continue
		}
		if err := s.box.Fill(ctx, "core.points_block", `SELECT $1 AS practitioner_code, CAST($2 AS INTEGER) AS severity, CAST($3 AS INTEGER) AS from_day,
  CAST($4 AS INTEGER) AS to_day`, s.code, severityOf(x.Status), int(x.From), int(x.To)); err != nil {
			return err
		}
	}
	if err := s.box.Keep(ctx, "now", `SELECT setl_id, feedetl_sn, verdict FROM delivered.audit.line_decision
WHERE setl_id IN (SELECT setl_id FROM main.concerned)`); err != nil {
		return err
	}
	if err := s.box.Keep(ctx, "issued", `SELECT setl_id, feedetl_sn, sum(amount_cents) AS cents FROM delivered.audit.statement_line
WHERE setl_id IN (SELECT setl_id FROM main.concerned) GROUP BY ALL`); err != nil {
		return err
	}
	days := make([]string, 0, len(s.fresh))
	for _, x := range s.fresh {
		days = append(days, fmt.Sprintf("(%d, %d, %d)", x.From, x.To, severityOf(x.Status)))
	}
	if err := s.box.Keep(ctx, "fresh", "SELECT * FROM (VALUES "+strings.Join(days, ", ")+") v(from_day, to_day, severity)"); err != nil {
		return err
	}
	if err := s.box.ReplaceRows(ctx, "core.share_year", s.years()); err != nil {
		return err
	}
	return s.box.Release(ctx)
}

// years are those of the new block up to the as-of day's, and the one it begins in.
func (s *simulator) years() (rows [][]any) {
	if len(s.out.NewlyBlocked) == 0 {
		return nil
	}
	at := slices.IndexFunc(s.fresh, func(x register.Span) bool { return x.Status != register.StatusExpired })
	first := s.fresh[at].From.Time().Year()
	for year := first; year <= max(first, s.asOf.Time().Year()); year++ {
		begin, end := yearDays(year)
		if slices.ContainsFunc(s.fresh, func(x register.Span) bool {
			return x.Status != register.StatusExpired && x.From < end && x.To > begin
		}) {
			rows = append(rows, []any{year, int(begin), int(end)})
		}
	}
	return rows
}

// readUntilShown sums the lines that are paid now and wait for a person as long as the registry says normal.
func (s *simulator) readUntilShown(ctx context.Context) error {
	return each(ctx, s.box.DB, func(c []string) {
		s.out.Until = AffectedSum{Lines: number(c[0]), Fund: centsOf(c[1])}
	}, `SELECT count(*), coalesce(sum(h.fund_cents), 0)
FROM audit.line_decision d JOIN audit.line_share h ON h.setl_id = d.setl_id AND h.feedetl_sn = d.feedetl_sn
JOIN main.fresh n ON d.service_day >= n.from_day AND d.service_day < n.to_day AND n.severity > 1
WHERE d.verdict = 'review' AND coalesce((SELECT b.verdict FROM main.now b WHERE b.setl_id = d.setl_id AND b.feedetl_sn = d.feedetl_sn), 'pay') = 'pay'
  AND EXISTS (SELECT 1 FROM audit.finding f WHERE f.setl_id = d.setl_id AND f.feedetl_sn = d.feedetl_sn AND f.rule = 409 AND f.practitioner_code = $1)`, s.code)
}

// readLines collects what becomes of the lines on which the new status falls, once the registry shows it.
func (s *simulator) readLines(ctx context.Context) error {
	sums := map[AffectedClaims]*AffectedClaims{} // by everything but the sum
	err := each(ctx, s.box.DB, func(c []string) {
		line := AffectedLine{Period: c[0], Institution: c[1], SetlID: c[3], LineNo: c[4], ServiceDate: report.Day(c[5]), Now: c[6], Rule: number(c[8]),
			EmergencyTest: report.Text(c[9]), IsPrincipal: c[10] == "true", Fund: centsOf(c[11]), Issued: centsOf(c[12])}
		line.Effect = effectOf(&line, c[7], s.closedTo)
		key := AffectedClaims{Period: line.Period, Institution: line.Institution, InstitutionName: report.Text(c[2]), Now: line.Now, Effect: line.Effect,
			Rule: line.Rule, IsPrincipal: line.IsPrincipal}
		if sums[key] == nil {
			sums[key] = &AffectedClaims{}
		}
		sums[key].Lines++
		sums[key].Fund += line.Fund
		sums[key].Issued += line.Issued
		s.out.LineCount++
		if s.req.Lines == 0 || len(s.out.Lines) < s.req.Lines {
			s.out.Lines = append(s.out.Lines, line)
		}
	}, `SELECT d.period, d.fixmedins_code, i.fixmedins_name, d.setl_id, d.feedetl_sn, day_date(d.service_day),
  coalesce(b.verdict, 'pay') AS now, d.verdict, d.rule, CASE WHEN d.verdict = 'exempt' THEN d.emergency_test END, o.is_principal, coalesce(h.fund_cents, 0), coalesce(t.cents, 0)
FROM audit.line_decision d
JOIN main.fresh n ON d.service_day >= n.from_day AND d.service_day < n.to_day
JOIN (SELECT setl_id, feedetl_sn, max(rule) = 403 AND min(rule) = 403 AS is_principal FROM audit.finding
  WHERE practitioner_code = $1 AND rule IN (401, 402, 403, 408) GROUP BY setl_id, feedetl_sn) o ON o.setl_id = d.setl_id AND o.feedetl_sn = d.feedetl_sn
LEFT JOIN main.now b ON b.setl_id = d.setl_id AND b.feedetl_sn = d.feedetl_sn
LEFT JOIN main.issued t ON t.setl_id = d.setl_id AND t.feedetl_sn = d.feedetl_sn
LEFT JOIN audit.line_share h ON h.setl_id = d.setl_id AND h.feedetl_sn = d.feedetl_sn
LEFT JOIN core.institution_interval i ON i.fixmedins_code = d.fixmedins_code AND i.to_day = 2932896
ORDER BY d.service_day, d.setl_id, d.feedetl_sn`, s.code)
	for key, sum := range sums {
		key.Lines, key.Fund, key.Issued = sum.Lines, sum.Fund, sum.Issued
		s.out.Claims = append(s.out.Claims, key)
	}
	slices.SortFunc(s.out.Claims, compareClaims)
	return err
}

func compareClaims(a, b AffectedClaims) int {
	key := func(x AffectedClaims) string {
		return fmt.Sprintf("%s %s %s %s %d %t", x.Period, x.Institution, x.Effect, x.Now, x.Rule, x.IsPrincipal)
	}
	return strings.Compare(key(a), key(b))
}

// effectOf says what a verdict that becomes another means for a line: in a month that a statement has closed what was paid
// is recovered, unless a statement that was never taken back withheld it before.
func effectOf(line *AffectedLine, is, closedTo string) string {
	switch {
	case line.Now == is:
		return "none"
	case is != "withhold" || line.Period > closedTo:
		return is
	case line.Fund == line.Issued:
		return "stands"
	}
	return "recover"
}

// readShares counts the persons of the person's institutions (Art. 34), under BlockedAfter and FlaggedAfter.
func (s *simulator) readShares(ctx context.Context) ([]AffectedShare, error) {
	rows := []AffectedShare{}
	err := each(ctx, s.box.DB, func(c []string) {
		rows = append(rows, AffectedShare{Year: number(c[0]), Institution: c[1], Name: report.Text(c[2]), Registered: number(c[3]), BlockedAfter: number(c[4]),
			FlaggedAfter: c[5] == "true", Article: s.rules.Share.Article})
	}, `SELECT y.year, y.fixmedins_code, i.fixmedins_name, y.registered, y.blocked, y.blocked >= y.least_flagged
FROM core.institution_year y LEFT JOIN core.institution_interval i ON i.fixmedins_code = y.fixmedins_code AND i.to_day = 2932896
WHERE EXISTS (SELECT 1 FROM core.registration g JOIN core.share_year x ON x.year = y.year AND g.from_day < x.next_day AND g.to_day > x.first_day
  WHERE g.practitioner_code = $1 AND g.fixmedins_code = y.fixmedins_code)
ORDER BY y.year, y.fixmedins_code`, s.code)
	return rows, err
}
