package main

import "github.com/spf13/cobra"

func (a *app) pointsCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "points", Short: "Papers of the points record: the month's report, lists for other authorities"}
	cmd.AddCommand(a.pointsReportCommand(), a.pointsHandoverCommand())
	return group(cmd)
}
