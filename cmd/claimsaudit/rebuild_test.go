package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

const dirtyLines = `setl_id,feedetl_sn,fee_ocur_time,med_list_codg,med_chrgitm_type,cnt,pric,det_item_fee_sumamt,bilg_dr_codg
S1,1,2025-03-05 09:00:00,C1,05,1,100,100.00,D1
S2,1,2025-03-12 09:00:00,C1,05,1,72,72.00,D1
S2,2,2025-03-12 09:05:00,C2,05,1,48,￥48.00,D2
S3,1,2025-02-30 09:00:00,C1,05,1,30,30.00,D2
`

// eventful is a site whose life had everything a rebuild must live through: three months with late corrections, packed
// files, the same bytes again, a refused file that came again with other totals, a gate, a replay, runs killed while
// taking in and while publishing, settings that changed, and nights with nothing new, one of them with a refused file.
func eventful(t *testing.T) *site {
	t.Helper()
	s := closedMonth(t)
	s.must(t, 0, "run", "nightly", "--as-of", "2025-04-03")

	s.write(t, "fee_line_dirty.csv", []byte(dirtyLines))
	s.write(t, "settlement_refused.csv", []byte("setl_id,mdtrt_id,psn_no,insutype,med_type,fixmedins_code,setl_time,medfee_sumamt,fund_pay_sumamt\n"+
		"S1,M1,P1,310,11,H50010500001,2025-03-05,100.00,90.00\nS2,M2,P2,310,11,H50010500001,2025-03-12,120.00,90.00\n"))
	s.write(t, "settlement_refused.ctl", []byte("rows: 3\n"))
	s.must(t, 4, "run", "nightly", "--as-of", "2025-04-04")
	s.must(t, 0, "run", "nightly", "--as-of", "2025-04-04")
	s.write(t, "settlement_again.csv", must(os.ReadFile(archived(t, s, "settlement_refused.csv")))(t))
	s.must(t, 0, "run", "nightly", "--as-of", "2025-04-05")
	dirty := must(filepath.Glob(filepath.Join(s.data, "quarantine", "fee_line_dirty.rejected-*.csv")))(t)[0]
	corrected := strings.ReplaceAll(string(must(os.ReadFile(dirty))(t)), "￥48", "48") // the other row stays rejected
	if err := os.WriteFile(dirty, []byte(corrected), 0o600); err != nil {
		t.Fatal(err)
	}
	s.must(t, 0, "replay", "--as-of", "2025-04-05")

	s.deliver(t, secondMonth)
	for _, m := range []moment{{line: 4}, {line: 30}, {path: "published/analyst.duckdb.tmp"}} {
		interrupt(t, s, m, syscall.SIGKILL)
	}
	s.must(t, 0, secondArgs...)

	s.env["CLAIMSAUDIT_STATEMENT_PREFIX"], s.env["CLAIMSAUDIT_RULE_PACK"] = "T5", milderPack(t)
	s.deliver(t, "../../samples/inbox/2025-05")
	s.must(t, 0, "run", "monthly", "--period", "2025-05", "--as-of", "2025-06-03")
	delete(s.env, "CLAIMSAUDIT_STATEMENT_PREFIX")
	delete(s.env, "CLAIMSAUDIT_RULE_PACK")
	s.must(t, 0, "run", "monthly", "--period", "2025-04", "--as-of", "2025-06-05")
	s.must(t, 0, "run", "annual", "--year", "2025", "--as-of", "2025-06-05")
	s.must(t, 0, "run", "housekeeping", "--as-of", "2025-06-05")
	s.write(t, "settlement_same_bytes.csv", must(os.ReadFile(archived(t, s, "settlement_refused.csv")))(t))
	s.must(t, 0, "run", "nightly", "--as-of", "2025-06-06")
	s.write(t, "settlement_broken.csv", []byte("nonsense\n"))
	s.must(t, 3, "run", "nightly", "--as-of", "2025-06-07") // it judged, and computed nothing: only the as-of day is another
	return s
}

// wasEventful wants the life to have been what eventful says, so that the comparison means something.
func wasEventful(t *testing.T, s *site) {
	t.Helper()
	db := must(sql.Open("duckdb", filepath.Join(s.data, "warehouse.duckdb")+"?access_mode=READ_ONLY"))(t)
	defer db.Close()
	for what, query := range map[string]string{
		"deliveries loaded, refused and seen before": "SELECT count(DISTINCT outcome) = 3 FROM meta.delivery",
		"a gate":                            "SELECT count(*) = 1 FROM meta.run WHERE exit_code = 4",
		"a replay":                          "SELECT count(*) = 1 FROM meta.run JOIN meta.file USING (run_id) WHERE job = 'replay'",
		"rows replayed and others not":      "SELECT count(DISTINCT replayed_in IS NULL) = 2 FROM staging.rejected_row",
		"a killed run that took files in":   "SELECT count(*) > 0 FROM meta.run JOIN meta.file USING (run_id) WHERE finished_at IS NULL",
		"a killed run that computed models": "SELECT count(*) > 0 FROM meta.run WHERE state = 'interrupted' AND manifest NOT LIKE '%\"models\":[]%'",
		"three statements, all kinds":       "SELECT count(DISTINCT statement_no) = 3 AND count(DISTINCT kind) = 3 FROM audit.statement_line",
		"two settings":                      "SELECT count(DISTINCT config_sha256) = 2 FROM meta.run",
		"a run with nothing to publish":     "SELECT count(*) > 0 FROM meta.run WHERE state = 'done' AND is_published IS NULL",
		"jobs of every kind":                "SELECT count(DISTINCT job) = 5 FROM meta.run",
		"every run linked":                  "SELECT count(*) = max(link_no) FROM meta.run",
	} {
		if rows := martRows(t, db, query); rows[0][0] != "true" {
			t.Errorf("the site had no part of this: %s", what)
		}
	}
}

