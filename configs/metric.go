package configs

import (
	"fmt"
	"slices"
	"strings"

	"claimsaudit/pipeline"
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

var metrics = allMetrics()

// allMetrics is the list of what layers 60 and 70 compute.
func allMetrics() []Metric {
	var all []Metric
	for no, name := range ratioNames {
		all = append(all, Metric{fmt.Sprintf("ratio_%d", no), name, RatioMetric})
	}
	all = append(all, Metric{ratioNames[605], ratioNames[605], RatioMetric}, Metric{ratioNames[606], ratioNames[606], RatioMetric})
	for _, m := range pipeline.Metrics() {
		kind := CountMetric
		switch {
		case strings.HasPrefix(m.Name, "visits_"), strings.HasPrefix(m.Name, "amount_"):
			kind = FigureMetric
		case strings.HasPrefix(m.Name, "trace_code_"):
			kind = RatioMetric
		}
		all = append(all, Metric{m.Name, strings.Replace(m.Title, "，分）", "）", 1), kind})
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

// IsAmount reports whether the metric is money, in cents.
func (m Metric) IsAmount() bool { return strings.HasSuffix(m.Name, "_cents") }

// ratioOf is the number of the ratio that is a metric of this name, else 0.
func ratioOf(metric string) int {
	for no := range ratioNames {
		if metric == fmt.Sprintf("ratio_%d", no) {
			return no
		}
	}
	return 0
}
