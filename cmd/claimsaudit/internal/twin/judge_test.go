package twin

import (
	"strings"
	"testing"
)

// ward is H1 with D1 normal, D2 suspended from 2025-03-05 to 2025-03-31 and D3 terminated.
func ward(more ...item) []item {
	base := list(org("H1"), snap("2025-01-01", "D1", "H1", "normal"),
		snap("2025-01-01", "D2", "H1", "suspended", "status_begin=2025-03-05", "status_end=2025-03-31"),
		snap("2025-01-01", "D3", "H1", "terminated"), setl("S"))
	return append(base, more...)
}

func TestVerdictOfALine(t *testing.T) {
	cases := []struct {
		name     string
		items    []item
		verdict  string // verdict rule practitioner role status from to emergency
		findings string // rule role practitioner lifted_by
	}{
		{"nothing fires: pay", ward(line("S", "1")), "pay||||||", ""},
		{"401 withholds", ward(line("S", "1", "bilg_dr_codg=D3")), "withhold 401|D3|bilg_dr|terminated|||", "401 bilg_dr D3 "},
		{"402 withholds with the stretch of the status, to exclusive", ward(line("S", "1", "bilg_dr_codg=D2")), "withhold 402|D2|bilg_dr|suspended|2025-03-05|2025-04-01|", "402 bilg_dr D2 "},
		{"the service day decides, not the settlement", ward(line("S", "1", "bilg_dr_codg=D2", "fee_ocur_time=2025-03-04 23:59:59")), "pay||||||", ""},
		{"both roles count", ward(line("S", "1", "orders_dr_code=D2")), "withhold 402|D2|orders_dr|suspended|2025-03-05|2025-04-01|", "402 orders_dr D2 "},
		{"where both decide, bilg_dr is shown", ward(line("S", "1", "bilg_dr_codg=D2", "orders_dr_code=D2")), "withhold 402|D2|bilg_dr|suspended|2025-03-05|2025-04-01|", "402 bilg_dr D2 , 402 orders_dr D2 "},
		{"the lowest-numbered rule decides", ward(line("S", "1", "bilg_dr_codg=D2", "orders_dr_code=D3")), "withhold 401|D3|orders_dr|terminated|||", "401 orders_dr D3 , 402 bilg_dr D2 "},
		{"before 2025-03-01 no rule fires", ward(line("S", "1", "bilg_dr_codg=D3", "fee_ocur_time=2025-02-28 23:59:59")), "pay||||||", ""},
		{"on 2025-03-01 rules fire", ward(line("S", "1", "bilg_dr_codg=D3", "fee_ocur_time=2025-03-01")), "withhold 401|D3|bilg_dr|terminated|||", "401 bilg_dr D3 "},
		{"emergency by med_type exempts", ward(setl("S", "med_type=急诊"), line("S", "1", "bilg_dr_codg=D3")), "exempt 401|D3|bilg_dr|terminated|||med_type", "401 bilg_dr D3 med_type"},
		{"med_type 24 too", ward(setl("S", "med_type=24"), line("S", "1", "bilg_dr_codg=D3")), "exempt 401|D3|bilg_dr|terminated|||med_type", "401 bilg_dr D3 med_type"},
		{"er_flag 1 exempts", ward(line("S", "1", "bilg_dr_codg=D3", "er_flag=是")), "exempt 401|D3|bilg_dr|terminated|||er_flag", "401 bilg_dr D3 er_flag"},
		{"er_flag 2 does not", ward(line("S", "1", "bilg_dr_codg=D3", "er_flag=2")), "withhold 401|D3|bilg_dr|terminated|||", "401 bilg_dr D3 "},
		{"the first hit is recorded: review before med_type before er_flag", ward(setl("S", "med_type=13"), line("S", "1", "bilg_dr_codg=D3", "er_flag=1"), decide("R1", "emergency")), "exempt 401|D3|bilg_dr|terminated|||review", "401 bilg_dr D3 review"},
		{"med_type before er_flag", ward(setl("S", "med_type=13"), line("S", "1", "bilg_dr_codg=D3", "er_flag=1")), "exempt 401|D3|bilg_dr|terminated|||med_type", "401 bilg_dr D3 med_type"},
		{"emergency does not lift 404", ward(org("H1", "agreement_status=suspended"), setl("S", "med_type=13"), line("S", "1", "bilg_dr_codg=D3")), "withhold 404||||||", "401 bilg_dr D3 med_type, 404   "},
		{"emergency leaves a review rule alone", ward(setl("S", "med_type=13"), line("S", "1", "bilg_dr_codg=D9")), "review 405|D9|bilg_dr||||", "405 bilg_dr D9 "},
		{"exempt although a review rule fires too", ward(setl("S", "med_type=13"), line("S", "1", "bilg_dr_codg=D3", "orders_dr_code=D9")), "exempt 401|D3|bilg_dr|terminated|||med_type", "401 bilg_dr D3 med_type, 405 orders_dr D9 "},
		{"405: no registry row anywhere ever", ward(line("S", "1", "bilg_dr_codg=D9")), "review 405|D9|bilg_dr||||", "405 bilg_dr D9 "},
		{"406: known elsewhere only", ward(snap("2025-01-01", "D4", "H2", "normal"), line("S", "1", "bilg_dr_codg=D4")), "review 406|D4|bilg_dr|normal|||", "406 bilg_dr D4 "},
		{"406: missing from the governing snapshot", ward(snap("2025-03-08", "D2", "H1", "normal"), line("S", "1")), "review 406|D1|bilg_dr|normal|||", "406 bilg_dr D1 "},
		{"406: before registered_on of the first snapshot", ward(snap("2025-01-01", "D1", "H1", "normal", "registered_on=2024-12-01"), line("S", "1")), "pay||||||", ""},
		{"a retroactive stretch alone does not register", ward(snap("2025-04-01", "D5", "H1", "suspended", "status_begin=2025-03-01"), line("S", "1", "bilg_dr_codg=D5")), "withhold 402|D5|bilg_dr|suspended|2025-03-01||", "402 bilg_dr D5 , 406 bilg_dr D5 "},
		{"407: commitment_flag 0", ward(snap("2025-01-01", "D1", "H1", "normal", "commitment_flag=否"), line("S", "1")), "review 407|D1|bilg_dr|normal|||", "407 bilg_dr D1 "},
		{"a missing commitment_flag fires nothing", ward(snap("2025-01-01", "D1", "H1", "normal", "commitment_flag="), line("S", "1")), "pay||||||", ""},
		{"408: expired", ward(line("S", "1", "bilg_dr_codg=D2", "fee_ocur_time=2025-04-01")), "review 408|D2|bilg_dr|expired|2025-04-01||", "408 bilg_dr D2 "},
		{"410: neither code, once", ward(line("S", "1", "bilg_dr_codg=nan")), "review 410||||||", "410   "},
		{"410 does not fire with one code", ward(line("S", "1", "bilg_dr_codg=", "orders_dr_code=D1")), "pay||||||", ""},
		{"lines of pharmacies need no code", ward(org("P1"), setl("S", "fixmedins_code=P1"), line("S", "1", "bilg_dr_codg=")), "pay||||||", ""},
		{"a code on a pharmacy line is judged", ward(org("P1"), setl("S", "fixmedins_code=P1"), line("S", "1", "bilg_dr_codg=D9")), "review 405|D9|bilg_dr||||", "405 bilg_dr D9 "},
		{"403: the principal is blocked", ward(org("P1", "principal_code=d2"), setl("S", "fixmedins_code=P1"), line("S", "1", "bilg_dr_codg=")), "withhold 403|D2|principal|suspended|2025-03-05|2025-04-01|", "403 principal D2 "},
		{"for a principal only 403 fires", ward(org("P1", "principal_code=D9"), setl("S", "fixmedins_code=P1"), line("S", "1", "bilg_dr_codg=")), "pay||||||", ""},
		{"an expired principal fires nothing", ward(org("P1", "principal_code=D2"), setl("S", "fixmedins_code=P1"), line("S", "1", "bilg_dr_codg=", "fee_ocur_time=2025-04-02")), "pay||||||", ""},
		{"a medical institution has no principal", ward(org("H1", "principal_code=D3"), line("S", "1")), "pay||||||", ""},
		{"404: agreement_from is inside", ward(org("H1", "agreement_status=terminated", "agreement_from=2025-03-10"), line("S", "1")), "withhold 404||||||", "404   "},
		{"404: before agreement_from not", ward(org("H1", "agreement_status=terminated", "agreement_from=2025-03-11"), line("S", "1")), "pay||||||", ""},
		{"404: agreement_to is inside", ward(org("H1", "agreement_status=suspended", "agreement_to=2025-03-10"), line("S", "1")), "withhold 404||||||", "404   "},
		{"404: after agreement_to not", ward(org("H1", "agreement_status=suspended", "agreement_to=2025-03-09"), line("S", "1")), "pay||||||", ""},
		{"the latest valid_from not after the day counts", ward(org("H1", "agreement_status=suspended", "valid_from=2025-03-10"), org("H1", "valid_from=2025-03-11"), line("S", "1")), "withhold 404||||||", "404   "},
		{"else the earliest", list(org("H1", "agreement_status=suspended", "valid_from=2025-03-11"), org("H1", "valid_from=2025-03-12"), snap("2025-01-01", "D1", "H1", "normal"), setl("S"), line("S", "1")), "withhold 404||||||", "404   "},
		{"an institution the registry lacks: no 410", ward(setl("S", "fixmedins_code=H9"), line("S", "1", "bilg_dr_codg=")), "pay||||||", ""},
		{"an institution the registry lacks: persons are judged", ward(setl("S", "fixmedins_code=H9"), line("S", "1")), "review 406|D1|bilg_dr|normal|||", "406 bilg_dr D1 "},
		{"a normal person shows the stretch around the day", ward(snap("2025-01-01", "D2", "H1", "suspended", "status_end=2025-02-01"), snap("2025-02-15", "D2", "H1", "normal", "commitment_flag=0"), snap("2025-04-15", "D2", "H1", "terminated"), line("S", "1", "bilg_dr_codg=D2")), "review 407|D2|bilg_dr|normal|2025-02-15|2025-04-15|", "407 bilg_dr D2 "},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { checkLine(t, c.items, c.verdict, c.findings) })
	}
}

