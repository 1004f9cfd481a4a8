package report

import (
	"context"
	"database/sql"
	"fmt"
	"sort"

	"claimsaudit/pipeline"
)

// listedMissed bounds the ratios the page lists; the workbook has them all.
const listedMissed = 30

// amounts are the figures of one institution or of the whole period.
type amounts struct {
	Settlements, Lines                                     int64
	Fund, Pay, Exempt, Review, Withhold, Recover, Released cents
}

func (a *amounts) add(o amounts) {
	a.Settlements += o.Settlements
	a.Lines += o.Lines
	a.Fund += o.Fund
	a.Pay += o.Pay
	a.Exempt += o.Exempt
	a.Review += o.Review
	a.Withhold += o.Withhold
	a.Recover += o.Recover
	a.Released += o.Released
}

// touched reports whether anything but plain payment happened.
func (a amounts) touched() bool {
	return a.Exempt != 0 || a.Review != 0 || a.Withhold != 0 || a.Recover != 0 || a.Released != 0
}

type institution struct {
	Code, Name, Type string
	amounts
}

type ruleTotal struct {
	No                                      int64
	Title, Action, Article                  string
	WithholdLines, ExemptLines, ReviewLines int64
	Withhold, Exempt, Review                cents
}

type kindTotal struct {
	Kind  string
	Lines int64
	Cents cents
}

type ratioTotal struct {
	No                         int64
	Title                      string
	Thresholds                 string // in per cent, by type of institution; "" without any
	Met, Missed, NoData, Unset int64
}

type missedRatio struct {
	Code, Name, Title                 string
	Numerator, Denominator, Threshold int64
	Ratio                             hundredths
}

type titleCount struct {
	Title string
	Count int64
}

type feedFiles struct {
	Title                                                string
	Files, Read, Loaded, Superseded, Duplicate, Rejected int64
}

// summary holds the figures that the workbook and the page both show.
type summary struct {
	Meta         Meta
	Total        amounts
	Institutions []institution // every one of the period, by code
	Rules        []ruleTotal   // every rule of the pack, by number
	Statement    []kindTotal   // withhold, recover, release: what was issued in the period
	Issued       []issuedPart  // the same by institution
	Trend        []monthTotal  // up to the period, at most trendMonths, without a gap
	Stands       cents         // issued for the period's claims by all statements so far
	Ratios       []ratioTotal
	Missed       []missedRatio // the widest gaps, at most listedMissed
	Quality      []titleCount
	OpenRejects  []titleCount // rejected rows not yet replayed, by feed
	Files        []feedFiles
	Watch        watch
	Change       change // against the statement before
	Glance       glance // for the mail
}

