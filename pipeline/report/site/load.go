package site

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"claimsaudit/pipeline"
	"claimsaudit/pipeline/report"
)

// How much the pages show; the rest is in the workbook and in the analysts' database, and the pages say so.
const (
	trendMonths      = 12
	listedMonths     = trendMonths + 1 // one more, so that the oldest of the year has something to compare with
	linesInstitution = 50
	linesPerson      = 30
	peopleMost       = 3000
	listedRuns       = 200
	listedFiles      = 200
	listedMatters    = 300
	listedRejects    = 200
	listedDuties     = 500
)

// loading reads the facts; the first failure ends it.
type loading struct {
	ctx context.Context
	db  *sql.DB
	f   *facts
	err error
}

// load reads everything the pages show with a fixed number of queries, whatever the number of institutions and persons.
func load(ctx context.Context, db *sql.DB, meta report.Meta) (*facts, error) {
	l := &loading{ctx: ctx, db: db, f: &facts{Total: map[string]amounts{}, Institutions: map[string]*institution{}, People: map[string]*person{},
		Rules: map[int64]rule{}, RuleTotals: map[monthRule]*verdicts{}}}
	last := meta.AsOf.Format("2006-01")
	l.each("institution_period", queryMonths, func(rows *sql.Rows) error {
		var month string
		err := rows.Scan(&month)
		l.f.Months = append(l.f.Months, month)
		return err
	}, last, listedMonths)
	first := last
	if n := len(l.f.Months); n > 0 {
		first, last = l.f.Months[n-1], l.f.Months[0]
	}
	l.institutions(first, last, meta.AsOf.Format("2006-01-02"))
	l.judged(first, last)
	l.lines(first, last)
	l.ratios(first, last)
	l.cards()
	l.people(first, last)
	l.duties()
	l.statements(first, last)
	l.upkeep()
	l.f.Codes = slices.Sorted(maps.Keys(l.f.Institutions))
	return l.f, l.err
}

// each runs a query and hands every row to use.
func (l *loading) each(table, query string, use func(*sql.Rows) error, args ...any) {
	if l.err != nil {
		return
	}
	rows, err := l.db.QueryContext(l.ctx, query, args...)
	if err == nil {
		for err == nil && rows.Next() {
			err = use(rows)
		}
		err = errors.Join(err, rows.Err(), rows.Close())
	}
	if err == nil {
		return
	}
	l.err = &pipeline.Error{Kind: pipeline.KindInternal, Op: "read mart", Where: "mart." + table, Err: err,
		Hint: "publish again with `claimsaudit run nightly`; if it stays, the published database and this program are of different versions"}
	if l.ctx.Err() != nil {
		l.err = &pipeline.Error{Kind: pipeline.KindInterrupted, Op: "read mart", Where: "mart." + table, Err: l.ctx.Err(), Hint: "run the job again"}
	}
}

func (l *loading) institutions(first, last, asOf string) {
	f := l.f
	l.each("institution", queryRegister, func(rows *sql.Rows) error {
		var x institution
		err := rows.Scan(&x.Code, &x.Name, &x.Type, &x.Ownership, &x.Level, &x.Agreement, &x.AgreementFrom, &x.AgreementTo)
		i := f.institution(x.Code)
		i.Name, i.Type, i.Ownership, i.Level = x.Name, x.Type, x.Ownership, x.Level
		i.Agreement, i.AgreementFrom, i.AgreementTo = x.Agreement, x.AgreementFrom, x.AgreementTo
		return err
	}, asOf)
	l.each("institution_period", queryInstitutionPeriods, func(rows *sql.Rows) error {
		var code, month, name, kind string
		var a amounts
		err := rows.Scan(&code, &month, &name, &kind, &a.Settlements, &a.Lines, &a.Fund, &a.Pay, &a.Exempt, &a.Review, &a.Withhold, &a.Recover, &a.Release)
		i := f.institution(code)
		i.Months[month] = a
		if i.Name == "" || name != "" && i.Type == "" { // the register knows better; of several months the newest does
			i.Name = name
		}
		if i.Type == "" {
			i.Type = kind
		}
		sum := f.Total[month]
		sum.add(a)
		f.Total[month] = sum
		return err
	}, first, last)
	l.each("rule", queryRules, func(rows *sql.Rows) error {
		var r rule
		err := rows.Scan(&r.No, &r.Title, &r.Action, &r.Article)
		f.Rules[r.No] = r
		return err
	})
}

func (l *loading) judged(first, last string) {
	f := l.f
	l.each("line_verdict", queryJudged, func(rows *sql.Rows) error {
		var who, where, month, verdict string
		var no, lines int64
		var c report.Cents
		err := rows.Scan(&who, &where, &month, &no, &verdict, &lines, &c)
		key, i := monthRule{month, no}, f.institution(where)
		at(f.RuleTotals, key).add(verdict, lines, c)
		at(i.Rules, key).add(verdict, lines, c)
		i.Total += lines
		if who != "" {
			p := f.person(who)
			at(i.People, who).add(verdict, lines, c)
			at(p.Rules, key).add(verdict, lines, c)
			at(p.Where, where).add(verdict, lines, c)
			p.Total.add(verdict, lines, c)
		}
		return err
	}, first, last)
	l.each("finding", queryFound, func(rows *sql.Rows) error {
		var who, month string
		var no, n int64
		err := rows.Scan(&who, &month, &no, &n)
		p := f.person(who)
		p.Found[monthRule{month, no}] = n
		p.Findings += n
		return err
	}, first, last)
	f.PeopleCodes = slices.Sorted(maps.Keys(f.People))
}

