package decode

import (
	"strings"
	"testing"
)

// wantRejects holds the reasons of the rejected rows against words, in order, and counts the rest.
func wantRejects(t *testing.T, got result, rows int, words ...string) {
	t.Helper()
	if got.err != nil || len(got.rows) != rows || len(got.rejects) != len(words) {
		t.Fatalf("%v: %d rows, want %d; rejected %+v, want %d", got.err, len(got.rows), rows, got.rejects, len(words))
	}
	for i, want := range words {
		if r := got.rejects[i]; !strings.Contains(r.Column+" "+r.Reason, want) {
			t.Errorf("row %d: %s %s, want %s", i+1, r.Column, r.Reason, want)
		}
	}
}

// TestEvidenceOutsideItsRange: what a person mistyped must come back with the reason, not count for something else.
func TestEvidenceOutsideItsRange(t *testing.T) {
	src := source(t, "indicator_evidence", "indicator_evidence_2024.csv", []byte(
		"fixmedins_code,year,indicator_no,part,value,count,yes_no,event_on,document_no,entered_by,entered_at\n"+
			"H1,2024,1,penalty_paid,,,1,,文〔2025〕1号,测试甲,2025-01-10\n"+
			"H1,2024,1,penalty_paid,,,,,,,\n"+ // a form not filled in yet
			"H1,24,1,penalty_paid,,,1,,,测试甲,2025-01-10\n"+
			"H1,二〇二四,1,penalty_paid,,,1,,,测试甲,2025-01-10\n"+
			"H1,2024,25,x,,,1,,,测试甲,2025-01-10\n"+
			"H1,2024,7,harm,,-1,,,,测试甲,2025-01-10\n"+
			"H1,2024,7,harm,,1.5,,,,测试甲,2025-01-10\n"+
			"H1,2024,20,online,-0.1,,,,,测试甲,2025-01-10\n"+
			"H1,2024,1,penalty_paid,,,也许,,,测试甲,2025-01-10\n"+
			"H1,2024,1,penalty_paid,,,1,,,测试甲,\n"+
			"H1,2024,1,penalty_paid,,,,,文〔2025〕1号,,\n"+
			"H1,2024,17,signed_on,,,,2024-02-30,,测试甲,2025-01-10\n"+
			"H1,2024,7,harms,,1,,,,测试甲,2025-01-10\n"+
			"H1,2024,7,harm,,,1,,,测试甲,2025-01-10\n"+
			"H1,2024,17,signed_on,,,0,,,测试甲,2025-01-10\n"+ // never signed
			"H1,2024,17,signed_on,,,1,,,测试甲,2025-01-10\n"+
			"H1,2024,20,online,100.5,,,,,测试甲,2025-01-10\n"+
			"H1,2024,3,,,,1,,,测试甲,2025-01-10\n"))
	src.Indicators = []Indicator{{No: 1, Part: "penalty_paid", Way: "yes_no"}, {No: 3}, {No: 7, Part: "harm", Way: "count"}, {No: 7, Part: "rules_kept", Way: "yes_no"},
		{No: 17, Part: "signed_on", Way: "event_on"}, {No: 20, Part: "online", Way: "value"}}
	got := drain(t, src)
	wantRejects(t, got, 3, "考核年度不对", "不是整数", "没有序号为 25 的指标", "count 列 count：次数应在 0 至 1000000 之间", "不是整数", "value 列 value：不能是负数",
		"不在允许的范围内", "必须写明填写人和填写时间", "请至少填一项", "日期“2024-02-30”不存在",
		"part 列 part：指标 7 没有分项“harms”；请填 harm、rules_kept 之一", "count 列 count：这个分项应填本列", "event_on 列 event_on：这个分项应填本列",
		"百分数不能大于 100", "指标 3 不收佐证")
	for _, r := range got.rejects {
		if strings.Contains(r.Masked, "测试甲") {
			t.Errorf("the name of whoever entered it is shown: %s", r.Masked)
		}
	}
}

