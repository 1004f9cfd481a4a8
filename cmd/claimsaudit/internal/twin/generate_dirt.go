package twin

import (
	"strings"
)

// dirtyCell writes one plain value in one of the forms the contract accepts.
func (g *gen) dirtyCell(c column, v string) string {
	if v == "" {
		return g.pick("", "", "", "null", "NULL", "nan", "\t")
	}
	if !g.chance(25) {
		return v
	}
	switch c.kind {
	case cents:
		v = g.dirtyAmount(v)
	case moment:
		v = g.dirtyTime(v)
	case date:
		v = g.pick(v, strings.ReplaceAll(v, "-", ""), v+" 00:00:00")
	case person:
		v = g.dirtyCode(v)
	case code, enum:
		v = g.labelled(c.name, v)
	}
	return g.pick(v, v, v+"\t", " "+v, v+" ")
}

func (g *gen) dirtyAmount(v string) string {
	switch g.r.IntN(4) {
	case 0:
		return v + "00"
	case 1:
		return strings.TrimSuffix(v, ".00")
	case 2:
		if !strings.HasPrefix(v, "-") {
			return "+" + v
		}
	}
	whole, rest, _ := strings.Cut(v, ".")
	if digits := strings.TrimPrefix(whole, "-"); len(digits) > 3 {
		cut := len(whole) - 3
		return whole[:cut] + "," + whole[cut:] + "." + rest
	}
	return v
}

func (g *gen) dirtyTime(v string) string {
	day, clock, _ := strings.Cut(v, " ")
	packed := strings.NewReplacer("-", "", ":", "").Replace(day + clock)
	forms := []string{day + "T" + clock, day + clock, v + ".250", v + "+08:00", packed, packed + "123"}
	return forms[g.r.IntN(len(forms))]
}

func (g *gen) dirtyCode(v string) string {
	switch g.r.IntN(4) {
	case 0:
		return strings.ToLower(v)
	case 1:
		return strings.Map(func(r rune) rune { return r - '!' + '！' }, v)
	case 2:
		return "\u3000" + v + "\u3000"
	default:
		return strings.Map(func(r rune) rune {
			if r >= '0' && r <= '4' {
				return r - '!' + '！'
			}
			return r
		}, v)
	}
}

// labelled is a word for the code when there is one.
func (g *gen) labelled(column, v string) string {
	switch {
	case column == "med_type":
		words := map[string]string{"13": "急诊", "24": "急诊转住院", "21": "普通住院", "11": "普通门诊"}
		if w, ok := words[v]; ok {
			return w
		}
	case column == "mdtrt_cert_type" && v == "01":
		return "医保电子凭证"
	case column == "status":
		return map[string]string{"normal": "正常", "suspended": g.pick("暂停", "中止"), "terminated": "终止"}[v]
	case strings.HasSuffix(column, "_flag") && v == "1":
		return "是"
	case strings.HasSuffix(column, "_flag") && v == "0":
		return "否"
	}
	return v
}
