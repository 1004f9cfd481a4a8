package sqlfiles_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"claimsaudit/pipeline"
	"claimsaudit/pipeline/transform"
	"claimsaudit/pipeline/warehouse"
	sqlfiles "claimsaudit/sql"
)

var update = flag.Bool("update", false, "rewrite the want files of the cases from what the models say")

// The models' words for "from the beginning" and "open"; cases write both as open.
const beginning, open = -2932896, 2932896

// TestCases plays every folder testdata/<model>/<behaviour>/{given,want} through layers 30 to 70. The cases share as
// many warehouses as there are cores: each is one transaction that is rolled back, so each begins with empty tables.
func TestCases(t *testing.T) {
	folders, err := filepath.Glob("testdata/[1-8]*/*")
	if err != nil {
		t.Fatal(err)
	}
	idle := make(chan *warehouse.DB, runtime.GOMAXPROCS(0))
	for range cap(idle) {
		idle <- fresh(t)
	}
	for _, folder := range folders {
		t.Run(strings.TrimPrefix(filepath.ToSlash(folder), "testdata/"), func(t *testing.T) {
			t.Parallel()
			db := <-idle
			defer func() { idle <- db }()
			err := db.Tx(context.Background(), func() error {
				playCase(t, db, folder)
				return errRollBack
			})
			if !errors.Is(err, errRollBack) {
				t.Error(err)
			}
		})
	}
}

var errRollBack = errors.New("roll back")

func playCase(t *testing.T, db *warehouse.DB, folder string) {
	tables := reference(t)
	for _, file := range csvFiles(t, filepath.Join(folder, "given")) {
		tables[tableOf(file)] = givenRows(t, db, file)
	}
	audit(t, db, tables)
	wants := csvFiles(t, filepath.Join(folder, "want"))
	if len(wants) == 0 {
		t.Fatal("the case wants nothing")
	}
	for _, file := range wants {
		compare(t, db, file, numberOf(folder))
	}
}

// numberOf is the number of the model a case is about.
func numberOf(folder string) string {
	number, _, _ := strings.Cut(filepath.Base(filepath.Dir(folder)), "_")
	return number
}

