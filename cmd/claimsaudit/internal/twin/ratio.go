package twin

import (
	"fmt"
	"math/big"

	"claimsaudit/pipeline"
)

// RatioRow is one ratio of one institution in one window. Threshold is in per
// cent, -1 without one; Ratio and Meets are "" for NULL.
type RatioRow struct {
	Kind, Key, Institution string
	Number                 int
	Name                   string
	Numerator, Denominator int64
	Ratio, State           string
	Threshold              int
	Meets                  string
}

type ratioKey struct {
	kind, key, inst string
	number          int
}

var ratioNames = map[int]string{601: "insurance_code", 602: "mobile_payment", 603: "e_prescription_issued",
	604: "e_prescription_settled", 605: "inventory_uploaded", 606: "inventory_complete", 607: "trace_code",
	608: "online_procurement"}

// thresholds in per cent: of medical institutions, of pharmacies; -1 is none.
var thresholds = map[int][2]int{601: {50, 50}, 602: {30, -1}, 603: {20, 85}, 604: {50, 70}, 605: {-1, -1},
	606: {-1, -1}, 607: {-1, -1}, 608: {90, -1}}

// window is a run of whole months.
type window struct {
	kind, key string
	months    []string // yyyy-MM
}

func (w window) has(month string) bool {
	for _, m := range w.months {
		if m == month {
			return true
		}
	}
	return false
}

func windowsOf(period string) []window {
	p, err := pipeline.ParsePeriod(period)
	if err != nil {
		panic(err)
	}
	month := window{"month", period, []string{period}}
	ytd := window{"ytd", period, nil}
	year := window{"year", period[:4], nil}
	for m := 1; m <= 12; m++ {
		name := fmt.Sprintf("%04d-%02d", p.Year, m)
		year.months = append(year.months, name)
		if name <= period {
			ytd.months = append(ytd.months, name)
		}
	}
	return []window{month, ytd, year}
}

// Ratios computes ratios 601 to 608 for the month, the year to date and the
// year of each period (yyyy-MM), remembers them, and returns them. Keys of
// other periods stay as they were computed.
func (w *World) Ratios(periods ...string) []RatioRow {
	var out []RatioRow
	for _, period := range periods {
		out = append(out, w.ratiosOf(windowsOf(period)...)...)
	}
	return out
}

func (w *World) ratiosOf(windows ...window) (out []RatioRow) {
	for _, win := range windows {
		for inst, rows := range w.institutions() {
			last := lastDay(win.months[len(win.months)-1])
			pharmacy := institutionOn(rows, last)["fixmedins_type"] == "2"
			for number := 601; number <= 608; number++ {
				r := w.ratio(number, inst, pharmacy, win)
				w.ratios[ratioKey{r.Kind, r.Key, inst, number}] = r
				out = append(out, r)
			}
		}
	}
	return out
}

func (w *World) ratio(number int, inst string, pharmacy bool, win window) RatioRow {
	r := RatioRow{Kind: win.kind, Key: win.key, Institution: inst, Number: number, Name: ratioNames[number]}
	switch number {
	case 601, 602:
		r.Numerator, r.Denominator = w.payments(number, inst, win)
	case 603, 604:
		r.Numerator, r.Denominator = w.prescriptions(number, inst, pharmacy, win)
	case 605, 607:
		r.Numerator, r.Denominator = w.drugLines(number, inst, win)
	case 606:
		r.Numerator, r.Denominator = w.inventoryComplete(inst, win)
	case 608:
		r.Numerator, r.Denominator = w.procurement(inst, win)
	}
	r.Threshold = thresholds[number][0]
	if pharmacy {
		r.Threshold = thresholds[number][1]
	}
	r.State = "no_data"
	if r.Denominator > 0 {
		r.State = "ok"
		r.Ratio = sixPlaces(r.Numerator, r.Denominator)
	}
	if r.Threshold >= 0 {
		meets := r.State == "ok" && r.Numerator*100 >= int64(r.Threshold)*r.Denominator
		r.Meets = fmt.Sprint(meets)
	}
	return r
}

