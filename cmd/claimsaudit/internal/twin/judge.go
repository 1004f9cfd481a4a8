package twin

import "math/big"

// inForce is the first service day the regulation judges (Art. 51).
var inForce = MustDay("2025-03-01")

// rule is one entry of the rule table of section 4.
type rule struct {
	name, action, article string
}

var rules = map[int]rule{
	401: {"practitioner_terminated", "withhold", "19, 50"},
	402: {"practitioner_suspended", "withhold", "19, 50"},
	403: {"pharmacy_principal_blocked", "withhold", "2, 39"},
	404: {"agreement_inactive", "withhold", "21"},
	405: {"practitioner_unknown", "review", "10"},
	406: {"not_registered_here", "review", "10, 17"},
	407: {"commitment_missing", "review", "8, 13"},
	408: {"suspension_expired", "review", "44"},
	409: {"status_not_maintained", "review", "37, 48"},
	410: {"practitioner_missing", "review", "10"},
}

// Finding is one (line, rule, role).
type Finding struct {
	Period, Setl, Line     string
	Rule                   int
	Role, Practitioner     string // "" for 404 and 410
	Action, LiftedBy       string
	status, stFrom, stTill string
}

// LineVerdict is the verdict on one line; Fund is in cents. Pay lines are in
// the result too, though mart.line_verdict leaves them out.
type LineVerdict struct {
	Period, Institution, Setl, Line, ServiceDate string
	Verdict                                      string
	Rule                                         int // 0 when none decides
	Article, Practitioner, Role                  string
	Status, StatusFrom, StatusTo, EmergencyTest  string
	Fund                                         int64
}

// court holds what judging needs, arranged once per audit.
type court struct {
	world        *World
	asOf         Day
	registry     *registry
	institutions map[string][]row
	aliases      map[string]row // alias code + institution → row
	reviews      []row
	lines        map[string][]row // by setl_id, in the order of feedetl_sn
	settlements  []row
	dossiers     map[string]*dossier
}

func (w *World) court(asOf string) *court {
	c := &court{world: w, asOf: MustDay(asOf), registry: w.registry(), institutions: w.institutions(),
		aliases: map[string]row{}, lines: map[string][]row{}, settlements: w.sorted("settlement")}
	for _, r := range w.sorted("practitioner_alias") {
		c.aliases[r["alias_code"]+"@"+r["fixmedins_code"]] = r
	}
	c.dossiers = w.dossiers(c.asOf)
	c.reviews = w.sorted("review")
	for _, r := range w.sorted("fee_line") {
		c.lines[r["setl_id"]] = append(c.lines[r["setl_id"]], r)
	}
	return c
}

func (w *World) institutions() map[string][]row {
	out := map[string][]row{}
	for _, r := range w.sorted("institution") {
		out[r["fixmedins_code"]] = append(out[r["fixmedins_code"]], r)
	}
	return out
}

// institutionOn is the institution row of a day: the latest valid_from not
// after it, else the earliest; nil when the registry lacks the institution.
func institutionOn(rows []row, d Day) row {
	var best, earliest row
	for _, r := range rows {
		from := r.day("valid_from") // noDay is the beginning: it precedes every day
		if earliest == nil || from < earliest.day("valid_from") {
			earliest = r
		}
		if from <= d && (best == nil || from > best.day("valid_from")) {
			best = r
		}
	}
	if best == nil {
		return earliest
	}
	return best
}

// effectiveSettlement tells whether a settlement is judged at all.
func effectiveSettlement(s row) bool {
	return s["vali_flag"] != "0" && s["refd_setl_flag"] == "0"
}

// resolve applies the alias feed once.
func (c *court) resolve(who, inst string, d Day) string {
	for _, scope := range []string{inst, ""} {
		a := c.aliases[who+"@"+scope]
		if a != nil && (!a.has("valid_from") || a.day("valid_from") <= d) {
			return a["prac_psn_code"]
		}
	}
	return who
}

// decision is the newest decision on a line that counts on the as-of day, nil without one.
func (c *court) decision(setl, line string) row {
	var newest row
	for _, r := range c.reviews {
		if r["setl_id"] != setl || (r.has("feedetl_sn") && r["feedetl_sn"] != line) {
			continue
		}
		if r.day("decided_on") > c.asOf || (r.has("expires_on") && r.day("expires_on") < c.asOf) {
			continue
		}
		if newest == nil || r["decided_on"] > newest["decided_on"] ||
			(r["decided_on"] == newest["decided_on"] && r["review_no"] > newest["review_no"]) {
			newest = r
		}
	}
	return newest
}

