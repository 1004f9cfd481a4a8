package register

import (
	"cmp"
	"slices"

	"claimsaudit/configs"
)

// admitDecisions are the decisions that count, by day and number; the others are listed unless they simply do not count yet.
func (w *walk) admitDecisions(all []Decision) []Decision {
	kept := make([]Decision, 0, len(all))
	for _, d := range all {
		if d.WasAnothers {
			w.list(feedDecision, d.No, d.DecidedOn, MovedFromAnother)
		}
		switch reason := w.whyNot(d); {
		case reason != "":
			w.list(feedDecision, d.No, d.DecidedOn, reason)
		case d.State == "final":
			kept = append(kept, d)
			if d.EffectiveOn != 0 && d.EffectiveOn < d.DecidedOn {
				w.list(feedDecision, d.No, d.DecidedOn, EffectiveBeforeDecided)
			}
		}
	}
	if w.rules.CountedOnce.SameInspection {
		kept = w.countOnce(kept, func(d Decision) onceKey {
			if d.InspectionNo == "" {
				return onceKey{}
			}
			return onceKey{d.InspectionNo, d.Article, d.Item}
		})
	}
	if w.rules.CountedOnce.SameAct {
		kept = w.countOnce(kept, func(d Decision) onceKey { return onceKey{act: d.ActNo} })
	}
	slices.SortFunc(kept, func(a, b Decision) int {
		return cmp.Or(cmp.Compare(a.DecidedOn, b.DecidedOn), compareDecisions(a, b))
	})
	return kept
}

// compareDecisions orders by number; the rest only makes the order of input irrelevant should a number come twice.
func compareDecisions(a, b Decision) int {
	return cmp.Or(cmp.Compare(a.No, b.No), cmp.Compare(a.Points, b.Points), cmp.Compare(a.Article, b.Article), cmp.Compare(a.Item, b.Item),
		cmp.Compare(a.EffectiveOn, b.EffectiveOn), cmp.Compare(a.InspectionNo, b.InspectionNo), cmp.Compare(a.ActNo, b.ActNo),
		cmp.Compare(a.DecidedOn, b.DecidedOn))
}

// whyNot is what keeps a decision from counting; "" for one that counts and for one not final.
func (w *walk) whyNot(d Decision) Reason {
	switch d.State {
	case "proposed":
		return ""
	case "revoked":
		if !d.WasFinal {
			return RevokedNeverFinal
		}
		return ""
	case "final":
	default:
		return UnknownState
	}
	from, to := DayOf(w.rules.EffectiveFrom), DayOf(w.rules.EffectiveTo)
	at := slices.IndexFunc(w.rules.Bands, func(b configs.PointsBand) bool { return b.Article == d.Article })
	switch {
	case d.DecidedOn == 0:
		return NoDate
	case d.DecidedOn > w.rec.AsOf:
		return AfterAsOf
	case from != 0 && d.DecidedOn < from, to != 0 && d.DecidedOn > to:
		return OutsideRules
	case at < 0:
		return UnknownArticle
	case d.Points < w.rules.Bands[at].From || d.Points > w.rules.Bands[at].To:
		return OutsideBand
	}
	return ""
}

type onceKey struct{ act, article, item string }

// countOnce keeps of each group the decision with the highest points, of equal ones the smallest number (Art. 26).
func (w *walk) countOnce(all []Decision, key func(Decision) onceKey) []Decision {
	best := map[onceKey]Decision{}
	for _, d := range all {
		k := key(d)
		if k == (onceKey{}) {
			continue
		}
		b, there := best[k]
		if !there || d.Points > b.Points || d.Points == b.Points && compareDecisions(d, b) < 0 {
			best[k] = d
		}
	}
	if len(best) == 0 {
		return all
	}
	kept := all[:0]
	for _, d := range all {
		if b, grouped := best[key(d)]; grouped && b != d {
			w.rec.Once = append(w.rec.Once, Once{d.No, b.No, w.rules.CountedOnce.Article})
			continue
		}
		kept = append(kept, d)
	}
	return kept
}

// admitRepairs are the repairs of days up to the as-of day, by day and number.
func (w *walk) admitRepairs(all []Repair) []Repair {
	kept := make([]Repair, 0, len(all))
	for _, r := range all {
		switch {
		case r.DoneOn == 0:
			w.list(feedRepair, r.No, 0, NoDate)
		case r.DoneOn > w.rec.AsOf:
			w.list(feedRepair, r.No, r.DoneOn, AfterAsOf)
		default:
			kept = append(kept, r)
		}
	}
	slices.SortFunc(kept, func(a, b Repair) int {
		return cmp.Or(cmp.Compare(a.DoneOn, b.DoneOn), cmp.Compare(a.No, b.No), cmp.Compare(a.Kind, b.Kind),
			cmp.Compare(a.PointsOff, b.PointsOff), cmp.Compare(a.MonthsOff, b.MonthsOff), cmp.Compare(a.WorkingDays, b.WorkingDays))
	})
	return kept
}

// admitRestorations are the approved ones, by the day they are to take effect.
func (w *walk) admitRestorations(all []Restoration) []Restoration {
	kept := make([]Restoration, 0, len(all))
	for _, r := range all {
		switch {
		case max(r.AppliedOn, r.DecidedOn) > w.rec.AsOf:
			w.list(feedRestoration, r.No, max(r.AppliedOn, r.DecidedOn), AfterAsOf)
		case r.Approved != "1":
			continue // refused, or not decided
		case r.date() == 0:
			w.list(feedRestoration, r.No, 0, NoDate)
		case r.date() > w.rec.AsOf:
			w.list(feedRestoration, r.No, r.date(), AfterAsOf)
		default:
			kept = append(kept, r)
		}
	}
	slices.SortFunc(kept, func(a, b Restoration) int {
		newer := func(r Restoration) int {
			if r.NewCommitment {
				return 1
			}
			return 0
		}
		return cmp.Or(cmp.Compare(a.date(), b.date()), cmp.Compare(a.No, b.No), cmp.Compare(a.AppliedOn, b.AppliedOn),
			cmp.Compare(a.DecidedOn, b.DecidedOn), cmp.Compare(newer(a), newer(b)))
	})
	return kept
}
