package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// archiveOf is a site with nothing but a copy of the other's archive.
func archiveOf(t *testing.T, of *site) *site {
	t.Helper()
	s := newSite(t)
	if err := os.CopyFS(filepath.Join(s.data, "archive"), os.DirFS(filepath.Join(of.data, "archive"))); err != nil {
		t.Fatal(err)
	}
	return s
}

// rewriteJournal edits every manifest and makes all hashes fit again, as if another program had made the runs.
func rewriteJournal(t *testing.T, s *site, edit func(manifest string) string) {
	t.Helper()
	previous := ""
	for _, path := range must(filepath.Glob(filepath.Join(s.data, "archive", "journal", "*.json")))(t) {
		overwrite(t, path, func(text []byte) []byte {
			var entry map[string]any
			if err := json.Unmarshal(text, &entry); err != nil {
				t.Fatal(err)
			}
			manifest := edit(entry["manifest"].(string))
			sum := sha256.Sum256([]byte(previous + "\n" + manifest))
			entry["previous_hash"], entry["manifest"], entry["chain_hash"] = previous, manifest, fmt.Sprintf("%x", sum)
			previous = entry["chain_hash"].(string)
			return must(json.Marshal(entry))(t)
		})
	}
}

// otherSQL makes the models of every run other ones than this program's.
func otherSQL(manifest string) string { return strings.Replace(manifest, `"sql":"`, `"sql":"0`, 1) }

// TestRebuildOfASmallSite: three links, rebuilt under every condition that is not the ordinary one.
func TestRebuildOfASmallSite(t *testing.T) {
	base := chained(t)
	t.Run("names what differs", func(t *testing.T) { rebuildNamesWhatDiffers(t, base) })
	t.Run("another program", func(t *testing.T) { rebuildWithAnotherProgram(t, base) })
	t.Run("files no run knows", func(t *testing.T) { rebuildReportsFilesNoRunKnows(t, base) })
}

// rebuildNamesWhatDiffers and leaves nothing that a run would take for a whole data directory.
func rebuildNamesWhatDiffers(t *testing.T, base *site) {
	for name, fault := range map[string]struct {
		make func(t *testing.T, s *site)
		args []string
		code int
		want string
	}{
		"a byte of a delivered file": {func(t *testing.T, s *site) { overwrite(t, archived(t, s, "fee_line_202504.csv"), flipByte) }, nil, 1,
			"read archive: .*fee_line_202504.csv: expected SHA-256"},
		"a delivered file is gone": {func(t *testing.T, s *site) { os.RemoveAll(filepath.Dir(archived(t, s, "review_202504.csv"))) }, nil, 1,
			"read archive: review_202504.csv: there is no file with SHA-256"},
		"an entry is gone": {func(t *testing.T, s *site) { os.Remove(journalFile(t, s, "000002")) }, nil, 1, "read journal: .*000003-.*: the entry of link 2 is missing"},
		"a word of an entry": {func(t *testing.T, s *site) {
			overwrite(t, journalFile(t, s, "000002"), func(text []byte) []byte {
				return []byte(strings.Replace(string(text), `\"outcome\":\"loaded\"`, `\"outcome\":\"no-op\"`, 1))
			})
		}, nil, 1, "read journal: .*000002-.*: its hash does not follow"},
		"the settings of then": {func(t *testing.T, s *site) {
			overwrite(t, must(filepath.Glob(filepath.Join(s.data, "archive", "config", "*")))(t)[0], flipByte)
		}, nil, 1, "rebuild run monthly-2025-03.*config/.*: its SHA-256 is not its name"},
		"another program": {func(t *testing.T, s *site) { rewriteJournal(t, s, otherSQL) }, nil, 1,
			"rebuild run monthly-2025-03.*: link 1: sql: recorded 0.*, rebuilt .*\n.*--accept-other-program"},
		"another statement, another program accepted": {func(t *testing.T, s *site) {
			rewriteJournal(t, s, func(m string) string { return strings.Replace(otherSQL(m), `"lines":`, `"lines":1`, 1) })
		}, []string{"--accept-other-program"}, 1, "rebuild run monthly-2025-03.*: statement lines: recorded 1"},
		"no journal": {func(t *testing.T, s *site) { os.RemoveAll(filepath.Join(s.data, "archive", "journal")) }, nil, 2, ".*journal: there is no journal"},
		"no key":     {func(_ *testing.T, s *site) { delete(s.env, "CLAIMSAUDIT_PSEUDONYM_KEY") }, nil, 2, ".*keys/pseudonym.key: there is no key .*\n  do: copy keys"},
	} {
		t.Run(name, func(t *testing.T) {
			s := archiveOf(t, base)
			fault.make(t, s)
			into := filepath.Join(t.TempDir(), "data")
			_, stderr := s.must(t, fault.code, append([]string{"rebuild", "--into", into}, fault.args...)...)
			if !matches(stderr, "(?m)^error: "+fault.want) || !strings.Contains(stderr, "\n  do: ") {
				t.Errorf("%s\nwant %s", stderr, fault.want)
			}
			if _, err := os.Stat(filepath.Join(into, "warehouse.duckdb")); err == nil {
				half := siteIn(t, into, s.inbox)
				half.must(t, 1, "run", "nightly", "--as-of", "2025-05-08")
			}
		})
	}
	s := archiveOf(t, base)
	if _, stderr := s.must(t, 2, "rebuild", "--into", base.data); !strings.Contains(stderr, "the directory is not empty") {
		t.Errorf("into a directory in use:\n%s", stderr)
	}
	s.must(t, 2, "rebuild")
}

