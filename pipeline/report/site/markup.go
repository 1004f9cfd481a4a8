package site

import (
	"strings"
	"unicode/utf8"
)

// raw is markup of ours; any other string is text and is escaped.
type raw string

// doc gathers one page.
type doc struct{ b []byte }

// add appends markup (raw) and text (string, escaped).
func (d *doc) add(parts ...any) {
	for _, part := range parts {
		switch x := part.(type) {
		case raw:
			d.b = append(d.b, x...)
		case string:
			d.b = appendText(d.b, x)
		}
	}
}

// appendText appends s so that it is text within an element and within a quoted attribute. Control characters, which no
// page may hold, and undecodable bytes become U+FFFD, as do marks that turn the direction of what follows.
func appendText(b []byte, s string) []byte {
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' {
				b = append(b, "\uFFFD"...)
			} else {
				b = append(b, s[i:i+n]...)
			}
			i += n
			continue
		}
		switch {
		case c == '&':
			b = append(b, "&amp;"...)
		case c == '<':
			b = append(b, "&lt;"...)
		case c == '>':
			b = append(b, "&gt;"...)
		case c == '"':
			b = append(b, "&#34;"...)
		case c == '\'':
			b = append(b, "&#39;"...)
		case c < ' ' && c != '\n' && c != '\t' || c == 0x7f:
			b = append(b, "\uFFFD"...)
		default:
			b = append(b, c)
		}
		i++
	}
	return b
}

// orDash stands for what is not there.
func orDash(s string) string {
	if strings.TrimSpace(s) == "" {
		return "—"
	}
	return s
}
