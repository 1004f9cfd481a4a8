package site

import (
	"context"
	"fmt"
	"slices"

	"claimsaudit/pipeline/report"
)

// otherPages writes the pages that are about the whole: deadlines, data quality, runs.
func (b *build) otherPages(ctx context.Context) error {
	for _, x := range []struct {
		p    page
		body func(*doc)
	}{
		{page{name: "deadlines.html", title: "期限与预警", section: "deadlines.html", lead: "截至" + report.ChineseDay(b.meta.AsOf) + "，按工作日计算。"}, b.deadlines},
		{page{name: "data-quality.html", title: "数据质量", section: "data-quality.html"}, b.quality},
		{page{name: "runs.html", title: "运行记录", section: "runs.html"}, b.runs},
	} {
		if err := b.page(ctx, x.p, func(d *doc) error { x.body(d); return nil }); err != nil {
			return err
		}
	}
	return nil
}

func (b *build) dutyTable(caption string, all []duty, up string) table {
	t := table{caption: caption, empty: "没有期限事项。", columns: []column{{"情况", "word"}, {"事项", "long"}, {"到期日", "word"}, {"人员", "word"}, {"编号", "code"}, {"条款", "word"}, {"备注", "long"}}}
	if b.opts.People == Off {
		t.columns = slices.Delete(t.columns, 3, 4)
	}
	for _, x := range all[:min(len(all), listedDuties)] {
		state := words(report.DeadlineState(x.State))
		if x.State == "overdue" {
			state.tone = "withhold"
		}
		due := words(orDash(x.Due))
		due.sub = daysTo(x.Due, b.meta.AsOf)
		row := []cell{state, words(x.Title), due}
		if b.opts.People != Off {
			row = append(row, b.who.cell(x.Person, up))
		}
		t.rows = append(t.rows, append(row, words(orDash(x.Ref)), words(orDash(report.Clauses(x.Article))), words(orDash(x.Note))))
	}
	return t
}

func (b *build) lateTable(all []lateStatus, up string, hasPlace bool) table {
	t := table{caption: "没有按期维护的登记状态（" + report.Clauses("37, 48") + "）", empty: "没有逾期未维护的登记状态。"}
	t.columns = []column{{"维护期限", "word"}, {"实际维护", "word"}}
	if hasPlace {
		t.columns = append(t.columns, column{"机构", "long"})
	}
	if b.opts.People != Off {
		t.columns = append(t.columns, column{"人员", "word"})
	}
	t.columns = append(t.columns, column{"处理编号", "code"}, column{"措施", "word"}, column{"期间", "word"}, column{"待复核条数", "n"}, column{"待复核金额（元）", "n"})
	for _, x := range all[:min(len(all), listedDuties)] {
		done := words(orElse(x.Done, "尚未维护"))
		if x.Done == "" {
			done.tone = "withhold"
		}
		row := []cell{words(orDash(x.Due)), done}
		if hasPlace {
			row = append(row, b.place(b.Institutions[x.Institution], up))
		}
		if b.opts.People != Off {
			row = append(row, b.who.cell(x.Person, up))
		}
		t.rows = append(t.rows, append(row, words(orDash(x.Ref)), words(b.words.Measure(x.Measure)), words(span(x.From, x.To)), count(x.Lines), money(x.Cents)))
	}
	return t
}

// shown says how much of a list is there.
func shown(listed int, all int64, unit, rest string) string {
	if int64(listed) < all {
		return fmt.Sprintf("最新 %d %s，共 %s %s；其余见%s", listed, unit, report.Grouped(all), unit, rest)
	}
	return fmt.Sprintf("共 %s %s", report.Grouped(all), unit)
}

