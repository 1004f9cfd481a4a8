package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"claimsaudit/configs"
	"claimsaudit/pipeline"
	"claimsaudit/pipeline/mail"
	"claimsaudit/pipeline/report"
	"claimsaudit/pipeline/warehouse"
)

// The kinds of mail, as recipients are configured for them.
const (
	mailMonthly = "monthly"
	mailDaily   = "daily"
	mailAlarm   = "alarm"
)

// queueMail puts into the outbox what the run has to tell; runErr is how it ended. Call inside the transaction that
// ends the run, so that a mail is queued exactly if what it tells of happened.
func (s *runState) queueMail(ctx context.Context, runErr error) error {
	if s.isPlan || !s.Config.Operation.Mail.Enabled() {
		return nil
	}
	facts := s.runFacts(runErr)
	if err := s.inherit(ctx, &facts); err != nil {
		return err
	}
	due, err := s.untoldDeadlines(ctx, &facts)
	if err != nil {
		return err
	}
	if s.hasReport && pipeline.Stands(runErr) { // else the next run makes it anew and tells of it
		if err := s.queueMonthly(ctx, facts); err != nil {
			return err
		}
	}
	to := s.Config.Operation.Mail.Recipients
	daily := to[mailDaily]
	if len(facts.Failures) > 0 {
		key := fmt.Sprintf("run %s %s %d %s", s.req.Job, s.periodText(), facts.Failures[0].Kind, s.today())
		if _, err := s.queueAlarm(ctx, s.db, s.row.ID, key, report.FailedNotice(facts)); err != nil {
			return err
		}
		if len(facts.Refused)+len(facts.Missing) == 0 && facts.RejectedRows == 0 && facts.Deadlines.IsZero() { // else the alarm does not say all
			daily = slices.DeleteFunc(slices.Clone(daily), func(a string) bool { return slices.Contains(to[mailAlarm], a) })
		}
	}
	notice, ok := report.DailyNotice(facts)
	if !ok || s.req.Job == Replay { // whoever replays sits in front of it
		return nil
	}
	// The same matters on the same day are told once, however often the job is run.
	matters := strings.Join(append(notice.Matters, notice.Lead), "\n")
	_, err = s.queue(ctx, s.db, warehouse.Message{ID: s.messageID(mailDaily, s.today(), string(s.req.Job), matters), Kind: mailDaily, RunID: s.row.ID,
		Period: s.periodText(), Recipients: daily}, notice)
	if err != nil {
		return err
	}
	return s.db.SetFact(ctx, deadlinesTold, due)
}

// deadlinesTold is the name of the fact that holds the open matters the daily mail has told of.
const deadlinesTold = "deadlines told"

// untoldDeadlines counts the matters that became overdue, due or about to start since a mail last said so, and returns
// all that are so now: each is told once in each state, however long it stays open.
func (s *runState) untoldDeadlines(ctx context.Context, facts *report.RunFacts) (now string, err error) {
	value, err := s.db.Fact(ctx, deadlinesTold)
	if err != nil {
		return "", err
	}
	told := map[string]bool{}
	for line := range strings.SplitSeq(value, "\n") {
		told[line] = true
	}
	count := map[string]*int{stateOverdue: &facts.Deadlines.Overdue, stateDue: &facts.Deadlines.Due, stateStarting: &facts.Deadlines.Starting}
	var open []string
	err = s.db.Query(ctx, func(rows *sql.Rows) error {
		var state, matter string
		if err := rows.Scan(&state, &matter); err != nil || count[state] == nil {
			return err
		}
		open = append(open, matter)
		if !told[matter] {
			*count[state]++
		}
		return nil
	}, `SELECT state, concat_ws(' ', practitioner_code, kind, ref_no, state) AS matter FROM core.points_deadline ORDER BY matter`)
	return strings.Join(open, "\n"), err
}

