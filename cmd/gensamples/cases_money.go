package main

// Practitioner 23 at H50010500003 is suspended throughout and has no other
// story: the cases about money and versions use D…023 to make lines visible.
func (w *world) plantMoney() {
	w.register(23, hospital(3)).on(1, 4, row{"status": "suspended", "status_begin": "2025-02-01"})
	w.register(24, hospital(3))
	w.plantReviews()
	w.plantShares()
	w.plantArrival()
	w.plantRefunds()
	w.plantVersions()
}

func (w *world) plantReviews() {
	h, blocked := hospital(3), pracCode(23)
	w.begin(25, "Decisions of a person (复核)", "In order: uphold a review; release a withhold; a release that expired on 2025-04-10 (recover in April);",
		"uphold then release, the newer wins; two of the same day, the greater review_no wins (release); correct_practitioner to D…024, registered and normal;",
		"one decision for both lines of a settlement; a line's own newer decision beats the settlement's; a release delivered in April for March (release of 80.00).")
	w.review(0, w.one(h, "2025-03-18", pracCode(11)).says("withhold 406"), "uphold", "2025-03-25", nil)
	w.review(0, w.one(h, "2025-03-18", blocked).says("pay"), "release", "2025-03-25", nil)
	w.review(0, w.one(h, "2025-03-18", blocked).says("pay", "withhold 402"), "release", "2025-03-25", row{"expires_on": "2025-04-10"})
	p := w.one(h, "2025-03-18", pracCode(11)).says("pay")
	w.review(0, p, "release", "2025-03-28", nil)
	w.review(0, p, "uphold", "2025-03-26", nil)
	p = w.one(h, "2025-03-18", blocked).says("pay")
	w.review(0, p, "uphold", "2025-03-26", nil)
	w.review(0, p, "release", "2025-03-26", nil)
	w.review(0, w.one(h, "2025-03-18", blocked).says("pay"), "correct_practitioner", "2025-03-27", row{"prac_psn_code": pracCode(24)})
	c := w.plant(h, "2025-03-19")
	p = c.line(blocked).share("80.00").says("pay")
	c.line(blocked).share("80.00").says("pay")
	w.review(0, p, "release", "2025-03-27", row{"feedetl_sn": ""})
	c = w.plant(h, "2025-03-19")
	p = c.line(blocked).share("80.00").says("withhold 402")
	c.line(blocked).share("80.00").says("pay")
	w.review(0, p, "release", "2025-03-27", row{"feedetl_sn": ""})
	w.review(0, p, "uphold", "2025-03-28", nil)
	w.review(1, w.one(h, "2025-03-18", blocked).says("withhold 402", "pay"), "release", "2025-04-15", nil)
}

func (w *world) plantShares() {
	h, blocked := hospital(3), pracCode(23)
	w.begin(26, "Apportioning the fund amount (分摊)", "1: three lines share 0.01, ties by feedetl_sn in byte order: \"10\" before \"2\" before \"9\". 2: 100.00 over three equal lines.",
		"3: inscp_scp_amt missing on one line: the detail amounts 100, 200, 300 count, not the scope amounts. 4: all weights zero: equally. 5: scope amounts count (0 for the second line).",
		"6: only one line of two is blocked.")
	split := func(fund string, says string, lines ...row) {
		c := w.plant(h, "2025-03-20")
		for _, l := range lines {
			share := l["share"]
			delete(l, "share")
			n, _ := cents(l["det_item_fee_sumamt"])
			c.lineOf(int(n), blocked, l).share(share).says(says)
		}
		n, _ := cents(fund)
		setMoney(c.v, c.total, int(n))
	}
	split("0.01", "withhold 402", row{"feedetl_sn": "9", "det_item_fee_sumamt": "100.00", "share": "0.00"},
		row{"feedetl_sn": "10", "det_item_fee_sumamt": "100.00", "share": "0.01"}, row{"feedetl_sn": "2", "det_item_fee_sumamt": "100.00", "share": "0.00"})
	split("100.00", "withhold 402", row{"det_item_fee_sumamt": "50.00", "share": "33.34"}, row{"det_item_fee_sumamt": "50.00", "share": "33.33"},
		row{"det_item_fee_sumamt": "50.00", "share": "33.33"})
	split("100.00", "withhold 402", row{"det_item_fee_sumamt": "100.00", "inscp_scp_amt": "90.00", "share": "16.67"},
		row{"det_item_fee_sumamt": "200.00", "inscp_scp_amt": "", "share": "33.33"}, row{"det_item_fee_sumamt": "300.00", "inscp_scp_amt": "10.00", "share": "50.00"})
	split("0.05", "withhold 402", row{"det_item_fee_sumamt": "0.00", "share": "0.03"}, row{"det_item_fee_sumamt": "0.00", "share": "0.02"})
	split("80.00", "withhold 402", row{"det_item_fee_sumamt": "100.00", "inscp_scp_amt": "60.00", "share": "80.00"},
		row{"det_item_fee_sumamt": "100.00", "inscp_scp_amt": "0.00", "share": "0.00"})
	c := w.plant(h, "2025-03-20")
	c.line(blocked).share("80.00").says("withhold 402")
	c.line(pracCode(24)).share("80.00").says("pay")
}

