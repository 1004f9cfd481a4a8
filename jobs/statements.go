package jobs

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"claimsaudit/configs"
	"claimsaudit/pipeline"
	"claimsaudit/pipeline/report"
	"claimsaudit/pipeline/warehouse"
)

// StatementsRequest says which institutions get their statement of a month.
type StatementsRequest struct {
	Period       pipeline.Period
	Institutions []string  // none means all that the statement concerns
	Dated        time.Time // day on the notices, 00:00 UTC; zero means the statement's as-of day
	Dir          string    // "" = the month's reports, folder institutions
	Send         bool
}

// MadeStatement is what became of the statement of one institution.
type MadeStatement struct {
	Code                          string
	Withheld, Recovered, Released int64 // cents
	Lines                         int
	Paths                         []string // workbook, page
	States                        []string // as of notices: DocumentWritten, DocumentStood, DocumentBeside
	Serving                       string   // how it gets there; "" when nobody asked
}

// How a statement gets to its institution.
const (
	ServeQueued     = "queued"
	ServeBefore     = "queued before"
	ServeNoAddress  = "no address in mail.institutions"
	ServeNoPassword = "no password in mail.institution_passwords_file"
	ServeTooLarge   = "larger than mail.attachment_limit_mb"
)

// StatementsOutcome is what Statements did.
type StatementsOutcome struct {
	StatementNo string
	AsOf        time.Time
	Dir         string
	Dated       time.Time
	ObjectUntil time.Time // the last day to object
	Made        []MadeStatement
	Mail        Delivery
}

// statementsRun knows what the statements of one month need.
type statementsRun struct {
	*Runner
	req      StatementsRequest
	db       *warehouse.DB
	meta     report.Meta
	lines    int64 // of the whole statement
	until    time.Time
	dated    time.Time
	dir      string
	items    map[[2]string]chargedItem
	known    map[string]bool // messages made before
	letters  []letterTo
	page     *report.ClaimPage
	settings configs.Statements
}

// chargedItem is what a line charges, which the published database does not know.
type chargedItem struct {
	code, name string
	day        time.Time
}

// Statements writes the statement of every institution (扣款／追回通知书) and, if asked, queues and sends them: one mail for
// each statement and address, for ever. The lines are those issued; who was blocked by which rule is what the last
// publication knows. Nothing that lies there is overwritten.
func (r *Runner) Statements(ctx context.Context, req StatementsRequest) (out StatementsOutcome, err error) {
	if req.Send && !r.Config.Operation.Mail.Enabled() {
		return out, statementsError("mail", errors.New("the configuration names no mail.host"), "set the section mail, or leave --send away and serve them otherwise")
	}
	s := &statementsRun{Runner: r, req: req, settings: r.Config.Operation.Statements}
	closeDB, err := s.open(ctx)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, closeDB()) }()
	if err := s.find(ctx); err != nil {
		return out, err
	}
	out = StatementsOutcome{StatementNo: s.meta.StatementNo, AsOf: s.meta.AsOf, Dir: s.dir, Dated: s.dated, ObjectUntil: s.until}
	if out.Made, err = s.make(ctx); err != nil || !req.Send {
		return out, err
	}
	if err := s.queueLetters(ctx); err != nil {
		return out, err
	}
	if out.Mail, err = r.deliver(ctx, s.db, statementsRunID, true); err != nil {
		return out, err
	}
	if n := out.Mail.failed(); n > 0 {
		return out, undelivered(n, out.Mail.err)
	}
	return out, nil
}

func statementsError(where string, err error, hint string) error {
	return &pipeline.Error{Kind: pipeline.KindUsage, Op: "write statements", Where: where, Err: err, Hint: hint}
}

// open holds the warehouse until the files are there, so that no run begins meanwhile; to send it must be ours to write.
func (s *statementsRun) open(ctx context.Context) (closeDB func() error, err error) {
	if !s.req.Send {
		if s.db, err = s.openToRead(ctx, "write statements"); err != nil {
			return nil, err
		}
		return s.db.Close, nil
	}
	if _, err := os.Stat(s.WarehousePath()); errors.Is(err, os.ErrNotExist) {
		return nil, nothingRun("write statements", s.WarehousePath())
	}
	release, err := acquireLock(ctx, s.path("run.lock"), statementsRunID, s.Clock())
	if err != nil {
		return nil, err
	}
	if s.db, err = s.Runner.open(ctx, s.WarehousePath()); err != nil {
		release()
		return nil, err
	}
	return func() error {
		defer release()
		return s.db.Close()
	}, nil
}

