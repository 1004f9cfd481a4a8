-- 360 institution_day
-- Why: agreement (Art. 21) and principal (Art. 2, 39) are those of the institution row of the service day.
-- Grain: one row per institution the registry knows and service day on a candidate line.
-- Reads: core.candidate_line, core.institution_interval
-- Writes: core.institution_day
-- Params: none
SELECT
  d.fixmedins_code, d.service_day, i.fixmedins_type,
  i.agreement_status IN ('suspended', 'terminated')
    AND d.service_day BETWEEN i.agreement_from_day AND i.agreement_to_day AS is_agreement_inactive,
  CASE WHEN i.fixmedins_type = '2' THEN i.principal_code ELSE '' END AS principal_code
FROM (SELECT fixmedins_code, service_day FROM core.candidate_line GROUP BY fixmedins_code, service_day) d
JOIN core.institution_interval i
  ON i.fixmedins_code = d.fixmedins_code AND i.from_day <= d.service_day AND i.to_day > d.service_day
