package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"claimsaudit/configs"
	"claimsaudit/pipeline"
	"claimsaudit/pipeline/decode"
	"claimsaudit/pipeline/register"
	"claimsaudit/pipeline/report"
	"claimsaudit/pipeline/warehouse"
)

// simulatedNo names the decisions that are tried; the number decides their order among those of a day.
const simulatedNo = "SIM-"

// Simulate says what decisions would cause, before they are taken. It writes nothing: the record is computed twice, and
// the models judge the lines concerned in memory.
func (r *Runner) Simulate(ctx context.Context, req SimulateRequest) (*Simulation, error) {
	rules := &r.Config.RulePack.Points
	if err := checkAdditions(rules, req.Add); err != nil {
		return nil, err
	}
	if _, err := os.Stat(r.WarehousePath()); errors.Is(err, os.ErrNotExist) {
		return nil, nothingRun("simulate", r.WarehousePath())
	}
	box, err := warehouse.OpenSandbox(ctx, r.warehouseOptions(""), r.WarehousePath())
	if err != nil {
		return nil, err
	}
	s := &simulator{Runner: r, box: box, req: req, code: decode.PractitionerCode(req.Code), rules: rules}
	err = s.run(ctx)
	return s.out, errors.Join(err, box.Close())
}

// simulator tries decisions on one person.
type simulator struct {
	*Runner
	box           *warehouse.Sandbox
	req           SimulateRequest
	code          string
	rules         *configs.Points
	asOf, lastDay register.Day
	before, after pointsFile
	fresh         []register.Span // days of which the after record says more than the before record
	closedTo      string          // the last month a statement closed
	out           *Simulation
}

// checkAdditions refuses what a delivery would reject, in the same words for article and points.
func checkAdditions(rules *configs.Points, all []Addition) error {
	wrong := func(where, hint, format string, args ...any) error {
		return &pipeline.Error{Kind: pipeline.KindUsage, Op: "read decision", Where: where, Hint: hint, Err: fmt.Errorf(format, args...)}
	}
	if len(all) == 0 {
		return wrong("", "for example --add 30/30-1:5@2025-06-01", "no decision is given")
	}
	for _, x := range all {
		where := fmt.Sprintf("%s:%d@%s", x.Article, x.Points, x.DecidedOn.Format(time.DateOnly))
		at := slices.IndexFunc(rules.Bands, func(b configs.PointsBand) bool { return b.Article == x.Article })
		if at < 0 {
			var known []string
			for _, b := range rules.Bands {
				known = append(known, fmt.Sprintf("%s (%d to %d points)", b.Article, b.From, b.To))
			}
			return wrong(where, "points are given under article "+strings.Join(known, ", "), "the rule pack has no article %s", x.Article)
		}
		if b := rules.Bands[at]; x.Points < b.From || x.Points > b.To {
			return wrong(where, "another number, or another article, is meant", "article %s gives %d to %d points", b.Article, b.From, b.To)
		}
		if x.Item == "" {
			return wrong(where, "name it as it will be delivered, for example 30/30-1", "the item is missing")
		}
		if from := rules.EffectiveFrom; !from.IsZero() && x.DecidedOn.Before(from) {
			return wrong(where, "see effective_from of the rule pack's points", "decisions count from %s on", from.Format(time.DateOnly))
		}
		if to := rules.EffectiveTo; !to.IsZero() && x.DecidedOn.After(to) {
			return wrong(where, "see effective_to of the rule pack's points", "decisions count until %s", to.Format(time.DateOnly))
		}
	}
	return nil
}

func (s *simulator) run(ctx context.Context) error {
	if err := s.fillPerson(ctx); err != nil {
		return fmt.Errorf("read practitioner: %w", err)
	}
	s.compute()
	s.compareBlocks()
	s.addDeadlines()
	if len(s.fresh) == 0 {
		return s.box.Release(ctx)
	}
	if err := s.judge(ctx); err != nil {
		return fmt.Errorf("judge the claims concerned: %w", err)
	}
	return nil
}

