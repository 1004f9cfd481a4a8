package jobs

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"claimsaudit/pipeline"
	"claimsaudit/pipeline/mail/mailtest"
	"claimsaudit/pipeline/warehouse"

	"github.com/xuri/excelize/v2"
)

const (
	fullHead = "decision_no,prac_psn_code,decided_on,article,item,points,state,effective_on,notice_served_on,fixmedins_code,responsibility,adjustment,inspection_no\n"
	marchRun = "points-report-2025-03.xlsx handover-health-2025-03.xlsx handover-drug-2025-03.xlsx"
)

// march is a month with something on every list: D1 is suspended and its registry late, D2 is blocked by the registry
// alone, D9 is nobody the registry knows; a revision and a decision of April must not show.
func (o *mailOffice) march() {
	o.t.Helper()
	o.writeFile("points_decision_1.csv", fullHead+
		"J0,D1,2025-02-20,29,a,1,final,,2025-02-20,H1,general,none,\n"+
		"J1,D1,2025-03-03,31,b,8,final,2025-03-04,2025-03-03,H1,main,heavier,\n"+
		"J2,D9,2025-03-18,29,a,2,final,,2025-03-18,,general,lighter,JC1\n"+
		"J3,D9,2025-03-18,29,a,1,final,,2025-03-18,,general,lighter,JC1\n"+
		"J4,D1,2025-04-01,29,c,3,final,,,H1,general,none,\n"+
		"J5,D2,2025-03-10,29,c,3,proposed,,,H1,general,none,\n")
	o.writeFile("repair_1.csv", "repair_no,prac_psn_code,kind,done_on\nX1,D9,publicity,2025-03-20\n")
	o.writeFile("restoration_1.csv", "restoration_no,prac_psn_code,applied_on,decided_on,approved\nR1,D1,2025-03-20,2025-03-25,0\n")
	o.writeFile("practitioner_status_2.csv", "snapshot_date,prac_psn_code,fixmedins_code,status,status_begin,status_end,prac_psn_name\n"+
		"2025-04-01,D1,H1,normal,,,样本甲改名\n2025-04-01,D2,H1,suspended,2025-03-01,2025-05-31,样本乙\n")
}

// cells are the rows of a sheet, joined by bars.
func cells(t *testing.T, path, sheet string) (lines []string) {
	t.Helper()
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		lines = append(lines, strings.TrimRight(strings.Join(r, "|"), "|"))
	}
	return lines
}

func baseNames(paths []string) string {
	var names []string
	for _, path := range paths {
		names = append(names, filepath.Base(path))
	}
	return strings.Join(names, " ")
}

// TestMonthlyRunWritesForTheAuthorities: the three workbooks lie beside the report, say what the record says, and name in full.
func TestMonthlyRunWritesForTheAuthorities(t *testing.T) {
	o := pointsOffice(t)
	o.march()
	out := o.run(0, Request{Job: Monthly, Period: pipeline.Period{Year: 2025, Month: 3}, AsOf: dateOf(t, "2025-04-02")})
	if got := baseNames(out.ForAuthorities); got != marchRun {
		t.Fatalf("wrote %q", got)
	}
	points := out.ForAuthorities[0]
	if filepath.Dir(points) != filepath.Dir(out.Reports[0]) {
		t.Errorf("%s is not beside %s", points, out.Reports[0])
	}
	decisions := cells(t, points, "处理决定")
	for i, want := range []string{"内部资料", "处理编号|", "J1|2025-03-03|D1|样本甲改名|H1|样例医院|第三十一条|b|8|9|暂停 1 个月|2025-03-04|2025-04-03|主要责任|从重",
		"J2|2025-03-18|D9|（姓名未登记）|||第二十九条|a|2|2||||一般责任|从轻", "J3|2025-03-18|D9|（姓名未登记）|||第二十九条|a|0|||||一般责任|从轻|按第二十六条与 J2 只计一次，不另记分", "合计|"} {
		if i >= len(decisions) || !strings.HasPrefix(decisions[i], want) {
			t.Fatalf("row %d is not %q: %q", i+1, want, decisions)
		}
	}
	if len(decisions) != 6 {
		t.Errorf("%q", decisions)
	}
	total, _, _ := strings.Cut(strings.TrimLeft(strings.TrimPrefix(decisions[5], "合计"), "|"), "|")
	o.wantRows("sum(points)) FROM mart.points_record WHERE event = 'points' AND on_date BETWEEN '2025-03-01' AND '2025-03-31'", total)
	if got := cells(t, points, "受限人员")[2:]; !slices.Equal(got, []string{
		"D1|样本甲改名|样例医院（H1）|暂停|2025-03-04|2025-04-03|J1|9|正常|登记状态仍为正常，与处理决定不一致。",
		"D2|样本乙|样例医院（H1）|暂停|2025-03-01|2025-05-31||0|暂停|登记数据显示受限，本中心没有相应的记分处理，请核对来源。"}) {
		t.Errorf("%q", got)
	}
	if got := cells(t, points, "修复与恢复")[2:4]; !strings.HasPrefix(got[0], "政策宣传修复|X1|2025-03-20|D9|") || !strings.HasPrefix(got[1], "恢复申请未通过|R1|2025-03-25|D1|样本甲改名") {
		t.Errorf("%q", got)
	}
	late := cells(t, points, "状态未维护")
	if len(late) != 4 || !strings.HasPrefix(late[2], "H1|样例医院|D1|样本甲改名|J1|暂停|") {
		t.Fatalf("%q", late)
	}
	fund := strings.Split(late[2], "|")[12]
	o.wantRows("fund_yuan) FROM mart.status_not_maintained WHERE ref_no = 'J1'", fund)
	if got := cells(t, out.ForAuthorities[1], "处理决定"); len(got) != 4 || strings.Contains(strings.Join(got, ""), "D9") {
		t.Errorf("health: %q", got)
	}
	if got := cells(t, out.ForAuthorities[2], "处理决定"); len(got) != 3 || got[2] != "本月没有作出记分处理决定。" {
		t.Errorf("drug: %q", got)
	}
}

