package score

import (
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
