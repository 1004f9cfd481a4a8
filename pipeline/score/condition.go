package score

import (
	"fmt"
	"strings"

	"claimsaudit/configs"
)

// condition answers whether the condition of a part holds: by the metric, or by a person's evidence where that goes
// first or the metric has no data.
func (s *scorer) condition(x *configs.Indicator, p *configs.RulePart) verdict {
	own := s.byEvidence(x, p)
	conditions := p.Conditions()
	if len(conditions) == 0 {
		return own
	}
	computed := s.byMetrics(p, conditions)
	switch {
	case own.known && (p.EvidenceFirst || !computed.known):
		own.refs = append(own.refs, computed.refs...)
		if p.EvidenceFirst && computed.known {
			own.text += "（系统：" + computed.text + "）"
		}
		return own
	case computed.known:
		return computed
	case p.NoData == "holds" || p.NoData == "fails":
		computed.known, computed.holds, computed.source = true, p.NoData == "holds", Computed
		computed.text += "，按评分表处理"
		return computed
	}
	computed.text = s.lacking(p)
	computed.toDo = "提交证据：" + p.Title
	return computed
}

// byMetrics asks for all conditions; one that does not hold decides.
func (s *scorer) byMetrics(p *configs.RulePart, conditions []configs.Condition) verdict {
	v := verdict{known: true, holds: true, source: Computed}
	var texts, toDo []string
	for _, c := range conditions {
		v.refs = append(v.refs, s.refOf(c.Metric))
		m, ok := s.metric(c.Metric)
		if m.State == StateNotDue { // asks for nothing yet; the others decide
			texts = append(texts, conditionTitle(p, c)+"尚未到期，不计")
			continue
		}
		if !ok {
			if v.holds {
				v.known = false
			}
			texts = append(texts, conditionTitle(p, c)+"：没有数据")
			continue
		}
		var holds bool
		var text, more string
		if known, _ := configs.MetricNamed(c.Metric); known.Kind == configs.RatioMetric {
			holds = compare(c.Compare, times(m.Numerator, 100), times(m.Denominator, int64(c.Percent)))
			text, more = ratioText(p, c, m, holds), ratioStep(p, c, m)
		} else {
			holds = compare(p.Compare, m.Numerator, int64(p.Threshold))
			text, more = fmt.Sprintf("%s %d", p.Title, m.Numerator), p.Title+"：逐一核对，有误的提交证明"
		}
		texts = append(texts, text)
		if !holds {
			v.known, v.holds = true, false
		}
		if holds == (p.Rule == configs.VetoIf) {
			toDo = append(toDo, more)
		}
	}
	v.text, v.toDo = strings.Join(texts, "，"), strings.Join(toDo, "；")
	if !v.known {
		v.source = Missing
	}
	return v
}

// times multiplies counts and cents; sums of money stay far below what would overflow.
func times(n, by int64) int64 { return n * by }

func compare(how string, value, threshold int64) bool {
	switch how {
	case "above":
		return value > threshold
	case "below":
		return value < threshold
	case "at_most":
		return value <= threshold
	default:
		return value >= threshold
	}
}

// byEvidence is what the delivered evidence says.
func (s *scorer) byEvidence(x *configs.Indicator, p *configs.RulePart) verdict {
	v := verdict{source: Missing, text: p.Title + "：没有证据", toDo: "提交证据：" + p.Title}
	if p.Evidence == "" {
		return v
	}
	v.refs = []ref{evidenceRef(x)}
	ev := s.evidence[partKey{x.No, p.Part}]
	if ev == nil {
		return v
	}
	said := verdict{known: true, source: Evidenced, refs: v.refs, toDo: "改正并提交证据：" + p.Title}
	switch {
	case p.Evidence == "yes_no" && ev.YesNo != nil:
		said.holds = *ev.YesNo == (p.When != "no")
		said.text = p.Title + "：" + yesNo(*ev.YesNo)
	case p.Evidence == "count" && ev.Count != nil:
		said.holds = compare(p.Compare, *ev.Count, int64(p.Threshold))
		said.text = fmt.Sprintf("%s核定 %d", p.Title, *ev.Count)
	case p.Evidence == "value" && ev.Value != nil:
		said.holds = compare(p.Compare, *ev.Value, int64(p.Percent)*1_000_000)
		said.text = fmt.Sprintf("%s证据为 %s%%，标准 %d%%", p.Title, millionths(*ev.Value), p.Percent)
	case p.Evidence == "event_on":
		return s.byDate(x, p, ev, said, v)
	default:
		return v
	}
	said.text += document(ev)
	return said
}

// byDate is about something that had to be done by a day. That it was done without saying when proves nothing.
func (s *scorer) byDate(x *configs.Indicator, p *configs.RulePart, ev *Evidence, said, lacking verdict) verdict {
	inTime := false
	by := s.deadline(x, p)
	switch {
	case ev.YesNo != nil && !*ev.YesNo: // whatever day stands beside it
		said.text = p.Title + "：没有完成"
	case ev.EventOn.IsZero():
		lacking.text, lacking.toDo = p.Title+"：证据没有日期", "补上日期："+p.Title
		return lacking
	case by.IsZero():
		lacking.text, lacking.toDo = p.Title+"：没有期限的证据", "提交证据："+p.Title+"的期限"
		return lacking
	default:
		inTime = !ev.EventOn.After(by)
		said.text = fmt.Sprintf("%s %s 完成，期限 %s", p.Title, dayText(ev.EventOn), dayText(by))
		if !inTime {
			said.text += "，已超期"
		}
	}
	said.holds = inTime != (p.Rule == configs.VetoIf)
	said.text += document(ev)
	return said
}

// lacking says what a part without any answer lacks.
func (s *scorer) lacking(p *configs.RulePart) string {
	hasMetric := len(p.Conditions()) > 0
	switch {
	case hasMetric && p.Evidence != "":
		return p.Title + "：没有数据，也没有证据"
	case hasMetric:
		return p.Title + "：没有数据"
	}
	return p.Title + "：没有证据"
}
