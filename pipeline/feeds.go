package pipeline

func req(name string, t Type) Column { return Column{Name: name, Type: t, Required: true} }
func opt(name string, t Type) Column { return Column{Name: name, Type: t} }
func personal(name string, t Type) Column {
	return Column{Name: name, Type: t, Personal: true}
}
func aside(c Column) Column {
	c.Aside = true
	return c
}
func enum(name string, required bool, allowed ...string) Column {
	return Column{Name: name, Type: Enum, Required: required, Allowed: allowed}
}

// Feeds lists every feed of contract section 2 with its columns in table order.
var Feeds = []Feed{
	{Name: "settlement", Title: "结算单", Key: []string{"setl_id"}, Version: "updt_time", Amount: "medfee_sumamt", Columns: []Column{
		req("setl_id", ID), req("mdtrt_id", ID), {Name: "psn_no", Type: ID, Required: true, Personal: true},
		req("insutype", Code), req("med_type", Code), req("fixmedins_code", Text), req("setl_time", Time),
		req("medfee_sumamt", Cents), req("fund_pay_sumamt", Cents), opt("fixmedins_name", Text),
		personal("psn_name", Text), personal("certno", ID), opt("begndate", Date), opt("enddate", Date),
		opt("inscp_scp_amt", Cents), opt("hifp_pay", Cents), opt("cvlserv_pay", Cents), opt("hifes_pay", Cents),
		opt("hifmi_pay", Cents), opt("hifob_pay", Cents), opt("maf_pay", Cents), opt("othfund_pay", Cents),
		opt("acct_pay", Cents), opt("psn_cash_pay", Cents), opt("mdtrt_cert_type", Code), opt("pay_loc", Code),
		opt("clr_type", Code), {Name: "refd_setl_flag", Type: Code, Default: "0"}, opt("init_setl_id", ID),
		{Name: "vali_flag", Type: Code, Default: "1"}, opt("updt_time", Time)}},
	{Name: "fee_line", Title: "费用明细", Key: []string{"setl_id", "feedetl_sn"}, Amount: "det_item_fee_sumamt", Columns: []Column{
		req("setl_id", ID), req("feedetl_sn", ID), req("fee_ocur_time", Time), req("med_list_codg", Text),
		req("med_chrgitm_type", Code), req("cnt", Quantity), req("pric", Price), req("det_item_fee_sumamt", Cents),
		aside(opt("mdtrt_id", ID)), aside(opt("medins_list_name", Text)), opt("inscp_scp_amt", Cents), opt("bilg_dr_codg", PracCode),
		aside(personal("bilg_dr_name", Text)), opt("orders_dr_code", PracCode), aside(personal("orders_dr_name", Text)),
		aside(opt("rx_drord_no", ID)), aside(opt("rx_circ_flag", Code)), opt("er_flag", Code), aside(opt("hi_nego_drug_flag", Code)),
		{Name: "drug_trac_codg", Type: Text, Trace: true}, aside(opt("trdn_flag", Code))}},
	{Name: "practitioner_status", Title: "人员状态快照", Key: []string{"snapshot_date", "prac_psn_code", "fixmedins_code"}, Columns: []Column{
		req("snapshot_date", Date), req("prac_psn_code", PracCode), req("fixmedins_code", Text),
		enum("status", true, "normal", "suspended", "terminated"), personal("prac_psn_name", Text), personal("certno", ID),
		opt("prac_psn_type", Code), opt("status_begin", Date), opt("status_end", Date), opt("commitment_flag", Code),
		opt("registered_on", Date)}},
	{Name: "institution", Title: "定点医药机构", Key: []string{"fixmedins_code", "valid_from"}, Columns: []Column{
		req("fixmedins_code", Text), req("fixmedins_name", Text), req("fixmedins_type", Code), opt("valid_from", Date),
		opt("ownership", Code), opt("hosp_lv", Code), opt("principal_code", PracCode),
		enum("agreement_status", false, "active", "suspended", "terminated"), opt("agreement_from", Date), opt("agreement_to", Date)}},
	{Name: "inventory", Title: "进销存", Key: []string{"fixmedins_code", "fixmedins_bchno", "inv_data_type"}, Amount: "amount_yuan", Columns: []Column{
		req("fixmedins_code", Text), req("fixmedins_bchno", ID), enum("inv_data_type", true, "1", "2", "3", "4"),
		req("upload_time", Time), req("event_time", Time), opt("med_list_codg", Text), opt("cnt", Quantity), opt("setl_id", ID),
		{Name: "drug_trac_codg", Type: Text, Trace: true}, opt("rx_circ_flag", Code), opt("amount_yuan", Cents),
		opt("platform_flag", Code), opt("gift_flag", Code)}},
	{Name: "prescription", Title: "电子处方", Key: []string{"hi_rxno"}, Columns: []Column{
		req("hi_rxno", ID), req("fixmedins_code", Text), req("prsc_time", Time), req("electronic_flag", Code),
		req("outside_flag", Code), req("rx_stas_codg", Code), opt("dr_code", PracCode), opt("dispensing_fixmedins_code", Text),
		opt("setl_time", Time), opt("setl_id", ID)}},
	{Name: "mobile_payment", Title: "移动支付", Key: []string{"pay_ord_id"}, Columns: []Column{
		req("pay_ord_id", ID), req("setl_id", ID), req("paid_time", Time), opt("refund_flag", Code)}},
	{Name: "practitioner_alias", Title: "人员代码更正", Key: []string{"alias_code", "fixmedins_code"}, Columns: []Column{
		req("alias_code", PracCode), req("prac_psn_code", PracCode), opt("fixmedins_code", Text), opt("valid_from", Date), opt("remark", Text)}},
	{Name: "review", Title: "人工复核", Key: []string{"review_no"}, Columns: []Column{
		req("review_no", ID), enum("decision", true, "uphold", "release", "emergency", "correct_practitioner"), req("setl_id", ID),
		req("decided_on", Date), {Name: "decided_by", Type: Text, Required: true, Personal: true}, req("reason", Text),
		opt("feedetl_sn", ID), opt("prac_psn_code", PracCode), opt("expires_on", Date)}},
	{Name: "points_decision", Title: "记分处理", Key: []string{"decision_no"}, Columns: []Column{
		req("decision_no", ID), req("prac_psn_code", PracCode), req("decided_on", Date), enum("article", true, "29", "30", "31", "32"),
		req("item", Text), req("points", Int), enum("state", true, "proposed", "final", "revoked"), opt("effective_on", Date),
		opt("inspection_no", ID), opt("act_no", ID), opt("responsibility", Code), opt("adjustment", Code), opt("fixmedins_code", Text),
		opt("notice_served_on", Date), opt("appealed_on", Date)}},
	{Name: "repair", Title: "记分修复", Key: []string{"repair_no"}, Columns: []Column{
		req("repair_no", ID), req("prac_psn_code", PracCode), enum("kind", true, "study", "publicity", "on_site"), req("done_on", Date),
		opt("points_off", Int), opt("months_off", Int), opt("working_days", Int)}},
	{Name: "restoration", Title: "资格恢复", Key: []string{"restoration_no"}, Columns: []Column{
		req("restoration_no", ID), req("prac_psn_code", PracCode), req("applied_on", Date), opt("decided_on", Date), opt("approved", Code),
		opt("effective_on", Date), opt("new_commitment", Code)}},
	{Name: "no_code_drug", Title: "无码药品", Key: []string{"med_list_codg"}, Columns: []Column{
		req("med_list_codg", Text), opt("valid_from", Date)}},
	{Name: "indicator_evidence", Title: "考核佐证", Key: []string{"fixmedins_code", "year", "indicator_no", "part", "entered_at"}, Columns: []Column{
		req("fixmedins_code", Text), req("year", Int), req("indicator_no", Int), opt("part", Text), opt("value", Price), opt("count", Int),
		enum("yes_no", false, "1", "0"), opt("event_on", Date), opt("document_no", ID), personal("entered_by", Text), opt("entered_at", Time)}},
	{Name: "self_report", Title: "机构自评", Key: []string{"fixmedins_code", "year", "report_item", "indicator_no", "reported_at"}, Columns: []Column{
		req("fixmedins_code", Text), req("year", Int), enum("report_item", false, ReportItems()...), opt("figure", Price),
		opt("indicator_no", Int), opt("self_score", Quantity), opt("reported_at", Time)}},
	{Name: "price_limit", Title: "药品限价", Key: []string{"med_list_codg", "price_kind", "fixmedins_code", "valid_from"}, Columns: []Column{
		req("med_list_codg", Text), enum("price_kind", true, "standard", "monitored", "online", "uninsured"), req("limit_price", Price),
		opt("fixmedins_code", Text), opt("valid_from", Date), opt("valid_to", Date)}},
}
