-- 705 score_line
-- Why: the lines the scorecard has to look at, out of all of them: those dearer than the lowest price any list has for
--      the drug, and those that name a person no registry row has. What the lines mean is asked of them alone afterwards.
-- Grain: one row per line of an effective settlement of a year that is scored, and reason.
-- Reads: core.candidate_line, core.fee_line, core.practitioner, core.price_interval, core.settlement, ref.score_year
-- Writes: audit.score_line
-- Replaces: year IN (SELECT year FROM ref.score_year)
-- Params: score_years
WITH lowest AS (
  SELECT med_list_codg, MIN(price_e6) AS price_e6 FROM core.price_interval GROUP BY med_list_codg
),
registry AS ( -- without any delivery of it nobody can be told to lack a code
  SELECT 1 AS is_delivered FROM core.practitioner LIMIT 1
),
suspect AS (
  SELECT
    l.setl_id, l.feedetl_sn, l.service_day, l.med_list_codg, l.pric_e6, l.item_cents, TRUE AS is_dear, is_negotiated(l.aside) AS is_negotiated,
    CAST(NULL AS VARCHAR) AS unknown_bilg_dr, CAST(NULL AS VARCHAR) AS unknown_orders_dr
  FROM core.fee_line l
  JOIN lowest p ON p.med_list_codg = l.med_list_codg
  WHERE l.pric_e6 > p.price_e6 AND l.cnt_e4 > 0
  UNION ALL
  SELECT
    l.setl_id, l.feedetl_sn, l.service_day, CAST(NULL AS VARCHAR) AS med_list_codg, CAST(NULL AS BIGINT) AS pric_e6, l.item_cents, FALSE AS is_dear,
    FALSE AS is_negotiated,
    CASE WHEN l.bilg_dr_codg <> '' AND b.practitioner_code IS NULL THEN l.bilg_dr_codg END AS unknown_bilg_dr,
    CASE WHEN l.orders_dr_code <> '' AND o.practitioner_code IS NULL THEN l.orders_dr_code END AS unknown_orders_dr
  FROM core.candidate_line l -- whoever has no registry row is on one
  LEFT JOIN core.practitioner b ON b.practitioner_code = l.bilg_dr_codg
  LEFT JOIN core.practitioner o ON o.practitioner_code = l.orders_dr_code
  CROSS JOIN registry r
  WHERE (l.bilg_dr_codg <> '' AND b.practitioner_code IS NULL) OR (l.orders_dr_code <> '' AND o.practitioner_code IS NULL)
)
SELECT
  y.year, s.fixmedins_code, l.setl_id, l.feedetl_sn, l.service_day, l.med_list_codg, l.pric_e6, l.item_cents, l.is_dear, l.is_negotiated,
  l.unknown_bilg_dr, l.unknown_orders_dr
FROM suspect l
JOIN core.settlement s ON s.setl_id = l.setl_id
JOIN ref.score_year y ON s.period BETWEEN y.first_period AND y.last_period
WHERE s.is_effective
