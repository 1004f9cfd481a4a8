package main

import (
	"fmt"
	"strconv"
)

// negotiated is the one drug of the catalogue that is a negotiated one; the three behind it are risk drugs of pharmacies.
const negotiated = 0

// plantScores plants what a scorecard asks people for, and the prices it compares with, for the year 2025 to date. All of
// it comes with month 3.
func (w *world) plantScores() {
	a, b, p := hospital(1), hospital(2), pharmacy(1)
	w.begin(41, "Evidence and self-reports of the scorecard (考核)", a+" has all evidence, "+b+" has not rectified what was found (veto of indicator 2) and lacks some, "+p+" has all evidence.",
		"Entered twice: the penalty of "+a+", first no, then yes; the newer entry counts. Rejected: an indicator 25, a part nobody asks for. Kept and listed: evidence of an institution that is not registered.",
		"Self-reports of "+a+" and "+p+" for the year; "+a+" reports its residents' in-patient amount a second time, rightly, and its large-amount figures falsely, "+p+" its residents' pooled amount.")
	w.entry(a, 1, "penalty_paid", row{"yes_no": "0", "entered_at": "2025-05-20"})
	w.entry(a, 1, "penalty_paid", row{"yes_no": "1", "document_no": "样例缴款2025第001号", "entered_at": "2025-05-26"})
	w.entry(b, 1, "penalty_paid", row{"yes_no": "1"})
	w.entry(p, 1, "penalty_paid", row{"yes_no": "1"})
	for _, inst := range []string{a, b, p} {
		w.entry(inst, 2, "rectified", row{"yes_no": map[bool]string{true: "0", false: "1"}[inst == b], "document_no": "样例整改2025第002号"})
		w.entry(inst, 2, "grave_impact", row{"yes_no": "0"})
	}
	for _, inst := range []string{a, b} {
		w.entry(inst, 3, "budget_kept", row{"yes_no": "1"})
		w.entry(inst, 5, "enrolment", row{"yes_no": "1", "document_no": "样例影像2025第003号"})
		w.entry(inst, 7, "rules_kept", row{"yes_no": "1"})
		w.entry(inst, 7, "harm", row{"count": map[bool]string{true: "1", false: "0"}[inst == b]})
		w.entry(inst, 15, "connected", row{"yes_no": "1"})
		w.entry(inst, 16, "interface", row{"event_on": "2024-10-28"})
		w.entry(inst, 17, "signs", row{"yes_no": "1"})
		w.entry(inst, 17, "signed_on", row{"event_on": "2025-04-30"})
		w.entry(inst, 17, "deadline", row{"event_on": "2025-04-30"})
	}
	w.entry(a, 5, "benefit", row{"yes_no": "1"})
	w.entry(a, 18, "full_process", row{"event_on": "2024-12-20"})
	w.entry(a, 19, "surplus_missed", row{"count": "1"})
	w.entry(a, 19, "payment_late", row{"count": "0"})
	w.entry(a, 23, "volume", row{"count": "356"})
	w.entry(a, 23, "image", row{"count": "1"})
	w.entry(a, 24, "joined", row{"yes_no": "1"})
	w.entry(b, 23, "volume", row{"count": "210"})
	w.entry(p, 4, "enrolment", row{"yes_no": "1"})
	w.entry(p, 4, "benefit", row{"yes_no": "0"})
	w.entry(p, 9, "connected", row{"yes_no": "1"})
	w.entry(p, 10, "interface", row{"event_on": "2024-10-30"})
	w.entry(p, 11, "full_process", row{"yes_no": "0"}) // not there at all
	w.entry(p, 13, "joined", row{"yes_no": "1"})
	w.entry(p, 15, "volume", row{"count": "98"})
	w.entry(p, 15, "image", row{"count": "2"})
	w.entry(p, 16, "connected", row{"yes_no": "1"})
	w.entry(hospital(99), 1, "penalty_paid", row{"yes_no": "1"})
	w.entry(a, 25, "joined", row{"yes_no": "1"})
	w.entry(a, 24, "somewhere", row{"yes_no": "1"})
	w.selfReports(a, p)
	w.priceLimits(p)
}

