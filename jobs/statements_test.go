package jobs

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"claimsaudit/configs"
	"claimsaudit/pipeline"
	"claimsaudit/pipeline/mail/mailtest"
	"claimsaudit/pipeline/warehouse"

	"github.com/xuri/excelize/v2"
)

const hospital, ward = "hospital@example.org", "ward@example.org"

// closedMarch is an office that has closed its hand-made month.
func closedMarch(t *testing.T) *mailOffice {
	t.Helper()
	o := newMailOffice(t)
	o.deliverFiles()
	o.monthly(0)
	return o
}

// letters are the mails to institutions so far.
func (o *mailOffice) letters() (letters []mailtest.Mail) {
	for _, m := range o.server.Received() {
		if strings.HasSuffix(m.To, "@example.org") {
			letters = append(letters, m)
		}
	}
	return letters
}

func (o *mailOffice) statements(req StatementsRequest) (StatementsOutcome, error) {
	o.t.Helper()
	req.Period = pipeline.Period{Year: 2025, Month: 3}
	return o.Statements(context.Background(), req)
}

// sums are what the statement of March says in the published database, in cents: withheld, recovered, released.
func (o *mailOffice) sums() (sums [3]int64) {
	o.t.Helper()
	mart, err := warehouse.OpenMart(context.Background(), o.PublishedPath())
	if err != nil {
		o.t.Fatal(err)
	}
	defer mart.Close()
	err = mart.QueryRow(`SELECT CAST(withhold_yuan * 100 AS BIGINT), CAST(recover_yuan * 100 AS BIGINT), CAST(release_yuan * 100 AS BIGINT)
FROM mart.statement WHERE issued_in = '2025-03'`).Scan(&sums[0], &sums[1], &sums[2])
	if err != nil {
		o.t.Fatal(err)
	}
	return sums
}

// TestStatementsOfAMonth: every institution gets its lines, all of them together are the statement, and nothing that was
// handed out is overwritten.
func TestStatementsOfAMonth(t *testing.T) {
	o := closedMarch(t)
	out, err := o.statements(StatementsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var got [3]int64
	for _, m := range out.Made {
		got = [3]int64{got[0] + m.Withheld, got[1] + m.Recovered, got[2] + m.Released}
		for _, path := range m.Paths {
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 || filepath.Dir(path) != o.path("reports", "2025-03", "institutions") {
				t.Errorf("%s: %v", path, err)
			}
		}
		if want := []string{DocumentWritten, DocumentWritten}; !slices.Equal(m.States, want) || m.Serving != "" {
			t.Errorf("%+v", m)
		}
	}
	if got != o.sums() || got[0] == 0 || out.StatementNo != "500105-2025-03" || out.ObjectUntil != dateOf(t, "2025-04-18") {
		t.Errorf("%v is not %v; %+v", got, o.sums(), out)
	}
	if again, err := o.statements(StatementsRequest{}); err != nil || again.Made[0].States[0] != DocumentStood || again.Made[0].States[1] != DocumentStood {
		t.Errorf("%+v %v", again, err)
	}
	o.Config.Operation.Statements.Phone = "023-1"
	code := out.Made[0].Code
	later, err := o.statements(StatementsRequest{Institutions: []string{code}, Dated: dateOf(t, "2025-04-07")})
	if err != nil || len(later.Made) != 1 || filepath.Base(later.Made[0].Paths[1]) != code+"-2025-03+2.html" || later.Made[0].States[0] != DocumentBeside {
		t.Fatalf("%+v %v", later, err)
	}
	page, err := os.ReadFile(later.Made[0].Paths[1])
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"2025年4月21日（含当日", "023-1", "2025年4月7日", "500105-2025-03-" + code} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if left, err := filepath.Glob(filepath.Join(out.Dir, ".*")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %q", left)
	}
}

