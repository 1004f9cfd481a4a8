package warehouse

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func gappyWarehouse(t *testing.T, rows int) Options {
	t.Helper()
	dir := t.TempDir()
	o := Options{Path: filepath.Join(dir, "warehouse.duckdb"), TempDir: filepath.Join(dir, "tmp"), MemoryLimitMB: 200, Key: []byte("test")}
	db := opened(t, o)
	exec(t, db, fmt.Sprintf(`INSERT INTO staging.fee_line (file_id, line_no, row_key, setl_id, feedetl_sn, fee_ocur_time, cnt_e4)
SELECT i %% 3, i, i, 'S' || i, sha256(CAST(i AS VARCHAR)), TIMESTAMP '2025-03-01 00:00:00' + INTERVAL (i %% 40) HOUR, CASE WHEN i %% 7 > 0 THEN i END
FROM range(%d) r(i)`, rows))
	exec(t, db, "INSERT INTO meta.fact VALUES ('published', 'x'), ('quoted ''name''', '')")
	exec(t, db, "CHECKPOINT")
	exec(t, db, "DELETE FROM staging.fee_line WHERE file_id > 0")
	exec(t, db, "CHECKPOINT")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return o
}

func opened(t *testing.T, o Options) *DB {
	t.Helper()
	db, err := Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func exec(t *testing.T, db *DB, query string) {
	t.Helper()
	if err := db.exec(context.Background(), query); err != nil {
		t.Fatal(err)
	}
}

func digests(t *testing.T, o Options) string {
	t.Helper()
	db := opened(t, o)
	defer db.Close()
	tables, err := db.tables(context.Background())
	if err != nil || len(tables) < 40 {
		t.Fatalf("%d tables, %v", len(tables), err)
	}
	var b strings.Builder
	for _, table := range tables {
		digest, err := db.tableDigest(context.Background(), table)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&b, table, digest)
	}
	return b.String()
}

// TestCompactKeepsEverything: the gaps are gone, every row, compression and view is there, and the program goes on.
func TestCompactKeepsEverything(t *testing.T) {
	o := gappyWarehouse(t, 300_000)
	want := digests(t, o)
	compression := func() (text string) {
		db := opened(t, o)
		defer db.Close()
		err := db.Row(t.Context(), `SELECT string_agg(DISTINCT column_name || ' ' || compression, ', ' ORDER BY column_name || ' ' || compression)
FROM pragma_storage_info('staging.fee_line') WHERE column_name IN ('setl_id', 'feedetl_sn') AND segment_type = 'VARCHAR'`, []any{&text})
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	stored := compression()
	before, err := os.Stat(o.Path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(CompactingPath(o.Path), []byte("left by a killed attempt"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Compact(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	after, err := os.Stat(o.Path)
	if err != nil {
		t.Fatal(err)
	}
	if after.Size() > before.Size()*2/3 || after.Mode().Perm() != 0o600 {
		t.Errorf("%d bytes of %d are left, mode %v", after.Size(), before.Size(), after.Mode())
	}
	if got := digests(t, o); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got := compression(); got != stored || !strings.Contains(got, "setl_id Uncompressed") {
		t.Errorf("stored as %q, before as %q", got, stored)
	}
	db := opened(t, o)
	room, err := db.Room(t.Context())
	if err != nil || room.Free*10 > room.Total*3 || room.Used == 0 {
		t.Errorf("%+v, %v", room, err)
	}
	var n int64
	if err := db.Row(t.Context(), "SELECT count(*) FROM duckdb_sequences()", []any{&n}); err != nil || n > 0 {
		t.Errorf("the migrations make %d sequences, which Compact cannot copy, %v", n, err)
	}
	if err := db.Row(t.Context(), "SELECT count(*) FROM core.fee_line WHERE service_day = unix_date(DATE '2025-03-02')", []any{&n}); err != nil || n == 0 {
		t.Errorf("the views do not work: %d rows, %v", n, err)
	}
	if _, err := db.StartRun(t.Context(), Run{ID: "r1", Job: "nightly", StartedAt: time.Unix(0, 0)}); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(CompactingPath(o.Path)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the second file is left: %v", err)
	}
}

// TestCompactRefusesWhatItDoesNotKnow: a table, index or sequence the migrations do not make would be lost; the
// warehouse stays as it is.
func TestCompactRefusesWhatItDoesNotKnow(t *testing.T) {
	for _, extra := range []string{"CREATE TABLE meta.mine AS SELECT 1 AS a", "CREATE INDEX mine ON meta.run (run_id)", "CREATE SEQUENCE meta.mine",
		"COMMENT ON COLUMN meta.run.job IS 'mine'", "CREATE MACRO mine() AS 1", "CREATE VIEW meta.mine AS SELECT 1 AS a"} {
		o := gappyWarehouse(t, 1000)
		db := opened(t, o)
		exec(t, db, extra)
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		before, err := os.ReadFile(o.Path)
		if err != nil {
			t.Fatal(err)
		}
		if err := Compact(t.Context(), o); err == nil || !strings.Contains(err.Error(), "mine") {
			t.Errorf("%s: %v", extra, err)
		}
		after, err := os.ReadFile(o.Path)
		if err != nil || string(after) != string(before) {
			t.Errorf("%s: the warehouse was changed, %v", extra, err)
		}
		if _, err := os.Stat(CompactingPath(o.Path)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: the second file is left: %v", extra, err)
		}
	}
}

// TestCompactStops: an end in the middle leaves the warehouse alone.
func TestCompactStops(t *testing.T) {
	o := gappyWarehouse(t, 1000)
	want := digests(t, o)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := Compact(ctx, o); err == nil {
		t.Error("no error")
	}
	if got := digests(t, o); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if _, err := os.Stat(CompactingPath(o.Path)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the second file is left: %v", err)
	}
}
