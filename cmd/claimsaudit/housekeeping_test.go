package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"claimsaudit/pipeline/warehouse"
)

// threeMonths is a site that has closed the sample months, with a configuration of its own.
func threeMonths(t *testing.T, config string) *site {
	t.Helper()
	s := newSite(t)
	s.configure(t, config)
	for _, m := range sampleMonths {
		s.deliver(t, filepath.Join(samplesDir, "inbox", m.period))
		if code, _, stderr := s.runAt(sampleNow, append(s.flags, "run", "monthly", "--period", m.period, "--as-of", m.asOf)...); code != 0 {
			t.Fatal(stderr)
		}
	}
	return s
}

// configure lets the site's commands read these settings.
func (s *site) configure(t *testing.T, text string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "claimsaudit.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s.flags = []string{"--config", path}
}

// TestHousekeeping plays the job on copies of one office.
func TestHousekeeping(t *testing.T) {
	t.Parallel()
	base := threeMonths(t, "retention: {published_copies: 2}\n")
	want := result(t, base)
	for name, play := range map[string]func(*testing.T, *site, map[string][][]string){
		"gives room back": givesRoomBack, "killed": killedHousekeeping, "without room": housekeepingWithoutRoom} {
		t.Run(name, func(t *testing.T) { play(t, base, want) })
	}
}

// copyIn is a copy of a site whose data lie in the directory.
func copyIn(t *testing.T, dir string, of *site) *site {
	t.Helper()
	s := siteIn(t, filepath.Join(dir, "data"), filepath.Join(t.TempDir(), "inbox"))
	if err := errors.Join(os.CopyFS(s.data, os.DirFS(of.data)), os.RemoveAll(s.inbox), os.CopyFS(s.inbox, os.DirFS(of.inbox))); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(of.data, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, relErr := filepath.Rel(of.data, path)
		info, err := e.Info()
		if err = errors.Join(relErr, err); err != nil {
			return err
		}
		to := filepath.Join(s.data, rel) // its time says which former publication is the older one
		return errors.Join(os.Chmod(to, info.Mode()), os.Chtimes(to, info.ModTime(), info.ModTime()))
	})
	if err != nil {
		t.Fatal(err)
	}
	s.flags = of.flags
	return s
}

// TestFormerPublicationsAreBounded: without any housekeeping no more are kept than the operator wants.
func TestFormerPublicationsAreBounded(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.configure(t, "retention: {published_copies: 2}\n")
	s.deliver(t, "testdata/delivery/2025-03")
	var runs []string
	for i := range 4 {
		s.write(t, "fee_line_late.csv", []byte(feeHeader+fmt.Sprintf("S9,%d,2025-03-05,C1,05,1,1,1.00\n", i)))
		out, _ := s.must(t, 0, append(s.flags, "run", "nightly", "--as-of", "2025-04-03")...)
		runs = append(runs, "analyst-"+strings.Fields(out)[1]+".duckdb")
	}
	got := filesIn(t, filepath.Join(s.data, "published", "history"))
	want := runs[1:3]
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("kept %v, want %v", got, want)
	}
}

