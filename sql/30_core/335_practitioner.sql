-- 335 practitioner
-- Why: a code is known once any registry row at any institution had it (rule 405, Art. 10).
-- Grain: one row per practitioner code.
-- Reads: core.registry_row
-- Writes: core.practitioner
-- Params: none
SELECT practitioner_code FROM core.registry_row GROUP BY practitioner_code
