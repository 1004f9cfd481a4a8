package report

import (
	"fmt"

	"github.com/xuri/excelize/v2"
)

const sheetChange = "与上期差异"

// writeChange writes the sheet that holds the statement against the one before it.
func (b *book) writeChange() error {
	f, err := b.openFrontSheet(sheetChange, "landscape", 0, 17, 46, 12, 19, 12, 19, 19)
	if err != nil {
		return err
	}
	f.changeHeading()
	if c := b.summary.Change; c.Now.Stands() {
		if c.Compares() {
			f.changeTotals(c)
			f.changeRows("二、扣款按规则", "规则", "规则名称", c.Rules)
			f.changeRows("三、扣款按机构（变化大的在前）", "机构编号", "机构名称", c.Places)
		}
		f.adjustments(c)
	}
	return f.close()
}

func (f *front) changeHeading() {
	style, s := f.book.style, f.book.summary
	f.put(34, excelize.Cell{StyleID: style.title, Value: chineseMonth(s.Meta.Period) + "与上期差异"})
	f.merge('A', 'G')
	for _, note := range s.Change.notes() {
		f.put(float64(linesOf(note, 130))*lineHeight+4, excelize.Cell{StyleID: style.value, Value: note})
		f.merge('A', 'G')
	}
}

// changeCells are the figures of a row in columns C to G; no lines are shown where they are not counted.
func (f *front) changeCells(r changeRow, withLines bool) []any {
	style, at := f.book.style, f.row+1
	cells := []any{nil, excelize.Cell{StyleID: style.amount, Value: r.Before.yuan()}, nil, excelize.Cell{StyleID: style.amount, Value: r.Now.yuan()},
		excelize.Cell{StyleID: style.amount, Value: r.Change().yuan(), Formula: fmt.Sprintf("ROUND(F%d-D%d,2)", at, at)}}
	cells[0], cells[2] = excelize.Cell{StyleID: style.text}, excelize.Cell{StyleID: style.text}
	if withLines {
		cells[0], cells[2] = excelize.Cell{StyleID: style.count, Value: r.LinesBefore}, excelize.Cell{StyleID: style.count, Value: r.LinesNow}
	}
	return cells
}

func (f *front) changeTotals(c change) {
	style := f.book.style
	f.section("一、总额（金额单位：元）")
	f.head("CDEFG", "项目", "说明", "", "上期金额", "", "本期金额", "增减")
	for _, r := range c.Totals() {
		text := func(v string) excelize.Cell { return excelize.Cell{StyleID: style.wrap, Value: v} }
		f.put(19, append([]any{text(r.Label), text(totalNotes.of(r.Label))}, f.changeCells(r, false)...)...)
	}
}

// totalNotes say on what each total rests.
var totalNotes = words{"扣款": "两期通知单", "追回": "两期通知单", "退还": "两期通知单，以负数表示", "待复核": "两月按数据截至日的判定",
	"急诊豁免": "两月按数据截至日的判定", "申报基金金额": "两月按数据截至日的结算"}

func (f *front) changeRows(title, code, name string, rows []changeRow) {
	style := f.book.style
	f.section(title)
	if len(rows) == 0 {
		f.put(19, excelize.Cell{StyleID: style.label, Value: "两期均无扣款。"})
		return
	}
	f.head("CDEFG", code, name, "上期条数", "上期金额", "本期条数", "本期金额", "增减")
	first := f.row + 1
	for _, r := range rows {
		height := float64(linesOf(r.Label, 46))*lineHeight + 4
		f.put(height, append([]any{excelize.Cell{StyleID: style.text, Value: r.Code}, excelize.Cell{StyleID: style.wrap, Value: oneLine(r.Label)}},
			f.changeCells(r, true)...)...)
	}
	sum := sumRows(rows)
	total := func(column byte, style int, value any) excelize.Cell {
		return excelize.Cell{StyleID: style, Value: value, Formula: fmt.Sprintf("SUM(%c%d:%c%d)", column, first, column, f.row)}
	}
	f.put(21, excelize.Cell{StyleID: style.totalText, Value: "合计"}, excelize.Cell{StyleID: style.totalText},
		total('C', style.totalCount, sum.LinesBefore), total('D', style.totalAmount, sum.Before.yuan()),
		total('E', style.totalCount, sum.LinesNow), total('F', style.totalAmount, sum.Now.yuan()), total('G', style.totalAmount, sum.Change().yuan()))
}

// adjustments lists what the statement changed in what was closed or issued before.
func (f *front) adjustments(c change) {
	style := f.book.style
	title := "四、本通知单对以前期间的追回与退还"
	if !c.Compares() {
		title = "一、本通知单对以前期间的追回与退还"
	}
	f.section(title)
	if len(c.Earlier) == 0 {
		f.put(19, excelize.Cell{StyleID: style.label, Value: "本期无追回与退还。"})
		return
	}
	f.head("EF", "费用所属期", "原因", "类别", "", "条数", "金额（元）", "")
	first := f.row + 1
	lexicon := newLexicon()
	text := func(v string) excelize.Cell { return excelize.Cell{StyleID: style.wrap, Value: v} }
	for _, a := range c.Earlier {
		f.put(19, text(a.Month), text(lexicon.causeText(a.Cause)), text(lexicon.kind.of(a.Kind)), text(""),
			excelize.Cell{StyleID: style.count, Value: a.Lines}, excelize.Cell{StyleID: style.amount, Value: a.Cents.yuan()}, text(""))
	}
	sum := c.Adjusted()
	blank := excelize.Cell{StyleID: style.totalText}
	f.put(21, excelize.Cell{StyleID: style.totalText, Value: "合计"}, blank, blank, blank,
		excelize.Cell{StyleID: style.totalCount, Value: sum.Lines, Formula: fmt.Sprintf("SUM(E%d:E%d)", first, f.row)},
		excelize.Cell{StyleID: style.totalAmount, Value: sum.Cents.yuan(), Formula: fmt.Sprintf("SUM(F%d:F%d)", first, f.row)}, blank)
}
