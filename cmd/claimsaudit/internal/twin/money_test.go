package twin

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

func itoa(n int) string { return strconv.Itoa(n) }

func TestApportion(t *testing.T) {
	cases := []struct {
		name   string
		fund   int64
		scopes string // "" is missing
		fees   string
		want   string
	}{
		{"by scope amounts", 1000, "1.00 3.00", "5.00 5.00", "[250 750]"},
		{"a missing scope amount: by fees", 1000, "1.00 -", "1.00 4.00", "[200 800]"},
		{"a scope sum of zero: by fees", 1000, "1.00 -1.00", "1.00 4.00", "[200 800]"},
		{"a fee sum of zero: equally", 1000, "- -", "0.00 0.00", "[500 500]"},
		{"a negative fee sum: equally", 1001, "- -", "-2.00 1.00", "[501 500]"},
		{"one cent to the largest remainders", 100, "1.00 1.00 4.00", "0 0 0", "[17 17 66]"},
		{"ties by feedetl_sn", 100, "1.00 1.00 1.00", "0 0 0", "[34 33 33]"},
		{"two cents over", 200, "1.00 1.00 1.00", "0 0 0", "[67 67 66]"},
		{"a negative line takes a negative share", 100, "3.00 -1.00", "0 0", "[150 -50]"},
		{"floor of a negative share is the lower cent", -100, "1.00 1.00 1.00", "0 0 0", "[-33 -33 -34]"},
		{"nothing to share", 0, "1.00 2.00", "0 0", "[0 0]"},
		{"a zero weight takes nothing", 101, "0.00 2.00 2.00", "0 0 0", "[0 51 50]"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			items := list(setl("S", "fund_pay_sumamt="+yuan(c.fund)))
			fees := strings.Fields(c.fees)
			for i, scope := range strings.Fields(c.scopes) {
				items = append(items, line("S", itoa(i+1), "inscp_scp_amt="+strings.TrimSuffix(scope, "-"), "det_item_fee_sumamt="+fees[i]))
			}
			var shares []int64
			for _, v := range worldOf(items...).Audit("2025-04-02").Lines {
				shares = append(shares, v.Fund)
			}
			equal(t, fmt.Sprint(shares), c.want)
		})
	}
}

func TestOddCentsGoToTheFirstLineInByteOrder(t *testing.T) {
	w := worldOf(setl("S", "fund_pay_sumamt=1.00"), line("S", "2"), line("S", "10"), line("S", "a"))
	got := map[string]int64{}
	for _, v := range w.Audit("2025-04-02").Lines {
		got[v.Line] = v.Fund
	}
	equal(t, fmt.Sprint(got), "map[10:34 2:33 a:33]")
}

func TestInstitutionPeriodAddsUpEffectiveSettlements(t *testing.T) {
	w := worldOf(ward(line("S", "1", "bilg_dr_codg=D3"), line("S", "2"),
		setl("T"), setl("U", "vali_flag=0"), line("U", "1"), setl("V", "refd_setl_flag=1"), line("V", "1"),
		setl("W", "fixmedins_code=H9", "fixmedins_name=外地"), line("X", "1"),
		org("H1", "fixmedins_name=新名", "valid_from=2025-03-31"), org("H1", "fixmedins_name=再新", "valid_from=2025-04-01"))...)
	equal(t, joined(w.Audit("2025-04-02"), "institution_period"),
		"2025-03|H1|新名|1|2|2|20.00|15.00|0.00|0.00|5.00|0.00|0.00 2025-03|H9|外地||1|0|10.00|10.00|0.00|0.00|0.00|0.00|0.00")
	equal(t, joined(w.Audit("2025-04-02"), "settlement_verdict"),
		"2025-03|H1|S|10.00|5.00|0.00|0.00|5.00 2025-03|H1|T|10.00|10.00|0.00|0.00|0.00 2025-03|H9|W|10.00|10.00|0.00|0.00|0.00")
}

// step is one delivery followed by one closing; want is "period line kind amount", by line.
type step struct {
	items []item
	close string
	want  string
}

