package report

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"claimsaudit/pipeline"
)

func yearMeta() Meta {
	m := sampleMeta()
	m.Period, m.Year, m.StatementNo = pipeline.Period{}, 2024, ""
	return m
}

var sampleTables = ScoreTables{"institution-2025": {8: {"visits_outpatient_employee", "amount_outpatient_employee_cents"},
	9: {"visits_inpatient_employee", "amount_inpatient_employee_cents", "visits_inpatient_resident", "amount_inpatient_resident_cents"}}, "pharmacy-2025": {}}

// scoreMart holds made-up cards of 2024: one complete, one on which points and a veto are open, a pharmacy vetoed for
// whatever else, two pharmacies with the same total, and of 2023 three cards, one of them open.
func scoreMart(t testing.TB) *sql.DB {
	t.Helper()
	db := openMart(t)
	do := func(query string, args ...any) { t.Helper(); exec(t, db, query, args...) }
	do(`INSERT INTO mart.institution (fixmedins_code, fixmedins_name, fixmedins_type, valid_from, valid_to, ownership) VALUES
		('H50010500001','样例区第一人民医院（旧名）','1',NULL,'2024-06-01','public'), ('H50010500001','样例区第一人民医院','1','2024-06-01','2025-02-01','public'),
		('H50010500001','样例区第一人民医院（新名）','1','2025-02-01',NULL,'public'), ('H50010500002',$1,'1',NULL,NULL,'private'), ('P50010500003',$2,'2',NULL,NULL,NULL),
		('P50010500004',$3,'2',NULL,NULL,NULL), ('P50010500005','样例平价药房','2',NULL,NULL,NULL)`, longName(), formulaish, markup)
	do(`INSERT INTO mart.scorecard_total SELECT v.*, '2024', 'open', NULL, NULL, NULL, NULL, NULL FROM (VALUES
		(2024,'H50010500001','1','public',15.33,15.33,15.33,false,NULL,NULL,22.50,'qualified',15,'总分 15.33 分，合格。','institution-2025','2025年定点医疗机构协议签订考核表',2025,false),
		(2024,'H50010500002','1','private',NULL,0,16.11,false,NULL,'1, 9',NULL,'incomplete',15,'第 1、9 项还不能确定，总分可得 0 至 16.11 分，其中有否决项待证。','institution-2025','2025年定点医疗机构协议签订考核表',2025,false),
		(2024,'P50010500003','2',NULL,0,0,0,true,'1',NULL,5,'unqualified',3,'第 1 项否决，总分为 0，不合格；其余各项合计 5 分。','pharmacy-2025','2025年定点零售药店协议签订考核表',2025,false),
		(2024,'P50010500004','2',NULL,5,5,5,false,NULL,NULL,NULL,'qualified',3,'总分 5 分，合格。','pharmacy-2025','2025年定点零售药店协议签订考核表',2025,false),
		(2024,'P50010500005','2',NULL,5,5,5,false,NULL,NULL,NULL,'qualified',3,'总分 5 分，合格。','pharmacy-2025','2025年定点零售药店协议签订考核表',2025,false),
		(2023,'P50010500005','2',NULL,2,2,2,false,NULL,NULL,NULL,'unqualified',3,'总分 2 分，不足 3 分，不合格。','pharmacy-2025','2024年表',2024,false),
		(2023,'P50010500004','2',NULL,NULL,1,5,false,NULL,'4',NULL,'incomplete',3,'第 4 项还不能确定，总分可得 1 至 5 分。','pharmacy-2025','2024年表',2024,false),
		(2023,'P50010500009','2',NULL,4,4,4,false,NULL,NULL,NULL,'qualified',3,'总分 4 分，合格。','pharmacy-2025','2024年表',2024,false)
		) v(year, code, kind, own, total, lowest, highest, vetoed, vetoes, missing, self, decision, pass, note, card, title, agreement, stands_in)`)
	do(`UPDATE mart.scorecard_total SET state = 'final', final_on = DATE '2025-02-10' WHERE fixmedins_code = 'H50010500001'`)
	do(`INSERT INTO mart.scorecard SELECT year, code, no, category, title, explanation, method, kind, '附件2第' || no || '项', most, score, coalesce(score, 0), coalesce(score, most), vetoed,
		false, CASE WHEN score IS NULL THEN 'missing' ELSE 'computed' END, evidence, NULL, self, 'open', NULL, NULL, NULL FROM (VALUES
		(2024,'H50010500001',1,'协议履行情况','违约责任','按期缴清','没有缴清的，否决','veto',0,0,false,'已缴清。',NULL),
		(2024,'H50010500001',4,'协议履行情况','人员管理','变更及时登记','每次扣 1 分','mixed',5,3,false,'变更登记超期 2 次，扣 2 分。',5),
		(2024,'H50010500001',8,'基金使用情况','门诊统筹','自报职工医保','自报不实的，不得分','deduct',2,2,false,'相符。',2),
		(2024,'H50010500001',9,'基金使用情况','住院','自报两种医保','自报不实的，不得分','deduct',2,0,false,'住院金额不符，扣 2 分。',2),
		(2024,'H50010500001',19,'重点任务','集采','结清货款','折算','deduct',10,10.33,false,'=SUM(A1)',13.5),
		(2024,'H50010500002',1,'协议履行情况','违约责任','按期缴清','没有缴清的，否决','veto',0,NULL,false,'没有证据。',NULL),
		(2024,'H50010500002',4,'协议履行情况','人员管理','变更及时登记','每次扣 1 分','mixed',5,4.11,false,$1,NULL),
		(2024,'H50010500002',9,'基金使用情况','住院','自报两种医保','自报不实的，不得分','deduct',12,NULL,false,'没有自报；可得 0 至 12 分。',NULL),
		(2024,'P50010500003',1,'协议履行情况','违约责任','按期缴清','没有缴清的，否决','veto',0,0,true,'未缴清（依据：=文件）。',NULL),
		(2024,'P50010500003',4,'协议履行情况','宣传','发放资料','得 5 分','award',5,5,false,'有。',5),
		(2024,'P50010500004',4,'协议履行情况','宣传','发放资料','得 5 分','award',5,5,false,'有。',NULL),
		(2024,'P50010500005',4,'协议履行情况','宣传','发放资料','得 5 分','award',5,5,false,'有。',NULL)
		) v(year, code, no, category, title, explanation, method, kind, most, score, vetoed, evidence, self)`, strings.Repeat("很长的依据，", 60))
	do(`INSERT INTO mart.self_report (year, fixmedins_code, report_item, figure, is_current) VALUES
		(2024,'H50010500001','visits_outpatient_employee',1000,true), (2024,'H50010500001','amount_outpatient_employee',12.345678,true),
		(2024,'H50010500001','visits_inpatient_employee',20,true), (2024,'H50010500001','amount_inpatient_employee',30.5,true),
		(2024,'H50010500001','visits_inpatient_employee',999,false), (2023,'H50010500001','visits_inpatient_resident',5,true)`)
	do(`INSERT INTO mart.score_metric VALUES
		(2024,'H50010500001','visits_outpatient_employee','',1000,0,'ok'), (2024,'H50010500001','amount_outpatient_employee_cents','',12345600,0,'ok'),
		(2024,'H50010500001','visits_inpatient_employee','',20,0,'ok'), (2024,'H50010500001','amount_inpatient_employee_cents','',50000000,0,'ok'),
		(2024,'H50010500001','visits_inpatient_resident','',7,0,'ok'), (2024,'H50010500001','amount_inpatient_resident_cents','',0,0,'no_data'),
		(2024,'H50010500001','ratio_601','',49999,100000,'ok'), (2024,'H50010500001','ratio_608','',123456,200000,'ok'), (2024,'H50010500001','over_standard_price','',2,0,'ok'),
		(2024,'H50010500001','late_change','',0,0,'ok'), (2024,'H50010500001','uncoded_person','',0,0,'no_data')`)
	do(`INSERT INTO mart.scorecard_step VALUES (2024,'H50010500002',1,1,'show_no_veto',0,'提交证据：已缴清'), (2024,'H50010500002',2,9,'submit',12,'提交自报数字'),
		(2024,'H50010500001',1,4,'improve',2,'改进')`)
	do(`INSERT INTO mart.score_case (year, fixmedins_code, metric, kind, amount_yuan) VALUES (2024,'H50010500001','over_standard_price','price_above_limit',10.50),
		(2024,'H50010500001','over_standard_price','price_above_limit',20)`)
	do(`INSERT INTO mart.institution_period VALUES ('2024-03','H50010500001','x','1',5,9,1000,880,20,0,100,10,-5.5), ('2024-12','H50010500001','x','1',1,1,200.10,200.10,0,0,0,0,0),
		('2025-01','H50010500001','x','1',7,7,7,7,0,0,0,0,0)`)
	do(`INSERT INTO mart.institution_blocked_share VALUES (2024,'H50010500001',30,1,false), (2025,'H50010500001',31,2,false)`)
	do(`INSERT INTO mart.practitioner_file (practitioner_code, institutions) VALUES ('D1','H50010500001；H50010500002'), ('D2','H50010500001'), ('D3',NULL)`)
	do(`INSERT INTO mart.points_record (practitioner_code, year, event, points) VALUES ('D1',2024,'points',3), ('D1',2024,'points',2), ('D2',2025,'points',9), ('D1',2024,'repair',-1),
		('D3',2024,'points',1)`)
	return db
}

