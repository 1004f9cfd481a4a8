package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"claimsaudit/jobs"
	"claimsaudit/pipeline"

	"github.com/spf13/cobra"
)

func (a *app) runCommand() *cobra.Command {
	cmd := group(&cobra.Command{Use: "run", Short: "Run one job now: nightly, monthly, annual, housekeeping or deliver"})
	cmd.AddCommand(a.nightlyCommand(), a.monthlyCommand(), a.annualCommand(), a.housekeepingCommand(), a.deliverCommand())
	return cmd
}

func (a *app) nightlyCommand() *cobra.Command {
	var asOf string
	cmd := &cobra.Command{
		Use: "nightly", Args: noArgs,
		Short: "Take in what was delivered, refresh the audit of every open month, publish",
		Long: `Takes in what lies in the inbox, recomputes what the new rows change and publishes. It issues no
statement. With nothing new it does nothing and ends with 0. With an --as-of before the last run's it
warns: the publication then shows the earlier day.`,
		Example: "  claimsaudit run nightly --as-of 2025-04-02",
		RunE: func(cmd *cobra.Command, _ []string) error {
			day, err := a.asOf(asOf)
			if err != nil {
				return err
			}
			return a.runJob(cmd, jobs.Request{Job: jobs.Nightly, AsOf: day})
		},
	}
	asOfFlag(cmd, &asOf)
	return cmd
}

func (a *app) monthlyCommand() *cobra.Command {
	var period, asOf string
	cmd := &cobra.Command{
		Use: "monthly", Args: noArgs,
		Short: "Take in, audit, close the month with a statement, render the reports, publish",
		Long: `Audits the month and closes it with a statement that is never rewritten: what its own lines withhold,
what earlier months still owe (recover), and what was issued and no longer stands (release). Running a
closed month again issues nothing; its news wait for the next month's statement.

It publishes DATA/published: the database for queries and, for reading, the site (open site/index.html).`,
		Example: "  claimsaudit run monthly --period 2025-03 --as-of 2025-04-03",
		RunE: func(cmd *cobra.Command, _ []string) error {
			req, err := a.periodRequest(jobs.Monthly, period, asOf)
			if err != nil {
				return err
			}
			return a.runJob(cmd, req)
		},
	}
	periodFlag(cmd, &period)
	asOfFlag(cmd, &asOf)
	return cmd
}

func (a *app) deliverCommand() *cobra.Command {
	return &cobra.Command{
		Use: "deliver", Args: noArgs,
		Short: "Send now what waits in the outbox",
		Long: `Sends every mail that could not be delivered yet, without waiting for its next attempt. For use when what
was in the way is mended: the mail server, the password, the network. With nothing to send it does nothing.`,
		Example: "  claimsaudit run deliver",
		RunE: func(cmd *cobra.Command, _ []string) error {
			runner, err := a.reader()
			if err != nil {
				return err
			}
			if !runner.Config.Operation.Mail.Enabled() {
				fmt.Fprintln(a.stdout, "mail       off: the configuration names no mail.host")
				return nil
			}
			out, err := runner.Run(cmd.Context(), jobs.Request{Job: jobs.Deliver, Now: true})
			if pipeline.Stands(err) {
				printDelivery(a.stdout, out.Mail)
			}
			return err
		},
	}
}

// printDelivery says what became of the mails, "" of none.
func printDelivery(w io.Writer, d jobs.Delivery) {
	var parts []string
	for _, p := range []struct {
		n    int
		text string
	}{{d.Sent, "sent"}, {d.Refused, "refused"}, {d.GaveUp, "given up"}, {d.Ambiguous, "sent without an answer"}, {d.Outbox.Waiting, "waiting"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.text))
		}
	}
	if len(parts) == 0 {
		parts = append(parts, "nothing to send")
	}
	fmt.Fprintf(w, "mail       %s\n", strings.Join(parts, ", "))
}

