package score

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"claimsaudit/configs"
)

func yes(b bool) *bool { return &b }

// tableOf is a table of one indicator, for what the shipped ones leave at its default.
func tableOf(x configs.Indicator) *configs.Scorecard {
	x.No = 1
	t := &configs.Scorecard{Name: "t", ScoredYear: 2024, PassMark: 60, Indicators: []configs.Indicator{x}}
	t.AppliesTo.FixmedinsType = "1"
	return t
}

func always(time.Time) (bool, error) { return true, nil }

func scoreOne(t *testing.T, table *configs.Scorecard, in Input) Row {
	t.Helper()
	if in.Code == "" {
		in.Code = "H1"
	}
	return Table(table, whenOf(2024, always), []Input{in})[0].Rows[0]
}

// TestTheNewestEvidenceCounts, whatever the order in which it was delivered.
func TestTheNewestEvidenceCounts(t *testing.T) {
	table := tableOf(configs.Indicator{Points: 100, Parts: []configs.RulePart{{Part: "done", Title: "完成", Rule: configs.AwardAt, Evidence: "yes_no", When: "yes", Points: 100}}})
	old := Evidence{Indicator: 1, Part: "done", YesNo: yes(true), EnteredAt: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)}
	later := Evidence{Indicator: 1, Part: "done", YesNo: yes(false), EnteredAt: old.EnteredAt.Add(time.Second)}
	unnamed := Evidence{Indicator: 1, YesNo: yes(true), EnteredAt: later.EnteredAt.Add(time.Second)} // the only part there is
	for _, x := range []struct {
		evidence []Evidence
		want     string
	}{{[]Evidence{old, later}, "0"}, {[]Evidence{later, old}, "0"}, {[]Evidence{later, unnamed, old}, "100"}, {nil, "missing"}} {
		if r := scoreOne(t, table, Input{Evidence: x.evidence}); r.word() != x.want {
			t.Errorf("%v: %s, want %s", x.evidence, r.word(), x.want)
		}
	}
}

// TestEvidenceNobodyAskedForIsNamed: silence would leave whoever delivered it believing that it counted.
func TestEvidenceNobodyAskedForIsNamed(t *testing.T) {
	table := tableOf(configs.Indicator{Points: 100, Parts: []configs.RulePart{{Part: "done", Title: "完成", Rule: configs.AwardAt, Evidence: "yes_no", When: "yes", Points: 100}}})
	r := scoreOne(t, table, Input{Evidence: []Evidence{{Indicator: 1, Part: "dnoe", YesNo: yes(true)}}})
	if r.Known || !strings.Contains(r.Evidence, "“dnoe”不是本项的内容") {
		t.Errorf("%+v", r)
	}
}

// TestWhatATableMayDecideForMissingData: each setting, and none of them silently.
func TestWhatATableMayDecideForMissingData(t *testing.T) {
	part := configs.RulePart{Part: "share", Title: "占比", Rule: configs.AllOrNothing, Metric: "ratio_601", Compare: "at_least", Percent: 50, Points: 100}
	self := &SelfReport{Scores: map[int]int64{1: 8000}}
	for _, x := range []struct {
		noData, whenMissing string
		in                  Input
		want                string
		source              Source
	}{
		{"", "", Input{Self: self}, "missing", Missing},
		{"holds", "", Input{}, "100", Computed},
		{"fails", "", Input{}, "0", Computed},
		{"", "self_report", Input{Self: self}, "80", Reported},
		{"", "self_report", Input{}, "missing", Missing},
		{"", "self_report", Input{Self: &SelfReport{Scores: map[int]int64{1: 10100}}}, "missing", Missing}, // beyond what can be had
		{"", "self_report", Input{Self: self, Metrics: map[string]Metric{"ratio_601": {1, 2, StateOK}}}, "100", Computed},
		{"", "", Input{Metrics: map[string]Metric{"ratio_601": {0, 0, StateOK}}}, "missing", Missing}, // nothing over nothing is no share
		{"", "", Input{Metrics: map[string]Metric{"ratio_601": {State: StateNotDue}}}, "100", Computed},
	} {
		p := part
		p.NoData = x.noData
		r := scoreOne(t, tableOf(configs.Indicator{Points: 100, WhenMissing: x.whenMissing, Parts: []configs.RulePart{p}}), x.in)
		if r.word() != x.want || r.Source != x.source {
			t.Errorf("%q %q %+v: %s by %s, want %s by %s (%s)", x.noData, x.whenMissing, x.in, r.word(), r.Source, x.want, x.source, r.Evidence)
		}
	}
}

