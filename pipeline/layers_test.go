package pipeline_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "claimsaudit"

// mayImport is the house's plan: which of our packages each may import. Packages of one level never import each other.
var mayImport = map[string][]string{
	"pipeline":           {},
	"sql":                {},
	"configs":            {"pipeline"},
	"pipeline/intake":    {"pipeline"},
	"pipeline/decode":    {"pipeline"},
	"pipeline/warehouse": {"pipeline", "sql"},
	"pipeline/register":  {"pipeline", "configs"},
	"pipeline/score":     {"pipeline", "configs"},
	"pipeline/transform": {"pipeline", "sql", "pipeline/warehouse"},
	"pipeline/report":    {"pipeline", "pipeline/warehouse"},
	// The pages of a site; what it shares with the other reports is in report/shared.go.
	"pipeline/report/site": {"pipeline", "pipeline/report", "pipeline/warehouse"},
	"pipeline/mail":        {"pipeline"},
	// A mail server for the tests of several packages; nothing that ships imports it.
	"pipeline/mail/mailtest": {},
	"jobs": {"pipeline", "sql", "configs", "pipeline/intake", "pipeline/decode", "pipeline/warehouse", "pipeline/register", "pipeline/score",
		"pipeline/transform", "pipeline/report", "pipeline/report/site", "pipeline/mail"},
	"cmd/claimsaudit": {"pipeline", "sql", "configs", "pipeline/intake", "pipeline/decode", "pipeline/warehouse", "pipeline/register",
		"pipeline/score", "pipeline/transform", "pipeline/report", "pipeline/mail", "jobs"},
	"cmd/gensamples": {"pipeline"},
	// The second reading of the contract that tests compare with: it must share no code with what it checks.
	"cmd/claimsaudit/internal/twin": {"pipeline"},
}

// onlyIn says who holds a library, so that its traps are known in one place. cmd/gensamples plays the senders, who
// write every accepted form; it may hold the libraries of those forms and nothing of ours takes them from it.
var onlyIn = map[string][]string{
	"github.com/goccy/go-yaml":        {"configs"},
	"github.com/apache/arrow/go":      {"pipeline/decode", "pipeline/warehouse", "cmd/gensamples"},
	"golang.org/x/text":               {"pipeline/decode", "cmd/gensamples"},
	"github.com/xuri/excelize":        {"pipeline/decode", "pipeline/report", "cmd/gensamples"},
	"github.com/marcboeker/go-duckdb": {"pipeline/warehouse"},
	"github.com/wneessen/go-mail":     {"pipeline/mail"},
	"github.com/emersion":             {"pipeline/mail/mailtest"},
	"github.com/robfig/cron":          {"jobs"},
	"github.com/rs/zerolog":           {"jobs", "cmd/claimsaudit"},
	"github.com/spf13/cobra":          {"cmd/claimsaudit"},
	"github.com/gofrs/flock":          {"jobs"},
	"github.com/zeebo/xxh3":           {"pipeline/decode"},
	"github.com/mattn/go-isatty":      {"cmd/claimsaudit"},
	"github.com/schollz/progressbar":  {"cmd/claimsaudit"},
	"github.com/prometheus":           {"jobs", "cmd/claimsaudit"},
	"github.com/coreos/go-systemd":    {"cmd/claimsaudit"},
	"golang.org/x/sys":                {"pipeline/report/site"},
}

type goPackage struct {
	ImportPath string
	Imports    []string // of the code that ships; tests may look anywhere
}

// ourPackages asks the go command, which knows build tags and generated files.
func ourPackages(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", module+"/...")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v: %s", err, stderr.String())
	}
	var all []goPackage
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestPackagesImportWhatTheHouseAllows(t *testing.T) {
	for _, p := range ourPackages(t) {
		name := strings.TrimPrefix(p.ImportPath, module+"/")
		allowed, planned := mayImport[name]
		if !planned {
			t.Errorf("%s is not in the plan: give it a place in mayImport", name)
		}
		for _, path := range p.Imports {
			if ours, ok := strings.CutPrefix(path, module+"/"); ok && !slices.Contains(allowed, ours) {
				t.Errorf("%s imports %s; it may import %v", name, ours, allowed)
			}
		}
	}
}

func TestLibrariesAreHeldWhereTheHouseSays(t *testing.T) {
	for _, p := range ourPackages(t) {
		name := strings.TrimPrefix(p.ImportPath, module+"/")
		for _, path := range p.Imports {
			first, _, _ := strings.Cut(path, "/")
			if !strings.Contains(first, ".") {
				continue // the standard library, or ours
			}
			holder := slices.IndexFunc(libraries, func(library string) bool { return strings.HasPrefix(path, library) })
			if holder < 0 {
				t.Errorf("%s imports %s, which nobody is said to hold", name, path)
			} else if holders := onlyIn[libraries[holder]]; !slices.Contains(holders, name) {
				t.Errorf("%s imports %s; only %v may", name, path, holders)
			}
		}
	}
}

var libraries = slices.Sorted(maps.Keys(onlyIn))

// TestHabits: the clock is a field, registration is a list, and a stage returns what went wrong instead of printing it.
func TestHabits(t *testing.T) {
	forbidden := map[*regexp.Regexp]string{
		regexp.MustCompile(`\btime\.(Now|Since|Until)\(`):  "the clock is a field below cmd",
		regexp.MustCompile(`(?m)^func init\(\)`):           "no registration by init",
		regexp.MustCompile(`\bfmt\.Print(f|ln)?\(`):        "a stage returns, cmd prints",
		regexp.MustCompile(`(?m)^\s*"log(/slog)?"$`):       "only jobs and cmd hold a logger",
		regexp.MustCompile(`\bos\.(Exit|Stdout|Stderr)\b`): "only cmd speaks to the terminal",
	}
	for _, folder := range []string{"../pipeline", "../jobs", "../configs", "../sql"} {
		err := filepath.WalkDir(folder, func(name string, d fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
				return err
			}
			text, err := os.ReadFile(name)
			for pattern, why := range forbidden {
				if found := pattern.Find(text); found != nil {
					t.Errorf("%s: %s: %s", name, strings.TrimSpace(string(found)), why)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
