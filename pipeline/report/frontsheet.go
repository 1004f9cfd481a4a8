package report

import (
	"errors"
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"
)

const (
	reportTitle       = "医保结算审核月报"
	sheetSummary      = "汇总"
	sheetInstitutions = "机构"
)

// front writes the summary sheet from top to bottom. Its first error stays and
// makes the later calls do nothing.
type front struct {
	book    *book
	stream  *excelize.StreamWriter
	columns int
	row     int
	err     error
}

// writeSummary writes the first sheet. Its key figures are formulas over the
// sheet of institutions, with the same values stored.
func (b *book) writeSummary() error {
	f, err := b.openFront("landscape", 15, 24, 26, 10, 12, 17, 12, 17, 12, 17)
	if err != nil {
		return err
	}
	f.heading()
	f.keyFigures()
	f.rules()
	f.statement()
	f.remarks()
	f.signatures()
	return f.close()
}

// openFront begins the first sheet of a book, one page with columns of these widths.
func (b *book) openFront(orientation string, widths ...float64) (*front, error) {
	if err := b.file.SetSheetName("Sheet1", sheetSummary); err != nil {
		return nil, err
	}
	stream, err := b.openStream(sheetSummary, orientation, 1)
	if err != nil {
		return nil, err
	}
	f := &front{book: b, stream: stream, columns: len(widths)}
	hideGrid := false
	f.err = b.file.SetSheetView(sheetSummary, 0, &excelize.ViewOptions{ShowGridLines: &hideGrid})
	for i, width := range widths {
		f.err = errors.Join(f.err, stream.SetColWidth(i+1, i+1, width))
	}
	return f, f.err
}

func (f *front) close() error {
	if f.err != nil {
		return f.err
	}
	return f.stream.Flush()
}

// put writes the next row; nil leaves a cell out.
func (f *front) put(height float64, cells ...any) {
	f.row++
	if f.err == nil {
		f.err = f.stream.SetRow(fmt.Sprintf("A%d", f.row), cells, excelize.RowOpts{Height: height})
	}
}

// merge joins columns from to to (A = 'A') of the row just written.
func (f *front) merge(from, to byte) {
	if f.err == nil {
		f.err = f.stream.MergeCell(fmt.Sprintf("%c%d", from, f.row), fmt.Sprintf("%c%d", to, f.row))
	}
}

func (f *front) gap() { f.row++ }

func (f *front) section(title string) {
	f.gap()
	cells := make([]any, f.columns)
	for i := range cells {
		cells[i] = excelize.Cell{StyleID: f.book.style.section}
	}
	cells[0] = excelize.Cell{StyleID: f.book.style.section, Value: title}
	f.put(24, cells...)
}

// head writes column titles over the whole width; those of numbers stand right.
func (f *front) head(numbers string, titles ...string) {
	cells := make([]any, f.columns)
	for i := range cells {
		cell := excelize.Cell{StyleID: f.book.style.headText}
		if strings.ContainsRune(numbers, rune('A'+i)) {
			cell.StyleID = f.book.style.headNumber
		}
		if i < len(titles) {
			cell.Value = titles[i]
		}
		cells[i] = cell
	}
	f.put(22, cells...)
}

func (f *front) heading() {
	style, m := f.book.style, f.book.summary.Meta
	f.put(34, excelize.Cell{StyleID: style.title, Value: chineseMonth(m.Period) + reportTitle})
	f.merge('A', 'J')
	f.put(20, excelize.Cell{StyleID: style.lead, Value: m.CentreName})
	f.merge('A', 'J')
	f.gap()
	for _, pair := range [][4]string{
		{"结算期间", m.Period.String(), "数据截至", chineseDay(m.AsOf)},
		{"通知单编号", orElse(m.StatementNo, "本期未出具通知单"), "规则依据", m.RulePackTitle},
		{"运行编号", m.RunID, "生成时间", stamp(m.GeneratedAt)},
	} {
		f.put(19, excelize.Cell{StyleID: style.label, Value: pair[0]}, excelize.Cell{StyleID: style.value, Value: pair[1]}, nil, nil,
			excelize.Cell{StyleID: style.label, Value: pair[2]}, excelize.Cell{StyleID: style.value, Value: pair[3]})
		f.merge('B', 'D')
		f.merge('F', 'J')
	}
	f.put(19, excelize.Cell{StyleID: style.label, Value: "校验链"}, excelize.Cell{StyleID: style.value, Value: m.ChainHash})
	f.merge('B', 'J')
}