// TestWhoIsNotMeantGetsWhatTheTableSays.
func TestWhoIsNotMeantGetsWhatTheTableSays(t *testing.T) {
	part := func(points int) []configs.RulePart {
		return []configs.RulePart{{Part: "done", Title: "完成", Rule: configs.AwardAt, Evidence: "yes_no", When: "yes", Points: points}}
	}
	for _, x := range []struct {
		others, ownership, want, total string
	}{{"full", "private", "40", "40"}, {"zero", "private", "0", "0"}, {"", "private", "0", "0"}, {"rescaled", "public", "missing", "missing"}, {"full", "", "missing", "missing"}, {"rescaled", "国有", "missing", "missing"}} {
		table := tableOf(configs.Indicator{Points: 60, Parts: part(60)})
		table.Indicators = append(table.Indicators, configs.Indicator{No: 2, Points: 40, AppliesTo: configs.Applicable{Ownership: []string{"public"}, Others: x.others}, Parts: part(40)})
		in := Input{Institution: Institution{Code: "H1", Ownership: x.ownership}, Evidence: []Evidence{{Indicator: 1, Part: "done", YesNo: yes(false)}}}
		c := Table(table, whenOf(2024, always), []Input{in})[0]
		total := "missing"
		if c.Known {
			total = points(c.Total)
		}
		if c.Rows[1].word() != x.want || total != x.total {
			t.Errorf("%s %s: %s, total %s (%s)", x.others, x.ownership, c.Rows[1].word(), total, c.Rows[1].Evidence)
		}
	}
}

// TestAYearWithoutCalendarIsSaid: working days nobody knows are missing, not zero.
func TestAYearWithoutCalendarIsSaid(t *testing.T) {
	table := tableOf(configs.Indicator{Points: 100, Parts: []configs.RulePart{{Part: "signed", Title: "签订", Rule: configs.DeductPerWorkdayLate, Evidence: "event_on",
		By: time.Date(2024, 4, 30, 0, 0, 0, 0, time.UTC), Points: 5}}})
	when := whenOf(2024, func(day time.Time) (bool, error) {
		if day.Year() == 2024 {
			return true, nil
		}
		return false, errors.New("no calendar")
	})
	in := Input{Institution: Institution{Code: "H1"}, Evidence: []Evidence{{Indicator: 1, Part: "signed", EventOn: time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC)}}}
	if r := Table(table, when, []Input{in})[0].Rows[0]; r.word() != "0" { // all points are gone long before the calendar ends
		t.Errorf("%+v", r)
	}
	table.Indicators[0].Parts[0].By = time.Date(2024, 12, 31, 0, 0, 0, 0, time.UTC)
	if r := Table(table, when, []Input{in})[0].Rows[0]; r.Known || !strings.Contains(r.Evidence, "没有 2024 至 2031 年 之间的工作日历") {
		t.Errorf("%+v", r)
	}
}

// TestSentences are read by people who must defend them.
func TestSentences(t *testing.T) {
	c, tables := shipped(t)
	e := tables[0].Examples[0]
	card := RunExample(&tables[0], e, c.Operation.Calendar.IsWorkday).Card
	for no, want := range map[int]string{
		4:  "没有编码的人员 0，不否决；变更登记超期 2，每次（个）扣 1 分，扣 2 分。",
		9:  "职工住院人次自报 95、系统 90，职工住院金额自报 480000.00 元、系统 480000.00 元，居民住院人次自报 150、系统 150，居民住院金额自报 520000.00 元、系统 520000.00 元，职工住院人次不符，扣 2 分。",
		17: "按政策签订总额协议：是，不否决；总额协议签订日期 2024-05-06，期限 2024-04-30，超 1 个工作日，每个工作日扣 5 分，扣 5 分。",
		18: "医保码结算率 6200/10000＝62.00%，达到 50%，不扣分；医保码全流程应用 2024-12-01 完成，期限 2024-12-31，不扣分。",
		21: "移动支付结算率 2500/10000＝25.00%，未达到 30%，不得分。",
		23: "服务站业务办理量 320，在已报的 4 家中列第 2，得 3 分；正面形象次数 1，每次 1 分，至多 2 分，得 1 分。",
	} {
		if got := card.Rows[no-1].Evidence; got != want {
			t.Errorf("indicator %d:\n got %s\nwant %s", no, got, want)
		}
	}
	if q := card.Rows[17].Query; q != "SELECT * FROM mart.institution_ratio WHERE fixmedins_code = 'H1' AND window_kind = 'year' AND window_key = '2024' AND ratio_no = 601"+
		" UNION ALL BY NAME SELECT * FROM mart.indicator_evidence WHERE fixmedins_code = 'H1' AND year = 2024 AND indicator_no = 18" {
		t.Errorf("query %s", q)
	}
	var steps []string
	for _, s := range card.Steps {
		steps = append(steps, fmt.Sprintf("%d %s %s", s.Indicator, points(s.Gain), s.Text))
	}
	if got := strings.Join(steps, "\n"); !strings.Contains(got, "21 5 移动支付结算率达到 30%，现在 25.00%，按现有分母还差 500") {
		t.Errorf("steps\n%s", got)
	}
}

