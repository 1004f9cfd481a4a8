// Package score fills the yearly scorecard: from computed figures, evidence and
// the self-report to points, one row for each indicator of the table. It is
// pure: it reads no file and no clock, and it knows no number of its own; all
// points, thresholds and dates are the table's. What is not known never counts
// as zero or full: the row says what is missing and which points are still within reach.
package score

import (
	"cmp"
	"slices"
	"time"

	"claimsaudit/configs"
)

// The states of a metric that mean more than "no data".
const (
	StateOK     = "ok"
	StateNotDue = "not_due" // nothing is asked for yet
)

// Metric is a computed figure of one institution; a count or a figure stands in Numerator.
type Metric struct {
	Numerator, Denominator int64
	State                  string // ok, no_data or not_due
}

// Evidence is what a person delivered about one part of one indicator.
type Evidence struct {
	Indicator           int
	Part                string
	YesNo               *bool
	Count               *int64
	Value               *int64 // millionths
	EventOn             time.Time
	Document, EnteredBy string
	EnteredAt           time.Time // of several about one part the newest counts, of equal ones the later in the list
}

// SelfReport is what the institution says of itself.
type SelfReport struct {
	Figures map[string]int64 // by metric, money in cents
	Scores  map[int]int64    // by indicator, in hundredths of a point
}

// Institution is who is scored.
type Institution struct {
	Code, Type, Ownership string
}

// Input is all that is known about one institution.
type Input struct {
	Institution
	Metrics  map[string]Metric
	Evidence []Evidence
	Self     *SelfReport // nil: none was delivered
}

// When says which year is scored, and what is known by when.
type When struct {
	Year                  int
	AsOf                  time.Time
	WindowKind, WindowKey string                        // of the ratios that were looked at
	Workday               func(time.Time) (bool, error) // configs.Calendar.IsWorkday
}

// day is the last day of the year that has been reached.
func (w When) day() time.Time {
	end := time.Date(w.Year, time.December, 31, 0, 0, 0, 0, time.UTC)
	if w.AsOf.Before(end) {
		return w.AsOf
	}
	return end
}

// Source says where the points of a row come from.
type Source string

// The sources, the weakest first: a row has that of its weakest part.
const (
	Missing    Source = "missing"
	Reported   Source = "self_report"
	Evidenced  Source = "evidence"
	Computed   Source = "computed"
	notDecided Source = ""
)

// Row is one indicator of one institution. Points are in hundredths.
type Row struct {
	Indicator       *configs.Indicator
	Max             int64
	Known           bool  // Score is decided
	Score           int64 // 0 unless Known
	Lowest, Highest int64 // what it can still come to
	Vetoed          bool
	IsFirm          bool // the veto is a person's, or one that no evidence can lift: not the program's alone
	MayVeto         bool // what is missing could still veto
	Source          Source
	Evidence        string // one sentence: figures, comparison, document
	Query           string // SELECT that leads to the rows behind it
	Self            *int64
	Steps           []Step
}

// Step is something an institution can still do.
type Step struct {
	Indicator int
	Gain      int64 // at most so many hundredths
	Lifts     bool  // it lifts a veto, or keeps one away
	Lacks     bool  // evidence is missing; else something has to get better
	Text      string
}

// Card is the scorecard of one institution. Points are in hundredths.
type Card struct {
	Institution
	Rows            []Row // by number
	Known           bool  // Total is decided
	Total           int64
	Lowest, Highest int64
	Vetoed          bool
	IsFirm          bool   // one of the vetoes is
	Vetoes          []int  // indicators that veto
	Missing         []int  // indicators that are not decided
	SelfTotal       *int64 // nil: no self-score
	Decision        string
	Note            string // one sentence
	Steps           []Step // vetoes first, then what is missing, then by gain
}

// The decisions.
const (
	Qualified   = "qualified"
	Unqualified = "unqualified"
	Incomplete  = "incomplete"
)

// Table scores all institutions of one table, in the order given. Ranks are taken among them.
func Table(table *configs.Scorecard, when When, inputs []Input) []Card {
	ranks := rankings(table, inputs)
	cards := make([]Card, 0, len(inputs))
	for i := range inputs {
		cards = append(cards, newScorer(table, when, &inputs[i], ranks).card())
	}
	return cards
}

// scorer fills the card of one institution.
type scorer struct {
	table    *configs.Scorecard
	when     When
	in       *Input
	ranks    map[partKey]ranking
	evidence map[partKey]*Evidence
}

