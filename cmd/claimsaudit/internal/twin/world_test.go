package twin

import (
	"fmt"
	"testing"

	"claimsaudit/pipeline"
)

// TestFeedTableAgreesWithTheSharedVocabulary catches a slip in either reading of the feed table.
func TestFeedTableAgreesWithTheSharedVocabulary(t *testing.T) {
	for name, f := range feeds {
		shared := pipeline.FeedNamed(name)
		if shared == nil {
			t.Fatalf("%s: no such feed", name)
		}
		equal(t, fmt.Sprint(name, f.key, f.version, f.amount), fmt.Sprint(name, shared.Key, shared.Version, shared.Amount))
		if len(f.columns) != len(shared.Columns) {
			t.Errorf("%s: %d columns here, %d there", name, len(f.columns), len(shared.Columns))
		}
		for _, c := range f.columns {
			other, ok := shared.Column(c.name)
			if !ok || other.Required != c.required || other.Default != c.standard {
				t.Errorf("%s.%s: required %v default %q here, %+v there", name, c.name, c.required, c.standard, other)
			}
		}
	}
}

func TestFateOfARow(t *testing.T) {
	const older, newer = "updt_time=2025-03-21 08:00:00", "updt_time=2025-03-22 08:00:00"
	cases := []struct {
		name  string
		items []item
		want  string // fate of the last row
		fund  string // fund amount of S that counts, "" when not asked
	}{
		{"a new key is loaded", list(setl("S")), "loaded", "10.00"},
		{"an identical row is a duplicate", list(setl("S"), setl("S", "med_type= 普通门诊", "fund_pay_sumamt=+10.000", "vali_flag=是")), "duplicate", "10.00"},
		{"a newer version is loaded", list(setl("S", older), setl("S", newer, "fund_pay_sumamt=8.00")), "loaded", "8.00"},
		{"an older version is superseded", list(setl("S", newer), setl("S", older, "fund_pay_sumamt=8.00")), "superseded", "10.00"},
		{"of equal versions the later row wins", list(setl("S", newer), setl("S", newer, "fund_pay_sumamt=8.00")), "loaded", "8.00"},
		{"a missing updt_time is older than any", list(setl("S", newer), setl("S", "fund_pay_sumamt=8.00")), "superseded", "10.00"},
		{"and any is newer than a missing one", list(setl("S"), setl("S", older, "fund_pay_sumamt=8.00")), "loaded", "8.00"},
		{"two missing ones: the later wins", list(setl("S"), setl("S", "fund_pay_sumamt=8.00")), "loaded", "8.00"},
		{"a line's later row wins", list(line("S", "1"), line("S", "1", "cnt=2")), "loaded", ""},
		{"back to an earlier content is a new version, not a duplicate", list(line("S", "1"), line("S", "1", "cnt=2"), line("S", "1")), "loaded", ""},
		{"normalised codes make rows identical", list(line("S", "1"), line("S", "1", "bilg_dr_codg=　ｄ１")), "duplicate", ""},
		{"a missing key part counts as equal", list(alias("A", "D1"), alias("a", "D1", "fixmedins_code=null")), "duplicate", ""},
		{"more than two significant decimals", list(setl("S", "fund_pay_sumamt=1.005")), "rejected", ""},
		{"exponent notation", list(setl("S", "fund_pay_sumamt=1e3")), "rejected", ""},
		{"a currency sign", list(setl("S", "fund_pay_sumamt=￥1")), "rejected", ""},
		{"a point without digits before it", list(setl("S", "fund_pay_sumamt=.5")), "rejected", ""},
		{"badly formed thousands", list(setl("S", "fund_pay_sumamt=1,00.00")), "rejected", ""},
		{"well formed thousands", list(setl("S", "fund_pay_sumamt=-1,234,567.8")), "loaded", "-1234567.80"},
		{"an id that was a number", list(setl("S", "psn_no=5.2E+25")), "rejected", ""},
		{"an id with a decimal part", list(setl("S", "mdtrt_id=123.0")), "rejected", ""},
		{"an id with letters may hold an E", list(setl("S", "mdtrt_id=12E34A")), "loaded", ""},
		{"a required value is missing", list(setl("S", "insutype=nan")), "rejected", ""},
		{"a code of blanks only is missing", list(alias("　", "D1")), "rejected", ""},
		{"an unknown status", list(snap("2025-03-01", "D1", "H1", "离职")), "rejected", ""},
		{"an unknown decision", list(decide("R", "maybe")), "rejected", ""},
		{"an unknown inv_data_type", list(stock("b", "5")), "rejected", ""},
		{"another unknown code is kept", list(setl("S", "med_type=99x")), "loaded", ""},
		{"five decimals of cnt", list(line("S", "1", "cnt=0.00001")), "rejected", ""},
		{"a malformed trace code is only malformed", list(line("S", "1", "drug_trac_codg=8.1E+19")), "loaded", ""},
		{"a time in an unknown form", list(setl("S", "setl_time=2025/03/20")), "rejected", ""},
		{"a day that does not exist", list(setl("S", "setl_time=2025-02-30")), "rejected", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var all []map[string]string
			for _, it := range c.items {
				all = append(all, it.row)
			}
			last := c.items[len(c.items)-1]
			before := NewWorld().Deliver(File{Name: "a", Feed: last.feed, Rows: all[:len(all)-1]})
			w := NewWorld()
			after := w.Deliver(File{Name: "a", Feed: last.feed, Rows: all})
			if err := after.Check(); err != nil {
				t.Error(err)
			}
			fates := map[string]int64{"loaded": after.Loaded.Rows - before.Loaded.Rows, "duplicate": after.Duplicate.Rows - before.Duplicate.Rows,
				"superseded": after.Superseded.Rows - before.Superseded.Rows, "rejected": after.Rejected.Rows - before.Rejected.Rows}
			if fates[c.want] != 1 {
				t.Errorf("want %s, got %v", c.want, fates)
			}
			if c.fund != "" {
				equal(t, yuan(w.rows["settlement"]["S"].number("fund_pay_sumamt")), c.fund)
			}
		})
	}
}

