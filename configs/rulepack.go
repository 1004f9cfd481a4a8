package configs

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The rules and ratios there are SQL models for; a pack must speak about each.
var (
	ruleNames = map[int]string{
		401: "practitioner_terminated", 402: "practitioner_suspended", 403: "pharmacy_principal_blocked",
		404: "agreement_inactive", 405: "practitioner_unknown", 406: "not_registered_here",
		407: "commitment_missing", 408: "suspension_expired", 409: "status_not_maintained", 410: "practitioner_missing",
	}
	ratioNames = map[int]string{
		601: "insurance_code", 602: "mobile_payment", 603: "e_prescription_issued", 604: "e_prescription_settled",
		605: "inventory_uploaded", 606: "inventory_complete", 607: "trace_code", 608: "online_procurement",
	}
	articleList = regexp.MustCompile(`^[1-9][0-9]?(, [1-9][0-9]?)*$`)
)

func rulePack(d *document) RulePack {
	var p RulePack
	d.into(&p)
	if !d.usable() {
		return p
	}
	oneOf(d, "roles", p.Roles, "bilg_dr", "orders_dr")
	if len(p.Roles) == 0 && d.good("roles") {
		d.fault("roles", "没有角色", "至少写 bilg_dr（开单医生）或 orders_dr（受单医生）之一")
	}
	checkRules(d, p.Rules)
	checkEmergency(d, p.EmergencyTests)
	checkRatios(d, p.Ratios)
	checkPoints(d, p.Points)
	checkFigures(d, p.Figures)
	slices.SortFunc(p.Rules, func(a, b Rule) int { return cmp.Compare(a.No, b.No) })
	slices.SortFunc(p.EmergencyTests, func(a, b EmergencyTest) int { return cmp.Compare(a.Order, b.Order) })
	slices.SortFunc(p.Ratios, func(a, b Ratio) int { return cmp.Compare(a.No, b.No) })
	return p
}

func checkRules(d *document, rules []Rule) {
	numbers := make([]int, len(rules))
	for i, r := range rules {
		at := fmt.Sprintf("rules[%d]", i)
		numbers[i] = r.No
		checkName(d, at, r.No, r.Name, ruleNames)
		if d.good(at+".action") && r.Action != "withhold" && r.Action != "review" {
			d.fault(at+".action", "不认识的处理方式 "+r.Action, "withhold（不予支付）或 review（人工复核）")
		}
		if d.good(at+".article") && !articleList.MatchString(r.Article) {
			d.fault(at+".article", fmt.Sprintf("条款 %q 写法不对", r.Article), `写成 "19" 或 "19, 50"，逗号后空一格`)
		}
		if d.good(at+".rule") && r.LiftedByEmergency && r.No != 401 && r.No != 402 {
			d.fault(at+".lifted_by_emergency", "急诊抢救只解除规则 401 和 402", "删去这一项")
		}
	}
	checkNumbers(d, "rules", "rule", "规则", numbers, ruleNames)
}

func checkRatios(d *document, ratios []Ratio) {
	numbers := make([]int, len(ratios))
	for i, r := range ratios {
		at := fmt.Sprintf("ratios[%d]", i)
		numbers[i] = r.No
		checkName(d, at, r.No, r.Name, ratioNames)
		fixed := r.No == 606
		if r.DenominatorPerMonth < 0 || fixed != (r.DenominatorPerMonth > 0) {
			d.at[at+".denominator_per_month"] = cmp.Or(d.at[at+".denominator_per_month"], d.at[at])
			d.fault(at+".denominator_per_month", "每月分母不对", "606 写每月应有的数据种类数（4），其他比率不写")
		}
	}
	checkNumbers(d, "ratios", "ratio", "比率", numbers, ratioNames)
}

// checkName holds number and name together: one number follows a rule everywhere.
func checkName(d *document, at string, no int, name string, known map[int]string) {
	if want := known[no]; want != "" && d.good(at+".name") && name != want {
		d.fault(at+".name", fmt.Sprintf("编号 %d 的名称应为 %s", no, want), "名称不能改；要改显示的文字请改 title")
	}
}

func checkNumbers(d *document, list, key, what string, numbers []int, known map[int]string) {
	if !d.good(list) {
		return
	}
	first, readable := map[int]int{}, true
	for i, no := range numbers {
		at := fmt.Sprintf("%s[%d].%s", list, i, key)
		if !d.good(at) {
			readable = false
			continue
		}
		if known[no] == "" {
			d.fault(at, fmt.Sprintf("没有%s %d", what, no), "可用的编号："+numberList(known))
		} else if earlier, again := first[no]; again {
			d.fault(at, fmt.Sprintf("%s %d 重复，已在 %s[%d]", what, no, list, earlier), "只留一处")
		} else {
			first[no] = i
		}
	}
	for _, no := range sortedKeys(known) {
		if _, there := first[no]; !there && readable {
			// Not d.fault: several may be missing from one list, and the list itself is readable.
			p := Problem{File: d.file, Path: list, Message: fmt.Sprintf("缺少%s %d（%s）", what, no, known[no]), Hint: "从内置的规则包补上"}
			p.Line, p.Column = d.at[list].Line, d.at[list].Column
			*d.problems = append(*d.problems, p)
		}
	}
}

func checkEmergency(d *document, tests []EmergencyTest) {
	names, orders := map[string]bool{}, map[int]bool{}
	for i, t := range tests {
		at := fmt.Sprintf("emergency_tests[%d]", i)
		if d.good(at + ".order") {
			if t.Order < 1 || t.Order > len(tests) || orders[t.Order] {
				d.fault(at+".order", fmt.Sprintf("次序 %d 不对", t.Order), "从 1 起连续编号，不重复")
			}
			orders[t.Order] = true
		}
		if d.good(at + ".name") {
			if t.Name != "review" && t.Name != "med_type" && t.Name != "er_flag" {
				d.fault(at+".name", "不认识的急诊依据 "+t.Name, "review、med_type 或 er_flag")
			} else if names[t.Name] {
				d.fault(at+".name", "急诊依据 "+t.Name+" 重复", "合并到一处，把代码写进 values")
			}
			names[t.Name] = true
		}
		if d.good(at+".values") && len(t.Values) == 0 {
			d.fault(at+".values", "没有代码", "写上代表急诊的代码，或删去这一条依据")
		}
		if t.Name == "review" {
			oneOf(d, at+".values", t.Values, "emergency")
		} else {
			oneOf(d, at+".values", t.Values)
		}
	}
}

// oneOf checks a list of words for repetition and, if any are allowed, for unknown ones.
func oneOf(d *document, path string, values []string, allowed ...string) {
	seen := map[string]bool{}
	for i, v := range values {
		at := fmt.Sprintf("%s[%d]", path, i)
		if !d.good(at) {
			continue
		}
		if len(allowed) > 0 && !slices.Contains(allowed, v) {
			d.fault(at, "不认识的值 "+v, "可用："+strings.Join(allowed, "、"))
		} else if seen[v] {
			d.fault(at, v+" 重复", "只留一处")
		}
		seen[v] = true
	}
}

func sortedKeys(m map[int]string) []int {
	keys := make([]int, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func numberList(m map[int]string) string {
	var words []string
	for _, k := range sortedKeys(m) {
		words = append(words, strconv.Itoa(k))
	}
	return strings.Join(words, "、")
}
