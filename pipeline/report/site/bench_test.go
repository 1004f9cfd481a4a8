package site

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkBuild writes the site of 600 institutions with a year of months, 2,000 persons with findings and 60,000 lines.
func BenchmarkBuild(b *testing.B) {
	db := openMart(b)
	exec(b, db, `INSERT INTO mart.rule VALUES (402,'practitioner_suspended','人员支付资格已暂停','withhold','19, 50','')`)
	exec(b, db, `INSERT INTO mart.institution SELECT 'H' || CAST(50010500000 + n AS VARCHAR), '样例医院第' || CAST(n AS VARCHAR) || '号', '1', NULL, NULL, 'public', '03', 'active', NULL, NULL FROM range(600) r(n)`)
	exec(b, db, `INSERT INTO mart.institution_period SELECT strftime(DATE '2024-05-01' + to_months(CAST(m AS INTEGER)), '%Y-%m'), fixmedins_code, fixmedins_name, '1', 700, 8000,
		1000000, 990000, 1000, 2000, 7000, 10, -5 FROM mart.institution, range(12) r(m)`)
	exec(b, db, `INSERT INTO mart.line_verdict SELECT strftime(DATE '2024-05-01' + to_months(CAST(n % 12 AS INTEGER)), '%Y-%m'), 'H' || CAST(50010500000 + n % 600 AS VARCHAR),
		'500105202503' || CAST(10000000 + n AS VARCHAR), '1', DATE '2024-05-03' + to_months(CAST(n % 12 AS INTEGER)), 'withhold', 402, '19, 50', 'D' || CAST(500105000000 + n % 2000 AS VARCHAR),
		'bilg_dr', 'suspended', '2024-01-01', NULL, NULL, 70 FROM range(60000) r(n)`)
	exec(b, db, `INSERT INTO mart.finding SELECT period, setl_id, feedetl_sn, rule, 'rule', role, practitioner_code, 'withhold', NULL FROM mart.line_verdict`)
	exec(b, db, `INSERT INTO mart.practitioner_file SELECT 'D' || CAST(500105000000 + n AS VARCHAR), '张＊＊', 'H50010500001', 'suspended', 'normal', 0, NULL, NULL, NULL, NULL FROM range(18000) r(n)`)
	exec(b, db, `INSERT INTO mart.institution_ratio SELECT 'month', p.period, p.fixmedins_code, q.no, 'ratio', 40, 100, 0.4, 'ok', 50, false FROM mart.institution_period p, range(601, 609) q(no)`)
	exec(b, db, `INSERT INTO mart.scorecard_total (year, fixmedins_code, lowest, highest, decision, state) SELECT 2025, fixmedins_code, 40, 80, 'incomplete', 'open' FROM mart.institution`)
	exec(b, db, `INSERT INTO mart.scorecard (year, fixmedins_code, indicator_no, title, max_points, score, source, evidence)
		SELECT 2025, fixmedins_code, n, '指标', 4, 3, 'computed', '医保码结算率 59/103＝57.28%，达到 50%，不扣分；医保码全流程应用 2024-12-20 完成，期限 2024-12-31，不扣分。' FROM mart.institution, range(24) r(n)`)
	exec(b, db, `INSERT INTO mart.scorecard_step SELECT 2025, fixmedins_code, n, n, 'improve', 2, '药品网采率达到 90%，现在 77.99%，按现有分母还差 5723.48 元' FROM mart.institution, range(10) r(n)`)
	pages, at := 0, b.TempDir()
	b.ResetTimer()
	for i := range b.N {
		dir := filepath.Join(at, fmt.Sprint(i))
		made, err := Build(context.Background(), db, dir, sampleMeta(), options(Pseudonym))
		if err != nil {
			b.Fatal(err)
		}
		pages += made.Pages
		if err := os.RemoveAll(dir); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(pages)/b.Elapsed().Seconds(), "pages/s")
	b.ReportMetric(float64(pages)/float64(b.N), "pages")
}
