package report

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/csv"
	"fmt"
	"os"
	osexec "os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"claimsaudit/pipeline"
)

func date(text string) time.Time {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return day
}

const (
	formulaName = "=1+1" // a delivered name
	markupName  = `<b>欧阳&"明</b>`
)

// samplePoints is a made-up March: a doctor, a pharmacy's principal who is a doctor too, somebody nobody knows, and a
// decision of January that counts for the year alone.
func samplePoints() PointsMonth {
	return PointsMonth{
		Until: date("2025-03-31"), Bands: []PointsBand{{"29", 1, 3}, {"30", 4, 6}, {"31", 7, 9}, {"32", 10, 12}},
		Persons: map[string]PointsPerson{
			"D500105000123": {Name: formulaName, Places: []string{"H50010500001"}},
			"D500105000456": {Name: markupName, Places: []string{"H50010500002"}, PrincipalOf: []string{"P50010500004"}},
			"D500105000777": {Name: "周样例", Places: []string{"P50010500005"}},
			"D999999999999": {}, "D999999999998": {},
		},
		Places: map[string]PointsPlace{"H50010500001": {"样例区第一人民医院", "1"}, "H50010500002": {longName(), "1"},
			"P50010500004": {formulaish, "2"}, "P50010500005": {"样例平价药房", "2"}},
		Decisions: []PointsDecision{
			{No: "JF0", Code: "D500105000123", On: date("2025-01-06"), Place: "H50010500001", Article: "29", Item: "29-1", Points: 3, Total: 3, Measure: "talk"},
			{No: "JF1", Code: "D500105000123", On: date("2025-03-12"), Place: "H50010500001", Article: "30", Item: "30-2", Points: 6, Total: 9, Measure: "suspend", Months: 1,
				From: date("2025-03-15"), To: date("2025-04-14"), Responsibility: "main", Adjustment: "heavier"},
			{No: "=JF2", Code: "D500105000456", On: date("2025-03-31"), Article: "32", Item: "32-1", Points: 12, Total: 12, Measure: "terminate", Months: 36,
				From: date("2025-03-31"), To: date("2028-03-30"), Responsibility: "important", Adjustment: "none"},
			{No: "JF3", Code: "D500105000777", On: date("2025-03-01"), Place: "P50010500005", Article: "29", Item: "29-2", Points: 2, Total: 2},
			{No: "JF4", Code: "D500105000777", On: date("2025-03-01"), Place: "P50010500005", Article: "29", Item: "29-2", CountedWith: "JF3", CountedBy: "26"},
			{No: "JF5", Code: "D999999999999", On: date("2025-03-02"), Article: "29", Item: "29-1", Points: 1, Total: 1},
		},
		Late: []PointsDecision{
			{No: "JFL1", Code: "D500105000123", On: date("2025-01-06"), Place: "H50010500001", Article: "29", Item: "29-1", Points: 3, Total: 3, Measure: "talk"},
			{No: "JFL2", Code: "D999999999998", On: date("2024-12-30"), Place: "P50010500005", Article: "31", Item: "31-1", Points: 7, Total: 7, Measure: "circular"},
		},
		Revoked: []time.Time{date("2025-02-03")},
		Restricted: []PointsRestriction{
			{Code: "D500105000123", Status: "suspended", From: date("2025-03-15"), To: date("2025-04-14"), Refs: []string{"JF1"}, Total: 9, RegistryStatus: "normal"},
			{Code: "D500105000456", Status: "terminated", From: date("2025-03-31"), To: date("2028-03-30"), Refs: []string{"=JF2"}, Total: 12, RegistryStatus: "terminated"},
			{Code: "D500105000777", Status: "normal", RegistryStatus: "suspended", Total: 2},
		},
		Remedies: []PointsRemedy{
			{Kind: "restore", No: "HF1", Code: "D500105000777", On: date("2025-02-10"), Article: "44"},
			{Kind: "study", No: "XF1", Code: "D500105000777", On: date("2025-03-20"), Off: 2, To: date("2025-04-01"), Article: "43"},
			{Kind: "refused", No: "HF2", Code: "D500105000777", On: date("2025-03-21"), Article: "44"},
		},
		Shares: []PointsShare{{Place: "P50010500004", Registered: 2, Blocked: 2, Exceeded: true, Article: "34"}, {Place: "H50010500001", Registered: 9, Blocked: 4, Article: "34"}},
	}
}