// row is a packed one; what is no number where one belongs is noted in err.
type row struct {
	parts []string
	err   error
}

func (r *row) number(i int) int64 {
	n, err := strconv.ParseInt(r.parts[i], 10, 64)
	r.err = errors.Join(r.err, err)
	return n
}

// packed runs a query whose rows are packed, of so many parts.
func (l *loading) packed(table, query string, parts int, use func(*row), args ...any) {
	l.each(table, query, func(rows *sql.Rows) error {
		var text string
		if err := rows.Scan(&text); err != nil {
			return err
		}
		r := row{parts: strings.Split(text, "\x1f")}
		if len(r.parts) != parts {
			return fmt.Errorf("a row of %d parts instead of %d", len(r.parts), parts)
		}
		use(&r)
		return r.err
	}, args...)
}

func (l *loading) lines(first, last string) {
	l.packed("line_verdict", queryLines, 15, func(r *row) {
		v := r.parts
		x := &line{Institution: v[0], Person: v[1], Settlement: v[2], Line: v[3], Day: v[4], Verdict: v[5], Rule: r.number(6), Role: v[7], Status: v[8], From: v[9], To: v[10],
			Emergency: v[11], Cents: report.Cents(r.number(12))}
		if r.number(13) <= linesInstitution {
			i := l.f.institution(x.Institution)
			i.Lines = append(i.Lines, x)
		}
		if x.Person != "" && r.number(14) <= linesPerson {
			p := l.f.person(x.Person)
			p.Lines = append(p.Lines, x)
		}
	}, first, last, linesInstitution, linesPerson)
}

func (l *loading) ratios(first, last string) {
	l.packed("institution_ratio", queryRatios, 12, func(r *row) {
		v := r.parts
		i := l.f.institution(v[0])
		i.Ratios = append(i.Ratios, ratio{Institution: i.Code, No: r.number(1), Name: v[2], Window: v[3], Key: v[4], Numerator: r.number(5), Denominator: r.number(6),
			Hundredths: report.Hundredths(r.number(7)), HasData: v[8] == "1", Threshold: r.number(9), HasThreshold: v[10] == "1", Meets: v[11] == "1"})
	}, first, last)
}

func (l *loading) cards() {
	f := l.f
	l.each("scorecard_total", queryCards, func(rows *sql.Rows) error {
		var c card
		err := rows.Scan(&c.Institution, &c.Year, &c.Total, &c.Lowest, &c.Highest, &c.Vetoes, &c.Missing, &c.Own, &c.Decision, &c.Pass, &c.Note, &c.Title,
			&c.Window, &c.State, &c.IsVetoed, &c.StandsIn)
		i := f.institution(c.Institution)
		i.Cards = append(i.Cards, c)
		return err
	})
	newest := func(code string) *card {
		i := f.institution(code)
		if len(i.Cards) == 0 {
			i.Cards = []card{{Institution: code}}
		}
		return &i.Cards[0]
	}
	l.packed("scorecard", queryIndicators, 11, func(r *row) {
		v := r.parts
		c := newest(v[0])
		c.Indicators = append(c.Indicators, indicator{No: r.number(1), Title: v[2], Max: v[3], Score: v[4], Lowest: v[5], Highest: v[6], Source: v[7], Why: v[8], Self: v[9], IsVetoed: v[10] == "1"})
	})
	l.packed("scorecard_step", querySteps, 6, func(r *row) {
		c := newest(r.parts[0])
		c.Steps = append(c.Steps, step{No: r.number(1), Indicator: r.number(2), Kind: r.parts[3], Gain: r.parts[4], Text: r.parts[5]})
	})
}

func (l *loading) people(first, last string) {
	f := l.f
	l.each("practitioner_file", queryPeople, func(rows *sql.Rows) error {
		var x person
		err := rows.Scan(&x.Code, &x.Masked, &x.Institutions, &x.Registry, &x.Derived, &x.Points, &x.BlockedTo)
		p := f.person(x.Code)
		p.Masked, p.Institutions, p.Registry, p.Derived, p.Points, p.BlockedTo, p.IsKnown = x.Masked, x.Institutions, x.Registry, x.Derived, x.Points, x.BlockedTo, true
		return err
	}, first, last)
	l.each("practitioner_interval", querySpells, func(rows *sql.Rows) error {
		var who string
		var s spell
		err := rows.Scan(&who, &s.Status, &s.From, &s.To, &s.Where)
		p := f.person(who)
		p.Spells = append(p.Spells, s)
		return err
	}, first, last)
	l.each("points_record", queryRecord, func(rows *sql.Rows) error {
		var who string
		var e event
		err := rows.Scan(&who, &e.On, &e.Event, &e.Ref, &e.Points, &e.Total, &e.Measure, &e.From, &e.To, &e.Article)
		p := f.person(who)
		p.Record = append(p.Record, e)
		return err
	}, first, last)
}

