-- 896 agreement_event
-- Why: an agreement that is suspended or terminated takes the responsible persons with it, the others stay normal (Art. 21).
--      Who is responsible is decided by people, so this is a list to work through; no verdict follows from it.
-- Grain: one row per stretch of an inactive agreement and person registered there on a day of it.
-- Reads: core.institution_interval, core.registration, core.practitioner_interval, ref.rule
-- Writes: mart.agreement_event
-- Params: none
WITH inactive AS (
  SELECT
    fixmedins_code, agreement_status,
    greatest(from_day, agreement_from_day) AS from_day, least(to_day, agreement_to_day + 1, 2932896) AS to_day
  FROM core.institution_interval
  WHERE agreement_status IN ('suspended', 'terminated')
)
SELECT
  i.fixmedins_code, i.agreement_status AS event, day_date(i.from_day) AS valid_from, day_date(i.to_day) AS valid_to,
  g.practitioner_code, status_name(coalesce(max(t.severity), 0)) AS registry_status, i.agreement_status AS status_if_responsible, u.article
FROM inactive i
JOIN core.registration g ON g.fixmedins_code = i.fixmedins_code AND g.from_day < i.to_day AND g.to_day > i.from_day
LEFT JOIN core.practitioner_interval t
  ON t.practitioner_code = g.practitioner_code AND t.from_day < i.to_day AND t.to_day > i.from_day
JOIN ref.rule u ON u.rule = 404
WHERE i.from_day < i.to_day
GROUP BY i.fixmedins_code, i.agreement_status, i.from_day, i.to_day, g.practitioner_code, u.article
ORDER BY i.fixmedins_code, i.from_day, g.practitioner_code
