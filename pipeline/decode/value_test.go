package decode

import (
	"testing"
	"time"
)

func TestAmounts(t *testing.T) {
	for _, c := range []struct {
		text  string
		scale int
		want  int64
		fault fault
	}{
		{"0", 2, 0, noFault}, {"12", 2, 1200, noFault}, {"-12.3", 2, -1230, noFault}, {"+0.05", 2, 5, noFault},
		{"1,234.50", 2, 123450, noFault}, {"1,234,567", 2, 123456700, noFault}, {"1.230", 2, 123, noFault}, {"007.10", 2, 710, noFault},
		{"92233720368547758.07", 2, 9223372036854775807, noFault}, {"92233720368547758.08", 2, 0, faultAmountRange},
		{"99999999999999999999999", 2, 0, faultAmountRange}, {"1.234", 2, 0, faultDecimals}, {"0.001", 2, 0, faultDecimals},
		{"1.0001", 4, 10001, noFault}, {"1.00001", 4, 0, faultDecimals}, {"0.000001", 6, 1, noFault}, {"0.0000001", 6, 0, faultDecimals},
		{"", 2, 0, faultAmountForm}, {"-", 2, 0, faultAmountForm}, {".5", 2, 0, faultAmountForm}, {"5.", 2, 0, faultAmountForm},
		{"1e5", 2, 0, faultAmountForm}, {"1E+5", 2, 0, faultAmountForm}, {"￥3", 2, 0, faultAmountForm}, {"3元", 2, 0, faultAmountForm},
		{"１２", 2, 0, faultAmountForm}, {"12,34", 2, 0, faultAmountForm}, {",123", 2, 0, faultAmountForm}, {"1234,567", 2, 0, faultAmountForm},
		{"1,234,", 2, 0, faultAmountForm}, {"1.2,345", 2, 0, faultAmountForm}, {"1.2.3", 2, 0, faultAmountForm}, {"--1", 2, 0, faultAmountForm},
		{"1 000", 2, 0, faultAmountForm}, {"0x10", 2, 0, faultAmountForm}, {"NaN", 2, 0, faultAmountForm}, {"1,,234", 2, 0, faultAmountForm},
	} {
		got, f := parseDecimal([]byte(c.text), c.scale)
		if f != c.fault || f == noFault && got != c.want {
			t.Errorf("%q with %d decimals: %d, fault %d", c.text, c.scale, got, f)
		}
	}
	for text, want := range map[string]fault{"3": noFault, "-3": noFault, "3.5": faultInt, "3.0": noFault, "x": faultInt, "2147483648": faultAmountRange} {
		if _, f := parseInt([]byte(text)); f != want {
			t.Errorf("whole number %q: fault %d", text, f)
		}
	}
}

func TestTimes(t *testing.T) {
	var c dayCache
	for text, want := range map[string]string{
		"2025-03-01": "2025-03-01 00:00:00", "2025-03-01 08:30:05": "2025-03-01 08:30:05", "2025-03-01T08:30:05": "2025-03-01 08:30:05",
		"2025-03-0108:30:05": "2025-03-01 08:30:05", "2025-03-01 08:30:05.123": "2025-03-01 08:30:05", "2025-03-01T08:30:05+08:00": "2025-03-01 08:30:05",
		"2025-03-01 23:59:59.999999+08:00": "2025-03-01 23:59:59", "20250301": "2025-03-01 00:00:00", "20250301083005": "2025-03-01 08:30:05",
		"20250301083005999": "2025-03-01 08:30:05", "2024-02-29": "2024-02-29 00:00:00", "1969-12-31 23:59:59": "1969-12-31 23:59:59", "0001-01-01": "0001-01-01 00:00:00",
	} {
		days, seconds, f := c.parseTime([]byte(text))
		got := time.Unix(int64(days)*86400+int64(seconds), 0).UTC().Format(time.DateTime)
		if f != noFault || got != want {
			t.Errorf("%q: %s, fault %d", text, got, f)
		}
	}
	for text, want := range map[string]fault{
		"2025-02-30": faultDay, "2023-02-29": faultDay, "1900-02-29": faultDay, "2025-13-01": faultDay, "2025-00-01": faultDay, "20250230": faultDay, "0000-01-01": faultDay,
		"2025-03-01 24:00:00": faultClock, "2025-03-01 08:60:00": faultClock, "20250301083060": faultClock,
		"2025/03/01": faultTime, "2025-3-1": faultTime, "2025-03-01 08:30": faultTime, "2025-03-01  08:30:00": faultTime, "2025-03-01 08:30:00Z": faultTime,
		"2025-03-01 08:30:00.": faultTime, "2025-03-01 08:30:00+09:00": faultTime, "2025-03-01+08:00": faultTime, "202503010830": faultTime, "2025030108": faultTime,
		"2025年3月1日": faultTime, "": faultTime, "2025-03-01 ": faultTime, "20250301083005+08:00": faultTime, "45000": faultTime, "2025-03-01 0x:30:00": faultTime, "2025030a": faultTime,
	} {
		if _, _, f := c.parseTime([]byte(text)); f != want {
			t.Errorf("%q: fault %d, want %d", text, f, want)
		}
	}
	for day := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 9999; day = day.AddDate(0, 0, 97) {
		if got, f := dayOf(day.Year(), int(day.Month()), day.Day()); f != noFault || int64(got)*86400 != day.Unix() {
			t.Fatalf("%s is day %d", day, got)
		}
	}
}

func TestIDForms(t *testing.T) {
	for text, want := range map[string]bool{
		"5.2E+25": true, "1.23E5": true, "123.0": true, "1E+20": true, "1e20": true, "123.": true, "-1.5": true, ".5": true, "5000002025E20": true,
		"50000020250300000000": false, "H50010300001": false, "5000E1234567": false, "E12": false, "1E": false, "12E3X": false, "D190": false,
		"1.2.3": false, "-12": false, "2025-03": false, "5000-1": false, "1E+": false,
	} {
		if got := isNumberForm([]byte(text)); got != want {
			t.Errorf("%q is a number form: %v", text, got)
		}
	}
}

func TestTrimAndMissing(t *testing.T) {
	for text, want := range map[string]string{" a\t": "a", "\u3000\u00A0a b\u3000 ": "a b", "\t": "", "、a、": "、a、", "\u3001": "\u3001", "é": "é", "\u00A0": ""} {
		if got := string(trim([]byte(text))); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
	for text, want := range map[string]bool{"": true, "null": true, "NULL": true, "nan": true, "NaN": false, "Null": false, "0": false, "none": false} {
		if isMissing([]byte(text)) != want {
			t.Errorf("%q missing: %v", text, !want)
		}
	}
}
