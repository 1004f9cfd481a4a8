package site

import (
	"strconv"

	"claimsaudit/pipeline/report"
)

// column says how a column looks: class "n" is a number, "code" an id, "long" wraps, "word" does not.
type column struct {
	title, class string
}

// cell is one cell; key is what a number is sorted by.
type cell struct {
	text, sub, href, tone string
	key                   int64
	hasKey                bool
}

// table is a list on a page. A search has a label; first names the rows, so it is their header.
type table struct {
	id, caption string
	columns     []column
	rows        [][]cell
	foot        []cell
	search      string
	unit        string // what the search counts, 家 or 人
	sortable    bool
	empty       string // said when there are no rows
}

// shortTable is how many rows stay together on one sheet of paper.
const shortTable = 12

func words(s string) cell { return cell{text: s} }

func money(c report.Cents) cell {
	x := cell{text: c.String(), key: int64(c), hasKey: true}
	if c == 0 {
		x.text, x.tone = "—", "zero"
	}
	return x
}

// sum is an amount that is shown also when it is zero.
func sum(c report.Cents) cell { return cell{text: c.String(), key: int64(c), hasKey: true} }

func count(n int64) cell {
	x := cell{text: report.Grouped(n), key: n, hasKey: true}
	if n == 0 {
		x.text, x.tone = "—", "zero"
	}
	return x
}

func linked(text, sub, href string) cell { return cell{text: text, sub: sub, href: href} }

// table writes t within its own scrolling box.
func (d *doc) table(t table) {
	if len(t.rows) == 0 {
		d.add(raw(`<p class="empty">`), t.empty, raw("</p>\n"))
		return
	}
	if t.search != "" {
		d.add(raw(`<p class="search"><label>`), t.search, raw(`<input type="search" autocomplete="off" spellcheck="false" data-table="`), t.id,
			raw(`" data-unit="`), t.unit, raw(`"></label><span class="found" role="status"></span></p>`), raw("\n"))
	}
	class := "scroll"
	if len(t.rows) <= shortTable {
		class = "scroll short"
	}
	d.add(raw(`<div class="`), class, raw(`" tabindex="0" role="region" aria-label="`), t.caption, raw(`"><table`))
	if t.id != "" {
		d.add(raw(` id="`), t.id, raw(`"`))
	}
	if t.sortable {
		d.add(raw(` class="sortable"`))
	}
	d.add(raw(`><caption>`), t.caption, raw("</caption>\n<thead><tr>"))
	for _, c := range t.columns {
		d.add(raw(`<th scope="col"`), classOf(c.class, ""), raw(`>`), c.title, raw("</th>"))
	}
	d.add(raw("</tr></thead>\n<tbody>\n"))
	for _, row := range t.rows {
		d.row(t.columns, row)
	}
	d.add(raw("</tbody>\n"))
	if t.foot != nil {
		d.add(raw("<tfoot>\n"))
		d.row(t.columns, t.foot)
		d.add(raw("</tfoot>\n"))
	}
	d.add(raw("</table></div>\n"))
}

// row is where a site spends its time: it appends without a detour.
func (d *doc) row(columns []column, row []cell) {
	b := append(d.b, "<tr>"...)
	for i, x := range row {
		end := "</td>"
		if i == 0 {
			b, end = append(b, `<th scope="row"`...), "</th>"
		} else {
			b = append(b, "<td"...)
		}
		b = append(b, classOf(columns[i].class, x.tone)...)
		if x.hasKey {
			b = append(strconv.AppendInt(append(b, ` data-key="`...), x.key, 10), '"')
		}
		b = append(b, '>')
		if x.href != "" {
			b = append(appendText(append(b, `<a href="`...), x.href), `">`...)
			b = append(appendText(b, x.text), "</a>"...)
		} else {
			b = appendText(b, x.text)
		}
		if x.sub != "" {
			b = append(appendText(append(b, `<span class="sub">`...), x.sub), "</span>"...)
		}
		b = append(b, end...)
	}
	d.b = append(b, "</tr>\n"...)
}

func classOf(class, tone string) raw {
	switch {
	case class == "" && tone == "":
		return ""
	case class == "" || tone == "":
		return raw(` class="` + class + tone + `"`)
	}
	return raw(` class="` + class + " " + tone + `"`)
}
