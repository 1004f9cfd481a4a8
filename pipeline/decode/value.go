package decode

import (
	"encoding/binary"
	"math"
	"unicode/utf8"
)

// parseDecimal reads an exact decimal with at most scale significant decimals
// as an integer times 10^scale.
func parseDecimal(v []byte, scale int) (int64, fault) {
	i, isNegative := 0, false
	if len(v) > 0 && (v[0] == '-' || v[0] == '+') {
		isNegative = v[0] == '-'
		i = 1
	}
	first := i
	var n uint64
	isBig, group, commas := false, 0, 0
	for ; i < len(v); i++ {
		d := v[i] - '0'
		if d > 9 {
			if v[i] != ',' || group == 0 || group > 3 || commas > 0 && group != 3 {
				break
			}
			commas, group = commas+1, 0
			continue
		}
		n, isBig = addDigit(n, d, isBig)
		group++
	}
	if i == first || group == 0 || commas > 0 && group != 3 {
		return 0, faultAmountForm
	}
	left := scale
	if i < len(v) {
		if v[i] != '.' || i+1 == len(v) {
			return 0, faultAmountForm
		}
		isFiner := false
		for i++; i < len(v); i++ {
			d := v[i] - '0'
			switch {
			case d > 9:
				return 0, faultAmountForm
			case left > 0:
				n, isBig = addDigit(n, d, isBig)
				left--
			case d != 0:
				isFiner = true
			}
		}
		if isFiner {
			return 0, faultDecimals
		}
	}
	for ; left > 0; left-- {
		n, isBig = addDigit(n, 0, isBig)
	}
	if isBig {
		return 0, faultAmountRange
	}
	if isNegative {
		return -int64(n), noFault
	}
	return int64(n), noFault
}

// addDigit is 10n+d, and whether that or anything before did not fit int64.
func addDigit(n uint64, d byte, isBig bool) (uint64, bool) {
	const most = math.MaxInt64
	if n > most/10 || n == most/10 && uint64(d) > most%10 {
		return n, true
	}
	return n*10 + uint64(d), isBig
}

// parseInt reads a whole number.
func parseInt(v []byte) (int32, fault) {
	n, f := parseDecimal(v, 0)
	if f == faultAmountForm || f == faultDecimals {
		return 0, faultInt
	}
	if f != noFault || n > math.MaxInt32 || n < math.MinInt32 {
		return 0, faultAmountRange
	}
	return int32(n), noFault
}

// dayCache remembers the last day read: times of neighbouring rows share it.
type dayCache struct {
	text [10]byte
	days int32
}

// parseTime reads one of the accepted forms as days since 1970-01-01 and
// seconds of the day.
func (c *dayCache) parseTime(v []byte) (days, seconds int32, f fault) {
	if len(v) >= 10 && v[4] == '-' {
		if string(v[:10]) == string(c.text[:]) {
			days = c.days
		} else {
			if v[7] != '-' {
				return 0, 0, faultTime
			}
			days, f = dayOf(number(v[:4]), number(v[5:7]), number(v[8:10]))
			if f != noFault {
				return 0, 0, f
			}
			copy(c.text[:], v)
			c.days = days
		}
		seconds, f = clockOf(v[10:])
		return days, seconds, f
	}
	if n := len(v); n != 8 && n != 14 && n != 17 {
		return 0, 0, faultTime
	}
	if !allDigits(v) {
		return 0, 0, faultTime
	}
	days, f = dayOf(number(v[:4]), number(v[4:6]), number(v[6:8]))
	if f == noFault && len(v) > 8 {
		seconds, f = secondsOf(number(v[8:10]), number(v[10:12]), number(v[12:14]))
	}
	return days, seconds, f
}

// clockOf reads what follows yyyy-MM-dd: nothing, or HH:mm:ss after a blank, a T
// or nothing, with a fraction and +08:00 that are dropped.
func clockOf(v []byte) (int32, fault) {
	if len(v) == 0 {
		return 0, noFault
	}
	if v[0] == ' ' || v[0] == 'T' {
		v = v[1:]
	}
	if len(v) < 8 || v[2] != ':' || v[5] != ':' {
		return 0, faultTime
	}
	seconds, f := secondsOf(number(v[:2]), number(v[3:5]), number(v[6:8]))
	if f != noFault || len(v) == 8 {
		return seconds, f
	}
	v = v[8:]
	if v[0] == '.' {
		i := 1
		for i < len(v) && v[i]-'0' <= 9 {
			i++
		}
		if i == 1 {
			return 0, faultTime
		}
		v = v[i:]
	}
	if len(v) > 0 && string(v) != "+08:00" {
		return 0, faultTime
	}
	return seconds, noFault
}

