package jobs

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"

	"claimsaudit/configs"
	"claimsaudit/pipeline/register"
	"claimsaudit/pipeline/warehouse"
)

// What the register computes stands in the ledger of models under these names, beside the numbers of the SQL around it.
const (
	pointsModel = "300_points_record" // before layer 30
	todayModel  = "395_as_of_day"     // after it
)

// pointsFile is what was delivered about one practitioner, and the record that follows from it.
type pointsFile struct {
	code   string
	person register.Person
	record register.Record
}

// keepPoints computes the points record of everyone as of the run's day and writes what changed. The token stands for
// the blocks, which are all that the verdicts ask of it.
func (s *runState) keepPoints(ctx context.Context) (blocks string, err error) {
	files, err := readPoints(ctx, s.db)
	if err != nil {
		return "", fmt.Errorf("read points record: %w", err)
	}
	rules, asOf := &s.Config.RulePack.Points, register.DayOf(s.req.AsOf)
	tables := map[string][][]any{"core.points_event": nil, "core.points_block": nil, "core.points_person": nil, "core.points_matter": nil,
		"core.points_status": nil}
	add := func(table string, row ...any) { tables[table] = append(tables[table], row) }
	for i := range files {
		f := &files[i]
		f.record = register.Compute(rules, f.person, asOf)
		f.addRows(rules, add)
	}
	s.points = files
	return digestRows(tables["core.points_block"]), s.keepComputed(ctx, pointsModel, tables)
}

// keepComputed writes tables unless they have that content already.
func (s *runState) keepComputed(ctx context.Context, model string, tables map[string][][]any) error {
	h := sha256.New()
	for _, table := range slices.Sorted(maps.Keys(tables)) {
		fmt.Fprintln(h, table, digestRows(tables[table]))
	}
	return s.keepComputedWhere(ctx, model, hex.EncodeToString(h.Sum(nil)), "true", tables)
}

// keepComputedWhere replaces the rows for which the condition holds, unless the digest says that they stand there already.
func (s *runState) keepComputedWhere(ctx context.Context, model, digest, where string, tables map[string][][]any) error {
	known, err := s.db.ModelDigest(ctx, model)
	if err != nil {
		return err
	}
	if known == digest || (s.only != nil && !s.only[model]) {
		return nil
	}
	s.modelStep(model, -1, 0)
	start := s.Clock()
	rows, err := s.db.ReplaceComputedWhere(ctx, model, digest, s.row.ID, s.now(), where, tables)
	if err != nil {
		return err
	}
	s.out.Models++
	s.modelStep(model, rows, s.Clock().Sub(start))
	return nil
}

// digestRows stands for the content of a table.
func digestRows(rows [][]any) string {
	h := sha256.New()
	for _, row := range rows {
		fmt.Fprintf(h, "%#v\n", row) // tells 1 from "1" and both from nothing
	}
	return hex.EncodeToString(h.Sum(nil))
}

// addRows adds a person's rows to the tables of the record.
func (f *pointsFile) addRows(rules *configs.Points, add func(table string, row ...any)) {
	r := &f.record
	for i, e := range r.Events {
		add("core.points_event", f.code, i+1, e.Year, int(e.On), e.Kind, nullText(e.RefNo), e.Points, e.TotalAfter, nullText(e.Measure),
			nullDay(e.BlockFrom), nullDay(e.BlockTo), e.Article)
	}
	for _, span := range r.Spans {
		add("core.points_status", f.code, severityOf(span.Status), int(span.From), int(span.To))
		if span.Status != register.StatusExpired {
			add("core.points_block", f.code, severityOf(span.Status), int(span.From), int(span.To))
		}
	}
	add("core.points_person", f.code, r.Total, severityOf(r.StatusOn(r.AsOf)), nullDay(r.BlockedTo(r.AsOf)))
	articles := map[string]string{}
	for _, d := range f.person.Decisions {
		articles[d.No] = d.Article
	}
	for _, d := range f.person.MovedAway {
		articles[d.No] = d.Article
	}
	for _, m := range r.Matters {
		article := map[string]string{"points_decision": articles[m.RefNo], "repair": rules.Repair.Article, "restoration": rules.Restoration.Article}[m.Feed]
		add("core.points_matter", f.code, m.Feed, m.RefNo, nullDay(m.On), string(m.Reason), m.Chinese(), article, nil)
	}
	for _, o := range r.Once {
		at := slices.IndexFunc(f.person.Decisions, func(d register.Decision) bool { return d.No == o.RefNo })
		add("core.points_matter", f.code, "points_decision", o.RefNo, nullDay(f.person.Decisions[at].DecidedOn), "counted_once",
			"与 "+o.With+" 只计一次，取最高分", o.Article, o.With)
	}
}

// severityOf is the number by which the models know a status.
func severityOf(status string) int {
	return map[string]int{register.StatusNormal: 0, register.StatusExpired: 1, register.StatusSuspended: 2, register.StatusTerminated: 3}[status]
}

