-- 705 score_line
-- Why: the one pass over all lines for the scorecard: lines that name a person no registry row has, and lines dearer than
--      the lowest price any list has for the drug; what they mean is asked of them alone afterwards.
-- Grain: one row per line of an effective settlement of a year that is scored.
-- Reads: core.fee_line, core.practitioner, core.price_interval, core.settlement, ref.score_year
-- Writes: audit.score_line
-- Replaces: year IN (SELECT year FROM ref.score_year)
-- Params: score_years
WITH lowest AS (
  SELECT med_list_codg, MIN(price_e6) AS price_e6 FROM core.price_interval GROUP BY med_list_codg
),
suspect AS (
  SELECT
    l.setl_id, l.feedetl_sn, l.service_day, l.med_list_codg, l.pric_e6, l.item_cents, l.aside,
    COALESCE(l.pric_e6 > p.price_e6 AND l.cnt_e4 > 0, FALSE) AS is_dear,
    CASE WHEN l.bilg_dr_codg <> '' AND b.practitioner_code IS NULL THEN l.bilg_dr_codg END AS unknown_bilg_dr,
    CASE WHEN l.orders_dr_code <> '' AND o.practitioner_code IS NULL THEN l.orders_dr_code END AS unknown_orders_dr
  FROM core.fee_line l
  LEFT JOIN lowest p ON p.med_list_codg = l.med_list_codg
  LEFT JOIN core.practitioner b ON b.practitioner_code = l.bilg_dr_codg
  LEFT JOIN core.practitioner o ON o.practitioner_code = l.orders_dr_code
  WHERE (l.pric_e6 > p.price_e6 AND l.cnt_e4 > 0)
    OR (l.bilg_dr_codg <> '' AND b.practitioner_code IS NULL)
    OR (l.orders_dr_code <> '' AND o.practitioner_code IS NULL)
)
SELECT
  y.year, s.fixmedins_code, l.setl_id, l.feedetl_sn, l.service_day, l.med_list_codg, l.pric_e6, l.item_cents, l.is_dear,
  is_negotiated(l.aside) AS is_negotiated, l.unknown_bilg_dr, l.unknown_orders_dr
FROM suspect l
JOIN core.settlement s ON s.setl_id = l.setl_id
JOIN ref.score_year y ON s.period BETWEEN y.first_period AND y.last_period
WHERE s.is_effective
