package report

import (
	"bytes"
	"encoding/xml"
	"regexp"
	"slices"
	"strings"
)

// filler fills the placeholders of a template and notes what is wrong with them.
type filler struct {
	blanks  Blanks
	part    string
	unknown map[string]bool
	met     map[string]bool
	faults  []string
}

// placeholder also knows the braces a Chinese keyboard types.
var (
	placeholder = regexp.MustCompile(`(?:\{\{|｛｛)([^{}｛｝]*)(?:\}\}|｝｝)`)
	strayBraces = regexp.MustCompile(`\{\{|\}\}|｛｛|｝｝`)
)

const anyBlank = " \t\r\n\u00a0\u3000"

// children fills what is below n. values are those that hold here: within a repeated row also the row's.
func (f *filler) children(n *node, values map[string]string) {
	kids := make([]*node, 0, len(n.kids))
	for _, k := range n.kids {
		switch {
		case k.name == "w:p":
			kids = append(kids, f.paragraph(k, values)...)
		case k.name == "w:tr" && repeats(k):
			for _, row := range f.blanks.Rows {
				c := k.clone()
				f.children(c, f.rowValues(values, row))
				kids = append(kids, c)
			}
			if len(f.blanks.Rows) == 0 { // looked at all the same: a wrong name in it is a mistake of the template
				f.children(k.clone(), f.rowValues(values, nil))
			}
		default:
			f.children(k, values)
			kids = append(kids, k)
		}
	}
	if n.name == "w:tc" && !endsInParagraph(kids) {
		kids = append(kids, &node{name: "w:p", open: "<w:p/>"}) // a cell without a paragraph is a damaged document
	}
	n.kids = kids
}

func endsInParagraph(kids []*node) bool {
	for i := len(kids) - 1; i >= 0; i-- {
		if kids[i].name != "" {
			return kids[i].name == "w:p"
		}
	}
	return false
}

func (f *filler) rowValues(values, row map[string]string) map[string]string {
	all := make(map[string]string, len(values)+len(f.blanks.RowNames))
	for name, value := range values {
		all[name] = value
	}
	for _, name := range f.blanks.RowNames {
		all[rowPrefix+name] = row[name]
	}
	return all
}

// repeats reports whether a row, rows of tables inside it apart, holds a placeholder of the list.
func repeats(row *node) bool {
	for _, k := range row.kids {
		if k.name == "w:p" {
			text, _ := joined(k.texts())
			for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
				if strings.HasPrefix(nameOf(m[1]), rowPrefix) {
					return true
				}
			}
		}
		if k.name != "w:tr" && repeats(k) {
			return true
		}
	}
	return false
}

func nameOf(written string) string { return strings.Trim(written, anyBlank) }

// joined is the text of a paragraph, which Word cuts into pieces at will, and where each piece begins.
func joined(texts []*node) (text string, starts []int) {
	var b strings.Builder
	for _, t := range texts {
		starts = append(starts, b.Len())
		b.WriteString(t.content())
	}
	return b.String(), starts
}

// paragraph fills one paragraph; what comes of it are none, one, or one for each line of a value that stands alone.
func (f *filler) paragraph(p *node, values map[string]string) []*node {
	f.children(p, values) // text boxes
	text, _ := joined(p.texts())
	if strayBraces.MatchString(placeholder.ReplaceAllString(text, "")) {
		f.faults = append(f.faults, f.part+": braces without their pair in “"+shortened(text)+"”")
	}
	matches := placeholder.FindAllStringSubmatch(text, -1)
	if len(matches) == 0 {
		return []*node{p}
	}
	kept, filled, alone := true, false, ""
	for _, m := range matches {
		name := nameOf(m[1])
		f.met[name] = true
		holds, isCondition := f.blanks.Conditions[name]
		value, isValue := values[name]
		switch {
		case isCondition:
			kept = kept && holds
		case isValue:
			filled, alone = filled || value != "", alone+value
		default:
			f.miss(name)
		}
	}
	plain := strings.Trim(placeholder.ReplaceAllString(text, ""), anyBlank)
	isEmpty := plain == "" && !filled && f.valuesIn(matches) > 0
	if !kept || isEmpty {
		if !p.has("w:sectPr", "w:drawing", "w:pict", "w:object") {
			return nil
		}
		f.replace(p, func(string) string { return "" }, !kept)
		return []*node{p}
	}
	if plain == "" && strings.Contains(alone, "\n") && f.valuesIn(matches) == 1 {
		return f.lines(p, strings.Split(alone, "\n"))
	}
	f.replace(p, func(name string) string { return values[name] }, false)
	return []*node{p}
}

