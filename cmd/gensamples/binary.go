package main

import (
	"archive/zip"
	"bytes"
	"io"
	"sort"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"
	"github.com/xuri/excelize/v2"

	"claimsaudit/pipeline"
)

// workbook writes every cell as text, as ids demand.
func workbook(d dress, feed *pipeline.Feed, cols []pipeline.Column, recs []rec) ([]byte, error) {
	x := excelize.NewFile()
	sw, err := x.NewStreamWriter("Sheet1")
	if err != nil {
		return nil, err
	}
	rowNo := 0
	add := func(cells []any) error {
		rowNo++
		at, err := excelize.CoordinatesToCellName(1, rowNo)
		if err != nil {
			return err
		}
		return sw.SetRow(at, cells)
	}
	if d.title {
		for _, cells := range [][]any{{"样例区" + feed.Title + "导出表"}, {"导出单位:样例中心", nil, "导出时间:2025-04-01"}} {
			if err := add(cells); err != nil {
				return nil, err
			}
		}
	}
	header := make([]any, len(cols))
	for i, c := range cols {
		header[i] = d.name(c)
	}
	if err := add(header); err != nil {
		return nil, err
	}
	for _, r := range recs {
		cells := make([]any, len(cols))
		for i, c := range cols {
			if v := d.value(c, r.v[c.Name]); v != "" {
				cells[i] = v
			}
		}
		if err := add(cells); err != nil {
			return nil, err
		}
	}
	if err := sw.Flush(); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := x.Write(&b); err != nil {
		return nil, err
	}
	return repacked(b.Bytes())
}

// repacked writes the members of a workbook again in the order of their names
// and with a fixed time, so that the bytes do not depend on the library's order.
func repacked(data []byte) ([]byte, error) {
	in, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	sort.Slice(in.File, func(i, j int) bool { return in.File[i].Name < in.File[j].Name })
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	for _, f := range in.File {
		src, err := f.Open()
		if err != nil {
			return nil, err
		}
		dst, err := out.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Deflate, Modified: written})
		if err != nil {
			return nil, err
		}
		if _, err := io.Copy(dst, src); err != nil {
			return nil, err
		}
	}
	err = out.Close()
	return b.Bytes(), err
}

// parquetFile writes typed columns, or text only with "parquet-text".
func parquetFile(d dress, feed *pipeline.Feed, cols []pipeline.Column, recs []rec) ([]byte, error) {
	fields := make([]arrow.Field, len(cols))
	for i, c := range cols {
		fields[i] = arrow.Field{Name: d.name(c), Type: arrow.BinaryTypes.String, Nullable: true}
		if d.form == "parquet" {
			fields[i].Type = arrowType(c.Type)
		}
	}
	schema := arrow.NewSchema(fields, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	for _, r := range recs {
		for i, c := range cols {
			appendCell(b.Field(i), r.v[c.Name])
		}
	}
	batch := b.NewRecord()
	defer batch.Release()
	var out bytes.Buffer
	props := parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Snappy))
	w, err := pqarrow.NewFileWriter(schema, &out, props, pqarrow.DefaultWriterProps())
	if err != nil {
		return nil, err
	}
	if err := w.Write(batch); err != nil {
		return nil, err
	}
	err = w.Close()
	return out.Bytes(), err
}

func arrowType(t pipeline.Type) arrow.DataType {
	switch t {
	case pipeline.Cents:
		return &arrow.Decimal128Type{Precision: 16, Scale: 2}
	case pipeline.Quantity:
		return &arrow.Decimal128Type{Precision: 16, Scale: 4}
	case pipeline.Time:
		return &arrow.TimestampType{Unit: arrow.Microsecond} // wall time: no zone
	case pipeline.Date:
		return arrow.FixedWidthTypes.Date32
	default:
		return arrow.BinaryTypes.String
	}
}

func appendCell(b array.Builder, v string) {
	if v == "" {
		b.AppendNull()
		return
	}
	switch b := b.(type) {
	case *array.Decimal128Builder:
		scale := b.Type().(*arrow.Decimal128Type).Scale
		n, _ := cents(v) // typed files hold no planted faults
		for range scale - 2 {
			n *= 10
		}
		b.Append(decimal128.FromI64(n))
	case *array.TimestampBuilder:
		t, _ := time.Parse(time.DateTime, v)
		b.Append(arrow.Timestamp(t.UnixMicro()))
	case *array.Date32Builder:
		t, _ := time.Parse(time.DateOnly, v)
		b.Append(arrow.Date32FromTime(t))
	case *array.StringBuilder:
		b.Append(strings.Clone(v))
	}
}
