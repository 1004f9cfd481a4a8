-- Layer 30: who, where, when. Days are integers since 1970-01-01, intervals half-open;
-- -2932896 stands for "from the beginning", 2932896 for "open".
-- Compression is named where there is a row for every settlement or more, as in staging.
CREATE TABLE core.settlement (
  setl_id VARCHAR USING COMPRESSION uncompressed, period VARCHAR USING COMPRESSION dictionary, fixmedins_code VARCHAR USING COMPRESSION dictionary,
  fixmedins_name VARCHAR USING COMPRESSION dictionary, med_type VARCHAR USING COMPRESSION dictionary, fund_cents BIGINT,
  mdtrt_cert_type VARCHAR USING COMPRESSION dictionary, pay_loc VARCHAR USING COMPRESSION dictionary, is_effective BOOLEAN, file_id INTEGER, row_key BIGINT);
CREATE TABLE core.line_count (
  setl_id VARCHAR USING COMPRESSION uncompressed, line_count BIGINT, feedetl_sn VARCHAR USING COMPRESSION uncompressed);
CREATE TABLE core.institution_interval (
  fixmedins_code VARCHAR, from_day INTEGER, to_day INTEGER, fixmedins_name VARCHAR, fixmedins_type VARCHAR, principal_code VARCHAR,
  agreement_status VARCHAR, agreement_from_day INTEGER, agreement_to_day INTEGER, ownership VARCHAR, hosp_lv VARCHAR);
CREATE TABLE core.registry_row (
  practitioner_code VARCHAR, fixmedins_code VARCHAR, snapshot_day INTEGER, base_from_day INTEGER, next_snapshot_day INTEGER,
  own_next_day INTEGER, severity INTEGER, begin_day INTEGER, end_day INTEGER, commitment_flag VARCHAR);
CREATE TABLE core.blocked_piece (
  practitioner_code VARCHAR, fixmedins_code VARCHAR, snapshot_day INTEGER, severity INTEGER, from_day INTEGER, to_day INTEGER);
CREATE TABLE core.practitioner_interval (
  practitioner_code VARCHAR, severity INTEGER, from_day INTEGER, to_day INTEGER, fixmedins_code VARCHAR, snapshot_day INTEGER);
CREATE TABLE core.registration (
  practitioner_code VARCHAR, fixmedins_code VARCHAR, from_day INTEGER, to_day INTEGER, commitment_flag VARCHAR);
CREATE TABLE core.practitioner (practitioner_code VARCHAR);
CREATE TABLE core.review_decision (
  setl_id VARCHAR, feedetl_sn VARCHAR, decision VARCHAR, review_no VARCHAR, decided_day INTEGER, practitioner_code VARCHAR, file_id INTEGER);
CREATE TABLE core.clean_registration (practitioner_code VARCHAR, fixmedins_code VARCHAR, from_day INTEGER, to_day INTEGER);
CREATE TABLE core.watched_institution (fixmedins_code VARCHAR);
CREATE TABLE core.candidate_line (
  period VARCHAR, fixmedins_code VARCHAR, med_type VARCHAR, setl_id VARCHAR, feedetl_sn VARCHAR, service_day INTEGER,
  bilg_dr_codg VARCHAR, orders_dr_code VARCHAR, er_flag VARCHAR, file_id INTEGER);
CREATE TABLE core.practitioner_day (
  fixmedins_code VARCHAR, service_day INTEGER, delivered_code VARCHAR, practitioner_code VARCHAR, is_known BOOLEAN,
  severity INTEGER, status_from_day INTEGER, status_to_day INTEGER, is_registered BOOLEAN, commitment_flag VARCHAR);
CREATE TABLE core.institution_day (
  fixmedins_code VARCHAR, service_day INTEGER, fixmedins_type VARCHAR, is_agreement_inactive BOOLEAN, principal_code VARCHAR);
CREATE TABLE core.suspect_line (
  period VARCHAR, fixmedins_code VARCHAR, setl_id VARCHAR, feedetl_sn VARCHAR, service_day INTEGER, fixmedins_type VARCHAR,
  bilg_dr_codg VARCHAR, orders_dr_code VARCHAR, is_agreement_inactive BOOLEAN, principal_code VARCHAR,
  emergency_test VARCHAR, decision VARCHAR, review_no VARCHAR, file_id INTEGER);
CREATE TABLE core.line_role (
  period VARCHAR, setl_id VARCHAR, feedetl_sn VARCHAR, role VARCHAR, practitioner_code VARCHAR, is_known BOOLEAN, severity INTEGER,
  status_from_day INTEGER, status_to_day INTEGER, is_registered BOOLEAN, commitment_flag VARCHAR);

