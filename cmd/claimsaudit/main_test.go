package main

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets this binary be the program: under the name claimsaudit it is main.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"claimsaudit": func() {
		signal.Ignore(syscall.SIGXFSZ) // TestFullDisk wants the error of the write, not the signal
		main()
	}, "claimsaudit-umask-0": mainWithOpenUmask})
}

// site is one office: its folders and the environment its commands run in. The key is fixed, so that two sites with the
// same deliveries have the same tables.
type site struct {
	data, inbox string
	config      string // "" = the built-in settings
	env         map[string]string
	flags       []string // that a test puts before its commands
}

func newSite(t testing.TB) *site {
	t.Helper()
	dir := t.TempDir()
	return siteIn(t, filepath.Join(dir, "data"), filepath.Join(dir, "inbox"))
}

func siteIn(t testing.TB, data, inbox string) *site {
	t.Helper()
	if err := os.MkdirAll(inbox, 0o755); err != nil {
		t.Fatal(err)
	}
	return &site{data: data, inbox: inbox, env: map[string]string{
		"CLAIMSAUDIT_DATA": data, "CLAIMSAUDIT_INBOX": inbox, "CLAIMSAUDIT_LOG_LEVEL": "debug",
		"CLAIMSAUDIT_PSEUDONYM_KEY": "for tests only, for tests only, for tests only",
	}}
}

// deliver copies a folder of deliveries into the inbox.
func (s *site) deliver(t testing.TB, folder string) {
	t.Helper()
	if err := os.CopyFS(s.inbox, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
}

func (s *site) write(t testing.TB, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(s.inbox, name), content, 0o644); err != nil {
		t.Fatal(err)
	}
}

// run runs a command in this process and returns its exit code and what it printed.
func (s *site) run(args ...string) (code int, stdout, stderr string) {
	var out, log bytes.Buffer
	args = s.configured(args)
	code = run(context.Background(), args, s.env, &out, &log)
	return code, out.String(), log.String()
}

// configured names the settings file if the site has one.
func (s *site) configured(args []string) []string {
	if s.config == "" {
		return args
	}
	return append([]string{"--config", s.config}, args...)
}

// must runs a command that has to end with the code.
func (s *site) must(t testing.TB, code int, args ...string) (stdout, stderr string) {
	t.Helper()
	got, stdout, stderr := s.run(args...)
	if got != code {
		t.Fatalf("%v: exit %d, want %d\n%s%s", args, got, code, stdout, stderr)
	}
	return stdout, stderr
}

// child is the program as a process of its own, about to be started.
func (s *site) child(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := &exec.Cmd{Path: self, Args: append([]string{"claimsaudit"}, s.configured(args)...)}
	for name, value := range s.env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	return cmd
}

// watch starts a child, calls line with the number of every log line as it comes, and returns when the child has
// ended, with its exit code (-1 if killed) and its log.
func watch(t testing.TB, cmd *exec.Cmd, line func(n int)) (code int, log string) {
	t.Helper()
	pipe, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	lines := bufio.NewScanner(pipe)
	for n := 1; lines.Scan(); n++ {
		text.WriteString(lines.Text() + "\n")
		if line != nil {
			line(n)
		}
	}
	_ = cmd.Wait() // the exit code says it
	return cmd.ProcessState.ExitCode(), text.String()
}
