package configs

import (
	"fmt"
	"regexp"
	"strings"
)

// Figures says how the computed figures of a scorecard are told from claims and deliveries.
type Figures struct {
	Insutypes            Insutypes `yaml:"insutypes"`
	MedTypes             MedTypes  `yaml:"med_types"`
	TraceDispensingFrom  string    `yaml:"trace_dispensing_from"` // yyyy-MM, first month in which trace codes are due
	TraceStockInFrom     string    `yaml:"trace_stock_in_from"`
	OnlinePercent        int       `yaml:"online_percent"`         // by how much a pharmacy may exceed its own online price
	ChangeWithinWorkdays int       `yaml:"change_within_workdays"` // until a change of personnel is filed
}

// Insutypes are the insurance kinds of the office's two columns; others count in neither.
type Insutypes struct {
	Employee []string `yaml:"employee"`
	Resident []string `yaml:"resident"`
}

// MedTypes are medical categories, exact, or with a * at the end for all that begin so; others count as neither.
type MedTypes struct {
	Outpatient []string `yaml:"outpatient"`
	Inpatient  []string `yaml:"inpatient"`
}

var (
	monthText = regexp.MustCompile(`^20[0-9]{2}-(0[1-9]|1[0-2])$`)
	codeText  = regexp.MustCompile(`^[0-9A-Za-z_]+\*?$`)
)

func checkFigures(d *document, f Figures) {
	disjoint(d, "figures.insutypes", []string{"employee", "resident"}, f.Insutypes.Employee, f.Insutypes.Resident)
	disjoint(d, "figures.med_types", []string{"outpatient", "inpatient"}, f.MedTypes.Outpatient, f.MedTypes.Inpatient)
	for i, code := range append(append([]string{}, f.Insutypes.Employee...), f.Insutypes.Resident...) {
		if strings.HasSuffix(code, "*") && d.good("figures.insutypes") {
			d.fault("figures.insutypes", fmt.Sprintf("第 %d 个险种 %s 带有 *", i+1, code), "险种逐个写全，只有医疗类别可以用 * 结尾")
			break
		}
	}
	for at, month := range map[string]string{"figures.trace_dispensing_from": f.TraceDispensingFrom, "figures.trace_stock_in_from": f.TraceStockInFrom} {
		if d.good(at) && !monthText.MatchString(month) {
			d.fault(at, fmt.Sprintf("月份 %q 写法不对", month), "写成 2024-11")
		}
	}
	d.between("figures.online_percent", f.OnlinePercent, 0, 100)
	d.between("figures.change_within_workdays", f.ChangeWithinWorkdays, 1, 60)
}

// disjoint checks two lists of codes: none empty, none malformed, and no code that both would count.
func disjoint(d *document, at string, names []string, lists ...[]string) {
	taken := map[string]string{}
	for i, list := range lists {
		place := at + "." + names[i]
		if !d.good(place) {
			continue
		}
		if len(list) == 0 {
			d.fault(place, "没有代码", "至少写一个代码")
		}
		for j, code := range list {
			each := fmt.Sprintf("%s[%d]", place, j)
			if !d.good(each) {
				continue
			}
			if !codeText.MatchString(code) {
				d.fault(each, fmt.Sprintf("代码 %q 写法不对", code), `写代码本身，如 "21"；"21*" 表示以 21 开头的全部代码`)
				continue
			}
			for other, list := range taken {
				if code == other && list == place {
					d.fault(each, fmt.Sprintf("代码 %s 写了两次", code), "删去一个")
					break
				}
				if overlap(code, other) && list != place {
					d.fault(each, fmt.Sprintf("%s 与 %s 里的 %s 重叠", code, list, other), "一个代码只归一类")
					break
				}
			}
			taken[code] = place
		}
	}
}

// overlap reports whether some code is meant by both.
func overlap(a, b string) bool {
	stemA, prefixA := strings.CutSuffix(a, "*")
	stemB, prefixB := strings.CutSuffix(b, "*")
	switch {
	case prefixA && prefixB:
		return strings.HasPrefix(stemA, stemB) || strings.HasPrefix(stemB, stemA)
	case prefixA:
		return strings.HasPrefix(stemB, stemA)
	case prefixB:
		return strings.HasPrefix(stemA, stemB)
	}
	return a == b
}

// MedTypeRows are kind, code and whether it is the beginning of codes.
func (f Figures) MedTypeRows() (rows [][]any) {
	add := func(kind string, codes []string) {
		for _, code := range codes {
			stem, isPrefix := strings.CutSuffix(code, "*")
			rows = append(rows, []any{kind, stem, isPrefix})
		}
	}
	add("outpatient", f.MedTypes.Outpatient)
	add("inpatient", f.MedTypes.Inpatient)
	return rows
}

// InsutypeRows are the office's column and the insurance kind.
func (f Figures) InsutypeRows() (rows [][]any) {
	for _, code := range f.Insutypes.Employee {
		rows = append(rows, []any{"employee", code})
	}
	for _, code := range f.Insutypes.Resident {
		rows = append(rows, []any{"resident", code})
	}
	return rows
}
