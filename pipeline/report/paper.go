package report

import (
	"errors"
	"fmt"

	"github.com/xuri/excelize/v2"
)

// openStream prepares a sheet for printing on A4, landscape or portrait, one
// page wide and as many high as given; 0 is as many as it takes. The foot of
// every page names the run, so that a print can be checked.
func (b *book) openStream(name, orientation string, pagesHigh int) (*excelize.StreamWriter, error) {
	fit, size, wide := true, 9, 1
	margin, edge := 0.5, 0.3
	paper := excelize.HeaderFooterOptions{OddFooter: "&L" + b.meta.span() + b.title + "　&A&C" + b.meta.runMark() + "&R第 &P 页，共 &N 页"}
	if b.mark != "" {
		paper.OddHeader = "&R" + b.mark
	}
	bottom := margin
	if b.footer != "" {
		paper.OddFooter, bottom = b.footer, 0.75 // it may have two lines
	}
	if err := errors.Join(
		b.file.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: &fit}),
		b.file.SetPageLayout(name, &excelize.PageLayoutOptions{Size: &size, Orientation: &orientation, FitToWidth: &wide, FitToHeight: &pagesHigh}),
		b.file.SetPageMargins(name, &excelize.PageLayoutMarginsOptions{
			Left: &margin, Right: &margin, Top: &margin, Bottom: &bottom, Header: &edge, Footer: &edge}),
		b.file.SetHeaderFooter(name, &paper),
	); err != nil {
		return nil, err
	}
	return b.file.NewStreamWriter(name)
}

// printArea bounds what is printed of a sheet to its first columns and rows.
func (b *book) printArea(sheet string, columns, rows int) error {
	right, err := excelize.ColumnNumberToName(columns)
	if err != nil {
		return err
	}
	return b.file.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Area", Scope: sheet,
		RefersTo: fmt.Sprintf("'%s'!$A$1:$%s$%d", sheet, right, max(rows, 1))})
}

// setWidths gives the columns from A on their widths. A stream puts the column set last before the others, and Excel
// takes a sheet whose columns do not ascend for damaged.
func setWidths(stream *excelize.StreamWriter, widths []float64) error {
	for i := len(widths); i > 0; i-- {
		if err := stream.SetColWidth(i, i, widths[i-1]); err != nil {
			return err
		}
	}
	return nil
}
