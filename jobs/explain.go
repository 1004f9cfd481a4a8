package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"

	"claimsaudit/pipeline"
	"claimsaudit/pipeline/warehouse"
)

// Section is one part of an explanation.
type Section struct {
	Title  string
	Fields []Field
}

// Field is a name and its value; empty values are left out.
type Field struct{ Name, Value string }

// question is one part of an explanation: its SQL takes the settlement and the line (” for all), names its columns
// for the reader, and its first column is the section's title.
var questions = []string{
	`SELECT 'settlement ' || s.setl_id, c.period AS period, s.fixmedins_code AS institution, coalesce(i.fixmedins_name, s.fixmedins_name) AS name,
  s.setl_time AS settled, s.med_type AS med_type, yuan(s.fund_pay_sumamt_cents) AS "fund yuan",
  CASE WHEN c.is_effective THEN 'yes' ELSE 'no: vali_flag ' || s.vali_flag || ', refd_setl_flag ' || s.refd_setl_flag END AS effective,
  f.file_name || ' line ' || s.line_no || CASE WHEN f.path <> f.file_name THEN ' (delivered as ' || f.path || ')' ELSE '' END AS "from file",
  'archive/' || left(f.file_sha256, 2) || '/' || f.file_sha256 AS archive
FROM staging.settlement s JOIN core.settlement c ON c.setl_id = s.setl_id LEFT JOIN meta.file f ON f.file_id = s.file_id
LEFT JOIN core.institution_interval i ON i.fixmedins_code = s.fixmedins_code AND i.to_day = 2932896
WHERE s.setl_id = $1 AND ($2 = $2)`,
	`SELECT 'older or other versions of settlement and lines', coalesce(o.file_name, '?') || ' line ' || r.old_line_no AS version,
  n.file_name || ' line ' || r.new_line_no AS "gave way to", yuan(r.old_cents) AS "fee before", yuan(r.new_cents) AS "fee after"
FROM staging.superseded_row r LEFT JOIN meta.file o ON o.file_id = r.old_file_id LEFT JOIN meta.file n ON n.file_id = r.new_file_id
WHERE (r.feed = 'settlement' AND r.key_text = $1) OR (r.feed = 'fee_line' AND starts_with(r.key_text, $1 || chr(31)) AND ($2 = '' OR r.key_text = $1 || chr(31) || $2))`,
	`SELECT 'line ' || l.feedetl_sn || ': ' || coalesce(d.verdict, CASE WHEN s.is_effective THEN 'pay' WHEN s.setl_id IS NULL THEN 'waits for its settlement' ELSE 'not judged: settlement not effective' END),
  day_date(unix_date(CAST(l.fee_ocur_time AS DATE))) AS "service day", l.med_list_codg AS item, yuan(l.det_item_fee_sumamt_cents) AS "item yuan",
  yuan(l.inscp_scp_amt_cents) AS "in scope yuan", l.bilg_dr_codg AS "ordering", l.orders_dr_code AS "executing",
  CASE WHEN d.rule IS NOT NULL THEN d.rule || ' ' || u.name || ' (' || u.title || ')' END AS "rule",
  CASE WHEN d.rule IS NOT NULL THEN '渝医保发〔2025〕7号 Art. ' || u.article END AS article,
  CASE WHEN d.verdict = 'withhold' OR d.verdict = 'review' THEN u.reason END AS reason,
  CASE WHEN d.verdict = 'exempt' THEN '急诊、抢救情形，按细则第19条、第50条照付' WHEN d.verdict = 'pay' THEN '经人工复核放行，照付' END AS "paid because",
  yuan(h.fund_cents) AS "fund yuan", CASE WHEN d.verdict = 'exempt' THEN d.emergency_test END AS "emergency",
  CASE WHEN d.decision IS NOT NULL THEN d.decision || ' ' || d.review_no END AS "decision",
  f.file_name || ' line ' || l.line_no || CASE WHEN f.path <> f.file_name THEN ' (delivered as ' || f.path || ')' ELSE '' END AS "from file",
  'archive/' || left(f.file_sha256, 2) || '/' || f.file_sha256 AS archive
FROM staging.fee_line l LEFT JOIN core.settlement s ON s.setl_id = l.setl_id
LEFT JOIN audit.line_decision d ON d.setl_id = l.setl_id AND d.feedetl_sn = l.feedetl_sn
LEFT JOIN ref.rule u ON u.rule = d.rule LEFT JOIN audit.line_share h ON h.setl_id = l.setl_id AND h.feedetl_sn = l.feedetl_sn
LEFT JOIN meta.file f ON f.file_id = l.file_id
WHERE l.setl_id = $1 AND ($2 = '' OR l.feedetl_sn = $2) ORDER BY l.feedetl_sn`,
	`SELECT 'finding ' || x.rule || ' ' || u.name || ' on line ' || x.feedetl_sn, x.role AS role, x.practitioner_code AS practitioner,
  u.action AS action, CASE WHEN d.verdict = 'pay' THEN d.review_no WHEN u.is_lifted_by_emergency AND u.action = 'withhold' THEN d.emergency_test END AS "lifted by",
  'Art. ' || u.article AS article, status_name(x.severity) AS status,
  CASE WHEN x.severity IS NOT NULL THEN coalesce(CAST(day_date(x.status_from_day) AS VARCHAR), 'the beginning') || ' to '
    || coalesce(CAST(day_date(x.status_to_day) AS VARCHAR) || ' (exclusive)', 'open') END AS "status stretch"
FROM audit.finding x JOIN ref.rule u ON u.rule = x.rule
LEFT JOIN audit.line_decision d ON d.setl_id = x.setl_id AND d.feedetl_sn = x.feedetl_sn WHERE x.setl_id = $1 AND ($2 = '' OR x.feedetl_sn = $2) ORDER BY x.feedetl_sn, x.rule, x.role`,
	`SELECT 'evidence: registry row of ' || r.prac_psn_code || ' at ' || r.fixmedins_code, r.snapshot_date AS snapshot, r.status AS status,
  r.status_begin AS "status begin", r.status_end AS "status end", r.commitment_flag AS commitment, f.file_name || ' line ' || r.line_no || CASE WHEN f.path <> f.file_name THEN ' (delivered as ' || f.path || ')' ELSE '' END AS "from file",
  'archive/' || left(f.file_sha256, 2) || '/' || f.file_sha256 AS archive
FROM staging.practitioner_status r LEFT JOIN meta.file f ON f.file_id = r.file_id
WHERE r.prac_psn_code IN (SELECT practitioner_code FROM audit.finding WHERE setl_id = $1 AND ($2 = '' OR feedetl_sn = $2)
  UNION SELECT practitioner_code FROM core.line_role WHERE setl_id = $1 AND ($2 = '' OR feedetl_sn = $2))
ORDER BY r.prac_psn_code, r.snapshot_date, r.fixmedins_code`,
	`SELECT DISTINCT 'evidence: points record of ' || x.practitioner_code || ', decision ' || e.ref_no, day_date(e.on_day) AS decided, 'Art. ' || p.article || coalesce('/' || p.item, '') AS "points under",
  p.points AS points, e.total_after AS total, e.measure AS measure, day_date(e.block_from_day) AS "blocked from", day_date(e.block_to_day) AS "to, as decided", 'Art. ' || e.article AS article,
  p.notice_served_on AS "notice served", f.file_name || ' line ' || p.line_no || CASE WHEN f.path <> f.file_name THEN ' (delivered as ' || f.path || ')' ELSE '' END AS "from file",
  'archive/' || left(f.file_sha256, 2) || '/' || f.file_sha256 AS archive
FROM audit.finding x JOIN audit.line_decision d ON d.setl_id = x.setl_id AND d.feedetl_sn = x.feedetl_sn
JOIN core.points_event e ON e.practitioner_code = x.practitioner_code AND e.event = 'block' AND e.block_from_day <= d.service_day AND e.block_to_day > d.service_day
LEFT JOIN staging.points_decision p ON p.decision_no = e.ref_no LEFT JOIN meta.file f ON f.file_id = p.file_id
WHERE x.rule = 409 AND x.setl_id = $1 AND ($2 = '' OR x.feedetl_sn = $2) ORDER BY 1`,
	`SELECT 'evidence: institution row of ' || i.fixmedins_code, i.valid_from AS "valid from", i.agreement_status AS agreement,
  i.agreement_from AS "agreement from", i.agreement_to AS "agreement to", i.principal_code AS principal, f.file_name || ' line ' || i.line_no || CASE WHEN f.path <> f.file_name THEN ' (delivered as ' || f.path || ')' ELSE '' END AS "from file",
  'archive/' || left(f.file_sha256, 2) || '/' || f.file_sha256 AS archive
FROM staging.institution i LEFT JOIN meta.file f ON f.file_id = i.file_id
WHERE i.fixmedins_code = (SELECT fixmedins_code FROM core.settlement WHERE setl_id = $1)
  AND EXISTS (SELECT 1 FROM audit.finding x WHERE x.setl_id = $1 AND ($2 = '' OR x.feedetl_sn = $2) AND x.rule IN (403, 404))
ORDER BY i.valid_from`,
	`SELECT 'lines: none delivered', 'paid; listed as a data-quality matter' AS verdict
FROM core.settlement s WHERE s.setl_id = $1 AND $2 = '' AND NOT EXISTS (SELECT 1 FROM staging.fee_line l WHERE l.setl_id = $1)`,
	`SELECT 'statement ' || t.statement_no || ': ' || t.kind, t.feedetl_sn AS line, yuan(t.amount_cents) AS yuan, t.cause AS cause, t.issued_in AS "issued in"
FROM audit.statement_line t WHERE t.setl_id = $1 AND ($2 = '' OR t.feedetl_sn = $2) ORDER BY t.issued_in, t.feedetl_sn`,
	`SELECT 'review ' || v.review_no, v.decision AS decision, v.feedetl_sn AS line, v.decided_on AS decided, v.decided_by AS "decided by", v.reason AS reason, v.expires_on AS expires, v.prac_psn_code AS practitioner,
  f.file_name || ' line ' || v.line_no || CASE WHEN f.path <> f.file_name THEN ' (delivered as ' || f.path || ')' ELSE '' END AS "from file",
  'archive/' || left(f.file_sha256, 2) || '/' || f.file_sha256 AS archive
FROM staging.review v LEFT JOIN meta.file f ON f.file_id = v.file_id WHERE v.setl_id = $1 AND ($2 = '' OR v.feedetl_sn IS NULL OR v.feedetl_sn = $2)
ORDER BY v.decided_on, v.review_no`,
	`SELECT 'rejected row that names this claim', f.file_name || ' line ' || r.line_no AS "from file", r.reason AS reason,
  CASE WHEN r.replayed_in IS NULL THEN 'waits for correction in quarantine' ELSE 'sent again' END AS state
FROM staging.rejected_row r JOIN meta.file f ON f.file_id = r.file_id WHERE contains(r.raw, $1)
  AND regexp_matches(r.raw, '(^|[^0-9A-Za-z.])' || regexp_escape($1) || '([^0-9A-Za-z.]|$)') AND $2 = $2 ORDER BY f.file_id, r.line_no`,
}

