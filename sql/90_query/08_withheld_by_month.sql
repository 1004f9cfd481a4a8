-- 扣款、待复核、追回和退还逐月怎么变？ / How do withheld, review, recovered and released amounts move from month to month?
SELECT
  p.period, sum(p.settlements) AS settlements, sum(p.fund_yuan) AS fund_yuan, sum(p.withhold_yuan) AS withhold_yuan,
  sum(p.withhold_yuan) - lag(sum(p.withhold_yuan)) OVER (ORDER BY p.period) AS change_yuan,
  sum(p.review_yuan) AS review_yuan, sum(p.exempt_yuan) AS exempt_yuan, sum(p.recover_yuan) AS recover_yuan, sum(p.release_yuan) AS release_yuan
FROM mart.institution_period p
GROUP BY p.period
ORDER BY p.period
