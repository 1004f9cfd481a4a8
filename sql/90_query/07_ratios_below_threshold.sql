-- 哪些机构哪项比率没达标，还差几笔（608 为分）？ / Which ratios are below their threshold, and how many more (608: cents) would have met it?
SELECT
  r.window_kind, r.window_key, r.fixmedins_code, i.fixmedins_name, r.ratio_no, r.ratio_name, r.numerator, r.denominator, r.ratio, r.threshold,
  (r.threshold * r.denominator + 99) // 100 - r.numerator AS missing_count
FROM mart.institution_ratio r
LEFT JOIN mart.institution i ON i.fixmedins_code = r.fixmedins_code AND i.valid_to IS NULL
WHERE r.state = 'ok' AND NOT r.meets
ORDER BY r.window_kind, r.window_key DESC, r.ratio_no, missing_count DESC, r.fixmedins_code
