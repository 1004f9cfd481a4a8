package report

import (
	"math"
	"strconv"
	"strings"
	"testing"
)

// sameNumber compares two cells as numbers to a hundredth of a cent, else as text.
func sameNumber(a, b string) bool {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	if errX != nil || errY != nil {
		return a == b
	}
	return math.Abs(x-y) < 1e-4
}

func TestAmountsReadAsMoney(t *testing.T) {
	for c, want := range map[cents]string{0: "0.00", 5: "0.05", -5: "-0.05", 99999: "999.99", 100000: "1,000.00",
		-123456789: "-1,234,567.89", 100000000: "1,000,000.00"} {
		if got := c.String(); got != want {
			t.Errorf("%d cents: %s, want %s", int64(c), got, want)
		}
	}
}

func TestClausesReadAsTheRegulation(t *testing.T) {
	for article, want := range map[string]string{"19, 50": "第十九条、第五十条", "2,39": "第二条、第三十九条", "10": "第十条",
		"21": "第二十一条", "": "", "附则": "附则", "8-12": "8-12"} {
		if got := clauses(article); got != want {
			t.Errorf("%q: %s, want %s", article, got, want)
		}
	}
}

// TestSharesReadAsInTheWorkbook: page and workbook lie side by side on the desk of who signs. 99.999 % must not read as 100 %.
func TestSharesReadAsInTheWorkbook(t *testing.T) {
	for _, c := range []struct {
		part, whole cents
		want        string
	}{{24352440, 24392440, "99.84%"}, {23258271, 23767277, "97.86%"}, {-500, 455500, "-0.11%"}, {456000, 455500, "100.11%"},
		{9999999, 10000000, "99.99%"}, {5, 5, "100.00%"}, {0, 5, "0.00%"}, {1, 0, "—"}} {
		if got := share(c.part, c.whole); got != c.want {
			t.Errorf("%d of %d: %s, want %s", c.part, c.whole, got, c.want)
		}
	}
}

// TestLinesBreakWhereTheyCan: a run without a place to break leaves the rest of its line empty, and the row must have room for the line that follows.
func TestLinesBreakWhereTheyCan(t *testing.T) {
	const raw = "50010520250399990057,1,03-19,XA01ABA001A002010100100,09,1,4.80,4.80,70010520250399990057,阿莫西林胶囊(样例规格一),4.56,D500105000061,*,D500105000061,*,RX99990057,0,0,1,nan,0"
	for text, want := range map[string]int{raw: 5, "短": 1, "": 1, strings.Repeat("长", 200): 9, strings.Repeat("1", 45): 2} {
		if got := linesOf(text, 50); got < want || got > want+1 {
			t.Errorf("%q: %d lines, want %d", text, got, want)
		}
	}
}
