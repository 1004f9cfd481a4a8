package intake

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"claimsaudit/pipeline"
)

func write(t *testing.T, path, content string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func sumOf(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}

func gz(t *testing.T, content, storedName string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Name = storedName
	if _, err := w.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// part is one member of a test zip.
type part struct {
	name, content string
	mode          fs.FileMode
	flags         uint16
	method        uint16
	notUTF8       bool
}

func zipped(t *testing.T, parts ...part) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, p := range parts {
		h := &zip.FileHeader{Name: p.name, Method: zip.Deflate, Flags: p.flags, NonUTF8: p.notUTF8}
		if p.mode != 0 {
			h.SetMode(p.mode)
		}
		var err error
		if p.method != 0 || p.flags != 0 {
			h.Method = p.method
			h.CompressedSize64, h.UncompressedSize64 = uint64(len(p.content)), uint64(len(p.content))
			out, rawErr := w.CreateRaw(h)
			if rawErr != nil {
				t.Fatal(rawErr)
			}
			_, err = out.Write([]byte(p.content))
		} else {
			out, createErr := w.CreateHeader(h)
			if createErr != nil {
				t.Fatal(createErr)
			}
			if !strings.HasSuffix(p.name, "/") {
				_, err = out.Write([]byte(p.content))
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func scan(t *testing.T, inbox string) Found {
	t.Helper()
	found, err := Scan(t.Context(), inbox, nil)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// only is the one hashed delivery of an inbox.
func only(t *testing.T, inbox string) Delivery {
	t.Helper()
	found := scan(t, inbox)
	if len(found.Deliveries) != 1 {
		t.Fatalf("want one delivery, got %+v", found)
	}
	d := found.Deliveries[0]
	sum, err := Hash(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	d.SHA256 = sum
	return d
}

func paths(found Found) []string {
	var out []string
	for _, d := range found.Deliveries {
		out = append(out, d.Path)
	}
	return out
}

func whyOf(found Found, path string) Why {
	for _, i := range found.Ignored {
		if i.Path == path {
			return i.Why
		}
	}
	return ""
}

// wantBadFile checks that a person is told which file and what to do.
func wantBadFile(t *testing.T, err error, says ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("want an error")
	}
	if pipeline.KindOf(err) != pipeline.KindBadFile || pipeline.HintOf(err) == "" {
		t.Fatalf("want a bad file with a hint, got kind %d hint %q: %v", pipeline.KindOf(err), pipeline.HintOf(err), err)
	}
	for _, s := range says {
		if !strings.Contains(err.Error(), s) {
			t.Errorf("error does not say %q: %v", s, err)
		}
	}
}

func wantEmpty(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 0 {
		t.Errorf("left behind in %s: %v", dir, entries)
	}
}