func TestReviewsAndAliases(t *testing.T) {
	unknown := line("S", "1", "bilg_dr_codg=D9")
	blocked := line("S", "1", "bilg_dr_codg=D3")
	cases := []struct {
		name     string
		items    []item
		verdict  string
		findings string
	}{
		{"uphold turns review into withhold", ward(unknown, decide("R1", "uphold")), "withhold 405|D9|bilg_dr||||", "405 bilg_dr D9 "},
		{"uphold without a finding pays", ward(line("S", "1"), decide("R1", "uphold")), "pay||||||", ""},
		{"release turns review into pay, the finding stays", ward(unknown, decide("R1", "release")), "pay||||||", "405 bilg_dr D9 R1"},
		{"release turns withhold into pay, for every finding", ward(line("S", "1", "bilg_dr_codg=D3", "orders_dr_code=D9"), decide("R1", "release")), "pay||||||", "401 bilg_dr D3 R1, 405 orders_dr D9 R1"},
		{"release leaves exempt", ward(setl("S", "med_type=13"), blocked, decide("R1", "release")), "exempt 401|D3|bilg_dr|terminated|||med_type", "401 bilg_dr D3 med_type"},
		{"emergency decision does not lift a review rule", ward(unknown, decide("R1", "emergency")), "review 405|D9|bilg_dr||||", "405 bilg_dr D9 "},
		{"only the newest decision counts, whatever its kind", ward(blocked, decide("R1", "release", "decided_on=2025-03-25"), decide("R0", "uphold")), "withhold 401|D3|bilg_dr|terminated|||", "401 bilg_dr D3 "},
		{"of one day the greater review_no", ward(blocked, decide("R9", "release"), decide("R10", "uphold")), "pay||||||", "401 bilg_dr D3 R9"},
		{"decided_on after as-of does not count", ward(blocked, decide("R1", "release", "decided_on=2025-04-03")), "withhold 401|D3|bilg_dr|terminated|||", "401 bilg_dr D3 "},
		{"decided_on on as-of counts", ward(blocked, decide("R1", "release", "decided_on=2025-04-02")), "pay||||||", "401 bilg_dr D3 R1"},
		{"expires_on on as-of counts", ward(blocked, decide("R1", "release", "expires_on=2025-04-02")), "pay||||||", "401 bilg_dr D3 R1"},
		{"expired uncovers the older decision", ward(blocked, decide("R1", "release"), decide("R2", "uphold", "expires_on=2025-04-01")), "pay||||||", "401 bilg_dr D3 R1"},
		{"another line's decision does not count", ward(blocked, decide("R1", "release", "feedetl_sn=2")), "withhold 401|D3|bilg_dr|terminated|||", "401 bilg_dr D3 "},
		{"a decision on the whole settlement may be the newest", ward(blocked, decide("R1", "uphold", "feedetl_sn=1"), decide("R2", "release")), "pay||||||", "401 bilg_dr D3 R2"},
		{"correct_practitioner replaces the ordering code", ward(blocked, decide("R1", "correct_practitioner", "prac_psn_code=d1")), "pay||||||", ""},
		{"and the executing code where it was the same", ward(line("S", "1", "bilg_dr_codg=D3", "orders_dr_code=ｄ3"), decide("R1", "correct_practitioner", "prac_psn_code=D1")), "pay||||||", ""},
		{"but not another executing code", ward(line("S", "1", "bilg_dr_codg=D3", "orders_dr_code=D2"), decide("R1", "correct_practitioner", "prac_psn_code=D1")), "withhold 402|D2|orders_dr|suspended|2025-03-05|2025-04-01|", "402 orders_dr D2 "},
		{"an alias applies to a line", ward(alias("x7", "D3"), line("S", "1", "bilg_dr_codg=X7")), "withhold 401|D3|bilg_dr|terminated|||", "401 bilg_dr D3 "},
		{"from its valid_from on", ward(alias("X7", "D3", "valid_from=2025-03-11"), line("S", "1", "bilg_dr_codg=X7")), "review 405|X7|bilg_dr||||", "405 bilg_dr X7 "},
		{"valid_from itself counts", ward(alias("X7", "D3", "valid_from=2025-03-10"), line("S", "1", "bilg_dr_codg=X7")), "withhold 401|D3|bilg_dr|terminated|||", "401 bilg_dr D3 "},
		{"one for the institution beats a general one", ward(alias("X7", "D3"), alias("X7", "D1", "fixmedins_code=H1"), line("S", "1", "bilg_dr_codg=X7")), "pay||||||", ""},
		{"one of another institution does not apply", ward(alias("X7", "D1", "fixmedins_code=H2"), line("S", "1", "bilg_dr_codg=X7")), "review 405|X7|bilg_dr||||", "405 bilg_dr X7 "},
		{"before the special one begins the general one counts", ward(alias("X7", "D3"), alias("X7", "D1", "fixmedins_code=H1", "valid_from=2025-03-11"), line("S", "1", "bilg_dr_codg=X7")), "withhold 401|D3|bilg_dr|terminated|||", "401 bilg_dr D3 "},
		{"an alias is applied once", ward(alias("X7", "X8"), alias("X8", "D3"), line("S", "1", "bilg_dr_codg=X7")), "review 405|X8|bilg_dr||||", "405 bilg_dr X8 "},
		{"an alias applies to the code of a review", ward(alias("X7", "D3"), line("S", "1"), decide("R1", "correct_practitioner", "prac_psn_code=X7")), "withhold 401|D3|bilg_dr|terminated|||", "401 bilg_dr D3 "},
		{"an alias applies to a principal", ward(alias("X7", "D3"), org("P1", "principal_code=X7"), setl("S", "fixmedins_code=P1"), line("S", "1", "bilg_dr_codg=")), "withhold 403|D3|principal|terminated|||", "403 principal D3 "},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { checkLine(t, c.items, c.verdict, c.findings) })
	}
}

// checkLine audits as of 2025-04-02 and looks at line 1 of settlement S.
func checkLine(t *testing.T, items []item, verdict, findings string) {
	t.Helper()
	res := worldOf(items...).Audit("2025-04-02")
	seen := 0
	for _, v := range res.Lines {
		if v.Line == "1" {
			seen++
			head := v.Verdict
			if v.Rule != 0 {
				head += " " + itoa(v.Rule)
			}
			equal(t, strings.Join([]string{head, v.Practitioner, v.Role, v.Status, v.StatusFrom, v.StatusTo, v.EmergencyTest}, "|"), verdict)
		}
	}
	equal(t, itoa(seen), "1")
	var found []string
	for _, f := range res.Findings {
		if f.Line == "1" {
			found = append(found, itoa(f.Rule)+" "+f.Role+" "+f.Practitioner+" "+f.LiftedBy)
		}
	}
	equal(t, strings.Join(found, ", "), findings)
}
