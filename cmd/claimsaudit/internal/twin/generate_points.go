package twin

import (
	"slices"
	"strconv"
)

// pointsRows are decisions, repairs and restorations of the people of the world, dense enough that blocks meet each
// other, the turn of the year, repairs and restorations.
func (g *gen) pointsRows(i int, asOf Day) (decisions, repairs, restorations []map[string]string) {
	if !g.scored {
		return nil, nil, nil
	}
	decisions = g.newDecisions(asOf)
	if i > 0 {
		for range 3 { // what was proposed becomes final, what was final is revoked or corrected
			changed := copyOf(g.decisions[g.r.IntN(len(g.decisions))])
			changed["state"] = g.pick("final", "final", "revoked", "proposed")
			if g.chance(30) {
				g.setPoints(changed)
			}
			decisions = append(decisions, changed)
		}
	}
	for range g.between(0, 12) {
		repairs = append(repairs, g.repairRow(asOf))
	}
	if len(repairs) > 0 && g.chance(30) { // corrected afterwards
		changed := copyOf(repairs[g.r.IntN(len(repairs))])
		changed["points_off"] = strconv.Itoa(g.between(0, 3))
		repairs = append(repairs, changed)
	}
	for range g.between(0, 10) {
		restorations = append(restorations, g.restorationRow(asOf))
	}
	return decisions, repairs, restorations
}

// offender is somebody, now and then a person the registry lacks.
func (g *gen) offender(among []string) string {
	if g.chance(4) {
		return "D999999999999"
	}
	return among[g.r.IntN(len(among))]
}

// recent is a day from the first decisions of the world to a few days after the as-of day.
func (g *gen) recent(asOf Day) Day {
	if g.chance(15) {
		return asOf - Day(g.between(-3, 12)) // what starts or is due soon
	}
	return g.scoredFrom + Day(g.r.IntN(int(asOf+6-g.scoredFrom)))
}

func (g *gen) newDecisions(asOf Day) (decisions []map[string]string) {
	offenders, many := g.people, 9
	switch {
	case g.light:
		many = 3
	case g.chance(12): // so many that most are terminated, and a bad row is below the gate
		many, offenders = 30, g.people[:4]
	}
	keep := func(m map[string]string) {
		g.decisions = append(g.decisions, m)
		decisions = append(decisions, m)
	}
	for range g.between(1, many) {
		m := map[string]string{"decision_no": g.next("J"), "prac_psn_code": g.offender(offenders), "decided_on": g.recent(asOf).String(), "item": g.pick("1", "2"),
			"state": g.pick("final", "final", "final", "final", "final", "proposed", "revoked")}
		g.setPoints(m)
		g.setStart(m)
		if g.chance(25) {
			m["inspection_no"] = g.pick("JC1", "JC2")
		}
		if g.chance(20) {
			m["act_no"] = g.pick("XW1", "XW2", "XW3")
		}
		keep(m)
		if g.chance(25) { // another one of the same day, perhaps of the same inspection or act
			twice := copyOf(m)
			twice["decision_no"] = g.next("J")
			switch g.r.IntN(5) {
			case 0:
				delete(twice, "inspection_no")
				delete(twice, "act_no")
				g.setPoints(twice)
			case 1:
				g.setPoints(twice)
			case 2:
				m["inspection_no"], twice["inspection_no"] = "JC3", "JC3"
				top, _ := strconv.Atoi(m["article"])
				twice["points"] = strconv.Itoa(3*(top-29) + g.between(1, 3))
			case 3:
				m["inspection_no"], twice["inspection_no"], m["act_no"], twice["act_no"] = "JC1", "JC1", "XW4", "XW4"
			}
			g.setStart(twice)
			keep(twice)
		}
	}
	return decisions
}

// setPoints gives a decision points and the article of their band.
func (g *gen) setPoints(m map[string]string) {
	points := g.between(1, 4) // small ones add up
	if g.chance(45) {
		points = g.between(4, 11)
	}
	if g.chance(5) {
		points = 12
	}
	if g.light {
		points = g.pickInt(1, 2, 9, 10, 11, 11, 12)
	}
	m["points"], m["article"] = strconv.Itoa(points), strconv.Itoa(29+(points-1)/3)
}

