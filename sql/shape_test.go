package sqlfiles_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"claimsaudit/pipeline"
	"claimsaudit/pipeline/warehouse"
	sqlfiles "claimsaudit/sql"
)

// publish builds the mart and attaches it, so that its tables answer like the others.
func publish(t testing.TB, db *warehouse.DB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "analyst.duckdb")
	tidied, err := db.BuildMart(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := tidied(); err != nil {
		t.Fatal(err)
	}
	cells(t, db, fmt.Sprintf("ATTACH '%s' AS pub (READ_ONLY)", path))
	return path
}

func TestMigrationsAreNumberedWithoutGaps(t *testing.T) {
	names, err := fs.Glob(sqlfiles.Files, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range names {
		want := fmt.Sprintf(`^migrations/%04d_[a-z]+_[a-z_]+\.sql$`, i+1)
		if !regexp.MustCompile(want).MatchString(name) {
			t.Errorf("%s, want %s", name, want)
		}
	}
}

// TestStagingTablesAreTheFeeds: batches are inserted by position, so the tables must have the feeds' columns in order.
func TestStagingTablesAreTheFeeds(t *testing.T) {
	kinds := map[pipeline.Type]string{pipeline.Text: "VARCHAR", pipeline.ID: "VARCHAR", pipeline.Code: "VARCHAR",
		pipeline.PracCode: "VARCHAR", pipeline.Enum: "VARCHAR", pipeline.Cents: "BIGINT", pipeline.Quantity: "BIGINT",
		pipeline.Price: "BIGINT", pipeline.Int: "INTEGER", pipeline.Time: "TIMESTAMP", pipeline.Date: "DATE"}
	db := fresh(t)
	for _, feed := range pipeline.Feeds {
		want := []column{{"file_id", "INTEGER"}, {"line_no", "BIGINT"}, {"row_key", "BIGINT"}}
		for _, c := range feed.Table() {
			want = append(want, column{c.Stored(), kinds[c.Type]})
		}
		if got := columnsOf(t, db, "staging."+feed.Name); !slices.Equal(got, want) {
			t.Errorf("staging.%s\n has %v\nwant %v", feed.Name, got, want)
		}
	}
}

// TestColumnsSetAsideComeBackUnderTheirNames: the view takes apart by position what the decoder joined in the feed's order.
func TestColumnsSetAsideComeBackUnderTheirNames(t *testing.T) {
	db := fresh(t)
	for _, feed := range pipeline.Feeds {
		var names []string
		for _, c := range feed.Columns {
			if c.Aside {
				names = append(names, c.Stored())
			}
		}
		if len(names) == 0 {
			continue
		}
		table := "staging." + feed.Name
		row := place(t, columnsOf(t, db, table), "aside", strings.Join(names, string(pipeline.AsideSeparator)))
		if err := db.ReplaceRows(context.Background(), table, [][]any{row}); err != nil {
			t.Fatal(err)
		}
		if got := cells(t, db, "SELECT "+strings.Join(names, ", ")+" FROM "+table+"_full"); !slices.Equal(got[0], names) {
			t.Errorf("%s_full shows %v as %v", table, got[0], names)
		}
	}
}

// TestEveryPublishedColumnIsExplained in Chinese and English, and nothing is explained that does not exist.
func TestEveryPublishedColumnIsExplained(t *testing.T) {
	db := fresh(t)
	publish(t, db)
	tables := cells(t, db, "SELECT table_name, comment FROM duckdb_tables() WHERE database_name = 'pub' AND schema_name = 'mart'")
	columns := cells(t, db, "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE database_name = 'pub' AND schema_name = 'mart'")
	if len(tables) == 0 || len(columns) == 0 {
		t.Fatal("the mart is empty")
	}
	both := regexp.MustCompile(`^[^/]*\p{Han}.* / .*[a-z]`)
	exists := map[string]bool{}
	for _, row := range tables {
		exists[row[0]+".-"] = true
		if !both.MatchString(row[1]) {
			t.Errorf("mart.%s: comment %q", row[0], row[1])
		}
	}
	for _, row := range columns {
		exists[row[0]+"."+row[1]], exists["*."+row[1]] = true, true
		if !both.MatchString(row[2]) {
			t.Errorf("mart.%s.%s: comment %q", row[0], row[1], row[2])
		}
	}
	text, err := sqlfiles.Text("comments.tsv")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		f := strings.Split(line, "\t")
		key := f[0] + "." + f[1]
		if !exists[key] || seen[key] {
			t.Errorf("comments.tsv: %s is explained twice or does not exist", key)
		}
		seen[key] = true
	}
}

// TestArrowEntersThroughOneDoor: a registered Arrow view that is filtered, projected or scanned twice gives wrong rows
// without an error, so only warehouse.insertArrow may register one.
func TestArrowEntersThroughOneDoor(t *testing.T) {
	door := regexp.MustCompile(`\b(RegisterView|NewArrowFromConn|NewArrow)` + `\(`)
	found := map[string]int{}
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(name) != ".go" {
			return err
		}
		text, err := os.ReadFile(name)
		for range door.FindAll(text, -1) {
			found[filepath.ToSlash(name)]++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	const home = "../pipeline/warehouse/load.go"
	if len(found) != 1 || found[home] != 2 {
		t.Errorf("Arrow is registered in %v, want once in %s", found, home)
	}
	text, err := os.ReadFile(home)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), "+arrival"); n != 2 || !strings.Contains(string(text), `" SELECT * FROM "+arrival,`) {
		t.Errorf("the view is used %d times, want SELECT * and DROP", n)
	}
}