-- The staging rows as the models of layers 30 to 60 read them: days and months instead of time stamps,
-- '' for a missing code. Everything that differs between SQL dialects is spent here.
CREATE VIEW core.fee_line AS SELECT
  file_id, row_key, setl_id, feedetl_sn, unix_date(CAST(fee_ocur_time AS DATE)) AS service_day, med_list_codg,
  med_chrgitm_type IN ('09', '10', '11') AS is_drug, det_item_fee_sumamt_cents AS item_cents, inscp_scp_amt_cents AS scope_cents,
  coalesce(bilg_dr_codg, '') AS bilg_dr_codg, coalesce(orders_dr_code, '') AS orders_dr_code, er_flag,
  coalesce(regexp_matches(drug_trac_codg, '(^|;)[ \t]*[0-9]{20}[ \t]*(;|$)'), false) AS is_traced
FROM staging.fee_line;
CREATE VIEW core.settlement_delivered AS SELECT
  file_id, row_key, setl_id, strftime(setl_time, '%Y-%m') AS period, fixmedins_code, fixmedins_name, med_type, fund_pay_sumamt_cents AS fund_cents,
  mdtrt_cert_type, pay_loc, refd_setl_flag, vali_flag, init_setl_id
FROM staging.settlement;
CREATE VIEW core.practitioner_status AS SELECT
  prac_psn_code AS practitioner_code, fixmedins_code, unix_date(snapshot_date) AS snapshot_day, status,
  unix_date(status_begin) AS begin_day, unix_date(status_end) AS end_day, commitment_flag, unix_date(registered_on) AS registered_day
FROM staging.practitioner_status;
CREATE VIEW core.institution AS SELECT
  fixmedins_code, unix_date(valid_from) AS valid_from_day, fixmedins_name, fixmedins_type, coalesce(principal_code, '') AS principal_code,
  agreement_status, unix_date(agreement_from) AS agreement_from_day, unix_date(agreement_to) AS agreement_to_day, ownership, hosp_lv
FROM staging.institution;
CREATE VIEW core.practitioner_alias AS SELECT
  alias_code, prac_psn_code AS practitioner_code, fixmedins_code, unix_date(valid_from) AS valid_from_day
FROM staging.practitioner_alias;
CREATE VIEW core.review AS SELECT
  file_id, review_no, decision, setl_id, feedetl_sn, unix_date(decided_on) AS decided_day, unix_date(expires_on) AS expires_day,
  prac_psn_code AS practitioner_code
FROM staging.review;
CREATE VIEW core.inventory AS SELECT
  fixmedins_code, inv_data_type, strftime(upload_time, '%Y-%m') AS upload_period, unix_date(CAST(upload_time AS DATE)) AS upload_day,
  strftime(event_time, '%Y-%m') AS event_period, med_list_codg, cnt_e4, setl_id, amount_cents, platform_flag, gift_flag
FROM staging.inventory;
CREATE VIEW core.prescription AS SELECT
  fixmedins_code, dispensing_fixmedins_code, strftime(prsc_time, '%Y-%m') AS prescribed_period, strftime(setl_time, '%Y-%m') AS settled_period,
  electronic_flag, outside_flag, rx_stas_codg
FROM staging.prescription;
CREATE VIEW core.mobile_payment AS SELECT setl_id, refund_flag FROM staging.mobile_payment;
CREATE VIEW core.no_code_drug AS SELECT med_list_codg, unix_date(valid_from) AS valid_from_day FROM staging.no_code_drug;
CREATE VIEW core.superseded_row AS SELECT feed, row_key, old_file_id, new_file_id FROM staging.superseded_row;

-- How the mart shows days, amounts, ratios and names.
CREATE MACRO day_date(d) AS CASE WHEN d > -2932896 AND d < 2932896 THEN DATE '1970-01-01' + CAST(d AS INTEGER) END;
CREATE MACRO yuan(cents) AS CAST(CAST(cents AS DECIMAL(20,0)) * 0.01 AS DECIMAL(18,2));
CREATE MACRO status_name(severity) AS CASE severity WHEN 3 THEN 'terminated' WHEN 2 THEN 'suspended' WHEN 1 THEN 'expired' WHEN 0 THEN 'normal' END;
-- Rounded half away from zero to six places in integers (DECIMAL division would go through DOUBLE); NULL if it does not fit.
CREATE MACRO ratio_of(a, b) AS TRY_CAST(CAST(sign(a) * ((abs(CAST(a AS HUGEINT)) * 2000000 + b) // (CAST(b AS HUGEINT) * 2)) AS DECIMAL(20,0)) * 0.000001 AS DECIMAL(9,6));
CREATE MACRO mask_name(name) AS CASE WHEN name IS NULL THEN NULL WHEN length(name) < 2 THEN '＊' ELSE left(name, 1) || repeat('＊', length(name) - 1) END;
