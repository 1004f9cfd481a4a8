package report

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strings"
	"testing"

	"claimsaudit/pipeline"
)

func readChange(t *testing.T, db *sql.DB, period pipeline.Period) *summary {
	t.Helper()
	meta := sampleMeta()
	meta.Period = period
	month, err := ReadMonth(context.Background(), db, meta)
	if err != nil {
		t.Fatal(err)
	}
	return month.summary
}

// The difference says by rule, by institution and by cause what the two statements say in all.
func TestChangeAddsUpToTheStatements(t *testing.T) {
	db := sampleMart(t)
	c := readChange(t, db, sampleMeta().Period).Change
	stated := func(column, month string) cents {
		return cents(scalar[int64](t, db, `SELECT CAST(`+column+`_yuan * 100 AS BIGINT) FROM mart.statement WHERE issued_in = $1`, month))
	}
	for what, x := range map[string]struct{ got, want cents }{
		"by rule now":           {c.Withheld().Now, stated("withhold", "2025-03")},
		"by rule before":        {c.Withheld().Before, stated("withhold", "2025-02")},
		"by institution now":    {sumRows(c.Places).Now, stated("withhold", "2025-03")},
		"by institution before": {sumRows(c.Places).Before, stated("withhold", "2025-02")},
		"by cause":              {c.Adjusted().Cents, stated("recover", "2025-03") + stated("release", "2025-03")},
	} {
		if x.got != x.want || x.want == 0 {
			t.Errorf("%s: %v, statement says %v", what, x.got, x.want)
		}
	}
	if c.Places[0].Code != "H50010500001" || c.Places[0].Change() != 1234568-7777777 || c.Places[0].LinesBefore != 1 || c.Places[0].LinesNow != 2 {
		t.Errorf("the largest change is %+v", c.Places[0])
	}
}

// A line that is no longer withheld, and a rule the pack has given up, are not lost from what was issued.
func TestChangeKeepsWhatNoRuleWithholdsAnyMore(t *testing.T) {
	db := sampleMart(t)
	exec(t, db, `DELETE FROM mart.line_verdict WHERE period = '2025-02'`)
	exec(t, db, `UPDATE mart.institution_period SET withhold_yuan = 0, pay_yuan = fund_yuan WHERE period = '2025-02'`)
	c := readChange(t, db, sampleMeta().Period).Change
	last := c.Rules[len(c.Rules)-1]
	if last.Label != goneRule || last.Before != 7777777 || last.Now != 0 {
		t.Errorf("%+v", c.Rules)
	}
}

// The first statement has none before it, a month without one has nothing to compare, and a gap between two is told.
func TestChangeWithoutHistory(t *testing.T) {
	for name, c := range map[string]struct {
		damage, want string
		compares     bool
	}{
		"first": {`DELETE FROM mart.statement WHERE issued_in = '2025-02'`, "此前没有通知单，无上期可比。", false},
		"none":  {`DELETE FROM mart.statement WHERE issued_in = '2025-03'`, "本期未出具通知单，不与上期比较。", false},
		"gap": {`UPDATE mart.statement SET issued_in = '2024-12' WHERE issued_in = '2025-02';
			UPDATE mart.statement_line SET issued_in = '2024-12' WHERE issued_in = '2025-02'`, "其间（2025年1月起）没有通知单", true},
	} {
		db, dir := sampleMart(t), t.TempDir()
		exec(t, db, c.damage)
		if got := readChange(t, db, sampleMeta().Period).Change; got.Compares() != c.compares {
			t.Errorf("%s: %+v", name, got)
		}
		paths, err := Monthly(context.Background(), db, dir, sampleMeta())
		if err != nil {
			t.Fatal(err)
		}
		var sheet string
		for _, r := range rows(t, openBook(t, paths[0]), sheetChange) {
			sheet += strings.Join(r, " ") + "\n"
		}
		if page := string(mustRead(t, paths[1])); !strings.Contains(page, c.want) || !strings.Contains(sheet, c.want) {
			t.Errorf("%s: page or sheet do not say %s\n%s", name, c.want, sheet)
		}
		checkFormulas(t, openBook(t, paths[0]))
	}
}

// A difference that does not add up is refused like any report that contradicts itself.
func TestContradictingChangeIsRefused(t *testing.T) {
	for name, damage := range map[string]string{
		"statement says more":       `UPDATE mart.statement SET withhold_yuan = withhold_yuan + 0.01 WHERE issued_in = '2025-03'`,
		"former statement lost":     `DELETE FROM mart.statement_line WHERE issued_in = '2025-02'`,
		"recovered less than said":  `UPDATE mart.statement SET recover_yuan = recover_yuan - 0.01 WHERE issued_in = '2025-03'`,
		"released more than listed": `UPDATE mart.statement SET release_yuan = release_yuan - 0.01 WHERE issued_in = '2025-03'`,
	} {
		db, dir := sampleMart(t), t.TempDir()
		exec(t, db, damage)
		_, err := Monthly(context.Background(), db, dir, sampleMeta())
		if pipeline.KindOf(err) != pipeline.KindInternal || pipeline.HintOf(err) == "" || !strings.Contains(fmt.Sprint(err), "difference") {
			t.Errorf("%s: error is %v", name, err)
		}
		if left, _ := os.ReadDir(dir); len(left) != 0 {
			t.Errorf("%s: left behind %v", name, left)
		}
	}
}

// The page lists the largest changes and puts the others into one row, so that the column still adds up.
func TestLargest(t *testing.T) {
	all := []changeRow{{Label: "a", Before: 0, Now: 9}, {Label: "b", Before: 7, Now: 0}, {Label: "c", Before: 5, Now: 5}, {Label: "d", Before: 1, Now: 1}}
	for n, want := range map[int]struct {
		shown int
		rest  string
	}{1: {1, "其余 3 家"}, 2: {2, "其余 2 家"}, 4: {2, "其余 2 家"}} {
		first, rest := largest(all, n)
		if len(first) != want.shown || rest.Label != want.rest || sumRows(first).Change()+rest.Change() != sumRows(all).Change() {
			t.Errorf("%d: %v and %+v", n, first, rest)
		}
	}
	if first, rest := largest(nil, 3); len(first) != 0 || rest.Label != "" {
		t.Errorf("of nothing: %v, %+v", first, rest)
	}
}
