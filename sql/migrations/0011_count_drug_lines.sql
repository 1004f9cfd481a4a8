-- The one pass over all lines that counts them counts the drug lines too: ratios 605 and 607 need not read them all again.
-- A warehouse counts anew on its next run, because the text of model 307 changed.
ALTER TABLE core.line_count ADD COLUMN drug_count BIGINT;
ALTER TABLE core.line_count ADD COLUMN traced_count BIGINT;