func (a *app) annualCommand() *cobra.Command {
	var year, asOf string
	cmd := &cobra.Command{
		Use: "annual", Args: noArgs,
		Short: "Take in, audit, compute the year's ratios and scorecards anew, publish",
		Long: `Computes the ratios of the whole year and December's year to date with everything known by now, what came
after December was closed included. It issues no statement; ratios of single closed months stay.

Then it scores every institution by the table of configs/scorecards for that year. Once the year is over, a
scorecard on which nothing is missing becomes final: no later run changes it. After the table's last day of
handing in, so does one that a person vetoed, whatever else is missing; a veto that only the program found
waits for a person to confirm it. The others stay open until what is missing has come and the command is run
again. While the year still runs this is the standing to date, of the months that have ended, and nothing
becomes final. A year that no table scores ends with 2.

With what it publishes it writes the centre's workbook of the year and the filled table of every institution to
reports/yyyy/ of the data directory, in the place of earlier ones; see "scorecard form".`,
		Example: "  claimsaudit run annual --year 2025 --as-of 2026-01-10",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if year == "" {
				return usageError{errors.New("--year is missing: write it as yyyy, for example 2025")}
			}
			first, err := time.Parse("2006", year)
			if err != nil {
				return usageError{fmt.Errorf("--year %q is not a year: write it as yyyy, for example 2025", year)}
			}
			day, err := a.asOf(asOf)
			if err != nil {
				return err
			}
			return a.runJob(cmd, jobs.Request{Job: jobs.Annual, Year: first.Year(), AsOf: day})
		},
	}
	cmd.Flags().StringVar(&year, "year", "", "year of the claims, yyyy (required)")
	asOfFlag(cmd, &asOf)
	return cmd
}

func (a *app) planCommand() *cobra.Command {
	cmd := group(&cobra.Command{Use: "plan", Short: "Show what a run would change, write nothing"})
	var period, asOf string
	monthly := &cobra.Command{
		Use: "monthly", Args: noArgs,
		Short: "The monthly computation on a copy: the statement's difference in yuan, by cause",
		Long: `Does what "run monthly" would do, inbox included, on a copy of the warehouse that is thrown away, and
prints what the statement would add to what stands, by cause: new rows, superseded rows, status learnt
late, review decision, refund.`,
		Example: "  claimsaudit plan monthly --period 2025-04",
		RunE: func(cmd *cobra.Command, _ []string) error {
			req, err := a.periodRequest(jobs.Plan, period, asOf)
			if err != nil {
				return err
			}
			runner, err := a.reader()
			if err != nil {
				return err
			}
			out, err := runner.Run(cmd.Context(), req)
			if err == nil || pipeline.KindOf(err) == pipeline.KindBadFile {
				printDifference(a.stdout, out)
			}
			return err
		},
	}
	periodFlag(monthly, &period)
	asOfFlag(monthly, &asOf)
	cmd.AddCommand(monthly)
	return cmd
}

func noArgs(cmd *cobra.Command, args []string) error {
	if err := cobra.NoArgs(cmd, args); err != nil {
		return usageError{err}
	}
	return nil
}

func asOfFlag(cmd *cobra.Command, to *string) {
	cmd.Flags().StringVar(to, "as-of", "", "day whose knowledge counts, yyyy-MM-dd (default today)")
}

func periodFlag(cmd *cobra.Command, to *string) {
	cmd.Flags().StringVar(to, "period", "", "month of the claims, yyyy-MM (required)")
}

func (a *app) asOf(text string) (time.Time, error) {
	if text == "" {
		now := a.clock().In(pipeline.Shanghai)
		return time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC), nil
	}
	return pipeline.ParseDay(text)
}

func (a *app) periodRequest(job jobs.Job, period, asOf string) (jobs.Request, error) {
	p, err := parsePeriod(period)
	if err != nil {
		return jobs.Request{}, err
	}
	day, err := a.asOf(asOf)
	return jobs.Request{Job: job, Period: p, AsOf: day}, err
}

func parsePeriod(text string) (pipeline.Period, error) {
	if text == "" {
		return pipeline.Period{}, usageError{errors.New("--period is missing: write the month as yyyy-MM, for example 2025-03")}
	}
	return pipeline.ParsePeriod(text)
}

func (a *app) runJob(cmd *cobra.Command, req jobs.Request) error {
	runner, err := a.runner()
	if err != nil {
		return err
	}
	out, err := runner.Run(cmd.Context(), req)
	if out.RunID != "" {
		printOutcome(a.stdout, runner, out, err)
	}
	return err
}

