package jobs

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"claimsaudit/configs"
	"claimsaudit/pipeline"
	"claimsaudit/pipeline/register"
	"claimsaudit/pipeline/report"
	"claimsaudit/pipeline/warehouse"
)

// openEnd is the day number that stands for no end in the models, its negative for no beginning.
const openEnd = 2932896

// monthRecord collects what the authorities get of a month: decisions and what followed, names in full.
type monthRecord struct {
	db     *warehouse.DB
	rules  *configs.Points
	files  []pointsFile
	first  register.Day // 1 January
	month  register.Day // its first day
	until  register.Day // the last day shown
	out    report.PointsMonth
	extras map[string]decisionExtra // by decision_no
	late   map[string]bool          // decision_no: first called final after the last statement before the month
}

// decisionExtra is what the register does not need of a decision.
type decisionExtra struct{ place, responsibility, adjustment string }

// pointsMonth is the points record of a month as known on the as-of day: statuses are those of the month's last day, or of
// the as-of day before it.
func pointsMonth(ctx context.Context, db *warehouse.DB, rules *configs.Points, files []pointsFile, period pipeline.Period, asOf time.Time) (report.PointsMonth, error) {
	until := period.Last()
	if asOf.Before(until) {
		until = asOf
	}
	m := &monthRecord{db: db, rules: rules, files: files, month: register.DayOf(period.First()), until: register.DayOf(until),
		first: register.DayOf(time.Date(period.Year, time.January, 1, 0, 0, 0, 0, time.UTC)),
		out:   report.PointsMonth{Until: until}, extras: map[string]decisionExtra{}, late: map[string]bool{}}
	for _, b := range rules.Bands {
		m.out.Bands = append(m.out.Bands, report.PointsBand{Article: b.Article, From: b.From, To: b.To})
	}
	for _, step := range []func(context.Context) error{m.readExtras, func(ctx context.Context) error { return m.readLate(ctx, period) }, m.readPersons, m.readPlaces, m.readShares} {
		if err := step(ctx); err != nil {
			return m.out, fmt.Errorf("collect points of %s: %w", period, err)
		}
	}
	registry, err := m.registryBlocks(ctx)
	if err != nil {
		return m.out, fmt.Errorf("collect points of %s: %w", period, err)
	}
	m.walk(registry)
	return m.out, nil
}

// walk goes through everyone's record of the last day.
func (m *monthRecord) walk(registry map[string]registryBlock) {
	for i := range m.files {
		f := pointsFile{code: m.files[i].code, person: m.files[i].person}
		f.record = register.Compute(m.rules, f.person, m.until)
		m.addEvents(&f)
		m.addCountedOnce(&f)
		m.addRefused(&f)
		for _, d := range f.person.Decisions {
			if d.State == "revoked" && d.WasFinal && m.inYear(d.DecidedOn) {
				m.out.Revoked = append(m.out.Revoked, d.DecidedOn.Time())
			}
		}
		if m.addRestriction(&f, registry[f.code]) {
			delete(registry, f.code)
		}
	}
	for code, b := range registry {
		if b.severity >= severityOf(register.StatusSuspended) {
			m.out.Restricted = append(m.out.Restricted, report.PointsRestriction{Code: code, Status: register.StatusNormal, From: firstDay(b.from),
				To: lastDay(b.to), RegistryStatus: b.status(), Total: m.totalOf(code)})
		}
	}
	for _, list := range [][]report.PointsDecision{m.out.Decisions, m.out.Late} {
		slices.SortFunc(list, func(a, b report.PointsDecision) int {
			return cmp.Or(a.On.Compare(b.On), cmp.Compare(a.Code, b.Code), cmp.Compare(a.No, b.No))
		})
	}
	slices.SortFunc(m.out.Restricted, func(a, b report.PointsRestriction) int { return cmp.Compare(a.Code, b.Code) })
	slices.SortFunc(m.out.Remedies, func(a, b report.PointsRemedy) int {
		return cmp.Or(a.On.Compare(b.On), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.No, b.No))
	})
	slices.SortFunc(m.out.Revoked, time.Time.Compare)
}

func (m *monthRecord) inYear(day register.Day) bool { return day >= m.first && day <= m.until }

// totalOf is the total of somebody the registry alone has as blocked.
func (m *monthRecord) totalOf(code string) int {
	at, found := slices.BinarySearchFunc(m.files, code, func(f pointsFile, code string) int { return cmp.Compare(f.code, code) })
	if !found {
		return 0
	}
	record := register.Compute(m.rules, m.files[at].person, m.until)
	return record.Total
}

