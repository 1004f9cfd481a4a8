package main

import "github.com/spf13/cobra"

func (a *app) pointsCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "points", Short: "Work with the points record: notices, the month's report, lists for other authorities"}
	cmd.AddCommand(a.pointsNoticeCommand(), a.pointsReportCommand(), a.pointsHandoverCommand())
	return group(cmd)
}
