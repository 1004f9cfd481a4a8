package jobs

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"claimsaudit/configs"
	"claimsaudit/pipeline"
	"claimsaudit/pipeline/register"
	"claimsaudit/pipeline/report"
	"claimsaudit/pipeline/warehouse"
)

// DocumentsRequest says which notices of the points record are to be written.
type DocumentsRequest struct {
	Decisions []string  // their numbers
	Due       bool      // instead: all that are still to be served
	AsOf      time.Time // day, 00:00 UTC
	Case      []string  // the case in words, by paragraph; for one document only
	Dir       string    // "" = reports/documents of the data directory
}

// MadeDocument is one notice as it lies in the folder.
type MadeDocument struct {
	Path      string
	State     string    // DocumentWritten, DocumentStood or DocumentBeside
	Decisions []string  // that it covers
	ServeBy   time.Time // zero unless a decision is still to be served, or the calendar lacks the year
}

// What became of a document.
const (
	DocumentWritten = "written"
	DocumentStood   = "unchanged"      // it lay there already, the same to the byte
	DocumentBeside  = "written beside" // another one lies under its name: nothing is overwritten
)

// paper is one document: what was decided about a person on a day makes one measure (Art. 33), so it goes into one.
type paper struct {
	file      *pointsFile
	decisions []register.Decision // by number
	final     bool
	day       register.Day
}

// decisionDetail is what the register does not ask of a decision.
type decisionDetail struct{ responsibility, adjustment, institution string }

// registrant is what the registry says of a person.
type registrant struct {
	name         string
	institutions []string // where the person is registered now, else was last
}

// documentWriter knows what the notices need.
type documentWriter struct {
	*Runner
	req          DocumentsRequest
	asOf         register.Day
	files        []pointsFile
	details      map[string]decisionDetail
	persons      map[string]registrant
	institutions map[string]string // name by code
}

// Documents writes the notice of intended points for what is proposed and the decision notice for what is final. What
// cannot be written is said in the error (KindUsage), one for each decision; the others are written all the same.
func (r *Runner) Documents(ctx context.Context, req DocumentsRequest) (made []MadeDocument, err error) {
	db, err := r.openToRead(ctx, "write notices")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	w := &documentWriter{Runner: r, req: req, asOf: register.DayOf(req.AsOf)}
	if err := w.read(ctx, db); err != nil {
		return nil, fmt.Errorf("read points record: %w", err)
	}
	papers, problems := w.papers()
	if len(req.Case) > 0 && len(papers) > 1 {
		return nil, documentError("--facts", fmt.Errorf("it belongs to one notice, and these would be %d", len(papers)),
			"give the decisions of one person and one day")
	}
	for _, p := range papers {
		document, err := w.write(p)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		made = append(made, document)
	}
	return made, errors.Join(problems...)
}

func documentError(where string, err error, hint string) error {
	return &pipeline.Error{Kind: pipeline.KindUsage, Op: "write notice", Where: where, Err: err, Hint: hint}
}

func (w *documentWriter) read(ctx context.Context, db *warehouse.DB) (err error) {
	if w.files, err = readPoints(ctx, db); err != nil {
		return err
	}
	w.details, w.persons, w.institutions = map[string]decisionDetail{}, map[string]registrant{}, map[string]string{}
	err = db.Query(ctx, func(rows *sql.Rows) error {
		var no string
		var d decisionDetail
		err := rows.Scan(&no, &d.responsibility, &d.adjustment, &d.institution)
		w.details[no] = d
		return err
	}, `SELECT decision_no, coalesce(responsibility, ''), coalesce(adjustment, ''), coalesce(fixmedins_code, '') FROM staging.points_decision`)
	if err != nil {
		return err
	}
	err = db.Query(ctx, func(rows *sql.Rows) error {
		var code, name, institution string
		err := rows.Scan(&code, &name, &institution)
		p := w.persons[code]
		p.name, p.institutions = cmp.Or(p.name, name), append(p.institutions, institution)
		w.persons[code] = p
		return err
	}, registrantQuery)
	if err != nil {
		return err
	}
	return db.Query(ctx, func(rows *sql.Rows) error {
		var code, name string
		err := rows.Scan(&code, &name)
		w.institutions[code] = name
		return err
	}, `SELECT fixmedins_code, arg_max(fixmedins_name, coalesce(valid_from, DATE '0001-01-01')) FROM staging.institution GROUP BY ALL`)
}

// registrantQuery lists the persons with a decision, the newest name first, and the institutions whose newest snapshot
// shows them, else the one that showed them last.
const registrantQuery = `WITH person AS (SELECT DISTINCT prac_psn_code FROM staging.points_decision),
row AS (SELECT s.prac_psn_code AS code, s.fixmedins_code AS institution, s.snapshot_date AS day, coalesce(s.prac_psn_name, '') AS name
  FROM staging.practitioner_status s JOIN person p ON p.prac_psn_code = s.prac_psn_code),
newest AS (SELECT fixmedins_code AS institution, max(snapshot_date) AS day FROM staging.practitioner_status GROUP BY ALL),
latest AS (SELECT code, institution, max(day) AS day, max(day) = any_value(n_day) AS is_now
  FROM (SELECT r.*, n.day AS n_day FROM row r JOIN newest n ON n.institution = r.institution) GROUP BY ALL),
named AS (SELECT code, arg_max(name, day) FILTER (name <> '') AS name FROM row GROUP BY ALL)
SELECT l.code, coalesce(n.name, ''), l.institution FROM latest l JOIN named n ON n.code = l.code
WHERE l.is_now OR NOT EXISTS (SELECT 1 FROM latest o WHERE o.code = l.code AND (o.is_now OR o.day > l.day))
ORDER BY l.code, l.institution`

