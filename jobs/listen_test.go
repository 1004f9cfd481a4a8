package jobs_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"claimsaudit/jobs"
	"claimsaudit/pipeline"
)

// TestHealthIsForThisMachineAlone: amounts and states of the centre are nobody else's to read.
func TestHealthIsForThisMachineAlone(t *testing.T) {
	for _, addr := range []string{":0", "0.0.0.0:0", "[::]:0", "192.0.2.7:9470", "centre.example:9470", "127.0.0.1", "127.0.0.1:no-port", ""} {
		s, err := jobs.ListenHealth(t.Context(), addr, http.NotFoundHandler())
		if s != nil || pipeline.KindOf(err) != pipeline.KindUsage || pipeline.HintOf(err) == "" {
			t.Errorf("%q: %v, %v", addr, s, err)
		}
	}
}

func TestAPortInUseIsSaid(t *testing.T) {
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	_, err = jobs.ListenHealth(t.Context(), other.Addr().String(), http.NotFoundHandler())
	if !errors.Is(err, syscall.EADDRINUSE) || !strings.Contains(pipeline.HintOf(err), "another program has the port") {
		t.Errorf("%v, hint %q", err, pipeline.HintOf(err))
	}
}

func TestHealthEndsWithItsContext(t *testing.T) {
	w := newWatched(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	s, err := jobs.ListenHealth(ctx, "localhost:0", w.monitor().Handler())
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 503, "/metrics": 200, "/": 404} {
		answer, err := http.Get("http://" + s.Addr + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode != want {
			t.Errorf("%s: %d, want %d: %s", path, answer.StatusCode, want, body)
		}
	}
	answer, err := http.Post("http://"+s.Addr+"/healthz", "text/plain", nil)
	if err != nil || answer.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: %v, %v", answer, err)
	}
	stop()
	if err := s.Wait(); err != nil {
		t.Error(err)
	}
	if _, err := net.Dial("tcp", s.Addr); err == nil {
		t.Error("it still listens")
	}
}