// emergencyTest is the first test that hits, "" when none does.
func emergencyTest(decision, settlement, line row) string {
	switch {
	case decision["decision"] == "emergency":
		return "review"
	case settlement["med_type"] == "13" || settlement["med_type"] == "24":
		return "med_type"
	case line["er_flag"] == "1":
		return "er_flag"
	}
	return ""
}

// personsOf are the codes of a line after correction and alias, "" where none is given.
func (c *court) personsOf(settlement, line, decision row) (bilg, orders string) {
	bilg, orders = line["bilg_dr_codg"], line["orders_dr_code"]
	if decision["decision"] == "correct_practitioner" && decision.has("prac_psn_code") {
		if orders != "" && orders == bilg {
			orders = decision["prac_psn_code"]
		}
		bilg = decision["prac_psn_code"]
	}
	inst, d := settlement["fixmedins_code"], line.day("fee_ocur_time")
	if bilg != "" {
		bilg = c.resolve(bilg, inst, d)
	}
	if orders != "" {
		orders = c.resolve(orders, inst, d)
	}
	return bilg, orders
}

// judge gives a line of an effective settlement its findings and its verdict.
func (c *court) judge(s, line row) (LineVerdict, []Finding) {
	decision := c.decision(s["setl_id"], line["feedetl_sn"])
	findings := c.findings(s, line, decision)
	test := emergencyTest(decision, s, line)
	v := LineVerdict{Period: s.month("setl_time"), Institution: s["fixmedins_code"], Setl: s["setl_id"],
		Line: line["feedetl_sn"], ServiceDate: line.day("fee_ocur_time").String(), Verdict: "pay"}

	var standing, lifted, reviewing []Finding
	for _, f := range findings {
		switch {
		case f.Action == "review":
			reviewing = append(reviewing, f)
		case test != "" && (f.Rule == 401 || f.Rule == 402):
			lifted = append(lifted, f)
		default:
			standing = append(standing, f)
		}
	}
	var deciding []Finding
	switch {
	case len(standing) > 0:
		v.Verdict, deciding = "withhold", standing
	case len(lifted) > 0:
		v.Verdict, deciding, v.EmergencyTest = "exempt", lifted, test
	case len(reviewing) > 0 && decision["decision"] == "uphold":
		v.Verdict, deciding = "withhold", reviewing
	case len(reviewing) > 0:
		v.Verdict, deciding = "review", reviewing
	}
	released := decision["decision"] == "release" && (v.Verdict == "withhold" || v.Verdict == "review")
	if released {
		v.Verdict, deciding = "pay", nil
	}
	for i := range findings {
		f := &findings[i]
		if released {
			f.LiftedBy = decision["review_no"]
		} else if f.Rule == 401 || f.Rule == 402 {
			f.LiftedBy = test
		}
	}
	if len(deciding) > 0 {
		f := deciding[0] // findings come by rule, then bilg_dr before orders_dr
		v.Rule, v.Article = f.Rule, rules[f.Rule].article
		v.Practitioner, v.Role = f.Practitioner, f.Role
		v.Status, v.StatusFrom, v.StatusTo = f.status, f.stFrom, f.stTill
	}
	return v, findings
}