// sixPlaces is the exact quotient rounded to six decimals, halves away from zero.
func sixPlaces(n, d int64) string {
	return new(big.Rat).SetFrac64(n, d).FloatString(6)
}

// settled are the effective settlements of an institution in a window.
func (w *World) settled(inst string, win window) []row {
	var out []row
	for _, s := range w.sorted("settlement") {
		if effectiveSettlement(s) && s["fixmedins_code"] == inst && win.has(s.month("setl_time")) {
			out = append(out, s)
		}
	}
	return out
}

func (w *World) payments(number int, inst string, win window) (n, d int64) {
	for _, s := range w.settled(inst, win) {
		if s["pay_loc"] == "1" {
			continue
		}
		d++
		if number == 601 && s["mdtrt_cert_type"] == "01" {
			n++
		}
		if number == 602 && w.paidByPhone(s["setl_id"]) {
			n++
		}
	}
	return n, d
}

func (w *World) paidByPhone(setl string) bool {
	for _, p := range w.sorted("mobile_payment") {
		if p["setl_id"] == setl && p["refund_flag"] != "1" {
			return true
		}
	}
	return false
}

func (w *World) prescriptions(number int, inst string, pharmacy bool, win window) (n, d int64) {
	who, when := "fixmedins_code", "prsc_time"
	if pharmacy {
		who = "dispensing_fixmedins_code"
	}
	if number == 604 {
		when = "setl_time"
	}
	for _, p := range w.sorted("prescription") {
		if p[who] != inst || p["outside_flag"] != "1" || p["rx_stas_codg"] == "3" || !win.has(p.month(when)) {
			continue
		}
		d++
		if p["electronic_flag"] == "1" {
			n++
		}
	}
	return n, d
}

func (w *World) drugLines(number int, inst string, win window) (n, d int64) {
	for _, s := range w.settled(inst, win) {
		for _, l := range w.sorted("fee_line") {
			kind := l["med_chrgitm_type"]
			if l["setl_id"] != s["setl_id"] || (kind != "09" && kind != "10" && kind != "11") {
				continue
			}
			if number == 607 && w.carriesNoCode(l) {
				continue
			}
			d++
			if number == 607 && wellFormedTrace(l["drug_trac_codg"]) {
				n++
			}
			if number == 605 && w.saleUploaded(inst, l) {
				n++
			}
		}
	}
	return n, d
}

func (w *World) carriesNoCode(line row) bool {
	drug := w.rows["no_code_drug"][line["med_list_codg"]]
	return drug != nil && (!drug.has("valid_from") || drug.day("valid_from") <= line.day("fee_ocur_time"))
}

func (w *World) saleUploaded(inst string, line row) bool {
	for _, v := range w.sorted("inventory") {
		if v["fixmedins_code"] == inst && v["inv_data_type"] == "4" && v.number("cnt") > 0 &&
			v["setl_id"] == line["setl_id"] && v["med_list_codg"] == line["med_list_codg"] &&
			sameDayOrBefore(v, "upload_time", line.day("fee_ocur_time")+1) {
			return true
		}
	}
	return false
}

func (w *World) inventoryComplete(inst string, win window) (n, d int64) {
	for _, month := range win.months {
		d += 4
		kinds := map[string]bool{}
		for _, v := range w.sorted("inventory") {
			if v["fixmedins_code"] == inst && v.month("upload_time") == month {
				kinds[v["inv_data_type"]] = true
			}
		}
		n += int64(len(kinds))
	}
	return n, d
}

func (w *World) procurement(inst string, win window) (n, d int64) {
	for _, v := range w.sorted("inventory") {
		if v["fixmedins_code"] != inst || v["inv_data_type"] != "3" || v["gift_flag"] == "1" ||
			!win.has(v.month("event_time")) {
			continue
		}
		amount := v.number("amount_yuan")
		if v.number("cnt") < 0 && amount > 0 {
			amount = -amount
		}
		d += amount
		if v["platform_flag"] == "1" {
			n += amount
		}
	}
	return n, d
}
