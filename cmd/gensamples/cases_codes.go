package main

import "strings"

// plantCodes plants practitioner codes as they really arrive, and who of a line counts.
func (w *world) plantCodes() {
	w.begin(14, "Code in no registry")
	w.one(hospital(4), "2025-03-11", "D500105999999").says("review 405")
	w.one(hospital(4), "2025-03-11", "0007").says("review 405")

	w.begin(15, "Local ids and the alias feed (人员代码更正)",
		"D190 at "+hospital(4)+" is D…010 (normal). 009999 at "+hospital(5)+" is D…017 (suspended), valid from 2025-03-10.",
		"0003 is D…010 in general, but D…017 at "+hospital(5)+": the institution's own alias beats the general one.")
	w.register(10, hospital(4))
	w.register(17, hospital(5)).on(1, 4, row{"status": "suspended", "status_begin": "2025-02-20"})
	w.alias("D190", 10, hospital(4), "")
	w.alias("009999", 17, hospital(5), "2025-03-10")
	w.alias("0003", 10, "", "")
	w.alias("0003", 17, hospital(5), "")
	w.one(hospital(4), "2025-03-12", "d190").says("pay")
	w.one(hospital(5), "2025-03-09", "009999").says("review 405")
	w.one(hospital(5), "2025-03-10", "009999").says("withhold 402")
	w.one(hospital(4), "2025-03-12", "0003").says("pay")
	w.one(hospital(5), "2025-03-12", "0003").says("withhold 402")

	w.begin(16, "Full-width, lower-case and padded codes", "All four are D…014, suspended: an exact comparison would say 405.")
	w.register(14, hospital(4)).on(1, 4, row{"status": "中止", "status_begin": "2025-03-01"})
	for _, code := range []string{fullWidth(pracCode(14)), strings.ToLower(pracCode(14)), "\u3000" + pracCode(14) + "\u3000", " " + fullWidth(strings.ToLower(pracCode(14)))} {
		w.one(hospital(4), "2025-03-13", code).says("withhold 402")
	}

	w.begin(17, "Two persons on a line", "D…015 suspended, D…018 terminated, D…019 normal, all at "+hospital(6)+". Expected role: bilg_dr, orders_dr, orders_dr (401 decides), bilg_dr.")
	w.register(15, hospital(6)).on(1, 4, row{"status": "suspended", "status_begin": "2025-03-01"})
	w.register(18, hospital(6)).on(1, 4, row{"status": "terminated", "status_begin": "2025-03-01"})
	w.register(19, hospital(6))
	for _, pair := range []struct {
		bilg, orders int
		says         string
	}{{15, 19, "withhold 402"}, {19, 15, "withhold 402"}, {15, 18, "withhold 401"}, {15, 15, "withhold 402"}} {
		w.one(hospital(6), "2025-03-14", pracCode(pair.bilg), row{"orders_dr_code": pracCode(pair.orders)}).says(pair.says)
	}
	w.one(hospital(6), "2025-03-14", pracCode(19), row{"orders_dr_code": ""}).says("pay")

	w.begin(18, "No code at all", "410 fires once on a medical institution's line; a pharmacy's line needs none.")
	w.one(hospital(6), "2025-03-15", "").says("review 410")
	w.one(pharmacy(1), "2025-03-15", "").says("pay")
}

