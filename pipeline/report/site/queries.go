package site

// In every query $1 is the first month the site looks at, yyyy-MM. Money leaves the database as whole cents, text never as
// NULL, days as yyyy-MM-dd: one form for all pages. Where a table is long, a row is packed: one text, its parts between separators, because
// to hand over sixty thousand rows value by value costs more than to find them.

// queryMonths are the newest months up to that of the as-of day; $1 is that month.
const queryMonths = `SELECT DISTINCT period FROM mart.institution_period WHERE period <= $1 ORDER BY period DESC LIMIT $2`

const queryInstitutionPeriods = `SELECT coalesce(fixmedins_code, ''), period, coalesce(fixmedins_name, ''), coalesce(fixmedins_type, ''), settlements, lines,
  CAST(fund_yuan * 100 AS BIGINT), CAST(pay_yuan * 100 AS BIGINT), CAST(exempt_yuan * 100 AS BIGINT), CAST(review_yuan * 100 AS BIGINT),
  CAST(withhold_yuan * 100 AS BIGINT), CAST(recover_yuan * 100 AS BIGINT), CAST(release_yuan * 100 AS BIGINT)
FROM mart.institution_period WHERE period BETWEEN $1 AND $2 ORDER BY 2, 1`

// The register as it stands on the as-of day ($1); who comes later only is shown by the first row.
const queryRegister = `SELECT fixmedins_code, coalesce(fixmedins_name, ''), coalesce(fixmedins_type, ''), coalesce(ownership, ''), coalesce(hosp_lv, ''),
  coalesce(agreement_status, ''), coalesce(CAST(agreement_from AS VARCHAR), ''), coalesce(CAST(agreement_to AS VARCHAR), '')
FROM mart.institution WHERE fixmedins_code IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY fixmedins_code ORDER BY coalesce(valid_from <= CAST($1 AS DATE), true) DESC,
  CASE WHEN coalesce(valid_from <= CAST($1 AS DATE), true) THEN coalesce(valid_from, DATE '0001-01-01') END DESC NULLS LAST, valid_from, fixmedins_name) = 1
ORDER BY fixmedins_code`

const queryRules = `SELECT rule, coalesce(title, name, ''), coalesce(action, ''), coalesce(article, '') FROM mart.rule ORDER BY rule`

const queryJudged = `SELECT coalesce(practitioner_code, ''), coalesce(fixmedins_code, ''), period, coalesce(rule, 0), verdict, count(*),
  CAST(sum(CAST(fund_yuan * 100 AS BIGINT)) AS BIGINT)
FROM mart.line_verdict WHERE period BETWEEN $1 AND $2 GROUP BY ALL ORDER BY ALL`

const queryFound = `SELECT practitioner_code, period, rule, count(*) FROM mart.finding
WHERE practitioner_code IS NOT NULL AND period BETWEEN $1 AND $2 GROUP BY ALL ORDER BY ALL`

// queryLines gives the newest $3 lines of each institution and the newest $4 of each person, packed.
const queryLines = `WITH line AS (SELECT *, CAST(coalesce(fund_yuan, 0) * 100 AS BIGINT) AS cents,
    row_number() OVER (PARTITION BY fixmedins_code ORDER BY service_date DESC NULLS LAST, setl_id DESC, feedetl_sn DESC) AS of_place,
    row_number() OVER (PARTITION BY practitioner_code ORDER BY service_date DESC NULLS LAST, setl_id DESC, feedetl_sn DESC) AS of_person
  FROM mart.line_verdict WHERE period BETWEEN $1 AND $2)
SELECT concat_ws(chr(31), coalesce(fixmedins_code, ''), coalesce(practitioner_code, ''), replace(coalesce(setl_id, ''), chr(31), ''), replace(coalesce(feedetl_sn, ''), chr(31), ''),
  coalesce(CAST(service_date AS VARCHAR), ''), verdict, coalesce(rule, 0), coalesce(role, ''), coalesce(status, ''), coalesce(CAST(status_from AS VARCHAR), ''),
  coalesce(CAST(status_to - 1 AS VARCHAR), ''), coalesce(emergency_test, ''), cents, of_place, of_person)
FROM line WHERE of_place <= $3 OR practitioner_code IS NOT NULL AND of_person <= $4
ORDER BY service_date DESC NULLS LAST, setl_id DESC, feedetl_sn DESC, fixmedins_code, practitioner_code`

// Rounded down: a ratio just short of its threshold must not look as if it had met it.
const queryRatios = `SELECT concat_ws(chr(31), fixmedins_code, ratio_no, coalesce(ratio_name, ''), window_kind, window_key, coalesce(numerator, 0), coalesce(denominator, 0),
  coalesce(CASE WHEN denominator > 0 THEN CAST(numerator::HUGEINT * 10000 // denominator AS BIGINT) END, 0),
  CAST(coalesce(state = 'ok' AND denominator > 0, false) AS INTEGER), coalesce(threshold, 0), CAST(threshold IS NOT NULL AS INTEGER), CAST(coalesce(meets, false) AS INTEGER))
FROM mart.institution_ratio
WHERE fixmedins_code IS NOT NULL AND (window_kind = 'month' AND window_key BETWEEN $1 AND $2 OR window_kind = 'ytd' AND window_key = $2)
ORDER BY fixmedins_code, ratio_no, window_kind, window_key`

