package report

import "fmt"

// lists are the sheets behind those that are read like a page, in the order of the workbook.
func lists(s *summary) []list {
	period, w := s.Meta.Period.String(), newLexicon()
	withhold, exempt, review := s.lines()
	all := []list{
		institutionList(period, w),
		verdictList(sheetWithheld, "withhold", "本期无扣款明细。", withhold, period, w),
		verdictList(sheetExempt, "exempt", "本期无急诊豁免明细。", exempt, period, w),
		verdictList(sheetReview, "review", "本期无待复核明细。", review, period, w),
		movedList("追回明细", "recover", "本期无追回。", s.issued("recover").Lines, period, w),
		movedList("退还明细", "release", "本期无退还。", s.issued("release").Lines, period, w),
		statementList(s, w),
		ratioList(period, w),
	}
	return append(append(all, watchLists(s)...), rejectedList(), qualityList(period), fileList())
}

func institutionList(period string, w lexicon) list {
	return list{name: sheetInstitutions, table: "institution_period", empty: "本期无机构结算数据。",
		query: queryInstitutions, args: []any{period},
		columns: []column{
			{title: "机构编号", width: 17},
			{title: "机构名称", width: 34, form: asLong},
			{title: "机构类别", width: 12, show: w.institutionType.of},
			{title: "结算笔数", width: 11, form: asCount, sum: true},
			{title: "明细条数", width: 11, form: asCount, sum: true},
			{title: "申报基金金额", width: 17, form: asAmount, sum: true},
			{title: "支付", width: 17, form: asAmount, sum: true},
			{title: "急诊豁免", width: 15, form: asAmount, sum: true},
			{title: "待复核", width: 15, form: asAmount, sum: true},
			{title: "扣款", width: 15, form: asAmount, sum: true},
			{title: "追回", width: 15, form: asAmount, sum: true},
			{title: "退还", width: 15, form: asAmount, sum: true},
		}}
}

// lineColumns are those every list of lines begins with.
func lineColumns() []column {
	return []column{
		{title: "机构编号", width: 15},
		{title: "机构名称", width: 19, form: asLong},
		{title: "结算ID", width: 23},
		{title: "费用明细流水号", width: 14, form: asLong},
	}
}

// reasonColumns say which rule applies to a line and what it rests on.
func reasonColumns(w lexicon) []column {
	return []column{
		{title: "规则", width: 19, form: asLong},
		{title: "条款", width: 13, form: asLong, show: clauses},
		{title: "人员编码", width: 16},
		{title: "人员状态", width: 10, show: w.status.of},
		{title: "状态起始日", width: 11, form: asDay},
		{title: "截止日（含）", width: 11, form: asDay},
		{title: "依据", width: 28, form: asLong},
	}
}

// screenColumns stand right of the amount and are not printed: who and where, for whoever checks a line.
func screenColumns(w lexicon) []column {
	return []column{
		{title: "姓名（脱敏）", width: 13},
		{title: "角色", width: 11, show: w.role.of},
		{title: "明细来源", width: 46, form: asLong},
	}
}

// verdictList shows the lines of one verdict; only exempt ones have a reason for emergency.
func verdictList(name, verdict, empty string, rows int64, period string, w lexicon) list {
	l := list{name: name, table: "line_verdict", empty: empty, args: []any{period, verdict}, rows: rows,
		key:     []int{0, 2, 3}, // institution, settlement, line
		columns: append(append(lineColumns(), column{title: "服务日期", width: 11, form: asDay}), reasonColumns(w)...)}
	emergency := ""
	if verdict == "exempt" {
		emergency = ", v.emergency_test"
		l.columns = append(l.columns, column{title: "豁免依据", width: 17, show: w.emergency.of})
	}
	l.query = fmt.Sprintf(querySheetVerdict, emergency)
	l.columns = append(l.columns, column{title: "基金金额（元）", width: 15, form: asAmount, sum: true})
	l.printed = len(l.columns)
	l.columns = append(l.columns, screenColumns(w)...)
	return l
}

