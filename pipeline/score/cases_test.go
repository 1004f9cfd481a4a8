package score

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"claimsaudit/configs"
)

// shipped are the tables as the settings load them, with the calendar.
func shipped(t testing.TB) (*configs.Config, []configs.Scorecard) {
	t.Helper()
	c, err := configs.Load("", false, nil, configs.Overrides{})
	if err != nil {
		t.Fatal(err)
	}
	return c, c.Scorecards
}

// TestEveryIndicatorScoresAsItsCasesSay: the cases stand beside the indicators, in the tables themselves.
func TestEveryIndicatorScoresAsItsCasesSay(t *testing.T) {
	c, tables := shipped(t)
	for i := range tables {
		table := &tables[i]
		for j := range table.Indicators {
			x := &table.Indicators[j]
			for _, k := range x.Cases {
				for _, wrong := range RunCase(table, x, k, c.Operation.Calendar.IsWorkday).Wrong {
					t.Errorf("%s: %s: %s", table.Name, k.Name, wrong)
				}
			}
		}
		for _, missing := range Uncovered(table) {
			t.Errorf("%s: %s", table.Name, missing)
		}
	}
}

// TestInstitutionsScoredByHand: three for each table.
func TestInstitutionsScoredByHand(t *testing.T) {
	c, tables := shipped(t)
	for i := range tables {
		table := &tables[i]
		if len(table.Examples) < 3 {
			t.Errorf("%s: %d institutions scored by hand", table.Name, len(table.Examples))
		}
		for _, e := range table.Examples {
			for _, wrong := range RunExample(table, e, c.Operation.Calendar.IsWorkday).Wrong {
				t.Errorf("%s: %s: %s", table.Name, e.Name, wrong)
			}
		}
	}
}

// TestALimitNobodyTriesIsSaid takes, of every part of the shipped tables, each kind of case away in turn: at the limit, just
// below, just above, without data, vetoed. The cover must miss every one.
func TestALimitNobodyTriesIsSaid(t *testing.T) {
	_, tables := shipped(t)
	tried := map[string]int{}
	for i := range tables {
		for j := range tables[i].Indicators {
			x := &tables[i].Indicators[j]
			for k := range x.Parts {
				for kind, isOf := range kindsOf(x, &x.Parts[k]) {
					table := tables[i]
					table.Indicators = slices.Clone(table.Indicators)
					table.Indicators[j].Cases = slices.DeleteFunc(slices.Clone(x.Cases), isOf)
					if len(table.Indicators[j].Cases) == len(x.Cases) {
						t.Errorf("%s, indicator %d, part %s: no case %s", table.Name, x.No, x.Parts[k].Part, kind)
					}
					said := slices.ContainsFunc(Uncovered(&table), func(s string) bool {
						return strings.HasPrefix(s, fmt.Sprintf("indicator %d, part %s:", x.No, x.Parts[k].Part))
					})
					if !said {
						t.Errorf("%s, indicator %d, part %s: without its cases %s nothing is missed", table.Name, x.No, x.Parts[k].Part, kind)
					}
					tried[kind]++
				}
			}
		}
	}
	for _, kind := range []string{"at the limit", "below the limit", "above the limit", "without data", "vetoed"} {
		if tried[kind] < 20 {
			t.Errorf("%s: asked of %d parts", kind, tried[kind])
		}
	}
}

// kindsOf are the kinds of case that apply to a part, by the part's own numbers.
func kindsOf(x *configs.Indicator, p *configs.RulePart) map[string]func(configs.ScoreCase) bool {
	kinds := map[string]func(configs.ScoreCase) bool{}
	if p.Rule == configs.VetoIf {
		kinds["vetoed"] = func(c configs.ScoreCase) bool { return c.Score == "veto" }
	}
	share := func(hit func(left, right int64) bool) func(configs.ScoreCase) bool {
		return func(c configs.ScoreCase) bool {
			return slices.ContainsFunc(p.Conditions(), func(k configs.Condition) bool {
				m := metricsOf(c.Metrics)[k.Metric]
				return m.State == StateOK && m.Denominator > 0 && hit(m.Numerator*100, int64(k.Percent)*m.Denominator)
			})
		}
	}
	answer := func(hit func(text string) bool) func(configs.ScoreCase) bool {
		return func(c configs.ScoreCase) bool {
			text := c.Evidence[p.Part]
			if m := c.Metrics[p.Metric]; p.Metric != "" && m != "" {
				text = m
			}
			return hit(text)
		}
	}
	number := func(hit func(n int) bool) func(configs.ScoreCase) bool {
		return answer(func(text string) bool {
			n, err := strconv.Atoi(text)
			return err == nil && hit(n)
		})
	}
	none := answer(func(text string) bool { return text == "" || text == "no_data" })
	enough := map[string]int{configs.DeductEach: x.Points, configs.AwardEach: p.Cap, configs.VetoIf: p.Threshold}[p.Rule]
	switch {
	case len(p.Figures) > 0:
		kinds["without data"] = func(c configs.ScoreCase) bool { return c.Metrics[p.Figures[0]] == "no_data" || len(c.Figures) == 0 }
	case len(p.Conditions()) > 0 && p.Percent+len(p.AllOf) > 0:
		kinds["at the limit"] = share(func(l, r int64) bool { return l == r })
		kinds["below the limit"], kinds["above the limit"] = share(func(l, r int64) bool { return l < r }), share(func(l, r int64) bool { return l > r })
		kinds["without data"] = func(c configs.ScoreCase) bool {
			return slices.ContainsFunc(p.Conditions(), func(k configs.Condition) bool { return c.Metrics[k.Metric] == "no_data" || c.Metrics[k.Metric] == "" })
		}
	case p.Rule == configs.DeductEach || p.Rule == configs.AwardEach || p.Rule == configs.VetoIf && p.Evidence == "count":
		kinds["at the limit"] = number(func(n int) bool { return n == enough })
		kinds["above the limit"] = number(func(n int) bool { return n > enough })
		kinds["without data"] = none
		if enough > 0 {
			kinds["below the limit"] = number(func(n int) bool { return n < enough })
		}
	case p.Evidence == "event_on":
		kinds["at the limit"] = func(c configs.ScoreCase) bool { return daysLate(x, p, c) == 0 }
		kinds["below the limit"] = func(c configs.ScoreCase) bool { return daysLate(x, p, c) < 0 }
		kinds["above the limit"] = func(c configs.ScoreCase) bool { n := daysLate(x, p, c); return n > 0 && n < noDate }
		kinds["without data"] = none
	default:
		kinds["without data"] = none
	}
	return kinds
}

const noDate = 1 << 20

func daysLate(x *configs.Indicator, p *configs.RulePart, c configs.ScoreCase) int {
	by, done := p.By, evidenceOf(x, p.Part, c.Evidence[p.Part]).EventOn
	if p.ByPart != "" {
		by = evidenceOf(x, p.ByPart, c.Evidence[p.ByPart]).EventOn
	}
	if by.IsZero() || done.IsZero() {
		return noDate
	}
	return int(done.Sub(by).Hours() / 24)
}
