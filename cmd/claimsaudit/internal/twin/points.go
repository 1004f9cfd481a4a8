package twin

import (
	"cmp"
	"slices"
	"time"
)

// PointsEvent is one row of the points record.
type PointsEvent struct {
	Practitioner, On, Event, Ref string
	Points, TotalAfter           int64
	Measure, BlockFrom, BlockTo  string
	Article                      string
}

// penalty is a suspension or termination, days [from, to).
type penalty struct {
	ref                string // the last decision of the day
	terminates         bool
	from, to, decided  Day
	restored, postpone bool // restored; a clearing was put off to its end
}

func (p *penalty) runs(d Day) bool { return p.from <= d && d < p.to }

// dossier lives through a person's days one by one (section 4a).
type dossier struct {
	who       string
	asOf      Day
	total     int64
	penalties []*penalty
	postponed bool // the clearing of 1 January waits for the end of a block
	heavy     bool // a block began with 12 points or more
	year      int
	used      map[string]int64 // points and months that repairs of the year took off
	waiting   []row            // restorations that met a block
	events    []PointsEvent
}

// dossiers are the records of everyone the feeds of the record name.
func (w *World) dossiers(asOf Day) map[string]*dossier {
	all := map[string]*dossier{}
	for _, feed := range []string{"points_decision", "repair", "restoration"} {
		for _, r := range w.sorted(feed) {
			if who := r["prac_psn_code"]; all[who] == nil {
				all[who] = w.dossier(who, asOf)
			}
		}
	}
	return all
}

func (w *World) dossier(who string, asOf Day) *dossier {
	d := &dossier{who: who, asOf: asOf, used: map[string]int64{}}
	decisions, repairs, restorations := map[Day][]row{}, map[Day][]row{}, map[Day][]row{}
	first := asOf
	for _, r := range countedOnce(w.finals(who, asOf)) {
		on := r.day("decided_on")
		decisions[on] = append(decisions[on], r)
		first = min(first, on)
	}
	for _, r := range w.sorted("repair") { // in the order of repair_no
		if on := r.day("done_on"); r["prac_psn_code"] == who {
			repairs[on] = append(repairs[on], r)
		}
	}
	for _, r := range w.sorted("restoration") {
		if r["prac_psn_code"] == who && r["approved"] == "1" && r.day("applied_on") <= asOf && r.day("decided_on") <= asOf && restorationDay(r) != noDay {
			restorations[restorationDay(r)] = append(restorations[restorationDay(r)], r)
		}
	}
	for day := first; day <= asOf; day++ {
		d.newYear(day)
		d.clearWhenFree(day)
		d.decide(day, decisions[day])
		for _, r := range repairs[day] {
			d.repair(day, r)
		}
		d.clearWhenFree(day) // a shortened suspension may be over
		d.restore(day, restorations[day])
	}
	return d
}

func restorationDay(r row) Day {
	if r.has("effective_on") {
		return r.day("effective_on")
	}
	return r.day("decided_on")
}

// finals are a person's final decisions of days up to the as-of day, by number.
func (w *World) finals(who string, asOf Day) []row {
	var out []row
	for _, r := range w.sorted("points_decision") {
		if r["prac_psn_code"] == who && r["state"] == "final" && r.day("decided_on") <= asOf {
			out = append(out, r)
		}
	}
	return out
}

// countedOnce keeps, of the decisions of one inspection, article and item, and then of those of one act, the one with the
// highest points and among these the smallest number (Art. 26).
func countedOnce(decisions []row) []row {
	for _, key := range []string{"inspection_no", "act_no"} {
		var kept []row
		for _, r := range decisions {
			isBest := true
			for _, o := range decisions {
				same := r.has(key) && o[key] == r[key] && (key == "act_no" || o["article"] == r["article"] && o["item"] == r["item"])
				better := o.number("points") > r.number("points") || o.number("points") == r.number("points") && o["decision_no"] < r["decision_no"]
				if same && better {
					isBest = false
				}
			}
			if isBest {
				kept = append(kept, r)
			}
		}
		decisions = kept
	}
	return decisions
}

