-- The shares of 128-bit products are exact but slow; products of amounts up to 20 million yuan fit 64 bits.
CREATE OR REPLACE MACRO share_rest(a, b, c) AS CASE
  WHEN a BETWEEN -2000000000 AND 2000000000 AND b BETWEEN -2000000000 AND 2000000000
  THEN ((CAST(a AS BIGINT) * CAST(b AS BIGINT)) % c + c) % c
  ELSE CAST(((CAST(a AS HUGEINT) * b) % c + c) % c AS BIGINT) END;
CREATE OR REPLACE MACRO share_floor(a, b, c) AS CASE
  WHEN a BETWEEN -2000000000 AND 2000000000 AND b BETWEEN -2000000000 AND 2000000000
  THEN (CAST(a AS BIGINT) * CAST(b AS BIGINT) - (((CAST(a AS BIGINT) * CAST(b AS BIGINT)) % c + c) % c)) // c
  ELSE CAST((CAST(a AS HUGEINT) * b - (((CAST(a AS HUGEINT) * b) % c + c) % c)) // c AS BIGINT) END;
