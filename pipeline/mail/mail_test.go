package mail

import (
	"bytes"
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"claimsaudit/pipeline"
	"claimsaudit/pipeline/mail/mailtest"
)

const recipient = "zhang@example.cn"

func message() Message {
	return Message{
		ID: "monthly.2025-03.0123456789abcdef@example.cn", From: "江北医保审核 <audit@example.cn>", To: []string{"张三 <zhang@example.cn>", "li@example.cn"},
		Subject: "2025年3月月结报告：扣款 1,234.56 元、追回 0.00 元、退还 −20.00 元，通知单 500105-2025-03（请在三个工作日内复核）",
		Text:    "本月扣款 1,234.56 元。\n.\n..一行以点开头\n" + strings.Repeat("很长的一行", 400) + "\n",
		HTML:    `<p>本月扣款 <b>1,234.56</b> 元。</p><img src="cid:bar-050@claimsaudit.invalid" alt="一半">`,
		Pictures: []Picture{{Attachment{"bar-050.png", []byte("\x89PNG\r\n\x1a\n.\r\n")}, "bar-050@claimsaudit.invalid"},
			{Attachment{"bar-100.png", []byte("\x89PNG 2")}, "bar-100@claimsaudit.invalid"}},
		Attachments: []Attachment{{"claimsaudit-2025-03.xlsx", bytes.Repeat([]byte("\x00\x01.\r\n\xff"), 9000)},
			{"claimsaudit-2025-03.html", []byte("<html>报告</html>\r\n.\r\n")}},
		Date: time.Date(2025, 4, 3, 6, 12, 0, 0, pipeline.Shanghai),
	}
}

func senderTo(t *testing.T, s *mailtest.Server, security string) *Sender {
	t.Helper()
	sender := &Sender{Host: s.Host, Port: s.Port, Security: security, RootCAs: s.Authority, Timeout: 10 * time.Second}
	t.Cleanup(sender.Close)
	return sender
}

// What arrives is what was written, whatever way it went.
func TestMessageArrives(t *testing.T) {
	for _, c := range []struct{ security, user, mechanism string }{
		{"none", "", ""}, {"none", "audit", "PLAIN"}, {"none", "audit", "LOGIN"}, {"starttls", "", ""}, {"starttls", "audit", "PLAIN"},
		{"starttls", "audit", "LOGIN"}, {"tls", "", ""}, {"tls", "audit", "PLAIN"}, {"tls", "audit", "LOGIN"},
	} {
		t.Run(strings.Join([]string{c.security, c.user, c.mechanism}, " "), func(t *testing.T) {
			server := mailtest.Start(t, mailtest.Options{Security: c.security, User: c.user, Password: "口令 p@ss", Mechanism: c.mechanism})
			sender := senderTo(t, server, c.security)
			sender.User, sender.Password = c.user, "口令 p@ss"
			if r := sender.Send(context.Background(), message(), recipient); r.Outcome != Sent || r.Err != nil {
				t.Fatalf("%+v", r)
			}
			got := server.Received()
			if len(got) != 1 || got[0].To != recipient || got[0].From != "audit@example.cn" {
				t.Fatalf("got %d messages", len(got))
			}
			compare(t, mailtest.Parse(t, got[0].Raw), message())
		})
	}
}

// shape puts text and page side by side, the pictures with the page, and the files beside both.
const shape = " multipart/mixed [ multipart/related [ multipart/alternative [ text/plain text/html ] image/png image/png ]" +
	" application/vnd.openxmlformats-officedocument.spreadsheetml.sheet text/html ]"

