package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"
)

// runAt runs a command at a moment of the test's choosing.
func (s *site) runAt(now time.Time, args ...string) (code int, stdout, stderr string) {
	var out, log bytes.Buffer
	a := &app{env: s.env, stdout: &out, stderr: &log, clock: func() time.Time { return now }}
	root := a.rootCommand()
	root.SetArgs(args)
	root.SetOut(&out)
	root.SetErr(&log)
	if err := root.ExecuteContext(context.Background()); err != nil {
		a.printError(root, err)
		code = exitCode(err)
	}
	return code, out.String(), log.String()
}

// withKeyFile is a site whose key lies in a file, as a centre's does.
func withKeyFile(t *testing.T, s *site) *site {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(s.data, "keys"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.data, "keys", "pseudonym.key"), []byte(s.env["CLAIMSAUDIT_PSEUDONYM_KEY"]+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	delete(s.env, "CLAIMSAUDIT_PSEUDONYM_KEY")
	return s
}

// TestBackupAndRestore: a backup is the state of its moment whatever comes after, and the restored office goes on to the
// same tables as the one it came from.
func TestBackupAndRestore(t *testing.T) {
	t.Parallel()
	s := withKeyFile(t, newSite(t))
	s.deliver(t, firstMonth)
	s.must(t, 0, firstArgs...)
	s.deliver(t, secondMonth)
	then := without(result(t, s), "inbox", "site") // the next run makes the site anew
	dir := filepath.Join(t.TempDir(), "deep", "backups")
	out, _ := s.must(t, 0, "backup", dir)
	if !strings.Contains(out, "warehouse  opens: 1 runs, 1 statements") {
		t.Error(out)
	}
	s.must(t, 0, secondArgs...)
	later := without(result(t, s), "inbox")

	r := newSite(t)
	delete(r.env, "CLAIMSAUDIT_PSEUDONYM_KEY")
	out, _ = s.must(t, 0, "restore", dir, "--into", r.data)
	for _, want := range []string{"every SHA-256 is that of the backup", "opens: 1 runs, 1 statements", "last link  monthly-2025-03-20250402-"} {
		if !strings.Contains(out, want) {
			t.Errorf("restore does not say %q:\n%s", want, out)
		}
	}
	checkModes(t, r.data)
	r.deliver(t, secondMonth)
	compareResults(t, result(t, r), then)
	r.must(t, 0, secondArgs...)
	compareResults(t, result(t, r), later)
	if _, stderr := r.must(t, 2, "restore", dir, "--into", r.data); !strings.Contains(stderr, "not empty") {
		t.Errorf("restored over a data directory: %s", stderr)
	}
}

func without(all map[string][][]string, names ...string) map[string][][]string {
	for _, name := range names {
		delete(all, name)
	}
	return all
}

// TestBackupsRotate: of several backups the newest stay, and what is in the archive is copied once.
func TestBackupsRotate(t *testing.T) {
	t.Parallel()
	s := withKeyFile(t, newSite(t))
	s.deliver(t, "testdata/delivery/2025-03")
	s.must(t, 0, firstArgs...)
	dir := t.TempDir()
	s.must(t, 0, "backup", dir)
	before := stats(t, filepath.Join(dir, "archive"))
	for i := range 3 {
		s.write(t, "fee_line_late.csv", []byte(feeHeader+fmt.Sprintf("S9,%d,2025-03-05,C1,05,1,1,1.00\n", i)))
		s.must(t, 0, "run", "nightly", "--as-of", "2025-04-03")
		s.must(t, 0, "backup", dir)
	}
	states, err := filepath.Glob(filepath.Join(dir, "backup-*"))
	if err != nil || len(states) != 2 || !strings.Contains(states[1], "backup-000004-") {
		t.Errorf("states %v, %v", states, err)
	}
	after := stats(t, filepath.Join(dir, "archive"))
	if len(after) != len(before)+6 { // each night a file and the entry of its run
		t.Errorf("%d archived files, before %d", len(after), len(before))
	}
	for name, info := range before {
		if !os.SameFile(info, after[name]) {
			t.Errorf("%s was copied again", name)
		}
	}
	checkModes(t, dir)
	for _, state := range states { // the older one is whole as well
		s.must(t, 0, "restore", state, "--into", filepath.Join(t.TempDir(), "data"))
		check := exec.Command("sha256sum", "--check", "--quiet", "--strict", "SHA256SUMS")
		check.Dir = state
		if out, err := check.CombinedOutput(); err != nil {
			t.Errorf("sha256sum: %v\n%s", err, out)
		}
	}
}

func stats(t *testing.T, root string) map[string]fs.FileInfo {
	t.Helper()
	all := map[string]fs.FileInfo{}
	for _, name := range filesIn(t, root) {
		info, err := os.Stat(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		all[name] = info
	}
	return all
}

// TestDamagedBackupIsRefused: one flipped byte anywhere, a file that is gone or a list that was never written is named,
// and nothing is restored.
func TestDamagedBackupIsRefused(t *testing.T) {
	t.Parallel()
	s := withKeyFile(t, newSite(t))
	s.deliver(t, "testdata/delivery/2025-03")
	s.must(t, 0, firstArgs...)
	dir := t.TempDir()
	s.must(t, 0, "backup", dir)
	refused := func(what, name string) {
		t.Helper()
		into := filepath.Join(t.TempDir(), "data")
		if _, stderr := s.must(t, 3, "restore", dir, "--into", into); !strings.Contains(stderr, filepath.Base(name)) || !strings.Contains(stderr, "  do: ") {
			t.Errorf("%s %s: %s", name, what, stderr)
		}
		if _, err := os.Stat(into); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s %s: something was restored: %v", name, what, err)
		}
	}
	for _, name := range filesIn(t, dir) {
		if name == ".lock" {
			continue
		}
		path := filepath.Join(dir, name)
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		flipped := bytes.Clone(whole)
		flipped[len(flipped)/2] ^= 4
		replace := func(content []byte) {
			if err := errors.Join(os.RemoveAll(path), os.WriteFile(path, content, info.Mode())); err != nil {
				t.Fatal(err)
			}
		}
		replace(flipped)
		if filepath.Base(name) == "SHA256SUMS" { // the flipped line names another file, or another sum of one
			s.must(t, 3, "restore", dir, "--into", filepath.Join(t.TempDir(), "data"))
		} else {
			refused("flipped", name)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		refused("gone", name)
		replace(whole)
	}
	s.must(t, 0, "restore", dir, "--into", filepath.Join(t.TempDir(), "data"))
}

// TestKilledBackup: a backup that was killed is none, the former one is whole, and the next takes up what was copied.
func TestKilledBackup(t *testing.T) {
	t.Parallel()
	s := withKeyFile(t, newSite(t))
	s.deliver(t, firstMonth)
	s.must(t, 0, firstArgs...)
	dir := t.TempDir()
	killed := func(path string) {
		t.Helper()
		if !killWhen(t, s.child(t, "backup", dir), filepath.Join(dir, path)) {
			t.Logf("the backup was faster than the kill at %s", path)
		}
	}
	killed(".unfinished/warehouse.duckdb.half")
	if _, stderr := s.must(t, 3, "restore", dir, "--into", filepath.Join(t.TempDir(), "data")); !strings.Contains(stderr, "no complete backup") {
		t.Errorf("restore says %s", stderr)
	}
	want := without(result(t, s), "inbox", "site")
	s.must(t, 0, "backup", dir)
	for _, path := range []string{".unfinished", ".unfinished/warehouse.duckdb.half", ".unfinished/published", ".unfinished/manifest.json"} {
		killed(path)
		r := newSite(t)
		s.must(t, 0, "restore", dir, "--into", r.data)
		compareResults(t, result(t, r), want)
	}
	s.must(t, 0, "backup", dir)
	if left, err := filepath.Glob(filepath.Join(dir, ".unfinished")); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// killWhen starts a command, kills it as soon as the file exists, and reports whether that was before its end.
func killWhen(t *testing.T, cmd *exec.Cmd, path string) bool {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			return err != nil
		case <-tick.C:
			if _, err := os.Stat(path); err == nil {
				_ = cmd.Process.Kill() // it may have ended
				return <-ended != nil
			}
		}
	}
}

// TestBackupTakesUpWhatWasCopied: the part of a cut off backup that still is what the data directory holds stays, the rest
// goes.
func TestBackupTakesUpWhatWasCopied(t *testing.T) {
	t.Parallel()
	s := withKeyFile(t, newSite(t))
	s.deliver(t, "testdata/delivery/2025-03")
	s.must(t, 0, firstArgs...)
	dir := t.TempDir()
	s.must(t, 0, "backup", dir)
	state := filepath.Join(dir, onlyState(t, dir))
	unfinished := filepath.Join(dir, ".unfinished")
	if err := errors.Join(os.Rename(state, unfinished), os.Remove(filepath.Join(unfinished, "SHA256SUMS")),
		os.WriteFile(filepath.Join(unfinished, "reports", "stray"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	out, _ := s.must(t, 0, "backup", dir)
	if !strings.Contains(out, "of them 0 copied now") {
		t.Errorf("copied again:\n%s", out)
	}
	if _, err := os.Stat(filepath.Join(dir, onlyState(t, dir), "reports", "stray")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not in the data directory was kept: %v", err)
	}
	s.must(t, 0, "restore", dir, "--into", filepath.Join(t.TempDir(), "data"))
}

// onlyState is the name of the one state a backup directory holds.
func onlyState(t *testing.T, dir string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "backup-*"))
	if err != nil || len(found) != 1 {
		t.Fatalf("states: %v, %v", found, err)
	}
	return filepath.Base(found[0])
}

// TestBackupWaitsForARun: it copies nothing that a run may be changing, and readers of the publication are no obstacle.
func TestBackupWaitsForARun(t *testing.T) {
	t.Parallel()
	s := withKeyFile(t, newSite(t))
	s.deliver(t, "testdata/delivery/2025-03")
	s.must(t, 0, firstArgs...)
	dir := t.TempDir()
	lock := flock.New(filepath.Join(s.data, "run.lock"))
	if ok, err := lock.TryLock(); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if _, stderr := s.must(t, 11, "backup", dir, "--wait", "0s"); !strings.Contains(stderr, "another run holds the lock") {
		t.Error(stderr)
	}
	if _, err := os.Stat(filepath.Join(dir, ".unfinished")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("copied during a run: %v", err)
	}
	over := make(chan struct{})
	var others sync.WaitGroup
	others.Go(func() {
		if err := lock.Unlock(); err != nil {
			t.Error(err)
		}
		for {
			if code, _, stderr := s.run("query", "SELECT count(*) FROM mart.statement"); code != 0 {
				t.Errorf("a reader was disturbed: %d %s", code, stderr)
			}
			select {
			case <-over:
				return
			default:
			}
		}
	})
	s.must(t, 0, "backup", dir)
	close(over)
	others.Wait()
	s.must(t, 0, "restore", dir, "--into", filepath.Join(t.TempDir(), "data"))
}

// TestBackupRefuses: places that would be backed up themselves or hold something else, and the history of another office.
func TestBackupRefuses(t *testing.T) {
	t.Parallel()
	s := withKeyFile(t, newSite(t))
	if _, stderr := s.must(t, 2, "backup", t.TempDir()); !strings.Contains(stderr, "nothing to back up") {
		t.Error(stderr)
	}
	s.deliver(t, "testdata/delivery/2025-03")
	s.must(t, 0, firstArgs...)
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(s.data, link); err != nil {
		t.Fatal(err)
	}
	used := t.TempDir()
	if err := os.WriteFile(filepath.Join(used, "thesis.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{s.data, filepath.Join(s.data, "archive", "b"), s.inbox, filepath.Join(s.inbox, "b"), filepath.Join(link, "b"), used} {
		if _, stderr := s.must(t, 2, "backup", dir); !strings.Contains(stderr, "  do: ") {
			t.Errorf("%s: %s", dir, stderr)
		}
	}
	s.must(t, 2, "backup")
	s.must(t, 2, "restore", used)
	s.must(t, 2, "restore", filepath.Join(used, "nowhere"), "--into", filepath.Join(used, "data"))
	s.must(t, 3, "restore", used, "--into", filepath.Join(used, "data"))

	dir := t.TempDir()
	other := withKeyFile(t, newSite(t))
	other.must(t, 0, "run", "nightly", "--as-of", "2025-04-01")
	other.must(t, 0, "backup", dir)
	state := onlyState(t, dir)
	if _, stderr := s.must(t, 2, "backup", dir); !strings.Contains(stderr, "another data directory") {
		t.Error(stderr)
	}
	if got := onlyState(t, dir); got != state {
		t.Errorf("%s took the place of %s", got, state)
	}
}

// TestBackupOntoAFullDisk: the former backup is whole, the message says so, and with room again the next one is made.
func TestBackupOntoAFullDisk(t *testing.T) {
	t.Parallel()
	disk := newDisk(t, 45_000)
	s := withKeyFile(t, newSite(t))
	s.deliver(t, firstMonth)
	s.must(t, 0, firstArgs...)
	s.must(t, 0, "backup", disk.dir)
	state := onlyState(t, disk.dir)
	s.deliver(t, secondMonth)
	s.must(t, 0, secondArgs...)
	disk.kb = 4 * 10_000 // a limit on the size of files, where there is no small disk
	cmd := disk.limited(s.child(t, "backup", disk.dir))
	code, log := watch(t, cmd, nil)
	if code != 1 || !strings.Contains(log, "the disk is full") || !strings.Contains(log, "earlier backups are untouched") {
		t.Errorf("exit %d\n%s", code, log)
	}
	if got := onlyState(t, disk.dir); got != state {
		t.Errorf("%s, before %s", got, state)
	}
	s.must(t, 0, "restore", disk.dir, "--into", filepath.Join(t.TempDir(), "data"))
	disk.free(t)
	s.must(t, 0, "backup", disk.dir)
	out, _ := s.must(t, 0, "restore", disk.dir, "--into", filepath.Join(t.TempDir(), "data"))
	if !strings.Contains(out, "2 runs, 2 statements") {
		t.Error(out)
	}
}

// TestBackupWithoutKey: the key stays where it is, and restore says that it is needed.
func TestBackupWithoutKey(t *testing.T) {
	t.Parallel()
	s := withKeyFile(t, newSite(t))
	s.deliver(t, "testdata/delivery/2025-03")
	s.must(t, 0, firstArgs...)
	dir := t.TempDir()
	s.must(t, 0, "backup", dir, "--without-key")
	for _, name := range filesIn(t, dir) {
		if strings.Contains(name, "key") {
			t.Errorf("the backup has %s", name)
		}
	}
	out, _ := s.must(t, 0, "restore", dir, "--into", filepath.Join(t.TempDir(), "data"))
	if !strings.Contains(out, "the backup has no key of the pseudonyms") {
		t.Error(out)
	}
}