// TestPapersByCommandAreThoseOfTheRun: what the command writes is what the run filed, which it does not touch.
func TestPapersByCommandAreThoseOfTheRun(t *testing.T) {
	o := pointsOffice(t)
	o.march()
	o.nightly(0, "2025-04-02")
	ctx, period := context.Background(), pipeline.Period{Year: 2025, Month: 3}
	early, err := o.Handover(ctx, period, "") // nobody has reported the month yet
	if err != nil || filepath.Dir(early[0]) != o.path("reports", "2025-03") {
		t.Fatalf("%q %v", early, err)
	}
	o.now = o.now.Add(time.Minute)
	filed := o.run(0, Request{Job: Monthly, Period: period, AsOf: dateOf(t, "2025-04-02")}).ForAuthorities
	before := mustReadAll(t, filed)
	paths, err := o.PointsReport(ctx, period, "")
	lists, listErr := o.Handover(ctx, period, "")
	if err != nil || listErr != nil || filepath.Dir(paths[0]) != o.path("reports", "2025-03", "as-of-2025-04-02") {
		t.Fatalf("%q %v %v", paths, err, listErr)
	}
	for i, data := range mustReadAll(t, append(paths, lists...)) {
		if !bytes.Equal(data, before[i]) || !bytes.Equal(mustReadAll(t, filed)[i], before[i]) {
			t.Errorf("%s is not what the run filed", filed[i])
		}
	}
	// A month of which little is known yet shows its state on the as-of day.
	april, err := o.PointsReport(ctx, period.Add(1), filepath.Join(t.TempDir(), "papers", "april"))
	if err != nil {
		t.Fatal(err)
	}
	if got := cells(t, april[0], "处理决定"); len(got) != 4 || !strings.HasPrefix(got[2], "J4|2025-04-01|D1|样本甲改名|H1|样例医院|第二十九条|c|3|12|终止 1 年") {
		t.Errorf("%q", got)
	}
	_, err = o.PointsReport(ctx, period.Add(2), "")
	if pipeline.KindOf(err) != pipeline.KindUsage || !strings.Contains(err.Error(), "2025-04-02") {
		t.Errorf("a month that has not begun: %v", err)
	}
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err = o.PointsReport(ctx, period, blocked); pipeline.KindOf(err) != pipeline.KindUsage || !strings.Contains(pipeline.HintOf(err), "--out") {
		t.Errorf("a folder that is none: %v", err)
	}
	db, err := warehouse.Open(ctx, o.warehouseOptions(o.WarehousePath()))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err = newMailOffice(t).PointsReport(ctx, period, ""); pipeline.KindOf(err) != pipeline.KindUsage || !strings.Contains(pipeline.HintOf(err), "run nightly") {
		t.Errorf("nothing has run: %v", err)
	}
}

