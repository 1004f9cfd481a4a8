package main

import "github.com/spf13/cobra"

func (a *app) pointsCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "points", Short: "Work with the points record: notices, what decisions would cause, the month's report, lists for other authorities"}
	cmd.AddCommand(a.pointsNoticeCommand(), a.pointsSimulateCommand(), a.pointsReportCommand(), a.pointsHandoverCommand())
	return group(cmd)
}
