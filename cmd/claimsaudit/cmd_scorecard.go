package main

import (
	"github.com/spf13/cobra"
)

// scorecardCommand prints one card itself; what else there is to do about scorecards hangs below it.
func (a *app) scorecardCommand() *cobra.Command {
	cmd := a.scorecardShowCommand()
	cmd.AddCommand(a.scorecardTestCommand(), a.scorecardTemplateCommand(), a.scorecardFormCommand(), a.scorecardReportCommand())
	return cmd
}
