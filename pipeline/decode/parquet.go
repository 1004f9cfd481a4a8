package decode

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/schema"
)

// The file layer of arrow's parquet package is enough for flat tables; its
// Arrow layer would link a gRPC stack into the program.

// pqBatch is how many rows are read at a time.
const pqBatch = 4096

// openParquet opens a Parquet file. Nested columns count as unknown ones.
func openParquet(ctx context.Context, src Source) (r *Reader, err error) {
	defer recoverParquet(&src, &err)
	rd, err := file.OpenParquetFile(src.Path, false,
		file.WithReadProps(parquet.NewReaderProperties(memory.NewGoAllocator())))
	if err != nil {
		return nil, badParquet(&src, err)
	}
	names := make([]string, rd.MetaData().Schema.NumColumns())
	for i := range names {
		c := rd.MetaData().Schema.Column(i)
		if c.MaxRepetitionLevel() == 0 && len(c.ColumnPath()) == 1 {
			names[i] = strings.TrimSpace(c.Name())
		}
	}
	if newNames(&src).known(names) == 0 {
		_ = rd.Close() // opened for reading only
		return nil, noHeader(&src)
	}
	p, err := newPlan(&src, names)
	if err != nil {
		_ = rd.Close()
		return nil, err
	}
	r = newReader(ctx, src, p, 1)
	r.closers = append(r.closers, rd)
	r.info = Info{Encoding: "parquet", Header: names}
	r.produce(func() (err error) {
		defer recoverParquet(&src, &err)
		return readParquet(r, rd)
	})
	return r, nil
}

func badParquet(src *Source, err error) error {
	return badFile(src, "文件可能已损坏或没有传完，请重新导出 Parquet，或改报 .csv", err)
}

// recoverParquet turns a panic of the library into an error: it panics on some
// damaged files.
func recoverParquet(src *Source, err *error) {
	if p := recover(); p != nil {
		*err = badParquet(src, fmt.Errorf("无法解析：%v", p))
	}
}

func readParquet(r *Reader, rd *file.Reader) error {
	sink, line := newRowSink(r), int64(1)
	for g := range rd.NumRowGroups() {
		rg := rd.RowGroup(g)
		columns := make([]*pqColumn, r.plan.width)
		for _, c := range r.plan.columns {
			if c.from < 0 {
				continue
			}
			cr, err := rg.Column(c.from)
			if err != nil {
				return badParquet(&r.src, err)
			}
			columns[c.from] = newPQColumn(cr)
		}
		for left := rg.NumRows(); left > 0; {
			n := min(left, pqBatch)
			if err := readGroup(sink, columns, line, int(n)); err != nil {
				return err
			}
			left -= n
			line += n
		}
	}
	return sink.finish(sizeOf(r.src.Path))
}

// readGroup reads n rows of all columns.
func readGroup(sink *rowSink, columns []*pqColumn, line int64, n int) error {
	for _, c := range columns {
		if c == nil {
			continue
		}
		if err := c.load(n); err != nil {
			return badParquet(&sink.r.src, err)
		}
	}
	var row cells
	for i := range n {
		row.reset()
		isBad, isNUL := false, false
		for _, c := range columns {
			row.start()
			if c == nil {
				continue
			}
			from := len(row.base)
			if c.isValid(i) {
				row.base = c.append(row.base, i)
			}
			row.end(c.isFloat)
			if c.isText {
				isBad = isBad || !utf8.Valid(row.base[from:])
				isNUL = isNUL || bytes.IndexByte(row.base[from:], 0) >= 0
			}
		}
		t := row.row(line + int64(i) + 1)
		switch {
		case isBad:
			t.raw = bytes.ToValidUTF8(t.raw, []byte("\uFFFD"))
			sink.w.reject(t, problem{fault: faultEncoding})
		case isNUL:
			sink.w.reject(t, problem{fault: faultNUL})
		default:
			sink.w.row(t)
		}
		if err := sink.next(); err != nil {
			return err
		}
	}
	return nil
}

// pqColumn reads one column chunk and writes its values as text.
type pqColumn struct {
	isFloat bool
	isText  bool
	load    func(n int) error
	append  func(dst []byte, i int) []byte // value of row i, which must be valid
	levels  []int16
	max     int16
	at      []int // row → index of its value
}

func (c *pqColumn) isValid(i int) bool { return c.max == 0 || c.levels[i] == c.max }

// pqReader is the part of the library's typed column readers we use.
type pqReader[T any] interface {
	ReadBatch(n int64, values []T, defLvls, repLvls []int16) (int64, int, error)
	Err() error
}

func newPQColumn(cr file.ColumnChunkReader) *pqColumn {
	d := cr.Descriptor()
	c := &pqColumn{max: d.MaxDefinitionLevel(), levels: make([]int16, pqBatch), at: make([]int, pqBatch)}
	switch cr := cr.(type) {
	case *file.Int32ColumnChunkReader:
		connect(c, cr, int32Text(d.LogicalType()))
	case *file.Int64ColumnChunkReader:
		connect(c, cr, int64Text(d.LogicalType()))
	case *file.Int96ColumnChunkReader:
		connect(c, cr, func(dst []byte, v parquet.Int96) []byte { return appendTime(dst, v.ToTime().Add(shanghaiOffset)) })
	case *file.Float32ColumnChunkReader:
		c.isFloat = true
		connect(c, cr, func(dst []byte, v float32) []byte { return appendFloat(dst, float64(v), 32) })
	case *file.Float64ColumnChunkReader:
		c.isFloat = true
		connect(c, cr, func(dst []byte, v float64) []byte { return appendFloat(dst, v, 64) })
	case *file.BooleanColumnChunkReader:
		connect(c, cr, appendBool)
	case *file.ByteArrayColumnChunkReader:
		scale, isDecimal := decimalScale(d.LogicalType())
		c.isText = !isDecimal
		connect(c, cr, func(dst []byte, v parquet.ByteArray) []byte { return appendBytes(dst, v, isDecimal, scale) })
	case *file.FixedLenByteArrayColumnChunkReader:
		scale, isDecimal := decimalScale(d.LogicalType())
		c.isText = !isDecimal
		connect(c, cr, func(dst []byte, v parquet.FixedLenByteArray) []byte { return appendBytes(dst, v, isDecimal, scale) })
	}
	return c
}

// connect gives c its reading and writing functions.
func connect[T any](c *pqColumn, cr pqReader[T], text func([]byte, T) []byte) {
	values := make([]T, pqBatch)
	c.load = func(n int) error {
		rows, _, err := cr.ReadBatch(int64(n), values, c.levels, nil)
		if err == nil {
			err = cr.Err()
		}
		if err != nil {
			return err
		}
		if rows != int64(n) {
			return errors.New("列的行数少于文件声明的行数")
		}
		k := 0
		for i := range n {
			c.at[i] = k
			if c.isValid(i) {
				k++
			}
		}
		return nil
	}
	c.append = func(dst []byte, i int) []byte { return text(dst, values[c.at[i]]) }
}

func decimalScale(t schema.LogicalType) (int, bool) {
	if d, isDecimal := t.(*schema.DecimalLogicalType); isDecimal {
		return int(d.Scale()), true
	}
	return 0, false
}