func TestStatements(t *testing.T) {
	d3 := "bilg_dr_codg=D3"
	april := "setl_time=2025-04-20"
	cases := []struct {
		name  string
		steps []step
	}{
		{"withheld in its own period's statement", []step{{ward(line("S", "1", d3)), "2025-03", "2025-03 S/1 withhold 10.00"}}},
		{"exempt, review and pay are not issued", []step{{ward(line("S", "1", "bilg_dr_codg=D9"), line("S", "2"), line("S", "3", d3, "er_flag=1")), "2025-03", ""}}},
		{"running a closed period again issues nothing", []step{{ward(line("S", "1", d3)), "2025-03", "2025-03 S/1 withhold 10.00"}, {nil, "2025-03", ""}}},
		{"news of a closed period wait for the next statement", []step{{ward(line("S", "1")), "2025-03", ""},
			{list(line("S", "1", d3)), "2025-03", ""}, {nil, "2025-04", "2025-03 S/1 recover 10.00"}}},
		{"a line blocked after its period was closed is recovered", []step{{ward(line("S", "1")), "2025-03", ""},
			{list(snap("2025-04-01", "D1", "H1", "suspended", "status_begin=2025-03-01")), "2025-04", "2025-03 S/1 recover 10.00"}}},
		{"what no longer stands is released", []step{{ward(line("S", "1", d3)), "2025-03", "2025-03 S/1 withhold 10.00"},
			{list(decide("R1", "release")), "2025-04", "2025-03 S/1 release -10.00"}, {nil, "2025-05", ""}}},
		{"in part", []step{{ward(line("S", "1", d3)), "2025-03", "2025-03 S/1 withhold 10.00"},
			{list(line("S", "2")), "2025-04", "2025-03 S/1 release -5.00"}}},
		{"a difference upward is recover", []step{{ward(line("S", "1", d3)), "2025-03", "2025-03 S/1 withhold 10.00"},
			{list(setl("S", "fund_pay_sumamt=12.00")), "2025-04", "2025-03 S/1 recover 2.00"}}},
		{"a settlement that turns ineffective is released", []step{{ward(line("S", "1", d3)), "2025-03", "2025-03 S/1 withhold 10.00"},
			{list(setl("S", "refd_setl_flag=1")), "2025-04", "2025-03 S/1 release -10.00"}}},
		{"released and blocked again", []step{{ward(line("S", "1", d3)), "2025-03", "2025-03 S/1 withhold 10.00"},
			{list(decide("R1", "release")), "2025-04", "2025-03 S/1 release -10.00"},
			{list(decide("R1", "uphold")), "2025-05", "2025-03 S/1 recover 10.00"}}},
		{"late rows of a closed period are adjustments", []step{{ward(), "2025-03", ""},
			{list(setl("T"), line("T", "1", d3)), "2025-04", "2025-03 T/1 recover 10.00"}}},
		{"a month never closed is closed by the next statement as recover", []step{
			{ward(line("S", "1", d3), setl("T", april), line("T", "1", d3)), "2025-04", "2025-03 S/1 recover 10.00, 2025-04 T/1 withhold 10.00"}}},
		{"a later month waits for its own statement", []step{
			{ward(setl("T", april), line("T", "1", d3)), "2025-03", ""}, {nil, "2025-04", "2025-04 T/1 withhold 10.00"}}},
		{"a line without its settlement waits", []step{{ward(line("T", "1", d3)), "2025-03", ""},
			{list(setl("T")), "2025-04", "2025-03 T/1 recover 10.00"}}},
		{"the sign decides: a negative line is a release", []step{
			{ward(setl("S", "fund_pay_sumamt=-10.00"), line("S", "1", d3)), "2025-03", "2025-03 S/1 release -10.00"}}},
		{"a zero share is no row", []step{{ward(setl("S", "fund_pay_sumamt=0"), line("S", "1", d3)), "2025-03", ""}}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := NewWorld()
			for _, s := range c.steps {
				deliver(w, s.items...)
				var got []string
				for _, r := range w.Close(s.close, "2025-04-02") {
					got = append(got, r.Period+" "+r.Setl+"/"+r.Line+" "+r.Kind+" "+yuan(r.Amount))
				}
				equal(t, s.close+": "+strings.Join(got, ", "), s.close+": "+s.want)
			}
		})
	}
}

func TestRecoverAndReleaseOfAPeriodAreWhatItsStatementIssued(t *testing.T) {
	w := worldOf(ward(line("S", "1", "bilg_dr_codg=D3"), setl("T"), line("T", "1"))...)
	w.Close("2025-03", "2025-04-02")
	deliver(w, decide("R1", "release"), line("T", "1", "bilg_dr_codg=D2"))
	w.Close("2025-04", "2025-05-02")
	equal(t, joined(w.Audit("2025-05-02"), "institution_period"),
		"2025-03|H1|名H1|1|2|2|20.00|10.00|0.00|0.00|10.00|0.00|0.00 2025-04|H1|名H1|1|0|0|0.00|0.00|0.00|0.00|0.00|10.00|-10.00")
}
