package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
)

const (
	reportTitle       = "医保结算审核月报"
	sheetCover        = "封面"
	sheetSummary      = "汇总"
	sheetInstitutions = "机构"
	sheetWithheld     = "扣款明细"
	sheetExempt       = "豁免明细"
	sheetReview       = "复核明细"
	sheetStatement    = "通知单"
)

// writeCover writes the page that is signed. Its amounts are formulas over the
// lists, with the same values stored, and it shows that they add up.
func (b *book) writeCover() error {
	f, err := b.openFrontSheet(sheetCover, "portrait", 1, 21, 21, 12, 21, 38)
	if err != nil {
		return err
	}
	f.coverHeading()
	f.balance()
	f.issued()
	f.signatures()
	return f.close()
}

func (f *front) coverHeading() {
	style, m := f.book.style, f.book.summary.Meta
	f.put(34)
	f.spans(28, []int{5}, excelize.Cell{StyleID: style.coverLead, Value: m.CentreName})
	f.spans(52, []int{5}, excelize.Cell{StyleID: style.coverTitle, Value: chineseMonth(m.Period) + reportTitle})
	f.put(18)
	for _, pair := range [][2]string{
		{"通知单编号", orElse(m.StatementNo, "本期未出具通知单")},
		{"结算期间", m.Period.String() + "（" + chineseDay(m.Period.First()) + "至" + chineseDay(m.Period.Last()) + "）"},
		{"数据截至", chineseDay(m.AsOf)},
		{"规则依据", m.RulePackTitle},
		{"运行编号", m.RunID + "（" + stamp(m.GeneratedAt) + " 生成）"},
		{"校验链", m.ChainHash},
		{"核对打印件", "运行 claimsaudit verify --hash " + m.shortHash() + "，显示的运行编号、通知单编号应与本页一致；各页页脚都印有这个校验码。"},
	} {
		f.spans(float64(linesOf(pair[1], 96))*lineHeight+9, []int{1, 4}, excelize.Cell{StyleID: style.label, Value: pair[0]},
			excelize.Cell{StyleID: style.value, Value: pair[1]})
	}
}

// balance shows that what was claimed is all accounted for, and that the lists of lines agree with the institutions.
func (f *front) balance() {
	style, s := f.book.style, f.book.summary
	t := s.Total
	f.section("一、金额核对（单位：元）")
	f.head("BCD", "项目", "金额", "占申报", "明细表合计", "说明")
	text := func(v string) excelize.Cell { return excelize.Cell{StyleID: style.text, Value: v} }
	blank := excelize.Cell{StyleID: style.text}
	for _, l := range []struct {
		title  string
		n      int64
		column string
	}{{"结算笔数", t.Settlements, "D"}, {"明细条数", t.Lines, "E"}} {
		f.put(25, text(l.title), excelize.Cell{StyleID: style.count, Value: l.n, Formula: f.book.institutionSum(l.column)}, blank, blank,
			text("本期有效结算"))
	}
	fund := f.row + 1
	f.put(26, excelize.Cell{StyleID: style.boldText, Value: "申报基金金额"},
		excelize.Cell{StyleID: style.boldAmount, Value: t.Fund.yuan(), Formula: f.book.institutionSum("F")}, blank, blank, text("上述结算的基金支付总额"))
	for _, l := range []struct {
		title, note, column, sheet string
		amount                     cents
	}{
		{"支付", "未发现问题，照常支付", "G", "", t.Pay},
		{"急诊豁免", "属急诊、抢救等情形，照付", "H", sheetExempt, t.Exempt},
		{"待复核", "须人工核实后确定", "I", sheetReview, t.Review},
		{"扣款", "不予支付", "J", sheetWithheld, t.Withhold},
	} {
		listed := blank
		if l.sheet != "" {
			listed = excelize.Cell{StyleID: style.amount, Value: l.amount.yuan(), Formula: f.book.listSum(l.sheet)}
		}
		f.put(25, text(l.title), excelize.Cell{StyleID: style.amount, Value: l.amount.yuan(), Formula: f.book.institutionSum(l.column)},
			f.share(l.amount, fund), listed, text(l.note))
	}
	f.put(26, excelize.Cell{StyleID: style.totalText, Value: "四项合计"},
		excelize.Cell{StyleID: style.totalAmount, Value: (t.Pay + t.Exempt + t.Review + t.Withhold).yuan(), Formula: fmt.Sprintf("SUM(B%d:B%d)", fund+1, fund+4)},
		excelize.Cell{StyleID: style.totalText},
		excelize.Cell{StyleID: style.totalAmount, Value: (t.Exempt + t.Review + t.Withhold).yuan(), Formula: fmt.Sprintf("SUM(D%d:D%d)", fund+2, fund+4)},
		excelize.Cell{StyleID: style.totalText, Value: "明细表合计为后三项"})
	// The differences are rounded because cells hold binary fractions.
	at := f.row + 1
	f.put(28, excelize.Cell{StyleID: style.totalText, Value: "核对差额"},
		excelize.Cell{StyleID: style.totalAmount, Value: 0.0, Formula: fmt.Sprintf("ROUND(B%d-B%d,2)", fund, fund+5)}, excelize.Cell{StyleID: style.totalText},
		excelize.Cell{StyleID: style.totalAmount, Value: 0.0, Formula: fmt.Sprintf("ROUND(SUM(B%d:B%d)-D%d,2)", fund+2, fund+4, fund+5)},
		excelize.Cell{StyleID: style.totalText, Value: "相符：申报 ＝ 支付＋豁免＋复核＋扣款",
			Formula: fmt.Sprintf(`IF(AND(B%d=0,D%d=0),"相符：申报 ＝ 支付＋豁免＋复核＋扣款","不符，请勿签字")`, at, at)})
}

