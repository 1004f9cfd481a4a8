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
		return b.String() + f.noMeasure()
	}
	return b.String() + "按照《细则》" + clauses(f.Articles.Measures) + "的规定，" + f.intended() + "采取以下措施：" + f.measure() + "。"
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

// told says what went before the decision (Art. 35), as far as the deliveries know it.
func (f *PointsFacts) told() string {
	switch {
	case f.ToldOn.IsZero():
		return "本中心已于" + dayOrByHand(f.ToldOn) + "向你送达《定点医药机构相关人员医保支付资格记分处理告知书》，告知情况和申诉复核情况：" + byHand + "。"
	case f.AppealedOn.IsZero():
		return "本中心已于" + chineseDay(f.ToldOn) + "向你送达《定点医药机构相关人员医保支付资格记分处理告知书》，至作出本决定时未收到你的书面申诉。"
	}
	return fmt.Sprintf("本中心已于%s向你送达《定点医药机构相关人员医保支付资格记分处理告知书》，你于%s提起书面申诉，复核情况：%s。",
		chineseDay(f.ToldOn), chineseDay(f.AppealedOn), byHand)
}

func (f *PointsFacts) appeal() string {
	if f.ServedOn.IsZero() || f.Appeal.On.IsZero() {
		return ""
	}
	return fmt.Sprintf("本告知书已于%s送达，申诉应当在%s以前（含当日）提出。", chineseDay(f.ServedOn), chineseDay(f.Appeal.On))
}

func (f *PointsFacts) registry() string {
	if f.ServedOn.IsZero() || f.Registry.On.IsZero() {
		return ""
	}
	return fmt.Sprintf("本通知书已于%s送达，应当在%s以前（含当日）完成。", chineseDay(f.ServedOn), chineseDay(f.Registry.On))
}

// restoration is the last day to ask in time; without the year's calendar it can only be said later.
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
