package configs

import (
	"fmt"
	"strings"
	"testing"

	"claimsaudit/pipeline"
)

// brokenPoints are mistakes in the points of the shipped rule pack.
var brokenPoints = []mistake{
	{"article nobody delivers", pack, `{article: "32", from: 10`, `{article: "33", from: 10`, "points.bands[3].article: 送来的记分处理没有第 33 条"},
	{"article twice", pack, `to: 12}`, "to: 12}\n    - {article: \"31\", from: 10, to: 12}", "points.bands[4].article: 第 31 条重复"},
	{"article missing", pack, "bands:\n    - {article: \"29\", from: 1, to: 3}", "bands:", "points.bands: 缺少第 29 条"},
	{"band upside down", pack, "from: 10, to: 12}", "from: 10, to: 2}", "points.bands[3].to: 最高分 2 低于最低分 10"},
	{"band without points", pack, "from: 1, to: 3}", "from: 0, to: 3}", "points.bands[0].from: 0 不在 1 至 99"},
	{"gap between measures", pack, "{from: 4, to: 6, kind: head_talk}", "{from: 5, to: 6, kind: head_talk}", "points.measures.total[1].from: 应接着上一档，从 4 起"},
	{"overlap of measures", pack, "{from: 4, to: 6, kind: head_talk}", "{from: 3, to: 6, kind: head_talk}", "points.measures.total[1].from: 应接着上一档，从 4 起"},
	{"milder for more", pack, "{from: 10, to: 10, kind: suspend, months: 2}", "{from: 10, to: 10, kind: talk}", "points.measures.total[4].kind: 分数更高，措施却更轻"},
	{"shorter for more", pack, "{from: 11, to: 11, kind: suspend, months: 3}", "{from: 11, to: 11, kind: suspend, months: 1}", "points.measures.total[5].kind: 分数更高，措施却更轻"},
	{"no measure at the top", pack, "{from: 12, kind: terminate, years: 1}", "{from: 12, to: 12, kind: terminate, years: 1}", "points.measures.total[6].to: 最后一档有上限"},
	{"open in the middle", pack, "{from: 4, to: 6, kind: head_talk}", "{from: 4, kind: head_talk}", "points.measures.total[1]: 没有写 to"},
	{"measure upside down", pack, "{from: 4, to: 6, kind: head_talk}", "{from: 4, to: 2, kind: head_talk}", "points.measures.total[1].to: 2 小于 from 4"},
	{"unknown measure", pack, "kind: circular", "kind: fine", "points.measures.total[2].kind: 不认识的措施 fine"},
	{"suspension without length", pack, "kind: suspend, months: 1}", "kind: suspend}", "points.measures.total[3].kind: 暂停和终止应有一个时长"},
	{"two lengths", pack, "kind: terminate, years: 1}", "kind: terminate, years: 1, months: 6}", "points.measures.total[6].kind: 暂停和终止应有一个时长"},
	{"length below zero", pack, "kind: suspend, months: 1}", "kind: suspend, months: -1}", "points.measures.total[3].kind: 时长 -1 个月不对"},
	{"length of a talk", pack, "kind: talk}", "kind: talk, months: 1}", "points.measures.total[0].kind: 谈话和通报没有时长"},
	{"day of no year", pack, `day: "01-01"`, `day: "02-29"`, `points.clearing.day: "02-29" 不是每年都有的日子`},
	{"day with a year", pack, `day: "01-01"`, `day: 2025-01-01`, `points.clearing.day: "2025-01-01" 不是每年都有的日子`},
	{"delayed by a talk", pack, "delayed_by: [suspend, terminate]", "delayed_by: [talk]", "points.clearing.delayed_by[0]: 不认识的值 talk"},
	{"suspension of no length", pack, "shortest_months: 1}", "shortest_months: 0}", "points.repair.study.shortest_months: 0 不在 1 至 99"},
	{"points given by repair", pack, "publicity: {points_each: 1,", "publicity: {points_each: -1,", "points.repair.publicity.points_each: -1 不在 0 至 99"},
	{"kind of repair", pack, "not_when_terminated: [study]", "not_when_terminated: [lessons]", "points.repair.not_when_terminated[0]: 不认识的值 lessons"},
	{"restoration before the end", pack, "before_the_end: waits", "before_the_end: now", "points.restoration.before_the_end: 不认识的办法 now"},
	{"share above the whole", pack, "percent: 50,", "percent: 150,", "points.share.percent: 150 不在 1 至 100"},
	{"comparison", pack, "comparison: above", "comparison: more", "points.share.comparison: 不认识的比较 more"},
	{"deadline missing", pack, "deadlines:\n    notice: {article: \"36\", workdays: 5} ", "deadlines:\n    #", "points.deadlines.notice: 缺少 notice"},
	{"deadline of no day", pack, `notice: {article: "36", workdays: 5}`, `notice: {article: "36", workdays: 0}`, "points.deadlines.notice.workdays: 0 不在 1 至 250"},
	{"deadline without article", pack, `notice: {article: "36", workdays: 5}`, `notice: {article: 第36条, workdays: 5}`, "points.deadlines.notice.article: 条款"},
	{"example twice", pack, "name: 年初清零", "name: 单次12分，终止3年", "points.examples[5].name: 算例“单次12分，终止3年”重复"},
	{"example without content", pack, "    - name: 受限人数超过登记人数的50%", "    - {name: x, article: \"34\", as_of: 2025-01-01}\n    - name: 受限人数超过登记人数的50%", "points.examples[12]: 算例没有内容"},
	{"example without result", pack, "    - name: 受限人数超过登记人数的50%", "    - {name: x, article: \"34\", as_of: 2025-01-01, repairs: [{repair_no: X, kind: study, done_on: 2025-01-01}]}\n    - name: y", "points.examples[12]: 算例没有写结果"},
	{"number twice", pack, "{decision_no: J2, decided_on: 2025-03-12", "{decision_no: J1, decided_on: 2025-03-12", "points.examples[0].decisions[1].decision_no: 编号 J1 重复"},
	{"state of an example", pack, "state: proposed", "state: planned", "points.examples[11].decisions[0].state: 不认识的值 planned"},
	{"event of an example", pack, "event: clear, points: -8", "event: cleared, points: -8", "points.examples[5].want.events[1].event: 不认识的值 cleared"},
	{"status of an example", pack, "{on: 2025-03-13, status: normal}", "{on: 2025-03-13, status: free}", "points.examples[0].want.statuses[0].status: 不认识的值 free"},
	{"day of an example", pack, "decided_on: 2025-03-12", "decided_on: 2025-03-32", `points.examples[0].decisions[1].decided_on: "2025-03-32" 不是有效日期`},
}

