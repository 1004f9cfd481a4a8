-- 855 settlement
-- Why: the claims themselves, for analysts; persons only as keyed pseudonyms.
-- Grain: one row per settlement, the version that counts.
-- Reads: staging.settlement, core.settlement
-- Writes: mart.settlement
-- Params: none
SELECT
  c.period, s.setl_id, s.fixmedins_code, pseudonym(s.psn_no) AS psn_ref, s.setl_time, s.insutype, s.med_type, s.mdtrt_cert_type,
  s.pay_loc, yuan(s.medfee_sumamt_cents) AS medfee_yuan, yuan(s.fund_pay_sumamt_cents) AS fund_yuan, c.is_effective
FROM staging.settlement s
JOIN core.settlement c ON c.setl_id = s.setl_id