const queryCards = `SELECT fixmedins_code, year, ` + pointText + `, coalesce(vetoes, ''), coalesce(missing, ''),
  coalesce(CAST(self_total AS VARCHAR), ''), coalesce(decision, ''), coalesce(CAST(pass_mark AS VARCHAR), ''), coalesce(note, ''), coalesce(card_title, ''),
  coalesce(window_key, ''), coalesce(state, ''), coalesce(vetoed, false), coalesce(stands_in, false)
FROM mart.scorecard_total ORDER BY fixmedins_code, year DESC`

const pointText = `coalesce(CAST(total AS VARCHAR), ''), coalesce(CAST(lowest AS VARCHAR), ''), coalesce(CAST(highest AS VARCHAR), '')`

// newestCard asks the cards, for one on which nothing is left to do has no steps.
const newestCard = ` WHERE (fixmedins_code, year) IN (SELECT (fixmedins_code, max(year)) FROM mart.scorecard_total GROUP BY fixmedins_code)`

const queryIndicators = `SELECT concat_ws(chr(31), fixmedins_code, indicator_no, replace(coalesce(title, ''), chr(31), ' '), coalesce(CAST(max_points AS VARCHAR), ''),
  coalesce(CAST(score AS VARCHAR), ''), coalesce(CAST(lowest AS VARCHAR), ''), coalesce(CAST(highest AS VARCHAR), ''), coalesce(source, ''),
  replace(coalesce(evidence, ''), chr(31), ' '), coalesce(CAST(self_score AS VARCHAR), ''), CAST(coalesce(vetoed, false) AS INTEGER))
FROM mart.scorecard` + newestCard + ` ORDER BY fixmedins_code, indicator_no`

const querySteps = `SELECT concat_ws(chr(31), fixmedins_code, step_no, indicator_no, coalesce(kind, ''), coalesce(CAST(gain AS VARCHAR), ''), replace(coalesce(step, ''), chr(31), ' '))
FROM mart.scorecard_step` + newestCard + ` ORDER BY fixmedins_code, step_no`

// concerned are the persons whom any page may name.
const concerned = `(SELECT practitioner_code FROM mart.finding WHERE period BETWEEN $1 AND $2 UNION SELECT practitioner_code FROM mart.line_verdict
  WHERE period BETWEEN $1 AND $2 UNION SELECT practitioner_code FROM mart.deadline UNION SELECT practitioner_code FROM mart.early_warning
  UNION SELECT practitioner_code FROM mart.status_not_maintained UNION SELECT practitioner_code FROM mart.agreement_event)`

const queryPeople = `SELECT practitioner_code, coalesce(name_masked, ''), coalesce(institutions, ''), coalesce(registry_status, ''), coalesce(derived_status, ''),
  coalesce(total_points, 0), coalesce(CAST(blocked_to AS VARCHAR), '')
FROM mart.practitioner_file WHERE practitioner_code IN ` + concerned + ` ORDER BY practitioner_code`

const querySpells = `SELECT practitioner_code, status, coalesce(CAST(valid_from AS VARCHAR), ''), coalesce(CAST(valid_to - 1 AS VARCHAR), ''), coalesce(recorded_at_institution, '')
FROM mart.practitioner_interval WHERE practitioner_code IN ` + concerned + ` ORDER BY practitioner_code, valid_from NULLS FIRST`

const queryRecord = `SELECT practitioner_code, coalesce(CAST(on_date AS VARCHAR), ''), coalesce(event, ''), coalesce(ref_no, ''), coalesce(points, 0), coalesce(total_after, 0),
  coalesce(measure, ''), coalesce(CAST(block_from AS VARCHAR), ''), coalesce(CAST(block_to - 1 AS VARCHAR), ''), coalesce(article, '')
FROM mart.points_record WHERE practitioner_code IN ` + concerned + ` ORDER BY practitioner_code, event_no`

const queryDuties = `SELECT practitioner_code, kind, coalesce(title, ''), coalesce(CAST(due_on AS VARCHAR), ''), coalesce(state, ''), coalesce(article, ''),
  coalesce(ref_no, ''), coalesce(note, '')
FROM mart.deadline
ORDER BY CASE state WHEN 'overdue' THEN 1 WHEN 'due' THEN 2 WHEN 'starting' THEN 3 WHEN 'unknown' THEN 4 ELSE 5 END,
  due_on NULLS LAST, practitioner_code, kind, ref_no`

