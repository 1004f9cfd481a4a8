package report

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// watch counts what the points record asks of people as of the report's day; names stay masked.
type watch struct {
	Overdue, Due, Starting, Later, Unknown int64 // deadlines
	ShareExceeded, ShareNear               int64 // institutions
	OneStep, EndsSoon                      int64 // persons
	Late, LateInstitutions                 int64 // statuses not maintained in time
	OpenInstitutions                       int64 // of these, with one that is not maintained yet
	LateFund, AfterFund                    cents // on which rule 409 waits: in all, and of service days after the due day
}

// Deadlines is how many are open.
func (w watch) Deadlines() int64 { return w.Overdue + w.Due + w.Starting + w.Later + w.Unknown }

// Warnings is how many there are.
func (w watch) Warnings() int64 { return w.ShareExceeded + w.ShareNear + w.OneStep + w.EndsSoon }

// Any reports whether there is anything to say.
func (w watch) Any() bool { return w.Deadlines()+w.Warnings()+w.Late > 0 }

// notes says it in sentences, for the front sheet; what there is none of is left out.
func (w watch) notes() (notes []string) {
	for _, n := range []struct {
		lead, sheet string
		parts       []countOf
	}{
		{"记分管理的期限：", "到期事项", []countOf{{"已超期", w.Overdue, "项"}, {"一周内到期", w.Due, "项"}, {"一周内开始执行", w.Starting, "项"},
			{"以后到期", w.Later, "项"}, {"缺工作日历", w.Unknown, "项"}}},
		{"记分预警：", "记分预警", []countOf{{"受限人员占比超过规定", w.ShareExceeded, "家"}, {"再有一人即超过规定", w.ShareNear, "家"},
			{"再记分即可能暂停", w.OneStep, "人"}, {"暂停即将期满", w.EndsSoon, "人"}}},
	} {
		if text := joinCounts(n.parts); text != "" {
			notes = append(notes, n.lead+text+"，见“"+n.sheet+"”表。")
		}
	}
	if w.Late > 0 {
		notes = append(notes, fmt.Sprintf("登记状态逾期未维护（截至数据日累计，含已结束的处理）：%s 家机构 %s 项，其间待复核的基金金额 %s 元，其中期限以后 %s 元，见“状态未维护”表。",
			grouped(w.LateInstitutions), grouped(w.Late), w.LateFund, w.AfterFund))
	}
	return notes
}

// countOf is a number with what it counts.
type countOf struct {
	what string
	n    int64
	unit string
}

func joinCounts(parts []countOf) string {
	var said []string
	for _, p := range parts {
		if p.n > 0 {
			said = append(said, p.what+" "+grouped(p.n)+" "+p.unit)
		}
	}
	return strings.Join(said, "，")
}

const queryDeadlines = `SELECT state, count(*) FROM mart.deadline GROUP BY 1 ORDER BY 1`

const queryWarnings = `SELECT kind, count(*) FROM mart.early_warning GROUP BY 1 ORDER BY 1`

const queryNotMaintained = `SELECT count(*), count(DISTINCT fixmedins_code), count(DISTINCT fixmedins_code) FILTER (maintained_on IS NULL),
  CAST(coalesce(sum(CAST(fund_yuan * 100 AS BIGINT)), 0) AS BIGINT), CAST(coalesce(sum(CAST(late_fund_yuan * 100 AS BIGINT)), 0) AS BIGINT)
FROM mart.status_not_maintained`

func (s *summary) loadWatch(ctx context.Context, db *sql.DB) error {
	w := &s.Watch
	into := map[string]*int64{"overdue": &w.Overdue, "due": &w.Due, "starting": &w.Starting, "later": &w.Later, "unknown": &w.Unknown,
		"share_exceeded": &w.ShareExceeded, "share_near": &w.ShareNear, "one_step": &w.OneStep, "ends_soon": &w.EndsSoon}
	counts := func(rows *sql.Rows) error {
		var key string
		var n int64
		err := rows.Scan(&key, &n)
		if to := into[key]; to != nil {
			*to = n
		}
		return err
	}
	if err := each(ctx, db, "deadline", queryDeadlines, nil, counts); err != nil {
		return err
	}
	if err := each(ctx, db, "early_warning", queryWarnings, nil, counts); err != nil {
		return err
	}
	return each(ctx, db, "status_not_maintained", queryNotMaintained, nil, func(rows *sql.Rows) error {
		return rows.Scan(&w.Late, &w.LateInstitutions, &w.OpenInstitutions, &w.LateFund, &w.AfterFund)
	})
}

// watchLists are the sheets of what the record asks of people; each is there only if it has a row.
func watchLists(s *summary) (all []list) {
	period := s.Meta.Period.String()
	if s.Watch.Deadlines() > 0 {
		all = append(all, deadlineList())
	}
	if s.Watch.Warnings() > 0 {
		all = append(all, warningList(period))
	}
	if s.Watch.Late > 0 {
		all = append(all, notMaintainedList(period))
	}
	return all
}

