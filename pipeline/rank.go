package pipeline

import "slices"

// ranks orders the kinds by how much of the work was not done, the worst first: it decides among joined errors.
// A run that ended with one of the last three did its work.
var ranks = []Kind{KindInterrupted, KindInternal, KindGate, KindUsage, KindLocked, KindBadFile, KindUndelivered, KindMissingFile}

// Worst is the most serious kind among joined errors.
func Worst(err error) Kind {
	worst := len(ranks) - 1
	for _, e := range Flatten(err) {
		worst = min(worst, slices.Index(ranks, KindOf(e)))
	}
	return ranks[worst]
}

// Flatten lists the errors that were joined.
func Flatten(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []error
		for _, e := range joined.Unwrap() {
			all = append(all, Flatten(e)...)
		}
		return all
	}
	return []error{err}
}

// Stands reports whether a run that ended with err did its work all the same: what it made is in place.
func Stands(err error) bool {
	if err == nil {
		return true
	}
	switch Worst(err) {
	case KindBadFile, KindUndelivered, KindMissingFile:
		return true
	default:
		return false
	}
}
