-- 880 run
-- Why: which run made what.
-- Grain: one row per run.
-- Reads: meta.run
-- Writes: mart.run
-- Params: none
SELECT run_id, job, period, as_of, started_at, finished_at, CASE WHEN state <> 'publishing' THEN state WHEN exit_code = 0 THEN 'done' ELSE 'failed' END AS state, rows_in, chain_hash FROM meta.run ORDER BY started_at, run_id