type partKey struct {
	indicator int
	part      string
}

func newScorer(table *configs.Scorecard, when When, in *Input, ranks map[partKey]ranking) *scorer {
	return &scorer{table, when, in, ranks, newest(table, in.Evidence)}
}

// newest keeps of each part the evidence that counts. Where an indicator asks for one thing only, evidence may leave the
// part out.
func newest(table *configs.Scorecard, all []Evidence) map[partKey]*Evidence {
	kept, only := map[partKey]*Evidence{}, map[int]string{}
	for i := range table.Indicators {
		if parts := table.Indicators[i].EvidenceParts(); len(parts) == 1 {
			only[table.Indicators[i].No] = parts[0]
		}
	}
	for i := range all {
		key := partKey{all[i].Indicator, cmp.Or(all[i].Part, only[all[i].Indicator])}
		if old := kept[key]; old == nil || !all[i].EnteredAt.Before(old.EnteredAt) {
			kept[key] = &all[i]
		}
	}
	return kept
}

func (s *scorer) card() Card {
	c := Card{Institution: s.in.Institution}
	for i := range s.table.Indicators {
		c.Rows = append(c.Rows, s.row(&s.table.Indicators[i]))
	}
	s.rescale(c.Rows)
	c.sum(s.table)
	c.SelfTotal = selfTotal(s.in.Self)
	return c
}

func selfTotal(self *SelfReport) *int64 {
	if self == nil || len(self.Scores) == 0 {
		return nil
	}
	var sum int64
	for _, score := range self.Scores {
		sum += score
	}
	return &sum
}

// row adds the parts of one indicator up.
func (s *scorer) row(x *configs.Indicator) Row {
	r := Row{Indicator: x, Max: int64(x.Points) * 100, Source: notDecided}
	if s.in.Self != nil {
		if score, ok := s.in.Self.Scores[x.No]; ok {
			r.Self = &score
		}
	}
	if !x.MeantFor(s.in.Ownership) {
		s.notMeant(&r)
		return r
	}
	base := r.Max
	for _, p := range x.Parts {
		if p.IsGain() {
			base -= int64(p.Most()) * 100
		}
	}
	low, high := base, base
	parts := make([]outcome, 0, len(x.Parts))
	for i := range x.Parts {
		p := &x.Parts[i]
		if s.isAhead(p) {
			parts = append(parts, outcome{text: p.Title + "尚未到期，不计"})
			continue
		}
		o := s.part(x, p)
		low, high = low+o.low, high+o.high
		r.Vetoed, r.MayVeto = r.Vetoed || o.veto, r.MayVeto || o.mayVeto
		r.IsFirm = r.IsFirm || o.isFirm
		parts = append(parts, o)
	}
	r.Lowest, r.Highest = min(max(low, 0), r.Max), min(max(high, 0), r.Max)
	s.decide(&r, parts)
	return r
}

// isAhead reports that a part is not due yet, by the table's date or by what all its metrics say. It takes nothing off,
// vetoes nothing and gives nothing: what nobody can have done yet is neither missing nor earned.
func (s *scorer) isAhead(p *configs.RulePart) bool {
	if !p.DueOn.IsZero() && s.when.day().Before(p.DueOn) {
		return true
	}
	conditions := p.Conditions()
	return len(conditions) > 0 && !slices.ContainsFunc(conditions, func(c configs.Condition) bool { return s.in.Metrics[c.Metric].State != StateNotDue })
}

// decide says whether what is missing can still change the row.
func (s *scorer) decide(r *Row, parts []outcome) {
	switch {
	case r.Vetoed:
		r.Known, r.MayVeto, r.Lowest, r.Highest = true, false, 0, 0
	case r.MayVeto:
		r.Lowest = 0
	default:
		r.Known = r.Lowest == r.Highest
	}
	r.Score = r.Lowest
	for _, o := range parts {
		r.Source = weaker(r.Source, o.source, r.Known)
	}
	if r.Source == notDecided { // nothing is due yet
		r.Source = Computed
	}
	if !r.Known {
		r.Score, r.Source = 0, Missing
		if r.Indicator.WhenMissing == "self_report" && r.Self != nil && !r.MayVeto && *r.Self >= r.Lowest && *r.Self <= r.Highest {
			r.Known, r.Score, r.Source, r.Lowest, r.Highest = true, *r.Self, Reported, *r.Self, *r.Self
		}
	}
	r.Evidence = sentence(r, parts, s.strangers(r.Indicator))
	r.Query = s.query(parts)
	for _, o := range parts {
		if o.step != nil && (!r.Known || !o.step.Lacks) {
			step := *o.step
			step.Indicator, step.Gain = r.Indicator.No, min(step.Gain, r.Max-r.Lowest)
			r.Steps = append(r.Steps, step)
		}
	}
}

