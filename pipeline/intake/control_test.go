package intake

import (
	"strings"
	"testing"
)

func TestControlReadsWhatSendersWrite(t *testing.T) {
	sum := sumOf("x")
	text := "\uFEFF---\r\n# 三月报送\r\nrows: 5000000   # 含退费\r\n\r\namount_yuan: '-1234567.80'\r\nsha256: \"" + strings.ToUpper(sum) + "\"\r\n"
	c, err := parseControl(strings.NewReader(text), "a.ctl")
	if err != nil {
		t.Fatal(err)
	}
	if *c.Rows != 5000000 || *c.AmountCents != -123456780 || c.SHA256 != sum {
		t.Errorf("got %d %d %s", *c.Rows, *c.AmountCents, c.SHA256)
	}
	empty, err := parseControl(strings.NewReader("# nothing claimed\n"), "a.ctl")
	if err != nil || empty.Check("", 3, 4) != nil {
		t.Errorf("every total is optional: %v", err)
	}
}

func TestControlRefusesWhatItCannotReadExactly(t *testing.T) {
	for name, text := range map[string]string{
		"unknown key":         "row: 1",
		"duplicate key":       "rows: 1\nrows: 1",
		"no value":            "rows:",
		"negative rows":       "rows: -1",
		"thousands separator": "amount_yuan: 1,234.00",
		"third decimal":       "amount_yuan: 1.005",
		"exponent":            "amount_yuan: 1e3",
		"no whole part":       "amount_yuan: .5",
		"bare point":          "amount_yuan: 1.",
		"two signs":           "amount_yuan: -+1",
		"too large":           "amount_yuan: 99999999999999999999",
		"short hash":          "sha256: abc",
		"not a line":          "rows 1",
		"full-width colon":    "rows：1",
		"endless":             strings.Repeat("# comment\n", 10000),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parseControl(strings.NewReader(text), "a.ctl")
			wantBadFile(t, err, "a.ctl")
		})
	}
	_, err := parseControl(strings.NewReader("# first\nrows: 1\nrows: 2\n"), "a.ctl")
	wantBadFile(t, err, "a.ctl:3", "rows is given twice")
}

func TestControlAmountsAreExact(t *testing.T) {
	for text, want := range map[string]int64{"0": 0, "0.1": 10, "0.29": 29, "1.10000": 110, "+7": 700, "-0.01": -1,
		"92233720368547758.07": 9223372036854775807} {
		if got, err := parseYuan(text); err != nil || got != want {
			t.Errorf("%s: %d cents, %v", text, got, err)
		}
	}
}

func TestControlNamesEveryDifferenceAtOnce(t *testing.T) {
	rows, cents := int64(100), int64(100000)
	c := &Control{Rows: &rows, AmountCents: &cents, SHA256: sumOf("a"), where: "a.ctl"}
	if err := c.Check(sumOf("a"), 100, 100000); err != nil {
		t.Errorf("equal totals: %v", err)
	}
	wantBadFile(t, c.Check(sumOf("a"), 99, 100000), "a.ctl", "rows: expected 100, found 99")
	wantBadFile(t, c.Check(sumOf("a"), 101, 100000), "found 101")
	wantBadFile(t, c.Check(sumOf("a"), 100, 99999), "amount_yuan: expected 1000.00, found 999.99")
	wantBadFile(t, c.Check(sumOf("a"), 100, 100001), "found 1000.01")
	wantBadFile(t, c.Check(sumOf("b"), 99, -1), "rows:", "found -0.01", "sha256: expected "+sumOf("a"))
	if err := (*Control)(nil).Check("", 1, 1); err != nil {
		t.Errorf("no .ctl claims nothing: %v", err)
	}
}

func FuzzControl(f *testing.F) {
	f.Add("rows: 1\namount_yuan: \"-1.50\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := parseControl(strings.NewReader(text), "a.ctl")
		if err != nil {
			wantBadFile(t, err)
			return
		}
		if c.AmountCents == nil {
			return
		}
		if again, err := parseYuan(yuan(*c.AmountCents)); err != nil || again != *c.AmountCents {
			t.Errorf("%d cents reads back as %d, %v", *c.AmountCents, again, err)
		}
	})
}
