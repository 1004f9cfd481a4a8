package configs

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"claimsaudit/pipeline"
)

const monthsMax = 600 // fifty years; more is a slip of the finger

// checkPoints holds the numbers against each other: a gap or a milder measure
// for more points would judge people by a slip of the pen.
func checkPoints(d *document, p Points) {
	if d.good("points.effective_to") && d.good("points.effective_from") && p.EffectiveTo.Before(p.EffectiveFrom) {
		d.fault("points.effective_to", "最后一天早于第一天", "effective_from 是第一天，effective_to 是最后一天，都算在内")
	}
	checkBands(d, p.Bands)
	d.article("points.counted_once", p.CountedOnce.Article)
	d.article("points.measures", p.Measures.Article)
	checkMeasures(d, "points.measures.total", p.Measures.Total)
	if len(p.Measures.Total) == 0 && d.good("points.measures.total") {
		d.fault("points.measures.total", "没有累计措施", "照规定逐档写上；没有单次措施时 single 写 []")
	}
	checkMeasures(d, "points.measures.single", p.Measures.Single)
	checkClearing(d, p.Clearing)
	checkRepair(d, p.Repair)
	checkRestoration(d, p.Restoration)
	checkShare(d, p.Share)
	for _, x := range []struct {
		key      string
		deadline Deadline
	}{{"notice", p.Deadlines.Notice}, {"registry", p.Deadlines.Registry}, {"appeal", p.Deadlines.Appeal},
		{"restoration_request", p.Deadlines.RestorationRequest}, {"restoration_decision", p.Deadlines.RestorationDecision},
		{"practice_report", p.Deadlines.PracticeReport}} {
		at := "points.deadlines." + x.key
		d.article(at, x.deadline.Article)
		d.between(at+".workdays", x.deadline.Workdays, 1, 250)
	}
	checkExamples(d, p.Examples)
}

// article checks the article a section cites.
func (d *document) article(section, text string) {
	if at := section + ".article"; d.good(at) && !articleList.MatchString(text) {
		d.fault(at, fmt.Sprintf("条款 %q 写法不对", text), `写成 "19" 或 "19, 50"，逗号后空一格`)
	}
}

// checkBands wants one band for each article the feed can deliver.
func checkBands(d *document, bands []PointsBand) {
	var deliverable []string
	if c, ok := pipeline.FeedNamed("points_decision").Column("article"); ok {
		deliverable = c.Allowed
	}
	seen, readable := map[string]bool{}, true
	for i, b := range bands {
		at := fmt.Sprintf("points.bands[%d]", i)
		switch {
		case !d.good(at + ".article"):
			readable = false
		case !slices.Contains(deliverable, b.Article):
			d.fault(at+".article", "送来的记分处理没有第 "+b.Article+" 条", "可用："+strings.Join(deliverable, "、"))
			readable = false
		case seen[b.Article]:
			d.fault(at+".article", "第 "+b.Article+" 条重复", "一条只写一档")
		default:
			seen[b.Article] = true
		}
		d.between(at+".from", b.From, 1, 99)
		d.between(at+".to", b.To, 1, 99)
		if d.good(at+".from") && d.good(at+".to") && b.To < b.From {
			d.fault(at+".to", fmt.Sprintf("最高分 %d 低于最低分 %d", b.To, b.From), "from 是最低分，to 是最高分")
		}
	}
	for _, article := range deliverable {
		if !seen[article] && readable && d.good("points.bands") {
			d.fault("points.bands", "缺少第 "+article+" 条", "补上它的最低分和最高分")
		}
	}
}