// strangers are parts of delivered evidence that the indicator does not know: whoever delivered them must hear of it.
func (s *scorer) strangers(x *configs.Indicator) (parts []string) {
	for key := range s.evidence {
		if key.indicator == x.No && x.EvidenceWay(key.part) == "" {
			parts = append(parts, "“"+key.part+"”")
		}
	}
	slices.Sort(parts)
	return parts
}

// weaker is the source of two parts together. What is missing does not count once the row is decided without it.
func weaker(a, b Source, known bool) Source {
	order := []Source{Missing, Reported, Evidenced, Computed, notDecided}
	if known && b == Missing {
		return a
	}
	if slices.Index(order, b) < slices.Index(order, a) {
		return b
	}
	return a
}

// notMeant is the row of an institution the indicator is not meant for.
func (s *scorer) notMeant(r *Row) {
	r.Known, r.Source = true, Computed
	r.Query = "SELECT * FROM mart.institution WHERE " + s.isInstitution()
	who := "本指标只考核" + ownerships(r.Indicator.AppliesTo.Ownership) + "机构，"
	switch r.Indicator.AppliesTo.Others {
	case configs.OthersFull:
		r.Score, r.Evidence = r.Max, who+"计满分 "+points(r.Max)+" 分。"
	case configs.OthersZero:
		r.Evidence = who + "计 0 分。"
	default:
		r.Known, r.Evidence = false, who // rescale completes it
	}
	r.Lowest, r.Highest = r.Score, r.Score
}

// rescale gives rows that are not meant for the institution the share it reaches in all others, so that the total is
// that of the others, scaled to 100.
func (s *scorer) rescale(rows []Row) {
	isScaled := func(r *Row) bool {
		return !r.Indicator.MeantFor(s.in.Ownership) && r.Indicator.AppliesTo.Others != configs.OthersFull && r.Indicator.AppliesTo.Others != configs.OthersZero
	}
	var full, low, high int64
	known := true
	for i := range rows {
		if r := &rows[i]; !isScaled(r) {
			full, low, high = full+r.Max, low+r.Lowest, high+r.Highest
			known = known && (r.Known || r.Max == 0)
		}
	}
	for i := range rows {
		r := &rows[i]
		if !isScaled(r) || full == 0 {
			continue
		}
		share := func(sum int64) int64 { return (2*sum*r.Max + full) / (2 * full) } // half up
		r.Lowest, r.Highest = share(low), share(high)
		if r.Known = known; known {
			r.Score = r.Lowest
			r.Evidence += "按其余 " + points(full) + " 分中所得 " + points(low) + " 分的比例折算，得 " + points(r.Score) + " 分。"
		} else {
			r.Source = Missing
			r.Evidence += "待其余指标确定后，按得分比例折算，可得 " + span(r.Lowest, r.Highest) + "。"
		}
	}
}

// sum adds the rows up and decides.
func (c *Card) sum(table *configs.Scorecard) {
	mayVeto := false
	c.Known = true
	for i := range c.Rows {
		r := &c.Rows[i]
		c.Total, c.Lowest, c.Highest = c.Total+r.Score, c.Lowest+r.Lowest, c.Highest+r.Highest
		mayVeto, c.IsFirm = mayVeto || r.MayVeto, c.IsFirm || r.IsFirm
		if r.Vetoed {
			c.Vetoes = append(c.Vetoes, r.Indicator.No)
		}
		if !r.Known {
			c.Known, c.Missing = false, append(c.Missing, r.Indicator.No)
		}
		c.Steps = append(c.Steps, r.Steps...)
	}
	pass, low, high := int64(table.PassMark)*100, c.Lowest, c.Highest
	c.Vetoed = len(c.Vetoes) > 0
	switch {
	case c.Vetoed: // whatever is missing
		c.Known, c.Total, c.Lowest, c.Highest, c.Decision = true, 0, 0, 0, Unqualified
	case !c.Known:
		c.Total, c.Decision = 0, Incomplete
		if mayVeto {
			c.Lowest = 0
		}
	case c.Total >= pass:
		c.Decision = Qualified
	default:
		c.Decision = Unqualified
	}
	c.Note = c.note(pass, mayVeto, low, high)
	sortSteps(c.Steps)
}
