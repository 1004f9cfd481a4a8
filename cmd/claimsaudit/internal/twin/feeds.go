package twin

import "strings"

type kind uint8

const (
	text kind = iota
	id
	code
	person // practitioner code
	enum
	cents
	cnt   // up to 4 decimals
	price // up to 6 decimals
	moment
	date
	whole // an integer
)

type column struct {
	name     string
	kind     kind
	required bool
	standard string   // stands for a missing value
	allowed  []string // for enum
}

type feed struct {
	columns []column
	key     []string
	version string
	amount  string
}

// columnsOf reads "name:kind" words; a trailing ! is required.
func columnsOf(spec string) []column {
	kinds := map[string]kind{"text": text, "id": id, "code": code, "person": person, "enum": enum,
		"cents": cents, "cnt": cnt, "price": price, "moment": moment, "date": date, "whole": whole}
	var out []column
	for word := range strings.FieldsSeq(spec) {
		word, required := strings.CutSuffix(word, "!")
		name, k, _ := strings.Cut(word, ":")
		c := column{name: name, kind: kinds[k], required: required}
		switch name {
		case "refd_setl_flag":
			c.standard = "0"
		case "vali_flag":
			c.standard = "1"
		case "status":
			c.allowed = []string{"normal", "suspended", "terminated"}
		case "agreement_status":
			c.allowed = []string{"active", "suspended", "terminated"}
		case "inv_data_type":
			c.allowed = []string{"1", "2", "3", "4"}
		case "state":
			c.allowed = []string{"proposed", "final", "revoked"}
		case "article":
			c.allowed = []string{"29", "30", "31", "32"}
		case "kind":
			c.allowed = []string{"study", "publicity", "on_site"}
		case "price_kind":
			c.allowed = []string{"standard", "monitored", "online", "uninsured"}
		case "decision":
			c.allowed = []string{"uphold", "release", "emergency", "correct_practitioner"}
		}
		out = append(out, c)
	}
	return out
}

// feeds is the feed table of contract section 2, as far as the twin judges it.
var feeds = map[string]feed{
	"settlement": {key: []string{"setl_id"}, version: "updt_time", amount: "medfee_sumamt", columns: columnsOf(
		`setl_id:id! mdtrt_id:id! psn_no:id! insutype:code! med_type:code! fixmedins_code:text! setl_time:moment!
		medfee_sumamt:cents! fund_pay_sumamt:cents! fixmedins_name:text psn_name:text certno:id begndate:date enddate:date
		inscp_scp_amt:cents hifp_pay:cents cvlserv_pay:cents hifes_pay:cents hifmi_pay:cents hifob_pay:cents maf_pay:cents
		othfund_pay:cents acct_pay:cents psn_cash_pay:cents mdtrt_cert_type:code pay_loc:code clr_type:code
		refd_setl_flag:code init_setl_id:id vali_flag:code updt_time:moment`)},
	"fee_line": {key: []string{"setl_id", "feedetl_sn"}, amount: "det_item_fee_sumamt", columns: columnsOf(
		`setl_id:id! feedetl_sn:id! fee_ocur_time:moment! med_list_codg:text! med_chrgitm_type:code! cnt:cnt! pric:price!
		det_item_fee_sumamt:cents! mdtrt_id:id medins_list_name:text inscp_scp_amt:cents bilg_dr_codg:person bilg_dr_name:text
		orders_dr_code:person orders_dr_name:text rx_drord_no:id rx_circ_flag:code er_flag:code hi_nego_drug_flag:code
		drug_trac_codg:text trdn_flag:code`)},
	"practitioner_status": {key: []string{"snapshot_date", "prac_psn_code", "fixmedins_code"}, columns: columnsOf(
		`snapshot_date:date! prac_psn_code:person! fixmedins_code:text! status:enum! prac_psn_name:text certno:id
		prac_psn_type:code status_begin:date status_end:date commitment_flag:code registered_on:date`)},
	"institution": {key: []string{"fixmedins_code", "valid_from"}, columns: columnsOf(
		`fixmedins_code:text! fixmedins_name:text! fixmedins_type:code! valid_from:date ownership:code hosp_lv:code
		principal_code:person agreement_status:enum agreement_from:date agreement_to:date`)},
	"inventory": {key: []string{"fixmedins_code", "fixmedins_bchno", "inv_data_type"}, amount: "amount_yuan", columns: columnsOf(
		`fixmedins_code:text! fixmedins_bchno:id! inv_data_type:enum! upload_time:moment! event_time:moment! med_list_codg:text
		cnt:cnt setl_id:id drug_trac_codg:text rx_circ_flag:code amount_yuan:cents platform_flag:code gift_flag:code`)},
	"prescription": {key: []string{"hi_rxno"}, columns: columnsOf(
		`hi_rxno:id! fixmedins_code:text! prsc_time:moment! electronic_flag:code! outside_flag:code! rx_stas_codg:code!
		dr_code:person dispensing_fixmedins_code:text setl_time:moment setl_id:id`)},
	"mobile_payment": {key: []string{"pay_ord_id"}, columns: columnsOf(
		`pay_ord_id:id! setl_id:id! paid_time:moment! refund_flag:code`)},
	"practitioner_alias": {key: []string{"alias_code", "fixmedins_code"}, columns: columnsOf(
		`alias_code:person! prac_psn_code:person! fixmedins_code:text valid_from:date remark:text`)},
	"review": {key: []string{"review_no"}, columns: columnsOf(
		`review_no:id! decision:enum! setl_id:id! decided_on:date! decided_by:text! reason:text! feedetl_sn:id
		prac_psn_code:person expires_on:date`)},
	"points_decision": {key: []string{"decision_no"}, columns: columnsOf(
		`decision_no:id! prac_psn_code:person! decided_on:date! article:enum! item:text! points:whole! state:enum! effective_on:date
		inspection_no:id act_no:id responsibility:code adjustment:code fixmedins_code:text notice_served_on:date appealed_on:date`)},
	"repair": {key: []string{"repair_no"}, columns: columnsOf(
		`repair_no:id! prac_psn_code:person! kind:enum! done_on:date! points_off:whole months_off:whole working_days:whole`)},
	"restoration": {key: []string{"restoration_no"}, columns: columnsOf(
		`restoration_no:id! prac_psn_code:person! applied_on:date! decided_on:date approved:code effective_on:date new_commitment:code`)},
	"price_limit": {key: []string{"med_list_codg", "price_kind", "fixmedins_code", "valid_from"}, columns: columnsOf(
		`med_list_codg:text! price_kind:enum! limit_price:price! fixmedins_code:text valid_from:date valid_to:date`)},
	"no_code_drug": {key: []string{"med_list_codg"}, columns: columnsOf(`med_list_codg:text! valid_from:date`)},
}
