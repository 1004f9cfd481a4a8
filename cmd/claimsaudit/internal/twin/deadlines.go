package twin

import (
	"errors"
	"strconv"
	"time"
)

// Workdays is the n-th working day after a day, before it if n is negative. An error says that the calendar lacks the year.
type Workdays func(day time.Time, n int) (time.Time, error)

// noCalendar is that of a World without one.
func noCalendar(time.Time, int) (time.Time, error) { return time.Time{}, errors.New("no calendar") }

// DeadlineRow is an open matter of the points record; Due is "" where the calendar lacks the year.
type DeadlineRow struct {
	Practitioner, Kind, Due, State, Article, Ref string
}

// deadlines are the open cases of everyone with a record (section 4a, point 8), in working days of the World's calendar.
func (c *court) deadlines() []DeadlineRow {
	var out []DeadlineRow
	for who, d := range c.dossiers {
		add := func(kind string, from Day, workdays int, article int, ref string) {
			r := DeadlineRow{Practitioner: who, Kind: kind, State: "unknown", Article: strconv.Itoa(article), Ref: ref}
			if due, err := c.world.Workdays(from.time(), workdays); err == nil {
				r.Due, r.State = due.Format("2006-01-02"), c.urgency(MustDay(due.Format("2006-01-02")))
			}
			out = append(out, r)
		}
		notices := map[string]Day{}
		for _, r := range c.world.sorted("points_decision") {
			if r["prac_psn_code"] != who {
				continue
			}
			notice, decided := r.day("notice_served_on"), r.day("decided_on")
			notices[r["decision_no"]] = notice
			served := r.has("notice_served_on") && notice <= c.asOf
			appealed := r.has("appealed_on") && r.day("appealed_on") <= c.asOf
			if r["state"] == "proposed" && served && !appealed {
				add("appeal", notice, 10, 35, r["decision_no"])
			}
			if r["state"] == "final" && decided <= c.asOf && !(served && notice >= decided) {
				add("notice", decided, 5, 36, r["decision_no"])
			}
		}
		for _, p := range d.penalties {
			if notice := notices[p.ref]; notice >= p.decided && notice <= c.asOf && c.asOf < p.to && !c.maintained(who, p) {
				add("registry", notice, 5, 37, p.ref)
			}
			if c.asOf <= p.from && p.from < c.asOf+7 {
				out = append(out, DeadlineRow{who, "block_start", p.from.String(), "starting", "33", p.ref})
			}
		}
		asked := noDay
		for _, r := range c.world.sorted("restoration") {
			isAnswered := r.has("approved") && r.day("decided_on") <= c.asOf
			if r["prac_psn_code"] == who && r.day("applied_on") <= c.asOf && !isAnswered {
				add("restoration_decision", r.day("applied_on"), 10, 44, r["restoration_no"])
				asked = max(asked, r.day("applied_on"))
			}
		}
		if last, begin := d.unrestored(); last != nil && asked < begin {
			add("restoration_request", last.to, -15, 44, last.ref)
		}
	}
	return out
}

func (c *court) urgency(due Day) string {
	switch {
	case due < c.asOf:
		return "overdue"
	case due < c.asOf+7:
		return "due"
	}
	return "later"
}

// maintained tells whether a snapshot known by the as-of day shows the block and no later one took it back before it began.
func (c *court) maintained(who string, p *penalty) bool {
	wanted := severity["suspended"]
	if p.terminates {
		wanted = severity["terminated"]
	}
	for inst, rows := range c.registry.rows[who] {
		since := noDay
		for _, e := range rows { // by snapshot
			from := e.begin
			if from == noDay && (e.snapshot != c.registry.snapshots[inst][0] || e.registered != noDay) {
				from = e.snapshot
				if e.snapshot == c.registry.snapshots[inst][0] {
					from = min(e.registered, e.snapshot)
				}
			}
			switch shows := e.blocked() && severity[e.status] >= wanted && from < p.to && (e.end == noDay || e.end >= p.from); {
			case shows && since == noDay:
				since = e.snapshot
			case !shows && e.snapshot <= p.from:
				since = noDay
			}
		}
		if since != noDay && since <= c.asOf {
			return true
		}
	}
	return false
}

// unrestored is the block that ends last and the begin of the first one, of those that no restoration decided by now ends.
func (d *dossier) unrestored() (last *penalty, begin Day) {
	later := dossier{who: d.who, asOf: d.asOf, total: d.total, waiting: append([]row(nil), d.waiting...)}
	beyond := d.asOf
	for _, p := range d.penalties {
		one := *p
		later.penalties = append(later.penalties, &one)
		beyond = max(beyond, p.to)
	}
	for day := d.asOf + 1; day <= beyond; day++ {
		later.restore(day, nil)
	}
	for _, p := range later.penalties {
		if p.restored {
			continue
		}
		if last == nil || p.to > last.to {
			last = p
		}
		if begin == 0 || p.from < begin {
			begin = p.from
		}
	}
	return last, begin
}
