package configs

import (
	"strings"
	"testing"

	"claimsaudit/pipeline"
)

const shop = "scorecards/pharmacy-2025.yaml"

// brokenScorecards are mistakes in the shipped tables.
var brokenScorecards = []mistake{
	{"percent above 100", card, "percent: 90, evidence: value", "percent: 190, evidence: value", "indicators[19].parts[0].percent: 190 不在 0 至 100"},
	{"percent negative", card, "percent: 90, evidence: value", "percent: -90, evidence: value", "indicators[19].parts[0].percent: -90 不在 0 至 100"},
	{"percent with decimals", card, "percent: 90, evidence: value", "percent: 90.5, evidence: value", `indicators[19].parts[0].percent: "90.5" 不是整数`},
	{"percent missing", card, "percent: 90, evidence: value", "evidence: value", "indicators[19].parts[0].percent: 缺少 percent"},
	{"unknown ratio", card, "metric: ratio_608", "metric: ratio_699", "indicators[19].parts[0].metric: 不认识的指标 ratio_699"},
	{"ratio twice", card, "metric: ratio_608", "metric: ratio_601", "indicators[19].parts[0].metric: 比率 601 重复"},
	{"a ratio is no count", card, "metric: late_change", "metric: ratio_607", "indicators[3].parts[1].metric: 没有可数的指标 ratio_607"},
	{"figure nobody computes", card, "figures: [amount_pooled_employee_cents,", "figures: [amount_pooled_cents,", "indicators[12].parts[0].figures[0]: 没有可核对的数字 amount_pooled_cents"},
	{"indicator number", card, "- no: 20\n", "- no: 0\n", "indicators[19].no: 序号 0 应为 20"},
	{"kind of indicator", card, "kind: mixed", "kind: deduct", "indicators[3].kind: 与各条规则不符"},
	{"unknown kind of indicator", card, "kind: mixed", "kind: bonus", "indicators[3].kind: 不认识的值 bonus"},
	{"unknown rule of a part", card, "rule: rank", "rule: race", "indicators[22].parts[0].rule: 不认识的规则 race"},
	{"comparison of a part", card, "compare: above, threshold: 0", "compare: over, threshold: 0", "indicators[3].parts[0].compare: 不认识的值 over"},
	{"threshold missing", card, "compare: above, threshold: 0", "compare: above", "indicators[3].parts[0].threshold: 缺少 threshold"},
	{"answer of a part", card, "when: no}", "when: never}", "indicators[0].parts[0].when: 不认识的值 never"},
	{"no last day", card, "evidence: event_on, by: 2024-10-31}", "evidence: event_on}", "indicators[15].parts[0].by: 最迟日期不对"},
	{"last day of no calendar", card, "by: 2024-10-31", "by: 2024-10-32", `indicators[15].parts[0].by: "2024-10-32" 不是有效日期`},
	{"cap below one", card, "points: 1, cap: 2", "points: 3, cap: 2", "indicators[22].parts[1].cap: 2 不在 3 至 5"},
	{"points of a part", card, "metric: late_change, evidence: count, evidence_first: true, points: 1", "metric: late_change, evidence: count, evidence_first: true, points: 9", "indicators[3].parts[1].points: 9 不在 1 至 5"},
	{"source", card, "source: mixed", "source: computed", "indicators[15].source: 来源 computed 与各条规则不符"},
	{"ownership", card, "ownership: [public], others", "ownership: [state], others", "indicators[18].applies_to.ownership[0]: 不认识的值 state"},
	{"what others get", card, "others: rescaled", "others: half", "indicators[18].applies_to.others: 不认识的值 half"},
	{"insurance kind twice", pack, `resident: ["380", "390", "391", "392"]`, `resident: ["380", "390", "390"]`, "figures.insutypes.resident[2]: 代码 390 写了两次"},
	{"stands in for its own year", card, "stands_in_until: 2025", "stands_in_until: 2024", "stands_in_until: 2024 不晚于考核年度 2024"},
	{"handed in before the year is over", card, "submit_by: 2025-01-20", "submit_by: 2024-12-31", "submit_by: 2024-12-31 不在考核年度 2024 之后"},
	{"mark nobody reaches", card, "pass_mark: 60", "pass_mark: 160", "pass_mark: 160 不在 1 至 100"},
	{"year not a year", card, "scored_year: 2024", "scored_year: 24", "scored_year: 24 不在 2000 至 2099"},
	{"result of a case", card, "score: pass}", "score: passed}", `indicators[0].cases[0].score: "passed" 不是结果`},
	{"evidence of a case", card, "evidence: {penalty_paid: yes}", "evidence: {penalty: yes}", "indicators[0].cases[0].evidence.penalty: 第 1 项没有要证据的规则 penalty"},
	{"evidence of another way", card, "evidence: {penalty_paid: yes}", "evidence: {penalty_paid: 3}", `indicators[0].cases[0].evidence.penalty_paid: "3" 不是 yes_no 的证据`},
	{"metric of a case", card, "metrics: {ratio_608: no_data}, score", "metrics: {ratio_680: no_data}, score", "indicators[19].cases[3].metrics.ratio_680: 不认识的指标 ratio_680"},
	{"metric without its denominator", card, "metrics: {ratio_608: 9000/10000}", `metrics: {ratio_608: "9000"}`, `indicators[19].cases[0].metrics.ratio_608: "9000" 不是这个指标的值`},
	{"case twice", card, "name: 未缴清", "name: 已缴清", "indicators[0].cases[1].name: 算例“已缴清”重复"},
	{"evidence of an example", card, "5.enrolment: yes", "5.enrollment: yes", "examples[0].evidence.5.enrollment: 第 5 项没有要证据的规则 enrollment"},
	{"decision of an example", card, "decision: qualified", "decision: passed", "examples[0].want.decision: 不认识的值 passed"},
}

