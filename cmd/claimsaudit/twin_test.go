package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"claimsaudit/cmd/claimsaudit/internal/twin"
	"claimsaudit/configs"
	"claimsaudit/pipeline/warehouse"
)

// martQueries print the tables the way the twin does.
var martQueries = map[string]string{
	"line_verdict":          "SELECT * FROM mart.line_verdict",
	"finding":               "SELECT * FROM mart.finding",
	"settlement_verdict":    "SELECT * FROM mart.settlement_verdict",
	"practitioner_interval": "SELECT * FROM mart.practitioner_interval",
	"institution_period":    "SELECT * FROM mart.institution_period",
	"statement_line":        "SELECT issued_in, period, fixmedins_code, setl_id, feedetl_sn, kind, amount_yuan FROM mart.statement_line",
	"institution_ratio":     "SELECT * FROM mart.institution_ratio",
	"points_record": `SELECT practitioner_code, year, on_date, event, ref_no, points, total_after, measure, block_from, block_to, article
FROM mart.points_record`,
	"practitioner_file":         "SELECT practitioner_code, registry_status, derived_status, total_points, blocked_to, next_deadline, next_deadline_kind FROM mart.practitioner_file",
	"deadline":                  "SELECT practitioner_code, kind, due_on, state, article, ref_no FROM mart.deadline",
	"institution_blocked_share": "SELECT * FROM mart.institution_blocked_share",
	"score_metric":              "SELECT year, fixmedins_code, metric, numerator, denominator, state FROM mart.score_metric",
}

// TestAgreesWithTwin plays random small worlds through the whole program, command line to published file, and
// compares every table with a second implementation of the contract. CLAIMSAUDIT_TWIN_WORLDS plays more of them,
// CLAIMSAUDIT_TWIN_FIRST others.
func TestAgreesWithTwin(t *testing.T) {
	worlds, first := int64(25), int64(1)
	for name, number := range map[string]*int64{"CLAIMSAUDIT_TWIN_WORLDS": &worlds, "CLAIMSAUDIT_TWIN_FIRST": &first} {
		if v := os.Getenv(name); v != "" {
			if _, err := fmt.Sscan(v, number); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
	}
	for seed := first; seed < first+worlds; seed++ {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			playWorld(t, seed)
		})
	}
}

func playWorld(t testing.TB, seed int64) {
	world, dir := twin.NewWorld(), t.TempDir()
	calendar, err := configs.BuiltInCalendar()
	if err != nil {
		t.Fatal(err)
	}
	world.Workdays = calendar.AddWorkdays
	data, inbox := filepath.Join(dir, "data"), filepath.Join(dir, "inbox")
	var closed string
	for i, batch := range twin.Generate(seed, 15) {
		for _, f := range batch.Files {
			path := filepath.Join(inbox, f.Name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, f.CSV(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		args := []string{"run", "nightly", "--as-of", batch.AsOf, "--data", data, "--inbox", inbox}
		if p := batch.Period(); p != "" {
			args = append(args[:1], append([]string{"monthly", "--period", p}, args[2:]...)...)
		}
		if y := batch.Year(); y != "" {
			args = append(args[:1], append([]string{"annual", "--year", y}, args[2:]...)...)
		}
		var stdout, stderr bytes.Buffer
		if code := run(context.Background(), args, nil, &stdout, &stderr); code != 0 {
			t.Fatalf("batch %d %v: exit %d\n%s%s", i, args, code, &stdout, &stderr)
		}
		mart, err := warehouse.OpenMart(context.Background(), filepath.Join(data, "published", "analyst.duckdb"))
		if err != nil {
			t.Fatal(err)
		}
		defer mart.Close()
		want := world.Run(batch, ratioMonths(t, mart, closed, batch.Period())...)
		for _, table := range twin.Tables {
			query := martQueries[table]
			if table == "score_metric" && world.KeepsPoints() {
				query += " WHERE metric <> 'late_change'"
			}
			compareRows(t, fmt.Sprintf("batch %d, %s, %s", i, batch.Run, table), martRows(t, mart, query), want.Result.Rows(table))
		}
		closed = max(closed, batch.Period())
		if t.Failed() {
			t.Fatalf("stopped after batch %d (%s as of %s)", i, batch.Run, batch.AsOf)
		}
	}
}

// ratioMonths are the months whose ratios the run computed: its own and those that were open before it.
func ratioMonths(t testing.TB, mart *sql.DB, closed, own string) []string {
	t.Helper()
	var months []string
	for _, r := range martRows(t, mart, "SELECT DISTINCT period FROM mart.settlement") {
		if r[0] > closed {
			months = append(months, r[0])
		}
	}
	if own != "" && !slices.Contains(months, own) {
		months = append(months, own)
	}
	sort.Strings(months)
	return months
}

// martRows reads a query as sorted text rows.
func martRows(t testing.TB, mart *sql.DB, query string) [][]string {
	t.Helper()
	rows, err := mart.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out [][]string
	if err := eachRow(rows, func(values []any) error {
		record := make([]string, len(values))
		for i, v := range values {
			if v != nil {
				record[i] = fmt.Sprint(v)
			}
		}
		out = append(out, record)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	sort.Slice(out, func(i, j int) bool { return slices.Compare(out[i], out[j]) < 0 })
	return out
}

// compareRows reports rows only one side has.
func compareRows(t testing.TB, what string, got, want [][]string) {
	t.Helper()
	count := map[string]int{}
	for _, r := range got {
		count[strings.Join(r, " | ")]++
	}
	for _, r := range want {
		count[strings.Join(r, " | ")]--
	}
	var lines []string
	for row, n := range count {
		for ; n > 0; n-- {
			lines = append(lines, "only published: "+row)
		}
		for ; n < 0; n++ {
			lines = append(lines, "only expected:  "+row)
		}
	}
	if len(lines) == 0 {
		return
	}
	sort.Strings(lines)
	if len(lines) > 12 {
		lines = append(lines[:12], fmt.Sprintf("… %d more", len(lines)-12))
	}
	t.Errorf("%s:\n  %s", what, strings.Join(lines, "\n  "))
}
