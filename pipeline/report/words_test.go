package report

import (
	"math"
	"strconv"
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

// 99.999 % must not read as 100 %, nor 49.999 % as the threshold it missed.
func TestSharesAreNotRoundedUp(t *testing.T) {
	if got := share(9999999, 10000000); got != "99.99%" {
		t.Error(got)
	}
	if got := share(1, 0); got != "—" {
		t.Error(got)
	}
}
