package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"claimsaudit/jobs"
	"claimsaudit/pipeline"
	"claimsaudit/pipeline/report"

	"github.com/spf13/cobra"
)

func (a *app) practitionerCommand() *cobra.Command {
	var asOf, format, out string
	var names bool
	var lines int
	cmd := &cobra.Command{
		Use:   "practitioner CODE",
		Short: "The whole file of a person: registry, points, measures, claims, deadlines",
		Long: `Prints everything kept about one practitioner, as of the last run's day or --as-of: where the person
is registered; every registry row with the file and line it came from; the status the points record
derives beside the one the registry shows, with the days on which they differ; decisions, running
totals, measures, repairs and restorations with their articles; rows without effect and why; claims
withheld, exempt, under review and recovered by month and institution; deadlines, aliases,
pharmacies of a principal, warnings.

CODE is read as in a delivery: blanks around it, full-width and lower-case letters do not matter.
Claims, warnings about institutions and statuses not maintained are those of the last run, whatever
--as-of says. The name is masked unless --names is given; a file written by --out is readable by its
owner alone.

--format json has stable field names: a day is yyyy-MM-dd or null, an amount of yuan a string with
two decimals, a list never null; from is the first day of a stretch, to the first one after it. Beside
practitioner_code, name, as_of, registry_status, derived_status, total_points, blocked_to there are
the lists registrations, registry_rows, registry_stretches, status_comparison, points_events, blocks,
decisions, repairs, restorations, matters, claim_totals, lines, deadlines, aliases, pharmacies,
status_not_maintained and warnings; line_query prints all lines. unjudged_files counts the files that
a run took in and did not judge, because it stopped at a gate or failed: record and delivered rows
know them, claims do not. --format html is one page without any outside resource, to be read, printed
on A4 or attached. Exit 2 for a code that nobody has, with those that look alike.`,
		Example: `  claimsaudit practitioner D500105000040
  claimsaudit practitioner D500105000040 --format html --names --out file.html
  claimsaudit practitioner D500105000040 --format json --lines 0`,
		Args: oneArg("CODE, the person's code in the registry"),
		RunE: func(cmd *cobra.Command, args []string) error {
			write, ok := fileWriters[format]
			if !ok {
				return usageError{fmt.Errorf("unknown format %q: use text, json or html", format)}
			}
			if lines < 0 {
				return usageError{fmt.Errorf("--lines %d: give a number of lines, 0 for all", lines)}
			}
			req := jobs.PersonRequest{Code: args[0], ShowNames: names, Lines: lines}
			var err error
			if asOf != "" {
				if req.AsOf, err = pipeline.ParseDay(asOf); err != nil {
					return err
				}
			}
			runner, err := a.reader()
			if err != nil {
				return err
			}
			file, err := runner.Practitioner(cmd.Context(), req)
			if err != nil {
				return lockedHint(err)
			}
			return a.writeOut(out, func(w io.Writer) error { return write(w, file) })
		},
	}
	cmd.Flags().StringVar(&asOf, "as-of", "", "day whose knowledge counts, yyyy-MM-dd (default the last run's)")
	cmd.Flags().StringVar(&format, "format", "text", "text, json or html")
	cmd.Flags().StringVar(&out, "out", "", "write into this file instead of the terminal")
	cmd.Flags().BoolVar(&names, "names", false, "show the name in full")
	cmd.Flags().IntVar(&lines, "lines", 50, "so many claim lines at most; 0: all")
	completeFormat(cmd, "text", "json", "html")
	cmd.ValidArgsFunction = cobra.NoFileCompletions
	return cmd
}

// fileWriters are the formats of a person's file.
var fileWriters = map[string]func(io.Writer, *report.PersonFile) error{
	"text": writePersonText, "json": func(w io.Writer, f *report.PersonFile) error { return writeIndented(w, f) }, "html": report.WritePerson,
}

// oneArg wants exactly one argument and says which.
func oneArg(what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		switch {
		case len(args) == 0:
			return usageError{fmt.Errorf("give %s", what)}
		case len(args) > 1:
			return usageError{fmt.Errorf("%q is one argument too many: give %s", args[1], what)}
		}
		return nil
	}
}

// completeFormat lets the shell offer the formats.
func completeFormat(cmd *cobra.Command, formats ...string) {
	err := cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp))
	if err != nil {
		panic(err) // the flag does not exist: a fault of the program, met by every test
	}
}

// writeIndented writes JSON for programs that a person can read too.
func writeIndented(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// writeOut writes to the terminal, or all or nothing into a file that only its owner may read.
func (a *app) writeOut(path string, write func(io.Writer) error) (err error) {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	if path == "" {
		_, err := a.stdout.Write(b.Bytes())
		return err
	}
	fault := func(err error) error {
		return &pipeline.Error{Kind: pipeline.KindUsage, Op: "write file", Where: path, Err: err, Hint: "see that the folder of --out exists and is writable"}
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".claimsaudit-*") // 0600
	if err != nil {
		return fault(err)
	}
	_, err = temp.Write(b.Bytes())
	if closeErr := temp.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		if rmErr := os.Remove(temp.Name()); rmErr != nil && !os.IsNotExist(rmErr) {
			err = fmt.Errorf("%w; %s is left", err, temp.Name())
		}
		return fault(err)
	}
	_, err = fmt.Fprintf(a.stdout, "written    %s\n", path)
	return err
}
