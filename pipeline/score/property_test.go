package score

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"claimsaudit/configs"

	"pgregory.net/rapid"
)

// drawInput is an institution of which anything may be known or not.
func drawInput(t *rapid.T, table *configs.Scorecard, code string) Input {
	in := Input{Institution: Institution{Code: code, Type: table.AppliesTo.FixmedinsType,
		Ownership: rapid.SampledFrom([]string{"public", "private", ""}).Draw(t, "ownership")}, Metrics: map[string]Metric{}}
	for _, m := range configs.Metrics() {
		switch rapid.IntRange(0, 5).Draw(t, m.Name) {
		case 0:
		case 1:
			in.Metrics[m.Name] = Metric{State: "no_data"}
		default:
			d := rapid.Int64Range(0, 50).Draw(t, "denominator")
			n := rapid.Int64Range(0, max(d, 12)).Draw(t, "numerator")
			if m.Kind == configs.RatioMetric {
				n = min(n, d)
			}
			in.Metrics[m.Name] = Metric{n, d, StateOK}
		}
	}
	for _, x := range table.Indicators {
		for _, p := range x.Parts {
			if p.Evidence == "" || !rapid.Bool().Draw(t, p.Part) {
				continue
			}
			e := Evidence{Indicator: x.No, Part: p.Part, Document: "文件" + p.Part}
			yes, count := rapid.Bool().Draw(t, "yes"), rapid.Int64Range(0, 30).Draw(t, "count")
			switch p.Evidence {
			case "yes_no":
				e.YesNo = &yes
			case "count":
				e.Count = &count
			case "value":
				value := count * 4_000_000
				e.Value = &value
			case "event_on":
				e.EventOn = time.Date(2024, 10, 20, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(count))
				if p.ByPart != "" {
					in.Evidence = append(in.Evidence, Evidence{Indicator: x.No, Part: p.ByPart, EventOn: e.EventOn.AddDate(0, 0, -int(count/6))})
				}
			}
			in.Evidence = append(in.Evidence, e)
		}
	}
	if rapid.Bool().Draw(t, "reported") {
		in.Self = &SelfReport{Figures: map[string]int64{}, Scores: map[int]int64{4: 500, 5: 150}}
		for _, m := range configs.Metrics() {
			if m.Kind == configs.FigureMetric && rapid.IntRange(0, 9).Draw(t, "figure") > 0 {
				in.Self.Figures[m.Name] = in.Metrics[m.Name].Numerator + rapid.Int64Range(-1, 1).Draw(t, "off")/2
			}
		}
	}
	return in
}

func drawTable(t *rapid.T, tables []configs.Scorecard) (*configs.Scorecard, []Input) {
	table := &tables[rapid.IntRange(0, len(tables)-1).Draw(t, "table")]
	var inputs []Input
	for i := range rapid.IntRange(1, 5).Draw(t, "institutions") {
		inputs = append(inputs, drawInput(t, table, fmt.Sprintf("H%d", i)))
	}
	return table, inputs
}

// TestACardAddsUp: every row is within its points, the total is the sum of the rows, the range holds the score, nothing
// is zero or full for want of evidence.
func TestACardAddsUp(t *testing.T) {
	c, tables := shipped(t)
	rapid.Check(t, func(t *rapid.T) {
		table, inputs := drawTable(t, tables)
		for _, card := range Table(table, whenOf(2024, c.Operation.Calendar.IsWorkday), inputs) {
			checkCard(t, table, card)
		}
	})
}

func checkCard(t *rapid.T, table *configs.Scorecard, card Card) {
	var sum, low, high int64
	known := true
	for _, r := range card.Rows {
		if r.Lowest < 0 || r.Lowest > r.Highest || r.Highest > r.Max || (r.Known && (r.Score != r.Lowest || r.Score != r.Highest)) {
			t.Fatalf("%s: row %d: %+v", card.Code, r.Indicator.No, r)
		}
		if r.Known == (r.Source == Missing) || (r.Vetoed && (!r.Known || r.Score != 0)) || (!r.Known && r.Score != 0) || len(r.Evidence) < 6 {
			t.Fatalf("%s: row %d: %+v", card.Code, r.Indicator.No, r)
		}
		if r.Query == "" && r.Indicator.MeantFor(card.Ownership) {
			t.Fatalf("row %d leads nowhere", r.Indicator.No)
		}
		sum, low, high, known = sum+r.Score, low+r.Lowest, high+r.Highest, known && r.Known
	}
	switch {
	case card.Vetoed:
		if !card.Known || card.Total != 0 || card.Decision != Unqualified || len(card.Vetoes) == 0 {
			t.Fatalf("vetoed %+v", card)
		}
	case known:
		if !card.Known || card.Total != sum || (card.Decision == Qualified) != (sum >= int64(table.PassMark)*100) || len(card.Missing) > 0 {
			t.Fatalf("total %d of rows %d: %+v", card.Total, sum, card)
		}
	default:
		if card.Known || card.Decision != Incomplete || card.Highest != high || (card.Lowest != low && card.Lowest != 0) || len(card.Missing) == 0 {
			t.Fatalf("incomplete %+v", card)
		}
	}
}

