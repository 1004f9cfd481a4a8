package report

// In every query $1 is the period, yyyy-MM. Money leaves the database as
// whole cents, because sums of floats are neither exact nor repeatable.

// names gives the institution's name as the period shows it, else as the
// registry last had it, and the masked name of a practitioner.
const names = `WITH
named AS (
  SELECT fixmedins_code, fixmedins_name, coalesce(valid_from, DATE '1900-01-01') AS known_from
  FROM mart.institution WHERE coalesce(valid_from, DATE '1900-01-01') <= last_day(CAST($1 || '-01' AS DATE))
  UNION ALL
  SELECT fixmedins_code, fixmedins_name, CASE WHEN period = $1 THEN DATE '9999-12-31'
    ELSE CAST(CAST(period || '-01' AS DATE) - INTERVAL 1000 YEAR AS DATE) END -- who is not registered keeps the name claims gave it
  FROM mart.institution_period WHERE period <= $1),
place AS (SELECT fixmedins_code, arg_max(fixmedins_name, known_from) AS name FROM named
  WHERE fixmedins_name IS NOT NULL GROUP BY fixmedins_code),
person AS (SELECT practitioner_code, min(name_masked) AS name_masked FROM mart.practitioner GROUP BY practitioner_code)
`

const queryInstitutions = `SELECT fixmedins_code, fixmedins_name, fixmedins_type, settlements, lines,
  CAST(fund_yuan * 100 AS BIGINT), CAST(pay_yuan * 100 AS BIGINT), CAST(exempt_yuan * 100 AS BIGINT),
  CAST(review_yuan * 100 AS BIGINT), CAST(withhold_yuan * 100 AS BIGINT),
  CAST(recover_yuan * 100 AS BIGINT), CAST(release_yuan * 100 AS BIGINT)
FROM mart.institution_period WHERE period = $1 ORDER BY fixmedins_code`

const queryRules = `WITH hit AS (
  SELECT rule, min(article) AS article,
    count(*) FILTER (verdict = 'withhold') AS withhold_lines,
    CAST(coalesce(sum(fund_yuan) FILTER (verdict = 'withhold'), 0) AS DECIMAL(18,2)) AS withhold,
    count(*) FILTER (verdict = 'exempt') AS exempt_lines,
    CAST(coalesce(sum(fund_yuan) FILTER (verdict = 'exempt'), 0) AS DECIMAL(18,2)) AS exempt,
    count(*) FILTER (verdict = 'review') AS review_lines,
    CAST(coalesce(sum(fund_yuan) FILTER (verdict = 'review'), 0) AS DECIMAL(18,2)) AS review
  FROM mart.line_verdict WHERE period = $1 GROUP BY rule)
SELECT coalesce(r.rule, h.rule) AS no, coalesce(r.title, r.name, ''), coalesce(r.action, ''), coalesce(r.article, h.article, ''),
  coalesce(withhold_lines, 0), CAST(coalesce(withhold, 0) * 100 AS BIGINT),
  coalesce(exempt_lines, 0), CAST(coalesce(exempt, 0) * 100 AS BIGINT),
  coalesce(review_lines, 0), CAST(coalesce(review, 0) * 100 AS BIGINT)
FROM mart.rule r FULL JOIN hit h ON r.rule = h.rule ORDER BY no`

// What stands for the period's claims, whatever month's statement issued it.
const queryStands = `SELECT CAST(coalesce(sum(CAST(amount_yuan * 100 AS BIGINT)), 0) AS BIGINT) FROM mart.statement_line WHERE period = $1`

const queryStatement = `SELECT kind, count(*), CAST(sum(CAST(amount_yuan * 100 AS BIGINT)) AS BIGINT)
FROM mart.statement_line WHERE issued_in = $1 GROUP BY kind ORDER BY kind`

// percent is in hundredths, rounded half away from zero as mart.institution_ratio.ratio is.
const percent = `CASE WHEN denominator > 0
  THEN CAST(sign(numerator) * ((abs(numerator::HUGEINT) * 20000 + denominator) // (denominator::HUGEINT * 2)) AS BIGINT) END`

const ratioState = `CASE WHEN state = 'no_data' THEN 'no_data' WHEN threshold IS NULL THEN 'none'
  WHEN meets THEN 'met' ELSE 'missed' END`

const queryIssued = names + `SELECT max(l.statement_no), l.fixmedins_code, max(p.name), l.period, l.kind, count(*),
  CAST(sum(CAST(amount_yuan * 100 AS BIGINT)) AS BIGINT)
FROM mart.statement_line l LEFT JOIN place p ON p.fixmedins_code = l.fixmedins_code
WHERE l.issued_in = $1 GROUP BY l.fixmedins_code, l.period, l.kind
ORDER BY l.fixmedins_code, l.period, CASE l.kind WHEN 'withhold' THEN 1 WHEN 'recover' THEN 2 ELSE 3 END`

