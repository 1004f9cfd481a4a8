package report

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"claimsaudit/pipeline"

	"github.com/xuri/excelize/v2"
)

// Form is a workbook to be filled in and delivered like any other file. The first sheet is the feed: one row above it
// says what to do, the header is the third row; the second sheet explains. Nothing else in it can be taken for data.
type Form struct {
	Path    string
	Title   string
	Lead    string
	Notes   []string // of the second sheet
	Columns []FormColumn
	Rows    [][]FormCell
	Author  string
	At      time.Time // the only time that goes into the file
}

// FormColumn is one column: a header the program reads, or one it passes over.
type FormColumn struct {
	Header string
	Width  float64
	Answer Answer
}

// Answer is what a column is filled with.
type Answer uint8

// The answers; Given is filled in already, Words is text.
const (
	Given Answer = iota
	Words
	YesNo
	Whole
	Percent
	Amount
	Date
	OwnScore
)

// FormCell is a value given, or a place to be filled in or left alone.
type FormCell struct {
	Value any
	Open  bool // to be filled in
}

const (
	formHeader = 3 // row of the header
	openFill   = "FFF8E1"
	lastRow    = 1_048_576
)

// WriteForms writes every form or none. A file that is there already may be half filled in: it is an error, not overwritten.
func WriteForms(forms []Form) ([]string, error) {
	var outputs []output
	for _, f := range forms {
		if _, err := os.Stat(f.Path); !errors.Is(err, os.ErrNotExist) {
			return nil, &pipeline.Error{Kind: pipeline.KindUsage, Op: "write form", Where: f.Path, Err: errors.New("it is there already"),
				Hint: "somebody may have filled it in: move it away, or give another folder with --out"}
		}
		outputs = append(outputs, output{f.Path, f.write})
	}
	return publish(outputs)
}

const formSheet, notesSheet = "填报", "填写说明"

func (f Form) write(w *os.File) (err error) {
	spill, err := os.MkdirTemp(filepath.Dir(w.Name()), ".report-spill-*")
	if err != nil {
		return fail("write form", w.Name(), hintDisk, err)
	}
	b := &book{file: excelize.NewFile(excelize.Options{TmpDir: spill})}
	defer func() { err = errors.Join(err, b.file.Close(), os.RemoveAll(spill)) }()
	stamp := f.At.UTC().Format(time.RFC3339)
	if b.style, err = newStyles(b.file); err == nil {
		err = errors.Join(
			b.file.SetDocProps(&excelize.DocProperties{Title: f.Title, Creator: f.Author, LastModifiedBy: f.Author, Created: stamp, Modified: stamp, Language: "zh-CN"}),
			b.file.SetAppProps(&excelize.AppProperties{Application: "claimsaudit", Company: f.Author}),
			b.file.SetSheetName("Sheet1", formSheet))
	}
	if err != nil {
		return err
	}
	if err := f.writeNotes(b); err != nil {
		return err
	}
	if err := f.writeRows(b); err != nil {
		return err
	}
	return b.save(w, spill)
}

// layOut prepares the sheet to be filled in for print and validates its columns.
func (f Form) layOut(b *book) error {
	fit, size, landscape, wide, high := true, 9, "landscape", 1, 0
	margin := 0.4
	if err := errors.Join(
		b.file.SetPageMargins(formSheet, &excelize.PageLayoutMarginsOptions{Left: &margin, Right: &margin, Top: &margin}),
		b.file.SetSheetProps(formSheet, &excelize.SheetPropsOptions{FitToPage: &fit}),
		b.file.SetPageLayout(formSheet, &excelize.PageLayoutOptions{Size: &size, Orientation: &landscape, FitToWidth: &wide, FitToHeight: &high}),
		b.file.SetHeaderFooter(formSheet, &excelize.HeaderFooterOptions{OddFooter: "&L" + f.Title + "&R第 &P 页，共 &N 页"}),
		b.file.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", Scope: formSheet,
			RefersTo: fmt.Sprintf("'%s'!$%d:$%d", formSheet, formHeader, formHeader)}),
	); err != nil {
		return err
	}
	return f.validate(b.file)
}

