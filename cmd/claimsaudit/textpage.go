package main

import (
	"fmt"
	"io"
	"strings"
)

// textPage writes sections of fields and aligned tables for the terminal.
type textPage struct {
	b strings.Builder
}

func (p *textPage) section(title string) {
	if p.b.Len() > 0 {
		p.b.WriteByte('\n')
	}
	p.b.WriteString(title + "\n")
}

// field writes a name and its value; an empty value is left out.
func (p *textPage) field(name, value string) {
	if value != "" {
		fmt.Fprintf(&p.b, "  %s%s %s\n", name, strings.Repeat(" ", max(1, 22-len(name))), value)
	}
}

func (p *textPage) note(text string) { p.b.WriteString("  " + text + "\n") }

// table aligns rows below their names. Columns empty throughout are left out; a name that begins with # is a number.
func (p *textPage) table(names []string, rows [][]string) {
	if len(rows) == 0 {
		p.note("none")
		return
	}
	widths := make([]int, len(names))
	for _, row := range rows {
		for i, text := range row {
			widths[i] = max(widths[i], displayWidth(text))
		}
	}
	line := func(cells []string) {
		var out strings.Builder
		for i, text := range cells {
			if widths[i] == 0 {
				continue
			}
			pad := strings.Repeat(" ", max(widths[i], displayWidth(strings.TrimPrefix(names[i], "#")))-displayWidth(text))
			if strings.HasPrefix(names[i], "#") {
				text = pad + text
			} else {
				text += pad
			}
			out.WriteString("  " + text)
		}
		p.b.WriteString(strings.TrimRight(out.String(), " ") + "\n")
	}
	head := make([]string, len(names))
	for i, name := range names {
		head[i] = strings.TrimPrefix(name, "#")
	}
	line(head)
	for _, row := range rows {
		line(row)
	}
}

func (p *textPage) writeTo(w io.Writer) error {
	_, err := io.WriteString(w, p.b.String())
	return err
}
