package configs

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"claimsaudit/pipeline"
)

// Scorecard is the table by which institutions of one type are scored for a
// year: 100 points, vetoes that make the total zero, a mark to pass.
type Scorecard struct {
	Name          string `yaml:"name"`
	Title         string `yaml:"title"`
	Source        string `yaml:"source"`                    // number of the notice
	AgreementYear int    `yaml:"agreement_year"`            // the year whose agreement hangs on it
	ScoredYear    int    `yaml:"scored_year"`               // the year that is looked at
	StandsInUntil int    `yaml:"stands_in_until,omitempty"` // last year it may stand in for while that year's own table is not known
	AppliesTo     struct {
		FixmedinsType string `yaml:"fixmedins_type"` // 1 institution, 2 pharmacy
	} `yaml:"applies_to"`
	SubmitBy   time.Time      `yaml:"submit_by,omitempty"` // last day of handing in; until then no veto closes a card that lacks something
	PassMark   int            `yaml:"pass_mark"`
	Indicators []Indicator    `yaml:"indicators"`                  // by number
	Examples   []ScoreExample `yaml:"examples,omitempty" json:"-"` // they explain the table and change nothing
}

// Indicator is one row of the table.
type Indicator struct {
	No          int         `yaml:"no"`
	Category    string      `yaml:"category"`
	Title       string      `yaml:"title"`
	Explanation string      `yaml:"explanation"`
	Method      string      `yaml:"method"` // how it is scored, in short words
	Kind        string      `yaml:"kind"`   // veto, deduct, award or mixed
	Points      int         `yaml:"points"`
	Source      string      `yaml:"source"` // computed, evidence or mixed: where its parts look
	Period      string      `yaml:"period"` // the time it looks at
	Article     string      `yaml:"article"`
	AppliesTo   Applicable  `yaml:"applies_to,omitempty"`
	WhenMissing string      `yaml:"when_missing,omitempty"` // missing unless given; self_report: the institution's own score stands in
	Parts       []RulePart  `yaml:"parts"`
	Cases       []ScoreCase `yaml:"cases,omitempty" json:"-"`
}

// Applicable says for whom an indicator is meant; empty: everyone.
type Applicable struct {
	Ownership []string `yaml:"ownership"`        // public, private
	Others    string   `yaml:"others,omitempty"` // what the others get: full, zero or (default) rescaled
}

// What institutions get for an indicator that is not meant for them.
const (
	OthersFull     = "full"
	OthersZero     = "zero"
	OthersRescaled = "rescaled" // the share they reach in all other indicators
)

// The kinds of ownership a table can tell apart.
var ownerships = []string{"public", "private"}

// MeantFor reports whether the indicator is meant for that ownership. An
// ownership nobody delivered, or in a word nobody knows, excludes no one.
func (i Indicator) MeantFor(ownership string) bool {
	return len(i.AppliesTo.Ownership) == 0 || !slices.Contains(ownerships, ownership) || slices.Contains(i.AppliesTo.Ownership, ownership)
}

// The kinds of a rule part. Losses start from the indicator's points, gains are added.
const (
	VetoIf               = "veto_if"                 // the total is 0 if the condition holds
	DeductEach           = "deduct_each"             // points off for each
	DeductPerWorkdayLate = "deduct_per_workday_late" // points off for each working day after the date
	AllOrNothing         = "all_or_nothing"          // points off unless the condition holds
	FigureMatches        = "figure_matches"          // points off unless the self-report says what was computed
	AwardAt              = "award_at"                // points if the condition holds
	AwardEach            = "award_each"              // points for each, up to a cap
	Rank                 = "rank"                    // points for the first few of the table, ties included
)

// RulePart is one rule of an indicator; several are added up.
type RulePart struct {
	Part             string      `yaml:"part"`  // names the evidence that belongs to it
	Title            string      `yaml:"title"` // as sentences call it
	Rule             string      `yaml:"rule"`
	Metric           string      `yaml:"metric,omitempty"`
	Evidence         string      `yaml:"evidence,omitempty"`       // what a person delivers: yes_no, count, value or event_on
	EvidenceFirst    bool        `yaml:"evidence_first,omitempty"` // evidence beats the metric; else it stands in for one without data
	AllOf            []Condition `yaml:"all_of,omitempty"`
	Figures          []string    `yaml:"figures,omitempty"`
	Compare          string      `yaml:"compare,omitempty"`   // at_least, above, below or at_most
	Percent          int         `yaml:"percent,omitempty"`   // threshold of a ratio or a value
	Threshold        int         `yaml:"threshold,omitempty"` // threshold of a count
	When             string      `yaml:"when,omitempty"`      // the answer for which the condition holds: yes or no
	By               time.Time   `yaml:"by,omitempty"`        // last day
	ByPart           string      `yaml:"by_part,omitempty"`   // ... as delivered for that part
	DueOn            time.Time   `yaml:"due_on,omitempty"`    // the part counts only when this day has passed within the year
	Points           int         `yaml:"points,omitempty"`
	Cap              int         `yaml:"cap,omitempty"`
	Top              int         `yaml:"top,omitempty"`
	TolerancePercent int         `yaml:"tolerance_percent,omitempty"`
	ToleranceYuan    int         `yaml:"tolerance_yuan,omitempty"`
	NoData           string      `yaml:"no_data,omitempty"` // missing unless given; holds or fails
}

// Condition is one of several that must hold together.
type Condition struct {
	Title   string `yaml:"title,omitempty"` // as sentences call it; the part's unless given
	Metric  string `yaml:"metric"`
	Compare string `yaml:"compare"`
	Percent int    `yaml:"percent"`
}

