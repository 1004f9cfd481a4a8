package configs

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

var partName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// scorecard reads one table and proves that it hangs together.
func scorecard(d *document) Scorecard {
	var card Scorecard
	d.into(&card)
	if !d.usable() {
		return card
	}
	at := "applies_to.fixmedins_type"
	if kind := card.AppliesTo.FixmedinsType; d.good(at) && kind != "1" && kind != "2" {
		d.fault(at, "不认识的机构类型 "+kind, `"1"（定点医疗机构）或 "2"（定点零售药店）`)
	}
	d.between("scored_year", card.ScoredYear, 2000, 2099)
	d.between("agreement_year", card.AgreementYear, 2000, 2099)
	if d.good("stands_in_until") && d.good("scored_year") && card.StandsInUntil <= card.ScoredYear {
		d.fault("stands_in_until", fmt.Sprintf("%d 不晚于考核年度 %d", card.StandsInUntil, card.ScoredYear), "写新表公布前可以暂用本表的最后一年，或删去这一项")
	}
	if d.good("submit_by") && !card.SubmitBy.IsZero() && card.SubmitBy.Year() <= card.ScoredYear && d.good("scored_year") {
		d.fault("submit_by", fmt.Sprintf("%s 不在考核年度 %d 之后", card.SubmitBy.Format(time.DateOnly), card.ScoredYear), "写通知规定的报送截止日，或删去这一项")
	}
	d.between("pass_mark", card.PassMark, 1, 100)
	checkTable(d, card.Indicators)
	checkRatiosOnce(d, card.Indicators)
	for i, x := range card.Indicators {
		checkIndicator(d, fmt.Sprintf("indicators[%d]", i), x)
	}
	checkScoreExamples(d, card)
	return card
}

// checkTable wants the numbers from 1 on without a gap, and 100 points.
func checkTable(d *document, list []Indicator) {
	sum, readable := 0, d.good("indicators")
	for i, x := range list {
		at := fmt.Sprintf("indicators[%d]", i)
		if d.good(at+".no") && x.No != i+1 {
			d.fault(at+".no", fmt.Sprintf("序号 %d 应为 %d", x.No, i+1), "照评分表的次序从 1 起连续编号，不重复")
		}
		readable = readable && d.good(at+".points")
		d.between(at+".points", x.Points, 0, 100)
		sum += x.Points
	}
	if readable && sum != 100 {
		d.fault("indicators", fmt.Sprintf("各项总分合计 %d 分，应为 100 分", sum), "逐项核对 points")
	}
}

// checkRatiosOnce: the published ratio has one threshold.
func checkRatiosOnce(d *document, list []Indicator) {
	seen := map[int]bool{}
	for i, x := range list {
		for j, p := range x.Parts {
			for k, c := range p.Conditions() {
				no := ratioOf(c.Metric)
				at := conditionAt(fmt.Sprintf("indicators[%d].parts[%d]", i, j), p, k) + ".metric"
				if no == 0 || p.Rule == VetoIf || !d.good(at) {
					continue
				}
				if seen[no] {
					d.fault(at, fmt.Sprintf("比率 %d 重复", no), "一张评分表里一个比率只有一个标准")
				}
				seen[no] = true
			}
		}
	}
}

// conditionAt is where the k-th condition of a part stands.
func conditionAt(at string, p RulePart, k int) string {
	if len(p.AllOf) > 0 {
		return fmt.Sprintf("%s.all_of[%d]", at, k)
	}
	return at
}

