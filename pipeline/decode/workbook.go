package decode

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"claimsaudit/pipeline"

	"github.com/xuri/excelize/v2"
)

// Limits of a workbook; what is larger belongs in a text file.
const (
	maxWorkbook  = 200 << 20 // bytes of the file
	maxUnzipped  = 1 << 30   // bytes of its parts
	spillSheet   = 16 << 20  // parts larger than this go to temporary files
	titleRows    = 20        // the header is among the first rows
	tooLargeHint = "工作簿过大，请改报 .csv（UTF-8），或按月、按机构拆分"
)

// sheetHeader is the header row of one sheet.
type sheetHeader struct {
	sheet string
	row   int // 1-based
	names []string
	known int
}

// openWorkbook opens an Excel workbook: the one sheet that has a header row
// with all required columns.
func openWorkbook(ctx context.Context, src Source) (*Reader, error) {
	if sizeOf(src.Path) > maxWorkbook {
		return nil, badFile(&src, tooLargeHint, fmt.Errorf("工作簿超过 %d MB", maxWorkbook>>20))
	}
	f, err := excelize.OpenFile(src.Path, excelize.Options{RawCellValue: true, UnzipSizeLimit: maxUnzipped, UnzipXMLSizeLimit: spillSheet})
	if err != nil {
		if strings.Contains(err.Error(), "unzip size exceeds") {
			return nil, badFile(&src, tooLargeHint, err)
		}
		return nil, badWorkbook(&src, err)
	}
	r, err := startWorkbook(ctx, src, f)
	if err != nil {
		_ = f.Close() // the first error is the one to tell
		return nil, err
	}
	return r, nil
}

func badWorkbook(src *Source, err error) error {
	return badFile(src, "文件可能已损坏、加了密码或不是 .xlsx 格式；请用 Excel 另存为 .xlsx，或改报 .csv", err)
}

func startWorkbook(ctx context.Context, src Source, f *excelize.File) (*Reader, error) {
	head, err := findSheet(&src, f)
	if err != nil {
		return nil, err
	}
	p, err := newPlan(&src, head.names)
	if err != nil {
		return nil, err
	}
	r := newReader(ctx, src, p, 1)
	types, err := newSheetTypes(src.Path, f, head.sheet)
	if err != nil {
		return nil, badWorkbook(&src, err)
	}
	r.closers = append(r.closers, types, f)
	r.info = Info{Encoding: "xlsx", Header: head.names}
	r.produce(func() error { return readSheet(r, f, head, types) })
	return r, nil
}

// findSheet looks for the header row in every sheet.
func findSheet(src *Source, f *excelize.File) (sheetHeader, error) {
	names := newNames(src)
	var matching []sheetHeader
	best, isEmpty := sheetHeader{}, true
	for _, sheet := range f.GetSheetList() {
		found, isBlankSheet, err := headerOf(src, f, sheet, names)
		if err != nil {
			return sheetHeader{}, err
		}
		isEmpty = isEmpty && isBlankSheet
		if found.known > best.known {
			best = found
		}
		if found.known > 0 {
			if _, err := names.resolve(src, found.names); err == nil {
				matching = append(matching, found)
			}
		}
	}
	switch {
	case len(matching) == 1:
		return matching[0], nil
	case len(matching) > 1:
		var sheets []string
		for _, m := range matching {
			sheets = append(sheets, "“"+m.sheet+"”")
		}
		return sheetHeader{}, badFile(src, "请只保留一个数据工作表，其余删去或另存为单独的文件",
			fmt.Errorf("有 %d 个工作表都含有全部必需的列：%s", len(matching), strings.Join(sheets, "、")))
	case isEmpty:
		return sheetHeader{}, emptyFile(src)
	case best.known == 0:
		return sheetHeader{}, badFile(src, fmt.Sprintf("列名行必须在前 %d 行之内，至少要有：%s", titleRows, strings.Join(requiredColumns(src.Feed), "、")),
			errors.New("没有找到列名行"))
	}
	return best, nil // the plan will say what is missing
}