const querySheetDeadline = `SELECT d.state, d.title, d.due_on, d.practitioner_code, f.name_masked, f.institutions, d.ref_no, d.article, d.note
FROM mart.deadline d LEFT JOIN mart.practitioner_file f ON f.practitioner_code = d.practitioner_code
ORDER BY CASE d.state WHEN 'overdue' THEN 1 WHEN 'due' THEN 2 WHEN 'starting' THEN 3 WHEN 'unknown' THEN 4 ELSE 5 END,
  d.due_on NULLS LAST, d.practitioner_code, d.kind, d.ref_no`

// deadlineStates are the words of workbook, site and a person's page.
var deadlineStates = words{"overdue": "已超期", "due": "一周内到期", "starting": "一周内开始执行", "later": "以后到期", "unknown": "缺工作日历"}

func deadlineList() list {
	return list{name: "到期事项", table: "deadline", empty: "没有到期事项。", query: querySheetDeadline,
		columns: []column{
			{title: "情况", width: 16, show: deadlineStates.of},
			{title: "事项", width: 28, form: asLong},
			{title: "到期日", width: 12, form: asDay},
			{title: "人员编码", width: 17},
			{title: "姓名（脱敏）", width: 13},
			{title: "机构编号", width: 34, form: asLong},
			{title: "编号", width: 22},
			{title: "条款", width: 14, show: clauses},
			{title: "备注", width: 40, form: asLong},
		}}
}

const querySheetWarning = names + `SELECT w.title, w.fixmedins_code, p.name, w.practitioner_code, f.name_masked, w.on_date - 1, CAST(w.total_points AS BIGINT),
  CAST(w.registered AS BIGINT), CAST(w.blocked AS BIGINT), w.article
FROM mart.early_warning w LEFT JOIN place p ON p.fixmedins_code = w.fixmedins_code
LEFT JOIN mart.practitioner_file f ON f.practitioner_code = w.practitioner_code
ORDER BY CASE w.kind WHEN 'share_exceeded' THEN 1 WHEN 'share_near' THEN 2 WHEN 'one_step' THEN 3 ELSE 4 END,
  w.fixmedins_code, w.on_date, w.practitioner_code`

func warningList(period string) list {
	return list{name: "记分预警", table: "early_warning", empty: "没有预警。", query: querySheetWarning, args: []any{period},
		columns: []column{
			{title: "预警", width: 32, form: asLong},
			{title: "机构编号", width: 17},
			{title: "机构名称", width: 36, form: asLong},
			{title: "人员编码", width: 17},
			{title: "姓名（脱敏）", width: 13},
			{title: "期满日（含）", width: 13, form: asDay},
			{title: "累计记分", width: 11, form: asCount},
			{title: "登记人数", width: 11, form: asCount},
			{title: "受限人数", width: 11, form: asCount},
			{title: "条款", width: 14, show: clauses},
		}}
}

const querySheetNotMaintained = names + `SELECT s.fixmedins_code, p.name, s.practitioner_code, f.name_masked, s.ref_no, s.measure, s.block_from, s.block_to - 1,
  s.notice_on, s.due_on, s.maintained_on, s.lines, CAST(s.fund_yuan * 100 AS BIGINT), s.late_lines, CAST(s.late_fund_yuan * 100 AS BIGINT), s.article
FROM mart.status_not_maintained s LEFT JOIN place p ON p.fixmedins_code = s.fixmedins_code
LEFT JOIN mart.practitioner_file f ON f.practitioner_code = s.practitioner_code
ORDER BY s.fixmedins_code, s.practitioner_code, s.block_from, s.ref_no`

func notMaintainedList(period string) list {
	return list{name: "状态未维护", table: "status_not_maintained", empty: "没有逾期未维护的状态。", query: querySheetNotMaintained, args: []any{period},
		columns: lateColumns("姓名（脱敏）")}
}

// lateColumns are those of statuses not maintained, in both books.
func lateColumns(name string) []column {
	return []column{
		{title: "机构编号", width: 15},
		{title: "机构名称", width: 25, form: asLong},
		{title: "人员编码", width: 16},
		{title: name, width: 15, form: asLong},
		{title: "处理编号", width: 17},
		{title: "措施", width: 8, show: newPointsWords().measure.of},
		{title: "起", width: 11, form: asDay},
		{title: "止（含）", width: 11, form: asDay},
		{title: "通知书送达", width: 12, form: asDay},
		{title: "维护期限", width: 11, form: asDay},
		{title: "实际维护", width: 11, form: asDay},
		{title: "待复核条数", width: 9, form: asCount, sum: true},
		{title: "基金金额（元）", width: 15, form: asAmount, sum: true},
		{title: "其中逾期后条数", width: 13, form: asCount, sum: true},
		{title: "逾期后金额（元）", width: 15, form: asAmount, sum: true},
		{title: "条款", width: 24, show: clauses},
	}
}
