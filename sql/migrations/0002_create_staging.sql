-- What was delivered, typed, with file and line. Only the row that counts of each key is kept;
-- the others are in the archive and, with their amounts, in staging.superseded_row.
-- The order of columns is that of pipeline.Feeds behind file_id, line_no and row_key (a test compares).
-- Compression is named for the big tables: measuring every method for every column would cost half of the load,
-- and text left as it is costs disk (about 1.4 GB for 5 million fee lines) but little time.

CREATE TABLE staging.settlement (
  file_id INTEGER,
  line_no BIGINT,
  row_key BIGINT,
  setl_id VARCHAR USING COMPRESSION uncompressed,
  mdtrt_id VARCHAR USING COMPRESSION uncompressed,
  psn_no VARCHAR USING COMPRESSION uncompressed,
  insutype VARCHAR USING COMPRESSION dictionary,
  med_type VARCHAR USING COMPRESSION dictionary,
  fixmedins_code VARCHAR USING COMPRESSION uncompressed,
  setl_time TIMESTAMP,
  medfee_sumamt_cents BIGINT,
  fund_pay_sumamt_cents BIGINT,
  fixmedins_name VARCHAR USING COMPRESSION uncompressed,
  psn_name VARCHAR USING COMPRESSION uncompressed,
  certno VARCHAR USING COMPRESSION uncompressed,
  begndate DATE,
  enddate DATE,
  inscp_scp_amt_cents BIGINT,
  hifp_pay_cents BIGINT,
  cvlserv_pay_cents BIGINT,
  hifes_pay_cents BIGINT,
  hifmi_pay_cents BIGINT,
  hifob_pay_cents BIGINT,
  maf_pay_cents BIGINT,
  othfund_pay_cents BIGINT,
  acct_pay_cents BIGINT,
  psn_cash_pay_cents BIGINT,
  mdtrt_cert_type VARCHAR USING COMPRESSION dictionary,
  pay_loc VARCHAR USING COMPRESSION dictionary,
  clr_type VARCHAR USING COMPRESSION dictionary,
  refd_setl_flag VARCHAR USING COMPRESSION dictionary,
  init_setl_id VARCHAR USING COMPRESSION uncompressed,
  vali_flag VARCHAR USING COMPRESSION dictionary,
  updt_time TIMESTAMP);

CREATE TABLE staging.fee_line (
  file_id INTEGER,
  line_no BIGINT,
  row_key BIGINT,
  setl_id VARCHAR USING COMPRESSION uncompressed,
  feedetl_sn VARCHAR USING COMPRESSION uncompressed,
  fee_ocur_time TIMESTAMP,
  med_list_codg VARCHAR USING COMPRESSION uncompressed,
  med_chrgitm_type VARCHAR USING COMPRESSION dictionary,
  cnt_e4 BIGINT,
  pric_e6 BIGINT,
  det_item_fee_sumamt_cents BIGINT,
  inscp_scp_amt_cents BIGINT,
  bilg_dr_codg VARCHAR USING COMPRESSION uncompressed,
  orders_dr_code VARCHAR USING COMPRESSION uncompressed,
  er_flag VARCHAR USING COMPRESSION dictionary,
  drug_trac_codg VARCHAR USING COMPRESSION uncompressed,
  aside VARCHAR USING COMPRESSION uncompressed);

CREATE TABLE staging.practitioner_status (
  file_id INTEGER,
  line_no BIGINT,
  row_key BIGINT,
  snapshot_date DATE,
  prac_psn_code VARCHAR,
  fixmedins_code VARCHAR,
  status VARCHAR,
  prac_psn_name VARCHAR,
  certno VARCHAR,
  prac_psn_type VARCHAR,
  status_begin DATE,
  status_end DATE,
  commitment_flag VARCHAR,
  registered_on DATE);

CREATE TABLE staging.institution (
  file_id INTEGER,
  line_no BIGINT,
  row_key BIGINT,
  fixmedins_code VARCHAR,
  fixmedins_name VARCHAR,
  fixmedins_type VARCHAR,
  valid_from DATE,
  ownership VARCHAR,
  hosp_lv VARCHAR,
  principal_code VARCHAR,
  agreement_status VARCHAR,
  agreement_from DATE,
  agreement_to DATE);

CREATE TABLE staging.inventory (
  file_id INTEGER,
  line_no BIGINT,
  row_key BIGINT,
  fixmedins_code VARCHAR USING COMPRESSION uncompressed,
  fixmedins_bchno VARCHAR USING COMPRESSION uncompressed,
  inv_data_type VARCHAR USING COMPRESSION dictionary,
  upload_time TIMESTAMP,
  event_time TIMESTAMP,
  med_list_codg VARCHAR USING COMPRESSION uncompressed,
  cnt_e4 BIGINT,
  setl_id VARCHAR USING COMPRESSION uncompressed,
  drug_trac_codg VARCHAR USING COMPRESSION uncompressed,
  rx_circ_flag VARCHAR USING COMPRESSION dictionary,
  amount_cents BIGINT,
  platform_flag VARCHAR USING COMPRESSION dictionary,
  gift_flag VARCHAR USING COMPRESSION dictionary);

