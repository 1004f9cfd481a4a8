package score

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"claimsaudit/configs"
)

// points writes hundredths of a point without needless decimals.
func points(hundredths int64) string {
	text := fmt.Sprintf("%d.%02d", hundredths/100, hundredths%100)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

func span(low, high int64) string {
	if low == high {
		return points(low) + " 分"
	}
	return points(low) + " 至 " + points(high) + " 分"
}

func millionths(n int64) string {
	text := fmt.Sprintf("%d.%06d", n/1_000_000, n%1_000_000)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// percentText cuts instead of rounding: a ratio below its threshold must not look as if it had reached it.
func percentText(m Metric) string {
	n := m.Numerator*100/m.Denominator*100 + m.Numerator*100%m.Denominator*100/m.Denominator
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	return fmt.Sprintf("%s%d.%02d%%", sign, n/100, n%100)
}

func ratioText(p *configs.RulePart, c configs.Condition, m Metric, holds bool) string {
	word := map[string][2]string{"at_least": {"未达到", "达到"}, "above": {"未超过", "超过"}, "below": {"不低于", "低于"}, "at_most": {"超过", "不超过"}}[c.Compare]
	i := 0
	if holds {
		i = 1
	}
	return fmt.Sprintf("%s %s/%s＝%s，%s %d%%", conditionTitle(p, c), figure(c.Metric, m.Numerator), figure(c.Metric, m.Denominator), percentText(m),
		word[i], c.Percent)
}

// ratioStep says how many more would make the difference, all else equal.
func ratioStep(p *configs.RulePart, c configs.Condition, m Metric) string {
	title := conditionTitle(p, c)
	short := (int64(c.Percent)*m.Denominator - m.Numerator*100 + 99) / 100
	if short <= 0 || c.Compare != "at_least" && c.Compare != "below" {
		return "改进" + title
	}
	return fmt.Sprintf("%s达到 %d%%，现在 %s，按现有分母还差 %s", title, c.Percent, percentText(m), figure(c.Metric, short))
}

// conditionTitle is how a sentence calls the figure: one of several has a title of its own.
func conditionTitle(p *configs.RulePart, c configs.Condition) string { return cmp.Or(c.Title, p.Title) }

// figure writes a figure of the self-report; money in yuan.
func figure(name string, n int64) string {
	if m, _ := configs.MetricNamed(name); m.IsAmount() {
		sign := ""
		if n < 0 {
			sign, n = "-", -n
		}
		return fmt.Sprintf("%s%d.%02d 元", sign, n/100, n%100)
	}
	return fmt.Sprint(n)
}

func titleOf(metric string) string {
	m, _ := configs.MetricNamed(metric)
	return cmp.Or(m.Title, metric)
}

func document(ev *Evidence) string {
	if ev.Document == "" {
		return ""
	}
	return "（依据：" + ev.Document + "）"
}

func yesNo(yes bool) string {
	if yes {
		return "是"
	}
	return "否"
}

func ownerships(list []string) string {
	var words []string
	for _, o := range list {
		words = append(words, map[string]string{"public": "公立", "private": "民营"}[o])
	}
	return strings.Join(words, "、")
}

func dayText(day time.Time) string { return day.Format(time.DateOnly) }

func yearsOf(a, b time.Time) string {
	return fmt.Sprintf("%d 至 %d 年", min(a.Year(), b.Year()), max(a.Year(), b.Year()))
}

// sentence joins what the parts say and what the row comes to.
func sentence(r *Row, parts []outcome, strangers []string) string {
	texts := make([]string, 0, len(parts)+1)
	for _, o := range parts {
		texts = append(texts, o.text)
	}
	switch {
	case r.Source == Reported:
		texts = append(texts, "暂按自评 "+points(r.Score)+" 分")
	case !r.Known && r.Max > 0 && r.Lowest < r.Highest:
		texts = append(texts, "可得 "+span(r.Lowest, r.Highest))
	}
	if len(strangers) > 0 {
		texts = append(texts, "证据"+strings.Join(strangers, "、")+"不是本项的内容，未计")
	}
	return strings.Join(texts, "；") + "。"
}

// note is the card in one sentence; low and high are what the rows come to without a veto.
func (c *Card) note(pass int64, mayVeto bool, low, high int64) string {
	switch {
	case c.Vetoed:
		return "第 " + numbers(c.Vetoes) + " 项否决，总分为 0，不合格；其余各项合计 " + span(low, high) + "。"
	case !c.Known:
		text := fmt.Sprintf("第 %s 项还不能确定，总分可得 %s", numbers(c.Missing), span(c.Lowest, c.Highest))
		switch {
		case c.Highest < pass:
			text += "，即使都得满也不足 " + points(pass) + " 分"
		case c.Lowest >= pass:
			text += "，至少 " + points(pass) + " 分"
		case mayVeto:
			text += "，其中有否决项待证"
		}
		return text + "。"
	case c.Decision == Qualified:
		return fmt.Sprintf("总分 %s 分，合格。", points(c.Total))
	}
	return fmt.Sprintf("总分 %s 分，不足 %s 分，不合格。", points(c.Total), points(pass))
}

func numbers(list []int) string {
	words := make([]string, 0, len(list))
	for _, n := range list {
		words = append(words, fmt.Sprint(n))
	}
	return strings.Join(words, "、")
}

func sortSteps(steps []Step) {
	weight := func(s Step) int {
		switch {
		case s.Lifts && !s.Lacks:
			return 0
		case s.Lacks && s.Lifts:
			return 1
		case s.Lacks:
			return 2
		}
		return 3
	}
	slices.SortStableFunc(steps, func(a, b Step) int {
		return cmp.Or(cmp.Compare(weight(a), weight(b)), cmp.Compare(b.Gain, a.Gain), cmp.Compare(a.Indicator, b.Indicator))
	})
}

// ref is where rows behind a part lie.
type ref struct{ table, where string }

func evidenceRef(x *configs.Indicator) ref {
	return ref{"mart.indicator_evidence", fmt.Sprintf("indicator_no = %d", x.No)}
}

func (s *scorer) selfRef() ref { return ref{"mart.self_report", ""} }

// refOf is where the rows behind a metric lie: the ratio of the window, the cases, or the figure.
func (s *scorer) refOf(metric string) ref {
	m, _ := configs.MetricNamed(metric)
	if no, ok := strings.CutPrefix(metric, "ratio_"); ok {
		return ref{"mart.institution_ratio", fmt.Sprintf("window_kind = '%s' AND window_key = '%s' AND ratio_no = %s", s.when.WindowKind, s.when.WindowKey, no)}
	}
	if m.Kind == configs.CountMetric {
		return ref{"mart.score_case", "metric = '" + metric + "'"}
	}
	return ref{"mart.score_metric", "metric = '" + metric + "'"}
}

func (s *scorer) isInstitution() string {
	return "fixmedins_code = '" + strings.ReplaceAll(s.in.Code, "'", "''") + "'"
}

// query is one SELECT over everything the parts looked at.
func (s *scorer) query(parts []outcome) string {
	var selects []string
	add := func(table, where string) {
		if table != "mart.institution_ratio" {
			where = fmt.Sprintf("year = %d", s.when.Year) + and(where)
		}
		text := "SELECT * FROM " + table + " WHERE " + s.isInstitution() + and(where)
		if !slices.Contains(selects, text) {
			selects = append(selects, text)
		}
	}
	byTable := map[string][]string{} // several metrics of one table are one SELECT
	var order []string
	for _, o := range parts {
		for _, r := range o.refs {
			if _, seen := byTable[r.table]; !seen {
				order = append(order, r.table)
			}
			if !slices.Contains(byTable[r.table], r.where) {
				byTable[r.table] = append(byTable[r.table], r.where)
			}
		}
	}
	for _, table := range order {
		list := byTable[table]
		where := strings.Join(list, " OR ")
		if len(list) > 1 {
			where = "(" + where + ")"
		}
		add(table, where)
	}
	return strings.Join(selects, " UNION ALL BY NAME ")
}

func and(where string) string {
	if where == "" {
		return ""
	}
	return " AND " + where
}
