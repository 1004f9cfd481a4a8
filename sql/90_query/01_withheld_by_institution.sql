-- 各月各机构扣了多少、多少条、占基金支付的百分之几？ / How much is withheld from each institution per month, on how many lines, and what share of its fund amount?
SELECT
  p.period, p.fixmedins_code, p.fixmedins_name, count(v.feedetl_sn) AS withheld_lines, p.withhold_yuan, p.fund_yuan,
  CASE WHEN p.fund_yuan > 0 THEN round(p.withhold_yuan * 100 / p.fund_yuan, 2) END AS withheld_percent
FROM mart.institution_period p
LEFT JOIN mart.line_verdict v ON v.period = p.period AND v.fixmedins_code = p.fixmedins_code AND v.verdict = 'withhold'
WHERE p.withhold_yuan <> 0
GROUP BY ALL
ORDER BY p.period DESC, p.withhold_yuan DESC, p.fixmedins_code