// fillPerson takes over what the record is computed from.
func (s *simulator) fillPerson(ctx context.Context) error {
	s.out = &Simulation{Code: s.code, RulePack: s.Config.RulePack.Name, Claims: []AffectedClaims{}, Lines: []AffectedLine{}, Shares: []AffectedShare{},
		Deadlines: []SimulatedDue{}, NewlyBlocked: []SimulatedDays{}, NotBlocked: []SimulatedDays{}, Notes: []string{}}
	for _, table := range []string{"points_decision", "repair", "restoration"} {
		if err := s.box.Fill(ctx, "staging."+table, "SELECT * FROM delivered.staging."+table+" WHERE prac_psn_code = ?", s.code); err != nil {
			return err
		}
	}
	if err := s.box.Fill(ctx, "staging.final_decision", `SELECT * FROM delivered.staging.final_decision
WHERE decision_no IN (SELECT decision_no FROM staging.points_decision)`); err != nil {
		return err
	}
	if err := s.box.Fill(ctx, "staging.decision_person", `SELECT * FROM delivered.staging.decision_person
WHERE decision_no IN (SELECT decision_no FROM staging.points_decision)`); err != nil {
		return err
	}
	for _, table := range []string{"run", "rule", "role", "emergency_test", "share"} {
		if err := s.box.Fill(ctx, "ref."+table, "SELECT * FROM delivered.ref."+table); err != nil {
			return err
		}
	}
	var err error
	if s.lastDay, _, err = judgedAsOf(ctx, s.box.DB); err != nil {
		return err
	}
	if err := s.box.Row(ctx, `SELECT (SELECT coalesce(max(issued_in), '') FROM delivered.audit.statement),
  (SELECT count(*) > 0 FROM delivered.staging.practitioner_status WHERE prac_psn_code = $1)`, []any{&s.closedTo, &s.out.IsRegistered}, s.code); err != nil {
		return err
	}
	if s.out.Unjudged, err = unjudgedFiles(ctx, s.box.DB, "delivered."); err != nil {
		return err
	}
	if s.out.Unjudged > 0 {
		s.note("files taken in and not judged yet: %d, the run stopped at a gate or failed. This simulation knows them, the verdicts of now and "+
			"the published tables do not; `claimsaudit run nightly` judges them", s.out.Unjudged)
	}
	files, err := readPoints(ctx, s.box.DB)
	if err != nil {
		return err
	}
	s.before.code = s.code
	if len(files) > 0 {
		s.before, s.out.HasRecord = files[0], true
	}
	if err := s.noteUnknown(ctx); err != nil {
		return err
	}
	return s.chooseDay()
}

// noteUnknown: points can be given to whom no institution has registered, but a mistyped code looks the same.
func (s *simulator) noteUnknown(ctx context.Context) error {
	if s.out.IsRegistered {
		return nil
	}
	likely := ""
	if !s.out.HasRecord {
		var err error
		if likely, err = likelyCodes(ctx, s.box.DB, "delivered.", s.code); err != nil {
			return err
		}
	}
	s.note("%s", strings.TrimSpace("the registry does not know "+s.code+": rule 405 asks for review of its lines until an institution registers it. "+likely))
	return nil
}

// chooseDay sets the day as of which both records are computed: one on which every decision tried is known.
func (s *simulator) chooseDay() error {
	s.asOf = s.lastDay
	for _, x := range s.req.Add {
		day := register.DayOf(x.DecidedOn)
		if !s.req.AsOf.IsZero() && day > register.DayOf(s.req.AsOf) {
			return &pipeline.Error{Kind: pipeline.KindUsage, Op: "read decision", Where: day.String(),
				Err:  fmt.Errorf("it is after the as-of day %s, on which it would not be known", s.req.AsOf.Format(time.DateOnly)),
				Hint: "give a later --as-of, or leave it out"}
		}
		s.asOf = max(s.asOf, day)
	}
	if !s.req.AsOf.IsZero() {
		s.asOf = register.DayOf(s.req.AsOf)
	}
	s.out.AsOf, s.out.ClaimsAsOf = dayText(s.asOf), dayText(s.lastDay)
	return nil
}

