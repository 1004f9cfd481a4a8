package sqlfiles_test

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"claimsaudit/configs"
	"claimsaudit/pipeline"
	"claimsaudit/pipeline/warehouse"
)

// emptyWarehouse is the file of a migrated warehouse without rows, made once: copying it spares every test the migrations.
var emptyWarehouse = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "sqlfiles")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "warehouse.duckdb")
	db, err := warehouse.Open(context.Background(), options(dir, path))
	if err != nil {
		return nil, err
	}
	if err := db.Checkpoint(context.Background()); err != nil {
		return nil, err
	}
	if err := db.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

func options(dir, path string) warehouse.Options {
	return warehouse.Options{Path: path, TempDir: filepath.Join(dir, "tmp"), MemoryLimitMB: 256, Threads: 1,
		Key: []byte("a key for tests, and for nothing else")}
}

// fresh opens a warehouse of its own for the test.
func fresh(t testing.TB) *warehouse.DB {
	t.Helper()
	empty, err := emptyWarehouse()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "warehouse.duckdb")
	if err := os.WriteFile(path, empty, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := warehouse.Open(context.Background(), options(dir, path))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// column is one column of a table as the database knows it.
type column struct{ name, kind string }

// columnsOf lists a table's columns in order.
func columnsOf(t testing.TB, db *warehouse.DB, table string) []column {
	t.Helper()
	schema, name, _ := strings.Cut(table, ".")
	var all []column
	err := db.Query(context.Background(), func(rows *sql.Rows) error {
		var c column
		err := rows.Scan(&c.name, &c.kind)
		all = append(all, c)
		return err
	}, `SELECT column_name, data_type FROM information_schema.columns
WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position`, schema, name)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatalf("there is no table %s", table)
	}
	return all
}

// place puts values given by name, comma-separated, into a row of the table's columns.
func place(t testing.TB, columns []column, names string, values ...any) []any {
	t.Helper()
	row := make([]any, len(columns))
	for i, name := range strings.Split(names, ",") {
		at := slices.IndexFunc(columns, func(c column) bool { return c.name == name })
		if at < 0 {
			t.Fatalf("there is no column %s in %v", name, columns)
		}
		row[at] = values[i]
	}
	return row
}

// cells reads a query as text, NULL as "".
func cells(t testing.TB, db *warehouse.DB, query string, args ...any) [][]string {
	t.Helper()
	var all [][]string
	err := db.Query(context.Background(), func(rows *sql.Rows) error {
		names, err := rows.Columns()
		if err != nil {
			return err
		}
		values := make([]any, len(names))
		for i := range values {
			values[i] = new(any)
		}
		if err := rows.Scan(values...); err != nil {
			return err
		}
		row := make([]string, len(names))
		for i := range values {
			if v := warehouse.Plain(*values[i].(*any)); v != nil {
				row[i] = fmt.Sprint(v)
			}
		}
		all = append(all, row)
		return nil
	}, query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return all
}

func scalar(t testing.TB, db *warehouse.DB, query string, args ...any) string {
	t.Helper()
	rows := cells(t, db, query, args...)
	if len(rows) != 1 || len(rows[0]) != 1 {
		t.Fatalf("%s: want one value, got %v", query, rows)
	}
	return rows[0][0]
}

// day is the number by which the models know a date.
func day(t testing.TB, date string) int32 {
	t.Helper()
	d, err := pipeline.ParseDay(date)
	if err != nil {
		t.Fatal(err)
	}
	return pipeline.EpochDay(d)
}

// reference is schema ref as a monthly run of March 2025 writes it from the shipped rule pack: nothing is closed yet.
func reference(t testing.TB) map[string][][]any {
	t.Helper()
	c, err := configs.Load("../configs/claimsaudit.yaml", true, nil, configs.Overrides{})
	if err != nil {
		t.Fatal(err)
	}
	pack := c.RulePack
	tables := map[string][][]any{
		"ref.role": {{"bilg_dr", 1}, {"orders_dr", 2}, {"principal", 3}},
		"ref.ratio_window": {
			{"month", "2025-03", "2025-03", "2025-03", 1, day(t, "2025-03-31")},
			{"ytd", "2025-03", "2025-01", "2025-03", 3, day(t, "2025-03-31")},
			{"year", "2025", "2025-01", "2025-12", 12, day(t, "2025-12-31")},
		},
		"ref.share":         {{pack.Points.Share.Percent, pack.Points.Share.Comparison, pack.Points.Share.Article}},
		"ref.score_year":    {{2025, "2025-01", "2025-12", day(t, "2025-01-01"), day(t, "2025-12-31"), "year", "2025"}},
		"ref.score_setting": {{pack.Figures.TraceDispensingFrom, pack.Figures.TraceStockInFrom, pack.Figures.OnlinePercent}},
		"ref.med_type_kind": pack.Figures.MedTypeRows(),
		"ref.insutype_kind": pack.Figures.InsutypeRows(),
		"ref.run":           {{day(t, "2025-04-02"), pipeline.EpochDay(pack.EffectiveFrom), "2025-03", 0, 0}},
	}
	add := func(table string, values ...any) { tables[table] = append(tables[table], values) }
	for _, p := range c.EvidenceParts() {
		add("ref.indicator", p.FixmedinsType, p.Indicator.No, p.Part)
	}
	for _, r := range pack.Rules {
		add("ref.rule", r.No, r.Name, r.Title, r.Action, r.Article, r.Reason, r.LiftedByEmergency)
	}
	for _, e := range pack.EmergencyTests {
		for _, v := range e.Values {
			add("ref.emergency_test", e.Order, e.Name, v)
		}
	}
	for _, r := range pack.Ratios {
		add("ref.ratio", r.No, r.Name, r.Title, r.DenominatorPerMonth)
	}
	for _, h := range c.Thresholds {
		add("ref.ratio_threshold", h.RatioNo, h.FixmedinsType, h.Percent)
	}
	return tables
}

// TestMain keeps a failed property from leaving files among the cases: the seed it prints is enough to see it again.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.nofailfile", "true"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// noon is a fixed clock: no test depends on the day it runs.
func noon() time.Time { return time.Date(2025, 4, 2, 12, 0, 0, 0, time.UTC) }
