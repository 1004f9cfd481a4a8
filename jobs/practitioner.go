package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
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

// PersonRequest says whose file is asked for.
type PersonRequest struct {
	Code      string    // as typed: it is normalised as in a delivery
	AsOf      time.Time // zero: the last run's day
	ShowNames bool      // else names are masked
	Lines     int       // so many claim lines at most; 0: all
}

// Practitioner collects everything kept about a person. The error is of KindUsage, with codes that look alike, for one
// whom neither registry nor points record nor any finding knows.
func (r *Runner) Practitioner(ctx context.Context, req PersonRequest) (*report.PersonFile, error) {
	db, err := r.openToRead(ctx, "practitioner")
	if err != nil {
		return nil, err
	}
	p := &personReader{Runner: r, db: db, req: req, code: decode.PractitionerCode(req.Code)}
	file, err := p.read(ctx)
	return file, errors.Join(err, db.Close())
}

// personReader collects the file of one person.
type personReader struct {
	*Runner
	db      *warehouse.DB
	req     PersonRequest
	code    string
	asOf    register.Day
	lastDay register.Day // the last run's
	points  pointsFile
	shown   shownRows
	file    *report.PersonFile
}

func (p *personReader) read(ctx context.Context) (*report.PersonFile, error) {
	p.file = &report.PersonFile{Code: p.code, IsNameMasked: !p.req.ShowNames, RulePack: p.Config.RulePack.Name, Policy: p.Config.RulePack.Title, Centre: p.Config.Settings.CentreName}
	var err error
	if p.lastDay, p.file.RunID, err = judgedAsOf(ctx, p.db); err != nil {
		return nil, err
	}
	p.asOf = p.lastDay
	if !p.req.AsOf.IsZero() {
		p.asOf = register.DayOf(p.req.AsOf)
	}
	p.file.AsOf, p.file.ClaimsAsOf = dayText(p.asOf), dayText(p.lastDay)
	if p.file.UnjudgedFiles, err = unjudgedFiles(ctx, p.db, ""); err != nil {
		return nil, err
	}
	if err := p.identify(ctx); err != nil {
		return nil, err
	}
	for _, part := range []struct {
		name string
		read func(context.Context) error
	}{
		{"points record", p.readRecord}, {"registry", p.readRegistry}, {"delivered rows", p.readDelivered}, {"claims", p.readClaims},
		{"pharmacies", p.readPharmacies}, {"warnings", p.readWarnings},
	} {
		if err := part.read(ctx); err != nil {
			return nil, fmt.Errorf("read %s of the practitioner: %w", part.name, err)
		}
	}
	return p.file, nil
}

// judgedAsOf is the day whose knowledge the verdicts show, and the run that judged.
func judgedAsOf(ctx context.Context, db *warehouse.DB) (day register.Day, run string, err error) {
	err = db.Row(ctx, `SELECT p.as_of_day, coalesce((SELECT arg_max(run_id, finished_at) FROM meta.model), '') FROM ref.run p`, []any{&day, &run})
	if errors.Is(err, sql.ErrNoRows) {
		return 0, "", &pipeline.Error{Kind: pipeline.KindUsage, Op: "read warehouse", Err: errors.New("nothing has been judged yet"),
			Hint: "`claimsaudit run nightly` takes in what lies in the inbox and judges it"}
	}
	return day, run, err
}

// unjudgedFiles counts the files that were taken in since a run last came to its end: one that stopped at a gate, failed
// or was killed has judged nothing. The schemas' prefix is "" or that of an attached warehouse.
func unjudgedFiles(ctx context.Context, db *warehouse.DB, prefix string) (files int, err error) {
	err = db.Row(ctx, `SELECT count(*) FROM `+prefix+`meta.file f LEFT JOIN `+prefix+`meta.run r ON r.run_id = f.run_id
WHERE f.state = 'loaded' AND f.loaded > 0 AND coalesce(r.link_no, 9223372036854775807) > coalesce((SELECT max(w.link_no) FROM `+prefix+`meta.run w
  WHERE w.job IN ($1, $2, $3, $4) AND (w.state = 'done' OR w.exit_code IN ($5, $6, $7))), 0)`, []any{&files},
		string(Nightly), string(Monthly), string(Annual), string(Replay),
		pipeline.KindBadFile.ExitCode(), pipeline.KindUndelivered.ExitCode(), pipeline.KindMissingFile.ExitCode())
	if err != nil {
		return 0, fmt.Errorf("look for files not judged yet: %w", err)
	}
	return files, nil
}

