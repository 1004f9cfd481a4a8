package register_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"claimsaudit/pipeline/register"
)

// twin is the contract's section 4a and its readings once more: it walks every single day, keeps blocks as sets of days,
// and shares no code and no numbers with the register. It is slow, and short enough to be read beside the contract.
type twin struct {
	region
	asOf          register.Day
	p             register.Person
	total         int
	blocks        []*twinBlock
	postponed     bool         // the clearing waits for the end of a block
	postponedBy   []*twinBlock // those that ran, or were decided, on the clearing day
	bigBegan      bool         // a block began with 12 points or more
	taken         map[string]int
	restored      map[string]bool
	void          map[string]bool
	events        []string
	countedOn     map[register.Day][]register.Decision
	first, beyond register.Day
}

// twinBlock is a set of days; lo and hi only save looking for its ends.
type twinBlock struct {
	terminates bool
	decided    register.Day
	liftedOn   register.Day
	days       []bool // from twin.first on
	zero       register.Day
	lo, hi     register.Day // first and last day
}

func (r region) walk(p register.Person, asOf, first, beyond register.Day) *twin {
	w := &twin{region: r, asOf: asOf, p: p, taken: map[string]int{}, restored: map[string]bool{}, void: map[string]bool{},
		countedOn: map[register.Day][]register.Decision{}, first: first, beyond: beyond}
	w.count()
	for day := first; day < beyond; day++ {
		if day <= asOf {
			w.morning(day)
			w.decide(day)
			w.repairs(day)
			w.clearAtTheEnd(day)
		}
		w.restore(day)
	}
	return w
}

// status: the most severe of all blocks; after its last day a block is expired until it is lifted.
func (w *twin) status(day register.Day) string {
	expired := false
	for _, b := range w.blocks {
		expired = expired || b.hi < day && (b.liftedOn == 0 || day < b.liftedOn)
	}
	switch {
	case w.blocked(day, true):
		return "terminated"
	case w.blocked(day, false):
		return "suspended"
	case expired:
		return "expired"
	}
	return "normal"
}

// count: point 1 and 2. Of decisions that share a key one is left that none beats.
func (w *twin) count() {
	var valid []register.Decision
	for _, d := range w.p.Decisions {
		low, high := w.band(d.Article)
		inTime := (w.from == 0 || d.DecidedOn >= w.from) && (w.to == 0 || d.DecidedOn <= w.to)
		if d.State == "final" && d.DecidedOn <= w.asOf && d.Points >= low && d.Points <= high && high > 0 && inTime {
			valid = append(valid, d)
		}
	}
	unbeaten := func(list []register.Decision, same func(a, b register.Decision) bool) (left []register.Decision) {
		for _, d := range list {
			beaten := slices.ContainsFunc(list, func(o register.Decision) bool {
				return same(d, o) && (o.Points > d.Points || o.Points == d.Points && o.No < d.No)
			})
			if !beaten {
				left = append(left, d)
			}
		}
		return left
	}
	valid = unbeaten(valid, func(a, b register.Decision) bool {
		return a.InspectionNo != "" && a.InspectionNo == b.InspectionNo && a.Article == b.Article && a.Item == b.Item
	})
	if w.sameAct {
		valid = unbeaten(valid, func(a, b register.Decision) bool { return a.ActNo != "" && a.ActNo == b.ActNo })
	}
	for _, d := range valid {
		w.countedOn[d.DecidedOn] = append(w.countedOn[d.DecidedOn], d)
	}
	for _, list := range w.countedOn {
		slices.SortFunc(list, func(a, b register.Decision) int { return strings.Compare(a.No, b.No) })
	}
}

// morning: point 3. The clearing comes first in a day.
func (w *twin) morning(day register.Day) {
	if t := day.Time(); t.Day() == 1 && t.Month() == w.clearing {
		w.taken = map[string]int{}
		w.postponedBy = nil
		for _, b := range w.blocks {
			if b.hi >= day && (b.terminates || w.suspensionPostpones) {
				w.postponedBy = append(w.postponedBy, b)
			}
		}
		if w.postponed = len(w.postponedBy) > 0; !w.postponed {
			w.clear(day)
		}
	}
	w.clearAtTheEnd(day)
}

