package report

import (
	"fmt"
	"strings"
)

// result says what was, or is to be, decided: points, total, measure.
func (f *PointsFacts) result() string {
	var b strings.Builder
	will, n := "", f.counted()
	if !f.IsDecision {
		will = "将"
	}
	for _, d := range f.Decisions {
		if d.CountedWith != "" {
			fmt.Fprintf(&b, "处理编号%s与%s按照《细则》%s的规定只记一次，取最高分值，不另行记分。", d.No, d.CountedWith, clauses(d.CountedArticle))
		}
	}
	switch {
	case n == 0:
		fmt.Fprintf(&b, "累计记分仍为%d分。", f.After)
	case f.Before > 0:
		fmt.Fprintf(&b, "%s记%d分，连同此前记分%d分，累计%s达到%d分。", f.intended(), n, f.Before, will, f.After)
	default:
		fmt.Fprintf(&b, "%s记%d分，累计%s为%d分。", f.intended(), n, will, f.After)
	}
	if f.Measure == "" {
		return b.String() + f.noMeasure() + f.later()
	}
	return b.String() + "按照《细则》" + clauses(f.Articles.Measures) + "的规定，" + f.intended() + "采取以下措施：" + f.measure() + "。" + f.later()
}

// later says what follows together with decisions taken since, so that nobody is heard on less than what will come.
func (f *PointsFacts) later() string {
	x := f.Later
	if x == nil {
		return ""
	}
	text := fmt.Sprintf("另有在上述日期以后作出并已生效的处理（处理编号%s）：本次记分作出后，至%s累计将为%d分", strings.Join(x.Decisions, "、"), chineseDay(x.On), x.Total)
	if x.TotalNow != x.Total {
		text += fmt.Sprintf("（现累计将为%d分）", x.TotalNow)
	}
	block := PointsFacts{Measure: x.Measure, Months: x.Months, From: x.From, To: x.To}
	return text + "，按照《细则》" + clauses(f.Articles.Measures) + "的规定，将采取以下措施：" + block.measure() + "；正式起止日期以处理通知书为准。"
}

// measure words what follows from the points (Art. 33), a block with its first and last day.
func (f *PointsFacts) measure() string {
	switch f.Measure {
	case "":
		return "无"
	case "talk":
		return "由所在定点医药机构分管领导进行谈话提醒，并组织医保政策法规和业务知识学习培训，谈话记录与学习记录交本中心备案"
	case "head_talk":
		return "由所在定点医药机构主要负责人进行谈话提醒，并组织医保政策法规和医保知识学习培训，谈话记录与学习记录交本中心备案"
	case "circular":
		return "由本中心进行通报"
	case "suspend":
		return "暂停医保支付资格" + length(f.Months) + "，" + f.span()
	case "terminate":
		return "终止医保支付资格，" + length(f.Months) + "内不得登记备案，" + f.span()
	}
	return f.Measure
}

func (f *PointsFacts) span() string {
	text := fmt.Sprintf("自%s起至%s止，首尾两日均计算在内", chineseDay(f.From), chineseDay(f.To.AddDate(0, 0, -1)))
	if f.IsMerged {
		text += "（与另一项尚未期满的措施重叠，止期以较迟者为准）"
	}
	return text
}

func length(months int) string {
	if months%12 == 0 {
		return fmt.Sprintf("%d年", months/12)
	}
	return fmt.Sprintf("%d个月", months)
}

// told says what went before the decision (Art. 35), as far as the deliveries know it. An appeal dated before the notice
// or after the decision is a slip of the pen that must not stand in a document.
func (f *PointsFacts) told() string {
	head := "本中心已于" + dayOrByHand(f.ToldOn) + "向你送达《定点医药机构相关人员医保支付资格记分处理告知书》，"
	switch {
	case f.ToldOn.IsZero():
		return head + "告知情况和申诉复核情况：" + byHand + "。"
	case f.AppealedOn.IsZero():
		return head + "至作出本决定时未收到你的书面申诉。"
	case f.AppealedOn.Before(f.ToldOn) || f.AppealedOn.After(f.DecidedOn):
		return head + "申诉和复核情况：" + byHand + "。"
	}
	return head + "你于" + chineseDay(f.AppealedOn) + "提起书面申诉，复核情况：" + byHand + "。"
}

func (f *PointsFacts) appeal() string { return f.ends(f.Appeal) }

func (f *PointsFacts) registry() string { return f.ends(f.Registry) }

// ends stands behind a rule that counts from the service. A document cannot say of itself that it was served.
func (f *PointsFacts) ends(l Limit) string {
	if f.ServedOn.IsZero() || l.On.IsZero() {
		return ""
	}
	return fmt.Sprintf("（按%s送达计算，至%s止，含当日）", chineseDay(f.ServedOn), chineseDay(l.On))
}

// restoration is the first day to ask; without the year's calendar it can only be said later.
func (f *PointsFacts) restoration() string {
	if f.Restoration.On.IsZero() {
		return "＿＿＿＿年＿＿月＿＿日（放假安排公布后填写）"
	}
	return chineseDay(f.Restoration.On)
}

func (f *PointsFacts) repair() string {
	if f.NoStudy {
		return "终止期内学习培训不予修复。"
	}
	return ""
}

func (f *PointsFacts) noMeasure() string {
	if f.IsDecision {
		return "本次记分不引起新的管理措施。"
	}
	return "本次记分将不引起新的管理措施。"
}
