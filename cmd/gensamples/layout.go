package main

// dress is how a sender writes a file: form, encoding, names and habits.
type dress struct {
	form    string // "text", "xlsx", "parquet" (typed) or "parquet-text"
	sep     byte
	gb      bool   // GB18030
	bom     bool   // UTF-8 with BOM
	tabs    bool   // a TAB after every name and value
	crlf    bool   // Windows line ends
	header  string // "", "upper", "camel" or "chinese"
	labels  bool   // labels instead of codes
	null    string // stands for a missing value
	times   string // "", "zone" (+08:00), "compact" (yyyyMMddHHmmss) or "joined" (no blank)
	comma   bool   // thousands separators
	title   bool   // title rows above the header of a workbook
	reverse bool   // columns from last to first, and an unknown column
}

// file is one delivered file, or one member of an archive.
type file struct {
	name    string // path below the month's folder
	feed    string
	part    string // which recs; "" takes every rec of no other part
	dress   dress
	archive string // ".zip" archive it is a member of, or "gz" to compress the file itself
	control bool   // with a .ctl companion
}

func text(sep byte) dress { return dress{form: "text", sep: sep} }

// layouts lists the files of each month. Parts "1", "2", … share the rows
// without a named part, by setl_id.
var layouts = [3][]file{
	{
		{name: "settlement_500105_202503_01.csv", feed: "settlement", part: "1", control: true, dress: dress{form: "text", sep: ',', comma: true}},
		{name: "settlement_500105_202503_02.txt", feed: "settlement", part: "2", dress: dress{form: "text", sep: '\t', header: "upper", null: "null", times: "compact", crlf: true}},
		{name: "fee_line_500105_202503_01.csv", feed: "fee_line", part: "1", control: true, dress: dress{form: "text", sep: ',', gb: true, crlf: true, header: "chinese", labels: true}},
		{name: "fee_line_500105_202503_02.csv", feed: "fee_line", part: "2", dress: dress{form: "text", sep: ',', bom: true, tabs: true, null: "nan", times: "zone"}},
		{name: "fee_line_500105_202503_03.csv.gz", feed: "fee_line", part: "3", archive: "gz", dress: dress{form: "text", sep: ',', header: "camel", comma: true, reverse: true}},
		{name: "registry/practitioner_status_20250301.xlsx", feed: "practitioner_status", part: "2025-03-01", dress: dress{form: "xlsx", header: "chinese", labels: true, title: true}},
		{name: "registry/practitioner_status_20250331.csv", feed: "practitioner_status", part: "2025-03-31", dress: dress{form: "text", sep: ',', gb: true, header: "chinese", labels: true}},
		{name: "registry/institution_500105_202503.csv", feed: "institution", dress: text(',')},
		{name: "registry/practitioner_alias_202503.csv", feed: "practitioner_alias", dress: dress{form: "text", sep: ',', bom: true}},
		{name: "registry/no_code_drug_202503.csv", feed: "no_code_drug", dress: text(',')},
		{name: "inventory_202503.parquet", feed: "inventory", dress: dress{form: "parquet"}},
		{name: "prescription_202503.txt", feed: "prescription", dress: text('|')},
		{name: "mobile_payment_202503.txt", feed: "mobile_payment", dress: text('^')},
		{name: "decisions/review_202503.csv", feed: "review", dress: text(',')},
		{name: "decisions/points_decision_202503.csv", feed: "points_decision", dress: dress{form: "text", sep: ',', bom: true, crlf: true}},
		{name: "decisions/repair_202503.csv", feed: "repair", dress: text(',')},
		{name: "decisions/restoration_202503.csv", feed: "restoration", dress: text(',')},
	},
	{
		{name: "settlement_500105_202504.txt", feed: "settlement", archive: "settlement_500105_202504.zip", dress: dress{form: "text", sep: '^', times: "joined"}},
		{name: "settlement_500105_202503_corrected.csv", feed: "settlement", part: "corrected", control: true, dress: dress{form: "text", sep: ',', labels: true}},
		{name: "fee_line_part1.csv", feed: "fee_line", part: "1", archive: "fee_line_500105_202504.zip", dress: dress{form: "text", sep: ',', bom: true, tabs: true, times: "zone"}},
		{name: "part2.csv", feed: "fee_line", part: "2", archive: "fee_line_500105_202504.zip", dress: dress{form: "text", sep: ',', gb: true, header: "chinese", crlf: true}},
		{name: "fee_line_500105_202503_corrected.txt", feed: "fee_line", part: "corrected", dress: dress{form: "text", sep: '\t', header: "camel", null: "NULL"}},
		{name: "registry/practitioner_status_20250430.xlsx", feed: "practitioner_status", part: "2025-04-30", dress: dress{form: "xlsx"}},
		{name: "registry/practitioner_status_20250331_corrected.csv", feed: "practitioner_status", part: "corrected", dress: text(',')},
		{name: "registry/institution_500105_202504.csv", feed: "institution", dress: dress{form: "text", sep: ',', header: "upper"}},
		{name: "inventory_202504.csv.gz", feed: "inventory", archive: "gz", dress: dress{form: "text", sep: ',', header: "camel"}},
		{name: "prescription_202504.csv", feed: "prescription", dress: dress{form: "text", sep: ',', header: "camel", labels: true}},
		{name: "mobile_payment_202504.csv", feed: "mobile_payment", dress: dress{form: "text", sep: ',', tabs: true, labels: true}},
		{name: "decisions/review_202504.txt", feed: "review", dress: text('\t')},
		{name: "decisions/points_decision_202504.csv", feed: "points_decision", dress: dress{form: "text", sep: ',', gb: true}},
		{name: "decisions/repair_202504.csv", feed: "repair", dress: text(',')},
		{name: "decisions/restoration_202504.csv", feed: "restoration", dress: text(',')},
	},
	{
		{name: "settlement_500105_202505.parquet", feed: "settlement", dress: dress{form: "parquet-text"}},
		{name: "fee_line_500105_202505_01.txt", feed: "fee_line", part: "1", control: true, dress: dress{form: "text", sep: '|', header: "upper", times: "compact"}},
		{name: "fee_line_500105_202505_02.xlsx", feed: "fee_line", part: "2", dress: dress{form: "xlsx", header: "chinese", title: true}},
		{name: "registry/practitioner_status_20250531.parquet", feed: "practitioner_status", part: "2025-05-31", dress: dress{form: "parquet"}},
		{name: "inventory_202505.txt", feed: "inventory", dress: dress{form: "text", sep: '\t', times: "compact", crlf: true}},
		{name: "prescription_202505.csv", feed: "prescription", dress: dress{form: "text", sep: ',', gb: true, labels: true}},
		{name: "mobile_payment_202505.csv.gz", feed: "mobile_payment", archive: "gz", dress: text(',')},
		{name: "decisions/points_decision_202505.xlsx", feed: "points_decision", dress: dress{form: "xlsx"}},
		{name: "decisions/restoration_202505.csv", feed: "restoration", dress: text(',')},
		{name: "scorecard/indicator_evidence_2025.xlsx", feed: "indicator_evidence", dress: dress{form: "xlsx", header: "chinese", labels: true, title: true}},
		{name: "scorecard/self_report_2025.csv", feed: "self_report", dress: text(',')},
		{name: "scorecard/price_limit_202505.csv", feed: "price_limit", dress: dress{form: "text", sep: ',', gb: true}},
	},
}

