package main

import "github.com/spf13/cobra"

func (a *app) pointsCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "points", Short: "Work with the points record: notices"}
	cmd.AddCommand(a.pointsNoticeCommand())
	return group(cmd)
}
