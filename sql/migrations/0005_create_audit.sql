-- Layers 40 to 60: findings, verdicts, statements, ratios.
CREATE TABLE audit.finding (
  rule INTEGER, period VARCHAR, setl_id VARCHAR, feedetl_sn VARCHAR, role VARCHAR, practitioner_code VARCHAR,
  severity INTEGER, status_from_day INTEGER, status_to_day INTEGER);
-- One row per line with a finding; verdict pay means released by a person.
CREATE TABLE audit.line_decision (
  period VARCHAR, fixmedins_code VARCHAR, setl_id VARCHAR, feedetl_sn VARCHAR, service_day INTEGER, verdict VARCHAR, rule INTEGER,
  emergency_test VARCHAR, decision VARCHAR, review_no VARCHAR, file_id INTEGER);
-- All lines of every settlement that has a line whose verdict is not pay.
CREATE TABLE audit.line_share (
  setl_id VARCHAR USING COMPRESSION uncompressed, feedetl_sn VARCHAR USING COMPRESSION uncompressed, fund_cents BIGINT);
-- Every effective settlement.
CREATE TABLE audit.settlement_verdict (
  period VARCHAR USING COMPRESSION dictionary, fixmedins_code VARCHAR USING COMPRESSION dictionary, setl_id VARCHAR USING COMPRESSION uncompressed, fund_cents BIGINT, pay_cents BIGINT, exempt_cents BIGINT,
  review_cents BIGINT, withhold_cents BIGINT);

-- Statements are written once and never changed.
CREATE TABLE audit.statement (
  statement_no VARCHAR NOT NULL, issued_in VARCHAR NOT NULL, as_of DATE NOT NULL, run_id VARCHAR NOT NULL, last_file_id INTEGER NOT NULL,
  line_count BIGINT NOT NULL, content_sha256 VARCHAR NOT NULL);
CREATE TABLE audit.statement_line (
  statement_no VARCHAR NOT NULL, issued_in VARCHAR NOT NULL, period VARCHAR NOT NULL, fixmedins_code VARCHAR NOT NULL,
  setl_id VARCHAR NOT NULL, feedetl_sn VARCHAR NOT NULL, kind VARCHAR NOT NULL, amount_cents BIGINT NOT NULL, cause VARCHAR NOT NULL);
-- What the statement of ref.run.statement_period would add to what stands.
CREATE TABLE audit.statement_difference (
  period VARCHAR, fixmedins_code VARCHAR, setl_id VARCHAR, feedetl_sn VARCHAR, kind VARCHAR, amount_cents BIGINT, cause VARCHAR);

CREATE TABLE audit.ratio_month (ratio_no INTEGER, fixmedins_code VARCHAR, period VARCHAR, numerator BIGINT, denominator BIGINT);
CREATE TABLE audit.institution_ratio (
  window_kind VARCHAR, window_key VARCHAR, fixmedins_code VARCHAR, ratio_no INTEGER, numerator BIGINT, denominator BIGINT,
  threshold INTEGER);
