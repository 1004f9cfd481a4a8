package report

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// trendMonths is how far the trend looks back, the period included.
const trendMonths = 12

// monthTotal is a month of the trend.
type monthTotal struct {
	Period         string
	Fund, Withhold cents
	Known          bool // there are claims of it
}

// loadTrend reads the months up to the period; a month without claims between two others keeps its place.
func (s *summary) loadTrend(ctx context.Context, db *sql.DB) error {
	known := map[string]monthTotal{}
	from := s.Meta.Period.Add(1 - trendMonths)
	err := each(ctx, db, "institution_period", queryTrend, []any{s.Meta.Period.String(), from.String()}, func(rows *sql.Rows) error {
		m := monthTotal{Known: true}
		err := rows.Scan(&m.Period, &m.Fund, &m.Withhold)
		known[m.Period] = m
		return err
	})
	for p := from; p.First().Before(s.Meta.Period.Add(1).First()); p = p.Add(1) {
		m, ok := known[p.String()]
		if !ok && len(s.Trend) == 0 {
			continue
		}
		m.Period = p.String()
		s.Trend = append(s.Trend, m)
	}
	return err
}

// trendNote says how far back the trend goes, and which months are missing in it.
func (s *summary) trendNote() string {
	var missing []string
	for _, m := range s.Trend {
		if !m.Known {
			missing = append(missing, m.Period)
		}
	}
	note := ""
	switch n := len(s.Trend); {
	case n == 0:
		return "月度趋势：近十二个月没有结算数据。"
	case n == 1:
		note = "月度趋势只有 " + s.Trend[0].Period + " 一个月：近十二个月里没有更早的结算数据。"
	case n < trendMonths:
		note = fmt.Sprintf("月度趋势自 %s 起，共 %d 个月：近十二个月里没有更早的结算数据。", s.Trend[0].Period, n)
	default:
		note = fmt.Sprintf("月度趋势为 %s 至 %s。", s.Trend[0].Period, s.Trend[n-1].Period)
	}
	if len(missing) > 0 {
		note += "其中 " + strings.Join(missing, "、") + " 没有数据。"
	}
	return note + "各图数据见“" + sheetChartData + "”表。"
}
