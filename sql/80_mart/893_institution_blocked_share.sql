-- 893 institution_blocked_share
-- Why: an institution of whose registered persons too many were blocked within a calendar year loses its agreement (Art. 34).
-- Grain: one row per calendar year and institution with a person registered in it.
-- Reads: core.institution_year
-- Writes: mart.institution_blocked_share
-- Params: none
SELECT year, fixmedins_code, registered, blocked, blocked >= least_flagged AS flagged
FROM core.institution_year
ORDER BY year, fixmedins_code