// must hands a value on or ends the test.
func must[T any](value T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// archived is where the archive keeps the file delivered under that name.
func archived(t *testing.T, s *site, name string) string {
	t.Helper()
	found := must(filepath.Glob(filepath.Join(s.data, "archive", "??", "*", name)))(t)
	if len(found) != 1 {
		t.Fatalf("%s is in the archive %d times", name, len(found))
	}
	return found[0]
}

// milderPack is the rule pack with one rule that asks for review where the built-in one withholds.
func milderPack(t *testing.T) string {
	t.Helper()
	text := must(os.ReadFile("../../configs/rulepacks/chongqing-2025.yaml"))(t)
	other := bytes.Replace(text, []byte("action: withhold"), []byte("action: review"), 2)
	path := filepath.Join(t.TempDir(), "milder.yaml")
	if bytes.Equal(text, other) || os.WriteFile(path, other, 0o600) != nil {
		t.Fatal("no milder rule pack")
	}
	return path
}

// TestRebuildFromTheArchiveAloneEqualsTheOriginal, table by table and file by file.
func TestRebuildFromTheArchiveAloneEqualsTheOriginal(t *testing.T) {
	s := eventful(t)
	wasEventful(t, s)
	s.must(t, 0, "verify")
	lost := newSite(t) // all that is left is the archive
	if err := os.CopyFS(filepath.Join(lost.data, "archive"), os.DirFS(filepath.Join(s.data, "archive"))); err != nil {
		t.Fatal(err)
	}
	into := filepath.Join(t.TempDir(), "data")
	out, _ := lost.must(t, 0, "rebuild", "--into", into)
	for _, want := range []string{"3 statements", "each with its recorded hash"} {
		if !strings.Contains(out, want) {
			t.Errorf("the rebuild says\n%s", out)
		}
	}
	compareWarehouses(t, filepath.Join(s.data, "warehouse.duckdb"), filepath.Join(into, "warehouse.duckdb"))
	compareWarehouses(t, filepath.Join(s.data, "published", "analyst.duckdb"), filepath.Join(into, "published", "analyst.duckdb"))
	for _, dir := range []string{"archive", "reports", "quarantine"} {
		compareRows(t, dir, contents(t, filepath.Join(into, dir)), contents(t, filepath.Join(s.data, dir)))
	}
	rebuilt := &site{data: into, inbox: s.inbox, env: s.env}
	rebuilt.env["CLAIMSAUDIT_DATA"] = into
	rebuilt.must(t, 0, "verify")
	if out, _ := rebuilt.must(t, 0, "run", "nightly", "--as-of", "2025-06-08"); !strings.Contains(out, "nothing new") {
		t.Errorf("the rebuilt directory has news:\n%s", out)
	}
	rebuilt.must(t, 0, "verify")
}

// notInTheArchive are tables and rows that a rebuild cannot or must not bring back.
var notInTheArchive = map[string]string{
	// A gate names the path of the data directory; what a daemon noted of its timetable is no delivery's doing.
	"meta.fact": "name NOT LIKE 'gate %' AND name <> 'serving'",
}

// compareWarehouses wants every table of one database in the other, with the same rows.
func compareWarehouses(t *testing.T, want, got string) {
	t.Helper()
	db := must(sql.Open("duckdb", ""))(t)
	defer db.Close()
	db.SetMaxOpenConns(1)
	for name, path := range map[string]string{"want": want, "got": got} {
		if _, err := db.Exec(fmt.Sprintf("ATTACH '%s' AS %s (READ_ONLY)", path, name)); err != nil {
			t.Fatal(err)
		}
	}
	tables := func(name string) (all []string) {
		for _, r := range martRows(t, db, "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE database_name = '"+name+"'") {
			all = append(all, r[0])
		}
		slices.Sort(all)
		return all
	}
	if w, g := tables("want"), tables("got"); len(w) < 10 || !slices.Equal(w, g) {
		t.Fatalf("tables %v\nwant %v", g, w)
	}
	for _, table := range tables("want") {
		where := notInTheArchive[table]
		if where == "" {
			where = "true"
		}
		side := func(name string) string { return fmt.Sprintf("SELECT * FROM %s.%s WHERE %s", name, table, where) }
		for what, query := range map[string]string{
			"only in the original": side("want") + " EXCEPT ALL " + side("got"), "only in the rebuilt": side("got") + " EXCEPT ALL " + side("want"),
		} {
			if rows := martRows(t, db, query+" LIMIT 3"); len(rows) > 0 {
				t.Errorf("%s, %s: %v", table, what, rows)
			}
		}
	}
}
