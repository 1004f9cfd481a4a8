package site

import (
	"fmt"

	"claimsaudit/pipeline/report"
)

// cardPart shows the newest scorecard with what the institution can still do, and how earlier years ended.
func (b *build) cardPart(d *doc, i *institution, _ string) error {
	if len(i.Cards) == 0 {
		d.section("年度考核", "")
		d.para("empty", "没有年度考核结果。")
		d.end()
		return nil
	}
	c := i.Cards[0]
	d.section(fmt.Sprintf("%d 年度考核", c.Year), cardNote(c))
	defer d.end()
	d.facts([]fact{{"总分", pointRange(c.Total, c.Lowest, c.Highest)}, {"结论", decisionWord(c.Decision)}, {"合格分", points(c.Pass)}, {"否决的指标", c.Vetoes},
		{"尚缺的指标", c.Missing}, {"自评总分", points(c.Own)}})
	if c.Note != "" {
		d.para("balance", c.Note)
	}
	t := table{caption: "还可以做的事", empty: "没有还可以做的事。", columns: []column{{"次序", "n"}, {"指标", "n"}, {"类别", "word"}, {"做什么", "long"}, {"至多得分", "n"}}}
	kinds := map[string]string{"lift_veto": "解除否决", "show_no_veto": "证明不否决", "submit": "提交证据", "improve": "改进"}
	for _, s := range c.Steps {
		t.rows = append(t.rows, []cell{words(fmt.Sprint(s.No)), words(fmt.Sprint(s.Indicator)), words(wordOr(kinds, s.Kind)), words(s.Text), words(points(s.Gain))})
	}
	d.table(t)
	b.indicators(d, c)
	if len(i.Cards) > 1 {
		past := table{caption: "以前年度", columns: []column{{"年度", "word"}, {"总分", "n"}, {"结论", "word"}, {"状态", "word"}}}
		for _, c := range i.Cards[1:] {
			past.rows = append(past.rows, []cell{words(fmt.Sprint(c.Year)), words(pointRange(c.Total, c.Lowest, c.Highest)), words(decisionWord(c.Decision)), words(stateWord(c.State))})
		}
		d.table(past)
	}
	return nil
}

func (b *build) indicators(d *doc, c card) {
	sources := map[string]string{"computed": "系统计算", "evidence": "证据", "self_report": "自评", "missing": "缺少"}
	t := table{caption: "各项指标", empty: "没有指标。", columns: []column{{"指标", "long"}, {"满分", "n"}, {"得分", "n"}, {"自评", "n"}, {"来源", "word"}, {"依据", "long"}}}
	for _, x := range c.Indicators {
		score := words(pointRange(x.Score, x.Lowest, x.Highest))
		if x.IsVetoed {
			score = cell{text: "否决", tone: "withhold"}
		}
		t.rows = append(t.rows, []cell{words(fmt.Sprintf("%d %s", x.No, x.Title)), words(points(x.Max)), score, words(orDash(points(x.Self))), words(wordOr(sources, x.Source)), words(x.Why)})
	}
	d.add(raw("<details><summary>各项指标的得分和依据</summary>\n"))
	d.table(t)
	d.add(raw("</details>\n"))
}

func cardNote(c card) string {
	note := c.Title
	if c.StandsIn {
		note += "（暂用）"
	}
	if c.Window != "" {
		note += "，比率截至 " + c.Window
	}
	return note + "，" + stateWord(c.State)
}

func stateWord(state string) string {
	return wordOr(map[string]string{"open": "未定稿", "final": "已定稿"}, state)
}

func wordOr(all map[string]string, code string) string {
	if s, ok := all[code]; ok {
		return s
	}
	return code
}

// dutyPart shows what is due around an institution: deadlines of its people, statuses not maintained, its share.
func (b *build) dutyPart(d *doc, i *institution, _ string) error {
	d.section("期限与登记状态", "")
	defer d.end()
	if len(i.Duties)+len(i.Late)+len(i.Shares) == 0 {
		d.para("empty", "没有期限和登记状态事项。")
		return nil
	}
	if len(i.Duties) > 0 {
		d.table(b.dutyTable("登记人员的期限", i.Duties, "../"))
	}
	if len(i.Late) > 0 {
		d.table(b.lateTable(i.Late, "../", false))
	}
	if len(i.Shares) > 0 {
		t := table{caption: "受限人员占比（" + report.Clauses("34") + "）", columns: []column{{"年度", "word"}, {"登记人数", "n"}, {"受限人数", "n"}, {"结论", "word"}}}
		for _, s := range i.Shares {
			verdict := words("未超过")
			if s.IsFlagged {
				verdict = cell{text: "超过", tone: "withhold"}
			}
			t.rows = append(t.rows, []cell{words(fmt.Sprint(s.Year)), count(s.Registered), count(s.Blocked), verdict})
		}
		d.table(t)
	}
	return nil
}
