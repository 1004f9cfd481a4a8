package twin

import "sort"

// registry is the practitioner_status feed, arranged for questions about a day.
type registry struct {
	snapshots map[string][]Day              // institution → its distinct snapshot dates, ascending
	rows      map[string]map[string][]entry // person → institution → rows by snapshot
	first     Day                           // nothing changes before this day
	last      Day                           // nothing changes after this day
	days      map[string][]standing         // person → effective status of every day from first to last
}

// entry is one registry row.
type entry struct {
	snapshot               Day
	inst                   string
	status                 string
	begin, end, registered Day // noDay when missing
	commitment             string
}

func (e entry) blocked() bool { return e.status == "suspended" || e.status == "terminated" }

// standing is a status with the row that says so.
type standing struct {
	status   string
	inst     string
	snapshot Day
}

var severity = map[string]int{"normal": 0, "expired": 1, "suspended": 2, "terminated": 3}

// registry arranges the feed; the World keeps it until a registry row arrives.
func (w *World) registry() *registry {
	if w.people != nil {
		return w.people
	}
	g := &registry{snapshots: map[string][]Day{}, rows: map[string]map[string][]entry{},
		first: 1 << 40, last: noDay, days: map[string][]standing{}}
	seen := map[string]map[Day]bool{}
	for _, r := range w.sorted("practitioner_status") {
		e := entry{snapshot: r.day("snapshot_date"), inst: r["fixmedins_code"], status: r["status"],
			begin: r.day("status_begin"), end: r.day("status_end"), registered: r.day("registered_on"),
			commitment: r["commitment_flag"]}
		who := r["prac_psn_code"]
		if g.rows[who] == nil {
			g.rows[who] = map[string][]entry{}
		}
		g.rows[who][e.inst] = append(g.rows[who][e.inst], e)
		if seen[e.inst] == nil {
			seen[e.inst] = map[Day]bool{}
		}
		if !seen[e.inst][e.snapshot] {
			seen[e.inst][e.snapshot] = true
			g.snapshots[e.inst] = append(g.snapshots[e.inst], e.snapshot)
		}
		for _, d := range []Day{e.snapshot, e.begin, e.end, e.registered} {
			if d != noDay {
				g.first, g.last = min(g.first, d-2), max(g.last, d+2)
			}
		}
	}
	for _, dates := range g.snapshots {
		sort.Slice(dates, func(i, j int) bool { return dates[i] < dates[j] })
	}
	w.people = g
	return g
}

// known tells whether any registry row, anywhere and ever, has this code.
func (g *registry) known(who string) bool { return len(g.rows[who]) > 0 }

// next is the institution's first snapshot after d.
func (g *registry) next(inst string, d Day) (Day, bool) {
	for _, s := range g.snapshots[inst] {
		if s > d {
			return s, true
		}
	}
	return noDay, false
}

// holds tells whether the snapshot of e is the one that governs day d for the
// person of e (rule 1 of section 3).
func (g *registry) holds(e entry, d Day) bool {
	if d < e.snapshot {
		isFirst := g.snapshots[e.inst][0] == e.snapshot
		return isFirst && (e.registered == noDay || d >= e.registered)
	}
	next, exists := g.next(e.inst, e.snapshot)
	return !exists || d < next
}

// reachesBack tells whether e governs d because it became known late (rule 2).
func (e entry) reachesBack(d Day) bool {
	return e.blocked() && e.begin != noDay && e.begin <= d && d < e.snapshot
}

// on is the status e states for a day it governs.
func (e entry) on(d Day) string {
	switch {
	case !e.blocked():
		return "normal"
	case e.begin != noDay && d < e.begin:
		return "normal"
	case e.end != noDay && d > e.end:
		return "expired"
	default:
		return e.status
	}
}

// at is the status one institution records for a person on a day; false when it records none.
func (g *registry) at(who, inst string, d Day) (standing, bool) {
	var governing, lastRow *entry
	rows := g.rows[who][inst]
	for i := range rows {
		e := &rows[i]
		if (g.holds(*e, d) || e.reachesBack(d)) && (governing == nil || e.snapshot > governing.snapshot) {
			governing = e
		}
		if e.snapshot <= d && (lastRow == nil || e.snapshot > lastRow.snapshot) {
			lastRow = e
		}
	}
	if governing != nil {
		return standing{governing.on(d), inst, governing.snapshot}, true
	}
	// The person has left. A block goes on until its end, and is nothing after it.
	if lastRow == nil || !lastRow.blocked() || lastRow.on(d) != lastRow.status {
		return standing{}, false
	}
	return standing{lastRow.status, inst, lastRow.snapshot}, true
}

// effective is the most severe status of a person over all institutions. Days
// outside first and last are like those two.
func (g *registry) effective(who string, d Day) standing {
	if !g.known(who) {
		return standing{status: "normal", snapshot: noDay}
	}
	if g.days[who] == nil {
		for day := g.first; day <= g.last; day++ {
			g.days[who] = append(g.days[who], g.mostSevere(who, day))
		}
	}
	return g.days[who][min(max(d, g.first), g.last)-g.first]
}

func (g *registry) mostSevere(who string, d Day) standing {
	best := standing{status: "normal", snapshot: noDay}
	found := false
	for inst := range g.rows[who] {
		s, ok := g.at(who, inst, d)
		if ok && (!found || s.outranks(best)) {
			best, found = s, true
		}
	}
	return best
}

func (s standing) outranks(o standing) bool {
	if severity[s.status] != severity[o.status] {
		return severity[s.status] > severity[o.status]
	}
	if s.snapshot != o.snapshot {
		return s.snapshot > o.snapshot
	}
	return s.inst < o.inst
}

// registeredBy is the row that registers a person at an institution on a day.
func (g *registry) registeredBy(who, inst string, d Day) (entry, bool) {
	for _, e := range g.rows[who][inst] {
		if g.holds(e, d) {
			return e, true
		}
	}
	return entry{}, false
}

// stretch is the longest run of days around d with d's effective status:
// first day and first day after it, noDay where it is open.
func (g *registry) stretch(who string, d Day) (from, to Day) {
	status := g.effective(who, d).status
	from, to = d, d+1
	for from > g.first && g.effective(who, from-1).status == status {
		from--
	}
	for to <= g.last && g.effective(who, to).status == status {
		to++
	}
	if from <= g.first {
		from = noDay
	}
	if to > g.last {
		to = noDay
	}
	return from, to
}

// Interval is one stretch of days on which a person was not normal. To is the
// first day after it, From and To are "" when open.
type Interval struct {
	Practitioner, Status, From, To, Institution, Snapshot string
}

// intervals walks every known person through every day on which anything could change.
func (g *registry) intervals() []Interval {
	var out []Interval
	for who := range g.rows {
		for d := g.first; d <= g.last; {
			s := g.effective(who, d)
			from, to := g.stretch(who, d)
			if s.status != "normal" {
				out = append(out, Interval{who, s.status, from.String(), to.String(), s.inst, s.snapshot.String()})
			}
			if to == noDay {
				break
			}
			d = to
		}
	}
	return out
}
