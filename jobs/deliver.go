package jobs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"claimsaudit/pipeline"
	"claimsaudit/pipeline/mail"
	"claimsaudit/pipeline/report"
	"claimsaudit/pipeline/warehouse"
)

// What could not be delivered is tried again after these times and then every slowest, for giveUpAfter from when it was
// made. A machine that was off meanwhile has tried too little to give up: leastAttempts come first.
var retryDelays = []time.Duration{5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour}

const (
	slowest       = 6 * time.Hour
	giveUpAfter   = 72 * time.Hour
	leastAttempts = 5
)

// Delivery is what became of the mails of one pass over the outbox.
type Delivery struct {
	Sent, Deferred, Ambiguous, Refused, GaveUp int // recipients
	Outbox                                     warehouse.Outbox
	err                                        error // why the last one failed
}

// Waits is how many recipients wait, and since when the oldest does.
func (d Delivery) Waits() (n int, oldest time.Time) {
	if d.Outbox.Waiting == 0 {
		return 0, time.Time{}
	}
	return d.Outbox.Waiting, wallTime(d.Outbox.Oldest)
}

func (d Delivery) failed() int { return d.Deferred + d.Ambiguous + d.Refused + d.GaveUp }

// deliver sends to every recipient whose time has come, or to everyone who waits. The error is of what stops the pass;
// a server that does not take a mail is told in the Delivery. Call under the lock of the data directory.
func (r *Runner) deliver(ctx context.Context, db *warehouse.DB, runID string, everyone bool) (d Delivery, err error) {
	defer func() {
		if err != nil && ctx.Err() != nil { // also where the database says so in its own words
			err = interrupted("deliver mail", ctx.Err())
		}
	}()
	if err := db.RecoverSending(ctx, r.now()); err != nil {
		return d, err
	}
	sender := r.sender()
	defer sender.Close()
	tried := map[[2]string]bool{}
	for {
		if err := r.raiseUndelivered(ctx, db, runID); err != nil { // its mail goes out in the same turn
			return d, err
		}
		due, err := db.DueRecipients(ctx, r.now(), slowest, everyone)
		if err != nil {
			return d, err
		}
		due = withoutTried(due, tried)
		if len(due) == 0 {
			break
		}
		if err := r.deliverTo(ctx, db, sender, due, &d); err != nil {
			return d, err
		}
	}
	d.Outbox, err = db.Outbox(ctx)
	return d, err
}

func withoutTried(due []warehouse.Recipient, tried map[[2]string]bool) (left []warehouse.Recipient) {
	for _, to := range due {
		if key := [2]string{to.MessageID, to.Address}; !tried[key] {
			tried[key] = true
			left = append(left, to)
		}
	}
	return left
}

// deliverTo makes one attempt for each. That it begins is on disk before the first byte goes out, how it ended after
// the last: a process that dies in between leaves a mark, and the mail is sent again.
func (r *Runner) deliverTo(ctx context.Context, db *warehouse.DB, sender *mail.Sender, due []warehouse.Recipient, d *Delivery) error {
	var m warehouse.Message
	var unreachable *mail.Result
	for _, to := range due {
		if err := ctx.Err(); err != nil {
			return err
		}
		if m.ID != to.MessageID {
			var err error
			if m, err = db.Message(ctx, to.MessageID); err != nil {
				return err
			}
		}
		to.Attempts++
		if unreachable != nil { // nor would it be for the others
			if err := r.record(ctx, db, to, *unreachable, d); err != nil {
				return err
			}
			continue
		}
		to.State = warehouse.MailSending
		if err := db.MarkRecipient(ctx, to); err != nil {
			return err
		}
		result := sender.Send(ctx, r.letter(m, to), to.Address)
		if err := r.record(context.WithoutCancel(ctx), db, to, result, d); err != nil {
			return err
		}
		if result.Unreachable {
			unreachable = &result
		}
	}
	return nil
}