func compare(t *testing.T, got mailtest.Parsed, want Message) {
	t.Helper()
	if got.Subject != want.Subject {
		t.Errorf("subject %q", got.Subject)
	}
	if lines := strings.ReplaceAll(got.Text, "\r\n", "\n"); lines != want.Text {
		t.Errorf("text %q", lines)
	}
	if got.HTML != want.HTML {
		t.Errorf("html %q", got.HTML)
	}
	if got.Shape != shape {
		t.Errorf("shape:%s", got.Shape)
	}
	for _, p := range want.Pictures {
		if !bytes.Equal(got.Pictures[p.ID], p.Content) {
			t.Errorf("%s: %d bytes, want %d", p.ID, len(got.Pictures[p.ID]), len(p.Content))
		}
	}
	for _, a := range want.Attachments {
		if !bytes.Equal(got.Attachments[a.Name], a.Content) {
			t.Errorf("%s: %d bytes, want %d", a.Name, len(got.Attachments[a.Name]), len(a.Content))
		}
	}
	if got.Header.Get("Message-ID") != "<"+want.ID+">" {
		t.Errorf("Message-ID %q", got.Header.Get("Message-ID"))
	}
	if date, err := got.Header.Date(); err != nil || !date.Equal(want.Date) {
		t.Errorf("Date %q", got.Header.Get("Date"))
	}
	if to, err := got.Header.AddressList("To"); err != nil || len(to) != 2 || to[0].Name != "张三" || to[1].Address != "li@example.cn" {
		t.Errorf("To %q", got.Header.Get("To"))
	}
	if from, err := got.Header.AddressList("From"); err != nil || from[0].Name != "江北医保审核" {
		t.Errorf("From %q", got.Header.Get("From"))
	}
}

// What must never happen: a mail in the clear, to a server that is not the one, or a password in an error.
func TestUnsafeServerGetsNothing(t *testing.T) {
	clear := mailtest.Start(t, mailtest.Options{Security: "none"})
	encrypted := mailtest.Start(t, mailtest.Options{Security: "starttls"})
	stranger := mailtest.Start(t, mailtest.Options{Security: "tls"})
	for name, c := range map[string]struct {
		sender *Sender
		want   string
	}{
		"no STARTTLS offered": {senderTo(t, clear, "starttls"), "no STARTTLS"},
		"TLS to a clear port": {senderTo(t, clear, "tls"), "does not speak TLS"},
		"unknown authority":   {&Sender{Host: encrypted.Host, Port: encrypted.Port, Security: "starttls"}, "certificate"},
		"another's name":      {&Sender{Host: stranger.Host, Port: stranger.Port, Security: "tls", RootCAs: encrypted.Authority}, "certificate"},
		"unknown security":    {senderTo(t, clear, "perhaps"), "unknown"},
	} {
		r := c.sender.Send(context.Background(), message(), recipient)
		if r.Outcome != Deferred || !r.Unreachable || pipeline.KindOf(r.Err) != pipeline.KindUndelivered || pipeline.HintOf(r.Err) == "" ||
			!strings.Contains(r.Err.Error(), c.want) {
			t.Errorf("%s: %+v", name, r)
		}
	}
	if n := len(clear.Received()) + len(encrypted.Received()) + len(stranger.Received()); n != 0 {
		t.Errorf("%d messages were sent", n)
	}
}

func TestWrongPassword(t *testing.T) {
	for _, mechanism := range []string{"PLAIN", "LOGIN"} {
		server := mailtest.Start(t, mailtest.Options{Security: "starttls", User: "audit", Password: "right", Mechanism: mechanism})
		sender := senderTo(t, server, "starttls")
		sender.User, sender.Password = "audit", "very-secret"
		r := sender.Send(context.Background(), message(), recipient)
		if r.Outcome != Deferred || !r.Unreachable || !strings.Contains(r.Err.Error(), "535") || !strings.Contains(pipeline.HintOf(r.Err), "password") {
			t.Errorf("%s: %+v", mechanism, r)
		}
		if strings.Contains(r.Err.Error()+r.Detail, "very-secret") {
			t.Errorf("the password is in %q, %q", r.Err, r.Detail)
		}
		if err := sender.Check(context.Background()); pipeline.KindOf(err) != pipeline.KindUndelivered {
			t.Errorf("check: %v", err)
		}
	}
}