// runFacts is what every notice of the run draws from.
func (s *runState) runFacts(runErr error) report.RunFacts {
	facts := report.RunFacts{Centre: s.Config.Settings.CentreName, Job: string(s.req.Job), RunID: s.row.ID, ChainHash: s.row.ChainHash,
		Period: s.periodText(), AsOf: s.req.AsOf, RejectedRows: s.out.Rejected, Quarantine: s.out.Quarantine, Missing: s.out.Missing}
	for _, err := range s.problems {
		facts.Refused = append(facts.Refused, troubleOf(err))
	}
	if runErr == nil || pipeline.Stands(runErr) {
		return facts
	}
	for _, err := range pipeline.Flatten(runErr) {
		switch pipeline.KindOf(err) {
		case pipeline.KindInternal, pipeline.KindUsage, pipeline.KindGate:
			facts.Failures = append(facts.Failures, troubleOf(err))
		}
	}
	return facts
}

// inherit adds what interrupted runs found: they came to no end at which they could tell, and what they took in is not new
// to this run.
func (s *runState) inherit(ctx context.Context, facts *report.RunFacts) error {
	if s.row.ID == "" { // no run, so the next one tells
		return nil
	}
	untold, err := s.db.UntoldBefore(ctx, s.row.ID, mailDaily)
	if err != nil {
		return err
	}
	facts.RejectedRows += untold.Rejected
	for _, name := range untold.Quarantine {
		facts.Quarantine = append(facts.Quarantine, s.path("quarantine", name))
	}
	for _, d := range untold.Refused {
		why := d.Reason
		if _, after, found := strings.Cut(d.Reason, d.Path+": "); found { // the mail names the file itself
			why = after
		}
		facts.Refused = append(facts.Refused, report.Trouble{Kind: pipeline.KindBadFile, Where: d.Path, Why: why})
	}
	return nil
}

// troubleOf takes from an error what may leave the machine: what a fault inside the database says could quote a row.
func troubleOf(err error) report.Trouble {
	t := report.Trouble{Kind: pipeline.KindOf(err)}
	var ours *pipeline.Error
	if !errors.As(err, &ours) {
		t.Where, _, _ = strings.Cut(err.Error(), ":")
		return t
	}
	t.Where = ours.Where
	if t.Kind == pipeline.KindInternal {
		t.Where = strings.Trim(ours.Op+": "+ours.Where, ": ")
	} else if ours.Err != nil {
		t.Why = ours.Err.Error()
	}
	return t
}

// queueMonthly queues the mail that brings the month's report.
func (s *runState) queueMonthly(ctx context.Context, run report.RunFacts) error {
	facts := report.MonthFacts{RunFacts: run, Report: s.month, IsLaterView: s.isLaterView(), LimitMB: s.Config.Operation.Mail.AttachmentLimitMB,
		IsProtected: s.Config.Operation.Mail.WorkbookPassword != ""}
	// Not only this run's: a nightly run took most of the month's files in, and their rows wait all the same.
	if err := s.db.Row(ctx, "SELECT count(*) FROM staging.rejected_row WHERE replayed_in IS NULL", []any{&facts.RejectedRows}); err != nil {
		return err
	}
	for _, g := range readersOf(&s.Config.Operation.Mail) {
		facts := facts
		m := warehouse.Message{ID: s.messageID(mailMonthly, append([]string{s.periodText(), s.row.ID}, g.own...)...), Kind: mailMonthly, RunID: s.row.ID,
			Period: s.periodText(), Recipients: g.recipients}
		var err error
		if m.Attachments, err = s.attach(&facts, string(g.password)); err != nil {
			return err
		}
		notice, err := report.MonthlyNotice(facts)
		if err != nil {
			return err
		}
		if _, err = s.queue(ctx, s.db, m, notice); err != nil {
			return err
		}
	}
	return nil
}

// readers open the month's workbooks with the same password.
type readers struct {
	recipients []string
	own        []string // the address of whoever has a password of his own
	password   configs.Secret
}

