package main

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"claimsaudit/cmd/claimsaudit/internal/twin"
	"claimsaudit/configs"
	"claimsaudit/pipeline"
	"claimsaudit/pipeline/score"
)

// factsOf hands the twin what is known of an institution, among all of its table.
func factsOf(in score.Input, when score.When, workdays twin.Workdays, all []score.Input) twin.Facts {
	f := twin.Facts{Type: in.Type, Ownership: in.Ownership, Year: when.Year, AsOf: when.AsOf.Format(time.DateOnly), Workdays: workdays,
		Metrics: map[string]twin.MetricRow{}, Answers: map[string]twin.Answer{}}
	for name, m := range in.Metrics {
		f.Metrics[name] = twin.MetricRow{Numerator: m.Numerator, Denominator: m.Denominator, State: m.State}
	}
	for _, e := range in.Evidence {
		a := twin.Answer{YesNo: e.YesNo, Count: e.Count, Percent: e.Value}
		if !e.EventOn.IsZero() {
			a.On = e.EventOn.Format(time.DateOnly)
		}
		f.Answers[fmt.Sprintf("%d.%s", e.Indicator, e.Part)] = a
	}
	if in.Self != nil {
		f.Figures = in.Self.Figures
	}
	for _, other := range all {
		for _, e := range other.Evidence {
			if e.Part == "volume" && e.Count != nil {
				f.Volumes = append(f.Volumes, *e.Count)
			}
		}
	}
	return f
}

// twinText is a card of the twin in the words of cardNumbers.
func twinText(c twin.ScoreCard) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s %t %s\n", ifKnown(c.Known, c.Total), hundredths(c.Low), hundredths(c.High), c.Vetoed, c.Decision)
	for _, r := range c.Rows {
		fmt.Fprintf(&b, "%d %s %s %s %s %t %t\n", r.No, hundredths(r.Max), ifKnown(r.Known, r.Low), hundredths(r.Low), hundredths(r.High), r.Vetoed, r.MayVeto)
	}
	return b.String()
}

func cardNumbers(c score.Card) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s %t %s\n", ifKnown(c.Known, c.Total), hundredths(c.Lowest), hundredths(c.Highest), c.Vetoed, c.Decision)
	for _, r := range c.Rows {
		fmt.Fprintf(&b, "%d %s %s %s %s %t %t\n", r.Indicator.No, hundredths(r.Max), ifKnown(r.Known, r.Score), hundredths(r.Lowest), hundredths(r.Highest), r.Vetoed, r.MayVeto)
	}
	return b.String()
}

// publishedNumbers is the same of a published card.
func publishedNumbers(t *testing.T, mart *sql.DB, code string, year int) string {
	t.Helper()
	lines := texts(t, mart, `SELECT concat_ws(' ', coalesce(CAST(total AS VARCHAR), '-'), lowest, highest, vetoed, decision)
FROM mart.scorecard_total WHERE year = $2 AND fixmedins_code = $1`, code, year)
	lines = append(lines, texts(t, mart, `SELECT concat_ws(' ', indicator_no, max_points, coalesce(CAST(score AS VARCHAR), '-'), lowest, highest, vetoed, may_veto)
FROM mart.scorecard WHERE year = $2 AND fixmedins_code = $1 ORDER BY indicator_no`, code, year)...)
	return strings.Join(lines, "\n") + "\n"
}

// checkPublishedScores holds every published card of the samples' year against the notice's words, filled in once more
// from the published numbers by code that shares nothing with the program's.
func checkPublishedScores(t *testing.T, mart *sql.DB, period, asOf string) {
	t.Helper()
	p, err := pipeline.ParsePeriod(period)
	if err != nil {
		t.Fatal(err)
	}
	at, err := pipeline.ParseDay(asOf)
	if err != nil {
		t.Fatal(err)
	}
	cards := 0
	config := builtInConfig(t)
	for _, kind := range []string{"1", "2"} {
		inputs := publishedInputs(t, mart, kind, p.Last().Format(time.DateOnly))
		for _, in := range inputs {
			facts := factsOf(in, score.When{Year: 2025, AsOf: at}, config.Operation.Calendar.AddWorkdays, inputs)
			if got, want := publishedNumbers(t, mart, in.Code, 2025), twinText(twin.Scorecard(facts)); got != want {
				t.Errorf("%s: published\n%sby the notice\n%s", in.Code, got, want)
			}
			cards++
		}
	}
	if cards < 40 {
		t.Errorf("%s: %d cards compared", period, cards)
	}
}

