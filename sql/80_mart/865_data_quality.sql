-- 865 data_quality
-- Why: what is paid or waits although the data is not whole.
-- Grain: one row per matter.
-- Reads: core.settlement_delivered, core.settlement, core.line_count
-- Writes: mart.data_quality
-- Params: none
SELECT 'settlement_without_line' AS kind, '结算单没有费用明细' AS title, s.period, s.setl_id, CAST(NULL AS VARCHAR) AS feedetl_sn,
  '按规定照付；请向机构索取明细。' AS note
FROM core.settlement s
WHERE s.is_effective AND NOT EXISTS (SELECT 1 FROM core.line_count l WHERE l.setl_id = s.setl_id)
UNION ALL
SELECT 'line_without_settlement', '费用明细没有结算单', CAST(NULL AS VARCHAR), l.setl_id,
  CASE WHEN l.line_count = 1 THEN l.feedetl_sn END, l.line_count || ' 条明细等待结算单到达后审核。'
FROM core.line_count l
WHERE NOT EXISTS (SELECT 1 FROM core.settlement s WHERE s.setl_id = l.setl_id)
UNION ALL
SELECT 'reversal_without_flagged_original', '退费单的原结算单未标记退费', r.period, r.setl_id, CAST(NULL AS VARCHAR),
  '原结算单 ' || r.init_setl_id || ' 未标记退费，仍按有效结算审核；请核对。'
FROM core.settlement_delivered r
JOIN core.settlement o ON o.setl_id = r.init_setl_id
WHERE o.is_effective AND o.setl_id <> r.setl_id
ORDER BY 1, 3, 4, 5
