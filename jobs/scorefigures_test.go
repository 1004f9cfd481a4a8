package jobs

import (
	"slices"
	"strings"
	"testing"

	"claimsaudit/pipeline"
)

// figuresBy are the models of layer 70 that a run computed.
func (o *mailOffice) figuresBy(out Outcome) (models []string) {
	o.t.Helper()
	for _, m := range o.computedBy(out.RunID) {
		if strings.HasPrefix(m, "7") {
			models = append(models, m)
		}
	}
	return models
}

// TestANightComputesNoFigures: layer 70 reads every line of the year, which a night has no use for; the month's run does
// it once, and again only for news.
func TestANightComputesNoFigures(t *testing.T) {
	o := pointsOffice(t)
	march := pipeline.Period{Year: 2025, Month: 3}
	if got := o.figuresBy(o.nightly(0, "2025-04-02")); len(got) > 0 {
		t.Errorf("the night computed %v", got)
	}
	got := o.figuresBy(o.run(0, Request{Job: Monthly, Period: march, AsOf: dateOf(t, "2025-04-03")}))
	for _, want := range []string{changeModel, "705_score_line", "760_case_metric"} {
		if !slices.Contains(got, want) {
			t.Errorf("the month computed %v, not %s", got, want)
		}
	}
	if got := o.figuresBy(o.run(0, Request{Job: Monthly, Period: march, AsOf: dateOf(t, "2025-04-03")})); slices.Contains(got, "705_score_line") {
		t.Errorf("the month was run again without news and computed %v", got)
	}
	o.wantRows("year, numerator, denominator, state) FROM mart.score_metric WHERE metric = 'ratio_606'", "2025 0 12 ok")

	o.writeFile("price_limit_2025.csv", "med_list_codg,price_kind,limit_price\nNOWHERE,standard,1\n")
	got = o.figuresBy(o.run(0, Request{Job: Annual, Year: 2025, AsOf: dateOf(t, "2025-04-04")}))
	if !slices.Contains(got, "701_price_interval") || !slices.Contains(got, "760_case_metric") {
		t.Errorf("the year computed %v after a new price", got)
	}
	o.wantRows("year, numerator, denominator, state) FROM mart.score_metric WHERE metric = 'ratio_606'", "2025 0 12 ok") // the year still runs: its three months
}

// TestScoreYearsNeverGoBack: running a month again that an earlier statement closed keeps the standing of the latest one.
func TestScoreYearsNeverGoBack(t *testing.T) {
	windows := windowsOf(map[pipeline.Period]bool{{Year: 2024, Month: 12}: true, {Year: 2025, Month: 3}: true}, pipeline.Period{})
	for _, tt := range []struct {
		closed, key, last string
	}{{"", "2025-03", "2025-03"}, {"2025-02", "2025-03", "2025-03"}, {"2025-05", "2025-05", "2025-05"}, {"2026-01", "2025", "2025-12"}} {
		s := &runState{req: Request{Job: Monthly, Period: pipeline.Period{Year: 2025, Month: 3}}}
		years := s.scoreYears(windows, tt.closed, nil)
		if len(years) != 2 || years[0].Window != "year" || years[0].Last.String() != "2024-12" || years[1].Key != tt.key || years[1].Last.String() != tt.last {
			t.Errorf("closed %q: %+v", tt.closed, years)
		}
		if years := s.scoreYears(windows, tt.closed, []int{2025}); years[1].Key != "2025" || years[1].Last.String() != "2025-12" {
			t.Errorf("a year with final cards, closed %q: %+v", tt.closed, years)
		}
	}
}

// TestScoreYearsStopAtTheRunsOwn: January's claims are there before last year is cleared; the new year's standing is the
// business of its own months, and as a whole year it would be vetoed for the months to come.
func TestScoreYearsStopAtTheRunsOwn(t *testing.T) {
	windows := windowsOf(map[pipeline.Period]bool{{Year: 2024, Month: 12}: true, {Year: 2025, Month: 1}: true}, pipeline.Period{Year: 2024, Month: 12})
	for _, req := range []Request{{Job: Monthly, Period: pipeline.Period{Year: 2024, Month: 12}}, {Job: Annual, Year: 2024, AsOf: dateOf(t, "2025-01-10")}} {
		s := &runState{req: req}
		if years := s.scoreYears(windows, "2024-11", nil); len(years) != 1 || years[0].Year != 2024 || years[0].Last.String() != "2024-12" {
			t.Errorf("%s: %+v", req.Job, years)
		}
	}
}

// TestClearingARunningYear looks at the months that have ended or are closed, and never at those to come: a month that has
// only begun still has time for its uploads, and missing ones veto.
func TestClearingARunningYear(t *testing.T) {
	for _, tt := range []struct{ asOf, closed, key string }{{"2025-01-05", "", "2025-01"}, {"2025-04-04", "2025-03", "2025-03"}, {"2025-04-30", "", "2025-04"},
		{"2025-04-04", "2025-04", "2025-04"}, {"2025-12-30", "", "2025-11"}, {"2025-12-31", "", "2025"}, {"2026-01-01", "2025-12", "2025"}, {"2026-01-01", "", "2025"}} {
		s := &runState{req: Request{Job: Annual, Year: 2025, AsOf: dateOf(t, tt.asOf)}}
		years := s.scoreYears(windowsOf(map[pipeline.Period]bool{{Year: 2025, Month: 3}: true}, s.clearedTo(tt.closed)), tt.closed, nil)
		if len(years) != 1 || years[0].Key != tt.key || !strings.HasPrefix(years[0].Last.String(), tt.key) || (years[0].Window == "year") != (tt.key == "2025") {
			t.Errorf("as of %s, closed %s: %+v", tt.asOf, tt.closed, years)
		}
	}
}