// $2 is the first month.
const queryTrend = `SELECT period, CAST(sum(CAST(fund_yuan * 100 AS BIGINT)) AS BIGINT), CAST(sum(CAST(withhold_yuan * 100 AS BIGINT)) AS BIGINT)
FROM mart.institution_period WHERE period BETWEEN $2 AND $1 GROUP BY period ORDER BY period`

const queryRatioTotals = `SELECT ratio_no, min(ratio_name),
  count(*) FILTER (verdict = 'met'), count(*) FILTER (verdict = 'missed'),
  count(*) FILTER (verdict = 'no_data'), count(*) FILTER (verdict = 'none'),
  coalesce(string_agg(DISTINCT threshold || '%', '、' ORDER BY threshold || '%'), '')
FROM (SELECT *, ` + ratioState + ` AS verdict FROM mart.institution_ratio WHERE window_kind = 'month' AND window_key = $1)
GROUP BY ratio_no ORDER BY ratio_no`

// The widest gap to the threshold comes first, ties by institution. A ratio that rounding would lift to the threshold it
// misses stays below it: where it is listed nothing else says how little was lacking.
const queryRatiosMissed = names + `, missed AS (
  SELECT *, least(` + percent + `, threshold * 100 - 1) AS hundredths FROM mart.institution_ratio
  WHERE window_kind = 'month' AND window_key = $1 AND ` + ratioState + ` = 'missed')
SELECT m.fixmedins_code, coalesce(p.name, ''), m.ratio_no, coalesce(m.ratio_name, ''), m.numerator, m.denominator, m.hundredths, m.threshold
FROM missed m LEFT JOIN place p ON p.fixmedins_code = m.fixmedins_code
ORDER BY m.threshold * 100 - m.hundredths DESC, m.fixmedins_code, m.ratio_no LIMIT $2`

const queryQuality = `SELECT coalesce(title, kind, ''), count(*) FROM mart.data_quality
WHERE period = $1 OR coalesce(period, '') = '' GROUP BY 1 ORDER BY 1`

const queryFiles = `SELECT coalesce(feed, ''), count(*), CAST(coalesce(sum(rows_read), 0) AS BIGINT),
  CAST(coalesce(sum(loaded), 0) AS BIGINT), CAST(coalesce(sum(superseded), 0) AS BIGINT),
  CAST(coalesce(sum(duplicate), 0) AS BIGINT), CAST(coalesce(sum(rejected), 0) AS BIGINT)
FROM mart.delivered_file GROUP BY 1 ORDER BY 1`

const queryOpenRejects = `SELECT coalesce(feed, ''), count(*) FROM mart.rejected_row
WHERE coalesce(replayed_in, '') = '' GROUP BY 1 ORDER BY 1`

// source says where the line was delivered, grounds what its rule rests on; both read line_evidence e, the verdict v.
const (
	source  = `e.claim_file || ' 第 ' || e.claim_line || ' 行'`
	grounds = `nullif(concat_ws('；', CASE
    WHEN e.evidence_file IS NOT NULL THEN coalesce('处理决定 ' || e.evidence_no || '：', '') || e.evidence_file || ' 第 ' || e.evidence_line || ' 行'
    WHEN v.rule = 405 THEN '各机构登记数据均无此代码'
    WHEN v.rule = 406 THEN coalesce(e.evidence_on || ' 快照', '本机构快照') || '没有此人'
    WHEN v.rule = 410 THEN '明细未填人员代码'
  END, '人工复核 ' || e.review_no), '')`
	ruleWords = `(SELECT rule, min(rule || ' ' || coalesce(title, name, '')) AS title FROM mart.rule GROUP BY rule)`
)

// querySheetVerdict gives $6 lines behind institution $3, settlement $4, line $5; the rest is looked up for these only.
// It has room for one more column.
const querySheetVerdict = names + `, piece AS (
  SELECT * FROM mart.line_verdict v WHERE v.period = $1 AND v.verdict = $2
    AND (coalesce(v.fixmedins_code, ''), v.setl_id, v.feedetl_sn) > ($3, $4, $5)
  ORDER BY coalesce(v.fixmedins_code, ''), v.setl_id, v.feedetl_sn LIMIT $6)
SELECT v.fixmedins_code, p.name, v.setl_id, v.feedetl_sn, v.service_date, coalesce(r.title, CAST(v.rule AS VARCHAR)), v.article,
  v.practitioner_code, v.status, v.status_from, v.status_to - 1, ` + grounds + `%s, CAST(v.fund_yuan * 100 AS BIGINT),
  d.name_masked, v.role, ` + source + `
FROM piece v
LEFT JOIN place p ON p.fixmedins_code = v.fixmedins_code
LEFT JOIN person d ON d.practitioner_code = v.practitioner_code
LEFT JOIN ` + ruleWords + ` r ON r.rule = v.rule
LEFT JOIN mart.line_evidence e ON e.setl_id = v.setl_id AND e.feedetl_sn = v.feedetl_sn
ORDER BY coalesce(v.fixmedins_code, ''), v.setl_id, v.feedetl_sn`

