-- The scorecard asks candidate lines what they cost: no second pass over every line. No settlement is asked for its first day.
ALTER TABLE core.candidate_line ADD COLUMN item_cents BIGINT;
ALTER TABLE core.line_count DROP COLUMN first_day;
