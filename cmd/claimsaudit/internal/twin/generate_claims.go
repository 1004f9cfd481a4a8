package twin

import (
	"fmt"
	"maps"
	"slices"

	"claimsaudit/pipeline"
)

func copyOf(m map[string]string) map[string]string { return maps.Clone(m) }

func amount(cents int) string {
	sign := ""
	if cents < 0 {
		sign, cents = "-", -cents
	}
	return fmt.Sprintf("%s%d.%02d", sign, cents/100, cents%100)
}

// claimRows are new claims of batch i and changes of earlier ones.
func (g *gen) claimRows(i int, closing pipeline.Period) (heads, lines []map[string]string) {
	for _, c := range g.claims {
		if c.late && g.chance(70) { // the settlement the lines waited for
			c.late = false
			heads = append(heads, copyOf(c.head))
			continue
		}
		if !c.late && g.chance(30) {
			h, l := g.change(c)
			heads, lines = append(heads, h...), append(lines, l...)
		}
	}
	for range g.size {
		month := closing.Add(-g.pickInt(0, 0, 0, 0, 1, 1, 2, -1))
		c := g.claim(month)
		g.claims = append(g.claims, c)
		for _, l := range c.lines {
			lines = append(lines, copyOf(l))
		}
		c.late = i < 3 && len(c.lines) > 0 && g.chance(6)
		if !c.late {
			heads = append(heads, copyOf(c.head))
		}
		if g.chance(6) {
			reversal := g.reversal(c)
			heads = append(heads, reversal)
		}
	}
	return heads, lines
}

func (g *gen) pickInt(numbers ...int) int { return numbers[g.r.IntN(len(numbers))] }

func (g *gen) clock(d Day) string {
	return fmt.Sprintf("%s %02d:%02d:%02d", d, g.r.IntN(24), g.r.IntN(60), g.r.IntN(60))
}

func (g *gen) claim(month pipeline.Period) *claim {
	p := g.insts[g.r.IntN(len(g.insts))]
	settled := MustDay(month.First().Format("2006-01-02")) + Day(g.r.IntN(month.Last().Day()))
	id := g.next("S")
	fund := g.pickInt(0, 1, 100, 1000, 10001, g.between(2, 50000), g.between(2, 50000), g.between(2, 50000), g.between(100000, 20000000))
	if g.chance(3) {
		fund = -fund
	}
	medType := g.pick("11", "11", "11", "14", "21", "21", "13", "24")
	if p.kind == "2" {
		medType = "41"
	}
	head := map[string]string{"setl_id": id, "mdtrt_id": "M" + id, "psn_no": "50000000000000000001", "insutype": "310",
		"med_type": medType, "fixmedins_code": p.code, "fixmedins_name": p.name, "setl_time": g.clock(settled),
		"medfee_sumamt": amount(fund + g.between(0, 5000)), "fund_pay_sumamt": amount(fund),
		"mdtrt_cert_type": g.pick("01", "02", "03", ""), "pay_loc": g.pick("2", "2", "1", ""),
		"updt_time":      g.pick(g.clock(settled+1), g.clock(settled+1), ""),
		"refd_setl_flag": g.pick("0", "0", "0", "0", "0", "0", "", "1"), "vali_flag": g.pick("1", "1", "1", "1", "1", "1", "", "0")}
	g.funds(head)
	c := &claim{head: head}
	scoped := g.chance(80)
	for _, sn := range g.lineNumbers() {
		c.lines = append(c.lines, g.line(c, sn, settled, scoped))
	}
	return c
}

// lineNumbers are 0 to 6 numbers whose byte order is not their numeric order.
func (g *gen) lineNumbers() []string {
	all := []string{"1", "2", "10", "01", "a", "B"}
	g.r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	count := g.between(1, len(all))
	if g.chance(8) {
		count = 0
	}
	return all[:count]
}

