-- 701 price_interval
-- Why: of the prices that hold on a day the one that began last counts; when it ends, an earlier one that is still open
--      holds again (price_limit, README "Scorecard data").
-- Grain: one row per drug, kind of price, institution ('' for all) and stretch of days; disjoint.
-- Reads: core.price_limit
-- Writes: core.price_interval
-- Params: none
WITH edge AS (
  SELECT med_list_codg, price_kind, fixmedins_code, from_day AS day FROM core.price_limit WHERE from_day < to_day
  UNION
  SELECT med_list_codg, price_kind, fixmedins_code, to_day AS day FROM core.price_limit WHERE from_day < to_day
),
piece AS (
  SELECT
    med_list_codg, price_kind, fixmedins_code, day AS from_day,
    LEAD(day) OVER (PARTITION BY med_list_codg, price_kind, fixmedins_code ORDER BY day ASC NULLS LAST) AS to_day
  FROM edge
),
covered AS (
  SELECT
    p.med_list_codg, p.price_kind, p.fixmedins_code, p.from_day, p.to_day, l.price_e6,
    ROW_NUMBER() OVER (PARTITION BY p.med_list_codg, p.price_kind, p.fixmedins_code, p.from_day
      ORDER BY l.from_day DESC NULLS LAST, l.price_e6 ASC NULLS LAST) AS position
  FROM piece p
  JOIN core.price_limit l
    ON l.med_list_codg = p.med_list_codg AND l.price_kind = p.price_kind AND l.fixmedins_code = p.fixmedins_code
    AND l.from_day <= p.from_day AND l.to_day >= p.to_day
)
SELECT med_list_codg, price_kind, fixmedins_code, from_day, to_day, price_e6
FROM covered
WHERE position = 1
