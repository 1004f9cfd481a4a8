package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
)

// writeSummary writes the page that is looked at: key figures, four charts, and behind them the tables by rule and by
// ratio and what is open. The charts draw the ranges of the sheet of chart data.
func (b *book) writeSummary() error {
	widths := slices.Repeat([]float64{9.8}, 16)
	f, err := b.openFrontSheet(sheetSummary, "landscape", 0, widths...)
	if err != nil {
		return err
	}
	data, err := b.openFrontSheet(sheetChartData, "portrait", 1, 15, 29, 27, 16, 16, 11, 11)
	if err != nil {
		return err
	}
	charts := data.chartData()
	if err := data.close(); err != nil {
		return err
	}
	f.summaryHeading()
	f.charts(charts)
	f.rules()
	f.ratios()
	f.remarks()
	return f.close()
}

// summaryHeading names the report in two lines and shows the key figures of the cover.
func (f *front) summaryHeading() {
	style, s := f.book.style, f.book.summary
	m, t := s.Meta, s.Total
	f.spans(30, []int{16}, excelize.Cell{StyleID: style.title, Value: chineseMonth(m.Period) + "医保结算审核汇总"})
	f.spans(18, []int{16}, excelize.Cell{StyleID: style.lead, Value: strings.Join([]string{m.CentreName, "通知单 " + orElse(m.StatementNo, "未出具"),
		"数据截至 " + chineseDay(m.AsOf), "单位：元"}, "　｜　")})
	pairs := slices.Repeat([]int{2}, 8)
	var labels, values []excelize.Cell
	for _, x := range []struct {
		title, formula string
		cell           excelize.Cell
	}{
		{"结算笔数", f.book.institutionSum("D"), excelize.Cell{StyleID: style.figureCount, Value: t.Settlements}},
		{"申报基金金额", f.book.institutionSum("F"), excelize.Cell{StyleID: style.figureAmount, Value: t.Fund.yuan()}},
		{"支付", f.book.institutionSum("G"), excelize.Cell{StyleID: style.figureAmount, Value: t.Pay.yuan()}},
		{"急诊豁免", f.book.institutionSum("H"), excelize.Cell{StyleID: style.figureAmount, Value: t.Exempt.yuan()}},
		{"待复核", f.book.institutionSum("I"), excelize.Cell{StyleID: style.figureAmount, Value: t.Review.yuan()}},
		{"扣款", f.book.institutionSum("J"), excelize.Cell{StyleID: style.figureAmount, Value: t.Withhold.yuan()}},
		{"追回", f.book.institutionSum("K"), excelize.Cell{StyleID: style.figureAmount, Value: t.Recover.yuan()}},
		{"退还", f.book.institutionSum("L"), excelize.Cell{StyleID: style.figureAmount, Value: t.Released.yuan()}},
	} {
		x.cell.Formula = x.formula
		labels = append(labels, excelize.Cell{StyleID: style.figureText, Value: x.title})
		values = append(values, x.cell)
	}
	f.spans(18, pairs, labels...)
	f.spans(22, pairs, values...)
}

// ruleWidths are those of the columns of the table by rule.
var ruleWidths = []int{1, 3, 2, 1, 1, 2, 1, 2, 1, 2}

