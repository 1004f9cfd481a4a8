package jobs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A file that is written to while the run reads is left to the next one, and the month is closed without it: the timetable
// takes exit 3 for a run that did its work. One that is gone may mean that the inbox is: that run fails, and is tried again.
func TestFileThatChangesDuringTheRunStopsNobody(t *testing.T) {
	content, err := os.ReadFile("../cmd/claimsaudit/testdata/delivery/2025-03/settlement_202503.csv")
	if err != nil {
		t.Fatal(err)
	}
	known, broken := string(content), "nonsense\n"
	for name, c := range map[string]struct {
		first, step, then string // then "" takes the file away
		exit              int
	}{
		"known bytes are replaced":       {known, "read institution_first.csv", known + known[:20], 3},
		"known bytes are taken away":     {known, "read institution_first.csv", "", 1},
		"a broken file is still written": {broken, "read settlement_later.csv", broken + broken, 3},
	} {
		t.Run(name, func(t *testing.T) {
			o := newMailOffice(t)
			o.deliverFiles()
			o.run(0, Request{Job: Nightly})
			o.writeFile("institution_first.csv", "fixmedins_code,fixmedins_name,fixmedins_type\nH9,样例医院,1\n")
			o.writeFile("settlement_later.csv", c.first)
			o.Progress = atStep{c.step, func() {
				if c.then != "" {
					o.writeFile("settlement_later.csv", c.then)
				} else if err := os.Remove(filepath.Join(o.Config.Settings.Inbox, "settlement_later.csv")); err != nil {
					t.Error(err)
				}
			}}
			if out := o.monthly(c.exit); out.Files != 1 || c.exit == 3 && (out.Statement == nil || !out.Published) {
				t.Errorf("the month was not closed with the other file: %+v", out)
			}
			o.Progress = nil
			o.writeFile("settlement_later.csv", strings.ReplaceAll(known, "S1", "S8"))
			if out := o.run(0, Request{Job: Nightly}); out.Files != 1 {
				t.Errorf("the next run took %d files in", out.Files)
			}
			if _, err := o.Verify(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// A run that cannot begin has no place in the ledger, and is told of all the same.
func TestRunThatCannotBeginIsMailed(t *testing.T) {
	o := newMailOffice(t)
	o.run(0, Request{Job: Nightly})
	o.Config.Settings.StatementPrefix = "T9" // other settings, to be archived
	folder := filepath.Join(o.Config.Settings.Data, "archive", "config")
	if err := os.Rename(folder, folder+".away"); err != nil {
		t.Fatal(err)
	}
	o.writeFile("../data/archive/config", "")
	if out := o.run(1, Request{Job: Nightly}); out.RunID != "" {
		t.Errorf("it is run %s", out.RunID)
	}
	o.wantMails(operator + ": 【告警】每日审核失败：程序或机器故障")
}
