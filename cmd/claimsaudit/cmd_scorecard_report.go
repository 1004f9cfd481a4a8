package main

import (
	"context"
	"fmt"

	"claimsaudit/jobs"

	"github.com/spf13/cobra"
)

func (a *app) scorecardReportCommand() *cobra.Command {
	return a.scorePapersCommand("report", "Write the draft of each institution's yearly report as .docx", `Writes annual-report-CODE-yyyy.docx, the yearly report an institution has to hand in (Annex 1, of pharmacies
Annex 3), with the computed figures filled in: visits and amounts by fund and insurance kind, ratios, persons
and points, prices, what was withheld, what is still to be submitted. What no data can know is a line to write
on; a figure without data too. The templates are those of the settings, section "documents".

It shows what is published: run "run annual" first, or for a running year "run monthly". A draft is there to be
completed by hand, so nothing is overwritten: one that would differ from what lies there is written beside it,
as CODE-yyyy+2. Without --out drafts go to reports/yyyy/ of the data directory. Ends with 2 if a year or an
institution has no scorecard; nothing is written then.`, func(r *jobs.Runner, ctx context.Context, req jobs.ScoreRequest) error {
		made, err := r.AnnualReports(ctx, req)
		for _, m := range made {
			fmt.Fprintf(a.stdout, "%-14s %s\n", m.State, m.Path)
		}
		return err
	})
}
