package jobs

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"claimsaudit/configs"
	"claimsaudit/pipeline"
	"claimsaudit/pipeline/mail/mailtest"
	"claimsaudit/pipeline/warehouse"

	"github.com/xuri/excelize/v2"
)

const marchSubject = "2025年3月审核报告："

// The month's mail comes once to each recipient, with the figures and the reports, and never again.
func TestMonthIsMailedOnce(t *testing.T) {
	o := newMailOffice(t)
	o.deliverFiles()
	out := o.monthly(0)
	if out.Mail.Sent != 2 || out.Statement == nil || len(out.Reports) != 2 {
		t.Fatalf("%+v", out)
	}
	got := o.server.Received()
	if len(got) != 2 {
		t.Fatalf("%d mails", len(got))
	}
	m := mailtest.Parse(t, got[0].Raw)
	if !strings.HasPrefix(m.Subject, marchSubject+"扣款 ") {
		t.Errorf("subject %q", m.Subject)
	}
	if m.Shape != " multipart/mixed [ multipart/related [ multipart/alternative [ text/plain text/html ] image/png ]"+
		" text/html application/vnd.openxmlformats-officedocument.spreadsheetml.sheet ]" {
		t.Errorf("shape:%s", m.Shape)
	}
	wantPictures(t, m, 1)
	for _, want := range []string{yuanText(out.Totals.Withhold), yuanText(out.Totals.Review), yuanText(out.Totals.Exempt), out.Statement.No, out.RunID, "拒收数据", "校验链"} {
		if !strings.Contains(m.Text, want) || !strings.Contains(m.HTML, want) {
			t.Errorf("text or page lack %q:\n%s", want, m.Text)
		}
	}
	for _, path := range out.Reports {
		want, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(m.Attachments[filepath.Base(path)], want) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if id := mailtest.Parse(t, got[1].Raw).Header.Get("Message-Id"); id == "" || id != m.Header.Get("Message-Id") {
		t.Errorf("two recipients, two messages: %q", id)
	}
	o.now = o.now.Add(time.Hour)
	o.monthly(0)
	o.run(0, Request{Job: Nightly})
	o.run(0, Request{Job: Deliver, Now: true})
	if n := len(o.server.Received()); n != 2 {
		t.Errorf("%d mails after runs with nothing new", n)
	}
}

func yuanText(cents int64) string { return fmt.Sprintf("%d.%02d", cents/100, cents%100) }

// wantPictures reports whether the page shows exactly the pictures that came with it, and at least so many.
func wantPictures(t *testing.T, m mailtest.Parsed, atLeast int) {
	t.Helper()
	used := map[string]bool{}
	for _, found := range regexp.MustCompile(`src="cid:([^"]+)"`).FindAllStringSubmatch(m.HTML, -1) {
		used[found[1]] = true
		if _, err := png.Decode(bytes.NewReader(m.Pictures[found[1]])); err != nil {
			t.Errorf("%s: %v", found[1], err)
		}
	}
	if len(used) != len(m.Pictures) || len(used) < atLeast {
		t.Errorf("%d pictures used, %d came", len(used), len(m.Pictures))
	}
}

// The second month's mail says how it moved against the first, what was settled of it and why, and names nobody.
func TestMonthIsComparedWithTheOneBefore(t *testing.T) {
	o := newMailOffice(t)
	o.deliverFiles()
	o.monthly(0)
	o.now = o.now.AddDate(0, 1, 3)
	o.writeFile("review_202504.csv", "review_no,decision,setl_id,decided_on,decided_by,reason\nR1,release,S2,2025-04-20,样例丙,申辩成立\n")
	out := o.run(0, Request{Job: Monthly, Period: pipeline.Period{Year: 2025, Month: 4}})
	got := o.server.Received()
	m := mailtest.Parse(t, got[len(got)-1].Raw)
	if m.Subject != "2025年4月审核报告：没有扣款，退还 "+yuanText(-out.Totals.Release)+" 元" || out.Totals.Release == 0 {
		t.Errorf("subject %q", m.Subject)
	}
	for _, want := range []string{"与2025年3月的通知单相比，扣款减少 57.00 元。", "退还：人工复核决定（1 条）", "最近 2 个月扣款"} {
		if !strings.Contains(strings.ReplaceAll(m.Text, "\n", ""), want) || !strings.Contains(m.HTML, want) {
			t.Errorf("text or page lack %q:\n%s", want, m.Text)
		}
	}
	wantPictures(t, m, 2)
	for _, private := range []string{"样例甲", "样例乙", "样例丙", "样例病人", "D2", "S2", "N2", "申辩"} {
		if strings.Contains(m.Subject+m.Text+m.HTML, private) {
			t.Errorf("the mail holds %s", private)
		}
	}
}

// Nothing to report is reported.
func TestEmptyMonthIsMailed(t *testing.T) {
	o := newMailOffice(t)
	o.monthly(0)
	o.wantMails(head+": "+marchSubject+"本月没有扣款、追回和待复核", auditor+": "+marchSubject+"本月没有扣款、追回和待复核")
	if m := mailtest.Parse(t, o.server.Received()[0].Raw); !strings.Contains(m.Text, "本月没有扣款、追回、退还、急诊豁免，也没有待复核的费用。") {
		t.Errorf("%s", m.Text)
	}
}

// An ordinary night mails nothing; one that needs a person says what and what to do, once.
func TestNightlyMailsOnlyWhatNeedsAPerson(t *testing.T) {
	o := newMailOffice(t)
	o.run(0, Request{Job: Nightly})
	o.deliverFiles()
	o.run(0, Request{Job: Nightly})
	o.wantMails()
	o.writeFile("settlement_broken.csv", "nonsense\n1\n")
	out := o.run(3, Request{Job: Nightly})
	if out.Mail.Sent != 1 {
		t.Fatalf("%+v", out.Mail)
	}
	o.wantMails(operator + ": 2025年4月3日每日审核简报：1 个文件被拒收")
	m := mailtest.Parse(t, o.server.Received()[0].Raw)
	if !strings.Contains(m.Text, "settlement_broken.csv") || !strings.Contains(m.Text, "请报送单位更正后重新报送") || len(m.Attachments) != 0 {
		t.Errorf("%s", m.Text)
	}
	o.run(0, Request{Job: Nightly})
	o.writeFile("settlement_broken.csv", "nonsense\n1\n")
	o.run(3, Request{Job: Nightly}) // sent again the same day, and refused for the same reason
	if n := len(o.server.Received()); n != 1 {
		t.Errorf("%d mails", n)
	}
}

// A run that fails raises one alarm a day, however often it is tried, and another kind of failure another one.
func TestFailedRunsRaiseAlarms(t *testing.T) {
	o := newMailOffice(t)
	o.Config.Operation.Mail.Recipients["alarm"] = []string{head}
	header := "setl_id,mdtrt_id,psn_no,insutype,med_type,fixmedins_code,setl_time,medfee_sumamt,fund_pay_sumamt\n"
	o.writeFile("settlement_a.csv", header+"S1,M,P,310,11,H50010500001,2025-03-20,10.00,9.00\nS2,M,P,310,11,H50010500001,secret-of-a-person,10.00,9.00\n")
	out := o.run(4, Request{Job: Nightly})
	alarm := head + ": 【告警】每日审核失败：被拒收的数据超过限额，本次未作审核"
	daily := operator + ": 2025年4月3日每日审核简报：运行失败，1 行数据被拒收"
	o.wantMails(alarm, daily)
	for _, got := range o.server.Received() {
		m := mailtest.Parse(t, got.Raw)
		if !strings.Contains(m.Text, "claimsaudit replay") || !strings.Contains(m.Text, out.RunID) || strings.Contains(m.Text+m.HTML, "secret-of-a-person") {
			t.Errorf("%s", m.Text)
		}
	}
	inbox := o.Config.Settings.Inbox
	o.Config.Settings.Inbox = filepath.Join(inbox, "unmounted")
	o.run(2, Request{Job: Nightly})
	o.run(2, Request{Job: Nightly})
	failed := head + ": 【告警】每日审核失败：参数、目录或配置有误"
	night := operator + ": 2025年4月3日每日审核简报：运行失败"
	o.wantMails(alarm, daily, failed, night)
	o.now = o.now.Add(24 * time.Hour)
	o.run(2, Request{Job: Nightly})
	o.wantMails(alarm, daily, failed, night, failed, strings.Replace(night, "3日", "4日", 1))
}

// A mail server that is down costs the exit code, not the report, and nothing of the mail.
func TestServerDown(t *testing.T) {
	o := newMailOffice(t)
	address := fmt.Sprintf("%s:%d", o.server.Host, o.server.Port)
	o.server.Stop()
	o.deliverFiles()
	out := o.monthly(5)
	if out.Statement == nil || !out.Published || len(out.Reports) != 2 || out.Mail.Deferred != 2 || out.Mail.Outbox.Waiting != 2 {
		t.Fatalf("%+v", out)
	}
	if n, oldest := out.Mail.Waits(); n != 2 || !oldest.Equal(o.now) {
		t.Errorf("%d wait since %s", n, oldest)
	}
	if rows := o.outboxRows(); !slices.Equal(rows, []string{"monthly auditor@example.cn queued 1", "monthly head@example.cn queued 1"}) {
		t.Fatalf("%v", rows)
	}
	o.monthly(5) // the report is still not there where it should be
	o.server = mailtest.Start(t, mailtest.Options{Security: "none", Address: address})
	o.monthly(0)
	if n := len(o.server.Received()); n != 2 {
		t.Fatalf("%d mails", n)
	}
	o.monthly(0)
	o.run(0, Request{Job: Deliver, Now: true})
	if n := len(o.server.Received()); n != 2 {
		t.Errorf("%d mails after all were sent", n)
	}
}

// The daemon's delivery waits longer and longer, for three days, then gives up and says so.
func TestDeliveryIsTriedForThreeDays(t *testing.T) {
	o := newMailOffice(t)
	o.server.Treat(head, mailtest.Conduct{Rcpt: mailtest.Reply(450, "greylisted")})
	start := o.now
	o.monthly(5)
	var attempts []string
	for range 3*24*60/5 + 20 {
		o.now = o.now.Add(5 * time.Minute)
		out, err := o.Run(context.Background(), Request{Job: Deliver})
		if d := out.Mail; err != nil {
			if pipeline.KindOf(err) != pipeline.KindUndelivered {
				t.Fatal(err)
			}
			attempts = append(attempts, o.now.Sub(start).String())
			if d.GaveUp == 1 && d.Sent != 1 {
				t.Errorf("no alarm: %+v", d)
			}
		}
	}
	want := []string{"5m0s", "20m0s", "1h20m0s", "4h20m0s"}
	for at := 4*time.Hour + 20*time.Minute + slowest; at < giveUpAfter; at += slowest {
		want = append(want, at.String())
	}
	want = append(want, giveUpAfter.String())
	if !slices.Equal(attempts, want) {
		t.Errorf("attempts after %v,\nwant %v", attempts, want)
	}
	o.wantMails(auditor+": "+marchSubject+"本月没有扣款、追回和待复核", operator+": 【告警】1 封邮件未能送达")
	if rows := o.outboxRows(); !slices.Contains(rows, fmt.Sprintf("monthly head@example.cn gave_up %d", len(want)+1)) {
		t.Errorf("%v", rows)
	}
	if text := mailtest.Parse(t, o.server.Received()[1].Raw).Text; !strings.Contains(text, "h***@example.cn") || strings.Contains(text, head) {
		t.Errorf("%s", text)
	}
}

// One bad address does not keep the report from the others, and is an alarm.
func TestOneBadAddress(t *testing.T) {
	o := newMailOffice(t)
	o.server.Treat(auditor, mailtest.Conduct{Rcpt: mailtest.Reply(550, "no auditor@example.cn here")})
	out := o.monthly(5)
	if out.Mail.Refused != 1 || out.Mail.Sent != 2 {
		t.Errorf("%+v", out.Mail)
	}
	o.wantMails(head+": "+marchSubject+"本月没有扣款、追回和待复核", operator+": 【告警】1 封邮件未能送达")
	o.now = o.now.Add(time.Hour)
	o.monthly(0) // refused for good: nothing to wait for
	if n := len(o.server.Received()); n != 2 {
		t.Errorf("%d mails", n)
	}
}

// Killed between sending and writing it down: sent again, and marked.
func TestKilledWhileSending(t *testing.T) {
	o := newMailOffice(t)
	o.server.Stop()
	o.monthly(5)
	db, err := o.open(context.Background(), o.WarehousePath())
	if err != nil {
		t.Fatal(err)
	}
	due, err := db.DueRecipients(context.Background(), o.Runner.now(), slowest, true)
	if err != nil || len(due) != 2 {
		t.Fatal(err, due)
	}
	due[0].State = warehouse.MailSending
	if err := db.MarkRecipient(context.Background(), due[0]); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	o.server = mailtest.Start(t, mailtest.Options{Security: "none"})
	o.Config.Operation.Mail.Port = o.server.Port
	o.run(0, Request{Job: Deliver}) // due at once, the other is not
	got := o.server.Received()
	if len(got) != 1 || got[0].To != due[0].Address || mailtest.Parse(t, got[0].Raw).Header.Get("X-Possible-Repeat") == "" {
		t.Fatalf("%d mails", len(got))
	}
	if rows := o.outboxRows(); !slices.Contains(rows, fmt.Sprintf("monthly %s sent 2 ambiguous", due[0].Address)) {
		t.Errorf("%v", rows)
	}
}

// An answer that is lost is resolved in favour of sending; only there a recipient gets a mail twice, and it is marked.
func TestLostAnswer(t *testing.T) {
	o := newMailOffice(t)
	o.server.Treat(head, mailtest.Conduct{DropAt: mailtest.AfterData})
	out := o.monthly(5)
	if out.Mail.Ambiguous != 1 || out.Mail.Sent != 1 {
		t.Fatalf("%+v", out.Mail)
	}
	o.server.Treat(head, mailtest.Conduct{})
	o.now = o.now.Add(5 * time.Minute)
	o.run(0, Request{Job: Deliver})
	var ids []string
	for _, m := range o.server.Received() {
		if m.To == head {
			ids = append(ids, mailtest.Parse(t, m.Raw).Header.Get("Message-Id"))
		}
	}
	if len(ids) != 2 || ids[0] != ids[1] {
		t.Errorf("%v", ids)
	}
	if rows := o.outboxRows(); !slices.Contains(rows, "monthly head@example.cn sent 2 ambiguous") {
		t.Errorf("%v", rows)
	}
}

// Over the limit the mail says where the report lies.
func TestAttachmentLimit(t *testing.T) {
	o := newMailOffice(t)
	o.Config.Operation.Mail.AttachmentLimitMB = 0
	o.deliverFiles()
	out := o.monthly(0)
	m := mailtest.Parse(t, o.server.Received()[0].Raw)
	if len(m.Attachments) != 0 || !strings.Contains(m.Text, out.Reports[0]) || !strings.Contains(m.Text, "未随信附上") {
		t.Errorf("%d attachments\n%s", len(m.Attachments), m.Text)
	}
	wantPictures(t, m, 1) // they are small, and say more than the place of a file
}

// With a password for workbooks nothing leaves in the clear that could be locked.
func TestProtectedWorkbook(t *testing.T) {
	o := newMailOffice(t)
	o.Config.Operation.Mail.WorkbookPassword = "打开 123"
	o.deliverFiles()
	out := o.monthly(0)
	m := mailtest.Parse(t, o.server.Received()[0].Raw)
	book, ok := m.Attachments["claimsaudit-2025-03.xlsx"]
	if !ok || len(m.Attachments) != 1 || !strings.Contains(m.Text, "密码请向系统管理员索取") || strings.Contains(m.Text+m.HTML, "打开 123") {
		t.Fatalf("%d attachments\n%s", len(m.Attachments), m.Text)
	}
	if _, err := excelize.OpenReader(bytes.NewReader(book)); err == nil {
		t.Error("the workbook opens without the password")
	}
	opened, err := excelize.OpenReader(bytes.NewReader(book), excelize.Options{Password: "打开 123"})
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	plain, err := excelize.OpenFile(out.Reports[0])
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	if !slices.Equal(opened.GetSheetList(), plain.GetSheetList()) {
		t.Errorf("%v", opened.GetSheetList())
	}
}

// A clock that was set forward while a mail failed and back afterwards must not keep the mail for years.
func TestClockSetBack(t *testing.T) {
	o := newMailOffice(t)
	o.server.Treat("", mailtest.Conduct{Rcpt: mailtest.Reply(450, "later")})
	o.monthly(5)
	right := o.now
	o.now = o.now.AddDate(5, 0, 0)
	o.run(5, Request{Job: Deliver})
	o.now = right.Add(time.Minute)
	o.server.Treat("", mailtest.Conduct{})
	if out := o.run(0, Request{Job: Deliver}); out.Mail.Sent != 2 {
		t.Errorf("%+v", out.Mail)
	}
}

// The daemon asks every minute: with nothing due neither the lock nor the warehouse is touched.
func TestIdleDeliveryTouchesNothing(t *testing.T) {
	o := newMailOffice(t)
	o.run(0, Request{Job: Deliver})
	if _, err := os.Stat(o.path("run.lock")); err == nil {
		t.Error("a lock in a data directory that does not exist yet")
	}
	o.monthly(0)
	o.run(0, Request{Job: Deliver})
	release, err := acquireLock(context.Background(), o.path("run.lock"), "other", o.now)
	if err != nil {
		t.Fatal(err)
	}
	o.now = o.now.Add(time.Minute)
	o.run(0, Request{Job: Deliver}) // would be 11
	release()
	o.run(0, Request{Job: Deliver, Alarms: []Alarm{{Key: "stale", Title: "状态快照过旧", Text: "最近的快照是 60 天前的。\n请报送新的快照。"}}})
	o.run(0, Request{Job: Deliver, Alarms: []Alarm{{Key: "stale", Title: "状态快照过旧"}}})
	alarms := 0
	for _, m := range o.mails() {
		if m == operator+": 【告警】状态快照过旧" {
			alarms++
		}
	}
	if alarms != 1 {
		t.Errorf("%d alarms", alarms)
	}
}

// Without mail in the configuration nothing is queued, also not for later.
func TestMailOff(t *testing.T) {
	o := newMailOffice(t)
	o.Config.Operation.Mail = configs.Mail{}
	o.monthly(0)
	if rows := o.outboxRows(); len(rows) != 0 {
		t.Errorf("%v", rows)
	}
	o.run(0, Request{Job: Deliver, Now: true})
}

// Housekeeping takes the words of old mails, never the knowledge that they were sent.
func TestOldMailsAreEmptied(t *testing.T) {
	o := newMailOffice(t)
	o.monthly(0)
	o.now = o.now.AddDate(0, 0, o.Config.Operation.Retention.OutboxDays+1)
	emptied := func(out Outcome) bool {
		return slices.ContainsFunc(out.Freed, func(f Freed) bool { return strings.Contains(f.What, "mails") && f.Count == 1 && f.Bytes > 1000 })
	}
	if out := o.run(0, Request{Job: Housekeeping}); !emptied(out) {
		t.Errorf("%+v", out.Freed)
	}
	if out := o.run(0, Request{Job: Housekeeping}); emptied(out) {
		t.Error("emptied twice")
	}
	o.monthly(0)
	if rows := o.outboxRows(); len(rows) != 2 || len(o.server.Received()) != 2 {
		t.Errorf("%v, %d mails", rows, len(o.server.Received()))
	}
}