func (w *twin) clearAtTheEnd(day register.Day) {
	waiting := slices.ContainsFunc(w.blocks, func(b *twinBlock) bool { return b.has(day) && (b.terminates || w.suspensionPostpones) }) ||
		slices.ContainsFunc(w.postponedBy, func(b *twinBlock) bool { return b.hi > day && !b.has(day) })
	if w.postponed && !waiting || w.bigBegan && !w.blocked(day, true) && !w.blocked(day, false) {
		w.clear(day)
	}
}

func (w *twin) clear(day register.Day) {
	if w.total > 0 {
		w.events = append(w.events, fmt.Sprintf("%s clear %d = 0", day, -w.total))
	}
	w.total, w.postponed, w.postponedBy, w.bigBegan = 0, false, nil, false
}

// decide: point 4.
func (w *twin) decide(day register.Day) {
	before, largest := w.total, register.Decision{}
	today := w.countedOn[day]
	for i, d := range today {
		w.total += d.Points
		if d.Points > largest.Points {
			largest = d
		}
		if i < len(today)-1 {
			w.events = append(w.events, fmt.Sprintf("%s points %s +%d = %d", day, d.No, d.Points, w.total))
		}
	}
	if len(today) > 0 {
		last := today[len(today)-1]
		text := w.measure(day, before, largest)
		w.events = append(w.events, fmt.Sprintf("%s points %s +%d = %d%s", day, last.No, last.Points, w.total, text))
		if strings.Contains(text, "[") {
			w.events = append(w.events, fmt.Sprintf("%s block %s = %d%s", day, last.No, w.total, text))
		}
	}
	for _, b := range w.blocks {
		if w.total >= w.big && (b.decided == day && b.lo <= day || b.decided < day && b.lo == day) {
			w.bigBegan = true
		}
	}
}

func (w *twin) measure(day register.Day, before int, largest register.Decision) string {
	kind, months := w.byTotal(w.total)
	if k, m := w.single(largest.Points); k == kind && m > months || k == "terminate" && kind != "terminate" || k != "" && kind == "" {
		kind, months = k, m
	}
	if kind == "" {
		if talk, lowest := w.talks(w.total); talk != "" && before < lowest {
			return ", " + talk
		}
		return ""
	}
	from := day
	if largest.EffectiveOn != 0 {
		from = largest.EffectiveOn
	}
	b := &twinBlock{terminates: kind == "terminate", days: make([]bool, w.beyond-w.first), zero: w.first, decided: day}
	b.set(from, monthsAfter(from, months), true)
	for range len(w.blocks) + 1 { // as often as one extension can lead to the next
		for _, other := range w.blocks {
			if other.shares(b) && other.hi > b.hi {
				b.set(b.hi, other.hi+1, true)
			}
		}
	}
	w.blocks = append(w.blocks, b)
	return fmt.Sprintf(", %s [%s, %s)", kind, b.lo, b.hi+1)
}

// repairs: point 5.
func (w *twin) repairs(day register.Day) {
	var today []register.Repair
	for _, r := range w.p.Repairs {
		if r.DoneOn == day {
			today = append(today, r)
		}
	}
	slices.SortFunc(today, func(a, b register.Repair) int { return strings.Compare(a.No, b.No) })
	for _, r := range today {
		if w.blocked(day, true) && strings.Contains(w.noRepair, r.Kind) {
			continue
		}
		points, block := 0, ""
		switch r.Kind {
		case "study":
			points = w.takeOff("study", r.PointsOff, w.studyPoints)
			block = w.shorten(day, r.MonthsOff)
		case "publicity":
			points = w.takeOff("publicity", w.publicityEach, w.publicityYear)
		case "on_site":
			if r.WorkingDays >= w.onSiteDays {
				points = w.takeOff("on_site", w.onSiteEach, w.onSiteYear)
			}
		}
		if points > 0 {
			w.events = append(w.events, fmt.Sprintf("%s repair %s %d = %d%s", day, r.No, -points, w.total, block))
		} else if block != "" {
			w.events = append(w.events, fmt.Sprintf("%s repair %s = %d%s", day, r.No, w.total, block))
		}
	}
}

// takeOff takes one point after the other.
func (w *twin) takeOff(kind string, wanted, atMost int) (points int) {
	for points < wanted && w.taken[kind] < atMost && w.total > 0 {
		points++
		w.total--
		w.taken[kind]++
	}
	return points
}

