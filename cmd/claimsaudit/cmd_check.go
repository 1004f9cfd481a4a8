package main

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	"claimsaudit/configs"
	"claimsaudit/jobs"
	"claimsaudit/pipeline"

	"github.com/spf13/cobra"
)

func (a *app) checkCommand() *cobra.Command {
	return &cobra.Command{
		Use: "check", Args: noArgs,
		Short: "Validate settings, rule pack, layouts, scorecards and calendars; report every problem at once",
		RunE: func(*cobra.Command, []string) error {
			problems := configs.Check(a.configPath, a.explicit, a.env, a.overrides)
			if len(problems) == 0 {
				config, err := a.load()
				if err != nil {
					return err
				}
				if err := a.checkExamples(config.RulePack); err != nil {
					return err
				}
				if err := a.checkTimetable(config.Operation); err != nil {
					return err
				}
				templates, err := jobs.CheckDocuments(config)
				if err != nil {
					return err
				}
				fmt.Fprintf(a.stdout, "ok: %s, rule pack %s, %d rules, %d ratios; digest %s\n", config.Source, config.RulePack.Name,
					len(config.RulePack.Rules), len(config.RulePack.Ratios), config.Digest[:12])
				fmt.Fprintf(a.stdout, "points examples: %d hold\n", len(config.RulePack.Points.Examples))
				fmt.Fprintf(a.stdout, "calendar years: %s\nmail: %s\n", years(config.Operation.Calendar), mailState(config.Operation.Mail))
				fmt.Fprintf(a.stdout, "documents: %s\n", strings.Join(templates, ", "))
				return nil
			}
			for _, p := range problems {
				fmt.Fprintln(a.stdout, p)
			}
			return &pipeline.Error{Kind: pipeline.KindUsage, Op: "check configuration", Err: fmt.Errorf("%d problems", len(problems)),
				Hint: "correct the places named above and check again"}
		},
	}
}

// checkTimetable refuses a line that never fires. That the calendar ends is no mistake of the file, but somebody must
// hear of it before the month comes that nobody knows the working days of.
func (a *app) checkTimetable(o configs.Operation) error {
	now := a.clock()
	table, err := jobs.NewTimetable(o.Schedule, o.Calendar, now)
	if err != nil {
		return err
	}
	for _, err := range table.Blocked(now) {
		fmt.Fprintf(a.stdout, "warning: %v\n  do: %s\n", err, pipeline.HintOf(err))
	}
	return nil
}

func years(c configs.Calendar) string {
	var list []string
	for _, year := range c.Years() {
		list = append(list, strconv.Itoa(year))
	}
	return strings.Join(list, ", ")
}

// mailState counts recipients instead of naming them: the output is pasted into tickets.
func mailState(m configs.Mail) string {
	if !m.Enabled() {
		return "off"
	}
	return fmt.Sprintf("%s (%s), recipients: monthly %d, daily %d, alarm %d; institutions: %d",
		net.JoinHostPort(m.Host, strconv.Itoa(m.Port)), m.Security, len(m.Recipients["monthly"]), len(m.Recipients["daily"]),
		len(m.Recipients["alarm"]), len(m.Institutions))
}
