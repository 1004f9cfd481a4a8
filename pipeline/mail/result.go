package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strings"

	"claimsaudit/pipeline"
)

// Outcome is how an attempt ended.
type Outcome uint8

// The four ends of an attempt.
const (
	Deferred  Outcome = iota // nothing was accepted: try again
	Sent                     // the server has taken it: never send it again
	Refused                  // the server will not take it, ever
	Ambiguous                // all of it was sent and the answer was lost: it may have been taken
)

// Result is the end of one attempt.
type Result struct {
	Outcome     Outcome
	Err         error  // a *pipeline.Error safe for logs, nil if Sent
	Detail      string // the server's own words, which may name the recipient: for the outbox only
	Unreachable bool   // there was no session at all: other recipients would fare no better
}

// stage is what was being done when an attempt failed, as a person understands it.
type stage string

const (
	atSender    stage = "the sender was offered"
	atRecipient stage = "the recipient was offered"
	atData      stage = "the message was announced"
	atContent   stage = "the message was sent"
	atAnswer    stage = "the message had been sent"
)

// dialFailure says why there is no session with the server.
func (s *Sender) dialFailure(ctx context.Context, err error) Result {
	cause, hint := s.explainDial(err)
	if ctx.Err() != nil {
		cause, hint = "interrupted", "run again"
	}
	return Result{Outcome: Deferred, Unreachable: true, Detail: s.redact(err.Error()),
		Err: &pipeline.Error{Kind: pipeline.KindUndelivered, Op: "reach mail server", Where: s.address(), Err: errors.New(cause), Hint: hint}}
}

func (s *Sender) explainDial(err error) (cause, hint string) {
	var certificate *tls.CertificateVerificationError
	var protocol tls.RecordHeaderError
	var answer *textproto.Error
	var network net.Error
	text := err.Error()
	switch {
	case errors.As(err, &certificate):
		return s.redact(certificate.Err.Error()), "see that mail.host is the name in the server's certificate; for a certificate of your own authority give mail.ca_file"
	case errors.As(err, &protocol):
		return "the server does not speak TLS on this port", "see mail.port and mail.security: 465 goes with tls, 587 with starttls"
	case strings.Contains(text, "does not support STARTTLS"):
		return "the server offers no STARTTLS, and mail is not sent in the clear", "see mail.port and mail.security with the server's keeper"
	case strings.Contains(strings.ToUpper(text), "SMTP AUTH"):
		if errors.As(err, &answer) {
			return fmt.Sprintf("the server rejects user and password (%d)", answer.Code), "correct mail.user or the password file"
		}
		return "the server lets nobody log in here", "see mail.user, mail.port and mail.security with the server's keeper"
	case errors.As(err, &answer):
		return fmt.Sprintf("the server turns connections away (%d %s)", answer.Code, s.redact(answer.Msg)), "ask the server's keeper whether this machine may send"
	case errors.As(err, &network) && network.Timeout() || errors.Is(err, errSilent):
		return "the server does not answer", "see mail.host and mail.port, the network and the firewall"
	default:
		return s.redact(text), "see mail.host and mail.port, the network and the firewall"
	}
}

// failure says how an attempt ended that had a session.
func (s *Sender) failure(at stage, err error) Result {
	r := Result{Outcome: Deferred, Detail: s.redact(string(at) + ": " + err.Error())}
	cause, hint := "the connection was lost when "+string(at), "it is tried again; see the network if this stays"
	var answer *textproto.Error
	switch {
	case errors.As(err, &answer):
		cause = fmt.Sprintf("the server answered %d when %s", answer.Code, at)
		switch {
		case answer.Code/100 != 5:
			hint = "it is tried again"
		case at == atSender: // a matter of the configuration, not of the recipient: it can be mended in time
			hint = "see that mail.from may be sent from by mail.user; it is tried again"
		default:
			r.Outcome, hint = Refused, "correct the address in the configuration, or ask the recipient's mail administrator"
		}
	case at == atAnswer:
		r.Outcome = Ambiguous
		cause, hint = "the server's answer was lost after all was sent", "it is sent again and marked: the recipient may have it twice"
	case errors.Is(err, errSilent):
		cause = "the server fell silent when " + string(at)
	}
	r.Err = &pipeline.Error{Kind: pipeline.KindUndelivered, Op: "send mail", Where: s.address(), Err: errors.New(cause), Hint: hint}
	return r
}

// redact takes the password out of what a server may have echoed.
func (s *Sender) redact(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, text)
	if s.Password != "" {
		text = strings.ReplaceAll(text, s.Password, "***")
	}
	if runes := []rune(text); len(runes) > 500 {
		text = string(runes[:500]) + "…"
	}
	return text
}
