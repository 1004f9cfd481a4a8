-- 864 score_case
-- Why: every deducted point leads to the rows behind it.
-- Grain: one row per year, institution, metric and case.
-- Reads: audit.score_case
-- Writes: mart.score_case
-- Params: none
SELECT
  year, fixmedins_code, metric, kind,
  CASE kind
    WHEN 'unknown_code' THEN '费用明细上的人员代码查无登记'
    WHEN 'status_not_maintained' THEN '未在期限内按处理决定维护登记状态'
    WHEN 'late_status' THEN '人员状态变更未在期限内备案'
    WHEN 'late_registration' THEN '新增人员未在期限内备案'
    ELSE CASE metric
      WHEN 'over_standard_price' THEN '谈判药品单价高于支付标准'
      WHEN 'price_over_monitored' THEN '风险品种单价高于监测价格'
      WHEN 'price_over_online' THEN '风险品种线下单价高出网络展示价的幅度超过规定'
      WHEN 'price_over_uninsured' THEN '风险品种医保结算价高于非医保价'
    END
  END AS title,
  day_date(on_day) AS on_date, day_date(due_day) AS due_on, day_date(seen_day) AS seen_on, practitioner_code, ref_no, med_list_codg, setl_id,
  feedetl_sn, CAST(CAST(price_e6 AS DECIMAL(24,0)) * 0.000001 AS DECIMAL(18,6)) AS price,
  CAST(CAST(limit_e6 AS DECIMAL(24,0)) * 0.000001 AS DECIMAL(18,6)) AS limit_price, line_count AS lines, yuan(amount_cents) AS amount_yuan
FROM audit.score_case
ORDER BY year, fixmedins_code, metric, on_day, setl_id, feedetl_sn, practitioner_code, ref_no, med_list_codg
