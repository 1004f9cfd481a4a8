package sqlfiles_test

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"claimsaudit/pipeline/warehouse"
	sqlfiles "claimsaudit/sql"
)

var layers = []string{"10_accept", "30_core", "40_verdict", "50_statement", "60_ratio", "70_score", "80_mart"}

func models(t testing.TB, names ...string) []sqlfiles.Model {
	t.Helper()
	all, err := sqlfiles.Models(names...)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func number(m sqlfiles.Model) string { return m.Name[:3] }

var (
	comment  = regexp.MustCompile(`--[^\n]*`)
	literal  = regexp.MustCompile(`'(?:[^']|'')*'`)
	distinct = regexp.MustCompile(`(?i)\bDISTINCT\s+FROM\b`)
	source   = regexp.MustCompile(`(?i)\b(?:FROM|JOIN)\s+([a-z_][a-z_.]*)`)
	named    = regexp.MustCompile(`(?i)(?:\bWITH|,|\n)\s*([a-z_]+) AS (?:MATERIALIZED )?\(`)
)

// bare is SQL without comments and text literals: what is left is the language.
func bare(sql string) string {
	return literal.ReplaceAllString(comment.ReplaceAllString(sql, ""), "''")
}

// TestHeadersTellTheTruth: the runner decides from a header what need not run again, so a table that is read but not
// declared would leave yesterday's verdicts standing.
func TestHeadersTellTheTruth(t *testing.T) {
	numbers := map[string]string{}
	for _, m := range models(t, layers...) {
		t.Run(m.Name, func(t *testing.T) {
			if !regexp.MustCompile(`^[1-8]\d\d_[a-z_]+$`).MatchString(m.Name) || m.Name[0] != m.Layer[0] {
				t.Errorf("the name must be the layer's digit, two more, and words: %s in %s", m.Name, m.Layer)
			}
			if other := numbers[number(m)]; other != "" {
				t.Errorf("number %s is taken by %s", number(m), other)
			}
			numbers[number(m)] = m.Name
			if want := strings.Replace(m.Name, "_", " ", 1); m.Title != want {
				t.Errorf("title %q, want %q", m.Title, want)
			}
			for field, value := range map[string]string{"Why": m.Why, "Grain": m.Grain} {
				if len(value) < 10 {
					t.Errorf("%s says nothing: %q", field, value)
				}
			}
			if !regexp.MustCompile(`^(SELECT|WITH)\s`).MatchString(m.SQL) || strings.Contains(bare(m.SQL), ";") {
				t.Error("a model is one SELECT")
			}
			if got := reads(m); !slices.Equal(got, slices.Sorted(slices.Values(m.Reads))) {
				t.Errorf("Reads: %v, the SQL reads %v", m.Reads, got)
			}
		})
	}
}

// reads lists the tables behind FROM and JOIN that are not the statement's own.
func reads(m sqlfiles.Model) []string {
	text := distinct.ReplaceAllString(bare(m.SQL), "")
	own := map[string]bool{}
	for _, c := range named.FindAllStringSubmatch(text, -1) {
		own[c[1]] = true
	}
	var all []string
	for _, s := range source.FindAllStringSubmatch(text, -1) {
		if !own[s[1]] {
			all = append(all, s[1])
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// TestModelsReadWhatEarlierOnesWrote: a model that read a later one's table would judge by the former run.
func TestModelsReadWhatEarlierOnesWrote(t *testing.T) {
	db := fresh(t)
	all := models(t, layers[1:]...)
	writers := map[string][]string{}
	for _, m := range all {
		if m.Writes != "" {
			writers[m.Writes] = append(writers[m.Writes], m.Name)
		}
	}
	for _, m := range all {
		for _, table := range m.Reads {
			columnsOf(t, db, table)
			for _, w := range writers[table] {
				if w >= m.Name {
					t.Errorf("%s reads %s, which %s writes later", m.Name, table, w)
				}
			}
			if len(writers[table]) == 0 && !isSource(t, db, m, table) {
				t.Errorf("%s reads %s, which nothing fills before it", m.Name, table)
			}
		}
	}
}

// isSource reports whether the model may read a table no model writes: rules and run parameters, the ledger of
// statements, and the views over what was delivered; the mart may read the delivered rows and the ledger themselves.
func isSource(t testing.TB, db *warehouse.DB, m sqlfiles.Model, table string) bool {
	schema, name, _ := strings.Cut(table, ".")
	switch {
	case schema == "ref", strings.HasPrefix(table, "audit.statement"), strings.HasPrefix(table, "audit.scorecard"):
		return true
	case schema == "core" && (strings.HasPrefix(name, "points_") || name == "registry_today" || name == "share_year" || name == "change_due"):
		return true // jobs writes them, before layer 40 asks for blocks and before layer 70 and the mart for the rest
	case schema == "core":
		return scalar(t, db, "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'core' AND table_name = ? AND table_type = 'VIEW'", name) == "1"
	default:
		return m.Layer == "80_mart" && (schema == "staging" || schema == "meta")
	}
}

// TestModelsFillTheirTableInOrder: rows are inserted by position, so two columns of one type that change places would
// swap, say, pay and withhold without an error.
func TestModelsFillTheirTableInOrder(t *testing.T) {
	db := fresh(t)
	publish(t, db)
	for _, m := range models(t, layers[1:]...) {
		if m.Writes == "" {
			continue
		}
		var got, want []string
		for _, row := range cells(t, db, "SELECT column_name FROM (DESCRIBE SELECT * FROM (\n"+m.SQL+"\n))") {
			got = append(got, row[0])
		}
		for _, c := range columnsOf(t, db, m.Writes) {
			want = append(want, c.name)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: selects %v\n %s has %v", m.Name, got, m.Writes, want)
		}
	}
}

// notPortable are spellings that DuckDB and Spark read differently, or one of them not at all.
var notPortable = map[string]string{
	`::`: "CAST", `(?i)\bQUALIFY\b`: "a subquery and WHERE position = 1", `(?i)\bASOF\b`: "a half-open interval join",
	`(?i)\b(GROUP|ORDER) BY ALL\b`: "the list", `(?i)\bEXCLUDE\b|SELECT \*`: "the list of columns",
	`(?i)\b(strftime|date_format|date_trunc|datediff|date_diff|dayofweek|add_months)\b|\blast_day\(`: "day and month columns of the views",
	`(?i)\bINTERVAL\b`: "integer days", `/`: "idiv", `["` + "`" + `]`: "lower-case names without quotes",
	`(?i)\bFILTER\b`: "SUM(CASE ...)", `(?i)\b(string_agg|listagg|group_concat|array_agg|list)\s*\(`: "the mart",
	`(?i)regexp|\bRLIKE\b|\bSIMILAR TO\b`: "the views", `\\`: "LIKE ... ESCAPE '!'", `(?i)\b(AVG|ROUND|MEDIAN|MAX_BY|MIN_BY|arg_max|arg_min|any_value|COUNT_IF|CONCAT)\b`: "sums, counts, ROW_NUMBER, ||",
	`(?i)\bpercentile|\bapprox_`: "an exact rank", `(?i)\b(UNNEST|generate_series|RECURSIVE|MERGE|hash)\b`: "joins",
	`(?i)\bNOT IN\b`: "NOT EXISTS", `(?i)\b(HUGEINT|UBIGINT|TIMESTAMP|DOUBLE|FLOAT|TRY_CAST)\b`: "BIGINT, INTEGER, VARCHAR, BOOLEAN",
	`(?i)\bIGNORE NULLS\b|\bGROUPS\b|COUNT\(DISTINCT [^)]*\) OVER`: "two steps", `(?i)\bTRIM\s*\([^)]*\)`: "the views",
	`(?i)\bUNION BY NAME\b`: "UNION ALL", `(?m)^\s*FROM [^\n]*\n\s*SELECT`: "SELECT first",
}

// TestLayers30To60ArePortable keeps the text that is to run on Spark when one machine no longer holds a province.
func TestLayers30To60ArePortable(t *testing.T) {
	for _, m := range models(t, layers[1:5]...) {
		text := comment.ReplaceAllString(m.SQL, "")
		for token, instead := range notPortable {
			inLiterals := token == `\\` // everything else is harmless inside a text literal
			where := bare(text)
			if inLiterals {
				where = text
			}
			if found := regexp.MustCompile(token).FindString(where); found != "" {
				t.Errorf("%s: %q is not portable, write %s", m.Name, found, instead)
			}
		}
		for _, key := range sortKeys(bare(text)) {
			if !regexp.MustCompile(`(?i) NULLS (FIRST|LAST)$`).MatchString(key) {
				t.Errorf("%s: ORDER BY %s: say where NULL goes", m.Name, key)
			}
		}
	}
}

var order = regexp.MustCompile(`(?is)\bORDER BY\s+(.*?)(?:\bROWS\b|$)`)

// sortKeys are the comma-separated keys of every ORDER BY.
func sortKeys(text string) []string {
	var keys []string
	for _, at := range regexp.MustCompile(`(?i)\bORDER BY\b`).FindAllStringIndex(text, -1) {
		depth, end := 0, len(text)
	scan:
		for i := at[1]; i < len(text); i++ {
			switch text[i] {
			case '(':
				depth++
			case ')':
				if depth--; depth < 0 {
					end = i
					break scan
				}
			}
		}
		clause := order.FindStringSubmatch(text[at[0]:end])[1]
		depth = 0
		for _, key := range strings.FieldsFunc(clause, func(r rune) bool {
			depth += map[rune]int{'(': 1, ')': -1}[r]
			return r == ',' && depth == 0
		}) {
			keys = append(keys, strings.Join(strings.Fields(key), " "))
		}
	}
	return keys
}

// TestSQLKnowsNoClock: the same inputs must give the same verdicts on any day.
func TestSQLKnowsNoClock(t *testing.T) {
	clock := regexp.MustCompile(`(?i)\b(now|today|current_date|current_time|current_timestamp|localtime|localtimestamp|random|uuid|gen_random_uuid|nextval)\b`)
	err := fs.WalkDir(sqlfiles.Files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || path.Ext(name) != ".sql" {
			return err
		}
		text, err := sqlfiles.Text(name)
		if found := clock.FindString(bare(text)); found != "" {
			t.Errorf("%s: %s", name, found)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestEveryRuleOfTheRulePackHasItsModel: one number and one name follow a rule everywhere.
func TestEveryRuleOfTheRulePackHasItsModel(t *testing.T) {
	tables := reference(t)
	want := map[string]bool{}
	for _, row := range slices.Concat(tables["ref.rule"], tables["ref.ratio"]) {
		want[fmt.Sprintf("%v_%v", row[0], row[1])] = true
	}
	for _, m := range models(t, "40_verdict", "60_ratio") {
		isRule := m.Writes == "audit.finding" || m.Writes == "audit.ratio_month"
		if isRule != want[m.Name] {
			t.Errorf("%s: a model of rule or ratio: %t, in the rule pack: %t", m.Name, isRule, want[m.Name])
		}
		delete(want, m.Name)
	}
	for name := range want {
		t.Errorf("%s is in the rule pack and has no model", name)
	}
}

// TestStatementsAreWrittenOnce: nothing in the program changes or deletes what was issued.
func TestStatementsAreWrittenOnce(t *testing.T) {
	change := regexp.MustCompile(`(?i)\b(UPDATE|DELETE\s+FROM|TRUNCATE|DROP\s+TABLE|ALTER\s+TABLE|OR\s+REPLACE\s+TABLE)\s+audit\.statement(_line)?\b`)
	err := fs.WalkDir(os.DirFS(".."), ".", func(name string, d fs.DirEntry, err error) error {
		ours := path.Ext(name) == ".sql" || path.Ext(name) == ".go" && !strings.HasSuffix(name, "_test.go")
		if err != nil || d.IsDir() || !ours {
			return err
		}
		text, err := os.ReadFile(path.Join("..", name))
		if found := change.Find(text); found != nil {
			t.Errorf("%s: %s", name, found)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range models(t, layers...) {
		if m.Writes == "audit.statement" || m.Writes == "audit.statement_line" {
			t.Errorf("%s would replace what was issued", m.Name)
		}
	}
}
