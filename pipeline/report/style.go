package report

import "github.com/xuri/excelize/v2"

// styles are the cell styles of the workbook, by what a cell holds.
type styles struct {
	text, wrap, count, amount, date, percent    int
	headText, headNumber, headMiddle            int
	totalText, totalCount, totalAmount          int
	title, lead, section, label, value, caution int
	mark                                        int
	coverTitle, coverLead, box, boxHead         int
	figureText, figureCount, figureAmount       int
	boldText, boldAmount, chartNote             int
}

const (
	inkColour    = "1F2A33"
	mutedColour  = "5B6875"
	accentColour = "0F5566"
	alertColour  = "8C1D17"
	ruleColour   = "C9D2D9"
	headFill     = "E6EEF0"
	totalFill    = "F4F6F7"
	bookFont     = "微软雅黑"
)

func newStyles(f *excelize.File) (s styles, err error) {
	add := func(into *int, style excelize.Style) {
		if err == nil {
			*into, err = f.NewStyle(&style)
		}
	}
	font := func(size float64, bold bool, colour string) *excelize.Font {
		return &excelize.Font{Family: bookFont, Size: size, Bold: bold, Color: colour}
	}
	align := func(horizontal string, wrap bool) *excelize.Alignment {
		return &excelize.Alignment{Horizontal: horizontal, Vertical: "center", WrapText: wrap}
	}
	indented := func(wrap bool) *excelize.Alignment { // keeps text off the number to its left
		return &excelize.Alignment{Horizontal: "left", Vertical: "center", WrapText: wrap, Indent: 1}
	}
	line := func(side string) []excelize.Border {
		return []excelize.Border{{Type: side, Color: ruleColour, Style: 1}}
	}
	fill := func(colour string) excelize.Fill {
		return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{colour}}
	}
	// Format 49 is text: editing such a cell cannot turn it into a formula or a number.
	const asText, asCount, asAmount, asPercent = 49, 3, 4, 10
	asDate := "yyyy-mm-dd"
	plain, bold := font(10, false, inkColour), font(10, true, inkColour)

	add(&s.text, excelize.Style{Font: plain, NumFmt: asText, Alignment: indented(false), Border: line("bottom")})
	add(&s.wrap, excelize.Style{Font: plain, NumFmt: asText, Alignment: indented(true), Border: line("bottom")})
	add(&s.count, excelize.Style{Font: plain, NumFmt: asCount, Alignment: align("right", false), Border: line("bottom")})
	add(&s.amount, excelize.Style{Font: plain, NumFmt: asAmount, Alignment: align("right", false), Border: line("bottom")})
	add(&s.percent, excelize.Style{Font: plain, NumFmt: asPercent, Alignment: align("right", false), Border: line("bottom")})
	add(&s.date, excelize.Style{Font: plain, CustomNumFmt: &asDate, Alignment: align("center", false), Border: line("bottom")})

	head := excelize.Style{Font: font(10, true, accentColour), Fill: fill(headFill), Alignment: indented(true),
		Border: []excelize.Border{{Type: "bottom", Color: accentColour, Style: 1}}}
	add(&s.headText, head)
	head.Alignment = align("right", true)
	add(&s.headNumber, head)
	head.Alignment = align("center", false)
	add(&s.headMiddle, head)
	total := []excelize.Border{{Type: "top", Color: accentColour, Style: 1}}
	add(&s.totalText, excelize.Style{Font: bold, Fill: fill(totalFill), NumFmt: asText, Alignment: indented(false), Border: total})
	add(&s.totalCount, excelize.Style{Font: bold, Fill: fill(totalFill), NumFmt: asCount, Alignment: align("right", false), Border: total})
	add(&s.totalAmount, excelize.Style{Font: bold, Fill: fill(totalFill), NumFmt: asAmount, Alignment: align("right", false), Border: total})

	add(&s.title, excelize.Style{Font: font(18, true, inkColour), Alignment: align("left", false)})
	add(&s.lead, excelize.Style{Font: font(11, false, mutedColour), Alignment: align("left", true)})
	add(&s.section, excelize.Style{Font: font(12, true, accentColour), Alignment: align("left", false),
		Border: []excelize.Border{{Type: "bottom", Color: accentColour, Style: 1}}})
	add(&s.label, excelize.Style{Font: font(10, false, mutedColour), Alignment: align("left", false)})
	add(&s.value, excelize.Style{Font: plain, NumFmt: asText, Alignment: align("left", true)})
	add(&s.mark, excelize.Style{Font: font(10, true, alertColour), Alignment: align("left", false)})
	add(&s.caution, excelize.Style{Font: bold, Alignment: align("left", true)})

	frame := append(append(line("top"), line("bottom")...), append(line("left"), line("right")...)...)
	add(&s.coverTitle, excelize.Style{Font: font(22, true, inkColour), Alignment: align("center", false)})
	add(&s.coverLead, excelize.Style{Font: font(13, false, mutedColour), Alignment: align("center", false)})
	add(&s.box, excelize.Style{Font: plain, NumFmt: asText, Border: frame, Alignment: &excelize.Alignment{Horizontal: "left", Vertical: "bottom", Indent: 1}})
	add(&s.boxHead, excelize.Style{Font: font(10, true, accentColour), Fill: fill(headFill), Border: frame, Alignment: align("center", false)})
	add(&s.figureText, excelize.Style{Font: font(10, false, mutedColour), Fill: fill(totalFill), Alignment: align("center", false)})
	add(&s.figureCount, excelize.Style{Font: font(11, true, inkColour), Fill: fill(totalFill), NumFmt: asCount, Alignment: align("center", false)})
	add(&s.figureAmount, excelize.Style{Font: font(11, true, inkColour), Fill: fill(totalFill), NumFmt: asAmount, Alignment: align("center", false)})
	add(&s.boldText, excelize.Style{Font: bold, NumFmt: asText, Alignment: indented(false), Border: line("bottom")})
	add(&s.boldAmount, excelize.Style{Font: bold, NumFmt: asAmount, Alignment: align("right", false), Border: line("bottom")})
	add(&s.chartNote, excelize.Style{Font: font(10, false, mutedColour), Alignment: align("center", true)})
	return s, err
}
