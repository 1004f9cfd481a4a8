-- 885 freshness
-- Why: a machine that runs every night on old snapshots looks well and judges wrongly; how new the data is, is asked apart.
--   A date after the day it was received counts as that day: a misprinted year must not keep a feed fresh for ever.
-- Grain: one row per feed of which a file was taken in.
-- Reads: meta.file, staging.practitioner_status, staging.settlement, staging.fee_line, staging.inventory, staging.prescription,
--   staging.mobile_payment, staging.review, staging.points_decision, staging.repair, staging.restoration
-- Writes: mart.freshness
-- Params: none
WITH dated AS (
  SELECT file_id, max(snapshot_date) AS newest_on FROM staging.practitioner_status GROUP BY file_id
  UNION ALL
  SELECT file_id, CAST(max(setl_time) AS DATE) FROM staging.settlement GROUP BY file_id
  UNION ALL
  SELECT file_id, CAST(max(fee_ocur_time) AS DATE) FROM staging.fee_line GROUP BY file_id
  UNION ALL
  SELECT file_id, CAST(max(upload_time) AS DATE) FROM staging.inventory GROUP BY file_id
  UNION ALL
  SELECT file_id, CAST(max(prsc_time) AS DATE) FROM staging.prescription GROUP BY file_id
  UNION ALL
  SELECT file_id, CAST(max(paid_time) AS DATE) FROM staging.mobile_payment GROUP BY file_id
  UNION ALL
  SELECT file_id, max(decided_on) FROM staging.review GROUP BY file_id
  UNION ALL
  SELECT file_id, max(decided_on) FROM staging.points_decision GROUP BY file_id
  UNION ALL
  SELECT file_id, max(done_on) FROM staging.repair GROUP BY file_id
  UNION ALL
  SELECT file_id, max(applied_on) FROM staging.restoration GROUP BY file_id
)
SELECT
  f.feed, max(CASE WHEN d.newest_on IS NOT NULL THEN least(d.newest_on, CAST(f.received_at AS DATE)) END) AS newest_data_on,
  max(f.received_at) AS newest_received_at
FROM meta.file f
LEFT JOIN dated d ON d.file_id = f.file_id
WHERE f.state = 'loaded'
GROUP BY f.feed
ORDER BY f.feed
