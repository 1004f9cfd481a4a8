package site

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"claimsaudit/pipeline/report"
)

// ownRatios shows an institution's shares against their thresholds, with the months behind them.
func (b *build) ownRatios(d *doc, i *institution, m string) error {
	d.section("比率与阈值", "")
	defer d.end()
	var numbers []int64
	for _, r := range i.Ratios {
		if !slices.Contains(numbers, r.No) {
			numbers = append(numbers, r.No)
		}
	}
	if len(numbers) == 0 {
		d.para("empty", "没有比率数据。")
		return nil
	}
	d.table(b.ratioTable(i, numbers, m))
	d.add(raw(`<div class="charts">`), raw("\n"))
	drawn := 0
	for _, no := range numbers {
		c, ok := b.ratioChart(i, no, m)
		if !ok {
			continue
		}
		drawn++
		if err := d.chart(c); err != nil {
			return err
		}
	}
	d.add(raw("</div>\n"))
	if drawn == 0 {
		d.para("empty", "近十二个月的比率都没有数据。")
	}
	return nil
}

func (b *build) ratioTable(i *institution, numbers []int64, m string) table {
	year := m
	if len(b.Months) > 0 {
		year = b.Months[0] // the year to date is that of the newest month
	}
	t := table{caption: "当月和本年累计", columns: []column{{"比率", "long"}, {"当月分子/分母", "n"}, {"当月", "n"}, {"本年累计分子/分母", "n"}, {"本年累计", "n"}, {"阈值", "n"}, {"结论", "word"}}}
	for _, no := range numbers {
		var now, ytd ratio
		for _, r := range i.Ratios {
			switch {
			case r.No == no && r.Window == "month" && r.Key == m:
				now = r
			case r.No == no && r.Window == "ytd" && r.Key == year:
				ytd = r
			}
		}
		title := report.RatioTitle(no, now.Name+ytd.Name)
		if now.Name != "" && ytd.Name != "" {
			title = report.RatioTitle(no, now.Name)
		}
		limit, verdict := words("不设"), words(map[string]string{"met": "达标", "missed": "未达标", "no_data": "无数据", "none": "—"}[now.state()])
		if now.HasThreshold || ytd.HasThreshold {
			limit = words(fmt.Sprintf("%d%%", max(now.Threshold, ytd.Threshold)))
		}
		if now.state() == "missed" {
			verdict.tone = "withhold"
		}
		t.rows = append(t.rows, []cell{words(title), parts(now), value(now), parts(ytd), value(ytd), limit, verdict})
	}
	return t
}

func parts(r ratio) cell {
	if r.Denominator == 0 && r.Numerator == 0 {
		return cell{text: "—", tone: "zero"}
	}
	return words(report.Grouped(r.Numerator) + " / " + report.Grouped(r.Denominator))
}

func value(r ratio) cell {
	if !r.HasData {
		return cell{text: "无数据", tone: "zero"}
	}
	return words(r.Hundredths.String())
}

// ratioChart is twelve months of one share; false if none of them has data.
func (b *build) ratioChart(i *institution, no int64, m string) (chart, bool) {
	if m == "" {
		return chart{}, false
	}
	c := chart{id: fmt.Sprintf("ratio-%d", no), head: "月份", kind: kindLine, unit: "%", small: true, series: []series{{tone: "accent"}}}
	hasAny := false
	for _, x := range b.upTo(m) {
		v := ""
		for _, r := range i.Ratios {
			if r.No != no || r.Window != "month" || r.Key != x {
				continue
			}
			c.title = report.RatioTitle(no, r.Name)
			if r.HasThreshold {
				c.limit = fmt.Sprint(r.Threshold)
			}
			if r.HasData {
				v, hasAny = plain(report.Cents(r.Hundredths)), true
			}
		}
		c.labels = append(c.labels, month(x))
		c.series[0].values = append(c.series[0].values, v)
	}
	c.series[0].name = c.title
	return c, hasAny
}

// ratioPart counts, for each ratio, who meets its threshold, and lists the widest gaps.
func (b *build) ratioPart(d *doc, m, up string) error {
	d.section("比率与阈值", "当月，按机构计")
	defer d.end()
	type tally struct {
		title string
		n     map[string]int64
	}
	tallies, missed := map[int64]*tally{}, []ratio{}
	for _, code := range b.Codes {
		for _, r := range b.Institutions[code].Ratios {
			if r.Window != "month" || r.Key != m {
				continue
			}
			t := tallies[r.No]
			if t == nil {
				t = &tally{report.RatioTitle(r.No, r.Name), map[string]int64{}}
				tallies[r.No] = t
			}
			t.n[r.state()]++
			if r.state() == "missed" {
				missed = append(missed, r)
			}
		}
	}
	if len(tallies) == 0 {
		d.para("empty", "本月没有比率数据。")
		return nil
	}
	c := chart{id: "ratios", title: "各比率达标的机构数", head: "比率", kind: kindBars, unit: "家", series: []series{{name: "达标", tone: "pay"},
		{name: "未达标", tone: "withhold"}, {name: "无数据", tone: "none"}, {name: "不设阈值", tone: "exempt"}}}
	for _, no := range slices.Sorted(maps.Keys(tallies)) {
		t := tallies[no]
		c.labels = append(c.labels, t.title)
		for i, state := range []string{"met", "missed", "no_data", "none"} {
			c.series[i].values = append(c.series[i].values, fmt.Sprint(t.n[state]))
		}
	}
	if err := d.chart(c); err != nil {
		return err
	}
	gap := func(r ratio) int64 { return r.Threshold*100 - int64(r.Hundredths) }
	slices.SortStableFunc(missed, func(x, y ratio) int { return cmp.Compare(gap(y), gap(x)) })
	caption := "与阈值差距最大的机构"
	if len(missed) > listedMissed {
		caption += fmt.Sprintf("（前 %d 项，共 %d 项；其余见各机构的页面）", listedMissed, len(missed))
	}
	t := table{caption: caption, empty: "本月没有未达标的比率。", columns: []column{{"机构", "long"}, {"比率", "word"}, {"分子", "n"}, {"分母", "n"}, {"比率值", "n"}, {"阈值", "n"}}}
	for _, r := range missed[:min(len(missed), listedMissed)] {
		t.rows = append(t.rows, []cell{b.place(b.Institutions[r.Institution], up), words(report.RatioTitle(r.No, r.Name)), count(r.Numerator), count(r.Denominator),
			words(r.Hundredths.String()), words(fmt.Sprintf("%d%%", r.Threshold))})
	}
	d.table(t)
	return nil
}