// movedList shows what the statement recovers or releases, line by line.
func movedList(name, kind, empty string, rows int64, period string, w lexicon) list {
	today := words{"withhold": "扣款", "exempt": "急诊豁免", "review": "待复核", "pay": "支付", "gone": "已退费或作废"}
	l := list{name: name, table: "statement_line", empty: empty, args: []any{period, kind}, rows: rows, query: querySheetMoved,
		key: []int{0, 2, 3},
		columns: append(lineColumns(),
			column{title: "费用所属期", width: 11},
			column{title: "变动原因", width: 14, form: asLong, show: w.cause.of})}
	l.columns = append(append(l.columns, reasonColumns(w)...),
		column{title: "现判定", width: 12, show: today.of},
		column{title: "金额（元）", width: 15, form: asAmount, sum: true})
	l.printed = len(l.columns)
	l.columns = append(append(l.columns, column{title: "服务日期", width: 12, form: asDay}), screenColumns(w)...)
	return l
}

// statementList adds up to the statement, institution by institution.
func statementList(s *summary, w lexicon) list {
	l := list{name: sheetStatement, table: "statement_line", empty: "本期无扣款、追回与退还。",
		columns: []column{
			{title: "机构编号", width: 17},
			{title: "机构名称", width: 44, form: asLong},
			{title: "费用所属期", width: 13},
			{title: "类别", width: 10, show: w.kind.of},
			{title: "条数", width: 11, form: asCount, sum: true},
			{title: "金额（元）", width: 18, form: asAmount, sum: true},
			{title: "通知单编号", width: 24},
		}}
	for _, p := range s.Issued {
		l.ready = append(l.ready, []any{p.Code, p.Name, p.Period, p.Kind, p.Lines, int64(p.Cents), p.StatementNo})
	}
	return l
}

func ratioList(period string, w lexicon) list {
	state := words{"met": "达标", "missed": "未达标", "no_data": "无数据", "none": "不设阈值"}
	return list{name: "比率", table: "institution_ratio", empty: "本期无比率数据。", query: querySheetRatio, args: []any{period},
		columns: []column{
			{title: "机构编号", width: 17},
			{title: "机构名称", width: 40, form: asLong},
			{title: "口径", width: 11, show: w.window.of},
			{title: "编号", width: 7},
			{title: "比率", width: 30, show: ratioWord},
			{title: "分子", width: 14, form: asCount},
			{title: "分母", width: 14, form: asCount},
			{title: "比率值", width: 11, form: asRatio},
			{title: "阈值", width: 11, form: asPercent},
			{title: "结论", width: 11, show: state.of},
			{title: "达标尚差（分子）", width: 13, form: asCount},
		}}
}

func rejectedList() list {
	return list{name: "拒收数据", table: "rejected_row", empty: "无拒收数据。", query: querySheetRejected,
		columns: []column{
			{title: "数据类别", width: 14, show: feedTitle},
			{title: "文件", width: 30, form: asLong},
			{title: "行号", width: 9},
			{title: "字段", width: 19},
			{title: "拒收原因", width: 30, form: asLong},
			{title: "原始内容（脱敏）", width: 50, form: asLong},
			{title: "文件 SHA-256", width: 36, form: asLong},
			{title: "处理", width: 12},
		}}
}

func qualityList(period string) list {
	return list{name: "数据质量", table: "data_quality", empty: "本期无数据质量事项。", query: querySheetQuality, args: []any{period},
		columns: []column{
			{title: "事项", width: 34, form: asLong},
			{title: "费用所属期", width: 12},
			{title: "结算ID", width: 24},
			{title: "费用明细流水号", width: 24},
			{title: "说明", width: 60, form: asLong},
		}}
}

func fileList() list {
	return list{name: "文件", table: "delivered_file", empty: "尚未接收文件。", query: querySheetFiles,
		columns: []column{
			{title: "数据类别", width: 14, show: feedTitle},
			{title: "文件", width: 30, form: asLong},
			{title: "编码", width: 10},
			{title: "读取行数", width: 11, form: asCount, sum: true},
			{title: "入库", width: 11, form: asCount, sum: true},
			{title: "被取代", width: 9, form: asCount, sum: true},
			{title: "重复", width: 9, form: asCount, sum: true},
			{title: "拒收", width: 9, form: asCount, sum: true},
			{title: "控制金额（元）", width: 17, form: asAmount},
			{title: "接收时间", width: 20},
			{title: "文件 SHA-256", width: 36, form: asLong},
			{title: "运行编号", width: 38, form: asLong},
		}}
}