// keyFigures shows the totals and proves that they add up.
func (f *front) keyFigures() {
	style, s := f.book.style, f.book.summary
	t := s.Total
	f.section("一、总体情况（金额单位：元）")
	f.head("B", "项目", "数值", "说明")
	f.merge('C', 'J')
	from := func(column string) string { return "SUM(" + f.book.institutionCells(column) + ")" }
	count := func(n int64, column string) excelize.Cell {
		return excelize.Cell{StyleID: style.count, Value: n, Formula: from(column)}
	}
	money := func(c cents, column string) excelize.Cell {
		return excelize.Cell{StyleID: style.amount, Value: c.yuan(), Formula: from(column)}
	}
	fund := 0
	for _, l := range []struct {
		title, note string
		cell        excelize.Cell
	}{
		{"结算笔数", "本期有效结算", count(t.Settlements, "D")},
		{"明细条数", "上述结算的费用明细", count(t.Lines, "E")},
		{"申报基金金额", "上述结算的基金支付总额", money(t.Fund, "F")},
		{"支付", "未发现问题，照常支付", money(t.Pay, "G")},
		{"急诊豁免", "涉及暂停或终止人员，属急诊、抢救等特殊情形，不扣款", money(t.Exempt, "H")},
		{"待复核", "须人工核实后确定", money(t.Review, "I")},
		{"扣款", "涉及暂停或终止人员等情形，不予支付", money(t.Withhold, "J")},
		{"追回", "以前期间已支付、本期通知追回", money(t.Recover, "K")},
		{"退还", "以前通知的扣款或追回本期退还，以负数表示", money(t.Released, "L")},
	} {
		f.put(19, excelize.Cell{StyleID: style.text, Value: l.title}, l.cell, excelize.Cell{StyleID: style.text, Value: l.note})
		f.merge('C', 'J')
		if l.title == "申报基金金额" {
			fund = f.row
		}
	}
	// The difference is rounded because cells hold binary fractions.
	f.put(22, excelize.Cell{StyleID: style.totalText, Value: "核对差额"},
		excelize.Cell{StyleID: style.totalAmount, Value: 0.0, Formula: fmt.Sprintf("ROUND(B%d-SUM(B%d:B%d),2)", fund, fund+1, fund+4)},
		excelize.Cell{StyleID: style.totalText, Value: "申报 ＝ 支付 ＋ 急诊豁免 ＋ 待复核 ＋ 扣款：相符",
			Formula: fmt.Sprintf(`"申报 ＝ 支付 ＋ 急诊豁免 ＋ 待复核 ＋ 扣款："&IF(B%d=0,"相符","不符")`, f.row+1)})
	f.merge('C', 'J')
}

// institutionCells names a column's cells in every sheet the list of institutions takes.
func (b *book) institutionCells(column string) string {
	var parts []string
	for n, left := 1, max(len(b.summary.Institutions), 1); left > 0; n, left = n+1, left-b.limits.sheetRows {
		parts = append(parts, fmt.Sprintf("'%s'!%s2:%s%d", partName(sheetInstitutions, n), column, column, min(left, b.limits.sheetRows)+1))
	}
	return strings.Join(parts, ",")
}