// writeAuthority writes the three workbooks and returns them by name.
func writeAuthority(t *testing.T, db *sql.DB, m PointsMonth) map[string]string {
	t.Helper()
	dir, meta := t.TempDir(), sampleMeta()
	paths, err := Points(context.Background(), db, dir, meta, m)
	if err != nil {
		t.Fatal(err)
	}
	lists, err := Handover(context.Background(), dir, meta, m)
	if err != nil {
		t.Fatal(err)
	}
	books := map[string]string{}
	for _, path := range append(paths, lists...) {
		name := strings.TrimSuffix(filepath.Base(path), "-2025-03.xlsx")
		books[name] = path
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", path, info.Mode(), err)
		}
	}
	return books
}

// byLibreOffice opens workbooks as an office does and returns the cells it shows, by book and sheet.
func byLibreOffice(t *testing.T, paths ...string) map[string][][]string {
	t.Helper()
	out := t.TempDir()
	cmd := osexec.Command("soffice", append([]string{"-env:UserInstallation=file://" + filepath.Join(t.TempDir(), "profile"), "--headless", "--convert-to",
		"csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1", "--outdir", out}, paths...)...)
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("soffice, of the packages the README names for tests: %v: %s", err, text)
	}
	sheets := map[string][][]string{}
	files, err := filepath.Glob(filepath.Join(out, "*.csv"))
	if err != nil || len(files) == 0 {
		t.Fatalf("LibreOffice opened nothing: %v", err)
	}
	for _, file := range files {
		r := csv.NewReader(bytes.NewReader(mustRead(t, file)))
		r.FieldsPerRecord = -1
		rows, err := r.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		sheets[strings.Replace(strings.TrimSuffix(filepath.Base(file), ".csv"), "-2025-03-", " ", 1)] = rows
	}
	return sheets
}

// line is the first row that begins so, without the empty cells at its end.
func line(t *testing.T, sheet [][]string, first ...string) string {
	t.Helper()
	for _, r := range sheet {
		if len(r) >= len(first) && slices.Equal(r[:len(first)], first) {
			return strings.TrimRight(strings.Join(r, "|"), "|")
		}
	}
	t.Errorf("no row %q in %q", first, sheet)
	return ""
}