// TestDecisionFinalAfterItsMonthIsListedOnce: what was only proposed when its month was reported is in the next month's
// lists, apart from that month's own; what the earlier papers had, or its own month has, is not listed again.
func TestDecisionFinalAfterItsMonthIsListedOnce(t *testing.T) {
	o := pointsOffice(t)
	o.writeFile("points_decision_1.csv", fullHead+
		"J1,D1,2025-03-03,29,a,1,final,,,H1,,,\n"+
		"J2,D1,2025-03-10,29,b,2,proposed,,,H1,,,\n")
	march := pipeline.Period{Year: 2025, Month: 3}
	filed := o.run(0, Request{Job: Monthly, Period: march, AsOf: dateOf(t, "2025-04-03")}).ForAuthorities
	const empty = "没有以前月份作出、上一期通知单出具以后才生效的处理。"
	for _, path := range filed {
		if got := cells(t, path, "以前月份补列"); len(got) != 3 || got[2] != empty {
			t.Errorf("%s: %q", path, got)
		}
	}
	ctx := context.Background()
	o.now = o.now.Add(time.Minute)
	o.writeFile("points_decision_2.csv", fullHead+
		"J1,D1,2025-03-03,29,a,1,final,,,H1,,,\n"+ // again
		"J2,D1,2025-03-10,29,b,2,final,,,H1,,,\n"+
		"J3,D1,2024-12-20,29,c,3,final,,,H1,,,\n"+
		"J4,D1,2025-04-07,29,c,3,final,,,H1,,,\n")
	o.nightly(0, "2025-04-30")
	dir := t.TempDir()
	report, err := o.PointsReport(ctx, march.Add(1), dir)
	lists, listErr := o.Handover(ctx, march.Add(1), dir)
	if err != nil || listErr != nil {
		t.Fatal(err, listErr)
	}
	for _, path := range []string{report[0], lists[0]} {
		late, month := cells(t, path, "以前月份补列"), cells(t, path, "处理决定")
		if len(late) != 5 || !strings.HasPrefix(late[2], "J3|2024-12-20|D1|") || !strings.HasPrefix(late[3], "J2|2025-03-10|D1|") || !strings.HasSuffix(late[4], "|5") {
			t.Errorf("%s: %q", path, late)
		}
		if len(month) != 4 || !strings.HasPrefix(month[2], "J4|") {
			t.Errorf("%s: %q", path, month)
		}
	}
	// The year follows from month to month: 1 of March, 1 of April and 1 of 2 of this year that came late.
	front := strings.Join(cells(t, report[0], "汇总"), "\n")
	for _, want := range []string{"第二十九条（1—3 分）|1|0|0|1|3|0|0|3", "以前月份补列（件）|2|0|0|2", "以前月份补列 2 项："} {
		if !strings.Contains(front, want) {
			t.Errorf("no %q in\n%s", want, front)
		}
	}
}

func mustReadAll(t *testing.T, paths []string) (all [][]byte) {
	t.Helper()
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, data)
	}
	return all
}

// TestNamesInFullTravelEncryptedOrNotAtAll: the mail says where the papers lie; the settings may attach them, locked.
func TestNamesInFullTravelEncryptedOrNotAtAll(t *testing.T) {
	for name, c := range map[string]struct {
		reports []string
		want    []string
	}{
		"by default":  {nil, []string{"claimsaudit-2025-03.xlsx"}},
		"all of them": {[]string{"monthly", "points", "handover"}, append(strings.Fields(marchRun), "claimsaudit-2025-03.xlsx")},
		"nothing":     {[]string{}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			o := newMailOffice(t)
			o.Config.Operation.Mail.WorkbookPassword, o.Config.Operation.Mail.Reports = "打开 123", c.reports
			o.deliverFiles()
			o.march()
			out := o.monthly(0)
			var attached []string
			var text string
			for _, m := range o.server.Received() {
				if m.To != head {
					continue
				}
				parsed := mailtest.Parse(t, m.Raw)
				text = parsed.Text
				if strings.Contains(parsed.Text+parsed.HTML, "样本") {
					t.Errorf("the mail names people:\n%s", parsed.Text)
				}
				for file, data := range parsed.Attachments {
					attached = append(attached, file)
					if _, err := excelize.OpenReader(bytes.NewReader(data)); err == nil {
						t.Errorf("%s opens without the password", file)
					}
				}
			}
			slices.Sort(attached)
			slices.Sort(c.want)
			if !slices.Equal(attached, c.want) {
				t.Errorf("attached %q, want %q", attached, c.want)
			}
			for i, path := range out.ForAuthorities {
				if told := strings.Contains(text, path); told == slices.Contains(attached, filepath.Base(path)) {
					t.Errorf("paper %s: told where it lies: %t", strconv.Itoa(i+1), told)
				}
			}
		})
	}
}
