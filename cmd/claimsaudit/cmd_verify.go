package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"claimsaudit/jobs"
	"claimsaudit/pipeline"

	"github.com/spf13/cobra"
)

func (a *app) verifyCommand() *cobra.Command {
	var hash string
	cmd := &cobra.Command{
		Use: "verify", Args: noArgs,
		Short: "Recompute the hash chain of runs, files and statements and say where it breaks",
		Long: `Recomputes every link of the chain, every statement, the result tables of the newest run and every byte of
every archived file, and compares them with the ledger, the journal in the archive and the publication.
It changes nothing. Anything that is not as it was recorded ends with 1 and names the first such place.

With --hash it says which run a printed report belongs to: the report's front page shows the hash
(校验链), and every page of the workbook its beginning (校验码); its first eight characters are enough.`,
		Example: "  claimsaudit verify\n  claimsaudit verify --hash 3f9ac01b",
		RunE: func(cmd *cobra.Command, _ []string) error {
			runner, err := a.reader()
			if err != nil {
				return err
			}
			if hash != "" {
				return a.findRun(cmd, runner, hash)
			}
			checks, err := runner.Verify(cmd.Context())
			for _, c := range checks {
				printProof(a, c)
			}
			return lockedHint(err)
		},
	}
	cmd.Flags().StringVar(&hash, "hash", "", "say which run the hash on a printed report belongs to")
	return cmd
}

func printProof(a *app, c jobs.Proof) {
	verdict := "whole"
	if c.Breach != nil {
		verdict = "BROKEN"
	}
	fmt.Fprintf(a.stdout, "%-12s %8d  %-58s %s\n", c.Kind, c.Count, c.Text, verdict)
	if b := c.Breach; b != nil {
		fmt.Fprintf(a.stdout, "  %s\n    expected %s\n    found    %s\n", b.Where, b.Expected, b.Found)
	}
	for _, note := range c.Notes {
		fmt.Fprintf(a.stdout, "  note: %s\n", note)
	}
}

func (a *app) findRun(cmd *cobra.Command, runner *jobs.Runner, hash string) error {
	hash = strings.TrimSpace(hash)
	if len(hash) < 8 || strings.Trim(strings.ToLower(hash), "0123456789abcdef") != "" {
		return usageError{fmt.Errorf("--hash %q: give at least the first eight of the hash's digits 0-9 and a-f", hash)}
	}
	l, ok, err := runner.FindRun(cmd.Context(), hash)
	if err != nil {
		return lockedHint(err)
	}
	if !ok {
		return &pipeline.Error{Kind: pipeline.KindInternal, Op: "find run", Where: hash, Err: errors.New("no run of this warehouse has that hash"),
			Hint: "check the digits; if they are right, the report is of another data directory or the ledger was changed: run `claimsaudit verify`"}
	}
	fmt.Fprintf(a.stdout, "link       %d\nrun        %s\nhash       %s\njob        %s\nperiod     %s\nas of      %s\nfinished   %s\nstate      %s\nstatement  %s\n",
		l.No, l.ID, l.ChainHash, l.Job, orNone(l.Period), l.AsOf.Format(time.DateOnly), l.FinishedAt.Format(time.DateTime), l.State, orNone(jobs.StatementOf(l)))
	return nil
}
