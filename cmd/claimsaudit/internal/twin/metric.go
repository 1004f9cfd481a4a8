package twin

import (
	"fmt"
	"slices"
	"strings"
)

// MetricRow is one figure of the scorecard; counts, visits and cents stand in Numerator.
type MetricRow struct {
	Year                   int
	Institution, Metric    string
	Numerator, Denominator int64
	State                  string
}

type metricKey struct {
	year         int
	inst, metric string
}

// scored is a year whose figures a run computes, as far as it has come, and the window of its ratios.
type scored struct {
	year   int
	window window
}

func (s scored) first() Day { return MustDay(s.window.months[0] + "-01") }
func (s scored) last() Day  { return lastDay(s.window.months[len(s.window.months)-1]) }

// Metrics computes the figures of the years of these months up to the run's own, remembers them and returns nothing:
// Audit lists them. The run's own year is looked at to date, never to an earlier month than the latest closed one.
func (w *World) Metrics(own, asOf string, months ...string) {
	latest := own
	for p := range w.closed {
		latest = max(latest, p)
	}
	seen := map[string]bool{}
	for _, month := range append([]string{own}, months...) {
		year := month[:4]
		if seen[year] || year > own[:4] {
			continue
		}
		seen[year] = true
		wins := windowsOf(year + "-12")
		s := scored{MustDay(year + "-01-01").time().Year(), wins[2]}
		if year == own[:4] && latest[:4] == year {
			s.window = windowsOf(latest)[1]
		}
		for key := range w.metrics {
			if key.year == s.year {
				delete(w.metrics, key)
			}
		}
		c := w.court(asOf)
		for inst := range w.institutions() {
			c.metricsOf(s, inst)
		}
	}
}

func (c *court) metricsOf(s scored, inst string) {
	add := func(metric string, n, d int64, state string) {
		c.world.metrics[metricKey{s.year, inst, metric}] = MetricRow{s.year, inst, metric, n, d, state}
	}
	state := func(isKnown bool) string {
		if isKnown {
			return "ok"
		}
		return "no_data"
	}
	for key, r := range c.world.ratios {
		if key.kind == s.window.kind && key.key == s.window.key && key.inst == inst {
			word := r.State
			if key.number == 606 && r.Numerator == 0 && len(c.world.settled(inst, s.window)) == 0 {
				word = "no_data" // it has its denominator whatever happened
			}
			add(fmt.Sprintf("ratio_%d", key.number), r.Numerator, r.Denominator, word)
			if key.number == 605 || key.number == 606 {
				add(r.Name, r.Numerator, r.Denominator, word)
			}
		}
	}
	share := func(metric, from string, n, d int64) {
		word := state(d > 0)
		if from > s.window.months[len(s.window.months)-1] {
			word = "not_due"
		}
		add(metric, n, d, word)
	}
	n, d := c.codesDispensed(s, inst)
	share("trace_code_dispensing", "2024-11", n, d)
	n, d = c.codesStockedIn(s, inst)
	share("trace_code_stock_in", "2025-07", n, d)
	for name, n := range c.fundFigures(s, inst) {
		add(name, n, 0, state(len(c.world.settled(inst, s.window)) > 0))
	}
	lines := c.linesOf(s, inst)
	people := c.uncoded(inst, lines)
	add("uncoded_person", people, 0, state(len(lines) > 0 && len(c.registry.rows) > 0))
	if !c.world.KeepsPoints() {
		_, isListed := c.registry.snapshots[inst]
		add("late_change", c.lateChanges(s, inst), 0, state(isListed && c.registry.snapshots[inst][0] <= s.last()))
	}
	for metric, n := range c.priceCases(inst, lines) {
		if metric == "over_standard_price" || institutionOn(c.institutions[inst], s.last())["fixmedins_type"] == "2" {
			add(metric, n, 0, state(len(lines) > 0 && c.priceListed(s, inst, metric) || n > 0))
		}
	}
}

// claimLine is a line with its settlement.
type claimLine struct{ settlement, line row }

func (c *court) linesOf(s scored, inst string) (all []claimLine) {
	for _, head := range c.world.settled(inst, s.window) {
		for _, l := range c.lines[head["setl_id"]] {
			all = append(all, claimLine{head, l})
		}
	}
	return all
}

