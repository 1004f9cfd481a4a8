package register

import (
	"time"

	"claimsaudit/configs"
)

// walk goes from one day on which something happens to the next. Within a day
// a clearing comes first, then decisions and their measure, then repairs, then
// restorations. Only what was decided by a day is known on it.
type walk struct {
	rules      *configs.Points
	clearMonth time.Month
	clearDay   int

	decisions    []Decision // those not yet met, in order
	repairs      []Repair
	restorations []Restoration
	waiting      []Restoration // met inside a block

	total  int
	waits  bool // the clearing was put off to a block's end
	over   bool // a block began with so many points that its end clears
	blocks []block
	used   used
	rec    Record
}

// block is a Block while it may still change.
type block struct {
	Block
	carried bool // the clearing waits for it
}

// used is what repairs have taken within a year.
type used struct{ year, study, months, publicity, onSite int }

func (w *walk) first() (Day, bool) { return w.soonest(-1 << 31) }

func (w *walk) next(day Day) (Day, bool) { return w.soonest(day) }

// soonest is the next day after day on which anything can happen.
func (w *walk) soonest(day Day) (Day, bool) {
	at := never
	if len(w.decisions) > 0 {
		at = min(at, w.decisions[0].DecidedOn)
	}
	if len(w.repairs) > 0 {
		at = min(at, w.repairs[0].DoneOn)
	}
	if len(w.restorations) > 0 {
		at = min(at, w.restorations[0].date())
	}
	for _, b := range w.blocks {
		if b.From > day {
			at = min(at, b.From)
		}
		if b.To > day {
			at = min(at, b.To)
		}
	}
	if w.total > 0 || len(w.blocks) > 0 {
		if c := w.nextClearing(day); c <= w.rec.AsOf {
			at = min(at, c)
		}
	}
	return at, at != never
}

// nextClearing is the first clearing day after day.
func (w *walk) nextClearing(day Day) Day {
	year, month, of := day.Time().Date()
	if month > w.clearMonth || month == w.clearMonth && of >= w.clearDay {
		year++
	}
	return DayOf(time.Date(year, w.clearMonth, w.clearDay, 0, 0, 0, 0, time.UTC))
}

// yearOf is the year whose totals a day belongs to.
func (w *walk) yearOf(day Day) int { return w.nextClearing(day).Time().Year() - 1 }

func (w *walk) step(day Day) {
	if day <= w.rec.AsOf {
		if w.nextClearing(day-1) == day {
			w.endYear(day)
		}
		w.clearIfDue(day)
		w.decide(day)
		w.begin(day)
		w.repair(day)
		w.clearIfDue(day) // the day's repairs may have ended a block
	}
	w.restore(day)
}

// decide adds the decisions of a day; the measure and the block are on the last.
func (w *walk) decide(day Day) {
	n, before, largest := 0, w.total, Decision{}
	for ; n < len(w.decisions) && w.decisions[n].DecidedOn == day; n++ {
		d := w.decisions[n]
		if d.Points > largest.Points {
			largest = d
		}
		w.total += d.Points
		w.event(Event{On: day, Kind: EventPoints, RefNo: d.No, Points: d.Points, Article: d.Article})
	}
	if n == 0 {
		return
	}
	w.decisions = w.decisions[n:]
	measure := measureFor(&w.rules.Measures, before, w.total, largest.Points)
	last := &w.rec.Events[len(w.rec.Events)-1]
	last.Measure, last.Months = measure.Kind, measure.Length()
	if !measure.Blocks() {
		return
	}
	b := Block{Kind: measure.Kind, Months: measure.Length(), From: largest.DecidedOn, DecidedOn: day, RefNo: last.RefNo}
	if largest.EffectiveOn != 0 {
		b.From = largest.EffectiveOn
	}
	b.To = w.runsTo(b.From, b.From.addMonths(b.Months))
	w.blocks = append(w.blocks, block{Block: b})
	last.BlockFrom, last.BlockTo = b.From, b.To
	w.event(Event{On: day, Kind: EventBlock, RefNo: b.RefNo, Measure: b.Kind, Months: b.Months, BlockFrom: b.From, BlockTo: b.To,
		Article: w.rules.Measures.Article})
}

// measureFor is the most severe measure of the day's new total and its largest
// decision. Talks and circulars follow only where the day's decisions reach the band.
func measureFor(m *configs.Measures, before, after, largest int) configs.Measure {
	var most configs.Measure
	for _, x := range m.Total {
		if x.Covers(after) && (x.Blocks() || before < x.From) && x.MoreSevere(most) {
			most = x
		}
	}
	for _, x := range m.Single {
		if x.Covers(largest) && x.MoreSevere(most) {
			most = x
		}
	}
	return most
}

// runsTo is where a further block ends: with the latest of those it overlaps.
func (w *walk) runsTo(from, to Day) Day {
	for again := true; again; {
		again = false
		for _, b := range w.blocks {
			if b.From < to && from < b.To && b.To > to {
				to, again = b.To, true
			}
		}
	}
	return to
}

// begin looks at the total with which a block begins: its day's decisions are in, its repairs are not.
func (w *walk) begin(day Day) {
	for _, b := range w.blocks {
		if max(b.From, b.DecidedOn) == day && w.rules.Clearing.FromTotal > 0 && w.total >= w.rules.Clearing.FromTotal {
			w.over = true
		}
	}
}

// endYear clears the total unless a block, running or decided, puts it off to its end.
func (w *walk) endYear(day Day) {
	held := false
	for i := range w.blocks {
		if b := &w.blocks[i]; b.To > day && w.delays(b.Kind) {
			b.carried, held = true, true
		}
	}
	if held {
		w.waits = true
		return
	}
	w.clear(day)
}

func (w *walk) delays(kind string) bool {
	for _, k := range w.rules.Clearing.DelayedBy {
		if k == kind {
			return true
		}
	}
	return false
}

// clearIfDue clears on the first day on which the block that was waited for runs no longer.
func (w *walk) clearIfDue(day Day) {
	blocked, held := false, false
	for _, b := range w.blocks {
		running := b.From <= day && day < b.To
		blocked = blocked || running
		held = held || running && w.delays(b.Kind) || b.carried && b.From > day
	}
	if w.over && !blocked || w.waits && !held {
		w.clear(day)
	}
}

func (w *walk) clear(day Day) {
	off := w.total
	w.total, w.waits, w.over = 0, false, false
	for i := range w.blocks {
		w.blocks[i].carried = false
	}
	if off > 0 {
		w.event(Event{On: day, Kind: EventClear, Points: -off, Article: w.rules.Clearing.Article})
	}
}

// event completes an event and records it.
func (w *walk) event(e Event) {
	e.Year, e.TotalAfter = w.yearOf(e.On), w.total
	w.rec.Events = append(w.rec.Events, e)
}