// headerOf finds the row of a sheet with most known columns, preferring a row
// that resolves.
func headerOf(src *Source, f *excelize.File, sheet string, names *names) (best sheetHeader, isBlank bool, err error) {
	rows, err := f.Rows(sheet)
	if err != nil {
		var notSheet excelize.ErrSheetNotExist
		if errors.As(err, &notSheet) {
			return best, true, nil // a chart
		}
		return best, true, badWorkbook(src, err)
	}
	isBlank = true
	for n := 1; n <= titleRows && rows.Next(); n++ {
		texts, err := rows.Columns()
		if err != nil {
			_ = rows.Close()
			return best, isBlank, badWorkbook(src, err)
		}
		header := headerNames(texts)
		isBlank = isBlank && len(header) == 0
		if known := names.known(header); known > best.known {
			best = sheetHeader{sheet: sheet, row: n, names: header, known: known}
		}
	}
	if err := rows.Close(); err != nil {
		return best, isBlank, badWorkbook(src, err)
	}
	return best, isBlank, nil
}

// headerNames are the texts of a row without the empty cells behind the last.
func headerNames(texts []string) []string {
	var out []string
	last := 0
	for i, t := range texts {
		out = append(out, strings.Trim(t, " \t\r\n\"'\uFEFF\u00A0\u3000"))
		if out[i] != "" {
			last = i + 1
		}
	}
	return out[:last]
}

// readSheet reads the rows below the header.
func readSheet(r *Reader, f *excelize.File, head sheetHeader, types *sheetTypes) (err error) {
	rows, err := f.Rows(head.sheet)
	if err != nil {
		return badWorkbook(&r.src, err)
	}
	defer func() {
		if e := rows.Close(); err == nil && e != nil {
			err = badWorkbook(&r.src, e)
		}
	}()
	sink := newRowSink(r)
	s := &sheetRow{r: r, types: types, byFile: make([]*planColumn, r.plan.width)}
	for i := range r.plan.columns {
		if c := &r.plan.columns[i]; c.from >= 0 {
			s.byFile[c.from] = c
		}
	}
	n := 0
	for rows.Next() {
		n++
		texts, err := rows.Columns()
		if err != nil {
			return badWorkbook(&r.src, err)
		}
		if n <= head.row {
			continue
		}
		if err := types.seek(n); err != nil {
			return badWorkbook(&r.src, err)
		}
		s.add(sink.w, n, texts)
		if err := sink.next(); err != nil {
			return err
		}
	}
	if err := rows.Error(); err != nil {
		return badWorkbook(&r.src, err)
	}
	// The library ends at damage without a word; our own pass does not.
	if err := types.seek(1 << 30); err != nil {
		return badWorkbook(&r.src, err)
	}
	return sink.finish(sizeOf(r.src.Path))
}

// sheetRow brings the cells of a row to text.
type sheetRow struct {
	r      *Reader
	types  *sheetTypes
	byFile []*planColumn
	cells  cells
}

// add types one row; a wholly empty one is no row, a short one is padded.
func (s *sheetRow) add(w *worker, n int, texts []string) {
	s.cells.reset()
	isEmpty := true
	for i := range max(s.r.plan.width, len(texts)) {
		s.cells.start()
		if i >= len(texts) || texts[i] == "" {
			continue
		}
		isNumber := s.types.isNumber(i)
		if isNumber {
			s.cells.base = s.number(s.cells.base, i, texts[i])
		} else {
			s.cells.base = append(s.cells.base, texts[i]...)
		}
		s.cells.end(isNumber)
		f := s.cells.fields[i]
		isEmpty = isEmpty && len(trim(s.cells.base[f.a:f.b])) == 0
	}
	if isEmpty {
		return
	}
	t := s.cells.row(int64(n))
	for i := s.r.plan.width; i < len(t.fields); i++ {
		if len(t.field(i)) > 0 {
			w.reject(t, problem{fault: faultMoreFields, have: i + 1})
			return
		}
	}
	w.row(t)
}

// number writes a numeric cell: as a time if it is one, else as it is stored.
func (s *sheetRow) number(dst []byte, i int, stored string) []byte {
	v, isParsed := parseStored(stored)
	if !isParsed {
		return append(dst, stored...)
	}
	var c *planColumn
	if i < len(s.byFile) {
		c = s.byFile[i]
	}
	isTime := c != nil && (c.Type == pipeline.Time || c.Type == pipeline.Date)
	isAmount := c != nil && (c.scale > 0 || c.Type == pipeline.Int)
	if isTime || !isAmount && s.types.isDate(i) {
		if out, isSerial := appendSerial(dst, v, s.types.is1904); isSerial {
			return out
		}
	}
	return plainNumber(dst, stored, v)
}
