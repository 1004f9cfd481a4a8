package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"claimsaudit/pipeline/mail/mailtest"
)

const mailPassword = "a password, 密码"

// withMail configures a site for a server: STARTTLS, a certificate of the office's own authority, a password file.
func withMail(t testing.TB, s *site, server *mailtest.Server) (passwordFile string) {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{"ca.pem": string(server.CAFile), "password": mailPassword + "\n", "claimsaudit.yaml": fmt.Sprintf(`mail:
  host: %s
  port: %d
  user: audit
  password_file: %s
  ca_file: %s
  from: 医保审核 <audit@example.cn>
  recipients: {monthly: [head@example.cn, auditor@example.cn], daily: [operator@example.cn], alarm: [operator@example.cn]}
`, server.Host, server.Port, filepath.Join(dir, "password"), filepath.Join(dir, "ca.pem"))} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.config = filepath.Join(dir, "claimsaudit.yaml")
	return filepath.Join(dir, "password")
}

func mailServer(t testing.TB) *mailtest.Server {
	t.Helper()
	return mailtest.Start(t, mailtest.Options{Security: "starttls", User: "audit", Password: mailPassword})
}

// The month's report goes from the command line to the head's desk, encrypted and logged in, once.
func TestMonthGoesOutByMail(t *testing.T) {
	server, s := mailServer(t), newSite(t)
	withMail(t, s, server)
	s.deliver(t, "testdata/delivery/2025-03")
	out, log := s.must(t, 0, firstArgs...)
	if !strings.Contains(out, "mail       2 sent\n") {
		t.Errorf("%s", out)
	}
	s.must(t, 0, firstArgs...)
	got := server.Received()
	if len(got) != 2 {
		t.Fatalf("%d mails", len(got))
	}
	m := mailtest.Parse(t, got[0].Raw)
	if !strings.Contains(m.Subject, "扣款 57.00 元") || !strings.Contains(m.Text, "500105-2025-03") || len(m.Attachments) != 2 {
		t.Errorf("%q, %d attachments\n%s", m.Subject, len(m.Attachments), m.Text)
	}
	status, _ := s.must(t, 0, "status")
	check, _ := s.must(t, 0, "check")
	for _, text := range []string{out, log, status, check} {
		if strings.Contains(text, mailPassword) || strings.Contains(text, "head@") {
			t.Errorf("a secret or a recipient is shown:\n%s", text)
		}
	}
	if strings.Contains(status, "mail") {
		t.Errorf("status speaks of mail though all is delivered:\n%s", status)
	}
}

// The server is down: exit 5, the statement and the reports stand, and all is made good when it is back.
func TestMailServerDown(t *testing.T) {
	server, s := mailServer(t), newSite(t)
	withMail(t, s, server)
	server.Stop()
	s.deliver(t, "testdata/delivery/2025-03")
	out, log := s.must(t, 5, firstArgs...)
	for _, want := range []string{"statement  500105-2025-03 issued", "report     ", "published  ", "mail       2 waiting"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if !strings.Contains(log, "error: deliver mail: 2 recipient(s)") || !strings.Contains(log, "run deliver") {
		t.Errorf("%s", log)
	}
	status, _ := s.must(t, 0, "status")
	if !strings.Contains(status, "mail       2 recipients wait") || !strings.Contains(status, "failed       5") {
		t.Errorf("%s", status)
	}
	s.must(t, 5, "run", "deliver")
	back := mailtest.Start(t, mailtest.Options{Security: "starttls", User: "audit", Password: mailPassword, Address: fmt.Sprintf("%s:%d", server.Host, server.Port)})
	withMail(t, s, back)
	if out, _ := s.must(t, 0, "run", "deliver"); !strings.Contains(out, "2 sent") {
		t.Errorf("%s", out)
	}
	if out, _ := s.must(t, 0, "run", "deliver"); !strings.Contains(out, "nothing to send") || len(back.Received()) != 2 {
		t.Errorf("%s", out)
	}
}

// A refused file outranks a mail that did not get through; both are said.
func TestRefusedFileOutranksUndelivered(t *testing.T) {
	server, s := mailServer(t), newSite(t)
	withMail(t, s, server)
	server.Treat("", mailtest.Conduct{Rcpt: mailtest.Reply(451, "later")})
	s.write(t, "settlement_broken.csv", []byte("nonsense\n"))
	_, log := s.must(t, 3, firstArgs...)
	if !strings.Contains(log, "settlement_broken.csv") || !strings.Contains(log, "deliver mail") {
		t.Errorf("%s", log)
	}
}

// The process dies after the server took the mail and before that is on disk: it is sent again and marked.
func TestKilledInTheMiddleOfMail(t *testing.T) {
	server, s := mailServer(t), newSite(t)
	withMail(t, s, server)
	taken := make(chan struct{})
	server.Treat("auditor@example.cn", mailtest.Conduct{HangAt: mailtest.AfterData, Reached: taken})
	cmd := s.child(t, firstArgs...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-taken
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // killed
	server.Treat("auditor@example.cn", mailtest.Conduct{})
	s.must(t, 0, firstArgs...)
	marked := map[string][]bool{}
	for _, m := range server.Received() {
		marked[m.To] = append(marked[m.To], mailtest.Parse(t, m.Raw).Header.Get("X-Possible-Repeat") != "")
	}
	if fmt.Sprint(marked) != "map[auditor@example.cn:[false true] head@example.cn:[false]]" {
		t.Errorf("mails and their marks: %v", marked)
	}
}

// A password others can read is no password: nothing runs with it.
func TestPasswordFileOthersCanRead(t *testing.T) {
	s := newSite(t)
	password := withMail(t, s, mailServer(t))
	if err := os.Chmod(password, 0o644); err != nil {
		t.Fatal(err)
	}
	_, log := s.must(t, 2, firstArgs...)
	if !strings.Contains(log, "chmod 600 "+password) {
		t.Errorf("%s", log)
	}
	if _, err := os.Stat(s.data); err == nil {
		t.Error("the run had begun")
	}
}