// identify finds out who is meant, or says who may be.
func (p *personReader) identify(ctx context.Context) error {
	isNamed := false
	err := p.db.Row(ctx, `SELECT
  (SELECT count(*) > 0 FROM staging.practitioner_status WHERE prac_psn_code = $1),
  (SELECT count(*) > 0 FROM staging.points_decision WHERE prac_psn_code = $1)
    OR (SELECT count(*) > 0 FROM staging.repair WHERE prac_psn_code = $1) OR (SELECT count(*) > 0 FROM staging.restoration WHERE prac_psn_code = $1)
    OR (SELECT count(*) > 0 FROM staging.decision_person WHERE prac_psn_code = $1),
  (SELECT count(*) > 0 FROM audit.finding WHERE practitioner_code = $1)`,
		[]any{&p.file.IsRegistered, &p.file.HasRecord, &isNamed}, p.code)
	if err != nil {
		return fmt.Errorf("find practitioner: %w", err)
	}
	if !p.file.IsRegistered && !p.file.HasRecord && !isNamed {
		return unknownPractitioner(ctx, p.db, p.code)
	}
	name := "mask_name(prac_psn_name)"
	if p.req.ShowNames {
		name = "prac_psn_name"
	}
	return each(ctx, p.db, func(c []string) {
		p.file.Name, p.file.Type = report.Text(c[0]), report.Text(c[1])
	}, "SELECT "+name+`, prac_psn_type FROM staging.practitioner_status WHERE prac_psn_code = $1
ORDER BY prac_psn_name IS NULL, snapshot_date DESC, fixmedins_code DESC LIMIT 1`, p.code)
}

// unknownPractitioner says which known codes look like the one that was typed.
func unknownPractitioner(ctx context.Context, db *warehouse.DB, code string) error {
	hint, err := likelyCodes(ctx, db, "", code)
	if err != nil {
		return fmt.Errorf("find practitioner: %w", err)
	}
	if hint == "" {
		hint = "check the code; `claimsaudit query \"SELECT practitioner_code, name_masked FROM mart.practitioner_file LIMIT 5\"` shows how codes look"
	}
	return &pipeline.Error{Kind: pipeline.KindUsage, Op: "find practitioner", Where: code, Hint: hint,
		Err: errors.New("neither the registry nor the points record knows this code")}
}

// likelyCodes says whom a code that nobody has may mean, "" without an idea. The schemas' prefix is "" or that of an
// attached warehouse.
func likelyCodes(ctx context.Context, db *warehouse.DB, prefix, code string) (string, error) {
	var near, alias []string
	err := each(ctx, db, func(c []string) { near = append(near, c[0]) }, `WITH known AS (
  SELECT practitioner_code AS code FROM `+prefix+`core.practitioner UNION SELECT practitioner_code FROM `+prefix+`core.points_person
)
SELECT code FROM known WHERE damerau_levenshtein(code, $1) <= CASE WHEN length($1) > 6 THEN 2 ELSE 1 END OR (length($1) > 3 AND ends_with(code, $1))
ORDER BY damerau_levenshtein(code, $1), code LIMIT 5`, code)
	if err == nil {
		err = each(ctx, db, func(c []string) { alias = append(alias, c[0]) },
			"SELECT DISTINCT prac_psn_code FROM "+prefix+"staging.practitioner_alias WHERE alias_code = $1 ORDER BY 1 LIMIT 5", code)
	}
	switch {
	case err != nil:
		return "", err
	case len(alias) > 0:
		return "it is an alias of " + strings.Join(alias, " and ") + ": ask for that code", nil
	case len(near) > 0:
		return "did you mean " + strings.Join(near, " or ") + "?", nil
	}
	return "", nil
}

// readRecord computes the points record as of the day and what follows from it.
func (p *personReader) readRecord(ctx context.Context) error {
	files, err := readPoints(ctx, p.db)
	if err != nil {
		return err
	}
	if at := slices.IndexFunc(files, func(f pointsFile) bool { return f.code == p.code }); at >= 0 {
		p.points = files[at]
	}
	if p.shown, err = shownOf(ctx, p.db, p.code); err != nil {
		return err
	}
	rules := &p.Config.RulePack.Points
	p.points.code = p.code
	p.points.record = register.Compute(rules, p.points.person, p.asOf)
	rec := &p.points.record
	f := p.file
	f.DerivedStatus, f.TotalPoints, f.BlockedTo = rec.StatusOn(p.asOf), rec.Total, dayText(rec.BlockedTo(p.asOf))
	f.Events, f.Blocks, f.Matters = eventRows(rec), p.blockRows(), matterRows(rules, &p.points)
	f.Deadlines = deadlinesOf(p.Config, &p.points, p.shown)
	return nil
}

// shownOf is what the registry shows of one person's blocks.
func shownOf(ctx context.Context, db *warehouse.DB, code string) (shown shownRows, err error) {
	err = db.Query(ctx, func(rows *sql.Rows) error {
		var r shownRow
		err := rows.Scan(&r.institution, &r.severity, &r.snapshot, &r.from, &r.end)
		shown = append(shown, r)
		return err
	}, `SELECT fixmedins_code, severity, snapshot_day, coalesce(begin_day, base_from_day), coalesce(end_day + 1, 2932896)
FROM core.registry_row WHERE practitioner_code = ? ORDER BY snapshot_day, fixmedins_code`, code)
	return shown, err
}