// BenchmarkTable: the centre has hundreds of institutions; a thousand must not be felt.
func BenchmarkTable(b *testing.B) {
	c, tables := shipped(b)
	table := &tables[0]
	var inputs []Input
	for i := range 1000 {
		in := Input{Institution: Institution{Code: fmt.Sprintf("H%04d", i), Type: "1", Ownership: []string{"public", "private"}[i%2]},
			Metrics: metricsOf(table.Examples[i%4].Metrics), Self: selfOf(table.Examples[i%4].Figures, table.Examples[i%4].SelfScores)}
		for j := range table.Indicators {
			for key, text := range table.Examples[i%4].Evidence {
				if no, part, _ := strings.Cut(key, "."); no == fmt.Sprint(table.Indicators[j].No) {
					in.Evidence = append(in.Evidence, evidenceOf(&table.Indicators[j], part, text))
				}
			}
		}
		inputs = append(inputs, in)
	}
	for b.Loop() {
		Table(table, whenOf(2024, c.Operation.Calendar.IsWorkday), inputs)
	}
}

// TestOneFalseFigureIsNotVouchedFor: evidence stands in for what cannot be held against anything, not for what is false.
func TestOneFalseFigureIsNotVouchedFor(t *testing.T) {
	names := []string{"visits_inpatient_employee", "visits_inpatient_resident"}
	table := tableOf(configs.Indicator{Points: 100, Parts: []configs.RulePart{{Part: "figures", Title: "自报数字", Rule: configs.FigureMatches, Figures: names,
		Evidence: "yes_no", Points: 100}}})
	in := Input{Evidence: []Evidence{{Indicator: 1, Part: "figures", YesNo: yes(true)}},
		Metrics: map[string]Metric{names[0]: {100, 0, StateOK}, names[1]: {State: "no_data"}}, Self: &SelfReport{Figures: map[string]int64{names[0]: 300, names[1]: 5}}}
	if r := scoreOne(t, table, in); r.word() != "0" || r.Source != Computed {
		t.Errorf("false and vouched for: %s by %s (%s)", r.word(), r.Source, r.Evidence)
	}
	in.Self.Figures[names[0]] = 100
	if r := scoreOne(t, table, in); r.word() != "100" || r.Source != Evidenced {
		t.Errorf("not to be compared, vouched for: %s by %s (%s)", r.word(), r.Source, r.Evidence)
	}
}

// TestNoBesideADateIsNo: a date that somebody entered beside "no" must not earn the points.
func TestNoBesideADateIsNo(t *testing.T) {
	by := time.Date(2024, 12, 31, 0, 0, 0, 0, time.UTC)
	in := Input{Evidence: []Evidence{{Indicator: 1, Part: "done", YesNo: yes(false), EventOn: by}}}
	part := configs.RulePart{Part: "done", Title: "应用", Rule: configs.AllOrNothing, Evidence: "event_on", By: by, Points: 100}
	if r := scoreOne(t, tableOf(configs.Indicator{Points: 100, Parts: []configs.RulePart{part}}), in); r.word() != "0" {
		t.Errorf("%s (%s)", r.word(), r.Evidence)
	}
	part.Rule, part.Points = configs.DeductPerWorkdayLate, 5
	if r := scoreOne(t, tableOf(configs.Indicator{Points: 100, Parts: []configs.RulePart{part}}), in); r.word() != "missing" {
		t.Errorf("%s (%s)", r.word(), r.Evidence)
	}
}

