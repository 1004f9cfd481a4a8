package main

import "github.com/spf13/cobra"

func (a *app) pointsCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "points", Short: "The points record: what decisions would cause"}
	cmd.AddCommand(a.pointsSimulateCommand())
	return group(cmd)
}