// rebuildWithAnotherProgram: what was done stays in the chain as it was done, printed hashes stay good, and a link
// of its own says what this program makes of it.
func rebuildWithAnotherProgram(t *testing.T, base *site) {
	s := archiveOf(t, base)
	rewriteJournal(t, s, func(m string) string { return strings.Replace(otherSQL(m), `"sum":"`, `"sum":"9`, 1) })
	into := filepath.Join(t.TempDir(), "data")
	out, _ := s.must(t, 0, "rebuild", "--into", into, "--accept-other-program")
	if !strings.Contains(out, "3 runs were judged by another program") {
		t.Errorf("the rebuild says\n%s", out)
	}
	rebuilt := siteIn(t, into, s.inbox)
	out, _ = rebuilt.must(t, 0, "verify")
	if !matches(out, `(?m)^runs +4 `) {
		t.Errorf("no link of its own:\n%s", out)
	}
	var entry struct {
		Hash string `json:"chain_hash"`
	}
	if err := json.Unmarshal(must(os.ReadFile(journalFile(t, s, "000001")))(t), &entry); err != nil {
		t.Fatal(err)
	}
	rebuilt.must(t, 0, "verify", "--hash", entry.Hash)
}

// rebuildReportsFilesNoRunKnows, and takes them in only if asked.
func rebuildReportsFilesNoRunKnows(t *testing.T, base *site) {
	s := archiveOf(t, base)
	content := []byte("med_list_codg,valid_from\nX1,2025-01-01\n")
	sum := fmt.Sprintf("%x", sha256.Sum256(content))
	dir := filepath.Join(s.data, "archive", sum[:2], sum)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "no_code_drug_extra.csv"), content, 0o400); err != nil {
		t.Fatal(err)
	}
	without, with := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "data")
	out, _ := s.must(t, 0, "rebuild", "--into", without)
	if !strings.Contains(out, "no_code_drug_extra.csv\n  they were left out") {
		t.Errorf("the rebuild says\n%s", out)
	}
	s.must(t, 0, "rebuild", "--into", with, "--include-unjournaled")
	for dir, want := range map[string]string{without: "0", with: "1"} {
		site := siteIn(t, dir, s.inbox)
		out, _ := site.must(t, 0, "query", "SELECT count(*) AS n FROM mart.delivered_file WHERE file_name = 'no_code_drug_extra.csv'", "--format", "csv")
		if strings.Fields(out)[1] != want {
			t.Errorf("%s: taken in %s times, want %s", dir, out, want)
		}
		site.must(t, 0, "verify")
	}
}

// TestRebuildBringsTheKeyAlong from the old directory if it is there; a new one is made only when asked for.
func TestRebuildBringsTheKeyAlong(t *testing.T) {
	s := newSite(t)
	delete(s.env, "CLAIMSAUDIT_PSEUDONYM_KEY")
	s.deliver(t, "testdata/delivery/2025-03")
	s.must(t, 0, firstArgs...)
	key := must(os.ReadFile(filepath.Join(s.data, "keys", "pseudonym.key")))(t)
	same := filepath.Join(t.TempDir(), "data")
	s.must(t, 0, "rebuild", "--into", same)
	info := must(os.Stat(filepath.Join(same, "keys", "pseudonym.key")))(t)
	if got := must(os.ReadFile(filepath.Join(same, "keys", "pseudonym.key")))(t); string(got) != string(key) || info.Mode().Perm() != 0o600 {
		t.Errorf("key %q, mode %v", got, info.Mode())
	}
	compareWarehouses(t, filepath.Join(s.data, "published", "analyst.duckdb"), filepath.Join(same, "published", "analyst.duckdb"))
	if err := os.RemoveAll(filepath.Join(s.data, "keys")); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "data")
	s.must(t, 2, "rebuild", "--into", other)
	s.must(t, 0, "rebuild", "--into", other, "--new-key")
	if got := must(os.ReadFile(filepath.Join(other, "keys", "pseudonym.key")))(t); string(got) == string(key) {
		t.Error("the new key is the old one")
	}
}
