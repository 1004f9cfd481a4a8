package report

import (
	"bytes"
	_ "embed"
	"html/template"
	"time"
)

//go:embed claim.gohtml
var claimText string

// claimPageLines bounds what a page lists: a printer, and a browser, choke on a hospital's whole month. The workbook
// lists all, and the sums are those of all.
const claimPageLines = 3000

// ClaimPage writes statements as pages for print; one serves any number of goroutines.
type ClaimPage struct{ page *template.Template }

// NewClaimPage reads the template once.
func NewClaimPage() (*ClaimPage, error) {
	w := newLexicon()
	t, err := template.New("claim").Funcs(template.FuncMap{
		"grouped": grouped, "clauses": clauses, "day": chineseDay, "month": chineseMonth, "stamp": stamp, "line": oneLine,
		"role": w.role.of, "status": func(l StatementLine) string { return l.statusText(w) }, "remark": func(l StatementLine) string { return l.remark(w) },
		"iso": shortDay, "next": func(i int) int { return i + 1 }, "amount": func(n int64) cents { return cents(n) },
		"rule": StatementLine.ruleLabel, "size": func(lines []StatementLine) string { return grouped(int64(len(lines))) },
	}).Parse(styleText + claimText)
	if err != nil {
		return nil, fail("write statement", "claim.gohtml", "this is a fault of the program: report it", err)
	}
	return &ClaimPage{t}, nil
}

// claimView is what the template shows beside the statement.
type claimView struct {
	*Claim
	Title  string
	Parts  []claimPart
	Footer string // of every printed page
}

// claimPart is one table of lines.
type claimPart struct {
	Title     string
	Lines     []StatementLine
	Count     int // with those left out
	Sum       cents
	ForReview bool
}

// Write writes the page of a statement, without any outside resource. Call Tally first.
func (p *ClaimPage) Write(c *Claim) ([]byte, error) { return p.write(c, claimPageLines) }

func (p *ClaimPage) write(c *Claim, most int) ([]byte, error) {
	v := claimView{Claim: c, Title: claimTitle, Footer: oneLine(c.Number) + "　校验链 " + c.ChainHash[:min(len(c.ChainHash), 16)]}
	left := most
	add := func(part claimPart) {
		if part.Count = len(part.Lines); part.Count == 0 {
			return
		}
		part.Lines = part.Lines[:min(part.Count, left)]
		left -= len(part.Lines)
		v.Parts = append(v.Parts, part)
	}
	for _, k := range c.Kinds {
		add(claimPart{Title: k.Title, Lines: k.Lines, Sum: k.Sum})
	}
	add(claimPart{Title: "待复核（未计入本通知书的金额）", Lines: c.Review, Sum: c.InReview, ForReview: true})
	var b bytes.Buffer
	if err := p.page.Execute(&b, v); err != nil {
		return nil, fail("write statement", c.Code, "this is a fault of the program: report it", err)
	}
	return b.Bytes(), nil
}

// Omitted is how many lines of the part the page leaves to the workbook.
func (p claimPart) Omitted() string {
	if n := p.Count - len(p.Lines); n > 0 {
		return grouped(int64(n))
	}
	return ""
}

// Total is how many lines the part has.
func (p claimPart) Total() string { return grouped(int64(p.Count)) }

// BookName is the name of the workbook that goes with the page.
func (c *Claim) BookName() string { return c.FileName + ".xlsx" }

// shortDay is a day, or a dash for none.
func shortDay(t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	return t.Format(time.DateOnly)
}
