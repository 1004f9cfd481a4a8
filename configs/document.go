package configs

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// document is one YAML file while it is read: where each key stands and what
// is wrong with it. The library's decoder stops at the first fault and loses
// positions, hence our own walk over its syntax tree.
type document struct {
	file     string
	body     ast.Node // nil: empty file or unreadable
	at       map[string]*token.Position
	bad      map[string]bool // paths that already have a problem
	problems *[]Problem
}

func newDocument(file string, data []byte, problems *[]Problem) *document {
	d := &document{file: file, at: map[string]*token.Position{}, bad: map[string]bool{}, problems: problems}
	if !utf8.Valid(data) {
		d.fault("", "文件不是 UTF-8 编码", "用编辑器另存为 UTF-8")
		return d
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")) // the parser miscounts lines otherwise
	f, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		d.syntax(err)
		return d
	}
	if len(f.Docs) > 1 {
		d.fault("", "文件里有多个 YAML 文档", "去掉 --- 分隔线，一个文件只写一份")
		return d
	}
	if len(f.Docs) == 1 {
		d.body = f.Docs[0].Body
	}
	if _, only := d.body.(*ast.CommentGroupNode); only {
		d.body = nil
	}
	return d
}

func (d *document) syntax(err error) {
	p := Problem{File: d.file, Message: "YAML 语法错误：" + err.Error(), Hint: "检查缩进、冒号后的空格和引号"}
	var y yaml.Error
	if errors.As(err, &y) {
		p.Message = "YAML 语法错误：" + y.GetMessage()
		if t := y.GetToken(); t != nil && t.Position != nil {
			p.Line, p.Column = t.Position.Line, t.Position.Column
		}
	}
	d.bad[""] = true
	*d.problems = append(*d.problems, p)
}

// fault records a problem at path; without a known place, at the file.
func (d *document) fault(path, message, hint string) {
	d.bad[path] = true
	p := Problem{File: d.file, Path: path, Message: message, Hint: hint}
	if at := d.at[path]; at != nil {
		p.Line, p.Column = at.Line, at.Column
	}
	*d.problems = append(*d.problems, p)
}

// good reports whether the value at path is there and readable, so that its
// meaning is worth checking.
func (d *document) good(path string) bool { return d.at[path] != nil && !d.bad[path] }

// usable reports whether the file could be read at all.
func (d *document) usable() bool { return !d.bad[""] }

type entry struct {
	key   string
	path  string
	value ast.Node
}

// entries lists the keys of a mapping and notes where each value stands.
func (d *document) entries(n ast.Node, path string) []entry {
	m, ok := n.(*ast.MappingNode)
	if !ok {
		d.fault(path, "这里应写成“键: 值”的形式", "对照 configs 目录里的 README")
		return nil
	}
	var list []entry
	seen := map[string]bool{}
	for _, v := range m.Values {
		key := v.Key.GetToken()
		e := entry{key: key.Value, path: join(path, key.Value), value: v.Value}
		if seen[e.key] {
			at := key.Position
			*d.problems = append(*d.problems, Problem{File: d.file, Line: at.Line, Column: at.Column, Path: e.path,
				Message: fmt.Sprintf("键 %s 重复", e.key), Hint: "只留一处"})
			continue
		}
		seen[e.key] = true
		d.at[e.path] = key.Position
		list = append(list, e)
	}
	return list
}

// scalar is the text of a single value exactly as written: 01 stays 01.
func (d *document) scalar(n ast.Node, path string) (string, bool) {
	switch v := n.(type) {
	case *ast.StringNode:
		return v.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, true
	case *ast.LiteralNode:
		return v.Value.Value, true
	case *ast.NullNode:
		return "", true
	case *ast.AnchorNode, *ast.AliasNode:
		d.fault(path, "不支持 YAML 锚点（& 与 *）", "把值原样写出来；以 * 或 & 开头的文字加引号")
	default:
		d.fault(path, "这里应是单个值", "对照 configs 目录里的 README")
	}
	return "", false
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// start is where a node begins: for a mapping its first key, since its own
// token is a later colon.
func start(n ast.Node) *token.Position {
	if m, ok := n.(*ast.MappingNode); ok && len(m.Values) > 0 && !m.IsFlowStyle {
		return m.Values[0].Key.GetToken().Position
	}
	return n.GetToken().Position
}