func TestTimesInEveryAcceptedForm(t *testing.T) {
	for _, raw := range []string{"2025-03-04 05:06:07", "2025-03-04T05:06:07", "2025-03-0405:06:07", "2025-03-04 05:06:07.123",
		"2025-03-04 05:06:07+08:00", "2025-03-04T05:06:07.5+08:00", "20250304050607", "20250304050607123"} {
		got, ok := wallTime(raw)
		equal(t, fmt.Sprint(raw, got, ok), fmt.Sprint(raw, "2025-03-04 05:06:07", true))
	}
	for _, raw := range []string{"2025-03-04", "20250304"} {
		got, ok := wallTime(raw)
		equal(t, fmt.Sprint(raw, got, ok), fmt.Sprint(raw, "2025-03-04 00:00:00", true))
	}
}

func TestTheSameBytesAgainAreNoOpWhateverTheName(t *testing.T) {
	w := NewWorld()
	first := File{Name: "settlement_a.csv", Feed: "settlement", Rows: []map[string]string{setl("S").row}}
	second := File{Name: "settlement_b.csv", Feed: "settlement", Rows: []map[string]string{setl("S", "fund_pay_sumamt=8.00").row}}
	w.Deliver(first)
	w.Deliver(second)
	first.Name = "settlement_c.csv"
	if n := w.Deliver(first); n.Read.Rows != 0 {
		t.Errorf("counted %+v", n)
	}
	equal(t, yuan(w.rows["settlement"]["S"].number("fund_pay_sumamt")), "8.00")
}

func TestFilesOfOneRunAreTakenInByteOrderOfTheirNames(t *testing.T) {
	w := NewWorld()
	w.Run(Batch{Run: "nightly", AsOf: "2025-04-02", Files: []File{
		{Name: "settlement_b.csv", Feed: "settlement", Rows: []map[string]string{setl("S", "fund_pay_sumamt=8.00").row}},
		{Name: "settlement_a.csv", Feed: "settlement", Rows: []map[string]string{setl("S").row}}}})
	equal(t, yuan(w.rows["settlement"]["S"].number("fund_pay_sumamt")), "8.00")
}

func TestCSVQuotesThousandsAndKeepsTheColumnsOfTheTable(t *testing.T) {
	f := File{Feed: "no_code_drug", Rows: []map[string]string{{"med_list_codg": "a,b"}, {"valid_from": "2025-03-01", "med_list_codg": "c"}}}
	equal(t, string(f.CSV()), "med_list_codg,valid_from\n\"a,b\",\nc,2025-03-01\n")
}
