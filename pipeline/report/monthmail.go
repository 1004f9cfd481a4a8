package report

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"

	"claimsaudit/pipeline"
)

// What the mail shows of long lists; the reports have them whole.
const (
	glanceMonths = 6
	glanceRules  = 5
	glanceMoves  = 3
	glanceMissed = 5
	glanceName   = 30 // characters of an institution's name
)

//go:embed monthmail.gotext
var monthMailText string

//go:embed monthmail.gohtml
var monthMailPage string

// glance holds what only the mail shows.
type glance struct {
	Months []monthAmount // what is withheld today of the latest months, oldest first
	Below  int64         // institutions below a threshold
}

type monthAmount struct {
	Month string
	Cents cents
}

const queryMonths = `SELECT period, CAST(sum(CAST(withhold_yuan * 100 AS BIGINT)) AS BIGINT)
FROM mart.institution_period WHERE period <= $1 GROUP BY period ORDER BY period DESC LIMIT $2`

const queryBelow = `SELECT count(DISTINCT fixmedins_code) FROM mart.institution_ratio
WHERE window_kind = 'month' AND window_key = $1 AND ` + ratioState + ` = 'missed'`

func (s *summary) loadGlance(ctx context.Context, db *sql.DB) error {
	period := s.Meta.Period.String()
	err := each(ctx, db, "institution_period", queryMonths, []any{period, glanceMonths}, func(rows *sql.Rows) error {
		var m monthAmount
		err := rows.Scan(&m.Month, &m.Cents)
		s.Glance.Months = append(s.Glance.Months, m)
		return err
	})
	if err != nil {
		return err
	}
	slices.Reverse(s.Glance.Months)
	return each(ctx, db, "institution_ratio", queryBelow, []any{period}, func(rows *sql.Rows) error { return rows.Scan(&s.Glance.Below) })
}

// monthBody is what the month's mail has beside what every notice has.
type monthBody struct {
	Standing string // which statement there is, and how the month moved against the one before
	Before   string // the month compared with, "" for none
	Figures  []figure
	Moves    []moves // how the difference came about
	Charts   []chart
	Missed   []missedRatio
	Pictures []Picture
}

// figure is a row of the first table, ready to read.
type figure struct {
	Label, Now, Before, Change string
	IsMain                     bool
}

// moves are amounts with what they stand for.
type moves struct {
	Title string
	Rows  []NoticeRow
}

// chart is a bar for each row.
type chart struct {
	Title    string
	IsNarrow bool // labels are short and stand before their bars
	Rows     []barRow
}

type barRow struct{ Label, Value, Alt, Picture string }

// body gathers what the mail shows. A month that is shown again later is not compared: its report was.
func (f MonthFacts) body() (*monthBody, error) {
	s := f.Report.summary
	b := &monthBody{Standing: f.standing()}
	isCompared := s.Change.Compares() && !f.IsLaterView && s.drift() == 0
	if isCompared {
		b.Before = chineseMonth(s.Change.Before.Month)
		b.Moves = append(b.Moves, s.Change.moves()...)
	}
	b.Figures = monthFigures(s, isCompared)
	if earlier := s.Change.settled(); len(earlier.Rows) > 0 && !f.IsLaterView {
		b.Moves = append(b.Moves, earlier)
	}
	if err := errors.Join(b.chartRules(s), b.chartMonths(s)); err != nil {
		return nil, err
	}
	for _, m := range s.Missed[:min(len(s.Missed), glanceMissed)] {
		m.Name, m.Title = shortName(orElse(m.Name, "（名称未登记）")), plainRatio(m.Title)
		b.Missed = append(b.Missed, m)
	}
	return b, nil
}

// monthFigures are the amounts of the month. Released money is shown without its sign: the word says it.
func monthFigures(s *summary, isCompared bool) (all []figure) {
	t, before := s.Total, s.Change.Before
	for i, x := range []struct {
		label       string
		now, before cents
	}{
		{"扣款", t.Withhold, before.Withhold}, {"追回", t.Recover, before.Recover}, {"退还", -t.Released, -before.Released},
		{"待复核", t.Review, before.Review}, {"急诊豁免", t.Exempt, before.Exempt}, {"申报基金", t.Fund, before.Fund},
	} {
		row := figure{Label: x.label, Now: x.now.String(), IsMain: i == 0}
		if isCompared {
			row.Before, row.Change = x.before.String(), signedMoney(x.now-x.before)
		}
		all = append(all, row)
	}
	return all
}

// moves are the rules and institutions that moved most.
func (c change) moves() (all []moves) {
	rules := slices.Clone(c.Rules)
	slices.SortStableFunc(rules, byChange)
	for _, part := range []struct {
		title string
		rows  []changeRow
		name  func(changeRow) string
	}{
		{"扣款变化最大的规则", rules, func(r changeRow) string { return strings.TrimSpace(r.Code + " " + r.Label) }},
		{"扣款变化最大的机构", c.Places, func(r changeRow) string { return shortName(r.Label) }},
	} {
		m := moves{Title: part.title}
		first, _ := largest(part.rows, glanceMoves)
		for _, r := range first {
			m.Rows = append(m.Rows, NoticeRow{part.name(r), signedMoney(r.Change()) + " 元"})
		}
		if len(m.Rows) > 0 {
			all = append(all, m)
		}
	}
	return all
}