// papers are the documents asked for, by their first decision, and what cannot be one.
func (w *documentWriter) papers() (papers []paper, problems []error) {
	type key struct {
		code  string
		day   register.Day
		final bool
	}
	asked := map[key]bool{}
	numbers := map[string]bool{}
	for _, no := range w.req.Decisions {
		numbers[no] = true
	}
	for i := range w.files {
		f := &w.files[i]
		for _, d := range f.person.Decisions {
			if numbers[d.No] || w.req.Due && w.isDue(d) {
				delete(numbers, d.No)
				if err := w.refuse(d, f.code); err != nil {
					problems = append(problems, err)
					continue
				}
				asked[key{f.code, d.DecidedOn, d.State == "final"}] = true
			}
		}
		for k := range asked {
			if k.code == f.code {
				p := paper{file: f, day: k.day, final: k.final}
				for _, d := range f.person.Decisions {
					if d.DecidedOn == k.day && (d.State == "final") == k.final && d.State != "revoked" {
						p.decisions = append(p.decisions, d)
					}
				}
				papers = append(papers, p)
			}
		}
	}
	for _, no := range w.req.Decisions {
		if numbers[no] {
			problems = append(problems, documentError(no, errors.New("no such decision was delivered"),
				"check the number; `claimsaudit query \"SELECT ref_no, practitioner_code FROM mart.points_record WHERE event = 'points'\"` lists final ones"))
			delete(numbers, no)
		}
	}
	slices.SortFunc(papers, func(a, b paper) int { return cmp.Compare(a.decisions[0].No, b.decisions[0].No) })
	return papers, problems
}

// isDue reports whether the paper is still to be served on the as-of day. A notice served before the decision was the
// one of intention.
func (w *documentWriter) isDue(d register.Decision) bool {
	served := d.NoticeServedOn != 0 && d.NoticeServedOn <= w.asOf
	switch {
	case d.DecidedOn > w.asOf:
		return false
	case d.State == "proposed":
		return !served
	case d.State == "final":
		return !served || d.NoticeServedOn < d.DecidedOn
	}
	return false
}

// refuse says why there is no paper of a decision, nil if there is.
func (w *documentWriter) refuse(d register.Decision, code string) error {
	switch {
	case d.State == "revoked":
		return documentError(d.No, errors.New("the decision was revoked: there is nothing to serve"), "leave it out, or give the number of the decision that took its place")
	case d.DecidedOn > w.asOf:
		return documentError(d.No, fmt.Errorf("it is dated %s, after the as-of day %s", d.DecidedOn, w.asOf), "give --as-of the day of the decision or a later one")
	case w.persons[code].institutions == nil:
		return documentError(d.No, fmt.Errorf("the registry knows nobody with the code %s", code),
			"take in the practitioner_status file that names the person, or correct prac_psn_code of the decision")
	}
	return nil
}

func (w *documentWriter) write(p paper) (MadeDocument, error) {
	template, source, err := w.Config.Template(p.final)
	if err != nil {
		return MadeDocument{}, err
	}
	facts, err := w.facts(p)
	if err != nil {
		return MadeDocument{}, err
	}
	content, err := facts.Document(template, source)
	if err != nil {
		return MadeDocument{}, err
	}
	kind := "notice"
	if p.final {
		kind = "decision"
	}
	made := MadeDocument{}
	for _, d := range p.decisions {
		made.Decisions = append(made.Decisions, d.No)
	}
	if rule := w.Config.RulePack.Points.Deadlines.Notice; p.final && facts.ServedOn.IsZero() {
		made.ServeBy = w.workday(p.day, rule.Workdays)
	}
	dir := cmp.Or(w.req.Dir, w.path("reports", "documents"))
	made.Path, made.State, err = keepDocument(dir, kind+"-"+safeName(p.decisions[0].No), ".docx", content)
	return made, err
}

// workday is the zero time where the calendar lacks the year.
func (w *documentWriter) workday(from register.Day, n int) time.Time {
	day, err := w.Config.Operation.Calendar.AddWorkdays(from.Time(), n)
	if err != nil {
		return time.Time{}
	}
	return day
}

// CheckDocuments says which templates notices and yearly reports are written from, and what is wrong with them.
func CheckDocuments(config *configs.Config) (sources []string, err error) {
	for _, isDecision := range []bool{false, true} {
		template, source, wrong := config.Template(isDecision)
		if wrong == nil {
			wrong = report.CheckPointsTemplate(template, source, isDecision)
		}
		sources, err = append(sources, source), errors.Join(err, wrong)
	}
	for _, kind := range []string{"1", "2"} {
		template, source, wrong := config.AnnualTemplate(kind)
		if wrong == nil {
			wrong = report.CheckAnnualTemplate(template, source, kind)
		}
		sources, err = append(sources, source), errors.Join(err, wrong)
	}
	return sources, err
}

// CaseText splits the words of a case into paragraphs, blank lines left out.
func CaseText(text string) (paragraphs []string) {
	for line := range strings.Lines(strings.ReplaceAll(strings.TrimPrefix(text, "\ufeff"), "\r\n", "\n")) {
		if line = strings.Trim(line, " \t\r\n\u3000"); line != "" {
			paragraphs = append(paragraphs, line)
		}
	}
	return paragraphs
}
