package decode

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/transform"
)

// gbTable decodes GB18030. Two-byte characters, practically all there are, come
// from a table filled by x/text; four-byte ones go to x/text each time.
type gbTable struct {
	// double holds, by the two bytes, the UTF-8 of a character in its low three
	// bytes and its length in the high one; 0 if there is no such character.
	double [1 << 16]uint32
	dec    transform.Transformer
}

func newGBTable() *gbTable {
	t := &gbTable{dec: simplifiedchinese.GB18030.NewDecoder()}
	var out [8]byte
	for lead := 0x81; lead < 0xFF; lead++ {
		for trail := 0x40; trail < 0xFF; trail++ {
			n, used, err := t.dec.Transform(out[:], []byte{byte(lead), byte(trail)}, true)
			if trail == 0x7F || err != nil || used != 2 || n > 3 || string(out[:n]) == "\uFFFD" {
				continue
			}
			t.double[lead<<8|trail] = uint32(out[0]) | uint32(out[1])<<8 | uint32(out[2])<<16 | uint32(n)<<24
		}
	}
	return t
}

// lookup is the table's entry for two bytes, 0 if they are no character.
func (t *gbTable) lookup(lead, trail byte) uint32 { return t.double[uint16(lead)<<8|uint16(trail)] }

// other decodes what the table does not hold: how many bytes to take and the
// character, RuneError if they are none.
func (t *gbTable) other(b []byte) (int, rune) {
	if b[0] == 0x80 {
		return 1, '€' // as Windows writes it
	}
	if len(b) >= 4 && b[1] >= '0' && b[1] <= '9' {
		var out [8]byte
		n, used, err := t.dec.Transform(out[:], b[:4], true)
		if r, size := utf8.DecodeRune(out[:n]); err == nil && used == 4 && size == n {
			if r != utf8.RuneError || isReplacement(b) {
				return 4, r
			}
		}
	}
	return 1, utf8.RuneError
}

// isReplacement reports whether b begins with U+FFFD itself.
func isReplacement(b []byte) bool {
	return b[0] == 0x84 && b[1] == 0x31 && b[2] == 0xA4 && b[3] == 0x37
}

// decode appends src in UTF-8 to dst and reports whether anything could not be
// decoded; that became U+FFFD.
func (t *gbTable) decode(dst, src []byte) (out []byte, bad bool) {
	if need := len(dst) + 3*len(src) + 8; cap(dst) < need {
		dst = append(make([]byte, 0, need), dst...)
	}
	n := len(dst)
	dst = dst[:cap(dst)]
	for i := 0; i < len(src); {
		if i+8 <= len(src) { // copy eight bytes, keep those before the first that is not ASCII
			x := binary.LittleEndian.Uint64(src[i:])
			binary.LittleEndian.PutUint64(dst[n:], x)
			k := bits.TrailingZeros64(x&highBits) / 8
			i, n = i+k, n+k
			if k == 8 {
				continue
			}
		} else if src[i] < utf8.RuneSelf {
			dst[n] = src[i]
			i, n = i+1, n+1
			continue
		}
		from := i
		for i+1 < len(src) {
			e := t.lookup(src[i], src[i+1])
			if e == 0 {
				break
			}
			binary.LittleEndian.PutUint32(dst[n:], e)
			n += int(e >> 24)
			i += 2
		}
		if i > from || i == len(src) {
			continue
		}
		size, r := t.other(src[i:])
		bad = bad || r == utf8.RuneError && size == 1
		n += utf8.EncodeRune(dst[n:], r)
		i += size
	}
	return dst[:n], bad
}

// countBad counts the sequences of b that are no GB18030.
func (t *gbTable) countBad(b []byte) int {
	bad := 0
	for i := 0; i < len(b); {
		if b[i] < utf8.RuneSelf {
			k := indexNonASCII(b[i:])
			if k < 0 {
				return bad
			}
			i += k
		}
		if i+1 < len(b) && t.lookup(b[i], b[i+1]) != 0 {
			i += 2
			continue
		}
		size, r := t.other(b[i:])
		if r == utf8.RuneError && size == 1 {
			bad++
		}
		i += size
	}
	return bad
}

// gbLen is the number of bytes of the character at the beginning of b, by the
// rules decode follows for structure.
func gbLen(b []byte) int {
	switch {
	case b[0] <= 0x80 || b[0] == 0xFF || len(b) < 2:
		return 1
	case b[1] >= 0x40 && b[1] != 0x7F && b[1] != 0xFF:
		return 2
	case len(b) >= 4 && b[1] >= '0' && b[1] <= '9' && b[2] >= 0x81 && b[2] < 0xFF && b[3] >= '0' && b[3] <= '9':
		return 4
	}
	return 1
}

const highBits = 0x8080808080808080

// indexNonASCII is the index of the first byte ≥ 0x80, or -1.
func indexNonASCII(b []byte) int {
	i := 0
	for ; i+8 <= len(b); i += 8 {
		if m := binary.LittleEndian.Uint64(b[i:]) & highBits; m != 0 {
			return i + bits.TrailingZeros64(m)/8
		}
	}
	for ; i < len(b); i++ {
		if b[i] >= utf8.RuneSelf {
			return i
		}
	}
	return -1
}
