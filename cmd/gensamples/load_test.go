package main

import (
	"encoding/csv"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"claimsaudit/pipeline"
)

// load writes a small load-test delivery and returns its folder.
func load(t *testing.T, args ...string) string {
	t.Helper()
	dir := t.TempDir()
	var stderr strings.Builder
	if code := run(append(args, "--out", dir), io.Discard, &stderr); code != 0 {
		t.Fatalf("exit %d: %s", code, stderr.String())
	}
	return dir
}

// table reads one feed of a delivery as rows by column.
func table(t *testing.T, dir, feed string) []map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, feed+"_500105_202503.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll() // also checks the number of fields
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, r := range all[1:] {
		m := map[string]string{}
		for i, c := range pipeline.FeedNamed(feed).Columns {
			m[c.Name] = r[i]
			if c.Required && r[i] == "" {
				t.Fatalf("%s: %s is missing in %v", feed, c.Name, r)
			}
		}
		out = append(out, m)
	}
	return out
}

func TestLoadDeliveryBalances(t *testing.T) {
	const lines = 50001 // not a multiple of a chunk
	dir := load(t, "--lines", strconv.Itoa(lines))
	sums, places := map[string]int64{}, map[string]map[string]string{}
	seen, last := map[string]bool{}, ""
	drugSales, blocked := 0, map[string]bool{}
	for _, r := range table(t, dir, "practitioner_status") {
		if r["status"] != "normal" {
			blocked[r["prac_psn_code"]] = true
		}
	}
	fee := table(t, dir, "fee_line")
	if len(fee) != lines {
		t.Errorf("%d fee lines, want %d", len(fee), lines)
	}
	hits := 0
	for _, l := range fee {
		id := l["setl_id"]
		if id != last && sums[id] != 0 {
			t.Fatalf("lines of %s are not adjacent", id)
		}
		last = id
		if key := id + l["feedetl_sn"]; seen[key] {
			t.Fatalf("line %s twice", key)
		} else {
			seen[key] = true
		}
		n, _ := cents(l["det_item_fee_sumamt"])
		sums[id] += n
		if blocked[l["bilg_dr_codg"]] || blocked[l["orders_dr_code"]] {
			hits++
		}
	}
	if hits < lines/1000 || hits > lines/50 {
		t.Errorf("%d of %d lines have a blocked person, want about 0.5 %%", hits, lines)
	}
	setl := table(t, dir, "settlement")
	if avg := float64(lines) / float64(len(setl)); avg < 11 || avg > 14 {
		t.Errorf("%.1f lines a settlement, want about 12.5", avg)
	}
	for _, s := range setl {
		total, _ := cents(s["medfee_sumamt"])
		if total != sums[s["setl_id"]] {
			t.Fatalf("%s: total %d, lines %d", s["setl_id"], total, sums[s["setl_id"]])
		}
		for _, part := range []string{"fund_pay_sumamt", "acct_pay", "psn_cash_pay"} {
			n, _ := cents(s[part])
			total -= n
		}
		if total != 0 || len(s["setl_id"]) != 20 || len(s["mdtrt_id"]) != 20 || !strings.HasPrefix(s["setl_time"], "2025-03-") {
			t.Fatalf("odd settlement %v", s)
		}
		places[s["setl_id"]] = s
	}
	for _, r := range table(t, dir, "inventory") {
		if r["inv_data_type"] != "4" {
			continue
		}
		if s := places[r["setl_id"]]; s == nil || s["fixmedins_code"] != r["fixmedins_code"] {
			t.Fatalf("sale without its settlement: %v", r)
		}
		drugSales++
	}
	if drugSales == 0 || len(table(t, dir, "mobile_payment")) == 0 || len(table(t, dir, "prescription")) == 0 ||
		len(table(t, dir, "institution")) != 600 {
		t.Error("a feed of the load test is empty")
	}
}

func TestLoadDeliveryIsRepeatableInBothEncodings(t *testing.T) {
	utf := load(t, "--lines", "30000")
	again := load(t, "--lines", "30000")
	gb := load(t, "--lines", "30000", "--encoding", "GB18030")
	for _, e := range dirNames(t, utf) {
		a, b, c := read(t, utf, e), read(t, again, e), read(t, gb, e)
		if a != b {
			t.Errorf("%s differs between two runs", e)
		}
		if strings.HasPrefix(e, "fee_line") {
			if a == c {
				t.Errorf("%s is not in GB18030", e)
			}
			decoded, err := simplifiedchinese.GB18030.NewDecoder().String(c)
			if err != nil {
				t.Fatal(err)
			}
			c = decoded
		}
		if a != c {
			t.Errorf("%s depends on --encoding in more than its bytes", e)
		}
	}
}

func dirNames(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestWrongArgumentsAreUsageErrors(t *testing.T) {
	for _, args := range [][]string{{}, {"--out", "x", "extra"}, {"--out", "x", "--lines", "-1"}, {"--out", "x", "--lines", "5", "--encoding", "latin1"},
		{"--out", "x", "--lines", "5", "--month", "2025-13"}, {"--out", "x", "--encoding", "gb18030"}, {"--out", "x", "--nonsense"}} {
		var stderr strings.Builder
		if code := run(args, io.Discard, &stderr); code != 2 || stderr.Len() == 0 {
			t.Errorf("%q: exit %d, %q", args, code, stderr.String())
		}
	}
	var stderr strings.Builder
	if code := run([]string{"--help"}, io.Discard, &stderr); code != 0 || !strings.Contains(stderr.String(), "--lines 5000000") {
		t.Errorf("--help: exit %d, %q", code, stderr.String())
	}
}

func TestUnwritableFolderIsAnErrorWithAHint(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"--out", filepath.Join(file, "x")}, {"--out", filepath.Join(file, "x"), "--lines", "10"}} {
		var stderr strings.Builder
		if code := run(args, io.Discard, &stderr); code != 1 || !strings.Contains(stderr.String(), "--out") {
			t.Errorf("%q: exit %d, %q", args, code, stderr.String())
		}
	}
}