// The numbers of contract section 4a.
func TestTheShippedPointsSayWhatTheContractSays(t *testing.T) {
	p := mustLoad(t, deploy(t, nil), nil, Overrides{}).RulePack.Points
	var bands []string
	for _, b := range p.Bands {
		bands = append(bands, fmt.Sprintf("%s:%d-%d", b.Article, b.From, b.To))
	}
	if got := strings.Join(bands, " "); got != "29:1-3 30:4-6 31:7-9 32:10-12" {
		t.Errorf("bands %s", got)
	}
	list := func(measures []Measure) string {
		var words []string
		for _, m := range measures {
			word := fmt.Sprintf("%d-%d %s", m.From, m.To, m.Kind)
			if m.Blocks() {
				word += fmt.Sprint(" ", m.Length())
			}
			words = append(words, word)
		}
		return strings.Join(words, ", ")
	}
	if got := list(p.Measures.Total); got != "3-3 talk, 4-6 head_talk, 7-8 circular, 9-9 suspend 1, 10-10 suspend 2, 11-11 suspend 3, 12-0 terminate 12" {
		t.Errorf("by total: %s", got)
	}
	if got := list(p.Measures.Single); got != "9-9 suspend 2, 10-10 suspend 4, 11-11 suspend 6, 12-0 terminate 36" {
		t.Errorf("by single decision: %s", got)
	}
	month, day := p.Clearing.MonthDay()
	if month != 1 || day != 1 || p.Clearing.FromTotal != 12 || len(p.Clearing.DelayedBy) != 2 || !p.EffectiveFrom.IsZero() || !p.EffectiveTo.IsZero() {
		t.Errorf("clearing %+v, from %s to %s", p.Clearing, p.EffectiveFrom, p.EffectiveTo)
	}
	if r := p.Repair; r.Study != (Study{3, 3, 1}) || r.Publicity != (Publicity{1, 3}) || r.OnSite != (OnSite{3, 3, 5}) || strings.Join(r.NotAfter, " ") != "study" {
		t.Errorf("repair %+v", r)
	}
	if p.Share != (Share{"34", 50, "above"}) || strings.Join(p.Restoration.NewCommitment, " ") != "terminate" {
		t.Errorf("share %+v, restoration %+v", p.Share, p.Restoration)
	}
	want := Deadlines{Notice: Deadline{"36", 5}, Registry: Deadline{"37", 5}, Appeal: Deadline{"35", 10}, RestorationRequest: Deadline{"44", 15},
		RestorationDecision: Deadline{"44", 10}, PracticeReport: Deadline{"7", 5}}
	if p.Deadlines != want {
		t.Errorf("deadlines %+v", p.Deadlines)
	}
}

func TestExamplesChangeNoResultAndNoDigest(t *testing.T) {
	plain := mustLoad(t, deploy(t, nil), nil, Overrides{}).Digest
	renamed := mustLoad(t, deploy(t, func(f map[string]string) { replace(t, f, pack, "name: 年初清零", "name: 元旦清零") }), nil, Overrides{}).Digest
	longer := mustLoad(t, deploy(t, func(f map[string]string) {
		replace(t, f, pack, "kind: terminate, years: 1}", "kind: terminate, years: 2}")
	}), nil, Overrides{}).Digest
	if plain != renamed || plain == longer {
		t.Errorf("digests: shipped %s, example renamed %s, longer termination %s", plain, renamed, longer)
	}
}

func TestARulePackIsLoadedByNameOrPath(t *testing.T) {
	settings := deploy(t, func(f map[string]string) {
		f["rulepacks/next.yaml"] = strings.Replace(f[pack], "name: chongqing-2025", "name: next", 1)
	})
	for _, name := range []string{"next", strings.TrimSuffix(settings, main) + "rulepacks/next.yaml"} {
		if p, err := LoadRulePack(settings, name); err != nil || p.Name != "next" {
			t.Errorf("%s: %s, %v", name, p.Name, err)
		}
	}
	_, err := LoadRulePack(settings, "nowhere")
	if pipeline.KindOf(err) != pipeline.KindUsage || !strings.Contains(err.Error(), "example-other-region") {
		t.Errorf("a pack that is not there: %v", err)
	}
}