// findings lists every rule that fires on a line, by rule, bilg_dr before orders_dr.
func (c *court) findings(s, line, decision row) []Finding {
	d := line.day("fee_ocur_time")
	if d < inForce {
		return nil
	}
	code := s["fixmedins_code"]
	inst := institutionOn(c.institutions[code], d)
	bilg, orders := c.personsOf(s, line, decision)
	var out []Finding
	add := func(rule int, role, who string) {
		f := Finding{Period: s.month("setl_time"), Setl: s["setl_id"], Line: line["feedetl_sn"], Rule: rule,
			Role: role, Practitioner: who, Action: rules[rule].action}
		if who != "" && c.registry.known(who) {
			from, to := c.registry.stretch(who, d)
			f.status, f.stFrom, f.stTill = c.registry.effective(who, d).status, from.String(), to.String()
		}
		out = append(out, f)
	}
	for _, number := range []int{401, 402, 403, 404, 405, 406, 407, 408, 409, 410} {
		switch number {
		case 403:
			if who, blocked := c.principalBlocked(inst, code, d); blocked {
				add(number, "principal", who)
			}
		case 404:
			if agreementInactive(inst, d) {
				add(number, "", "")
			}
		case 410:
			if inst != nil && inst["fixmedins_type"] != "2" && bilg == "" && orders == "" {
				add(number, "", "")
			}
		default:
			if bilg != "" && c.personRule(number, bilg, code, d) {
				add(number, "bilg_dr", bilg)
			}
			if orders != "" && c.personRule(number, orders, code, d) {
				add(number, "orders_dr", orders)
			}
		}
	}
	return out
}

// personRule tells whether a rule about a person fires at an institution on a day.
func (c *court) personRule(number int, who, inst string, d Day) bool {
	status := c.registry.effective(who, d).status
	e, registered := c.registry.registeredBy(who, inst, d)
	switch number {
	case 401:
		return status == "terminated"
	case 402:
		return status == "suspended"
	case 405:
		return !c.registry.known(who)
	case 406:
		return c.registry.known(who) && !registered
	case 407:
		return registered && e.commitment == "0"
	case 408:
		return status == "expired"
	case 409:
		return c.registry.known(who) && status == "normal" && c.dossiers[who] != nil && c.dossiers[who].blocked(d)
	}
	return false
}

// principalBlocked looks at the principal of a pharmacy, and only of a pharmacy.
func (c *court) principalBlocked(inst row, code string, d Day) (string, bool) {
	if inst == nil || inst["fixmedins_type"] != "2" || !inst.has("principal_code") {
		return "", false
	}
	who := c.resolve(inst["principal_code"], code, d)
	status := c.registry.effective(who, d).status
	return who, status == "suspended" || status == "terminated"
}

// agreementInactive looks at the stated status inside its bounds, both inclusive.
func agreementInactive(inst row, d Day) bool {
	if inst == nil || (inst["agreement_status"] != "suspended" && inst["agreement_status"] != "terminated") {
		return false
	}
	return (!inst.has("agreement_from") || d >= inst.day("agreement_from")) &&
		(!inst.has("agreement_to") || d <= inst.day("agreement_to"))
}

// apportion shares the fund amount of a settlement over its lines, in their
// order (ascending feedetl_sn), in cents that add up exactly.
func apportion(fund int64, lines []row) []int64 {
	n := len(lines)
	if n == 0 {
		return nil
	}
	weights := weightsOf(lines)
	total := new(big.Int)
	for _, x := range weights {
		total.Add(total, big.NewInt(x))
	}
	shares := make([]int64, n)
	remainders := make([]*big.Int, n)
	left := fund
	for i, x := range weights {
		product := new(big.Int).Mul(big.NewInt(fund), big.NewInt(x))
		floor, rest := new(big.Int).DivMod(product, total, new(big.Int)) // total > 0: Euclid is floor
		shares[i], remainders[i] = floor.Int64(), rest
		left -= floor.Int64()
	}
	given := make([]bool, n)
	for ; left > 0; left-- {
		best := -1
		for i := range lines {
			if !given[i] && (best < 0 || remainders[i].Cmp(remainders[best]) > 0) {
				best = i
			}
		}
		given[best] = true
		shares[best]++
	}
	return shares
}

// weightsOf picks what a settlement is shared by: scope amounts, fees, or heads.
func weightsOf(lines []row) []int64 {
	var scope, fee, head []int64
	var scopeSum, feeSum int64
	everyLineHasScope := true
	for _, l := range lines {
		everyLineHasScope = everyLineHasScope && l.has("inscp_scp_amt")
		scope = append(scope, l.number("inscp_scp_amt"))
		fee = append(fee, l.number("det_item_fee_sumamt"))
		head = append(head, 1)
		scopeSum += l.number("inscp_scp_amt")
		feeSum += l.number("det_item_fee_sumamt")
	}
	switch {
	case everyLineHasScope && scopeSum > 0:
		return scope
	case feeSum > 0:
		return fee
	default:
		return head
	}
}