// compute fills both records.
func (s *simulator) compute() {
	s.after = s.before
	s.after.person.Decisions = slices.Clone(s.before.person.Decisions)
	for i, x := range s.req.Add {
		s.after.person.Decisions = append(s.after.person.Decisions, register.Decision{No: fmt.Sprintf("%s%02d", simulatedNo, i+1), DecidedOn: register.DayOf(x.DecidedOn),
			Article: x.Article, Item: x.Item, Points: x.Points, State: "final", EffectiveOn: register.DayOf(x.EffectiveOn), InspectionNo: x.InspectionNo, ActNo: x.ActNo,
			FileNo: math.MaxInt32, FinalSince: math.MaxInt32}) // of the newest file, as it would come
	}
	s.out.Before, s.out.After = s.stateOf(&s.before), s.stateOf(&s.after)
	for i, x := range s.req.Add {
		d := s.after.person.Decisions[len(s.before.person.Decisions)+i]
		one := SimulatedOne{No: d.No, Article: d.Article, Item: report.Text(d.Item), Points: d.Points, DecidedOn: dayText(d.DecidedOn), EffectiveOn: dayText(d.EffectiveOn),
			ActNo: report.Text(x.ActNo), InspectionNo: report.Text(x.InspectionNo)}
		if at := slices.IndexFunc(s.after.record.Once, func(o register.Once) bool { return o.RefNo == d.No }); at >= 0 {
			once := s.after.record.Once[at]
			one.CountedWith = report.Text(once.With)
			s.note("%s adds nothing: it counts once with %s (Art. %s)", d.No, once.With, once.Article)
		}
		if d.EffectiveOn != 0 && d.EffectiveOn < d.DecidedOn {
			s.note("%s takes effect on %s, before it is decided on %s: a delivered one is followed and listed in mart.points_matter", d.No, d.EffectiveOn, d.DecidedOn)
		}
		s.out.Decisions = append(s.out.Decisions, one)
	}
}

func (s *simulator) note(format string, args ...any) {
	s.out.Notes = append(s.out.Notes, fmt.Sprintf(format, args...))
}

// stateOf computes a record and shows it.
func (s *simulator) stateOf(f *pointsFile) RecordState {
	f.record = register.Compute(s.rules, f.person, s.asOf)
	rec := &f.record
	p := personReader{Runner: s.Runner, points: *f, asOf: s.asOf}
	state := RecordState{TotalPoints: rec.Total, Status: rec.StatusOn(s.asOf), BlockedTo: dayText(rec.BlockedTo(s.asOf)), ClearsOn: dayText(clearsOn(s.rules, f.person, s.asOf)),
		Events: eventRows(rec), Blocks: p.blockRows(), Matters: matterRows(s.rules, f)}
	for _, e := range state.Events {
		if e.Kind == register.EventPoints && e.Measure != "" {
			state.Measure = e.MeasureTitle
		}
	}
	return state
}

// clearYears is how far a clearing is looked for; a block outlasts no more.
const clearYears = 12

// clearsOn is the day on which the total becomes zero if nothing is decided or repaired after the day; 0 for no total.
func clearsOn(rules *configs.Points, p register.Person, asOf register.Day) register.Day {
	known := register.Person{Decisions: slices.DeleteFunc(slices.Clone(p.Decisions), func(d register.Decision) bool { return d.DecidedOn > asOf }),
		Repairs: slices.DeleteFunc(slices.Clone(p.Repairs), func(r register.Repair) bool { return r.DoneOn > asOf })}
	future := register.Compute(rules, known, register.DayOf(asOf.Time().AddDate(clearYears, 0, 0)))
	for _, e := range future.Events {
		if e.Kind == register.EventClear && e.On > asOf {
			return e.On
		}
	}
	return 0
}

