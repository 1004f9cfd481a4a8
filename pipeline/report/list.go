package report

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"claimsaudit/pipeline"
)

// form says what a column holds and how its cells look.
type form uint8

const (
	asText    form = iota // VARCHAR
	asLong                // VARCHAR that may run over several lines
	asDay                 // DATE
	asCount               // BIGINT
	asAmount              // BIGINT cents, shown in yuan
	asPercent             // BIGINT hundredths of a per cent
	asRatio               // BIGINT millionths, shown in per cent and rounded half up
)

// column is one column of a list. Counts and amounts are added up below it if sum is set.
type column struct {
	title string
	width float64
	form  form
	sum   bool
	show  func(string) string // turns a code into words; nil shows the text itself
}

// list is a sheet that shows the rows of one query, in its order.
type list struct {
	name    string
	table   string // of the mart, for errors
	empty   string // what the sheet says when there is nothing
	query   string
	args    []any
	columns []column
	printed int     // how many columns are printed, 0 for all; the others are for the screen
	key     []int   // text columns that identify a row and lead its order; nil fetches all at once
	rows    int64   // how many rows a list with a key must have
	ready   [][]any // instead of a query: the values of each row, in the order of columns
}

// sheet is one sheet of a list while its rows are written.
type sheet struct {
	book    *book
	list    list
	name    string
	stream  *excelize.StreamWriter
	rows    int // data rows so far
	written int // the last row that holds anything
	sums    []int64
}

// writeList writes a list, going on in further sheets when one is full.
func (b *book) writeList(ctx context.Context, db *sql.DB, l list) error {
	part := 1
	s, err := b.openSheet(l, part)
	if err != nil {
		return err
	}
	cells := newRow(l.columns)
	var written int64
	take := func(scan scanner) error {
		if s.rows == b.limits.sheetRows {
			if err := s.close(true); err != nil {
				return err
			}
			part++
			if s, err = b.openSheet(l, part); err != nil {
				return err
			}
		}
		written++
		if err := scan(cells.targets...); err != nil {
			return err
		}
		if err := s.add(cells); err != nil {
			return fail("write workbook", s.name, hintDisk, err)
		}
		return nil
	}
	if err := l.read(ctx, db, b.limits.queryRows, cells, take); err != nil {
		return err
	}
	if l.key != nil && written != l.rows {
		return fail("write workbook", l.name, "the published database changed meanwhile or holds a line twice: publish again",
			fmt.Errorf("%d rows listed, %d counted", written, l.rows))
	}
	return s.close(part > 1)
}

// scanner puts the values of a row into as many targets.
type scanner func(targets ...any) error

// read hands every row of the list to take. A list with a key is fetched in
// pieces that start behind the last row's key, because the driver holds the
// whole result of a query in memory.
func (l list) read(ctx context.Context, db *sql.DB, pieceRows int, last row, take func(scanner) error) error {
	if l.query == "" {
		return l.readReady(take)
	}
	if l.key == nil {
		return each(ctx, db, l.table, l.query, l.args, func(r *sql.Rows) error { return take(r.Scan) })
	}
	from := make([]any, len(l.key))
	for i := range from {
		from[i] = ""
	}
	for {
		rows := 0
		args := append(append(slices.Clone(l.args), from...), pieceRows)
		err := each(ctx, db, l.table, l.query, args, func(r *sql.Rows) error {
			rows++
			return take(r.Scan)
		})
		if err != nil || rows < pieceRows {
			return err
		}
		for i, at := range l.key {
			from[i] = last.targets[at].(*sql.NullString).String
		}
	}
}

