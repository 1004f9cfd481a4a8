package jobs

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"claimsaudit/pipeline/warehouse"
)

// checkRuns goes along the chain: numbers without gaps, hashes that follow, and a ledger that says what the manifests say.
func (v *verification) checkRuns() {
	c := Proof{Kind: "runs", Count: int64(len(v.links)), Text: "links of the chain"}
	previous, next := "", int64(1)
	linked := map[string]bool{"": true}
	for _, l := range v.links {
		where := fmt.Sprintf("link %d, run %s", l.No, l.ID)
		linked[l.ID] = true
		switch want := warehouse.ChainHash(previous, l.Manifest); {
		case l.No != next:
			c.fail(fmt.Sprintf("link %d%s", next, v.nameOf(next)), "a run", fmt.Sprintf("none; the next is link %d, run %s", l.No, l.ID), hintLedger)
		case l.PreviousHash != previous:
			c.fail(where, "to follow the link with hash "+orNothing(previous), "that it follows "+orNothing(l.PreviousHash), hintLedger)
		case l.ChainHash != want:
			c.fail(where, "chain hash "+want+", which its manifest gives", l.ChainHash, hintLedger)
		default:
			v.checkLedgerOf(&c, where, l)
		}
		previous, next = l.ChainHash, l.No+1
	}
	for _, run := range v.pending {
		linked[run.ID] = true
		c.note("run %s was cut off; the next run links it", run.ID)
	}
	for _, id := range sortedKeys(v.traces) {
		t := v.traces[id]
		if !linked[id] && (len(t.Deliveries) > 0 || len(t.Files) > 0 || t.Statement != nil) {
			c.fail("run "+id, "a row in the ledger of runs, since files or a statement name it", "none", hintLedger)
		}
	}
	v.checks = append(v.checks, c)
}

// checkLedgerOf compares the ledger's rows of one run with its manifest.
func (v *verification) checkLedgerOf(c *Proof, where string, l warehouse.Link) {
	said, err := parseManifest(l.Manifest)
	if err != nil {
		c.fail(where, "a manifest", err.Error(), hintLedger)
		return
	}
	trace := v.traces[l.ID]
	if trace == nil {
		trace = &warehouse.Trace{}
	}
	is := newManifest(l.Run, trace)
	// Models a later run computed again are no longer the ledger's to tell; the rest of the manifest has its own checks.
	is.Models, is.Results, is.Feeds, is.DuckDB = said.Models, said.Results, said.Feeds, said.DuckDB
	if said.isEarlier() && said.RunID == l.ID {
		return
	}
	for _, d := range differences(said, is) {
		c.fail(where+", "+d.field, d.want, d.got, hintLedger)
	}
}

// nameOf names the run of a link that the ledger lacks, as far as the journal knows it.
func (v *verification) nameOf(no int64) string {
	if e, ok := v.entries[no]; ok {
		return ", run " + e.RunID
	}
	return ""
}

// readJournal reads every entry; one that cannot be read counts as missing and is named by checkJournal.
func (v *verification) readJournal() error {
	v.entries, v.names = map[int64]journalEntry{}, map[int64][]string{}
	names, err := journalNames(v.path("archive"))
	if err != nil {
		return err
	}
	for _, name := range names {
		no := journalNumber(name)
		v.names[no] = append(v.names[no], name)
		if e, err := readEntry(v.path("archive"), name); err == nil {
			v.entries[no] = e
		}
	}
	return nil
}

// checkJournal compares the journal with the ledger, both ways.
func (v *verification) checkJournal() {
	c := Proof{Kind: "journal", Count: int64(len(v.names)), Text: "entries beside the delivered files"}
	last := int64(0)
	for i, l := range v.links {
		last = l.No
		where := v.path("archive", journalFolder, journalName(l.No, l.ID))
		names := v.names[l.No]
		e, readable := v.entries[l.No]
		switch {
		case len(names) == 0 && i == len(v.links)-1:
			c.note("run %s has no entry yet; the next run writes it", l.ID)
		case len(names) == 0:
			c.fail(where, "the entry of run "+l.ID, "no file", hintJournal)
		case !slices.Equal(names, []string{journalName(l.No, l.ID)}):
			c.fail(where, "one entry for link "+fmt.Sprint(l.No), strings.Join(names, " and "), hintJournal)
		case !readable:
			c.fail(where, "a journal entry", "a file that cannot be read as one", hintJournal)
		default:
			v.checkEntry(&c, where, l, e)
		}
	}
	for _, no := range slices.Sorted(maps.Keys(v.names)) {
		if names := v.names[no]; no > last || no < 1 {
			c.fail(v.path("archive", journalFolder, names[0]), "a run in the ledger", "none: the warehouse is an older copy, or its last runs were deleted", hintLedger)
		}
	}
	v.checks = append(v.checks, c)
}