// Explain answers everything the warehouse knows about a settlement, or one line of it. The error is KindUsage for an
// id that was never delivered.
func (r *Runner) Explain(ctx context.Context, setlID, line string) (sections []Section, err error) {
	db, err := r.openToRead(ctx, "explain")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for _, q := range questions {
		part, err := ask(ctx, db, q, setlID, line)
		if err != nil {
			return nil, fmt.Errorf("explain: %w", err)
		}
		sections = append(sections, part...)
	}
	known, err := delivered(ctx, db, setlID, line)
	if err != nil {
		return nil, err
	}
	if len(sections) > 0 && !known {
		return nil, &pipeline.Error{Kind: pipeline.KindUsage, Op: "explain", Where: setlID + " " + line, Err: errors.New("the settlement has no such line"),
			Hint: "`claimsaudit explain " + setlID + "` shows all its lines"}
	}
	if len(sections) == 0 {
		return nil, &pipeline.Error{Kind: pipeline.KindUsage, Op: "explain", Where: strings.TrimSpace(setlID + " " + line),
			Err: errors.New("no such claim was delivered"), Hint: "check the id; `claimsaudit query \"SELECT setl_id FROM mart.settlement LIMIT 5\"` shows how ids look"}
	}
	return sections, nil
}

// openToRead opens the warehouse for a question; op is what asks.
func (r *Runner) openToRead(ctx context.Context, op string) (*warehouse.DB, error) {
	if _, err := os.Stat(r.WarehousePath()); errors.Is(err, os.ErrNotExist) {
		return nil, nothingRun(op, r.WarehousePath())
	}
	return warehouse.OpenReadOnly(ctx, r.WarehousePath())
}

