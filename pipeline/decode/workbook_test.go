package decode

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"claimsaudit/pipeline"

	"github.com/xuri/excelize/v2"
)

// workbook writes a book of sheets of rows of cells.
func workbook(t *testing.T, sheets map[string][][]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	for name, rows := range sheets {
		if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			cell, err := excelize.CoordinatesToCellName(1, i+1)
			if err != nil {
				t.Fatal(err)
			}
			if err := f.SetSheetRow(name, cell, &row); err != nil {
				t.Fatal(err)
			}
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func anys(texts ...string) []any {
	var out []any
	for _, s := range texts {
		out = append(out, s)
	}
	return out
}

var sheetHead = anys(strings.Split(feeHeader+",bilg_dr_codg,medins_list_name", ",")...)

func TestWorkbook(t *testing.T) {
	day := time.Date(2025, 3, 1, 8, 14, 31, 0, time.UTC)
	got := drain(t, source(t, "fee_line", "fee_line.xlsx", workbook(t, map[string][][]any{
		"说明": {anys("本表由系统导出")},
		"明细": {anys("费用明细表"), {}, sheetHead,
			{"S1", "1", day, "X1", "09", 1.5, 0.1, 1234.56, nil, "甲"},
			{},
			{"S2", "2", 45717.25, "X1", "09", 1, "2.5", "1,234.50"},
			{"S3", "3", 20250301, "X1", "09", 1, 2, 3},
			{500000202503000001, "4", day, "X1", "09", 1, 2, 3},
			{"S5", "5", day, "X1", "09", 1, 2, 1.234},
			{"S6", "6", day, "X1", "09", 1, 2, 3, 190},
			{"S7", "7", day, "X1", "09", 1, 2, 3, nil, nil, "多"},
			{"S8", "8", day, "X1", "09", 1, 2, 0.1 + 0.2 - 0.3 + 1100.1}},
	})))
	if got.err != nil || len(got.rows) != 4 || len(got.rejects) != 4 {
		t.Fatalf("%v\n%v\n%+v", got.err, got.rows, got.rejects)
	}
	for i, want := range []struct{ line, at, cents string }{
		{"4", "2025-03-01 08:14:31Z", "123456"}, {"6", "2025-03-01 06:00:00Z", "123450"}, {"7", "2025-03-01 00:00:00Z", "300"}, {"12", "2025-03-01 08:14:31Z", "110010"},
	} {
		if r := got.rows[i]; r["line_no"] != want.line || r["fee_ocur_time"] != want.at || r["det_item_fee_sumamt_cents"] != want.cents {
			t.Errorf("%v, want %v", r, want)
		}
	}
	for i, want := range []struct {
		line         int64
		column, says string
	}{{8, "setl_id", "是数字而不是文本"}, {9, "det_item_fee_sumamt", "超过 2 位"}, {10, "bilg_dr_codg", "是数字而不是文本"}, {11, "", "有 11 个字段"}} {
		if r := got.rejects[i]; r.LineNo != want.line || r.Column != want.column || !strings.Contains(r.Reason, want.says) || !strings.Contains(r.Raw, "\t") {
			t.Errorf("%+v, want %+v", r, want)
		}
	}
	if got.info.Encoding != "xlsx" || got.info.Header[0] != "setl_id" {
		t.Errorf("%+v", got.info)
	}
}

func TestRefusedWorkbooks(t *testing.T) {
	whole := workbook(t, map[string][][]any{"a": {sheetHead}, "b": {sheetHead}})
	for name, c := range map[string]struct {
		content []byte
		want    string
	}{
		"two sheets":  {whole, "有 2 个工作表都含有全部必需的列"},
		"missing":     {workbook(t, map[string][][]any{"a": {anys("标题"), anys("setl_id", "feedetl_sn", "cnt")}}), "缺少必需的列：fee_ocur_time"},
		"empty":       {workbook(t, nil), "文件是空的"},
		"no header":   {workbook(t, map[string][][]any{"a": {anys("x", "y")}}), "没有找到列名行"},
		"damaged":     {whole[:len(whole)/2], "zip"},
		"no workbook": {[]byte("setl_id,feedetl_sn\n"), "fee_line.xlsx"},
	} {
		got := drain(t, source(t, "fee_line", "fee_line.xlsx", c.content))
		if got.err == nil || pipeline.KindOf(got.err) != pipeline.KindBadFile || !strings.Contains(got.err.Error(), c.want) || pipeline.HintOf(got.err) == "" {
			t.Errorf("%s: %v", name, got.err)
		}
	}
}

// A sheet that breaks off must not pass for a shorter one.
func TestTornSheetIsRefused(t *testing.T) {
	src := source(t, "fee_line", "fee_line.xlsx", tornWorkbook(t))
	if got := drain(t, src); pipeline.KindOf(got.err) != pipeline.KindBadFile || got.err == nil {
		t.Errorf("%v, %d rows", got.err, len(got.rows))
	}
}

func TestLargeWorkbookIsRefused(t *testing.T) {
	src := source(t, "fee_line", "fee_line.xlsx", nil)
	if err := os.Truncate(src.Path, maxWorkbook+1); err != nil {
		t.Fatal(err)
	}
	if got := drain(t, src); got.err == nil || pipeline.HintOf(got.err) != tooLargeHint {
		t.Errorf("%v", got.err)
	}
}