func checkIndicator(d *document, at string, x Indicator) {
	d.among(at+".kind", x.Kind, scoreKinds...)
	d.among(at+".when_missing", x.WhenMissing, "missing", "self_report")
	oneOf(d, at+".applies_to.ownership", x.AppliesTo.Ownership, ownerships...)
	d.among(at+".applies_to.others", x.AppliesTo.Others, OthersFull, OthersZero, OthersRescaled)
	if len(x.Parts) == 0 && d.good(at+".parts") {
		d.fault(at+".parts", "这一项没有规则", "至少写一条规则")
	}
	names, gains, kinds := map[string]bool{}, 0, map[string]bool{}
	for i, p := range x.Parts {
		place := fmt.Sprintf("%s.parts[%d]", at, i)
		if d.good(place + ".part") {
			if !partName.MatchString(p.Part) {
				d.fault(place+".part", fmt.Sprintf("%q 不能作名称", p.Part), "用小写英文字母、数字和下划线，字母开头")
			} else if names[p.Part] {
				d.fault(place+".part", p.Part+" 重复", "一项之内各条规则的名称各不相同")
			}
			names[p.Part] = true
		}
		checkPart(d, place, p, x.Points)
		switch {
		case p.Rule == VetoIf:
			kinds["veto"] = true
		case p.IsGain():
			kinds["award"] = true
			gains += p.Most()
		default:
			kinds["deduct"] = true
		}
	}
	checkKind(d, at, x, kinds, gains)
	checkCases(d, at, x)
}

// checkKind holds the kind and the points of a row against its rules.
func checkKind(d *document, at string, x Indicator, kinds map[string]bool, gains int) {
	for i := range x.Parts {
		if !d.good(fmt.Sprintf("%s.parts[%d].rule", at, i)) {
			return
		}
	}
	if !d.good(at+".kind") || !d.good(at+".points") || len(x.Parts) == 0 {
		return
	}
	switch {
	case x.Kind == "veto" && x.Points != 0:
		d.fault(at+".points", "否决项不计分", "points 写 0，或把 kind 改为 mixed")
	case x.Kind != "veto" && x.Points == 0:
		d.fault(at+".points", "计分项没有分", "写上这一项的总分")
	case x.Kind == "mixed" && len(kinds) < 2, x.Kind != "mixed" && (len(kinds) > 1 || !kinds[x.Kind]):
		d.fault(at+".kind", "与各条规则不符", "veto 只有否决，deduct 只扣分，award 只得分，mixed 兼有几种")
	case gains > x.Points, x.Kind == "award" && gains != x.Points:
		d.fault(at+".points", fmt.Sprintf("总分 %d 分，各条规则合计可得 %d 分", x.Points, gains), "两处应当一致")
	}
	computed, evidence := false, false
	for _, p := range x.Parts {
		has := p.Metric != "" || len(p.AllOf) > 0 || len(p.Figures) > 0
		computed, evidence = computed || has, evidence || !has
	}
	want := map[[2]bool]string{{true, false}: "computed", {false, true}: "evidence", {true, true}: "mixed"}[[2]bool{computed, evidence}]
	if d.good(at+".source") && x.Source != want {
		d.fault(at+".source", "来源 "+x.Source+" 与各条规则不符", "应为 "+want)
	}
}

// needs names the keys a rule has beside metric and evidence.
var needs = map[string][]string{
	VetoIf: nil, DeductEach: {"points"}, DeductPerWorkdayLate: {"evidence", "points"}, AllOrNothing: {"points"},
	FigureMatches: {"figures", "points"}, AwardAt: {"points"}, AwardEach: {"points", "cap"}, Rank: {"top", "points"},
}

// ways names what evidence each rule can read.
var ways = map[string][]string{
	VetoIf: evidenceWays, AllOrNothing: evidenceWays, AwardAt: evidenceWays, DeductEach: {"count"}, AwardEach: {"count"}, Rank: {"count"},
	DeductPerWorkdayLate: {"event_on"}, FigureMatches: {"yes_no"},
}

