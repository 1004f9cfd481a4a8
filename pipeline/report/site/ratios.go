package site

import (
	"fmt"
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
