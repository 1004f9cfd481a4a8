package main

import (
	"claimsaudit/jobs"

	"github.com/spf13/cobra"
)

func (a *app) replayCommand() *cobra.Command {
	var asOf string
	cmd := &cobra.Command{
		Use:   "replay [FILE...]",
		Short: "Take corrected quarantined rows in again",
		Long: `Rejected rows lie in DATA/quarantine, one file per delivery, with the line and the reason in the first
two columns. Correct the values in place and run replay: every file that was changed is taken in like a
delivery, and the audit is refreshed. With FILE only those files are taken.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			day, err := a.asOf(asOf)
			if err != nil {
				return err
			}
			return a.runJob(cmd, jobs.Request{Job: jobs.Replay, AsOf: day, Files: args})
		},
	}
	asOfFlag(cmd, &asOf)
	return cmd
}
