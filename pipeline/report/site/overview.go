package site

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"claimsaudit/pipeline/report"
)

const (
	rankedInstitutions = 15
	listedMissed       = 20
	listedMovers       = 8
)

// overviews writes index.html for the month in front and a page for every other month.
func (b *build) overviews(ctx context.Context) error {
	if len(b.Months) == 0 {
		return b.page(ctx, page{name: "index.html", title: "医保结算审核总览", section: "index.html"}, func(d *doc) error {
			d.para("empty", "还没有可以列示的结算月份。收到结算数据并审核以后，这里按月列示金额、规则、比率和变化。")
			b.todo(d, "")
			return nil
		})
	}
	front := b.front()
	for _, m := range b.Months {
		p := page{name: monthFile(m, front), title: month(m) + "医保结算审核总览", section: "index.html", hasCharts: true}
		if err := b.page(ctx, p, func(d *doc) error { return b.overview(d, m, front, p.name != "index.html") }); err != nil {
			return err
		}
	}
	return nil
}

// front is the month that is shown first: the one this run closed, else the newest.
func (b *build) front() string {
	if key := b.meta.Period.String(); !b.meta.Period.IsZero() && slices.Contains(b.Months, key) && (len(b.Statements) == 0 || b.Statements[0].Month <= key) {
		return key
	}
	return b.Months[0]
}

func monthFile(m, front string) string {
	if m == front {
		return "index.html"
	}
	return "month/" + fileName(m) + ".html"
}

// closedBy is the statement that closed a month: its own, or the first of a later one; nil while it is open.
func (b *build) closedBy(m string) (s *statement) {
	for i := range b.Statements { // newest first
		if b.Statements[i].Month >= m {
			s = &b.Statements[i]
		}
	}
	return s
}

func (b *build) overview(d *doc, m, front string, isBelow bool) error {
	up := ""
	if isBelow {
		up = "../"
	}
	b.chooser(d, m, front, up)
	switch s := b.closedBy(m); {
	case s == nil:
		d.para("lead", "尚未关账，数字随收到的数据变化。")
	case s.Month != m:
		d.para("lead", fmt.Sprintf("已关账：没有单独的通知单，由 %s的通知单 %s 关账。下面是截至数据日的审核结果。", month(s.Month), s.No))
	default:
		d.para("lead", fmt.Sprintf("已关账，通知单 %s：扣款 %v 元，追回 %v 元，退还 %v 元。通知单出具后不改；下面是截至数据日的审核结果，与通知单的差额由以后的通知单追回或退还。", s.No, s.Withhold, s.Recover, s.Release))
	}
	var all verdicts
	for _, no := range b.rulesIn(b.RuleTotals, m) {
		all.merge(b.RuleTotals[monthRule{m, no}])
	}
	d.section("总体情况", "")
	d.cards(b.Total[m], all.ExemptLines, all.ReviewLines, all.WithholdLines)
	d.end()
	for _, part := range []func(*doc, string, string) error{b.trendPart, b.changePart, b.rankPart, b.rulePart, b.ratioPart} {
		if err := part(d, m, up); err != nil {
			return err
		}
	}
	b.todo(d, up)
	return nil
}

func (v *verdicts) merge(o *verdicts) {
	if o != nil {
		v.WithholdLines, v.ExemptLines, v.ReviewLines = v.WithholdLines+o.WithholdLines, v.ExemptLines+o.ExemptLines, v.ReviewLines+o.ReviewLines
		v.Withhold, v.Exempt, v.Review = v.Withhold+o.Withhold, v.Exempt+o.Exempt, v.Review+o.Review
	}
}

// rulesIn are the numbers of the rules that hit in a month, in order.
func (b *build) rulesIn(all map[monthRule]*verdicts, m string) []int64 {
	var out []int64
	for key := range all {
		if key.Month == m {
			out = append(out, key.Rule)
		}
	}
	slices.Sort(out)
	return out
}

func (b *build) chooser(d *doc, m, front, up string) {
	d.add(raw(`<nav class="months" aria-label="月份"><ul>`))
	for _, x := range b.Months {
		d.add(raw(`<li><a href="`+up+monthFile(x, front)+`"`), current(x == m), raw(">"), month(x), raw("</a></li>"))
	}
	d.add(raw("</ul></nav>\n"))
}

// before is the month before m among those known, "" if there is none.
func (b *build) before(m string) string {
	if i := slices.Index(b.Months, m); i >= 0 && i+1 < len(b.Months) {
		return b.Months[i+1]
	}
	return ""
}

// upTo are at most twelve months that end with m, oldest first.
func (b *build) upTo(m string) []string {
	i := slices.Index(b.Months, m)
	out := slices.Clone(b.Months[i:min(len(b.Months), i+trendMonths)])
	slices.Reverse(out)
	return out
}

