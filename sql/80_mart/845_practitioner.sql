-- 845 practitioner
-- Why: who is meant by a code, without giving the person away.
-- Grain: one row per practitioner code.
-- Reads: staging.practitioner_status
-- Writes: mart.practitioner
-- Params: none
SELECT
  prac_psn_code AS practitioner_code, mask_name(arg_max(prac_psn_name, snapshot_date)) AS name_masked,
  pseudonym(arg_max(certno, snapshot_date)) AS cert_ref,
  array_to_string(list_sort(list_distinct(list(fixmedins_code))), '；') AS institutions
FROM (
  SELECT prac_psn_code, prac_psn_name, certno, fixmedins_code, struct_pack(d := snapshot_date, i := fixmedins_code) AS snapshot_date
  FROM staging.practitioner_status
)
GROUP BY prac_psn_code
ORDER BY prac_psn_code