// givesRoomBack: nothing anybody may need is touched, and a second time there is nothing to do.
func givesRoomBack(t *testing.T, base *site, want map[string][][]string) {
	s := copyIn(t, t.TempDir(), base)
	rows := warehouseRows(t, s)
	former := filesIn(t, filepath.Join(s.data, "published", "history"))
	if len(former) != 2 || !strings.HasPrefix(former[0], "analyst-monthly-2025-03-20250402-") || !strings.HasPrefix(former[1], "analyst-monthly-2025-04-") {
		t.Fatalf("former publications: %v", former)
	}
	s.configure(t, "retention: {published_copies: 1}\n")
	leftovers := []string{"archive/.incoming/copy", "reports/2025-04/.report-1", "reports/2025-04/.report-spill-2/rows", "published/analyst.duckdb.tmp",
		"published/analyst.duckdb.tmp.wal", "keys/.key-1", "tmp/expand-1/fee_line.csv"}
	for _, name := range leftovers {
		path := filepath.Join(s.data, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte("half"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	before := size(t, s)
	keep := func(wants ...string) {
		t.Helper()
		code, out, stderr := s.runAt(sampleNow, append(s.flags, "run", "housekeeping", "--as-of", "2025-06-08")...)
		if code != 0 {
			t.Fatal(stderr)
		}
		for _, w := range wants {
			if !strings.Contains(out, w) {
				t.Errorf("does not say %q:\n%s", w, out)
			}
		}
		compareResults(t, result(t, s), want)
		compareRows(t, "rows of the warehouse", warehouseRows(t, s), rows)
	}
	keep("leftovers of interrupted runs", "former publications                           1", "gaps in the warehouse", "freed ")
	for _, name := range leftovers {
		if _, err := os.Stat(filepath.Join(s.data, name)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is left: %v", name, err)
		}
	}
	if now := size(t, s); now > before*3/4 {
		t.Errorf("the warehouse has %d bytes, before %d", now, before)
	}
	if now := filesIn(t, filepath.Join(s.data, "published", "history")); len(now) != 1 || now[0] != former[1] {
		t.Errorf("former publications: %v", now)
	}
	mart, err := warehouse.OpenMart(t.Context(), filepath.Join(s.data, "published", "history", former[1]))
	if err != nil {
		t.Fatal(err)
	}
	defer mart.Close()
	if got := martRows(t, mart, "SELECT max(issued_in) FROM mart.statement"); got[0][0] != "2025-04" {
		t.Errorf("the former publication shows %v", got)
	}
	files := stats(t, s.data)
	keep("nothing to do")
	for name, info := range stats(t, s.data) {
		isLedger := name == "warehouse.duckdb" || name == "run.lock" || strings.HasPrefix(name, "archive/journal/") // one row more
		if !isLedger && !os.SameFile(info, files[name]) {
			t.Errorf("%s was changed", name)
		}
	}
	if out, _ := s.must(t, 0, append(s.flags, "status")...); !strings.Contains(out, "housekeeping-20250608-") {
		t.Errorf("the ledger does not have it:\n%s", out)
	}
	s.must(t, 0, append(s.flags, "run", "nightly", "--as-of", "2025-06-09")...)
	compareResults(t, result(t, s), want)
}

// warehouseRows counts every table but the ledger of runs.
func warehouseRows(t *testing.T, s *site) (rows [][]string) {
	t.Helper()
	db, err := warehouse.OpenReadOnly(t.Context(), filepath.Join(s.data, "warehouse.duckdb"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	all, err := db.TableRows(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for table, n := range all {
		if table != "meta.run" {
			rows = append(rows, []string{table, time.Duration(n).String()})
		}
	}
	return rows
}

func size(t *testing.T, s *site) int64 {
	t.Helper()
	info, err := os.Stat(filepath.Join(s.data, "warehouse.duckdb"))
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// killedHousekeeping: killed while the warehouse is written anew, every table is there, and the next run clears up.
func killedHousekeeping(t *testing.T, base *site, want map[string][][]string) {
	s := copyIn(t, t.TempDir(), base)
	before := size(t, s)
	for _, name := range []string{"warehouse.duckdb.compact", "warehouse.duckdb.compact.wal"} {
		if !killWhen(t, s.child(t, "run", "housekeeping", "--as-of", "2025-06-08"), filepath.Join(s.data, name)) {
			t.Logf("housekeeping was faster than the kill at %s", name)
		}
		s.must(t, 0, "run", "nightly", "--as-of", "2025-06-08")
		compareResults(t, result(t, s), want)
		if left, err := filepath.Glob(filepath.Join(s.data, "warehouse.duckdb.*")); err != nil || len(left) > 0 {
			t.Errorf("left: %v, %v", left, err)
		}
	}
	s.must(t, 0, "run", "housekeeping", "--as-of", "2025-06-08")
	if now := size(t, s); now > before*3/4 {
		t.Errorf("the warehouse has %d bytes, before %d", now, before)
	}
	compareResults(t, result(t, s), want)
}

// TestQuarantineIsPruned: a file whose rows were all taken in again goes when it is old enough, unless somebody changed it
// since; one that waits for its rows stays for ever.
func TestQuarantineIsPruned(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.configure(t, "retention: {quarantine_days: 30}\nrejected_share_max_percent: 100\n")
	header := "fixmedins_code,fixmedins_name,fixmedins_type,valid_from\n"
	s.write(t, "institution_a.csv", []byte(header+"H1,甲,1,2025-02-30\n"))
	s.write(t, "institution_b.csv", []byte(header+"H2,乙,1,2025-02-30\n"))
	s.write(t, "institution_c.csv", []byte(header+"H3,丙,1,2025-02-30\n"))
	at := func(code int, args ...string) {
		t.Helper()
		if got, _, stderr := s.runAt(sampleNow, append(s.flags, args...)...); got != code {
			t.Fatalf("%v: exit %d, want %d: %s", args, got, code, stderr)
		}
	}
	at(0, "run", "nightly", "--as-of", "2025-06-03")
	dir, corrected := filepath.Join(s.data, "quarantine"), t.TempDir()
	names := filesIn(t, dir)
	if len(names) != 3 {
		t.Fatalf("quarantine: %v", names)
	}
	for _, name := range names[:2] { // corrected copies elsewhere: the files themselves stay
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(corrected, name)
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(text), "2025-02-30", "2025-02-28")), 0o600); err != nil {
			t.Fatal(err)
		}
		at(0, "replay", path, "--as-of", "2025-06-03")
	}
	changed, err := os.OpenFile(filepath.Join(dir, names[1]), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := changed.WriteString("\n"); err != nil || changed.Close() != nil {
		t.Fatal(err)
	}
	at(0, "run", "housekeeping", "--as-of", "2025-07-03")
	if left := filesIn(t, dir); len(left) != 3 {
		t.Errorf("after thirty days: %v", left)
	}
	at(0, "run", "housekeeping", "--as-of", "2025-07-06")
	if left := filesIn(t, dir); len(left) != 2 || left[0] != names[1] {
		t.Errorf("after more than thirty days: %v", left)
	}
}

// housekeepingWithoutRoom: where a second copy of the warehouse has no room it says so and leaves the first alone.
func housekeepingWithoutRoom(t *testing.T, base *site, want map[string][][]string) {
	disk := newDisk(t, 200_000)
	if !disk.mounted {
		t.Log("no small disk: not tested here")
		return
	}
	s := copyIn(t, disk.dir, base)
	before := size(t, s)
	filler, err := os.Create(filepath.Join(disk.dir, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	for range 200 { // all but a few megabytes
		if _, err := filler.Write(make([]byte, 1<<20)); err != nil {
			break
		}
	}
	if err := errors.Join(filler.Truncate(fileEnd(t, filler)-6<<20), filler.Close()); err != nil {
		t.Fatal(err)
	}
	out, _ := s.must(t, 0, "run", "housekeeping", "--as-of", "2025-06-08")
	if !strings.Contains(out, "to close them takes") {
		t.Errorf("does not say that there is no room:\n%s", out)
	}
	compareResults(t, result(t, s), want)
	if now := size(t, s); now > before*11/10 {
		t.Errorf("the warehouse has %d bytes, before %d", now, before)
	}
}

func fileEnd(t *testing.T, f *os.File) int64 {
	t.Helper()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