func (v *verification) checkEntry(c *Proof, where string, l warehouse.Link, e journalEntry) {
	is := entryOf(l, v.traces[l.ID])
	for _, pair := range []struct{ field, want, got string }{
		{"link_no", fmt.Sprint(is.LinkNo), fmt.Sprint(e.LinkNo)}, {"run_id", is.RunID, e.RunID}, {"previous_hash", is.PreviousHash, e.PreviousHash},
		{"chain_hash", is.ChainHash, e.ChainHash}, {"manifest", is.Manifest, e.Manifest}, {"job", is.Job, e.Job}, {"period", is.Period, e.Period},
		{"as_of", is.AsOf, e.AsOf}, {"config", is.Config, e.Config}, {"started_at", is.StartedAt, e.StartedAt},
		{"finished_at", is.FinishedAt, e.FinishedAt}, {"state", is.State, e.State}, {"exit_code", fmt.Sprint(is.ExitCode), fmt.Sprint(e.ExitCode)},
		{"error", is.Error, e.Error},
		{"deliveries", fmt.Sprint(is.Deliveries), fmt.Sprint(e.Deliveries)},
	} {
		if pair.want != pair.got {
			c.fail(where+", "+pair.field, "what the ledger says, "+short(pair.want), short(pair.got), hintJournal)
		}
	}
}

// short keeps a message readable where a whole manifest differs.
func short(text string) string {
	runes := []rune(text)
	if len(runes) > 80 {
		return string(runes[:80]) + "…"
	}
	return orNothing(text)
}

func orNothing(text string) string {
	if text == "" {
		return "nothing"
	}
	return text
}

// checkStatements recomputes the content of every statement and compares it with what its run's manifest says.
func (v *verification) checkStatements(ctx context.Context, db *warehouse.DB) error {
	heads, err := db.Statements(ctx)
	if err != nil {
		return err
	}
	c := Proof{Kind: "statements", Count: int64(len(heads)), Text: "statements, every row"}
	issued := map[string]bool{}
	for _, s := range heads {
		issued[s.No] = true
		lines, digest, err := db.StatementContent(ctx, s)
		if err != nil {
			return err
		}
		if lines != s.Lines {
			c.fail("statement "+s.No, fmt.Sprintf("%d rows", s.Lines), fmt.Sprint(lines), hintLedger)
		}
		if digest != s.ContentSHA256 {
			c.fail("statement "+s.No, "content with SHA-256 "+s.ContentSHA256, digest, hintLedger)
		}
	}
	for _, l := range v.links {
		if m, err := parseManifest(l.Manifest); err == nil && m.Statement != nil && !issued[m.Statement.No] {
			c.fail("statement "+m.Statement.No, "the statement that run "+l.ID+" issued", "none", hintLedger)
		}
	}
	var strays int64
	if err := db.Row(ctx, "SELECT count(*) FROM audit.statement_line WHERE statement_no NOT IN (SELECT statement_no FROM audit.statement)", []any{&strays}); err != nil {
		return fmt.Errorf("look for rows without statement: %w", err)
	}
	if strays > 0 {
		c.fail("audit.statement_line", "rows of issued statements only", fmt.Sprintf("%d rows of none", strays), hintLedger)
	}
	v.checks = append(v.checks, c)
	return nil
}

// checkResults compares the tables with the digests in the newest manifest.
func (v *verification) checkResults(ctx context.Context, db *warehouse.DB) error {
	c := Proof{Kind: "results", Text: "tables of verdicts and ratios, against the newest run"}
	defer func() { v.checks = append(v.checks, c) }()
	if len(v.links) == 0 {
		return nil
	}
	newest := v.links[len(v.links)-1]
	m, err := parseManifest(newest.Manifest)
	engine, engineErr := db.Version(ctx)
	if engineErr != nil {
		return engineErr
	}
	switch {
	case err != nil || len(m.Results) == 0:
		c.note("run %s recorded no digests of results", newest.ID)
		return nil
	case len(v.pending) > 0:
		c.note("a run was cut off half-way: its tables are compared after the next run")
		return nil
	case m.DuckDB != engine:
		c.note("run %s was made with DuckDB %s, this program has %s: the tables are compared after the next run", newest.ID, m.DuckDB, engine)
		return nil
	}
	for _, table := range sortedKeys(m.Results) {
		c.Count++
		want := m.Results[table]
		got, err := db.Digest(ctx, table)
		if err != nil {
			return err
		}
		if got != want {
			c.fail("table "+table, fmt.Sprintf("%d rows with digest %s, as run %s left it", want.Rows, want.Sum, newest.ID),
				fmt.Sprintf("%d rows with digest %s", got.Rows, got.Sum), hintResults)
		}
	}
	return nil
}
