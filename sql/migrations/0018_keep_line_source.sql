-- Where each line of a settlement with findings was delivered, kept by the pass that shares the fund amount over them: the
-- published evidence of a verdict need not read all lines again. Model 455 fills it on the next run, because its text changed.
ALTER TABLE audit.line_floor ADD COLUMN file_id INTEGER;
ALTER TABLE audit.line_floor ADD COLUMN line_no BIGINT;
CREATE OR REPLACE VIEW core.fee_line AS SELECT
  file_id, line_no, row_key, setl_id, feedetl_sn, unix_date(CAST(fee_ocur_time AS DATE)) AS service_day, med_list_codg,
  med_chrgitm_type IN ('09', '10', '11') AS is_drug, det_item_fee_sumamt_cents AS item_cents, inscp_scp_amt_cents AS scope_cents,
  coalesce(bilg_dr_codg, '') AS bilg_dr_codg, coalesce(orders_dr_code, '') AS orders_dr_code, er_flag,
  coalesce(regexp_matches(drug_trac_codg, '(^|;)[ \t]*[0-9]{20}[ \t]*(;|$)'), false) AS is_traced,
  cnt_e4, pric_e6, aside
FROM staging.fee_line;
