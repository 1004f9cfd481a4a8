package main

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"claimsaudit/jobs"
	"claimsaudit/pipeline"

	"github.com/spf13/cobra"
)

// simulateFlags are what was typed.
type simulateFlags struct {
	add                                      []string
	effective, act, inspection, asOf, format string
	lines                                    int
}

func (a *app) pointsSimulateCommand() *cobra.Command {
	var f simulateFlags
	cmd := &cobra.Command{
		Use:   "simulate CODE --add ARTICLE/ITEM:POINTS@DATE",
		Short: "What a decision would cause, before it is taken; nothing is written",
		Long: `Computes the points record of a person with and without the decisions of --add and prints both:
total, measure, block and its end, clearing; the deadlines that would start; and which delivered
claims with a service day in the new block would be withheld, or recovered where a statement has
closed their month, with emergencies apart, by institution and month. For the principal of a
pharmacy all lines of the pharmacy count (Art. 39). It also says whether the person's institutions
would come over the share of Article 34.

The claims are judged by the program's own rules, in memory, as if the registry showed the block;
until it does rule 409 asks for review of them. Nothing is written, and nobody is told.

--add may be given several times. ITEM is written as it would be delivered, and as there cannot be
left out; decisions of one inspection, article and item count once (Art. 26). --effective, --act and --inspection hold for all
of them. Among decisions of one day they are sorted as SIM-01, SIM-02.`,
		Example: `  claimsaudit points simulate D500105000101 --add 30/30-1:5@2025-06-01
  claimsaudit points simulate D500105000101 --add 31/31-2:9@2025-06-01 --effective 2025-06-10 --format json
  claimsaudit points simulate D500105000101 --add 29/29-1:3@2025-06-01 --add 30/30-1:6@2025-06-05`,
		Args: oneArg("CODE, the person's code in the registry"),
		RunE: func(cmd *cobra.Command, args []string) error {
			req, err := f.request(args[0])
			if err != nil {
				return err
			}
			runner, err := a.reader()
			if err != nil {
				return err
			}
			s, err := runner.Simulate(cmd.Context(), req)
			if err != nil {
				return lockedHint(err)
			}
			return a.writeOut("", func(w io.Writer) error {
				if f.format == "json" {
					return writeIndented(w, s)
				}
				return writeSimulationText(w, s)
			})
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&f.add, "add", nil, "a decision to try, ARTICLE/ITEM:POINTS@DATE, for example 30/30-1:5@2025-06-01 (required)")
	flags.StringVar(&f.effective, "effective", "", "first day of the block it may cause, yyyy-MM-dd (default the day it is decided)")
	flags.StringVar(&f.act, "act", "", "number of the act: decisions on one act count once")
	flags.StringVar(&f.inspection, "inspection", "", "number of the inspection: decisions of one inspection, article and item count once")
	flags.StringVar(&f.asOf, "as-of", "", "day whose knowledge counts, yyyy-MM-dd (default the last run's, or the last decision's if that is later)")
	flags.StringVar(&f.format, "format", "text", "text or json")
	flags.IntVar(&f.lines, "lines", 50, "so many claim lines at most; 0: all")
	completeFormat(cmd, "text", "json")
	cmd.ValidArgsFunction = cobra.NoFileCompletions
	return cmd
}

// request reads what was typed.
func (f *simulateFlags) request(code string) (req jobs.SimulateRequest, err error) {
	if f.format != "text" && f.format != "json" {
		return req, usageError{fmt.Errorf("unknown format %q: use text or json", f.format)}
	}
	if f.lines < 0 {
		return req, usageError{fmt.Errorf("--lines %d: give a number of lines, 0 for all", f.lines)}
	}
	if len(f.add) == 0 {
		return req, usageError{errors.New("--add is missing: give the decision as ARTICLE/ITEM:POINTS@DATE, for example --add 30/30-1:5@2025-06-01")}
	}
	req = jobs.SimulateRequest{Code: code, Lines: f.lines}
	var effective time.Time
	if effective, err = optionalDay("--effective", f.effective); err != nil {
		return req, err
	}
	if req.AsOf, err = optionalDay("--as-of", f.asOf); err != nil {
		return req, err
	}
	for _, text := range f.add {
		add, err := parseAddition(text)
		if err != nil {
			return req, err
		}
		add.EffectiveOn, add.ActNo, add.InspectionNo = effective, strings.TrimSpace(f.act), strings.TrimSpace(f.inspection)
		req.Add = append(req.Add, add)
	}
	return req, nil
}

func optionalDay(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	day, err := pipeline.ParseDay(text)
	if err != nil {
		return day, usageError{fmt.Errorf("%s %q is not a day: write it as yyyy-MM-dd", flag, text)}
	}
	return day, nil
}

// parseAddition reads ARTICLE/ITEM:POINTS@DATE; an item may hold any character, the last : and @ count.
func parseAddition(text string) (add jobs.Addition, err error) {
	wrong := func(format string, args ...any) error {
		return usageError{fmt.Errorf("--add %q: %s; write ARTICLE/ITEM:POINTS@DATE, for example 30/30-1:5@2025-06-01", text, fmt.Sprintf(format, args...))}
	}
	at := strings.LastIndex(text, "@")
	if at < 0 {
		return add, wrong("the date is missing")
	}
	if add.DecidedOn, err = pipeline.ParseDay(strings.TrimSpace(text[at+1:])); err != nil {
		return add, wrong("%q is not a day", text[at+1:])
	}
	colon := strings.LastIndex(text[:at], ":")
	if colon < 0 {
		return add, wrong("the points are missing")
	}
	if add.Points, err = strconv.Atoi(strings.TrimSpace(text[colon+1 : at])); err != nil || add.Points <= 0 {
		return add, wrong("%q is not a number of points", text[colon+1:at])
	}
	article, item, _ := strings.Cut(text[:colon], "/")
	add.Article, add.Item = strings.TrimSpace(article), strings.TrimSpace(item)
	if add.Article == "" {
		return add, wrong("the article is missing")
	}
	if add.Item == "" {
		return add, wrong("the item of article %s is missing, without which a decision cannot be delivered", add.Article)
	}
	return add, nil
}
