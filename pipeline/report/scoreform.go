package report

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/xuri/excelize/v2"
)

// ScoreBookName is the name of the centre's workbook, before the year.
const ScoreBookName = "scorecards-"

// ScoreForms writes the filled table of every institution that has a scorecard of meta.Year, or of those named by code,
// to the path that the institution's code gives, and returns the paths; an institution without a card gets none. Promise
// and errors are those of Monthly.
func ScoreForms(ctx context.Context, db *sql.DB, meta Meta, tables ScoreTables, codes []string, path func(code string) string) ([]string, error) {
	if err := meta.check(); err != nil {
		return nil, err
	}
	cards, err := loadCards(ctx, db, meta.Year, codes)
	if err != nil {
		return nil, err
	}
	var outputs []output
	for _, c := range cards {
		f := &scoreForm{card: c, figures: tables[c.card], book: &book{meta: meta, title: "定点医药机构考核表　" + c.code}}
		outputs = append(outputs, output{path(c.code), f.write})
	}
	return publishMany(ctx, runtime.GOMAXPROCS(0), outputs)
}

// scoreForm writes the table of one institution as the notice lays it out (江医保中心发〔2024〕16号, Annex 2 and 4), with
// the centre's score and its basis beside it.
type scoreForm struct {
	card    *scoreCard
	figures map[int][]string
	book    *book
	style   formStyles
	stream  *excelize.StreamWriter
	row     int
	err     error
}

const scoreSheet = "考核表"

// scoreColumns are the columns with their widths; the three of the scoring stand below a heading of their own.
var scoreColumns = []struct {
	title string
	width float64
}{{"序号", 5}, {"类别", 9.5}, {"考核指标", 20}, {"指标释义", 21}, {"机构述职", 20}, {"计分方法", 27}, {"计分类别", 9}, {"总分", 6}, {"机构自评得分", 7},
	{"中心核定得分", 7}, {"核定依据", 39}}

const (
	lastScoreColumn = 'K'
	scoreHeadRow    = 4 // and the next
	statementColumn = 4 // from 0
)

func (f *scoreForm) write(w *os.File) error {
	return f.book.write(w, func() (err error) {
		if f.style, err = newFormStyles(f.book.file); err != nil {
			return err
		}
		if err := f.open(); err != nil {
			return err
		}
		f.heading()
		f.table()
		f.totals()
		f.closing()
		if f.err != nil {
			return f.err
		}
		return f.stream.Flush()
	})
}

// open prepares the sheet for A4: one page wide, the head on every page, and where the figures come from at its foot.
func (f *scoreForm) open() (err error) {
	file := f.book.file
	if err := file.SetSheetName("Sheet1", scoreSheet); err != nil {
		return err
	}
	if f.stream, err = f.book.openStream(scoreSheet, "landscape", 0); err != nil {
		return err
	}
	hideGrid := false
	err = errors.Join(
		file.SetSheetView(scoreSheet, 0, &excelize.ViewOptions{ShowGridLines: &hideGrid}),
		file.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", Scope: scoreSheet,
			RefersTo: fmt.Sprintf("'%s'!$%d:$%d", scoreSheet, scoreHeadRow, scoreHeadRow+1)}),
		f.stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: scoreHeadRow + 1, TopLeftCell: fmt.Sprintf("A%d", scoreHeadRow+2), ActivePane: "bottomLeft"}))
	var widths []float64
	for _, c := range scoreColumns {
		widths = append(widths, c.width)
	}
	return errors.Join(err, setWidths(f.stream, widths))
}

// put writes the next row; cells that are not given are empty and have style.
func (f *scoreForm) put(height float64, style int, cells map[int]excelize.Cell) {
	f.row++
	all := make([]any, len(scoreColumns))
	for i := range all {
		cell, given := cells[i]
		if !given {
			cell.StyleID = style
		}
		all[i] = cell
	}
	if f.err == nil {
		f.err = f.stream.SetRow(fmt.Sprintf("A%d", f.row), all, excelize.RowOpts{Height: min(height, 409)})
	}
}

// merge joins cells from the corner to the other.
func (f *scoreForm) merge(fromColumn byte, fromRow int, toColumn byte, toRow int) {
	if f.err == nil && (fromColumn != toColumn || fromRow != toRow) {
		f.err = f.stream.MergeCell(fmt.Sprintf("%c%d", fromColumn, fromRow), fmt.Sprintf("%c%d", toColumn, toRow))
	}
}