// How an attempt ends, and what the next recipient gets over the same sender.
func TestOutcomes(t *testing.T) {
	for name, c := range map[string]struct {
		conduct mailtest.Conduct
		want    Outcome
	}{
		"sender refused: to be mended": {mailtest.Conduct{Mail: mailtest.Reply(553, "not yours")}, Deferred},
		"recipient refused":            {mailtest.Conduct{Rcpt: mailtest.Reply(550, "no zhang@example.cn here")}, Refused},
		"recipient later":              {mailtest.Conduct{Rcpt: mailtest.Reply(450, "greylisted")}, Deferred},
		"message refused":              {mailtest.Conduct{Data: mailtest.Reply(554, "spam")}, Refused},
		"message later":                {mailtest.Conduct{Data: mailtest.Reply(451, "try again")}, Deferred},
		"dropped at the recipient":     {mailtest.Conduct{DropAt: mailtest.AtRcpt}, Deferred},
		"answer lost":                  {mailtest.Conduct{DropAt: mailtest.AfterData}, Ambiguous},
	} {
		t.Run(name, func(t *testing.T) {
			server := mailtest.Start(t, mailtest.Options{Security: "starttls"})
			sender := senderTo(t, server, "starttls")
			who := recipient
			if c.conduct.Mail != nil {
				who = ""
			}
			server.Treat(who, c.conduct)
			r := sender.Send(context.Background(), message(), recipient)
			if r.Outcome != c.want || r.Unreachable || r.Detail == "" || pipeline.KindOf(r.Err) != pipeline.KindUndelivered || pipeline.HintOf(r.Err) == "" {
				t.Fatalf("%+v", r)
			}
			if strings.Contains(r.Err.Error()+pipeline.HintOf(r.Err), "zhang") {
				t.Errorf("an error for the log names the recipient: %v", r.Err)
			}
			server.Treat("", mailtest.Conduct{})
			if r := sender.Send(context.Background(), message(), "li@example.cn"); r.Outcome != Sent {
				t.Errorf("the next recipient: %+v", r)
			}
		})
	}
}

// Dropped while the message is on its way: whether the last bytes were read nobody can tell, but it is never taken for
// sent or refused.
func TestDroppedWithinTheMessage(t *testing.T) {
	server := mailtest.Start(t, mailtest.Options{Security: "none"})
	server.Treat("", mailtest.Conduct{DropAt: mailtest.BeforeData})
	r := senderTo(t, server, "none").Send(context.Background(), message(), recipient)
	if r.Outcome != Deferred && r.Outcome != Ambiguous {
		t.Errorf("%+v", r)
	}
}

// A connection is kept between recipients, and made again if the server closed it meanwhile.
func TestConnectionIsKept(t *testing.T) {
	server := mailtest.Start(t, mailtest.Options{Security: "starttls"})
	sender := senderTo(t, server, "starttls")
	for range 3 {
		if r := sender.Send(context.Background(), message(), recipient); r.Outcome != Sent {
			t.Fatalf("%+v", r)
		}
	}
	if server.Sessions() > 2 { // one before STARTTLS, one after
		t.Errorf("%d sessions for three messages", server.Sessions())
	}
	if err := sender.conn.Conn.(*net.TCPConn).CloseWrite(); err != nil { // the server takes it for a goodbye and closes
		t.Fatal(err)
	}
	if r := sender.Send(context.Background(), message(), recipient); r.Outcome != Sent || len(server.Received()) != 4 {
		t.Errorf("after an idle connection was closed: %+v, %d messages", r, len(server.Received()))
	}
}

// A server that says nothing does not hold a run up for ever; where the answer is what is missing, nobody can know.
func TestSilentServer(t *testing.T) {
	for _, c := range []struct {
		at   mailtest.Point
		want Outcome
	}{{mailtest.AtRcpt, Deferred}, {mailtest.AfterData, Ambiguous}} {
		server := mailtest.Start(t, mailtest.Options{Security: "starttls"})
		server.Treat("", mailtest.Conduct{HangAt: c.at})
		sender := senderTo(t, server, "starttls")
		sender.Timeout = 300 * time.Millisecond
		if r := sender.Send(context.Background(), message(), recipient); r.Outcome != c.want {
			t.Errorf("%s: %+v", c.at, r)
		}
	}
	mute, err := net.Listen("tcp", "127.0.0.1:0") // takes connections and never greets
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	sender := &Sender{Host: "127.0.0.1", Port: mute.Addr().(*net.TCPAddr).Port, Security: "starttls", Timeout: 300 * time.Millisecond}
	r := sender.Send(context.Background(), message(), recipient)
	if r.Outcome != Deferred || !r.Unreachable || !strings.Contains(r.Err.Error(), "does not answer") {
		t.Errorf("%+v", r)
	}
}

