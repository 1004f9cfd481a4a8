// Package decode turns one delivered file of any accepted form (delimited
// text, workbook, Parquet) into Arrow batches and rejected rows.
//
// A Source names the file and its feed; Open reads the header and answers with
// a Reader, which hands out batches typed as Schema says. Every data row ends
// either in a batch or in Source.Reject, so Info.Read is always the emitted
// rows plus Info.Rejected, in rows and in cents. What cannot be a delivery at
// all (no header, missing columns, a damaged workbook) is a *pipeline.Error of
// KindBadFile, from Open or from Reader.Err; its text and hint are Chinese,
// because the sender reads them.
//
// How the text path works: a splitter cuts the file into chunks at record
// boundaries, workers turn chunks into batches, and Next delivers the results
// in file order. Few chunks are alive at a time, so memory is bounded.
//
// Readings chosen here, where the contract is silent:
//   - An id is a number in exponent form when its mantissa is followed by E and
//     at most three digits; a longer tail is an id that happens to hold an E.
//   - A record is malformed beyond 1 MiB or 1,000 physical lines.
//   - A line of blanks and TABs only is an empty line.
//   - A row with fewer fields than the header still counts its amount, by
//     position; one with more fields counts 0, since a stray separator may
//     have shifted the columns.
//   - Columns we do not know may hold anything, so RejectedRow.Masked hides them.
//   - Parquet instants (UTC-adjusted timestamps and INT96) become Shanghai wall
//     time; timestamps without zone are wall time already.
package decode

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"claimsaudit/pipeline"

	"github.com/apache/arrow/go/v17/arrow"
)

// Limits of one record, one batch and one rejected row.
const (
	defaultChunk = 4 << 20  // bytes of text one worker takes at a time
	maxRecord    = 1 << 20  // a longer record is malformed
	maxLines     = 1000     // physical lines of one record
	maxBatchRows = 64 << 10 // rows of one batch
	maxBatchData = 4 << 20  // text bytes of one batch
	maxRaw       = 64 << 10 // bytes of RejectedRow.Raw
)

// Source is one file to decode.
type Source struct {
	Path     string           // plain file on disk, already decompressed
	Name     string           // base name: for messages, and its extension picks the format
	Feed     *pipeline.Feed   // what the file holds
	Layout   *pipeline.Layout // other headers and labels, may be nil
	FileID   int32            // goes into column file_id
	Encoding string           // "" detects; "utf-8" or "gb18030" overrides
	Bands    []Band           // points an article may give; other points are a rejected row
	Article  string           // cited with every rejected value, "" for none; a points decision cites its own

	Indicators []Indicator // of the scorecards; another number or part is a rejected row. None means any
	ScoredFrom int         // the first year a scorecard scores: an entry for an earlier one, which never counts, is a rejected row. 0 means any

	// Reject takes the rejected rows, in file order, from Next's goroutine. An
	// error of it ends the reading and comes back from Err. nil drops them.
	Reject func(pipeline.RejectedRow) error

	// Progress is told how many bytes of the file were finished since it was
	// last called, from Next's goroutine. May be nil.
	Progress func(bytes int64)

	Workers int // parsing goroutines; 0 is GOMAXPROCS

	chunkSize int // tests cut finely
}

// Band is what one decision under an article may give; both ends count.
type Band struct {
	Article  string
	From, To int
}

// Indicator is what a scorecard asks a person for: the parts of one number and how each is answered. Of several tables
// one number has several.
type Indicator struct {
	No   int
	Part string // "" without a way only names the number; with one, the part may be left out
	Way  string // yes_no, count, value or event_on
	Most *int   // points of the number in one table: a self-score above those of all is mistyped; nil says nothing
}

// Info is what is known about a file once it has been read.
type Info struct {
	Encoding  string   // utf-8, utf-8-bom, gb18030; xlsx and parquet for those forms
	Separator string   // of a text file, else ""
	Header    []string // as delivered, trimmed
	Read      pipeline.Tally
	Rejected  pipeline.Tally
}

// Schema is the shape of the batches of a feed: file_id, line_no, row_key, then
// every feed column under its stored name. Money is in cents, quantities are
// times 10^4, prices times 10^6, times are Shanghai wall time in microseconds.
func Schema(feed *pipeline.Feed) *arrow.Schema {
	fields := make([]arrow.Field, 0, len(feed.Columns)+3)
	fields = append(fields,
		arrow.Field{Name: "file_id", Type: arrow.PrimitiveTypes.Int32},
		arrow.Field{Name: "line_no", Type: arrow.PrimitiveTypes.Int64},
		arrow.Field{Name: "row_key", Type: arrow.PrimitiveTypes.Int64})
	for _, c := range feed.Table() {
		fields = append(fields, arrow.Field{Name: c.Stored(), Type: arrowType(c.Type), Nullable: true})
	}
	return arrow.NewSchema(fields, nil)
}

func arrowType(t pipeline.Type) arrow.DataType {
	switch t {
	case pipeline.Cents, pipeline.Quantity, pipeline.Price:
		return arrow.PrimitiveTypes.Int64
	case pipeline.Int:
		return arrow.PrimitiveTypes.Int32
	case pipeline.Time:
		return &arrow.TimestampType{Unit: arrow.Microsecond}
	case pipeline.Date:
		return arrow.FixedWidthTypes.Date32
	default:
		return arrow.BinaryTypes.String
	}
}

// Open reads the header of the file and starts decoding it. The caller drains
// the Reader with Next or stops it with Close, and releases it.
func Open(ctx context.Context, src Source) (*Reader, error) {
	if src.chunkSize <= 0 {
		src.chunkSize = int(min(defaultChunk, sizeOf(src.Path)+1)) // small files need no large buffers
	}
	switch src.Encoding {
	case "", encUTF8, encGB:
	default:
		return nil, &pipeline.Error{Kind: pipeline.KindUsage, Op: "decode", Where: src.Name,
			Hint: "文件编码只能写 utf-8 或 gb18030，请改正配置",
			Err:  fmt.Errorf("不认识的编码 %q", src.Encoding)}
	}
	open := map[string]func(context.Context, Source) (*Reader, error){
		".csv": openText, ".txt": openText, ".xlsx": openWorkbook, ".parquet": openParquet}[strings.ToLower(filepath.Ext(src.Name))]
	if open != nil {
		var r *Reader
		err := guard(&src, func() (err error) { r, err = open(ctx, src); return err })
		return r, err
	}
	return nil, badFile(&src, "请以 .csv、.txt、.xlsx 或 .parquet 格式报送", fmt.Errorf("不支持的文件格式"))
}

func badFile(src *Source, hint string, err error) *pipeline.Error {
	return &pipeline.Error{Kind: pipeline.KindBadFile, Op: "decode " + src.Feed.Name, Where: src.Name, Hint: hint, Err: err}
}