// plantEmergency plants the three tests of an emergency and what they do not lift.
func (w *world) plantEmergency() {
	w.begin(19, "Emergency (Art. 19, 50)", "D…020 is suspended since 2025-03-01 at "+hospital(1)+". Expected emergency_test: med_type, med_type (delivered as the label 急诊), med_type, er_flag; er_flag 2 is none; review; review comes before med_type.")
	w.register(20, hospital(1)).on(1, 4, row{"status": "suspended", "status_begin": "2025-03-01"})
	for _, t := range []string{"13", "急诊", "24"} {
		c := w.plant(hospital(1), "2025-03-21")
		c.line(pracCode(20)).says("exempt 402")
		c.set(row{"med_type": t})
	}
	w.one(hospital(1), "2025-03-21", pracCode(20), row{"er_flag": "1"}).says("exempt 402")
	w.one(hospital(1), "2025-03-21", pracCode(20), row{"er_flag": "2"}).says("withhold 402")
	w.review(0, w.one(hospital(1), "2025-03-21", pracCode(20)).says("exempt 402"), "emergency", "2025-03-28", nil)
	c := w.plant(hospital(1), "2025-03-22")
	w.review(0, c.line(pracCode(20)).says("exempt 402"), "emergency", "2025-03-28", row{"feedetl_sn": ""})
	c.set(row{"med_type": "13"})

	w.begin(20, "What an emergency does not lift", "404 stands (agreement suspended, case 22); a review rule (406) is not touched; emergency without a blocked person is plain pay.")
	c = w.plant(hospital(8), "2025-03-12")
	c.line(pracCode(20)).says("withhold 404")
	c.set(row{"med_type": "13"})
	c = w.plant(hospital(6), "2025-03-12")
	c.line(pracCode(11)).says("review 406")
	c.set(row{"med_type": "13"})
	c = w.plant(hospital(6), "2025-03-12")
	c.line(pracCode(19)).says("pay")
	c.set(row{"med_type": "13"})
}

// plantInstitutions plants principals, agreements and registry history.
func (w *world) plantInstitutions() {
	w.begin(21, "Pharmacy principal blocked (药店主要负责人)", "The principal of "+pharmacy(13)+", D…295, is suspended 2025-03-10 to 2025-03-31 (S1 and S2), normal from S3.",
		"In April before S3 the person is expired: for a principal only 403 fires, so it pays.")
	w.register(295, pharmacy(13)).on(1, 2, row{"status": "suspended", "status_begin": "2025-03-10", "status_end": "2025-03-31"})
	w.one(pharmacy(13), "2025-03-09", "").says("pay")
	w.one(pharmacy(13), "2025-03-10", "").says("withhold 403")
	w.one(pharmacy(13), "2025-03-31", "").says("withhold 403")
	w.one(pharmacy(13), "2025-04-10", "").says("pay")

	w.begin(22, "Agreement suspended from/to (协议中止)", hospital(8)+": suspended 2025-03-10 to 2025-03-20, both inclusive. D…021 is normal there.")
	w.register(21, hospital(8))
	w.institution(0, hospital(8), row{"valid_from": "2025-03-01", "agreement_status": "suspended", "agreement_from": "2025-03-10", "agreement_to": "2025-03-20"})
	for _, l := range []struct{ day, says string }{{"2025-03-09", "pay"}, {"2025-03-10", "withhold 404"}, {"2025-03-20", "withhold 404"}, {"2025-03-21", "pay"}} {
		w.one(hospital(8), l.day, pracCode(21)).says(l.says)
	}

	w.begin(23, "Institution history (valid_from)", hospital(9)+": a row without valid_from (active), and in month 2 a row valid from 2025-04-10 with the agreement terminated.")
	w.register(22, hospital(9))
	w.institution(1, hospital(9), row{"valid_from": "2025-04-10", "agreement_status": "terminated", "agreement_from": "2025-04-10"})
	w.one(hospital(9), "2025-04-09", pracCode(22)).says("pay")
	w.one(hospital(9), "2025-04-10", pracCode(22)).says("withhold 404")
	w.one(hospital(9), "2025-05-06", pracCode(22)).says("withhold 404")

	w.begin(24, "Institution missing from the registry", "H50010500099 is in no registry row: judged as a medical institution without 403, 404, 410.")
	w.one("H50010500099", "2025-03-17", "").says("pay")
	w.one("H50010500099", "2025-03-17", pracCode(1)).says("withhold 401")
	w.one("H50010500099", "2025-03-17", pracCode(19)).says("review 406")
}

func (w *world) alias(code string, n int, inst, from string) {
	w.add(0, "practitioner_alias", row{"alias_code": code, "prac_psn_code": pracCode(n), "fixmedins_code": inst, "valid_from": from, "remark": "样例更正"}, "")
}

// fullWidth writes ASCII as full-width characters.
func fullWidth(s string) string {
	return strings.Map(func(r rune) rune { return r + 0xFEE0 }, s)
}