// codesDispensed counts drug lines that are not in-patient from November 2024 on, and those with a trace code.
func (c *court) codesDispensed(s scored, inst string) (n, d int64) {
	for _, x := range c.linesOf(s, inst) {
		isDrug := slices.Contains([]string{"09", "10", "11"}, x.line["med_chrgitm_type"])
		if !isDrug || isInpatient(x.settlement["med_type"]) || c.world.carriesNoCode(x.line) || x.settlement.month("setl_time") < "2024-11" {
			continue
		}
		d++
		if wellFormedTrace(x.line["drug_trac_codg"]) {
			n++
		}
	}
	return n, d
}

// codesStockedIn counts purchases from July 2025 on, and those with a trace code.
func (c *court) codesStockedIn(s scored, inst string) (n, d int64) {
	for _, v := range c.world.sorted("inventory") {
		month := v.month("event_time")
		if v["fixmedins_code"] != inst || v["inv_data_type"] != "3" || v.number("cnt") <= 0 || month < "2025-07" || !s.window.has(month) {
			continue
		}
		drug := c.world.rows["no_code_drug"][v["med_list_codg"]]
		if drug != nil && (!drug.has("valid_from") || drug.day("valid_from") <= v.day("event_time")) {
			continue
		}
		d++
		if wellFormedTrace(v["drug_trac_codg"]) {
			n++
		}
	}
	return n, d
}

func isInpatient(medType string) bool {
	return strings.HasPrefix(medType, "21") || strings.HasPrefix(medType, "52") ||
		slices.Contains([]string{"22", "23", "24", "9902", "9904", "9907", "9921", "9925"}, medType)
}

func isOutpatient(medType string) bool {
	return strings.HasPrefix(medType, "14") || slices.Contains([]string{"11", "13", "15", "16", "41", "9901", "9903", "9906"}, medType)
}

// fundFigures are visits and cents by fund and insurance kind: whoever got something of a fund is a visit of it.
func (c *court) fundFigures(s scored, inst string) map[string]int64 {
	figures := map[string]int64{}
	for _, fund := range []string{"outpatient", "inpatient", "large_amount", "serious_illness", "medical_aid", "pooled"} {
		for _, insu := range []string{"employee", "resident"} {
			figures["visits_"+fund+"_"+insu], figures["amount_"+fund+"_"+insu+"_cents"] = 0, 0
		}
	}
	for _, head := range c.world.settled(inst, s.window) {
		insu := map[string]string{"310": "employee", "320": "employee", "330": "employee", "340": "employee", "350": "employee", "360": "employee",
			"370": "employee", "380": "resident", "390": "resident", "391": "resident", "392": "resident"}[head["insutype"]]
		if insu == "" {
			continue
		}
		add := func(fund string, cents int64) {
			figures["amount_"+fund+"_"+insu+"_cents"] += cents
			if cents > 0 {
				figures["visits_"+fund+"_"+insu]++
			}
		}
		pooled := head.number("hifp_pay")
		if !head.has("hifp_pay") {
			pooled = head.number("fund_pay_sumamt")
			for _, other := range []string{"cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "maf_pay", "othfund_pay"} {
				pooled -= head.number(other)
			}
		}
		add("pooled", pooled)
		switch {
		case isOutpatient(head["med_type"]):
			add("outpatient", pooled)
		case isInpatient(head["med_type"]):
			add("inpatient", pooled)
		}
		add("large_amount", head.number("hifob_pay"))
		add("serious_illness", head.number("hifmi_pay"))
		add("medical_aid", head.number("maf_pay"))
	}
	return figures
}

// uncoded are the distinct codes on lines that no registry row ever had, and that neither an alias nor a person cleared.
func (c *court) uncoded(inst string, lines []claimLine) int64 {
	codes := map[string]bool{}
	for _, x := range lines {
		switch c.decision(x.line["setl_id"], x.line["feedetl_sn"])["decision"] {
		case "release", "correct_practitioner":
			continue
		}
		for _, who := range []string{x.line["bilg_dr_codg"], x.line["orders_dr_code"]} {
			if who != "" && !c.registry.known(who) && !c.registry.known(c.resolve(who, inst, x.line.day("fee_ocur_time"))) {
				codes[who] = true
			}
		}
	}
	if len(c.registry.rows) == 0 {
		return 0
	}
	return int64(len(codes))
}

