-- 345 service
-- Why: status is judged per person, institution and service day (Art. 19); millions of lines share few of these.
--      Days before the rule pack's effect are not judged (Art. 51).
-- Grain: one row per institution, service day and pair of codes on lines of effective settlements.
-- Reads: core.fee_line, core.settlement, ref.run
-- Writes: core.service
-- Params: effective_from_day
SELECT s.fixmedins_code, l.service_day, l.bilg_dr_codg, l.orders_dr_code
FROM core.fee_line l
JOIN core.settlement s ON s.setl_id = l.setl_id
CROSS JOIN ref.run p
WHERE s.is_effective AND l.service_day >= p.effective_from_day
GROUP BY s.fixmedins_code, l.service_day, l.bilg_dr_codg, l.orders_dr_code
