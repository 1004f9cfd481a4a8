package decode

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// span is a field's place in the text of its record.
type span struct{ a, b int32 }

// splitPlain appends the fields of a record without quotes to f.
func splitPlain(rec []byte, sep byte, f []span) []span {
	const low7 = ^uint64(highBits)
	pattern := uint64(sep) * 0x0101010101010101
	start, i := int32(0), 0
	for ; i+8 <= len(rec); i += 8 {
		x := binary.LittleEndian.Uint64(rec[i:]) ^ pattern
		m := ^((x&low7 + low7) | x | low7) // high bit set where the byte is sep
		for m != 0 {
			end := int32(i + bits.TrailingZeros64(m)>>3)
			f = append(f, span{start, end})
			start = end + 1
			m &= m - 1
		}
	}
	for ; i < len(rec); i++ {
		if rec[i] == sep {
			f = append(f, span{start, int32(i)})
			start = int32(i) + 1
		}
	}
	return append(f, span{start, int32(len(rec))})
}

// splitQuoted puts the fields of a well-formed record into w.fields and returns
// the text they lie in: the record, followed by the content of those fields
// that hold doubled quotes.
func (w *textWorker) splitQuoted(rec []byte) []byte {
	base, f := rec, w.fields[:0]
	for i := 0; ; {
		if q := pastBlanks(rec, i, w.sep); q < len(rec) && rec[q] == '"' {
			i = q
			a, b, isDoubled := closingQuote(rec, i+1)
			if isDoubled {
				if len(base) == len(rec) { // rec may be part of a shared buffer
					base = append(make([]byte, 0, 2*len(rec)), rec...)
				}
				start := len(base)
				base = appendUnquoted(base, rec[a:b])
				f = append(f, span{int32(start), int32(len(base))})
			} else {
				f = append(f, span{int32(a), int32(b)})
			}
			i = b + 1
			for i < len(rec) && rec[i] != w.sep { // blanks
				i++
			}
		} else {
			a := i
			if k := bytes.IndexByte(rec[i:], w.sep); k >= 0 {
				i += k
			} else {
				i = len(rec)
			}
			f = append(f, span{int32(a), int32(i)})
		}
		if i >= len(rec) {
			break
		}
		i++ // the separator
	}
	w.fields = f
	return base
}

// pastBlanks is the place behind the blanks and TABs at i that are not the separator: a quote there opens a field.
func pastBlanks(b []byte, i int, sep byte) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\t') && b[i] != sep {
		i++
	}
	return i
}

// closingQuote finds the content a..b of a quoted field and whether it holds
// doubled quotes.
func closingQuote(rec []byte, a int) (from, to int, isDoubled bool) {
	for i := a; i < len(rec); i++ {
		if rec[i] != '"' {
			continue
		}
		if i+1 < len(rec) && rec[i+1] == '"' {
			isDoubled = true
			i++
			continue
		}
		return a, i, isDoubled
	}
	return a, len(rec), isDoubled
}

func appendUnquoted(dst, quoted []byte) []byte {
	for i := 0; i < len(quoted); i++ {
		dst = append(dst, quoted[i])
		if quoted[i] == '"' {
			i++
		}
	}
	return dst
}

// isEdge marks the bytes at which a value may begin or end with something that
// is trimmed: blank, TAB, and the ends of NBSP (C2 A0) and U+3000 (E3 80 80).
var isEdge = [256]bool{' ': true, '\t': true, 0xC2: true, 0xE3: true, 0xA0: true, 0x80: true}

// trim cuts blanks, TABs, NBSP and U+3000 off both ends.
func trim(v []byte) []byte {
	for len(v) > 0 && isEdge[v[0]] {
		switch {
		case v[0] == ' ' || v[0] == '\t':
			v = v[1:]
		case len(v) > 1 && v[0] == 0xC2 && v[1] == 0xA0:
			v = v[2:]
		case len(v) > 2 && v[0] == 0xE3 && v[1] == 0x80 && v[2] == 0x80:
			v = v[3:]
		default:
			return trimRight(v)
		}
	}
	return trimRight(v)
}

func trimRight(v []byte) []byte {
	for len(v) > 0 && isEdge[v[len(v)-1]] {
		n := len(v)
		switch {
		case v[n-1] == ' ' || v[n-1] == '\t':
			v = v[:n-1]
		case n > 1 && v[n-2] == 0xC2 && v[n-1] == 0xA0:
			v = v[:n-2]
		case n > 2 && v[n-3] == 0xE3 && v[n-2] == 0x80 && v[n-1] == 0x80:
			v = v[:n-3]
		default:
			return v
		}
	}
	return v
}

// isMissing reports whether a trimmed value stands for none.
func isMissing(v []byte) bool {
	switch len(v) {
	case 0:
		return true
	case 3:
		return string(v) == "nan"
	case 4:
		return string(v) == "null" || string(v) == "NULL"
	}
	return false
}
