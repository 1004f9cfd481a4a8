package main

import (
	"errors"
	"io/fs"
	"os"

	"claimsaudit/jobs"
	"claimsaudit/pipeline"

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
			if err := a.mustHaveData(); err != nil {
				return err
			}
			return a.runJob(cmd, jobs.Request{Job: jobs.Replay, AsOf: day, Files: args})
		},
	}
	asOfFlag(cmd, &asOf)
	return cmd
}

// mustHaveData refuses a directory in which nothing was ever taken in: typed in the wrong folder, replay would find nothing
// to do in a data directory it has just made.
func (a *app) mustHaveData() error {
	runner, err := a.reader()
	if err != nil {
		return err
	}
	if _, err := os.Stat(runner.WarehousePath()); errors.Is(err, fs.ErrNotExist) {
		return &pipeline.Error{Kind: pipeline.KindUsage, Op: "replay", Where: runner.Config.Settings.Data, Err: errors.New("nothing was ever taken in here"),
			Hint: "give --data, or --config, as the run did whose rows you corrected"}
	}
	return nil
}
