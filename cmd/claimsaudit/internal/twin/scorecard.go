package twin

import "slices"

// Facts are what is known of one institution for its scorecard, as published.
type Facts struct {
	Type, Ownership string
	Year            int
	AsOf            string               // yyyy-MM-dd
	Metrics         map[string]MetricRow // by metric
	Answers         map[string]Answer    // current evidence by indicator and part: 5.enrolment
	Figures         map[string]int64     // the institution's own, by metric, money in cents
	Volumes         []int64              // what every institution of the type reports for its service station
	Workdays        Workdays
}

// Answer is one entry of evidence; what was not given is nil or "".
type Answer struct {
	YesNo   *bool
	Count   *int64
	Percent *int64 // millionths
	On      string // yyyy-MM-dd
}

// ScoreRow is one indicator in hundredths of a point. Low and High differ, or MayVeto, while something is missing.
type ScoreRow struct {
	No              int
	Max, Low, High  int64
	Vetoed, MayVeto bool
	Known           bool
	scaled          bool
}

// ScoreCard is the whole table.
type ScoreCard struct {
	Rows             []ScoreRow
	Total, Low, High int64
	Known, Vetoed    bool
	Decision         string
}

// answer is yes, no, or not known.
type answer int

const (
	unknown answer = iota
	isTrue
	isFalse
)

func answerOf(b bool) answer {
	if b {
		return isTrue
	}
	return isFalse
}

// sheet fills one row.
type sheet struct {
	Facts
	row ScoreRow
}

// Scorecard fills Annex 2 or 4 of 江医保中心发〔2024〕16号 by its own words, with what README "Choices" decides where it is silent.
func Scorecard(f Facts) ScoreCard {
	indicators := institutionTable
	if f.Type == "2" {
		indicators = pharmacyTable
	}
	var c ScoreCard
	for i, x := range indicators {
		s := &sheet{Facts: f, row: ScoreRow{No: i + 1, Max: x.points * 100}}
		if x.publicOnly && f.Ownership == "private" {
			s.row.scaled = true
		} else {
			s.row.Low, s.row.High = s.row.Max, s.row.Max
			if x.earned {
				s.row.Low, s.row.High = 0, 0
			}
			x.score(s)
			s.close()
		}
		c.Rows = append(c.Rows, s.row)
	}
	c.scale()
	c.decide()
	return c
}

func (s *sheet) close() {
	r := &s.row
	r.Low, r.High = min(max(r.Low, 0), r.Max), min(max(r.High, 0), r.Max)
	switch {
	case r.Vetoed:
		r.Low, r.High, r.MayVeto, r.Known = 0, 0, false, true
	case r.MayVeto:
		r.Low = 0
	default:
		r.Known = r.Low == r.High
	}
}

// scale gives what is not asked of a private institution the share it reaches in all the rest, half up to hundredths.
func (c *ScoreCard) scale() {
	var full, low, high int64
	for _, r := range c.Rows {
		if !r.scaled {
			full, low, high = full+r.Max, low+r.Low, high+r.High
		}
	}
	for i := range c.Rows {
		if r := &c.Rows[i]; r.scaled {
			half := func(n int64) int64 { return (n*r.Max*10/full + 5) / 10 }
			r.Low, r.High, r.Known = half(low), half(high), c.knownBesides()
		}
	}
}

// knownBesides tells whether every row that carries points is decided.
func (c *ScoreCard) knownBesides() bool {
	return !slices.ContainsFunc(c.Rows, func(r ScoreRow) bool { return !r.scaled && r.Max > 0 && !r.Known })
}

func (c *ScoreCard) decide() {
	mayVeto := false
	c.Known = true
	for _, r := range c.Rows {
		c.Low, c.High = c.Low+r.Low, c.High+r.High
		c.Known, c.Vetoed, mayVeto = c.Known && r.Known, c.Vetoed || r.Vetoed, mayVeto || r.MayVeto
	}
	switch {
	case c.Vetoed:
		c.Low, c.High, c.Known, c.Decision = 0, 0, true, "unqualified"
	case !c.Known:
		c.Decision = "incomplete"
		if mayVeto {
			c.Low = 0
		}
	case c.Low >= 6000:
		c.Total, c.Decision = c.Low, "qualified"
	default:
		c.Total, c.Decision = c.Low, "unqualified"
	}
}

// vetoUnless stops the agreement unless the answer is yes.
func (s *sheet) vetoUnless(a answer) {
	s.row.Vetoed, s.row.MayVeto = s.row.Vetoed || a == isFalse, s.row.MayVeto || a == unknown
}

