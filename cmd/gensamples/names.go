package main

import "fmt"

// Every id and name below is visibly made up: region 999999 does not exist in
// certificate numbers, every person is called 样例 (sample).

const region = "500105"

var surnames = []string{"张", "王", "李", "赵", "陈", "刘", "杨", "黄", "周", "吴", "徐", "孙"}

// numeral writes n digit by digit in Chinese.
func numeral(n int) string {
	digits := []rune("〇一二三四五六七八九")
	var out []rune
	for _, d := range fmt.Sprint(n) {
		out = append(out, digits[d-'0'])
	}
	return string(out)
}

func pracCode(n int) string    { return fmt.Sprintf("D%s%06d", region, n) }
func pracName(n int) string    { return surnames[n%len(surnames)] + "样例" + numeral(n) }
func pracCert(n int) string    { return fmt.Sprintf("99999919000101%03dX", n) }
func hospital(n int) string    { return fmt.Sprintf("H%s%05d", region, n) }
func pharmacy(n int) string    { return fmt.Sprintf("P%s%05d", region, n) }
func psnNo(n int) string       { return fmt.Sprintf("99%018d", n) }
func patientName(n int) string { return surnames[n%len(surnames)] + "样例参保" + numeral(n) }
func patientCert(n int) string { return fmt.Sprintf("99999919010101%04d", n) }

func institutionName(code string) string {
	var n int
	fmt.Sscanf(code[7:], "%d", &n)
	switch {
	case code[0] == 'P':
		return "样例大药房第" + numeral(n) + "店"
	case n <= 12:
		return "样例第" + numeral(n) + "医院"
	default:
		return "样例社区卫生服务中心" + numeral(n)
	}
}

func isPharmacy(code string) bool { return code[0] == 'P' }

// item is an entry of the made-up catalogue.
type item struct {
	code  string // med_list_codg: western drug 23 characters, patent medicine 20, service 15, material 20
	name  string
	kind  string // med_chrgitm_type
	cents int    // unit price
}

func (it item) isDrug() bool { return it.kind == "09" || it.kind == "10" || it.kind == "11" }

// traceCode is a well-formed trace code: 7 digits of drug, 13 of serial.
func traceCode(drug int, serial uint64) string {
	return fmt.Sprintf("8%06d%013d", drug%1000000, serial%10000000000000)
}

func yuan(cents int) string {
	sign := ""
	if cents < 0 {
		sign, cents = "-", -cents
	}
	return fmt.Sprintf("%s%d.%02d", sign, cents/100, cents%100)
}

// catalogue lists drugs first, so that a pharmacy can pick from the front.
func catalogue() (items []item, drugs int) {
	names := []string{"阿莫西林胶囊", "缬沙坦片", "二甲双胍缓释片", "阿托伐他汀钙片", "奥美拉唑肠溶胶囊", "头孢呋辛酯片", "布洛芬缓释胶囊",
		"氨氯地平片", "左氧氟沙星片", "蒙脱石散", "氯雷他定片", "甲钴胺片", "复方丹参滴丸", "连花清瘟胶囊", "板蓝根颗粒", "六味地黄丸"}
	for i := range 48 {
		n := names[i%len(names)]
		it := item{kind: "09", name: fmt.Sprintf("%s(样例规格%s)", n, numeral(i/len(names)+1)), cents: 480 + 733*i%9000}
		it.code = fmt.Sprintf("XA%02dABA%03dA0020101%05d", i%16+1, i+1, 100+i)
		if i%len(names) >= 12 {
			it.kind, it.code = "11", fmt.Sprintf("ZA%02dAAA%04d0101%05d", i%16+1, i+1, 500+i)
		}
		items = append(items, it)
	}
	for i := range 6 {
		items = append(items, item{kind: "10", code: fmt.Sprintf("T%09d", 7001+i), name: "中药饮片样例" + numeral(i+1), cents: 15 + 7*i})
	}
	drugs = len(items)
	for i, s := range []struct{ kind, name string }{{"12", "一般诊疗费"}, {"03", "彩色多普勒超声检查"}, {"03", "CT平扫"}, {"04", "血常规,五分类"},
		{"04", "肝功能十二项\n(空腹)"}, {"05", "静脉输液"}, {"05", "针灸治疗"}, {"07", "二级护理"}, {"01", "三人间床位费"}, {"13", "门诊挂号"}} {
		items = append(items, item{kind: s.kind, code: fmt.Sprintf("%015d", 1100000000+i*1000+1), name: s.name, cents: 600 + 2170*i})
	}
	items = append(items, item{kind: "08", code: "C0101010010000000001", name: "一次性使用输液器\"样例牌\"", cents: 350})
	return items, drugs
}