func (f *scoreForm) heading() {
	c, s, meta := f.card, f.style, f.book.meta
	text := func(style int, value string) excelize.Cell {
		return excelize.Cell{StyleID: style, Value: oneLine(value)}
	}
	f.put(32, s.title, map[int]excelize.Cell{0: text(s.title, c.title)})
	f.merge('A', f.row, lastScoreColumn, f.row)
	name := "机构名称（公章）：" + orElse(c.name, "（名称未登记）")
	f.put(6+16*float64(linesOf(name, widthOf(5, 11))), s.plain, map[int]excelize.Cell{0: text(s.plain, "机构编码："+c.code), 5: text(s.plain, name)})
	f.merge('A', f.row, 'E', f.row)
	f.merge('F', f.row, lastScoreColumn, f.row)
	state := scoreStates.of("open")
	switch {
	case c.finalOn.Valid:
		state = scoreStates.of("final") + "（" + chineseDay(c.finalOn.Time) + "）"
	case c.standsIn:
		state += fmt.Sprintf("（%d 年度尚无考核表，暂按本表试算）", meta.Year)
	}
	f.put(20, s.plain, map[int]excelize.Cell{0: text(s.plain, fmt.Sprintf("考核年度：%d 年　　数据截至：%s　　状态：%s", meta.Year, chineseDay(meta.AsOf), state))})
	f.merge('A', f.row, lastScoreColumn, f.row)

	top, below := map[int]excelize.Cell{}, map[int]excelize.Cell{}
	for i, column := range scoreColumns {
		if i >= 5 && i <= 7 {
			below[i] = text(s.head, column.title)
		} else {
			top[i] = text(s.head, column.title)
		}
	}
	top[5] = text(s.head, "计分")
	f.put(20, s.head, top)
	f.put(20, s.head, below)
	for i := range scoreColumns {
		if column := 'A' + byte(i); i < 5 || i > 7 {
			f.merge(column, f.row-1, column, f.row)
		}
	}
	f.merge('F', f.row-1, 'H', f.row-1)
}

// widthOf is the width of columns from (from 0) to before to.
func widthOf(from, to int) (width float64) {
	for _, c := range scoreColumns[from:to] {
		width += c.width
	}
	return width
}

// table writes the indicators; a category is one cell beside all of its own.
func (f *scoreForm) table() {
	from := f.row + 1
	for i, r := range f.card.rows {
		if i > 0 && r.category != f.card.rows[i-1].category {
			f.merge('B', from, 'B', f.row)
			from = f.row + 1
		}
		f.indicator(r)
	}
	f.merge('B', from, 'B', f.row)
}

// indicator is one row, which no page can cut in two.
func (f *scoreForm) indicator(r scoreRow) {
	s := f.style
	cells := map[int]excelize.Cell{0: {StyleID: s.middle, Value: fmt.Sprint(r.no)}, 1: {StyleID: s.category, Value: oneLine(r.category)},
		6: {StyleID: s.middle, Value: scoreKinds.of(r.kind)}, 7: f.points(r.most, r.kind == "veto"), 8: f.points(r.self.Int64, r.kind == "veto"), 9: f.scored(r)}
	if !r.self.Valid && r.kind != "veto" {
		cells[8] = excelize.Cell{StyleID: s.number}
	}
	high := 1
	for i, value := range map[int]string{2: r.title, 3: r.explanation, 5: r.method, 10: r.evidence} {
		cells[i] = excelize.Cell{StyleID: s.text, Value: oneLine(value)}
		high = max(high, linesOf(value, scoreColumns[i].width))
	}
	said, lines := f.card.said(f.figures[r.no]), 0
	for _, line := range said {
		lines += linesOf(line, scoreColumns[statementColumn].width)
	}
	cells[statementColumn] = excelize.Cell{StyleID: s.text, Value: strings.Join(said, "\n")}
	f.put(max(6+scoreLine*float64(max(high, lines)), 22), s.text, cells)
}

// scoreLine is how high a line of the table is, in points.
const scoreLine = 13.5

// points is a number of points; of a veto there are none to have.
func (f *scoreForm) points(n int64, isVeto bool) excelize.Cell {
	if isVeto {
		return excelize.Cell{StyleID: f.style.middle, Value: "/"}
	}
	return excelize.Cell{StyleID: f.style.number, Value: float64(n) / 100}
}

// scored is what the centre gives.
func (f *scoreForm) scored(r scoreRow) excelize.Cell {
	word := ""
	switch {
	case r.vetoed:
		word = scoreVetoed
	case !r.score.Valid:
		word = scorePending
	case r.kind == "veto":
		word = scorePassed
	default:
		return f.points(r.score.Int64, false)
	}
	return excelize.Cell{StyleID: f.style.middle, Value: word}
}
