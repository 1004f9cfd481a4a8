package main

import (
	"errors"
	"fmt"
	"time"

	"claimsaudit/jobs"

	"github.com/spf13/cobra"
)

func (a *app) backupCommand() *cobra.Command {
	req := jobs.BackupRequest{}
	cmd := &cobra.Command{
		Use:   "backup DIR",
		Short: "Copy warehouse, archive, publications, reports and key to DIR, also while serve is running",
		Long: `Makes a consistent copy of the data directory: it waits until no run holds the lock, copies, lists the
SHA-256 of every file, and only then is the copy a backup. The former backup stays until then, whatever
happens. Delivered files never change and are copied once. A backup that was cut off is taken up by the next.

DIR belongs on another disk and holds personal data and the key of the pseudonyms like the data directory
itself. "sha256sum -c SHA256SUMS" in a backup's folder checks it with the standard tool.`,
		Example: "  claimsaudit backup /mnt/backup/claimsaudit\n  claimsaudit backup /mnt/backup/claimsaudit --wait 1h --keep 4",
		Args:    oneDirectory,
		RunE: func(cmd *cobra.Command, args []string) error {
			runner, err := a.reader()
			if err != nil {
				return err
			}
			req.Dir = args[0]
			out, err := runner.Backup(cmd.Context(), req)
			if err != nil {
				return err
			}
			m := out.Manifest
			fmt.Fprintf(a.stdout, "backup     %s\n", out.State)
			fmt.Fprintf(a.stdout, "files      %d, of them %d copied now, %s\n", m.Files, out.Copied, megabytes(out.Bytes))
			a.printProven(m)
			for _, name := range out.Removed {
				fmt.Fprintf(a.stdout, "removed    %s\n", name)
			}
			for _, note := range out.Notes {
				fmt.Fprintf(a.stdout, "note       %s\n", note)
			}
			return nil
		},
	}
	cmd.Flags().DurationVar(&req.Wait, "wait", 10*time.Minute, "how long to wait for a run that holds the lock")
	cmd.Flags().BoolVar(&req.WithoutKey, "without-key", false, "leave out the key of the pseudonyms, to be kept elsewhere")
	cmd.Flags().IntVar(&req.Keep, "keep", 2, "complete backups that stay in DIR, this one included")
	return cmd
}

func (a *app) restoreCommand() *cobra.Command {
	var into string
	cmd := &cobra.Command{
		Use:   "restore DIR",
		Short: "Make a data directory from a backup and prove that it is the same",
		Long: `Copies the newest backup of DIR, or the one named, into an empty or new directory. Every SHA-256 is
checked, the warehouse is opened, and the rows of every table and the last link of the chain are compared
with the backup's manifest, before anything is in its place. Nothing is ever overwritten.`,
		Example: "  claimsaudit restore /mnt/backup/claimsaudit --into /srv/claimsaudit/data",
		Args:    oneDirectory,
		RunE: func(cmd *cobra.Command, args []string) error {
			if into == "" {
				return usageError{errors.New("--into is missing: name the data directory to make, empty or new")}
			}
			a.overrides.Data = into
			runner, err := a.reader()
			if err != nil {
				return err
			}
			out, err := runner.Restore(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			fmt.Fprintf(a.stdout, "restored   %s\n", into)
			fmt.Fprintf(a.stdout, "from       %s, made %s\n", out.State, out.Manifest.MadeAt)
			fmt.Fprintf(a.stdout, "proven     %d files, %s: every SHA-256 is that of the backup\n", out.Files, megabytes(out.Bytes))
			a.printProven(out.Manifest)
			for _, note := range out.Notes {
				fmt.Fprintf(a.stdout, "note       %s\n", note)
			}
			fmt.Fprintf(a.stdout, "next       claimsaudit doctor --data %s; claimsaudit verify --data %s\n", into, into)
			return nil
		},
	}
	cmd.Flags().StringVar(&into, "into", "", "data directory to make, empty or new (required)")
	return cmd
}

// printProven says what the copy of the warehouse shows.
func (a *app) printProven(m jobs.BackupManifest) {
	var rows int64
	for _, n := range m.Rows {
		rows += n
	}
	fmt.Fprintf(a.stdout, "warehouse  opens: %d runs, %d statements, %d rows in %d tables\n", m.Runs, m.Statements, rows, len(m.Rows))
	fmt.Fprintf(a.stdout, "last link  %s %s\n", m.LastRun, m.ChainHash)
}

func oneDirectory(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usageError{fmt.Errorf("%s: name one directory, for example /mnt/backup/claimsaudit", cmd.CommandPath())}
	}
	return nil
}
