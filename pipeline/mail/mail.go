// Package mail sends a finished message to one recipient at a time and says how
// that ended: sent, refused for good, worth another try, or unknown because the
// server's answer was lost.
//
// Its nouns: a Message is what every attempt sends unchanged, a Sender knows the
// server and keeps one connection open between recipients, a Result is the end
// of one attempt. Nothing is remembered here; the outbox in the warehouse does
// that. Errors never hold a password, an address of a recipient or the body.
package mail

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	netmail "net/mail"
	"path/filepath"
	"strings"
	"time"

	"claimsaudit/pipeline"

	gomail "github.com/wneessen/go-mail"
)

// Message is one mail, the same in every attempt and for every recipient.
type Message struct {
	ID          string   // without angle brackets; stable, so that a second copy is known as such
	From        string   // address, with a display name if wanted
	To          []string // as the heading shows them; whom it goes to is said to Send
	Subject     string
	Text, HTML  string    // the same words twice
	Pictures    []Picture // which the HTML shows
	Attachments []Attachment
	Date        time.Time // when it was written
	IsRepeat    bool      // a former attempt may have arrived: the heading says so
}

// Attachment is a file in a message; its name is ASCII, since too many programs garble others.
type Attachment struct {
	Name    string
	Content []byte
}

// Picture is an image the HTML refers to as cid:ID.
type Picture struct {
	Attachment
	ID string
}

// contentTypes are fixed: those of the machine differ from one to the next.
var contentTypes = map[string]gomail.ContentType{
	".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	".html": "text/html; charset=UTF-8",
	".png":  "image/png",
}

// render writes the message as it goes over the wire, dots not yet doubled.
func (m Message) render() ([]byte, error) {
	msg := gomail.NewMsg(gomail.WithEncoding(gomail.EncodingB64), gomail.WithNoDefaultUserAgent())
	if err := msg.From(m.From); err != nil {
		return nil, m.fault("sender", err)
	}
	if err := msg.To(m.To...); err != nil {
		return nil, m.fault("recipients", errors.New("an address cannot be read"))
	}
	msg.Subject(m.Subject)
	msg.SetMessageIDWithValue(m.ID)
	msg.SetDateWithValue(m.Date)
	// No out-of-office notes in answer to a machine.
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader("X-Auto-Response-Suppress", "All")
	if m.IsRepeat {
		msg.SetGenHeader("X-Possible-Repeat", "yes")
	}
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	for _, p := range m.Pictures {
		if !isPlainName(p.Name) || !isPlainName(strings.Replace(p.ID, "@", ".", 1)) {
			return nil, m.fault("picture", fmt.Errorf("the name %q or id %q is not plain ASCII", p.Name, p.ID))
		}
		msg.EmbedReadSeeker(p.Name, bytes.NewReader(p.Content), p.contentType(), gomail.WithFileContentID("<"+p.ID+">"))
	}
	for _, a := range m.Attachments {
		if !isPlainName(a.Name) {
			return nil, m.fault("attachment", fmt.Errorf("the name %q is not plain ASCII", a.Name))
		}
		msg.AttachReadSeeker(a.Name, bytes.NewReader(a.Content), a.contentType())
	}
	var b bytes.Buffer
	if _, err := msg.WriteTo(&b); err != nil {
		return nil, m.fault("message", err)
	}
	return b.Bytes(), nil
}

func (a Attachment) contentType() gomail.FileOption {
	kind, ok := contentTypes[filepath.Ext(a.Name)]
	if !ok {
		kind = gomail.TypeAppOctetStream
	}
	return gomail.WithFileContentType(kind)
}

func (m Message) fault(what string, err error) error {
	return &pipeline.Error{Kind: pipeline.KindInternal, Op: "write mail", Where: m.ID + ": " + what, Err: err,
		Hint: "see the section mail of the configuration; if it is right, report this message"}
}

// isPlainName reports whether a name needs no encoding anywhere.
func isPlainName(name string) bool {
	for _, r := range name {
		if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.", r)) {
			return false
		}
	}
	return name != "" && name[0] != '.'
}

// envelope is an address as MAIL FROM and RCPT TO want it.
func envelope(address string) (string, error) {
	a, err := netmail.ParseAddress(address)
	if err != nil {
		return "", errors.New("the address cannot be read")
	}
	for _, r := range a.Address {
		if r <= ' ' || r > '~' {
			return "", errors.New("the address is not plain ASCII")
		}
	}
	return "<" + a.Address + ">", nil
}

// Encoded is how many bytes an attachment of n bytes takes in a message: base64 in lines of 76.
func Encoded(n int) int {
	chars := (n + 2) / 3 * 4
	return chars + (chars+75)/76*2
}

// Mask keeps enough of an address to recognise it in a log or a notice: z***@example.cn.
func Mask(address string) string {
	if a, err := netmail.ParseAddress(address); err == nil {
		address = a.Address
	}
	at := strings.LastIndex(address, "@")
	if at < 1 {
		return "***"
	}
	return address[:1] + "***" + address[at:]
}

// NewID is the Message-ID of what the parts name: the same parts, the same id, whenever it is asked for.
func NewID(from, kind string, parts ...string) string {
	sum := sha256.Sum256([]byte(kind + "\x00" + strings.Join(parts, "\x00")))
	domain := "claimsaudit.invalid"
	if a, err := netmail.ParseAddress(from); err == nil {
		domain = a.Address[strings.LastIndex(a.Address, "@")+1:]
	}
	return kind + "." + hex.EncodeToString(sum[:12]) + "@" + domain
}