func (b *build) deadlines(d *doc) {
	d.section("期限", shown(min(len(b.Duties), listedDuties), int64(len(b.Duties)), "项", "分析库 mart.deadline"))
	t := b.dutyTable("期限", b.Duties, "")
	t.id, t.search, t.unit, t.sortable = "deadlines", "查找期限 ", "项", true
	d.table(t)
	d.end()
	d.section("预警", shown(min(len(b.Warnings), listedDuties), int64(len(b.Warnings)), "项", "分析库 mart.early_warning"))
	w := table{caption: "预警", empty: "没有预警。", columns: []column{{"预警", "long"}, {"机构或人员", "long"}, {"期满日（含）", "word"}, {"累计记分", "n"}, {"登记人数", "n"}, {"受限人数", "n"}, {"条款", "word"}}}
	for _, x := range b.Warnings[:min(len(b.Warnings), listedDuties)] {
		who := b.who.cell(x.Person, "")
		if i := b.Institutions[x.Institution]; i != nil && x.Institution != "" {
			who = b.place(i, "")
		}
		w.rows = append(w.rows, []cell{words(x.Title), who, words(orDash(x.On)), count(x.Points), count(x.Registered), count(x.Blocked), words(orDash(report.Clauses(x.Article)))})
	}
	d.table(w)
	d.end()
	d.section("登记状态维护", shown(min(len(b.Late), listedDuties), int64(len(b.Late)), "项", "分析库 mart.status_not_maintained"))
	d.table(b.lateTable(b.Late, "", true))
	d.end()
	d.section("协议中止或解除的机构", "第二十一条：登记人员由经办人逐一认定责任，系统不作判定")
	a := table{caption: "协议中止或解除", empty: "没有协议中止或解除的机构。", columns: []column{{"机构", "long"}, {"协议状态", "word"}, {"期间", "word"}, {"人员", "word"}, {"登记状态", "word"}, {"认定有责任的应登记", "word"}}}
	if b.opts.People == Off {
		a.columns = a.columns[:3]
	}
	for _, x := range b.Agreements[:min(len(b.Agreements), listedDuties)] {
		where := words(orDash(x.Institution))
		if i := b.Institutions[x.Institution]; i != nil {
			where = b.place(i, "")
		}
		row := []cell{where, words(b.words.Agreement(x.Event)), words(span(x.From, x.To))}
		if b.opts.People != Off {
			row = append(row, b.who.cell(x.Person, ""), words(orDash(b.words.Status(x.Status))), words(orDash(b.words.Status(x.IfResponsible))))
		}
		a.rows = append(a.rows, row)
	}
	d.table(a)
	d.end()
}