// find looks up the month's statement and everything that is the same for all institutions.
func (s *statementsRun) find(ctx context.Context) error {
	statement, err := s.statement(ctx)
	if err != nil {
		return err
	}
	runs, err := s.db.Runs(ctx, 1<<20)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(runs, func(run warehouse.Run) bool { return run.ID == statement.RunID })
	if at < 0 {
		return fmt.Errorf("write statements: run %s of statement %s is not in the ledger", statement.RunID, statement.No)
	}
	s.meta, s.lines = s.reportMeta(s.req.Period, runs[at]), statement.Lines
	s.meta.StatementNo, s.meta.AsOf = statement.No, statement.AsOf
	if runs[at].FinishedAt.IsZero() { // killed after the statement was issued
		s.meta.GeneratedAt = wallTime(runs[at].StartedAt).Truncate(time.Second)
	}
	if s.dated = s.req.Dated; s.dated.IsZero() {
		s.dated = statement.AsOf
	}
	if s.dated.Before(statement.AsOf) {
		return statementsError(s.dated.Format(time.DateOnly), fmt.Errorf("the statement knows what was known on %s", statement.AsOf.Format(time.DateOnly)), "give --dated that day or a later one")
	}
	if s.until, err = s.Config.Operation.Calendar.AddWorkdays(s.dated, s.settings.ObjectionWorkdays); err != nil {
		return err
	}
	if today := s.today(); s.req.Send && s.until.Format(time.DateOnly) < today {
		return statementsError("--send", fmt.Errorf("the last day to object, %s, is over today, %s", s.until.Format(time.DateOnly), today),
			"give --dated the day on which the notices go out: the time to object is counted from it")
	}
	if s.dir = s.req.Dir; s.dir == "" {
		s.dir = s.path("reports", s.req.Period.String(), "institutions")
	}
	if s.page, err = report.NewClaimPage(); err != nil {
		return err
	}
	return s.readItems(ctx)
}

// statement is the one that closed the month; without one the error says which months have one.
func (s *statementsRun) statement(ctx context.Context) (warehouse.Statement, error) {
	all, err := s.db.Statements(ctx)
	if err != nil {
		return warehouse.Statement{}, err
	}
	period, later := s.req.Period.String(), ""
	var months []string
	for _, x := range all {
		if x.IssuedIn == period {
			return x, nil
		}
		if x.IssuedIn > period && (later == "" || x.IssuedIn < later) {
			later = x.IssuedIn
		}
		months = append(months, x.IssuedIn)
	}
	slices.Sort(months)
	switch {
	case later != "":
		err = fmt.Errorf("%s has no statement of its own: that of %s closed it", period, later)
	default:
		err = fmt.Errorf("%s is not closed yet", period)
	}
	hint := "`claimsaudit run monthly --period " + period + "` closes it; no month has a statement so far"
	if len(months) > 0 {
		hint = "give --period a month that has a statement: " + strings.Join(months, ", ")
		if later == "" {
			hint += "; `claimsaudit run monthly --period " + period + "` closes this one"
		}
	}
	return warehouse.Statement{}, statementsError(period, err, hint)
}

// readItems reads what the lines charge: only of the month's statement and of what waits for a person.
func (s *statementsRun) readItems(ctx context.Context) error {
	s.items = map[[2]string]chargedItem{}
	return s.db.Query(ctx, func(rows *sql.Rows) error {
		var key [2]string
		var x chargedItem
		var day sql.NullTime
		err := rows.Scan(&key[0], &key[1], &x.code, &x.name, &day)
		if day.Valid {
			x.day = day.Time
		}
		s.items[key] = x
		return err
	}, `WITH due AS (SELECT setl_id, feedetl_sn FROM audit.statement_line WHERE issued_in = $1
  UNION SELECT setl_id, feedetl_sn FROM audit.line_decision WHERE period = $1 AND verdict = 'review')
SELECT l.setl_id, l.feedetl_sn, coalesce(l.med_list_codg, ''), coalesce(l.medins_list_name, ''), CAST(l.fee_ocur_time AS DATE)
FROM staging.fee_line_full l JOIN due d ON d.setl_id = l.setl_id AND d.feedetl_sn = l.feedetl_sn`, s.req.Period.String())
}

// complete adds what the published database does not know.
func (s *statementsRun) complete(c *report.Claim) {
	office := s.settings
	c.Number = office.NumberOf(s.dated.Year(), s.meta.StatementNo, c.Code)
	c.FileName = safeName(c.Code) + "-" + s.req.Period.String()
	c.PolicyNo, c.Dated, c.ObjectUntil, c.ObjectWorkdays = s.Config.RulePack.Source, s.dated, s.until, office.ObjectionWorkdays
	c.Office = report.Office{Issuer: cmp.Or(office.Issuer, s.Config.Settings.CentreName), Seal: office.Seal, Contact: office.Contact, Phone: office.Phone, Address: office.Address}
	for _, lines := range [][]report.StatementLine{c.Lines, c.Review} {
		for i := range lines {
			x := s.items[[2]string{lines[i].SetlID, lines[i].LineNo}]
			lines[i].ItemCode, lines[i].Item = x.code, x.name
			if lines[i].ServiceDay.IsZero() {
				lines[i].ServiceDay = x.day
			}
		}
	}
	c.Tally()
}