// share is an amount's part of the claimed, live; nothing claimed has no parts.
func (f *front) share(part cents, fundRow int) excelize.Cell {
	cell := excelize.Cell{StyleID: f.book.style.percent, Formula: fmt.Sprintf(`IF(B%d=0,0,B%d/B%d)`, fundRow, f.row+1, fundRow), Value: 0.0}
	if fund := f.book.summary.Total.Fund; fund != 0 {
		cell.Value = float64(part) / float64(fund)
	}
	return cell
}

// issued shows what the month's statement holds.
func (f *front) issued() {
	style, s := f.book.style, f.book.summary
	f.section("二、本期通知单（单位：元）")
	f.head("BCD", "类别", "金额", "条数", "涉及机构（家）", "说明")
	first := f.row + 1
	var lines int64
	var amount cents
	for _, k := range []struct{ kind, title, note string }{
		{"withhold", "扣款", "本期结算中不予支付的费用"},
		{"recover", "追回", "以前期间已支付、本期通知追回"},
		{"release", "退还", "以前的扣款、追回不再成立，为负数"},
	} {
		total := s.issued(k.kind)
		f.put(25, excelize.Cell{StyleID: style.text, Value: k.title},
			excelize.Cell{StyleID: style.amount, Value: total.Cents.yuan(), Formula: f.book.issuedSum(k.title, "金额（元）")},
			excelize.Cell{StyleID: style.count, Value: total.Lines, Formula: f.book.issuedSum(k.title, "条数")},
			excelize.Cell{StyleID: style.count, Value: s.placesOf(k.kind)}, excelize.Cell{StyleID: style.text, Value: k.note})
		lines, amount = lines+total.Lines, amount+total.Cents
	}
	f.put(26, excelize.Cell{StyleID: style.totalText, Value: "合计"},
		excelize.Cell{StyleID: style.totalAmount, Value: amount.yuan(), Formula: fmt.Sprintf("SUM(B%d:B%d)", first, f.row)},
		excelize.Cell{StyleID: style.totalCount, Value: lines, Formula: fmt.Sprintf("SUM(C%d:C%d)", first, f.row)},
		excelize.Cell{StyleID: style.totalCount, Value: s.placesOf("")},
		excelize.Cell{StyleID: style.totalText, Value: "金额为零的明细不列入通知单"})
	if d := s.drift(); d != 0 {
		f.spans(float64(linesOf(driftText(d), 110))*lineHeight+5, []int{5}, excelize.Cell{StyleID: style.caution, Value: driftText(d)})
	}
}

// signatures are boxes to sign, date and seal.
func (f *front) signatures() {
	style := f.book.style
	head := func(v string) excelize.Cell { return excelize.Cell{StyleID: style.boxHead, Value: v} }
	box := func(v string) excelize.Cell { return excelize.Cell{StyleID: style.box, Value: v} }
	widths := []int{1, 1, 2, 1}
	f.section("三、签字")
	f.spans(26, widths, head("制表"), head("复核"), head("负责人签字"), head("盖章"))
	f.spans(92, widths, box(""), box(""), box(""), box(""))
	f.spans(30, widths, box("日期："), box("日期："), box("日期："), box(""))
}

// institutionSum adds up a column over every sheet the list of institutions takes.
func (b *book) institutionSum(column string) string {
	return "SUM(" + strings.Join(b.cells(sheetInstitutions, column, len(b.summary.Institutions)), ",") + ")"
}

// listSum adds up the amounts of a list of lines.
func (b *book) listSum(sheet string) string {
	for _, l := range b.lists {
		if l.name == sheet {
			return "SUM(" + strings.Join(b.cells(sheet, l.letter("基金金额（元）"), int(l.rows)), ",") + ")"
		}
	}
	return "0"
}

// issuedSum adds up a column of the statement's sheet for one kind.
func (b *book) issuedSum(kind, title string) string {
	at := slices.IndexFunc(b.lists, func(l list) bool { return l.name == sheetStatement })
	if at < 0 {
		return "0"
	}
	l := b.lists[at]
	kinds, values := b.cells(l.name, l.letter("类别"), len(l.ready)), b.cells(l.name, l.letter(title), len(l.ready))
	parts := make([]string, len(kinds))
	for i := range kinds {
		parts[i] = fmt.Sprintf(`SUMIF(%s,"%s",%s)`, kinds[i], kind, values[i])
	}
	return strings.Join(parts, "+")
}

// cells names a column's cells in every sheet a list of so many rows takes.
func (b *book) cells(sheet, column string, rows int) []string {
	var parts []string
	for n, left := 1, max(rows, 1); left > 0; n, left = n+1, left-b.limits.sheetRows {
		parts = append(parts, fmt.Sprintf("'%s'!%s2:%s%d", partName(sheet, n), column, column, min(left, b.limits.sheetRows)+1))
	}
	return parts
}

// letter names the column with a title.
func (l list) letter(title string) string {
	at := slices.IndexFunc(l.columns, func(c column) bool { return c.title == title })
	name, err := excelize.ColumnNumberToName(at + 1)
	if err != nil {
		return "A"
	}
	return name
}