// entry delivers evidence entered on 2025-05-26 unless changed.
func (w *world) entry(inst string, no int, part string, changes row) {
	r := row{"fixmedins_code": inst, "year": "2025", "indicator_no": strconv.Itoa(no), "part": part, "entered_by": "样例经办", "entered_at": "2025-05-26"}
	w.add(2, "indicator_evidence", r.with(changes), "")
}

// selfReports: amounts in 10,000 yuan, and the institution's own scores.
func (w *world) selfReports(a, p string) {
	add := func(inst string, changes row) {
		w.add(2, "self_report", row{"fixmedins_code": inst, "year": "2025", "reported_at": "2025-05-28"}.with(changes), "")
	}
	for _, f := range []struct{ inst, item, figure string }{
		{a, "visits_outpatient_employee", "45"}, {a, "amount_outpatient_employee", "1.018261"}, {a, "visits_inpatient_employee", "6"},
		{a, "amount_inpatient_employee", "0.532318"}, {a, "visits_inpatient_resident", "2"}, {a, "amount_inpatient_resident", "0.2"},
		{a, "visits_large_amount_employee", "50"}, {a, "amount_large_amount_employee", "0.18"},
		{p, "visits_outpatient_employee", "27"}, {p, "amount_outpatient_employee", "0.420106"},
		{p, "amount_pooled_employee", "0.420106"}, {p, "amount_pooled_resident", "0.14"},
	} {
		add(f.inst, row{"report_item": f.item, "figure": f.figure})
	}
	add(a, row{"report_item": "amount_inpatient_resident", "figure": "0.152829", "reported_at": "2025-05-29"})
	for no := 4; no <= 24; no++ {
		if no != 14 && no != 15 && no != 16 {
			own := []string{"2", "4", "3.5"}[no%3]
			if no >= 8 && no <= 13 {
				own = "2" // all there is
			}
			add(a, row{"indicator_no": strconv.Itoa(no), "self_score": own})
		}
	}
	for _, no := range []int{3, 4, 5, 6, 7, 11, 12, 13, 14, 15, 16} {
		add(p, row{"indicator_no": strconv.Itoa(no), "self_score": "4"})
	}
}

// priceLimits: of the negotiated drug the payment standard falls below its price in May; of three risk drugs one is above
// the monitored price, one above this pharmacy's online price by more than 15 %, one dearer than for the uninsured.
func (w *world) priceLimits(p string) {
	n := w.items[negotiated]
	w.begin(42, "Prices of negotiated and risk drugs", fmt.Sprintf("%s: payment standard %s until April, %s from 2025-05-01; every line of May is above it.", n.code, yuan(n.cents), yuan(n.cents-30)),
		fmt.Sprintf("%s above its monitored price for every pharmacy; %s and %s at %s above the online price by 16 %% and above the price for the uninsured.",
			w.items[1].code, w.items[2].code, w.items[3].code, p))
	add := func(it item, kind string, cents int, changes row) {
		w.add(2, "price_limit", row{"med_list_codg": it.code, "price_kind": kind, "limit_price": yuan(cents)}.with(changes), "")
	}
	add(n, "standard", n.cents, row{"valid_from": "2025-01-01", "valid_to": "2025-04-30"})
	add(n, "standard", n.cents-30, row{"valid_from": "2025-05-01"})
	add(w.items[1], "monitored", w.items[1].cents-1, nil)
	for _, it := range w.items[2:4] {
		add(it, "monitored", it.cents, row{"valid_from": "2025-01-01"})
	}
	add(w.items[2], "online", w.items[2].cents*100/116, row{"fixmedins_code": p, "valid_from": "2025-01-01"})
	add(w.items[3], "uninsured", w.items[3].cents-100, row{"fixmedins_code": p})
}