func (d *dossier) blocked(day Day) bool {
	return slices.ContainsFunc(d.penalties, func(p *penalty) bool { return p.runs(day) })
}

// newYear clears on 1 January. A block that runs then, or is decided and has not begun, puts it off.
func (d *dossier) newYear(day Day) {
	if t := day.time(); t.Month() != time.January || t.Day() != 1 {
		return
	}
	for _, p := range d.penalties {
		if day < p.to {
			d.postponed, p.postpone = true, true
		}
	}
	if !d.postponed {
		d.clear(day)
	}
}

// clearWhenFree clears what waited for the end of a block, or has to be cleared at its end in any case.
func (d *dossier) clearWhenFree(day Day) {
	if d.blocked(day) {
		return
	}
	toCome := slices.ContainsFunc(d.penalties, func(p *penalty) bool { return p.postpone && p.from > day })
	if d.heavy || d.postponed && !toCome {
		d.clear(day)
	}
}

func (d *dossier) clear(day Day) {
	off := d.total
	d.total, d.postponed, d.heavy = 0, false, false
	for _, p := range d.penalties {
		p.postpone = false
	}
	if off > 0 {
		d.event(PointsEvent{On: day.String(), Event: "clear", Points: -off, Article: "25"})
	}
}

func (d *dossier) event(e PointsEvent) {
	e.Practitioner, e.TotalAfter = d.who, d.total
	d.events = append(d.events, e)
}

// decide adds a day's decisions; the measure and the block are on the last of them.
func (d *dossier) decide(day Day, decisions []row) {
	before := d.total
	var largest row
	for _, r := range decisions {
		if largest == nil || r.number("points") > largest.number("points") {
			largest = r
		}
		d.total += r.number("points")
		d.event(PointsEvent{On: day.String(), Event: "points", Ref: r["decision_no"], Points: r.number("points"), Article: r["article"]})
	}
	if largest != nil {
		last := &d.events[len(d.events)-1]
		var months int
		last.Measure, months = measureOf(before, d.total, largest.number("points"))
		if months > 0 {
			from := day
			if largest.has("effective_on") {
				from = largest.day("effective_on")
			}
			p := &penalty{ref: last.Ref, terminates: last.Measure == "terminate", from: from, to: d.end(from, from.plusMonths(months)), decided: day}
			d.penalties = append(d.penalties, p)
			last.BlockFrom, last.BlockTo = p.from.String(), p.to.String()
			d.event(PointsEvent{On: day.String(), Event: "block", Ref: last.Ref, Measure: last.Measure, BlockFrom: last.BlockFrom, BlockTo: last.BlockTo, Article: "33"})
		}
	}
	for _, p := range d.penalties {
		if day == max(p.from, p.decided) && d.total >= 12 {
			d.heavy = true
		}
	}
}

// end is where a block that begins on from ends: with the latest of those it overlaps.
func (d *dossier) end(from, to Day) Day {
	for {
		longer := to
		for _, p := range d.penalties {
			if p.from < longer && from < p.to {
				longer = max(longer, p.to)
			}
		}
		if longer == to {
			return to
		}
		to = longer
	}
}

// measureOf is the table of Article 33; months is 0 for what is no block.
func measureOf(before, after, single int64) (name string, months int) {
	byTotal := map[int64]int{9: 1, 10: 2, 11: 3}[after]
	bySingle := map[int64]int{9: 2, 10: 4, 11: 6}[single]
	switch {
	case single == 12:
		return "terminate", 36
	case after >= 12:
		return "terminate", 12
	case byTotal > 0 || bySingle > 0:
		return "suspend", max(byTotal, bySingle)
	case after >= 7 && after <= 8 && before < 7:
		return "circular", 0
	case after >= 4 && after <= 6 && before < 4:
		return "head_talk", 0
	case after == 3 && before < 3:
		return "talk", 0
	}
	return "", 0
}

