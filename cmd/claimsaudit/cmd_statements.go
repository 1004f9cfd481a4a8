package main

import (
	"fmt"
	"io"
	"time"

	"claimsaudit/jobs"
	"claimsaudit/pipeline"

	"github.com/spf13/cobra"
)

func (a *app) statementsCommand() *cobra.Command {
	var period, dated, out string
	var institutions []string
	var send bool
	cmd := &cobra.Command{
		Use: "statements", Args: noArgs,
		Short: "Write the statement of each institution (扣款／追回通知书) for a month, and send it",
		Long: `Writes, for every institution of which the month's statement has a line, CODE-yyyy-MM.xlsx and .html into
DATA/reports/yyyy-MM/institutions/, mode 0600: sums, rules with their articles, its own lines (settlement,
line, day, item, practitioner by code and masked name, status, rule, amount), what of the month still waits
for a person, and until when and how to object. Nobody insured is named. It is not part of run monthly: the
head signs the month first, then the institutions are told.

Amounts are those issued, whatever was learnt since; run and chain hash on every page are those of the run
that issued them, for claimsaudit verify --hash. What lies there is never overwritten: the same again is
"unchanged", another one is written beside it as CODE-yyyy-MM+2.

The time to object (statements.objection_working_days, from the day after) is counted from the day on the
notice: the statement's as-of day, or --dated.

--send queues one mail for each institution and address of mail.institutions and sends it. The key is made of
statement, institution and address: sent twice is never, however often the command is run. The workbook is
encrypted with the institution's password (mail.institution_passwords_file) and the page stays behind;
without a password nothing is sent unless mail.institutions_unencrypted is true. Who cannot be sent to is
listed with the amount, to be served otherwise.

Ends with 2 if the month has no statement, an institution none of its lines, or mail is off; with 5 if a mail
was not delivered (tried again by run deliver and serve).`,
		Example: "  claimsaudit statements --period 2025-03\n  claimsaudit statements --period 2025-03 --institution H50010500001 --out to-print\n  claimsaudit statements --period 2025-03 --dated 2025-04-07 --send",
		RunE: func(cmd *cobra.Command, _ []string) error {
			month, err := parsePeriod(period)
			if err != nil {
				return err
			}
			req := jobs.StatementsRequest{Period: month, Institutions: institutions, Dir: out, Send: send}
			if dated != "" {
				if req.Dated, err = pipeline.ParseDay(dated); err != nil {
					return usageError{fmt.Errorf("--dated %q is no day: write yyyy-MM-dd", dated)}
				}
			}
			runner, err := a.reader()
			if err != nil {
				return err
			}
			result, err := runner.Statements(cmd.Context(), req)
			if pipeline.Stands(err) {
				printStatements(a.stdout, result, req)
			}
			if !send {
				err = lockedHint(err)
			}
			return err
		},
	}
	cmd.Flags().StringVar(&period, "period", "", "month of the statement, yyyy-MM (required)")
	cmd.Flags().StringArrayVar(&institutions, "institution", nil, "code of an institution; may be given more than once (default all)")
	cmd.Flags().StringVar(&dated, "dated", "", "day on the notices, yyyy-MM-dd (default the statement's as-of day)")
	cmd.Flags().StringVar(&out, "out", "", "folder to write into (default DATA/reports/yyyy-MM/institutions)")
	cmd.Flags().BoolVar(&send, "send", false, "mail them to the addresses of mail.institutions")
	return cmd
}

func printStatements(w io.Writer, out jobs.StatementsOutcome, req jobs.StatementsRequest) {
	var withheld, recovered, released int64
	lines := 0
	states, servings := map[string]int{}, map[string]int{}
	for _, m := range out.Made {
		withheld, recovered, released, lines = withheld+m.Withheld, recovered+m.Recovered, released+m.Released, lines+m.Lines
		for _, state := range m.States {
			states[state]++
		}
		servings[m.Serving]++
	}
	fmt.Fprintf(w, "statement  %s as of %s: %d institutions, %d lines\n", out.StatementNo, out.AsOf.Format(time.DateOnly), len(out.Made), lines)
	if len(out.Made) == 0 {
		fmt.Fprintln(w, "notices    none: nothing is withheld, recovered or given back")
		return
	}
	for _, row := range []struct {
		name  string
		cents int64
	}{{"withhold", withheld}, {"recover", recovered}, {"release", released}} {
		fmt.Fprintf(w, "  %-12s %20s yuan\n", row.name, yuan(row.cents))
	}
	fmt.Fprintf(w, "notices    dated %s, objections until %s\n", out.Dated.Format(time.DateOnly), out.ObjectUntil.Format(time.DateOnly))
	for _, state := range []string{jobs.DocumentWritten, jobs.DocumentStood, jobs.DocumentBeside} {
		if states[state] > 0 {
			fmt.Fprintf(w, "  %-14s %d files in %s\n", state, states[state], out.Dir)
		}
	}
	if len(req.Institutions) > 0 {
		for _, m := range out.Made {
			for _, path := range m.Paths {
				fmt.Fprintf(w, "  file     %s\n", path)
			}
		}
	}
	if !req.Send {
		return
	}
	for _, serving := range []string{jobs.ServeQueued, jobs.ServeBefore} {
		if servings[serving] > 0 {
			fmt.Fprintf(w, "  %-14s %d institutions\n", serving, servings[serving])
		}
	}
	printDelivery(w, out.Mail)
	for _, m := range out.Made {
		if m.Serving != jobs.ServeQueued && m.Serving != jobs.ServeBefore {
			fmt.Fprintf(w, "  by other means (送达方式待定)  %s  %s yuan: %s\n", m.Code, yuan(m.Withheld+m.Recovered+m.Released), m.Serving)
		}
	}
}
