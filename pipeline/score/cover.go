package score

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"claimsaudit/configs"
)

// probe is a situation that the cases of an indicator must contain.
type probe struct {
	name string
	hit  func(configs.ScoreCase) bool
}

// Uncovered lists, in English, what no case of the table tries: each rule at, just below and just above its limit,
// without data, and each veto. A slip of the pen in a threshold must contradict some case.
func Uncovered(table *configs.Scorecard) []string {
	var missing []string
	for i := range table.Indicators {
		x := &table.Indicators[i]
		for j := range x.Parts {
			p := &x.Parts[j]
			for _, want := range probesOf(table, x, p) {
				if !slices.ContainsFunc(x.Cases, want.hit) {
					missing = append(missing, fmt.Sprintf("indicator %d, part %s: no case %s", x.No, p.Part, want.name))
				}
			}
		}
		if len(x.Cases) == 0 {
			missing = append(missing, fmt.Sprintf("indicator %d: no cases", x.No))
		}
	}
	return missing
}

func probesOf(table *configs.Scorecard, x *configs.Indicator, p *configs.RulePart) []probe {
	var list []probe
	if p.Rule == configs.VetoIf {
		list = append(list, probe{"that is vetoed", func(c configs.ScoreCase) bool { return c.Score == wordVeto }},
			probe{"that passes", func(c configs.ScoreCase) bool { return c.Score != wordVeto && c.Score != wordMissing }})
	}
	if p.EvidenceFirst {
		list = append(list, probe{"in which evidence beats the figure", func(c configs.ScoreCase) bool {
			return c.Evidence[p.Part] != "" && c.Metrics[p.Metric] != "" && c.Metrics[p.Metric] != "no_data"
		}})
	}
	switch p.Rule {
	case configs.DeductEach:
		enough := (x.Points + p.Points - 1) / p.Points
		return append(list, countProbes(p, 0, 1, enough, enough+1)...)
	case configs.AwardEach:
		enough := (p.Cap + p.Points - 1) / p.Points
		return append(list, countProbes(p, 0, 1, enough, enough+1)...)
	case configs.Rank:
		return append(list, rankProbes(p)...)
	case configs.FigureMatches:
		return append(list, figureProbes(p)...)
	case configs.DeductPerWorkdayLate:
		return append(list, dateProbes(x, p)...)
	}
	for _, c := range p.Conditions() {
		if m, _ := configs.MetricNamed(c.Metric); m.Kind == configs.RatioMetric {
			list = append(list, ratioProbes(c)...)
		} else {
			list = append(list, countProbes(p, p.Threshold, p.Threshold+1)...)
		}
	}
	if len(p.Conditions()) == 0 || p.Evidence == "value" {
		list = append(list, evidenceProbes(x, p)...)
	}
	return list
}

func ratioProbes(c configs.Condition) []probe {
	at := func(shift int64, hit func(left, right int64) bool) func(configs.ScoreCase) bool {
		return func(k configs.ScoreCase) bool {
			m, ok := metricsOf(k.Metrics)[c.Metric]
			return ok && m.State == StateOK && hit((m.Numerator+shift)*100, int64(c.Percent)*m.Denominator)
		}
	}
	below, above := at(0, func(l, r int64) bool { return l < r }), at(0, func(l, r int64) bool { return l > r })
	oneMore, oneLess := at(1, func(l, r int64) bool { return l >= r }), at(-1, func(l, r int64) bool { return l <= r })
	name := fmt.Sprintf("%s of %d %%", c.Metric, c.Percent)
	return []probe{
		{"at " + name, at(0, func(l, r int64) bool { return l == r })},
		{"just below " + name, func(k configs.ScoreCase) bool { return below(k) && oneMore(k) }},
		{"just above " + name, func(k configs.ScoreCase) bool { return above(k) && oneLess(k) }},
		{"without data for " + c.Metric, func(k configs.ScoreCase) bool { return k.Metrics[c.Metric] == "no_data" || k.Metrics[c.Metric] == "" }},
	}
}

// countProbes wants cases with these numbers, and one with none.
func countProbes(p *configs.RulePart, numbers ...int) (list []probe) {
	value := func(k configs.ScoreCase) string {
		if p.Metric != "" && k.Metrics[p.Metric] != "" {
			return k.Metrics[p.Metric]
		}
		return k.Evidence[p.Part]
	}
	for _, n := range numbers {
		list = append(list, probe{fmt.Sprintf("with %d", n), func(k configs.ScoreCase) bool { return value(k) == strconv.Itoa(n) }})
	}
	return append(list, probe{"without a count", func(k configs.ScoreCase) bool { return value(k) == "" || value(k) == "no_data" }})
}

