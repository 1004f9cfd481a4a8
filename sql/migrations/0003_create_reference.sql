-- The rule pack and the run's parameters as loaded; replaced before every audit.
CREATE TABLE ref.rule (
  rule INTEGER NOT NULL, name VARCHAR NOT NULL, title VARCHAR NOT NULL, action VARCHAR NOT NULL, article VARCHAR NOT NULL,
  reason VARCHAR NOT NULL, is_lifted_by_emergency BOOLEAN NOT NULL);
CREATE TABLE ref.role (role VARCHAR NOT NULL, role_order INTEGER NOT NULL);
CREATE TABLE ref.emergency_test (test_order INTEGER NOT NULL, name VARCHAR NOT NULL, value VARCHAR NOT NULL);
CREATE TABLE ref.ratio (ratio_no INTEGER NOT NULL, name VARCHAR NOT NULL, title VARCHAR NOT NULL, denominator_per_month INTEGER NOT NULL);
CREATE TABLE ref.ratio_threshold (ratio_no INTEGER NOT NULL, fixmedins_type VARCHAR NOT NULL, percent INTEGER NOT NULL);
CREATE TABLE ref.ratio_window (
  window_kind VARCHAR NOT NULL, window_key VARCHAR NOT NULL, first_period VARCHAR NOT NULL, last_period VARCHAR NOT NULL,
  month_count INTEGER NOT NULL, last_day INTEGER NOT NULL);
-- One row. Days count from 1970-01-01; last_file_id is the newest file the latest statement knew, 0 without one.
CREATE TABLE ref.run (
  as_of_day INTEGER NOT NULL, effective_from_day INTEGER NOT NULL, statement_period VARCHAR NOT NULL, last_file_id INTEGER NOT NULL,
  last_as_of_day INTEGER NOT NULL);
