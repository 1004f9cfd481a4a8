package main

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// mainWithOpenUmask is the program in a process whose umask would let everybody read and write.
func mainWithOpenUmask() {
	syscall.Umask(0)
	os.Exit(run(context.Background(), os.Args[1:], environment(os.Environ()), os.Stdout, os.Stderr))
}

// checkModes wants everything below a directory to be its owner's alone; only what is published may be the group's.
func checkModes(t *testing.T, root string) {
	t.Helper()
	count := 0
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil || rel == "." {
			return err
		}
		allowed := fs.FileMode(0o700)
		if rel == "published" || strings.HasPrefix(rel, "published/") && e.IsDir() {
			allowed = 0o750
		} else if strings.HasPrefix(rel, "published/") {
			allowed = 0o440
		} else if !e.IsDir() {
			allowed = 0o600
		}
		if mode := info.Mode().Perm(); mode&^allowed != 0 {
			t.Errorf("%s has mode %04o, %04o is allowed", path, mode, allowed)
		}
		count++
		return nil
	})
	if err != nil || count < 10 {
		t.Fatalf("%d files and folders, %v", count, err)
	}
}

// TestUmaskDoesNotMatter: whatever the umask, after a month, in the middle of one, and after housekeeping and a backup
// nobody else can read a file.
func TestUmaskDoesNotMatter(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	delete(s.env, "CLAIMSAUDIT_PSEUDONYM_KEY")
	s.env["TMPDIR"] = t.TempDir()
	play := func(killAt int, args ...string) {
		t.Helper()
		cmd := s.child(t, args...)
		cmd.Args[0] = "claimsaudit-umask-0"
		code, log := watch(t, cmd, func(n int) {
			if n == killAt {
				_ = cmd.Process.Kill()
			}
		})
		if want := map[bool]int{true: -1}[killAt > 0]; code != want {
			t.Fatalf("%v: exit %d\n%s", args, code, log)
		}
		checkModes(t, s.data)
	}
	s.deliver(t, firstMonth)
	play(0, firstArgs...)
	s.deliver(t, secondMonth)
	for _, killAt := range []int{4, 12} {
		play(killAt, secondArgs...)
	}
	play(0, secondArgs...)
	play(0, "run", "housekeeping", "--as-of", "2025-05-07")
	dir := filepath.Join(t.TempDir(), "backups")
	play(0, "backup", dir)
	checkModes(t, dir)
}

// TestOpenKeyFile: no run starts with a key that others can read.
func TestOpenKeyFile(t *testing.T) {
	t.Parallel()
	s := withKeyFile(t, newSite(t))
	for _, mode := range []fs.FileMode{0o604, 0o640, 0o660} {
		if err := os.Chmod(filepath.Join(s.data, "keys", "pseudonym.key"), mode); err != nil {
			t.Fatal(err)
		}
		for _, job := range []string{"nightly", "housekeeping"} {
			if _, stderr := s.must(t, 2, "run", job); !strings.Contains(stderr, "must be 0600") {
				t.Errorf("%s: %s", job, stderr)
			}
		}
	}
	if _, err := os.Stat(filepath.Join(s.data, "warehouse.duckdb")); err == nil {
		t.Error("a run took place")
	}
}
