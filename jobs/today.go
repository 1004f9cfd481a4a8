package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"claimsaudit/pipeline"
	"claimsaudit/pipeline/register"
)

// soonDays is how far "soon" reaches: the run's day and the six after it.
const soonDays = 7

// shareYears bounds the years for which the share of Article 34 is counted, whatever date a snapshot claims.
const shareYears = 10

// keepToday writes what depends on the run's day: deadlines, who is not normal in the registry, the years of shares. It
// needs the registry, so it comes after layer 30; no verdict looks at it.
func (s *runState) keepToday(ctx context.Context) error {
	tables := map[string][][]any{"core.registry_today": nil} // emptied when nobody is left
	var err error
	if tables["core.points_deadline"], err = s.deadlineRows(ctx); err != nil {
		return fmt.Errorf("compute deadlines: %w", err)
	}
	tables["core.points_notice"], tables["core.points_warning"] = s.noticeRows(), s.warningRows()
	s.notices = digestRows(tables["core.points_notice"])
	day := pipeline.EpochDay(s.req.AsOf)
	err = s.db.Query(ctx, func(rows *sql.Rows) error {
		var code string
		var severity int
		err := rows.Scan(&code, &severity)
		tables["core.registry_today"] = append(tables["core.registry_today"], []any{code, severity})
		return err
	}, `SELECT practitioner_code, severity FROM core.practitioner_interval WHERE from_day <= $1 AND to_day > $1 ORDER BY practitioner_code`, day)
	if err != nil {
		return fmt.Errorf("read registry: %w", err)
	}
	if tables["core.share_year"], err = s.shareYearRows(ctx); err != nil {
		return err
	}
	return s.keepComputed(ctx, todayModel, tables)
}

// shareYearRows are the calendar years from that of the first snapshot to that of the run's day.
func (s *runState) shareYearRows(ctx context.Context) (rows [][]any, err error) {
	last := s.req.AsOf.Year()
	var first sql.NullInt32
	if err := s.db.Row(ctx, "SELECT min(snapshot_day) FROM core.registry_row", []any{&first}); err != nil || !first.Valid {
		return nil, err
	}
	year := min(register.Day(first.Int32).Time().Year(), last)
	for year = max(year, last-shareYears+1); year <= last; year++ {
		begin, end := yearDays(year)
		rows = append(rows, []any{year, int(begin), int(end)})
	}
	return rows, nil
}

// yearDays are the first day of a calendar year and the day after its last.
func yearDays(year int) (begin, end register.Day) {
	first := time.Date(year, time.January, 1, 0, 0, 0, 0, time.UTC)
	return register.DayOf(first), register.DayOf(first.AddDate(1, 0, 0))
}

// The states of a deadline.
const (
	stateOverdue  = "overdue"
	stateDue      = "due"      // soon
	stateStarting = "starting" // a block that begins soon
	stateLater    = "later"
	stateUnknown  = "unknown" // the calendar lacks the year
)

// dueBlockStart stands among the kinds of register for a block that begins soon.
const dueBlockStart = "block_start"

// deadlineRows are the open matters of everyone with a file.
func (s *runState) deadlineRows(ctx context.Context) (rows [][]any, err error) {
	shown, err := s.shownBlocks(ctx)
	if err != nil {
		return nil, err
	}
	rules := &s.Config.RulePack.Points
	asOf := register.DayOf(s.req.AsOf)
	for _, f := range s.points {
		list := register.Deadlines(rules, f.person, f.record, s.Config.Operation.Calendar.AddWorkdays,
			func(b register.Block) register.Day { return shown[f.code].since(b) })
		for i, d := range list {
			state, problem := deadlineState(d, asOf)
			rows = append(rows, []any{f.code, i + 1, d.Kind, nullDay(d.Due), state, d.Article, nullText(d.RefNo), nullText(problem)})
		}
		for _, b := range f.record.Blocks {
			if b.From >= asOf && b.From < asOf+soonDays {
				rows = append(rows, []any{f.code, len(list) + 1, dueBlockStart, int(b.From), stateStarting, rules.Measures.Article, b.RefNo, nil})
			}
		}
	}
	return rows, nil
}

func deadlineState(d register.Deadline, asOf register.Day) (state, problem string) {
	switch {
	case d.Err != nil:
		return stateUnknown, calendarProblem(d.Err)
	case d.Overdue:
		return stateOverdue, ""
	case d.Due < asOf+soonDays:
		return stateDue, ""
	}
	return stateLater, ""
}

// calendarProblem says in the office's words which year is missing.
func calendarProblem(err error) string {
	year := "所需年份"
	var ours *pipeline.Error
	if errors.As(err, &ours) && len(ours.Where) == len(time.DateOnly) {
		year = " " + ours.Where[:4] + " 年"
	}
	return "没有" + year + "的工作日历，算不出期限；请照 configs/README.md 增加年份。"
}

// shownRow is a registry row of a person the record has blocked, and the days of which it speaks.
type shownRow struct {
	institution         string
	severity            int
	snapshot, from, end register.Day
}

type shownRows []shownRow

// shows reports whether the row says at least the block's severity on some of its days.
func (r shownRow) shows(b register.Block) bool {
	return r.severity >= blockSeverity(b) && r.from < b.To && r.end > b.From
}

// since is the first snapshot in which the registry shows the block, 0 if none does. What a later snapshot of the same
// institution took back before the block began is of an earlier block.
func (all shownRows) since(b register.Block) (first register.Day) {
	for _, r := range all {
		isTakenBack := func(o shownRow) bool {
			return o.institution == r.institution && o.snapshot > r.snapshot && o.snapshot <= b.From && !o.shows(b)
		}
		if r.shows(b) && (first == 0 || r.snapshot < first) && !slices.ContainsFunc(all, isTakenBack) {
			first = r.snapshot
		}
	}
	return first
}

// shownBlocks reads what the registry says of the persons the record has blocked.
func (s *runState) shownBlocks(ctx context.Context) (map[string]shownRows, error) {
	shown := map[string]shownRows{}
	err := s.db.Query(ctx, func(rows *sql.Rows) error {
		var code string
		var r shownRow
		err := rows.Scan(&code, &r.institution, &r.severity, &r.snapshot, &r.from, &r.end)
		shown[code] = append(shown[code], r)
		return err
	}, `SELECT practitioner_code, fixmedins_code, severity, snapshot_day, coalesce(begin_day, base_from_day), coalesce(end_day + 1, 2932896)
FROM core.registry_row WHERE practitioner_code IN (SELECT practitioner_code FROM core.points_block)
ORDER BY practitioner_code, snapshot_day, fixmedins_code`)
	return shown, err
}
