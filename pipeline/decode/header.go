package decode

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"claimsaudit/pipeline"
)

// separators are tried in this order; the first wins a tie.
const separators = ",\t|^"

// header is the first record of a text file.
type header struct {
	names []string // trimmed
	sep   byte
	end   int64 // offset of the first byte behind it
	lines int64 // physical lines up to there
}

// readHeader finds the separator that yields most known columns.
func readHeader(src *Source, f *os.File, enc encoding, gb *gbTable) (header, error) {
	buf := make([]byte, min(maxRecord+1, sizeOf(src.Path)+1))
	n, err := f.ReadAt(buf, enc.bom)
	isEnd := errors.Is(err, io.EOF)
	if err != nil && !isEnd {
		return header{}, readError(src, err)
	}
	buf = buf[:n]
	pos, skipped := 0, int64(0)
	for pos < len(buf) { // empty lines before the header
		i := bytes.IndexByte(buf[pos:], '\n')
		if i < 0 {
			i = len(buf) - pos
		}
		if !isBlank(buf[pos : pos+i]) {
			break
		}
		pos, skipped = min(pos+i+1, len(buf)), skipped+1
	}
	if pos == len(buf) && isEnd {
		return header{}, emptyFile(src)
	}
	best, bestKnown := header{}, -1
	names := newNames(src)
	for i := range len(separators) {
		h, ok := parseHeader(buf, pos, isEnd, separators[i], gb)
		if !ok {
			continue
		}
		h.end += enc.bom
		h.lines += skipped
		known := names.known(h.names)
		if known > bestKnown || known == bestKnown && len(h.names) > len(best.names) {
			best, bestKnown = h, known
		}
	}
	if bestKnown < 1 {
		return header{}, noHeader(src)
	}
	return best, nil
}

func parseHeader(buf []byte, pos int, isEnd bool, sep byte, gb *gbTable) (header, bool) {
	s := scanner{sep: sep, gb: gb != nil, limit: maxRecord}
	end, next, st := s.next(buf, pos, isEnd)
	if st != recordOK {
		return header{}, false
	}
	rec := bytes.TrimSuffix(buf[pos:end], []byte("\r"))
	w := textWorker{sep: sep}
	if gb != nil {
		rec, _ = gb.decode(nil, rec)
	}
	base := w.splitQuoted(rec)
	h := header{sep: sep, end: int64(next), lines: int64(bytes.Count(buf[pos:next], []byte("\n")))}
	for _, f := range w.fields {
		h.names = append(h.names, strings.Trim(string(base[f.a:f.b]), " \t\r\n\"'\uFEFF\u00A0\u3000"))
	}
	return h, true
}

func noHeader(src *Source) error {
	return badFile(src, "首行必须是列名，至少要有："+strings.Join(requiredColumns(src.Feed), "、")+"；分隔符可用逗号、TAB、| 或 ^",
		errors.New("没有找到列名行：首行里没有一个认识的列名"))
}

func requiredColumns(feed *pipeline.Feed) []string {
	var out []string
	for _, c := range feed.Columns {
		if c.Required {
			out = append(out, c.Name)
		}
	}
	return out
}

// names resolves header names to feed columns.
type names struct {
	feed *pipeline.Feed
	to   map[string]int // folded name → index of the feed column
}

func newNames(src *Source) *names {
	n := &names{feed: src.Feed, to: map[string]int{}}
	index := map[string]int{}
	for i, c := range src.Feed.Columns {
		index[c.Name] = i
		n.to[c.Name] = i
		n.to[strings.ReplaceAll(c.Name, "_", "")] = i
	}
	if src.Layout != nil {
		for alias, column := range src.Layout.Aliases {
			if i, ok := index[column]; ok {
				n.to[fold(alias)] = i
			}
		}
	}
	return n
}

// fold brings a header name to the form in which names are compared.
func fold(name string) string {
	return strings.ToLower(strings.Join(strings.Fields(strings.ReplaceAll(name, "\uFEFF", "")), ""))
}

func (n *names) find(name string) (int, bool) {
	i, ok := n.to[fold(name)]
	return i, ok
}

func (n *names) known(header []string) int {
	seen := map[int]bool{}
	for _, h := range header {
		if i, ok := n.find(h); ok {
			seen[i] = true
		}
	}
	return len(seen)
}

// resolve maps every feed column to its column in the file, -1 if absent.
func (n *names) resolve(src *Source, header []string) ([]int, error) {
	from := make([]int, len(n.feed.Columns))
	for i := range from {
		from[i] = -1
	}
	var twice, unknown []string
	for h, name := range header {
		i, ok := n.find(name)
		switch {
		case !ok:
			unknown = append(unknown, name)
		case from[i] >= 0:
			twice = append(twice, fmt.Sprintf("%s（“%s”与“%s”）", n.feed.Columns[i].Name, clip(header[from[i]]), clip(name)))
		default:
			from[i] = h
		}
	}
	if len(twice) > 0 {
		return nil, badFile(src, "每一列只保留一次，删去或改名重复的列后重报", fmt.Errorf("列名重复：%s", strings.Join(twice, "、")))
	}
	var missing []string
	for i, c := range n.feed.Columns {
		if c.Required && from[i] < 0 {
			missing = append(missing, c.Name+n.nearMiss(i, unknown))
		}
	}
	if len(missing) > 0 {
		return nil, badFile(src, "请补上这些列，或在 configs/layouts 里把文件的列名登记为别名",
			fmt.Errorf("缺少必需的列：%s", strings.Join(missing, "、")))
	}
	return from, nil
}

// nearMiss suggests which unknown header may have been meant for a column.
func (n *names) nearMiss(column int, unknown []string) string {
	best, bestDistance := "", 1<<30
	for known, i := range n.to {
		if i != column {
			continue
		}
		for _, u := range unknown {
			a, b := []rune(known), []rune(fold(u))
			allowed := max(1, len(a)/4)
			if len(b) == 0 || len(a)-len(b) > allowed || len(b)-len(a) > allowed {
				continue
			}
			d := editDistance(a, b)
			if d <= allowed && (d < bestDistance || d == bestDistance && u < best) {
				best, bestDistance = u, d
			}
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("（文件中的“%s”是否就是它？）", clip(best))
}

// editDistance counts the insertions, deletions and replacements from a to b.
func editDistance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
