-- 860 rule
-- Why: the rules in force, in words a hospital can be shown.
-- Grain: one row per rule.
-- Reads: ref.rule
-- Writes: mart.rule
-- Params: none
SELECT rule, name, title, action, article, reason FROM ref.rule ORDER BY rule