func (g *gen) line(c *claim, sn string, settled Day, scoped bool) map[string]string {
	served := settled - Day(g.pickInt(0, 0, 1, 2, g.between(0, 25)))
	if g.chance(8) {
		served = inForce + Day(g.pickInt(-1, 0))
	}
	fee := g.pickInt(100, 100, 100, 333, 0, -500, g.between(1, 30000), g.between(1, 30000))
	m := map[string]string{"setl_id": c.head["setl_id"], "feedetl_sn": sn, "fee_ocur_time": g.clock(served),
		"med_list_codg": g.pick("X01", "X02", "X03", "Z04"), "med_chrgitm_type": g.pick("09", "10", "11", "01", "05"),
		"cnt": g.pick("1", "2", "-1", "0.5"), "pric": "1.250000", "det_item_fee_sumamt": amount(fee),
		"er_flag": g.pick("", "0", "0", "0", "0", "0", "1", "2")}
	if scoped && !g.chance(2) {
		m["inscp_scp_amt"] = amount(g.pickInt(fee, fee, fee, 0, 0, -fee/3, fee/2))
	}
	switch dice := g.r.IntN(100); {
	case dice < 8:
	case dice < 20:
		m["orders_dr_code"] = g.somebody()
	case dice < 45:
		m["bilg_dr_codg"] = g.somebody()
	case dice < 65:
		m["bilg_dr_codg"] = g.somebody()
		m["orders_dr_code"] = m["bilg_dr_codg"]
	default:
		m["bilg_dr_codg"], m["orders_dr_code"] = g.somebody(), g.somebody()
	}
	m["drug_trac_codg"] = g.pick("", "", "81234567890123456789", "8123456789012345678",
		"69012345678; 81234567890123456780", "8.1E+19", "8123456789012345678X;")
	g.sale(m)
	return m
}

// change delivers a claim again with something different.
func (g *gen) change(c *claim) (heads, lines []map[string]string) {
	if g.chance(60) {
		h := copyOf(c.head)
		switch g.r.IntN(7) {
		case 0:
			h["refd_setl_flag"] = g.pick("1", "0")
		case 1:
			h["vali_flag"] = g.pick("0", "1")
		case 2:
			h["fund_pay_sumamt"] = amount(g.between(0, 60000))
		case 3:
			h["med_type"] = g.pick("11", "13", "24", "21")
		case 4:
			h["pay_loc"] = g.pick("1", "2")
		case 5: // the settlement moves to another month
			h["setl_time"] = g.clock(g.day("2025-02-01", "2025-06-30"))
		}
		old := c.head["updt_time"]
		h["updt_time"] = g.pick(g.clock(MustDay("2025-07-01")+Day(g.serial%300)), old, g.clock(MustDay("2025-01-02")), "")
		if old == "" || h["updt_time"] >= old {
			c.head = copyOf(h)
		}
		heads = append(heads, h)
		g.serial++
	}
	if len(c.lines) == 0 || g.chance(40) {
		return heads, lines
	}
	l := c.lines[g.r.IntN(len(c.lines))]
	switch g.r.IntN(5) {
	case 0:
		l["bilg_dr_codg"] = g.somebody()
	case 1:
		l["er_flag"] = g.pick("0", "1")
	case 2:
		l["det_item_fee_sumamt"] = amount(g.between(-100, 20000))
	case 3:
		l["orders_dr_code"] = g.pick(g.somebody(), "")
	case 4:
		extra := copyOf(l)
		extra["feedetl_sn"] = g.next("9")
		c.lines = append(c.lines, extra)
		l = extra
	}
	return heads, append(lines, copyOf(l))
}

// reversal is the negative twin of a claim; the original is not always flagged.
func (g *gen) reversal(c *claim) map[string]string {
	h := copyOf(c.head)
	h["setl_id"], h["init_setl_id"] = g.next("S"), c.head["setl_id"]
	cents, _ := decimal(c.head["fund_pay_sumamt"], 2)
	fund := row{"x": cents}.number("x")
	h["fund_pay_sumamt"], h["medfee_sumamt"] = amount(-int(fund)), amount(-int(fund))
	h["refd_setl_flag"] = g.pick("1", "1", "1", "0")
	return h
}

// someLine is a random line with its claim, nil when there is none.
func (g *gen) someLine() (*claim, map[string]string) {
	for range 20 {
		if len(g.claims) == 0 {
			break
		}
		c := g.claims[g.r.IntN(len(g.claims))]
		if len(c.lines) > 0 {
			return c, c.lines[g.r.IntN(len(c.lines))]
		}
	}
	return nil, nil
}

