package main

import (
	"fmt"

	"claimsaudit/configs"
	"claimsaudit/pipeline"

	"github.com/spf13/cobra"
)

func (a *app) checkCommand() *cobra.Command {
	return &cobra.Command{
		Use: "check", Args: noArgs,
		Short: "Validate settings, rule pack, layouts and scorecards; report every problem at once",
		RunE: func(*cobra.Command, []string) error {
			problems := configs.Check(a.configPath, a.explicit, a.env, a.overrides)
			if len(problems) == 0 {
				config, err := a.load()
				if err != nil {
					return err
				}
				fmt.Fprintf(a.stdout, "ok: %s, rule pack %s, %d rules, %d ratios; digest %s\n", config.Source, config.RulePack.Name,
					len(config.RulePack.Rules), len(config.RulePack.Ratios), config.Digest[:12])
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