// letter is the message as every attempt sends it.
func (r *Runner) letter(m warehouse.Message, to warehouse.Recipient) mail.Message {
	out := mail.Message{ID: m.ID, From: r.Config.Operation.Mail.From, To: m.Recipients, Subject: m.Subject, Text: m.Text, HTML: m.HTML,
		Date: wallTime(m.CreatedAt), IsRepeat: to.IsAmbiguous}
	for _, a := range m.Attachments {
		file := mail.Attachment{Name: a.Name, Content: a.Content}
		if a.ContentID != "" {
			out.Pictures = append(out.Pictures, mail.Picture{Attachment: file, ID: a.ContentID})
			continue
		}
		out.Attachments = append(out.Attachments, file)
	}
	return out
}

func (r *Runner) sender() *mail.Sender {
	m := r.Config.Operation.Mail
	return &mail.Sender{Host: m.Host, Port: m.Port, Security: m.Security, User: m.User, Password: string(m.Password), RootCAs: m.Authority}
}

// record writes down how an attempt ended.
func (r *Runner) record(ctx context.Context, db *warehouse.DB, to warehouse.Recipient, result mail.Result, d *Delivery) error {
	now := r.now()
	to.LastError = result.Detail
	log := r.Log.Warn()
	switch {
	case result.Outcome == mail.Sent:
		to.State, to.SentAt = warehouse.MailSent, now
		d.Sent++
		log = r.Log.Info()
	case result.Outcome == mail.Refused:
		to.State = warehouse.MailRefused
		d.Refused++
	case now.Sub(to.CreatedAt) >= giveUpAfter && to.Attempts >= leastAttempts:
		to.State = warehouse.MailGaveUp
		d.GaveUp++
	default:
		to.State, to.NextAt = warehouse.MailQueued, now.Add(delay(to.Attempts))
		if end := to.CreatedAt.Add(giveUpAfter); now.Before(end) && end.Before(to.NextAt) {
			to.NextAt = end // the last attempt
		}
		if result.Outcome == mail.Ambiguous {
			d.Ambiguous++
		} else {
			d.Deferred++
		}
	}
	to.IsAmbiguous = to.IsAmbiguous || result.Outcome == mail.Ambiguous
	if result.Err != nil {
		d.err = result.Err
		log = log.Err(result.Err).Str("hint", pipeline.HintOf(result.Err))
	}
	log.Str("mail", to.MessageID).Str("to", mail.Mask(to.Address)).Int("attempt", to.Attempts).Msg("mail " + to.State)
	return db.MarkRecipient(ctx, to)
}

// delay is how long to wait after so many attempts.
func delay(attempts int) time.Duration {
	if attempts <= len(retryDelays) {
		return retryDelays[attempts-1]
	}
	return slowest
}

// raiseUndelivered queues the alarm that mails were refused or given up; of alarms themselves there is none.
func (r *Runner) raiseUndelivered(ctx context.Context, db *warehouse.DB, runID string) error {
	return db.Tx(ctx, func() error {
		lost, err := db.UntoldLosses(ctx, mailAlarm)
		if err != nil || len(lost) == 0 {
			return err
		}
		kinds := map[string]string{mailMonthly: "月度报告", mailDaily: "每日简报", "institution": "机构通知"}
		ends := map[string]string{warehouse.MailRefused: "对方邮件服务器拒收", warehouse.MailGaveUp: "三天内多次投递未成"}
		var lines []string
		for _, l := range lost {
			lines = append(lines, fmt.Sprintf("%s（%s）致 %s：%s", kinds[l.Kind], l.CreatedAt.Format(time.DateOnly), mail.Mask(l.Address), ends[l.State]))
		}
		key := "undelivered " + r.today()
		queued, err := r.queueAlarm(ctx, db, runID, key, report.UndeliveredNotice(r.Config.Settings.CentreName, lines))
		if err != nil || !queued { // there was one today: tomorrow's tells of these
			return err
		}
		return db.MarkTold(ctx, r.messageID(mailAlarm, key), lost)
	})
}

