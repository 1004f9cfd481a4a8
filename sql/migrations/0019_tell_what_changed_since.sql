-- What a final scorecard would say today, where that is something else: evidence, claims and registry go on changing behind
-- it. indicator_no 0 is the total. since_day is the as-of day of the first run that saw a difference.
CREATE TABLE audit.scorecard_change (
  year INTEGER NOT NULL, fixmedins_code VARCHAR NOT NULL, indicator_no INTEGER NOT NULL, since_day INTEGER, score_hundredths BIGINT,
  is_vetoed BOOLEAN, evidence VARCHAR, decision VARCHAR);

-- Where the table of the institution asks one thing only about an indicator, an entry may leave the part out: it is about
-- that part, and of both only the newest counts.
CREATE OR REPLACE VIEW core.indicator_evidence AS
WITH only_part AS (
  SELECT i.fixmedins_code, p.indicator_no, min(p.part) AS part
  FROM core.institution_interval i
  JOIN ref.indicator p ON p.fixmedins_type = i.fixmedins_type
  WHERE i.to_day = 2932896
  GROUP BY i.fixmedins_code, p.indicator_no
  HAVING count(DISTINCT p.part) = 1
),
entry AS (
  SELECT
    e.fixmedins_code, e.year, e.indicator_no, coalesce(e.part, o.part, '') AS part, e.value_e6, e.count,
    CASE e.yes_no WHEN '1' THEN true WHEN '0' THEN false END AS yes_no, unix_date(e.event_on) AS event_day, e.document_no, e.entered_by,
    e.entered_at, e.file_id, e.line_no,
    e.value_e6 IS NOT NULL OR e.count IS NOT NULL OR e.yes_no IS NOT NULL OR e.event_on IS NOT NULL AS is_filled,
    coalesce(unix_date(CAST(e.entered_at AS DATE)) > p.as_of_day, false) AS is_ahead
  FROM staging.indicator_evidence e
  CROSS JOIN ref.run p
  LEFT JOIN only_part o ON e.part IS NULL AND o.fixmedins_code = e.fixmedins_code AND o.indicator_no = e.indicator_no
)
SELECT
  fixmedins_code, year, indicator_no, part, value_e6, count, yes_no, event_day, document_no, entered_by, entered_at, file_id, line_no, is_filled,
  is_ahead,
  is_filled AND NOT is_ahead AND row_number() OVER (PARTITION BY fixmedins_code, year, indicator_no, part
    ORDER BY is_filled AND NOT is_ahead DESC, entered_at DESC NULLS LAST, file_id DESC, line_no DESC) = 1 AS is_current
FROM entry;
