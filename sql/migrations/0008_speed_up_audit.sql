-- The shares of 128-bit products are exact but slow; products of amounts up to 20 million yuan fit 64 bits.
CREATE OR REPLACE MACRO share_rest(a, b, c) AS CASE
  WHEN a BETWEEN -2000000000 AND 2000000000 AND b BETWEEN -2000000000 AND 2000000000
  THEN ((CAST(a AS BIGINT) * CAST(b AS BIGINT)) % c + c) % c
  ELSE CAST(((CAST(a AS HUGEINT) * b) % c + c) % c AS BIGINT) END;
CREATE OR REPLACE MACRO share_floor(a, b, c) AS CASE
  WHEN a BETWEEN -2000000000 AND 2000000000 AND b BETWEEN -2000000000 AND 2000000000
  THEN (CAST(a AS BIGINT) * CAST(b AS BIGINT) - (((CAST(a AS BIGINT) * CAST(b AS BIGINT)) % c + c) % c)) // c
  ELSE CAST((CAST(a AS HUGEINT) * b - (((CAST(a AS HUGEINT) * b) % c + c) % c)) // c AS BIGINT) END;

-- What the fund amount is shared by, counted in the one pass over all lines; the shares in two steps, so that ten times
-- the lines are ranked in the same memory.
ALTER TABLE core.line_count DROP COLUMN feedetl_sn;
ALTER TABLE core.line_count ADD COLUMN scope_count BIGINT;
ALTER TABLE core.line_count ADD COLUMN scope_total_cents BIGINT;
ALTER TABLE core.line_count ADD COLUMN item_total_cents BIGINT;
CREATE TABLE audit.line_floor (
  setl_id VARCHAR USING COMPRESSION uncompressed, feedetl_sn VARCHAR USING COMPRESSION uncompressed, fund_cents BIGINT,
  floor_cents BIGINT, rest BIGINT);
