package register

import (
	"slices"

	"claimsaudit/configs"
)

// repair does the repairs of a day (Art. 43). Limits count what was taken, not what was granted.
func (w *walk) repair(day Day) {
	for len(w.repairs) > 0 && w.repairs[0].DoneOn == day {
		r := w.repairs[0]
		w.repairs = w.repairs[1:]
		if year := w.yearOf(day); year != w.used.year {
			w.used = used{year: year}
		}
		if slices.Contains(w.rules.Repair.NotAfter, r.Kind) && w.running(configs.Terminate, day) {
			w.list(feedRepair, r.No, day, Terminated)
			continue
		}
		points := w.takePoints(r)
		b := w.shorten(r)
		if points == 0 && b == nil {
			continue // listed
		}
		e := Event{On: day, Kind: EventRepair, RefNo: r.No, Points: -points, Article: w.rules.Repair.Article}
		if b != nil {
			e.Measure, e.Months, e.BlockFrom, e.BlockTo = b.Kind, b.Months, b.From, b.To
		}
		w.event(e)
	}
}

// takePoints takes the repair's points off the total and says how many.
func (w *walk) takePoints(r Repair) int {
	rules := &w.rules.Repair
	var asked, limit int
	var taken *int
	switch r.Kind {
	case "study":
		if r.PointsOff <= 0 {
			if r.MonthsOff <= 0 {
				w.list(feedRepair, r.No, r.DoneOn, NothingGranted)
			}
			return 0
		}
		asked, limit, taken = r.PointsOff, rules.Study.PointsPerYear, &w.used.study
	case "publicity":
		asked, limit, taken = rules.Publicity.PointsEach, rules.Publicity.PointsPerYear, &w.used.publicity
	case "on_site":
		if r.WorkingDays < rules.OnSite.WorkingDays {
			w.list(feedRepair, r.No, r.DoneOn, TooFewDays)
			return 0
		}
		asked, limit, taken = rules.OnSite.PointsEach, rules.OnSite.PointsPerYear, &w.used.onSite
	default:
		w.list(feedRepair, r.No, r.DoneOn, UnknownKind)
		return 0
	}
	points := min(asked, limit-*taken, w.total)
	if points <= 0 {
		reason := NoPointsLeft
		if *taken >= limit {
			reason = PointsUsedUp
		}
		w.list(feedRepair, r.No, r.DoneOn, reason)
		return 0
	}
	*taken += points
	w.total -= points
	return points
}

// shorten brings the end of the running suspensions nearer, for a study that
// was granted months. It returns the one that now ends last, nil if none ends
// earlier than before. A month begun counts as taken.
func (w *walk) shorten(r Repair) *block {
	rules := &w.rules.Repair.Study
	if r.Kind != "study" || r.MonthsOff <= 0 {
		return nil
	}
	if !w.running(configs.Suspend, r.DoneOn) {
		w.list(feedRepair, r.No, r.DoneOn, NotSuspended)
		return nil
	}
	months := min(r.MonthsOff, rules.MonthsPerYear-w.used.months)
	if months <= 0 {
		w.list(feedRepair, r.No, r.DoneOn, MonthsUsedUp)
		return nil
	}
	var before, after Day
	var last *block
	for i := range w.blocks {
		b := &w.blocks[i]
		if b.Kind != configs.Suspend || b.From > r.DoneOn || b.To <= r.DoneOn {
			continue
		}
		before = max(before, b.To)
		if to := b.shortened(months, rules.ShortestMonths, r.DoneOn); last == nil || to > after || to == after && b.From >= last.From {
			last, after = b, to
		}
	}
	if before == after {
		w.list(feedRepair, r.No, r.DoneOn, ShortestLength)
		return nil
	}
	for i := range w.blocks {
		if b := &w.blocks[i]; b.Kind == configs.Suspend && b.From <= r.DoneOn && r.DoneOn < b.To {
			b.To = b.shortened(months, rules.ShortestMonths, r.DoneOn)
		}
	}
	taken := 1
	for before.addMonths(-taken) > after {
		taken++
	}
	w.used.months += taken
	return last
}

// shortened is where the suspension ends after so many months are taken off on a day.
func (b *block) shortened(months, shortest int, day Day) Day {
	return min(b.To, max(b.To.addMonths(-months), b.From.addMonths(shortest), day))
}

// running reports whether a block of that kind runs on the day.
func (w *walk) running(kind string, day Day) bool {
	return slices.ContainsFunc(w.blocks, func(b block) bool { return b.Kind == kind && b.From <= day && day < b.To })
}