func nothingRun(op, where string) error {
	return &pipeline.Error{Kind: pipeline.KindUsage, Op: op, Where: where, Err: errors.New("nothing has run yet"),
		Hint: "`claimsaudit run nightly` takes in what lies in the inbox; or give the right --data"}
}

// delivered reports whether a line of a settlement is known; without a line that is for the sections to say.
func delivered(ctx context.Context, db *warehouse.DB, setlID, line string) (bool, error) {
	if line == "" {
		return true, nil
	}
	var known bool
	err := db.Row(ctx, "SELECT count(*) > 0 FROM staging.fee_line WHERE setl_id = ? AND feedetl_sn = ?", []any{&known}, setlID, line)
	return known, err
}

func ask(ctx context.Context, db *warehouse.DB, query, setlID, line string) (sections []Section, err error) {
	err = db.Query(ctx, func(rows *sql.Rows) error {
		names, err := rows.Columns()
		if err != nil {
			return err
		}
		values, targets := make([]sql.NullString, len(names)), make([]any, len(names))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		s := Section{Title: values[0].String}
		for i := 1; i < len(names); i++ {
			if values[i].Valid && values[i].String != "" {
				s.Fields = append(s.Fields, Field{names[i], values[i].String})
			}
		}
		sections = append(sections, s)
		return nil
	}, "SELECT CAST(COLUMNS(*) AS VARCHAR) FROM ("+query+")", setlID, line)
	return sections, err
}
