package mail

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"time"
)

// errSilent means that the server neither gave nor took a byte for too long.
var errSilent = errors.New("the server is silent")

// patientConn bounds every single wait for the server instead of the whole transaction, as go-mail does: a large
// attachment over a slow line takes long and is no fault. It needs no clock, which is a field below cmd.
type patientConn struct {
	net.Conn
	patience time.Duration
	silent   atomic.Bool
	stop     func() bool // forgets the context under which it was dialled
}

func newPatientConn(ctx context.Context, conn net.Conn, patience time.Duration) *patientConn {
	c := &patientConn{Conn: conn, patience: patience}
	c.stop = context.AfterFunc(ctx, c.abort)
	return c
}

func (c *patientConn) Read(p []byte) (int, error)  { return c.wait(c.Conn.Read, p) }
func (c *patientConn) Write(p []byte) (int, error) { return c.wait(c.Conn.Write, p) }

func (c *patientConn) wait(do func([]byte) (int, error), p []byte) (int, error) {
	timer := time.AfterFunc(c.patience, func() {
		c.silent.Store(true)
		c.abort()
	})
	defer timer.Stop()
	n, err := do(p)
	if err != nil && c.silent.Load() {
		return n, errSilent
	}
	return n, err
}

// abort ends the waiting of whoever reads or writes.
func (c *patientConn) abort() { _ = c.Conn.Close() } // the waiting one gets the error

func (c *patientConn) Close() error {
	c.stop()
	return c.Conn.Close()
}

// The library's deadlines are for whole transactions; see patientConn.
func (c *patientConn) SetDeadline(time.Time) error      { return nil }
func (c *patientConn) SetReadDeadline(time.Time) error  { return nil }
func (c *patientConn) SetWriteDeadline(time.Time) error { return nil }
