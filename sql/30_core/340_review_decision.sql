-- 340 review_decision
-- Why: a person's decision counts from decided_on to expires_on as seen on the as-of date (contract 7 "Reviews").
-- Grain: one row per settlement and line, '' for decisions on every line: the newest of them.
-- Reads: core.review, ref.run
-- Writes: core.review_decision
-- Params: reviews_in_force
WITH ranked AS (
  SELECT
    v.setl_id, COALESCE(v.feedetl_sn, '') AS feedetl_sn, v.decision, v.review_no, v.decided_day, v.practitioner_code, v.file_id,
    ROW_NUMBER() OVER (PARTITION BY v.setl_id, COALESCE(v.feedetl_sn, '')
      ORDER BY v.decided_day DESC NULLS LAST, v.review_no DESC NULLS LAST) AS position
  FROM core.review v
  CROSS JOIN ref.run p
  WHERE v.decided_day <= p.as_of_day AND COALESCE(v.expires_day, 2932896) >= p.as_of_day
)
SELECT setl_id, feedetl_sn, decision, review_no, decided_day, practitioner_code, file_id
FROM ranked
WHERE position = 1
