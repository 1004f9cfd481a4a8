package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestFullDisk fills the disk while the month is loaded, judged or published: the run ends with 1, says that the disk
// is full, keeps only whole files, and completes once there is space, with the tables of an undisturbed run.
func TestFullDisk(t *testing.T) {
	other := newSite(t)
	other.deliver(t, firstMonth)
	other.must(t, 0, firstArgs...)
	want := result(t, other)
	for _, kb := range []int{1600, 3500, 6500, 12000, 17000, 21000} {
		t.Run(fmt.Sprintf("%d KB", kb), func(t *testing.T) {
			if !fillDisk(t, kb, want) {
				t.Fatal("there was room")
			}
		})
	}
}

// fillDisk runs the first month on a disk of that size; false if there was room for it.
func fillDisk(t testing.TB, kb int, want map[string][][]string) bool {
	t.Helper()
	disk := newDisk(t, kb)
	s := siteIn(t, disk.dir, filepath.Join(t.TempDir(), "inbox"))
	s.deliver(t, firstMonth)
	code, log := watch(t, disk.limited(s.child(t, firstArgs...)), nil)
	if code == 0 {
		return false
	}
	if code != 1 {
		t.Fatalf("exit %d\n%s", code, log)
	}
	tail := log[max(0, strings.Index(log, "\nerror: ")):]
	full := strings.Contains(tail, "No space left") || strings.Contains(tail, "no space left") || strings.Contains(tail, "File too large")
	if !full || !strings.Contains(tail, "  do: ") {
		t.Errorf("does not say that the disk is full and what to do:\n%s", tail)
	}
	if _, err := os.Stat(filepath.Join(s.data, "published", "analyst.duckdb")); err == nil {
		compareResults(t, result(t, s), want) // full at the very end: published is published whole
	}
	if strings.Contains(log, "run started") {
		s.accounted(t) // nothing is half loaded
	}
	disk.free(t)
	s.must(t, 0, firstArgs...)
	compareResults(t, result(t, s), want)
	s.must(t, 0, "verify")
	return true
}

// disk is a small disk: a file system of its own where mounting is permitted, else a limit on the size of every file,
// which meets the same writes with another error.
type disk struct {
	dir     string
	kb      int
	mounted bool
}

func newDisk(t testing.TB, kb int) *disk {
	t.Helper()
	d := &disk{dir: filepath.Join(t.TempDir(), "data"), kb: kb}
	if err := os.Mkdir(d.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", d.dir, "tmpfs", 0, fmt.Sprintf("size=%dk", kb)); err != nil {
		t.Logf("no small disk (%v): the size of files is limited instead", err)
		return d
	}
	d.mounted = true
	t.Cleanup(func() {
		if err := syscall.Unmount(d.dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return d
}

// limited makes a child meet the limit where there is no small disk.
func (d *disk) limited(cmd *exec.Cmd) *exec.Cmd {
	if d.mounted {
		return cmd
	}
	// The warehouse's log has a quarter of what the whole site needs, roughly. The shell becomes the program.
	shell := exec.Command("bash", append([]string{"-c", `ulimit -f "$0"; exec -a claimsaudit "$@"`, fmt.Sprint(d.kb / 4), cmd.Path}, cmd.Args[1:]...)...)
	shell.Env = cmd.Env
	return shell
}

// free makes room.
func (d *disk) free(t testing.TB) {
	t.Helper()
	if !d.mounted {
		return
	}
	if err := syscall.Mount("tmpfs", d.dir, "tmpfs", syscall.MS_REMOUNT, "size=500m"); err != nil {
		t.Fatal(err)
	}
}