func TestAuthoritiesGetWhatIsTrue(t *testing.T) {
	books := writeAuthority(t, sampleMart(t), samplePoints())
	sheets := byLibreOffice(t, books["points-report"], books["handover-health"], books["handover-drug"])
	for _, c := range []struct {
		sheet string
		row   []string
		want  string
	}{
		{"points-report 汇总", []string{"第二十九条（1—3 分）"}, "|0|2|1|3|1|2|1|4"},
		{"points-report 汇总", []string{"第三十二条（10—12 分）"}, "|1|0|0|1|1|0|0|1"},
		{"points-report 汇总", []string{"合计"}, "|2|2|1|5|3|2|1|6"},
		{"points-report 汇总", []string{"其中与他件合并计分"}, "|0|1|0|1|0|1|0|1"},
		{"points-report 汇总", []string{"记分合计（分）"}, "|18|2|1|21|21|2|1|24"},
		{"points-report 汇总", []string{"以前月份补列（件）"}, "|1|1|0|2"},
		{"points-report 汇总", []string{"以前月份补列记分（分）"}, "|3|7|0|10"},
		{"points-report 以前月份补列", []string{"JFL2"}, "|2024-12-30|D999999999998|（姓名未登记）|P50010500005|样例平价药房|第三十一条|31-1|7|7|通报"},
		{"handover-health 汇总", []string{"以前月份补列"}, "|1|1|以前月份补列"},
		{"handover-drug 汇总", []string{"以前月份补列"}, "|1|1|以前月份补列"},
		{"points-report 汇总", []string{"终止"}, "|1|0|0|1|1|0|0|1"},
		{"points-report 汇总", []string{"未达到措施"}, "|0|2|1|3|0|2|1|3"},
		{"points-report 汇总", []string{"受到处理的人员"}, "|2|1|1|4|2|1|1|4"},
		{"points-report 汇总", []string{"恢复资格（人）"}, "|0|0|0|0|0|1|0|1"},
		{"points-report 汇总", []string{"恢复申请未通过（件）"}, "|0|1|0|1|0|1|0|1"},
		{"points-report 汇总", []string{"作出后撤销的处理（件）"}, "||||0||||1"},
		{"points-report 汇总", []string{"处于暂停期"}, "|1|0|0|1|按处理决定计算"},
		{"points-report 汇总", []string{"仅登记数据显示受限"}, "|0|1|0|1|本中心没有相应的记分处理"},
		{"points-report 汇总", []string{"其间待复核的基金金额（元）"}, "|180.5|第四十八条，由机构承担；截至数据日的累计"},
		{"points-report 处理决定", []string{"JF1"}, "|2025-03-12|D500105000123|=1+1|H50010500001|样例区第一人民医院|第三十条|30-2|6|9|暂停 1 个月|2025-03-15|2025-04-14|主要责任|从重"},
		{"points-report 处理决定", []string{"=JF2"}, "|2025-03-31|D500105000456|" + markupName + "|H50010500002|" + longName() + "|第三十二条|32-1|12|12|终止 3 年|2025-03-31|2028-03-30|重要责任|无"},
		{"points-report 处理决定", []string{"JF4"}, "|2025-03-01|D500105000777|周样例|P50010500005|样例平价药房|第二十九条|29-2|0|||||||按第二十六条与 JF3 只计一次，不另记分"},
		{"points-report 处理决定", []string{"合计"}, "||||||||21"},
		{"points-report 受限人员", []string{"D500105000123"}, "|=1+1|样例区第一人民医院（H50010500001）|暂停|2025-03-15|2025-04-14|JF1|9|正常|登记状态仍为正常，与处理决定不一致。"},
		{"points-report 修复与恢复", []string{"学习培训修复"}, "|XF1|2025-03-20|D500105000777|周样例|样例平价药房（P50010500005）|2|0|2025-04-01|第四十三条"},
		{"points-report 机构占比", []string{"H50010500001"}, "|样例区第一人民医院|医疗机构|9|4|44.44%|再有一人受限，即超过规定|第三十四条"},
		{"points-report 状态未维护", []string{"H50010500001"}, "|样例区第一人民医院|D500105000123|=1+1|JF1|暂停|2025-03-15|2025-04-14|2025-03-13|2025-03-20||3|180.5|2|120.25|第三十七条、第四十八条"},
		{"handover-health 汇总", []string{"本月处理决定"}, "|2|2|处理决定"},
		{"handover-drug 汇总", []string{"本月处理决定"}, "|3|2|处理决定"},
		{"handover-drug 汇总", []string{"其中终止"}, "|1|1|处理决定"}, // a principal of a pharmacy, decided on as a doctor
		{"handover-drug 受限人员", []string{"D500105000456"}, "|" + markupName + "|" + longName() + "（H50010500002）；" + formulaish + "（P50010500004，主要负责人）|终止|2025-03-31|2028-03-30|=JF2|12"},
	} {
		if got := line(t, sheets[c.sheet], c.row...); got != c.row[0]+c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.sheet, got, c.row[0]+c.want)
		}
	}
	for name, sheet := range sheets {
		text := fmt.Sprint(sheet)
		if !strings.HasPrefix(sheet[0][0], officeUse) {
			t.Errorf("%s is not marked: %q", name, sheet[0])
		}
		if strings.HasPrefix(name, "handover") && (strings.Contains(text, "登记备案状态") || strings.Contains(text, "D999999999999")) {
			t.Errorf("%s has what is not for others: %s", name, text)
		}
	}
	for _, sheet := range []string{"handover-health 汇总", "handover-drug 汇总", "points-report 汇总"} {
		if !strings.Contains(fmt.Sprint(sheets[sheet]), "1 名人员查不到所在机构") {
			t.Errorf("%s does not tell of whom no list names", sheet)
		}
	}
	for _, sheet := range []string{"handover-health 汇总", "points-report 汇总"} {
		if !strings.Contains(fmt.Sprint(sheets[sheet]), "上一期通知单出具以后才生效") {
			t.Errorf("%s does not explain what came late", sheet)
		}
	}
	if text := fmt.Sprint(sheets["points-report 状态未维护"]); strings.Contains(text, "JF0") { // its block was over before March
		t.Errorf("%s", text)
	}
	if text := fmt.Sprint(sheets["handover-health 处理决定"]); strings.Contains(text, "JF3") {
		t.Errorf("the health authority hears of a pharmacy's: %s", text)
	}
}

