-- 本月各机构扣款金额与条数 / Withheld amount and lines per institution and month
SELECT v.period, v.fixmedins_code, i.fixmedins_name, count(*) AS lines, sum(v.fund_yuan) AS withhold_yuan
FROM mart.line_verdict v
LEFT JOIN mart.institution_period i ON i.period = v.period AND i.fixmedins_code = v.fixmedins_code
WHERE v.verdict = 'withhold'
GROUP BY ALL
ORDER BY v.period, withhold_yuan DESC, v.fixmedins_code
