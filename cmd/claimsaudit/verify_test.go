package main

import (
	"database/sql"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// chained is a small site with three links: two closed months and a night with nothing new.
func chained(t *testing.T) *site {
	t.Helper()
	s := newSite(t)
	s.deliver(t, "testdata/delivery/2025-03")
	s.must(t, 0, firstArgs...)
	s.deliver(t, "testdata/delivery/2025-04")
	s.must(t, 0, secondArgs...)
	s.must(t, 0, "run", "nightly", "--as-of", "2025-05-07")
	return s
}

// change runs SQL on a site's warehouse behind the program's back.
func change(t *testing.T, s *site, statements ...string) {
	t.Helper()
	db := must(sql.Open("duckdb", filepath.Join(s.data, "warehouse.duckdb")))(t)
	defer db.Close()
	for _, statement := range statements {
		result := must(db.Exec(statement))(t)
		if n := must(result.RowsAffected())(t); n == 0 {
			t.Fatalf("changed nothing: %s", statement)
		}
	}
}

// journalFile is the journal's file of a link.
func journalFile(t *testing.T, s *site, link string) string {
	t.Helper()
	return must(filepath.Glob(filepath.Join(s.data, "archive", "journal", link+"-*.json")))(t)[0]
}

// overwrite changes a file that is not meant to be written to.
func overwrite(t *testing.T, path string, edit func([]byte) []byte) {
	t.Helper()
	content := must(os.ReadFile(path))(t)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, edit(content), 0o400); err != nil {
		t.Fatal(err)
	}
}

func flipByte(content []byte) []byte {
	content[len(content)/2] ^= 1
	return content
}

// swap gives two files each other's content.
func swap(t *testing.T, a, b string) {
	t.Helper()
	contentA, contentB := must(os.ReadFile(a))(t), must(os.ReadFile(b))(t)
	overwrite(t, a, func([]byte) []byte { return contentB })
	overwrite(t, b, func([]byte) []byte { return contentA })
}

// rechained changes a manifest and makes every hash of the ledger fit again, as somebody would who knows how.
var rechained = []string{
	"UPDATE meta.run SET manifest = replace(manifest, '\"sum\":\"', '\"sum\":\"1') WHERE link_no = 1",
	"UPDATE meta.run SET chain_hash = sha256(chr(10) || manifest) WHERE link_no = 1",
	"UPDATE meta.run SET previous_hash = (SELECT chain_hash FROM meta.run WHERE link_no = 1) WHERE link_no = 2",
	"UPDATE meta.run SET chain_hash = sha256(previous_hash || chr(10) || manifest) WHERE link_no = 2",
	"UPDATE meta.run SET previous_hash = (SELECT chain_hash FROM meta.run WHERE link_no = 2) WHERE link_no = 3",
	"UPDATE meta.run SET chain_hash = sha256(previous_hash || chr(10) || manifest) WHERE link_no = 3",
}

// TestVerifyNamesTheFirstBrokenLink: whatever is changed behind the program's back, the first place is named with what
// should be there.
func TestVerifyNamesTheFirstBrokenLink(t *testing.T) {
	base := chained(t)
	base.must(t, 0, "verify")
	for name, tamper := range map[string]struct {
		with func(t *testing.T, s *site)
		want string // of the first error line
	}{
		"a byte of a delivered file": {func(t *testing.T, s *site) { overwrite(t, archived(t, s, "fee_line_202503.csv"), flipByte) },
			"verify files: .*fee_line_202503.csv: expected SHA-256"},
		"a delivered file is gone": {func(t *testing.T, s *site) { os.Remove(archived(t, s, "review_202504.csv")) },
			"verify files: .*: expected the file delivered as review_202504.csv in run monthly-2025-04"},
		"an amount of a statement": {func(t *testing.T, s *site) {
			change(t, s, "UPDATE audit.statement_line SET amount_cents = amount_cents - 1 WHERE issued_in = '2025-03'")
		}, "verify statements: statement 500105-2025-03: expected content with SHA-256"},
		"a statement": {func(t *testing.T, s *site) { change(t, s, "DELETE FROM audit.statement WHERE issued_in = '2025-03'") },
			"verify runs: link 1, run monthly-2025-03.*, statement"},
		"a statement's row under another month": {func(t *testing.T, s *site) {
			change(t, s, "UPDATE audit.statement_line SET issued_in = '2025-04' WHERE issued_in = '2025-03'")
		}, "verify statements: statement 500105-2025-03: expected [1-9][0-9]* rows, found 0"},
		"a manifest": {func(t *testing.T, s *site) {
			change(t, s, "UPDATE meta.run SET manifest = replace(manifest, '\"loaded\"', '\"refused\"') WHERE link_no = 2")
		}, "verify runs: link 2, run monthly-2025-04.*: expected chain hash"},
		"the counts of a file": {func(t *testing.T, s *site) {
			change(t, s, "UPDATE meta.file SET rejected = rejected + 1 WHERE file_id = 2")
		},
			"verify runs: link 1, run monthly-2025-03.*, files 2 rejected: expected 0, found 1"},
		"a run": {func(t *testing.T, s *site) { change(t, s, "DELETE FROM meta.run WHERE link_no = 2") },
			"verify runs: link 2, run monthly-2025-04.*: expected a run, found none"},
		"the last run": {func(t *testing.T, s *site) { change(t, s, "DELETE FROM meta.run WHERE link_no = 3") },
			"verify journal: .*000003-nightly.*: expected a run in the ledger"},
		"two runs change places": {func(t *testing.T, s *site) {
			change(t, s, "UPDATE meta.run SET link_no = 3 - link_no WHERE link_no < 3")
		}, "verify runs: link 1, run monthly-2025-04.*: expected to follow"},
		"a whole chain made to fit": {func(t *testing.T, s *site) { change(t, s, rechained...) },
			"verify journal: .*000001-monthly-2025-03.*: expected what the ledger says"},
		"a journal entry": {func(t *testing.T, s *site) { os.Remove(journalFile(t, s, "000002")) },
			"verify journal: .*000002-monthly-2025-04.*: expected the entry of run monthly-2025-04.*, found no file"},
		"a word of a journal entry": {func(t *testing.T, s *site) {
			overwrite(t, journalFile(t, s, "000001"), func(text []byte) []byte { return []byte(strings.Replace(string(text), "loaded", "no-op", 1)) })
		}, "verify journal: .*000001-monthly-2025-03.*, deliveries: expected"},
		"two journal entries change places": {func(t *testing.T, s *site) { swap(t, journalFile(t, s, "000001"), journalFile(t, s, "000002")) },
			"verify journal: .*000001-monthly-2025-03.*: expected what the ledger says, 1, found 2"},
		"the settings of then": {func(t *testing.T, s *site) {
			overwrite(t, must(filepath.Glob(filepath.Join(s.data, "archive", "config", "*")))(t)[0], flipByte)
		}, "verify settings: .*config/[0-9a-f]{64}.json: expected SHA-256"},
		"a verdict": {func(t *testing.T, s *site) {
			change(t, s, "UPDATE audit.settlement_verdict SET pay_cents = pay_cents + 1, withhold_cents = withhold_cents - 1 WHERE setl_id = 'S1'")
		}, "verify results: table audit.settlement_verdict: expected [0-9]+ rows with digest"},
		"an older publication": {func(t *testing.T, s *site) {
			change(t, s, "UPDATE meta.run SET is_published = true WHERE link_no = 3")
		}, "verify publication: .*analyst.duckdb: expected the publication of run nightly.*, found an older one"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			if err := os.CopyFS(s.data, os.DirFS(base.data)); err != nil {
				t.Fatal(err)
			}
			tamper.with(t, s)
			stdout, stderr := s.must(t, 1, "verify")
			first, _, _ := strings.Cut(stderr, "\n")
			if !matches(first, "^error: "+tamper.want) {
				t.Errorf("%s\nwant %s", first, tamper.want)
			}
			if !strings.Contains(stdout, "BROKEN") || !strings.Contains(stderr, "\n  do: ") {
				t.Errorf("neither which kind nor what to do:\n%s%s", stdout, stderr)
			}
		})
	}
}

