package main

import (
	"fmt"
	"io"
	"strconv"

	"claimsaudit/jobs"
	"claimsaudit/pipeline/report"
)

// writeSimulationText writes what decisions would cause for the terminal.
func writeSimulationText(w io.Writer, s *jobs.Simulation) error {
	p := &textPage{}
	writeTried(p, s)
	writeRecords(p, s)
	writeDue(p, s)
	writeAffected(p, s)
	writeShares(p, s)
	return p.writeTo(w)
}

func writeTried(p *textPage, s *jobs.Simulation) {
	p.section("simulation for practitioner " + s.Code + ": nothing is written")
	p.field("as of", string(s.AsOf))
	p.field("claims as of", string(s.ClaimsAsOf)+" (the last run)")
	p.field("rules", s.RulePack)
	for _, x := range s.Notes {
		p.field("note", x)
	}
	p.section("decisions tried")
	var rows [][]string
	for _, x := range s.Decisions {
		counts := "counts"
		if x.CountedWith != "" {
			counts = "counted once with " + string(x.CountedWith)
		}
		article := x.Article
		if x.Item != "" {
			article += "/" + string(x.Item)
		}
		rows = append(rows, []string{x.No, string(x.DecidedOn), article, strconv.Itoa(x.Points), string(x.EffectiveOn), string(x.ActNo), string(x.InspectionNo), counts})
	}
	p.table([]string{"no", "decided", "article", "#points", "effective", "act", "inspection", ""}, rows)
}

func writeRecords(p *textPage, s *jobs.Simulation) {
	p.section("record before and after")
	block := func(r *jobs.RecordState) string {
		text := ""
		for i, b := range r.Blocks {
			if i > 0 {
				text += "; "
			}
			text += b.Title + ", " + stretch(b.From, b.To) + ", " + b.State
		}
		return text
	}
	b, a := &s.Before, &s.After
	p.table([]string{"", "before", "after"}, [][]string{
		{"total", strconv.Itoa(b.TotalPoints), strconv.Itoa(a.TotalPoints)},
		{"last measure", orDash(b.Measure), orDash(a.Measure)},
		{"derived status", b.Status, a.Status},
		{"blocked to", orDash(b.BlockedTo), orDash(a.BlockedTo)},
		{"total cleared on", orDash(b.ClearsOn), orDash(a.ClearsOn)},
		{"blocks", orDash(block(b)), orDash(block(a))},
	})
	p.section("events after")
	had := map[report.PersonEvent]int{}
	for _, e := range b.Events {
		had[e]++
	}
	var rows [][]string
	row := func(mark string, e report.PersonEvent) {
		days := ""
		if e.BlockTo != "" {
			days = stretch(e.BlockFrom, e.BlockTo)
		}
		rows = append(rows, []string{mark, string(e.On), e.Kind, string(e.RefNo), signed(e.Points), strconv.Itoa(e.TotalAfter), string(e.MeasureTitle), days, articleOf(e.Article)})
	}
	for _, e := range a.Events {
		mark := "new"
		if had[e] > 0 {
			had[e]--
			mark = ""
		}
		row(mark, e)
	}
	for _, e := range b.Events {
		if had[e] > 0 { // it would not happen, or come to another total
			had[e]--
			row("gone", e)
		}
	}
	p.table([]string{"", "day", "event", "of", "#points", "#total", "measure", "block", "article"}, rows)
	p.section("newly blocked days")
	for _, x := range s.NewlyBlocked {
		p.field(x.Status, stretch(x.From, x.To))
	}
	if len(s.NewlyBlocked) == 0 {
		p.note("none")
	}
	for _, x := range s.NotBlocked {
		p.field("no longer "+x.Status, stretch(x.From, x.To))
	}
}

func writeDue(p *textPage, s *jobs.Simulation) {
	p.section("deadlines that would start")
	var rows [][]string
	for _, x := range s.Deadlines {
		rows = append(rows, []string{orDash(x.Due), x.Kind, x.Title, x.RefNo, articleOf(x.Article), string(x.Note)})
	}
	p.table([]string{"day", "kind", "title", "of", "article", "note"}, rows)
}

// effectWords are the words for what becomes of a line, with what it is now.
func effectWords(now, effect string) string {
	switch {
	case effect == "none" && now == "pay":
		return "stays paid: released by review"
	case effect == "none":
		return "stays " + now
	case effect == "stands":
		return "stays withheld as issued"
	case now == "pay":
		return effect
	}
	return effect + ", now " + now
}

func writeAffected(p *textPage, s *jobs.Simulation) {
	p.section("claims delivered so far, once the registry shows the block (recover: a statement has closed the month)")
	var rows [][]string
	sums := map[string]jobs.AffectedSum{}
	for _, x := range s.Claims {
		as := ""
		if x.IsPrincipal {
			as = "as principal"
		}
		rows = append(rows, []string{x.Period, x.Institution, string(x.InstitutionName), effectWords(x.Now, x.Effect), strconv.Itoa(x.Rule), as, strconv.Itoa(x.Lines), x.Fund.String(), amount(0, x.Issued)[1]})
		if x.Now == "pay" && x.Effect != "none" {
			sum := sums[x.Effect]
			sums[x.Effect] = jobs.AffectedSum{Lines: sum.Lines + x.Lines, Fund: sum.Fund + x.Fund}
			if x.Effect == "recover" {
				sums[x.Effect] = jobs.AffectedSum{Lines: sum.Lines + x.Lines, Fund: sum.Fund + x.Fund - x.Issued}
			}
		}
	}
	p.table([]string{"month", "institution", "name", "effect", "rule", "", "#lines", "#yuan", "#issued yuan"}, rows)
	for _, effect := range []string{"withhold", "recover", "exempt", "review"} {
		if sum, ok := sums[effect]; ok {
			p.field("paid now, "+effect, fmt.Sprintf("%d lines, %s yuan", sum.Lines, sum.Fund))
		}
	}
	if s.Until.Lines > 0 {
		p.field("until it shows it", fmt.Sprintf("rule 409 asks for review of %d lines, %s yuan", s.Until.Lines, s.Until.Fund))
	}
	if s.LineCount == 0 {
		return
	}
	p.section("lines")
	rows = nil
	for _, x := range s.Lines {
		rows = append(rows, []string{string(x.ServiceDate), x.Institution, x.SetlID, x.LineNo, effectWords(x.Now, x.Effect), strconv.Itoa(x.Rule), x.Fund.String(), string(x.EmergencyTest)})
	}
	p.table([]string{"service day", "institution", "settlement", "line", "effect", "rule", "#yuan", "emergency"}, rows)
	if len(s.Lines) < s.LineCount {
		p.note(fmt.Sprintf("%d of %d lines; --lines 0 prints all", len(s.Lines), s.LineCount))
	}
}

func writeShares(p *textPage, s *jobs.Simulation) {
	if len(s.Shares) == 0 {
		return
	}
	p.section("share of blocked persons at the person's institutions (Art. " + s.Shares[0].Article + ")")
	var rows [][]string
	for _, x := range s.Shares {
		verdict := "below"
		switch {
		case x.FlaggedBefore:
			verdict = "over already"
		case x.FlaggedAfter:
			verdict = "COMES OVER the share"
		}
		rows = append(rows, []string{strconv.Itoa(x.Year), x.Institution, string(x.Name), strconv.Itoa(x.Registered), strconv.Itoa(x.BlockedBefore), strconv.Itoa(x.BlockedAfter), verdict})
	}
	p.table([]string{"year", "institution", "name", "#registered", "#blocked", "#after", ""}, rows)
}
