package twin

import (
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// row is one cleaned, decoded and typed row: contract column → canonical text.
// A missing value has no entry; amounts are whole cents.
type row map[string]string

func (r row) equal(o row) bool { return maps.Equal(r, o) }

func (r row) key(columns []string) string {
	parts := make([]string, len(columns))
	for i, c := range columns {
		parts[i] = r[c]
	}
	return strings.Join(parts, "\x00")
}

func (r row) has(column string) bool { _, ok := r[column]; return ok }

// number is a scaled integer column, 0 when missing.
func (r row) number(column string) int64 {
	if !r.has(column) {
		return 0
	}
	n, err := strconv.ParseInt(r[column], 10, 64)
	if err != nil {
		panic(err) // typed wrote it
	}
	return n
}

// day is the date of a date or time column, noDay when missing.
func (r row) day(column string) Day {
	if !r.has(column) {
		return noDay
	}
	return MustDay(r[column][:10])
}

// month is the yyyy-MM of a time column, "" when missing.
func (r row) month(column string) string {
	if !r.has(column) {
		return ""
	}
	return r[column][:7]
}

// labels are the built-in words for codes, by column; flags share theirs.
var labels = map[string]map[string]string{
	"med_type":        {"急诊": "13", "急诊转住院": "24", "普通住院": "21", "普通门诊": "11"},
	"mdtrt_cert_type": {"医保电子凭证": "01"},
	"status":          {"正常": "normal", "暂停": "suspended", "中止": "suspended", "终止": "terminated"},
	"_flag":           {"是": "1", "否": "0"},
}

func decode(column, v string) string {
	group := column
	if strings.HasSuffix(column, "_flag") {
		group = "_flag"
	}
	if c, ok := labels[group][v]; ok {
		return c
	}
	return v
}

// normalCode is the form in which practitioner codes are compared.
func normalCode(v string) string {
	v = strings.Trim(v, " \t\u3000")
	v = strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			return r - '！' + '!'
		}
		return r
	}, v)
	return strings.ToUpper(v)
}

// trimmed drops blanks and TABs and tells whether a value is left.
func trimmed(v string) (string, bool) {
	v = strings.Trim(v, " \t")
	switch v {
	case "", "null", "NULL", "nan":
		return "", false
	}
	return v, true
}

// typed cleans a raw row; false means it is rejected.
func (f feed) typed(raw map[string]string) (row, bool) {
	r := row{}
	for _, c := range f.columns {
		v, given := trimmed(raw[c.name])
		if given {
			var ok bool
			if v, ok = c.value(v); !ok {
				return nil, false
			}
		}
		if v == "" {
			v = c.standard
		}
		if v == "" && c.required {
			return nil, false
		}
		if v != "" {
			r[c.name] = v
		}
	}
	// Articles 29 to 32 give 1-3, 4-6, 7-9 and 10-12 points.
	if article, points := r.number("article"), r.number("points"); r.has("points") && (points < 3*(article-29)+1 || points > 3*(article-29)+3) {
		return nil, false
	}
	return r, true
}

func (f feed) amountOf(raw map[string]string) int64 {
	v, given := trimmed(raw[f.amount])
	if !given {
		return 0
	}
	s, ok := decimal(v, 2)
	if !ok {
		return 0
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

var numberAsID = regexp.MustCompile(`^[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

// value is the canonical text of a value that is not missing.
func (c column) value(v string) (string, bool) {
	switch c.kind {
	case id:
		return v, !numberAsID.MatchString(v) || !strings.ContainsAny(v, ".eE")
	case code:
		return decode(c.name, v), true
	case person:
		return normalCode(v), true
	case enum:
		v = decode(c.name, v)
		return v, slices.Contains(c.allowed, v)
	case cents:
		return decimal(v, 2)
	case cnt:
		return decimal(v, 4)
	case price:
		return decimal(v, 6)
	case whole:
		_, err := strconv.Atoi(v)
		return v, err == nil
	case moment:
		return wallTime(v)
	case date:
		t, ok := wallTime(v)
		if !ok {
			return "", false
		}
		return t[:10], true
	default:
		return v, true
	}
}

var amountForm = regexp.MustCompile(`^([+-]?)([0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.([0-9]+))?$`)

// decimal reads an exact decimal of at most places significant decimals as a scaled integer.
func decimal(v string, places int) (string, bool) {
	m := amountForm.FindStringSubmatch(v)
	if m == nil {
		return "", false
	}
	fraction := strings.TrimRight(m[3], "0")
	if len(fraction) > places {
		return "", false
	}
	fraction += strings.Repeat("0", places-len(fraction))
	n, ok := new(big.Int).SetString(m[1]+strings.ReplaceAll(m[2], ",", "")+fraction, 10)
	if !ok {
		return "", false
	}
	return n.String(), true
}

var (
	dashedTime = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})(?:[ T]?(\d{2}:\d{2}:\d{2})(?:\.\d+)?(?:\+08:00)?)?$`)
	packedTime = regexp.MustCompile(`^(\d{8})(?:(\d{6})(?:\d{3})?)?$`)
)

// wallTime reads the accepted forms of a time as "2006-01-02 15:04:05".
func wallTime(v string) (string, bool) {
	layout, joined := "2006-01-02 15:04:05", ""
	if m := dashedTime.FindStringSubmatch(v); m != nil {
		joined = m[1] + " " + m[2]
		if m[2] == "" {
			joined += "00:00:00"
		}
	} else if m := packedTime.FindStringSubmatch(v); m != nil {
		layout, joined = "20060102 150405", m[1]+" "+m[2]
		if m[2] == "" {
			joined += "000000"
		}
	} else {
		return "", false
	}
	t, err := time.Parse(layout, joined)
	if err != nil {
		return "", false
	}
	return t.Format("2006-01-02 15:04:05"), true
}

// Day counts days since 1970-01-01.
type Day int

const noDay Day = -1 << 40 // missing, or an open end

// MustDay reads yyyy-MM-dd and panics on anything else: it is for text the
// caller wrote itself.
func MustDay(s string) Day {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return Day(t.Unix() / 86400)
}

// String is yyyy-MM-dd, "" for a missing day.
func (d Day) String() string {
	if d == noDay {
		return ""
	}
	return time.Unix(int64(d)*86400, 0).UTC().Format(time.DateOnly)
}
