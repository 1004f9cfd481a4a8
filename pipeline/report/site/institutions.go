package site

import (
	"context"
	"fmt"
	"strings"

	"claimsaudit/pipeline/report"
)

// institutionPages writes the list and a page for each.
func (b *build) institutionPages(ctx context.Context) error {
	p := page{name: "institutions.html", title: "机构", section: "institutions.html"}
	if err := b.page(ctx, p, func(d *doc) error { b.institutionList(d); return nil }); err != nil {
		return err
	}
	for _, code := range b.Codes {
		i := b.Institutions[code]
		p := page{name: "institution/" + b.files[code], title: nameOf(i), section: "institutions.html", hasCharts: true}
		if err := b.page(ctx, p, func(d *doc) error { return b.institutionPage(d, i) }); err != nil {
			return err
		}
	}
	return nil
}

func (b *build) institutionList(d *doc) {
	m := ""
	note := "还没有结算月份"
	if len(b.Months) > 0 {
		m = b.front()
		note = month(m) + "；金额单位：元"
	}
	d.section("全部机构", note)
	defer d.end()
	t := table{id: "institutions", caption: "机构一览", search: "查找机构 ", unit: "家", sortable: true, empty: "还没有机构数据。",
		columns: []column{{"机构", "long"}, {"类别", "word"}, {"结算笔数", "n"}, {"申报", "n"}, {"支付", "n"}, {"急诊豁免", "n"}, {"待复核", "n"}, {"扣款", "n"},
			{"追回", "n"}, {"退还", "n"}, {"未达标比率", "n"}, {"年度考核", "word"}}}
	var total amounts
	for _, code := range b.Codes {
		i := b.Institutions[code]
		a := i.Months[m]
		total.add(a)
		var missed int64
		for _, r := range i.Ratios {
			if r.Window == "month" && r.Key == m && r.state() == "missed" {
				missed++
			}
		}
		t.rows = append(t.rows, []cell{b.place(i, ""), words(orDash(b.words.InstitutionType(i.Type))), count(a.Settlements), money(a.Fund), money(a.Pay), money(a.Exempt),
			money(a.Review), money(a.Withhold), money(a.Recover), money(a.Release), count(missed), words(standing(i))})
	}
	t.foot = []cell{words("合计"), words(""), count(total.Settlements), sum(total.Fund), sum(total.Pay), sum(total.Exempt), sum(total.Review), sum(total.Withhold),
		sum(total.Recover), sum(total.Release), words(""), words("")}
	d.table(t)
}

// standing is the scorecard in two words.
func standing(i *institution) string {
	if len(i.Cards) == 0 {
		return "—"
	}
	c := i.Cards[0]
	return strings.TrimSpace(decisionWord(c.Decision) + " " + points(c.Total))
}

func decisionWord(decision string) string {
	switch decision {
	case "qualified":
		return "合格"
	case "unqualified":
		return "不合格"
	case "incomplete":
		return "未定"
	}
	return decision
}

// points drops the decimals nobody needs: 74.00 is 74.
func points(p string) string { return strings.TrimSuffix(p, ".00") }

func pointRange(score, lowest, highest string) string {
	if score != "" {
		return points(score)
	}
	if lowest == "" {
		return "—"
	}
	return points(lowest) + " 至 " + points(highest)
}

func (b *build) institutionPage(d *doc, i *institution) error {
	d.facts([]fact{{"机构编号", i.Code}, {"类别", b.words.InstitutionType(i.Type)}, {"所有制", map[string]string{"public": "公立", "private": "民营"}[i.Ownership]},
		{"等级", i.Level}, {"协议状态", b.agreement(i)}})
	m := ""
	if len(b.Months) > 0 {
		m = b.front()
		d.section(month(m), "")
		var all verdicts
		for _, no := range b.rulesIn(i.Rules, m) {
			all.merge(i.Rules[monthRule{m, no}])
		}
		d.cards(i.Months[m], all.ExemptLines, all.ReviewLines, all.WithholdLines)
		d.end()
	}
	for _, part := range []func(*doc, *institution, string) error{b.monthsPart, b.verdictPart, b.linesPart, b.ownRatios, b.cardPart, b.dutyPart} {
		if err := part(d, i, m); err != nil {
			return err
		}
	}
	return nil
}

func (b *build) agreement(i *institution) string {
	text := b.words.Agreement(i.Agreement)
	if i.AgreementFrom != "" || i.AgreementTo != "" {
		text += "（" + span(i.AgreementFrom, i.AgreementTo) + "）"
	}
	return text
}

