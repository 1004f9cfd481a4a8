-- The feeds of the yearly scorecard and what layer 70 computes for it. Columns of staging are in the order of pipeline.Feeds.

-- Every entry is kept: a later one of the same part stands beside it, and the newest counts.
CREATE TABLE staging.indicator_evidence (
  file_id INTEGER,
  line_no BIGINT,
  row_key BIGINT,
  fixmedins_code VARCHAR,
  year INTEGER,
  indicator_no INTEGER,
  part VARCHAR,
  value_e6 BIGINT,
  count INTEGER,
  yes_no VARCHAR,
  event_on DATE,
  document_no VARCHAR,
  entered_by VARCHAR,
  entered_at TIMESTAMP);

CREATE TABLE staging.self_report (
  file_id INTEGER,
  line_no BIGINT,
  row_key BIGINT,
  fixmedins_code VARCHAR,
  year INTEGER,
  report_item VARCHAR,
  figure_e6 BIGINT,
  indicator_no INTEGER,
  self_score_e4 BIGINT,
  reported_at TIMESTAMP);

CREATE TABLE staging.price_limit (
  file_id INTEGER,
  line_no BIGINT,
  row_key BIGINT,
  med_list_codg VARCHAR,
  price_kind VARCHAR,
  limit_price_e6 BIGINT,
  fixmedins_code VARCHAR,
  valid_from DATE,
  valid_to DATE);

-- The years whose figures a run computes, as far as they have come, with the window of their ratios; and how the rule pack
-- tells the figures from claims.
CREATE TABLE ref.score_year (
  year INTEGER NOT NULL, first_period VARCHAR NOT NULL, last_period VARCHAR NOT NULL, first_day INTEGER NOT NULL, last_day INTEGER NOT NULL,
  window_kind VARCHAR NOT NULL, window_key VARCHAR NOT NULL);
-- kind is outpatient or inpatient; a code ending in * stands for every code that begins so.
CREATE TABLE ref.med_type_kind (kind VARCHAR NOT NULL, code VARCHAR NOT NULL, is_prefix BOOLEAN NOT NULL);
CREATE TABLE ref.insutype_kind (insu VARCHAR NOT NULL, insutype VARCHAR NOT NULL);
-- One row: the months from which trace codes are due, and by how many per cent a price may exceed the online one.
CREATE TABLE ref.score_setting (dispensing_from VARCHAR NOT NULL, stock_in_from VARCHAR NOT NULL, online_percent INTEGER NOT NULL);
CREATE TABLE ref.metric_title (metric VARCHAR NOT NULL, title VARCHAR NOT NULL);
CREATE TABLE ref.indicator (fixmedins_type VARCHAR NOT NULL, indicator_no INTEGER NOT NULL, part VARCHAR NOT NULL);

-- An entry without a value is a form not filled in yet; one entered after the as-of day does not count yet. Neither
-- displaces the newest that counts.
CREATE VIEW core.indicator_evidence AS
WITH entry AS (
  SELECT
    e.fixmedins_code, e.year, e.indicator_no, coalesce(e.part, '') AS part, e.value_e6, e.count,
    CASE e.yes_no WHEN '1' THEN true WHEN '0' THEN false END AS yes_no, unix_date(e.event_on) AS event_day, e.document_no, e.entered_by,
    e.entered_at, e.file_id, e.line_no,
    e.value_e6 IS NOT NULL OR e.count IS NOT NULL OR e.yes_no IS NOT NULL OR e.event_on IS NOT NULL AS is_filled,
    coalesce(unix_date(CAST(e.entered_at AS DATE)) > p.as_of_day, false) AS is_ahead
  FROM staging.indicator_evidence e
  CROSS JOIN ref.run p
)
SELECT
  fixmedins_code, year, indicator_no, part, value_e6, count, yes_no, event_day, document_no, entered_by, entered_at, file_id, line_no, is_filled,
  is_ahead,
  is_filled AND NOT is_ahead AND row_number() OVER (PARTITION BY fixmedins_code, year, indicator_no, part
    ORDER BY is_filled AND NOT is_ahead DESC, entered_at DESC NULLS LAST, file_id DESC, line_no DESC) = 1 AS is_current
FROM entry;

-- The institution's own figures and scores, item by item; amounts are delivered in 10,000 yuan, so that figure_e6 is cents.
CREATE VIEW core.self_report AS
WITH entry AS (
  SELECT
    e.fixmedins_code, e.year, e.report_item,
    CASE WHEN e.report_item LIKE 'amount!_%' ESCAPE '!' THEN e.report_item || '_cents' ELSE e.report_item END AS metric,
    CASE WHEN e.report_item LIKE 'amount!_%' ESCAPE '!' THEN e.figure_e6 ELSE e.figure_e6 // 1000000 END AS figure,
    e.indicator_no, e.self_score_e4 // 100 AS score_hundredths, e.reported_at, e.file_id, e.line_no,
    e.figure_e6 IS NOT NULL OR e.self_score_e4 IS NOT NULL AS is_filled,
    coalesce(unix_date(CAST(e.reported_at AS DATE)) > p.as_of_day, false) AS is_ahead
  FROM staging.self_report e
  CROSS JOIN ref.run p
)
SELECT
  fixmedins_code, year, report_item, metric, figure, indicator_no, score_hundredths, reported_at, file_id, line_no, is_filled, is_ahead,
  is_filled AND NOT is_ahead AND row_number() OVER (PARTITION BY fixmedins_code, year, report_item, indicator_no
    ORDER BY is_filled AND NOT is_ahead DESC, reported_at DESC NULLS LAST, file_id DESC, line_no DESC) = 1 AS is_current
