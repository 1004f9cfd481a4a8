-- The published schema: shape, and for every column a comment in Chinese and English.
-- Grain and meaning: contract section 6. Money is DECIMAL(18,2) yuan.
CREATE SCHEMA mart;

CREATE TABLE mart.line_verdict (
  period VARCHAR, fixmedins_code VARCHAR, setl_id VARCHAR, feedetl_sn VARCHAR, service_date DATE,
  verdict VARCHAR, rule INTEGER, article VARCHAR, practitioner_code VARCHAR, role VARCHAR,
  status VARCHAR, status_from DATE, status_to DATE, emergency_test VARCHAR, fund_yuan DECIMAL(18,2));
CREATE TABLE mart.line_evidence (
  setl_id VARCHAR, feedetl_sn VARCHAR, claim_file VARCHAR, claim_line BIGINT, evidence_feed VARCHAR, evidence_file VARCHAR,
  evidence_line BIGINT, evidence_on DATE, evidence_no VARCHAR, review_no VARCHAR);
CREATE TABLE mart.finding (
  period VARCHAR, setl_id VARCHAR, feedetl_sn VARCHAR, rule INTEGER, rule_name VARCHAR, role VARCHAR,
  practitioner_code VARCHAR, action VARCHAR, lifted_by VARCHAR);
CREATE TABLE mart.settlement_verdict (
  period VARCHAR USING COMPRESSION dictionary, fixmedins_code VARCHAR USING COMPRESSION dictionary, setl_id VARCHAR USING COMPRESSION fsst, fund_yuan DECIMAL(18,2), pay_yuan DECIMAL(18,2),
  exempt_yuan DECIMAL(18,2), review_yuan DECIMAL(18,2), withhold_yuan DECIMAL(18,2));
CREATE TABLE mart.institution_period (
  period VARCHAR, fixmedins_code VARCHAR, fixmedins_name VARCHAR, fixmedins_type VARCHAR,
  settlements BIGINT, lines BIGINT, fund_yuan DECIMAL(18,2), pay_yuan DECIMAL(18,2), exempt_yuan DECIMAL(18,2),
  review_yuan DECIMAL(18,2), withhold_yuan DECIMAL(18,2), recover_yuan DECIMAL(18,2), release_yuan DECIMAL(18,2));
CREATE TABLE mart.statement (
  statement_no VARCHAR, issued_in VARCHAR, as_of DATE, run_id VARCHAR, line_count BIGINT,
  withhold_yuan DECIMAL(18,2), recover_yuan DECIMAL(18,2), release_yuan DECIMAL(18,2));
CREATE TABLE mart.statement_line (
  statement_no VARCHAR, issued_in VARCHAR, period VARCHAR, fixmedins_code VARCHAR, setl_id VARCHAR,
  feedetl_sn VARCHAR, kind VARCHAR, amount_yuan DECIMAL(18,2), cause VARCHAR);
CREATE TABLE mart.institution_ratio (
  window_kind VARCHAR, window_key VARCHAR, fixmedins_code VARCHAR, ratio_no INTEGER, ratio_name VARCHAR,
  numerator BIGINT, denominator BIGINT, ratio DECIMAL(9,6), state VARCHAR, threshold INTEGER, meets BOOLEAN);
CREATE TABLE mart.practitioner_interval (
  practitioner_code VARCHAR, status VARCHAR, valid_from DATE, valid_to DATE,
  recorded_at_institution VARCHAR, snapshot_date DATE);
CREATE TABLE mart.practitioner (
  practitioner_code VARCHAR, name_masked VARCHAR, cert_ref VARCHAR, institutions VARCHAR);
CREATE TABLE mart.institution (
  fixmedins_code VARCHAR, fixmedins_name VARCHAR, fixmedins_type VARCHAR, valid_from DATE, valid_to DATE,
  ownership VARCHAR, hosp_lv VARCHAR, agreement_status VARCHAR, agreement_from DATE, agreement_to DATE);