func builtInConfig(t *testing.T) *configs.Config {
	t.Helper()
	config, err := configs.Load("", false, nil, configs.Overrides{})
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// TestScoresAgreeWithTheNotice fills random cards, with numbers at and around every limit, by the tables and by a second
// reading of the notice.
func TestScoresAgreeWithTheNotice(t *testing.T) {
	config := builtInConfig(t)
	r := rand.New(rand.NewPCG(2024, 16))
	decisions := map[string]int{}
	for round := range 3000 {
		kind, year := []string{"1", "2"}[round%2], 2024+r.IntN(2)
		table, _ := config.Scorecard(kind, year)
		care := []int{r.IntN(100), 100, 100 - r.IntN(3)}[r.IntN(3)] // how much of what an institution has to show is there, and good
		var inputs []score.Input
		for i := range 1 + r.IntN(5) {
			inputs = append(inputs, randomInput(r, table, fmt.Sprint("H", i), care))
		}
		when := score.When{Year: year, AsOf: time.Date(year+r.IntN(2), time.Month(1+r.IntN(12)), 1+r.IntN(30), 0, 0, 0, 0, time.UTC),
			WindowKind: "year", WindowKey: fmt.Sprint(year), Workday: config.Operation.Calendar.IsWorkday}
		for i, card := range score.Table(table, when, inputs) {
			want := twinText(twin.Scorecard(factsOf(inputs[i], when, config.Operation.Calendar.AddWorkdays, inputs)))
			decisions[card.Decision]++
			if got := cardNumbers(card); got != want {
				t.Fatalf("round %d, %s: %+v\n%sby the notice\n%s", round, table.Name, inputs[i], got, want)
			}
		}
	}
	for _, d := range []string{score.Qualified, score.Unqualified, score.Incomplete} {
		if decisions[d] < 300 {
			t.Errorf("%s: %d cards of %v", d, decisions[d], decisions)
		}
	}
}

func randomInput(r *rand.Rand, table *configs.Scorecard, code string, care int) score.Input {
	chance := func(percent int) bool { return r.IntN(100) < percent }
	in := score.Input{Institution: score.Institution{Code: code, Type: table.AppliesTo.FixmedinsType, Ownership: []string{"public", "private", ""}[r.IntN(3)]},
		Metrics: map[string]score.Metric{}, Self: &score.SelfReport{Figures: map[string]int64{}}}
	for _, m := range configs.Metrics() {
		var value score.Metric
		switch {
		case !chance(care + 10):
			value.State = "no_data"
			if strings.HasPrefix(m.Name, "trace_code_") && chance(50) {
				value.State = "not_due"
			}
		case m.Kind == configs.RatioMetric:
			d := int64(1 + r.IntN(300))
			n := (d*int64([]int{20, 30, 50, 70, 85, 90, 90, 95}[r.IntN(8)]) + 99) / 100
			var below int64 // just below the limit, or at it
			if chance(care) {
				n = max(n, (d*90+99)/100)
			} else {
				below = int64(r.IntN(2))
			}
			value = score.Metric{Numerator: min(max(n-below, 0), d), Denominator: d, State: "ok"}
		case m.Kind == configs.CountMetric:
			value.State = "ok"
			if !chance(care) {
				value.Numerator = int64(r.IntN(7))
			}
		default:
			value = score.Metric{Numerator: int64(r.IntN(3) * r.IntN(2_000_000)), State: "ok"}
		}
		in.Metrics[m.Name] = value
		if m.Kind == configs.FigureMetric && chance(care+10) {
			off := []int64{0, 0, 0, 1, value.Numerator / 100, value.Numerator/100 + 1, 9_999, 10_000, 10_001}[r.IntN(9)]
			in.Self.Figures[m.Name] = max(value.Numerator+off*int64(r.IntN(3)-1), 0)
		}
	}
	for _, p := range table.EvidenceParts() {
		if p.Computed && chance(60) || !chance(care+10) {
			continue
		}
		e := score.Evidence{Indicator: p.Indicator.No, Part: p.Part}
		good, count, value := chance(care) != (p.Part == "grave_impact"), int64(r.IntN(2)*r.IntN(12)), int64(89_999_000+r.IntN(3)*1000)
		switch p.Way {
		case "yes_no":
			e.YesNo = &good
		case "count":
			e.Count = &count
		case "value":
			e.Value = &value
		case "event_on":
			e.EventOn = []time.Time{day(2024, 10, 31), day(2024, 4, 30), day(2024, 5, 6), day(2024, 12, 31), day(2025, 1, 1), day(2024, 11, 1), {}}[r.IntN(7)]
			if chance(care) {
				e.EventOn = day(2024, 4, 30)
			}
			if chance(10) {
				e.YesNo = &good
			}
		}
		in.Evidence = append(in.Evidence, e)
	}
	return in
}

func day(year, month, d int) time.Time {
	return time.Date(year, time.Month(month), d, 0, 0, 0, 0, time.UTC)
}

// TestExamplesAgreeWithTheNotice: whoever scored the institutions of the tables by hand and the second reading of the
// notice come to the same points.
func TestExamplesAgreeWithTheNotice(t *testing.T) {
	config := builtInConfig(t)
	for _, table := range config.Scorecards {
		for _, e := range table.Examples {
			f := exampleFacts(t, &table, e)
			f.Workdays = config.Operation.Calendar.AddWorkdays
			c := twin.Scorecard(f)
			for _, r := range c.Rows {
				got := strings.TrimSuffix(strings.TrimRight(hundredths(r.Low), "0"), ".")
				switch {
				case r.Vetoed:
					got = "veto"
				case !r.Known:
					got = "missing"
				case r.Max == 0:
					got = "pass"
				}
				if want := e.Want.Scores[strconv.Itoa(r.No)]; got != want {
					t.Errorf("%s, %s, indicator %d: %s, scored by hand %s", table.Name, e.Name, r.No, got, want)
				}
			}
			total := "missing"
			if c.Known {
				total = strings.TrimSuffix(strings.TrimRight(hundredths(c.Total), "0"), ".")
			}
			if total != e.Want.Total || c.Decision != e.Want.Decision {
				t.Errorf("%s, %s: %s %s, by hand %s %s", table.Name, e.Name, total, c.Decision, e.Want.Total, e.Want.Decision)
			}
		}
	}
}

// exampleFacts reads what an example of a table says.
func exampleFacts(t *testing.T, table *configs.Scorecard, e configs.ScoreExample) twin.Facts {
	t.Helper()
	f := twin.Facts{Type: table.AppliesTo.FixmedinsType, Ownership: e.Ownership, Year: table.ScoredYear, AsOf: "2025-02-01", Metrics: map[string]twin.MetricRow{},
		Answers: map[string]twin.Answer{}, Figures: map[string]int64{}}
	whole := func(text string) *int64 {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			t.Fatalf("%s: %v", e.Name, err)
		}
		return &n
	}
	for name, text := range e.Metrics {
		n, d, isShare := strings.Cut(text, "/")
		m := twin.MetricRow{State: "ok", Numerator: *whole(n)}
		if isShare {
			m.Denominator = *whole(d)
		}
		f.Metrics[name] = m
	}
	for key, text := range e.Evidence {
		var a twin.Answer
		yes := text == "yes"
		switch {
		case yes || text == "no":
			a.YesNo = &yes
		case strings.Count(text, "-") == 2:
			a.On = text
		default:
			a.Count = whole(text)
		}
		if strings.HasSuffix(key, ".volume") {
			f.Volumes = append(f.Volumes, *a.Count)
		}
		f.Answers[key] = a
	}
	for name, n := range e.Figures {
		f.Figures[name] = int64(n)
	}
	for _, counts := range e.Peers {
		for _, n := range counts {
			f.Volumes = append(f.Volumes, int64(n))
		}
	}
	return f
}
