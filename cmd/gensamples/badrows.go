package main

import "fmt"

// plantBad adds rows that must be rejected, below the gate of 5 % of a file's
// rows, each with one fault; the ids of bad claims end in the number of the fault.
func (w *world) plantBad() {
	w.begin(40, "Rows that are rejected", "settlement_500105_202503_02.txt (setl_id …9999NN), fee_line_500105_202503_02.csv (setl_id …9999NN), and single rows in the status, inventory, points, review and repair files.",
		"Corrected ones may be replayed; nothing else depends on them. Besides the list below: fee line …99990061 has too few fields, …99990062 one too many;",
		"status 停诊 and a missing practitioner code (S2); inv_data_type 9 (April); 3 points under article 30; decision approve; kind holiday.", "")
	for i, bad := range []row{
		{"setl_id": ""}, {"setl_id": "5.00105E+19"}, {"setl_id": "50010520250399990003.0"}, {"psn_no": "9.9E+18"},
		{"medfee_sumamt": "120.005"}, {"medfee_sumamt": "1.2E+2"}, {"fund_pay_sumamt": "¥80.00"}, {"fund_pay_sumamt": "\uff18\uff10.00"},
		{"medfee_sumamt": ".5"}, {"medfee_sumamt": "1,23.00"}, {"setl_time": "2025-13-01 10:00:00"}, {"setl_time": "2025/03/05 10:00:00"},
	} {
		id := fmt.Sprintf("%s2025039999%04d", region, i+1)
		s := w.settlement(id, hospital(11), "2025-03-19", 700+i)
		setMoney(s, 10000, 8000)
		w.add(0, "settlement", s.with(bad), "2")
		w.tellFault("settlement", id, bad)
	}
	for i, bad := range []row{
		{"feedetl_sn": ""}, {"feedetl_sn": "1E+2"}, {"cnt": "1.23456"}, {"pric": "1.1234567"}, {"det_item_fee_sumamt": ""},
		{"det_item_fee_sumamt": "100.001"}, {"fee_ocur_time": "03-19"}, {"med_list_codg": ""}, {"mdtrt_id": "7.00105E+19"}, {"cnt": "一"},
	} {
		l := w.badLine(i + 1)
		w.add(0, "fee_line", l.with(bad), "2")
		w.tellFault("fee_line", l["setl_id"], bad)
	}
	damaged := w.months[0]["fee_line"]
	w.months[0]["fee_line"] = append(damaged, rec{v: w.badLine(11), part: "2", cut: 9}, rec{v: w.badLine(12), part: "2", more: "多余的一列"})

	good := w.regs[len(w.regs)-1].snaps[1]
	w.add(0, "practitioner_status", good.with(row{"prac_psn_code": pracCode(990), "status": "停诊"}), snapshots[1].day)
	w.add(0, "practitioner_status", good.with(row{"prac_psn_code": "", "status": "normal"}), snapshots[1].day)
	w.add(1, "inventory", row{"fixmedins_code": hospital(11), "fixmedins_bchno": "S9999999999", "inv_data_type": "9",
		"upload_time": "2025-04-05 10:00:00", "event_time": "2025-04-05 10:00:00"}, "")
	w.decision(0, 141, "2025-03-27", 3, row{"article": "30"}) // 3 points are outside 4 to 6
	w.review(0, &planted{v: row{"setl_id": region + "20250300000001", "feedetl_sn": "1"}}, "approve", "2025-03-30", nil)
	w.repair(0, 141, "holiday", "2025-03-27", nil)
	for n := 142; n <= 163; n++ { // everyday decisions and repairs, so that one bad row stays below the gate
		w.review(0, &planted{v: row{"setl_id": fmt.Sprintf("%s202503%08d", region, n), "feedetl_sn": "1"}}, "release", "2025-03-30", nil)
		w.repair(0, n, "publicity", "2025-03-26", row{"points_off": "1"})
	}
}

// tellFault adds a planted fault to the case's text.
func (w *world) tellFault(feed, id string, bad row) {
	doc := w.cases[len(w.cases)-1]
	for column, value := range bad {
		doc.text = append(doc.text, fmt.Sprintf("- %s %s: %s = %q", feed, id, column, value))
	}
}

func (w *world) badLine(n int) row {
	s := w.settlement(fmt.Sprintf("%s2025039999%04d", region, 50+n), hospital(11), "2025-03-19", 700)
	l := w.line(s, "2025-03-19", 1, w.items[0], 1)
	setDoctors(l, pracCode(61), pracCode(61))
	return l
}
