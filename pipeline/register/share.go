package register

import "claimsaudit/configs"

// Share is how many of the persons registered with an institution in a year
// were blocked on any of its days (Art. 34).
type Share struct {
	Registered, Blocked int
	Flagged             bool
	Margin              int // so many more blocked persons would flag it; 0 if it is flagged
}

// ShareOf compares in whole numbers. Nobody registered flags nothing.
func ShareOf(rule configs.Share, registered, blocked int) Share {
	s := Share{Registered: registered, Blocked: blocked}
	if registered <= 0 {
		return s
	}
	least := (registered*rule.Percent + 99) / 100 // the fewest that reach the percentage
	if rule.Comparison == "above" && least*100 == registered*rule.Percent {
		least++ // exactly the percentage is not above it
	}
	s.Flagged = blocked >= least
	s.Margin = max(0, least-blocked)
	return s
}
