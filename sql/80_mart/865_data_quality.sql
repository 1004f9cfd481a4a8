-- 865 data_quality
-- Why: what is paid or waits although the data is not whole.
-- Grain: one row per matter.
-- Reads: core.fee_line, core.settlement_delivered, core.settlement, core.line_count, core.institution_interval, staging.settlement, ref.run
-- Writes: mart.data_quality
-- Params: none
WITH alone AS MATERIALIZED (
  SELECT s.setl_id, s.period, s.is_effective, l.setl_id AS lines_of, l.line_count
  FROM core.settlement s
  FULL OUTER JOIN core.line_count l ON l.setl_id = s.setl_id
  WHERE s.setl_id IS NULL OR l.setl_id IS NULL
)
SELECT 'settlement_without_line' AS kind, '结算单没有费用明细' AS title, period, setl_id, CAST(NULL AS VARCHAR) AS feedetl_sn,
  '按规定照付；请向机构索取明细。' AS note
FROM alone
WHERE is_effective
UNION ALL
SELECT 'line_without_settlement', '费用明细没有结算单', CAST(NULL AS VARCHAR), lines_of, CAST(NULL AS VARCHAR),
  line_count || ' 条明细等待结算单到达后审核。'
FROM alone
WHERE line_count > 1
UNION ALL
SELECT 'line_without_settlement', '费用明细没有结算单', CAST(NULL AS VARCHAR), a.lines_of, l.feedetl_sn, '1 条明细等待结算单到达后审核。'
FROM alone a
JOIN core.fee_line l ON l.setl_id = a.lines_of
WHERE a.line_count = 1
UNION ALL
SELECT 'reversal_without_flagged_original', '退费单的原结算单未标记退费', r.period, r.setl_id, CAST(NULL AS VARCHAR),
  '原结算单 ' || r.init_setl_id || ' 未标记退费，仍按有效结算审核；请核对。'
FROM (SELECT period, setl_id, init_setl_id FROM core.settlement_delivered WHERE init_setl_id IS NOT NULL) r
JOIN core.settlement o ON o.setl_id = r.init_setl_id
WHERE o.is_effective AND o.setl_id <> r.setl_id
UNION ALL
SELECT 'institution_not_in_registry', '结算机构不在机构登记表中', s.period, CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR),
  s.fixmedins_code || ' 共 ' || count(*) || ' 单，基金 ' || yuan(sum(s.fund_cents)) || ' 元，按医疗机构审核；请补报机构信息。'
FROM core.settlement s
WHERE s.is_effective AND NOT EXISTS (SELECT 1 FROM core.institution_interval i WHERE i.fixmedins_code = s.fixmedins_code)
GROUP BY s.period, s.fixmedins_code
UNION ALL
SELECT 'fund_above_fee', '基金支付额大于医疗费总额', c.period, s.setl_id, CAST(NULL AS VARCHAR),
  '基金 ' || yuan(s.fund_pay_sumamt_cents) || ' 元，医疗费 ' || yuan(s.medfee_sumamt_cents) || ' 元；仍按基金支付额审核，请核对。'
FROM (SELECT setl_id, fund_pay_sumamt_cents, medfee_sumamt_cents FROM staging.settlement
  WHERE fund_pay_sumamt_cents > medfee_sumamt_cents AND fund_pay_sumamt_cents > 0) s
JOIN core.settlement c ON c.setl_id = s.setl_id
WHERE c.is_effective
UNION ALL
SELECT 'settled_in_the_future', '结算时间晚于数据截止日', c.period, s.setl_id, CAST(NULL AS VARCHAR),
  '结算时间 ' || strftime(s.setl_time, '%Y-%m-%d') || '；请核对。'
FROM (SELECT s.setl_id, s.setl_time FROM staging.settlement s CROSS JOIN ref.run p
  WHERE unix_date(CAST(s.setl_time AS DATE)) > p.as_of_day) s
JOIN core.settlement c ON c.setl_id = s.setl_id
WHERE c.is_effective
ORDER BY 1, 3, 4, 5
