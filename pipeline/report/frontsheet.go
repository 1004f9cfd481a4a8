package report

import (
	"errors"
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"
)

// front writes a sheet that is read, not filtered, from top to bottom. Its
// first error stays and makes the later calls do nothing.
type front struct {
	book    *book
	stream  *excelize.StreamWriter
	name    string // of the sheet
	columns int
	row     int
	err     error
}

// openFront begins the first sheet of a book, one page with columns of these widths.
func (b *book) openFront(orientation string, widths ...float64) (*front, error) {
	return b.openFrontSheet(sheetSummary, orientation, 1, widths...)
}

// openFrontSheet begins a sheet that is read like a page; the first takes the place of the sheet a new book has.
func (b *book) openFrontSheet(name, orientation string, pagesHigh int, widths ...float64) (*front, error) {
	var err error
	if b.file.GetSheetList()[0] == "Sheet1" {
		err = b.file.SetSheetName("Sheet1", name)
	} else {
		_, err = b.file.NewSheet(name)
	}
	if err != nil {
		return nil, err
	}
	stream, err := b.openStream(name, orientation, pagesHigh)
	if err != nil {
		return nil, err
	}
	f := &front{book: b, stream: stream, name: name, columns: len(widths)}
	hideGrid := false
	f.err = b.file.SetSheetView(name, 0, &excelize.ViewOptions{ShowGridLines: &hideGrid})
	f.err = errors.Join(f.err, setWidths(stream, widths))
	return f, f.err
}

// close ends the sheet; its print area is what was written.
func (f *front) close() error {
	if f.err != nil {
		return f.err
	}
	if f.name != "" {
		if err := f.book.printArea(f.name, f.columns, f.row); err != nil {
			return err
		}
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

// spans writes the next row in cells as wide as the counts of columns say, from A on.
func (f *front) spans(height float64, widths []int, cells ...excelize.Cell) {
	row := make([]any, 0, f.columns)
	for i, c := range cells {
		row = append(row, c)
		for range widths[i] - 1 {
			row = append(row, excelize.Cell{StyleID: c.StyleID})
		}
	}
	f.put(height, row...)
	at := byte('A')
	for i := range cells {
		if widths[i] > 1 {
			f.merge(at, at+byte(widths[i]-1))
		}
		at += byte(widths[i])
	}
}