func (s *sheet) loseUnless(points int64, a answer) {
	if a != isTrue {
		s.row.Low -= points * 100
	}
	if a == isFalse {
		s.row.High -= points * 100
	}
}

func (s *sheet) gainIf(points int64, a answer) {
	if a != isFalse {
		s.row.High += points * 100
	}
	if a == isTrue {
		s.row.Low += points * 100
	}
}

// loseEach takes a point off for each; not counted, all may be gone.
func (s *sheet) loseEach(n int64, known bool) {
	if !known {
		s.row.Low -= s.row.Max
		return
	}
	n = min(n, 1000) * 100
	s.row.Low, s.row.High = s.row.Low-n, s.row.High-n
}

// said is what a person answered.
func (s *sheet) said(key string) answer {
	if a := s.Answers[key]; a.YesNo != nil {
		return answerOf(*a.YesNo)
	}
	return unknown
}

func not(a answer) answer { return map[answer]answer{isTrue: isFalse, isFalse: isTrue}[a] }

// reaches tells whether a share is at least so many per cent.
func (s *sheet) reaches(metric string, percent int64) answer {
	m, ok := s.Metrics[metric]
	if !ok || m.State != "ok" || m.Denominator <= 0 {
		return unknown
	}
	return answerOf(m.Numerator*100 >= percent*m.Denominator)
}

// either is the first of the answers that is known.
func either(answers ...answer) answer {
	for _, a := range answers {
		if a != unknown {
			return a
		}
	}
	return unknown
}

// both holds if both do; one that does not decides.
func both(a, b answer) answer {
	switch {
	case a == isFalse || b == isFalse:
		return isFalse
	case a == isTrue && b == isTrue:
		return isTrue
	}
	return unknown
}

// number is a count: a person's, else the program's.
func (s *sheet) number(key, metric string) (int64, bool) {
	if a := s.Answers[key]; a.Count != nil {
		return *a.Count, true
	}
	m := s.Metrics[metric]
	return m.Numerator, m.State == "ok"
}

// doneBy tells whether something was done by a day, itself in time.
func (s *sheet) doneBy(key, day string) answer {
	a := s.Answers[key]
	switch {
	case a.YesNo != nil && !*a.YesNo:
		return isFalse
	case a.On == "" || day == "":
		return unknown
	}
	return answerOf(a.On <= day)
}

// honest: whoever says something else than the claims loses the points. One per cent is no difference, of an amount
// 100 yuan are none either. One false figure decides; a person's word stands in where a figure cannot be compared.
func (s *sheet) honest(key string, names ...string) answer {
	result := isTrue
	for _, name := range names {
		m := s.Metrics[name]
		own, reported := s.Figures[name]
		if m.State != "ok" || !reported {
			if result == isTrue {
				result = unknown
			}
			continue
		}
		allowed := m.Numerator / 100
		if len(name) > 6 && name[:7] == "amount_" {
			allowed = max(allowed, 10000)
		}
		if own < m.Numerator-allowed || own > m.Numerator+allowed {
			return isFalse
		}
	}
	return either(result, s.said(key))
}

// codes are trace codes from their month on; before it nothing is asked.
func (s *sheet) codes(metric, key string) {
	if s.Metrics[metric].State != "not_due" {
		s.vetoUnless(either(s.said(key), s.reaches(metric, 90)))
	}
}

// station is the work of a service station: the first three, whoever shares the third place included.
func (s *sheet) station(no string) {
	a := s.Answers[no+".volume"]
	first := unknown
	if a.Count != nil {
		before := 0
		for _, n := range s.Volumes {
			if n > *a.Count {
				before++
			}
		}
		first = answerOf(before < 3 && *a.Count > 0)
	}
	s.gainIf(3, first)
	if image := s.Answers[no+".image"]; image.Count != nil {
		s.row.Low, s.row.High = s.row.Low+min(*image.Count, 2)*100, s.row.High+min(*image.Count, 2)*100
	} else {
		s.row.High += 200
	}
}

// signedLate takes five points off for each working day between the deadline and the signature.
func (s *sheet) signedLate() {
	signed, deadline := s.Answers["17.signed_on"], s.Answers["17.deadline"]
	if signed.On == "" || deadline.On == "" || signed.YesNo != nil && !*signed.YesNo {
		s.loseEach(0, false)
		return
	}
	late := int64(0)
	for late < 3 {
		next, err := s.Workdays(MustDay(deadline.On).time(), int(late)+1)
		if err != nil {
			s.loseEach(0, false)
			return
		}
		if next.Format("2006-01-02") > signed.On {
			break
		}
		late++
	}
	s.loseEach(late*5, true)
}
