package main

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"claimsaudit/pipeline"
)

// specimen is a sample file: one form of one feed, unpacked where it was packed.
type specimen struct {
	feed, ext string // ext of what is inside: .csv, .txt, .xlsx, .parquet
	packed    string // "", .gz or .zip
	content   []byte
}

// mutant is a damaged specimen under the name it is delivered by.
type mutant struct {
	name, how string
	content   []byte
}

// specimens are all sample files; long texts are cut after some hundred rows, so that every mutation hits something.
func specimens(tb testing.TB) []specimen {
	tb.Helper()
	var all []specimen
	err := filepath.WalkDir(filepath.Join(samplesDir, "inbox"), func(path string, e fs.DirEntry, err error) error {
		name := filepath.Base(path)
		feed := pipeline.FeedOf(name)
		if err != nil || e.IsDir() || feed == nil || filepath.Ext(name) == ".ctl" {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		s := specimen{feed: feed.Name, ext: filepath.Ext(name), content: content}
		switch s.ext {
		case ".gz":
			s.packed, s.ext, s.content = ".gz", filepath.Ext(strings.TrimSuffix(name, ".gz")), gunzipped(tb, content)
		case ".zip":
			members := unzipped(tb, content)
			s.packed, s.ext, s.content = ".zip", filepath.Ext(members[0].name), members[0].content
		}
		if s.isText() && len(s.content) > 30_000 {
			s.content = s.content[:bytes.LastIndexByte(s.content[:30_000], '\n')+1]
		}
		all = append(all, s)
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	for _, feed := range pipeline.Feeds {
		if !slices.ContainsFunc(all, func(s specimen) bool { return s.feed == feed.Name }) {
			tb.Fatalf("no sample of %s", feed.Name)
		}
	}
	return all
}

func (s specimen) isText() bool { return s.ext == ".csv" || s.ext == ".txt" }

func gunzipped(tb testing.TB, content []byte) []byte {
	tb.Helper()
	z, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		tb.Fatal(err)
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		tb.Fatal(err)
	}
	return plain
}

type member struct {
	name    string
	content []byte
}

func unzipped(tb testing.TB, content []byte) (members []member) {
	tb.Helper()
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		tb.Fatal(err)
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			tb.Fatal(err)
		}
		plain, err := io.ReadAll(r)
		if err != nil {
			tb.Fatal(err)
		}
		members = append(members, member{f.Name, plain})
	}
	return members
}