func (l *loading) duties() {
	f := l.f
	l.each("deadline", queryDuties, func(rows *sql.Rows) error {
		var x duty
		err := rows.Scan(&x.Person, &x.Kind, &x.Title, &x.Due, &x.State, &x.Article, &x.Ref, &x.Note)
		f.Duties = append(f.Duties, x)
		p := f.person(x.Person)
		p.Duties = append(p.Duties, x)
		for _, code := range strings.Split(p.Institutions, "；") {
			if i := f.Institutions[strings.TrimSpace(code)]; i != nil {
				i.Duties = append(i.Duties, x)
			}
		}
		return err
	})
	l.each("early_warning", queryWarnings, func(rows *sql.Rows) error {
		var w warning
		err := rows.Scan(&w.Title, &w.Institution, &w.Person, &w.On, &w.Article, &w.Points, &w.Registered, &w.Blocked)
		f.Warnings = append(f.Warnings, w)
		return err
	})
	l.each("status_not_maintained", queryLate, func(rows *sql.Rows) error {
		var x lateStatus
		err := rows.Scan(&x.Institution, &x.Person, &x.Ref, &x.Measure, &x.From, &x.To, &x.Due, &x.Done, &x.Lines, &x.Cents)
		f.Late = append(f.Late, x)
		i := f.institution(x.Institution)
		i.Late = append(i.Late, x)
		return err
	})
	l.each("institution_blocked_share", queryShares, func(rows *sql.Rows) error {
		var code string
		var s share
		err := rows.Scan(&code, &s.Year, &s.Registered, &s.Blocked, &s.IsFlagged)
		i := f.institution(code)
		i.Shares = append(i.Shares, s)
		return err
	})
	l.each("agreement_event", queryAgreements, func(rows *sql.Rows) error {
		var x agreementEvent
		err := rows.Scan(&x.Institution, &x.Event, &x.From, &x.To, &x.Person, &x.Status, &x.IfResponsible)
		f.Agreements = append(f.Agreements, x)
		return err
	})
}

func (l *loading) statements(first, last string) {
	f := l.f
	l.each("statement", queryStatements, func(rows *sql.Rows) error {
		var s statement
		err := rows.Scan(&s.No, &s.Month, &s.AsOf, &s.Run, &s.Lines, &s.Withhold, &s.Recover, &s.Release)
		f.Statements = append(f.Statements, s)
		return err
	})
	l.each("statement_line", queryIssued, func(rows *sql.Rows) error {
		var k kindSum
		err := rows.Scan(&k.IssuedIn, &k.Institution, &k.Kind, &k.Cause, &k.Lines, &k.Cents)
		f.Issued = append(f.Issued, k)
		i := f.institution(k.Institution)
		i.Owed = append(i.Owed, k)
		return err
	}, first, last)
}

func (l *loading) upkeep() {
	f := l.f
	l.each("run", queryRuns, func(rows *sql.Rows) error {
		var r run
		err := rows.Scan(&r.ID, &r.Job, &r.Period, &r.AsOf, &r.Started, &r.Finished, &r.State, &r.Rows, &r.Hash, &f.RunCount)
		f.Runs = append(f.Runs, r)
		return err
	}, listedRuns)
	l.each("delivered_file", queryFiles, func(rows *sql.Rows) error {
		var x file
		err := rows.Scan(&x.Name, &x.Feed, &x.Encoding, &x.Received, &x.SHA, &x.Read, &x.Loaded, &x.Superseded, &x.Duplicate, &x.Rejected, &f.FileCount)
		f.Files = append(f.Files, x)
		return err
	}, listedFiles)
	l.each("rejected_row", queryRejects, func(rows *sql.Rows) error {
		var r reject
		err := rows.Scan(&r.Feed, &r.File, &r.Column, &r.Open, &r.Again, &f.RejectsOpen, &f.RejectCount)
		f.Rejects = append(f.Rejects, r)
		return err
	}, listedRejects)
	l.each("data_quality", queryMatters, func(rows *sql.Rows) error {
		var m matter
		err := rows.Scan(&m.Title, &m.Month, &m.Settlement, &m.Line, &m.Note)
		f.Matters = append(f.Matters, m)
		return err
	}, listedMatters)
	l.each("data_quality", queryMatterCounts, func(rows *sql.Rows) error {
		var m matterCount
		err := rows.Scan(&m.Title, &m.Month, &m.Count)
		f.MatterCounts = append(f.MatterCounts, m)
		return err
	})
	l.each("freshness", queryFresh, func(rows *sql.Rows) error {
		var x freshness
		err := rows.Scan(&x.Feed, &x.Newest, &x.Received)
		f.Fresh = append(f.Fresh, x)
		return err
	})
}
