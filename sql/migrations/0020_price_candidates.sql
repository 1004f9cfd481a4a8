-- The scorecard asks candidate lines what they cost, and older lines by their day: no second pass over every line.
ALTER TABLE core.candidate_line ADD COLUMN item_cents BIGINT;
ALTER TABLE core.line_count DROP COLUMN first_day;