func (g *gen) inventoryRows() []map[string]string {
	var out []map[string]string
	for range g.size {
		p := g.insts[g.r.IntN(len(g.insts))]
		event := g.day("2025-01-01", "2025-06-30")
		m := map[string]string{"fixmedins_code": p.code, "fixmedins_bchno": g.next("B"), "inv_data_type": g.pick("1", "2", "3", "3", "4"),
			"event_time": g.clock(event), "upload_time": g.clock(event + Day(g.between(0, 40))), "med_list_codg": g.pick("X01", "X02", "Z04"),
			"cnt": g.pick("1", "10", "-2", ""), "amount_yuan": amount(g.pickInt(1000, 900, 100, -200, g.between(0, 9000))),
			"platform_flag": g.pick("1", "1", "1", "0", ""), "gift_flag": g.pick("0", "", "0", "1")}
		out = append(out, m)
	}
	for range g.size * 2 {
		c, l := g.someLine()
		if c == nil {
			break
		}
		served := MustDay(l["fee_ocur_time"][:10])
		upload := g.pick(g.clock(served), (served+1).String()+" 23:59:59", (served+2).String()+" 00:00:00")
		out = append(out, map[string]string{"fixmedins_code": c.head["fixmedins_code"], "fixmedins_bchno": g.next("B"),
			"inv_data_type": "4", "event_time": l["fee_ocur_time"], "upload_time": upload, "setl_id": l["setl_id"],
			"med_list_codg": g.pick(l["med_list_codg"], l["med_list_codg"], "X02"), "cnt": g.pick("1", "1", "1", "-1", "0", "")})
	}
	return out
}

func (g *gen) prescriptionRows() []map[string]string {
	var out []map[string]string
	for range g.size {
		written := g.day("2025-01-05", "2025-06-25")
		m := map[string]string{"hi_rxno": g.next("RX"), "fixmedins_code": g.insts[g.r.IntN(len(g.insts))].code,
			"prsc_time": g.clock(written), "electronic_flag": g.pick("1", "1", "0"), "outside_flag": g.pick("1", "1", "0"),
			"rx_stas_codg": g.pick("1", "1", "2", "3"), "dr_code": g.somebody()}
		if g.chance(70) {
			m["dispensing_fixmedins_code"] = g.insts[g.r.IntN(len(g.insts))].code
			m["setl_time"] = g.clock(written + Day(g.between(0, 35)))
		}
		out = append(out, m)
	}
	return out
}

func (g *gen) mobileRows() []map[string]string {
	var out []map[string]string
	for range g.size/2 + 1 {
		c := g.claims[g.r.IntN(len(g.claims))]
		out = append(out, map[string]string{"pay_ord_id": g.next("Y"), "setl_id": c.head["setl_id"],
			"paid_time": c.head["setl_time"], "refund_flag": g.pick("0", "", "1")})
	}
	return out
}

func (g *gen) noCodeRows(i int) []map[string]string {
	if i > 0 && g.chance(70) {
		return nil
	}
	from := g.pick("", "2025-03-15", "2025-05-01")
	return []map[string]string{{"med_list_codg": g.pick("X03", "Z04"), "valid_from": from}}
}

// dirty writes plain rows the way senders do, with some rows twice.
func (g *gen) dirty(feed string, rows []map[string]string) []map[string]string {
	var out []map[string]string
	for _, plain := range rows {
		out = append(out, g.dirtyRow(feed, plain))
		if g.chance(4) { // the same row again, perhaps in other clothes
			out = append(out, g.dirtyRow(feed, plain))
		}
	}
	if g.chance(30) {
		slices.Reverse(out)
	}
	return out
}

func (g *gen) dirtyRow(feed string, plain map[string]string) map[string]string {
	out := map[string]string{}
	for _, c := range feeds[feed].columns {
		if v, ok := plain[c.name]; ok { // in the order of the table: the same seed, the same file
			out[c.name] = g.dirtyCell(c, v)
		}
	}
	return out
}