// checkMeasures wants a list that ascends without a gap, never gets milder and
// leaves no number of points out at the top.
func checkMeasures(d *document, list string, measures []Measure) {
	for i, m := range measures {
		at := fmt.Sprintf("%s[%d]", list, i)
		d.between(at+".from", m.From, 1, 99)
		checkLength(d, at, m)
		last := i == len(measures)-1
		switch {
		case !d.good(at+".from") || !d.good(at):
		case last && m.To != 0 && d.good(at+".to"):
			d.fault(at+".to", "最后一档有上限，更高的分没有措施", "最后一档不写 to，表示及以上")
		case !last && m.To == 0 && d.at[at+".to"] == nil:
			d.fault(at, "没有写 to", "只有最后一档可以不写，表示及以上")
		case !last && m.To < m.From && d.good(at+".to"):
			d.fault(at+".to", fmt.Sprintf("%d 小于 from %d", m.To, m.From), "from 是最低分，to 是最高分")
		case i > 0 && d.bad[fmt.Sprintf("%s[%d].to", list, i-1)]:
		case i > 0 && m.From != measures[i-1].To+1 && measures[i-1].To != 0:
			d.fault(at+".from", fmt.Sprintf("应接着上一档，从 %d 起", measures[i-1].To+1), "各档从低到高，不重叠也不留空")
		case i > 0 && d.good(at+".kind") && d.good(fmt.Sprintf("%s[%d].kind", list, i-1)) && measures[i-1].MoreSevere(m):
			d.fault(at+".kind", "分数更高，措施却更轻", "各档措施从轻到重")
		}
	}
}

func checkLength(d *document, at string, m Measure) {
	if !d.good(at + ".kind") {
		return
	}
	months, years := d.at[at+".months"] != nil, d.at[at+".years"] != nil
	switch {
	case !slices.Contains(measureKinds, m.Kind):
		d.fault(at+".kind", "不认识的措施 "+m.Kind, "talk（谈话）、head_talk（主要负责人谈话）、circular（通报）、suspend（暂停）或 terminate（终止）")
	case d.bad[at+".months"] || d.bad[at+".years"]:
	case !m.Blocks() && (months || years):
		d.fault(at+".kind", "谈话和通报没有时长", "删去 months 和 years")
	case m.Blocks() && months == years:
		d.fault(at+".kind", "暂停和终止应有一个时长", "写 months（月）或 years（年），只写一个")
	case m.Blocks() && (m.Length() < 1 || m.Length() > monthsMax):
		d.fault(at+".kind", fmt.Sprintf("时长 %d 个月不对", m.Length()), "至少 1 个月，至多 50 年")
	}
}

func checkClearing(d *document, c Clearing) {
	d.article("points.clearing", c.Article)
	day, err := time.Parse("01-02", c.Day)
	if d.good("points.clearing.day") && (err != nil || day.Month() == time.February && day.Day() == 29) {
		d.fault("points.clearing.day", fmt.Sprintf("%q 不是每年都有的日子", c.Day), `写成 "01-01"，即每年 1 月 1 日`)
	}
	oneOf(d, "points.clearing.delayed_by", c.DelayedBy, Suspend, Terminate)
	d.between("points.clearing.from_total", c.FromTotal, 1, 99)
}

func checkRepair(d *document, r Repair) {
	d.article("points.repair", r.Article)
	for _, x := range []struct {
		key       string
		n         int
		low, high int
	}{{"study.points_per_year", r.Study.PointsPerYear, 0, 99}, {"study.months_per_year", r.Study.MonthsPerYear, 0, 99},
		{"study.shortest_months", r.Study.ShortestMonths, 1, 99}, {"publicity.points_each", r.Publicity.PointsEach, 0, 99},
		{"publicity.points_per_year", r.Publicity.PointsPerYear, 0, 99}, {"on_site.points_each", r.OnSite.PointsEach, 0, 99},
		{"on_site.points_per_year", r.OnSite.PointsPerYear, 0, 99}, {"on_site.working_days", r.OnSite.WorkingDays, 1, 250}} {
		d.between("points.repair."+x.key, x.n, x.low, x.high)
	}
	oneOf(d, "points.repair.not_when_terminated", r.NotAfter, "study", "publicity", "on_site")
}

func checkRestoration(d *document, r Restoration) {
	d.article("points.restoration", r.Article)
	oneOf(d, "points.restoration.new_commitment", r.NewCommitment, Suspend, Terminate)
	if at := "points.restoration.before_the_end"; d.good(at) && r.BeforeTheEnd != "waits" && r.BeforeTheEnd != "void" {
		d.fault(at, "不认识的办法 "+r.BeforeTheEnd, "waits（期满时生效）或 void（无效，须另行办理）")
	}
}

func checkShare(d *document, s Share) {
	d.article("points.share", s.Article)
	d.between("points.share.percent", s.Percent, 1, 100)
	if at := "points.share.comparison"; d.good(at) && s.Comparison != "above" && s.Comparison != "at_least" {
		d.fault(at, "不认识的比较 "+s.Comparison, "above（超过才算）或 at_least（达到就算）")
	}
}
