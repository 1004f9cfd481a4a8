package main

import (
	"fmt"
	"strings"

	"claimsaudit/jobs"

	"github.com/spf13/cobra"
)

func (a *app) explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "explain SETL_ID [FEEDETL_SN]",
		Short: "Everything known about one claim: file and line, status evidence, rules, articles, amounts",
		Args: func(cmd *cobra.Command, args []string) error {
			if err := cobra.RangeArgs(1, 2)(cmd, args); err != nil {
				return usageError{err}
			}
			return nil
		},
		Example: "  claimsaudit explain 50010520250390000201 1",
		RunE: func(cmd *cobra.Command, args []string) error {
			runner, err := a.reader()
			if err != nil {
				return err
			}
			line := ""
			if len(args) == 2 {
				line = args[1]
			}
			sections, err := runner.Explain(cmd.Context(), args[0], line)
			if err != nil {
				return lockedHint(err)
			}
			printSections(a, sections)
			return nil
		},
	}
}

func printSections(a *app, sections []jobs.Section) {
	for _, s := range sections {
		fmt.Fprintf(a.stdout, "%s\n", s.Title)
		for _, f := range s.Fields {
			fmt.Fprintf(a.stdout, "  %s%s %s\n", f.Name, strings.Repeat(" ", max(1, 16-len(f.Name))), f.Value)
		}
		fmt.Fprintln(a.stdout)
	}
}
