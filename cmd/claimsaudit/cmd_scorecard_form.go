package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"claimsaudit/jobs"

	"github.com/spf13/cobra"
)

func (a *app) scorecardFormCommand() *cobra.Command {
	return a.scorePapersCommand("form", "Write the filled scorecard of each institution, and the centre's workbook over all of them", `Writes CODE-yyyy.xlsx for every institution: the notice's own table (Annex 2, of pharmacies Annex 4) with what the
institution reported, its own score, the centre's score and what it rests on, the total, the decision and room
to sign, for A4. What is missing stands as 待定, with the range the total can still come to; the total is a
formula that follows when somebody completes the table.

Without --institution it also writes scorecards-yyyy.xlsx for the centre: ranking by type, vetoes, where
self-score and score or reported and computed figures differ, the change since last year, missing evidence.

It shows what is published, so "run annual" comes first, or for a running year "run monthly"; "run annual" writes
the same files. They are made anew each time and take the place of earlier ones. Without --out they go to
reports/yyyy/ of the data directory. Ends with 2 if a year or an institution has no scorecard; nothing is
written then.`, func(r *jobs.Runner, ctx context.Context, req jobs.ScoreRequest) error {
		paths, err := r.ScoreForms(ctx, req)
		for _, path := range paths {
			fmt.Fprintln(a.stdout, path)
		}
		return err
	})
}

// scorePapersCommand is a command that writes papers of a year for some institutions or all.
func (a *app) scorePapersCommand(use, short, long string, write func(*jobs.Runner, context.Context, jobs.ScoreRequest) error) *cobra.Command {
	var req jobs.ScoreRequest
	var year string
	cmd := &cobra.Command{
		Use: use + " --year YEAR", Args: noArgs, Short: short, Long: long,
		Example: "  claimsaudit scorecard " + use + " --year 2024\n  claimsaudit scorecard " + use + " --year 2024 --institution H50010500001 --out papers",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if year == "" {
				return usageError{errors.New("--year is missing: write it as yyyy, for example 2024")}
			}
			first, err := time.Parse("2006", year)
			if err != nil {
				return usageError{fmt.Errorf("--year %q is not a year: write it as yyyy, for example 2024", year)}
			}
			req.Year = first.Year()
			runner, err := a.reader()
			if err != nil {
				return err
			}
			return write(runner, cmd.Context(), req)
		},
	}
	cmd.Flags().StringVar(&year, "year", "", "the year that is scored, yyyy (required)")
	cmd.Flags().StringArrayVar(&req.Institutions, "institution", nil, "only this institution; may be given several times")
	cmd.Flags().StringVar(&req.Dir, "out", "", "folder to write into; it is made if need be (default DATA/reports/yyyy)")
	return cmd
}
