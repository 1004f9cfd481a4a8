package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"claimsaudit/configs"
	"claimsaudit/jobs"
	"claimsaudit/pipeline"
	"claimsaudit/pipeline/warehouse"

	"github.com/rs/zerolog"
)

// served is `claimsaudit serve` as a process.
type served struct {
	t     testing.TB
	cmd   *exec.Cmd
	lines *bufio.Scanner
	log   strings.Builder
}

func (s *site) serve(t testing.TB, config string) *served {
	t.Helper()
	d := &served{t: t, cmd: s.child(t, "serve", "--config", config)}
	pipe, err := d.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	d.lines = bufio.NewScanner(pipe)
	t.Cleanup(func() { _ = d.cmd.Process.Kill() }) // it may have ended
	return d
}

// await reads the log until a line has all the texts.
func (d *served) await(texts ...string) {
	d.t.Helper()
	for {
		if !d.lines.Scan() {
			d.t.Fatalf("the daemon ended before it said %q\n%s", texts, d.log.String())
		}
		line := d.lines.Text()
		d.log.WriteString(line + "\n")
		if !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(line, text) }) {
			return
		}
	}
}

func (d *served) signal(s syscall.Signal) {
	d.t.Helper()
	if err := d.cmd.Process.Signal(s); err != nil {
		d.t.Fatal(err)
	}
}

// ends waits for the process and wants its exit code, -1 if it was killed.
func (d *served) ends(code int) {
	d.t.Helper()
	for d.lines.Scan() {
		d.log.WriteString(d.lines.Text() + "\n")
	}
	_ = d.cmd.Wait() // the exit code says it
	if got := d.cmd.ProcessState.ExitCode(); got != code {
		d.t.Fatalf("exit %d, want %d\n%s", got, code, d.log.String())
	}
}

// freeAddress is a loopback address nobody listens on.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// servedSince makes the site one at which serving began some days ago and nothing has run since.
func (s *site) servedSince(t testing.TB, config string, began time.Time) {
	t.Helper()
	c, err := configs.Load(config, true, s.env, configs.Overrides{})
	if err != nil {
		t.Fatal(err)
	}
	r := &jobs.Runner{Config: c, Clock: func() time.Time { return began }, Log: zerolog.Nop(), Key: bytes.Repeat([]byte("k"), 32)}
	d, err := r.NewDaemon(context.Background(), jobs.ServeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	d.Tick(context.Background())
	d.Close()
}

// TestServe is a service's life: three nights are missed; the daemon is killed in the middle of making up for them, started,
// stopped in the middle, started again, reloaded with a good and a bad configuration, and a second one is refused. Every
// night is done once.
func TestServe(t *testing.T) {
	s := newSite(t)
	s.deliver(t, firstMonth)
	config := filepath.Join(t.TempDir(), "office.yaml")
	write := func(text string) {
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	health := freeAddress(t)
	now := time.Now()
	last := now.In(pipeline.Shanghai).Add(-12 * time.Hour) // nights begin as far from now as can be
	nightly := fmt.Sprintf("nightly: \"%d %d * * *\"", last.Minute(), last.Hour())
	write(fmt.Sprintf("schedule: {%s, monthly: \"off\", annual: \"off\", housekeeping: \"off\"}\nlisten: %q\n", nightly, health))
	s.servedSince(t, config, now.Add(-72*time.Hour))

	d := s.serve(t, config)
	d.await("taken in")
	d.signal(syscall.SIGKILL)
	d.ends(-1)

	d = s.serve(t, config)
	d.await("run started")
	d.signal(syscall.SIGTERM)
	d.ends(0)
	if out, _ := s.must(t, 0, "jobs", "--config", config); !strings.Contains(out, last.Format(time.DateOnly)+" due") {
		t.Errorf("what is due is not shown as missed:\n%s", out)
	}

	d = s.serve(t, config)
	d.await("run ended", "key="+last.Format(time.DateOnly))
	d.await("nothing more is due")
	if out, _ := s.must(t, 0, "status", "--config", config); !strings.Contains(out, fmt.Sprintf("serving    pid %d", d.cmd.Process.Pid)) ||
		!strings.Contains(out, "missed none") {
		t.Errorf("status while serving:\n%s", out)
	}
	metrics, err := http.Get("http://" + health + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer metrics.Body.Close()
	if text, _ := io.ReadAll(metrics.Body); !strings.Contains(string(text), `claimsaudit_run_exit_code{job="nightly"} 0`) ||
		!strings.Contains(string(text), "claimsaudit_missed_runs 0") {
		t.Errorf("metrics:\n%s", text)
	}
	if _, stderr := s.must(t, 11, "serve", "--config", config); !strings.Contains(stderr, fmt.Sprintf("pid %d", d.cmd.Process.Pid)) {
		t.Errorf("the second daemon does not say who serves: %s", stderr)
	}
	s.must(t, 0, "run", "annual", "--year", "2025", "--config", config) // between its runs a daemon is in nobody's way
	d.signal(syscall.SIGHUP)
	d.await("in force from the next run on")
	write("schedule: {nightly: tomorrow}\nlog_level: loud\n")
	d.signal(syscall.SIGHUP)
	d.await("configuration refused")
	d.signal(syscall.SIGTERM)
	d.ends(0)

	s.doneOnce(t, last, 3)
}

// doneOnce wants the nights up to last done exactly once each.
func (s *site) doneOnce(t testing.TB, last time.Time, nights int) {
	t.Helper()
	db, err := warehouse.OpenReadOnly(context.Background(), filepath.Join(s.data, "warehouse.duckdb"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	runs, err := db.Runs(context.Background(), 100)
	if err != nil {
		t.Fatal(err)
	}
	done := map[string]int{}
	for _, r := range runs {
		if r.State == "done" {
			done[r.AsOf.Format(time.DateOnly)]++
		}
	}
	for back := range nights {
		day := last.AddDate(0, 0, -back).Format(time.DateOnly)
		if n := done[day]; n != 1 {
			t.Errorf("%s was done %d times: %v", day, n, done)
		}
	}
}