const queryWarnings = `SELECT coalesce(title, kind), coalesce(fixmedins_code, ''), coalesce(practitioner_code, ''), coalesce(CAST(on_date - 1 AS VARCHAR), ''),
  coalesce(article, ''), coalesce(total_points, 0), coalesce(registered, 0), coalesce(blocked, 0)
FROM mart.early_warning
ORDER BY CASE kind WHEN 'share_exceeded' THEN 1 WHEN 'share_near' THEN 2 WHEN 'one_step' THEN 3 ELSE 4 END, fixmedins_code, on_date, practitioner_code`

const queryLate = `SELECT fixmedins_code, practitioner_code, coalesce(ref_no, ''), coalesce(measure, ''), coalesce(CAST(block_from AS VARCHAR), ''),
  coalesce(CAST(block_to - 1 AS VARCHAR), ''), coalesce(CAST(due_on AS VARCHAR), ''), coalesce(CAST(maintained_on AS VARCHAR), ''), coalesce(lines, 0),
  CAST(coalesce(fund_yuan, 0) * 100 AS BIGINT)
FROM mart.status_not_maintained ORDER BY maintained_on IS NOT NULL, due_on NULLS LAST, fixmedins_code, practitioner_code, ref_no`

const queryShares = `SELECT fixmedins_code, year, registered, blocked, coalesce(flagged, false) FROM mart.institution_blocked_share ORDER BY fixmedins_code, year DESC`

const queryAgreements = `SELECT fixmedins_code, coalesce(event, ''), coalesce(CAST(valid_from AS VARCHAR), ''), coalesce(CAST(valid_to - 1 AS VARCHAR), ''),
  coalesce(practitioner_code, ''), coalesce(registry_status, ''), coalesce(status_if_responsible, '')
FROM mart.agreement_event ORDER BY valid_from DESC NULLS LAST, fixmedins_code, practitioner_code`

const queryStatements = `SELECT statement_no, issued_in, coalesce(CAST(as_of AS VARCHAR), ''), coalesce(run_id, ''), line_count,
  CAST(withhold_yuan * 100 AS BIGINT), CAST(recover_yuan * 100 AS BIGINT), CAST(release_yuan * 100 AS BIGINT)
FROM mart.statement ORDER BY issued_in DESC`

const queryIssued = `SELECT issued_in, coalesce(fixmedins_code, ''), kind, coalesce(cause, ''), count(*), CAST(sum(CAST(amount_yuan * 100 AS BIGINT)) AS BIGINT)
FROM mart.statement_line WHERE issued_in BETWEEN $1 AND $2 GROUP BY ALL ORDER BY ALL`

const queryRuns = `SELECT run_id, coalesce(job, ''), coalesce(period, ''), coalesce(CAST(as_of AS VARCHAR), ''), coalesce(strftime(started_at, '%Y-%m-%d %H:%M:%S'), ''),
  coalesce(strftime(finished_at, '%Y-%m-%d %H:%M:%S'), ''), coalesce(state, ''), coalesce(rows_in, 0), coalesce(chain_hash, ''), count(*) OVER ()
FROM mart.run ORDER BY started_at DESC NULLS LAST, run_id DESC LIMIT $1`

const queryFiles = `SELECT coalesce(file_name, ''), coalesce(feed, ''), coalesce(encoding, ''), coalesce(strftime(received_at, '%Y-%m-%d %H:%M:%S'), ''), coalesce(file_sha256, ''),
  coalesce(rows_read, 0), coalesce(loaded, 0), coalesce(superseded, 0), coalesce(duplicate, 0), coalesce(rejected, 0), count(*) OVER ()
FROM mart.delivered_file ORDER BY received_at DESC NULLS LAST, feed, file_name, file_sha256 LIMIT $1`

// A reason may quote what stood in the row; which column of which file is enough to find it.
const queryRejects = `SELECT coalesce(feed, ''), coalesce(file_name, ''), coalesce(column_name, ''), count(*) FILTER (coalesce(replayed_in, '') = ''),
  count(*) FILTER (coalesce(replayed_in, '') <> '')
FROM mart.rejected_row GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3 LIMIT $1`

const queryMatters = `SELECT coalesce(title, kind, ''), coalesce(period, ''), coalesce(setl_id, ''), coalesce(feedetl_sn, ''), coalesce(note, '')
FROM mart.data_quality ORDER BY period DESC NULLS FIRST, 1, 3, 4, 5 LIMIT $1`

const queryMatterCounts = `SELECT coalesce(title, kind, ''), coalesce(period, ''), count(*) FROM mart.data_quality GROUP BY 1, 2 ORDER BY 2 DESC, 1`

const queryFresh = `SELECT feed, coalesce(CAST(newest_data_on AS VARCHAR), ''), coalesce(strftime(newest_received_at, '%Y-%m-%d %H:%M:%S'), '')
FROM mart.freshness ORDER BY feed`