// number reads up to four digits; anything else gives a negative number.
func number(v []byte) int {
	n := 0
	for _, c := range v {
		d := c - '0'
		if d > 9 {
			return -10000
		}
		n = n*10 + int(d)
	}
	return n
}

func secondsOf(h, m, s int) (int32, fault) {
	if h < 0 || m < 0 || s < 0 {
		return 0, faultTime
	}
	if h > 23 || m > 59 || s > 59 {
		return 0, faultClock
	}
	return int32(h*3600 + m*60 + s), noFault
}

var monthDays = [13]int{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

// dayOf is the number of days from 1970-01-01 to a day of the calendar.
func dayOf(y, m, d int) (int32, fault) {
	if y < 0 || m < 0 || d < 0 {
		return 0, faultTime
	}
	if y == 0 || m == 0 || m > 12 || d == 0 {
		return 0, faultDay
	}
	last := monthDays[m]
	if m == 2 && y%4 == 0 && (y%100 != 0 || y%400 == 0) {
		last = 29
	}
	if d > last {
		return 0, faultDay
	}
	if m <= 2 { // count years from March, so that a leap day comes last
		y, m = y-1, m+12
	}
	return int32(365*y + y/4 - y/100 + y/400 + (153*(m-3)+2)/5 + d - 1 - 719468), noFault
}

// allDigits reports whether v consists of ASCII digits.
func allDigits(v []byte) bool {
	i := 0
	for ; i+8 <= len(v); i += 8 {
		x := binary.LittleEndian.Uint64(v[i:])
		if x&0xF0F0F0F0F0F0F0F0 != 0x3030303030303030 || (x+0x0606060606060606)&0xF0F0F0F0F0F0F0F0 != 0x3030303030303030 {
			return false
		}
	}
	for ; i < len(v); i++ {
		if v[i]-'0' > 9 {
			return false
		}
	}
	return true
}

// isNumberForm reports whether v looks like a number that went through a
// format: 5.2E+25, 1E5, 123.0. Digits alone do not, nor does an id with a
// letter E far from its end.
func isNumberForm(v []byte) bool {
	if len(v) == 0 || v[0]-'0' > 9 && v[0] != '-' && v[0] != '+' && v[0] != '.' || allDigits(v) {
		return false
	}
	i := 0
	if v[0] == '-' || v[0] == '+' {
		i = 1
	}
	whole := digits(v[i:])
	i += whole
	fraction := -1
	if i < len(v) && v[i] == '.' {
		fraction = digits(v[i+1:])
		i += 1 + fraction
	}
	if whole+max(fraction, 0) == 0 {
		return false
	}
	if i == len(v) {
		return fraction >= 0
	}
	if v[i] != 'e' && v[i] != 'E' {
		return false
	}
	i++
	isSigned := i < len(v) && (v[i] == '+' || v[i] == '-')
	if isSigned {
		i++
	}
	exponent := digits(v[i:])
	return exponent > 0 && i+exponent == len(v) && (isSigned || fraction >= 0 || exponent <= 3)
}

// digits counts the ASCII digits v begins with.
func digits(v []byte) int {
	n := 0
	for n < len(v) && v[n]-'0' <= 9 {
		n++
	}
	return n
}

// normalCode appends a practitioner code to dst: half-width, upper case, trimmed.
func normalCode(dst, v []byte) []byte {
	for len(v) > 0 {
		r, n := utf8.DecodeRune(v)
		switch {
		case r >= 0xFF01 && r <= 0xFF5E:
			r -= 0xFEE0
		case r == 0x3000:
			r = ' '
		}
		if r >= 'a' && r <= 'z' {
			r -= 'a' - 'A'
		}
		dst = utf8.AppendRune(dst, r)
		v = v[n:]
	}
	return trim(dst)
}

// PractitionerCode is a practitioner code as every feed holds it, whatever way it was typed.
func PractitionerCode(text string) string { return string(normalCode(nil, []byte(text))) }

// isNormalCode reports whether normalCode would change nothing.
func isNormalCode(v []byte) bool {
	for _, c := range v {
		if c >= utf8.RuneSelf || c >= 'a' && c <= 'z' {
			return false
		}
	}
	return true
}

// maxCents is the largest amount of the national interface, 16 digits with two decimals. More is another column's value
// in the wrong place.
const maxCents = 9_999_999_999_999_999

// parseCents reads an amount of yuan as cents.
func parseCents(v []byte) (int64, fault) {
	n, f := parseDecimal(v, 2)
	if n > maxCents || n < -maxCents {
		return 0, faultAmountRange
	}
	return n, f
}
