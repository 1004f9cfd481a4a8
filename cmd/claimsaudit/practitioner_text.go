package main

import (
	"fmt"
	"io"
	"strconv"

	"claimsaudit/pipeline/report"
)

// writePersonText writes a person's file for the terminal.
func writePersonText(w io.Writer, f *report.PersonFile) error {
	p := &textPage{}
	writePersonHead(p, f)
	writeRegistry(p, f)
	writePoints(p, f)
	writeDelivered(p, f)
	writeClaims(p, f)
	writeMatters(p, f)
	return p.writeTo(w)
}

// stretch is a half-open stretch as a reader expects it: the day after the end is named as such.
func stretch(from, to report.Day) string {
	begin, end := string(from), string(to)+" (exclusive)"
	if from == "" {
		begin = "the beginning"
	}
	if to == "" {
		end = "open"
	}
	return begin + " to " + end
}

func orDash[T ~string](text T) string {
	if text == "" {
		return "-"
	}
	return string(text)
}

func writePersonHead(p *textPage, f *report.PersonFile) {
	p.section("practitioner " + f.Code)
	p.field("name", string(f.Name))
	p.field("type", string(f.Type))
	p.field("as of", string(f.AsOf))
	if f.ClaimsAsOf != f.AsOf {
		p.field("claims as of", string(f.ClaimsAsOf)+" (the last run)")
	}
	status := string(f.RegistryStatus)
	if !f.IsRegistered {
		status = "not in any snapshot"
	}
	p.field("registry status", status)
	p.field("derived status", f.DerivedStatus)
	if f.HasRecord {
		p.field("points", strconv.Itoa(f.TotalPoints))
	} else {
		p.field("points", "0, nothing in the points record")
	}
	if f.BlockedTo != "" {
		p.field("blocked to", string(f.BlockedTo)+" (exclusive)")
	}
	p.field("rules", f.RulePack+" "+f.Policy)
	if f.UnjudgedFiles > 0 {
		p.field("not judged yet", fmt.Sprintf("%d of the files taken in, the run stopped at a gate or failed: points record and delivered rows "+
			"below know them, claims and published tables do not; `claimsaudit run nightly` judges them", f.UnjudgedFiles))
	}
	if len(f.Warnings) > 0 {
		p.section("warnings")
		var rows [][]string
		for _, x := range f.Warnings {
			rows = append(rows, []string{x.Kind, x.Title, string(x.Institution), string(x.On), string(x.Note), articleOf(string(x.Article))})
		}
		p.table([]string{"kind", "title", "institution", "on", "note", "article"}, rows)
	}
	p.section("deadlines")
	var rows [][]string
	for _, x := range f.Deadlines {
		rows = append(rows, []string{orDash(x.Due), x.State, x.Kind, x.Title, x.RefNo, articleOf(x.Article), string(x.Note)})
	}
	p.table([]string{"due", "state", "kind", "title", "of", "article", "note"}, rows)
}

func articleOf(article string) string {
	if article == "" {
		return ""
	}
	return "Art. " + article
}

func writeRegistry(p *textPage, f *report.PersonFile) {
	p.section("registrations")
	var rows [][]string
	for _, x := range f.Registrations {
		rows = append(rows, []string{x.Institution, string(x.InstitutionName), stretch(x.From, x.To), string(x.FirstSnapshot), string(x.LastSnapshot), string(x.Commitment)})
	}
	p.table([]string{"institution", "name", "days", "first snapshot", "last snapshot", "commitment"}, rows)
	p.section("registry statuses, with evidence")
	rows = nil
	for _, x := range f.RegistryRows {
		rows = append(rows, []string{string(x.Snapshot), x.Institution, x.Status, string(x.Begin), string(x.End), string(x.Commitment), string(x.RegisteredOn), x.Evidence.String()})
	}
	p.table([]string{"snapshot", "institution", "status", "begin", "end", "commitment", "registered", "from file"}, rows)
	p.section("registry beside points record (days on which both say normal are left out)")
	rows = nil
	for _, x := range f.Comparison {
		mark := ""
		if !x.Agrees {
			mark = "differs"
		}
		if x.Rule != 0 {
			mark += fmt.Sprintf(": rule %d asks for review (Art. 37, 48)", x.Rule)
		}
		rows = append(rows, []string{stretch(x.From, x.To), orDash(x.Registry), x.Derived, mark})
	}
	p.table([]string{"days", "registry", "derived", ""}, rows)
	if len(f.Pharmacies) > 0 {
		p.section("principal of pharmacies (blocked at all of them, Art. 39)")
		rows = nil
		for _, x := range f.Pharmacies {
			rows = append(rows, []string{x.Institution, string(x.InstitutionName), stretch(x.From, x.To), string(x.Agreement)})
		}
		p.table([]string{"pharmacy", "name", "days", "agreement"}, rows)
	}
	if len(f.Aliases) > 0 {
		p.section("aliases")
		rows = nil
		for _, x := range f.Aliases {
			rows = append(rows, []string{x.Code, orDash(x.Institution), string(x.From), string(x.Remark), x.Evidence.String()})
		}
		p.table([]string{"code", "institution", "valid from", "remark", "from file"}, rows)
	}
}

func signed(points int) string {
	if points == 0 {
		return ""
	}
	return fmt.Sprintf("%+d", points)
}

