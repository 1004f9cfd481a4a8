package jobs

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"claimsaudit/configs"
	"claimsaudit/pipeline"
	"claimsaudit/pipeline/mail/mailtest"
	"claimsaudit/pipeline/warehouse"

	"github.com/rs/zerolog"
)

const (
	head     = "head@example.cn"
	auditor  = "auditor@example.cn"
	operator = "operator@example.cn"
)

// mailOffice is a runner with a clock of its own and a mail server.
type mailOffice struct {
	*Runner
	t      *testing.T
	server *mailtest.Server
	now    time.Time
	log    bytes.Buffer
}

func newMailOffice(t *testing.T) *mailOffice {
	t.Helper()
	dir := t.TempDir()
	config, err := configs.Load(filepath.Join(dir, "none.yaml"), false, nil, configs.Overrides{Data: filepath.Join(dir, "data"), Inbox: filepath.Join(dir, "inbox")})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(config.Settings.Inbox, 0o700); err != nil {
		t.Fatal(err)
	}
	o := &mailOffice{t: t, now: time.Date(2025, 4, 3, 6, 0, 0, 0, pipeline.Shanghai), server: mailtest.Start(t, mailtest.Options{Security: "none"})}
	config.Operation.Mail = configs.Mail{Host: o.server.Host, Port: o.server.Port, Security: "none", From: "审核 <audit@example.cn>", AttachmentLimitMB: 10,
		Recipients: map[string][]string{"monthly": {head, auditor}, "daily": {operator}, "alarm": {operator}}}
	o.Runner = &Runner{Config: config, Key: []byte("for tests only, for tests only, for tests only"), Clock: func() time.Time { return o.now },
		Log: zerolog.New(&o.log)}
	t.Cleanup(func() { // what the log may hold of a recipient is the masked form
		if log := o.log.String(); strings.Contains(log, "head@") || strings.Contains(log, "auditor@") || strings.Contains(log, "operator@") {
			t.Errorf("the log names a recipient:\n%s", log)
		}
	})
	return o
}

// deliverFiles puts the hand-made month into the inbox.
func (o *mailOffice) deliverFiles() {
	o.t.Helper()
	if err := os.CopyFS(o.Config.Settings.Inbox, os.DirFS("../cmd/claimsaudit/testdata/delivery/2025-03")); err != nil {
		o.t.Fatal(err)
	}
}

func (o *mailOffice) writeFile(name, content string) {
	o.t.Helper()
	if err := os.WriteFile(filepath.Join(o.Config.Settings.Inbox, name), []byte(content), 0o600); err != nil {
		o.t.Fatal(err)
	}
}

func (o *mailOffice) day() time.Time {
	return time.Date(o.now.Year(), o.now.Month(), o.now.Day(), 0, 0, 0, 0, time.UTC)
}

// run runs a job that has to end with the code.
func (o *mailOffice) run(code int, req Request) Outcome {
	o.t.Helper()
	if req.Job != Deliver && req.AsOf.IsZero() {
		req.AsOf = o.day()
	}
	out, err := o.Run(context.Background(), req)
	got := 0
	if err != nil {
		got = pipeline.Gravest(err).ExitCode()
	}
	if got != code {
		o.t.Fatalf("%s ended with %d, want %d: %v", req.Job, got, code, err)
	}
	return out
}

func (o *mailOffice) monthly(code int) Outcome {
	o.t.Helper()
	return o.run(code, Request{Job: Monthly, Period: pipeline.Period{Year: 2025, Month: 3}})
}

// mails are what arrived since the last call, as "recipient: subject", sorted.
func (o *mailOffice) mails() []string {
	o.t.Helper()
	var all []string
	for _, m := range o.server.Received() {
		all = append(all, m.To+": "+mailtest.Parse(o.t, m.Raw).Subject)
	}
	slices.Sort(all)
	return all
}

func (o *mailOffice) wantMails(want ...string) {
	o.t.Helper()
	slices.Sort(want)
	if got := o.mails(); !slices.Equal(got, want) {
		o.t.Fatalf("mails:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// outboxRows are the recipients as the warehouse has them: address, state, attempts, mark.
func (o *mailOffice) outboxRows() []string {
	o.t.Helper()
	db, err := warehouse.OpenReadOnly(context.Background(), o.WarehousePath())
	if err != nil {
		o.t.Fatal(err)
	}
	defer db.Close()
	var rows []string
	err = db.Query(context.Background(), func(r *sql.Rows) error {
		var kind, address, state string
		var attempts int
		var ambiguous bool
		err := r.Scan(&kind, &address, &state, &attempts, &ambiguous)
		row := fmt.Sprintf("%s %s %s %d", kind, address, state, attempts)
		if ambiguous {
			row += " ambiguous"
		}
		rows = append(rows, row)
		return err
	}, `SELECT kind, address, state, attempts, is_ambiguous FROM meta.message_recipient JOIN meta.message USING (message_id) ORDER BY ALL`)
	if err != nil {
		o.t.Fatal(err)
	}
	return rows
}

// atStep is a Progress that does something when a step begins whose name begins so.
type atStep struct {
	step string
	do   func()
}

func (a atStep) Start(step string, _ int64) {
	if strings.HasPrefix(step, a.step) {
		a.do()
	}
}
func (a atStep) Add(int64) {}
func (a atStep) Done()     {}