// Conditions are the comparisons of a part with computed metrics.
func (p RulePart) Conditions() []Condition {
	if len(p.AllOf) > 0 || p.Metric == "" {
		return p.AllOf
	}
	return []Condition{{"", p.Metric, p.Compare, p.Percent}}
}

// IsGain reports whether the part adds points instead of taking them off.
func (p RulePart) IsGain() bool { return p.Rule == AwardAt || p.Rule == AwardEach || p.Rule == Rank }

// Most is the most that a gain can add.
func (p RulePart) Most() int {
	if p.Rule == AwardEach {
		return p.Cap
	}
	return p.Points
}

// The words of a scorecard, as its files write them.
var (
	scoreKinds   = []string{"veto", "deduct", "award", "mixed"}
	scoreRules   = []string{VetoIf, DeductEach, DeductPerWorkdayLate, AllOrNothing, FigureMatches, AwardAt, AwardEach, Rank}
	comparisons  = []string{"at_least", "above", "below", "at_most"}
	evidenceWays = []string{"yes_no", "count", "value", "event_on"}
)

// Scorecard is the table for institutions of one type and the year that is
// scored. standsIn: the year has no table of its own and this one stands in.
func (c *Config) Scorecard(fixmedinsType string, year int) (card *Scorecard, standsIn bool) {
	for i := range c.Scorecards { // by type, then year: the latest earlier one stands in
		s := &c.Scorecards[i]
		switch {
		case s.AppliesTo.FixmedinsType != fixmedinsType:
		case s.ScoredYear == year:
			return s, false
		case s.ScoredYear < year && year <= s.StandsInUntil:
			card, standsIn = s, true
		}
	}
	return card, standsIn
}

// ScorecardYears refuses a year that no table scores; the error is a KindUsage.
func (c *Config) ScorecardYears(year int) error {
	var years []string
	for _, s := range c.Scorecards {
		if card, _ := c.Scorecard(s.AppliesTo.FixmedinsType, year); card != nil {
			return nil
		}
		years = append(years, fmt.Sprintf("%s scores %d", s.Name, s.ScoredYear))
	}
	slices.Sort(years)
	return &pipeline.Error{Kind: pipeline.KindUsage, Op: "look up scorecard", Where: fmt.Sprint(year),
		Err:  fmt.Errorf("no scorecard for the year %d (%s)", year, strings.Join(years, ", ")),
		Hint: fmt.Sprintf("write the notice's table of %d into configs/scorecards (copy the latest one) and name it under scorecards: in the settings; configs/README.md shows how", year)}
}

// scorecards reads the tables the settings name.
func (l *loader) scorecards(settings *document, names []string) []Scorecard {
	var all []Scorecard
	taken := map[string]string{} // institution type and year → file
	for i, name := range names {
		d := l.named(settings, "scorecards", fmt.Sprintf("scorecards[%d]", i), name)
		if d == nil {
			continue
		}
		card := scorecard(d)
		kind := card.AppliesTo.FixmedinsType
		if at := "applies_to.fixmedins_type"; d.good(at) && d.good("scored_year") {
			key := fmt.Sprintf("%s|%d", kind, card.ScoredYear)
			if taken[key] != "" {
				d.fault(at, fmt.Sprintf("机构类型 %s 的 %d 年已有评分表 %s", kind, card.ScoredYear, taken[key]), "一类机构一年只用一张评分表")
			}
			taken[key] = d.file
		}
		all = append(all, card)
	}
	slices.SortStableFunc(all, func(a, b Scorecard) int {
		return cmp.Or(cmp.Compare(a.AppliesTo.FixmedinsType, b.AppliesTo.FixmedinsType), cmp.Compare(a.ScoredYear, b.ScoredYear))
	})
	return all
}

// LoadScorecard reads one table, given by name or path as the settings at path
// settings would name it. Errors are those of Load.
func LoadScorecard(settings, name string) (Scorecard, error) {
	l := &loader{dir: dirOf(settings)}
	var card Scorecard
	if d := l.named(newDocument("命令行", nil, &l.problems), "scorecards", "TABLE", name); d != nil {
		card = scorecard(d)
	}
	if len(l.problems) > 0 {
		return Scorecard{}, &pipeline.Error{Kind: pipeline.KindUsage, Op: "load scorecard", Where: name,
			Hint: "按所列各条修改后再试一遍", Err: Problems(l.problems)}
	}
	return card, nil
}

// thresholds are what the ratios have to reach by the newest table of each
// type: one home for each number. A veto is no threshold to be met.
func thresholds(cards []Scorecard) []Threshold {
	var all []Threshold
	for i, card := range cards {
		kind := card.AppliesTo.FixmedinsType
		if i+1 < len(cards) && cards[i+1].AppliesTo.FixmedinsType == kind {
			continue
		}
		for _, indicator := range card.Indicators {
			for _, part := range indicator.Parts {
				for _, c := range part.Conditions() {
					if no := ratioOf(c.Metric); no != 0 && part.Rule != VetoIf && c.Compare == "at_least" {
						all = append(all, Threshold{no, kind, c.Percent, indicator.No})
					}
				}
			}
		}
	}
	slices.SortFunc(all, func(a, b Threshold) int {
		return cmp.Or(cmp.Compare(a.FixmedinsType, b.FixmedinsType), cmp.Compare(a.RatioNo, b.RatioNo))
	})
	return all
}
