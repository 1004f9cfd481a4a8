package report

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// pointsWords translates the codes of the record.
type pointsWords struct{ measure, responsibility, adjustment, remedy, status words }

func newPointsWords() pointsWords {
	return pointsWords{
		measure: words{"talk": "谈话提醒（分管领导）", "head_talk": "谈话提醒（主要负责人）", "circular": "通报", "suspend": "暂停",
			"terminate": "终止", "": "未达到措施"},
		responsibility: words{"general": "一般责任", "important": "重要责任", "main": "主要责任"},
		adjustment:     words{"none": "无", "lighter": "从轻", "step_down": "减轻一档", "heavier": "从重", "step_up": "加重一档"},
		remedy: words{"study": "学习培训修复", "publicity": "政策宣传修复", "on_site": "跟岗学习修复", "restore": "恢复资格",
			"refused": "恢复申请未通过"},
		status: newLexicon().status,
	}
}

// measureText says a measure with its length.
func (w pointsWords) measureText(kind string, months int) string {
	switch {
	case kind == "":
		return ""
	case months == 0:
		return w.measure.of(kind)
	case months%12 == 0:
		return fmt.Sprintf("%s %d 年", w.measure.of(kind), months/12)
	default:
		return fmt.Sprintf("%s %d 个月", w.measure.of(kind), months)
	}
}

// lateSheet lists decisions that no earlier month's papers had.
const lateSheet = "以前月份补列"

// decisionLists are the month's decisions on persons of whom belongs is true, nil for all, and those of earlier months
// that became final only after their papers.
func (p *pointsView) decisionLists(belongs func(code string) bool) []list {
	var month []PointsDecision
	for _, d := range p.Decisions {
		if p.inMonth(d.On) {
			month = append(month, d)
		}
	}
	return []list{p.decisionList("处理决定", "本月没有作出记分处理决定。", month, belongs),
		p.decisionList(lateSheet, "没有以前月份作出、上一期通知单出具以后才生效的处理。", p.Late, belongs)}
}

func (p *pointsView) decisionList(name, empty string, decisions []PointsDecision, belongs func(code string) bool) list {
	l := list{name: name, empty: empty, columns: []column{
		{title: "处理编号", width: 17},
		{title: "作出日期", width: 11, form: asDay},
		{title: "人员编码", width: 16},
		{title: "姓名", width: 15, form: asLong},
		{title: "机构编号", width: 15},
		{title: "机构名称", width: 25, form: asLong},
		{title: "条款", width: 12, form: asLong, show: clauses},
		{title: "情形", width: 8, form: asLong},
		{title: "记分", width: 7, form: asCount, sum: true},
		{title: "处理后累计", width: 9, form: asCount},
		{title: "措施", width: 26, form: asLong}, // the longest on one line
		{title: "起", width: 11, form: asDay},
		{title: "止（含）", width: 11, form: asDay},
		{title: "责任程度", width: 10, show: p.words.responsibility.of},
		{title: "裁量", width: 10, show: p.words.adjustment.of},
		{title: "备注", width: 28, form: asLong},
	}}
	for _, d := range decisions {
		if belongs != nil && !belongs(d.Code) {
			continue
		}
		place, placeName := d.Place, p.placeName(d.Place)
		if place == "" {
			place, placeName = p.ownPlaces(d.Code)
		}
		var total any = d.Total
		note := ""
		if d.CountedWith != "" {
			total, note = nil, "按"+clauses(d.CountedBy)+"与 "+d.CountedWith+" 只计一次，不另记分"
		}
		l.ready = append(l.ready, []any{d.No, d.On, d.Code, p.name(d.Code), place, placeName, d.Article, d.Item, d.Points, total,
			p.words.measureText(d.Measure, d.Months), d.From, d.To, d.Responsibility, d.Adjustment, note})
	}
	return l
}

// restrictedList are the persons who are suspended or terminated at the end, or were and are not restored. Another
// authority gets those of the record; what the registry says beside it is the centre's own matter.
func (p *pointsView) restrictedList(belongs func(code string) bool) list {
	l := list{name: "受限人员", empty: "月末没有处于暂停期、终止期或期满未恢复的人员。", columns: []column{
		{title: "人员编码", width: 17},
		{title: "姓名", width: 15, form: asLong},
		{title: "机构", width: 44, form: asLong},
		{title: "状态", width: 13, show: p.words.status.of},
		{title: "起", width: 12, form: asDay},
		{title: "止（含）", width: 12, form: asDay},
		{title: "依据（处理编号）", width: 24, form: asLong},
		{title: "当前累计", width: 10, form: asCount},
	}}
	if belongs == nil {
		l.columns = append(l.columns, column{title: "登记备案状态", width: 14, show: p.words.status.of}, column{title: "备注", width: 36, form: asLong})
	}
	for _, r := range p.Restricted {
		if belongs != nil && (r.Status == "normal" || !belongs(r.Code)) {
			continue
		}
		status, note := r.Status, ""
		switch {
		case r.Status == "normal":
			status, note = r.RegistryStatus, "登记数据显示受限，本中心没有相应的记分处理，请核对来源。"
		case r.RegistryStatus == "":
			note = "登记数据中没有此人。"
		case r.RegistryStatus == "normal" && r.Status != "expired":
			note = "登记状态仍为正常，与处理决定不一致。"
		}
		l.ready = append(l.ready, []any{r.Code, p.name(r.Code), p.placesOf(r.Code), status, r.From, r.To, strings.Join(r.Refs, "、"), r.Total,
			r.RegistryStatus, note}[:len(l.columns)])
	}
	return l
}

