package main

import (
	"fmt"
	"strconv"
)

// ordinaryPerMonth is the number of everyday settlements; all of their lines
// are by registered practitioners and pay.
const ordinaryPerMonth = 900

// everyday fills a month with settlements nobody objects to, and with the
// stock, prescriptions and payments that belong to them.
func (w *world) everyday(month int) {
	first := months[month].First().Format("2006-01-02")
	days := months[month].Last().Day()
	hospitals, pharmacies := ordinaryHospitals(), ordinaryPharmacies()
	for i := range ordinaryPerMonth {
		day := addDays(first, i*days/ordinaryPerMonth)
		if i%4 == 3 {
			w.visit(month, pharmacies[w.rng.intn(len(pharmacies))], day)
		} else {
			w.visit(month, hospitals[w.rng.intn(len(hospitals))], day)
		}
	}
	for _, inst := range append(hospitals, pharmacies...) {
		w.stock(month, inst, first)
		w.prescriptions(month, inst, first, days)
	}
}

// visit is one settlement with its lines.
func (w *world) visit(month int, inst, day string) {
	w.serial[month]++
	id := fmt.Sprintf("%s%s%08d", region, day[:4]+day[5:7], w.serial[month])
	medType, stay, lines := "11", 0, w.rng.between(1, 4)
	switch {
	case isPharmacy(inst):
		medType, lines = "41", w.rng.between(1, 3)
	case w.rng.chance(80):
		medType, stay, lines = "21", w.rng.between(2, 9), w.rng.between(6, 14)
	case w.rng.chance(60):
		medType = "13"
	case w.rng.chance(150):
		medType = "14"
	}
	s := w.settlement(id, inst, day, w.rng.between(1, 500))
	s["med_type"], s["begndate"] = medType, addDays(day, -stay)
	s["setl_time"] = at(day, w.rng.between(9*3600, 18*3600))
	s["updt_time"] = s["setl_time"]
	s["mdtrt_cert_type"] = []string{"01", "01", "02", "03"}[w.rng.intn(4)]
	s["pay_loc"] = []string{"2", "2", "2", "2", "2", "3", "1"}[w.rng.intn(7)]
	total := 0
	for k := range lines {
		total += w.ordinaryLine(month, s, addDays(day, -w.rng.intn(stay+1)), k+1)
	}
	setMoney(s, total, total*w.rng.between(40, 85)/100)
	w.add(month, "settlement", s, "")
	if w.rng.chance(200) {
		w.add(month, "mobile_payment", row{"pay_ord_id": "PAY" + id, "setl_id": id, "paid_time": s["setl_time"], "refund_flag": "0"}, "")
	}
}

// settlement is a settlement row with everything but its money; setl_time is 11:30.
func (w *world) settlement(id, inst, day string, patient int) row {
	r := row{"setl_id": id, "mdtrt_id": "7" + id[1:], "psn_no": psnNo(patient), "insutype": []string{"310", "390"}[patient%2],
		"med_type": "11", "fixmedins_code": inst, "fixmedins_name": institutionName(inst), "setl_time": day + " 11:30:00",
		"psn_name": patientName(patient), "certno": patientCert(patient), "begndate": day, "enddate": day,
		"mdtrt_cert_type": "01", "pay_loc": "2", "clr_type": "11", "refd_setl_flag": "0", "vali_flag": "1", "updt_time": day + " 11:30:00"}
	if isPharmacy(inst) {
		r["med_type"], r["clr_type"] = "41", "41"
	}
	return r
}

// setMoney fills the amounts of a settlement from its total and fund share, in cents.
func setMoney(s row, total, fund int) {
	main := fund * 9 / 10
	s["medfee_sumamt"], s["fund_pay_sumamt"], s["inscp_scp_amt"] = yuan(total), yuan(fund), yuan(total*95/100)
	s["hifp_pay"], s["hifob_pay"] = yuan(main), yuan(fund-main)
	for _, c := range []string{"cvlserv_pay", "hifes_pay", "hifmi_pay", "maf_pay", "othfund_pay"} {
		s[c] = "0.00"
	}
	acct := (total - fund) / 3
	s["acct_pay"], s["psn_cash_pay"] = yuan(acct), yuan(total-fund-acct)
}

