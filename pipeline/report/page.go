package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strconv"
)

//go:embed page.gohtml
var pageText string

// styleText is the one style sheet, of every page.
//
//go:embed style.gohtml
var styleText string

// page is what the template shows beside the summary.
type page struct {
	*summary
	Touched                                 []institution
	WithholdLines, ExemptLines, ReviewLines int64
	MissedCount, RejectCount, QualityCount  int64
	MissedCut                               bool // Missed lists only the first of them
	Nothing, WatchNotes                     []string
	Bars                                    []bar
	BarsHeight                              int
	Drift                                   string
	ChangeNotes                             []string
	ChangePlaces                            []changeRow // the largest
	ChangeRest                              changeRow   // all others, without a label if there are none
}

// bar is one line of the chart: a label with the amount above a bar.
type bar struct {
	Label, Amount string
	Y             int // of the label's baseline, in pixels; the bar lies below
	Width         string
}

const barStep = 46

// writePage writes the report as one HTML page without any outside resource.
func writePage(w io.Writer, s *summary) error {
	t, err := template.New("page").Funcs(template.FuncMap{
		"grouped": grouped, "clauses": clauses, "day": chineseDay, "month": chineseMonth, "stamp": stamp,
		"kind": newLexicon().kind.of, "action": newLexicon().action.of, "share": share, "signedMoney": signedMoney, "totalNote": totalNotes.of,
		"cause": newLexicon().causeText, "monthText": monthText,
	}).Parse(styleText + pageText)
	if err != nil {
		return fail("write page", "page.gohtml", "this is a fault of the program: report it", err)
	}
	p := page{summary: s, Touched: s.touched(), MissedCount: s.missedCount(), RejectCount: sumCounts(s.OpenRejects),
		QualityCount: sumCounts(s.Quality), Nothing: s.nothing(), WatchNotes: s.Watch.notes()}
	p.ChangeNotes = s.Change.notes()
	p.ChangePlaces, p.ChangeRest = largest(s.Change.Places, shownPlaces)
	p.WithholdLines, p.ExemptLines, p.ReviewLines = s.lines()
	p.Bars = bars(s.Rules)
	p.MissedCut = p.MissedCount > int64(len(s.Missed))
	p.BarsHeight = len(p.Bars) * barStep
	if d := s.drift(); d != 0 {
		p.Drift = driftText(d)
	}
	return t.Execute(w, p)
}

// bars draws withheld amounts by rule, the largest as wide as the page.
func bars(rules []ruleTotal) []bar {
	var most cents
	for _, r := range rules {
		most = max(most, r.Withhold)
	}
	var out []bar
	for _, r := range rules {
		if r.Withhold <= 0 {
			continue
		}
		// Whole per mille keep the picture the same on every machine.
		width := max(int64(r.Withhold)*1000/int64(most), 3)
		out = append(out, bar{Label: fmt.Sprintf("%d %s", r.No, r.Title), Amount: r.Withhold.String() + " 元",
			Y: len(out)*barStep + 16, Width: strconv.FormatInt(width/10, 10) + "." + strconv.FormatInt(width%10, 10) + "%"})
	}
	return out
}

// share is part of whole in per cent with two decimals, rounded half away from zero as the workbook shows it, but
// never to the whole: what is left of it was withheld.
func share(part, whole cents) string {
	if whole <= 0 {
		return "—"
	}
	half := int64(whole)
	if part < 0 {
		half = -half
	}
	n := (int64(part)*20000 + half) / (2 * int64(whole))
	if part < whole {
		n = min(n, 9999)
	}
	return hundredths(n).String()
}
