package twin

import (
	"cmp"
	"strconv"
)

// FileRow is what registry and record say of a person on the as-of day.
type FileRow struct {
	Practitioner, Registry, Derived string
	Total                           int64
	BlockedTo                       string
	NextDue, NextKind               string
}

// ShareRow counts an institution's persons within a calendar year (Art. 34).
type ShareRow struct {
	Year, Registered, Blocked int
	Institution               string
	Flagged                   bool
}

// files are the registry and the record side by side.
func (c *court) files() []FileRow {
	next := map[string]DeadlineRow{}
	for _, r := range c.deadlines() {
		// Without a day comes last, then by name.
		sooner := func(a, b DeadlineRow) bool {
			return cmp.Or(cmp.Compare(cmp.Or(a.Due, "9"), cmp.Or(b.Due, "9")), cmp.Compare(a.Kind, b.Kind)) < 0
		}
		if known, ok := next[r.Practitioner]; r.State != "starting" && (!ok || sooner(r, known)) {
			next[r.Practitioner] = r
		}
	}
	people := map[string]bool{}
	for who := range c.registry.rows {
		people[who] = true
	}
	for who := range c.dossiers {
		people[who] = true
	}
	var out []FileRow
	for who := range people {
		f := FileRow{Practitioner: who, Derived: "normal", NextDue: next[who].Due, NextKind: next[who].Kind}
		if c.registry.known(who) {
			f.Registry = c.registry.effective(who, c.asOf).status
		}
		if d := c.dossiers[who]; d != nil {
			f.Derived, f.Total = d.standing(c.asOf), d.total
			if d.blocked(c.asOf) {
				day := c.asOf
				for d.blocked(day) {
					day++
				}
				f.BlockedTo = day.String()
			}
		}
		out = append(out, f)
	}
	return out
}

// shares looks at every day of every year from the first snapshot's to the as-of day's.
func (c *court) shares() []ShareRow {
	first := c.asOf.time().Year()
	for _, dates := range c.registry.snapshots {
		first = min(first, dates[0].time().Year())
	}
	var out []ShareRow
	for year := first; year <= c.asOf.time().Year(); year++ {
		begin, end := MustDay(strconv.Itoa(year)+"-01-01"), MustDay(strconv.Itoa(year+1)+"-01-01")
		for inst := range c.registry.snapshots {
			s := ShareRow{Year: year, Institution: inst}
			for who := range c.registry.rows {
				registered, blocked := false, false
				for day := begin; day < end; day++ {
					_, here := c.registry.registeredBy(who, inst, day)
					registered = registered || here
					blocked = blocked || severity[c.registry.effective(who, day).status] >= severity["suspended"]
				}
				if registered {
					s.Registered++
					if blocked {
						s.Blocked++
					}
				}
			}
			s.Flagged = 2*s.Blocked > s.Registered
			if s.Registered > 0 {
				out = append(out, s)
			}
		}
	}
	return out
}
