package configs

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ScoreCase is the test of one indicator, written beside it: what is known of
// an institution, and the points it must get. `claimsaudit scorecard test` and
// `check` run it.
type ScoreCase struct {
	Name      string            `yaml:"name"`
	Ownership string            `yaml:"ownership,omitempty"`
	Year      int               `yaml:"year,omitempty"`        // the scored year unless given
	Metrics   map[string]string `yaml:"metrics,omitempty"`     // "50/100", "3" or no_data
	Evidence  map[string]string `yaml:"evidence,omitempty"`    // by part: yes, no, 3, 93.5 or 2024-10-31
	Figures   map[string]int    `yaml:"self_report,omitempty"` // the institution's own figures
	SelfScore string            `yaml:"self_score,omitempty"`
	Peers     []int             `yaml:"peers,omitempty"` // what the others of the table count, for a rank
	Score     string            `yaml:"score"`           // points, missing or veto
}

// ScoreExample is a whole institution scored by hand.
type ScoreExample struct {
	Name       string            `yaml:"name"`
	Ownership  string            `yaml:"ownership,omitempty"`
	Metrics    map[string]string `yaml:"metrics,omitempty"`
	Evidence   map[string]string `yaml:"evidence,omitempty"` // by number and part: 5.enrolment
	Figures    map[string]int    `yaml:"self_report,omitempty"`
	SelfScores map[string]string `yaml:"self_scores,omitempty"` // by number
	Peers      map[string][]int  `yaml:"peers,omitempty"`       // by number
	Want       ScoreWant         `yaml:"want"`
}

// ScoreWant is what the table must say of an example.
type ScoreWant struct {
	Scores   map[string]string `yaml:"scores"` // by number, every one: points, missing, pass or veto
	Total    string            `yaml:"total"`  // points or missing
	Lowest   string            `yaml:"lowest,omitempty"`
	Highest  string            `yaml:"highest,omitempty"`
	Self     string            `yaml:"self_total,omitempty"`
	Decision string            `yaml:"decision"`
}

var (
	caseMetric = regexp.MustCompile(`^(no_data|[0-9]{1,15}(/[0-9]{1,15})?)$`)
	caseScore  = regexp.MustCompile(`^(missing|pass|veto|[0-9]{1,3}(\.[0-9]{1,2})?)$`)
	caseValue  = regexp.MustCompile(`^[0-9]{1,9}(\.[0-9]{1,3})?$`)
)

func checkCases(d *document, at string, x Indicator) {
	names := map[string]bool{}
	for i, c := range x.Cases {
		place := fmt.Sprintf("%s.cases[%d]", at, i)
		if d.good(place+".name") && names[c.Name] {
			d.fault(place+".name", "算例“"+c.Name+"”重复", "一项之内每个算例用不同的名称")
		}
		names[c.Name] = true
		d.among(place+".ownership", c.Ownership, "public", "private")
		d.between(place+".year", c.Year, 2000, 2099)
		d.scoreText(place+".score", c.Score)
		d.scoreText(place+".self_score", c.SelfScore)
		d.checkFacts(place, c.Metrics, c.Figures)
		for _, part := range sortedNames(c.Evidence) {
			d.checkEvidence(place+".evidence."+part, x, part, c.Evidence[part])
		}
	}
}

func checkScoreExamples(d *document, card Scorecard) {
	for i := range card.Indicators {
		if !d.good(fmt.Sprintf("indicators[%d].no", i)) {
			return // examples speak of numbers
		}
	}
	names := map[string]bool{}
	for i, e := range card.Examples {
		at := fmt.Sprintf("examples[%d]", i)
		if d.good(at+".name") && names[e.Name] {
			d.fault(at+".name", "算例“"+e.Name+"”重复", "每个算例用不同的名称")
		}
		names[e.Name] = true
		d.among(at+".ownership", e.Ownership, "public", "private")
		d.among(at+".want.decision", e.Want.Decision, "qualified", "unqualified", "incomplete")
		d.checkFacts(at, e.Metrics, e.Figures)
		for _, key := range sortedNames(e.Evidence) {
			no, part, _ := strings.Cut(key, ".")
			if x := card.numbered(no); x != nil {
				d.checkEvidence(at+".evidence."+key, *x, part, e.Evidence[key])
			} else if place := at + ".evidence." + key; d.good(place) {
				d.fault(place, "没有序号 "+no, "写成 序号.规则名称，如 5.enrolment")
			}
		}
		for _, x := range card.Indicators {
			if no := strconv.Itoa(x.No); e.Want.Scores[no] == "" && d.good(at+".want.scores") {
				d.fault(at+".want.scores", "没有写第 "+no+" 项的结果", "每一项都写：分数、missing、pass 或 veto")
			}
		}
		for _, no := range sortedNames(e.Want.Scores) {
			d.scoreText(at+".want.scores."+no, e.Want.Scores[no])
			if place := at + ".want.scores." + no; card.numbered(no) == nil && d.good(place) {
				d.fault(place, "没有序号 "+no, "写评分表里的序号")
			}
		}
		for _, x := range [][2]string{{"total", e.Want.Total}, {"lowest", e.Want.Lowest}, {"highest", e.Want.Highest}, {"self_total", e.Want.Self}} {
			d.scoreText(at+".want."+x[0], x[1])
		}
	}
}