// TestOrderDoesNotMatter: of the institutions, of the evidence, of repeated calls.
func TestOrderDoesNotMatter(t *testing.T) {
	c, tables := shipped(t)
	rapid.Check(t, func(t *rapid.T) {
		table, inputs := drawTable(t, tables)
		when := whenOf(2024, c.Operation.Calendar.IsWorkday)
		first := map[string]Card{}
		for _, card := range Table(table, when, inputs) {
			first[card.Code] = card
		}
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		random.Shuffle(len(inputs), func(i, j int) { inputs[i], inputs[j] = inputs[j], inputs[i] })
		for i := range inputs {
			list := slices.Clone(inputs[i].Evidence)
			random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
			inputs[i].Evidence = list
		}
		for _, card := range Table(table, when, inputs) {
			if !reflect.DeepEqual(card, first[card.Code]) {
				t.Fatalf("%s:\n%+v\n%+v", card.Code, card, first[card.Code])
			}
		}
	})
}

// TestMoreOccurrencesNeverHelp: one more of what is deducted never raises a score.
func TestMoreOccurrencesNeverHelp(t *testing.T) {
	c, tables := shipped(t)
	rapid.Check(t, func(t *rapid.T) {
		table, inputs := drawTable(t, tables)
		in := &inputs[0]
		var counts []string
		for _, m := range configs.Metrics() {
			if m.Kind == configs.CountMetric && in.Metrics[m.Name].State == StateOK {
				counts = append(counts, m.Name)
			}
		}
		if len(counts) == 0 {
			return
		}
		when := whenOf(2024, c.Operation.Calendar.IsWorkday)
		before := Table(table, when, inputs)[0]
		name := rapid.SampledFrom(counts).Draw(t, "more of")
		m := in.Metrics[name]
		m.Numerator += rapid.Int64Range(1, 30).Draw(t, "more")
		in.Metrics[name] = m
		after := Table(table, when, inputs)[0]
		if after.Lowest > before.Lowest || after.Highest > before.Highest || (before.Vetoed && !after.Vetoed) {
			t.Fatalf("%s raised the score: %+v\n%+v", name, before, after)
		}
	})
}

// TestEvidenceOnlyNarrows: what is delivered later about one part leaves the card within the range that was said.
func TestEvidenceOnlyNarrows(t *testing.T) {
	c, tables := shipped(t)
	rapid.Check(t, func(t *rapid.T) {
		table, inputs := drawTable(t, tables)
		when := whenOf(2024, c.Operation.Calendar.IsWorkday)
		full := Table(table, when, inputs)[0]
		if len(inputs[0].Evidence) == 0 {
			return
		}
		drop := rapid.IntRange(0, len(inputs[0].Evidence)-1).Draw(t, "not yet delivered")
		gone := inputs[0].Evidence[drop]
		inputs[0].Evidence = slices.Delete(slices.Clone(inputs[0].Evidence), drop, drop+1)
		less := Table(table, when, inputs)[0]
		for i, r := range full.Rows {
			p := slices.IndexFunc(r.Indicator.Parts, func(p configs.RulePart) bool { return p.Part == gone.Part })
			standsIn := p >= 0 && len(r.Indicator.Parts[p].Conditions())+len(r.Indicator.Parts[p].Figures) > 0 // without it the metric speaks
			if x := less.Rows[i]; r.Indicator.No == gone.Indicator && !standsIn && !x.Known && !r.Vetoed && (r.Lowest < x.Lowest || r.Highest > x.Highest) {
				t.Fatalf("indicator %d: said %d to %d, came to %d to %d", r.Indicator.No, x.Lowest, x.Highest, r.Lowest, r.Highest)
			}
		}
	})
}