// SIGTERM ends the waiting at once.
func TestInterruptedSending(t *testing.T) {
	server := mailtest.Start(t, mailtest.Options{Security: "starttls"})
	hung := make(chan struct{})
	server.Treat("", mailtest.Conduct{HangAt: mailtest.AtRcpt, Reached: hung})
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-hung
		cancel()
	}()
	if r := senderTo(t, server, "starttls").Send(ctx, message(), recipient); r.Outcome != Deferred {
		t.Errorf("%+v", r)
	}
	if r := senderTo(t, server, "starttls").Send(ctx, message(), recipient); r.Outcome != Deferred || !r.Unreachable {
		t.Errorf("%+v", r)
	}
}

func TestUnusableMessages(t *testing.T) {
	server := mailtest.Start(t, mailtest.Options{Security: "none"})
	sender := senderTo(t, server, "none")
	for name, change := range map[string]func(*Message, *string){
		"Chinese attachment name": func(m *Message, _ *string) { m.Attachments[0].Name = "报告.xlsx" },
		"attachment with a path":  func(m *Message, _ *string) { m.Attachments[0].Name = "a/b.xlsx" },
		"picture with a path":     func(m *Message, _ *string) { m.Pictures[0].Name = "../a.png" },
		"picture without an id":   func(m *Message, _ *string) { m.Pictures[0].ID = "" },
		"id that breaks its line": func(m *Message, _ *string) { m.Pictures[0].ID = "a>\r\nBcc: b@example.cn" },
		"no sender":               func(m *Message, _ *string) { m.From = "" },
		"no address":              func(_ *Message, to *string) { *to = "zhang" },
		"Chinese address":         func(_ *Message, to *string) { *to = "张@example.cn" },
		"injected command":        func(_ *Message, to *string) { *to = "a@example.cn>\r\nDATA" },
	} {
		m, to := message(), recipient
		change(&m, &to)
		var known *pipeline.Error
		if r := sender.Send(context.Background(), m, to); r.Outcome != Refused || !errors.As(r.Err, &known) || known.Hint == "" {
			t.Errorf("%s: %+v", name, r)
		}
	}
	m := message()
	m.Subject = "一行\r\nBcc: other@example.cn"
	if r := sender.Send(context.Background(), m, recipient); r.Outcome != Sent {
		t.Fatalf("%+v", r)
	}
	if got := mailtest.Parse(t, server.Received()[0].Raw); got.Header.Get("Bcc") != "" {
		t.Error("a subject became a heading")
	}
}

func TestEncoded(t *testing.T) {
	for _, n := range []int{0, 1, 3, 56, 57, 58, 100_000} {
		m := message()
		m.Attachments = nil
		bare, err := m.render()
		if err != nil {
			t.Fatal(err)
		}
		m.Attachments = []Attachment{{"a.xlsx", make([]byte, n)}}
		with, err := m.render()
		if err != nil {
			t.Fatal(err)
		}
		if grown := len(with) - len(bare); Encoded(n) > grown || grown > Encoded(n)+800 { // headings of the parts
			t.Errorf("%d bytes are said to take %d, take %d", n, Encoded(n), grown)
		}
	}
}

func TestMask(t *testing.T) {
	for address, want := range map[string]string{"zhang@example.cn": "z***@example.cn", "张三 <li@b.cn>": "l***@b.cn", "nonsense": "***", "": "***"} {
		if got := Mask(address); got != want {
			t.Errorf("%q becomes %q", address, got)
		}
	}
}
