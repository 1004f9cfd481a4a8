package main

import (
	"os"
	"os/signal"
	"syscall"

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

SIGHUP reads the configuration anew: a valid one is in force from the next run on, an invalid one is
refused and the former stays. SIGTERM rolls back the step under way and ends with 0; the next start takes
the run up again. One daemon per data directory: a second one ends with 11.`,
		Example: `  claimsaudit jobs                      what would run when?
  claimsaudit serve
  claimsaudit serve --accept-gap        the machine was off for months, the clock is right`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			runner, err := a.server()
			if err != nil {
				return err
			}
			hangup := make(chan os.Signal, 1)
			signal.Notify(hangup, syscall.SIGHUP)
			defer signal.Stop(hangup)
			return runner.Serve(cmd.Context(), jobs.ServeOptions{AcceptGap: acceptGap, Hangup: hangup, Reload: a.server})
		},
	}
	cmd.Flags().BoolVar(&acceptGap, "accept-gap", false, "the clock is right although the last sign of life is old: catch up")
	return cmd
}

// server is a runner that nobody watches.
func (a *app) server() (*jobs.Runner, error) {
	r, err := a.runner()
	if err == nil {
		r.Progress = nil
	}
	return r, err
}
