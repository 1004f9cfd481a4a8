package configs

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode"

	"claimsaudit/pipeline"
)

type layoutFile struct {
	Name      string              `yaml:"name"`
	Aliases   map[string][]string `yaml:"aliases,omitempty"` // contract column → headers
	Labels    []labelTable        `yaml:"labels,omitempty"`
	Encodings map[string]string   `yaml:"encodings,omitempty"` // glob → encoding
}

type labelTable struct {
	Columns []string          `yaml:"columns"`
	Values  map[string]string `yaml:"values"` // label → code
}

// layout merges the layouts the settings name. Two files, or two entries of
// one, may say the same thing but never different things.
func (l *loader) layout(settings *document, names []string) pipeline.Layout {
	out := pipeline.Layout{Aliases: map[string]string{}, Labels: map[string]map[string]string{}, Encodings: map[string]string{}}
	for i, name := range names {
		d := l.named(settings, "layouts", fmt.Sprintf("layouts[%d]", i), name)
		if d == nil {
			continue
		}
		var f layoutFile
		d.into(&f)
		addAliases(d, f.Aliases, out.Aliases)
		for j, table := range f.Labels {
			addLabels(d, fmt.Sprintf("labels[%d]", j), table, out.Labels)
		}
		addEncodings(d, f.Encodings, out.Encodings)
	}
	return out
}

func addAliases(d *document, aliases map[string][]string, out map[string]string) {
	own := ownHeaders()
	for _, column := range slices.Sorted(maps.Keys(aliases)) {
		at := "aliases." + column
		if len(columnsNamed(column)) == 0 {
			d.fault(at, "没有名为 "+column+" 的列", "写接口约定的列名，如 setl_id")
			continue
		}
		for i, header := range aliases[column] {
			place := fmt.Sprintf("%s[%d]", at, i)
			key := headerKey(header)
			if !d.good(place) {
				continue
			}
			if other := own[key]; other != "" && other != column {
				d.fault(place, fmt.Sprintf("表头 %s 本身就是列 %s 的名称", header, other), "换掉这个别名")
			} else if other := out[key]; other != "" && other != column {
				d.fault(place, fmt.Sprintf("表头 %s 同时指向 %s 和 %s", header, other, column), "一个表头只能对应一列")
			} else {
				out[key] = column
			}
		}
	}
}

func addLabels(d *document, at string, table labelTable, out map[string]map[string]string) {
	for i, column := range table.Columns {
		place := fmt.Sprintf("%s.columns[%d]", at, i)
		if !d.good(place) {
			continue
		}
		coded := slices.DeleteFunc(columnsNamed(column), func(c pipeline.Column) bool {
			return c.Type != pipeline.Code && c.Type != pipeline.Enum
		})
		if len(coded) == 0 {
			d.fault(place, "没有名为 "+column+" 的代码列", "只有代码列才有标签，列名见接口约定")
			continue
		}
		if out[column] == nil {
			out[column] = map[string]string{}
		}
		for _, label := range slices.Sorted(maps.Keys(table.Values)) {
			addLabel(d, at+".values."+label, column, label, table.Values[label], coded, out[column])
		}
	}
}

func addLabel(d *document, at, column, label, code string, coded []pipeline.Column, out map[string]string) {
	for _, c := range coded {
		if c.Type == pipeline.Enum && !slices.Contains(c.Allowed, code) {
			d.fault(at, fmt.Sprintf("%s 不是列 %s 的代码", code, column), "可用："+strings.Join(c.Allowed, "、"))
			return
		}
	}
	label = strings.TrimSpace(label)
	if other, clash := out[label]; clash && other != code {
		d.fault(at, fmt.Sprintf("列 %s 的标签 %s 同时表示 %s 和 %s", column, label, other, code), "只留一处")
		return
	}
	out[label] = code
}

func addEncodings(d *document, encodings map[string]string, out map[string]string) {
	for _, glob := range slices.Sorted(maps.Keys(encodings)) {
		at, name := "encodings."+glob, encodings[glob]
		if !d.good(at) {
			continue
		}
		_, err := path.Match(glob, "")
		switch {
		case err != nil || strings.Contains(glob, "/"):
			d.fault(at, "文件名式样 "+glob+" 写法不对", "只写文件名，可用 * ? [a-z]，不带目录")
		case name != "utf-8" && name != "gb18030":
			d.fault(at, "不认识的编码 "+name, "utf-8 或 gb18030")
		case out[glob] != "" && out[glob] != name:
			d.fault(at, fmt.Sprintf("%s 已定为 %s", glob, out[glob]), "只留一处")
		default:
			out[glob] = name
		}
	}
}

// columnsNamed lists the columns of that name over all feeds.
func columnsNamed(name string) []pipeline.Column {
	var list []pipeline.Column
	for i := range pipeline.Feeds {
		if c, ok := pipeline.Feeds[i].Column(name); ok {
			list = append(list, c)
		}
	}
	return list
}

// ownHeaders are the headers that already name a column: its name, or its name in camelCase.
func ownHeaders() map[string]string {
	own := map[string]string{}
	for _, f := range pipeline.Feeds {
		for _, c := range f.Columns {
			own[c.Name] = c.Name
			own[strings.ReplaceAll(c.Name, "_", "")] = c.Name
		}
	}
	return own
}

// headerKey is how a header is compared: lower case without any blank.
func headerKey(header string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, header)
}
