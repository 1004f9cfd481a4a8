package configs

import (
	"fmt"
	"strings"
)

// Problem is one thing an operator has to correct. Message and Hint are Chinese.
type Problem struct {
	File    string // the file, or "环境变量", or "命令行"
	Line    int    // from 1; 0 when no line is at fault
	Column  int    // from 1, in characters
	Path    string // the key at fault, e.g. rules[3].action
	Message string
	Hint    string
}

func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
	}
	b.WriteString(": ")
	if p.Path != "" {
		b.WriteString(p.Path + ": ")
	}
	b.WriteString(p.Message)
	if p.Hint != "" {
		b.WriteString("（" + p.Hint + "）")
	}
	return b.String()
}

// Problems is a list of problems as an error, one line each.
type Problems []Problem

func (ps Problems) Error() string {
	lines := make([]string, 0, len(ps)+1)
	lines = append(lines, fmt.Sprintf("配置有 %d 处问题", len(ps)))
	for _, p := range ps {
		lines = append(lines, p.String())
	}
	return strings.Join(lines, "\n")
}