// readReady hands on the rows at hand. A zero time is a day not known.
func (l list) readReady(take func(scanner) error) error {
	for _, values := range l.ready {
		err := take(func(targets ...any) error {
			for i, t := range targets {
				v := values[i]
				if day, ok := v.(time.Time); ok && day.IsZero() {
					v = nil
				}
				if err := t.(sql.Scanner).Scan(v); err != nil {
					return fmt.Errorf("column %s: %w", l.columns[i].title, err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *book) openSheet(l list, part int) (*sheet, error) {
	s := &sheet{book: b, list: l, name: partName(l.name, part), sums: make([]int64, len(l.columns))}
	if _, err := b.file.NewSheet(s.name); err != nil {
		return nil, err
	}
	var err error
	if s.stream, err = b.openStream(s.name, "landscape", 0); err != nil {
		return nil, err
	}
	head, widths := make([]any, len(l.columns)), make([]float64, len(l.columns))
	for i, c := range l.columns {
		head[i] = excelize.Cell{StyleID: b.style.headText, Value: c.title}
		if c.form >= asCount {
			head[i] = excelize.Cell{StyleID: b.style.headNumber, Value: c.title}
		}
		widths[i] = c.width
	}
	at := b.headRow()
	return s, errors.Join(
		setWidths(s.stream, widths),
		s.stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: at, TopLeftCell: fmt.Sprintf("A%d", at+1), ActivePane: "bottomLeft"}),
		s.markRow(),
		s.stream.SetRow(fmt.Sprintf("A%d", at), head, excelize.RowOpts{Height: 32}))
}

// headRow is the row with the titles of columns; in a marked book the mark stands above it.
func (b *book) headRow() int { return 1 + boolInt(b.mark != "") }

func (s *sheet) markRow() error {
	b := s.book
	if b.mark == "" {
		return nil
	}
	text := b.mark + "　" + b.meta.span() + b.title + "：" + s.name
	return s.stream.SetRow("A1", []any{excelize.Cell{StyleID: b.style.mark, Value: text}}, excelize.RowOpts{Height: 24})
}

func partName(name string, part int) string {
	if part == 1 {
		return name
	}
	return fmt.Sprintf("%s(%d)", name, part)
}

func (s *sheet) add(r row) error {
	s.rows++
	for i, c := range s.list.columns {
		if n, ok := r.targets[i].(*sql.NullInt64); ok && c.sum {
			s.sums[i] += n.Int64
		}
	}
	cells, height := r.cells(s.book.style, s.list.columns)
	return s.stream.SetRow(fmt.Sprintf("A%d", s.lastRow()), cells, excelize.RowOpts{Height: height})
}

// lastRow is the row of the last data, the head's while there is none.
func (s *sheet) lastRow() int { return s.book.headRow() + s.rows }

// close adds the total, or says that there is nothing, and ends the sheet.
func (s *sheet) close(isPart bool) error {
	head, last := s.book.headRow(), s.lastRow()
	s.written = last
	if s.rows == 0 {
		last++
		s.written = last
		if err := s.stream.SetRow(fmt.Sprintf("A%d", last), []any{excelize.Cell{StyleID: s.book.style.label, Value: s.list.empty}}, excelize.RowOpts{Height: 21}); err != nil {
			return err
		}
	} else if err := s.total(isPart); err != nil {
		return err
	}
	right, err := excelize.CoordinatesToCellName(len(s.list.columns), last)
	if err != nil {
		return err
	}
	printed := len(s.list.columns)
	if s.list.printed > 0 {
		printed = s.list.printed
	}
	return errors.Join(
		s.book.printArea(s.name, printed, s.written),
		s.book.file.AutoFilter(s.name, fmt.Sprintf("A%d:%s", head, right), nil),
		s.book.file.SetDefinedName(&excelize.DefinedName{
			Name: "_xlnm.Print_Titles", RefersTo: fmt.Sprintf("'%s'!$1:$%d", s.name, head), Scope: s.name}),
		s.stream.Flush())
}

// total stands below the filtered range and follows the filter.
func (s *sheet) total(isPart bool) error {
	style, first, last := s.book.style, s.book.headRow()+1, s.lastRow()
	cells := make([]any, len(s.list.columns))
	summed := false
	for i, c := range s.list.columns {
		cells[i] = excelize.Cell{StyleID: style.totalText}
		if !c.sum {
			continue
		}
		summed = true
		name, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return err
		}
		cell := excelize.Cell{StyleID: style.totalCount, Value: s.sums[i],
			Formula: fmt.Sprintf("SUBTOTAL(9,%s%d:%s%d)", name, first, name, last)}
		if c.form == asAmount {
			cell.StyleID, cell.Value = style.totalAmount, cents(s.sums[i]).yuan()
		}
		cells[i] = cell
	}
	if !summed {
		return nil
	}
	label := "合计"
	if isPart {
		label = "本表小计"
	}
	cells[0] = excelize.Cell{StyleID: style.totalText, Value: label}
	s.written = last + 1
	return s.stream.SetRow(fmt.Sprintf("A%d", last+1), cells, excelize.RowOpts{Height: 21})
}

// row receives one row of a query.
type row struct{ targets []any }

func newRow(columns []column) row {
	r := row{targets: make([]any, len(columns))}
	for i, c := range columns {
		switch c.form {
		case asText, asLong:
			r.targets[i] = new(sql.NullString)
		case asDay:
			r.targets[i] = new(sql.NullTime)
		default:
			r.targets[i] = new(sql.NullInt64)
		}
	}
	return r
}

// cells also says how high the row must be, because not every program finds
// the height of wrapped text by itself.
func (r row) cells(style styles, columns []column) (out []any, height float64) {
	out = make([]any, len(columns))
	lines := 1
	for i, c := range columns {
		switch v := r.targets[i].(type) {
		case *sql.NullString:
			cell := textCell(style, c, v)
			if text, ok := cell.Value.(string); ok && c.form == asLong {
				lines = max(lines, linesOf(text, c.width))
			}
			out[i] = cell
		case *sql.NullTime:
			cell := excelize.Cell{StyleID: style.date}
			if v.Valid {
				cell.Value = dayNumber(v.Time)
			}
			out[i] = cell
		case *sql.NullInt64:
			out[i] = numberCell(style, c.form, v)
		}
	}
	return out, min(float64(lines)*lineHeight+4, 409) // 409 points is the most a row can have
}

const lineHeight = 15 // points of a line in the workbook's font

// linesOf estimates the lines text takes in a column of width characters, a
// Chinese one counting double. A line breaks after a blank, a hyphen and a
// Chinese character; a run that is longer than the column begins a new line.
func linesOf(text string, width float64) int {
	if float64(len(text))*1.1 < width-2 { // no character is wider than its bytes are many
		return 1
	}
	room := width - 2
	units, used, run, lines := 0.0, 0.0, 0.0, 1
	place := func() {
		if used > 0 && used+run > room {
			lines, used = lines+1, 0
		}
		for ; run > room; run -= room {
			lines++
		}
		used, run = used+run, 0
	}
	for _, r := range text {
		wide := 1.1
		if r >= 0x2000 {
			place()
			wide = 2.1
		}
		units, run = units+wide, run+wide
		if r >= 0x2000 || r == ' ' || r == '-' {
			place()
		}
	}
	place()
	return max(lines, int(units/room)+1)
}

func textCell(style styles, c column, v *sql.NullString) excelize.Cell {
	cell := excelize.Cell{StyleID: style.text}
	if c.form == asLong {
		cell.StyleID = style.wrap
	}
	if !v.Valid || v.String == "" {
		return cell // no value at all, so that blanks can be filtered
	}
	text := v.String
	if c.show != nil {
		text = c.show(text)
	}
	cell.Value = oneLine(text)
	return cell
}

func numberCell(style styles, f form, v *sql.NullInt64) excelize.Cell {
	cell := excelize.Cell{StyleID: style.count, Value: v.Int64}
	switch f {
	case asAmount:
		cell = excelize.Cell{StyleID: style.amount, Value: cents(v.Int64).yuan()}
	case asPercent:
		cell = excelize.Cell{StyleID: style.percent, Value: float64(v.Int64) / 10000}
	case asRatio:
		cell = excelize.Cell{StyleID: style.percent, Value: float64(v.Int64) / 1_000_000}
	}
	if !v.Valid {
		cell.Value = nil
	}
	return cell
}

// oneLine keeps a delivered line break or TAB from tearing a row apart when
// the sheet is saved as text.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || r == '\r' {
			return ' '
		}
		return r
	}, s)
}

// dayNumber is a date as spreadsheets count days.
func dayNumber(t time.Time) int { return int(pipeline.EpochDay(t)) + 25569 }
