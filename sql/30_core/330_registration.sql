-- 330 registration
-- Why: registered at an institution on a day means: in the snapshot that governs the day (contract 3 rules 1, 4; Art. 17).
-- Grain: one row per practitioner, institution and longest stretch with one commitment flag (Art. 8, 13).
-- Reads: core.registry_row
-- Writes: core.registration
-- Params: none
WITH marked AS (
  SELECT
    practitioner_code, fixmedins_code, snapshot_day, base_from_day, next_snapshot_day, commitment_flag,
    CASE
      WHEN LAG(next_snapshot_day) OVER (PARTITION BY practitioner_code, fixmedins_code ORDER BY snapshot_day ASC NULLS LAST) = snapshot_day
        AND LAG(COALESCE(commitment_flag, '')) OVER (PARTITION BY practitioner_code, fixmedins_code ORDER BY snapshot_day ASC NULLS LAST)
          = COALESCE(commitment_flag, '')
      THEN 0 ELSE 1
    END AS is_start
  FROM core.registry_row
),
numbered AS (
  SELECT
    practitioner_code, fixmedins_code, base_from_day, next_snapshot_day, commitment_flag,
    SUM(is_start) OVER (PARTITION BY practitioner_code, fixmedins_code ORDER BY snapshot_day ASC NULLS LAST
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS stretch
  FROM marked
)
SELECT
  practitioner_code, fixmedins_code,
  MIN(base_from_day) AS from_day,
  MAX(next_snapshot_day) AS to_day,
  MAX(commitment_flag) AS commitment_flag
FROM numbered
GROUP BY practitioner_code, fixmedins_code, stretch
