package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"claimsaudit/pipeline"
	"claimsaudit/pipeline/warehouse"

	"github.com/spf13/cobra"
)

func (a *app) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use: "status", Args: noArgs,
		Short: "Last runs, closed months, rows waiting to be corrected, what is due next",
		RunE: func(cmd *cobra.Command, _ []string) error {
			runner, err := a.reader()
			if err != nil {
				return err
			}
			if holder := runner.LockHolder(); holder != "" {
				fmt.Fprintf(a.stdout, "running    %s\n", holder)
			}
			if server := runner.Server(); server != "" {
				fmt.Fprintf(a.stdout, "serving    %s\n", server)
			}
			if _, err := os.Stat(runner.WarehousePath()); errors.Is(err, os.ErrNotExist) {
				fmt.Fprintf(a.stdout, "nothing has run yet in %s: `claimsaudit run nightly` takes in what lies in the inbox\n", filepath.Dir(runner.WarehousePath()))
				return nil
			}
			status, err := runner.Status(cmd.Context())
			if err != nil {
				return err
			}
			fmt.Fprintf(a.stdout, "published  %s\n", orNone(status.PublishedAt))
			fmt.Fprintf(a.stdout, "closed to  %s\n", orNone(status.ClosedTo))
			fmt.Fprintf(a.stdout, "open       %s\n", orNone(status.OpenPeriods))
			fmt.Fprintf(a.stdout, "rejected   %d rows wait for correction in %s\n", status.RejectedOpen, status.QuarantineDir)
			printOutbox(a.stdout, status.Outbox)
			agenda, err := runner.Agenda(cmd.Context())
			if err != nil {
				return err
			}
			printAgenda(a.stdout, agenda)
			fmt.Fprintf(a.stdout, "%-44s %-12s %-4s %-19s %9s\n", "run", "state", "exit", "started", "took")
			for _, r := range status.Runs {
				if runner.LockHolder() == "" && (r.State == "running" || r.State == "publishing") {
					r.State, r.ExitCode = "killed", 137
				}
				took := ""
				if !r.FinishedAt.IsZero() {
					took = r.FinishedAt.Sub(r.StartedAt).Round(100 * time.Millisecond).String()
				}
				fmt.Fprintf(a.stdout, "%-44s %-12s %-4d %-19s %9s\n", r.ID, r.State, r.ExitCode, r.StartedAt.Format(time.DateTime), took)
				if r.Error != "" {
					fmt.Fprintf(a.stdout, "  %s\n", r.Error)
				}
			}
			return nil
		},
	}
}

// printOutbox says what is not delivered; with everything delivered, or no mail, it says nothing.
func printOutbox(w io.Writer, o warehouse.Outbox) {
	if o.Waiting > 0 {
		fmt.Fprintf(w, "mail       %d recipients wait, the oldest since %s; `claimsaudit run deliver` sends now\n", o.Waiting, o.Oldest.Format(time.DateTime))
	}
	if o.Refused+o.GaveUp > 0 {
		fmt.Fprintf(w, "mail       %d refused, %d given up: not sent again\n", o.Refused, o.GaveUp)
	}
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// lockedHint tells a reader of the warehouse what to do while a run has it.
func lockedHint(err error) error {
	if pipeline.KindOf(err) != pipeline.KindLocked {
		return err
	}
	return &pipeline.Error{Kind: pipeline.KindLocked, Op: "read warehouse", Err: err,
		Hint: "a run is going on: wait until it ends, or ask the publication with `claimsaudit query`"}
}
