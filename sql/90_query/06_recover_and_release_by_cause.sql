-- 最近一期通知单追回和退还了多少，各因什么？ / What did the latest statement recover and release, and why?
SELECT l.statement_no, l.kind, l.cause, l.period AS claim_period, count(*) AS lines, sum(l.amount_yuan) AS amount_yuan
FROM mart.statement_line l
WHERE l.issued_in = (SELECT max(issued_in) FROM mart.statement) AND l.kind <> 'withhold'
GROUP BY ALL
ORDER BY l.kind, amount_yuan DESC, l.cause, l.period