func evidenceProbes(x *configs.Indicator, p *configs.RulePart) []probe {
	has := func(text string) func(configs.ScoreCase) bool {
		return func(k configs.ScoreCase) bool { return k.Evidence[p.Part] == text }
	}
	none := probe{"without evidence", has("")}
	switch p.Evidence {
	case "yes_no":
		return []probe{{"with yes", has("yes")}, {"with no", has("no")}, none}
	case "count":
		return countProbes(p, p.Threshold, p.Threshold+1)
	case "value":
		return []probe{{"at the value", has(strconv.Itoa(p.Percent))}, {"just below the value", has(fmt.Sprintf("%d.999", p.Percent-1))},
			{"just above the value", has(fmt.Sprintf("%d.001", p.Percent))}, none}
	}
	return dateProbes(x, p)
}

// dateProbes wants the day itself, the days around it, and none.
func dateProbes(x *configs.Indicator, p *configs.RulePart) []probe {
	days := func(hit func(late int) bool) func(configs.ScoreCase) bool {
		return func(k configs.ScoreCase) bool {
			by := p.By
			if p.ByPart != "" {
				by = evidenceOf(x, p.ByPart, k.Evidence[p.ByPart]).EventOn
			}
			done := evidenceOf(x, p.Part, k.Evidence[p.Part]).EventOn
			return !by.IsZero() && !done.IsZero() && hit(int(done.Sub(by)/(24*time.Hour)))
		}
	}
	return []probe{
		{"on the last day", days(func(late int) bool { return late == 0 })},
		{"a day before the last", days(func(late int) bool { return late == -1 })},
		{"after the last day", days(func(late int) bool { return late > 0 })},
		{"without a date", func(k configs.ScoreCase) bool { return k.Evidence[p.Part] == "" }},
	}
}

func rankProbes(p *configs.RulePart) []probe {
	place := func(hit func(place, same int) bool) func(configs.ScoreCase) bool {
		return func(k configs.ScoreCase) bool {
			own, err := strconv.Atoi(k.Evidence[p.Part])
			if err != nil {
				return false
			}
			at, same := 1, 0
			for _, n := range k.Peers {
				if n > own {
					at++
				} else if n == own {
					same++
				}
			}
			return hit(at, same)
		}
	}
	return []probe{
		{"in the last place", place(func(at, same int) bool { return at == p.Top && same == 0 })},
		{"behind the last place", place(func(at, _ int) bool { return at == p.Top+1 })},
		{"before the last place", place(func(at, _ int) bool { return at < p.Top })},
		{"that shares the last place", place(func(at, same int) bool { return at == p.Top && same > 0 })},
		{"without a count", func(k configs.ScoreCase) bool { return k.Evidence[p.Part] == "" }},
	}
}

func figureProbes(p *configs.RulePart) []probe {
	among := func(isMeant func(name string, tolerance int64) bool, hit func(off, tolerance int64) bool) func(configs.ScoreCase) bool {
		return func(k configs.ScoreCase) bool {
			computed := metricsOf(k.Metrics)
			return slices.ContainsFunc(p.Figures, func(name string) bool {
				said, ok := k.Figures[name]
				m := computed[name]
				t := tolerance(p, name, m.Numerator)
				return ok && m.State == StateOK && isMeant(name, t) && hit(max(int64(said)-m.Numerator, m.Numerator-int64(said)), t)
			})
		}
	}
	off := func(hit func(off, tolerance int64) bool) func(configs.ScoreCase) bool {
		return among(func(string, int64) bool { return true }, hit)
	}
	var list []probe
	if yuan := int64(p.ToleranceYuan) * 100; yuan > 0 { // of small amounts, where the per cent are less
		small := func(name string, tolerance int64) bool {
			m, _ := configs.MetricNamed(name)
			return m.IsAmount() && tolerance == yuan
		}
		name := fmt.Sprintf("the %d yuan of a small amount", p.ToleranceYuan)
		list = append(list, probe{"just below " + name, among(small, func(off, t int64) bool { return off == t-1 })},
			probe{"at " + name, among(small, func(off, t int64) bool { return off == t })},
			probe{"just beyond " + name, among(small, func(off, t int64) bool { return off == t+1 })})
	}
	return append(list, []probe{
		{"in which all agrees", func(k configs.ScoreCase) bool {
			return !off(func(off, _ int64) bool { return off > 0 })(k) && off(func(off, _ int64) bool { return off == 0 })(k)
		}},
		{"at the tolerance", off(func(off, t int64) bool { return off == t && t > 0 })},
		{"just beyond the tolerance", off(func(off, t int64) bool { return off == t+1 })},
		{"without a self-report", func(k configs.ScoreCase) bool { return len(k.Figures) == 0 }},
		{"without computed figures", func(k configs.ScoreCase) bool { return k.Metrics[p.Figures[0]] == "no_data" }},
	}...)
}
