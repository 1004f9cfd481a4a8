-- 710 uncoded_person
-- Why: whoever works for the fund has the national code, and the institution provides it (江医保中心发〔2024〕16号, institutions
--      4(1), pharmacies 3(1)): persons named on claims by a code that no registry row, at any institution, ever had. A line
--      without any code names nobody: rule 410 asks for review there. An alias, or a person's decision to release the line
--      or to correct its practitioner, clears it.
-- Grain: one row per year, institution and code; setl_id and feedetl_sn are those of its first line.
-- Reads: audit.score_line, core.practitioner, core.practitioner_alias, core.review_decision, ref.role, ref.score_year
-- Writes: audit.score_case
-- Replaces: metric = 'uncoded_person' AND year IN (SELECT year FROM ref.score_year)
-- Params: score_years
WITH named AS (
  SELECT l.year, l.fixmedins_code, l.setl_id, l.feedetl_sn, l.service_day, l.item_cents, l.unknown_bilg_dr AS code
  FROM audit.score_line l JOIN ref.role r ON r.role = 'bilg_dr' WHERE l.unknown_bilg_dr IS NOT NULL
  UNION
  SELECT l.year, l.fixmedins_code, l.setl_id, l.feedetl_sn, l.service_day, l.item_cents, l.unknown_orders_dr AS code
  FROM audit.score_line l JOIN ref.role r ON r.role = 'orders_dr' WHERE l.unknown_orders_dr IS NOT NULL
),
decided AS (
  SELECT
    n.setl_id, n.feedetl_sn, v.decision,
    ROW_NUMBER() OVER (PARTITION BY n.setl_id, n.feedetl_sn ORDER BY v.decided_day DESC NULLS LAST, v.review_no DESC NULLS LAST) AS position
  FROM (SELECT setl_id, feedetl_sn FROM named GROUP BY setl_id, feedetl_sn) n
  JOIN core.review_decision v ON v.setl_id = n.setl_id AND (v.feedetl_sn = n.feedetl_sn OR v.feedetl_sn = '')
),
-- The institution's own alias beats a general one (contract 7 "Persons"), also where its own leads nowhere.
aliased AS (
  SELECT
    n.setl_id, n.feedetl_sn, n.code, a.practitioner_code,
    ROW_NUMBER() OVER (PARTITION BY n.setl_id, n.feedetl_sn, n.code ORDER BY a.fixmedins_code DESC NULLS LAST) AS position
  FROM named n
  JOIN core.practitioner_alias a
    ON a.alias_code = n.code AND COALESCE(a.fixmedins_code, n.fixmedins_code) = n.fixmedins_code
    AND COALESCE(a.valid_from_day, -2932896) <= n.service_day
),
cleared AS (
  SELECT a.setl_id, a.feedetl_sn, a.code
  FROM aliased a
  JOIN core.practitioner p ON p.practitioner_code = a.practitioner_code
  WHERE a.position = 1
),
standing AS (
  SELECT
    n.year, n.fixmedins_code, n.setl_id, n.feedetl_sn, n.service_day, n.item_cents, n.code,
    ROW_NUMBER() OVER (PARTITION BY n.year, n.fixmedins_code, n.code
      ORDER BY n.service_day ASC NULLS LAST, n.setl_id ASC NULLS LAST, n.feedetl_sn ASC NULLS LAST) AS position
  FROM named n
  JOIN ref.score_year y ON y.year = n.year
  LEFT JOIN decided d
    ON d.setl_id = n.setl_id AND d.feedetl_sn = n.feedetl_sn AND d.position = 1 AND d.decision IN ('release', 'correct_practitioner')
  LEFT JOIN cleared c ON c.setl_id = n.setl_id AND c.feedetl_sn = n.feedetl_sn AND c.code = n.code
  WHERE d.setl_id IS NULL AND c.setl_id IS NULL
)
SELECT
  year, fixmedins_code, 'uncoded_person' AS metric, 'unknown_code' AS kind, MIN(service_day) AS on_day, CAST(NULL AS INTEGER) AS due_day,
  CAST(NULL AS INTEGER) AS seen_day, code AS practitioner_code, CAST(NULL AS VARCHAR) AS ref_no, CAST(NULL AS VARCHAR) AS med_list_codg,
  MIN(CASE WHEN position = 1 THEN setl_id END) AS setl_id, MIN(CASE WHEN position = 1 THEN feedetl_sn END) AS feedetl_sn,
  CAST(NULL AS BIGINT) AS price_e6, CAST(NULL AS BIGINT) AS limit_e6, CAST(COUNT(*) AS BIGINT) AS line_count,
  CAST(SUM(item_cents) AS BIGINT) AS amount_cents
FROM standing
GROUP BY year, fixmedins_code, code
