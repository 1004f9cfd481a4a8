package main

import (
	"strings"

	"golang.org/x/text/encoding/simplifiedchinese"

	"claimsaudit/pipeline"
)

// encode writes the rows of a file in its dress, without the outer compression.
func encode(f file, recs []rec) ([]byte, error) {
	feed := pipeline.FeedNamed(f.feed)
	cols := f.dress.columns(feed)
	switch f.dress.form {
	case "xlsx":
		return workbook(f.dress, feed, cols, recs)
	case "parquet", "parquet-text":
		return parquetFile(f.dress, feed, cols, recs)
	}
	d := f.dress
	var b strings.Builder
	if d.bom {
		b.WriteString("\uFEFF")
	}
	var fields []string
	for _, c := range cols {
		fields = append(fields, d.name(c))
	}
	d.record(&b, fields)
	for _, r := range recs {
		fields = fields[:0]
		for _, c := range cols {
			fields = append(fields, d.value(c, r.v[c.Name]))
		}
		if r.cut > 0 {
			fields = fields[:r.cut]
		}
		if r.more != "" {
			fields = append(fields, r.more)
		}
		d.record(&b, fields)
	}
	if d.gb {
		s, err := simplifiedchinese.GB18030.NewEncoder().String(b.String())
		return []byte(s), err
	}
	return []byte(b.String()), nil
}

// columns are the feed's, in file order, with an unknown one in a reversed file.
func (d dress) columns(feed *pipeline.Feed) []pipeline.Column {
	if !d.reverse {
		return feed.Columns
	}
	out := []pipeline.Column{{Name: "bkkp_sn"}}
	for i := len(feed.Columns) - 1; i >= 0; i-- {
		out = append(out, feed.Columns[i])
	}
	return out
}

func (d dress) name(c pipeline.Column) string {
	switch d.header {
	case "upper":
		return strings.ToUpper(c.Name)
	case "camel":
		words := strings.Split(c.Name, "_")
		for i, w := range words[1:] {
			words[i+1] = strings.ToUpper(w[:1]) + w[1:]
		}
		return strings.Join(words, "")
	case "chinese":
		if h, ok := chinese[c.Name]; ok {
			return h
		}
	}
	return c.Name
}

// value rewrites a canonical value the way the sender writes it. What is not
// canonical (a planted fault, a planted label) goes through as it is.
func (d dress) value(c pipeline.Column, v string) string {
	if v == "" {
		return d.null
	}
	switch c.Type {
	case pipeline.Time:
		if len(v) == len("2006-01-02 15:04:05") && v[10] == ' ' {
			return d.time(v)
		}
	case pipeline.Date:
		switch {
		case len(v) != len("2006-01-02"):
		case d.times == "compact":
			return strings.ReplaceAll(v, "-", "")
		case d.times == "zone":
			return v + " 00:00:00"
		}
	case pipeline.Cents:
		if _, ok := cents(v); ok && d.comma {
			return thousands(v)
		}
	}
	if d.labels {
		if l, ok := labels[c.Name][v]; ok {
			return l
		}
		if flags[c.Name] && (v == "0" || v == "1") {
			return map[string]string{"0": "否", "1": "是"}[v]
		}
	}
	return v
}

func (d dress) time(v string) string {
	switch d.times {
	case "zone":
		return v + "+08:00"
	case "compact":
		return strings.NewReplacer("-", "", " ", "", ":", "").Replace(v)
	case "joined":
		return v[:10] + v[11:]
	}
	return v
}

// thousands groups the digits before the point by three.
func thousands(v string) string {
	sign := ""
	if v[0] == '-' {
		sign, v = "-", v[1:]
	}
	point := strings.IndexByte(v, '.')
	for i := point - 3; i > 0; i -= 3 {
		v = v[:i] + "," + v[i:]
	}
	return sign + v
}

// record writes one record, quoting what has to be quoted.
func (d dress) record(b *strings.Builder, fields []string) {
	for i, f := range fields {
		if i > 0 {
			b.WriteByte(d.sep)
		}
		if d.tabs {
			f += "\t"
		}
		if strings.ContainsAny(f, "\"\r\n"+string(d.sep)) {
			f = `"` + strings.ReplaceAll(f, `"`, `""`) + `"`
		}
		b.WriteString(f)
	}
	if d.crlf {
		b.WriteByte('\r')
	}
	b.WriteByte('\n')
}
