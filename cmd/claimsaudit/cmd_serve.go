package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"claimsaudit/configs"
	"claimsaudit/jobs"

	"github.com/spf13/cobra"
)

func (a *app) serveCommand() *cobra.Command {
	var acceptGap bool
	cmd := &cobra.Command{
		Use: "serve", Args: noArgs,
		Short: "Run the timetable unattended: nightly, monthly, annual, housekeeping",
		Long: `Runs each job at its time, always in Asia/Shanghai, and makes up for what was missed while the machine
was off: every day, month and year once, oldest first, each as of the day it was due. Nothing from before
the first start of serve is made up for. A run that fails is tried again after an hour, one that a gate
stopped after a day, three times in all; then it waits for a person and later runs go on.

If the last sign of life is older than catch_up_max_days the clock is not believed and nothing runs:
correct it, or start once with --accept-gap if the machine really was off that long.

While it runs the published site is at http://LISTEN/site/, for this machine alone and read-only; health and metrics are
at /healthz, /readyz and /metrics.

SIGHUP reads the configuration anew: a valid one is in force from the next run on (listen at the next
start), an invalid one is refused and the former stays. SIGTERM rolls back the step under way and ends
with 0; the next start takes the run up again. One daemon per data directory: a second one ends with 11.`,
		Example: `  claimsaudit jobs                      what would run when?
  claimsaudit serve
  claimsaudit serve --accept-gap        the machine was off for months, the clock is right`,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.serve(cmd.Context(), acceptGap) },
	}
	cmd.Flags().BoolVar(&acceptGap, "accept-gap", false, "the clock is right although the last sign of life is old: catch up")
	return cmd
}

// serve joins the daemon with what watches it: the health endpoints and the service manager.
func (a *app) serve(ctx context.Context, acceptGap bool) error {
	runner, err := a.unwatched()
	if err != nil {
		return err
	}
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	defer context.AfterFunc(ctx, func() { notifyStopping(runner.Log) })()
	monitor := jobs.NewMonitor(runner.Config, a.clock)
	watched, stop := context.WithCancel(ctx)
	var health *jobs.HealthServer
	opts := jobs.ServeOptions{AcceptGap: acceptGap, Hangup: hangup, Observer: jobs.WatchedBy(monitor)}
	opts.Start = func() (err error) {
		if listen := runner.Config.Operation.Listen; listen != "" && listen != "off" {
			if health, err = jobs.ListenHealth(watched, listen, monitor.Handler()); err != nil {
				return err
			}
			runner.Log.Info().Str("address", health.Addr).Msg("health")
		}
		startWatchdog(watched, runner.Log, monitor.Alive)
		notifyReady(runner.Log, "serving")
		return nil
	}
	opts.Reload = func() (*jobs.Runner, error) {
		notifyReloading(runner.Log)
		return a.unwatched()
	}
	opts.Observer.Reloaded = func(c *configs.Config) {
		monitor.Reloaded(c)
		notifyReady(runner.Log, "serving")
	}
	opts.Observer.ReloadRefused = func(err error) {
		monitor.ReloadRefused(err)
		notifyReady(runner.Log, "serving by the former configuration: the new one was refused")
	}
	err = runner.Serve(ctx, opts)
	stop()
	if health != nil {
		err = errors.Join(err, health.Wait())
	}
	return err
}

// unwatched is a runner whose progress nobody looks at.
func (a *app) unwatched() (*jobs.Runner, error) {
	r, err := a.runner()
	if err == nil {
		r.Progress = nil
	}
	return r, err
}
