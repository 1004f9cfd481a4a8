package twin

import "math/rand/v2"

// What only the scorecard looks at has a stream of chance of its own: the worlds of the other tables stay as they were.

// funds splits a settlement by fund, some of it not delivered, and gives it an insurance kind.
func (g *gen) funds(head map[string]string) {
	s := g.score
	head["insutype"] = s.pick("310", "310", "310", "390", "390", "340", "392", "510", "99")
	for _, column := range []string{"hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "maf_pay", "othfund_pay"} {
		if s.chance(35) {
			head[column] = amount(s.pickInt(0, 0, 1, -300, s.between(1, 20000), s.between(1, 20000)))
		}
	}
	if s.chance(12) {
		head["med_type"] = s.pick("14", "1401", "52", "5201", "2101", "9903", "9904", "77", "1")
	}
}

// sale gives a line a price near the limits, and says or does not say whether the drug is negotiated.
func (g *gen) sale(line map[string]string) {
	s := g.score
	line["pric"] = s.pick("1.25", "10", "10.000001", "11.499999", "11.5", "11.500001", "20", "9.999999", "13")
	line["hi_nego_drug_flag"] = s.pick("", "", "1", "1", "0", "2")
}

// priceRows are price limits, general ones and an institution's own, some for a time only.
func (g *gen) priceRows(i int) []map[string]string {
	s := g.score
	if i > 0 && !s.chance(40) {
		return nil
	}
	var out []map[string]string
	for range s.between(0, 14) {
		m := map[string]string{"med_list_codg": s.pick("X01", "X02", "X03", "Z04"), "limit_price": s.pick("10", "10.5", "1.25", "12", "11.5", "0.9"),
			"price_kind": s.pick("standard", "standard", "monitored", "monitored", "online", "uninsured")}
		if m["price_kind"] == "uninsured" || s.chance(35) {
			m["fixmedins_code"] = g.insts[s.r.IntN(len(g.insts))].code
		}
		if s.chance(60) {
			from := s.day("2024-10-01", "2025-06-01")
			m["valid_from"] = from.String()
			if s.chance(60) {
				m["valid_to"] = (from + Day(s.between(0, 120))).String()
			}
		} else if s.chance(20) {
			m["valid_to"] = s.day("2024-11-01", "2025-05-31").String()
		}
		out = append(out, m)
	}
	return out
}

// lastYear are claims of the end of 2024, which nobody has closed; the first run scores that year as a whole.
func (g *gen) lastYear() (heads, lines []map[string]string) {
	s := g.score
	if !s.chance(35) {
		return nil, nil
	}
	for range s.between(1, 6) {
		p := g.insts[s.r.IntN(len(g.insts))]
		settled, id := s.day("2024-09-15", "2024-12-31"), s.next("L")
		head := map[string]string{"setl_id": id, "mdtrt_id": "M" + id, "psn_no": "50000000000000000001", "med_type": s.pick("11", "21", "41"),
			"fixmedins_code": p.code, "fixmedins_name": p.name, "setl_time": s.clock(settled), "medfee_sumamt": "90.00",
			"fund_pay_sumamt": amount(s.between(0, 5000)), "vali_flag": s.pick("1", "1", "1", "0")}
		g.funds(head)
		heads = append(heads, head)
		for n := range s.between(0, 3) {
			l := map[string]string{"setl_id": id, "feedetl_sn": s.pick("a", "b", "c") + string(rune('0'+n)), "fee_ocur_time": s.clock(settled),
				"med_list_codg": s.pick("X01", "X02", "X03", "Z04"), "med_chrgitm_type": s.pick("09", "10", "01"), "cnt": "1",
				"det_item_fee_sumamt": "5.00", "bilg_dr_codg": s.pick(append([]string{"LOCAL8", "LOCAL7", ""}, g.people...)...),
				"drug_trac_codg": s.pick("", "81234567890123456789")}
			g.sale(l)
			lines = append(lines, l)
		}
	}
	return heads, lines
}

// stockRows are purchases from the months on in which trace codes at stock-in are due, and around them.
func (g *gen) stockRows() []map[string]string {
	s := g.score
	var out []map[string]string
	for range s.between(0, 8) {
		event := s.day("2025-06-20", "2025-09-30")
		out = append(out, map[string]string{"fixmedins_code": g.insts[s.r.IntN(len(g.insts))].code, "fixmedins_bchno": s.next("K"),
			"inv_data_type": s.pick("3", "3", "3", "4"), "event_time": s.clock(event), "upload_time": s.clock(event), "cnt": s.pick("1", "2", "-1", ""),
			"med_list_codg": s.pick("X01", "X03", "Z04"), "drug_trac_codg": s.pick("", "81234567890123456789", "812")})
	}
	return out
}

// yearlyClearing ends some worlds with the run that scores the whole year.
func (g *gen) yearlyClearing(batches []Batch) []Batch {
	if !g.score.chance(40) {
		return batches
	}
	asOf := max(MustDay(batches[len(batches)-1].AsOf), MustDay("2026-01-01")+Day(g.score.between(0, 40)))
	return append(batches, Batch{Run: "annual 2025", AsOf: asOf.String()})
}

// scoreStream is the chance of what only the scorecard looks at.
func scoreStream(seed int64) *gen {
	return &gen{r: rand.New(rand.NewPCG(uint64(seed), 0x5c0e))}
}
