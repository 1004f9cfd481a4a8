package score

import (
	"fmt"
	"testing"
	"time"

	"claimsaudit/configs"
)

// slip is a slip of the pen in one part of a table.
type slip struct {
	name string
	make func(*configs.RulePart) bool // false: not possible there
}

func number(name string, of func(*configs.RulePart) *int, by int) slip {
	return slip{fmt.Sprintf("%s %+d", name, by), func(p *configs.RulePart) bool {
		n := of(p)
		*n += by
		return *n > by && *n > 0 // it was there, and still is
	}}
}

func slips() []slip {
	all := []slip{
		{"a day later", func(p *configs.RulePart) bool { p.By = p.By.AddDate(0, 0, 1); return p.By.Year() > 2000 }},
		{"a day earlier", func(p *configs.RulePart) bool { p.By = p.By.AddDate(0, 0, -1); return p.By.Year() > 2000 }},
		{"the other answer", func(p *configs.RulePart) bool {
			had := p.When != "" && len(p.Conditions()) == 0
			p.When = map[string]string{"yes": "no", "no": "yes"}[p.When]
			return had
		}},
		{"due in the year", func(p *configs.RulePart) bool { had := !p.DueOn.IsZero(); p.DueOn = time.Time{}; return had }},
		{"threshold +1", func(p *configs.RulePart) bool { p.Threshold++; return p.Compare == "above" && p.Percent == 0 }},
		{"evidence goes second", func(p *configs.RulePart) bool { had := p.EvidenceFirst; p.EvidenceFirst = false; return had }},
	}
	for _, by := range []int{1, -1} {
		all = append(all, number("percent", func(p *configs.RulePart) *int { return &p.Percent }, by),
			number("points", func(p *configs.RulePart) *int { return &p.Points }, by), number("cap", func(p *configs.RulePart) *int { return &p.Cap }, by),
			number("top", func(p *configs.RulePart) *int { return &p.Top }, by),
			number("tolerance percent", func(p *configs.RulePart) *int { return &p.TolerancePercent }, by),
			number("tolerance yuan", func(p *configs.RulePart) *int { return &p.ToleranceYuan }, by))
		for k := range 2 {
			all = append(all, slip{fmt.Sprintf("percent %d %+d", k, by), func(p *configs.RulePart) bool {
				if len(p.AllOf) <= k {
					return false
				}
				p.AllOf = append([]configs.Condition{}, p.AllOf...)
				p.AllOf[k].Percent += by
				return true
			}})
		}
	}
	for _, compare := range []string{"at_least", "above", "below", "at_most"} {
		all = append(all, slip{"compare " + compare, func(p *configs.RulePart) bool {
			had := p.Compare != "" && p.Compare != compare
			p.Compare = compare
			return had
		}})
	}
	return all
}

// TestEverySlipContradictsACase: whoever mistypes a number, a date, an answer or a comparison of a table hears of it.
func TestEverySlipContradictsACase(t *testing.T) {
	c, tables := shipped(t)
	tried := 0
	for i := range tables {
		table := &tables[i]
		for j := range table.Indicators {
			for k := range table.Indicators[j].Parts {
				for _, s := range slips() {
					x := table.Indicators[j]
					x.Parts = append([]configs.RulePart{}, x.Parts...)
					if !s.make(&x.Parts[k]) || x.Parts[k].Points > x.Points {
						continue // not possible there, or refused when the table is read
					}
					tried++
					caught := false
					for _, k := range x.Cases {
						caught = caught || len(RunCase(table, &x, k, c.Operation.Calendar.IsWorkday).Wrong) > 0
					}
					if !caught {
						t.Errorf("%s, indicator %d, part %s: %s contradicts no case", table.Name, x.No, x.Parts[k].Part, s.name)
					}
				}
			}
		}
	}
	if tried < 150 {
		t.Errorf("only %d slips tried", tried)
	}
}