// TestDaysThatWereNotCountedAreNotNamed: counting ends when no point is left.
func TestDaysThatWereNotCountedAreNotNamed(t *testing.T) {
	table := tableOf(configs.Indicator{Points: 10, Parts: []configs.RulePart{{Part: "signed", Title: "签订", Rule: configs.DeductPerWorkdayLate, Evidence: "event_on",
		By: time.Date(2024, 4, 30, 0, 0, 0, 0, time.UTC), Points: 5}}})
	for day, want := range map[int]string{10: "超 10 个工作日，", 11: "超 10 个以上工作日，", 200: "超 10 个以上工作日，"} {
		in := Input{Evidence: []Evidence{{Indicator: 1, Part: "signed", EventOn: time.Date(2024, 4, 30+day, 0, 0, 0, 0, time.UTC)}}}
		if r := scoreOne(t, table, in); r.word() != "0" || !strings.Contains(r.Evidence, want) {
			t.Errorf("%d days: %s (%s)", day, r.word(), r.Evidence)
		}
	}
}

// TestWhatIsNotDueIsNeitherMissingNorEarned: a loss or a veto that is not due costs nothing, a gain that is not due gives
// nothing, and nobody is asked for evidence of it.
func TestWhatIsNotDueIsNeitherMissingNorEarned(t *testing.T) {
	ahead := time.Date(2025, 6, 30, 0, 0, 0, 0, time.UTC)
	part := func(name, rule string, points int, due time.Time) configs.RulePart {
		return configs.RulePart{Part: name, Title: name, Rule: rule, Evidence: "yes_no", When: "yes", Points: points, DueOn: due}
	}
	in := Input{Evidence: []Evidence{{Indicator: 1, Part: "now", YesNo: yes(true)}}}
	for _, x := range []struct {
		parts []configs.RulePart
		want  string
	}{
		{[]configs.RulePart{part("now", configs.AwardAt, 60, time.Time{}), part("later", configs.AwardAt, 40, ahead)}, "60"},
		{[]configs.RulePart{part("now", configs.AllOrNothing, 60, time.Time{}), part("later", configs.AllOrNothing, 40, ahead)}, "100"},
		{[]configs.RulePart{part("now", configs.AllOrNothing, 60, time.Time{}), part("later", configs.VetoIf, 0, ahead)}, "100"},
		{[]configs.RulePart{part("now", configs.AwardAt, 60, time.Time{}), part("later", configs.AwardAt, 40, time.Date(2024, 12, 31, 0, 0, 0, 0, time.UTC))}, "missing"},
	} {
		r := scoreOne(t, tableOf(configs.Indicator{Points: 100, Parts: x.parts}), in)
		if r.word() != x.want || r.Known && (r.Lowest != r.Score || r.Highest != r.Score || len(r.Steps) > 0 || r.MayVeto) {
			t.Errorf("%s: %s, want %s: %+v", x.parts[1].Rule, r.word(), x.want, r)
		}
	}
}

// TestAConditionThatIsNotDueLeavesTheOthersToDecide: of several ratios that must hold together.
func TestAConditionThatIsNotDueLeavesTheOthersToDecide(t *testing.T) {
	table := tableOf(configs.Indicator{Points: 100, Parts: []configs.RulePart{{Part: "codes", Title: "追溯码", Rule: configs.AwardAt, Points: 100, AllOf: []configs.Condition{
		{Metric: "trace_code_dispensing", Compare: "at_least", Percent: 90}, {Metric: "trace_code_stock_in", Compare: "at_least", Percent: 90}}}}})
	later := Metric{State: StateNotDue}
	for _, x := range []struct {
		dispensing, stockIn Metric
		want                string
	}{{Metric{90, 100, StateOK}, later, "100"}, {Metric{89, 100, StateOK}, later, "0"}, {Metric{State: "no_data"}, later, "missing"}, {later, later, "0"}} {
		r := scoreOne(t, table, Input{Metrics: map[string]Metric{"trace_code_dispensing": x.dispensing, "trace_code_stock_in": x.stockIn}})
		if r.word() != x.want || r.Known && !strings.Contains(r.Evidence, "尚未到期，不计") {
			t.Errorf("%v %v: %s, want %s (%s)", x.dispensing, x.stockIn, r.word(), x.want, r.Evidence)
		}
	}
}