// shorten takes days off the suspensions of today, each not below its shortest length.
func (w *twin) shorten(day register.Day, months int) string {
	months = min(months, w.studyMonths-w.taken["months"])
	if months <= 0 || !w.blocked(day, false) {
		return ""
	}
	type cut struct {
		b  *twinBlock
		to register.Day
	}
	var cuts []cut
	oldEnd, newEnd := register.Day(0), register.Day(0)
	for _, b := range w.blocks {
		if b.terminates || !b.has(day) {
			continue
		}
		end := b.hi + 1
		to := monthsAfter(end, -months)
		for to < monthsAfter(b.lo, w.shortest) || to < day {
			to++
		}
		to = min(to, end)
		cuts = append(cuts, cut{b, to})
		oldEnd, newEnd = max(oldEnd, end), max(newEnd, to)
	}
	if newEnd == oldEnd {
		return ""
	}
	text := ""
	for _, c := range cuts {
		c.b.set(c.to, c.b.hi+1, false)
	}
	latest := register.Day(0)
	for _, c := range cuts {
		if c.to == newEnd && c.b.lo >= latest {
			latest = c.b.lo
			text = fmt.Sprintf(", suspend [%s, %s)", latest, newEnd)
		}
	}
	for n := 1; ; n++ {
		if monthsAfter(oldEnd, -n) <= newEnd {
			w.taken["months"] += n
			return text
		}
	}
}

// restore: point 6.
func (w *twin) restore(day register.Day) {
	var ready []register.Restoration
	for _, r := range w.p.Restorations {
		when := takesEffect(r)
		if r.Approved == "1" && when != 0 && when <= day && max(r.DecidedOn, r.AppliedOn, when) <= w.asOf && !w.restored[r.No] && !w.void[r.No] {
			ready = append(ready, r)
		}
	}
	slices.SortFunc(ready, func(a, b register.Restoration) int {
		return cmp.Or(cmp.Compare(takesEffect(a), takesEffect(b)), cmp.Compare(a.No, b.No))
	})
	for _, r := range ready {
		begun, running, commitment := 0, false, false
		for _, b := range w.blocks {
			if b.liftedOn == 0 && b.lo <= day {
				begun++
				running = running || b.has(day)
				commitment = commitment || b.terminates || w.everyBlockCommits
			}
		}
		switch {
		case begun == 0:
			w.void[r.No] = true
		case running && w.earlyRestorationWaits:
		case running || commitment && !r.NewCommitment:
			w.void[r.No] = true
		default:
			w.restored[r.No] = true
			for _, b := range w.blocks {
				if b.liftedOn == 0 && b.lo <= day {
					b.liftedOn = day
				}
			}
			if day <= w.asOf {
				w.events = append(w.events, fmt.Sprintf("%s restore %s = %d", day, r.No, w.total))
			}
		}
	}
}

func takesEffect(r register.Restoration) register.Day {
	if r.EffectiveOn != 0 {
		return r.EffectiveOn
	}
	return r.DecidedOn
}

func (w *twin) blocked(day register.Day, terminated bool) bool {
	return slices.ContainsFunc(w.blocks, func(b *twinBlock) bool { return b.terminates == terminated && b.has(day) })
}

func (b *twinBlock) has(day register.Day) bool { return b.days[day-b.zero] }

func (b *twinBlock) set(from, to register.Day, member bool) {
	for d := from; d < to; d++ {
		b.days[d-b.zero] = member
	}
	b.lo, b.hi = 1<<30, -1<<30
	for i, in := range b.days {
		if in {
			b.lo, b.hi = min(b.lo, b.zero+register.Day(i)), max(b.hi, b.zero+register.Day(i))
		}
	}
}

func (b *twinBlock) shares(other *twinBlock) bool {
	for i, in := range b.days {
		if in && other.days[i] {
			return true
		}
	}
	return false
}

// monthsAfter is the same day so many months later, or the last day of a month that lacks it.
func monthsAfter(day register.Day, months int) register.Day {
	t := day.Time()
	for back := 0; ; back++ {
		to := time.Date(t.Year(), t.Month()+time.Month(months), t.Day()-back, 0, 0, 0, 0, time.UTC)
		if month := (int(t.Month()) - 1 + months%12 + 12) % 12; int(to.Month())-1 == month {
			return register.DayOf(to)
		}
	}
}