FROM entry;

CREATE VIEW core.price_limit AS SELECT
  med_list_codg, price_kind, coalesce(fixmedins_code, '') AS fixmedins_code, limit_price_e6 AS price_e6,
  coalesce(unix_date(valid_from), -2932896) AS from_day,
  coalesce(unix_date(valid_to) + 1, 2932896) AS to_day
FROM staging.price_limit;

-- What the figures need beside what the verdicts do. The fund that pools is hifp_pay; where it was not delivered, it is
-- what the other funds leave of the sum.
CREATE OR REPLACE VIEW core.fee_line AS SELECT
  file_id, row_key, setl_id, feedetl_sn, unix_date(CAST(fee_ocur_time AS DATE)) AS service_day, med_list_codg,
  med_chrgitm_type IN ('09', '10', '11') AS is_drug, det_item_fee_sumamt_cents AS item_cents, inscp_scp_amt_cents AS scope_cents,
  coalesce(bilg_dr_codg, '') AS bilg_dr_codg, coalesce(orders_dr_code, '') AS orders_dr_code, er_flag,
  coalesce(regexp_matches(drug_trac_codg, '(^|;)[ \t]*[0-9]{20}[ \t]*(;|$)'), false) AS is_traced,
  cnt_e4, pric_e6, aside
FROM staging.fee_line;
CREATE OR REPLACE VIEW core.settlement_delivered AS SELECT
  file_id, row_key, setl_id, strftime(setl_time, '%Y-%m') AS period, fixmedins_code, fixmedins_name, med_type, fund_pay_sumamt_cents AS fund_cents,
  mdtrt_cert_type, pay_loc, refd_setl_flag, vali_flag, init_setl_id, insutype,
  coalesce(hifp_pay_cents, fund_pay_sumamt_cents - coalesce(cvlserv_pay_cents, 0) - coalesce(hifes_pay_cents, 0)
    - coalesce(hifmi_pay_cents, 0) - coalesce(hifob_pay_cents, 0) - coalesce(maf_pay_cents, 0) - coalesce(othfund_pay_cents, 0)) AS pooled_cents,
  coalesce(hifob_pay_cents, 0) AS large_amount_cents, coalesce(hifmi_pay_cents, 0) AS serious_illness_cents,
  coalesce(maf_pay_cents, 0) AS medical_aid_cents
FROM staging.settlement;
CREATE OR REPLACE VIEW core.inventory AS SELECT
  fixmedins_code, inv_data_type, strftime(upload_time, '%Y-%m') AS upload_period, unix_date(CAST(upload_time AS DATE)) AS upload_day,
  strftime(event_time, '%Y-%m') AS event_period, med_list_codg, cnt_e4, setl_id, amount_cents, platform_flag, gift_flag,
  unix_date(CAST(event_time AS DATE)) AS event_day,
  coalesce(regexp_matches(drug_trac_codg, '(^|;)[ \t]*[0-9]{20}[ \t]*(;|$)'), false) AS is_traced
FROM staging.inventory;
-- The seventh of the columns set aside. Only negotiated drugs have a payment standard, so a flag nobody delivered is no "no".
CREATE MACRO is_negotiated(aside) AS coalesce(split_part(aside, chr(31), 7) IN ('1', ''), true);

-- Layer 60: drug lines counted once for the ratio of trace codes and for the scorecard.
CREATE TABLE audit.drug_line_month (fixmedins_code VARCHAR, period VARCHAR, med_type VARCHAR, traced BIGINT, drug_lines BIGINT);

-- Layer 70. core.change_due is computed by jobs: the last day in time for a change of that day (Art. 37).
CREATE TABLE core.change_due (begun_day INTEGER, due_day INTEGER);
CREATE TABLE core.price_interval (
  med_list_codg VARCHAR, price_kind VARCHAR, fixmedins_code VARCHAR, from_day INTEGER, to_day INTEGER, price_e6 BIGINT);
CREATE TABLE core.fund_figure (
  year INTEGER, fixmedins_code VARCHAR, insu VARCHAR, settlements BIGINT, outpatient BIGINT, outpatient_cents BIGINT, inpatient BIGINT,
  inpatient_cents BIGINT, large_amount BIGINT, large_amount_cents BIGINT, serious_illness BIGINT, serious_illness_cents BIGINT,
  medical_aid BIGINT, medical_aid_cents BIGINT, pooled BIGINT, pooled_cents BIGINT);
CREATE TABLE audit.score_line (
  year INTEGER, fixmedins_code VARCHAR, setl_id VARCHAR, feedetl_sn VARCHAR, service_day INTEGER, med_list_codg VARCHAR, pric_e6 BIGINT,
  item_cents BIGINT, is_dear BOOLEAN, is_negotiated BOOLEAN, unknown_bilg_dr VARCHAR, unknown_orders_dr VARCHAR);
CREATE TABLE audit.score_case (
  year INTEGER, fixmedins_code VARCHAR, metric VARCHAR, kind VARCHAR, on_day INTEGER, due_day INTEGER, seen_day INTEGER, practitioner_code VARCHAR,
  ref_no VARCHAR, med_list_codg VARCHAR, setl_id VARCHAR, feedetl_sn VARCHAR, price_e6 BIGINT, limit_e6 BIGINT, line_count BIGINT,
  amount_cents BIGINT);
CREATE TABLE audit.score_metric (
  year INTEGER, fixmedins_code VARCHAR, metric VARCHAR, numerator BIGINT, denominator BIGINT, state VARCHAR);

-- Lines from before the rules' first day are found by their settlements.
ALTER TABLE core.line_count ADD COLUMN first_day INTEGER;