CREATE TABLE staging.prescription (
  file_id INTEGER,
  line_no BIGINT,
  row_key BIGINT,
  hi_rxno VARCHAR,
  fixmedins_code VARCHAR,
  prsc_time TIMESTAMP,
  electronic_flag VARCHAR,
  outside_flag VARCHAR,
  rx_stas_codg VARCHAR,
  dr_code VARCHAR,
  dispensing_fixmedins_code VARCHAR,
  setl_time TIMESTAMP,
  setl_id VARCHAR);

CREATE TABLE staging.mobile_payment (
  file_id INTEGER,
  line_no BIGINT,
  row_key BIGINT,
  pay_ord_id VARCHAR,
  setl_id VARCHAR,
  paid_time TIMESTAMP,
  refund_flag VARCHAR);

CREATE TABLE staging.practitioner_alias (
  file_id INTEGER,
  line_no BIGINT,
  row_key BIGINT,
  alias_code VARCHAR,
  prac_psn_code VARCHAR,
  fixmedins_code VARCHAR,
  valid_from DATE,
  remark VARCHAR);

CREATE TABLE staging.review (
  file_id INTEGER,
  line_no BIGINT,
  row_key BIGINT,
  review_no VARCHAR,
  decision VARCHAR,
  setl_id VARCHAR,
  decided_on DATE,
  decided_by VARCHAR,
  reason VARCHAR,
  feedetl_sn VARCHAR,
  prac_psn_code VARCHAR,
  expires_on DATE);

CREATE TABLE staging.points_decision (
  file_id INTEGER,
  line_no BIGINT,
  row_key BIGINT,
  decision_no VARCHAR,
  prac_psn_code VARCHAR,
  decided_on DATE,
  article VARCHAR,
  item VARCHAR,
  points INTEGER,
  state VARCHAR,
  effective_on DATE,
  inspection_no VARCHAR,
  act_no VARCHAR,
  responsibility VARCHAR,
  adjustment VARCHAR,
  fixmedins_code VARCHAR,
  notice_served_on DATE,
  appealed_on DATE);

CREATE TABLE staging.repair (
  file_id INTEGER,
  line_no BIGINT,
  row_key BIGINT,
  repair_no VARCHAR,
  prac_psn_code VARCHAR,
  kind VARCHAR,
  done_on DATE,
  points_off INTEGER,
  months_off INTEGER,
  working_days INTEGER);

CREATE TABLE staging.restoration (
  file_id INTEGER,
  line_no BIGINT,
  row_key BIGINT,
  restoration_no VARCHAR,
  prac_psn_code VARCHAR,
  applied_on DATE,
  decided_on DATE,
  approved VARCHAR,
  effective_on DATE,
  new_commitment VARCHAR);

CREATE TABLE staging.no_code_drug (
  file_id INTEGER,
  line_no BIGINT,
  row_key BIGINT,
  med_list_codg VARCHAR,
  valid_from DATE);

-- Rows that could not be accepted. raw holds personal data and never leaves the warehouse; masked may.
CREATE TABLE staging.rejected_row (
  file_id INTEGER, line_no BIGINT, column_name VARCHAR, reason VARCHAR, raw VARCHAR, masked VARCHAR, cents BIGINT,
  replayed_in VARCHAR);

-- A row that gave way to another of the same key: to a newer one, or, when it came late, to the one already known.
CREATE TABLE staging.superseded_row (
  feed VARCHAR, row_key BIGINT, key_text VARCHAR, old_file_id INTEGER, old_line_no BIGINT, old_cents BIGINT,
  new_file_id INTEGER, new_line_no BIGINT, new_cents BIGINT, seen_in_file_id INTEGER);

-- staging.fee_line with the columns that are stored joined taken apart again (the order is that of pipeline.Feeds).
CREATE VIEW staging.fee_line_full AS SELECT
  *,
  nullif(split_part(aside, chr(31), 1), '') AS mdtrt_id,
  nullif(split_part(aside, chr(31), 2), '') AS medins_list_name,
  nullif(split_part(aside, chr(31), 3), '') AS bilg_dr_name,
  nullif(split_part(aside, chr(31), 4), '') AS orders_dr_name,
  nullif(split_part(aside, chr(31), 5), '') AS rx_drord_no,
  nullif(split_part(aside, chr(31), 6), '') AS rx_circ_flag,
  nullif(split_part(aside, chr(31), 7), '') AS hi_nego_drug_flag,
  nullif(split_part(aside, chr(31), 8), '') AS trdn_flag
FROM staging.fee_line;
