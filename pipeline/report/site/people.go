package site

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"claimsaudit/pipeline/report"
)

// peoplePages writes the list of persons with findings and a page for each.
func (b *build) peoplePages(ctx context.Context) error {
	if b.opts.People == Off {
		return nil
	}
	p := page{name: "practitioners.html", title: "人员", section: "practitioners.html", lead: b.whoNote()}
	if err := b.page(ctx, p, func(d *doc) error { b.peopleList(d); return nil }); err != nil {
		return err
	}
	for _, code := range b.PeopleCodes {
		name, sub := b.who.label(code)
		p := page{name: "practitioner/" + b.who.pages[code], title: strings.TrimSpace(name + " " + sub), section: "practitioners.html", lead: b.whoNote()}
		if err := b.page(ctx, p, func(d *doc) error { b.personPage(d, b.People[code]); return nil }); err != nil {
			return err
		}
	}
	return nil
}

func (b *build) whoNote() string {
	if b.opts.People == Masked {
		return "姓名已脱敏，代码完整；请勿外传。"
	}
	return "人员以假名列示，同一人在各次发布中假名不变；有权查看的人员可用 claimsaudit explain 查明某条明细涉及的人员。"
}

func (b *build) peopleList(d *doc) {
	note := fmt.Sprintf("近十三个月有规则命中的 %d 人；金额单位：元", len(b.PeopleCodes))
	if b.who.cut > 0 {
		note = fmt.Sprintf("近十三个月有规则命中的人员中金额最大的 %d 人，另有 %d 人未列，见分析库 mart.finding；金额单位：元", len(b.PeopleCodes), b.who.cut)
	}
	d.section("有规则命中的人员", note)
	defer d.end()
	t := table{id: "practitioners", caption: "人员一览", search: "查找人员或机构 ", unit: "人", sortable: true, empty: "近十三个月没有人员有规则命中。",
		columns: append([]column{{"人员", "word"}, {"机构", "long"}, {"登记状态", "word"}, {"累计记分", "n"}, {"命中", "n"}}, verdictColumns...)}
	for _, code := range b.PeopleCodes {
		p := b.People[code]
		t.rows = append(t.rows, append([]cell{b.who.cell(code, ""), words(orDash(b.placesOf(p))), words(b.registered(p)), count(p.Points), count(p.Findings)}, p.Total.cells()...))
	}
	d.table(t)
}

// placesOf names the institutions a person is, or was, registered at; of an unknown one where the lines are.
func (b *build) placesOf(p *person) string {
	var names []string
	for _, code := range strings.Split(p.Institutions, "；") {
		if code = strings.TrimSpace(code); code == "" {
			continue
		}
		if i := b.Institutions[code]; i != nil {
			names = append(names, nameOf(i))
		} else {
			names = append(names, code)
		}
	}
	if len(names) == 0 {
		for code := range p.Where {
			names = append(names, nameOf(b.Institutions[code]))
		}
		slices.Sort(names)
	}
	return strings.Join(names, "、")
}

func (b *build) registered(p *person) string {
	if !p.IsKnown || p.Registry == "" {
		return "未登记"
	}
	return b.words.Status(p.Registry)
}

func (b *build) personPage(d *doc, p *person) {
	blocked := ""
	if p.BlockedTo != "" {
		blocked = p.BlockedTo + "（不含当日）"
	}
	derived := ""
	if p.IsKnown {
		derived = b.words.Status(orElse(p.Derived, "normal"))
	}
	d.facts([]fact{{"登记机构", b.placesOf(p)}, {"登记状态", b.registered(p)}, {"记分档案状态", derived}, {"累计记分", fmt.Sprint(p.Points)}, {"受限至", blocked}})
	b.personVerdicts(d, p)
	total := p.Total.lines()
	note := fmt.Sprintf("结论以此人为准的 %s 条", report.Grouped(total))
	if total > int64(len(p.Lines)) {
		note = fmt.Sprintf("最新 %d 条，共 %s 条；其余见各月工作簿和分析库", len(p.Lines), report.Grouped(total))
	}
	d.section("明细", note)
	d.table(b.lineTable(p.Lines, true))
	d.end()
	b.personRecord(d, p)
	if len(p.Duties) > 0 {
		d.section("期限", "")
		d.table(b.dutyTable("期限", p.Duties, "../"))
		d.end()
	}
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// personVerdicts shows the findings by month and rule, and the amounts of the lines whose verdict rests on the person.
func (b *build) personVerdicts(d *doc, p *person) {
	d.section("规则命中", "按月和规则；金额是结论以此人为准的明细；金额单位：元")
	defer d.end()
	t := table{caption: "按月和规则", empty: "近十三个月没有规则命中。", columns: append([]column{{"月份", "word"}, {"规则", "long"}, {"命中", "n"}}, verdictColumns...)}
	none := &verdicts{}
	for _, m := range b.Months {
		var numbers []int64
		for key := range p.Found {
			if key.Month == m {
				numbers = append(numbers, key.Rule)
			}
		}
		for _, no := range b.rulesIn(p.Rules, m) {
			if !slices.Contains(numbers, no) {
				numbers = append(numbers, no)
			}
		}
		slices.Sort(numbers)
		for _, no := range numbers {
			v := p.Rules[monthRule{m, no}]
			if v == nil {
				v = none
			}
			t.rows = append(t.rows, append([]cell{words(month(m)), words(b.ruleName(no)), count(p.Found[monthRule{m, no}])}, v.cells()...))
		}
	}
	d.table(t)
	where := table{caption: "按机构", empty: "", columns: append([]column{{"机构", "long"}}, verdictColumns...)}
	for _, code := range b.Codes {
		if v := p.Where[code]; v != nil {
			where.rows = append(where.rows, append([]cell{b.place(b.Institutions[code], "../")}, v.cells()...))
		}
	}
	if len(where.rows) > 0 {
		d.table(where)
	}
}

func (b *build) personRecord(d *doc, p *person) {
	d.section("状态与记分", "")
	defer d.end()
	spells := table{caption: "登记状态不正常的期间", empty: "登记数据中没有不正常的状态。", columns: []column{{"状态", "word"}, {"期间", "word"}, {"记载的机构", "long"}}}
	for _, s := range p.Spells {
		where := words(orDash(s.Where))
		if i := b.Institutions[s.Where]; i != nil {
			where = b.place(i, "../")
		}
		spells.rows = append(spells.rows, []cell{words(b.words.Status(s.Status)), words(span(s.From, s.To)), where})
	}
	d.table(spells)
	record := table{caption: "记分档案", empty: "没有记分记录。", columns: []column{{"日期", "word"}, {"事项", "word"}, {"编号", "code"}, {"分数", "n"}, {"累计", "n"}, {"措施", "word"},
		{"期间", "word"}, {"条款", "word"}}}
	for _, e := range p.Record {
		days, measure := "—", ""
		if e.From != "" || e.To != "" {
			days = span(e.From, e.To)
		}
		if e.Measure != "" {
			measure = b.words.Measure(e.Measure)
		}
		record.rows = append(record.rows, []cell{words(orDash(e.On)), words(b.words.Event(e.Event)), words(orDash(e.Ref)), words(fmt.Sprint(e.Points)), words(fmt.Sprint(e.Total)),
			words(orDash(measure)), words(days), words(orDash(report.Clauses(e.Article)))})
	}
	d.table(record)
}