// trend is the amounts month by month.
func (b *build) trend(id, title string, months []string, of func(m string) amounts) chart {
	c := chart{id: id, title: title, head: "月份", kind: kindTrend, unit: "元", series: []series{
		{name: "扣款", tone: "withhold"}, {name: "追回", tone: "recover"}, {name: "待复核", tone: "review"}, {name: "急诊豁免", tone: "exempt"}}}
	for _, m := range months {
		a := of(m)
		c.labels = append(c.labels, month(m))
		for i, v := range []report.Cents{a.Withhold, a.Recover, a.Review, a.Exempt} {
			c.series[i].values = append(c.series[i].values, plain(v))
		}
	}
	return c
}

func (b *build) trendPart(d *doc, m, _ string) error {
	months := b.upTo(m)
	note := "近十二个月"
	if len(months) < trendMonths {
		note = fmt.Sprintf("有数据的 %d 个月", len(months))
	}
	d.section("趋势", note)
	defer d.end()
	return d.chart(b.trend("trend", "各月扣款、追回、待复核与急诊豁免", months, func(m string) amounts { return b.Total[m] }))
}

func (b *build) changePart(d *doc, m, up string) error {
	last := b.before(m)
	note := ""
	if last != "" {
		note = "与" + month(last) + "相比；金额单位：元"
	}
	d.section("有什么变化", note)
	defer d.end()
	if last == "" {
		d.para("empty", "没有更早的月份可以比较。")
	} else {
		b.compared(d, m, last)
		b.movers(d, m, last, up)
	}
	b.causes(d, m)
	return nil
}

func (b *build) compared(d *doc, m, last string) {
	now, then := b.Total[m], b.Total[last]
	t := table{caption: "金额对比", columns: []column{{"项目", "word"}, {month(m), "n"}, {month(last), "n"}, {"增减", "n"}}}
	for _, x := range []struct {
		name      string
		now, then report.Cents
	}{{"申报", now.Fund, then.Fund}, {"支付", now.Pay, then.Pay}, {"急诊豁免", now.Exempt, then.Exempt}, {"待复核", now.Review, then.Review},
		{"扣款", now.Withhold, then.Withhold}, {"追回（当月通知单）", now.Recover, then.Recover}, {"退还（当月通知单）", now.Release, then.Release}} {
		t.rows = append(t.rows, []cell{words(x.name), sum(x.now), sum(x.then), difference(x.now - x.then)})
	}
	d.table(t)
}

// difference is an amount with its sign.
func difference(c report.Cents) cell {
	x := sum(c)
	switch {
	case c > 0:
		x.text = "+" + x.text
	case c == 0:
		x.text, x.tone = "—", "zero"
	}
	return x
}

// movers are the institutions whose withheld amount changed most.
func (b *build) movers(d *doc, m, last, up string) {
	type mover struct {
		i    *institution
		diff report.Cents
	}
	var all []mover
	for _, code := range b.Codes {
		i := b.Institutions[code]
		if diff := i.Months[m].Withhold - i.Months[last].Withhold; diff != 0 {
			all = append(all, mover{i, diff})
		}
	}
	size := func(c report.Cents) report.Cents { return max(c, -c) }
	slices.SortStableFunc(all, func(a, b mover) int { return cmp.Compare(size(b.diff), size(a.diff)) })
	caption := "扣款增减最大的机构"
	if len(all) > listedMovers {
		caption += fmt.Sprintf("（前 %d 家，共 %d 家有增减）", listedMovers, len(all))
	}
	t := table{caption: caption, empty: "各机构的扣款与上月相同。",
		columns: []column{{"机构", "long"}, {month(m), "n"}, {month(last), "n"}, {"增减", "n"}}}
	for _, x := range all[:min(len(all), listedMovers)] {
		t.rows = append(t.rows, []cell{b.place(x.i, up), money(x.i.Months[m].Withhold), money(x.i.Months[last].Withhold), difference(x.diff)})
	}
	d.table(t)
}

// causes says why the month's statement differs from what had been issued.
func (b *build) causes(d *doc, m string) {
	type key struct{ kind, cause string }
	all := map[key]*kindSum{}
	for _, k := range b.Issued {
		if k.IssuedIn != m {
			continue
		}
		x := all[key{k.Kind, k.Cause}]
		if x == nil {
			x = &kindSum{}
			all[key{k.Kind, k.Cause}] = x
		}
		x.Lines, x.Cents = x.Lines+k.Lines, x.Cents+k.Cents
	}
	order := []string{"withhold", "recover", "release"}
	keys := slices.SortedFunc(maps.Keys(all), func(a, b key) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.kind), slices.Index(order, b.kind)), cmp.Compare(a.cause, b.cause))
	})
	t := table{caption: "通知单按类别和原因", empty: "本月通知单没有扣款、追回和退还，或者尚未出具。",
		columns: []column{{"类别", "word"}, {"原因", "long"}, {"条数", "n"}, {"金额（元）", "n"}}}
	var lines int64
	var total report.Cents
	for _, k := range keys {
		x := all[k]
		t.rows = append(t.rows, []cell{words(b.words.Kind(k.kind)), words(orDash(b.words.Cause(k.cause))), count(x.Lines), sum(x.Cents)})
		lines, total = lines+x.Lines, total+x.Cents
	}
	t.foot = []cell{words("合计"), words(""), count(lines), sum(total)}
	d.table(t)
}