func (w *world) plantArrival() {
	h, blocked := hospital(3), pracCode(23)
	w.begin(27, "Settlement without lines", "Paid, and listed as a data-quality matter.")
	setMoney(w.plant(h, "2025-03-21").v, 12000, 9600)
	w.begin(28, "Lines and settlement arrive apart", "1: lines in month 1, settlement in month 2 (settled in March): recover. 2: settlement in month 1, line in month 2: recover.",
		"3: line of 2025-03-30 in month 1, settled in April: April's. 4: a line whose settlement never arrives waits.")
	w.plantIn(h, "2025-03-28", 1, 0).line(blocked).expect(1, "withhold 402")
	w.plantIn(h, "2025-03-28", 0, 1).line(blocked).says("withhold 402")
	w.plantIn(h, "2025-04-03", 1, 0).line(blocked, day("2025-03-30")).says("withhold 402")
	c := w.plantIn(h, "2025-03-28", 0, 0)
	c.line(blocked).expect(0, "waits")
	recs := w.months[0]["settlement"]
	w.months[0]["settlement"] = recs[:len(recs)-1]
}

func (w *world) plantRefunds() {
	h, blocked := hospital(3), pracCode(23)
	w.begin(29, "Refunds (退费)", "1: original flagged and reversal in one month: not effective. 2: refunded in April what March withheld: release. 3: the reversal's original is not flagged: it still counts (withhold), a data-quality matter.",
		"4: vali_flag 0. 5: made invalid in May after March withheld it: release in May.")
	c := w.plant(h, "2025-03-22")
	c.line(blocked).says("not effective")
	c.set(row{"refd_setl_flag": "1"})
	c.refund(0, "2025-03-24", false)
	c = w.plant(h, "2025-03-22")
	c.line(blocked).says("withhold 402", "not effective")
	c.refund(1, "2025-04-08", true)
	c = w.plant(h, "2025-03-22")
	c.line(blocked).says("withhold 402")
	c.refund(0, "2025-03-25", false)
	c = w.plant(h, "2025-03-22")
	c.line(blocked).says("not effective")
	c.set(row{"vali_flag": "0"})
	c = w.plant(h, "2025-03-22")
	c.line(blocked).says("withhold 402", "withhold 402", "not effective")
	c.again(2, row{"vali_flag": "0", "updt_time": "2025-05-09 10:00:00"})
}

func (w *world) plantVersions() {
	h, blocked := hospital(3), pracCode(23)
	w.begin(30, "Versions of a settlement (updt_time)", "1: an older version later in the same file (fund 10.00) is superseded. 2: a newer version in the same file wins (fund 90.00). 3: corrected in April from 80.00 to 60.00: release of 20.00.",
		"4: corrected in April from 80.00 to 95.50: recover of 15.50. 5: an older version delivered in April is superseded. 6: a version without updt_time is older than any.",
		"7: identical row twice in a file: duplicate. 8: identical row again in April: duplicate.")
	version := func(month int, c *claim, fund int, updated, part string) {
		v := c.v.with(row{"updt_time": updated})
		setMoney(v, c.total, fund)
		w.add(month, "settlement", v, part)
	}
	c := w.plant(h, "2025-03-23")
	c.line(blocked).share("80.00").says("withhold 402")
	version(0, c, 1000, "2025-03-23 08:00:00", "")
	c = w.plant(h, "2025-03-23")
	c.line(blocked).share("90.00").says("withhold 402")
	version(0, c, 9000, "2025-03-25 08:00:00", "")
	c = w.plant(h, "2025-03-23")
	c.line(blocked).share("80.00/60.00/60.00").says("withhold 402")
	version(1, c, 6000, "2025-04-11 08:00:00", "corrected")
	c = w.plant(h, "2025-03-23")
	c.line(blocked).share("80.00/95.50/95.50").says("withhold 402")
	version(1, c, 9550, "2025-04-11 08:00:00", "corrected")
	c = w.plant(h, "2025-03-23")
	c.line(blocked).share("80.00").says("withhold 402")
	version(1, c, 1000, "2025-03-22 08:00:00", "corrected")
	c = w.plant(h, "2025-03-23")
	c.line(blocked).share("80.00").says("withhold 402")
	version(0, c, 1000, "", "")
	for _, month := range []int{0, 1} {
		c = w.plant(h, "2025-03-23")
		c.line(blocked).says("withhold 402")
		part := []string{"", "corrected"}[month]
		w.add(month, "settlement", c.v, part)
	}

	w.begin(31, "A fee line delivered again", "1: identical line twice in a file: duplicate. 2: in April the line comes again with D…024 instead of D…023: release. 3: in April with D…023 instead of D…024: recover.")
	c = w.plant(h, "2025-03-24")
	p := c.line(blocked).says("withhold 402")
	w.add(0, "fee_line", p.v, "")
	for _, swap := range []struct {
		before, after int
		says          [2]string
	}{{23, 24, [2]string{"withhold 402", "pay"}}, {24, 23, [2]string{"pay", "withhold 402"}}} {
		p = w.plant(h, "2025-03-24").line(pracCode(swap.before)).says(swap.says[0], swap.says[1])
		w.add(1, "fee_line", p.v.with(row{"bilg_dr_codg": pracCode(swap.after), "orders_dr_code": pracCode(swap.after)}), "corrected")
	}
}