func rezipped(tb testing.TB, members []member) []byte {
	tb.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, m := range members {
		w, err := z.Create(m.name)
		if err != nil {
			tb.Fatal(err)
		}
		w.Write(m.content)
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// mutate damages a random specimen: what is packed either inside, so that the damage arrives where rows are read, or as
// it lies there. Small feeds get packed now and then, too.
func mutate(tb testing.TB, r *rand.Rand, all []specimen, no int) mutant {
	tb.Helper()
	s := all[r.IntN(len(all))]
	if s.packed == "" && s.isText() && r.IntN(4) == 0 {
		s.packed = pick(r, ".gz", ".zip")
	}
	inside := r.IntN(2) == 0
	m := mutant{name: fmt.Sprintf("%s_%05d%s", s.feed, no, s.ext)}
	content := s.content
	switch {
	case s.ext == ".xlsx" && inside:
		members := unzipped(tb, content)
		i := r.IntN(len(members))
		members[i].content, m.how = damaged(r, members[i].content, true)
		content, m.how = rezipped(tb, members), "xlsx member "+m.how
	case s.packed == "" || inside:
		content, m.how = damaged(r, content, s.isText())
	}
	switch s.packed {
	case ".gz":
		content = gzipped(tb, plain(string(content)))
	case ".zip":
		content = zipped(tb, m.name, plain(string(content)))
	}
	if m.name += s.packed; s.packed == ".zip" {
		m.name = strings.TrimSuffix(m.name, s.ext+".zip") + ".zip"
	}
	if s.packed != "" && !inside {
		content, m.how = damaged(r, content, false)
	}
	m.content = content
	return m
}

// damaged is a changed copy.
func damaged(r *rand.Rand, content []byte, isText bool) ([]byte, string) {
	out := bytes.Clone(content)
	if len(out) == 0 {
		return []byte{byte(r.Uint32())}, "noise"
	}
	kinds := []string{"bit flips", "cut", "noise", "inserted"}
	if isText {
		kinds = append(kinds, "separators", "values", "values", "lines")
	}
	how := pick(r, kinds...)
	switch how {
	case "bit flips":
		for range 1 + r.IntN(24) {
			out[r.IntN(len(out))] ^= 1 << r.IntN(8)
		}
	case "cut":
		out = out[:r.IntN(len(out))]
	case "noise":
		from := r.IntN(len(out))
		for i := from; i < min(len(out), from+1+r.IntN(200)); i++ {
			out[i] = byte(r.Uint32())
		}
	case "inserted":
		noise := make([]byte, 1+r.IntN(200))
		for i := range noise {
			noise[i] = byte(r.Uint32())
		}
		out = slices.Insert(out, r.IntN(len(out)), noise...)
	case "separators":
		out = otherSeparators(r, out)
	case "values":
		out = otherValues(r, out)
	case "lines":
		out = otherLines(r, out)
	}
	return out, how
}

// otherSeparators puts other separators in the place of all or of some.
func otherSeparators(r *rand.Rand, text []byte) []byte {
	other, some := pick(r, ';', '\t', '|', ',', '"', '\'', '\r', '\n', 0, ' '), r.IntN(2) == 0
	for i, c := range text {
		if (c == ',' || c == '\t' || c == '|' || c == ';' || c == '"') && (!some || r.IntN(20) == 0) {
			text[i] = byte(other)
		}
	}
	return text
}

// nasty values stand where a number or a word was.
var nasty = []string{"", "0", "-0.01", "99999999999999.99", "-99999999999999.99", "9999999999999999999999", "1e9", "1,234.50", "１２", "2025-02-30",
	"9999-12-31", "0001-01-01", "20250305", "2025-03-05 23:59:59", "NULL", "NaN", "\x00", "=1+1", "''", "\"", "\"\"", "😀", "\xff\xfe", "\xef\xbb\xbf",
	"5.00105E+17", strings.Repeat("9", 400), strings.Repeat("长", 70_000)}

func otherValues(r *rand.Rand, text []byte) []byte {
	isWord := func(c byte) bool { return c > 0x2c && c != ';' && c != '|' && c != '<' && c != '>' }
	for range 1 + r.IntN(12) {
		if len(text) == 0 {
			break
		}
		from := r.IntN(len(text))
		to := from
		for from > 0 && isWord(text[from-1]) {
			from--
		}
		for to < len(text) && isWord(text[to]) {
			to++
		}
		text = slices.Replace(text, from, to, []byte(pick(r, nasty...))...)
	}
	return text
}

// otherLines drops, doubles, swaps or glues lines, or ends them otherwise.
func otherLines(r *rand.Rand, text []byte) []byte {
	lines := bytes.SplitAfter(text, []byte("\n"))
	for range 1 + r.IntN(8) {
		i, k := r.IntN(len(lines)), r.IntN(len(lines))
		switch r.IntN(5) {
		case 0:
			lines[i] = nil
		case 1:
			lines[i] = append(bytes.Clone(lines[i]), lines[i]...)
		case 2:
			lines[i], lines[k] = lines[k], lines[i]
		case 3:
			lines[i] = bytes.TrimRight(lines[i], "\r\n")
		case 4:
			lines[i] = append(bytes.TrimRight(lines[i], "\r\n"), pick(r, "\r", "\r\n", "\n\n", "\n\r", ",\n", "\x00\n", "\n , \n")...)
		}
	}
	return bytes.Join(lines, nil)
}