CREATE TABLE mart.settlement (
  period VARCHAR USING COMPRESSION dictionary, setl_id VARCHAR USING COMPRESSION fsst, fixmedins_code VARCHAR USING COMPRESSION dictionary,
  psn_ref VARCHAR USING COMPRESSION uncompressed, setl_time TIMESTAMP, insutype VARCHAR USING COMPRESSION dictionary,
  med_type VARCHAR USING COMPRESSION dictionary, mdtrt_cert_type VARCHAR USING COMPRESSION dictionary, pay_loc VARCHAR USING COMPRESSION dictionary,
  medfee_yuan DECIMAL(18,2), fund_yuan DECIMAL(18,2), is_effective BOOLEAN);
CREATE TABLE mart.rule (
  rule INTEGER, name VARCHAR, title VARCHAR, action VARCHAR, article VARCHAR, reason VARCHAR);
CREATE TABLE mart.data_quality (
  kind VARCHAR, title VARCHAR, period VARCHAR, setl_id VARCHAR, feedetl_sn VARCHAR, note VARCHAR);
CREATE TABLE mart.rejected_row (
  file_sha256 VARCHAR, file_name VARCHAR, feed VARCHAR, line_no BIGINT, column_name VARCHAR, reason VARCHAR, raw VARCHAR,
  replayed_in VARCHAR);
CREATE TABLE mart.delivered_file (
  file_sha256 VARCHAR, file_name VARCHAR, feed VARCHAR, encoding VARCHAR, rows_read BIGINT, loaded BIGINT,
  superseded BIGINT, duplicate BIGINT, rejected BIGINT, amount_yuan DECIMAL(18,2), received_at TIMESTAMP, run_id VARCHAR);
CREATE TABLE mart.run (
  run_id VARCHAR, job VARCHAR, period VARCHAR, as_of DATE, started_at TIMESTAMP, finished_at TIMESTAMP, state VARCHAR,
  rows_in BIGINT, chain_hash VARCHAR);
CREATE TABLE mart.freshness (
  feed VARCHAR, newest_data_on DATE, newest_received_at TIMESTAMP);
CREATE TABLE mart.points_record (
  practitioner_code VARCHAR, year INTEGER, on_date DATE, event VARCHAR, ref_no VARCHAR, points INTEGER, total_after INTEGER,
  measure VARCHAR, block_from DATE, block_to DATE, article VARCHAR, event_no INTEGER);
CREATE TABLE mart.points_matter (
  practitioner_code VARCHAR, feed VARCHAR, ref_no VARCHAR, on_date DATE, reason VARCHAR, title VARCHAR, article VARCHAR, counted_with VARCHAR);
CREATE TABLE mart.practitioner_file (
  practitioner_code VARCHAR, name_masked VARCHAR, institutions VARCHAR, registry_status VARCHAR, derived_status VARCHAR,
  total_points INTEGER, blocked_to DATE, next_deadline DATE, next_deadline_kind VARCHAR, principal_of VARCHAR);
CREATE TABLE mart.deadline (
  practitioner_code VARCHAR, kind VARCHAR, title VARCHAR, due_on DATE, state VARCHAR, article VARCHAR, ref_no VARCHAR, note VARCHAR);
CREATE TABLE mart.institution_blocked_share (
  year INTEGER, fixmedins_code VARCHAR, registered BIGINT, blocked BIGINT, flagged BOOLEAN);
CREATE TABLE mart.status_not_maintained (
  fixmedins_code VARCHAR, practitioner_code VARCHAR, ref_no VARCHAR, measure VARCHAR, block_from DATE, block_to DATE, notice_on DATE,
  due_on DATE, maintained_on DATE, lines BIGINT, fund_yuan DECIMAL(18,2), late_lines BIGINT, late_fund_yuan DECIMAL(18,2), article VARCHAR);
