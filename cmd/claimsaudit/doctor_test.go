package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"claimsaudit/jobs"

	"github.com/gofrs/flock"
)

// ask is what doctor says at a moment, by check, and its exit code.
func (s *site) ask(t *testing.T, now time.Time) (map[string]jobs.Diagnosis, int) {
	t.Helper()
	code, out, stderr := s.runAt(now, append(s.flags, "doctor", "--format", "json")...)
	var all []jobs.Diagnosis
	if err := json.Unmarshal([]byte(out), &all); err != nil {
		t.Fatalf("%v: %s%s", err, out, stderr)
	}
	said := map[string]jobs.Diagnosis{}
	for _, d := range all {
		if d.Verdict != jobs.OK && d.Verdict != jobs.Info && d.Do == "" {
			t.Errorf("%+v does not say what to do", d)
		}
		said[d.Name] = d
	}
	return said, code
}

// healthySite is a site that has run, whose doctor has nothing to say.
func healthySite(t *testing.T) *site {
	t.Helper()
	s := withKeyFile(t, newSite(t))
	s.configure(t, "disk_free_min_mb: 1\n")
	s.deliver(t, "testdata/delivery/2025-03")
	if code, _, stderr := s.runAt(sampleNow, append(s.flags, "run", "nightly", "--as-of", "2025-06-03")...); code != 0 {
		t.Fatal(stderr)
	}
	if code, _, stderr := s.runAt(sampleNow, append(s.flags, "backup", t.TempDir())...); code != 0 {
		t.Fatal(stderr)
	}
	return s
}

func TestDoctorFindsNothing(t *testing.T) {
	t.Parallel()
	s := healthySite(t)
	before := stats(t, s.data)
	said, code := s.ask(t, sampleNow.Add(time.Minute))
	for name, d := range said {
		if d.Verdict == jobs.Fail || d.Verdict == jobs.Warn && name != "Chinese fonts" && name != "temporary files" && name != "memory" {
			t.Errorf("%+v", d)
		}
	}
	if code != 0 || len(said) < 16 {
		t.Errorf("exit %d, %d checks", code, len(said))
	}
	after := stats(t, s.data)
	for name, info := range before {
		if now := after[name]; now == nil || now.ModTime() != info.ModTime() {
			t.Errorf("doctor touched %s", name)
		}
	}
	if len(after) != len(before) || len(filesIn(t, s.inbox)) > 0 {
		t.Errorf("doctor left something: %d files, before %d; inbox %v", len(after), len(before), filesIn(t, s.inbox))
	}
	code, out, _ := s.runAt(sampleNow, append(s.flags, "doctor")...)
	if code != 0 || !strings.Contains(out, "ok    pseudonym key") {
		t.Errorf("exit %d\n%s", code, out)
	}
	s.must(t, 2, "doctor", "--format", "xml")
}

// TestDoctorBeforeTheFirstRun: nothing is there yet and nothing is made.
func TestDoctorBeforeTheFirstRun(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.configure(t, "disk_free_min_mb: 1\n")
	said, code := s.ask(t, sampleNow)
	if code != 0 || !strings.Contains(said["data directory"].Found, "the first run makes it") || said["warehouse"].Verdict != jobs.OK {
		t.Errorf("exit %d, %+v", code, said)
	}
	if _, err := os.Stat(s.data); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("doctor made the data directory: %v", err)
	}
}