// numbered finds an indicator by its number as a case writes it.
func (s Scorecard) numbered(no string) *Indicator {
	for i := range s.Indicators {
		if strconv.Itoa(s.Indicators[i].No) == no {
			return &s.Indicators[i]
		}
	}
	return nil
}

func (d *document) scoreText(at, text string) {
	if d.good(at) && !caseScore.MatchString(text) {
		d.fault(at, fmt.Sprintf("%q 不是结果", text), "写分数（至多两位小数）、missing、pass（否决项通过）或 veto")
	}
}

func (d *document) checkFacts(at string, metrics map[string]string, figures map[string]int) {
	for _, name := range sortedNames(metrics) {
		place := at + ".metrics." + name
		m, ok := MetricNamed(name)
		switch {
		case !d.good(place):
		case !ok:
			d.fault(place, "不认识的指标 "+name, "可用："+metricList(RatioMetric, CountMetric, FigureMetric))
		case !caseMetric.MatchString(metrics[name]) || metrics[name] != "no_data" && strings.Contains(metrics[name], "/") != (m.Kind == RatioMetric):
			d.fault(place, fmt.Sprintf("%q 不是这个指标的值", metrics[name]), "比率写成 50/100，次数和数字写整数，没有数据写 no_data")
		}
	}
	for _, name := range sortedNames(figures) {
		if m, ok := MetricNamed(name); d.good(at+".self_report."+name) && (!ok || m.Kind != FigureMetric) {
			d.fault(at+".self_report."+name, "没有可核对的数字 "+name, "可用："+metricList(FigureMetric))
		}
	}
}

// checkEvidence holds a case's evidence against what its part asks for.
func (d *document) checkEvidence(at string, x Indicator, part, text string) {
	if !d.good(at) {
		return
	}
	way := x.EvidenceWay(part)
	_, dayErr := time.Parse(time.DateOnly, text)
	ok := map[string]bool{"yes_no": text == "yes" || text == "no", "count": caseCount(text), "value": caseValue.MatchString(text),
		"event_on": dayErr == nil || text == "no" || text == "yes"}
	switch {
	case way == "":
		d.fault(at, fmt.Sprintf("第 %d 项没有要证据的规则 %s", x.No, part), "写 parts 里写了 evidence 的名称，或 by_part 的名称")
	case !ok[way]:
		d.fault(at, fmt.Sprintf("%q 不是 %s 的证据", text, way), "yes_no 写 yes 或 no，count 写整数，value 写数，event_on 写日期或 no")
	}
}

func caseCount(text string) bool {
	n, err := strconv.Atoi(text)
	return err == nil && n >= 0
}

// EvidenceWay is what evidence a part of the indicator reads: yes_no, count,
// value or event_on; "" if it reads none or is not known.
func (i Indicator) EvidenceWay(part string) string {
	for _, p := range i.Parts {
		if p.Part == part && p.Evidence != "" {
			return p.Evidence
		}
		if p.ByPart == part {
			return "event_on"
		}
	}
	return ""
}

// EvidenceParts names what the indicator can be given evidence for, in the order of its rules.
func (i Indicator) EvidenceParts() (parts []string) {
	for _, p := range i.Parts {
		if p.Evidence != "" {
			parts = append(parts, p.Part)
		}
		if p.ByPart != "" && !slices.Contains(parts, p.ByPart) {
			parts = append(parts, p.ByPart)
		}
	}
	return parts
}

func sortedNames[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
