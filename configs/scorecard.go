package configs

import (
	"cmp"
	"fmt"
	"slices"
)

type scorecardFile struct {
	Name      string `yaml:"name"`
	Title     string `yaml:"title"`
	AppliesTo struct {
		FixmedinsType string `yaml:"fixmedins_type"`
	} `yaml:"applies_to"`
	Thresholds []struct {
		Ratio     int `yaml:"ratio"`
		Percent   int `yaml:"percent"`
		Indicator int `yaml:"indicator"`
	} `yaml:"thresholds"`
}

// thresholds reads the scorecards the settings name.
func (l *loader) thresholds(settings *document, names []string) []Threshold {
	var all []Threshold
	taken := map[string]string{} // institution type → file
	for i, name := range names {
		d := l.named(settings, "scorecards", fmt.Sprintf("scorecards[%d]", i), name)
		if d == nil {
			continue
		}
		var card scorecardFile
		d.into(&card)
		kind := card.AppliesTo.FixmedinsType
		if at := "applies_to.fixmedins_type"; d.good(at) {
			if kind != "1" && kind != "2" {
				d.fault(at, "不认识的机构类型 "+kind, `"1"（定点医疗机构）或 "2"（定点零售药店）`)
			} else if taken[kind] != "" {
				d.fault(at, fmt.Sprintf("机构类型 %s 已有评分表 %s", kind, taken[kind]), "一类机构只用一张评分表")
			}
			taken[kind] = d.file
		}
		all = append(all, checkCard(d, card)...)
	}
	slices.SortFunc(all, func(a, b Threshold) int {
		return cmp.Or(cmp.Compare(a.FixmedinsType, b.FixmedinsType), cmp.Compare(a.RatioNo, b.RatioNo))
	})
	return all
}

func checkCard(d *document, card scorecardFile) []Threshold {
	var list []Threshold
	seen := map[int]bool{}
	for i, t := range card.Thresholds {
		at := fmt.Sprintf("thresholds[%d]", i)
		if d.good(at + ".ratio") {
			if ratioNames[t.Ratio] == "" {
				d.fault(at+".ratio", fmt.Sprintf("没有比率 %d", t.Ratio), "可用的编号："+numberList(ratioNames))
			} else if seen[t.Ratio] {
				d.fault(at+".ratio", fmt.Sprintf("比率 %d 重复", t.Ratio), "一张评分表里一个比率只有一个标准")
			}
			seen[t.Ratio] = true
		}
		if d.good(at+".percent") && (t.Percent < 0 || t.Percent > 100) {
			d.fault(at+".percent", fmt.Sprintf("%d 不在 0 至 100 之间", t.Percent), "写百分数，不写百分号")
		}
		if d.good(at+".indicator") && t.Indicator < 1 {
			d.fault(at+".indicator", fmt.Sprintf("指标序号 %d 不对", t.Indicator), "写评分表中该指标的序号")
		}
		list = append(list, Threshold{t.Ratio, card.AppliesTo.FixmedinsType, t.Percent, t.Indicator})
	}
	return list
}