func checkPart(d *document, at string, p RulePart, points int) {
	if !d.good(at + ".rule") {
		return
	}
	if !slices.Contains(scoreRules, p.Rule) {
		d.fault(at+".rule", "不认识的规则 "+p.Rule, "可用："+strings.Join(scoreRules, "、"))
		return
	}
	for _, key := range needs[p.Rule] {
		d.wanted(at, key, "规则 "+p.Rule+" 须写这一项")
	}
	d.among(at+".evidence", p.Evidence, ways[p.Rule]...)
	d.among(at+".no_data", p.NoData, "missing", "holds", "fails")
	d.between(at+".points", p.Points, 1, max(points, 1))
	d.between(at+".cap", p.Cap, p.Points, max(points, p.Points))
	d.between(at+".top", p.Top, 1, 1000)
	d.between(at+".tolerance_percent", p.TolerancePercent, 0, 100)
	d.between(at+".tolerance_yuan", p.ToleranceYuan, 0, 1_000_000)
	if p.Metric == "" && p.Evidence == "" && len(p.AllOf) == 0 && len(p.Figures) == 0 && p.Rule != FigureMatches {
		d.fault(at, "这条规则没有依据", "写 metric（程序计算的指标）或 evidence（人工证据），或两者都写")
	}
	if p.Rule == VetoIf || p.Rule == AllOrNothing || p.Rule == AwardAt {
		checkCondition(d, at, p)
	} else {
		checkCount(d, at, p)
	}
	for i, name := range p.Figures {
		place := fmt.Sprintf("%s.figures[%d]", at, i)
		if m, ok := MetricNamed(name); d.good(place) && (!ok || m.Kind != FigureMetric) {
			d.fault(place, "没有可核对的数字 "+name, "可用："+metricList(FigureMetric))
		}
	}
	if p.Evidence == "event_on" && p.By.IsZero() == (p.ByPart == "") && !d.bad[at+".by"] {
		d.at[at+".by"] = cmp.Or(d.at[at+".by"], d.at[at])
		d.fault(at+".by", "最迟日期不对", "by（日期）与 by_part（另一项证据的名称）写一个，也只写一个")
	}
}

// checkCount is for rules that count something.
func checkCount(d *document, at string, p RulePart) {
	m, ok := MetricNamed(p.Metric)
	if d.good(at+".metric") && (!ok || m.Kind != CountMetric) {
		d.fault(at+".metric", "没有可数的指标 "+p.Metric, "可用："+metricList(CountMetric))
	}
}

// checkCondition is for rules that ask whether something holds.
func checkCondition(d *document, at string, p RulePart) {
	d.among(at+".when", p.When, "yes", "no")
	for k, c := range p.Conditions() {
		place := conditionAt(at, p, k)
		m, ok := MetricNamed(c.Metric)
		if !d.good(place + ".metric") {
			continue
		}
		switch {
		case !ok || m.Kind == FigureMetric:
			d.fault(place+".metric", "不认识的指标 "+c.Metric, "可用："+metricList(RatioMetric, CountMetric))
		case m.Kind == RatioMetric:
			d.wanted(place, "percent", "写达标线，百分数")
			d.wanted(place, "compare", "可用："+strings.Join(comparisons, "、"))
		case len(p.AllOf) > 0:
			d.fault(place+".metric", c.Metric+" 不是比率", "all_of 里只写比率；次数另写一条规则")
		default:
			d.wanted(at, "threshold", "写次数的界线")
			d.wanted(at, "compare", "可用："+strings.Join(comparisons, "、"))
		}
		d.among(place+".compare", c.Compare, comparisons...)
		d.percent(place+".percent", c.Percent)
	}
	if p.Metric == "" && len(p.AllOf) == 0 {
		d.among(at+".compare", p.Compare, comparisons...)
		d.percent(at+".percent", p.Percent)
	}
	d.between(at+".threshold", p.Threshold, 0, 1_000_000)
	switch p.Evidence {
	case "yes_no":
		d.wanted(at, "when", "写条件成立的答案：yes 或 no")
	case "count":
		d.wanted(at, "threshold", "写次数的界线")
		d.wanted(at, "compare", "可用："+strings.Join(comparisons, "、"))
	case "value":
		d.wanted(at, "percent", "写达标线，百分数")
		d.wanted(at, "compare", "可用："+strings.Join(comparisons, "、"))
	}
}

func (d *document) percent(at string, percent int) {
	if d.good(at) && (percent < 0 || percent > 100) {
		d.fault(at, fmt.Sprintf("%d 不在 0 至 100 之间", percent), "写百分数，不写百分号")
	}
}

// wanted reports a key that must be there.
func (d *document) wanted(at, key, hint string) {
	if d.at[at+"."+key] == nil && !d.bad[at+"."+key] && d.at[at] != nil {
		d.at[at+"."+key] = d.at[at]
		d.fault(at+"."+key, "缺少 "+key, hint)
	}
}

func metricList(kinds ...MetricKind) string {
	var names []string
	for _, m := range metrics {
		if slices.Contains(kinds, m.Kind) {
			names = append(names, m.Name)
		}
	}
	return strings.Join(names, "、")
}
