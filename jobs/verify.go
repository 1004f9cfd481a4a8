package jobs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"claimsaudit/pipeline"
	"claimsaudit/pipeline/warehouse"
)

// Breach is a place where what is there is not what was recorded.
type Breach struct {
	Where, Expected, Found, Hint string
}

// Proof is what a verification found for one kind of thing.
type Proof struct {
	Kind   string
	Count  int64
	Text   string   // what was counted and looked at
	Notes  []string // worth knowing, and no breach
	Breach *Breach  // the first, nil if all are whole
}

// fail keeps the first breach.
func (c *Proof) fail(where, expected, found, hint string) {
	if c.Breach == nil {
		c.Breach = &Breach{where, expected, found, hint}
	}
}

func (c *Proof) note(format string, args ...any) {
	c.Notes = append(c.Notes, fmt.Sprintf(format, args...))
}

// What to do about a breach.
const (
	hintLedger = "the warehouse was changed outside of a run: keep it as evidence, restore the last backup that verifies, " +
		"or run `claimsaudit rebuild --into NEW_DIRECTORY`, which needs only the archive"
	hintArchive = "put the file back from a backup; it must have the very bytes that were delivered"
	hintJournal = "put the file back from a backup of the archive; a missing entry is written again by the next run"
	hintResults = "a table was changed outside of a run: restore the last backup that verifies, or run `claimsaudit rebuild --into NEW_DIRECTORY`"
)

// verification is what is to be verified, as read while the warehouse was open.
type verification struct {
	*Runner
	links   []warehouse.Link
	traces  map[string]*warehouse.Trace // by run
	entries map[int64]journalEntry
	names   map[int64][]string // the journal's files by number
	pending []warehouse.Run    // killed, to be linked by the next run
	issued  map[string]string  // sums of every statement
	checks  []Proof
}

// Verify recomputes what vouches for the results and returns one check per kind. It changes nothing. The error is
// KindLocked while a run has the warehouse, KindUsage if there is none, and KindInternal for the first breach.
func (r *Runner) Verify(ctx context.Context) ([]Proof, error) {
	v := &verification{Runner: r}
	if err := v.verify(ctx); err != nil {
		return v.checks, err
	}
	for _, c := range v.checks {
		if b := c.Breach; b != nil {
			return v.checks, &pipeline.Error{Kind: pipeline.KindInternal, Op: "verify " + c.Kind, Where: b.Where, Hint: b.Hint,
				Err: fmt.Errorf("expected %s, found %s", b.Expected, b.Found)}
		}
	}
	return v.checks, nil
}

func (v *verification) verify(ctx context.Context) error {
	if err := v.readJournal(); err != nil {
		return err
	}
	if err := v.inWarehouse(ctx); err != nil {
		return err
	}
	// The warehouse is closed: a run may start while the archive is read.
	v.checkSettings()
	if err := v.checkFiles(ctx); err != nil {
		return err
	}
	return v.checkPublication(ctx)
}

// inWarehouse checks what needs the warehouse and reads what the other checks need of it.
func (v *verification) inWarehouse(ctx context.Context) (err error) {
	db, err := v.openToVerify(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if v.links, err = db.Links(ctx, 0); err != nil {
		return err
	}
	if v.traces, err = db.Traces(ctx, ""); err != nil {
		return err
	}
	if v.pending, err = db.Unlinked(ctx); err != nil {
		return err
	}
	if err := v.readIssued(ctx, db); err != nil {
		return err
	}
	v.checkRuns()
	v.checkJournal()
	if err := v.checkStatements(ctx, db); err != nil {
		return err
	}
	return v.checkResults(ctx, db)
}

func (r *Runner) openToVerify(ctx context.Context) (*warehouse.DB, error) {
	if _, err := os.Stat(r.WarehousePath()); errors.Is(err, fs.ErrNotExist) {
		return nil, &pipeline.Error{Kind: pipeline.KindUsage, Op: "verify", Where: r.WarehousePath(), Err: errors.New("there is no warehouse"),
			Hint: "give the right --data; if the warehouse is lost, `claimsaudit rebuild --into NEW_DIRECTORY` makes it anew from the archive"}
	}
	db, err := warehouse.OpenReadOnly(ctx, r.WarehousePath())
	if err != nil {
		return nil, err
	}
	if ok, err := db.HasChain(ctx); err != nil || !ok {
		return nil, errors.Join(err, db.Close(), &pipeline.Error{Kind: pipeline.KindUsage, Op: "verify", Where: r.WarehousePath(),
			Err: errors.New("the warehouse is of an earlier program"), Hint: "run `claimsaudit run nightly` once: it brings the warehouse up to date"})
	}
	return db, nil
}

// FindRun returns the link whose hash begins so, as printed in a report; ok is false if none does.
func (r *Runner) FindRun(ctx context.Context, hash string) (l warehouse.Link, ok bool, err error) {
	db, err := r.openToVerify(ctx)
	if err != nil {
		return l, false, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	links, err := db.Links(ctx, 0)
	for _, l := range links {
		if strings.HasPrefix(l.ChainHash, strings.ToLower(hash)) {
			return l, true, err
		}
	}
	return l, false, err
}

// StatementOf is the number of the statement the link's run issued, "" if none.
func StatementOf(l warehouse.Link) string {
	if m, err := parseManifest(l.Manifest); err == nil && m.Statement != nil {
		return m.Statement.No
	}
	return ""
}