// audit fills the tables and runs layers 30 to 70.
func audit(t testing.TB, db *warehouse.DB, tables map[string][][]any) {
	t.Helper()
	err := db.Tx(context.Background(), func() error {
		for table, rows := range tables {
			if err := db.ReplaceRows(context.Background(), table, rows); err != nil {
				return err
			}
		}
		_, err := transform.Run(context.Background(), db, transform.Input{RunID: "case", Clock: noon},
			"30_core", "40_verdict", "50_statement", "60_ratio", "70_score")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// martModels are the SELECTs of the published tables; publishing a whole file for each case would double its time.
var martModels = sync.OnceValues(func() (map[string]string, error) {
	models, err := sqlfiles.Models("80_mart")
	byTable := map[string]string{}
	for _, m := range models {
		byTable[m.Writes] = m.SQL
	}
	return byTable, err
})

func csvFiles(t testing.TB, folder string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.csv"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func tableOf(file string) string { return strings.TrimSuffix(filepath.Base(file), ".csv") }

func readCSV(t testing.TB, file string) [][]string {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r := csv.NewReader(bytes.NewReader(raw))
	all, err := r.ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	if len(all) == 0 {
		t.Fatalf("%s: no header", file)
	}
	return all
}

// givenRows reads a given file into the table's column order. A column the file does not name holds the feed's
// default, as after decoding, else NULL; an empty cell is NULL.
func givenRows(t testing.TB, db *warehouse.DB, file string) [][]any {
	t.Helper()
	table, all := tableOf(file), readCSV(t, file)
	columns, header := columnsOf(t, db, table), all[0]
	for _, name := range header {
		if !slices.ContainsFunc(columns, func(c column) bool { return c.name == name }) {
			t.Fatalf("%s: %s has no column %s", file, table, name)
		}
	}
	defaults := feedDefaults(table)
	rows := make([][]any, 0, len(all)-1)
	for _, cellsOfRow := range all[1:] {
		row := make([]any, len(columns))
		for i, c := range columns {
			at := slices.Index(header, c.name)
			switch {
			case at >= 0 && cellsOfRow[at] != "":
				row[i] = given(t, c, cellsOfRow[at])
			case at < 0 && defaults[c.name] != "":
				row[i] = defaults[c.name]
			}
		}
		rows = append(rows, row)
	}
	return rows
}

func feedDefaults(table string) map[string]string {
	defaults := map[string]string{}
	if feed := pipeline.FeedNamed(strings.TrimPrefix(table, "staging.")); feed != nil {
		for _, c := range feed.Columns {
			defaults[c.Stored()] = c.Default
		}
	}
	return defaults
}

// given lets cases write days as dates.
func given(t testing.TB, c column, text string) any {
	if strings.HasSuffix(c.name, "_day") && len(text) == len("2025-03-01") {
		return day(t, text)
	}
	return text
}

// compare holds a want file's columns against the table, both sorted. Of a table that models share, a case sees its own.
func compare(t testing.TB, db *warehouse.DB, file, number string) {
	t.Helper()
	want := readCSV(t, file)
	header := want[0]
	from := tableOf(file)
	switch from {
	case "audit.ratio_month":
		from += " WHERE ratio_no = " + number
	case "audit.score_metric", "audit.score_case":
		from += " WHERE " + ownRows(t, number)
	}
	got := tableRows(t, db, from, header)
	slices.SortFunc(want[1:], slices.Compare)
	if slices.EqualFunc(got, want[1:], slices.Equal) {
		return
	}
	if *update {
		writeCSV(t, file, append([][]string{header}, got...))
		return
	}
	t.Errorf("%s: %s\n got:\n%s want:\n%s", tableOf(file), strings.Join(header, ","), lines(got), lines(want[1:]))
}

// ownRows says which rows of a shared table are the model's.
func ownRows(t testing.TB, number string) string {
	t.Helper()
	all := models(t, "70_score")
	at := slices.IndexFunc(all, func(m sqlfiles.Model) bool { return strings.HasPrefix(m.Name, number) })
	if at < 0 {
		t.Fatalf("there is no model %s", number)
	}
	return all[at].Replaces
}

func tableRows(t testing.TB, db *warehouse.DB, from string, header []string) [][]string {
	t.Helper()
	if strings.HasPrefix(from, "mart.") {
		models, err := martModels()
		if err != nil {
			t.Fatal(err)
		}
		from = "(" + models[from] + ")"
	}
	columns := make([]string, len(header))
	for i, name := range header {
		columns[i] = name
		if strings.HasSuffix(name, "_day") {
			columns[i] = fmt.Sprintf("CASE WHEN %[1]s IN (%[2]d, %[3]d) THEN 'open' ELSE CAST(DATE '1970-01-01' + %[1]s AS VARCHAR) END",
				name, beginning, open)
		}
	}
	got := cells(t, db, "SELECT "+strings.Join(columns, ", ")+" FROM "+from)
	slices.SortFunc(got, slices.Compare)
	return got
}

func lines(rows [][]string) string {
	var b strings.Builder
	for _, r := range rows {
		b.WriteString("  " + strings.Join(r, ",") + "\n")
	}
	return b.String()
}

func writeCSV(t testing.TB, file string, rows [][]string) {
	t.Helper()
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := w.WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestEveryRuleAndRatioHasAPair wants, under the number of each rule and ratio, a case in which it fires or counts and
// one in which it does not.
func TestEveryRuleAndRatioHasAPair(t *testing.T) {
	fires, quiet := map[string]bool{}, map[string]bool{}
	for _, file := range csvFiles(t, "testdata/[1-8]*/*/want") {
		number := numberOf(filepath.Dir(filepath.Dir(file)))
		saw := firesIn(t, file, number)
		fires[number], quiet[number] = fires[number] || saw == yes, quiet[number] || saw == no
	}
	tables := reference(t)
	for _, row := range slices.Concat(tables["ref.rule"], tables["ref.ratio"]) {
		number := fmt.Sprint(row[0])
		if !fires[number] || !quiet[number] {
			t.Errorf("%v %v: case that fires: %t, case that does not: %t", number, row[1], fires[number], quiet[number])
		}
	}
}

type answer int

const (
	silent answer = iota // the file says nothing about it
	yes
	no
)

// firesIn asks a want file whether the rule has a finding, or the ratio a numerator.
func firesIn(t testing.TB, file, number string) answer {
	all := readCSV(t, file)
	key, ok := map[string]string{"mart.finding": "rule", "audit.finding": "rule", "audit.ratio_month": "ratio_no"}[tableOf(file)]
	at, numerator := slices.Index(all[0], key), slices.Index(all[0], "numerator")
	if !ok || at < 0 {
		return silent
	}
	for _, row := range all[1:] {
		if row[at] == number && (numerator < 0 || row[numerator] != "0") {
			return yes
		}
	}
	return no
}
