-- 305 settlement
-- Why: a period belongs to setl_time; only valid, not refunded settlements are judged (contract 4, 7 "Money").
-- Grain: one row per setl_id, the version that counts.
-- Reads: core.settlement_delivered
-- Writes: core.settlement
-- Params: none
SELECT
  setl_id, period, fixmedins_code, fixmedins_name, med_type, fund_cents, mdtrt_cert_type, pay_loc,
  vali_flag <> '0' AND refd_setl_flag = '0' AS is_effective,
  file_id, row_key
FROM core.settlement_delivered
