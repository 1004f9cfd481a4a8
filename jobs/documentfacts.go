package jobs

import (
	"cmp"
	"fmt"
	"slices"

	"claimsaudit/configs"
	"claimsaudit/pipeline/register"
	"claimsaudit/pipeline/report"
)

// facts are what a paper says. The record is computed as of the day of the decision, which what is proposed counts in:
// a paper written again next month says the same.
func (w *documentWriter) facts(p paper) (report.PointsFacts, error) {
	rules := &w.Config.RulePack.Points
	rec := register.Compute(rules, p.asDecided(), p.day)
	settings := w.Config.Operation.Documents
	person := w.persons[p.file.code]
	f := report.PointsFacts{
		IsDecision: p.final, Number: settings.Number(p.final, p.day.Time().Year(), p.decisions[0].No), PolicyNo: w.Config.RulePack.Source,
		Office: report.Office{Issuer: cmp.Or(settings.Issuer, w.Config.Settings.CentreName), Seal: settings.Seal, Contact: settings.Contact,
			Phone: settings.Phone, Address: settings.Address},
		Name: person.name, Code: p.file.code, DecidedOn: p.day.Time(), Case: w.req.Case,
		Articles: report.PointsArticles{Decision: rules.Deadlines.Notice.Article, Measures: rules.Measures.Article, Repair: rules.Repair.Article},
		Appeal:   report.Limit{Workdays: rules.Deadlines.Appeal.Workdays, Article: rules.Deadlines.Appeal.Article},
		Registry: report.Limit{Workdays: rules.Deadlines.Registry.Workdays, Article: rules.Deadlines.Registry.Article},
		Restoration: report.Limit{Workdays: rules.Deadlines.RestorationRequest.Workdays,
			Article: rules.Deadlines.RestorationRequest.Article},
	}
	if err := p.check(rec); err != nil {
		return f, err
	}
	for _, d := range p.decisions {
		at := person.institutions
		if named := w.details[d.No].institution; named != "" {
			at = []string{named}
		}
		f.Decisions = append(f.Decisions, w.item(d, rec, at))
		for _, code := range at {
			if x := w.institution(code); !slices.Contains(f.Institutions, x) {
				f.Institutions = append(f.Institutions, x)
			}
		}
	}
	w.addOutcome(&f, p, rec)
	w.addLater(&f, p)
	w.addServing(&f, p)
	return f, nil
}

// asDecided is the person's file with what the paper proposes taken as decided.
func (p paper) asDecided() register.Person {
	person := p.file.person
	person.Decisions = slices.Clone(person.Decisions)
	for i, d := range person.Decisions {
		if slices.ContainsFunc(p.decisions, func(x register.Decision) bool { return x.No == d.No }) {
			person.Decisions[i].State = "final"
		}
	}
	return person
}

// check refuses a paper about decisions that have no effect.
func (p paper) check(rec register.Record) error {
	for _, d := range p.decisions {
		for _, m := range rec.Matters {
			if m.Feed == "points_decision" && m.RefNo == d.No && !m.Reason.HasEffect() {
				return documentError(d.No, fmt.Errorf("it has no effect: %s", m.Reason.Chinese()), "correct the decision and deliver it again")
			}
		}
	}
	return nil
}

func (w *documentWriter) institution(code string) report.PointsInstitution {
	return report.PointsInstitution{Code: code, Name: w.institutions[code]}
}

// item says where it happened only if that is certain: of several institutions nobody named it is for a person to say.
func (w *documentWriter) item(d register.Decision, rec register.Record, at []string) report.PointsItem {
	detail := w.details[d.No]
	x := report.PointsItem{No: d.No, Article: d.Article, Item: d.Item, Points: d.Points, InspectionNo: d.InspectionNo, ActNo: d.ActNo,
		Responsibility: detail.responsibility, Adjustment: detail.adjustment}
	if len(at) == 1 {
		x.Institution = w.institution(at[0])
	}
	for _, o := range rec.Once {
		if o.RefNo == d.No {
			x.CountedWith, x.CountedArticle = o.With, o.Article
		}
	}
	return x
}

// addOutcome takes total, measure and block from the events of the day.
func (w *documentWriter) addOutcome(f *report.PointsFacts, p paper, rec register.Record) {
	f.Before, f.After = rec.Total, rec.Total
	first := true
	for _, e := range rec.Events {
		if e.On != p.day || e.Kind != register.EventPoints {
			continue
		}
		if first {
			f.Before, first = e.TotalAfter-e.Points, false
		}
		f.After, f.Measure, f.Months = e.TotalAfter, e.Measure, e.Months
		if e.BlockFrom != 0 {
			f.From, f.To = e.BlockFrom.Time(), e.BlockTo.Time()
			f.IsMerged = slices.ContainsFunc(rec.Blocks, func(b register.Block) bool {
				return b.RefNo != e.RefNo && b.From < e.BlockTo && e.BlockFrom < b.To && b.To == e.BlockTo
			})
			f.Restoration.On = w.workday(e.BlockTo, -f.Restoration.Workdays)
		}
	}
	rules := &w.Config.RulePack.Points
	f.NewCommitment = slices.Contains(rules.Restoration.NewCommitment, f.Measure)
	f.NoStudy = f.Measure == configs.Terminate && slices.Contains(rules.Repair.NotAfter, "study")
}

// addLater finds the heavier block that a proposed decision brings about together with final ones dated after it: the
// person must hear of it before the decision is taken. The as-of day itself is not said, so that tomorrow's paper is the same.
func (w *documentWriter) addLater(f *report.PointsFacts, p paper) {
	if p.final {
		return
	}
	rec := register.Compute(&w.Config.RulePack.Points, p.asDecided(), w.asOf)
	most := configs.Measure{Kind: f.Measure, Months: f.Months}
	var since []string
	for _, e := range rec.Events {
		if e.Kind != register.EventPoints || e.On <= p.day {
			continue
		}
		since = append(since, e.RefNo)
		if m := (configs.Measure{Kind: e.Measure, Months: e.Months}); m.Blocks() && m.MoreSevere(most) {
			most = m
			f.Later = &report.LaterMeasure{Decisions: slices.Clone(since), On: e.On.Time(), Total: e.TotalAfter, Measure: e.Measure, Months: e.Months,
				From: e.BlockFrom.Time(), To: e.BlockTo.Time(), TotalNow: rec.Total}
		}
	}
}

// addServing tells the serving of this paper from that of the notice of intention: what was served before the decision
// was the latter. Of several dates the latest counts.
func (w *documentWriter) addServing(f *report.PointsFacts, p paper) {
	var served, told, appealed register.Day
	for _, d := range p.decisions {
		switch {
		case d.NoticeServedOn == 0 || d.NoticeServedOn > w.asOf:
		case p.final && d.NoticeServedOn < d.DecidedOn:
			told = max(told, d.NoticeServedOn)
		default:
			served = max(served, d.NoticeServedOn)
		}
		if d.AppealedOn <= w.asOf {
			appealed = max(appealed, d.AppealedOn)
		}
	}
	f.ServedOn, f.ToldOn, f.AppealedOn = timeOf(served), timeOf(told), timeOf(appealed)
	if served != 0 {
		f.Appeal.On, f.Registry.On = w.workday(served, f.Appeal.Workdays), w.workday(served, f.Registry.Workdays)
	}
}
