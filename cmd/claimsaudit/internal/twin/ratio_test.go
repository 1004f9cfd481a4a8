package twin

import (
	"fmt"
	"strings"
	"testing"
)

func TestRatios(t *testing.T) {
	code := "81234567890123456789"
	sale := []string{"setl_id=S", "med_list_codg=X1"}
	cases := []struct {
		name   string
		number int
		inst   string
		items  []item
		want   string // of the month 2025-03: numerator/denominator ratio state threshold meets
	}{
		{"601: e-vouchers over settlements not paid at the centre", 601, "H1", list(org("H1"), setl("A", "mdtrt_cert_type=医保电子凭证"), setl("B"), setl("C", "pay_loc=1", "mdtrt_cert_type=01")), "1/2 0.500000 ok 50 true"},
		{"601: only effective settlements", 601, "H1", list(org("H1"), setl("A", "mdtrt_cert_type=01", "refd_setl_flag=1"), setl("B", "vali_flag=0"), setl("C")), "0/1 0.000000 ok 50 false"},
		{"601: exactly below the threshold", 601, "H1", list(org("H1"), setl("A", "mdtrt_cert_type=01"), setl("B"), setl("C")), "1/3 0.333333 ok 50 false"},
		{"601: a zero denominator is no_data and meets nothing", 601, "H1", list(org("H1")), "0/0  no_data 50 false"},
		{"601: by the month of setl_time", 601, "H1", list(org("H1"), setl("A", "setl_time=2025-04-01"), setl("B", "setl_time=2025-03-31 23:59:59")), "0/1 0.000000 ok 50 false"},
		{"602: a mobile payment not refunded", 602, "H1", list(org("H1"), setl("A"), phone("1", "A", "refund_flag=1"), phone("2", "A"), setl("B"), phone("3", "B", "refund_flag=是"), setl("C", "pay_loc=1"), phone("4", "C")), "1/2 0.500000 ok 30 true"},
		{"602: pharmacies have no threshold", 602, "P1", list(org("P1"), setl("A", "fixmedins_code=P1")), "0/1 0.000000 ok -1 "},
		{"603: electronic over outside prescriptions written", 603, "H1", list(org("H1"), rx("1"), rx("2", "electronic_flag=0"), rx("3", "outside_flag=0"), rx("4", "rx_stas_codg=3"), rx("5", "prsc_time=2025-04-01")), "1/2 0.500000 ok 20 true"},
		{"603: a pharmacy by what it dispensed, by prsc_time", 603, "P1", list(org("P1"), rx("1", "dispensing_fixmedins_code=P1", "setl_time=2025-05-01"), rx("2")), "1/1 1.000000 ok 85 true"},
		{"604: by setl_time only", 604, "H1", list(org("H1"), rx("1", "prsc_time=2025-01-01", "setl_time=2025-03-02"), rx("2"), rx("3", "setl_time=2025-04-01")), "1/1 1.000000 ok 50 true"},
		{"604: 70 for pharmacies", 604, "P1", list(org("P1"), rx("1", "dispensing_fixmedins_code=P1", "setl_time=2025-03-02"), rx("2", "dispensing_fixmedins_code=P1", "setl_time=2025-03-02", "electronic_flag=0")), "1/2 0.500000 ok 70 false"},
		{"605: uploaded by the end of the day after the service", 605, "H1", list(org("H1"), setl("S"), line("S", "1"), stock("b", "4", append(sale, "upload_time=2025-03-11 23:59:59")...)), "1/1 1.000000 ok -1 "},
		{"605: a second later is late", 605, "H1", list(org("H1"), setl("S"), line("S", "1"), stock("b", "4", append(sale, "upload_time=2025-03-12")...)), "0/1 0.000000 ok -1 "},
		{"605: a return or a missing quantity is no sale", 605, "H1", list(org("H1"), setl("S"), line("S", "1"), stock("b", "4", append(sale, "cnt=-1")...), stock("c", "4", append(sale, "cnt=")...), stock("d", "3", sale...)), "0/1 0.000000 ok -1 "},
		{"605: another drug, another institution", 605, "H1", list(org("H1"), setl("S"), line("S", "1"), stock("b", "4", "setl_id=S", "med_list_codg=X2"), stock("c", "4", append(sale, "fixmedins_code=H2")...)), "0/1 0.000000 ok -1 "},
		{"605: only drug lines, whatever the quantity", 605, "H1", list(org("H1"), setl("S"), line("S", "1", "med_chrgitm_type=01"), line("S", "2", "med_chrgitm_type=11", "cnt=-1")), "0/1 0.000000 ok -1 "},
		{"606: kinds uploaded in the month over four", 606, "H1", list(org("H1"), stock("a", "1"), stock("b", "1"), stock("c", "3"), stock("d", "4", "upload_time=2025-04-01")), "2/4 0.500000 ok -1 "},
		{"607: a code of exactly 20 digits", 607, "H1", list(org("H1"), setl("S"), line("S", "1", "drug_trac_codg=x;"+code), line("S", "2", "drug_trac_codg="+code+"0"), line("S", "3", "drug_trac_codg=8.1E+19"), line("S", "4")), "1/4 0.250000 ok -1 "},
		{"607: drugs without a code aside, from valid_from", 607, "H1", list(org("H1"), item{"no_code_drug", map[string]string{"med_list_codg": "X1", "valid_from": "2025-03-10"}}, setl("S"), line("S", "1"), line("S", "2", "fee_ocur_time=2025-03-09")), "0/1 0.000000 ok -1 "},
		{"608: cents on the platform over cents, gifts aside", 608, "H1", list(org("H1"), stock("a", "3", "amount_yuan=9.00", "platform_flag=1"), stock("b", "3", "amount_yuan=1.00"), stock("c", "3", "amount_yuan=5.00", "gift_flag=1"), stock("d", "2", "amount_yuan=5.00")), "900/1000 0.900000 ok 90 true"},
		{"608: a return counts minus its amount, written either way", 608, "H1", list(org("H1"), stock("a", "3", "amount_yuan=9.00", "platform_flag=1"), stock("b", "3", "amount_yuan=1.00", "cnt=-1"), stock("c", "3", "amount_yuan=-2.00", "cnt=-1")), "900/600 1.500000 ok 90 true"},
		{"608: by event_time", 608, "H1", list(org("H1"), stock("a", "3", "amount_yuan=9.00", "event_time=2025-02-28", "upload_time=2025-03-01")), "0/0  no_data 90 false"},
		{"608: a denominator below zero is no_data", 608, "H1", list(org("H1"), stock("a", "3", "amount_yuan=1.00", "cnt=-1")), "0/-100  no_data 90 false"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for _, r := range worldOf(c.items...).Ratios("2025-03") {
				if r.Kind == "month" && r.Institution == c.inst && r.Number == c.number {
					equal(t, fmt.Sprintf("%d/%d %s %s %d %s", r.Numerator, r.Denominator, r.Ratio, r.State, r.Threshold, r.Meets), c.want)
				}
			}
		})
	}
}

