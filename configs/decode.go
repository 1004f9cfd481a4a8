package configs

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"claimsaudit/pipeline"
)

// into reads the whole document into *target and reports every key that is
// unknown, missing or of the wrong type. A field tagged omitempty may be
// missing; one tagged optional may also be left empty, and keeps what target
// holds. Any other text that is there may never be empty.
func (d *document) into(target any) {
	if !d.usable() {
		return
	}
	if d.body == nil {
		d.fault("", "文件是空的", "对照 configs 目录里的同类文件写全")
		return
	}
	d.value(d.body, reflect.ValueOf(target).Elem(), "")
}

func (d *document) value(n ast.Node, v reflect.Value, path string) {
	if _, ok := v.Interface().(time.Time); ok {
		d.day(n, v, path)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.fields(n, v, path)
	case reflect.Slice:
		d.list(n, v, path)
	case reflect.Map:
		d.dictionary(n, v, path)
	default:
		d.single(n, v, path)
	}
}

func (d *document) fields(n ast.Node, v reflect.Value, path string) {
	fields, required, optional := map[string]int{}, map[string]bool{}, map[string]bool{}
	var names []string
	for i := range v.NumField() {
		name, option, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
		fields[name], required[name], optional[name] = i, option == "", option == "optional"
		names = append(names, name)
	}
	given := map[string]bool{}
	for _, e := range d.entries(n, path) {
		i, known := fields[e.key]
		if !known {
			d.fault(e.path, "不认识的键 "+e.key, "可用的键："+strings.Join(names, "、"))
			continue
		}
		given[e.key] = true
		if optional[e.key] && blank(e.value) {
			continue
		}
		d.value(e.value, v.Field(i), e.path)
	}
	if d.bad[path] {
		return
	}
	for _, name := range names {
		if required[name] && !given[name] {
			d.at[join(path, name)] = d.at[path]
			d.fault(join(path, name), "缺少 "+name, "补上这个键")
		}
	}
}

// blank reports whether a key was written without a value.
func blank(n ast.Node) bool {
	switch v := n.(type) {
	case *ast.NullNode:
		return true
	case *ast.StringNode:
		return strings.TrimSpace(v.Value) == ""
	}
	return false
}

func (d *document) list(n ast.Node, v reflect.Value, path string) {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		d.fault(path, "这里应是列表", "每项一行，以 - 开头，或写成 [甲, 乙]")
		return
	}
	out := reflect.MakeSlice(v.Type(), len(s.Values), len(s.Values))
	for i, item := range s.Values {
		at := fmt.Sprintf("%s[%d]", path, i)
		d.at[at] = start(item)
		d.value(item, out.Index(i), at)
	}
	v.Set(out)
}

func (d *document) dictionary(n ast.Node, v reflect.Value, path string) {
	out := reflect.MakeMap(v.Type())
	for _, e := range d.entries(n, path) {
		item := reflect.New(v.Type().Elem()).Elem()
		d.value(e.value, item, e.path)
		out.SetMapIndex(reflect.ValueOf(e.key), item)
	}
	v.Set(out)
}

func (d *document) day(n ast.Node, v reflect.Value, path string) {
	text, ok := d.scalar(n, path)
	if !ok {
		return
	}
	day, err := pipeline.ParseDay(text)
	if err != nil || day.Year() < 2000 || day.Year() > 2099 {
		d.fault(path, fmt.Sprintf("%q 不是有效日期", text), "写成 yyyy-MM-dd，如 2025-03-01，年份在 2000 至 2099 之间")
		return
	}
	v.Set(reflect.ValueOf(day))
}

func (d *document) single(n ast.Node, v reflect.Value, path string) {
	text, ok := d.scalar(n, path)
	if !ok {
		return
	}
	text = strings.TrimSpace(text)
	switch v.Kind() {
	case reflect.String:
		if text == "" {
			d.fault(path, "不能为空", "填上内容，或删去这一项")
		}
		v.SetString(text)
	case reflect.Int:
		i, err := strconv.Atoi(text)
		if err != nil {
			d.fault(path, fmt.Sprintf("%q 不是整数", text), "写成不带小数和单位的数字")
		}
		v.SetInt(int64(i))
	case reflect.Bool:
		if text != "true" && text != "false" {
			d.fault(path, fmt.Sprintf("%q 不是 true 或 false", text), "写 true 或 false")
		}
		v.SetBool(text == "true")
	default:
		panic("configs: no reading for " + v.Type().String())
	}
}