// compareBlocks finds the days of which the after record says more than the before record, and those it blocks no longer.
func (s *simulator) compareBlocks() {
	before, after := s.before.record.Spans, s.after.record.Spans
	var borders []register.Day
	for _, x := range slices.Concat(before, after) {
		borders = append(borders, x.From, min(x.To, openDay))
	}
	slices.Sort(borders)
	borders = slices.Compact(borders)
	isBlocked := func(status string) bool { return severityOf(status) >= severityOf(register.StatusSuspended) }
	for i := 0; i+1 < len(borders); i++ {
		was, is := statusAt(before, borders[i]), statusAt(after, borders[i])
		days := SimulatedDays{dayText(borders[i]), dayText(borders[i+1]), is}
		switch {
		case isBlocked(is) && !isBlocked(was):
			s.out.NewlyBlocked = joinDays(s.out.NewlyBlocked, days)
			s.fresh = append(s.fresh, register.Span{From: borders[i], To: borders[i+1], Status: is})
		case isBlocked(was) && !isBlocked(is):
			days.Status = was
			s.out.NotBlocked = joinDays(s.out.NotBlocked, days)
		case is == register.StatusExpired && was == register.StatusNormal:
			s.fresh = append(s.fresh, register.Span{From: borders[i], To: borders[i+1], Status: is})
		}
	}
	if len(s.out.NotBlocked) > 0 {
		s.note("some days would be blocked no longer: a decision counted once with a tried one caused a block (Art. %s)", s.rules.CountedOnce.Article)
	}
}

func joinDays(all []SimulatedDays, x SimulatedDays) []SimulatedDays {
	if last := len(all) - 1; last >= 0 && all[last].To == x.From && all[last].Status == x.Status {
		all[last].To = x.To
		return all
	}
	return append(all, x)
}

// addDeadlines lists what would start: those of the after record that the before record lacks, and those that follow a
// notice served on its last day.
func (s *simulator) addDeadlines() {
	workdays := s.Config.Operation.Calendar.AddWorkdays
	had := map[register.Deadline]bool{}
	for _, d := range register.Deadlines(s.rules, s.before.person, s.before.record, workdays, nil) {
		d.Err, d.Overdue = nil, false
		had[d] = true
	}
	add := func(kind, title, article, refNo, note string, due time.Time, err error) {
		x := SimulatedDue{Kind: kind, Title: title, Article: article, RefNo: refNo, Note: report.Text(note)}
		if err != nil {
			x.Note = report.Text(calendarProblem(err))
		} else {
			x.Due = dayText(register.DayOf(due))
		}
		s.out.Deadlines = append(s.out.Deadlines, x)
	}
	rules := &s.rules.Deadlines
	for _, d := range s.after.person.Decisions[len(s.before.person.Decisions):] {
		due, err := workdays(d.DecidedOn.Time(), -rules.Appeal.Workdays-1)
		add("appeal", "拟处理告知书最迟送达", rules.Appeal.Article, d.No, fmt.Sprintf("申诉期 %d 个工作日须在作出决定前届满", rules.Appeal.Workdays), due, err)
	}
	for _, d := range register.Deadlines(s.rules, s.after.person, s.after.record, workdays, nil) {
		key := d
		key.Err, key.Overdue = nil, false
		if !had[key] {
			add(d.Kind, report.DeadlineTitle(d.Kind), d.Article, d.RefNo, "", d.Due.Time(), d.Err)
		}
	}
	for _, b := range s.after.record.Blocks {
		if slices.ContainsFunc(s.before.record.Blocks, func(x register.Block) bool { return x == b }) {
			continue
		}
		add(dueBlockStart, report.DeadlineTitle(dueBlockStart), s.rules.Measures.Article, b.RefNo, "", b.From.Time(), nil)
		if !strings.HasPrefix(b.RefNo, simulatedNo) {
			continue
		}
		due, err := workdays(b.DecidedOn.Time(), rules.Notice.Workdays)
		if err == nil {
			due, err = workdays(due, rules.Registry.Workdays)
		}
		add(register.DueRegistry, report.DeadlineTitle(register.DueRegistry), rules.Registry.Article, b.RefNo,
			fmt.Sprintf("处理通知书送达后 %d 个工作日；按最迟送达日计", rules.Registry.Workdays), due, err)
	}
	slices.SortStableFunc(s.out.Deadlines, func(a, b SimulatedDue) int {
		if (a.Due == "") != (b.Due == "") {
			return cmp.Compare(b.Due, a.Due)
		}
		return cmp.Compare(a.Due, b.Due)
	})
}