// place names an institution with a link to its page.
func (b *build) place(i *institution, up string) cell {
	return linked(nameOf(i), i.Code, up+"institution/"+b.files[i.Code])
}

func nameOf(i *institution) string {
	if i.Name == "" {
		return "（名称未登记）"
	}
	return i.Name
}

func (b *build) rankPart(d *doc, m, _ string) error {
	var all []*institution
	for _, code := range b.Codes {
		if i := b.Institutions[code]; i.Months[m].Withhold > 0 {
			all = append(all, i)
		}
	}
	slices.SortStableFunc(all, func(x, y *institution) int { return cmp.Compare(y.Months[m].Withhold, x.Months[m].Withhold) })
	note := fmt.Sprintf("%d 家", len(all))
	if len(all) > rankedInstitutions {
		note = fmt.Sprintf("前 %d 家，共 %d 家；其余见“机构”", rankedInstitutions, len(all))
	}
	d.section("扣款较多的机构", note)
	defer d.end()
	if len(all) == 0 {
		d.para("empty", "本月没有机构被扣款。")
		return nil
	}
	c := chart{id: "rank", title: "按机构扣款金额", head: "机构", kind: kindBars, unit: "元", series: []series{{name: "扣款", tone: "withhold"}}}
	for _, i := range all[:min(len(all), rankedInstitutions)] {
		c.labels = append(c.labels, nameOf(i))
		c.series[0].values = append(c.series[0].values, plain(i.Months[m].Withhold))
	}
	return d.chart(c)
}

func (b *build) rulePart(d *doc, m, _ string) error {
	d.section("按规则", "金额单位：元")
	defer d.end()
	numbers := b.rulesIn(b.RuleTotals, m)
	if len(numbers) == 0 {
		d.para("empty", "本月没有规则命中。")
		return nil
	}
	c := chart{id: "rules", title: "各规则的扣款、急诊豁免与待复核", head: "规则", kind: kindBars, unit: "元",
		series: []series{{name: "扣款", tone: "withhold"}, {name: "急诊豁免", tone: "exempt"}, {name: "待复核", tone: "review"}}}
	for _, no := range numbers {
		v := b.RuleTotals[monthRule{m, no}]
		c.labels = append(c.labels, b.ruleName(no))
		for i, x := range []report.Cents{v.Withhold, v.Exempt, v.Review} {
			c.series[i].values = append(c.series[i].values, plain(x))
		}
	}
	if err := d.chart(c); err != nil {
		return err
	}
	d.table(b.ruleTable("规则命中", numbers, func(no int64) *verdicts { return b.RuleTotals[monthRule{m, no}] }))
	return nil
}

func (b *build) ruleTable(caption string, numbers []int64, of func(no int64) *verdicts) table {
	t := table{caption: caption, empty: "没有规则命中。", columns: append([]column{{"规则", "long"}, {"条款", "long"}}, verdictColumns...)}
	var total verdicts
	for _, no := range numbers {
		v := of(no)
		total.merge(v)
		t.rows = append(t.rows, append([]cell{words(b.ruleName(no)), words(orDash(report.Clauses(b.Rules[no].Article)))}, v.cells()...))
	}
	t.foot = append([]cell{words("合计"), words("")}, total.cells()...)
	return t
}

var verdictColumns = []column{{"扣款条数", "n"}, {"扣款金额", "n"}, {"豁免条数", "n"}, {"豁免金额", "n"}, {"复核条数", "n"}, {"复核金额", "n"}}

func (v verdicts) cells() []cell {
	return []cell{count(v.WithholdLines), money(v.Withhold), count(v.ExemptLines), money(v.Exempt), count(v.ReviewLines), money(v.Review)}
}

// todo says what waits for people, with links.
func (b *build) todo(d *doc, up string) {
	d.section("待办", "截至"+report.ChineseDay(b.meta.AsOf))
	defer d.end()
	states := map[string]int64{}
	for _, x := range b.Duties {
		states[x.State]++
	}
	var late int64
	for _, x := range b.Late {
		if x.Done == "" {
			late++
		}
	}
	var matters int64
	for _, m := range b.MatterCounts {
		matters += m.Count
	}
	d.add(raw("<ul>\n"))
	isAny := false
	for _, x := range []struct {
		n          int64
		text, file string
	}{
		{states["overdue"], "%d 项期限已超期", "deadlines.html"}, {states["due"], "%d 项期限一周内到期", "deadlines.html"},
		{states["starting"], "%d 项暂停或终止一周内开始执行", "deadlines.html"}, {int64(len(b.Warnings)), "%d 项预警", "deadlines.html"},
		{late, "%d 项登记状态没有按期维护", "deadlines.html"}, {b.RejectsOpen, "%d 行拒收数据待更正", "data-quality.html"},
		{matters, "%d 项数据质量事项", "data-quality.html"},
	} {
		if x.n > 0 {
			isAny = true
			d.add(raw(`<li><a href="`+up+x.file+`">`), fmt.Sprintf(x.text, x.n), raw("</a></li>\n"))
		}
	}
	if !isAny {
		d.add(raw("<li>没有待办事项。</li>\n"))
	}
	d.add(raw("</ul>\n"))
}
