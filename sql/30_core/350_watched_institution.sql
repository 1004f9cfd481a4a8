-- 350 watched_institution
-- Why: rules 403 and 404 look at the institution, not at the persons of a line (Art. 2, 21, 39).
-- Grain: one row per institution whose agreement was ever inactive or whose principal was ever not normal or has an alias.
-- Reads: core.institution_interval, core.practitioner_interval, core.practitioner_alias
-- Writes: core.watched_institution
-- Params: none
SELECT i.fixmedins_code
FROM core.institution_interval i
WHERE i.agreement_status IN ('suspended', 'terminated')
  OR (i.fixmedins_type = '2' AND (
    EXISTS (SELECT 1 FROM core.practitioner_interval t WHERE t.practitioner_code = i.principal_code)
    OR EXISTS (SELECT 1 FROM core.practitioner_alias a WHERE a.alias_code = i.principal_code)))
GROUP BY i.fixmedins_code