// TestDoctorSeesWhatIsWrong breaks one thing at a time.
func TestDoctorSeesWhatIsWrong(t *testing.T) {
	t.Parallel()
	s := healthySite(t)
	chmod := func(name string, mode os.FileMode) func(*testing.T, *site) {
		return func(t *testing.T, s *site) {
			if err := os.Chmod(filepath.Join(s.data, name), mode); err != nil {
				t.Fatal(err)
			}
		}
	}
	settings := func(text string) func(*testing.T, *site) {
		return func(t *testing.T, s *site) { s.configure(t, "disk_free_min_mb: 1\n"+text) }
	}
	for name, c := range map[string]struct {
		spoil   func(*testing.T, *site)
		now     time.Time
		check   string
		verdict jobs.Verdict
		says    string
	}{
		"warehouse open to all":   {chmod("warehouse.duckdb", 0o644), sampleNow, "modes", jobs.Fail, "warehouse.duckdb 0644"},
		"report open to all":      {chmod("quarantine", 0o755), sampleNow, "modes", jobs.Warn, "quarantine 0755"},
		"data directory open":     {chmod(".", 0o755), sampleNow, "data directory", jobs.Fail, "0755"},
		"key open":                {chmod("keys/pseudonym.key", 0o640), sampleNow, "pseudonym key", jobs.Fail, "others may read it"},
		"key lost":                {remove("keys/pseudonym.key"), sampleNow, "pseudonym key", jobs.Warn, "does not exist"},
		"no backup":               {remove("last-backup"), sampleNow, "backup", jobs.Warn, "none was made"},
		"old backup":              {nothing, sampleNow.AddDate(0, 0, 10), "backup", jobs.Warn, "2025-06-04"},
		"inbox elsewhere missing": {removeInbox, sampleNow, "inbox", jobs.Fail, "cannot be used"},
		"disk low":                {func(t *testing.T, s *site) { s.configure(t, "disk_free_min_mb: 1000000\n") }, sampleNow, "disk space", jobs.Fail, "disk_free_min_mb is 1000000"},
		"clock before the ledger": {nothing, sampleNow.AddDate(0, 0, -1), "clock", jobs.Fail, "before the newest run"},
		"clock far away":          {nothing, sampleNow.AddDate(40, 0, 0), "clock", jobs.Fail, "far from the years"},
		"no calendar":             {nothing, sampleNow.AddDate(2, 0, 0), "calendar", jobs.Fail, "2027"},
		"next year's calendar":    {nothing, time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC), "calendar", jobs.Warn, "2027"},
		"memory":                  {settings("memory_limit_mb: 1000000\n"), sampleNow, "memory", jobs.Fail, "memory_limit_mb is 1000000"},
		"another database":        {writeHead, sampleNow, "database version", jobs.Warn, "written by DuckDB v9.9.9"},
		"no database":             {cutWarehouse, sampleNow, "database version", jobs.Fail, "not a DuckDB file"},
		"mail server away":        {mailTo(t, nil), sampleNow, "mail server", jobs.Fail, "127.0.0.1"},
		"mail server in clear":    {mailTo(t, []string{"220 here", "250 here"}), sampleNow, "mail server", jobs.Fail, "STARTTLS"},
		"mail server busy":        {mailTo(t, []string{"421 too busy"}), sampleNow, "mail server", jobs.Fail, "too busy"},
	} {
		t.Run(name, func(t *testing.T) {
			s := copyIn(t, t.TempDir(), s)
			delete(s.env, "CLAIMSAUDIT_PSEUDONYM_KEY")
			c.spoil(t, s)
			said, code := s.ask(t, c.now)
			got := said[c.check]
			if got.Verdict != c.verdict || !strings.Contains(got.Found, c.says) {
				t.Errorf("%+v", got)
			}
			failed := false
			for _, d := range said {
				failed = failed || d.Verdict == jobs.Fail
			}
			if (code == 2) != failed || (code != 0) != failed {
				t.Errorf("exit %d: %+v", code, said)
			}
		})
	}
}

func nothing(*testing.T, *site) {}

func remove(name string) func(*testing.T, *site) {
	return func(t *testing.T, s *site) {
		if err := os.Remove(filepath.Join(s.data, name)); err != nil {
			t.Fatal(err)
		}
	}
}

func removeInbox(t *testing.T, s *site) {
	if err := os.RemoveAll(s.inbox); err != nil {
		t.Fatal(err)
	}
}

func writeHead(t *testing.T, s *site) {
	f, err := os.OpenFile(filepath.Join(s.data, "warehouse.duckdb"), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteAt([]byte("v9.9.9"), 52)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

func cutWarehouse(t *testing.T, s *site) {
	if err := os.Truncate(filepath.Join(s.data, "warehouse.duckdb"), 10); err != nil {
		t.Fatal(err)
	}
}

// mailTo configures mail through a server that answers with these lines, or through none.
func mailTo(t *testing.T, answers []string) func(*testing.T, *site) {
	t.Helper()
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	port := server.Addr().(*net.TCPAddr).Port
	if answers == nil {
		server.Close()
	}
	go func() {
		for {
			conn, err := server.Accept()
			if err != nil {
				return
			}
			lines := bufio.NewScanner(conn)
			for _, answer := range answers {
				if _, err := io.WriteString(conn, answer+"\r\n"); err != nil || !lines.Scan() {
					break
				}
			}
			conn.Close()
		}
	}()
	return func(t *testing.T, s *site) {
		s.configure(t, fmt.Sprintf("disk_free_min_mb: 1\nmail: {host: 127.0.0.1, port: %d, security: starttls, from: a@example.com}\n", port))
	}
}

// TestDoctorDuringARun leaves out what the run has, says who runs, and looks at the rest.
func TestDoctorDuringARun(t *testing.T) {
	t.Parallel()
	s := healthySite(t)
	lock := flock.New(filepath.Join(s.data, "run.lock"))
	if ok, err := lock.TryLock(); !ok || err != nil {
		t.Fatal(ok, err)
	}
	defer lock.Unlock()
	if err := os.WriteFile(lock.Path(), []byte("pid 4711, job monthly\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	said, code := s.ask(t, sampleNow)
	if code != 0 || said["warehouse"].Verdict != jobs.Info || !strings.Contains(said["lock"].Found, "pid 4711") || said["database version"].Verdict != jobs.OK {
		t.Errorf("exit %d, %+v", code, said)
	}
}
