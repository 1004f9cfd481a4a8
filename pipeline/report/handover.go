package report

import (
	"fmt"
	"slices"

	"github.com/xuri/excelize/v2"
)

// writeHandoverFront writes the first sheet of a list for another authority.
func (b *book) writeHandoverFront(p *pointsView, to receiver) error {
	f, err := b.openFront("portrait", 30, 12, 12, 50)
	if err != nil {
		return err
	}
	style := b.style
	f.pointsHeading(p, "D")
	for _, pair := range [][2]string{{"接收单位", to.to}, {"移交依据", "实施细则" + clauses(to.article)}, {"人员范围", to.persons}} {
		f.put(19*float64(linesOf(pair[1], 74)), excelize.Cell{StyleID: style.label, Value: pair[0]}, excelize.Cell{StyleID: style.value, Value: pair[1]})
		f.merge('B', 'D')
	}
	f.section("一、移交内容")
	f.head("BC", "项目", "件", "人", "所在工作表")
	counts := p.handed(to.kind)
	for _, c := range counts {
		f.put(19, excelize.Cell{StyleID: style.text, Value: c.title}, excelize.Cell{StyleID: style.count, Value: c.cases},
			excelize.Cell{StyleID: style.count, Value: c.persons}, excelize.Cell{StyleID: style.text, Value: c.sheet})
	}
	f.section("二、说明")
	var notes []string
	if counts[0].cases == 0 {
		notes = append(notes, "本月没有对"+to.persons+"作出记分处理决定。")
	}
	if slices.ContainsFunc(p.Late, func(d PointsDecision) bool { return p.concerns(d.Code, to.kind) }) {
		notes = append(notes, "“"+lateSheet+"”是以前月份作出、上一期通知单出具以后才生效的处理，以前各期清单没有列入。")
	}
	if n := p.unknown(); n > 0 {
		notes = append(notes, fmt.Sprintf("另有 %d 名人员查不到所在机构，未列入任何移交清单，见记分与处理情况月报。", n))
	}
	notes = append(notes, "清单写明姓名全称，供依法后续处理使用，不含证件号码；请按内部资料保管。", "记分为医保支付资格管理的记分，暂停、终止不影响人员依法执业（第二十二条）。")
	f.notes(notes, 100, 'D')
	f.gap()
	value := func(text string) excelize.Cell { return excelize.Cell{StyleID: style.value, Value: text} }
	f.put(34, value("移交人："), value("日期："), nil, value("移交单位（盖章）："))
	f.put(34, value("接收人："), value("日期："), nil, value("接收单位（盖章）："))
	return f.close()
}

type handedCount struct {
	key, title, sheet string
	cases, persons    int
}

// handed counts what the lists for one authority hold; decisions come first.
func (p *pointsView) handed(kind int) []handedCount {
	all := []handedCount{{key: "decided", title: "本月处理决定", sheet: "处理决定"}, {key: "suspend", title: "其中暂停", sheet: "处理决定"},
		{key: "terminate", title: "其中终止", sheet: "处理决定"}, {key: "late", title: lateSheet, sheet: lateSheet}, {key: "suspended", title: "月末处于暂停期", sheet: "受限人员"},
		{key: "terminated", title: "月末处于终止期", sheet: "受限人员"}, {key: "expired", title: "月末期满未恢复", sheet: "受限人员"},
		{key: "repair", title: "本月修复", sheet: "修复与恢复"},
		{key: "restore", title: "本月恢复资格", sheet: "修复与恢复"}, {key: "refused", title: "本月恢复申请未通过", sheet: "修复与恢复"}}
	seen := map[string]bool{}
	add := func(key, code string) {
		i := slices.IndexFunc(all, func(c handedCount) bool { return c.key == key })
		if i < 0 || !p.concerns(code, kind) {
			return
		}
		all[i].cases++
		if person := key + " " + code; !seen[person] {
			seen[person] = true
			all[i].persons++
		}
	}
	for _, d := range p.Decisions {
		if p.inMonth(d.On) {
			add("decided", d.Code)
			add(d.Measure, d.Code)
		}
	}
	for _, d := range p.Late {
		add("late", d.Code)
	}
	for _, r := range p.Restricted {
		add(r.Status, r.Code)
	}
	for _, r := range p.Remedies {
		switch {
		case !p.inMonth(r.On):
		case r.Kind == "restore" || r.Kind == "refused":
			add(r.Kind, r.Code)
		default:
			add("repair", r.Code)
		}
	}
	return all
}