// The scored year picks the table; a table may stand in for years after its own, never before.
func TestATableIsChosenByTheYearItScores(t *testing.T) {
	path := deploy(t, func(f map[string]string) {
		f["scorecards/institution-2026.yaml"] = strings.NewReplacer("name: institution-2025", "name: institution-2026", "agreement_year: 2025", "agreement_year: 2026",
			"scored_year: 2024", "scored_year: 2025", "submit_by: 2025-01-20", "submit_by: 2026-01-20", "stands_in_until: 2025", "stands_in_until: 2026", "percent: 90, evidence: value", "percent: 95, evidence: value").Replace(f[card])
		replace(t, f, main, "[institution-2025, pharmacy-2025]", "[institution-2026, institution-2025, pharmacy-2025]")
	})
	c := mustLoad(t, path, nil, Overrides{})
	for _, x := range []struct {
		kind     string
		year     int
		want     string
		standsIn bool
	}{{"1", 2024, "institution-2025", false}, {"1", 2025, "institution-2026", false}, {"1", 2026, "institution-2026", true},
		{"2", 2024, "pharmacy-2025", false}, {"2", 2025, "pharmacy-2025", true}, {"2", 2026, "", false}, {"1", 2023, "", false}} {
		card, standsIn := c.Scorecard(x.kind, x.year)
		name := ""
		if card != nil {
			name = card.Name
		}
		if name != x.want || standsIn != x.standsIn {
			t.Errorf("type %s, year %d: %s %t, want %s %t", x.kind, x.year, name, standsIn, x.want, x.standsIn)
		}
	}
	for _, threshold := range c.Thresholds {
		if threshold.RatioNo == 608 && threshold.Percent != 95 {
			t.Errorf("the ratios follow an older table: %v", threshold)
		}
	}
	if err := c.ScorecardYears(2026); err != nil {
		t.Errorf("2026: %v", err)
	}
	err := c.ScorecardYears(2023)
	if err == nil || pipeline.KindOf(err) != pipeline.KindUsage || !strings.Contains(err.Error(), "2023 (") || strings.ContainsAny(err.Error(), "[]") || pipeline.HintOf(err) == "" {
		t.Errorf("a year without a table: %v", err)
	}
}

// The counts of the two annexes.
func TestTheShippedTablesAreWhole(t *testing.T) {
	c := mustLoad(t, deploy(t, nil), nil, Overrides{})
	want := map[string]struct {
		indicators, vetoes int
		points             []int
	}{"1": {24, 8, []int{0, 0, 0, 5, 4, 5, 4, 2, 2, 2, 2, 2, 2, 0, 0, 0, 10, 20, 10, 10, 5, 5, 5, 5}},
		"2": {16, 6, []int{0, 0, 5, 4, 10, 5, 6, 0, 0, 0, 20, 20, 10, 5, 5, 10}}}
	for _, table := range c.Scorecards {
		w := want[table.AppliesTo.FixmedinsType]
		vetoes := 0
		for i, x := range table.Indicators {
			if x.Points != w.points[i] {
				t.Errorf("%s: indicator %d has %d points, the notice gives %d", table.Name, x.No, x.Points, w.points[i])
			}
			for _, p := range x.Parts {
				if p.Rule == VetoIf {
					vetoes++
					break
				}
			}
		}
		if len(table.Indicators) != w.indicators || vetoes != w.vetoes || table.PassMark != 60 {
			t.Errorf("%s: %d indicators, %d of them veto", table.Name, len(table.Indicators), vetoes)
		}
	}
}
