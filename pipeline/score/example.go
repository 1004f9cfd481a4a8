package score

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"claimsaudit/configs"
)

// Outcome is a case or an example of a table as it came out.
type Outcome struct {
	Card  Card
	Wrong []string // what differs from what it wants, in English; empty: it holds
}

// The words a case uses beside points.
const (
	wordMissing = "missing"
	wordPass    = "pass"
	wordVeto    = "veto"
)

// RunCase scores one indicator by one of its cases and holds the result against it.
func RunCase(table *configs.Scorecard, x *configs.Indicator, c configs.ScoreCase, workday func(time.Time) (bool, error)) Outcome {
	alone := *table
	alone.Indicators = []configs.Indicator{*x}
	in := Input{Institution: Institution{Code: "H1", Type: table.AppliesTo.FixmedinsType, Ownership: cmp.Or(c.Ownership, "public")},
		Metrics: metricsOf(c.Metrics), Self: selfOf(c.Figures, nil)}
	if c.SelfScore != "" {
		in.Self = selfOf(c.Figures, map[string]string{strconv.Itoa(x.No): c.SelfScore})
	}
	for part, text := range c.Evidence {
		in.Evidence = append(in.Evidence, evidenceOf(x, part, text))
	}
	inputs := append([]Input{in}, peersOf(x, c.Peers)...)
	o := Outcome{Card: Table(&alone, whenOf(cmp.Or(c.Year, table.ScoredYear), workday), inputs)[0]}
	if got := o.Card.Rows[0].word(); got != trimPoints(c.Score) {
		o.wrong("indicator %d: %s, want %s (%s)", x.No, got, c.Score, o.Card.Rows[0].Evidence)
	}
	return o
}

// RunExample scores a whole institution and holds every row and the total against what the example wants.
func RunExample(table *configs.Scorecard, e configs.ScoreExample, workday func(time.Time) (bool, error)) Outcome {
	in := Input{Institution: Institution{Code: "H1", Type: table.AppliesTo.FixmedinsType, Ownership: cmp.Or(e.Ownership, "public")},
		Metrics: metricsOf(e.Metrics), Self: selfOf(e.Figures, e.SelfScores)}
	inputs := []Input{in}
	for i := range table.Indicators {
		x := &table.Indicators[i]
		no := strconv.Itoa(x.No)
		for key, text := range e.Evidence {
			if indicator, part, _ := strings.Cut(key, "."); indicator == no {
				inputs[0].Evidence = append(inputs[0].Evidence, evidenceOf(x, part, text))
			}
		}
		inputs = append(inputs, peersOf(x, e.Peers[no])...)
	}
	o := Outcome{Card: Table(table, whenOf(table.ScoredYear, workday), inputs)[0]}
	for _, r := range o.Card.Rows {
		if want := trimPoints(e.Want.Scores[strconv.Itoa(r.Indicator.No)]); r.word() != want {
			o.wrong("indicator %d: %s, want %s (%s)", r.Indicator.No, r.word(), want, r.Evidence)
		}
	}
	o.compare(e.Want)
	return o
}

func (o *Outcome) wrong(format string, args ...any) {
	o.Wrong = append(o.Wrong, fmt.Sprintf(format, args...))
}

func (o *Outcome) compare(want configs.ScoreWant) {
	total, self := wordMissing, "none"
	if o.Card.Known {
		total = points(o.Card.Total)
	}
	if o.Card.SelfTotal != nil {
		self = points(*o.Card.SelfTotal)
	}
	for _, x := range []struct{ what, got, want string }{{"total", total, want.Total}, {"decision", o.Card.Decision, want.Decision},
		{"lowest", points(o.Card.Lowest), want.Lowest}, {"highest", points(o.Card.Highest), want.Highest}, {"self_total", self, want.Self}} {
		if x.want != "" && x.got != trimPoints(x.want) {
			o.wrong("%s %s, want %s", x.what, x.got, x.want)
		}
	}
}

// word is the row as a case writes it.
func (r Row) word() string {
	switch {
	case r.Vetoed:
		return wordVeto
	case !r.Known:
		return wordMissing
	case r.Max == 0:
		return wordPass
	}
	return points(r.Score)
}

// trimPoints writes 7.50 as 7.5, and words as they are.
func trimPoints(text string) string {
	if n, err := hundredths(text); err == nil {
		return points(n)
	}
	return text
}

// hundredths reads points with at most two decimals; configs has checked the form.
func hundredths(text string) (int64, error) {
	whole, decimals, _ := strings.Cut(text, ".")
	return strconv.ParseInt(whole+(decimals + "00")[:2], 10, 64)
}

func whenOf(year int, workday func(time.Time) (bool, error)) When {
	return When{Year: year, AsOf: time.Date(year+1, time.January, 10, 0, 0, 0, 0, time.UTC), WindowKind: "year", WindowKey: fmt.Sprint(year), Workday: workday}
}

func metricsOf(texts map[string]string) map[string]Metric {
	all := map[string]Metric{}
	for name, text := range texts {
		numerator, denominator, _ := strings.Cut(text, "/")
		n, err := strconv.ParseInt(numerator, 10, 64)
		if err != nil {
			all[name] = Metric{State: "no_data"}
			continue
		}
		d, _ := strconv.ParseInt(denominator, 10, 64) // none for a count
		all[name] = Metric{n, d, StateOK}
	}
	return all
}

func selfOf(figures map[string]int, scores map[string]string) *SelfReport {
	if len(figures)+len(scores) == 0 {
		return nil
	}
	self := &SelfReport{Figures: map[string]int64{}, Scores: map[int]int64{}}
	for name, n := range figures {
		self.Figures[name] = int64(n)
	}
	for no, text := range scores {
		indicator, err := strconv.Atoi(no)
		score, err2 := hundredths(text)
		if err == nil && err2 == nil {
			self.Scores[indicator] = score
		}
	}
	return self
}

// evidenceOf reads a case's word by what its part asks for.
func evidenceOf(x *configs.Indicator, part, text string) Evidence {
	e := Evidence{Indicator: x.No, Part: part}
	if text == "yes" || text == "no" {
		yes := text == "yes"
		e.YesNo = &yes
		return e
	}
	switch x.EvidenceWay(part) {
	case "count":
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			e.Count = &n
		}
	case "value":
		whole, decimals, _ := strings.Cut(text, ".")
		if n, err := strconv.ParseInt(whole+(decimals + "000000")[:6], 10, 64); err == nil {
			e.Value = &n
		}
	case "event_on":
		if day, err := time.Parse(time.DateOnly, text); err == nil {
			e.EventOn = day
		}
	}
	return e
}

// peersOf are other institutions of the table that count so many.
func peersOf(x *configs.Indicator, counts []int) (peers []Input) {
	for i, count := range counts {
		n := int64(count)
		for _, p := range x.Parts {
			if p.Rule == configs.Rank {
				peers = append(peers, Input{Institution: Institution{Code: fmt.Sprintf("P%d", i+1)},
					Evidence: []Evidence{{Indicator: x.No, Part: p.Part, Count: &n}}})
			}
		}
	}
	return peers
}