// repair takes points and months off (Art. 43).
func (d *dossier) repair(day Day, r row) {
	if year := day.time().Year(); year != d.year {
		d.year, d.used = year, map[string]int64{}
	}
	kind := r["kind"]
	terminated := slices.ContainsFunc(d.penalties, func(p *penalty) bool { return p.terminates && p.runs(day) })
	if kind == "study" && terminated {
		return
	}
	asked := map[string]int64{"study": r.number("points_off"), "publicity": 1, "on_site": 3}[kind]
	if kind == "on_site" && r.number("working_days") < 5 {
		asked = 0
	}
	off := max(0, min(asked, 3-d.used[kind], d.total))
	d.used[kind] += off
	d.total -= off
	e := PointsEvent{On: day.String(), Event: "repair", Ref: r["repair_no"], Points: -off, Article: "43"}
	if kind == "study" {
		if p := d.shorten(day, min(r.number("months_off"), 3-d.used["months"])); p != nil {
			e.Measure, e.BlockFrom, e.BlockTo = "suspend", p.from.String(), p.to.String()
		}
	}
	if off > 0 || e.Measure != "" {
		d.event(e)
	}
}

// shorten takes months off the running suspensions and returns the one that now ends last, nil if the person is
// suspended as long as before. A month begun counts.
func (d *dossier) shorten(day Day, months int64) *penalty {
	var running []*penalty
	old := noDay
	for _, p := range d.penalties {
		if !p.terminates && p.runs(day) {
			running, old = append(running, p), max(old, p.to)
		}
	}
	if months <= 0 || len(running) == 0 {
		return nil
	}
	ends := make([]Day, len(running))
	end := noDay
	for i, p := range running {
		ends[i] = min(p.to, max(p.to.plusMonths(-int(months)), p.from.plusMonths(1), day))
		end = max(end, ends[i])
	}
	if end == old {
		return nil
	}
	var last *penalty
	for i, p := range running {
		p.to = ends[i]
		if p.to == end && (last == nil || p.from >= last.from) {
			last = p
		}
	}
	for taken := int64(1); ; taken++ {
		if old.plusMonths(-int(taken)) <= end {
			d.used["months"] += taken
			return last
		}
	}
}

// restore lets restorations take effect, never before the end of a block (Art. 44).
func (d *dossier) restore(day Day, due []row) {
	var still []row
	slices.SortFunc(due, func(a, b row) int { return cmp.Compare(a["restoration_no"], b["restoration_no"]) })
	for _, r := range append(d.waiting, due...) {
		var open []*penalty
		committed := true
		for _, p := range d.penalties {
			if !p.restored && p.from <= day {
				open = append(open, p)
				committed = committed && (!p.terminates || r["new_commitment"] == "1")
			}
		}
		switch {
		case len(open) == 0:
		case slices.ContainsFunc(open, func(p *penalty) bool { return p.runs(day) }):
			still = append(still, r)
		case committed:
			for _, p := range open {
				p.restored = true
			}
			d.event(PointsEvent{On: day.String(), Event: "restore", Ref: r["restoration_no"], Article: "44"})
		}
	}
	d.waiting = still
}

// standing is what the record says of a day, as known on the as-of day.
func (d *dossier) standing(day Day) string {
	status := "normal"
	for _, p := range d.penalties {
		says := "normal"
		switch {
		case p.runs(day) && p.terminates:
			says = "terminated"
		case p.runs(day):
			says = "suspended"
		case day >= p.to && !p.restored:
			says = "expired"
		}
		if severity[says] > severity[status] {
			status = says
		}
	}
	return status
}

func (d Day) time() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// plusMonths keeps the day of the month, or takes the month's last day where it is shorter.
func (d Day) plusMonths(n int) Day {
	t := d.time()
	moved := time.Date(t.Year(), t.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := moved.AddDate(0, 1, 0).AddDate(0, 0, -1).Day()
	return Day(moved.Unix()/86400) + Day(min(t.Day(), last)-1)
}