func (b *build) quality(d *doc) {
	d.section("数据时效", "")
	t := table{caption: "各类数据的最新日期", empty: "还没有收到数据。", columns: []column{{"数据", "word"}, {"数据的最新日期", "word"}, {"最近一次接收", "word"}}}
	for _, x := range b.Fresh {
		t.rows = append(t.rows, []cell{words(report.FeedTitle(x.Feed)), words(orDash(x.Newest)), words(orDash(x.Received))})
	}
	d.table(t)
	d.end()
	var all int64
	counts := table{caption: "按事项和月份", empty: "没有数据质量事项。", columns: []column{{"事项", "long"}, {"月份", "word"}, {"件数", "n"}}}
	for _, x := range b.MatterCounts {
		all += x.Count
		m := "不属于某一月份"
		if x.Month != "" {
			m = month(x.Month)
		}
		counts.rows = append(counts.rows, []cell{words(x.Title), words(m), count(x.Count)})
	}
	d.section("数据质量事项", shown(len(b.Matters), all, "项", "分析库 mart.data_quality"))
	d.table(counts)
	list := table{caption: "逐项", columns: []column{{"事项", "long"}, {"月份", "word"}, {"结算 ID", "code"}, {"明细流水号", "code"}, {"说明", "long"}}}
	for _, x := range b.Matters {
		list.rows = append(list.rows, []cell{words(x.Title), words(orDash(x.Month)), words(orDash(x.Settlement)), words(orDash(x.Line)), words(orDash(x.Note))})
	}
	if len(list.rows) > 0 {
		d.table(list)
	}
	d.end()
	listed := fmt.Sprintf("共 %s 处", report.Grouped(b.RejectCount))
	if int64(len(b.Rejects)) < b.RejectCount {
		listed = fmt.Sprintf("待更正最多的 %d 处，%s", len(b.Rejects), listed)
	}
	d.section("拒收数据", "按文件和列，"+listed+"；原因和原文见工作簿“拒收数据”表")
	rejects := table{caption: "拒收数据", empty: "没有拒收数据。", columns: []column{{"数据", "word"}, {"文件", "long"}, {"列", "code"}, {"待更正（行）", "n"}, {"已重新接收（行）", "n"}}}
	for _, x := range b.Rejects {
		rejects.rows = append(rejects.rows, []cell{words(report.FeedTitle(x.Feed)), words(x.File), words(orDash(x.Column)), count(x.Open), count(x.Again)})
	}
	d.table(rejects)
	d.end()
	d.section("收到的文件", shown(len(b.Files), b.FileCount, "个", "分析库 mart.delivered_file"))
	files := table{id: "files", caption: "收到的文件", search: "查找文件 ", unit: "个", sortable: true, empty: "还没有收到文件。",
		columns: []column{{"文件", "long"}, {"数据", "word"}, {"接收时间", "word"}, {"读取", "n"}, {"入库", "n"}, {"被取代", "n"}, {"重复", "n"}, {"拒收", "n"}, {"编码", "word"}, {"SHA-256", "code"}}}
	for _, x := range b.Files {
		files.rows = append(files.rows, []cell{words(x.Name), words(report.FeedTitle(x.Feed)), words(orDash(x.Received)), count(x.Read), count(x.Loaded), count(x.Superseded),
			count(x.Duplicate), count(x.Rejected), words(orDash(x.Encoding)), words(x.SHA[:min(12, len(x.SHA))])})
	}
	d.table(files)
	d.end()
}

var jobWords = map[string]string{"nightly": "每日", "monthly": "月度", "annual": "年度", "housekeeping": "整理", "replay": "重新接收", "deliver": "寄送"}

func (b *build) runs(d *doc) {
	d.section("通知单", shown(len(b.Statements), int64(len(b.Statements)), "份", ""))
	t := table{caption: "各月通知单（金额单位：元）", empty: "还没有出具通知单。", columns: []column{{"通知单编号", "code"}, {"月份", "word"}, {"数据截至", "word"}, {"行数", "n"}, {"扣款", "n"}, {"追回", "n"}, {"退还", "n"}, {"运行编号", "code"}}}
	for _, s := range b.Statements {
		t.rows = append(t.rows, []cell{words(s.No), words(month(s.Month)), words(orDash(s.AsOf)), count(s.Lines), sum(s.Withhold), sum(s.Recover), sum(s.Release), words(orDash(s.Run))})
	}
	d.table(t)
	d.end()
	d.section("运行", shown(len(b.Runs), b.RunCount, "次", "分析库 mart.run"))
	runs := table{caption: "运行", empty: "没有运行记录。", columns: []column{{"运行编号", "code"}, {"任务", "word"}, {"月份", "word"}, {"数据截至", "word"}, {"开始", "word"}, {"结束", "word"}, {"状态", "word"}, {"读取行数", "n"}, {"校验链", "code"}}}
	states := map[string]string{"done": "完成", "failed": "失败", "interrupted": "中断", "running": "进行中", "publishing": "发布中"}
	for _, r := range b.Runs {
		state := words(wordOr(states, r.State))
		if r.State == "failed" || r.State == "interrupted" {
			state.tone = "withhold"
		}
		runs.rows = append(runs.rows, []cell{words(r.ID), words(wordOr(jobWords, r.Job)), words(orDash(r.Period)), words(orDash(r.AsOf)), words(orDash(r.Started)), words(orDash(r.Finished)),
			state, count(r.Rows), words(orDash(r.Hash[:min(8, len(r.Hash))]))})
	}
	d.table(runs)
	d.end()
}
