package report

import (
	"fmt"
	"slices"

	"github.com/xuri/excelize/v2"
)

// writePointsFront writes the summary of the report to the upper level.
func (b *book) writePointsFront(p *pointsView, late []lateStatus) error {
	f, err := b.openFront("portrait", 33, 14, 14, 14, 14, 14, 14, 14, 14)
	if err != nil {
		return err
	}
	x := p.figures()
	f.pointsHeading(p, "I")
	f.tallyHead("一、处理决定（件，按条款）", p)
	first := f.row + 1
	for _, band := range p.Bands {
		f.tallyRow(bandText(band), x.byArticle[band.Article])
	}
	f.tallyTotal("合计", first, x.decisions)
	f.tallyRow("其中与他件合并计分", &x.merged)
	f.tallyRow("记分合计（分）", &x.points)
	f.lateRow(lateSheet+"（件）", x.late)
	f.lateRow(lateSheet+"记分（分）", x.latePoints)

	f.tallyHead("二、处理决定（件，按措施）", p)
	first = f.row + 1
	measures := []string{"talk", "head_talk", "circular", "suspend", "terminate"}
	for _, m := range append(slices.Clone(measures), "") {
		f.tallyRow(p.words.measure[m], x.byMeasure[m])
	}
	f.tallyTotal("合计", first, x.decisions)

	f.tallyHead("三、受处理人员（人，按措施；一人受多种措施的分别计）", p)
	for _, m := range measures {
		f.tallyRow(p.words.measure[m], x.personsByMeasure[m])
	}
	f.tallyRow("受到处理的人员", &x.persons)

	f.tallyHead("四、修复、恢复与撤销", p)
	f.tallyRow("修复（件）", &x.repairs)
	f.tallyRow("修复减免记分（分）", &x.off)
	f.tallyRow("恢复资格（人）", &x.restored)
	f.tallyRow("恢复申请未通过（件）", &x.refused)
	f.revokedRow(x.revoked)
	f.statusSection(p, x)
	f.placeSection(p, late)
	f.pointsNotes(p, x)
	f.pointsSignatures()
	return f.close()
}

// pointsHeading writes the mark, the title and what the book is about, as wide as the column named.
func (f *front) pointsHeading(p *pointsView, last string) {
	style, m := f.book.style, p.meta
	wide := last[0]
	line := func(height float64, id int, text string) {
		f.put(height, excelize.Cell{StyleID: id, Value: text})
		f.merge('A', wide)
	}
	line(20, style.mark, f.book.mark)
	line(34, style.title, chineseMonth(m.Period)+f.book.title)
	line(20, style.lead, m.CentreName)
	f.gap()
	for _, pair := range [][2]string{
		{"统计期间", chineseDay(p.first) + "至" + chineseDay(p.Until) + "；本年累计自 1 月 1 日起"},
		{"数据截至", chineseDay(m.AsOf)},
		{"规则依据", m.RulePackTitle},
		{"运行编号", m.RunID},
		{"校验链", m.ChainHash},
	} {
		f.put(19, excelize.Cell{StyleID: style.label, Value: pair[0]}, excelize.Cell{StyleID: style.value, Value: pair[1]})
		f.merge('B', wide)
	}
}

func (f *front) tallyHead(title string, p *pointsView) {
	f.section(title)
	head := func(text string) excelize.Cell { return excelize.Cell{StyleID: f.book.style.headMiddle, Value: text} }
	blank := head("")
	f.put(20, blank, head("本月"), blank, blank, blank, head("本年累计"), blank, blank, blank)
	f.merge('B', 'E')
	f.merge('F', 'I')
	f.head("BCDEFGHI", "", "医疗机构", "零售药店", "机构不详", "合计", "医疗机构", "零售药店", "机构不详", "合计")
}

// tallyRow shows a row of counts; nil is nothing counted.
func (f *front) tallyRow(label string, t *[2]tally) {
	if t == nil {
		t = &[2]tally{}
	}
	cells := []any{excelize.Cell{StyleID: f.book.style.text, Value: label}}
	for window, columns := range [2]string{"BD", "FH"} {
		for _, n := range t[window] {
			cells = append(cells, excelize.Cell{StyleID: f.book.style.count, Value: n})
		}
		cells = append(cells, excelize.Cell{StyleID: f.book.style.count, Value: t[window].total(),
			Formula: fmt.Sprintf("SUM(%c%d:%c%d)", columns[0], f.row+1, columns[1], f.row+1)})
	}
	f.put(19, cells...)
}

// tallyTotal adds up the rows from first on; the stored values are the report's own count of all.
func (f *front) tallyTotal(label string, first int, t [2]tally) {
	cells := []any{excelize.Cell{StyleID: f.book.style.totalText, Value: label}}
	var values []int
	for window := range 2 {
		values = append(append(values, t[window][:]...), t[window].total())
	}
	for i, n := range values {
		column := 'B' + rune(i)
		cells = append(cells, excelize.Cell{StyleID: f.book.style.totalCount, Value: n,
			Formula: fmt.Sprintf("SUM(%c%d:%c%d)", column, first, column, f.row)})
	}
	f.put(20, cells...)
}

// lateRow stands beside the month's own counts; of the year they are part, by their day.
func (f *front) lateRow(label string, t tally) {
	style := f.book.style
	cells := []any{excelize.Cell{StyleID: style.text, Value: label}}
	for _, n := range append(t[:], t.total()) {
		cells = append(cells, excelize.Cell{StyleID: style.count, Value: n})
	}
	for range kinds + 1 {
		cells = append(cells, excelize.Cell{StyleID: style.text})
	}
	f.put(19, cells...)
}

