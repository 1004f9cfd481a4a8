package main

import "fmt"

// plantRatios gives H50010500010 and P50010500015 a March small enough to count by hand.
func (w *world) plantRatios() {
	h, p := hospital(10), pharmacy(15)
	w.begin(39, "Ratios that can be counted by hand (601 to 608)",
		h+", March: 601 2/4 (met), 602 2/4 (met), 603 2/5 (met), 604 1/2 (met), 605 2/6, 606 3/4, 607 2/5, 608 850.00/1000.00 (not met).",
		p+", March: 601 and 602 no_data, 603 2/3 (not met), 604 1/2 (not met), 605 and 607 no_data, 606 1/4, 608 no_data (a return only).",
		hospital(25)+" is registered and silent: every ratio but 606 (0/4) is no_data.")
	w.register(25, h)
	w.register(26, hospital(25))
	w.handCountedSales(h)
	w.handCountedPrescriptions(h, p)
	w.handCountedStock(h, p)
}

// handCountedSales plants settlements, their mobile payments, drug lines, trace codes and sales.
func (w *world) handCountedSales(h string) {
	a, b, c := w.items[0].code, w.items[1].code, w.items[2].code
	pays := 0
	pay := func(s *claim, refund string) {
		pays++
		w.add(0, "mobile_payment", row{"pay_ord_id": fmt.Sprintf("PAYH10%04d", pays), "setl_id": s.v["setl_id"],
			"paid_time": s.v["setl_time"], "refund_flag": refund}, "")
	}
	drug := func(s *claim, code, trace, saleCode, upload, cnt string) {
		l := s.line(pracCode(25), row{"med_list_codg": code, "med_chrgitm_type": "09", "drug_trac_codg": trace, "trdn_flag": "0"}).share("80.00").says("pay").v
		if upload != "" {
			w.sale(0, l.with(row{"med_list_codg": saleCode, "cnt": cnt}), h, upload)
		}
	}
	good, good2 := traceCode(123, 4567890123), traceCode(124, 9876543210)
	s := w.plant(h, "2025-03-11")
	drug(s, a, good, a, "2025-03-11 18:00:00", "1")
	drug(s, b, good[:19], b, "2025-03-12 23:59:59", "1")
	s.set(row{"mdtrt_cert_type": "01"})
	pay(s, "0")
	s = w.plant(h, "2025-03-12")
	drug(s, a, good+";69012345", a, "2025-03-14 00:00:00", "1")
	s.set(row{"mdtrt_cert_type": "医保电子凭证"})
	pay(s, "1")
	s = w.plant(h, "2025-03-13")
	drug(s, b, "8.12345E+19", b, "2025-03-13 18:00:00", "-1")
	s.set(row{"mdtrt_cert_type": "02", "pay_loc": "3"})
	pay(s, "1")
	pay(s, "0")
	s = w.plant(h, "2025-03-14")
	drug(s, w.items[3].code, good2, c, "2025-03-14 18:00:00", "1") // a no-code drug: its code does not count
	s.set(row{"mdtrt_cert_type": "01", "pay_loc": "1"})
	pay(s, "0")
	s = w.plant(h, "2025-03-15")
	drug(s, w.items[4].code, "6901234567890", "", "", "") // no-code from April only
	s.set(row{"mdtrt_cert_type": "03", "pay_loc": ""})
	for i, it := range append([]item{w.items[3], w.items[4]}, w.items[w.drugs-6:w.drugs]...) {
		from := ""
		if i < 2 {
			from = []string{"2025-03-01", "2025-04-01"}[i]
		}
		w.add(0, "no_code_drug", row{"med_list_codg": it.code, "valid_from": from}, "")
	}
}

// handCountedPrescriptions: e-prescription or paper, status, settled when, dispensed at p or nowhere.
func (w *world) handCountedPrescriptions(h, p string) {
	for i, r := range []struct{ electronic, outside, state, settled, at string }{
		{"1", "1", "1", "2025-03-20 15:00:00", p},
		{"0", "1", "1", "2025-03-22 15:00:00", p},
		{"0", "1", "1", "", ""},
		{"1", "1", "3", "2025-03-23 15:00:00", p}, // withdrawn
		{"0", "1", "1", "", ""},
		{"1", "1", "2", "2025-04-02 15:00:00", p}, // expired, settled in April
		{"1", "0", "1", "2025-03-19 11:00:00", ""},
	} {
		w.add(0, "prescription", row{"hi_rxno": fmt.Sprintf("%s202503%016d", region, 9000000001+i), "fixmedins_code": h,
			"prsc_time": fmt.Sprintf("2025-03-%02d 10:00:00", 18+i%3), "electronic_flag": r.electronic, "outside_flag": r.outside,
			"rx_stas_codg": r.state, "dr_code": pracCode(25), "dispensing_fixmedins_code": r.at, "setl_time": r.settled}, "")
	}
}

// handCountedStock: purchases with returns and gifts, and which kinds were uploaded in March.
func (w *world) handCountedStock(h, p string) {
	for i, r := range []struct{ inst, kind, upload, cnt, amount, platform, gift string }{
		{h, "1", "2025-03-31 22:00:00", "10", "", "", ""},
		{h, "2", "2025-04-01 00:00:00", "1", "", "", ""}, // uploaded in April: March lacks kind 2
		{h, "3", "2025-03-05 10:00:00", "100", "1000.00", "1", "0"},
		{h, "3", "2025-03-05 10:00:00", "15", "150.00", "0", "0"},
		{h, "3", "2025-03-06 10:00:00", "50", "500.00", "0", "1"},
		{h, "3", "2025-03-07 10:00:00", "-10", "100.00", "1", "0"},
		{h, "3", "2025-03-07 10:00:00", "-5", "-50.00", "1", ""},
		{p, "1", "2025-03-30 10:00:00", "7", "", "", ""},
		{p, "3", "2025-04-02 10:00:00", "-2", "30.00", "1", "0"}, // return of March, uploaded in April
	} {
		w.add(0, "inventory", row{"fixmedins_code": r.inst, "fixmedins_bchno": fmt.Sprintf("HC%08d", i+1), "inv_data_type": r.kind,
			"upload_time": r.upload, "event_time": fmt.Sprintf("2025-03-%02d 09:00:00", i+1), "med_list_codg": w.items[i].code,
			"cnt": r.cnt, "amount_yuan": r.amount, "platform_flag": r.platform, "gift_flag": r.gift}, "")
	}
}
