package main

import (
	"fmt"
	"io"

	"claimsaudit/jobs"

	"github.com/spf13/cobra"
)

func (a *app) housekeepingCommand() *cobra.Command {
	var asOf string
	cmd := &cobra.Command{
		Use: "housekeeping", Args: noArgs,
		Short: "Give disk room back: compact the warehouse, prune what the retention rule lets go",
		Long: `Removes what interrupted runs left, former publications beyond retention.published_copies, quarantine
files whose rows were all taken in again longer than retention.quarantine_days ago, and the content of
messages sent longer than retention.outbox_days ago; then compacts the warehouse if more than 30 % of it
are gaps. Delivered files, statements and reports are never touched. With nothing to do it changes nothing.`,
		Example: "  claimsaudit run housekeeping",
		RunE: func(cmd *cobra.Command, _ []string) error {
			day, err := a.asOf(asOf)
			if err != nil {
				return err
			}
			runner, err := a.runner()
			if err != nil {
				return err
			}
			out, err := runner.Run(cmd.Context(), jobs.Request{Job: jobs.Housekeeping, AsOf: day})
			if out.RunID != "" {
				printFreed(a.stdout, out)
			}
			return err
		},
	}
	asOfFlag(cmd, &asOf)
	return cmd
}

func printFreed(w io.Writer, out jobs.Outcome) {
	fmt.Fprintf(w, "run        %s\n", out.RunID)
	var total int64
	for _, f := range out.Freed {
		fmt.Fprintf(w, "  %-40s %6d %12s\n", f.What, f.Count, megabytes(f.Bytes))
		total += f.Bytes
	}
	for _, n := range out.Notes {
		fmt.Fprintf(w, "note       %s\n", n)
	}
	if len(out.Freed) == 0 {
		fmt.Fprintln(w, "freed      nothing: there was nothing to do")
		return
	}
	fmt.Fprintf(w, "freed      %s\n", megabytes(total))
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