// revokedRow has no kinds: a revoked decision is no part of the record any more.
func (f *front) revokedRow(n [2]int) {
	style := f.book.style
	blank := excelize.Cell{StyleID: style.text}
	f.put(19, excelize.Cell{StyleID: style.text, Value: "作出后撤销的处理（件）"}, blank, blank, blank, excelize.Cell{StyleID: style.count, Value: n[0]},
		blank, blank, blank, excelize.Cell{StyleID: style.count, Value: n[1]})
}

func (f *front) statusSection(p *pointsView, x figures) {
	style := f.book.style
	f.section("五、" + chineseDay(p.Until) + "的受限人员（人）")
	f.head("BCDE", "状态", "医疗机构", "零售药店", "机构不详", "合计", "说明")
	f.merge('F', 'I')
	for _, s := range []struct{ key, title, note string }{
		{"suspended", "处于暂停期", "按处理决定计算"},
		{"terminated", "处于终止期", "按处理决定计算"},
		{"expired", "期满未恢复", "期限已满，尚未办理恢复"},
		{"registry", "仅登记数据显示受限", "本中心没有相应的记分处理"},
	} {
		t := tally{}
		if x.byStatus[s.key] != nil {
			t = *x.byStatus[s.key]
		}
		cells := []any{excelize.Cell{StyleID: style.text, Value: s.title}}
		for _, n := range t {
			cells = append(cells, excelize.Cell{StyleID: style.count, Value: n})
		}
		cells = append(cells, excelize.Cell{StyleID: style.count, Value: t.total(), Formula: fmt.Sprintf("SUM(B%d:D%d)", f.row+1, f.row+1)},
			excelize.Cell{StyleID: style.text, Value: s.note})
		f.put(19, cells...)
		f.merge('F', 'I')
	}
}

func (f *front) placeSection(p *pointsView, late []lateStatus) {
	style := f.book.style
	exceeded, near := 0, 0
	for _, s := range p.Shares {
		exceeded, near = exceeded+boolInt(s.Exceeded), near+boolInt(!s.Exceeded)
	}
	places := map[string]bool{}
	var fund, after cents
	for _, s := range late {
		places[s.place] = true
		fund, after = fund+cents(s.fundCents), after+cents(s.lateFund)
	}
	f.section("六、机构")
	f.head("B", "事项", "数值", "说明")
	f.merge('C', 'I')
	count := func(n int) excelize.Cell { return excelize.Cell{StyleID: style.count, Value: n} }
	for _, l := range []struct {
		title string
		cell  excelize.Cell
		note  string
	}{
		{"受限人员占比超过规定（家）", count(exceeded), "第三十四条，按全年登记数据计算"},
		{"再有一人即超过规定（家）", count(near), "第三十四条"},
		{"逾期未维护登记状态（家）", count(len(places)), fmt.Sprintf("第三十七条；涉及 %d 项处理：期限在月末以前，本月仍未维护或本月才维护；本月以前已结束的不计", len(late))},
		{"其间待复核的基金金额（元）", excelize.Cell{StyleID: style.amount, Value: fund.yuan()}, "第四十八条，由机构承担；截至数据日的累计"},
		{"其中维护期限以后的（元）", excelize.Cell{StyleID: style.amount, Value: after.yuan()}, "服务日期在维护期限之后"},
	} {
		f.put(19, excelize.Cell{StyleID: style.text, Value: l.title}, l.cell, excelize.Cell{StyleID: style.text, Value: l.note})
		f.merge('C', 'I')
	}
}

// pointsNotes says what did not occur and what the figures do not cover.
func (f *front) pointsNotes(p *pointsView, x figures) {
	f.section("七、说明")
	var notes []string
	if x.decisions[0].total() == 0 {
		notes = append(notes, "本月没有作出记分处理决定。")
	}
	if n := x.late.total(); n > 0 {
		notes = append(notes, fmt.Sprintf("%s %d 项：以前月份作出、上一期通知单出具以后才生效的处理，列入“%s”表，不计入本月各项件数和记分；本年作出的计入本年累计。", lateSheet, n, lateSheet))
	}
	if x.unknown > 0 {
		notes = append(notes, fmt.Sprintf("有 %d 名人员查不到所在机构，计入“机构不详”，未列入移交清单，请核对人员编码和登记数据。", x.unknown))
	}
	notes = append(notes, "只统计已生效的处理决定，按作出日期归月；同一检查同一情形、同一行为只计一次的，合并计分。以后撤销或更正的，从本年累计中相应调整。",
		"处理决定按决定所列机构归类，没有列明的按人员所在机构归类；人员按所在机构归类，兼在医疗机构和零售药店的归医疗机构。")
	f.notes(notes, 140, 'I')
}

func (f *front) notes(notes []string, width float64, last byte) {
	for _, n := range notes {
		f.put(float64(linesOf(n, width))*lineHeight+4, excelize.Cell{StyleID: f.book.style.value, Value: n})
		f.merge('A', last)
	}
}

func (f *front) pointsSignatures() {
	value := func(text string) excelize.Cell { return excelize.Cell{StyleID: f.book.style.value, Value: text} }
	f.gap()
	f.put(34, value("制表："), value("复核："), nil, nil, value("负责人："), nil, nil, value("日期："))
}
