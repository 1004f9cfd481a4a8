package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestScripts plays what an operator types. Beside testscript's own commands there are
//
//	exits CODE ARGS...    runs claimsaudit and wants that exit code; stdout and stderr can be looked at
//	tree FILE FOLDER...   writes names, modes and hashes of all files into FILE, to be compared
//
// The hand-made months of testdata/delivery lie in $WORK/delivery; $CHONGQING is the shipped rule pack.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("CLAIMSAUDIT_DATA", filepath.Join(e.WorkDir, "data"))
			e.Setenv("CLAIMSAUDIT_INBOX", filepath.Join(e.WorkDir, "inbox"))
			pack, err := filepath.Abs("../../configs/rulepacks/chongqing-2025.yaml")
			if err != nil {
				return err
			}
			e.Setenv("CHONGQING", pack)
			if err := os.Mkdir(filepath.Join(e.WorkDir, "inbox"), 0o755); err != nil {
				return err
			}
			return os.CopyFS(filepath.Join(e.WorkDir, "delivery"), os.DirFS("testdata/delivery"))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "tree": tree},
	})
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: exits CODE ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	code := 0
	var exit *exec.ExitError
	if err := ts.Exec("claimsaudit", args[1:]...); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if code != want {
		ts.Fatalf("exit code %d, want %d", code, want)
	}
}

func tree(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: tree FILE [-NAME_TO_SKIP] FOLDER...")
	}
	var b strings.Builder
	skip := ""
	for _, dir := range args[1:] {
		if name, ok := strings.CutPrefix(dir, "-"); ok {
			skip = name
			continue
		}
		ts.Check(filepath.WalkDir(ts.MkAbs(dir), func(path string, e fs.DirEntry, err error) error {
			if err == nil && e.IsDir() && e.Name() == skip {
				return fs.SkipDir
			}
			if err != nil || e.IsDir() {
				return err
			}
			info, err := e.Info()
			if err != nil {
				return err
			}
			content, err := os.ReadFile(path)
			fmt.Fprintf(&b, "%s %s %x\n", path, info.Mode(), sha256.Sum256(content))
			return err
		}))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(b.String()), 0o644))
}

// TestColour: colour only on a terminal, and never with NO_COLOR.
func TestColour(t *testing.T) {
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	if a := (&app{stderr: terminal}); !a.colour() || a.progress() == nil {
		t.Error("a terminal gets neither colour nor a progress bar")
	}
	if (&app{stderr: terminal, env: map[string]string{"NO_COLOR": "1"}}).colour() {
		t.Error("NO_COLOR is ignored")
	}
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if a := (&app{stderr: file}); a.colour() || a.progress() != nil {
		t.Error("a log file gets colour or a progress bar")
	}
}