func loadSummary(ctx context.Context, db *sql.DB, meta Meta) (*summary, error) {
	s := &summary{Meta: meta}
	for _, load := range []func(context.Context, *sql.DB) error{
		s.loadInstitutions, s.loadTrend, s.loadRules, s.loadStatement, s.loadIssued, s.loadRatios, s.loadDeliveries, s.loadWatch,
		s.loadChange, s.loadGlance,
	} {
		if err := load(ctx, db); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *summary) loadInstitutions(ctx context.Context, db *sql.DB) error {
	return each(ctx, db, "institution_period", queryInstitutions, []any{s.Meta.Period.String()}, func(rows *sql.Rows) error {
		var i institution
		var name, kind sql.NullString
		err := rows.Scan(&i.Code, &name, &kind, &i.Settlements, &i.Lines, &i.Fund, &i.Pay, &i.Exempt,
			&i.Review, &i.Withhold, &i.Recover, &i.Released)
		i.Name, i.Type = orElse(name.String, "（名称未登记）"), kind.String
		s.Institutions = append(s.Institutions, i)
		s.Total.add(i.amounts)
		return err
	})
}

func (s *summary) loadRules(ctx context.Context, db *sql.DB) error {
	return each(ctx, db, "line_verdict", queryRules, []any{s.Meta.Period.String()}, func(rows *sql.Rows) error {
		var r ruleTotal
		err := rows.Scan(&r.No, &r.Title, &r.Action, &r.Article, &r.WithholdLines, &r.Withhold,
			&r.ExemptLines, &r.Exempt, &r.ReviewLines, &r.Review)
		s.Rules = append(s.Rules, r)
		return err
	})
}

func (s *summary) loadStatement(ctx context.Context, db *sql.DB) error {
	s.Statement = []kindTotal{{Kind: "withhold"}, {Kind: "recover"}, {Kind: "release"}}
	err := each(ctx, db, "statement_line", queryStands, []any{s.Meta.Period.String()}, func(rows *sql.Rows) error {
		return rows.Scan(&s.Stands)
	})
	if err != nil {
		return err
	}
	return each(ctx, db, "statement_line", queryStatement, []any{s.Meta.Period.String()}, func(rows *sql.Rows) error {
		var k kindTotal
		if err := rows.Scan(&k.Kind, &k.Lines, &k.Cents); err != nil {
			return err
		}
		for i := range s.Statement {
			if s.Statement[i].Kind == k.Kind {
				s.Statement[i] = k
				return nil
			}
		}
		return fmt.Errorf("unknown kind %q of a statement line", k.Kind)
	})
}

func (s *summary) loadRatios(ctx context.Context, db *sql.DB) error {
	period := s.Meta.Period.String()
	err := each(ctx, db, "institution_ratio", queryRatioTotals, []any{period}, func(rows *sql.Rows) error {
		var r ratioTotal
		var name sql.NullString
		err := rows.Scan(&r.No, &name, &r.Met, &r.Missed, &r.NoData, &r.Unset, &r.Thresholds)
		r.Title = ratioTitle(r.No, name.String)
		s.Ratios = append(s.Ratios, r)
		return err
	})
	if err != nil {
		return err
	}
	return each(ctx, db, "institution_ratio", queryRatiosMissed, []any{period, listedMissed}, func(rows *sql.Rows) error {
		var m missedRatio
		var no int64
		err := rows.Scan(&m.Code, &m.Name, &no, &m.Title, &m.Numerator, &m.Denominator, &m.Ratio, &m.Threshold)
		m.Title = ratioTitle(no, m.Title)
		s.Missed = append(s.Missed, m)
		return err
	})
}

func (s *summary) loadDeliveries(ctx context.Context, db *sql.DB) error {
	counts := func(table, query string, args []any, title func(string) string, into *[]titleCount) error {
		return each(ctx, db, table, query, args, func(rows *sql.Rows) error {
			var c titleCount
			err := rows.Scan(&c.Title, &c.Count)
			c.Title = title(c.Title)
			*into = append(*into, c)
			return err
		})
	}
	same := func(s string) string { return s }
	if err := counts("data_quality", queryQuality, []any{s.Meta.Period.String()}, same, &s.Quality); err != nil {
		return err
	}
	if err := counts("rejected_row", queryOpenRejects, nil, feedTitle, &s.OpenRejects); err != nil {
		return err
	}
	return each(ctx, db, "delivered_file", queryFiles, nil, func(rows *sql.Rows) error {
		var f feedFiles
		err := rows.Scan(&f.Title, &f.Files, &f.Read, &f.Loaded, &f.Superseded, &f.Duplicate, &f.Rejected)
		f.Title = feedTitle(f.Title)
		s.Files = append(s.Files, f)
		return err
	})
}

// each runs a query on a mart table and hands every row to use.
func each(ctx context.Context, db *sql.DB, table, query string, args []any, use func(*sql.Rows) error) (err error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return fail("read mart", "mart."+table, hintMart, err)
	}
	defer func() {
		if c := rows.Close(); err == nil && c != nil {
			err = fail("read mart", "mart."+table, hintMart, c)
		}
	}()
	for rows.Next() {
		if err := ctx.Err(); err != nil {
			return fail("read mart", "mart."+table, hintMart, err)
		}
		if err := use(rows); err != nil {
			return fail("read mart", "mart."+table, hintMart, err)
		}
	}
	if err := rows.Err(); err != nil {
		return fail("read mart", "mart."+table, hintMart, err)
	}
	return nil
}