func (b *build) monthsPart(d *doc, i *institution, m string) error {
	d.section("各月金额", "金额单位：元")
	defer d.end()
	t := table{caption: "各月金额", empty: "近十三个月没有结算。", columns: []column{{"月份", "word"}, {"结算笔数", "n"}, {"明细条数", "n"}, {"申报", "n"}, {"支付", "n"},
		{"急诊豁免", "n"}, {"待复核", "n"}, {"扣款", "n"}, {"追回", "n"}, {"退还", "n"}}}
	isQuiet := true
	for _, x := range b.Months {
		a, ok := i.Months[x]
		if !ok {
			continue
		}
		isQuiet = isQuiet && a.isQuiet()
		t.rows = append(t.rows, []cell{words(month(x)), count(a.Settlements), count(a.Lines), sum(a.Fund), sum(a.Pay), money(a.Exempt), money(a.Review),
			money(a.Withhold), money(a.Recover), money(a.Release)})
	}
	if len(t.rows) > 0 && !isQuiet {
		if err := d.chart(b.trend("trend", "各月扣款、追回、待复核与急诊豁免", b.upTo(m), func(x string) amounts { return i.Months[x] })); err != nil {
			return err
		}
	}
	d.table(t)
	return nil
}

// verdictPart shows what became of its lines, by month and rule, and who was involved.
func (b *build) verdictPart(d *doc, i *institution, _ string) error {
	d.section("审核结果", "按月和规则；金额单位：元")
	defer d.end()
	t := table{caption: "按月和规则", empty: "近十三个月没有扣款、豁免和待复核的明细。", columns: append([]column{{"月份", "word"}, {"规则", "long"}}, verdictColumns...)}
	for _, x := range b.Months {
		for _, no := range b.rulesIn(i.Rules, x) {
			t.rows = append(t.rows, append([]cell{words(month(x)), words(b.ruleName(no))}, i.Rules[monthRule{x, no}].cells()...))
		}
	}
	d.table(t)
	if b.opts.People == Off || len(i.People) == 0 {
		return nil
	}
	who := table{caption: "涉及人员", columns: append([]column{{"人员", "word"}}, verdictColumns...)}
	for _, code := range b.PeopleCodes {
		if v := i.People[code]; v != nil {
			who.rows = append(who.rows, append([]cell{b.who.cell(code, "../")}, v.cells()...))
		}
	}
	if len(who.rows) > 0 {
		d.table(who)
	}
	return nil
}

func (b *build) linesPart(d *doc, i *institution, _ string) error {
	note := fmt.Sprintf("共 %s 条", report.Grouped(i.Total))
	if i.Total > int64(len(i.Lines)) {
		note = fmt.Sprintf("最新 %d 条，共 %s 条；其余见各月工作簿和分析库", len(i.Lines), report.Grouped(i.Total))
	}
	d.section("明细", note)
	defer d.end()
	d.table(b.lineTable(i.Lines, false))
	return nil
}

// lineTable lists lines: on an institution's page with the person, on a person's with the institution.
func (b *build) lineTable(lines []*line, isPerson bool) table {
	second := column{"人员", "word"}
	if isPerson {
		second = column{"机构", "long"}
	}
	t := table{caption: "扣款、豁免和待复核的明细", empty: "没有明细。", columns: []column{{"服务日期", "word"}, {"结论", "word"}, {"规则", "long"}, second, {"角色与状态", "word"},
		{"结算 ID", "code"}, {"明细流水号", "code"}, {"基金金额（元）", "n"}}}
	if b.opts.People == Off {
		t.columns = append(t.columns[:3], t.columns[5:]...)
	}
	t.rows = make([][]cell, 0, len(lines))
	for _, x := range lines {
		verdict := words(b.words.Verdict(x.Verdict))
		verdict.tone = x.Verdict
		if x.Emergency != "" {
			verdict.sub = b.words.Emergency(x.Emergency)
		}
		row := append(make([]cell, 0, len(t.columns)), words(orDash(x.Day)), verdict, words(b.ruleName(x.Rule)))
		if b.opts.People != Off {
			other := b.who.cell(x.Person, "../")
			if isPerson {
				other = b.place(b.Institutions[x.Institution], "../")
			}
			state := words(orDash(b.words.Role(x.Role)))
			if x.Status != "" {
				state.sub = b.words.Status(x.Status)
				if x.Status != "normal" {
					state.sub += " " + span(x.From, x.To)
				}
			}
			row = append(row, other, state)
		}
		t.rows = append(t.rows, append(row, words(x.Settlement), words(x.Line), sum(x.Cents)))
	}
	return t
}
