package warehouse

import (
	"bufio"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"

	"claimsaudit/pipeline"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/arrow/memory/mallocator"
)

// RejectedSpool keeps rejected rows on disk while their file is read, so that a
// file that is bad from top to bottom costs no memory.
type RejectedSpool struct {
	file  *os.File
	buf   *bufio.Writer
	enc   *gob.Encoder
	count int64
}

// NewRejectedSpool makes an unnamed file in dir.
func NewRejectedSpool(dir string) (*RejectedSpool, error) {
	f, err := os.CreateTemp(dir, "rejected-*")
	if err != nil {
		return nil, diskError("spool rejected rows", dir, err)
	}
	if err := os.Remove(f.Name()); err != nil {
		f.Close()
		return nil, fmt.Errorf("spool rejected rows: %w", err)
	}
	s := &RejectedSpool{file: f, buf: bufio.NewWriterSize(f, 1<<16)}
	s.enc = gob.NewEncoder(s.buf)
	return s, nil
}

// Add appends a row.
func (s *RejectedSpool) Add(row pipeline.RejectedRow) error {
	s.count++
	return diskError("spool rejected rows", "", s.enc.Encode(row))
}

// Count is the number of rows added.
func (s *RejectedSpool) Count() int64 { return s.count }

// Each hands every row to fn in order. No row may be added afterwards.
func (s *RejectedSpool) Each(fn func(pipeline.RejectedRow) error) error {
	dec, err := s.rewind()
	if err != nil {
		return err
	}
	for {
		var row pipeline.RejectedRow
		if err := dec.Decode(&row); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("read spooled rejected rows: %w", err)
		}
		if err := fn(row); err != nil {
			return err
		}
	}
}

func (s *RejectedSpool) rewind() (*gob.Decoder, error) {
	if err := s.buf.Flush(); err != nil {
		return nil, diskError("spool rejected rows", "", err)
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("read spooled rejected rows: %w", err)
	}
	return gob.NewDecoder(bufio.NewReaderSize(s.file, 1<<16)), nil
}

// Close frees the file.
func (s *RejectedSpool) Close() error { return s.file.Close() }

// LoadRejected stores the spooled rows of a file. Call inside Tx.
func (db *DB) LoadRejected(ctx context.Context, s *RejectedSpool, fileID int32) error {
	if s.count == 0 {
		return nil
	}
	dec, err := s.rewind()
	if err != nil {
		return err
	}
	reader := newRejectedReader(dec, fileID)
	defer reader.Release()
	return db.insertArrow(ctx, "staging.rejected_row", reader)
}

var rejectedSchema = arrow.NewSchema([]arrow.Field{
	{Name: "file_id", Type: arrow.PrimitiveTypes.Int32}, {Name: "line_no", Type: arrow.PrimitiveTypes.Int64},
	{Name: "column_name", Type: arrow.BinaryTypes.String, Nullable: true}, {Name: "reason", Type: arrow.BinaryTypes.String},
	{Name: "raw", Type: arrow.BinaryTypes.String}, {Name: "masked", Type: arrow.BinaryTypes.String},
	{Name: "cents", Type: arrow.PrimitiveTypes.Int64}, {Name: "replayed_in", Type: arrow.BinaryTypes.String, Nullable: true},
}, nil)

// rejectedReader streams a spool as Arrow, each record once (an array-backed reader would leak, see Schema of decode).
type rejectedReader struct {
	dec    *gob.Decoder
	fileID int32
	build  *array.RecordBuilder
	rec    arrow.Record
	err    error
	refs   int
}

func newRejectedReader(dec *gob.Decoder, fileID int32) *rejectedReader {
	var mem memory.Allocator = mallocator.NewMallocator()
	return &rejectedReader{dec: dec, fileID: fileID, build: array.NewRecordBuilder(mem, rejectedSchema), refs: 1}
}

func (r *rejectedReader) Retain()               { r.refs++ }
func (r *rejectedReader) Schema() *arrow.Schema { return rejectedSchema }
func (r *rejectedReader) Record() arrow.Record  { return r.rec }
func (r *rejectedReader) Err() error            { return r.err }

func (r *rejectedReader) Release() {
	if r.refs--; r.refs == 0 {
		r.drop()
		r.build.Release()
	}
}

func (r *rejectedReader) drop() {
	if r.rec != nil {
		r.rec.Release()
		r.rec = nil
	}
}

func (r *rejectedReader) Next() bool {
	r.drop()
	const rowsMax, bytesMax = 8192, 4 << 20
	rows, bytes := 0, 0
	for rows < rowsMax && bytes < bytesMax {
		var row pipeline.RejectedRow
		if err := r.dec.Decode(&row); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			r.err = fmt.Errorf("read spooled rejected rows: %w", err)
			return false
		}
		r.append(row)
		rows++
		bytes += len(row.Raw) + len(row.Masked)
	}
	if rows == 0 {
		return false
	}
	r.rec = r.build.NewRecord()
	return true
}

func (r *rejectedReader) append(row pipeline.RejectedRow) {
	r.build.Field(0).(*array.Int32Builder).Append(r.fileID)
	r.build.Field(1).(*array.Int64Builder).Append(row.LineNo)
	if row.Column == "" {
		r.build.Field(2).AppendNull()
	} else {
		r.build.Field(2).(*array.StringBuilder).Append(row.Column)
	}
	r.build.Field(3).(*array.StringBuilder).Append(row.Reason)
	r.build.Field(4).(*array.StringBuilder).Append(row.Raw)
	r.build.Field(5).(*array.StringBuilder).Append(row.Masked)
	r.build.Field(6).(*array.Int64Builder).Append(row.Cents)
	r.build.Field(7).AppendNull()
}
