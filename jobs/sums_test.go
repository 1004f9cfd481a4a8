package jobs

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestSumsHoldAnyName: whatever a sender calls a file, the list gives its name and sum back.
func TestSumsHoldAnyName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "SHA256SUMS")
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[ -~\\\n\r明细]{1,12}`)
		sum := rapid.StringMatching(`[0-9a-f]{64}`)
		want := sums(rapid.MapOf(name, sum).Draw(t, "sums"))
		if err := os.WriteFile(path, []byte(want.text()), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := readSums(path)
		if err != nil || !maps.Equal(got, want) {
			t.Fatalf("got %v, %v", got, err)
		}
	})
}

// TestSumsAreThoseOfTheStandardTool: sha256sum reads our list, odd names included, and we read its.
func TestSumsAreThoseOfTheStandardTool(t *testing.T) {
	dir := t.TempDir()
	ours := sums{}
	for _, name := range []string{"plain", "with blank", `back\slash`, "line\nbreak", "return\r", "明细.csv"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
		sum, err := hashFile(t.Context(), filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		ours[name] = sum
	}
	check := exec.Command("sha256sum", "--check", "--strict", "--quiet")
	check.Dir, check.Stdin = dir, strings.NewReader(ours.text())
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	write := exec.Command("bash", "-c", "sha256sum * > ../SHA256SUMS")
	write.Dir = dir
	if out, err := write.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	theirs, err := readSums(filepath.Join(filepath.Dir(dir), "SHA256SUMS"))
	if err != nil || !maps.Equal(theirs, ours) {
		t.Errorf("%v, %v", theirs, err)
	}
}
