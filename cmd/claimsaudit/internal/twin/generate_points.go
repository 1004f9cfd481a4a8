package twin

import "strconv"

// pointsRows are decisions, repairs and restorations of the people of the world, dense enough that blocks meet each
// other, the turn of the year, repairs and restorations.
func (g *gen) pointsRows(i int, asOf Day) (decisions, repairs, restorations []map[string]string) {
	if !g.scored {
		return nil, nil, nil
	}
	offenders := g.people
	someone := func() string {
		if g.chance(4) {
			return "D999999999999" // the registry lacks it
		}
		return offenders[g.r.IntN(len(offenders))]
	}
	from := MustDay("2024-10-15")
	recent := func() Day { return from + Day(g.r.IntN(int(asOf+6-from))) }
	many := 9
	if g.chance(12) { // so many that most are terminated, and a bad row is below the gate
		many, offenders = 30, g.people[:4]
	}
	for range g.between(1, many) {
		m := map[string]string{"decision_no": g.next("J"), "prac_psn_code": someone(), "decided_on": recent().String(), "item": g.pick("1", "2"),
			"state": g.pick("final", "final", "final", "final", "final", "proposed", "revoked")}
		g.setPoints(m)
		if g.chance(30) {
			m["effective_on"] = (MustDay(m["decided_on"]) + Day(g.between(-6, 50))).String()
		}
		if g.chance(25) {
			m["inspection_no"] = g.pick("JC1", "JC2")
		}
		if g.chance(20) {
			m["act_no"] = g.pick("XW1", "XW2", "XW3")
		}
		g.decisions = append(g.decisions, m)
		decisions = append(decisions, m)
		if g.chance(15) { // another one of the same day
			twice := copyOf(m)
			twice["decision_no"] = g.next("J")
			g.setPoints(twice)
			g.decisions = append(g.decisions, twice)
			decisions = append(decisions, twice)
		}
	}
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
	for range g.between(0, 10) {
		m := map[string]string{"repair_no": g.next("X"), "prac_psn_code": someone(), "done_on": recent().String(),
			"kind": g.pick("study", "study", "publicity", "on_site")}
		if g.chance(80) {
			m["points_off"] = strconv.Itoa(g.between(0, 4))
		}
		if g.chance(60) {
			m["months_off"] = strconv.Itoa(g.between(0, 4))
		}
		if g.chance(80) {
			m["working_days"] = strconv.Itoa(g.between(3, 8))
		}
		repairs = append(repairs, m)
	}
	for range g.between(0, 8) {
		applied := recent()
		m := map[string]string{"restoration_no": g.next("H"), "prac_psn_code": someone(), "applied_on": applied.String()}
		if g.chance(85) {
			m["decided_on"], m["approved"] = (applied + Day(g.between(0, 20))).String(), g.pick("1", "1", "1", "1", "0")
		}
		if g.chance(35) {
			m["effective_on"] = (applied + Day(g.between(-10, 60))).String()
		}
		if g.chance(40) {
			m["new_commitment"] = g.pick("1", "1", "0")
		}
		restorations = append(restorations, m)
	}
	return decisions, repairs, restorations
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
	m["points"], m["article"] = strconv.Itoa(points), strconv.Itoa(29+(points-1)/3)
}
