package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
)

const (
	sheetChartData = "图表数据"
	chartPlaces    = 15 // institutions in the chart
	chartRows      = 17 // rows of a sheet that a chart covers
	rowPoints      = 15 // height of such a row
	rowPixels      = 18 // what excelize takes a row for when it looks for the last one a chart covers
)

// chartRange is a table of the sheet of chart data: the rows first to last under the row of titles.
type chartRange struct{ head, first, last int }

func (r chartRange) isEmpty() bool { return r.last < r.first }

// column names the cells of a column, title its title.
func (r chartRange) column(letter byte) string {
	return fmt.Sprintf("'%s'!$%c$%d:$%c$%d", sheetChartData, letter, r.first, letter, r.last)
}

func (r chartRange) title(letter byte) string {
	return fmt.Sprintf("'%s'!$%c$%d", sheetChartData, letter, r.head)
}

// chartRanges are what the four charts draw.
type chartRanges struct{ places, months, reasons, ratios chartRange }

// chartName is a name short enough for the axis of a chart.
func chartName(name string) string {
	name, _, _ = strings.Cut(name, "（金额单位")
	const most = 13
	if r := []rune(name); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return name
}

// chartData writes the tables that the charts draw, each under its name.
func (f *front) chartData() (c chartRanges) {
	style, s := f.book.style, f.book.summary
	f.spans(30, []int{7}, excelize.Cell{StyleID: style.title, Value: chineseMonth(s.Meta.Period) + "图表数据"})
	f.spans(18, []int{7}, excelize.Cell{StyleID: style.lead, Value: "“" + sheetSummary + "”表的四幅图由下列数据绘制；各月扣款为按数据截至日判定的金额。"})
	text := func(v string) excelize.Cell { return excelize.Cell{StyleID: style.text, Value: v} }
	wrapped := func(v string) excelize.Cell { return excelize.Cell{StyleID: style.wrap, Value: v} }
	money := func(c cents) excelize.Cell { return excelize.Cell{StyleID: style.amount, Value: c.yuan()} }
	count := func(n int64) excelize.Cell { return excelize.Cell{StyleID: style.count, Value: n} }

	c.places = f.chartTable(fmt.Sprintf("图一　扣款最多的机构（至多 %d 家）", chartPlaces), "D", []string{"机构编号", "机构名称", "图中名称", "扣款（元）"}, func() {
		for _, i := range s.mostWithheld() {
			f.put(min(float64(linesOf(i.Name, 29))*lineHeight+4, 409), text(i.Code), wrapped(oneLine(i.Name)), text(chartName(oneLine(i.Name))), money(i.Withhold))
		}
	})
	c.months = f.chartTable("图二　近十二个月申报与扣款", "BCDE", []string{"月份", "申报（元）", "扣款（元）", "申报（万元）", "扣款（万元）"}, func() {
		for _, m := range s.Trend {
			if !m.Known {
				f.put(19, text(m.Period), text("没有数据"))
				continue
			}
			f.put(19, text(m.Period), money(m.Fund), money(m.Withhold), f.tenThousands('B', m.Fund), f.tenThousands('C', m.Withhold))
		}
	})
	c.reasons = f.chartTable("图三　扣款原因（按规则）", "D", []string{"规则", "规则名称", "图中名称", "扣款（元）"}, func() {
		for _, r := range s.withheldRules() {
			no := fmt.Sprint(r.No)
			f.put(float64(linesOf(r.Title, 29))*lineHeight+4, text(no), wrapped(r.Title), text(no+" "+chartName(r.Title)), money(r.Withhold))
		}
	})
	c.ratios = f.chartTable("图四　比率达标情况（当月，机构家数）", "DEFG", []string{"编号", "比率", "图中名称", "达标", "未达标", "无数据", "不设阈值"}, func() {
		for _, r := range s.Ratios {
			if r.Met+r.Missed > 0 {
				f.put(float64(linesOf(r.Title, 29))*lineHeight+4, text(fmt.Sprint(r.No)), wrapped(r.Title), text(chartName(r.Title)), count(r.Met), count(r.Missed), count(r.NoData), count(r.Unset))
			}
		}
	})
	return c
}

// chartTable writes a table with its name and titles; rows writes what it holds.
func (f *front) chartTable(name, numbers string, titles []string, rows func()) chartRange {
	f.section(name)
	f.head(numbers, titles...)
	r := chartRange{head: f.row, first: f.row + 1}
	rows()
	r.last = f.row
	if r.isEmpty() {
		f.put(19, excelize.Cell{StyleID: f.book.style.label, Value: "本期没有。"})
	}
	return r
}

// tenThousands shows an amount of the same row in units of ten thousand yuan.
func (f *front) tenThousands(column byte, c cents) excelize.Cell {
	return excelize.Cell{StyleID: f.book.style.amount, Value: c.yuan() / 10000, Formula: fmt.Sprintf("%c%d/10000", column, f.row+1)}
}

// mostWithheld are the institutions of the chart, the largest first.
func (s *summary) mostWithheld() []institution {
	var out []institution
	for _, i := range s.touched() {
		if i.Withhold > 0 && len(out) < chartPlaces {
			out = append(out, i)
		}
	}
	return out
}

// withheldRules are the rules by which anything is withheld, the largest first.
func (s *summary) withheldRules() []ruleTotal {
	out := slices.DeleteFunc(slices.Clone(s.Rules), func(r ruleTotal) bool { return r.Withhold <= 0 })
	slices.SortStableFunc(out, func(a, b ruleTotal) int { return cmp.Compare(b.Withhold, a.Withhold) })
	return out
}

// charts draws two rows of two charts; where there is nothing to draw a sentence says so.
func (f *front) charts(c chartRanges) {
	s := f.book.summary
	f.put(6)
	f.chartPair(
		f.placeChart(c.places), "本期没有机构被扣款，不绘机构扣款图。",
		f.monthChart(c.months), "没有可绘的月份。")
	f.chartPair(
		f.reasonChart(c.reasons), "本期没有扣款，不绘扣款原因图。",
		f.ratioChart(c.ratios), "本期没有设阈值的比率数据，不绘达标图。")
	f.spans(float64(linesOf(s.trendNote(), 156))*lineHeight+4, []int{16}, excelize.Cell{StyleID: f.book.style.label, Value: s.trendNote()})
	if f.err == nil {
		f.err = f.book.file.InsertPageBreak(f.name, fmt.Sprintf("A%d", f.row+1))
	}
}

// chartPair leaves the rows for two charts and puts them there, or the sentence instead of one.
func (f *front) chartPair(left []*excelize.Chart, leftNone string, right []*excelize.Chart, rightNone string) {
	at := f.row + 1
	note := excelize.Cell{StyleID: f.book.style.chartNote}
	for i := range chartRows {
		if i != chartRows/2 || (left != nil && right != nil) {
			f.put(rowPoints)
			continue
		}
		a, b := note, note
		if left == nil {
			a.Value = leftNone
		}
		if right == nil {
			b.Value = rightNone
		}
		f.spans(rowPoints, []int{8, 8}, a, b)
	}
	f.put(rowPoints) // keeps the pairs apart
	for _, c := range []struct {
		column string
		charts []*excelize.Chart
	}{{"A", left}, {"I", right}} {
		if c.charts != nil && f.err == nil {
			f.err = f.book.file.AddChart(f.name, fmt.Sprintf("%s%d", c.column, at), c.charts[0], c.charts[1:]...)
		}
	}
}
