// Command claimsaudit audits medical-insurance claims: delivered files in;
// verdicts, statements, ratios, a published database and reports out. This
// package holds arguments, environment and exit codes; one command per file.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"claimsaudit/configs"
	"claimsaudit/jobs"
	"claimsaudit/pipeline"
	"claimsaudit/pipeline/warehouse"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"
)

func main() {
	syscall.Umask(0o077) // claims are nobody else's to read; what is published gets its mode by configuration
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], environment(os.Environ()), os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func environment(pairs []string) map[string]string {
	env := map[string]string{}
	for _, p := range pairs {
		if name, value, ok := strings.Cut(p, "="); ok {
			env[name] = value
		}
	}
	return env
}

// app is what the commands share.
type app struct {
	env            map[string]string
	stdout, stderr io.Writer
	clock          pipeline.Clock
	configPath     string
	overrides      configs.Overrides
	explicit       bool
}

// run is the whole program: it returns the exit code of contract section 1.
func run(ctx context.Context, args []string, env map[string]string, stdout, stderr io.Writer) int {
	a := &app{env: env, stdout: stdout, stderr: stderr, clock: time.Now}
	root := a.rootCommand()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return 0
	}
	if ctx.Err() != nil {
		fmt.Fprintln(stderr, "interrupted: run again, finished steps are kept")
		return pipeline.KindInterrupted.ExitCode()
	}
	a.printError(cmd, err)
	return exitCode(err)
}

// exitCode is that of the gravest kind among joined errors: a gate outranks a refused file.
func exitCode(err error) int {
	var ours *pipeline.Error
	if errors.As(err, &ours) {
		return pipeline.Gravest(err).ExitCode()
	}
	var usage usageError
	if errors.As(err, &usage) {
		return pipeline.KindUsage.ExitCode()
	}
	return pipeline.KindInternal.ExitCode()
}

// printError says what happened and, on a line of its own, what to do.
func (a *app) printError(cmd *cobra.Command, err error) {
	for _, e := range pipeline.Flatten(err) {
		fmt.Fprintf(a.stderr, "error: %s\n", e)
		hint := pipeline.HintOf(e)
		if exitCode(e) == pipeline.KindUsage.ExitCode() && hint == "" {
			hint = fmt.Sprintf("`%s --help` shows how it is used", cmd.CommandPath())
		}
		if hint != "" {
			fmt.Fprintf(a.stderr, "  do: %s\n", hint)
		}
	}
}

// usageError is a wrong argument found by the argument parser.
type usageError struct{ error }

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "claimsaudit",
		Short: "Audit medical-insurance settlement claims, to the cent and to the article",
		Long: `claimsaudit takes the month's delivered files in, judges every fee line against the status its
practitioner had on the service day, withholds, exempts or asks for review, issues the month's
statement, computes the ratios of the yearly score, and publishes a read-only DuckDB file, a
workbook to sign, a page and a site to browse.

Start here:
  claimsaudit check                                  is the configuration sound?
  claimsaudit run monthly --period 2025-03           audit a month and close it
  claimsaudit explain SETL_ID                        why was this claim withheld?
  claimsaudit practitioner CODE                      everything kept about a person
  claimsaudit query "SELECT * FROM mart.line_verdict LIMIT 5"
  claimsaudit serve                                  from now on by itself

Exit codes: 0 done · 1 internal · 2 usage or configuration · 3 bad input file · 4 a quality gate
stopped the run · 5 report made but not delivered · 6 an expected file is missing · 11 another run holds the lock · 130 interrupted`,
		SilenceUsage: true, SilenceErrors: true,
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	flags := root.PersistentFlags()
	flags.StringVar(&a.configPath, "config", configs.DefaultPath, "settings file")
	flags.StringVar(&a.overrides.Data, "data", "", "data directory: warehouse, archive, published, reports (env CLAIMSAUDIT_DATA)")
	flags.StringVar(&a.overrides.Inbox, "inbox", "", "where deliveries arrive (env CLAIMSAUDIT_INBOX)")
	root.PersistentPreRun = func(cmd *cobra.Command, _ []string) {
		a.explicit = cmd.Flags().Changed("config")
	}
	group(root)
	root.AddCommand(a.runCommand(), a.planCommand(), a.checkCommand(), a.explainCommand(), a.queryCommand(),
		a.statusCommand(), a.replayCommand(), a.serveCommand(), a.jobsCommand(), a.backupCommand(), a.restoreCommand(), a.doctorCommand(),
		a.verifyCommand(), a.rebuildCommand(), a.rulesCommand(), a.practitionerCommand(), a.pointsCommand(), a.scorecardCommand(),
		a.statementsCommand())
	return root
}

// group makes a command that only holds others: without one it shows its help, with an unknown one it is a mistake,
// which a timetable must notice.
func group(cmd *cobra.Command) *cobra.Command {
	cmd.Args, cmd.SuggestionsMinimumDistance = cobra.ArbitraryArgs, 2
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			text := fmt.Sprintf("there is no command %q", cmd.CommandPath()+" "+args[0])
			if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
				text += ": did you mean " + strings.Join(near, " or ") + "?"
			}
			return usageError{errors.New(text)}
		}
		if err := cmd.Help(); err != nil || !cmd.HasParent() {
			return err
		}
		return usageError{fmt.Errorf("%s: name one of the commands above", cmd.CommandPath())}
	}
	return cmd
}

// load reads the configuration.
func (a *app) load() (*configs.Config, error) {
	return configs.Load(a.configPath, a.explicit, a.env, a.overrides)
}

// runner is ready to run a job; it makes the pseudonym key on first use.
func (a *app) runner() (*jobs.Runner, error) {
	r, err := a.reader()
	if err != nil {
		return nil, err
	}
	r.Key, err = warehouse.LoadKey(a.env["CLAIMSAUDIT_PSEUDONYM_KEY"], r.Config.Settings.KeyFile)
	return r, err
}

// reader is a runner that publishes nothing and needs no key: for plan, status and explain.
func (a *app) reader() (*jobs.Runner, error) {
	config, err := a.load()
	if err != nil {
		return nil, err
	}
	log, err := a.logger(config.Settings.LogLevel)
	if err != nil {
		return nil, err
	}
	r := &jobs.Runner{Config: config, Clock: a.clock, Log: log, Settle: settle}
	if bar := a.progress(); bar != nil {
		r.Progress = bar
	}
	return r, nil
}

// settle waits between two looks at the inbox, long enough to see a file that is being written grow.
func settle(ctx context.Context) error {
	timer := time.NewTimer(300 * time.Millisecond)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// logger writes plain lines for people; colour only on a terminal without NO_COLOR.
func (a *app) logger(level string) (zerolog.Logger, error) {
	l, err := zerolog.ParseLevel(level)
	if err != nil {
		return zerolog.Logger{}, &pipeline.Error{Kind: pipeline.KindUsage, Op: "read log level", Where: level, Err: err,
			Hint: "use debug, info, warn or error"}
	}
	console := zerolog.ConsoleWriter{Out: a.stderr, NoColor: !a.colour(), TimeFormat: time.DateTime, TimeLocation: pipeline.Shanghai}
	return zerolog.New(console).Level(l).With().Timestamp().Logger(), nil
}
