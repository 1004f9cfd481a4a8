package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"syscall"
	"testing"
	"time"

	"claimsaudit/pipeline/warehouse"
)

// The delivery that is interrupted: the second sample month on top of the first, with late corrections, archives,
// rejected rows and a statement that recovers and releases.
const (
	firstMonth  = "../../samples/inbox/2025-03"
	secondMonth = "../../samples/inbox/2025-04"
)

var (
	firstArgs  = []string{"run", "monthly", "--period", "2025-03", "--as-of", "2025-04-02"}
	secondArgs = []string{"run", "monthly", "--period", "2025-04", "--as-of", "2025-05-06"}
)

// closedMonth is a site that has closed the first month.
func closedMonth(t testing.TB) *site {
	t.Helper()
	s := newSite(t)
	s.deliver(t, firstMonth)
	s.must(t, 0, firstArgs...)
	return s
}

// copySite is a copy of a site with the second month's delivery in the inbox.
func copySite(t testing.TB, of *site) *site {
	t.Helper()
	s := newSite(t)
	s.config = of.config
	if err := os.CopyFS(s.data, os.DirFS(of.data)); err != nil {
		t.Fatal(err)
	}
	s.deliver(t, secondMonth)
	return s
}

// passing columns differ from run to run by their nature.
var passing = map[string]string{
	"delivered_file": "EXCLUDE (received_at, run_id)", "statement": "EXCLUDE (run_id)", "freshness": "EXCLUDE (newest_received_at)",
}

// result is everything a centre gets from a site: every published table, the rows to correct, the delivered files and
// the names of the reports.
func result(t testing.TB, s *site) map[string][][]string {
	t.Helper()
	mart, err := warehouse.OpenMart(context.Background(), filepath.Join(s.data, "published", "analyst.duckdb"))
	if err != nil {
		t.Fatal(err)
	}
	defer mart.Close()
	all := map[string][][]string{}
	for _, r := range martRows(t, mart, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'mart'") {
		if r[0] != "run" { // interrupted runs are shown as such
			all[r[0]] = martRows(t, mart, "SELECT * "+passing[r[0]]+" FROM mart."+r[0])
		}
	}
	if len(all["line_verdict"]) == 0 || len(all["statement_line"]) == 0 {
		t.Fatal("nothing to compare")
	}
	for _, dir := range []string{"quarantine", "archive"} {
		for _, f := range contents(t, filepath.Join(s.data, dir)) {
			if !strings.HasPrefix(f[0], "journal/") { // it tells of the interruption
				all[dir] = append(all[dir], f)
			}
		}
	}
	all["inbox"] = contents(t, s.inbox)
	for _, f := range contents(t, filepath.Join(s.data, "reports")) {
		all["reports"] = append(all["reports"], f[:1])
	}
	for _, f := range wholeSite(t, s) {
		all["site"] = append(all["site"], f[:1])
	}
	return all
}

// wholeSite lists the files of the published site; each that its own count tells of must be there in full.
func wholeSite(t testing.TB, s *site) (files [][]string) {
	t.Helper()
	dir := filepath.Join(s.data, "published", "site")
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil // to whoever compares it with one that is there, all of it is missing
	}
	text, err := os.ReadFile(filepath.Join(dir, "site.json"))
	if err != nil {
		t.Fatal(err)
	}
	var want, got struct{ Files, Bytes int64 }
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	for _, f := range contents(t, dir) {
		if f[0] == "site.json" {
			continue
		}
		info, err := os.Stat(filepath.Join(dir, f[0]))
		if err != nil {
			t.Fatal(err)
		}
		got.Files, got.Bytes = got.Files+1, got.Bytes+info.Size()
		files = append(files, f)
	}
	if got != want {
		t.Errorf("the site has %+v, its count says %+v", got, want)
	}
	return files
}

