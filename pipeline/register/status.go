package register

import (
	"cmp"
	"slices"

	"claimsaudit/configs"
)

// The statuses of a day.
const (
	StatusNormal     = "normal"
	StatusExpired    = "expired" // the block is over, nobody restored the person
	StatusSuspended  = "suspended"
	StatusTerminated = "terminated"
)

// Span is a stretch of days [From, To) of one status that is not normal. To is
// Open where no end is known.
type Span struct {
	From   Day
	To     Day
	Status string
}

// Open is the end of a span that has none.
const Open = never

// StatusOn is the derived status of a day.
func (r *Record) StatusOn(day Day) string {
	if s := r.spanOn(day); s != nil {
		return s.Status
	}
	return StatusNormal
}

func (r *Record) spanOn(day Day) *Span {
	i, found := slices.BinarySearchFunc(r.Spans, day, func(s Span, d Day) int { return cmp.Compare(s.From, d) })
	if !found {
		i--
	}
	if i < 0 || day >= r.Spans[i].To {
		return nil
	}
	return &r.Spans[i]
}

// BlockedTo is the first day after day on which the person is blocked no
// longer, 0 if the person is not blocked on day.
func (r *Record) BlockedTo(day Day) Day {
	to := Day(0)
	for s := r.spanOn(day); s != nil && s.Status != StatusExpired; s = r.spanOn(to) {
		to = s.To
	}
	return to
}

// statusIn is what one block says about a day: blocked, expired, or nothing.
func (b *Block) statusIn(day Day) string {
	switch {
	case day < b.From:
		return StatusNormal
	case day < b.To && b.Kind == configs.Terminate:
		return StatusTerminated
	case day < b.To:
		return StatusSuspended
	case b.RestoredOn != 0 && day >= b.RestoredOn:
		return StatusNormal
	}
	return StatusExpired
}

var severity = map[string]int{StatusNormal: 0, StatusExpired: 1, StatusSuspended: 2, StatusTerminated: 3}

// spans joins the blocks: on each day the most severe counts.
func spans(blocks []Block) []Span {
	if len(blocks) == 0 {
		return nil
	}
	edges := make([]Day, 0, 3*len(blocks))
	for _, b := range blocks {
		edges = append(edges, b.From, b.To)
		if b.RestoredOn != 0 {
			edges = append(edges, b.RestoredOn)
		}
	}
	slices.Sort(edges)
	edges = slices.Compact(edges)
	var all []Span
	for i, from := range edges {
		status := StatusNormal
		for j := range blocks {
			if s := blocks[j].statusIn(from); severity[s] > severity[status] {
				status = s
			}
		}
		to := Open
		if i+1 < len(edges) {
			to = edges[i+1]
		}
		switch last := len(all) - 1; {
		case status == StatusNormal:
		case last >= 0 && all[last].To == from && all[last].Status == status:
			all[last].To = to
		default:
			all = append(all, Span{from, to, status})
		}
	}
	return all
}
