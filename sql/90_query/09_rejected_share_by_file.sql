-- 哪个单位送来的哪个文件拒收最多，主要错在哪一列？ / Which delivered file has the largest share of rejected rows, and which column is mostly at fault?
SELECT
  f.feed, f.file_name, f.received_at, f.rows_read, f.rejected, round(f.rejected * 100.0 / f.rows_read, 2) AS rejected_percent,
  mode(r.column_name ORDER BY r.column_name) AS worst_column, count(r.replayed_in) AS replayed_rows
FROM mart.delivered_file f
LEFT JOIN mart.rejected_row r ON r.file_sha256 = f.file_sha256 AND r.file_name = f.file_name
WHERE f.rows_read > 0
GROUP BY ALL
ORDER BY rejected_percent DESC, f.received_at, f.file_name
