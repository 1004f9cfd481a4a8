-- The points record (contract 4a). These tables are computed by the register, not by a model: jobs writes them before and
-- after layer 30, and only when their content changes.

-- Decisions that any delivery ever called final: a revocation must be told from the revocation of what never was.
CREATE TABLE staging.final_decision (decision_no VARCHAR NOT NULL, file_id INTEGER NOT NULL);
INSERT INTO staging.final_decision SELECT decision_no, file_id FROM staging.points_decision WHERE state = 'final';

-- event_no orders the events of a person; an open end of a block does not exist.
CREATE TABLE core.points_event (
  practitioner_code VARCHAR, event_no INTEGER, year INTEGER, on_day INTEGER, event VARCHAR, ref_no VARCHAR, points INTEGER, total_after INTEGER,
  measure VARCHAR, block_from_day INTEGER, block_to_day INTEGER, article VARCHAR);
-- The days on which the record says suspended (2) or terminated (3), disjoint per person.
CREATE TABLE core.points_block (practitioner_code VARCHAR, severity INTEGER, from_day INTEGER, to_day INTEGER);
-- Everyone with a row in a feed of the record, as of the run's day.
CREATE TABLE core.points_person (practitioner_code VARCHAR, total_points INTEGER, severity INTEGER, blocked_to_day INTEGER);
-- Delivered rows without effect; other_no is the decision with which one is counted once (Art. 26).
CREATE TABLE core.points_matter (
  practitioner_code VARCHAR, feed VARCHAR, ref_no VARCHAR, on_day INTEGER, reason VARCHAR, title VARCHAR, article VARCHAR, other_no VARCHAR);
-- What is to be done; due_day is NULL where the calendar lacks the year, and problem says so.
CREATE TABLE core.points_deadline (
  practitioner_code VARCHAR, deadline_no INTEGER, kind VARCHAR, due_day INTEGER, state VARCHAR, article VARCHAR, ref_no VARCHAR, problem VARCHAR);
-- Whoever's effective registry status is not normal on the run's day.
CREATE TABLE core.registry_today (practitioner_code VARCHAR, severity INTEGER);
-- The calendar years for which the share of Article 34 is counted.
CREATE TABLE core.share_year (year INTEGER, first_day INTEGER, next_day INTEGER);

CREATE TABLE ref.share (percent INTEGER NOT NULL, comparison VARCHAR NOT NULL);