func (f *front) rules() {
	style, s := f.book.style, f.book.summary
	action := newLexicon().action
	f.section("一、按规则（单位：元）")
	f.spanHead(ruleWidths, 4, "规则", "规则名称", "条款", "处理", "扣款条数", "扣款金额", "豁免条数", "豁免金额", "复核条数", "复核金额")
	first := f.row + 1
	text := func(v string) excelize.Cell { return excelize.Cell{StyleID: style.wrap, Value: v} }
	count := func(n int64) excelize.Cell { return excelize.Cell{StyleID: style.count, Value: n} }
	money := func(c cents) excelize.Cell { return excelize.Cell{StyleID: style.amount, Value: c.yuan()} }
	var sum ruleTotal
	for _, r := range s.Rules {
		lines := max(linesOf(r.Title, 33), linesOf(clauses(r.Article), 23))
		f.spans(float64(lines)*lineHeight+4, ruleWidths, text(fmt.Sprint(r.No)), text(r.Title), text(clauses(r.Article)), text(action.of(r.Action)),
			count(r.WithholdLines), money(r.Withhold), count(r.ExemptLines), money(r.Exempt), count(r.ReviewLines), money(r.Review))
		sum.Withhold, sum.Exempt, sum.Review = sum.Withhold+r.Withhold, sum.Exempt+r.Exempt, sum.Review+r.Review
	}
	if len(s.Rules) == 0 {
		f.spans(19, []int{16}, excelize.Cell{StyleID: style.label, Value: "本期无规则命中。"})
		return
	}
	sum.WithholdLines, sum.ExemptLines, sum.ReviewLines = s.lines()
	last := f.row
	total := func(column byte, style int, value any) excelize.Cell {
		return excelize.Cell{StyleID: style, Value: value, Formula: fmt.Sprintf("SUM(%c%d:%c%d)", column, first, column, last)}
	}
	blank := excelize.Cell{StyleID: style.totalText}
	f.spans(20, ruleWidths, excelize.Cell{StyleID: style.totalText, Value: "合计"}, blank, blank, blank,
		total('H', style.totalCount, sum.WithholdLines), total('I', style.totalAmount, sum.Withhold.yuan()),
		total('K', style.totalCount, sum.ExemptLines), total('L', style.totalAmount, sum.Exempt.yuan()),
		total('N', style.totalCount, sum.ReviewLines), total('O', style.totalAmount, sum.Review.yuan()))
}

// ratios counts the institutions on either side of each threshold.
func (f *front) ratios() {
	style, s := f.book.style, f.book.summary
	widths := []int{1, 4, 3, 2, 2, 2, 2}
	f.section("二、比率与阈值（当月，机构家数）")
	f.spanHead(widths, 3, "编号", "比率", "阈值", "达标", "未达标", "无数据", "不设阈值")
	text := func(v string) excelize.Cell { return excelize.Cell{StyleID: style.text, Value: v} }
	count := func(n int64) excelize.Cell { return excelize.Cell{StyleID: style.count, Value: n} }
	for _, r := range s.Ratios {
		f.spans(19, widths, text(fmt.Sprint(r.No)), text(chartName(r.Title)), text(orElse(r.Thresholds, "不设")),
			count(r.Met), count(r.Missed), count(r.NoData), count(r.Unset))
	}
	if len(s.Ratios) == 0 {
		f.spans(19, []int{16}, excelize.Cell{StyleID: style.label, Value: "本期无比率数据。"})
	}
}

// spanHead writes column titles of these widths; from the column numbered numbers on they stand right.
func (f *front) spanHead(widths []int, numbers int, titles ...string) {
	var cells []excelize.Cell
	for i, title := range titles {
		style := f.book.style.headText
		if i >= numbers {
			style = f.book.style.headNumber
		}
		cells = append(cells, excelize.Cell{StyleID: style, Value: title})
	}
	f.spans(22, widths, cells...)
}

// remarks says what is open with the deliveries and what did not occur.
func (f *front) remarks() {
	style, s := f.book.style, f.book.summary
	f.section("三、数据情况与说明")
	var notes []string
	for _, n := range []struct {
		lead, unit, sheet string
		counts            []titleCount
	}{{"待更正的拒收数据：", "行", "拒收数据", s.OpenRejects}, {"数据质量：", "项", "数据质量", s.Quality}} {
		var parts []countOf
		for _, c := range n.counts {
			parts = append(parts, countOf{c.Title, c.Count, n.unit})
		}
		if text := joinCounts(parts); text != "" {
			notes = append(notes, n.lead+text+"，见“"+n.sheet+"”表。")
		}
	}
	notes = append(append(notes, s.Watch.notes()...), s.nothing()...)
	notes = append(notes, "对某条明细有疑问时，运行 claimsaudit explain 结算ID [费用明细流水号]，可查看其来源文件、人员状态、适用条款和金额。")
	for _, n := range notes {
		f.spans(float64(linesOf(n, 156))*lineHeight+4, []int{16}, excelize.Cell{StyleID: style.value, Value: n})
	}
}
