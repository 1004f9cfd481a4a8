package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strconv"
	"time"

	"claimsaudit/pipeline"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// Sender sends messages through one server. The zero values of the fields below Port will do. Close it after use; it
// is not safe for concurrent use.
type Sender struct {
	Host           string
	Port           int
	Security       string // starttls (mandatory, never in the clear), tls, or none
	User, Password string // no user, no authentication
	RootCAs        *x509.CertPool
	Timeout        time.Duration // longest wait for the server to take or give a single byte; 0 is a minute

	conn   *patientConn
	client *smtp.Client
}

const usualTimeout = time.Minute

// Send sends the message to one recipient, in a transaction of its own.
func (s *Sender) Send(ctx context.Context, m Message, recipient string) Result {
	content, err := m.render()
	if err != nil {
		return Result{Outcome: Refused, Err: err, Detail: err.Error()}
	}
	from, err := envelope(m.From)
	if err != nil {
		return Result{Outcome: Refused, Err: m.fault("sender", err), Detail: err.Error()}
	}
	to, err := envelope(recipient)
	if err != nil {
		return Result{Outcome: Refused, Detail: err.Error(),
			Err: &pipeline.Error{Kind: pipeline.KindUndelivered, Op: "send mail", Where: m.ID, Err: err, Hint: "correct the address in the configuration"}}
	}
	isReused := s.client != nil
	if err := s.open(ctx); err != nil {
		return s.dialFailure(ctx, err)
	}
	// go-mail knows contexts only while it connects.
	stop := context.AfterFunc(ctx, s.conn.abort)
	defer stop()
	if err := s.client.Mail(from); err != nil {
		var answer *textproto.Error
		if isReused && (!errors.As(err, &answer) || answer.Code == 421) { // the server closed an idle connection
			s.drop()
			return s.Send(ctx, m, recipient)
		}
		return s.failed(atSender, err)
	}
	if err := s.client.Rcpt(to); err != nil {
		return s.failed(atRecipient, err)
	}
	w, err := s.client.Data()
	if err != nil {
		return s.failed(atData, err)
	}
	if _, err := w.Write(content); err != nil {
		s.drop() // without the final dot the server takes nothing
		return s.failure(atContent, err)
	}
	if err := w.Close(); err != nil {
		return s.failed(atAnswer, err)
	}
	return Result{Outcome: Sent}
}

// failed ends a transaction so that the next recipient can use the connection, if there still is one.
func (s *Sender) failed(at stage, err error) Result {
	result := s.failure(at, err)
	var answer *textproto.Error
	if !errors.As(err, &answer) || answer.Code == 421 || s.client.Reset() != nil {
		s.drop()
	}
	return result
}

// Check reaches the server, encrypts and logs in as a sending would, and sends nothing.
func (s *Sender) Check(ctx context.Context) error {
	defer s.Close()
	if err := s.open(ctx); err != nil {
		return s.dialFailure(ctx, err).Err
	}
	return nil
}

// Close says goodbye to the server if there is a connection.
func (s *Sender) Close() {
	if s.client != nil {
		_ = s.client.Quit() // all that matters was answered before
	}
	s.drop()
}

func (s *Sender) drop() {
	if s.conn != nil {
		_ = s.conn.Close() // nothing is left to be lost
	}
	s.conn, s.client = nil, nil
}

func (s *Sender) address() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

func (s *Sender) timeout() time.Duration {
	if s.Timeout > 0 {
		return s.Timeout
	}
	return usualTimeout
}

// open connects, encrypts and logs in, unless that was done for a former recipient.
func (s *Sender) open(ctx context.Context) error {
	if s.client != nil {
		return nil
	}
	options := []gomail.Option{gomail.WithPort(s.Port), gomail.WithTimeout(s.timeout()), gomail.WithDialContextFunc(s.dialer(ctx)),
		gomail.WithTLSConfig(s.tls()), gomail.WithoutSMTPUTF8()}
	switch s.Security {
	case "starttls":
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case "tls":
		options = append(options, gomail.WithSSL())
	case "none":
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		return fmt.Errorf("security %q is unknown", s.Security)
	}
	if s.User != "" {
		// Go-mail's own order tries NTLM before what every server speaks; inside verified TLS a plain password is safe.
		plain, login := gomail.SMTPAuthPlain, gomail.SMTPAuthLogin
		if s.Security == "none" {
			plain, login = gomail.SMTPAuthPlainNoEnc, gomail.SMTPAuthLoginNoEnc
		}
		options = append(options, gomail.WithUsername(s.User), gomail.WithPassword(s.Password), gomail.WithOpportunisticSMTPAuth(
			gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthSCRAMSHA1, plain, login, gomail.SMTPAuthCramMD5, gomail.SMTPAuthNTLM))
	}
	client, err := gomail.NewClient(s.Host, options...)
	if err != nil {
		return err
	}
	s.client, err = client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		s.drop() // go-mail leaves the connection open when a greeting, TLS or a login fails
	}
	return err
}

func (s *Sender) tls() *tls.Config {
	return &tls.Config{ServerName: s.Host, MinVersion: tls.VersionTLS12, RootCAs: s.RootCAs}
}

// dialer makes the connection under go-mail's. While go-mail greets, encrypts and logs in, ctx is heard only here.
func (s *Sender) dialer(ctx context.Context) gomail.DialContextFunc {
	return func(dialing context.Context, network, address string) (net.Conn, error) {
		plain, err := (&net.Dialer{}).DialContext(dialing, network, address)
		if err != nil {
			return nil, err
		}
		s.conn = newPatientConn(ctx, plain, s.timeout())
		if s.Security != "tls" {
			return s.conn, nil
		}
		encrypted := tls.Client(s.conn, s.tls())
		if err := encrypted.HandshakeContext(dialing); err != nil {
			return nil, err
		}
		return encrypted, nil
	}
}
