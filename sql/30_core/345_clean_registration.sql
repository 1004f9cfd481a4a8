-- 345 clean_registration
-- Why: millions of lines are by people about whom no rule can say anything; naming these stretches first lets one pass
--      leave such lines alone. A stretch is clean if its person has no status that is not normal, no block in the points
--      record, no alias and no missing commitment.
-- Grain: one row per practitioner, institution and stretch of days.
-- Reads: core.registration, core.practitioner_interval, core.points_block, core.practitioner_alias
-- Writes: core.clean_registration
-- Params: none
SELECT g.practitioner_code, g.fixmedins_code, g.from_day, g.to_day
FROM core.registration g
WHERE COALESCE(g.commitment_flag, '1') <> '0'
  AND NOT EXISTS (SELECT 1 FROM core.practitioner_interval t WHERE t.practitioner_code = g.practitioner_code)
  AND NOT EXISTS (SELECT 1 FROM core.points_block b WHERE b.practitioner_code = g.practitioner_code)
  AND NOT EXISTS (SELECT 1 FROM core.practitioner_alias a WHERE a.alias_code = g.practitioner_code)
