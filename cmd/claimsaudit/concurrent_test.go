package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"claimsaudit/pipeline"

	"github.com/gofrs/flock"
)

// TestSecondRunIsTurnedAway: while a run holds the lock another one ends with 11, says who has it, and disturbs nothing,
// least of all what the first has unpacked.
func TestSecondRunIsTurnedAway(t *testing.T) {
	s := newSite(t)
	s.must(t, 0, "run", "nightly", "--as-of", "2025-04-01")
	lock := flock.New(filepath.Join(s.data, "run.lock"))
	if ok, err := lock.TryLock(); !ok || err != nil {
		t.Fatal(ok, err)
	}
	defer lock.Unlock()
	holder := "pid 4711, job monthly, since 2025-04-02 06:00:00"
	if err := os.WriteFile(lock.Path(), []byte(holder+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	unpacked := filepath.Join(s.data, "tmp", "expand-1", "fee_line.csv")
	if err := os.MkdirAll(filepath.Dir(unpacked), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(unpacked, []byte(feeHeader), 0o600); err != nil {
		t.Fatal(err)
	}
	s.deliver(t, "testdata/delivery/2025-03")
	for _, args := range [][]string{{"run", "nightly"}, firstArgs, {"plan", "monthly", "--period", "2025-03"}, {"replay"}} {
		if _, stderr := s.must(t, 11, args...); !strings.Contains(stderr, holder) {
			t.Errorf("%v does not say who holds the lock:\n%s", args, stderr)
		}
	}
	if _, err := os.Stat(unpacked); err != nil {
		t.Errorf("what the running process unpacked is gone: %v", err)
	}
	if n := len(contents(t, s.inbox)); n != 4 {
		t.Errorf("%d of 4 files are left in the inbox", n)
	}
	if out, _ := s.must(t, 0, "status"); !strings.Contains(out, "running    "+holder) {
		t.Errorf("status does not say what runs:\n%s", out)
	}
	s.must(t, 0, "query", "SELECT 1")
}

// TestQueryDuringARun asks the publication all through a run: always an answer, the old one or the new one, never a lock
// and nothing in between. status answers too.
func TestQueryDuringARun(t *testing.T) {
	s := closedMonth(t)
	s.deliver(t, secondMonth)
	ask := func() string {
		out, _ := s.must(t, 0, "query", "--format", "csv", "SELECT count(*), max(issued_in) FROM mart.statement")
		return strings.TrimSpace(out[strings.Index(out, "\n"):])
	}
	answers := map[string]int{ask(): 1}
	watched := ""
	code, log := watch(t, s.child(t, secondArgs...), func(n int) {
		if n%8 == 0 {
			answers[ask()]++
		}
		if n == 10 { // the run waits while this line is read only if its pipe is full: it has the warehouse open
			watched, _ = s.must(t, 0, "status")
		}
	})
	if code != 0 {
		t.Fatalf("exit %d\n%s", code, log)
	}
	answers[ask()]++
	if len(answers) != 2 || answers["1,2025-03"] < 4 || answers["2,2025-04"] == 0 {
		t.Errorf("answers: %v", answers)
	}
	if !strings.Contains(watched, "closed to  2025-03") {
		t.Errorf("status during the run:\n%s", watched)
	}
}

// TestReadersDuringRepublication: many readers open and read the publication while it is replaced again and again.
func TestReadersDuringRepublication(t *testing.T) {
	s := newSite(t)
	s.deliver(t, "testdata/delivery/2025-03")
	s.must(t, 0, firstArgs...)
	over := make(chan struct{})
	var readers sync.WaitGroup
	counts := make([]int, 4)
	for i := range counts {
		readers.Go(func() {
			for {
				code, out, stderr := s.run("query", "--format", "csv", "SELECT sum(amount_yuan) FROM mart.statement_line")
				if code != 0 || !strings.HasSuffix(out, "\n57.00\n") {
					t.Errorf("reader %d: exit %d %s%s", i, code, out, stderr)
					return
				}
				counts[i]++
				select {
				case <-over:
					return
				default:
				}
			}
		})
	}
	for i := range 6 {
		s.write(t, fmt.Sprintf("fee_line_late_%d.csv", i), []byte(feeHeader+fmt.Sprintf("S9,%d,2025-03-05,C1,05,1,1,1.00\n", i)))
		code, log := watch(t, s.child(t, "run", "nightly", "--as-of", "2025-04-03"), nil)
		if code != 0 {
			t.Errorf("run %d: exit %d\n%s", i, code, log)
		}
	}
	close(over)
	readers.Wait()
	t.Logf("queries answered by each reader: %v", counts)
}

// TestNothingNewIsQuick: a nightly run without news publishes nothing and takes under two seconds, also on a clock that
// moved on. A day that makes a deadline overdue is news.
func TestNothingNewIsQuick(t *testing.T) {
	s := closedMonth(t)
	s.must(t, 0, "run", "nightly", "--as-of", "2025-04-03")
	if out, _ := s.must(t, 0, "run", "nightly", "--as-of", "2025-04-04"); strings.Contains(out, "nothing new") { // an appeal was possible until the 3rd
		t.Errorf("a deadline passed, and nothing was published:\n%s", out)
	}
	published := filepath.Join(s.data, "published", "analyst.duckdb")
	before, err := os.Stat(published)
	if err != nil {
		t.Fatal(err)
	}
	for _, day := range []string{"2025-04-04", "2025-04-05"} {
		start := time.Now()
		out, log := s.must(t, 0, "run", "nightly", "--as-of", day)
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("as of %s: %v", day, took)
		}
		if !strings.Contains(out, "nothing new") || strings.Count(log, "computed") > 1 { // the balance is always checked
			t.Errorf("as of %s something was done:\n%s%s", day, out, log)
		}
	}
	after, err := os.Stat(published)
	if err != nil {
		t.Fatal(err)
	}
	if !os.SameFile(before, after) {
		t.Error("the publication was replaced")
	}
}

// TestReaderOfTheWarehouse: explain has the warehouse open for an instant; a run that starts just then waits for it.
func TestReaderOfTheWarehouse(t *testing.T) {
	s := newSite(t)
	s.deliver(t, "testdata/delivery/2025-03")
	s.must(t, 0, firstArgs...)
	var reading sync.WaitGroup
	over := make(chan struct{})
	reading.Go(func() {
		for {
			cmd := s.child(t, "explain", "S2")
			if err := cmd.Run(); err != nil && cmd.ProcessState.ExitCode() != pipeline.KindLocked.ExitCode() {
				t.Errorf("explain: %v", err)
			}
			select {
			case <-over:
				return
			default:
			}
		}
	})
	for range 4 {
		s.must(t, 0, "run", "nightly", "--as-of", "2025-04-03")
	}
	close(over)
	reading.Wait()
}
