package register

import "slices"

// restore lets the restorations of a day take effect, and those that met a
// block and waited for its end (Art. 44).
func (w *walk) restore(day Day) {
	for len(w.restorations) > 0 && w.restorations[0].date() == day {
		w.waiting = append(w.waiting, w.restorations[0])
		w.restorations = w.restorations[1:]
	}
	still := w.waiting[:0]
	for _, r := range w.waiting {
		if w.mustWait(r, day) {
			still = append(still, r)
		}
	}
	w.waiting = still
}

// mustWait settles one restoration: in effect or listed, unless the person is blocked on the day.
func (w *walk) mustWait(r Restoration, day Day) bool {
	open, blocked, commitment := false, false, false
	for _, b := range w.blocks {
		if b.RestoredOn != 0 || b.From > day {
			continue
		}
		open = true
		blocked = blocked || day < b.To
		commitment = commitment || slices.Contains(w.rules.Restoration.NewCommitment, b.Kind)
	}
	switch {
	case !open:
		w.list(feedRestoration, r.No, r.date(), NothingToRestore)
	case blocked && w.rules.Restoration.BeforeTheEnd == "waits":
		return true
	case blocked:
		w.list(feedRestoration, r.No, r.date(), BeforeTheEnd)
	case commitment && !r.NewCommitment:
		w.list(feedRestoration, r.No, r.date(), CommitmentMissing)
	default:
		for i := range w.blocks {
			if b := &w.blocks[i]; b.RestoredOn == 0 && b.From <= day {
				b.RestoredOn = day
			}
		}
		if day > w.rec.AsOf { // decided, and to take effect at the end of a block that still runs
			w.list(feedRestoration, r.No, r.date(), BeforeTheEnd)
			return false
		}
		w.event(Event{On: day, Kind: EventRestore, RefNo: r.No, Article: w.rules.Restoration.Article})
	}
	return false
}