func TestMonthWithoutDecisionSaysSo(t *testing.T) {
	m := PointsMonth{Until: date("2025-03-31"), Bands: samplePoints().Bands}
	books := writeAuthority(t, openMart(t), m)
	for book, want := range map[string]string{"points-report": "本月没有作出记分处理决定。", "handover-health": "本月没有对定点医疗机构的相关人员作出记分处理决定。",
		"handover-drug": "本月没有对定点零售药店的主要负责人，以及在零售药店受到处理的人员作出记分处理决定。"} {
		f := openBook(t, books[book])
		if front := fmt.Sprint(rows(t, f, sheetSummary)); !strings.Contains(front, want) {
			t.Errorf("%s: %s", book, front)
		}
		if r := rows(t, f, "处理决定"); len(r) != 3 || r[2][0] != "本月没有作出记分处理决定。" {
			t.Errorf("%s: %q", book, r)
		}
	}
}

func TestAuthorityBooksAreRepeatableAndCalculate(t *testing.T) {
	first, second := writeAuthority(t, sampleMart(t), samplePoints()), writeAuthority(t, sampleMart(t), samplePoints())
	for name, path := range first {
		if !bytes.Equal(mustRead(t, path), mustRead(t, second[name])) {
			t.Errorf("%s differs", name)
		}
		if checked := checkFormulas(t, openBook(t, path)); name == "points-report" && checked < 60 {
			t.Errorf("%s: only %d formulas", name, checked)
		}
	}
}

func TestAuthorityBooksNeedADayAndAPlace(t *testing.T) {
	meta := sampleMeta()
	meta.AsOf = time.Time{}
	if _, err := Handover(context.Background(), t.TempDir(), meta, samplePoints()); pipeline.HintOf(err) == "" {
		t.Errorf("%v", err)
	}
	dir := t.TempDir()
	ctx, stop := context.WithCancel(context.Background())
	stop()
	_, err := Points(ctx, sampleMart(t), dir, sampleMeta(), samplePoints())
	if left, _ := os.ReadDir(dir); pipeline.KindOf(err) != pipeline.KindInterrupted || len(left) != 0 {
		t.Errorf("%v, left %v", err, left)
	}
	_, err = Handover(ctx, dir, sampleMeta(), samplePoints())
	if left, _ := os.ReadDir(dir); pipeline.KindOf(err) != pipeline.KindInterrupted || len(left) != 0 {
		t.Errorf("%v, left %v", err, left)
	}
}

// The month's own workbook lists what the record asks of people, masked, and only where there is something.
func TestMonthlyReportShowsWhatTheRecordAsks(t *testing.T) {
	paths, err := Monthly(context.Background(), sampleMart(t), t.TempDir(), sampleMeta())
	if err != nil {
		t.Fatal(err)
	}
	sheets := byLibreOffice(t, paths[0])
	for sheet, want := range map[string]string{
		"到期事项":  "已超期|维护登记备案状态|2025-03-20|D500105000123|张*|H50010500001；H50010500002|JF1|第三十七条",
		"记分预警":  "受限人员占比超过规定|P50010500004|" + formulaish + "|||||2|2|第三十四条",
		"状态未维护": "H50010500001|样例区第一人民医院|D500105000123|张*|JF1|暂停|2025-03-15|2025-04-14|2025-03-13|2025-03-20||3|180.5|2|120.25|第三十七条、第四十八条",
	} {
		first, _, _ := strings.Cut(want, "|")
		if got := line(t, sheets["claimsaudit "+sheet], first); got != want {
			t.Errorf("%s:\n got %s\nwant %s", sheet, got, want)
		}
	}
	for _, want := range []string{"八、记分管理", "记分管理的期限：已超期 1 项，一周内到期 1 项，缺工作日历 1 项", "登记状态逾期未维护（截至数据日累计，含已结束的处理）：2 家机构 2 项，其间待复核的基金金额 220.50 元，其中期限以后 160.25 元"} {
		if !strings.Contains(string(mustRead(t, paths[1])), want) {
			t.Errorf("page lacks %s", want)
		}
	}
	empty, err := Monthly(context.Background(), openMart(t), t.TempDir(), sampleMeta())
	if err != nil {
		t.Fatal(err)
	}
	if list := openBook(t, empty[0]).GetSheetList(); slices.Contains(list, "到期事项") || slices.Contains(list, "记分预警") || slices.Contains(list, "状态未维护") {
		t.Errorf("empty sheets: %v", list)
	}
	if strings.Contains(string(mustRead(t, empty[1])), "记分管理") {
		t.Error("page tells of nothing")
	}
}
