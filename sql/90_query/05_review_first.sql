-- 哪些待复核明细金额最大，应当先看？ / Which lines under review are the largest and should be looked at first?
SELECT
  v.period, v.fixmedins_code, v.setl_id, v.feedetl_sn, v.service_date, v.rule, u.title AS rule_title, v.article, v.practitioner_code, v.role, v.fund_yuan
FROM mart.line_verdict v
JOIN mart.rule u ON u.rule = v.rule
WHERE v.verdict = 'review'
ORDER BY v.fund_yuan DESC, v.setl_id, v.feedetl_sn
LIMIT 50
