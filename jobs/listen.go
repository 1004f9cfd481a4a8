package jobs

import (
	"context"
	"errors"
	"net"
	"net/http"
	"syscall"
	"time"

	"claimsaudit/pipeline"
)

// shutdownPatience is what an answer under way gets when the daemon is told to stop, out of 30 seconds for all.
const shutdownPatience = 5 * time.Second

// HealthServer answers on a loopback address until its context is over.
type HealthServer struct {
	Addr string // the one that was bound
	done chan error
}

// ListenHealth binds addr and serves handler. What it serves is for this machine alone, so any other address is refused.
func ListenHealth(ctx context.Context, addr string, handler http.Handler) (*HealthServer, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, listenError(addr, err, "write address and port, for example 127.0.0.1:9470, or off")
	}
	if host == "localhost" {
		host = "127.0.0.1" // no name service decides who may ask
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, listenError(addr, errors.New("not a loopback address"), "write 127.0.0.1 or [::1] and a port; to ask from elsewhere use a tunnel or a proxy with a login")
	}
	var binder net.ListenConfig
	listener, err := binder.Listen(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, listenError(addr, err, listenHint(err))
	}
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 5 * time.Second,
		WriteTimeout: readPatience + 10*time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 8 << 10,
	}
	s := &HealthServer{Addr: listener.Addr().String(), done: make(chan error, 1)}
	go func() { s.done <- serveUntil(ctx, server, listener) }()
	return s, nil
}

// Wait returns when the server has ended: nil after its context.
func (s *HealthServer) Wait() error { return <-s.done }

func serveUntil(ctx context.Context, server *http.Server, listener net.Listener) error {
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return listenError(listener.Addr().String(), err, "restart the service")
	case <-ctx.Done():
	}
	grace, stop := context.WithTimeout(context.WithoutCancel(ctx), shutdownPatience)
	defer stop()
	if server.Shutdown(grace) != nil {
		_ = server.Close() // they were asked nicely
	}
	<-served
	return nil
}

func listenHint(err error) string {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return "another program has the port, perhaps another `claimsaudit serve`: stop it, or give `listen` another port"
	case errors.Is(err, syscall.EACCES):
		return "ports below 1024 are the system's: give `listen` a larger one"
	default:
		return "give `listen` an address and port of this machine, for example 127.0.0.1:9470"
	}
}

func listenError(addr string, err error, hint string) error {
	return &pipeline.Error{Kind: pipeline.KindUsage, Op: "listen for health", Where: addr, Err: err, Hint: hint}
}
