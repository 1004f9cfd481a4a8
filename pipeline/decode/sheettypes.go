package decode

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// sheetTypes is a second pass over a sheet that says of which kind its cells
// are. The library's streaming reader gives only their text, which is the same
// for an id kept as text and one that went through a number format.
type sheetTypes struct {
	book   *excelize.File
	zip    *zip.ReadCloser
	part   io.ReadCloser
	xml    *xml.Decoder
	is1904 bool
	isDone bool
	kinds  []kind // of the row being read, by column
	next   int    // the row that was begun, but not read yet
	dates  map[int]bool
}

// kind is what is known of a cell.
type kind struct {
	isNumber bool
	style    int
}

var errDamaged = errors.New("工作表内容不完整")

func newSheetTypes(file string, book *excelize.File, sheet string) (*sheetTypes, error) {
	z, err := zip.OpenReader(file)
	if err != nil {
		return nil, err
	}
	t := &sheetTypes{book: book, zip: z, dates: map[int]bool{}}
	name, err := sheetPart(&z.Reader, sheet)
	if err == nil {
		t.part, err = z.Open(name)
	}
	if err != nil {
		_ = z.Close() // the first error is the one to tell
		return nil, err
	}
	t.xml = xml.NewDecoder(io.LimitReader(t.part, maxUnzipped))
	if props, err := book.GetWorkbookProps(); err == nil && props.Date1904 != nil {
		t.is1904 = *props.Date1904
	}
	return t, nil
}

// Close closes the workbook's files.
func (t *sheetTypes) Close() error { return errors.Join(t.part.Close(), t.zip.Close()) }

// sheetPart is the name of the part that holds a sheet.
func sheetPart(z *zip.Reader, sheet string) (string, error) {
	var book struct {
		Sheets []struct {
			Name string `xml:"name,attr"`
			ID   string `xml:"id,attr"`
		} `xml:"sheets>sheet"`
	}
	var rels struct {
		Relationships []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	if err := readPart(z, "xl/workbook.xml", &book); err != nil {
		return "", err
	}
	if err := readPart(z, "xl/_rels/workbook.xml.rels", &rels); err != nil {
		return "", err
	}
	for _, s := range book.Sheets {
		if s.Name != sheet {
			continue
		}
		for _, r := range rels.Relationships {
			if r.ID != s.ID {
				continue
			}
			if strings.HasPrefix(r.Target, "/") {
				return strings.TrimPrefix(r.Target, "/"), nil
			}
			return path.Join("xl", r.Target), nil
		}
	}
	return "", fmt.Errorf("找不到工作表“%s”的内容", clip(sheet))
}

func readPart(z *zip.Reader, name string, into any) error {
	f, err := z.Open(name)
	if err != nil {
		return err
	}
	err = xml.NewDecoder(io.LimitReader(f, spillSheet)).Decode(into)
	return errors.Join(err, f.Close())
}

// seek reads up to row n, counted from 1.
func (t *sheetTypes) seek(n int) error {
	t.kinds = t.kinds[:0]
	if t.next > n {
		return nil // row n has no cells
	}
	for !t.isDone {
		tok, err := t.xml.RawToken()
		if errors.Is(err, io.EOF) {
			return errDamaged
		}
		if err != nil {
			return err
		}
		switch el := tok.(type) {
		case xml.StartElement:
			switch el.Name.Local {
			case "row":
				t.begin(el)
				if t.next > n {
					return nil
				}
			case "c":
				if t.next == n {
					t.cell(el)
				}
			}
		case xml.EndElement:
			switch el.Name.Local {
			case "row":
				if t.next == n {
					return nil
				}
			case "sheetData":
				t.isDone = true
			}
		}
	}
	return nil
}

func (t *sheetTypes) begin(el xml.StartElement) {
	t.next++
	t.kinds = t.kinds[:0]
	for _, a := range el.Attr {
		if a.Name.Local == "r" {
			if n, err := strconv.Atoi(a.Value); err == nil && n > 0 {
				t.next = n
			}
		}
	}
}

func (t *sheetTypes) cell(el xml.StartElement) {
	column, k := len(t.kinds), kind{isNumber: true}
	for _, a := range el.Attr {
		switch a.Name.Local {
		case "r":
			if c, _, err := excelize.CellNameToCoordinates(a.Value); err == nil {
				column = c - 1
			}
		case "t":
			k.isNumber = a.Value == "" || a.Value == "n"
		case "s":
			if n, err := strconv.Atoi(a.Value); err == nil {
				k.style = n
			}
		}
	}
	for len(t.kinds) <= column {
		t.kinds = append(t.kinds, kind{})
	}
	t.kinds[column] = k
}

// isNumber reports whether the cell in column i of the current row is numeric.
func (t *sheetTypes) isNumber(i int) bool { return i < len(t.kinds) && t.kinds[i].isNumber }

// isDate reports whether the number format of the cell shows a date or time.
func (t *sheetTypes) isDate(i int) bool {
	if i >= len(t.kinds) {
		return false
	}
	style := t.kinds[i].style
	is, isKnown := t.dates[style]
	if !isKnown {
		if s, err := t.book.GetStyle(style); err == nil {
			is = isBuiltInDate(s.NumFmt) || s.CustomNumFmt != nil && isDateFormat(*s.CustomNumFmt)
		}
		t.dates[style] = is
	}
	return is
}

// parseStored reads the stored text of a numeric cell.
func parseStored(s string) (float64, bool) {
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil
}
