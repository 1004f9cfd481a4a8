package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/mattn/go-isatty"
	"github.com/schollz/progressbar/v3"
)

// isTerminal reports whether w is a terminal.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// colour reports whether colour may be used on stderr (https://no-color.org).
func (a *app) colour() bool { return isTerminal(a.stderr) && a.env["NO_COLOR"] == "" }

// bar draws one step at a time on a terminal.
type bar struct {
	out io.Writer
	bar *progressbar.ProgressBar
}

// progress is a bar on a terminal and nil elsewhere: log lines say the same.
func (a *app) progress() *bar {
	if !isTerminal(a.stderr) {
		return nil
	}
	return &bar{out: a.stderr}
}

func (b *bar) Start(step string, total int64) {
	if total <= 0 {
		total = -1
	}
	b.bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(b.out), progressbar.OptionSetDescription(fmt.Sprintf("%-40s", step)),
		progressbar.OptionShowBytes(total > 0), progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(24), progressbar.OptionThrottle(100_000_000))
}

func (b *bar) Add(n int64) { b.bar.Add64(n) }

func (b *bar) Done() { b.bar.Finish() }

// yuan writes cents as yuan with thousands separators.
func yuan(cents int64) string {
	sign := ""
	if cents < 0 {
		sign, cents = "-", -cents
	}
	whole := fmt.Sprint(cents / 100)
	var b strings.Builder
	for i, d := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return fmt.Sprintf("%s%s.%02d", sign, b.String(), cents%100)
}
