package report

import (
	"database/sql"
	"os"
	"strings"
	"testing"
	"time"

	_ "github.com/marcboeker/go-duckdb"

	"claimsaudit/pipeline"
)

const (
	longID     = "50010020250300000017" // 20 digits: a number would lose the last five
	formulaish = `=HYPERLINK("http://example.invalid","点此")大药房`
	markup     = `<script>alert(1)</script>诊所`
	secondID   = "50010020250300000025"
)

func longName() string {
	return strings.Repeat("重庆市江北区样例社区卫生服务中心第一分院", 10)
}

// openMart is an empty published mart in memory.
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
	shape, err := os.ReadFile("../../sql/mart.sql")
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

func scalar[T any](t *testing.T, db *sql.DB, query string, args ...any) (v T) {
	t.Helper()
	if err := db.QueryRow(query, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v
}

// sampleMart holds March 2025 of six made-up institutions, two of them with
// names that attack the reader, and a February that must not show.
func sampleMart(t *testing.T) *sql.DB {
	t.Helper()
	db := openMart(t)
	exec(t, db, `INSERT INTO mart.rule VALUES
		(401,'practitioner_terminated','人员支付资格已终止','withhold','19, 50',''),
		(402,'practitioner_suspended','人员支付资格已暂停','withhold','19, 50',''),
		(403,'pharmacy_principal_blocked','药店负责人被暂停或终止','withhold','2, 39',''),
		(404,'agreement_inactive','机构医保协议中止或解除','withhold','21',''),
		(405,'practitioner_unknown','人员代码未登记备案','review','10',''),
		(406,'not_registered_here','未在本机构登记备案','review','10, 17',''),
		(408,'suspension_expired','期满未恢复','review','44','')`)
	exec(t, db, `INSERT INTO mart.practitioner VALUES ('D500105000123','张*',NULL,NULL), ('D500105000456','欧阳*',NULL,NULL)`)
	exec(t, db, `INSERT INTO mart.line_verdict VALUES
		('2025-03','H50010500001',$1,'1','2025-03-05','withhold',402,'19, 50','D500105000123','bilg_dr','suspended','2025-03-01','2025-06-01',NULL,12345.67),
		('2025-03','H50010500001',$1,'2','2025-03-05','withhold',402,'19, 50','D500105000123','orders_dr','suspended','2025-03-01','2025-06-01',NULL,0.01),
		('2025-03','H50010500001',$2,'1','2025-03-06','exempt',401,'19, 50','D500105000456','bilg_dr','terminated','2025-01-01',NULL,'med_type',880.00),
		('2025-03','H50010500002',$2,'2','2025-03-07','withhold',404,'21',NULL,NULL,NULL,NULL,NULL,NULL,4000.10),
		('2025-03','H50010500003','S3','1','2025-03-08','review',405,'10','D999999999999','bilg_dr',NULL,NULL,NULL,NULL,66.60),
		('2025-03','P50010500004','S4','1','2025-03-09','withhold',403,'2, 39','D500105000456','principal','terminated','2025-01-01',NULL,NULL,1500.00),
		('2025-02','H50010500001','S0','1','2025-02-09','withhold',402,'19, 50','D500105000123','bilg_dr','suspended','2025-02-01',NULL,NULL,77777.77)`,
		longID, secondID)
	exec(t, db, `INSERT INTO mart.line_evidence VALUES
		($1,'1','fee_line_500105_202503.csv',9,'practitioner_status','practitioner_status_20250331.csv',12,'2025-03-31',NULL,'R-7'),
		($1,'2','fee_line_500105_202503.csv',10,'practitioner_status','=cmd|x!A1.csv',12,'2025-03-31',NULL,NULL),
		($2,'2','fee_line_500105_202503.csv',11,'institution','institution.csv',3,NULL,NULL,NULL),
		('S3','1','fee_line_500105_202503.csv',12,NULL,NULL,NULL,NULL,NULL,NULL)`, longID, secondID)
	exec(t, db, `INSERT INTO mart.institution_period VALUES
		('2025-03','H50010500001','样例区第一人民医院','1',1200,18000,2500000.00,2486774.32,880.00,0,12345.68,0,0),
		('2025-03','H50010500002',$1,'1',300,4100,400000.00,395999.90,0,0,4000.10,1000.00,-250.50),
		('2025-03','H50010500003',$2,'1',20,45,9000.00,8933.40,0,66.60,0,0,0),
		('2025-03','P50010500004',$3,'2',500,900,30000.00,28500.00,0,0,1500.00,0,0),
		('2025-03','P50010500005','样例平价药房','2',80,90,4321.09,4321.09,0,0,0,0,0),
		('2025-03','H50010500006',NULL,NULL,0,0,0,0,0,0,0,0,0),
		('2025-02','H50010500001','样例区第一人民医院','1',1,1,77777.77,0,0,0,77777.77,0,0)`, longName(), markup, formulaish)
	exec(t, db, `INSERT INTO mart.statement_line
		SELECT 'T-2025-03-01','2025-03',period,fixmedins_code,setl_id,feedetl_sn,'withhold',fund_yuan,NULL FROM mart.line_verdict
		WHERE period = '2025-03' AND verdict = 'withhold'`)
	exec(t, db, `INSERT INTO mart.statement_line VALUES
		('T-2025-03-01','2025-03','2025-02','H50010500002','S0002','7','recover',1000.00,'状态补录'),
		('T-2025-03-01','2025-03','2025-02','H50010500002','S0003','1','release',-250.50,'+人工复核放行'),
		('T-2025-02-01','2025-02','2025-02','H50010500001','S0','1','withhold',77777.77,NULL)`)
	exec(t, db, `INSERT INTO mart.statement
		SELECT statement_no, issued_in, DATE '2025-04-02', 'run', count(*), coalesce(sum(amount_yuan) FILTER (kind = 'withhold'), 0),
			coalesce(sum(amount_yuan) FILTER (kind = 'recover'), 0), coalesce(sum(amount_yuan) FILTER (kind = 'release'), 0)
		FROM mart.statement_line GROUP BY ALL`)
	exec(t, db, `INSERT INTO mart.institution_ratio VALUES
		('month','2025-03','H50010500001',601,'insurance_code',7000,10000,0.700000,'ok',50,true),
		('ytd','2025-03','H50010500001',601,'insurance_code',20000,30000,0.666667,'ok',50,true),
		('month','2025-03','H50010500002',601,'insurance_code',499999,1000000,0.499999,'ok',50,false),
		('month','2025-03','H50010500003',602,'mobile_payment',1,20,0.050000,'ok',30,false),
		('month','2025-03','P50010500004',605,'inventory_uploaded',5,6,0.833333,'ok',NULL,NULL),
		('month','2025-03','H50010500006',601,'insurance_code',0,0,NULL,'no_data',50,false),
		('month','2025-02','H50010500001',601,'insurance_code',1,10000,0.000100,'ok',50,false)`)
	exec(t, db, `INSERT INTO mart.data_quality VALUES ('no_lines','结算没有费用明细','2025-03','S9',NULL,'按支付处理'),
		('orphan_line','费用明细没有对应结算',NULL,'S10','1','等待结算到达'), ('no_lines','结算没有费用明细','2025-02','S8',NULL,'')`)
	exec(t, db, `INSERT INTO mart.rejected_row VALUES
		('aa11','fee_line_500105_202503.csv','fee_line',17,'pric','单价不是数字',chr(9) || '=1+1,***,12345678901234567890',NULL),
		('aa11','fee_line_500105_202503.csv','fee_line',18,'cnt','数量不是数字','@x',''),
		('aa11','fee_line_500105_202503.csv','fee_line',19,'cnt','数量不是数字','-x','run-2')`)
	exec(t, db, `INSERT INTO mart.delivered_file VALUES
		('aa11','fee_line_500105_202503.csv','fee_line','gb18030',23138,23135,0,0,3,2943321.09,'2025-04-02 08:00:01','nightly-1'),
		('bb22','settlement_500105_202503.csv','settlement','utf-8',2102,2100,1,1,0,3000000.00,'2025-04-02 08:00:00','nightly-1')`)
	sampleWatch(t, db)
	return db
}

// sampleWatch adds what the points record asks of people.
func sampleWatch(t *testing.T, db *sql.DB) {
	t.Helper()
	exec(t, db, `INSERT INTO mart.practitioner_file (practitioner_code, name_masked, institutions) VALUES
		('D500105000123','张*','H50010500001；H50010500002'), ('D500105000456','欧阳*','P50010500004')`)
	exec(t, db, `INSERT INTO mart.deadline VALUES
		('D500105000123','registry','维护登记备案状态','2025-03-20','overdue','37','JF1',NULL),
		('D500105000456','notice','送达处理通知书','2025-04-04','due','36','=JF2',NULL),
		('D500105000456','restoration_request','申请恢复资格',NULL,'unknown','44','JF3','没有 2028 年的工作日历')`)
	exec(t, db, `INSERT INTO mart.early_warning VALUES
		('ends_soon','暂停即将期满',NULL,'D500105000123','2025-04-15',9,NULL,NULL,'44'),
		('share_exceeded','受限人员占比超过规定','P50010500004',NULL,NULL,NULL,2,2,'34')`)
	exec(t, db, `INSERT INTO mart.status_not_maintained VALUES
		('H50010500001','D500105000123','JF1','suspend','2025-03-15','2025-04-15','2025-03-13','2025-03-20',NULL,3,180.50,2,120.25,'37, 48'),
		('P50010500004','D500105000456','JF0','suspend','2024-11-01','2025-01-01','2024-11-04','2024-11-11',NULL,1,40.00,1,40.00,'37, 48')`)
}

func sampleMeta() Meta {
	return Meta{Period: pipeline.Period{Year: 2025, Month: time.March}, AsOf: time.Date(2025, 4, 2, 0, 0, 0, 0, time.UTC),
		CentreName: "样例区医疗保障事务中心", RulePackTitle: "重庆市医保支付资格管理实施细则（2025年试行）",
		RunID: "monthly-2025-03-7f3a9c21", ChainHash: strings.Repeat("9f86d081884c7d65", 4), StatementNo: "T-2025-03-01",
		GeneratedAt: time.Date(2025, 4, 2, 1, 30, 0, 0, time.UTC)}
}

// millionMart holds a month with so many withheld lines at 600 institutions.
func millionMart(t testing.TB, lines int) *sql.DB {
	t.Helper()
	db := openMart(t)
	exec(t, db, `INSERT INTO mart.rule VALUES (402,'practitioner_suspended','人员支付资格已暂停','withhold','19, 50','')`)
	exec(t, db, `INSERT INTO mart.practitioner SELECT 'D' || i, '张*', NULL, NULL FROM range(18000) t(i)`)
	exec(t, db, `INSERT INTO mart.line_verdict SELECT '2025-03', 'H' || (i % 600), '500105202503' || lpad(CAST(i AS VARCHAR), 8, '0'), '1', DATE '2025-03-05',
		'withhold', 402, '19, 50', 'D' || (i % 18000), 'bilg_dr', 'suspended', DATE '2025-03-01', DATE '2025-06-01', NULL, 12.34 FROM range($1) t(i)`, lines)
	exec(t, db, `INSERT INTO mart.line_evidence SELECT setl_id, feedetl_sn, 'fee_line_500105_202503.csv', 9, 'practitioner_status',
		'practitioner_status_20250331.csv', 12, DATE '2025-03-31', NULL, NULL FROM mart.line_verdict`)
	exec(t, db, `INSERT INTO mart.institution_period SELECT period, fixmedins_code, '样例医院' || fixmedins_code, '1', count(*), count(*), sum(fund_yuan), 0, 0, 0,
		sum(fund_yuan), 0, 0 FROM mart.line_verdict GROUP BY period, fixmedins_code`)
	exec(t, db, `INSERT INTO mart.statement_line SELECT 'T-2025-03-01', period, period, fixmedins_code, setl_id, feedetl_sn, verdict, fund_yuan, NULL FROM mart.line_verdict`)
	return db
}
