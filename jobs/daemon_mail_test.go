package jobs

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"claimsaudit/configs"
	"claimsaudit/pipeline/mail/mailtest"
)

// What the daemon gives up is mailed once, also over a restart; what is missing stands in the daily mail; and what a dead
// mail server did not take is sent by a later wake.
func TestDaemonMailsWhatNeedsAPerson(t *testing.T) {
	o := newMailOffice(t)
	o.Config.Operation.Expected = []configs.ExpectedFile{{Feed: "settlement", Name: "settlement_{period}*", Senders: []string{""}, Workday: 3}}
	waiting := -1
	serve := func() *Daemon {
		d, err := o.NewDaemon(context.Background(), ServeOptions{Observer: Observer{Outbox: func(n int, _ time.Time) { waiting = n }}})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	live := func(d *Daemon, hours int) {
		for range hours {
			o.now = o.now.Add(time.Hour)
			d.Tick(context.Background())
		}
	}
	count := func(text string) (n int) {
		for _, m := range o.mails() {
			if strings.Contains(m, text) {
				n++
			}
		}
		return n
	}
	d := serve()
	live(d, 2) // 3 April, the due day
	gone := o.Config.Settings.Inbox + ".unmounted"
	if err := os.Rename(o.Config.Settings.Inbox, gone); err != nil {
		t.Fatal(err)
	}
	live(d, 20)
	if n := count("不再重试"); n != 1 {
		t.Errorf("%d mails that the run was given up\n%s", n, o.log.String())
	}
	d.Close()
	d = serve()
	live(d, 2)
	if n := count("不再重试"); n != 1 {
		t.Errorf("after a restart %d", n)
	}
	if err := os.Rename(gone, o.Config.Settings.Inbox); err != nil {
		t.Fatal(err)
	}
	o.server.Stop()
	live(d, 20) // over the night of 5 April: the file is missing since the 4th
	if waiting < 1 {
		t.Errorf("%d mails wait", waiting)
	}
	o.server = mailtest.Start(t, mailtest.Options{Security: "none", Address: fmt.Sprintf("%s:%d", o.server.Host, o.server.Port)})
	live(d, 8)
	if mails := o.mails(); len(mails) != 1 || waiting != 0 {
		t.Errorf("%d wait, and came: %v\n%s", waiting, mails, o.log.String())
	}
	d.Close()
}
