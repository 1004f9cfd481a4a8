package decode

import (
	"archive/zip"
	"bytes"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"claimsaudit/pipeline"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/schema"
)

// tornWorkbook is a book whose sheet ends in the middle of its third row.
func tornWorkbook(t *testing.T) []byte {
	t.Helper()
	row := anys("S1", "1", "2025-03-01", "X1", "09", "1", "2", "3")
	book := workbook(t, map[string][][]any{"a": {sheetHead, row, row, row}})
	in, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, part := range in.File {
		r, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if i := bytes.Index(text, []byte(`<row r="3"`)); i >= 0 {
			text = text[:i+60]
		}
		p, err := w.Create(part.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Write(text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// pqTest is one column of a test file: values of the rows that have one.
type pqTest struct {
	node   schema.Node
	values any
	levels []int16
}

func logical(t *testing.T, name string, lt schema.LogicalType, physical parquet.Type, length int) schema.Node {
	t.Helper()
	n, err := schema.NewPrimitiveNodeLogical(name, parquet.Repetitions.Optional, lt, physical, length, -1)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func parquetFile(t *testing.T, columns []pqTest, groups int) []byte {
	t.Helper()
	var nodes schema.FieldList
	for _, c := range columns {
		nodes = append(nodes, c.node)
	}
	root, err := schema.NewGroupNode("schema", parquet.Repetitions.Required, nodes, -1)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := file.NewParquetWriter(&out, root)
	for range groups {
		rg := w.AppendRowGroup()
		for _, c := range columns {
			cw, err := rg.NextColumn()
			if err != nil {
				t.Fatal(err)
			}
			writeColumn(t, cw, c)
			if err := cw.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if err := rg.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func writeColumn(t *testing.T, cw file.ColumnChunkWriter, c pqTest) {
	t.Helper()
	var err error
	switch w := cw.(type) {
	case *file.ByteArrayColumnChunkWriter:
		var values []parquet.ByteArray
		for _, s := range c.values.([]string) {
			values = append(values, parquet.ByteArray(s))
		}
		_, err = w.WriteBatch(values, c.levels, nil)
	case *file.FixedLenByteArrayColumnChunkWriter:
		var values []parquet.FixedLenByteArray
		for _, s := range c.values.([]string) {
			values = append(values, parquet.FixedLenByteArray(s))
		}
		_, err = w.WriteBatch(values, c.levels, nil)
	case *file.Int32ColumnChunkWriter:
		_, err = w.WriteBatch(c.values.([]int32), c.levels, nil)
	case *file.Int64ColumnChunkWriter:
		_, err = w.WriteBatch(c.values.([]int64), c.levels, nil)
	case *file.Float64ColumnChunkWriter:
		_, err = w.WriteBatch(c.values.([]float64), c.levels, nil)
	case *file.BooleanColumnChunkWriter:
		_, err = w.WriteBatch(c.values.([]bool), c.levels, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestParquet(t *testing.T) {
	at := time.Date(2025, 3, 1, 0, 14, 31, 0, time.UTC) // 08:14:31 in Shanghai
	all := []int16{1, 1, 1}
	text := schema.StringLogicalType{}
	got := drain(t, source(t, "fee_line", "fee_line.parquet", parquetFile(t, []pqTest{
		{logical(t, "SETL_ID", schema.NewIntLogicalType(64, true), parquet.Types.Int64, -1), []int64{5000002025030001, 2, 3}, all},
		{logical(t, "feedetl_sn", text, parquet.Types.ByteArray, -1), []string{"1", "2", "1E+20"}, all},
		{logical(t, "fee_ocur_time", schema.NewTimestampLogicalType(true, schema.TimeUnitMicros), parquet.Types.Int64, -1), []int64{at.UnixMicro(), at.UnixMicro(), at.UnixMicro()}, all},
		{logical(t, "med_list_codg", text, parquet.Types.ByteArray, -1), []string{"X1", "X2", "X3"}, all},
		{logical(t, "med_chrgitm_type", text, parquet.Types.ByteArray, -1), []string{"09", "10", "11"}, all},
		{logical(t, "cnt", schema.NoLogicalType{}, parquet.Types.Double, -1), []float64{1.5, 2, 3}, all},
		{logical(t, "pric", schema.NewDecimalLogicalType(9, 6), parquet.Types.Int32, -1), []int32{1, -1500000, 3}, all},
		{logical(t, "det_item_fee_sumamt", schema.NewDecimalLogicalType(4, 2), parquet.Types.FixedLenByteArray, 2), []string{"\x01\x00", "\xFF\xFF", "\x00\x05"}, all},
		{logical(t, "inscp_scp_amt", schema.NoLogicalType{}, parquet.Types.Double, -1), []float64{0.1, math.NaN()}, []int16{1, 1, 0}},
		{logical(t, "er_flag", schema.NoLogicalType{}, parquet.Types.Boolean, -1), []bool{true}, []int16{0, 1, 0}},
		{logical(t, "bilg_dr_name", text, parquet.Types.ByteArray, -1), []string{"测试甲"}, []int16{0, 0, 1}},
	}, 2)))
	if got.err != nil || len(got.rows) != 4 || len(got.rejects) != 2 {
		t.Fatalf("%v\n%v\n%+v", got.err, got.rows, got.rejects)
	}
	for i, want := range []map[string]string{
		{"setl_id": "5000002025030001", "line_no": "2", "fee_ocur_time": "2025-03-01 08:14:31Z", "cnt_e4": "15000", "pric_e6": "1", "det_item_fee_sumamt_cents": "256", "inscp_scp_amt_cents": "10", "er_flag": ""},
		{"setl_id": "2", "line_no": "3", "pric_e6": "-1500000", "det_item_fee_sumamt_cents": "-1", "inscp_scp_amt_cents": "", "er_flag": "1"},
		{"line_no": "5"}, {"line_no": "6"},
	} {
		for column, value := range want {
			if got.rows[i][column] != value {
				t.Errorf("row %d: %s is %q, want %q", i, column, got.rows[i][column], value)
			}
		}
	}
	if r := got.rejects[0]; r.LineNo != 4 || r.Column != "feedetl_sn" || r.Cents != 5 || strings.Contains(r.Masked, "测试甲") || !strings.Contains(r.Raw, "测试甲") {
		t.Errorf("%+v", r)
	}
}

func TestParquetRefusals(t *testing.T) {
	ids := parquetFile(t, []pqTest{{logical(t, "med_list_codg", schema.NoLogicalType{}, parquet.Types.Double, -1), []float64{1}, []int16{1}}}, 1)
	if got := drain(t, source(t, "no_code_drug", "no_code_drug.parquet", ids)); got.err != nil || len(got.rows) != 1 {
		t.Errorf("%+v", got)
	}
	ids = parquetFile(t, []pqTest{
		{logical(t, "pay_ord_id", schema.NoLogicalType{}, parquet.Types.Double, -1), []float64{1}, []int16{1}},
		{logical(t, "setl_id", schema.StringLogicalType{}, parquet.Types.ByteArray, -1), []string{"S1"}, []int16{1}},
		{logical(t, "paid_time", schema.DateLogicalType{}, parquet.Types.Int32, -1), []int32{20148}, []int16{1}}}, 1)
	got := drain(t, source(t, "mobile_payment", "mobile_payment.parquet", ids))
	if got.err != nil || len(got.rejects) != 1 || got.rejects[0].Column != "pay_ord_id" || got.rejects[0].Raw != "1\tS1\t2025-03-01" {
		t.Errorf("an id stored as a fraction: %+v", got)
	}
	for name, content := range map[string][]byte{"no parquet": []byte("x"), "torn": ids[:len(ids)-9], "empty": nil,
		"scrambled": append([]byte("PAR1"), append(bytes.Repeat([]byte{0xA5}, 40), ids[44:]...)...)} {
		got := drain(t, source(t, "mobile_payment", "mobile_payment.parquet", content))
		if got.err == nil || pipeline.KindOf(got.err) != pipeline.KindBadFile || pipeline.HintOf(got.err) == "" {
			t.Errorf("%s: %v", name, got.err)
		}
	}
	got = drain(t, source(t, "fee_line", "fee_line.parquet", ids))
	if got.err == nil || !strings.Contains(got.err.Error(), "缺少必需的列") {
		t.Errorf("missing columns: %v", got.err)
	}
}