// miss notes a name nobody knows, or one of the list outside a row.
func (f *filler) miss(name string) {
	if short, isRow := strings.CutPrefix(name, rowPrefix); isRow && slices.Contains(f.blanks.RowNames, short) {
		f.faults = append(f.faults, f.part+": {{"+name+"}} stands outside a table row")
		return
	}
	f.unknown[name] = true
}

// valuesIn counts the placeholders that are no conditions.
func (f *filler) valuesIn(matches [][]string) (n int) {
	for _, m := range matches {
		if _, isCondition := f.blanks.Conditions[nameOf(m[1])]; !isCondition {
			n++
		}
	}
	return n
}

// lines makes a paragraph of each line, all formatted alike.
func (f *filler) lines(p *node, lines []string) (all []*node) {
	for i, line := range lines {
		c := p
		if i < len(lines)-1 { // the last is the template's own: what may be in a document only once stays
			c = p.clone()
		}
		f.replace(c, func(name string) string {
			if _, isCondition := f.blanks.Conditions[name]; isCondition {
				return ""
			}
			return line
		}, false)
		all = append(all, c)
	}
	return all
}

// replace puts values in the place of the placeholders; with all, nothing else of the paragraph's text is left either. A
// value takes the format of the piece in which its braces begin.
func (f *filler) replace(p *node, value func(name string) string, all bool) {
	texts := p.texts()
	text, starts := joined(texts)
	out := make([]bytes.Buffer, len(texts))
	changed := make([]bool, len(texts))
	piece := 0
	at := func(offset int) int {
		for piece+1 < len(texts) && starts[piece+1] <= offset {
			piece++
		}
		return piece
	}
	copyText := func(from, to int) {
		for from < to {
			i, end := at(from), to
			if i+1 < len(starts) {
				end = min(end, starts[i+1])
			}
			writeText(&out[i], strings.NewReplacer("\n", " ", "\t", " ").Replace(text[from:end])) // as Word reads them in a text element
			from = end
		}
	}
	last := 0
	for _, m := range placeholder.FindAllStringSubmatchIndex(text, -1) {
		if !all {
			copyText(last, m[0])
		}
		i := at(m[0])
		writeText(&out[i], value(nameOf(text[m[2]:m[3]])))
		for j := i; j < len(texts) && starts[j] < m[1]; j++ {
			changed[j] = true
		}
		last = m[1]
	}
	if !all {
		copyText(last, len(text))
	}
	for i, t := range texts {
		if changed[i] || all {
			t.open, t.close = `<w:t xml:space="preserve">`, `</w:t>`
			t.kids = []*node{{open: out[i].String()}}
		}
	}
}

// writeText escapes text; a line break and a tab are elements of their own.
func writeText(b *bytes.Buffer, text string) {
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			b.WriteString(`</w:t><w:br/><w:t xml:space="preserve">`)
		}
		for j, cell := range strings.Split(line, "\t") {
			if j > 0 {
				b.WriteString(`</w:t><w:tab/><w:t xml:space="preserve">`)
			}
			_ = xml.EscapeText(b, []byte(strings.ToValidUTF8(cell, "\uFFFD"))) // a buffer takes everything
		}
	}
}

func shortened(text string) string {
	if r := []rune(text); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return text
}
