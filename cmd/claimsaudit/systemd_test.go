package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
)

// serviceManager is the socket systemd would listen on.
type serviceManager struct{ *net.UnixConn }

func newServiceManager(t *testing.T) serviceManager {
	t.Helper()
	dir, err := os.MkdirTemp("", "sd") // the path of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	path := filepath.Join(dir, "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	t.Setenv("NOTIFY_SOCKET", path)
	return serviceManager{conn}
}

// next is the next message; one that never comes ends the test instead of hanging it.
func (s serviceManager) next(t *testing.T) string {
	t.Helper()
	if err := s.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	message := make([]byte, 4096)
	n, err := s.Read(message)
	if err != nil {
		t.Fatal(err)
	}
	return string(message[:n])
}

func TestTheServiceManagerIsTold(t *testing.T) {
	manager := newServiceManager(t)
	log := zerolog.Nop()
	notifyReady(log, "next: nightly 2025-04-03 02:00")
	if got := manager.next(t); got != "READY=1\nSTATUS=next: nightly 2025-04-03 02:00" {
		t.Errorf("%q", got)
	}
	notifyReloading(log)
	if got := manager.next(t); !strings.HasPrefix(got, "RELOADING=1\nMONOTONIC_USEC=") {
		t.Errorf("%q", got)
	}
	notify(log, statusLine("two\nlines"))
	if got := manager.next(t); got != "STATUS=two; lines" { // a second line would be a message of its own
		t.Errorf("%q", got)
	}
	notifyStopping(log)
	if got := manager.next(t); !strings.HasPrefix(got, "STOPPING=1\n") {
		t.Errorf("%q", got)
	}
}

// TestTheWatchdogStarvesWithADeadLoop: a daemon whose loop hangs must not be kept by a goroutine that does not.
func TestTheWatchdogStarvesWithADeadLoop(t *testing.T) {
	manager := newServiceManager(t)
	ctx, stop := context.WithCancel(t.Context())
	beats, done := make(chan time.Time), make(chan struct{})
	answers := make(chan error, 1)
	var text bytes.Buffer
	go func() {
		defer close(done)
		feedWatchdog(ctx, zerolog.New(&text), beats, func() error { return <-answers })
	}()
	beat := func(alive error) { beats <- time.Time{}; answers <- alive }
	dead := errors.New("the timetable has not moved for 6m0s")
	beat(nil)
	beat(dead)
	beat(dead)
	beat(nil)
	beat(nil)
	for i, want := range []string{"WATCHDOG=1", "STATUS=not alive: the timetable has not moved for 6m0s", "WATCHDOG=1\nSTATUS=alive again", "WATCHDOG=1"} {
		if got := manager.next(t); got != want {
			t.Errorf("message %d: %q, want %q", i, got, want)
		}
	}
	stop()
	<-done
	if n := strings.Count(text.String(), "not alive"); n != 1 {
		t.Errorf("the log says it %d times: %s", n, &text)
	}
}

func TestTheWatchdogIsServedAtItsOwnPace(t *testing.T) {
	manager := newServiceManager(t)
	t.Setenv("WATCHDOG_USEC", "3000")
	t.Setenv("WATCHDOG_PID", strconv.Itoa(os.Getpid()))
	startWatchdog(t.Context(), zerolog.Nop(), func() error { return nil })
	if got := manager.next(t); got != "WATCHDOG=1" {
		t.Errorf("%q", got)
	}
}

// TestWithoutAServiceManagerNobodyIsTold: on a terminal, and when the socket is gone.
func TestWithoutAServiceManagerNobodyIsTold(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	t.Setenv("WATCHDOG_USEC", "")
	var text bytes.Buffer
	log := zerolog.New(&text)
	notifyReady(log, "")
	startWatchdog(t.Context(), log, func() error { t.Error("asked without a watchdog"); return nil })
	if text.Len() > 0 {
		t.Errorf("%s", &text)
	}
	t.Setenv("NOTIFY_SOCKET", filepath.Join(t.TempDir(), "gone"))
	notifyReady(log, "")
	if !strings.Contains(text.String(), "the service manager was not told") {
		t.Errorf("%s", &text)
	}
}
