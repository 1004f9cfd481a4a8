-- 谁在暂停或终止之后仍在申报，多少条、多少钱、最后一次是哪天？ / Who claimed after being suspended or terminated: lines, amount, last day?
SELECT
  v.practitioner_code, n.name_masked, v.status, v.status_from, v.status_to, count(*) AS lines, count(DISTINCT v.fixmedins_code) AS institutions,
  sum(v.fund_yuan) AS fund_yuan, sum(CASE WHEN v.verdict = 'exempt' THEN v.fund_yuan ELSE 0 END) AS of_which_exempt_yuan,
  max(v.service_date) AS last_service_date
FROM mart.line_verdict v
LEFT JOIN mart.practitioner n ON n.practitioner_code = v.practitioner_code
WHERE v.rule IN (401, 402)
GROUP BY ALL
ORDER BY fund_yuan DESC, v.practitioner_code, v.status_from
