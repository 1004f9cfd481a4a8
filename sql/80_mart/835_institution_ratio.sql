-- 835 institution_ratio
-- Why: the ratios behind the yearly score.
-- Grain: one row per window, institution and ratio.
-- Reads: audit.institution_ratio, ref.ratio
-- Writes: mart.institution_ratio
-- Params: none
SELECT
  a.window_kind, a.window_key, a.fixmedins_code, a.ratio_no, r.name AS ratio_name, a.numerator, a.denominator,
  CASE WHEN a.denominator > 0 THEN ratio_of(a.numerator, a.denominator) END AS ratio,
  CASE WHEN a.denominator > 0 THEN 'ok' ELSE 'no_data' END AS state,
  a.threshold,
  CASE
    WHEN a.threshold IS NULL THEN NULL
    WHEN a.denominator > 0 THEN CAST(a.numerator AS HUGEINT) * 100 >= CAST(a.threshold AS HUGEINT) * a.denominator
    ELSE false
  END AS meets
FROM audit.institution_ratio a
JOIN ref.ratio r ON r.ratio_no = a.ratio_no
ORDER BY a.window_kind, a.window_key, a.fixmedins_code, a.ratio_no