// priceAt is the price of a kind that holds for a drug at an institution on a day, in millionths of a yuan.
func (c *court) priceAt(kind, drug, inst string, day Day) (price int64, ok bool) {
	for _, whose := range []string{inst, ""} {
		var best row
		for _, p := range c.world.sorted("price_limit") {
			holds := p["price_kind"] == kind && p["med_list_codg"] == drug && p["fixmedins_code"] == whose &&
				p.day("valid_from") <= day && (!p.has("valid_to") || day <= p.day("valid_to"))
			if holds && (best == nil || p.day("valid_from") > best.day("valid_from")) {
				best = p
			}
		}
		if best != nil {
			return best.number("limit_price"), true
		}
	}
	return 0, false
}

func (c *court) isRiskDrug(drug string) bool {
	return slices.ContainsFunc(c.world.sorted("price_limit"), func(p row) bool { return p["price_kind"] == "monitored" && p["med_list_codg"] == drug })
}

// priceCases are lines above the payment standard, and a pharmacy's risk drugs above each other price.
func (c *court) priceCases(inst string, lines []claimLine) map[string]int64 {
	cases := map[string]int64{"over_standard_price": 0}
	for _, kind := range []string{"monitored", "online", "uninsured"} {
		drugs := map[string]bool{}
		for _, x := range lines {
			drug, day := x.line["med_list_codg"], x.line.day("fee_ocur_time")
			limit, ok := c.priceAt(kind, drug, inst, day)
			price := x.line.number("pric")
			if !ok || x.line.number("cnt") <= 0 || !c.isRiskDrug(drug) || institutionOn(c.institutions[inst], day)["fixmedins_type"] != "2" {
				continue
			}
			if kind == "online" && price*100 >= limit*115 || kind != "online" && price > limit {
				drugs[drug] = true
			}
		}
		cases["price_over_"+kind] = int64(len(drugs))
	}
	for _, x := range lines {
		limit, ok := c.priceAt("standard", x.line["med_list_codg"], inst, x.line.day("fee_ocur_time"))
		isNegotiated := !x.line.has("hi_nego_drug_flag") || x.line["hi_nego_drug_flag"] == "1"
		if ok && isNegotiated && x.line.number("cnt") > 0 && x.line.number("pric") > limit {
			cases["over_standard_price"]++
		}
	}
	return cases
}

// priceListed tells whether a price of the metric's kind was in force for the institution on some day of the year.
func (c *court) priceListed(s scored, inst, metric string) bool {
	kind := strings.TrimPrefix(metric, "price_over_")
	if metric == "over_standard_price" {
		kind = "standard"
	}
	return slices.ContainsFunc(c.world.sorted("price_limit"), func(p row) bool {
		return p["price_kind"] == kind && (p["fixmedins_code"] == "" || p["fixmedins_code"] == inst) && p.day("valid_from") <= s.last() &&
			(!p.has("valid_to") || p.day("valid_to") >= s.first()) && (kind == "standard" || c.isRiskDrug(p["med_list_codg"]))
	})
}

// lateChanges are statuses and registrations that a snapshot taken after five working days did not show yet, of those
// whose time was up within the year. A world with a points record has blocks of its own, which the twin leaves out.
func (c *court) lateChanges(s scored, inst string) (late int64) {
	inYear := func(begun Day) (due Day, ok bool) {
		at, err := c.world.Workdays(begun.time(), 5)
		if err != nil {
			return noDay, false
		}
		due = MustDay(at.Format("2006-01-02"))
		return due, due >= s.first() && due <= s.last()
	}
	for _, people := range c.registry.rows {
		statuses, registrations := map[Day]Day{}, map[Day]Day{} // first day → first snapshot that shows it
		shown := func(list map[Day]Day, begun, snapshot Day) {
			if known, ok := list[begun]; begun != noDay && (!ok || snapshot < known) {
				list[begun] = snapshot
			}
		}
		for _, e := range people[inst] {
			if e.blocked() {
				shown(statuses, e.begin, e.snapshot)
			}
			shown(registrations, e.registered, e.snapshot)
		}
		for begun, seen := range statuses {
			due, ok := inYear(begun)
			if ok && slices.ContainsFunc(people[inst], func(e entry) bool { return !e.blocked() && e.snapshot > due && e.snapshot < seen }) {
				late++
			}
		}
		for begun, seen := range registrations {
			due, ok := inYear(begun)
			lacking := slices.ContainsFunc(c.registry.snapshots[inst], func(d Day) bool { return d > due && d < seen })
			listed := slices.ContainsFunc(people[inst], func(e entry) bool { return e.snapshot >= begun && e.snapshot < seen })
			if ok && lacking && !listed {
				late++
			}
		}
	}
	return late
}
