package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"claimsaudit/configs"
	"claimsaudit/jobs"
	"claimsaudit/pipeline"
	"claimsaudit/pipeline/warehouse"

	"github.com/spf13/cobra"
)

func (a *app) rebuildCommand() *cobra.Command {
	var req jobs.RebuildRequest
	var newKey bool
	cmd := &cobra.Command{
		Use: "rebuild --into DIR", Args: noArgs,
		Short: "Make the warehouse, the publication and the reports anew from the archive alone",
		Long: `Does every run of the archive's journal again, in order, in the new data directory DIR: the files it took in,
by the settings of then, as of its day, at its recorded times. Of the data directory of --data only the
archive is read. After each run its link of the chain must be the recorded one; the first that is not
stops the rebuild and is named. Nothing is mailed. DIR becomes a whole data directory: check it with
"verify --data DIR" and put it in the place of the old one.

The key of the pseudonyms is not in the archive. It comes from CLAIMSAUDIT_PSEUDONYM_KEY, from
DIR/keys/pseudonym.key (copy it there from your backup first), or from key_file if that still exists.`,
		Example: "  claimsaudit rebuild --data data --into data-new",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if req.Into == "" {
				return usageError{errors.New("--into is missing: name a new directory")}
			}
			runner, err := a.reader()
			if err != nil {
				return err
			}
			key, isOld, err := a.rebuildKey(runner.Config.Settings, req.Into, newKey)
			if err != nil {
				return err
			}
			runner.Key = key
			if req.AsOf, err = a.asOf(""); err != nil {
				return err
			}
			out, err := runner.Rebuild(cmd.Context(), req)
			if err == nil && isOld {
				err = placeKey(key, req.Into)
			}
			if err == nil {
				printRebuilt(a, req.Into, out)
			}
			return err
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&req.Into, "into", "", "the new data directory (required)")
	flags.BoolVar(&req.IncludeUnjournaled, "include-unjournaled", false, "take archived files that no run knows in at the end")
	flags.BoolVar(&req.AcceptOtherProgram, "accept-other-program", false, "go on where this program's models are not those of then; statements must come out as issued")
	flags.BoolVar(&newKey, "new-key", false, "the key is lost: make a new one, and with it other pseudonyms")
	return cmd
}

// rebuildKey finds the key of the pseudonyms; isOld says that it lies in the old data directory.
func (a *app) rebuildKey(settings configs.Settings, into string, isNew bool) (key []byte, isOld bool, err error) {
	fromEnv, own := a.env["CLAIMSAUDIT_PSEUDONYM_KEY"], keyPath(into)
	isThere := func(path string) bool {
		_, err := os.Lstat(path)
		return err == nil
	}
	switch {
	case fromEnv != "" || isThere(own):
		key, err = warehouse.LoadKey(fromEnv, own)
	case isThere(settings.KeyFile):
		key, err = warehouse.LoadKey("", settings.KeyFile)
		inside, relErr := filepath.Rel(settings.Data, settings.KeyFile)
		isOld = relErr == nil && filepath.IsLocal(inside) // one that lies elsewhere serves the new directory as it did the old
	case isNew:
		key, err = warehouse.LoadKey("", own)
	default:
		err = keyProblem(own, errors.New("there is no key of the pseudonyms"))
	}
	return key, isOld, err
}

func keyPath(data string) string { return filepath.Join(data, "keys", "pseudonym.key") }

// placeKey puts the key where the new directory's runs look for it.
func placeKey(key []byte, into string) error {
	path := keyPath(into)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return keyProblem(path, err)
	}
	if err := os.WriteFile(path, append(key, '\n'), 0o600); err != nil {
		return keyProblem(path, err)
	}
	return nil
}

func keyProblem(path string, err error) error {
	return &pipeline.Error{Kind: pipeline.KindUsage, Op: "rebuild", Where: path, Err: err,
		Hint: "copy keys/pseudonym.key from your backup there, mode 0600; if it is lost for good, --new-key makes one and with it other pseudonyms"}
}

func printRebuilt(a *app, into string, out jobs.Rebuilt) {
	fmt.Fprintf(a.stdout, "rebuilt    %d runs, %d deliveries, %d statements, each with its recorded hash\n", out.Runs, out.Files, out.Statements)
	if out.Differing > 0 {
		fmt.Fprintf(a.stdout, "  %d runs were judged by another program; a last run links what this program makes of them\n", out.Differing)
	}
	for _, path := range out.Unjournaled {
		fmt.Fprintf(a.stdout, "  no run knows  %s\n", path)
	}
	switch {
	case out.TakenIn:
		fmt.Fprintln(a.stdout, "  they were taken in at the end")
	case len(out.Unjournaled) > 0:
		fmt.Fprintln(a.stdout, "  they were left out; --include-unjournaled takes them in")
	}
	fmt.Fprintf(a.stdout, "next       `claimsaudit verify --data %s`, then put it in the place of the old directory\n", into)
}
