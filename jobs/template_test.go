package jobs

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"claimsaudit/pipeline"

	"github.com/xuri/excelize/v2"
)

// answered is a cell of a form by the words of its row and its column.
type answered struct {
	row    map[string]string // header → text of the row meant
	column string
	value  any
}

// fillIn fills in a form as a person would, without touching what is given, and returns how many rows it has.
func fillIn(t *testing.T, path string, answers ...answered) int {
	t.Helper()
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := f.GetRows("填报")
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for i, header := range rows[2] {
		at[header] = i
	}
	for _, a := range answers {
		row := 0
		for n := 3; n < len(rows) && row == 0; n++ {
			row = n + 1
			for header, want := range a.row {
				if i := at[header]; i >= len(rows[n]) || rows[n][i] != want {
					row = 0
				}
			}
		}
		cell, err := excelize.CoordinatesToCellName(at[a.column]+1, row)
		if err != nil {
			t.Fatalf("%v: no such row in %v", a.row, rows[2:])
		}
		if err := f.SetCellValue("填报", cell, a.value); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Save(); err != nil {
		t.Fatal(err)
	}
	return len(rows) - 3
}

// savedAgain is the workbook as an office program saves it.
func savedAgain(t *testing.T, paths ...string) []string {
	t.Helper()
	dir := t.TempDir()
	args := append([]string{"--headless", "-env:UserInstallation=file://" + filepath.Join(dir, "profile"), "--convert-to", "xlsx", "--outdir", filepath.Join(dir, "out")}, paths...)
	if out, err := exec.Command("soffice", args...).CombinedOutput(); err != nil {
		t.Fatalf("soffice: %v: %s", err, out)
	}
	var saved []string
	for _, p := range paths {
		saved = append(saved, filepath.Join(dir, "out", filepath.Base(p)))
	}
	return saved
}

// TestFormsComeBackWithoutLoss: written, filled in, saved by an office program and delivered, every answer is there as it
// was given, and rows left empty are neither rejected nor evidence.
func TestFormsComeBackWithoutLoss(t *testing.T) {
	o := pointsOffice(t)
	o.nightly(0, "2025-04-02")
	dir := t.TempDir()
	paths, err := o.WriteTemplates(context.Background(), TemplateRequest{Year: 2024, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	const hospital = "H1"
	part := func(no, part string) map[string]string {
		return map[string]string{"定点医药机构编号": hospital, "指标序号": no, "分项": part}
	}
	signed := func(row map[string]string, column string, value any) []answered {
		return []answered{{row, column, value}, {row, "填写人", "测试甲"}, {row, "填写时间", dateOf(t, "2025-01-10")}}
	}
	var answers []answered
	answers = append(answers, signed(part("1", "penalty_paid"), "是否", "是")...)
	answers = append(answers, answered{part("1", "penalty_paid"), "材料编号", "000123456789012345"})
	answers = append(answers, signed(part("7", "harm"), "次数", 2)...)
	answers = append(answers, signed(part("17", "signed_on"), "事项日期", dateOf(t, "2024-04-30"))...)
	evidenceRows := fillIn(t, paths[0], answers...)
	item := map[string]string{"定点医药机构编号": hospital, "填报项目": "住院金额（居民医保，万元）"}
	score := map[string]string{"定点医药机构编号": hospital, "指标序号": "18"}
	reportRows := fillIn(t, paths[1], answered{item, "填报数值", 12.345678}, answered{item, "填报时间", dateOf(t, "2025-01-10")},
		answered{score, "自评得分", 15.5}, answered{score, "填报时间", dateOf(t, "2025-01-10")})

	for _, path := range savedAgain(t, paths...) {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		o.writeFile(filepath.Base(path), string(content))
	}
	o.nightly(0, "2025-04-03")
	o.wantRows(`feed, rows_read, loaded, rejected) FROM mart.delivered_file WHERE feed IN ('indicator_evidence', 'self_report') ORDER BY feed`,
		text("indicator_evidence", evidenceRows, evidenceRows, 0), text("self_report", reportRows, reportRows, 0))
	o.wantRows(`fixmedins_code, year, indicator_no, part, coalesce(value, -1), coalesce(count, -1), coalesce(CAST(yes_no AS VARCHAR), '-'), coalesce(event_on, DATE '1900-01-01'),
coalesce(document_no, '-'), entered_by_masked, entered_at, is_current) FROM mart.indicator_evidence ORDER BY indicator_no`,
		hospital+" 2024 1 penalty_paid -1.000000 -1 true 1900-01-01 000123456789012345 测＊＊ 2025-01-10 00:00:00 true",
		hospital+" 2024 7 harm -1.000000 2 - 1900-01-01 - 测＊＊ 2025-01-10 00:00:00 true",
		hospital+" 2024 17 signed_on -1.000000 -1 - 2024-04-30 - 测＊＊ 2025-01-10 00:00:00 true")
	o.wantRows(`fixmedins_code, year, report_item, figure, indicator_no, self_score, reported_at, is_current) FROM mart.self_report ORDER BY indicator_no`,
		hospital+" 2024 18 15.50 2025-01-10 00:00:00 true",
		hospital+" 2024 amount_inpatient_resident 12.345678 2025-01-10 00:00:00 true")
	o.wantRows("kind, note) FROM mart.data_quality WHERE kind LIKE 'entry%' OR kind LIKE 'self%'")
}

func text(feed string, counts ...int) string {
	for _, n := range counts {
		feed += " " + strconv.Itoa(n)
	}
	return feed
}

// TestFormsAreNotOverwritten: a form that is there may be half filled in.
func TestFormsAreNotOverwritten(t *testing.T) {
	o := pointsOffice(t)
	o.nightly(0, "2025-04-02")
	dir := t.TempDir()
	for _, tt := range []struct {
		req  TemplateRequest
		kind pipeline.Kind
	}{
		{TemplateRequest{Year: 2024, Dir: dir, Institution: "H1"}, 0},
		{TemplateRequest{Year: 2024, Dir: dir, Institution: "H1", All: true}, pipeline.KindUsage},
		{TemplateRequest{Year: 2024, Dir: dir, Institution: "H99999999999"}, pipeline.KindUsage},
		{TemplateRequest{Year: 2019, Dir: t.TempDir()}, pipeline.KindUsage},
	} {
		paths, err := o.WriteTemplates(context.Background(), tt.req)
		if (err != nil) != (tt.kind != 0) || err != nil && pipeline.KindOf(err) != tt.kind {
			t.Errorf("%+v: %v, %v", tt.req, paths, err)
		}
	}
	names, err := filepath.Glob(filepath.Join(dir, "*_2024_H1.xlsx"))
	if err != nil || len(names) != 2 {
		t.Errorf("%v, %v", names, err)
	}
}
