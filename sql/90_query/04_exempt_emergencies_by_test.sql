-- 急诊豁免各依据什么，多少条、多少钱，哪家机构用得多？ / On which test do emergency exemptions rest, per month and institution?
SELECT v.period, v.emergency_test, v.fixmedins_code, count(*) AS lines, count(DISTINCT v.setl_id) AS settlements, sum(v.fund_yuan) AS exempt_yuan
FROM mart.line_verdict v
WHERE v.verdict = 'exempt'
GROUP BY ALL
ORDER BY v.period DESC, exempt_yuan DESC, v.emergency_test, v.fixmedins_code
