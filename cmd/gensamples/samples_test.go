package main

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"claimsaudit/pipeline"
)

const committed = "../../samples"

func defaultSamples(t *testing.T) map[string][]byte {
	t.Helper()
	opt, err := parse([]string{"--out", "unused"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	files, err := samples(opt.seed)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestCommittedSamplesAreWhatTheProgramWrites(t *testing.T) {
	dir := t.TempDir()
	var stdout, stderr strings.Builder
	if code := run([]string{"--out", dir}, &stdout, &stderr); code != 0 {
		t.Fatalf("exit %d: %s", code, stderr.String())
	}
	want, got := tree(t, committed), tree(t, dir)
	for name, data := range got {
		if !bytes.Equal(want[name], data) {
			t.Errorf("%s differs: run go run ./cmd/gensamples --out samples", name)
		}
	}
	for name := range want {
		if _, ok := got[name]; !ok && strings.HasPrefix(name, "inbox/") {
			t.Errorf("%s is in samples but no longer written: delete it", name)
		}
	}
}

func tree(t *testing.T, root string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	err := filepath.WalkDir(root, func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		out[filepath.ToSlash(rel)], err = os.ReadFile(p)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAnotherSeedChangesTheOrdinaryClaims(t *testing.T) {
	a := defaultSamples(t)
	b, err := samples(1)
	if err != nil {
		t.Fatal(err)
	}
	name := "inbox/2025-03/settlement_500105_202503_01.csv"
	if bytes.Equal(a[name], b[name]) {
		t.Error("the seed has no effect")
	}
	if len(a) != len(b) {
		t.Errorf("%d and %d files", len(a), len(b))
	}
}

func TestEveryRowGoesToExactlyOneFile(t *testing.T) {
	w := happened(1)
	for m := range months {
		for feed, recs := range w.months[m] {
			written := 0
			for _, f := range layouts[m] {
				if f.feed == feed {
					written += len(w.pick(m, f))
				}
			}
			if written != len(recs) {
				t.Errorf("%s %s: %d rows made, %d written", months[m], feed, len(recs), written)
			}
		}
	}
}

func TestEveryFileIsRecognisedByItsNameAndFeedsAreComplete(t *testing.T) {
	seen := map[string]bool{}
	for m := range months {
		for _, f := range layouts[m] {
			got := pipeline.FeedOf(path.Base(f.name))
			if got == nil && f.archive != "" {
				got = pipeline.FeedOf(f.archive)
			}
			if got == nil || got.Name != f.feed {
				t.Errorf("%s is not recognised as %s", f.name, f.feed)
			}
			seen[f.feed] = true
		}
	}
	for _, f := range pipeline.Feeds {
		if !seen[f.Name] {
			t.Errorf("no sample of %s", f.Name)
		}
	}
}

func TestRowsHaveOnlyContractColumns(t *testing.T) {
	w := happened(1)
	for m := range months {
		for feed, recs := range w.months[m] {
			for _, r := range recs {
				for name := range r.v {
					if _, ok := pipeline.FeedNamed(feed).Column(name); !ok {
						t.Fatalf("%s has no column %s", feed, name)
					}
				}
			}
		}
	}
}

func TestPlantedClaimsAreToldApart(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range happened(1).cases {
		for _, p := range c.lines {
			key := p.v["setl_id"] + "/" + p.v["feedetl_sn"]
			if seen[key] {
				t.Errorf("case %d: %s planted twice", c.no, key)
			}
			seen[key] = true
			if len(p.v["setl_id"]) != 20 || len(p.claim.inst) != 12 {
				t.Errorf("case %d: odd ids %s, %s", c.no, p.v["setl_id"], p.claim.inst)
			}
			if p.say == [3]string{} {
				t.Errorf("case %d: nothing expected of %s", c.no, key)
			}
		}
	}
}

// The shares the README promises are worked out again by contract section 4.
func TestPromisedSharesFollowTheContract(t *testing.T) {
	for _, c := range happened(1).cases {
		for _, p := range c.lines {
			if p != p.claim.planted[0] || len(p.claim.planted) == 1 {
				continue
			}
			fund, _ := cents(p.claim.v["fund_pay_sumamt"])
			want := apportion(fund, p.claim.planted)
			for i, l := range p.claim.planted {
				if got := l.funds()[0]; got != yuan(int(want[i])) {
					t.Errorf("case %d, %s line %s: promised %s, want %s", c.no, l.v["setl_id"], l.v["feedetl_sn"], got, yuan(int(want[i])))
				}
			}
		}
	}
}

// apportion shares fund cents over lines, plainly.
func apportion(fund int64, lines []*planted) []int64 {
	weights := make([]int64, len(lines))
	weigh := func(column string) (sum int64, all bool) {
		all = true
		for i, l := range lines {
			n, ok := cents(l.v[column])
			weights[i], sum, all = n, sum+n, all && ok
		}
		return sum, all
	}
	sum, all := weigh("inscp_scp_amt")
	if !all || sum <= 0 {
		if sum, _ = weigh("det_item_fee_sumamt"); sum <= 0 {
			for i := range weights {
				weights[i] = 1
			}
			sum = int64(len(lines))
		}
	}
	shares, order, left := make([]int64, len(lines)), make([]int, len(lines)), fund
	for i := range lines {
		shares[i], order[i] = fund*weights[i]/sum, i
		left -= shares[i]
	}
	slices.SortFunc(order, func(a, b int) int {
		if ra, rb := fund*weights[a]%sum, fund*weights[b]%sum; ra != rb {
			return int(rb - ra)
		}
		return strings.Compare(lines[a].v["feedetl_sn"], lines[b].v["feedetl_sn"])
	})
	for _, i := range order[:left] {
		shares[i]++
	}
	return shares
}

func TestSnapshotRowsHaveDistinctKeys(t *testing.T) {
	w := happened(1)
	for m := range months {
		seen := map[string]bool{}
		for _, r := range w.months[m]["practitioner_status"] {
			key := r.v["snapshot_date"] + r.v["prac_psn_code"] + r.v["fixmedins_code"]
			if seen[key] {
				t.Errorf("%s twice in %s", key, months[m])
			}
			seen[key] = true
		}
	}
}

func TestDressChangesOnlyTheClothes(t *testing.T) {
	settlement := pipeline.FeedNamed("settlement")
	for _, c := range []struct {
		d                   dress
		column, value, want string
	}{
		{dress{comma: true}, "medfee_sumamt", "-1234567.50", "-1,234,567.50"},
		{dress{comma: true}, "medfee_sumamt", "999.00", "999.00"},
		{dress{comma: true}, "medfee_sumamt", "1234.567", "1234.567"}, // a planted fault stays
		{dress{times: "zone"}, "setl_time", "2025-03-01 10:00:00", "2025-03-01 10:00:00+08:00"},
		{dress{times: "compact"}, "setl_time", "2025-03-01 10:00:00", "20250301100000"},
		{dress{times: "joined"}, "setl_time", "2025-03-01 10:00:00", "2025-03-0110:00:00"},
		{dress{times: "compact"}, "begndate", "2025-03-01", "20250301"},
		{dress{labels: true}, "med_type", "13", "急诊"},
		{dress{labels: true}, "vali_flag", "0", "否"},
		{dress{null: "nan"}, "init_setl_id", "", "nan"},
	} {
		col, _ := settlement.Column(c.column)
		if got := c.d.value(col, c.value); got != c.want {
			t.Errorf("%s %q: %q, want %q", c.column, c.value, got, c.want)
		}
	}
	var b strings.Builder
	dress{sep: ',', tabs: true}.record(&b, []string{`a"b`, "c,d", "e\nf"})
	if want := "\"a\"\"b\t\",\"c,d\t\",\"e\nf\t\"\n"; b.String() != want {
		t.Errorf("%q, want %q", b.String(), want)
	}
}