// chinese are the headers of the contract's built-in aliases.
var chinese = map[string]string{
	"setl_id": "结算ID", "mdtrt_id": "就诊ID", "psn_no": "人员编号", "insutype": "险种类型", "med_type": "医疗类别",
	"fixmedins_code": "定点医药机构编号", "setl_time": "结算时间", "medfee_sumamt": "医疗费总额", "fund_pay_sumamt": "基金支付总额",
	"refd_setl_flag": "退费结算标志", "updt_time": "更新时间", "pay_loc": "支付地点类别", "feedetl_sn": "费用明细流水号",
	"fee_ocur_time": "费用发生时间", "med_list_codg": "医疗目录编码", "med_chrgitm_type": "医疗收费项目类别", "cnt": "数量", "pric": "单价",
	"det_item_fee_sumamt": "明细项目费用总额", "bilg_dr_codg": "开单医生编码", "orders_dr_code": "受单医生编码",
	"inscp_scp_amt": "符合政策范围金额", "snapshot_date": "快照日期", "prac_psn_code": "医保人员代码", "status": "登记备案状态",
	"status_begin": "状态开始日期", "status_end": "状态结束日期", "commitment_flag": "服务承诺标志",
	"year": "考核年度", "indicator_no": "指标序号", "part": "分项", "value": "数值", "count": "次数", "yes_no": "是否", "event_on": "事项日期",
	"document_no": "材料编号", "entered_by": "填写人", "entered_at": "填写时间",
}

// labels are the built-in words for codes, by column; flags all read 是 and 否.
var labels = map[string]map[string]string{
	"med_type":        {"13": "急诊", "24": "急诊转住院", "21": "普通住院", "11": "普通门诊"},
	"mdtrt_cert_type": {"01": "医保电子凭证"},
	"status":          {"normal": "正常", "suspended": "暂停", "terminated": "终止"},
}

var flags = map[string]bool{"refd_setl_flag": true, "vali_flag": true, "er_flag": true, "rx_circ_flag": true, "trdn_flag": true,
	"commitment_flag": true, "hi_nego_drug_flag": true, "electronic_flag": true, "outside_flag": true, "refund_flag": true, "yes_no": true}
