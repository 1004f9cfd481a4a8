package report

import (
	"fmt"

	"github.com/xuri/excelize/v2"
)

// formStyles are those of a table that is printed, signed and filed: every cell has its frame.
type formStyles struct {
	title, plain, head, text, category, middle, number int
	totalText, totalNumber, result                     int
}

func newFormStyles(f *excelize.File) (s formStyles, err error) {
	const asText = 49
	frame := func() (all []excelize.Border) {
		for _, side := range []string{"left", "right", "top", "bottom"} {
			all = append(all, excelize.Border{Type: side, Color: mutedColour, Style: 1})
		}
		return all
	}
	font := func(size float64, bold bool) *excelize.Font {
		return &excelize.Font{Family: bookFont, Size: size, Bold: bold, Color: inkColour}
	}
	align := func(horizontal, vertical string) *excelize.Alignment {
		return &excelize.Alignment{Horizontal: horizontal, Vertical: vertical, WrapText: true}
	}
	fill := func(colour string) excelize.Fill {
		return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{colour}}
	}
	for _, x := range []struct {
		into  *int
		style excelize.Style
	}{
		{&s.title, excelize.Style{Font: font(17, true), Alignment: align("center", "center")}},
		{&s.plain, excelize.Style{Font: font(10, false), NumFmt: asText, Alignment: align("left", "center")}},
		{&s.head, excelize.Style{Font: font(9.5, true), Fill: fill(headFill), Alignment: align("center", "center"), Border: frame()}},
		{&s.text, excelize.Style{Font: font(9, false), NumFmt: asText, Alignment: align("left", "center"), Border: frame()}},
		// At the top, where it is seen whatever page the category runs on to.
		{&s.category, excelize.Style{Font: font(9, true), NumFmt: asText, Alignment: align("center", "top"), Border: frame()}},
		{&s.middle, excelize.Style{Font: font(9, false), NumFmt: asText, Alignment: align("center", "center"), Border: frame()}},
		{&s.number, excelize.Style{Font: font(9, false), Alignment: align("center", "center"), Border: frame()}},
		{&s.totalText, excelize.Style{Font: font(10, true), Fill: fill(totalFill), NumFmt: asText, Alignment: align("center", "center"), Border: frame()}},
		{&s.totalNumber, excelize.Style{Font: font(10, true), Fill: fill(totalFill), Alignment: align("center", "center"), Border: frame()}},
		{&s.result, excelize.Style{Font: font(10, true), NumFmt: asText, Alignment: align("left", "center"), Border: frame()}},
	} {
		if *x.into, err = f.NewStyle(&x.style); err != nil {
			return s, err
		}
	}
	return s, nil
}

// totals add the columns up. The centre's total is a formula that knows what a veto and what is missing mean, so that it
// stays right when somebody completes the table by hand.
func (f *scoreForm) totals() {
	c, s := f.card, f.style
	first, last := scoreHeadRow+2, f.row
	column := func(name string) string { return fmt.Sprintf("%s%d:%s%d", name, first, name, last) }
	var most int64
	for _, r := range c.rows {
		most += r.most
	}
	full := excelize.Cell{StyleID: s.totalNumber, Value: float64(most) / 100, Formula: "SUM(" + column("H") + ")"}
	self := excelize.Cell{StyleID: s.totalNumber, Value: float64(c.self.Int64) / 100, Formula: "ROUND(SUM(" + column("I") + "),2)"}
	switch rest := c.elsewhere(); {
	case !c.self.Valid:
		self = excelize.Cell{StyleID: s.totalText, Value: "未报"}
	case rest != 0:
		self.Formula += fmt.Sprintf("+(%s)", signedPoints(rest))
	}
	total := excelize.Cell{StyleID: s.totalNumber, Value: float64(c.total.Int64) / 100, Formula: fmt.Sprintf(
		`IF(COUNTIF(%[1]s,"%[2]s")>0,0,IF(COUNTIF(%[1]s,"%[3]s")>0,"%[3]s",ROUND(SUM(%[1]s),2)))`, column("J"), scoreVetoed, scorePending)}
	note := ""
	switch {
	case c.vetoed:
		note = "有否决项，总分为 0 分。"
	case !c.total.Valid:
		total.Value = scorePending
		note = "总分可得 " + pointsText(c.lowest) + " 至 " + pointsText(c.highest) + " 分。"
	}
	f.put(24, s.totalText, map[int]excelize.Cell{0: {StyleID: s.totalText, Value: "合计"}, 7: full, 8: self, 9: total,
		10: {StyleID: s.result, Value: note}})
	f.merge('A', f.row, 'G', f.row)

	result := decisionWords.of(c.decision) + "。" + c.note
	if c.decision != "incomplete" { // the sentence says it
		result = c.note
	}
	f.put(max(24, 8+16*float64(linesOf(result, widthOf(3, 11)-8))), s.result, map[int]excelize.Cell{0: {StyleID: s.totalText, Value: "考核结论"},
		3: {StyleID: s.result, Value: oneLine(result)}})
	f.merge('A', f.row, 'C', f.row)
	f.merge('D', f.row, lastScoreColumn, f.row)
}

func signedPoints(n int64) string {
	if n < 0 {
		return "-" + pointsText(-n)
	}
	return pointsText(n)
}

// closing says how to read the table and leaves room to sign.
func (f *scoreForm) closing() {
	c, s := f.card, f.style
	note := fmt.Sprintf("说明：各项合计为总分，%s 分以上为合格；有否决项的，总分为 0 分。“机构述职”由机构填写，基金使用各项列出机构自报的数字；“核定依据”中系统算出的数字，数据截至 %s。",
		pointsText(c.pass), chineseDay(f.book.meta.AsOf))
	if rest := c.elsewhere(); c.self.Valid && rest != 0 {
		note += fmt.Sprintf("机构自评中另有不在本表的指标 %s 分，已计入自评合计。", signedPoints(rest))
	}
	f.put(8+14*float64(linesOf(note, widthOf(0, 11))), s.plain, map[int]excelize.Cell{0: {StyleID: s.plain, Value: note}})
	f.merge('A', f.row, lastScoreColumn, f.row)
	sign := func(text string) excelize.Cell { return excelize.Cell{StyleID: s.plain, Value: text} }
	f.put(36, s.plain, map[int]excelize.Cell{0: sign("机构负责人（签字、盖章）："), 4: sign("中心经办（签字）："), 8: sign("日期：　　　　年　　月　　日")})
	f.merge('A', f.row, 'D', f.row)
	f.merge('E', f.row, 'H', f.row)
	f.merge('I', f.row, lastScoreColumn, f.row)
}
