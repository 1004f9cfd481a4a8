package main

import (
	"context"
	"strings"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"github.com/rs/zerolog"
)

// What the service manager is told. Started by anything else, without NOTIFY_SOCKET, the program tells nobody and works
// the same; that a message is lost is no reason to stop either.

// notifyReady says that the daemon is up, or again up after notifyReloading. It is due before the first run: catching up
// may take longer than the service manager waits for a start.
func notifyReady(log zerolog.Logger, status string) {
	notify(log, daemon.SdNotifyReady, statusLine(status))
}

// notifyReloading says that SIGHUP has come; notifyReady must follow, whether the configuration was taken or refused.
func notifyReloading(log zerolog.Logger) {
	state := []string{daemon.SdNotifyReloading}
	if since := daemon.SdNotifyMonotonicUsec(); since != "" {
		state = append(state, since)
	}
	notify(log, state...)
}

// notifyStopping says that SIGTERM has come and the step under way is being ended.
func notifyStopping(log zerolog.Logger) {
	notify(log, daemon.SdNotifyStopping, statusLine("ending the step under way"))
}

// statusLine is what `systemctl status` shows.
func statusLine(text string) string { return "STATUS=" + strings.ReplaceAll(text, "\n", "; ") }

func notify(log zerolog.Logger, state ...string) {
	if _, err := daemon.SdNotify(false, strings.Join(state, "\n")); err != nil {
		log.Warn().Err(err).Str("state", state[0]).Msg("the service manager was not told")
	}
}

// startWatchdog keeps the service manager's watchdog quiet while alive returns nil. It returns at once; without a
// watchdog it does nothing.
func startWatchdog(ctx context.Context, log zerolog.Logger, alive func() error) {
	patience, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		log.Warn().Err(err).Msg("watchdog of the service manager not served")
		return
	}
	if patience == 0 {
		return
	}
	beat := time.NewTicker(patience / 3) // two beats may be lost
	go func() {
		defer beat.Stop()
		feedWatchdog(ctx, log, beat.C, alive)
	}()
}

// feedWatchdog sends a sign of life on every beat on which the daemon is alive. Once it is not, the silence lets the
// service manager kill and restart the process: what its run had finished is kept.
func feedWatchdog(ctx context.Context, log zerolog.Logger, beat <-chan time.Time, alive func() error) {
	wasAlive := true
	for {
		select {
		case <-ctx.Done():
			return
		case <-beat:
		}
		err := alive()
		switch {
		case err == nil && wasAlive:
			notify(log, daemon.SdNotifyWatchdog)
		case err == nil:
			log.Info().Msg("alive again")
			notify(log, daemon.SdNotifyWatchdog, statusLine("alive again"))
		case wasAlive:
			log.Error().Err(err).Msg("not alive: the watchdog gets no more signs of life")
			notify(log, statusLine("not alive: "+err.Error()))
		}
		wasAlive = err == nil
	}
}
