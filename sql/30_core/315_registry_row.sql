-- 315 registry_row
-- Why: a snapshot governs until the institution's next one; the first also governs the days before it,
--      from registered_on if given (contract 3 rule 1; Art. 40: the registry arrives as snapshots).
-- Grain: one row per practitioner, institution and snapshot date.
-- Reads: core.practitioner_status
-- Writes: core.registry_row
-- Params: none
WITH snapshot AS (
  SELECT fixmedins_code, snapshot_day FROM core.practitioner_status GROUP BY fixmedins_code, snapshot_day
),
sequence AS (
  SELECT
    fixmedins_code, snapshot_day,
    COALESCE(LEAD(snapshot_day) OVER (PARTITION BY fixmedins_code ORDER BY snapshot_day ASC NULLS LAST), 2932896) AS next_snapshot_day,
    ROW_NUMBER() OVER (PARTITION BY fixmedins_code ORDER BY snapshot_day ASC NULLS LAST) AS position
  FROM snapshot
)
SELECT
  r.practitioner_code, r.fixmedins_code, r.snapshot_day,
  CASE
    WHEN q.position > 1 THEN r.snapshot_day
    WHEN r.registered_day IS NULL THEN -2932896
    WHEN r.registered_day < r.snapshot_day THEN r.registered_day
    ELSE r.snapshot_day
  END AS base_from_day,
  q.next_snapshot_day,
  COALESCE(LEAD(r.snapshot_day) OVER (PARTITION BY r.practitioner_code, r.fixmedins_code ORDER BY r.snapshot_day ASC NULLS LAST), 2932896) AS own_next_day,
  CASE r.status WHEN 'terminated' THEN 3 WHEN 'suspended' THEN 2 ELSE 0 END AS severity,
  r.begin_day, r.end_day, r.commitment_flag
FROM core.practitioner_status r
JOIN sequence q ON q.fixmedins_code = r.fixmedins_code AND q.snapshot_day = r.snapshot_day
