-- 320 blocked_piece
-- Why: what each registry row says of which days (contract 3 rules 1, 2 and 4): blocked from status_begin to status_end
--      inside the days it governs, expired after (Art. 44: restoration is not automatic), retroactive from status_begin,
--      and after the person left the institution still blocked until status_end (leaving clears nothing).
-- Grain: one row per registry row and stretch that is not normal; stretches of several rows may overlap.
-- Reads: core.registry_row
-- Writes: core.blocked_piece
-- Params: none
WITH blocked AS (
  -- Of consecutive rows that say the same with a status_begin, the last covers all their days and wins on each.
  SELECT
    practitioner_code, fixmedins_code, snapshot_day, severity, next_snapshot_day, own_next_day,
    COALESCE(begin_day, -2932896) AS begin_day,
    COALESCE(end_day, 2932896) AS end_day,
    CASE WHEN begin_day < base_from_day THEN begin_day ELSE base_from_day END AS from_day,
    CASE
      WHEN begin_day IS NOT NULL AND own_next_day = next_snapshot_day AND own_next_day < 2932896
        AND severity = LEAD(severity) OVER (PARTITION BY practitioner_code, fixmedins_code ORDER BY snapshot_day ASC NULLS LAST)
        AND begin_day = LEAD(begin_day) OVER (PARTITION BY practitioner_code, fixmedins_code ORDER BY snapshot_day ASC NULLS LAST)
        AND COALESCE(end_day, 2932896) = LEAD(COALESCE(end_day, 2932896)) OVER (PARTITION BY practitioner_code, fixmedins_code ORDER BY snapshot_day ASC NULLS LAST)
      THEN 1 ELSE 0
    END AS is_repeated
  FROM core.registry_row
),
piece AS (
  SELECT
    practitioner_code, fixmedins_code, snapshot_day, severity,
    GREATEST(from_day, begin_day) AS from_day,
    LEAST(next_snapshot_day, end_day + 1) AS to_day
  FROM blocked WHERE severity > 0 AND is_repeated = 0
  UNION ALL
  SELECT
    practitioner_code, fixmedins_code, snapshot_day, 1 AS severity,
    GREATEST(from_day, begin_day, end_day + 1) AS from_day,
    next_snapshot_day AS to_day
  FROM blocked WHERE severity > 0 AND is_repeated = 0
  UNION ALL
  SELECT
    practitioner_code, fixmedins_code, snapshot_day, severity,
    GREATEST(next_snapshot_day, begin_day) AS from_day,
    LEAST(own_next_day, end_day + 1) AS to_day
  FROM blocked WHERE severity > 0 AND next_snapshot_day < own_next_day
)
SELECT practitioner_code, fixmedins_code, snapshot_day, severity, from_day, LEAST(to_day, 2932896) AS to_day
FROM piece
WHERE from_day < LEAST(to_day, 2932896)
