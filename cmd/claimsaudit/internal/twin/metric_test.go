package twin

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func metricOf(w *World, year int, inst, metric string) string {
	m, ok := w.metrics[metricKey{year, inst, metric}]
	if !ok {
		return "none"
	}
	return fmt.Sprintf("%d/%d %s", m.Numerator, m.Denominator, m.State)
}

// limit is a price of X1 for everyone.
func limit(kind, price string, more ...string) item {
	return with("price_limit", map[string]string{"med_list_codg": "X1", "price_kind": kind, "limit_price": price}, more)
}

// TestFiguresByHand: the twin itself is held against sums done on paper.
func TestFiguresByHand(t *testing.T) {
	w := worldOf(org("H1"), org("P1"), org("P2"), snap("2025-01-01", "D1", "H1", "normal"),
		setl("S1", "hifp_pay=6.00", "hifmi_pay=4.00"), line("S1", "1", "pric=1.000001", "drug_trac_codg=81234567890123456789"), line("S1", "2", "pric=1", "bilg_dr_codg=X"),
		setl("S2", "insutype=390", "med_type=2101", "maf_pay=3.00"), line("S2", "1", "pric=2", "hi_nego_drug_flag=0", "bilg_dr_codg=Y"),
		setl("S3", "fixmedins_code=P1", "med_type=41"), line("S3", "1", "pric=1.15"), line("S3", "2", "pric=1.2", "cnt=-1"),
		setl("S4", "fixmedins_code=P2"),
		alias("Y", "D1"), limit("standard", "1"), limit("monitored", "1.1", "valid_from=2025-01-01"), limit("monitored", "9", "valid_from=2025-03-11"), limit("online", "1"))
	w.Ratios("2025-03")
	w.Metrics("2025-03", "2025-04-02", "2025-03")
	for _, tt := range []struct{ inst, metric, want string }{
		{"H1", "visits_outpatient_employee", "1/0 ok"}, {"H1", "amount_outpatient_employee_cents", "600/0 ok"}, {"H1", "visits_serious_illness_employee", "1/0 ok"},
		{"H1", "visits_inpatient_resident", "1/0 ok"}, {"H1", "amount_inpatient_resident_cents", "700/0 ok"}, {"H1", "amount_medical_aid_resident_cents", "300/0 ok"},
		{"H1", "visits_large_amount_employee", "0/0 ok"}, {"H1", "uncoded_person", "1/0 ok"}, {"H1", "over_standard_price", "1/0 ok"},
		{"H1", "trace_code_dispensing", "1/2 ok"}, {"H1", "trace_code_stock_in", "0/0 not_due"}, {"H1", "late_change", "0/0 ok"}, {"H1", "price_over_online", "none"},
		{"H1", "ratio_606", "0/12 ok"}, {"P1", "inventory_complete", "0/12 ok"}, {"P1", "late_change", "0/0 no_data"},
		{"P1", "price_over_monitored", "1/0 ok"}, {"P1", "price_over_online", "1/0 ok"}, {"P1", "price_over_uninsured", "0/0 no_data"}, {"P1", "over_standard_price", "1/0 ok"},
		{"P2", "price_over_online", "0/0 no_data"}, {"P2", "uncoded_person", "0/0 no_data"}, {"P2", "amount_pooled_employee_cents", "1000/0 ok"},
	} {
		if got := metricOf(w, 2025, tt.inst, tt.metric); got != tt.want {
			t.Errorf("%s %s: %s, want %s", tt.inst, tt.metric, got, tt.want)
		}
	}
}

// TestWorldsMeetEveryFigure: what the generator never makes, it never tests.
func TestWorldsMeetEveryFigure(t *testing.T) {
	seen := map[string]int{}
	for seed := range int64(60) {
		w := NewWorld()
		w.Workdays = func(day time.Time, n int) (time.Time, error) { return day.AddDate(0, 0, n), nil }
		for _, b := range Generate(seed, 15) {
			w.Run(b, strings.Fields(b.Period()+" 2024-12")...)
		}
		for _, m := range w.metrics {
			word := m.State
			if m.State == "ok" && m.Numerator > 0 {
				word = "above zero"
			}
			seen[m.Metric+" "+word]++
			seen[fmt.Sprint(m.Year)]++
		}
	}
	wants := []string{"2024", "2025", "trace_code_stock_in not_due"}
	for _, metric := range []string{"uncoded_person", "late_change", "over_standard_price", "price_over_monitored", "price_over_online", "price_over_uninsured",
		"trace_code_dispensing", "trace_code_stock_in", "visits_outpatient_employee", "visits_inpatient_resident", "amount_pooled_resident_cents",
		"visits_large_amount_employee", "amount_serious_illness_resident_cents", "amount_medical_aid_employee_cents", "ratio_601", "ratio_608", "inventory_uploaded"} {
		wants = append(wants, metric+" above zero", metric+" no_data")
	}
	for _, want := range wants {
		if seen[want] < 3 {
			t.Errorf("%s: %d times", want, seen[want])
		}
	}
	t.Log(seen)
}