// readersOf parts the recipients of the month's report: first those with the common password, then each with its own.
func readersOf(m *configs.Mail) []readers {
	all := []readers{{password: m.WorkbookPassword}}
	for _, address := range m.Recipients[mailMonthly] {
		if password := m.RecipientPasswords[address]; password != "" {
			all = append(all, readers{recipients: []string{address}, own: []string{address}, password: password})
		} else {
			all[0].recipients = append(all[0].recipients, address)
		}
	}
	if len(all[0].recipients) == 0 {
		return all[1:]
	}
	return all
}

// attach takes the reports along as far as the limit allows, and notes where the others lie.
func (s *runState) attach(facts *report.MonthFacts, password string) (attached []warehouse.Attachment, err error) {
	room := facts.LimitMB << 20
	m := &s.Config.Operation.Mail
	for _, path := range slices.Concat(s.out.Reports, s.out.ForAuthorities) {
		if kind := reportKind(path); !m.Brings(kind) {
			if kind == configs.ReportMonthly {
				facts.OnServer = append(facts.OnServer, path)
			} else {
				facts.Internal = append(facts.Internal, path)
			}
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			return nil, dataError(path, err)
		}
		isOpen := facts.IsProtected && filepath.Ext(path) != ".xlsx" // nothing else can be locked
		if isOpen || mail.Encoded(int(info.Size())) > room {
			facts.Elsewhere = append(facts.Elsewhere, path)
			continue
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return nil, dataError(path, err)
		}
		if facts.IsProtected {
			if content, err = report.Protect(content, password); err != nil {
				return nil, err
			}
		}
		room -= mail.Encoded(len(content))
		attached = append(attached, warehouse.Attachment{Name: filepath.Base(path), Content: content})
		facts.Attached = append(facts.Attached, filepath.Base(path))
	}
	return attached, nil
}

// reportKind is the name by which mail.reports knows a report.
func reportKind(path string) string {
	switch name := filepath.Base(path); {
	case strings.HasPrefix(name, report.PointsReportName):
		return configs.ReportPoints
	case strings.HasPrefix(name, report.HandoverHealthName), strings.HasPrefix(name, report.HandoverDrugName):
		return configs.ReportHandover
	}
	return configs.ReportMonthly
}

// queueAlarm queues an alarm unless there was one of the same key.
func (r *Runner) queueAlarm(ctx context.Context, db *warehouse.DB, runID, key string, notice report.Notice) (queued bool, err error) {
	return r.queue(ctx, db, warehouse.Message{ID: r.messageID(mailAlarm, key), Kind: mailAlarm, RunID: runID,
		Recipients: r.Config.Operation.Mail.Recipients[mailAlarm]}, notice)
}

// queue renders the notice and puts the message into the outbox.
func (r *Runner) queue(ctx context.Context, db *warehouse.DB, m warehouse.Message, notice report.Notice) (queued bool, err error) {
	m.CreatedAt, m.Subject = r.now(), notice.Subject
	rendered, err := notice.Render()
	if err != nil {
		return false, err
	}
	m.Text, m.HTML = rendered.Text, rendered.Page
	files := len(m.Attachments)
	for _, p := range rendered.Pictures { // small; the limit is for what is attached
		m.Attachments = append(m.Attachments, warehouse.Attachment{Name: p.Name, Content: p.Content, ContentID: p.ID})
	}
	queued, err = db.QueueMessage(ctx, m)
	if queued {
		r.Log.Info().Str("mail", m.ID).Str("kind", m.Kind).Int("recipients", len(m.Recipients)).Int("attachments", files).Msg("mail queued")
	}
	return queued, err
}

// messageID is the same for the same matter of the same office.
func (r *Runner) messageID(kind string, parts ...string) string {
	return mail.NewID(r.Config.Operation.Mail.From, kind, append([]string{r.Config.Settings.StatementPrefix}, parts...)...)
}

// today is the day on the office's wall.
func (r *Runner) today() string { return r.now().Format(time.DateOnly) }
