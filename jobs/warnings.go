package jobs

import (
	"slices"
	"time"

	"claimsaudit/configs"
	"claimsaudit/pipeline/register"
)

// The kinds of a warning about a person.
const (
	warnOneStep  = "one_step"  // the next decision may suspend
	warnEndsSoon = "ends_soon" // a suspension ends within the working days of a restoration request
)

// noticeRows are the blocks whose notice was served, with the day until which the registry is to be maintained. Without a
// calendar that day is unknown and the institution not late; nor is it late with a block that its notice did not name,
// because an earlier decision became final after the service.
func (s *runState) noticeRows() (rows [][]any) {
	rules := &s.Config.RulePack.Points
	asOf := register.DayOf(s.req.AsOf)
	for _, f := range s.points {
		for _, b := range f.record.Blocks {
			at := slices.IndexFunc(f.person.Decisions, func(d register.Decision) bool { return d.No == b.RefNo })
			notice := f.person.Decisions[at].NoticeServedOn
			if notice < b.DecidedOn || notice > asOf || f.record.IsListed(b.RefNo, register.ChangedAfterService) {
				continue
			}
			var due any
			isOver := false
			if day, err := s.Config.Operation.Calendar.AddWorkdays(notice.Time(), rules.Deadlines.Registry.Workdays); err == nil {
				due, isOver = int(register.DayOf(day)), register.DayOf(day) < asOf
			}
			rows = append(rows, []any{f.code, b.RefNo, b.Kind, blockSeverity(b), int(b.From), int(b.To), int(notice), due, isOver})
		}
	}
	return rows
}

func blockSeverity(b register.Block) int {
	if b.Kind == configs.Terminate {
		return severityOf(register.StatusTerminated)
	}
	return severityOf(register.StatusSuspended)
}

// warningRows are the persons one step below a suspension, and those whose suspension ends soon.
func (s *runState) warningRows() (rows [][]any) {
	asOf := register.DayOf(s.req.AsOf)
	soon, err := s.Config.Operation.Calendar.AddWorkdays(s.req.AsOf, s.Config.RulePack.Points.Deadlines.RestorationRequest.Workdays)
	if err != nil {
		soon = time.Time{} // the deadlines say what is missing
	}
	for _, f := range s.points {
		if w, ok := warningOf(&s.Config.RulePack.Points, &f.record, asOf, register.DayOf(soon)); ok {
			rows = append(rows, []any{f.code, w.kind, nullDay(w.on), f.record.Total, w.article})
		}
	}
	return rows
}

// warning is what is about to happen to a person; on is 0 without a day.
type warning struct {
	kind    string
	on      register.Day
	article string
}

// warningOf looks at one record; soon is the last day that counts as soon, 0 without a calendar.
func warningOf(rules *configs.Points, r *register.Record, asOf, soon register.Day) (warning, bool) {
	switch r.StatusOn(asOf) {
	case register.StatusNormal, register.StatusExpired:
		return warning{kind: warnOneStep, article: rules.Measures.Article}, isOneStepBelow(rules.Measures.Total, r.Total)
	case register.StatusSuspended:
		to := r.BlockedTo(asOf)
		return warning{warnEndsSoon, to, rules.Deadlines.RestorationRequest.Article}, soon != 0 && to <= soon
	}
	return warning{}, false
}

// isOneStepBelow reports whether so many points are in the last band before those that block.
func isOneStepBelow(measures []configs.Measure, total int) bool {
	at := slices.IndexFunc(measures, configs.Measure.Blocks)
	return at > 0 && measures[at-1].Covers(total)
}
