package main

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"claimsaudit/pipeline"
	"claimsaudit/pipeline/warehouse"
)

// accounted counts the rows of a warehouse itself: of every file, those that are there, those that gave way to others and
// those that were rejected are found in their tables, and no table holds a row of a file that was not taken in.
func (s *site) accounted(tb testing.TB) (files, rows int64) {
	tb.Helper()
	db, err := warehouse.OpenReadOnly(context.Background(), filepath.Join(s.data, "warehouse.duckdb"))
	if err != nil {
		tb.Fatal(err)
	}
	defer db.Close()
	var there []string
	for _, feed := range pipeline.Feeds {
		there = append(there, fmt.Sprintf("SELECT file_id, 'loaded' AS fate FROM staging.%s", feed.Name))
	}
	there = append(there, "SELECT file_id, 'rejected' FROM staging.rejected_row", "SELECT old_file_id, 'gave way' FROM staging.superseded_row")
	if err := db.Query(context.Background(), func(found *sql.Rows) error {
		var name string
		var inLedger bool
		var read, loaded, superseded, duplicate, rejected, kept, gaveWay, put int64
		if err := found.Scan(&name, &inLedger, &read, &loaded, &superseded, &duplicate, &rejected, &kept, &gaveWay, &put); err != nil {
			return err
		}
		files, rows = files+1, rows+read
		if !inLedger || read != loaded+superseded+duplicate+rejected || read != kept+gaveWay+put+duplicate || put != rejected {
			tb.Errorf("%s (in the ledger: %t): %d read = %d loaded + %d superseded + %d duplicate + %d rejected; %d rows are there, %d gave way, %d are rejected",
				name, inLedger, read, loaded, superseded, duplicate, rejected, kept, gaveWay, put)
		}
		return nil
	}, fmt.Sprintf(`WITH there AS (%s), counted AS (
  SELECT file_id, count(*) FILTER (fate = 'loaded') AS kept, count(*) FILTER (fate = 'gave way') AS gave_way, count(*) FILTER (fate = 'rejected') AS put
  FROM there GROUP BY file_id)
SELECT coalesce(f.file_name, 'file ' || c.file_id), f.file_id IS NOT NULL, coalesce(f.rows_read, 0), coalesce(f.loaded, 0), coalesce(f.superseded, 0),
  coalesce(f.duplicate, 0), coalesce(f.rejected, 0), coalesce(c.kept, 0), coalesce(c.gave_way, 0), coalesce(c.put, 0)
FROM (SELECT * FROM meta.file WHERE state = 'loaded') f FULL JOIN counted c ON c.file_id = f.file_id`, strings.Join(there, " UNION ALL "))); err != nil {
		tb.Fatal(err)
	}
	return files, rows
}
