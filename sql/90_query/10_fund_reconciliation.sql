-- 每家机构的基金支付是否等于准予支付＋豁免＋待复核＋扣款？差额列应当全为零 / Does fund equal pay + exempt + review + withhold for every institution? The difference must be zero
SELECT
  s.period, s.fixmedins_code, count(*) AS settlements, sum(s.fund_yuan) AS fund_yuan, sum(s.pay_yuan) AS pay_yuan, sum(s.exempt_yuan) AS exempt_yuan,
  sum(s.review_yuan) AS review_yuan, sum(s.withhold_yuan) AS withhold_yuan,
  sum(s.fund_yuan) - sum(s.pay_yuan) - sum(s.exempt_yuan) - sum(s.review_yuan) - sum(s.withhold_yuan) AS difference_yuan
FROM mart.settlement_verdict s
GROUP BY ALL
ORDER BY abs(difference_yuan) DESC, s.period, s.fixmedins_code