func nullText(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func nullDay(day register.Day) any {
	if day == 0 {
		return nil
	}
	return int(day)
}

// readPoints reads what the feeds of the record hold, by practitioner.
func readPoints(ctx context.Context, db *warehouse.DB) ([]pointsFile, error) {
	files := map[string]*pointsFile{}
	of := func(code string) *register.Person {
		if files[code] == nil {
			files[code] = &pointsFile{code: code}
		}
		return &files[code].person
	}
	for _, feed := range []struct {
		scan  func(*sql.Rows, func(string) *register.Person) error
		query string
	}{
		{scanDecision, `SELECT prac_psn_code, decision_no, unix_date(decided_on), article, coalesce(item, ''), points, state, coalesce(unix_date(effective_on), 0),
  coalesce(inspection_no, ''), coalesce(act_no, ''), coalesce(unix_date(notice_served_on), 0), coalesce(unix_date(appealed_on), 0),
  decision_no IN (SELECT decision_no FROM staging.final_decision),
  EXISTS (SELECT 1 FROM staging.decision_person n WHERE n.decision_no = d.decision_no AND n.prac_psn_code <> d.prac_psn_code), file_id,
  greatest((SELECT coalesce(min(f.file_id), 0) FROM staging.final_decision f WHERE f.decision_no = d.decision_no),
    (SELECT coalesce(min(n.file_id), 0) FROM staging.decision_person n WHERE n.decision_no = d.decision_no AND n.prac_psn_code = d.prac_psn_code))
FROM staging.points_decision d`},
		{scanMoved, `SELECT DISTINCT n.prac_psn_code, d.decision_no, unix_date(d.decided_on), d.article
FROM staging.decision_person n JOIN staging.points_decision d ON d.decision_no = n.decision_no WHERE d.prac_psn_code <> n.prac_psn_code`},
		{scanRepair, `SELECT prac_psn_code, repair_no, kind, unix_date(done_on), coalesce(points_off, 0), coalesce(months_off, 0), coalesce(working_days, 0)
FROM staging.repair`},
		{scanRestoration, `SELECT prac_psn_code, restoration_no, unix_date(applied_on), coalesce(unix_date(decided_on), 0), coalesce(approved, ''),
  coalesce(unix_date(effective_on), 0), coalesce(new_commitment, '') = '1'
FROM staging.restoration`},
	} {
		if err := db.Query(ctx, func(rows *sql.Rows) error { return feed.scan(rows, of) }, feed.query); err != nil {
			return nil, err
		}
	}
	all := make([]pointsFile, 0, len(files))
	for _, f := range files {
		f.sort()
		all = append(all, *f)
	}
	slices.SortFunc(all, func(a, b pointsFile) int { return cmp.Compare(a.code, b.code) })
	return all, nil
}

// sort makes the order in which rows were stored irrelevant.
func (f *pointsFile) sort() {
	slices.SortFunc(f.person.Decisions, func(a, b register.Decision) int { return cmp.Compare(a.No, b.No) })
	slices.SortFunc(f.person.MovedAway, func(a, b register.Decision) int { return cmp.Compare(a.No, b.No) })
	slices.SortFunc(f.person.Repairs, func(a, b register.Repair) int { return cmp.Compare(a.No, b.No) })
	slices.SortFunc(f.person.Restorations, func(a, b register.Restoration) int { return cmp.Compare(a.No, b.No) })
}

func scanDecision(rows *sql.Rows, of func(string) *register.Person) error {
	var code string
	var d register.Decision
	err := rows.Scan(&code, &d.No, &d.DecidedOn, &d.Article, &d.Item, &d.Points, &d.State, &d.EffectiveOn, &d.InspectionNo, &d.ActNo,
		&d.NoticeServedOn, &d.AppealedOn, &d.WasFinal, &d.WasAnothers, &d.FileNo, &d.FinalSince)
	p := of(code)
	p.Decisions = append(p.Decisions, d)
	return err
}

func scanMoved(rows *sql.Rows, of func(string) *register.Person) error {
	var code string
	var d register.Decision
	err := rows.Scan(&code, &d.No, &d.DecidedOn, &d.Article)
	p := of(code)
	p.MovedAway = append(p.MovedAway, d)
	return err
}

func scanRepair(rows *sql.Rows, of func(string) *register.Person) error {
	var code string
	var r register.Repair
	err := rows.Scan(&code, &r.No, &r.Kind, &r.DoneOn, &r.PointsOff, &r.MonthsOff, &r.WorkingDays)
	p := of(code)
	p.Repairs = append(p.Repairs, r)
	return err
}

func scanRestoration(rows *sql.Rows, of func(string) *register.Person) error {
	var code string
	var r register.Restoration
	err := rows.Scan(&code, &r.No, &r.AppliedOn, &r.DecidedOn, &r.Approved, &r.EffectiveOn, &r.NewCommitment)
	p := of(code)
	p.Restorations = append(p.Restorations, r)
	return err
}