// printOutcome says what the run did and where to look.
func printOutcome(w io.Writer, runner *jobs.Runner, out jobs.Outcome, err error) {
	fmt.Fprintf(w, "run        %s\n", out.RunID)
	fmt.Fprintf(w, "files      %d taken in, %d seen before, %d refused\n", out.Files, out.NoOps, out.Refused)
	fmt.Fprintf(w, "rows       %d read, %d rejected\n", out.Rows, out.Rejected)
	for _, f := range out.RefusedFiles {
		fmt.Fprintf(w, "  refused  %s\n", f)
	}
	for _, f := range out.Ignored {
		fmt.Fprintf(w, "  not taken  %s\n", f)
	}
	for _, q := range out.Quarantine {
		fmt.Fprintf(w, "  correct  %s, then `claimsaudit replay`\n", q)
	}
	for _, f := range out.Missing {
		fmt.Fprintf(w, "  missing  %s\n", f)
	}
	if runner.Config.Operation.Mail.Enabled() {
		printDelivery(w, out.Mail)
	}
	if !pipeline.Stands(err) {
		return
	}
	if out.Period != "" {
		printTotals(w, out)
	}
	switch {
	case out.Statement != nil:
		fmt.Fprintf(w, "statement  %s issued, %d lines\n", out.Statement.No, out.Statement.Lines)
		if out.Totals.Settlements == 0 { // more often a wrong --inbox than a month without claims, and it cannot be taken back
			fmt.Fprintf(w, "  empty    no settlement of %s was delivered; what still comes is recovered by the next statement\n", out.Period)
		}
	case out.ClosedBefore:
		fmt.Fprintf(w, "statement  nothing issued: %s was closed by the statement of %s, its news wait for the next one\n", out.Period, out.ClosedBy)
	}
	printScores(w, out.Scores)
	for _, path := range out.Reports {
		fmt.Fprintf(w, "report     %s\n", path)
	}
	if n := len(out.ScoreForms); n > 0 {
		fmt.Fprintf(w, "forms      %d, CODE-%s.xlsx beside it\n", n, out.Period)
	}
	for _, path := range out.ForAuthorities {
		fmt.Fprintf(w, "internal   %s\n", path)
	}
	if out.LaterDay != "" {
		fmt.Fprintf(w, "as of      a day before the last run's, %s: the publication shows the earlier day\n", out.LaterDay)
	}
	if out.Published {
		fmt.Fprintf(w, "published  %s\n", runner.PublishedPath())
	} else {
		fmt.Fprintf(w, "published  nothing new; %s stands\n", runner.PublishedPath())
	}
	if out.Site != "" {
		fmt.Fprintf(w, "site       %s\n", out.Site)
	}
}

func printTotals(w io.Writer, out jobs.Outcome) {
	t := out.Totals
	fmt.Fprintf(w, "period     %s: %d settlements, %d lines\n", out.Period, t.Settlements, t.Lines)
	for _, row := range []struct {
		name  string
		cents int64
	}{{"fund", t.Fund}, {"= pay", t.Pay}, {"+ exempt", t.Exempt}, {"+ review", t.Review}, {"+ withhold", t.Withhold},
		{"recover", t.Recover}, {"release", t.Release}} {
		fmt.Fprintf(w, "  %-12s %20s yuan\n", row.name, yuan(row.cents))
	}
}

// causeText puts a cause into words for the terminal.
var causeText = map[string]string{
	"new_row": "new rows", "superseded_row": "superseded rows", "status_learnt_late": "status learnt late",
	"review_decision": "review decision", "refund": "refund",
}

func printDifference(w io.Writer, out jobs.Outcome) {
	if out.ClosedBefore {
		fmt.Fprintf(w, "%s is closed: running it again issues nothing. What waits for the next month's statement:\n", out.Period)
	} else {
		fmt.Fprintf(w, "The statement of %s would add to what stands:\n", out.Period)
	}
	fmt.Fprintf(w, "%-10s %-20s %10s %20s\n", "kind", "cause", "lines", "yuan")
	var lines, cents int64
	for _, d := range out.Difference {
		fmt.Fprintf(w, "%-10s %-20s %10d %20s\n", d.Kind, causeText[d.Cause], d.Lines, yuan(d.Cents))
		lines += d.Lines
		cents += d.Cents
	}
	fmt.Fprintf(w, "%-10s %-20s %10d %20s\n", "total", "", lines, yuan(cents))
	t := out.Totals
	fmt.Fprintf(w, "Fund of %s: %s = pay %s + exempt %s + review %s + withhold %s\n", out.Period, yuan(t.Fund), yuan(t.Pay), yuan(t.Exempt),
		yuan(t.Review), yuan(t.Withhold))
	fmt.Fprintln(w, "Nothing was written.")
}
