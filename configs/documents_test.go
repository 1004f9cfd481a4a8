package configs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"claimsaudit/pipeline"
)

func TestNumbersOfDocuments(t *testing.T) {
	for text, good := range map[string]bool{
		"渝〔{{年度}}〕{{处理编号}}号": true, "{{处理编号}}": true,
		"渝〔{{年度}}〕1号": false, "{{处理编号}}{{姓名}}": false, "{{处理编号": false, "｛｛处理编号｝｝": false, "{{处理编号}}}": false,
	} {
		path := deploy(t, func(f map[string]string) { f[main] = "documents:\n  decision_number: '" + text + "'\n" })
		problems := Check(path, true, nil, Overrides{})
		if good != (len(problems) == 0) {
			t.Errorf("%s: %v", text, problems)
		}
		for _, p := range problems {
			if p.Path != "documents.decision_number" || p.Line != 2 || p.Hint == "" {
				t.Errorf("%s: %v", text, p)
			}
		}
	}
	d := Documents{NoticeNumber: "告〔{{年度}}〕{{处理编号}}号", DecisionNumber: "{{处理编号}}/{{处理编号}}"}
	if got := d.Number(false, 2025, "{{年度}}") + " " + d.Number(true, 2025, "J1"); got != "告〔2025〕{{年度}}号 J1/J1" {
		t.Error(got)
	}
}

// TestTemplatesAreFound: in documents/ beside the settings, by path, else built in; settings of documents change no digest.
func TestTemplatesAreFound(t *testing.T) {
	path := deploy(t, func(f map[string]string) {
		f[main] = "documents: {decision: own, issuer: 某中心, phone: }\n"
		delete(f, "documents/points_notice.docx")
	})
	c := mustLoad(t, path, nil, Overrides{})
	if plain := mustLoad(t, deploy(t, nil), nil, Overrides{}); c.Digest != plain.Digest || string(c.Effective()) != string(plain.Effective()) {
		t.Error("documents change what a run judged by")
	}
	content, source, err := c.Template(false)
	if err != nil || len(content) == 0 || source != "内置:configs/documents/points_notice.docx" {
		t.Errorf("%s %v", source, err)
	}
	if _, _, err := c.Template(true); pipeline.KindOf(err) != pipeline.KindUsage || !strings.Contains(pipeline.HintOf(err), "documents.decision") {
		t.Errorf("missing: %v", err)
	}
	beside := filepath.Join(filepath.Dir(path), "documents", "own.docx")
	if err := os.MkdirAll(filepath.Dir(beside), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(beside, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if content, source, err = c.Template(true); err != nil || string(content) != "x" || source != beside {
		t.Errorf("%s %v", source, err)
	}
	c.Operation.Documents.Decision = filepath.Dir(beside) + "/"
	if _, _, err := c.Template(true); pipeline.KindOf(err) != pipeline.KindUsage {
		t.Errorf("a folder: %v", err)
	}
}
