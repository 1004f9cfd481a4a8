package main

import (
	"fmt"

	"claimsaudit/configs"
	"claimsaudit/pipeline"
	"claimsaudit/pipeline/register"

	"github.com/spf13/cobra"
)

func (a *app) rulesCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "rules", Short: "What the rule pack says about points"}
	cmd.AddCommand(a.rulesTestCommand())
	return group(cmd)
}

func (a *app) rulesTestCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "test [PACK]",
		Short: "Run the worked examples written inside a rule pack; print each step with its article",
		Long: `Run the worked examples written inside a rule pack and print each step with its article.

PACK is a name below rulepacks/ or the path of a file; without one it is the configured pack. Steps
are the rows of mart.points_record: points, block, repair, clear, restore; the number behind "=" is
the total after the step, a block runs from its first day up to and without its last. Ends with 2
when an example does not come out as it says.`,
		Example: "  claimsaudit rules test chongqing-2025\n  claimsaudit rules test ./rulepacks/next-year.yaml",
		Args: func(cmd *cobra.Command, args []string) error {
			if err := cobra.MaximumNArgs(1)(cmd, args); err != nil {
				return usageError{err}
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			pack, err := a.pack(args)
			if err != nil {
				return err
			}
			failed := 0
			for _, example := range pack.Points.Examples {
				outcome := register.RunExample(&pack.Points, example)
				a.printExample(&pack.Points, example, outcome)
				if len(outcome.Wrong) > 0 {
					failed++
				}
			}
			fmt.Fprintf(a.stdout, "rule pack %s: %d of %d examples hold\n", pack.Name, len(pack.Points.Examples)-failed, len(pack.Points.Examples))
			return examplesError(pack, failed)
		},
	}
}

// pack is the one named, else the configured one.
func (a *app) pack(args []string) (configs.RulePack, error) {
	if len(args) == 1 {
		return configs.LoadRulePack(a.configPath, args[0])
	}
	config, err := a.load()
	if err != nil {
		return configs.RulePack{}, err
	}
	return config.RulePack, nil
}

func (a *app) printExample(rules *configs.Points, example configs.Example, outcome register.Outcome) {
	verdict := "ok"
	if len(outcome.Wrong) > 0 {
		verdict = "FAIL"
	}
	fmt.Fprintf(a.stdout, "%-5s Art. %s: %s\n", verdict, example.Article, example.Name)
	for _, o := range outcome.Record.Once {
		fmt.Fprintf(a.stdout, "      %s counts once with %s (Art. %s)\n", o.RefNo, o.With, o.Article)
	}
	for _, e := range outcome.Record.Events {
		fmt.Fprintf(a.stdout, "      %s (Art. %s)\n", e, e.Article)
	}
	for _, m := range outcome.Record.Matters {
		fmt.Fprintf(a.stdout, "      %s without effect: %s\n", m.RefNo, m.Reason)
	}
	for _, s := range example.Shares {
		share := register.ShareOf(rules.Share, s.Registered, s.Blocked)
		fmt.Fprintf(a.stdout, "      %d of %d blocked: flagged %t (Art. %s)\n", s.Blocked, s.Registered, share.Flagged, rules.Share.Article)
	}
	for _, w := range outcome.Wrong {
		fmt.Fprintf(a.stdout, "      wrong: %s\n", w)
	}
}

// checkExamples prints the examples that do not hold.
func (a *app) checkExamples(pack configs.RulePack) error {
	failed := 0
	for _, example := range pack.Points.Examples {
		outcome := register.RunExample(&pack.Points, example)
		if len(outcome.Wrong) > 0 {
			a.printExample(&pack.Points, example, outcome)
			failed++
		}
	}
	return examplesError(pack, failed)
}

func examplesError(pack configs.RulePack, failed int) error {
	if failed == 0 {
		return nil
	}
	return &pipeline.Error{Kind: pipeline.KindUsage, Op: "run worked examples", Where: "rule pack " + pack.Name,
		Err:  fmt.Errorf("%d of %d do not come out as written", failed, len(pack.Points.Examples)),
		Hint: "hold each line marked wrong against the regulation: correct the number in the pack, or what the example wants"}
}
