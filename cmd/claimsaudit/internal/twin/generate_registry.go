package twin

// snapshots are the registry rows due in batch i, with corrections of earlier ones.
func (g *gen) snapshots(i int) []map[string]string {
	var out []map[string]string
	for _, p := range g.insts {
		for n, date := range p.dates {
			switch {
			case p.due[n] == i:
				before := len(out)
				for _, who := range g.people {
					if g.chance(60) || g.calm {
						out = append(out, g.registryRow(who, p.code, date))
					}
				}
				if len(out) == before {
					out = append(out, g.registryRow(g.people[0], p.code, date))
				}
			case p.due[n] < i && g.chance(12): // a corrected row of a known snapshot
				out = append(out, g.registryRow(g.people[g.r.IntN(len(g.people))], p.code, date))
			}
		}
	}
	return out
}

func (g *gen) registryRow(who, inst string, date Day) map[string]string {
	m := map[string]string{"snapshot_date": date.String(), "prac_psn_code": who, "fixmedins_code": inst,
		"status": "normal", "commitment_flag": g.pick("1", "1", "1", "1", "1", "0", "")}
	if g.chance(25) {
		m["registered_on"] = (date + Day(g.between(-60, 15))).String()
	}
	if g.chance(55) || g.calm && g.chance(90) {
		if g.chance(6) { // dates on a normal row mean nothing
			m["status_begin"] = (date - Day(g.between(0, 30))).String()
			m["status_end"] = (date + Day(g.between(0, 30))).String()
		}
		return m
	}
	m["status"] = g.pick("suspended", "suspended", "terminated")
	begin := date
	switch {
	case g.chance(15):
	case g.chance(60):
		begin = date - Day(g.between(0, 70))
		m["status_begin"] = begin.String()
	default:
		begin = date + Day(g.between(1, 25))
		m["status_begin"] = begin.String()
	}
	switch {
	case g.chance(35):
	case g.chance(3):
		m["status_end"] = "2031-01-31"
	default:
		m["status_end"] = (begin + Day(g.between(0, 60))).String()
	}
	return m
}

// institutionRows are the institutions at first, and changes later.
func (g *gen) institutionRows(i int) []map[string]string {
	var out []map[string]string
	for _, p := range g.insts {
		if !p.registered || (i > 0 && !g.chance(20)) {
			continue
		}
		versions := []string{g.pick("", "2025-01-01", "2025-03-15")}
		if g.chance(40) {
			versions = append(versions, g.day("2025-02-01", "2025-06-01").String())
		}
		for _, from := range versions {
			out = append(out, g.institutionRow(p, from))
		}
	}
	return out
}

func (g *gen) institutionRow(p place, from string) map[string]string {
	m := map[string]string{"fixmedins_code": p.code, "fixmedins_name": p.name + g.pick("", "", "（新）"),
		"fixmedins_type": p.kind, "valid_from": from, "ownership": "public",
		"agreement_status": g.pick("active", "active", "active", "active", "", "suspended", "terminated")}
	if p.kind == "2" || g.chance(10) { // a medical institution's principal means nothing
		m["principal_code"] = g.pick(append([]string{"", g.aliases[0], "D999999999999"}, g.people...)...)
	}
	if g.chance(60) {
		start := g.day("2025-02-15", "2025-05-15")
		m["agreement_from"] = start.String()
		if g.chance(70) {
			m["agreement_to"] = (start + Day(g.between(0, 40))).String()
		}
	}
	return m
}

func (g *gen) aliasRows(i int) []map[string]string {
	var out []map[string]string
	for _, alias := range g.aliases {
		if !g.chance(50) || (i > 0 && !g.chance(30)) {
			continue
		}
		scopes := []string{""}
		if g.chance(50) {
			scopes = append(scopes, g.insts[g.r.IntN(len(g.insts))].code)
		}
		for _, scope := range scopes {
			to := g.people[g.r.IntN(len(g.people))]
			if g.chance(10) { // an alias of an alias is not followed
				to = g.aliases[g.r.IntN(len(g.aliases))]
			}
			m := map[string]string{"alias_code": alias, "prac_psn_code": to, "fixmedins_code": scope}
			if g.chance(40) {
				m["valid_from"] = g.day("2025-02-20", "2025-05-15").String()
			}
			out = append(out, m)
		}
	}
	return out
}

// reviewRows are new decisions on lines and settlements, and changed old ones.
func (g *gen) reviewRows(i int, asOf Day) []map[string]string {
	var out []map[string]string
	many := g.size/3 + 1
	if g.calm {
		many *= 2
	}
	for range many {
		if len(g.claims) == 0 {
			break
		}
		c := g.claims[g.r.IntN(len(g.claims))]
		g.serial++
		decided := asOf + Day(g.between(-25, 4))
		m := map[string]string{"review_no": g.next("R"), "setl_id": c.head["setl_id"],
			"decision":   g.pick("uphold", "release", "release", "emergency", "correct_practitioner"),
			"decided_on": decided.String(), "decided_by": "复核员", "reason": "样本"}
		if len(c.lines) > 0 && g.chance(70) {
			m["feedetl_sn"] = c.lines[g.r.IntN(len(c.lines))]["feedetl_sn"]
		}
		if m["decision"] == "correct_practitioner" {
			m["prac_psn_code"] = g.somebody()
		}
		if g.chance(35) {
			m["expires_on"] = (asOf + Day(g.between(-3, 40))).String()
		}
		g.reviews = append(g.reviews, m)
		out = append(out, m)
		if g.chance(15) { // a second decision of the same day on the same line
			twice := copyOf(m)
			twice["review_no"], twice["decision"] = g.next("R"), g.pick("uphold", "release", "emergency")
			g.reviews = append(g.reviews, twice)
			out = append(out, twice)
		}
	}
	if i > 0 && g.chance(50) {
		changed := copyOf(g.reviews[g.r.IntN(len(g.reviews))])
		changed["decision"] = g.pick("uphold", "release", "emergency")
		out = append(out, changed)
	}
	return out
}

// somebody is a code as it may stand on a line: mostly known, sometimes an alias or unknown.
func (g *gen) somebody() string {
	switch dice := g.r.IntN(100); {
	case dice < 12:
		return g.aliases[g.r.IntN(len(g.aliases))]
	case dice < 16:
		return "D999999999999"
	default:
		return g.people[g.r.IntN(len(g.people))]
	}
}