func (m *monthRecord) addEvents(f *pointsFile) {
	for _, e := range f.record.Events {
		if e.Kind == register.EventPoints {
			d := m.decision(f, e.RefNo)
			d.Points, d.Total, d.Measure, d.Months = e.Points, e.TotalAfter, e.Measure, e.Months
			if e.BlockFrom != 0 {
				d.From, d.To = e.BlockFrom.Time(), lastDay(e.BlockTo)
			}
			m.addDecision(d)
			continue
		}
		if !m.inYear(e.On) {
			continue
		}
		switch e.Kind {
		case register.EventRepair:
			at := slices.IndexFunc(f.person.Repairs, func(r register.Repair) bool { return r.No == e.RefNo })
			r := report.PointsRemedy{Kind: f.person.Repairs[at].Kind, No: e.RefNo, Code: f.code, On: e.On.Time(), Off: -e.Points, Total: e.TotalAfter, Article: e.Article}
			if e.BlockTo != 0 {
				r.To = lastDay(e.BlockTo)
			}
			m.out.Remedies = append(m.out.Remedies, r)
		case register.EventRestore:
			m.out.Remedies = append(m.out.Remedies, report.PointsRemedy{Kind: "restore", No: e.RefNo, Code: f.code, On: e.On.Time(), Total: e.TotalAfter, Article: e.Article})
		}
	}
}

// addDecision lists a decision in its year, and in the month also if an earlier month's papers could not have it.
func (m *monthRecord) addDecision(d report.PointsDecision) {
	day := register.DayOf(d.On)
	if m.inYear(day) {
		m.out.Decisions = append(m.out.Decisions, d)
	}
	if day < m.month && m.late[d.No] {
		m.out.Late = append(m.out.Late, d)
	}
}

// decision is what a decision says, without what followed from it.
func (m *monthRecord) decision(f *pointsFile, no string) report.PointsDecision {
	at := slices.IndexFunc(f.person.Decisions, func(d register.Decision) bool { return d.No == no })
	d, extra := f.person.Decisions[at], m.extras[no]
	return report.PointsDecision{No: d.No, Code: f.code, On: d.DecidedOn.Time(), Place: extra.place, Article: d.Article, Item: d.Item,
		Responsibility: extra.responsibility, Adjustment: extra.adjustment}
}

// addCountedOnce adds the decisions that count with another one: they were taken, and give no points of their own.
func (m *monthRecord) addCountedOnce(f *pointsFile) {
	for _, o := range f.record.Once {
		d := m.decision(f, o.RefNo)
		d.CountedWith, d.CountedBy = o.With, o.Article
		m.addDecision(d)
	}
}

func (m *monthRecord) addRefused(f *pointsFile) {
	for _, r := range f.person.Restorations {
		if r.Approved != "" && r.Approved != "1" && m.inYear(r.DecidedOn) {
			m.out.Remedies = append(m.out.Remedies, report.PointsRemedy{Kind: "refused", No: r.No, Code: f.code, On: r.DecidedOn.Time(),
				Total: f.record.Total, Article: m.rules.Restoration.Article})
		}
	}
}

// addRestriction reports whether the record has the person as not normal on the last day.
func (m *monthRecord) addRestriction(f *pointsFile, registry registryBlock) bool {
	at := slices.IndexFunc(f.record.Spans, func(s register.Span) bool { return s.From <= m.until && m.until < s.To })
	if at < 0 {
		return false
	}
	s := f.record.Spans[at]
	r := report.PointsRestriction{Code: f.code, Status: s.Status, From: s.From.Time(), To: lastDay(s.To), Total: f.record.Total, RegistryStatus: registry.status()}
	if !m.isRegistered(f.code) {
		r.RegistryStatus = ""
	}
	for _, b := range f.record.Blocks {
		running := b.From <= m.until && m.until < b.To
		expired := b.To <= m.until && (b.RestoredOn == 0 || b.RestoredOn > m.until)
		if s.Status != register.StatusExpired && running || s.Status == register.StatusExpired && expired {
			r.Refs = append(r.Refs, b.RefNo)
		}
	}
	m.out.Restricted = append(m.out.Restricted, r)
	return true
}

func (m *monthRecord) isRegistered(code string) bool { return len(m.out.Persons[code].Places) > 0 }

// firstDay is a beginning; the zero time if it is not known.
func firstDay(begin register.Day) time.Time {
	if begin <= -openEnd {
		return time.Time{}
	}
	return begin.Time()
}

// lastDay is the day before an end; the zero time if it has none.
func lastDay(end register.Day) time.Time {
	if end >= openEnd {
		return time.Time{}
	}
	return (end - 1).Time()
}
