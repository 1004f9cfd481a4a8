package configs

import (
	"fmt"
	"slices"
	"strings"
)

// MetricKind says how a metric is to be read.
type MetricKind int

// The kinds of a metric.
const (
	RatioMetric  MetricKind = iota + 1 // numerator over denominator
	CountMetric                        // occurrences, each with its rows
	FigureMetric                       // what the self-report is held against
)

// Metric is a figure the program computes for an institution and a year.
type Metric struct {
	Name  string
	Title string
	Kind  MetricKind
}

var countedMetrics = []Metric{
	{"uncoded_person", "没有编码的人员", CountMetric},
	{"late_change", "变更登记超期", CountMetric},
	{"over_standard_price", "谈判药品超支付标准销售", CountMetric},
	{"price_over_monitored", "风险品种高于监测价", CountMetric},
	{"price_over_online", "风险品种高于网售价15%以上", CountMetric},
	{"price_over_uninsured", "风险品种医保售价高于非医保售价", CountMetric},
	{"trace_code_dispensing", "发药追溯码采集率", RatioMetric},
	{"trace_code_stock_in", "入库追溯码采集率", RatioMetric},
	{"inventory_uploaded", "进销存及时上传率", RatioMetric},
	{"inventory_complete", "进销存数据完整率", RatioMetric},
}

var (
	figureKinds = [][2]string{{"outpatient", "门诊统筹"}, {"inpatient", "住院"}, {"large_amount", "大额保险"},
		{"serious_illness", "大病保险"}, {"medical_aid", "医疗救助"}, {"pooled", "统筹支出"}}
	figureInsured = [][2]string{{"employee", "职工"}, {"resident", "居民"}}
	metrics       = allMetrics()
)

// allMetrics is the list of what layer 70 computes.
func allMetrics() []Metric {
	var all []Metric
	for no, title := range map[int]string{601: "医保码结算率", 602: "移动支付结算率", 603: "外购处方电子开方率", 604: "外购处方电子结算率",
		605: "进销存及时上传率", 606: "进销存数据完整率", 607: "药品追溯码采集率", 608: "药品网采率"} {
		all = append(all, Metric{fmt.Sprintf("ratio_%d", no), title, RatioMetric})
	}
	all = append(all, countedMetrics...)
	for _, kind := range figureKinds {
		for _, insured := range figureInsured {
			all = append(all, Metric{"visits_" + kind[0] + "_" + insured[0], insured[1] + kind[1] + "人次", FigureMetric},
				Metric{"amount_" + kind[0] + "_" + insured[0] + "_cents", insured[1] + kind[1] + "金额", FigureMetric})
		}
	}
	slices.SortFunc(all, func(a, b Metric) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// Metrics lists every metric, by name.
func Metrics() []Metric { return slices.Clone(metrics) }

// MetricNamed finds a metric; ok is false for an unknown name.
func MetricNamed(name string) (m Metric, ok bool) {
	i, ok := slices.BinarySearchFunc(metrics, name, func(m Metric, name string) int { return strings.Compare(m.Name, name) })
	if !ok {
		return Metric{}, false
	}
	return metrics[i], true
}

// IsAmount reports whether the metric is money, in cents: a figure of the self-report, or both sides of the share that
// was bought online.
func (m Metric) IsAmount() bool { return strings.HasSuffix(m.Name, "_cents") || m.Name == "ratio_608" }

// ratioOf is the number of the ratio that is a metric of this name, else 0.
func ratioOf(metric string) int {
	for no := range ratioNames {
		if metric == fmt.Sprintf("ratio_%d", no) {
			return no
		}
	}
	return 0
}