func writePoints(p *textPage, f *report.PersonFile) {
	p.section("points record")
	var rows [][]string
	for _, x := range f.Events {
		days := ""
		if x.BlockTo != "" {
			days = stretch(x.BlockFrom, x.BlockTo)
		}
		rows = append(rows, []string{string(x.On), x.Kind, string(x.RefNo), signed(x.Points), strconv.Itoa(x.TotalAfter), string(x.MeasureTitle), days, articleOf(x.Article)})
	}
	p.table([]string{"day", "event", "of", "#points", "#total", "measure", "block", "article"}, rows)
	p.section("suspensions and terminations")
	rows = nil
	for _, x := range f.Blocks {
		rows = append(rows, []string{x.Title, stretch(x.From, x.To), x.State, x.RefNo, string(x.DecidedOn), string(x.ServedOn), orDash(x.ShownSince), string(x.RestoredOn)})
	}
	p.table([]string{"measure", "days", "state", "of", "decided", "notice served", "registry since", "restored"}, rows)
	if len(f.Matters) > 0 {
		p.section("delivered without effect, or in doubt")
		rows = nil
		for _, x := range f.Matters {
			rows = append(rows, []string{x.Feed, x.RefNo, string(x.On), x.Reason, x.Title, articleOf(string(x.Article))})
		}
		p.table([]string{"feed", "no", "day", "reason", "title", "article"}, rows)
	}
}

func writeDelivered(p *textPage, f *report.PersonFile) {
	if len(f.Decisions) > 0 {
		p.section("decisions as delivered")
		var rows [][]string
		for _, x := range f.Decisions {
			rows = append(rows, []string{x.No, string(x.DecidedOn), x.Article + "/" + string(x.Item), strconv.Itoa(x.Points), x.State, string(x.EffectiveOn),
				string(x.InspectionNo), string(x.ActNo), string(x.Responsibility), string(x.Adjustment), string(x.Institution), string(x.ServedOn),
				string(x.AppealedOn), x.Evidence.String()})
		}
		p.table([]string{"no", "decided", "article", "#points", "state", "effective", "inspection", "act", "responsibility", "adjustment", "institution",
			"served", "appealed", "from file"}, rows)
	}
	if len(f.Repairs) > 0 {
		p.section("repairs as delivered")
		var rows [][]string
		for _, x := range f.Repairs {
			rows = append(rows, []string{x.No, x.Kind, string(x.DoneOn), orNothing(x.PointsOff), orNothing(x.MonthsOff), orNothing(x.WorkingDays), x.Evidence.String()})
		}
		p.table([]string{"no", "kind", "done", "#points off", "#months off", "#working days", "from file"}, rows)
	}
	if len(f.Restorations) > 0 {
		p.section("restorations as delivered")
		var rows [][]string
		for _, x := range f.Restorations {
			commitment := ""
			if x.NewCommitment {
				commitment = "new"
			}
			rows = append(rows, []string{x.No, string(x.AppliedOn), string(x.DecidedOn), orDash(x.Approved), string(x.EffectiveOn), commitment, x.Evidence.String()})
		}
		p.table([]string{"no", "applied", "decided", "approved", "effective", "commitment", "from file"}, rows)
	}
}

func orNothing(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// amount is a number of lines with its yuan; nothing for none.
func amount(lines int, yuan report.Money) []string {
	if lines == 0 && yuan == 0 {
		return []string{"", ""}
	}
	return []string{strconv.Itoa(lines), yuan.String()}
}

func writeClaims(p *textPage, f *report.PersonFile) {
	p.section("claims on which a rule names the person, by month and institution (lines, yuan)")
	var rows [][]string
	for _, x := range f.ClaimTotals {
		row := []string{x.Period, x.Institution, string(x.InstitutionName)}
		row = append(row, amount(x.WithholdLines, x.Withhold)...)
		row = append(row, amount(x.ExemptLines, x.Exempt)...)
		row = append(row, amount(x.ReviewLines, x.Review)...)
		row = append(row, orNothing(x.ReleasedLines))
		row = append(row, amount(0, x.Recovered)[1], amount(0, x.Released)[1])
		rows = append(rows, row)
	}
	p.table([]string{"month", "institution", "name", "#withhold", "#yuan", "#exempt", "#yuan", "#review", "#yuan", "#paid after review", "#recovered yuan", "#released yuan"}, rows)
	if f.LineCount == 0 {
		return
	}
	p.section("lines")
	rows = nil
	for _, x := range f.Lines {
		fund := ""
		if x.Fund != nil {
			fund = x.Fund.String()
		}
		rule := ""
		if x.Rule != 0 {
			rule = strconv.Itoa(int(x.Rule)) + " " + x.RuleTitle
		}
		rows = append(rows, []string{string(x.ServiceDate), x.Institution, x.SetlID, x.LineNo, x.Verdict, fund, rule, articleOf(x.Article), string(x.EmergencyTest),
			string(x.ReviewNo), amount(0, x.Issued)[1], x.OwnRules})
	}
	p.table([]string{"service day", "institution", "settlement", "line", "verdict", "#fund yuan", "rule", "article", "emergency", "review", "#issued yuan", "rules that name the person"}, rows)
	if len(f.Lines) < f.LineCount {
		p.note(fmt.Sprintf("%d of %d lines; all of them: --lines 0, or", len(f.Lines), f.LineCount))
		p.note(f.LineQuery)
	}
}

func writeMatters(p *textPage, f *report.PersonFile) {
	if len(f.NotMaintained) == 0 {
		return
	}
	p.section("registry not maintained within the working days of Art. 37, as of " + string(f.ClaimsAsOf) + " (Art. 48: the institution bears what was paid)")
	var rows [][]string
	for _, x := range f.NotMaintained {
		rows = append(rows, []string{x.Institution, x.RefNo, string(x.Due), orDash(x.MaintainedOn), strconv.Itoa(x.Lines), x.Fund.String(),
			strconv.Itoa(x.LateLines), x.LateFund.String()})
	}
	p.table([]string{"institution", "of", "due", "maintained", "#lines", "#yuan", "#late lines", "#late yuan"}, rows)
}