// querySheetMoved gives what the statement of month $1 recovers or releases ($2) line by line, with the rule as it stands
// now; a released line may have none, and its verdict today says why. Pieces as in querySheetVerdict.
const querySheetMoved = names + `, piece AS (
  SELECT * FROM mart.statement_line l WHERE l.issued_in = $1 AND l.kind = $2
    AND (coalesce(l.fixmedins_code, ''), l.setl_id, l.feedetl_sn) > ($3, $4, $5)
  ORDER BY coalesce(l.fixmedins_code, ''), l.setl_id, l.feedetl_sn LIMIT $6),
hit AS (
  SELECT f.setl_id, f.feedetl_sn, min(f.rule) AS rule
  FROM mart.finding f JOIN piece l ON l.setl_id = f.setl_id AND l.feedetl_sn = f.feedetl_sn GROUP BY f.setl_id, f.feedetl_sn),
v AS (
  SELECT l.*, coalesce(x.rule, h.rule) AS rule, coalesce(x.article, a.article) AS article, x.verdict, x.service_date,
    x.practitioner_code, x.role, x.status, x.status_from, x.status_to
  FROM piece l
  LEFT JOIN mart.line_verdict x ON x.setl_id = l.setl_id AND x.feedetl_sn = l.feedetl_sn
  LEFT JOIN hit h ON h.setl_id = l.setl_id AND h.feedetl_sn = l.feedetl_sn
  LEFT JOIN (SELECT rule, min(article) AS article FROM mart.rule GROUP BY rule) a ON a.rule = h.rule)
SELECT v.fixmedins_code, p.name, v.setl_id, v.feedetl_sn, v.period, v.cause, coalesce(r.title, CAST(v.rule AS VARCHAR)), v.article,
  v.practitioner_code, v.status, v.status_from, v.status_to - 1, ` + grounds + `,
  CASE WHEN v.verdict IS NOT NULL THEN v.verdict WHEN s.is_effective THEN 'pay' ELSE 'gone' END, CAST(v.amount_yuan * 100 AS BIGINT),
  v.service_date, d.name_masked, v.role, ` + source + `
FROM v
LEFT JOIN place p ON p.fixmedins_code = v.fixmedins_code
LEFT JOIN person d ON d.practitioner_code = v.practitioner_code
LEFT JOIN ` + ruleWords + ` r ON r.rule = v.rule
LEFT JOIN mart.line_evidence e ON e.setl_id = v.setl_id AND e.feedetl_sn = v.feedetl_sn
LEFT JOIN mart.settlement s ON s.setl_id = v.setl_id
ORDER BY coalesce(v.fixmedins_code, ''), v.setl_id, v.feedetl_sn`

const querySheetRatio = names + `SELECT q.fixmedins_code, p.name, window_kind, CAST(ratio_no AS VARCHAR), ratio_no || ' ' || coalesce(ratio_name, ''), numerator, denominator,
  CAST(ratio * 1000000 AS BIGINT), CAST(threshold AS BIGINT) * 100, ` + ratioState + `,
  CASE WHEN ` + ratioState + ` = 'missed' THEN (threshold * denominator + 99) // 100 - numerator END
FROM mart.institution_ratio q LEFT JOIN place p ON p.fixmedins_code = q.fixmedins_code
WHERE window_kind IN ('month', 'ytd') AND window_key = $1
ORDER BY q.fixmedins_code, q.ratio_no, window_kind`

const querySheetRejected = `SELECT feed, file_name, CAST(line_no AS VARCHAR), column_name, reason, raw, file_sha256,
  CASE WHEN coalesce(replayed_in, '') = '' THEN '待更正' ELSE '已重新提交' END
FROM mart.rejected_row ORDER BY feed, file_name, file_sha256, line_no, reason, raw`

const querySheetQuality = `SELECT coalesce(title, kind), period, setl_id, feedetl_sn, note FROM mart.data_quality
WHERE period = $1 OR coalesce(period, '') = '' ORDER BY 1, setl_id, feedetl_sn, note`

const querySheetFiles = `SELECT feed, file_name, encoding, rows_read, loaded, superseded, duplicate, rejected,
  CAST(amount_yuan * 100 AS BIGINT), strftime(received_at, '%Y-%m-%d %H:%M:%S'), file_sha256, run_id
FROM mart.delivered_file ORDER BY received_at, feed, file_name, file_sha256`
