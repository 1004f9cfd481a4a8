package configs

import "slices"

// EvidencePart is one thing a person may deliver evidence for.
type EvidencePart struct {
	FixmedinsType string
	ScoredYear    int
	Indicator     *Indicator
	Part          string
	Title         string
	Way           string // yes_no, count, value or event_on
	Computed      bool   // the program computes it; evidence stands in or corrects
	MeantFor      []string
}

// EvidenceParts lists what the tables take evidence for, in their order.
func (s *Scorecard) EvidenceParts() (parts []EvidencePart) {
	for i := range s.Indicators {
		x := &s.Indicators[i]
		add := func(part, title, way string, computed bool) {
			if way == "" || slices.ContainsFunc(parts, func(p EvidencePart) bool { return p.Indicator == x && p.Part == part }) {
				return
			}
			parts = append(parts, EvidencePart{FixmedinsType: s.AppliesTo.FixmedinsType, ScoredYear: s.ScoredYear, Indicator: x, Part: part, Title: title,
				Way: way, Computed: computed, MeantFor: x.AppliesTo.Ownership})
		}
		for _, p := range x.Parts {
			add(p.Part, p.Title, p.Evidence, len(p.Conditions()) > 0 || len(p.Figures) > 0)
			if p.ByPart != "" {
				add(p.ByPart, p.Title+"的期限", "event_on", false)
			}
		}
	}
	return parts
}

// EvidenceParts are those of every table the settings name.
func (c *Config) EvidenceParts() (parts []EvidencePart) {
	for i := range c.Scorecards {
		parts = append(parts, c.Scorecards[i].EvidenceParts()...)
	}
	return parts
}