// setStart lets the block that may follow begin on another day than that of the decision.
func (g *gen) setStart(m map[string]string) {
	delete(m, "effective_on")
	switch decided := MustDay(m["decided_on"]); {
	case g.chance(25):
		m["effective_on"] = (decided + Day(g.pickInt(g.between(-6, 50), g.between(0, 12)))).String()
	case g.chance(5): // found out late
		m["effective_on"] = (decided - Day(g.between(100, 400))).String()
	}
	if g.chance(60) {
		m["notice_served_on"] = (MustDay(m["decided_on"]) + Day(g.between(-8, 12))).String()
	}
	if g.chance(15) {
		m["appealed_on"] = (MustDay(m["decided_on"]) + Day(g.between(-8, 12))).String()
	}
}

// someDecision is a decision that may have blocked its person, nil while there is none.
func (g *gen) someDecision() map[string]string {
	var heavy []map[string]string
	for _, m := range g.decisions {
		if points, _ := strconv.Atoi(m["points"]); m["state"] == "final" && points >= 7 {
			heavy = append(heavy, m)
		}
	}
	if len(heavy) == 0 {
		return nil
	}
	return heavy[g.r.IntN(len(heavy))]
}

// about is a person and a day some time after what may have blocked the person.
func (g *gen) about(asOf Day, low, high int) (who string, day Day) {
	who, day = g.offender(g.people), g.recent(asOf)
	if m := g.someDecision(); m != nil && g.chance(75) {
		who, day = m["prac_psn_code"], min(MustDay(m["decided_on"])+Day(g.between(low, high)), asOf+5)
	}
	return who, day
}

func (g *gen) repairRow(asOf Day) map[string]string {
	who, day := g.about(asOf, 0, 130)
	m := map[string]string{"repair_no": g.next("X"), "prac_psn_code": who, "done_on": day.String(), "kind": g.pick("study", "study", "study", "publicity", "on_site")}
	if g.chance(80) {
		m["points_off"] = strconv.Itoa(g.between(0, 4))
	}
	if g.chance(60) {
		m["months_off"] = strconv.Itoa(g.between(0, 4))
	}
	if g.chance(80) {
		m["working_days"] = strconv.Itoa(g.between(3, 8))
	}
	return m
}

func (g *gen) restorationRow(asOf Day) map[string]string {
	length := g.pickInt(20, 50, 70, 110, 180, 390, 390, 390) // the last is a termination
	who, applied := g.about(asOf, max(0, length-40), length+length/3)
	m := map[string]string{"restoration_no": g.next("H"), "prac_psn_code": who, "applied_on": applied.String()}
	if g.chance(85) {
		m["decided_on"], m["approved"] = (applied + Day(g.between(0, 20))).String(), g.pick("1", "1", "1", "1", "0")
	}
	if g.chance(35) {
		m["effective_on"] = (applied + Day(g.between(-10, 60))).String()
	}
	if g.chance(60) {
		m["new_commitment"] = g.pick("1", "1", "0")
	}
	if length == 390 && g.chance(50) {
		m["decided_on"], m["approved"], m["new_commitment"] = applied.String(), "1", "1"
	}
	return m
}

// planPoints decides whether the centre keeps points in this world and since when: terminations must have their end in it.
// Without light worlds nearly everyone ends terminated; without calm ones the registry decides most lines.
func (g *gen) planPoints() {
	g.scored, g.light, g.calm = g.chance(75), g.chance(40), g.chance(30)
	g.scoredFrom = MustDay(g.pick("2024-10-15", "2024-10-15", "2023-06-01"))
}

// muchLater adds a night long after the rest, when most blocks are over.
func (g *gen) muchLater(batches []Batch) []Batch {
	if !g.scored || !g.chance(40) {
		return batches
	}
	last, i := g.closed[len(g.closed)-1], len(batches)
	asOf := MustDay(batches[i-1].AsOf) + Day(g.between(60, 800))
	batch := Batch{Run: "nightly", AsOf: asOf.String()}
	batch.Files = slices.DeleteFunc(g.files(i, last, asOf), func(f File) bool { return f.Feed == "inventory" || f.Feed == "prescription" })
	return append(batches, batch)
}