func TestEveryRegistryInstitutionHasEveryRatioOfEveryWindow(t *testing.T) {
	w := worldOf(org("H1"), org("P1"), setl("S", "fixmedins_code=H9"))
	if got, want := len(w.Ratios("2025-03")), 2*8*3; got != want {
		t.Errorf("%d rows, want %d", got, want)
	}
}

func TestWindows(t *testing.T) {
	w := worldOf(org("H1"), setl("A", "setl_time=2025-01-31"), setl("B"), setl("C", "setl_time=2025-12-31"), setl("D", "setl_time=2024-12-31"), stock("a", "1"))
	var got []string
	for _, r := range w.Ratios("2025-03") {
		if r.Number == 601 || r.Number == 606 {
			got = append(got, fmt.Sprintf("%s %s %d %d", r.Kind, r.Key, r.Number, r.Denominator))
		}
	}
	equal(t, strings.Join(got, ", "), "month 2025-03 601 1, month 2025-03 606 4, ytd 2025-03 601 2, ytd 2025-03 606 12, year 2025 601 3, year 2025 606 48")
}

func TestPastKeysStayAsComputed(t *testing.T) {
	w := worldOf(org("H1"), setl("A"))
	w.Ratios("2025-03")
	deliver(w, setl("B"))
	w.Ratios("2025-04")
	got := ""
	for _, row := range w.Audit("2025-05-01").Rows("institution_ratio") {
		if row[3] == "601" {
			got += row[0] + " " + row[1] + " " + row[6] + "; "
		}
	}
	equal(t, got, "month 2025-03 1; month 2025-04 0; year 2025 2; ytd 2025-03 1; ytd 2025-04 2; ")
}