CREATE TABLE mart.early_warning (
  kind VARCHAR, title VARCHAR, fixmedins_code VARCHAR, practitioner_code VARCHAR, on_date DATE, total_points INTEGER, registered INTEGER,
  blocked INTEGER, article VARCHAR);
CREATE TABLE mart.agreement_event (
  fixmedins_code VARCHAR, event VARCHAR, valid_from DATE, valid_to DATE, practitioner_code VARCHAR, registry_status VARCHAR,
  status_if_responsible VARCHAR, article VARCHAR);
CREATE TABLE mart.indicator_evidence (
  year INTEGER, fixmedins_code VARCHAR, indicator_no INTEGER, part VARCHAR, value DECIMAL(18,6), count INTEGER, yes_no BOOLEAN, event_on DATE,
  document_no VARCHAR, entered_by_masked VARCHAR, entered_at TIMESTAMP, is_current BOOLEAN, file_name VARCHAR, line_no BIGINT);
CREATE TABLE mart.self_report (
  year INTEGER, fixmedins_code VARCHAR, report_item VARCHAR, figure DECIMAL(18,6), indicator_no INTEGER, self_score DECIMAL(9,2),
  reported_at TIMESTAMP, is_current BOOLEAN, file_name VARCHAR, line_no BIGINT);
CREATE TABLE mart.score_metric (
  year INTEGER, fixmedins_code VARCHAR, metric VARCHAR, title VARCHAR, numerator BIGINT, denominator BIGINT, state VARCHAR);
CREATE TABLE mart.score_case (
  year INTEGER, fixmedins_code VARCHAR, metric VARCHAR, kind VARCHAR, title VARCHAR, on_date DATE, due_on DATE, seen_on DATE,
  practitioner_code VARCHAR, ref_no VARCHAR, med_list_codg VARCHAR, setl_id VARCHAR, feedetl_sn VARCHAR, price DECIMAL(18,6),
  limit_price DECIMAL(18,6), lines BIGINT, amount_yuan DECIMAL(18,2));
CREATE TABLE mart.scorecard (
  year INTEGER, fixmedins_code VARCHAR, indicator_no INTEGER, category VARCHAR, title VARCHAR, explanation VARCHAR, method_text VARCHAR,
  method VARCHAR, article VARCHAR, max_points DECIMAL(9,2), score DECIMAL(9,2), lowest DECIMAL(9,2), highest DECIMAL(9,2), vetoed BOOLEAN,
  may_veto BOOLEAN, source VARCHAR, evidence VARCHAR, query VARCHAR, self_score DECIMAL(9,2), state VARCHAR, differs_since DATE,
  score_now DECIMAL(9,2), evidence_now VARCHAR);
CREATE TABLE mart.scorecard_total (
  year INTEGER, fixmedins_code VARCHAR, fixmedins_type VARCHAR, ownership VARCHAR, total DECIMAL(9,2), lowest DECIMAL(9,2),
  highest DECIMAL(9,2), vetoed BOOLEAN, vetoes VARCHAR, missing VARCHAR, self_total DECIMAL(9,2), decision VARCHAR, pass_mark DECIMAL(9,2),
  note VARCHAR, card VARCHAR, card_title VARCHAR, agreement_year INTEGER, stands_in BOOLEAN, window_key VARCHAR, state VARCHAR, final_on DATE,
  differs_since DATE, differs VARCHAR, total_now DECIMAL(9,2), decision_now VARCHAR);
CREATE TABLE mart.scorecard_step (
  year INTEGER, fixmedins_code VARCHAR, step_no INTEGER, indicator_no INTEGER, kind VARCHAR, gain DECIMAL(9,2), step VARCHAR);
CREATE TABLE mart.status_reconciliation (
  practitioner_code VARCHAR, valid_from DATE, valid_to DATE, derived_status VARCHAR, registry_status VARCHAR, state VARCHAR);
