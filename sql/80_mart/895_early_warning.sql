-- 895 early_warning
-- Why: what is about to happen and can still be prepared for: institutions at or one person below the share of Art. 34,
--      persons one step below a suspension (Art. 33), suspensions that end soon (Art. 44).
-- Grain: one row per warning.
-- Reads: core.institution_year, core.points_warning, ref.share
-- Writes: mart.early_warning
-- Params: none
SELECT
  CASE WHEN i.blocked >= i.least_flagged THEN 'share_exceeded' ELSE 'share_near' END AS kind,
  CASE WHEN i.blocked >= i.least_flagged THEN '受限人员占比超过规定' ELSE '再有一人受限，占比即超过规定' END AS title,
  i.fixmedins_code, CAST(NULL AS VARCHAR) AS practitioner_code, CAST(NULL AS DATE) AS on_date, CAST(NULL AS INTEGER) AS total_points,
  CAST(i.registered AS INTEGER) AS registered, CAST(i.blocked AS INTEGER) AS blocked, s.article
FROM core.institution_year i
CROSS JOIN ref.share s
WHERE i.year = (SELECT max(year) FROM core.institution_year) AND i.blocked > 0 AND i.blocked + 1 >= i.least_flagged
UNION ALL
SELECT
  w.kind, CASE w.kind WHEN 'one_step' THEN '再记分即可能暂停' ELSE '暂停即将期满' END, CAST(NULL AS VARCHAR), w.practitioner_code,
  day_date(w.on_day), w.points, CAST(NULL AS INTEGER), CAST(NULL AS INTEGER), w.article
FROM core.points_warning w
ORDER BY 1, 3, 4
