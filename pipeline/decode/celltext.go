package decode

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/schema"
)

// shanghaiOffset turns an instant in UTC into wall time.
const shanghaiOffset = 8 * time.Hour

// int32Text says how the INT32 values of a Parquet column are written.
func int32Text(t schema.LogicalType) func([]byte, int32) []byte {
	switch t := t.(type) {
	case schema.DateLogicalType, *schema.DateLogicalType:
		return func(dst []byte, v int32) []byte {
			return time.Unix(int64(v)*86400, 0).UTC().AppendFormat(dst, time.DateOnly)
		}
	case *schema.DecimalLogicalType:
		return func(dst []byte, v int32) []byte { return appendScaled(dst, big.NewInt(int64(v)), int(t.Scale())) }
	case *schema.IntLogicalType:
		if !t.IsSigned() {
			return func(dst []byte, v int32) []byte { return strconv.AppendUint(dst, uint64(uint32(v)), 10) }
		}
	}
	return func(dst []byte, v int32) []byte { return strconv.AppendInt(dst, int64(v), 10) }
}

// int64Text says how the INT64 values of a Parquet column are written.
func int64Text(t schema.LogicalType) func([]byte, int64) []byte {
	switch t := t.(type) {
	case *schema.TimestampLogicalType:
		return timestampText(t)
	case *schema.DecimalLogicalType:
		return func(dst []byte, v int64) []byte { return appendScaled(dst, big.NewInt(v), int(t.Scale())) }
	case *schema.IntLogicalType:
		if !t.IsSigned() {
			return func(dst []byte, v int64) []byte { return strconv.AppendUint(dst, uint64(v), 10) }
		}
	}
	return func(dst []byte, v int64) []byte { return strconv.AppendInt(dst, v, 10) }
}

// timestampText writes wall time. A file of the old kind says UTC for every
// timestamp, so there the mark means nothing and the value is wall time.
func timestampText(t *schema.TimestampLogicalType) func([]byte, int64) []byte {
	var shift time.Duration
	if t.IsAdjustedToUTC() && !t.IsFromConvertedType() {
		shift = shanghaiOffset
	}
	unit := t.TimeUnit()
	return func(dst []byte, v int64) []byte {
		var at time.Time
		switch unit {
		case schema.TimeUnitMillis:
			at = time.UnixMilli(v)
		case schema.TimeUnitMicros:
			at = time.UnixMicro(v)
		default:
			at = time.Unix(0, v)
		}
		return appendTime(dst, at.UTC().Add(shift))
	}
}

func appendTime(dst []byte, t time.Time) []byte { return t.UTC().AppendFormat(dst, time.DateTime) }

func appendBool(dst []byte, v bool) []byte {
	if v {
		return append(dst, '1')
	}
	return append(dst, '0')
}

// appendFloat writes the shortest decimal that is this very number; NaN is a
// missing value.
func appendFloat(dst []byte, v float64, bits int) []byte {
	if math.IsNaN(v) {
		return dst
	}
	return strconv.AppendFloat(dst, v, 'f', -1, bits)
}

func appendBytes[T parquet.ByteArray | parquet.FixedLenByteArray](dst []byte, v T, isDecimal bool, scale int) []byte {
	if !isDecimal {
		return append(dst, v...)
	}
	n := new(big.Int).SetBytes(v)
	if len(v) > 0 && v[0] >= 0x80 { // two's complement
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(v))))
	}
	return appendScaled(dst, n, scale)
}

// appendScaled writes n divided by 10^scale, exactly.
func appendScaled(dst []byte, n *big.Int, scale int) []byte {
	s := n.String()
	if s[0] == '-' {
		dst, s = append(dst, '-'), s[1:]
	}
	if scale <= 0 {
		return append(dst, s...)
	}
	if pad := scale + 1 - len(s); pad > 0 {
		s = strings.Repeat("0", pad) + s
	}
	dst = append(dst, s[:len(s)-scale]...)
	dst = append(dst, '.')
	return append(dst, s[len(s)-scale:]...)
}

// lastSerial is 9999-12-31 as a workbook counts days.
const lastSerial = 2958465

// appendSerial writes the time a workbook stores as a number of days, and
// reports whether v can be one.
func appendSerial(dst []byte, v float64, is1904 bool) ([]byte, bool) {
	if v < 0 || v >= lastSerial+1 || math.IsNaN(v) {
		return dst, false
	}
	days := math.Floor(v)
	// Fractions of a day are inexact: round to a millisecond, then drop it.
	ms := math.Round((v - days) * 86400e3)
	epoch := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case is1904:
		epoch = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case v < 60: // workbooks believe in 29 February 1900
		epoch = epoch.AddDate(0, 0, 1)
	}
	return appendTime(dst, epoch.AddDate(0, 0, int(days)).Add(time.Duration(ms)*time.Millisecond)), true
}

// plainNumber writes a stored number of a workbook without exponent and
// without the surplus digits some programs store: the shortest decimal that is
// the same binary number.
func plainNumber(dst []byte, stored string, v float64) []byte {
	if len(stored) <= 15 && !strings.ContainsAny(stored, "eE") {
		return append(dst, stored...)
	}
	return appendFloat(dst, v, 64)
}

// isDateFormat reports whether a number format code shows a date or time.
func isDateFormat(code string) bool {
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c {
		case '"':
			if k := strings.IndexByte(code[i+1:], '"'); k >= 0 {
				i += k + 1
			}
		case '[':
			if k := strings.IndexByte(code[i:], ']'); k >= 0 {
				i += k
			}
		case '\\', '_', '*':
			i++
		case 'y', 'Y', 'd', 'D', 'h', 'H', 'm', 'M', 's', 'S':
			return true
		case 'G', 'g': // General
			return false
		}
	}
	return false
}

// isBuiltInDate reports whether one of the number formats every workbook has
// shows a date or time.
func isBuiltInDate(id int) bool {
	return id >= 14 && id <= 22 || id >= 27 && id <= 36 || id >= 45 && id <= 47 || id >= 50 && id <= 58
}
