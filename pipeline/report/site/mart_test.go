package site

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/marcboeker/go-duckdb"

	"claimsaudit/pipeline"
	"claimsaudit/pipeline/report"
)

const (
	attack    = `</script><script>alert(1)</script><img src=x onerror=alert(2)>"'诊所`
	oddCode   = `../H/4 "号"`
	secretKey = "a key of the tests that is long enough"
)

func longName() string {
	return strings.Repeat("重庆市江北区样例社区卫生服务中心第一分院", 10)
}

func openMart(t testing.TB) *sql.DB {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	db.SetMaxOpenConns(1) // a second connection would see another empty database
	shape, err := os.ReadFile("../../../sql/mart.sql")
	if err != nil {
		t.Fatal(err)
	}
	exec(t, db, string(shape))
	return db
}

func exec(t testing.TB, db *sql.DB, query string, args ...any) {
	t.Helper()
	if _, err := db.Exec(query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func scalar[T any](t testing.TB, db *sql.DB, query string, args ...any) (v T) {
	t.Helper()
	if err := db.QueryRow(query, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v
}

// sampleMart is fourteen months up to April 2025 of eight made-up institutions: one with markup for a name, one with 200
// characters, one with a code that would lead elsewhere as a path, one without findings, one that only the register knows,
// one that began three months ago, one without a name.
func sampleMart(t testing.TB) *sql.DB {
	t.Helper()
	db := openMart(t)
	exec(t, db, `INSERT INTO mart.rule VALUES (401,'practitioner_terminated','人员支付资格已终止','withhold','19, 50',''),
		(402,'practitioner_suspended','人员支付资格已暂停','withhold','19, 50',''), (404,'agreement_inactive','机构服务协议中止或解除','withhold','21',''),
		(405,'practitioner_unknown','人员代码未登记备案','review','10','')`)
	exec(t, db, `INSERT INTO mart.institution VALUES ('H1','样例区第一人民医院','1',NULL,NULL,'public','03','active',NULL,NULL), ('H2',$1,'1',NULL,NULL,'private',NULL,'suspended','2025-03-01','2025-03-31'),
		('H3',$2,'1',NULL,NULL,NULL,NULL,'active',NULL,NULL), ($3,'代码特殊的医院','1',NULL,NULL,NULL,NULL,NULL,NULL,NULL), ('P5','样例平价药房','2',NULL,NULL,'private',NULL,'active',NULL,NULL),
		('h1','只在登记表中的诊所','1',NULL,NULL,NULL,NULL,'active',NULL,NULL), ('H7','二月开业的诊所','1','2025-02-01',NULL,NULL,NULL,'active',NULL,NULL)`, longName(), attack, oddCode)
	exec(t, db, `CREATE TEMP TABLE month AS SELECT strftime(DATE '2024-03-01' + to_months(CAST(n AS INTEGER)), '%Y-%m') AS period, n FROM range(14) r(n)`)
	exec(t, db, `CREATE TEMP TABLE place AS SELECT * FROM (VALUES ('H1',1),('H2',2),('H3',3),($1,4),('P5',5),('H7',7),('H8',8)) p(code, k)`, oddCode)
	exec(t, db, `INSERT INTO mart.line_verdict
		SELECT period, code, code || period || lpad(CAST(i AS VARCHAR), 4, '0'), CAST(i AS VARCHAR), CAST(period || '-01' AS DATE) + CAST(i % 28 AS INTEGER),
			CASE i % 4 WHEN 0 THEN 'exempt' WHEN 1 THEN 'review' ELSE 'withhold' END, CASE i % 4 WHEN 1 THEN 405 ELSE 401 + k % 2 END, '19, 50',
			'D50010500000' || CAST((i + k) % 7 AS VARCHAR), 'bilg_dr', CASE i % 4 WHEN 1 THEN 'normal' ELSE 'suspended' END, '2024-01-01', NULL,
			CASE i % 4 WHEN 0 THEN 'med_type' END, 10.01 * k + i
		FROM month, place, range(9) r(i) WHERE k <> 5 AND (k <> 7 OR period >= '2025-02') AND k <> 8`)
	exec(t, db, `INSERT INTO mart.finding SELECT period, setl_id, feedetl_sn, rule, 'rule', role, practitioner_code, 'withhold', emergency_test FROM mart.line_verdict`)
	exec(t, db, `INSERT INTO mart.finding VALUES ('2025-03','S1','1',402,'rule','orders_dr','D500105000099','withhold',NULL)`)
	exec(t, db, `INSERT INTO mart.institution_period
		SELECT m.period, p.code, CASE WHEN p.k = 8 THEN NULL ELSE i.fixmedins_name END, CASE p.k WHEN 5 THEN '2' WHEN 8 THEN NULL ELSE '1' END, 100 * p.k + m.n, 300 * p.k,
			100000 + coalesce(sum(v.fund_yuan), 0), 100000, coalesce(sum(v.fund_yuan) FILTER (verdict = 'exempt'), 0), coalesce(sum(v.fund_yuan) FILTER (verdict = 'review'), 0),
			coalesce(sum(v.fund_yuan) FILTER (verdict = 'withhold'), 0), CASE WHEN p.k = 1 THEN 12.50 ELSE 0 END, CASE WHEN p.k = 2 THEN -3.25 ELSE 0 END
		FROM month m CROSS JOIN place p LEFT JOIN mart.institution i ON i.fixmedins_code = p.code
		LEFT JOIN mart.line_verdict v ON v.period = m.period AND v.fixmedins_code = p.code
		WHERE p.k <> 7 OR m.period >= '2025-02' GROUP BY ALL`)
	exec(t, db, `INSERT INTO mart.institution_period VALUES ('2031-01','H1','未来','1',1,1,1,1,0,0,0,0,0)`) // settled in the future: a matter of data quality
	exec(t, db, `INSERT INTO mart.institution_ratio
		SELECT w.kind, m.period, p.code, q.no, q.name, (q.no + p.k + m.n) % 100, CASE WHEN q.no = 605 THEN 0 ELSE 100 END, 0.5, CASE WHEN q.no = 605 THEN 'no_data' ELSE 'ok' END, q.threshold,
			(q.no + p.k + m.n) % 100 >= q.threshold
		FROM month m, place p, (VALUES ('month'), ('ytd')) w(kind), (VALUES (601,'insurance_code',50), (602,'mobile_payment',30), (605,'inventory_uploaded',NULL), (608,'online_procurement',90)) q(no, name, threshold)
		WHERE p.k < 8`)
	exec(t, db, `INSERT INTO mart.statement SELECT 'T-' || period, period, last_day(CAST(period || '-01' AS DATE)) + 3, 'monthly-' || period, 10, 100, 12.5, -3.25 FROM month WHERE period < '2025-04'`)
	exec(t, db, `INSERT INTO mart.statement_line SELECT 'T-' || period, period, period, fixmedins_code, setl_id, feedetl_sn, 'withhold', fund_yuan, 'new_row' FROM mart.line_verdict WHERE verdict = 'withhold' AND period < '2025-04'`)
	exec(t, db, `INSERT INTO mart.statement_line VALUES ('T-2025-03','2025-03','2025-02','H1','S1','1','recover',12.50,'status_learnt_late'), ('T-2025-03','2025-03','2025-02','H2','S2','1','release',-3.25,'refund')`)
	exec(t, db, `INSERT INTO mart.practitioner_file SELECT 'D50010500000' || CAST(n AS VARCHAR), '张＊＊', 'H1；H2', 'suspended', 'normal', n, NULL, NULL, NULL, NULL FROM range(7) r(n)`)
	exec(t, db, `INSERT INTO mart.practitioner_interval VALUES ('D500105000001','suspended','2025-03-01','2025-06-01','H1','2025-03-31')`)
	exec(t, db, `INSERT INTO mart.points_record VALUES ('D500105000001',2025,'2025-03-05','points','JF1',10,10,'suspend','2025-03-05','2025-07-05','32',1)`)
	exec(t, db, `INSERT INTO mart.deadline VALUES ('D500105000001','registry','维护登记备案状态','2025-03-14','overdue','37','JF1',NULL), ('D500105000055','notice','送达处理通知书',NULL,'unknown','36','JF2','没有 2028 年的工作日历')`)
	exec(t, db, `INSERT INTO mart.early_warning VALUES ('one_step','再记分即可能暂停',NULL,'D500105000002',NULL,7,NULL,NULL,'33'), ('share_exceeded','受限人员占比超过规定','H2',NULL,NULL,NULL,2,2,'34')`)
	exec(t, db, `INSERT INTO mart.status_not_maintained VALUES ('H1','D500105000001','JF1','suspend','2025-03-05','2025-07-05','2025-03-07','2025-03-14',NULL,3,180.50,2,120.25,'37, 48')`)
	exec(t, db, `INSERT INTO mart.agreement_event VALUES ('H2','suspended','2025-03-01','2025-04-01','D500105000003','normal','suspended','21')`)
	exec(t, db, `INSERT INTO mart.institution_blocked_share VALUES (2025,'H1',40,1,false), (2025,'H2',2,2,true)`)
	exec(t, db, `INSERT INTO mart.scorecard_total (year, fixmedins_code, total, lowest, highest, vetoed, missing, decision, pass_mark, note, card_title, window_key, state)
		VALUES (2025,'H1',NULL,54,80,false,'11, 12','incomplete',60,'尚缺第 11、12 项。','2025年考核表','2025-04','open'), (2024,'H1',77.5,77.5,77.5,false,'','qualified',60,'','2024年考核表','2024','final'),
		(2025,'P5',100,100,100,false,'','qualified',60,'','2025年考核表','2025-04','open'), (2024,'P5',61,61,61,false,'','qualified',60,'','2024年考核表','2024','final')`)
	exec(t, db, `INSERT INTO mart.scorecard (year, fixmedins_code, indicator_no, title, max_points, score, lowest, highest, vetoed, source, evidence, state)
		VALUES (2025,'H1',11,'居民大病',2,NULL,0,2,false,'missing',$1,'open'), (2024,'H1',11,'旧指标',2,2,2,2,false,'evidence','是','final')`, attack)
	exec(t, db, `INSERT INTO mart.scorecard_step VALUES (2025,'H1',1,11,'submit',2,'提交自报数字'), (2024,'H1',1,11,'submit',2,'旧步骤'), (2024,'P5',1,3,'improve',2,'旧步骤')`)
	exec(t, db, `INSERT INTO mart.data_quality VALUES ('settled_in_the_future','结算时间在将来','2031-01','S9',NULL,'请核对'), ('entry_ahead','填报日期在将来',NULL,NULL,NULL,'请核对')`)
	exec(t, db, `INSERT INTO mart.rejected_row VALUES ('aa','fee_line_500105_202503.csv','fee_line',17,'bilg_dr_codg','列 bilg_dr_codg：“D500105000001”不对','D500105000001,张三,500105199001011234',NULL)`)
	exec(t, db, `INSERT INTO mart.delivered_file VALUES ('aa11bb22cc33dd44','fee_line_500105_202503.csv','fee_line','gb18030',23138,23135,0,0,3,2943321.09,'2025-04-02 08:00:01','nightly-1')`)
	exec(t, db, `INSERT INTO mart.freshness VALUES ('fee_line','2025-04-30','2025-05-02 08:00:01'), ('repair',NULL,NULL)`)
	exec(t, db, `INSERT INTO mart.run VALUES ('nightly-2025-05-06-1','nightly',NULL,'2025-05-06','2025-05-06 02:00:00','2025-05-06 02:01:00','done',100,$1), ('nightly-2025-05-05-1','nightly',NULL,'2025-05-05','2025-05-05 02:00:00',NULL,'failed',0,NULL)`, sampleMeta().ChainHash)
	return db
}

func sampleMeta() report.Meta {
	return report.Meta{AsOf: time.Date(2025, 5, 6, 0, 0, 0, 0, time.UTC), CentreName: "样例区医疗保障事务中心", RulePackTitle: "医保支付资格管理实施细则", RunID: "nightly-2025-05-06-1",
		ChainHash: strings.Repeat("9f86d081884c7d65", 4), GeneratedAt: time.Date(2025, 5, 5, 18, 1, 0, 0, time.UTC)}
}

func march() pipeline.Period { return pipeline.Period{Year: 2025, Month: time.March} }

func options(people People) Options {
	return Options{People: people, Key: []byte(secretKey), DirMode: 0o750, FileMode: 0o440}
}

// built writes a site and returns its folder.
func built(t testing.TB, db *sql.DB, people People) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "site")
	if _, err := Build(context.Background(), db, dir, sampleMeta(), options(people)); err != nil {
		t.Fatal(err)
	}
	return dir
}
