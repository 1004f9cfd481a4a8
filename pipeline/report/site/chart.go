package site

import (
	"encoding/json"
	"fmt"
	"strings"

	"claimsaudit/pipeline/report"
)

// The kinds of chart that site.js draws.
const (
	kindTrend = "trend" // months along, amounts up
	kindBars  = "bars"  // one bar a line, stacked
	kindLine  = "line"  // months along, per cent up, a limit
)

// chart is a picture with its figures: whoever cannot see it, or prints without it, has the table.
type chart struct {
	id, title, head string // head is the title of the first column of the table
	kind, unit      string
	labels          []string
	series          []series
	limit           string // per cent, "" without
	small           bool
}

// series is one line or one colour. values are plain decimals, "" where nothing is known.
type series struct {
	name, tone string
	values     []string
}

// figures marshals exact decimals as JSON numbers.
type figures []string

// MarshalJSON writes the numbers as they are and null for what is not known.
func (f figures) MarshalJSON() ([]byte, error) {
	var b strings.Builder
	b.WriteByte('[')
	for i, v := range f {
		if i > 0 {
			b.WriteByte(',')
		}
		if v == "" {
			v = "null"
		}
		b.WriteString(v)
	}
	b.WriteByte(']')
	return []byte(b.String()), nil
}

type seriesData struct {
	Name   string  `json:"name"`
	Tone   string  `json:"tone"`
	Values figures `json:"values"`
}

type chartData struct {
	Kind   string       `json:"kind"`
	Unit   string       `json:"unit"`
	Labels []string     `json:"labels"`
	Series []seriesData `json:"series"`
	Limit  figures      `json:"limit"`
}

// chart writes the picture's place, its data and its table.
func (d *doc) chart(c chart) error {
	data := chartData{Kind: c.kind, Unit: c.unit, Labels: c.labels, Limit: figures{c.limit}}
	for _, s := range c.series {
		data.Series = append(data.Series, seriesData{s.name, s.tone, s.values})
	}
	text, err := json.Marshal(data) // escapes <, > and &: nothing in it can end the element
	if err != nil {
		return fmt.Errorf("chart %s: %w", c.id, err)
	}
	class := "figure"
	if c.small {
		class += " small"
	}
	d.add(raw(`<figure class="`), class, raw(`"><figcaption>`), c.title)
	if c.unit != "" {
		d.add(raw(`<small>单位：`), c.unit, raw(`</small>`))
	}
	d.add(raw(`</figcaption>`), raw("\n"), raw(`<div class="chart" id="`), c.id, raw(`" role="img" aria-label="`), c.said(), raw(`"></div>`),
		raw(`<script type="application/json" data-chart="`), c.id, raw(`">`), raw(text), raw("</script>\n"), raw(`<details><summary>数据表</summary>`), raw("\n"))
	d.table(c.table())
	d.add(raw("</details></figure>\n"))
	return nil
}

// said is the chart in a sentence, for who hears the page.
func (c chart) said() string {
	names := make([]string, len(c.series))
	for i, s := range c.series {
		names[i] = s.name
	}
	text := c.title + "。" + strings.Join(names, "、")
	if len(c.labels) > 1 {
		text += "，" + c.labels[0] + "至" + c.labels[len(c.labels)-1]
	}
	if c.limit != "" {
		text += "，阈值 " + c.limit + "%"
	}
	return text + "。数字见下面的数据表。"
}

func (c chart) table() table {
	t := table{caption: c.title, columns: []column{{c.head, "long"}}, empty: "没有数据。"}
	for _, s := range c.series {
		title := s.name
		if c.unit != "" {
			title += "（" + c.unit + "）"
		}
		t.columns = append(t.columns, column{title, "n"})
	}
	for i, label := range c.labels {
		row := []cell{words(label)}
		for _, s := range c.series {
			row = append(row, words(orDash(thousands(s.values[i]))))
		}
		t.rows = append(t.rows, row)
	}
	return t
}

// thousands sets commas into a plain decimal.
func thousands(v string) string {
	units, decimals, hasPoint := strings.Cut(v, ".")
	sign := ""
	if strings.HasPrefix(units, "-") {
		sign, units = "-", units[1:]
	}
	for at := len(units) - 3; at > 0; at -= 3 {
		units = units[:at] + "," + units[at:]
	}
	if hasPoint {
		units += "." + decimals
	}
	return sign + units
}

// plain is an amount as a JSON number, in yuan.
func plain(c report.Cents) string {
	sign, n := "", int64(c)
	if n < 0 {
		sign, n = "-", -n
	}
	return fmt.Sprintf("%s%d.%02d", sign, n/100, n%100)
}
