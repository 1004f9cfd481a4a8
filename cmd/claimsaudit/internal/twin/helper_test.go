package twin

import (
	"strings"
	"testing"
)

// item is one row of one feed, with everything required filled in.
type item struct {
	feed string
	row  map[string]string
}

// with overrides columns of an item: "column=value", a lone "column=" empties it.
func with(feed string, row map[string]string, changes []string) item {
	for _, c := range changes {
		k, v, _ := strings.Cut(c, "=")
		row[k] = v
	}
	return item{feed, row}
}

// snap is a registry row.
func snap(date, who, inst, status string, more ...string) item {
	return with("practitioner_status", map[string]string{"snapshot_date": date, "prac_psn_code": who,
		"fixmedins_code": inst, "status": status, "commitment_flag": "1"}, more)
}

// org is an institution row; P… is a pharmacy.
func org(code string, more ...string) item {
	kind := "1"
	if strings.HasPrefix(code, "P") {
		kind = "2"
	}
	return with("institution", map[string]string{"fixmedins_code": code, "fixmedins_name": "名" + code,
		"fixmedins_type": kind, "agreement_status": "active"}, more)
}

// setl is an effective settlement of H1 with 10.00 yuan of fund money.
func setl(id string, more ...string) item {
	return with("settlement", map[string]string{"setl_id": id, "mdtrt_id": "M", "psn_no": "N", "insutype": "310",
		"med_type": "11", "fixmedins_code": "H1", "setl_time": "2025-03-20 10:00:00", "medfee_sumamt": "10.00",
		"fund_pay_sumamt": "10.00"}, more)
}

// line is a line by D1, served on 2025-03-10.
func line(id, sn string, more ...string) item {
	return with("fee_line", map[string]string{"setl_id": id, "feedetl_sn": sn, "fee_ocur_time": "2025-03-10 09:00:00",
		"med_list_codg": "X1", "med_chrgitm_type": "09", "cnt": "1", "pric": "1", "det_item_fee_sumamt": "10.00",
		"bilg_dr_codg": "D1"}, more)
}

func alias(from, to string, more ...string) item {
	return with("practitioner_alias", map[string]string{"alias_code": from, "prac_psn_code": to}, more)
}

// decide is a decision on settlement S of 2025-04-01.
func decide(no, decision string, more ...string) item {
	return with("review", map[string]string{"review_no": no, "decision": decision, "setl_id": "S",
		"decided_on": "2025-04-01", "decided_by": "甲", "reason": "乙"}, more)
}

func stock(batch, kind string, more ...string) item {
	return with("inventory", map[string]string{"fixmedins_code": "H1", "fixmedins_bchno": batch, "inv_data_type": kind,
		"upload_time": "2025-03-10 10:00:00", "event_time": "2025-03-10 10:00:00", "cnt": "1"}, more)
}

func rx(no string, more ...string) item {
	return with("prescription", map[string]string{"hi_rxno": no, "fixmedins_code": "H1", "prsc_time": "2025-03-10",
		"electronic_flag": "1", "outside_flag": "1", "rx_stas_codg": "1"}, more)
}

func phone(no, id string, more ...string) item {
	return with("mobile_payment", map[string]string{"pay_ord_id": no, "setl_id": id, "paid_time": "2025-03-10"}, more)
}

// deliver puts every item into a file of its own, in order.
func deliver(w *World, items ...item) {
	for _, it := range items {
		w.Deliver(File{Name: it.feed + ".csv", Feed: it.feed, Rows: []map[string]string{it.row}})
	}
}

func worldOf(items ...item) *World {
	w := NewWorld()
	deliver(w, items...)
	return w
}

func list(items ...item) []item { return items }

func equal(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