// settled is what the statement changed in earlier months, by cause.
func (c change) settled() moves {
	m := moves{Title: "通知单对以前期间的追回与退还"}
	lexicon := newLexicon()
	for _, kind := range []string{"recover", "release"} {
		var causes []string
		sums := map[string]adjustment{}
		for _, a := range c.Earlier {
			if a.Kind != kind {
				continue
			}
			sum, known := sums[a.Cause]
			if !known {
				causes = append(causes, a.Cause)
			}
			sum.Lines, sum.Cents = sum.Lines+a.Lines, sum.Cents+a.Cents
			sums[a.Cause] = sum
		}
		slices.Sort(causes)
		for _, cause := range causes {
			m.Rows = append(m.Rows, NoticeRow{fmt.Sprintf("%s：%s（%s 条）", lexicon.kind.of(kind), lexicon.causeText(cause), grouped(sums[cause].Lines)),
				sums[cause].Cents.abs().String() + " 元"})
		}
	}
	return m
}

// chartRules draws what is withheld by rule, the largest first.
func (b *monthBody) chartRules(s *summary) error {
	rules := s.withheldRules()
	c := chart{Title: "扣款按规则"}
	add := func(label string, amount cents) error {
		return b.bar(&c, toneWithheld, label, amount, s.Total.Withhold, "，占扣款 "+share(amount, s.Total.Withhold))
	}
	var rest cents
	for i, r := range rules {
		if i >= glanceRules {
			rest += r.Withhold
		} else if err := add(fmt.Sprintf("%d %s", r.No, r.Title), r.Withhold); err != nil {
			return err
		}
	}
	if rest > 0 {
		if err := add(fmt.Sprintf("其余 %d 条规则", len(rules)-glanceRules), rest); err != nil {
			return err
		}
	}
	b.addChart(c)
	return nil
}

// chartMonths draws the latest months; one alone is no picture.
func (b *monthBody) chartMonths(s *summary) error {
	months := s.Glance.Months
	if len(months) < 2 {
		return nil
	}
	var most cents
	for _, m := range months {
		most = max(most, m.Cents)
	}
	c := chart{Title: fmt.Sprintf("最近 %d 个月扣款", len(months)), IsNarrow: true}
	for _, m := range months {
		if err := b.bar(&c, toneMonth, monthText(m.Month), m.Cents, most, ""); err != nil {
			return err
		}
	}
	b.addChart(c)
	return nil
}

func (b *monthBody) bar(c *chart, tone barTone, label string, amount, whole cents, note string) error {
	p, err := barPicture(tone, amount, whole)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(b.Pictures, func(known Picture) bool { return known.ID == p.ID }) {
		b.Pictures = append(b.Pictures, p)
	}
	value := amount.String() + " 元"
	c.Rows = append(c.Rows, barRow{Label: label, Value: value, Alt: label + "：" + value + note, Picture: p.ID})
	return nil
}

func (b *monthBody) addChart(c chart) {
	if len(c.Rows) > 0 {
		b.Charts = append(b.Charts, c)
	}
}

// plainRatio leaves out in which unit a ratio's parts are counted.
func plainRatio(title string) string {
	title, _, _ = strings.Cut(title, "（")
	return title
}

// shortName keeps a mail readable whatever an institution is called.
func shortName(name string) string {
	if runes := []rune(oneLine(name)); len(runes) > glanceName {
		return string(runes[:glanceName]) + "…"
	}
	return oneLine(name)
}

// matters are those of the month that need a person.
func (f MonthFacts) matters(n *Notice) {
	s := f.Report.summary
	if s.Total.Review > 0 {
		_, _, lines := s.lines()
		n.Matters = append(n.Matters, fmt.Sprintf("%s 条明细待复核，共 %s 元，明细见工作簿。", grouped(lines), s.Total.Review))
		n.Todo = append(n.Todo, "逐条复核后随 review 数据送达，下次运行即计入。")
	}
	if text := s.below(); text != "" {
		n.Matters = append(n.Matters, text)
	}
	w := s.Watch
	if text := joinCounts([]countOf{{"已超期", w.Overdue, "项"}, {"一周内到期", w.Due, "项"}, {"一周内开始执行", w.Starting, "项"}}); text != "" {
		n.Matters = append(n.Matters, "记分管理的期限："+text+"，见工作簿。")
		n.Todo = append(n.Todo, "按工作簿所列名单逐项办理。")
	}
	if text := joinCounts([]countOf{{"受限人员占比超过规定的机构", w.ShareExceeded, "家"}, {"逾期未维护登记状态的机构", w.LateInstitutions, "家"}}); text != "" {
		n.Matters = append(n.Matters, "记分管理："+text+"，见工作簿。")
	}
}

// below says how many institutions miss a threshold, "" if none does.
func (s *summary) below() string {
	if s.Glance.Below == 0 {
		return ""
	}
	var parts []countOf
	for _, r := range s.Ratios {
		parts = append(parts, countOf{plainRatio(r.Title), r.Missed, "家"})
	}
	return fmt.Sprintf("%s 家机构的比率未达标：%s。", grouped(s.Glance.Below), joinCounts(parts))
}

// period is the month the mail is about.
func (f MonthFacts) period() pipeline.Period { return f.Report.summary.Meta.Period }
