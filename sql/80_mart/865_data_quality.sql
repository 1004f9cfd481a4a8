-- 865 data_quality
-- Why: what is paid or waits although the data is not whole.
-- Grain: one row per matter.
-- Reads: core.fee_line, core.settlement_delivered, core.settlement, core.line_count, core.institution_interval, core.indicator_evidence,
--   core.self_report, core.price_limit, staging.settlement, ref.run, ref.indicator
-- Writes: mart.data_quality
-- Params: none
WITH alone AS MATERIALIZED (
  SELECT s.setl_id, s.period, s.is_effective, l.setl_id AS lines_of, l.line_count
  FROM core.settlement s
  FULL OUTER JOIN core.line_count l ON l.setl_id = s.setl_id
  WHERE s.setl_id IS NULL OR l.setl_id IS NULL
),
entry AS (
  SELECT '考核佐证' AS feed, year, fixmedins_code, CAST(entered_at AS DATE) AS entered_on, is_filled, is_ahead FROM core.indicator_evidence
  UNION ALL
  SELECT '机构自评', year, fixmedins_code, CAST(reported_at AS DATE), is_filled, is_ahead FROM core.self_report
),
known AS (
  SELECT fixmedins_code, max(fixmedins_type) AS fixmedins_type FROM core.institution_interval WHERE to_day = 2932896 GROUP BY fixmedins_code
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
UNION ALL
SELECT 'entry_institution_unknown', '填报的机构不在机构登记表中', CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR),
  e.fixmedins_code || ' ' || e.feed || ' ' || e.year || ' 年 ' || count(*) || ' 行，已保留，机构登记后即计入；请核对机构编号或补报机构信息。'
FROM entry e
WHERE e.is_filled AND NOT EXISTS (SELECT 1 FROM known k WHERE k.fixmedins_code = e.fixmedins_code)
GROUP BY e.feed, e.fixmedins_code, e.year
UNION ALL
SELECT 'entry_institution_unknown', '填报的机构不在机构登记表中', CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR),
  p.fixmedins_code || ' 药品限价 ' || count(*) || ' 行，已保留；请核对机构编号或补报机构信息。'
FROM core.price_limit p
WHERE p.fixmedins_code <> '' AND NOT EXISTS (SELECT 1 FROM known k WHERE k.fixmedins_code = p.fixmedins_code)
GROUP BY p.fixmedins_code
UNION ALL
SELECT 'entry_indicator_unknown', '该类机构的评分表不收这一项佐证', CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR),
  e.fixmedins_code || ' 考核佐证 ' || e.year || ' 年 指标 ' || e.indicator_no || ' 分项 ' || e.part || ' 共 ' || count(*) || ' 行，不计入；请核对序号和分项。'
FROM core.indicator_evidence e
JOIN known k ON k.fixmedins_code = e.fixmedins_code
WHERE e.is_filled
  AND NOT EXISTS (SELECT 1 FROM ref.indicator i WHERE i.fixmedins_type = k.fixmedins_type AND i.indicator_no = e.indicator_no AND i.part = e.part)
GROUP BY e.fixmedins_code, e.year, e.indicator_no, e.part
UNION ALL
SELECT 'entry_ahead', '填报时间晚于数据截止日', CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR),
  e.fixmedins_code || ' ' || e.feed || ' ' || e.year || ' 年 ' || count(*) || ' 行，最早 ' || min(e.entered_on) || '，到那一天才计入；请核对。'
FROM entry e
WHERE e.is_filled AND e.is_ahead
GROUP BY e.feed, e.fixmedins_code, e.year
UNION ALL
SELECT 'self_report_twice', '机构自评报了不止一次', CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR),
  e.fixmedins_code || ' ' || e.year || ' 年有 ' || count(*) || ' 项被较新的填报取代，旧的保留在 mart.self_report；以最新的为准。'
FROM core.self_report e
WHERE e.is_filled AND NOT e.is_ahead AND NOT e.is_current
GROUP BY e.fixmedins_code, e.year
ORDER BY 1, 3, 4, 5, 6
