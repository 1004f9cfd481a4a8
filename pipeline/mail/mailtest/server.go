// Package mailtest is a mail server for tests: it listens on a loopback port,
// speaks STARTTLS or TLS with a certificate of its own authority, asks for a
// password if told so, misbehaves as told, and keeps what it accepted.
package mailtest

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"slices"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Options say what server it is.
type Options struct {
	Security       string // none, starttls or tls
	User, Password string // no user: no authentication
	Mechanism      string // PLAIN unless given, or LOGIN
	Address        string // 127.0.0.1:0 unless given: to come back where a former server was
}

// Conduct is how the server treats the messages to a recipient. The zero value accepts them.
type Conduct struct {
	Mail, Rcpt, Data error         // answers to MAIL FROM, RCPT TO and the message; see Reply
	DropAt           Point         // closes the connection without an answer
	HangAt           Point         // never answers
	Reached          chan struct{} // closed when it hangs
}

// Point is a moment of a transaction.
type Point string

// The points at which a server can misbehave; AfterData is when it has stored the message.
const (
	AtRcpt     Point = "rcpt"
	BeforeData Point = "before data"
	AfterData  Point = "after data"
)

// Reply is an answer of the server with its code.
func Reply(code int, text string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: text}
}

// Mail is a message the server stored.
type Mail struct {
	From, To string
	Raw      []byte
}

// Server is a running mail server.
type Server struct {
	Host      string
	Port      int
	Authority *x509.CertPool // whoever trusts it trusts the server
	CAFile    []byte         // the same in PEM

	server   *smtp.Server
	listener net.Listener
	options  Options
	over     chan struct{}
	mu       sync.Mutex
	conduct  map[string]Conduct
	received []Mail
	sessions int
}

// Start runs a server until the test ends or Stop is called.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	if o.Address == "" {
		o.Address = "127.0.0.1:0"
	}
	s := &Server{options: o, over: make(chan struct{}), conduct: map[string]Conduct{}}
	certificate, ca, err := newCertificate()
	if err != nil {
		t.Fatal(err)
	}
	s.CAFile, s.Authority = ca, x509.NewCertPool()
	s.Authority.AppendCertsFromPEM(ca)
	s.server = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.sessions++
		return &session{server: s, conn: c}, nil
	}))
	s.server.Domain, s.server.ErrorLog, s.server.AllowInsecureAuth = "localhost", silent{}, o.Security == "none"
	config := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	if o.Security == "starttls" {
		s.server.TLSConfig = config
	}
	listener, err := net.Listen("tcp", o.Address)
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().(*net.TCPAddr)
	s.Host, s.Port = "127.0.0.1", address.Port
	if o.Security == "tls" {
		listener = tls.NewListener(listener, config)
	}
	s.listener = listener
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = s.server.Serve(listener) // ends when the server is closed
	}()
	t.Cleanup(func() {
		s.Stop()
		<-ended
	})
	return s
}

// Stop closes the server and every connection.
func (s *Server) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.over:
	default:
		close(s.over)
		_ = s.listener.Close() // the library's server knows it only once it serves
		_ = s.server.Close()   // a second one changes nothing
	}
}

// Treat says how messages to a recipient are treated from now on; "" stands for all without a conduct of their own.
func (s *Server) Treat(recipient string, c Conduct) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conduct[recipient] = c
}

// Received are the messages stored so far, oldest first.
func (s *Server) Received() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.received)
}

// Sessions is how many connections there were.
func (s *Server) Sessions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions
}

func (s *Server) conductFor(recipient string) Conduct {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, ok := s.conduct[recipient]; ok {
		return c
	}
	return s.conduct[""]
}

// session is one connection of a client.
type session struct {
	server   *Server
	conn     *smtp.Conn
	isKnown  bool
	from, to string
}

// misbehave drops the connection or hangs if that is the point for it.
func (c *session) misbehave(do Conduct, at Point) {
	if do.HangAt == at {
		if do.Reached != nil {
			close(do.Reached)
		}
		<-c.server.over
	}
	if do.DropAt == at {
		_ = c.conn.Conn().Close() // that is the point
	}
}

func (c *session) Mail(from string, _ *smtp.MailOptions) error {
	if c.server.options.User != "" && !c.isKnown {
		return smtp.ErrAuthRequired
	}
	c.from = from
	return c.server.conductFor("").Mail
}

func (c *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	c.to = to
	do := c.server.conductFor(to)
	c.misbehave(do, AtRcpt)
	return do.Rcpt
}

func (c *session) Data(r io.Reader) error {
	do := c.server.conductFor(c.to)
	c.misbehave(do, BeforeData)
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if do.Data != nil {
		return do.Data
	}
	c.server.mu.Lock()
	c.server.received = append(c.server.received, Mail{From: c.from, To: c.to, Raw: raw})
	c.server.mu.Unlock()
	c.misbehave(do, AfterData)
	return nil
}

func (c *session) Reset()        {}
func (c *session) Logout() error { return nil }

func (c *session) AuthMechanisms() []string {
	switch {
	case c.server.options.User == "":
		return nil
	case c.server.options.Mechanism != "":
		return []string{c.server.options.Mechanism}
	}
	return []string{sasl.Plain}
}

func (c *session) Auth(mechanism string) (sasl.Server, error) {
	check := func(user, password string) error {
		if user != c.server.options.User || password != c.server.options.Password {
			// Some servers echo what they were given.
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "wrong password " + password}
		}
		c.isKnown = true
		return nil
	}
	switch mechanism {
	case sasl.Plain:
		return sasl.NewPlainServer(func(_, user, password string) error { return check(user, password) }), nil
	case "LOGIN":
		return &loginServer{check: check}, nil
	}
	return nil, smtp.ErrAuthUnknownMechanism
}

// loginServer is the server's side of AUTH LOGIN, which many servers speak and the library no longer has.
type loginServer struct {
	check func(user, password string) error
	step  int
	user  string
}

func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	l.step++
	switch l.step {
	case 1:
		return []byte("Username:"), false, nil
	case 2:
		l.user = string(response)
		return []byte("Password:"), false, nil
	case 3:
		return nil, true, l.check(l.user, string(response))
	}
	return nil, false, errors.New("unexpected response")
}

// silent is the library's logger: what it would say is what the test provoked.
type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}
