package intake

import (
	"path"
	"strings"
	"unicode/utf8"

	"claimsaudit/pipeline"
)

// form is how a file is packed, judged by its extension alone.
type form uint8

const (
	formNone  form = iota // no accepted extension
	formTable             // .csv .txt .xlsx .parquet
	formGzip
	formZip
)

func formOf(name string) form {
	switch strings.ToLower(path.Ext(name)) {
	case ".csv", ".txt", ".xlsx", ".parquet":
		return formTable
	case ".gz":
		return formGzip
	case ".zip":
		return formZip
	default:
		return formNone
	}
}

func isControl(name string) bool { return strings.EqualFold(path.Ext(name), ".ctl") }

// isUnfinished tells names under which transfer programs keep a half-sent file.
func isUnfinished(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".part", ".tmp", ".filepart", ".crdownload":
		return true
	default:
		return false
	}
}

// isSidecar tells files that desktop systems put beside a real one: resource
// forks and office locks. They would otherwise take the archive's feed.
func isSidecar(slashPath string) bool {
	base := path.Base(slashPath)
	return strings.HasPrefix(base, ".") || strings.HasPrefix(base, "~$") || strings.HasPrefix(slashPath, "__MACOSX/")
}

// withoutGzip is the name of what a .gz file holds.
func withoutGzip(name string) string {
	if formOf(name) != formGzip {
		return name
	}
	return name[:len(name)-len(".gz")]
}

// namesFeed reports whether an archive member is recognised by its own name.
func namesFeed(slashPath string) bool {
	return !isSidecar(slashPath) && formOf(slashPath) != formNone && pipeline.FeedOf(path.Base(slashPath)) != nil
}

// memberPath is a zip member's name with slashes. Windows tools write
// backslashes; in a name that is not UTF-8 the byte may be half of a Chinese
// character (GB18030) and is then no separator.
func memberPath(raw string) string {
	if !strings.Contains(raw, `\`) {
		return raw
	}
	if utf8.ValidString(raw) {
		return strings.ReplaceAll(raw, `\`, "/")
	}
	b := []byte(raw)
	for i := 0; i < len(b); i++ {
		switch {
		case b[i] >= 0x81:
			i++
		case b[i] == '\\':
			b[i] = '/'
		}
	}
	return string(b)
}

// escapes reports whether a member's path would leave the folder it is unpacked into.
func escapes(slashPath string) bool {
	if strings.HasPrefix(slashPath, "/") || strings.ContainsRune(slashPath, 0) {
		return true
	}
	if len(slashPath) >= 2 && slashPath[1] == ':' {
		return true
	}
	for part := range strings.SplitSeq(slashPath, "/") {
		if part == ".." {
			return true
		}
	}
	return false
}

// controlPaths lists the names a file's .ctl may have, the most specific first:
// x.csv.gz.ctl, x.csv.ctl, x.ctl for x.csv.gz.
func controlPaths(p string) []string {
	paths := []string{p + ".ctl"}
	for formOf(p) != formNone {
		p = strings.TrimSuffix(p, path.Ext(p))
		paths = append(paths, p+".ctl")
	}
	return paths
}

// controlIndex finds .ctl files: path in lower case → paths as they are.
type controlIndex map[string][]string

func (x controlIndex) add(p string) { x[lower(p)] = append(x[lower(p)], p) }

// find returns the most specific .ctl of a file; "" without one. Windows senders
// do not keep case, so another case counts where the exact name is missing.
func (x controlIndex) find(p string) string {
	for _, want := range controlPaths(p) {
		same := x[lower(want)]
		for _, c := range same {
			if c == want {
				return c
			}
		}
		if len(same) > 0 {
			return same[0]
		}
	}
	return ""
}

// lower lowers ASCII only: strings.ToLower would make different names that are
// not UTF-8 equal.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// readable is a name fit for tables and logs, which take UTF-8 only.
func readable(name string) string { return strings.ToValidUTF8(name, "_") }
