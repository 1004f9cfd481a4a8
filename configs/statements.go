package configs

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Statements says what stands on the statement each institution gets (扣款／追回通知书) beside the amounts. It changes
// no result.
type Statements struct {
	ObjectionWorkdays int    // from the day after the day on the notice
	Number            string // with {{年度}}, {{通知单编号}} and {{机构编号}}
	Issuer            string // CentreName unless given
	Seal, Contact     string
	Phone, Address    string
}

// statementsFile is Statements as the settings spell it.
type statementsFile struct {
	ObjectionWorkdays int    `yaml:"objection_working_days,optional"`
	Number            string `yaml:"number,optional"`
	Issuer            string `yaml:"issuer,optional"`
	Seal              string `yaml:"seal,optional"`
	Contact           string `yaml:"contact,optional"`
	Phone             string `yaml:"phone,optional"`
	Address           string `yaml:"address,optional"`
}

func defaultStatements() Statements {
	return Statements{ObjectionWorkdays: 10, Number: "江医保中心结通〔{{年度}}〕{{通知单编号}}-{{机构编号}}号", Seal: "（印章）"}
}

// statements checks what stands in the settings. Two institutions, or two months, must never share a number.
func statements(d *document, f statementsFile) Statements {
	d.between("statements.objection_working_days", f.ObjectionWorkdays, 1, 60)
	const at = "statements.number"
	if d.good(at) {
		var used []string
		for _, m := range numberBlank.FindAllStringSubmatch(f.Number, -1) {
			used = append(used, m[1])
		}
		isKnown := !slices.ContainsFunc(used, func(name string) bool {
			return !slices.Contains([]string{"年度", "通知单编号", "机构编号"}, name)
		})
		isWhole := !strings.ContainsAny(numberBlank.ReplaceAllString(f.Number, ""), "{}｛｝")
		if !isKnown || !isWhole || !slices.Contains(used, "通知单编号") || !slices.Contains(used, "机构编号") {
			d.fault(at, fmt.Sprintf("文号 %q 写法不对", f.Number),
				"只能用 {{年度}}、{{通知单编号}} 和 {{机构编号}}，后两个必须有，如 江医保中心结通〔{{年度}}〕{{通知单编号}}-{{机构编号}}号")
		}
	}
	return Statements(f)
}

// NumberOf is the number of one institution's notice.
func (s Statements) NumberOf(year int, statementNo, institution string) string {
	return numberBlank.ReplaceAllStringFunc(s.Number, func(blank string) string {
		switch blank {
		case "{{年度}}":
			return strconv.Itoa(year)
		case "{{通知单编号}}":
			return statementNo
		}
		return institution
	})
}