// check refuses a mart whose tables disagree: nobody may sign such a report.
func (s *summary) check() error {
	var byRule ruleTotal
	for _, r := range s.Rules {
		byRule.Withhold += r.Withhold
		byRule.Exempt += r.Exempt
		byRule.Review += r.Review
	}
	t := s.Total
	err := agree("report totals", s.Meta.Period, []agreement{
		{"fund = pay + exempt + review + withhold", t.Pay + t.Exempt + t.Review + t.Withhold, t.Fund},
		{"withheld lines = institutions", byRule.Withhold, t.Withhold},
		{"exempt lines = institutions", byRule.Exempt, t.Exempt},
		{"lines for review = institutions", byRule.Review, t.Review},
		{"recovered statement lines = institutions", s.issued("recover").Cents, t.Recover},
		{"released statement lines = institutions", s.issued("release").Cents, t.Released},
	})
	if err != nil {
		return err
	}
	return s.Change.check(s)
}

// agreement is a pair of figures that must be the same.
type agreement struct {
	what      string
	got, want cents
}

// agree names the first pair that is not.
func agree(what string, period pipeline.Period, pairs []agreement) error {
	for _, p := range pairs {
		if p.got != p.want {
			return &pipeline.Error{Kind: pipeline.KindInternal, Op: "check " + what,
				Where: "mart, period " + period.String() + ": " + p.what,
				Hint:  "do not sign figures of this period; report this message with the run id",
				Err:   fmt.Errorf("%v yuan against %v yuan", p.got, p.want)}
		}
	}
	return nil
}

func (s *summary) issued(kind string) kindTotal {
	for _, k := range s.Statement {
		if k.Kind == kind {
			return k
		}
	}
	return kindTotal{Kind: kind}
}

// touched lists the institutions where anything but plain payment happened, most withheld first.
func (s *summary) touched() []institution {
	var out []institution
	for _, i := range s.Institutions {
		if i.touched() {
			out = append(out, i)
		}
	}
	sort.SliceStable(out, func(a, b int) bool { return out[a].Withhold > out[b].Withhold })
	return out
}

// lines counts the period's lines of each verdict that is not payment.
func (s *summary) lines() (withhold, exempt, review int64) {
	for _, r := range s.Rules {
		withhold += r.WithholdLines
		exempt += r.ExemptLines
		review += r.ReviewLines
	}
	return withhold, exempt, review
}

func sumCounts(counts []titleCount) (n int64) {
	for _, c := range counts {
		n += c.Count
	}
	return n
}

// missedCount counts every ratio below its threshold, listed or not.
func (s *summary) missedCount() (n int64) {
	for _, r := range s.Ratios {
		n += r.Missed
	}
	return n
}

// nothing says, for each matter without a single case, that there was none.
func (s *summary) nothing() []string {
	withhold, exempt, review := s.lines()
	var out []string
	for _, n := range []struct {
		empty bool
		text  string
	}{
		{s.Total.Settlements == 0, "本期无有效结算。"},
		{withhold == 0, "本期无扣款明细。"},
		{exempt == 0, "本期无急诊豁免明细。"},
		{review == 0, "本期无待复核明细。"},
		{s.issued("recover").Lines == 0 && s.issued("release").Lines == 0, "本期无追回与退还。"},
		{len(s.Ratios) == 0, "本期无比率数据。"},
		{len(s.Ratios) > 0 && s.missedCount() == 0, "本期无未达标比率。"},
		{len(s.OpenRejects) == 0, "无待更正的拒收数据。"},
		{len(s.Quality) == 0, "本期无数据质量事项。"},
	} {
		if n.empty {
			out = append(out, n.text)
		}
	}
	return out
}

// drift is what today's verdicts of the period withhold beyond what all statements
// so far issued for it; the next one settles it. Zero without a statement.
func (s *summary) drift() cents {
	if s.Meta.StatementNo == "" {
		return 0
	}
	return s.Total.Withhold - s.Stands
}
