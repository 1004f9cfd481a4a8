package main

import (
	"context"
	"fmt"

	"claimsaudit/jobs"
	"claimsaudit/pipeline"

	"github.com/spf13/cobra"
)

func (a *app) pointsReportCommand() *cobra.Command {
	return a.authorityCommand("report", "Write the month's report on points and measures to the upper level", `Writes points-report-yyyy-MM.xlsx, the report to the upper level (Art. 4, 45): a summary of the month and of
the year so far, by article, by measure and by kind of institution; the month's decisions; those
of earlier months that became final only after their report; who is suspended, terminated or not restored
on the month's last day; repairs and restorations; institutions over the share of Art. 34 or one person
below it; statuses not maintained, with the yuan (Art. 48).

The month's run writes it too. It shows what the last run knows. Names are in full: the file is 0600 and
every sheet is marked as internal. Without --out it goes to reports/yyyy-MM/ of the data directory, or to
as-of-DATE/ below it once a run has reported the month.`, (*jobs.Runner).PointsReport)
}

// authorityCommand is a command that writes workbooks of a month for other authorities.
func (a *app) authorityCommand(use, short, long string, write func(*jobs.Runner, context.Context, pipeline.Period, string) ([]string, error)) *cobra.Command {
	var period, out string
	cmd := &cobra.Command{
		Use: use, Args: noArgs, Short: short, Long: long,
		Example: "  claimsaudit points " + use + " --period 2025-03\n  claimsaudit points " + use + " --period 2025-03 --out /srv/papers",
		RunE: func(cmd *cobra.Command, _ []string) error {
			month, err := parsePeriod(period)
			if err != nil {
				return err
			}
			runner, err := a.reader()
			if err != nil {
				return err
			}
			paths, err := write(runner, cmd.Context(), month, out)
			if err != nil {
				return lockedHint(err)
			}
			for _, path := range paths {
				fmt.Fprintf(a.stdout, "internal   %s\n", path)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&period, "period", "", "month of the decisions, yyyy-MM (required)")
	cmd.Flags().StringVar(&out, "out", "", "folder to write to; it is made if need be")
	return cmd
}
