package report

import (
	"fmt"
	"strconv"
	"strings"

	"claimsaudit/pipeline"
)

// Document fills a template; source names it in errors. The same facts and template give the same bytes.
func (f *AnnualFacts) Document(template []byte, source string) ([]byte, error) {
	return fillTemplate(template, source, f.blanks())
}

// CheckAnnualTemplate reports what is wrong with a template of the yearly report, like CheckPointsTemplate.
func CheckAnnualTemplate(template []byte, source, fixmedinsType string) error {
	f := AnnualFacts{Type: fixmedinsType}
	_, err := f.Document(template, source)
	return err
}

// AnnualPlaceholders lists what such a template may use.
func AnnualPlaceholders() []string {
	f := AnnualFacts{}
	return f.blanks().known()
}

// The short names of funds and insurance kinds in placeholders: 职工门诊人次, 居民住院金额.
var (
	shortFunds      = words{"outpatient": "门诊", "inpatient": "住院", "large_amount": "大额", "serious_illness": "大病", "medical_aid": "救助", "pooled": "统筹"}
	shortInsurances = words{"employee": "职工", "resident": "居民"}
)

// annualRatios are the placeholders of shares with the metric the scorecard looks at and what is counted.
var annualRatios = [][3]string{
	{"医保码结算率", "ratio_601", "笔"}, {"移动支付占比", "ratio_602", "笔"}, {"电子处方开方率", "ratio_603", "张"}, {"电子处方结算率", "ratio_604", "张"},
	{"进销存上传率", "ratio_605", "条"}, {"进销存完整率", "ratio_606", "项"}, {"追溯码采集率", "trace_code_dispensing", "条"}, {"药品网采率", "ratio_608", "元"},
}

// annualCounts are those of occurrences.
var annualCounts = [][2]string{
	{"无编码人数", "uncoded_person"}, {"变更超期次数", "late_change"}, {"超标准次数", "over_standard_price"}, {"高于监测价品种数", "price_over_monitored"},
	{"高于网售价品种数", "price_over_online"}, {"高于非医保价品种数", "price_over_uninsured"},
}

func (f *AnnualFacts) blanks() Blanks {
	m, p := f.money, f.people
	values := map[string]string{
		"机构名称": orElse(f.Name, byHand), "机构编码": f.Code, "机构类别": newLexicon().institutionType.of(f.Type), "年度": strconv.Itoa(f.meta.Year),
		"次年": strconv.Itoa(f.meta.Year + 1), "协议年度": strconv.Itoa(f.agreementYear), "发文单位": f.Issuer, "通知文号": orElse(f.NoticeNo, byHand),
		"考核表": f.title, "数据截至": chineseDay(f.meta.AsOf), "运行编号": f.meta.RunID, "校验链": f.meta.ChainHash, "考核情况": f.result,
		"待补材料": strings.Join(f.steps, "\n"),
		"登记人数": ifKnown(p.isKnown, p.registered), "受限人数": ifKnown(p.isKnown, p.blocked), "记分人数": grouped(p.persons), "记分次数": grouped(p.decided),
		"记分合计": grouped(p.points), "状态逾期项数": grouped(p.lateStatus), "状态逾期金额": cents(p.lateCents).String(),
		"结算笔数": ifKnown(m.isKnown, m.settlements), "申报基金": moneyIf(m.isKnown, m.fund), "支付金额": moneyIf(m.isKnown, m.pay),
		"豁免金额": moneyIf(m.isKnown, m.exempt), "待复核金额": moneyIf(m.isKnown, m.review), "扣款金额": moneyIf(m.isKnown, m.withhold),
		"追回金额": moneyIf(m.isKnown, m.recover), "退还金额": moneyIf(m.isKnown, -m.off), "超标准金额": moneyIf(f.known("over_standard_price"), f.cases["over_standard_price"]),
	}
	for _, x := range annualRatios {
		values[x[0]] = f.ratio(x[1], x[2])
	}
	for _, x := range annualCounts {
		values[x[0]] = ifKnown(f.known(x[1]), f.metrics[x[1]].numerator)
	}
	for _, fund := range pipeline.Funds {
		for _, insu := range pipeline.Insurances {
			name := shortInsurances.of(insu.Name) + shortFunds.of(fund.Name)
			values[name+"人次"], values[name+"金额"] = f.visits(fund.Name, insu.Name), f.amount(fund.Name, insu.Name)
		}
	}
	b := Blanks{Values: values, Required: []string{"机构名称", "年度"}, RowNames: []string{"序号", "项目", "险种", "人次", "金额"},
		Conditions: map[string]bool{"如医疗机构": f.Type == "1", "如零售药店": f.Type == "2", "如有记分": p.decided > 0, "如无记分": p.isKnown && p.decided == 0,
			"如记分不明": !p.isKnown && p.decided == 0,
			"如有扣款":  m.withhold != 0 || m.recover != 0 || m.off != 0, "如无扣款": m.isKnown && m.withhold == 0 && m.recover == 0 && m.off == 0,
			"如有结算": m.isKnown, "如无结算": !m.isKnown, "如有超标准": f.metrics["over_standard_price"].numerator > 0, "如有状态逾期": p.lateStatus > 0,
			"如有待补": len(f.steps) > 0, "如无待补": len(f.steps) == 0}}
	for _, x := range f.funds {
		row := map[string]string{"序号": strconv.Itoa(x.indicator), "项目": x.fund.Title, "险种": x.insurance.Title, "人次": "—", "金额": "—"}
		if x.visits {
			row["人次"] = f.visits(x.fund.Name, x.insurance.Name)
		}
		if x.amount {
			row["金额"] = f.amount(x.fund.Name, x.insurance.Name)
		}
		b.Rows = append(b.Rows, row)
	}
	return b
}

func (f *AnnualFacts) known(metric string) bool { return f.metrics[metric].isKnown }

func ifKnown(known bool, n int64) string {
	if !known {
		return byHand
	}
	return grouped(n)
}

func moneyIf(known bool, n int64) string {
	if !known {
		return byHand
	}
	return cents(n).String()
}

func (f *AnnualFacts) visits(fund, insu string) string {
	name := "visits_" + fund + "_" + insu
	return ifKnown(f.known(name), f.metrics[name].numerator)
}

// amount is in 10,000 yuan, as the report states it.
func (f *AnnualFacts) amount(fund, insu string) string {
	m := f.metrics["amount_"+fund+"_"+insu+"_cents"]
	if !m.isKnown {
		return byHand
	}
	return tenThousands(m.numerator)
}

// ratio cuts the per cent: a share below its threshold must not look as if it had reached it.
func (f *AnnualFacts) ratio(metric, unit string) string {
	m := f.metrics[metric]
	if !m.isKnown || m.denominator <= 0 {
		return byHand
	}
	show := grouped
	if unit == "元" {
		show = func(n int64) string { return cents(n).String() }
	}
	return fmt.Sprintf("%s（%s／%s %s）", hundredths(m.numerator*10_000/m.denominator), show(m.numerator), show(m.denominator), unit)
}