// writeRows writes the sheet to be filled in.
func (f Form) writeRows(b *book) error {
	if err := f.layOut(b); err != nil {
		return err
	}
	right, err := excelize.ColumnNumberToName(len(f.Columns))
	if err != nil {
		return err
	}
	styles, err := f.styles(b)
	if err != nil {
		return err
	}
	stream, err := b.file.NewStreamWriter(formSheet)
	if err != nil {
		return err
	}
	head, widths := make([]any, len(f.Columns)), make([]float64, len(f.Columns))
	for i, c := range f.Columns {
		head[i], widths[i] = excelize.Cell{StyleID: b.style.headText, Value: c.Header}, c.Width
	}
	err = errors.Join(
		setWidths(stream, widths),
		stream.SetPanes(&excelize.Panes{Freeze: true, XSplit: 2, YSplit: formHeader, TopLeftCell: fmt.Sprintf("C%d", formHeader+1), ActivePane: "bottomRight"}),
		stream.SetRow("A1", []any{excelize.Cell{StyleID: b.style.title, Value: f.Title}}, excelize.RowOpts{Height: 30}),
		stream.SetRow("A2", []any{excelize.Cell{StyleID: b.style.label, Value: f.Lead}}, excelize.RowOpts{Height: 20}),
		stream.SetRow(fmt.Sprintf("A%d", formHeader), head, excelize.RowOpts{Height: 32}))
	for i, row := range f.Rows {
		cells, lines := make([]any, len(row)), 1
		for j, c := range row {
			style := b.style.wrap
			if c.Open {
				style = styles[f.Columns[j].Answer]
			}
			if text, ok := c.Value.(string); ok {
				lines = max(lines, linesOf(text, f.Columns[j].Width-2))
			}
			cells[j] = excelize.Cell{StyleID: style, Value: c.Value}
		}
		err = errors.Join(err, stream.SetRow(fmt.Sprintf("A%d", formHeader+1+i), cells, excelize.RowOpts{Height: float64(4 + lineHeight*lines)}))
	}
	if err != nil {
		return err
	}
	if err := b.file.AutoFilter(formSheet, fmt.Sprintf("A%d:%s%d", formHeader, right, formHeader+max(len(f.Rows), 1)), nil); err != nil {
		return err
	}
	return stream.Flush()
}

// styles say how an open cell of each kind looks.
func (f Form) styles(b *book) (map[Answer]int, error) {
	styles := map[Answer]int{Given: b.style.text}
	asDate, asPoints := "yyyy-mm-dd", "0.##"
	for answer, style := range map[Answer]excelize.Style{
		Words: {NumFmt: 49}, YesNo: {NumFmt: 49}, Whole: {NumFmt: 1}, Percent: {CustomNumFmt: &asPoints}, Amount: {}, Date: {CustomNumFmt: &asDate},
		OwnScore: {CustomNumFmt: &asPoints},
	} {
		style.Font = &excelize.Font{Family: bookFont, Size: 10, Color: inkColour}
		style.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{openFill}}
		for _, side := range []string{"left", "right", "top", "bottom"} {
			style.Border = append(style.Border, excelize.Border{Type: side, Color: ruleColour, Style: 1})
		}
		style.Alignment = &excelize.Alignment{Horizontal: "center", Vertical: "center"}
		id, err := b.file.NewStyle(&style)
		if err != nil {
			return nil, err
		}
		styles[answer] = id
	}
	return styles, nil
}

// validate lets a wrong answer be seen while it is typed; what gets through is refused with a reason when it is read.
func (f Form) validate(file *excelize.File) error {
	for i, c := range f.Columns {
		name, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return err
		}
		v := excelize.NewDataValidation(true)
		v.SetSqref(fmt.Sprintf("%s%d:%s%d", name, formHeader+1, name, lastRow))
		message := ""
		switch c.Answer {
		case YesNo:
			err, message = v.SetDropList([]string{"是", "否"}), "请选“是”或“否”。"
		case Whole:
			err, message = v.SetRange(0, 1_000_000, excelize.DataValidationTypeWhole, excelize.DataValidationOperatorBetween), "请填不小于 0 的整数。"
		case Percent, OwnScore:
			err, message = v.SetRange(0, 100, excelize.DataValidationTypeDecimal, excelize.DataValidationOperatorBetween), "请填 0 至 100 之间的数。"
		case Amount:
			err, message = v.SetRange(0, 1_000_000_000, excelize.DataValidationTypeDecimal, excelize.DataValidationOperatorBetween), "请填不小于 0 的数。"
		case Date:
			err = v.SetRange(36526, 73415, excelize.DataValidationTypeDate, excelize.DataValidationOperatorBetween) // 2000 to 2100
			message = "请填日期，如 2025-01-10。"
		default:
			continue
		}
		if err != nil {
			return err
		}
		v.SetError(excelize.DataValidationErrorStyleStop, "填写有误", message)
		if err := file.AddDataValidation(formSheet, v); err != nil {
			return err
		}
	}
	return nil
}

func (f Form) writeNotes(b *book) error {
	if _, err := b.file.NewSheet(notesSheet); err != nil {
		return err
	}
	fit, wide, high := true, 1, 0
	err := errors.Join(
		b.file.SetSheetProps(notesSheet, &excelize.SheetPropsOptions{FitToPage: &fit}),
		b.file.SetPageLayout(notesSheet, &excelize.PageLayoutOptions{FitToWidth: &wide, FitToHeight: &high}),
		b.file.SetColWidth(notesSheet, "A", "A", 100),
		b.file.SetCellValue(notesSheet, "A1", "填写说明"), b.file.SetCellStyle(notesSheet, "A1", "A1", b.style.title))
	for i, note := range f.Notes {
		cell := fmt.Sprintf("A%d", i+2)
		err = errors.Join(err, b.file.SetCellValue(notesSheet, cell, note), b.file.SetCellStyle(notesSheet, cell, cell, b.style.value))
	}
	return err
}