// deliverOwn sends what waits when a run has ended and says if something of the run's own did not get through.
func (s *runState) deliverOwn(ctx context.Context) error {
	if s.isPlan || !s.Config.Operation.Mail.Enabled() || ctx.Err() != nil {
		return nil
	}
	s.startProgress("send mail", 0)
	d, err := s.deliver(ctx, s.db, s.row.ID, true)
	s.endProgress()
	s.out.Mail = d
	if err != nil {
		return err
	}
	kind := ""
	if s.req.Job == Monthly {
		kind = mailMonthly
	}
	n, err := s.db.Undelivered(ctx, s.row.ID, kind, s.periodText())
	if err != nil || n == 0 {
		return err
	}
	return undelivered(n, d.err)
}

// undelivered is the error of exit code 5.
func undelivered(recipients int, cause error) error {
	hint := "reports and statement stand; what the server put off is tried again by the next run and `claimsaudit serve`, or now by `claimsaudit run deliver`; " +
		"what it refused is not: `claimsaudit status` tells which"
	if cause == nil {
		cause = errors.New("an earlier attempt failed")
	} else {
		hint = pipeline.HintOf(cause) + "; " + hint
	}
	return &pipeline.Error{Kind: pipeline.KindUndelivered, Op: "deliver mail", Where: fmt.Sprintf("%d recipient(s)", recipients), Err: cause, Hint: hint}
}

// runDeliver is the job that only sends: for a timetable, and for an operator who has mended what was in the way. It
// opens nothing as long as nothing can be due.
func (r *Runner) runDeliver(ctx context.Context, req Request) (out Outcome, err error) {
	if !r.Config.Operation.Mail.Enabled() {
		return out, nil
	}
	if _, err := os.Stat(r.WarehousePath()); errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	if !req.Now && len(req.Alarms) == 0 && r.outbox.isIdle(r.warehouseStamp(), r.now()) {
		out.Mail.Outbox = r.outbox.outbox
		return out, nil
	}
	release, err := acquireLock(ctx, r.path("run.lock"), string(req.Job), r.Clock())
	if err != nil {
		return out, err
	}
	defer release()
	out, err = r.deliverNow(ctx, req)
	if err == nil || pipeline.Stands(err) {
		r.outbox = outboxGlance{stamp: r.warehouseStamp(), at: r.now(), outbox: out.Mail.Outbox}
	}
	return out, err
}

func (r *Runner) deliverNow(ctx context.Context, req Request) (out Outcome, err error) {
	db, err := r.open(ctx, r.WarehousePath())
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for _, a := range req.Alarms {
		if _, err := r.queueAlarm(ctx, db, string(Deliver), a.Key, report.AlarmNotice(r.Config.Settings.CentreName, a.Title, a.Text)); err != nil {
			return out, err
		}
	}
	if out.Mail, err = r.deliver(ctx, db, string(Deliver), req.Now); err != nil {
		return out, err
	}
	if n := out.Mail.failed(); n > 0 {
		return out, undelivered(n, out.Mail.err)
	}
	return out, nil
}

// outboxGlance is what a daemon remembers of the outbox, so that it need not open the warehouse every minute.
type outboxGlance struct {
	stamp  string
	at     time.Time
	outbox warehouse.Outbox
}

// isIdle reports that the warehouse is as it was left and nothing in it is due. A clock that was set back does not count.
func (g outboxGlance) isIdle(stamp string, now time.Time) bool {
	return g.stamp != "" && g.stamp == stamp && !now.Before(g.at) && (g.outbox.Waiting == 0 || now.Before(g.outbox.NextAt))
}

// warehouseStamp changes whenever somebody wrote to the warehouse.
func (r *Runner) warehouseStamp() string {
	stamp := ""
	for _, path := range []string{r.WarehousePath(), r.WarehousePath() + ".wal"} {
		if info, err := os.Stat(path); err == nil {
			stamp += fmt.Sprintf("%d %d;", info.Size(), info.ModTime().UnixNano())
		}
	}
	return stamp
}
