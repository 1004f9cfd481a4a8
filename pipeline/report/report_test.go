package report

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"claimsaudit/pipeline"
)

var update = flag.Bool("update", false, "rewrite the golden files under testdata")

func mustRead(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func openBook(t *testing.T, path string) *excelize.File {
	t.Helper()
	f, err := excelize.OpenFile(path, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func rows(t *testing.T, f *excelize.File, sheet string) [][]string {
	t.Helper()
	r, err := f.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// valueBeside is the cell right of the first cell in column A that reads label.
func valueBeside(t *testing.T, rows [][]string, label string) string {
	t.Helper()
	for _, r := range rows {
		if len(r) > 1 && r[0] == label {
			return r[1]
		}
	}
	t.Fatalf("no row %q", label)
	return ""
}

func TestTotalsEqualTheMart(t *testing.T) {
	db := sampleMart(t)
	paths, err := Monthly(context.Background(), db, t.TempDir(), sampleMeta())
	if err != nil {
		t.Fatal(err)
	}
	f, page := openBook(t, paths[0]), string(mustRead(t, paths[1]))
	front := rows(t, f, sheetCover)
	for label, column := range map[string]string{"申报基金金额": "fund_yuan", "支付": "pay_yuan", "急诊豁免": "exempt_yuan",
		"待复核": "review_yuan", "扣款": "withhold_yuan", "追回": "recover_yuan", "退还": "release_yuan"} {
		text := func(format string) string {
			return scalar[string](t, db, `SELECT format('`+format+`', CAST(sum(`+column+`) AS DOUBLE)) FROM mart.institution_period WHERE period = '2025-03'`)
		}
		want := strings.TrimSuffix(strings.TrimRight(text("{:.2f}"), "0"), ".")
		if got := valueBeside(t, front, label); got != want {
			t.Errorf("workbook %s: %s, mart says %s", label, got, want)
		}
		if want := text("{:,.2f}"); !strings.Contains(page, want) {
			t.Errorf("page lacks %s %s", label, want)
		}
	}
	if got := valueBeside(t, front, "核对差额"); got != "0" {
		t.Errorf("difference %s", got)
	}
	for sheet, where := range map[string]string{"扣款明细": "withhold", "豁免明细": "exempt", "复核明细": "review"} {
		r := rows(t, f, sheet)
		lines := scalar[int](t, db, `SELECT count(*) FROM mart.line_verdict WHERE period = '2025-03' AND verdict = $1`, where)
		if len(r) != lines+2 || r[len(r)-1][0] != "合计" {
			t.Errorf("%s: %d rows for %d lines", sheet, len(r), lines)
		}
	}
	before, rest, _ := strings.Cut(page, "<h2>三、与上期差异")
	_, after, _ := strings.Cut(rest, "</section>")
	if strings.Contains(before+after, "77,777.77") {
		t.Error("page shows another month where it does not compare")
	}
}

// The formulas must give what is stored beside them, or the sheet changes
// under the reader's eyes when it is recalculated.
func TestFormulasAgreeWithStoredValues(t *testing.T) {
	paths, err := Monthly(context.Background(), sampleMart(t), t.TempDir(), sampleMeta())
	if err != nil {
		t.Fatal(err)
	}
	if checked := checkFormulas(t, openBook(t, paths[0])); checked < 25 {
		t.Errorf("only %d formulas found", checked)
	}
}

// checkFormulas holds every formula against the value stored beside it and counts them.
func checkFormulas(t *testing.T, f *excelize.File) (checked int) {
	t.Helper()
	for _, sheet := range f.GetSheetList() {
		covered := coveredCells(t, f, sheet)
		for y, r := range rows(t, f, sheet) {
			for x, stored := range r {
				cell, _ := excelize.CoordinatesToCellName(x+1, y+1)
				formula, err := f.GetCellFormula(sheet, cell)
				if err != nil {
					t.Fatal(err)
				}
				if formula == "" || covered[cell] {
					continue
				}
				checked++
				got, err := f.CalcCellValue(sheet, cell, excelize.Options{RawCellValue: true})
				if err != nil || !sameNumber(got, stored) {
					t.Errorf("%s!%s =%s gives %q (%v), stored is %q", sheet, cell, formula, got, err, stored)
				}
			}
		}
	}
	return checked
}

// coveredCells are those behind the first of merged ones, which answer for it.
func coveredCells(t *testing.T, f *excelize.File, sheet string) map[string]bool {
	t.Helper()
	merged, err := f.GetMergeCells(sheet, true)
	if err != nil {
		t.Fatal(err)
	}
	covered := map[string]bool{}
	for _, m := range merged {
		x1, y1, err := excelize.CellNameToCoordinates(m.GetStartAxis())
		if err != nil {
			t.Fatal(err)
		}
		x2, y2, err := excelize.CellNameToCoordinates(m.GetEndAxis())
		if err != nil {
			t.Fatal(err)
		}
		for x := x1; x <= x2; x++ {
			for y := y1; y <= y2; y++ {
				cell, _ := excelize.CoordinatesToCellName(x, y)
				covered[cell] = x != x1 || y != y1
			}
		}
	}
	return covered
}

func TestSameDataSameBytes(t *testing.T) {
	db := sampleMart(t)
	var first [][]byte
	for run := range 3 {
		paths, err := Monthly(context.Background(), db, t.TempDir(), sampleMeta())
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range paths {
			data := mustRead(t, p)
			if run == 0 {
				first = append(first, data)
			} else if !bytes.Equal(first[i], data) {
				t.Errorf("%s differs on run %d", filepath.Base(p), run+1)
			}
		}
	}
}

func TestDeliveredTextNeverBecomesAFormula(t *testing.T) {
	paths, err := Monthly(context.Background(), sampleMart(t), t.TempDir(), sampleMeta())
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.OpenReader(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	found := 0
	for _, part := range z.File {
		r, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, cell := range strings.Split(string(data), "<c ") {
			text := strings.Contains(cell, "HYPERLINK") || strings.Contains(cell, "=1+1") || strings.Contains(cell, ">@x<") ||
				strings.Contains(cell, ">-x<") || strings.Contains(cell, ">+人工") || strings.Contains(cell, longID)
			if !text || !strings.Contains(part.Name, "worksheets") {
				continue
			}
			found++
			if !strings.Contains(cell, `t="inlineStr"`) || strings.Contains(cell, "<f>") {
				t.Errorf("%s: not plain text: %s", part.Name, cell)
			}
		}
	}
	if found < 8 {
		t.Errorf("only %d cells found", found)
	}
}

func TestIdsKeepEveryDigit(t *testing.T) {
	paths, err := Monthly(context.Background(), sampleMart(t), t.TempDir(), sampleMeta())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows(t, openBook(t, paths[0]), "扣款明细") {
		if r[2] == longID {
			for i, want := range map[int]string{5: "402 人员支付资格已暂停", 6: "第十九条、第五十条", 8: "暂停", 10: "45808",
				11: "practitioner_status_20250331.csv 第 12 行；人工复核 R-7", 13: "张*", 14: "开单人员", 15: "fee_line_500105_202503.csv 第 9 行"} {
				if r[i] != want {
					t.Errorf("column %d is %q, want %q", i+1, r[i], want)
				}
			}
			return
		}
	}
	t.Errorf("no line of %s", longID)
}

func TestLongListGoesOnInTheNextSheet(t *testing.T) {
	db := sampleMart(t)
	s, err := loadSummary(context.Background(), db, sampleMeta())
	if err != nil {
		t.Fatal(err)
	}
	w, err := os.Create(filepath.Join(t.TempDir(), "small.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(writeBook(context.Background(), db, s, w, limits{sheetRows: 3, queryRows: 2}), w.Close()); err != nil {
		t.Fatal(err)
	}
	f := openBook(t, w.Name())
	first, second := rows(t, f, "扣款明细"), rows(t, f, "扣款明细(2)")
	if len(first) != 5 || len(second) != 3 || second[0][0] != "机构编号" || second[2][0] != "本表小计" {
		t.Errorf("split as %q and %q", first, second)
	}
	if got := valueBeside(t, rows(t, f, sheetCover), "申报基金金额"); got != "2943321.09" {
		t.Errorf("fund %s", got)
	}
	got, err := f.GetCellFormula(sheetCover, "B17")
	if want := "SUM('机构'!F2:F4,'机构(2)'!F2:F4)"; err != nil || got != want {
		t.Errorf("fund over a split sheet is =%s, want =%s (%v)", got, want, err)
	}
}

func TestEmptyMonthSaysSo(t *testing.T) {
	meta := sampleMeta()
	meta.StatementNo = ""
	paths, err := Monthly(context.Background(), openMart(t), t.TempDir(), meta)
	if err != nil {
		t.Fatal(err)
	}
	f, page := openBook(t, paths[0]), string(mustRead(t, paths[1]))
	front := ""
	for _, r := range append(rows(t, f, sheetCover), rows(t, f, sheetSummary)...) {
		front += strings.Join(r, " ") + "\n"
	}
	for _, want := range []string{"本期无有效结算。", "本期无扣款明细。", "本期无追回与退还。", "本期未出具通知单"} {
		if !strings.Contains(front, want) || !strings.Contains(page, want) {
			t.Errorf("nowhere or only in one of both: %s", want)
		}
	}
	if r := rows(t, f, "扣款明细"); len(r) != 2 || r[1][0] != "本期无扣款明细。" {
		t.Errorf("empty list is %q", r)
	}
}

func TestPageEscapesAndNeedsNothingFromOutside(t *testing.T) {
	paths, err := Monthly(context.Background(), sampleMart(t), t.TempDir(), sampleMeta())
	if err != nil {
		t.Fatal(err)
	}
	page := mustRead(t, paths[1])
	for _, bad := range []string{"<script", "src=", "href=", "url(", "@import", "ZgotmplZ"} {
		if bytes.Contains(page, []byte(bad)) {
			t.Errorf("page contains %s", bad)
		}
	}
	for _, want := range []string{"&lt;script&gt;alert(1)", longName(), "49.99%", "claimsaudit explain", sampleMeta().ChainHash} {
		if !bytes.Contains(page, []byte(want)) {
			t.Errorf("page lacks %s", want)
		}
	}
	const golden = "testdata/monthly.golden.html"
	if *update {
		if err := os.WriteFile(golden, page, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(page, mustRead(t, golden)) {
		t.Errorf("page differs from %s; look at the difference, then run the test with -update", golden)
	}
}

func TestContradictingMartIsRefused(t *testing.T) {
	for name, damage := range map[string]string{
		"institution too high":     `UPDATE mart.institution_period SET fund_yuan = fund_yuan + 0.01 WHERE fixmedins_code = 'P50010500005'`,
		"withheld line lost":       `DELETE FROM mart.line_verdict WHERE verdict = 'withhold' AND period = '2025-03' AND rule = 404`,
		"review line lost":         `DELETE FROM mart.line_verdict WHERE verdict = 'review'`,
		"recovery not issued":      `DELETE FROM mart.statement_line WHERE kind = 'recover'`,
		"statement kind not known": `UPDATE mart.statement_line SET kind = 'gift' WHERE kind = 'release'`,
	} {
		t.Run(name, func(t *testing.T) {
			db, dir := sampleMart(t), t.TempDir()
			exec(t, db, damage)
			_, err := Monthly(context.Background(), db, dir, sampleMeta())
			if pipeline.KindOf(err) != pipeline.KindInternal || pipeline.HintOf(err) == "" {
				t.Errorf("error is %v", err)
			}
			if left, _ := os.ReadDir(dir); err == nil || len(left) != 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func TestInterruptedReportLeavesNothing(t *testing.T) {
	db, dir := sampleMart(t), t.TempDir()
	ctx, stop := context.WithCancel(context.Background())
	stop()
	_, err := Monthly(ctx, db, dir, sampleMeta())
	if pipeline.KindOf(err) != pipeline.KindInterrupted {
		t.Errorf("error is %v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestFilesAreForTheOwnerOnlyAndReplaceOldOnes(t *testing.T) {
	db, dir := sampleMart(t), t.TempDir()
	for range 2 {
		if _, err := Monthly(context.Background(), db, dir, sampleMeta()); err != nil {
			t.Fatal(err)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 2 {
		t.Fatalf("%v %v", left, err)
	}
	for _, e := range left {
		if info, err := e.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s is %v (%v)", e.Name(), info.Mode(), err)
		}
	}
}

func TestFolderThatIsMissingIsNamed(t *testing.T) {
	_, err := Monthly(context.Background(), sampleMart(t), filepath.Join(t.TempDir(), "none"), sampleMeta())
	if pipeline.HintOf(err) != hintDisk || !strings.Contains(err.Error(), "none") {
		t.Errorf("error is %v", err)
	}
}