func writeScoreForms(t testing.TB, db *sql.DB, dir string, codes ...string) []string {
	t.Helper()
	paths, err := ScoreForms(context.Background(), db, yearMeta(), sampleTables, codes, func(code string) string { return filepath.Join(dir, code+"-2024.xlsx") })
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// forgotten is the workbook without the values stored beside its formulas, so that whoever opens it has to calculate.
func forgotten(t *testing.T, path, into string, change func(*excelize.File)) string {
	t.Helper()
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if change != nil {
		change(f)
	}
	if err := f.UpdateLinkedValue(); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(into, filepath.Base(path))
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// row is the first row of a sheet that begins with the words.
func rowOf(t *testing.T, sheet [][]string, first string) []string {
	t.Helper()
	for _, r := range sheet {
		if len(r) > 0 && r[0] == first {
			return append(slices.Clone(r), make([]string, 20)...)
		}
	}
	t.Fatalf("no row %q in %q", first, sheet)
	return nil
}

// TestScoreFormsComeToTheMartsTotals: LibreOffice, made to calculate, finds in every form what mart.scorecard_total says;
// what is open is no number, and becomes one when somebody completes the table.
func TestScoreFormsComeToTheMartsTotals(t *testing.T) {
	db, dir, bare, done := scoreMart(t), t.TempDir(), t.TempDir(), t.TempDir()
	var opened []string
	for _, path := range writeScoreForms(t, db, dir) {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", path, info, err)
		}
		if n := checkFormulas(t, openBook(t, path)); n < 2 {
			t.Errorf("%s: %d formulas", path, n)
		}
		opened = append(opened, forgotten(t, path, bare, nil))
	}
	completed := forgotten(t, filepath.Join(dir, "H50010500002-2024.xlsx"), done, func(f *excelize.File) {
		for cell, value := range map[string]any{"J6": "未否决", "J8": 10} {
			if err := f.SetCellValue(scoreSheet, cell, value); err != nil {
				t.Fatal(err)
			}
		}
	})
	renamed := filepath.Join(done, "completed-2024.xlsx")
	if err := os.Rename(completed, renamed); err != nil {
		t.Fatal(err)
	}
	sheets := byLibreOffice(t, append(opened, renamed)...)
	if len(sheets) != 6 {
		t.Fatalf("%d books opened", len(sheets))
	}
	for _, c := range []struct{ code, total, self, full string }{
		{"H50010500001", "15.33", "22.5", "19"}, {"H50010500002", scorePending, "未报", "17"}, {"P50010500003", "0", "5", "5"}, {"P50010500004", "5", "未报", "5"},
		{"P50010500005", "5", "未报", "5"}, {"completed", "14.11", "未报", "17"},
	} {
		r := rowOf(t, sheets[c.code+"-2024-"+scoreSheet], "合计")
		if r[7] != c.full || r[8] != c.self || r[9] != c.total {
			t.Errorf("%s: %q, want %+v", c.code, r[7:11], c)
		}
		if published := scalar[sql.NullFloat64](t, db, "SELECT CAST(max(total) AS DOUBLE) FROM mart.scorecard_total WHERE year = 2024 AND fixmedins_code = $1", c.code); published.Valid {
			if shown, err := strconv.ParseFloat(r[9], 64); err != nil || math.Abs(shown-published.Float64) > 1e-9 {
				t.Errorf("%s: shown %s, published %v", c.code, r[9], published)
			}
		}
	}
	form := sheets["H50010500001-2024-"+scoreSheet]
	text := fmt.Sprint(form)
	for _, want := range []string{"机构名称（公章）：样例区第一人民医院 ", "状态：定稿（2025年2月10日）", "职工医保：1,000 人次，12.345678 万元", "职工医保：20 人次，30.50 万元", "居民医保：未填报",
		"=SUM(A1)", "考核结论", "总分 15.33 分，合格。", "机构负责人（签字、盖章）：", "中心经办（签字）："} {
		if !strings.Contains(text, want) {
			t.Errorf("form lacks %q: %s", want, text)
		}
	}
	for sheet, want := range map[string]string{"H50010500002": "总分可得 0 至 16.11 分。", "P50010500003": "有否决项，总分为 0 分。"} {
		if text := fmt.Sprint(sheets[sheet+"-2024-"+scoreSheet]); !strings.Contains(text, want) {
			t.Errorf("%s lacks %q: %s", sheet, want, text)
		}
	}
	if text := fmt.Sprint(sheets["H50010500002-2024-"+scoreSheet]); !strings.Contains(text, longName()) || !strings.Contains(text, "暂不能确定。第 1、9 项") {
		t.Error(text)
	}
}

func TestScoreFormIsPaper(t *testing.T) {
	dir := t.TempDir()
	f := openBook(t, writeScoreForms(t, scoreMart(t), dir, "H50010500001")[0])
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("%v", files)
	}
	layout, err := f.GetPageLayout(scoreSheet)
	if err != nil || *layout.Size != 9 || *layout.Orientation != "landscape" || *layout.FitToWidth != 1 {
		t.Errorf("%+v %v", layout, err)
	}
	foot, err := f.GetHeaderFooter(scoreSheet)
	if err != nil || !strings.Contains(foot.OddFooter, yearMeta().RunID) || !strings.Contains(foot.OddFooter, yearMeta().shortHash()) || len([]rune(foot.OddFooter)) > 255 {
		t.Errorf("%+v %v", foot, err)
	}
	if names := f.GetDefinedName(); len(names) != 1 || names[0].RefersTo != "'考核表'!$4:$5" {
		t.Errorf("%+v", names)
	}
	merged, err := f.GetMergeCells(scoreSheet)
	if err != nil {
		t.Fatal(err)
	}
	joined := map[string]string{}
	for _, m := range merged {
		joined[m.GetStartAxis()+":"+m.GetEndAxis()] = m.GetCellValue()
	}
	for at, want := range map[string]string{"B6:B7": "协议履行情况", "B8:B9": "基金使用情况", "F4:H4": "计分", "A4:A5": "序号"} {
		if joined[at] != want {
			t.Errorf("%s is %q, want %q: %v", at, joined[at], want, joined)
		}
	}
	if kind, err := f.GetCellType(scoreSheet, "K10"); err != nil || kind == excelize.CellTypeFormula {
		t.Errorf("delivered text has become a formula: %v %v", kind, err)
	}
	if title := rows(t, f, scoreSheet)[0][0]; title != "2025年定点医疗机构协议签订考核表" {
		t.Error(title)
	}
}