func (f *front) rules() {
	style, s := f.book.style, f.book.summary
	action := newLexicon().action
	f.section("二、按规则")
	f.head("EFGHIJ", "规则", "规则名称", "条款", "处理", "扣款条数", "扣款金额", "豁免条数", "豁免金额", "复核条数", "复核金额")
	first := f.row + 1
	text := func(v string) excelize.Cell { return excelize.Cell{StyleID: style.wrap, Value: v} }
	count := func(n int64) excelize.Cell { return excelize.Cell{StyleID: style.count, Value: n} }
	money := func(c cents) excelize.Cell { return excelize.Cell{StyleID: style.amount, Value: c.yuan()} }
	var sum ruleTotal
	for _, r := range s.Rules {
		lines := max(linesOf(r.Title, 24), linesOf(clauses(r.Article), 26))
		f.put(float64(lines)*lineHeight+4, text(fmt.Sprint(r.No)), text(r.Title), text(clauses(r.Article)), text(action.of(r.Action)),
			count(r.WithholdLines), money(r.Withhold), count(r.ExemptLines), money(r.Exempt), count(r.ReviewLines), money(r.Review))
		sum.Withhold, sum.Exempt, sum.Review = sum.Withhold+r.Withhold, sum.Exempt+r.Exempt, sum.Review+r.Review
	}
	if len(s.Rules) == 0 {
		f.put(19, excelize.Cell{StyleID: style.label, Value: "本期无规则命中。"})
		return
	}
	sum.WithholdLines, sum.ExemptLines, sum.ReviewLines = s.lines()
	total := func(column byte, style int, value any) excelize.Cell {
		return excelize.Cell{StyleID: style, Value: value, Formula: fmt.Sprintf("SUM(%c%d:%c%d)", column, first, column, f.row)}
	}
	blank := excelize.Cell{StyleID: style.totalText}
	f.put(20, excelize.Cell{StyleID: style.totalText, Value: "合计"}, blank, blank, blank,
		total('E', style.totalCount, sum.WithholdLines), total('F', style.totalAmount, sum.Withhold.yuan()),
		total('G', style.totalCount, sum.ExemptLines), total('H', style.totalAmount, sum.Exempt.yuan()),
		total('I', style.totalCount, sum.ReviewLines), total('J', style.totalAmount, sum.Review.yuan()))
}

func (f *front) statement() {
	style, s := f.book.style, f.book.summary
	kind := newLexicon().kind
	f.section("三、本期通知单")
	f.head("BC", "类别", "金额（元）", "条数", "说明")
	f.merge('D', 'J')
	notes := words{"withhold": "本期结算中不予支付的费用（金额为零的明细不列入通知单）", "recover": "以前期间已支付、本期通知追回的费用", "release": "以前通知、本期不再成立的扣款或追回"}
	first := f.row + 1
	var lines int64
	var amount cents
	for _, k := range s.Statement {
		f.put(19, excelize.Cell{StyleID: style.text, Value: kind.of(k.Kind)},
			excelize.Cell{StyleID: style.amount, Value: k.Cents.yuan()}, excelize.Cell{StyleID: style.count, Value: k.Lines},
			excelize.Cell{StyleID: style.text, Value: notes.of(k.Kind)})
		f.merge('D', 'J')
		lines, amount = lines+k.Lines, amount+k.Cents
	}
	f.put(20, excelize.Cell{StyleID: style.totalText, Value: "合计"},
		excelize.Cell{StyleID: style.totalAmount, Value: amount.yuan(), Formula: fmt.Sprintf("SUM(B%d:B%d)", first, f.row)},
		excelize.Cell{StyleID: style.totalCount, Value: lines, Formula: fmt.Sprintf("SUM(C%d:C%d)", first, f.row)},
		excelize.Cell{StyleID: style.totalText})
	f.merge('D', 'J')
	if d := s.drift(); d != 0 {
		f.put(19, excelize.Cell{StyleID: style.caution, Value: driftText(d)})
		f.merge('A', 'J')
	}
}

// remarks says what is open with the deliveries and what did not occur.
func (f *front) remarks() {
	style, s := f.book.style, f.book.summary
	f.section("四、数据情况与说明")
	var notes []string
	for _, c := range s.OpenRejects {
		notes = append(notes, fmt.Sprintf("待更正的拒收数据：%s %s 行。", c.Title, grouped(c.Count)))
	}
	for _, c := range s.Quality {
		notes = append(notes, fmt.Sprintf("数据质量：%s %s 项。", c.Title, grouped(c.Count)))
	}
	notes = append(append(notes, s.Watch.notes()...), s.nothing()...)
	notes = append(notes, "对某条明细有疑问时，运行 claimsaudit explain 结算ID [费用明细流水号]，可查看其来源文件、人员状态、适用条款和金额。")
	for _, n := range notes {
		f.put(float64(linesOf(n, 160))*lineHeight+4, excelize.Cell{StyleID: style.value, Value: n})
		f.merge('A', 'J')
	}
}

func (f *front) signatures() {
	style := f.book.style
	f.gap()
	f.put(34, excelize.Cell{StyleID: style.value, Value: "制表："}, nil, excelize.Cell{StyleID: style.value, Value: "复核："}, nil,
		excelize.Cell{StyleID: style.value, Value: "负责人："}, nil, nil, excelize.Cell{StyleID: style.value, Value: "日期："})
}