// TestStatementsGoOutOnce: locked with the institution's password, once for each address, whoever runs it again; the
// others are named.
func TestStatementsGoOutOnce(t *testing.T) {
	o := closedMarch(t)
	first, err := o.statements(StatementsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	code, mail := first.Made[0].Code, &o.Config.Operation.Mail
	if out, err := o.statements(StatementsRequest{Send: true}); err != nil || out.Made[0].Serving != ServeNoAddress || len(o.letters()) != 0 {
		t.Errorf("%+v %v", out.Made, err)
	}
	mail.Institutions = map[string][]string{code: {hospital}}
	if out, err := o.statements(StatementsRequest{Send: true}); err != nil || out.Made[0].Serving != ServeNoPassword || len(o.letters()) != 0 {
		t.Errorf("%+v %v", out.Made, err)
	}
	mail.InstitutionPasswords = map[string]configs.Secret{code: "门锁 7"}
	out, err := o.statements(StatementsRequest{Send: true})
	if err != nil || out.Made[0].Serving != ServeQueued || out.Mail.Sent != 1 {
		t.Fatalf("%+v %v", out, err)
	}
	got := o.letters()
	if len(got) != 1 || got[0].To != hospital {
		t.Fatalf("%d mails", len(got))
	}
	m := mailtest.Parse(t, got[0].Raw)
	if len(m.Attachments) != 1 || !strings.Contains(m.Subject, code) || !strings.Contains(m.Text, "2025年4月18日") || !strings.Contains(m.Text, "已加密") {
		t.Errorf("%q %d attachments\n%s", m.Subject, len(m.Attachments), m.Text)
	}
	if strings.Contains(m.Text+m.HTML, "D5001") || strings.Contains(m.Text+m.HTML, "样本") {
		t.Errorf("the mail names somebody:\n%s", m.Text)
	}
	locked := m.Attachments[code+"-2025-03.xlsx"]
	if _, err := excelize.OpenReader(bytes.NewReader(locked)); err == nil {
		t.Error("it opens without the password")
	}
	if f, err := excelize.OpenReader(bytes.NewReader(locked), excelize.Options{Password: "门锁 7"}); err != nil {
		t.Error(err)
	} else if err := f.Close(); err != nil {
		t.Error(err)
	}
	out, err = o.statements(StatementsRequest{Send: true, Dated: dateOf(t, "2025-04-08")})
	if err != nil || out.Made[0].Serving != ServeBefore || len(o.letters()) != 1 {
		t.Errorf("%+v %v", out.Made, err)
	}
	mail.Institutions[code] = append(mail.Institutions[code], ward) // somebody new gets it, the others do not again
	if out, err = o.statements(StatementsRequest{Send: true}); err != nil || out.Mail.Sent != 1 {
		t.Errorf("%+v %v", out, err)
	}
	if got := o.letters(); len(got) != 2 || got[1].To != ward {
		t.Errorf("%d mails", len(got))
	}
}

// TestStatementsInTheClear: only if the settings say so, then with the page; what is too large is named.
func TestStatementsInTheClear(t *testing.T) {
	o := closedMarch(t)
	first, err := o.statements(StatementsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	code, mail := first.Made[0].Code, &o.Config.Operation.Mail
	mail.Institutions, mail.InstitutionsUnencrypted, mail.AttachmentLimitMB = map[string][]string{code: {hospital}}, true, 0
	if out, err := o.statements(StatementsRequest{Send: true}); err != nil || out.Made[0].Serving != ServeTooLarge {
		t.Errorf("%+v %v", out.Made, err)
	}
	mail.AttachmentLimitMB = 1
	o.server.Treat(hospital, mailtest.Conduct{Rcpt: mailtest.Reply(451, "later")})
	if _, err := o.statements(StatementsRequest{Send: true}); pipeline.KindOf(err) != pipeline.KindUndelivered {
		t.Errorf("%v", err)
	}
	o.server.Treat(hospital, mailtest.Conduct{})
	o.run(0, Request{Job: Deliver, Now: true})
	got := o.letters()
	if len(got) != 1 {
		t.Fatalf("%d mails", len(got))
	}
	if m := mailtest.Parse(t, got[0].Raw); len(m.Attachments) != 2 || strings.Contains(m.Text, "已加密") {
		t.Errorf("%d attachments\n%s", len(m.Attachments), m.Text)
	}
}

func TestStatementsThatCannotBe(t *testing.T) {
	o := newMailOffice(t)
	if _, err := o.statements(StatementsRequest{}); err == nil {
		t.Error("nothing has run")
	} else {
		wantUsage(t, err, "nothing has run yet")
	}
	o.deliverFiles()
	o.run(0, Request{Job: Nightly})
	_, err := o.statements(StatementsRequest{})
	wantUsage(t, err, "2025-03 is not closed yet")
	o.monthly(0)
	_, err = o.Statements(context.Background(), StatementsRequest{Period: pipeline.Period{Year: 2025, Month: 2}})
	wantUsage(t, err, "that of 2025-03 closed it")
	_, err = o.statements(StatementsRequest{Institutions: []string{"H404"}})
	wantUsage(t, err, "has no line of this institution")
	_, err = o.statements(StatementsRequest{Dated: dateOf(t, "2025-04-01")})
	wantUsage(t, err, "the statement knows what was known on 2025-04-03")
	o.now = o.now.AddDate(0, 1, 0)
	_, err = o.statements(StatementsRequest{Send: true})
	wantUsage(t, err, "the last day to object, 2025-04-18, is over")
	o.Config.Operation.Mail.Host = ""
	_, err = o.statements(StatementsRequest{Send: true})
	wantUsage(t, err, "no mail.host")
	if _, err := os.Stat(o.path("reports", "2025-03", "institutions")); !os.IsNotExist(err) {
		t.Errorf("something was written: %v", err)
	}
}

// TestReadersWithTheirOwnPassword: each recipient of the month's report opens it with the password meant for them.
func TestReadersWithTheirOwnPassword(t *testing.T) {
	o := newMailOffice(t)
	o.Config.Operation.Mail.WorkbookPassword, o.Config.Operation.Mail.RecipientPasswords = "all", map[string]configs.Secret{head: "own"}
	o.deliverFiles()
	o.monthly(0)
	seen := 0
	for _, m := range o.server.Received() {
		password := map[string]string{head: "own", auditor: "all"}[m.To]
		if password == "" {
			continue
		}
		for name, content := range mailtest.Parse(t, m.Raw).Attachments {
			f, err := excelize.OpenReader(bytes.NewReader(content), excelize.Options{Password: password})
			if err != nil {
				t.Errorf("%s for %s: %v", name, m.To, err)
				continue
			}
			seen++
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	if seen != 2 {
		t.Errorf("%d workbooks", seen)
	}
}