// TestThePartMayBeLeftOut where a table asks one thing only about the indicator; elsewhere nobody knows what was meant.
func TestThePartMayBeLeftOut(t *testing.T) {
	src := source(t, "indicator_evidence", "indicator_evidence_2024.csv", []byte(
		"fixmedins_code,year,indicator_no,part,count,yes_no,entered_by,entered_at\n"+
			"H1,2024,1,,,1,测试甲,2025-01-10\n"+
			"H1,2024,1,,3,,测试甲,2025-01-10\n"+
			"H1,2024,7,,,1,测试甲,2025-01-10\n"+
			"H1,2024,5,,,1,测试甲,2025-01-10\n"))
	src.Indicators = []Indicator{{No: 1, Part: "penalty_paid", Way: "yes_no"}, {No: 1}, {No: 1, Way: "yes_no"}, {No: 7, Part: "harm", Way: "count"},
		{No: 7, Part: "rules_kept", Way: "yes_no"}, {No: 7}, {No: 5, Part: "over_price", Way: "count"}, {No: 5, Way: "count"}, {No: 5, Part: "benefit", Way: "yes_no"}}
	wantRejects(t, drain(t, src), 1, "yes_no 列 yes_no：这个分项应填本列", "指标 7 有几个分项，没有写明是哪一个；请填 harm、rules_kept 之一",
		"指标 5 有几个分项，没有写明是哪一个；请填 benefit、over_price 之一")
}

func TestSelfReportOutsideItsRange(t *testing.T) {
	src := source(t, "self_report", "self_report_2024.csv", []byte(
		"fixmedins_code,year,report_item,figure,indicator_no,self_score,reported_at\n"+
			"H1,2024,visits_outpatient_employee,1200,,,2025-01-10\n"+
			"H1,2024,amount_outpatient_employee,35.123456,,,2025-01-10\n"+
			"H1,2024,,,18,15.5,2025-01-10\n"+
			"H1,2024,,,18,,\n"+
			"H1,2024,visits_outpatient_employee,12.5,,,2025-01-10\n"+
			"H1,2024,amount_outpatient_employee,35.1234567,,,2025-01-10\n"+
			"H1,2024,amount_outpatient_employee,-1,,,2025-01-10\n"+
			"H1,2024,,,18,100.01,2025-01-10\n"+
			"H1,2024,,,18,20.01,2025-01-10\n"+
			"H1,2024,,,18,20,2025-01-10\n"+
			"H1,2024,,,18,15.555,2025-01-10\n"+
			"H1,2024,visits_outpatient_employee,1,18,1,2025-01-10\n"+
			"H1,2024,,,,,2025-01-10\n"+
			"H1,2024,visits_inpatient_employee,1,,,\n"+
			"H1,2024,visits_everything,1,,,2025-01-10\n"+
			"H1,2023,visits_outpatient_employee,1,,,2025-01-10\n"+ // would be kept and never looked at
			"H1,2026,visits_outpatient_employee,1,,,2025-01-10\n")) // its table may still come
	src.ScoredFrom = 2024
	institution, pharmacy := 20, 5
	src.Indicators = []Indicator{{No: 18, Most: &pharmacy}, {No: 18, Most: &institution}}
	wantRejects(t, drain(t, src), 6, "人次应为整数", "有效小数超过 6 位", "不能是负数", "0 至 20 之间", "0 至 20 之间", "最多两位小数", "每行只报一项", "每行只报一项",
		"必须写明填写人和填写时间", "不在允许的范围内", "year 列 year：这个年度没有考核表，最早的是 2024 年")
}

func TestPriceLimitOutsideItsRange(t *testing.T) {
	wantRejects(t, decodeText(t, "price_limit", "med_list_codg,price_kind,limit_price,fixmedins_code,valid_from,valid_to\n"+
		"X1,standard,12.345678,,2024-01-01,2025-12-31\nX1,online,12,,,\nX1,uninsured,12,P1,,\n"+
		"X1,standard,0,,,\nX1,standard,-1,,,\nX1,uninsured,12,,,\nX1,standard,1,,2025-01-02,2025-01-01\nX1,cheap,1,,,\nX1,standard,1.2345678,,,\n"),
		3, "限价应大于 0", "限价应大于 0", "是哪一家药店", "早于起始日期", "不在允许的范围内", "有效小数超过 6 位")
}

// TestEntriesOfOneDayAreToldApartByTheirKey: numbers and times are part of a key like text.
func TestEntriesOfOneDayAreToldApartByTheirKey(t *testing.T) {
	const head = "fixmedins_code,year,indicator_no,part,yes_no,entered_by,entered_at\n"
	got := decodeText(t, "indicator_evidence", head+"H1,2024,1,a,1,甲,2025-01-10\nH1,2024,1,a,0,甲,2025-01-10\nH1,2024,1,a,1,甲,2025-01-10 00:00:01\n"+
		"H1,2025,1,a,1,甲,2025-01-10\nH1,2024,2,a,1,甲,2025-01-10\nH1,2024,1,,1,甲,2025-01-10\n")
	keys := map[string]int{}
	for _, row := range got.rows {
		keys[row["row_key"]]++
	}
	if len(keys) != 5 || len(got.rows) != 6 {
		t.Errorf("%d rows with %d keys: %v", len(got.rows), len(keys), got.rejects)
	}
}
