-- What pipeline/score makes of a table, an institution and a year; points in hundredths. Jobs writes it behind layer 70.
-- A row keeps the words of the table by which it was scored: next year's table has others. What is final never changes.
CREATE TABLE audit.scorecard (
  year INTEGER NOT NULL, fixmedins_code VARCHAR NOT NULL, is_final BOOLEAN NOT NULL, indicator_no INTEGER NOT NULL, category VARCHAR, title VARCHAR,
  explanation VARCHAR, method_text VARCHAR, method VARCHAR, article VARCHAR, max_hundredths BIGINT, score_hundredths BIGINT,
  lowest_hundredths BIGINT, highest_hundredths BIGINT, is_vetoed BOOLEAN, may_veto BOOLEAN, source VARCHAR, evidence VARCHAR,
  query VARCHAR, self_hundredths BIGINT);
CREATE TABLE audit.scorecard_total (
  year INTEGER NOT NULL, fixmedins_code VARCHAR NOT NULL, is_final BOOLEAN NOT NULL, final_day INTEGER, fixmedins_type VARCHAR, ownership VARCHAR,
  card VARCHAR, card_title VARCHAR, agreement_year INTEGER, stands_in BOOLEAN, window_key VARCHAR, pass_hundredths BIGINT,
  total_hundredths BIGINT, lowest_hundredths BIGINT, highest_hundredths BIGINT, is_vetoed BOOLEAN, vetoes VARCHAR, missing VARCHAR,
  self_hundredths BIGINT, decision VARCHAR, note VARCHAR);
CREATE TABLE audit.scorecard_step (
  year INTEGER NOT NULL, fixmedins_code VARCHAR NOT NULL, is_final BOOLEAN NOT NULL, step_no INTEGER, indicator_no INTEGER, kind VARCHAR,
  gain_hundredths BIGINT, step VARCHAR);
CREATE MACRO points_of(hundredths) AS CAST(CAST(hundredths AS DECIMAL(18,0)) * 0.01 AS DECIMAL(9,2));
