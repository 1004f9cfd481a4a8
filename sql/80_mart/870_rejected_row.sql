-- 870 rejected_row
-- Why: nothing is lost: every row that could not be read, where it is and why.
-- Grain: one row per rejected row.
-- Reads: staging.rejected_row, meta.file
-- Writes: mart.rejected_row
-- Params: none
SELECT f.file_sha256, f.file_name, f.feed, r.line_no, r.column_name, r.reason, r.masked AS raw, r.replayed_in
FROM staging.rejected_row r
JOIN meta.file f ON f.file_id = r.file_id
ORDER BY f.file_id, r.line_no