// TestVerifyAfterAKill: a run that was cut off is no breach, neither before nor after the next one links it.
func TestVerifyAfterAKill(t *testing.T) {
	s := closedMonth(t)
	s.deliver(t, secondMonth)
	interrupt(t, s, moment{line: 6}, syscall.SIGKILL)
	if out, _ := s.must(t, 0, "verify"); !strings.Contains(out, "was cut off; the next run links it") {
		t.Errorf("no word of the killed run:\n%s", out)
	}
	s.must(t, 0, "run", "nightly", "--as-of", "2025-05-06")
	if out, _ := s.must(t, 0, "verify"); strings.Contains(out, "note:") {
		t.Errorf("something is left of the kill:\n%s", out)
	}
}

// TestVerifyWhileARunHoldsTheWarehouse says so and reads nothing.
func TestVerifyWhileARunHoldsTheWarehouse(t *testing.T) {
	s := closedMonth(t)
	s.deliver(t, secondMonth)
	cmd := s.child(t, secondArgs...)
	watch(t, cmd, func(n int) {
		if n == 2 {
			_, stderr := s.must(t, 11, "verify")
			if !strings.Contains(stderr, "do: a run is going on: wait until it ends") {
				t.Errorf("what to do:\n%s", stderr)
			}
			_ = cmd.Process.Kill()
		}
	})
}

// TestPrintedHashFindsItsRun: the hash on a report's front page leads to the run, job, day and statement.
func TestPrintedHashFindsItsRun(t *testing.T) {
	s := chained(t)
	hash, _ := s.must(t, 0, "query", "SELECT chain_hash FROM mart.run WHERE period = '2025-03'", "--format", "csv")
	out, _ := s.must(t, 0, "verify", "--hash", strings.ToUpper(strings.Fields(hash)[1][:10]))
	for _, want := range []string{"run        monthly-2025-03-20250402-", "as of      2025-04-02", "statement  500105-2025-03"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in\n%s", want, out)
		}
	}
	s.must(t, 1, "verify", "--hash", "0123456789")
	s.must(t, 2, "verify", "--hash", "Müller")
	newSite(t).must(t, 2, "verify")
}

// TestOlderWarehouseDoesNotForkTheChain: with an older copy of the warehouse in place, a run must not link on from there
// while the archive remembers later links.
func TestOlderWarehouseDoesNotForkTheChain(t *testing.T) {
	s := newSite(t)
	s.deliver(t, "testdata/delivery/2025-03")
	s.must(t, 0, firstArgs...)
	older := must(os.ReadFile(filepath.Join(s.data, "warehouse.duckdb")))(t)
	s.must(t, 0, "run", "nightly", "--as-of", "2025-04-03")
	overwrite(t, filepath.Join(s.data, "warehouse.duckdb"), func([]byte) []byte { return older })
	if err := os.Chmod(filepath.Join(s.data, "warehouse.duckdb"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, stderr := s.must(t, 1, "run", "nightly", "--as-of", "2025-04-04")
	if !strings.Contains(stderr, "000002-nightly") || !strings.Contains(stderr, "claimsaudit rebuild --into") {
		t.Errorf("what is wrong and what to do:\n%s", stderr)
	}
}

func matches(text, pattern string) bool { return regexp.MustCompile(pattern).MatchString(text) }
