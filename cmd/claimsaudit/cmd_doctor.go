package main

import (
	"encoding/json"
	"fmt"

	"claimsaudit/jobs"
	"claimsaudit/pipeline"

	"github.com/spf13/cobra"
)

func (a *app) doctorCommand() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use: "doctor", Args: noArgs,
		Short: "Is this machine fit to run: disk, permissions, clock, mail server, database, calendar",
		Long: `Looks at the machine and changes nothing. Each line is ok, info, warn or FAIL, with what to do. It ends
with 2 if a line says FAIL. It works before the first run, and while a run goes on leaves out what that has.`,
		Example: "  claimsaudit doctor\n  claimsaudit doctor --format json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if format != "text" && format != "json" {
				return usageError{fmt.Errorf("unknown format %q: use text or json", format)}
			}
			runner, err := a.reader()
			if err != nil {
				return err
			}
			checks := runner.Doctor(cmd.Context(), jobs.ThisMachine())
			if format == "json" {
				out := json.NewEncoder(a.stdout)
				out.SetEscapeHTML(false)
				out.SetIndent("", " ")
				err = out.Encode(checks)
			} else {
				a.printChecks(checks)
			}
			failed := 0
			for _, c := range checks {
				if c.Verdict == jobs.Fail {
					failed++
				}
			}
			if err == nil && failed > 0 {
				err = &pipeline.Error{Kind: pipeline.KindUsage, Op: "doctor", Err: fmt.Errorf("%d of %d checks failed", failed, len(checks)),
					Hint: "do what stands below each FAIL, then ask doctor again"}
			}
			return err
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	return cmd
}

func (a *app) printChecks(checks []jobs.Diagnosis) {
	for _, c := range checks {
		fmt.Fprintf(a.stdout, "%-5s %-17s %s\n", c.Verdict, c.Name, c.Found)
		if c.Do != "" {
			fmt.Fprintf(a.stdout, "      do: %s\n", c.Do)
		}
	}
}