// remedyList are the month's repairs and restorations.
func (p *pointsView) remedyList(belongs func(code string) bool) list {
	l := list{name: "修复与恢复", empty: "本月没有修复和恢复。", columns: []column{
		{title: "类别", width: 18, show: p.words.remedy.of},
		{title: "编号", width: 20},
		{title: "日期", width: 12, form: asDay},
		{title: "人员编码", width: 17},
		{title: "姓名", width: 15, form: asLong},
		{title: "机构", width: 44, form: asLong},
		{title: "减免记分", width: 10, form: asCount, sum: true},
		{title: "其后累计", width: 10, form: asCount},
		{title: "暂停缩短至（含）", width: 16, form: asDay},
		{title: "条款", width: 14, show: clauses},
	}}
	for _, r := range p.Remedies {
		if !p.inMonth(r.On) || belongs != nil && !belongs(r.Code) {
			continue
		}
		var off any
		if r.Off != 0 {
			off = r.Off
		}
		l.ready = append(l.ready, []any{r.Kind, r.No, r.On, r.Code, p.name(r.Code), p.placesOf(r.Code), off, r.Total, r.To, r.Article})
	}
	return l
}

func (p *pointsView) shareList() list {
	l := list{name: "机构占比", empty: "本年没有受限人员占比超过规定、或再有一人即超过规定的机构。", columns: []column{
		{title: "机构编号", width: 17},
		{title: "机构名称", width: 44, form: asLong},
		{title: "机构类别", width: 12, show: newLexicon().institutionType.of},
		{title: "本年登记人数", width: 13, form: asCount},
		{title: "本年受限人数", width: 13, form: asCount},
		{title: "占比", width: 10, form: asPercent},
		{title: "情况", width: 26, form: asLong},
		{title: "条款", width: 14, show: clauses},
	}}
	for _, s := range p.Shares {
		state := "再有一人受限，即超过规定"
		if s.Exceeded {
			state = "已超过规定"
		}
		l.ready = append(l.ready, []any{s.Place, p.placeName(s.Place), p.Places[s.Place].Type, s.Registered, s.Blocked,
			s.Blocked * 10000 / max(s.Registered, 1), state, s.Article})
	}
	return l
}

// lateStatus is a block that an institution did not put into the registry in time.
type lateStatus struct {
	place, code, refNo, measure, article  string
	from, to, notice, due, maintained     time.Time
	lines, fundCents, lateLines, lateFund int64
}

// Due in the month or earlier, still running in it, and not maintained before it began.
const queryLate = `SELECT fixmedins_code, practitioner_code, ref_no, measure, block_from, block_to - 1, notice_on, due_on, maintained_on,
  lines, CAST(fund_yuan * 100 AS BIGINT), late_lines, CAST(late_fund_yuan * 100 AS BIGINT), article
FROM mart.status_not_maintained WHERE due_on <= $1 AND block_to > $2 AND coalesce(maintained_on, DATE '9999-12-31') >= $2
ORDER BY fixmedins_code, practitioner_code, block_from, ref_no`

func loadLate(ctx context.Context, db *sql.DB, until time.Time, meta Meta) (all []lateStatus, err error) {
	err = each(ctx, db, "status_not_maintained", queryLate, []any{until, meta.Period.First()}, func(rows *sql.Rows) error {
		var s lateStatus
		var maintained sql.NullTime
		err := rows.Scan(&s.place, &s.code, &s.refNo, &s.measure, &s.from, &s.to, &s.notice, &s.due, &maintained,
			&s.lines, &s.fundCents, &s.lateLines, &s.lateFund, &s.article)
		s.maintained = maintained.Time
		all = append(all, s)
		return err
	})
	return all, err
}

func (p *pointsView) lateList(late []lateStatus) list {
	l := list{name: "状态未维护", empty: "没有逾期未维护登记备案状态的机构。", columns: lateColumns("姓名")}
	for _, s := range late {
		l.ready = append(l.ready, []any{s.place, p.placeName(s.place), s.code, p.name(s.code), s.refNo, s.measure, s.from, s.to, s.notice, s.due,
			s.maintained, s.lines, s.fundCents, s.lateLines, s.lateFund, s.article})
	}
	return l
}

// bandText is an article with the points one decision under it gives.
func bandText(b PointsBand) string {
	points := strconv.Itoa(b.From)
	if b.To != b.From {
		points += "—" + strconv.Itoa(b.To)
	}
	return clauses(b.Article) + "（" + points + " 分）"
}