// The centre's workbook, as the office opens it.
func TestScoreBookTellsTheCentre(t *testing.T) {
	paths, err := ScoreBook(context.Background(), scoreMart(t), t.TempDir(), yearMeta(), sampleTables)
	if err != nil {
		t.Fatal(err)
	}
	if n := checkFormulas(t, openBook(t, paths[0])); n < 7 {
		t.Errorf("%d formulas", n)
	}
	sheets := byLibreOffice(t, paths[0])
	lines := func(sheet string) (all []string) {
		for _, r := range sheets["scorecards-2024-"+sheet] {
			all = append(all, strings.TrimRight(strings.Join(r, "|"), "|"))
		}
		return all[min(1, len(all)):]
	}
	for sheet, want := range map[string][]string{
		scoreRankSheet: {
			"医疗机构|1||H50010500001|样例区第一人民医院|15.33|15.33|15.33|22.5|合格|定稿||",
			"医疗机构||待定，不排名次|H50010500002|" + longName() + "||0|16.11||暂不能确定|未定稿||1, 9|",
			"零售药店|1|并列 2 家|P50010500004|" + markup + "|5|5|5||合格|未定稿||", "零售药店|1|并列 2 家|P50010500005|样例平价药房|5|5|5||合格|未定稿||",
			"零售药店||否决，不排名次|P50010500003|" + formulaish + "|0|0|0|5|不合格|未定稿|1||"},
		scoreVetoSheet: {"零售药店|P50010500003|" + formulaish + "|1|违约责任|没有缴清的，否决|系统计算|未缴清（依据：=文件）。|附件2第1项"},
		scoreGapSheet: {"医疗机构|H50010500001|样例区第一人民医院|4|人员管理|5|5|3|2|系统计算|", "医疗机构|H50010500001|样例区第一人民医院|9|住院|2|2|0|2|",
			"医疗机构|H50010500001|样例区第一人民医院|19|集采|10|13.5|10.33|3.17|"},
		figureGapSheet: {"医疗机构|H50010500001|样例区第一人民医院|8|门诊统筹（含慢特病）|职工医保|1,000|1,000|0|123,456.78|123,456|0.78|允许误差以内",
			"医疗机构|H50010500001|样例区第一人民医院|9|住院|职工医保|20|20|0|305,000|500,000|-195,000|本项不得分"},
		scoreChangeSheet: {"医疗机构|H50010500001|样例区第一人民医院|||15.33|合格||上年没有考核", "医疗机构|H50010500002|" + longName() + "||||暂不能确定||上年没有考核",
			"零售药店|P50010500003|" + formulaish + "|||0|不合格||上年没有考核", "零售药店|P50010500004|" + markup + "||暂不能确定|5|合格||上年未能确定（上年未定稿）",
			"零售药店|P50010500005|样例平价药房|2|不合格|5|合格|3|转为合格（上年未定稿）", "零售药店|P50010500009||4|合格||||本年没有考核（上年未定稿）"},
		scoreMissingSheet: {"医疗机构|H50010500002|" + longName() + "|1|违约责任|证明没有否决情形|0|提交证据：已缴清", "医疗机构|H50010500002|" + longName() + "|9|住院|提交材料|12|提交自报数字"},
	} {
		got := lines(sheet)
		if len(got) != len(want) {
			t.Errorf("%s has %d rows: %q", sheet, len(got), got)
			continue
		}
		for i := range want {
			if !strings.HasPrefix(strings.ReplaceAll(got[i], ",", ""), strings.ReplaceAll(want[i], ",", "")) {
				t.Errorf("%s:\n got %s\nwant %s", sheet, got[i], want[i])
			}
		}
	}
	front := fmt.Sprint(sheets["scorecards-2024-"+sheetSummary])
	for _, want := range []string{"[医疗机构 2025年定点医疗机构协议签订考核表 2 1 0 0 1 1 1]", "[零售药店 2025年定点零售药店协议签订考核表 3 2 1 1 0 0 1]", "没有报自评得分的机构 3 家"} {
		if !strings.Contains(front, want) {
			t.Errorf("front lacks %q: %s", want, front)
		}
	}
}