func eventRows(rec *register.Record) []report.PersonEvent {
	rows := make([]report.PersonEvent, 0, len(rec.Events))
	for _, e := range rec.Events {
		row := report.PersonEvent{Year: e.Year, On: dayText(e.On), Kind: e.Kind, RefNo: report.Text(e.RefNo), Points: e.Points, TotalAfter: e.TotalAfter,
			Measure: report.Text(e.Measure), BlockFrom: dayText(e.BlockFrom), BlockTo: dayText(e.BlockTo), Article: e.Article}
		if e.Measure != "" {
			row.MeasureTitle = report.Text(report.MeasureTitle(e.Measure, e.Months))
		}
		rows = append(rows, row)
	}
	return rows
}

// blockState says where a block stands on a day.
func blockState(b register.Block, day register.Day) string {
	switch {
	case day < b.From:
		return "to_come"
	case day < b.To:
		return "running"
	case b.RestoredOn != 0 && b.RestoredOn <= day:
		return "restored"
	}
	return "over"
}

func (p *personReader) blockRows() []report.PersonBlock {
	rows := make([]report.PersonBlock, 0, len(p.points.record.Blocks))
	for _, b := range p.points.record.Blocks {
		row := report.PersonBlock{Measure: b.Kind, Title: report.MeasureTitle(b.Kind, b.Months), RefNo: b.RefNo, DecidedOn: dayText(b.DecidedOn),
			From: dayText(b.From), To: dayText(b.To), ShownSince: dayText(p.shown.since(b)), RestoredOn: dayText(b.RestoredOn), State: blockState(b, p.asOf)}
		if at := slices.IndexFunc(p.points.person.Decisions, func(d register.Decision) bool { return d.No == b.RefNo }); at >= 0 {
			row.ServedOn = dayText(p.points.person.Decisions[at].NoticeServedOn)
		}
		rows = append(rows, row)
	}
	return rows
}

// matterRows are those of core.points_matter.
func matterRows(rules *configs.Points, f *pointsFile) []report.PersonMatter {
	rows := []report.PersonMatter{}
	f.addRows(rules, func(table string, row ...any) {
		if table != "core.points_matter" {
			return
		}
		text := func(v any) string {
			if v == nil {
				return ""
			}
			return v.(string)
		}
		on, _ := row[3].(int)
		rows = append(rows, report.PersonMatter{Feed: text(row[1]), RefNo: text(row[2]), On: dayText(register.Day(on)), Reason: text(row[4]),
			Title: text(row[5]), Article: report.Text(text(row[6]))})
	})
	return rows
}

// deadlinesOf are the open matters of one person, in the words of mart.deadline.
func deadlinesOf(config *configs.Config, f *pointsFile, shown shownRows) []report.PersonDeadline {
	rules, asOf := &config.RulePack.Points, f.record.AsOf
	rows := []report.PersonDeadline{}
	for _, d := range register.Deadlines(rules, f.person, f.record, config.Operation.Calendar.AddWorkdays, shown.since) {
		state, problem := deadlineState(d, asOf)
		rows = append(rows, report.PersonDeadline{Kind: d.Kind, Title: report.DeadlineTitle(d.Kind), Due: dayText(d.Due), State: state, Article: d.Article,
			RefNo: d.RefNo, Note: report.Text(problem)})
	}
	for _, b := range f.record.Blocks {
		if b.From >= asOf && b.From < asOf+soonDays {
			rows = append(rows, report.PersonDeadline{Kind: dueBlockStart, Title: report.DeadlineTitle(dueBlockStart), Due: dayText(b.From),
				State: stateStarting, Article: rules.Measures.Article, RefNo: b.RefNo})
		}
	}
	return rows
}

// noDay and openDay are the ends that the models write for none.
const noDay, openDay register.Day = -2932896, 2932896

// dayText is a day for a reader; "" for one that is not given or open.
func dayText(d register.Day) report.Day {
	if d <= noDay || d >= openDay {
		return ""
	}
	return report.Day(d.String())
}

// each reads a query as text, "" for NULL.
func each(ctx context.Context, db *warehouse.DB, use func(cells []string), query string, args ...any) error {
	return db.Query(ctx, func(rows *sql.Rows) error {
		names, err := rows.Columns()
		if err != nil {
			return err
		}
		values, targets := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		cells := make([]string, len(names))
		for i, v := range values {
			if v = warehouse.Plain(v); v != nil {
				cells[i] = fmt.Sprint(v)
			}
		}
		use(cells)
		return nil
	}, query, args...)
}
