package report

import "strings"

// textColumns is how wide the plain text of a mail is; a Chinese character takes two.
const textColumns = 78

// columnsOf is how wide text is.
func columnsOf(s string) (n int) {
	for _, r := range s {
		n += runeColumns(r)
	}
	return n
}

func runeColumns(r rune) int {
	if r < 0x2000 {
		return 1
	}
	return 2
}

// padRight and padLeft fill text up to a width with blanks.
func padRight(width int, s string) string {
	return s + strings.Repeat(" ", max(width-columnsOf(s), 0))
}

func padLeft(width int, s string) string {
	return strings.Repeat(" ", max(width-columnsOf(s), 0)) + s
}

// fold breaks lines that are too wide; an item goes on behind its dot. Words, paths and hashes stay whole.
func fold(text string, width int) string {
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		indent := ""
		if strings.HasPrefix(line, "· ") {
			indent = strings.Repeat(" ", columnsOf("· "))
		}
		now := ""
		for n, piece := range breakable(line) {
			if n > 0 && columnsOf(now)+columnsOf(strings.TrimRight(piece, " ")) > width {
				out = append(out, strings.TrimRight(now, " "))
				now = indent
			}
			now += piece
		}
		out = append(out, now)
	}
	return strings.Join(out, "\n")
}

const (
	neverFirst = "，。；：、？！）》”’％…,.;:!?)%"
	neverLast  = "（《“‘("
)

// breakable cuts a line into the pieces between which it may be broken.
func breakable(line string) (pieces []string) {
	last := ' '
	for _, r := range line {
		isWhole := runeColumns(r) == 1 && runeColumns(last) == 1 && last != ' ' || // within a word
			strings.ContainsRune(neverFirst, r) || strings.ContainsRune(neverLast, last) || r == ' '
		if isWhole && len(pieces) > 0 {
			pieces[len(pieces)-1] += string(r)
		} else {
			pieces = append(pieces, string(r))
		}
		last = r
	}
	return pieces
}