func TestScorePapersAreRepeatableAndWhole(t *testing.T) {
	first, second := t.TempDir(), t.TempDir()
	for _, dir := range []string{first, second} {
		db := scoreMart(t)
		writeScoreForms(t, db, dir)
		if _, err := ScoreBook(context.Background(), db, dir, yearMeta(), sampleTables); err != nil {
			t.Fatal(err)
		}
	}
	files, err := os.ReadDir(first)
	if err != nil || len(files) != 6 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		if !bytes.Equal(mustRead(t, filepath.Join(first, f.Name())), mustRead(t, filepath.Join(second, f.Name()))) {
			t.Errorf("%s differs", f.Name())
		}
	}

	db, dir := scoreMart(t), t.TempDir()
	path := func(code string) string { return filepath.Join(dir, code) }
	ctx, stop := context.WithCancel(context.Background())
	stop()
	_, err = ScoreForms(ctx, db, yearMeta(), sampleTables, nil, path)
	if left, _ := os.ReadDir(dir); pipeline.KindOf(err) != pipeline.KindInterrupted || len(left) != 0 {
		t.Errorf("%v, left %v", err, left)
	}
	if _, err := db.Exec("UPDATE mart.scorecard SET score = 4 WHERE fixmedins_code = 'H50010500001' AND indicator_no = 4"); err != nil {
		t.Fatal(err)
	}
	_, err = ScoreForms(context.Background(), db, yearMeta(), sampleTables, nil, path)
	if left, _ := os.ReadDir(dir); err == nil || !strings.Contains(err.Error(), "H50010500001 2024") || len(left) != 0 {
		t.Errorf("a card that contradicts itself: %v, left %v", err, left)
	}
	meta := yearMeta()
	meta.Year = 0
	if _, err := ScoreBook(context.Background(), db, dir, meta, nil); pipeline.HintOf(err) == "" {
		t.Error(err)
	}
}

