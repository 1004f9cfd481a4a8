package register

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestReasonsHaveWords, and whoever writes an example finds them in the handbook.
func TestReasonsHaveWords(t *testing.T) {
	source, err := os.ReadFile("matter.go")
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../../configs/README.md")
	if err != nil {
		t.Fatal(err)
	}
	codes := regexp.MustCompile(`Reason = "(\w+)"`).FindAllStringSubmatch(string(source), -1)
	if len(codes) != len(chinese) {
		t.Errorf("%d reasons, words for %d", len(codes), len(chinese))
	}
	for _, code := range codes {
		words := Reason(code[1]).Chinese()
		if row := "| `" + code[1] + "` | " + words + " |"; words == "" || !strings.Contains(string(readme), row) {
			t.Errorf("configs/README.md has no row %s", row)
		}
	}
}
