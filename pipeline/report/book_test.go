package report

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	osexec "os/exec"
	"path/filepath"
	"regexp"
	"runtime/metrics"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// sampleBook is the workbook of the sample mart after some changes.
func sampleBook(t *testing.T, changes ...string) string {
	t.Helper()
	db := sampleMart(t)
	for _, c := range changes {
		exec(t, db, c)
	}
	paths, err := Monthly(context.Background(), db, t.TempDir(), sampleMeta())
	if err != nil {
		t.Fatal(err)
	}
	return paths[0]
}

// bookParts are the files inside a workbook by name.
func bookParts(t *testing.T, path string) map[string]string {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	parts := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		parts[f.Name] = string(data)
	}
	return parts
}

func charts(parts map[string]string) (n int) {
	for name := range parts {
		if strings.HasPrefix(name, "xl/charts/chart") {
			n++
		}
	}
	return n
}

// sheetPart is the name of a sheet's part.
func sheetPart(t *testing.T, path, sheet string) string {
	t.Helper()
	for id, name := range openBook(t, path).GetSheetMap() {
		if name == sheet {
			return fmt.Sprintf("xl/worksheets/sheet%d.xml", id)
		}
	}
	t.Fatalf("no sheet %s", sheet)
	return ""
}

func TestSignedPartsAreAsLookedAt(t *testing.T) {
	path := sampleBook(t)
	parts := bookParts(t, path)
	for golden, part := range map[string]string{
		"testdata/cover.golden.xml":    sheetPart(t, path, sheetCover),
		"testdata/withheld.golden.xml": sheetPart(t, path, sheetWithheld),
		"testdata/chart.golden.xml":    "xl/charts/chart2.xml",
	} {
		got := []byte(strings.ReplaceAll(parts[part], "><", ">\n<") + "\n")
		if *update {
			if err := os.WriteFile(golden, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(got, mustRead(t, golden)) {
			t.Errorf("%s differs from %s; open the workbook, look at it, then run the test with -update", part, golden)
		}
	}
}

// Every stored result is made wrong first, so that what LibreOffice shows is what it computed.
func TestLibreOfficeRecalculatesTheSameTotals(t *testing.T) {
	path := sampleBook(t)
	stale := filepath.Join(t.TempDir(), "stale.xlsx")
	staleCopy(t, path, stale)
	dir := t.TempDir()
	profile := filepath.Join(dir, "profile")
	always := `<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry">` +
		`<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item></oor:items>`
	if err := os.MkdirAll(filepath.Join(profile, "user"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(profile, "user", "registrymodifications.xcu"), []byte(always), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := osexec.Command("soffice", "-env:UserInstallation=file://"+profile, "--headless", "--convert-to", "xlsx", "--outdir", dir, stale)
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("soffice, of the packages the README names for tests: %v: %s", err, text)
	}
	want, got := openBook(t, path), openBook(t, filepath.Join(dir, "stale.xlsx"))
	if a, b := want.GetSheetList(), got.GetSheetList(); !slices.Equal(a, b) {
		t.Fatalf("sheets %v became %v", a, b)
	}
	checked := 0
	for _, sheet := range want.GetSheetList() {
		covered := coveredCells(t, want, sheet)
		for y, r := range rows(t, want, sheet) {
			for x, stored := range r {
				cell, _ := excelize.CoordinatesToCellName(x+1, y+1)
				if formula, err := want.GetCellFormula(sheet, cell); err != nil || formula == "" || covered[cell] {
					continue
				}
				checked++
				if value, err := got.GetCellValue(sheet, cell); err != nil || !sameNumber(value, stored) {
					t.Errorf("%s!%s: LibreOffice computes %q, stored is %q (%v)", sheet, cell, value, stored, err)
				}
			}
		}
	}
	if checked < 60 {
		t.Errorf("only %d formulas", checked)
	}
}

// staleCopy copies a workbook with another stored result in every formula's cell.
func staleCopy(t *testing.T, from, to string) {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	stored := regexp.MustCompile(`(</f>)<v>[^<]*</v>`)
	for name, text := range bookParts(t, from) {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(name, "xl/worksheets/") {
			text = stored.ReplaceAllString(text, "$1<v>987654</v>")
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Excel offers to repair a sheet whose columns do not ascend.
func TestColumnsAscend(t *testing.T) {
	column := regexp.MustCompile(`<col min="(\d+)"`)
	for name, text := range bookParts(t, sampleBook(t)) {
		for i, m := range column.FindAllStringSubmatch(text, -1) {
			if m[1] != fmt.Sprint(i+1) {
				t.Fatalf("%s: column %s is entry %d", name, m[1], i+1)
			}
		}
	}
}

// The sums below the lists, by sheet and title, against the table they come from.
func TestSumOfEverySheetEqualsTheMart(t *testing.T) {
	db := sampleMart(t)
	paths, err := Monthly(context.Background(), db, t.TempDir(), sampleMeta())
	if err != nil {
		t.Fatal(err)
	}
	f := openBook(t, paths[0])
	const issued = ` FROM mart.statement_line WHERE issued_in = '2025-03'`
	for _, c := range []struct{ sheet, title, query string }{
		{sheetInstitutions, "结算笔数", `SELECT sum(settlements) FROM mart.institution_period WHERE period = '2025-03'`},
		{sheetInstitutions, "申报基金金额", `SELECT sum(fund_yuan) FROM mart.institution_period WHERE period = '2025-03'`},
		{sheetWithheld, "基金金额（元）", `SELECT sum(withhold_yuan) FROM mart.institution_period WHERE period = '2025-03'`},
		{sheetExempt, "基金金额（元）", `SELECT sum(fund_yuan) FROM mart.line_verdict WHERE period = '2025-03' AND verdict = 'exempt'`},
		{sheetReview, "基金金额（元）", `SELECT sum(fund_yuan) FROM mart.line_verdict WHERE period = '2025-03' AND verdict = 'review'`},
		{"追回明细", "金额（元）", "SELECT sum(amount_yuan)" + issued + " AND kind = 'recover'"},
		{"退还明细", "金额（元）", "SELECT sum(amount_yuan)" + issued + " AND kind = 'release'"},
		{sheetStatement, "金额（元）", "SELECT sum(amount_yuan)" + issued},
		{sheetStatement, "条数", "SELECT count(*)" + issued},
		{"文件", "读取行数", "SELECT sum(rows_read) FROM mart.delivered_file"},
	} {
		want := scalar[string](t, db, "SELECT CAST(("+c.query+") AS VARCHAR)")
		r := rows(t, f, c.sheet)
		at, total := slices.Index(r[0], c.title), r[len(r)-1]
		if at < 0 || total[0] != "合计" || !sameNumber(total[at], want) {
			t.Errorf("%s, %s: %q, the mart says %s", c.sheet, c.title, total, want)
		}
	}
}

func TestEveryPageNamesItsRunAndFitsA4(t *testing.T) {
	path := sampleBook(t)
	f := openBook(t, path)
	printed := map[string]bool{}
	for _, n := range f.GetDefinedName() {
		printed[n.Scope+n.Name] = true
	}
	for _, sheet := range f.GetSheetList() {
		paper, err := f.GetPageLayout(sheet)
		if err != nil || *paper.Size != 9 || *paper.FitToWidth != 1 {
			t.Errorf("%s: paper %v (%v)", sheet, paper, err)
		}
		foot, err := f.GetHeaderFooter(sheet)
		if err != nil || !strings.Contains(foot.OddFooter, "运行 monthly-2025-03-7f3a9c21　校验码 9f86d081884c") || !strings.Contains(foot.OddFooter, "第 &P 页，共 &N 页") {
			t.Errorf("%s: foot %q (%v)", sheet, foot.OddFooter, err)
		}
		if !printed[sheet+"_xlnm.Print_Area"] {
			t.Errorf("%s has no print area", sheet)
		}
	}
}

func TestMonthWithoutFindingsDrawsWhatThereIs(t *testing.T) {
	path := sampleBook(t, `DELETE FROM mart.line_verdict`, `DELETE FROM mart.line_evidence`, `DELETE FROM mart.statement_line`, `DELETE FROM mart.statement`, `DELETE FROM mart.institution_period WHERE period < '2025-03'`,
		`UPDATE mart.institution_period SET pay_yuan = fund_yuan, exempt_yuan = 0, review_yuan = 0, withhold_yuan = 0, recover_yuan = 0, release_yuan = 0`)
	if n := charts(bookParts(t, path)); n != 2 {
		t.Errorf("%d charts, want those of months and ratios", n)
	}
	text := fmt.Sprint(rows(t, openBook(t, path), sheetSummary))
	for _, want := range []string{"本期没有机构被扣款", "不绘扣款原因图", "月度趋势只有 2025-03 一个月"} {
		if !strings.Contains(text, want) {
			t.Errorf("the summary does not say %s", want)
		}
	}
}

func TestHistoryWithAGapSaysSo(t *testing.T) {
	path := sampleBook(t, `INSERT INTO mart.institution_period VALUES ('2024-12','H50010500001','甲','1',1,1,100.00,90.00,0,0,10.00,0,0),
		('2024-03','H50010500001','甲','1',1,1,5.00,5.00,0,0,0,0,0), ('2025-04','H50010500001','甲','1',1,1,5.00,5.00,0,0,0,0,0)`)
	f := openBook(t, path)
	if text := fmt.Sprint(rows(t, f, sheetSummary)); !strings.Contains(text, "月度趋势自 2024-12 起，共 4 个月：近十二个月里没有更早的结算数据") || !strings.Contains(text, "其中 2025-01 没有数据") {
		t.Error("the summary does not say which months are missing")
	}
	data := fmt.Sprint(rows(t, f, sheetChartData))
	for _, want := range []string{"[2024-12 100 10 0.01 0.001]", "[2025-01 没有数据]"} {
		if !strings.Contains(data, want) {
			t.Errorf("chart data lack %s: %s", want, data)
		}
	}
	if strings.Contains(data, "2024-03") || strings.Contains(data, "2025-04") {
		t.Error("a month outside the twelve is drawn")
	}
}

// A ratio is rounded half up and beside it stands what is lacking, so that 49.9999 % is neither cut nor taken for met.
func TestRatioIsRoundedAndSaysWhatIsLacking(t *testing.T) {
	for _, r := range rows(t, openBook(t, sampleBook(t)), "比率") {
		if r[0] == "H50010500002" {
			if r[7] != "0.499999" || r[8] != "0.5" || r[9] != "未达标" || r[10] != "1" {
				t.Errorf("ratio row is %q", r)
			}
			return
		}
	}
	t.Error("no row of the institution")
}

// BenchmarkMillion writes a month with a million withheld lines and reports the most the Go heap held meanwhile.
func BenchmarkMillion(b *testing.B) {
	const lines = 1_000_000
	db := millionMart(b, lines)
	for b.Loop() {
		done, peak := make(chan struct{}), make(chan uint64)
		go watchHeap(done, peak)
		paths, err := Monthly(context.Background(), db, b.TempDir(), sampleMeta())
		close(done)
		if err != nil {
			b.Fatal(err)
		}
		info, err := os.Stat(paths[0])
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(<-peak)/1e6, "peak-heap-MB")
		b.ReportMetric(float64(info.Size())/1e6, "file-MB")
	}
}

// watchHeap looks at the heap until done and sends the most it saw.
func watchHeap(done <-chan struct{}, peak chan<- uint64) {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	var most uint64
	for tick := time.NewTicker(10 * time.Millisecond); ; {
		select {
		case <-done:
			tick.Stop()
			peak <- most
			return
		case <-tick.C:
			metrics.Read(sample)
			most = max(most, sample[0].Value.Uint64())
		}
	}
}