func contents(t testing.TB, dir string) (files [][]string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := os.ReadFile(filepath.Join(dir, path))
		files = append(files, []string{path, fmt.Sprintf("%x", sha256.Sum256(content))})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func compareResults(t testing.TB, got, want map[string][][]string) {
	t.Helper()
	var names []string
	for name := range want {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		compareRows(t, name, got[name], want[name])
	}
}

// moment is when a run is interrupted: at a log line (with debug logs there is one for every file and every model), or
// as soon as a file exists.
type moment struct {
	line int
	path string
}

func (m moment) String() string {
	if m.path != "" {
		return "when " + filepath.Base(m.path) + " appears"
	}
	return fmt.Sprintf("at log line %d", m.line)
}

// interrupt runs the second month and sends the signal at the moment.
func interrupt(t testing.TB, s *site, m moment, signal syscall.Signal) (code int, log string) {
	t.Helper()
	cmd := s.child(t, secondArgs...)
	over := make(chan struct{})
	watching := make(chan struct{})
	started := false
	code, log = watch(t, cmd, func(n int) {
		if m.path != "" && !started {
			started = true
			go func() {
				defer close(watching)
				tick := time.NewTicker(time.Millisecond)
				defer tick.Stop()
				for {
					select {
					case <-over:
						return
					case <-tick.C:
						if _, err := os.Stat(filepath.Join(s.data, m.path)); err == nil {
							_ = cmd.Process.Signal(signal) // it may have ended
							return
						}
					}
				}
			}()
		}
		if n == m.line {
			_ = cmd.Process.Signal(signal)
		}
	})
	close(over)
	if started {
		<-watching
	}
	return code, log
}

// undisturbed runs the second month without interruption: its result and the number of its log lines.
func undisturbed(t testing.TB, base *site) (map[string][][]string, int) {
	t.Helper()
	s := copySite(t, base)
	code, log := watch(t, s.child(t, secondArgs...), nil)
	if code != 0 {
		t.Fatalf("undisturbed run: exit %d\n%s", code, log)
	}
	return result(t, s), strings.Count(log, "\n")
}

// TestKilledRunsLoseNothing kills a monthly run at moments spread over all of its steps, runs it again and wants every
// table, archived file, quarantine file and report as if nothing had happened.
func TestKilledRunsLoseNothing(t *testing.T) {
	base := closedMonth(t)
	want, lines := undisturbed(t, base)
	var moments []moment
	for i := range 12 {
		moments = append(moments, moment{line: 1 + i*(lines-1)/11})
	}
	moments = append(moments, moment{path: "published/analyst.duckdb.tmp"}, moment{path: "published/analyst.duckdb.tmp.wal"},
		moment{path: "published/site.tmp/index.html"}, moment{path: "published/site.tmp/site.json"},
		moment{path: "reports/2025-04/claimsaudit-2025-04.xlsx"})
	for _, m := range moments {
		t.Run(m.String(), func(t *testing.T) {
			s := copySite(t, base)
			half := filepath.Join(s.data, "reports", "2025-04", ".report-spill-1", "rows") // as if killed once before, in a report
			if err := os.MkdirAll(filepath.Dir(half), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(half, []byte("half"), 0o600); err != nil {
				t.Fatal(err)
			}
			code, log := interrupt(t, s, m, syscall.SIGKILL)
			t.Logf("exit %d after %d log lines", code, strings.Count(log, "\n"))
			wholeSite(t, s)        // the former one or the new one
			s.must(t, 0, "status") // a killed run leaves nothing that stops a look at the state
			s.must(t, 0, secondArgs...)
			compareResults(t, result(t, s), want)
			s.must(t, 0, "verify") // the killed run is a link of the chain
		})
	}
}

// TestStoppedRunsSaySo: SIGTERM ends a run with 130 and says so in the ledger; the next run completes it.
func TestStoppedRunsSaySo(t *testing.T) {
	base := closedMonth(t)
	want, lines := undisturbed(t, base)
	for i := range 5 {
		m := moment{line: 2 + i*(lines-4)/5}
		t.Run(m.String(), func(t *testing.T) {
			s := copySite(t, base)
			code, log := interrupt(t, s, m, syscall.SIGTERM)
			if code != 130 || !strings.Contains(log, "interrupted: run again") {
				t.Fatalf("exit %d\n%s", code, log)
			}
			if strings.Contains(log, "refused") {
				t.Errorf("a file was refused because the run was stopped:\n%s", log)
			}
			if out, _ := s.must(t, 0, "status"); !strings.Contains(out, "interrupted  130") {
				t.Errorf("status does not show the interruption:\n%s", out)
			}
			s.must(t, 0, secondArgs...)
			compareResults(t, result(t, s), want)
		})
	}
}

// TestKilledGateStillStops: a run that is killed before it could say that a file is above the gate must not let the
// next one judge and close the month as if somebody had been told.
func TestKilledGateStillStops(t *testing.T) {
	s := newSite(t)
	s.deliver(t, "testdata/delivery/2025-03")
	rows := "fixmedins_code,fixmedins_name,fixmedins_type,valid_from\nH8,样例医院,1,2025-02-30\nH9,样例医院,1,2025-01-01\n"
	s.write(t, "institution_000.csv", []byte(rows))
	cmd := s.child(t, firstArgs...)
	code, log := watch(t, cmd, func(n int) {
		if n == 3 { // started, fee lines in, this file in; others to come
			_ = cmd.Process.Kill()
		}
	})
	if code != -1 || !strings.Contains(log, "institution_000.csv") {
		t.Fatalf("exit %d\n%s", code, log)
	}
	_, stderr := s.must(t, 4, firstArgs...)
	if !strings.Contains(stderr, "1 of 2 rows were rejected") {
		t.Errorf("the gate's message:\n%s", stderr)
	}
	s.must(t, 0, firstArgs...)
}

// TestQuarantineSurvivesAKill: rejected rows are written before their file is committed and get their name after. Killed
// in between, the next run finishes the naming; what belongs to no committed file goes.
func TestQuarantineSurvivesAKill(t *testing.T) {
	s := newSite(t)
	s.deliver(t, firstMonth)
	s.must(t, 0, firstArgs...)
	dir := filepath.Join(s.data, "quarantine")
	want := contents(t, dir)
	if len(want) == 0 {
		t.Fatal("the sample month has no rejected rows")
	}
	for _, f := range want {
		if err := os.Rename(filepath.Join(dir, f[0]), filepath.Join(dir, f[0]+".part")); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "fee_line.rejected-99.csv.part"), []byte("rolled back"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.must(t, 0, "run", "nightly", "--as-of", "2025-04-02")
	compareRows(t, "quarantine", contents(t, dir), want)
	out, _ := s.must(t, 0, "replay", "--as-of", "2025-04-02")
	if !strings.Contains(out, "0 taken in") {
		t.Errorf("untouched rows were replayed:\n%s", out)
	}
}
