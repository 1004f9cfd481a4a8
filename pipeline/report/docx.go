package report

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"claimsaudit/pipeline"
)

// Blanks are what a template's placeholders stand for. A template is a Word document as an office edits it: {{名称}}
// is a value, {{如…}} keeps its paragraph or takes it away, {{逐项.…}} makes its table row repeat.
type Blanks struct {
	Values     map[string]string   // a line break makes a paragraph of its own where the placeholder stands alone
	Conditions map[string]bool     // names begin with 如
	Rows       []map[string]string // of {{逐项.…}}, names without the prefix; each has the same names
	RowNames   []string            // those names, also without rows
	Required   []string            // values without which the document would not be one
}

const rowPrefix = "逐项."

// known lists every placeholder as it is written in a template.
func (b Blanks) known() []string {
	list := append(slices.Collect(maps.Keys(b.Values)), slices.Collect(maps.Keys(b.Conditions))...)
	for _, name := range b.RowNames {
		list = append(list, rowPrefix+name)
	}
	slices.Sort(list)
	return list
}

// Limits of a template: whatever a file claims, memory stays bounded.
const (
	templateBytesMax = 20 << 20
	templatePartsMax = 2000
	unpackedBytesMax = 64 << 20
)

// filledParts are the parts with text that people see. Some programs number the main part.
var filledParts = regexp.MustCompile(`^word/(document|header|footer|footnotes|endnotes)[0-9]*\.xml$`)

// packedAt is the time in every part of a document: the same data give the same bytes.
var packedAt = time.Date(1980, time.January, 1, 0, 0, 0, 0, time.UTC)

// fillTemplate fills every placeholder of the template, which is named source in errors. All that is wrong with the
// template's placeholders is said at once.
func fillTemplate(template []byte, source string, blanks Blanks) ([]byte, error) {
	parts, err := unpack(template, source)
	if err != nil {
		return nil, err
	}
	f := &filler{blanks: blanks, unknown: map[string]bool{}, met: map[string]bool{}}
	hasText := false
	for i, p := range parts {
		if !filledParts.MatchString(p.name) {
			continue
		}
		hasText = hasText || strings.HasPrefix(p.name, "word/document")
		root, err := parsePart(p.content)
		if err != nil {
			return nil, templateError(source, fmt.Errorf("%s: %w", p.name, err), hintTemplate)
		}
		f.part = p.name
		f.children(root, blanks.Values)
		parts[i].content = root.render()
	}
	if !hasText {
		return nil, templateError(source, errors.New("it is no Word document: word/document.xml is missing"), hintTemplate)
	}
	if err := f.problem(source); err != nil {
		return nil, err
	}
	return pack(parts)
}

// problem says what is wrong with the placeholders, all at once.
func (f *filler) problem(source string) error {
	if len(f.unknown) > 0 {
		var names []string
		for _, name := range slices.Sorted(maps.Keys(f.unknown)) {
			names = append(names, "{{"+name+"}}")
		}
		return templateError(source, fmt.Errorf("unknown placeholder %s", strings.Join(names, ", ")),
			"correct it in the template, or take it out; known are: "+strings.Join(f.blanks.known(), "、"))
	}
	for _, name := range f.blanks.Required {
		if !f.met[name] {
			f.faults = append(f.faults, "{{"+name+"}} is missing")
		}
	}
	if len(f.faults) > 0 {
		return templateError(source, errors.New(strings.Join(slices.Compact(f.faults), "; ")),
			"write a placeholder as {{姓名}}, both pairs of braces within one paragraph; {{"+rowPrefix+"…}} only within a row of a table")
	}
	return nil
}

const hintTemplate = "save the template as .docx (Word document without macros or password) in Word, WPS or LibreOffice and try again"

func templateError(source string, err error, hint string) error {
	return &pipeline.Error{Kind: pipeline.KindUsage, Op: "fill template", Where: source, Err: err, Hint: hint}
}

type part struct {
	name    string
	content []byte
}

// unpack reads a template, bounded and without trusting its table of contents.
func unpack(template []byte, source string) ([]part, error) {
	wrong := func(err error) error { return templateError(source, err, hintTemplate) }
	if bytes.HasPrefix(template, []byte{0xD0, 0xCF, 0x11, 0xE0}) {
		return nil, wrong(errors.New("it is an old .doc file, or protected by a password"))
	}
	if len(template) > templateBytesMax {
		return nil, wrong(fmt.Errorf("it is larger than %d MB", templateBytesMax>>20))
	}
	z, err := zip.NewReader(bytes.NewReader(template), int64(len(template)))
	if err != nil {
		return nil, wrong(fmt.Errorf("it is no .docx file: %w", err))
	}
	if len(z.File) > templatePartsMax {
		return nil, wrong(fmt.Errorf("it holds %d parts", len(z.File)))
	}
	var parts []part
	seen, left := map[string]bool{}, int64(unpackedBytesMax)
	for _, entry := range z.File {
		if strings.HasSuffix(entry.Name, "/") {
			continue
		}
		if seen[entry.Name] || !filepath.IsLocal(entry.Name) {
			return nil, wrong(fmt.Errorf("part %q comes twice or has no proper name", entry.Name))
		}
		if filepath.Base(entry.Name) == "vbaProject.bin" {
			return nil, wrong(errors.New("it holds macros"))
		}
		seen[entry.Name] = true
		content, err := readPart(entry, left)
		if err != nil {
			return nil, wrong(fmt.Errorf("%s: %w", entry.Name, err))
		}
		left -= int64(len(content))
		parts = append(parts, part{entry.Name, content})
	}
	return parts, nil
}

func readPart(entry *zip.File, limit int64) ([]byte, error) {
	r, err := entry.Open()
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err := errors.Join(err, r.Close()); err != nil {
		return nil, err
	}
	if int64(len(content)) > limit {
		return nil, fmt.Errorf("it unpacks to more than %d MB", unpackedBytesMax>>20)
	}
	return content, nil
}

// pack writes the parts in the template's order.
func pack(parts []part) ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, p := range parts {
		w, err := z.CreateHeader(&zip.FileHeader{Name: p.name, Method: zip.Deflate, Modified: packedAt})
		if err == nil {
			_, err = w.Write(p.content)
		}
		if err != nil {
			return nil, fail("write document", p.name, hintDisk, err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fail("write document", "", hintDisk, err)
	}
	return out.Bytes(), nil
}
