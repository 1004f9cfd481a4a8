package main

import "github.com/spf13/cobra"

func (a *app) pointsCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "points", Short: "The points record: notices, what decisions would cause"}
	cmd.AddCommand(a.pointsNoticeCommand(), a.pointsSimulateCommand())
	return group(cmd)
}