// ordinaryLine adds a line and, for most drugs, its sale in the stock records; it returns the line's cents.
func (w *world) ordinaryLine(month int, s row, day string, k int) int {
	inst, it := s["fixmedins_code"], w.items[w.rng.intn(len(w.items))]
	if isPharmacy(inst) {
		it = w.items[w.rng.intn(w.drugs)]
	}
	cnt := w.rng.between(1, 5)
	l := w.line(s, day, k, it, cnt)
	l["fee_ocur_time"] = at(day, w.rng.between(8*3600, 9*3600))
	if !isPharmacy(inst) {
		staff := w.doctors[inst]
		bilg := staff[w.rng.intn(len(staff))]
		orders := bilg
		if w.rng.chance(300) {
			orders = staff[w.rng.intn(len(staff))]
		}
		setDoctors(l, pracCode(bilg), pracCode(orders))
		l["bilg_dr_name"], l["orders_dr_name"] = pracName(bilg), pracName(orders)
	}
	if it.isDrug() && it.kind != "10" && w.rng.chance(850) {
		l["drug_trac_codg"] = traceCode(w.rng.intn(999999), w.rng.next())
		if w.rng.chance(150) {
			l["drug_trac_codg"] += ";" + traceCode(w.rng.intn(999999), w.rng.next())
		}
	}
	w.add(month, "fee_line", l, "")
	if it.isDrug() && w.rng.chance(600) {
		w.sale(month, l, inst, addDays(day, w.rng.intn(2))+" 20:15:00")
	}
	return cnt * it.cents
}

// line is a fee line row without practitioners.
func (w *world) line(s row, day string, k int, it item, cnt int) row {
	l := row{"setl_id": s["setl_id"], "feedetl_sn": strconv.Itoa(k), "fee_ocur_time": day + " 08:40:00", "med_list_codg": it.code,
		"med_chrgitm_type": it.kind, "cnt": strconv.Itoa(cnt), "pric": yuan(it.cents), "det_item_fee_sumamt": yuan(cnt * it.cents),
		"mdtrt_id": s["mdtrt_id"], "medins_list_name": it.name, "inscp_scp_amt": yuan(cnt * it.cents * 95 / 100),
		"rx_circ_flag": "0", "er_flag": "0", "hi_nego_drug_flag": "0"}
	if it.code == w.items[negotiated].code {
		l["hi_nego_drug_flag"] = "1"
	}
	if it.isDrug() {
		l["trdn_flag"], l["rx_drord_no"] = "0", "RX"+s["setl_id"][12:]
	}
	return l
}

func setDoctors(l row, bilg, orders string) { l["bilg_dr_codg"], l["orders_dr_code"] = bilg, orders }

// sale uploads the sale of a drug line.
func (w *world) sale(month int, l row, inst, upload string) {
	w.batch++
	w.add(month, "inventory", row{"fixmedins_code": inst, "fixmedins_bchno": fmt.Sprintf("S%010d", w.batch), "inv_data_type": "4",
		"upload_time": upload, "event_time": l["fee_ocur_time"], "med_list_codg": l["med_list_codg"], "cnt": l["cnt"],
		"setl_id": l["setl_id"], "drug_trac_codg": l["drug_trac_codg"], "rx_circ_flag": "0", "amount_yuan": l["det_item_fee_sumamt"]}, "")
}

// stock uploads a month's stock-take, change and purchases.
func (w *world) stock(month int, inst, first string) {
	for n, kind := range []string{"1", "2", "3", "3", "3"} {
		if kind == "2" && w.rng.chance(200) {
			continue // some never report changes: 606 below 1
		}
		w.batch++
		it, cnt := w.items[w.rng.intn(w.drugs)], w.rng.between(20, 200)
		r := row{"fixmedins_code": inst, "fixmedins_bchno": fmt.Sprintf("B%010d", w.batch), "inv_data_type": kind,
			"upload_time": addDays(first, 3+n*5) + " 17:05:00", "event_time": addDays(first, 2+n*5) + " 09:00:00",
			"med_list_codg": it.code, "cnt": strconv.Itoa(cnt)}
		if kind == "3" {
			r["amount_yuan"], r["gift_flag"], r["platform_flag"] = yuan(cnt*it.cents), "0", "1"
			if n == 4 && w.rng.chance(300) {
				r["platform_flag"] = "0"
			}
		}
		w.add(month, "inventory", r, "")
	}
}

// prescriptions writes a few outside prescriptions of a medical institution, dispensed at a pharmacy.
func (w *world) prescriptions(month int, inst, first string, days int) {
	if isPharmacy(inst) {
		return
	}
	for range w.rng.between(1, 4) {
		w.batch++
		day := addDays(first, w.rng.intn(days-3))
		r := row{"hi_rxno": fmt.Sprintf("%s%s%016d", region, day[:4]+day[5:7], w.batch), "fixmedins_code": inst, "prsc_time": day + " 10:20:00",
			"electronic_flag": strconv.Itoa(w.rng.intn(2)), "outside_flag": "1", "rx_stas_codg": "1",
			"dr_code": pracCode(w.doctors[inst][0])}
		if w.rng.chance(800) {
			r["dispensing_fixmedins_code"] = pharmacy(w.rng.between(1, 12))
			r["setl_time"] = addDays(day, w.rng.intn(3)) + " 16:45:00"
		}
		w.add(month, "prescription", r, "")
	}
}
