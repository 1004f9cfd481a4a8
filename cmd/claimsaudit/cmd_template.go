package main

import (
	"fmt"
	"time"

	"claimsaudit/jobs"

	"github.com/spf13/cobra"
)

func (a *app) scorecardTemplateCommand() *cobra.Command {
	var req jobs.TemplateRequest
	var year string
	cmd := &cobra.Command{
		Use: "template --year YEAR", Args: noArgs,
		Short: "Write the workbooks in which evidence and self-reports of a year are entered",
		Long: `Writes two workbooks, indicator_evidence_YEAR.xlsx and self_report_YEAR.xlsx, with a row for every
institution of the published registry and everything its scorecard asks a person for. Filled in, they
go into the inbox like any other delivery; rows left empty count for nothing. What the program computes
by itself is left out; --all adds it, so that a person may stand in for missing data or correct a count.
A file that is there already is never overwritten.`,
		Example: "  claimsaudit scorecard template --year 2024\n  claimsaudit scorecard template --year 2024 --institution H50010500001 --out forms",
		RunE: func(cmd *cobra.Command, _ []string) error {
			first, err := time.Parse("2006", year)
			if err != nil {
				return usageError{fmt.Errorf("--year %q is not a year: write it as yyyy, for example 2024", year)}
			}
			req.Year = first.Year()
			runner, err := a.reader()
			if err != nil {
				return err
			}
			paths, err := runner.WriteTemplates(cmd.Context(), req)
			for _, path := range paths {
				fmt.Fprintln(a.stdout, path)
			}
			return err
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&year, "year", "", "the year that is scored, yyyy (required)")
	flags.StringVar(&req.Dir, "out", ".", "folder to write into")
	flags.StringVar(&req.Institution, "institution", "", "only this institution's rows")
	flags.BoolVar(&req.All, "all", false, "also what the program computes by itself")
	return cmd
}