// BenchmarkScoreForms writes the tables of 600 institutions with 24 indicators each.
func BenchmarkScoreForms(b *testing.B) {
	db := scoreMart(b)
	for _, query := range []string{
		`INSERT INTO mart.scorecard_total SELECT 2022, 'H' || lpad(CAST(n AS VARCHAR), 11, '0'), '1', NULL, 96, 96, 96, false, NULL, NULL, NULL, 'qualified', 60, '总分 96 分，合格。',
			'institution-2025', '2025年定点医疗机构协议签订考核表', 2025, false, '2022', 'open', NULL, NULL, NULL, NULL, NULL FROM range(600) r(n)`,
		`INSERT INTO mart.scorecard SELECT 2022, 'H' || lpad(CAST(n AS VARCHAR), 11, '0'), i + 1, '类别' || i // 8, '指标名称' || i, '指标释义文字文字文字文字文字', '计分方法文字文字文字文字文字', 'deduct',
			'附件2', 5, 4, 4, 4, false, false, 'computed', '依据文字，依据文字，依据文字，依据文字，依据文字。', NULL, NULL, 'open', NULL, NULL, NULL FROM range(600) r(n), range(24) k(i)`,
	} {
		if _, err := db.Exec(query); err != nil {
			b.Fatal(err)
		}
	}
	meta := yearMeta()
	meta.Year = 2022
	for b.Loop() {
		dir, start := b.TempDir(), time.Now()
		paths, err := ScoreForms(context.Background(), db, meta, sampleTables, nil, func(code string) string { return filepath.Join(dir, code+".xlsx") })
		if err != nil || len(paths) != 600 {
			b.Fatal(len(paths), err)
		}
		b.ReportMetric(float64(len(paths))/time.Since(start).Seconds(), "forms/s")
	}
}
