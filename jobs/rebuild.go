package jobs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"claimsaudit/configs"
	"claimsaudit/pipeline"
	"claimsaudit/pipeline/intake"
	"claimsaudit/pipeline/warehouse"
	sqlfiles "claimsaudit/sql"
)

// RebuildRequest says what to make anew.
type RebuildRequest struct {
	Into               string // the new data directory: absent, or empty but for its keys
	IncludeUnjournaled bool   // take files that no run knows in at the end
	AcceptOtherProgram bool   // go on if the models have changed since; statements must come out as issued all the same
	AsOf               time.Time
}

// Rebuilt is what a rebuild did.
type Rebuilt struct {
	Runs, Files, Statements int
	Differing               int      // runs whose results differ because the program is another
	Unjournaled             []string // archived files that no run knows
	TakenIn                 bool     // they were taken in at the end
}

// rebuilding replays the journal into a new data directory.
type rebuilding struct {
	*Runner
	from    string // the archive that is read
	req     RebuildRequest
	db      *warehouse.DB
	entries []journalEntry
	present time.Time // what the clock shows to the run that is replayed
	out     Rebuilt
}

// Rebuild makes a data directory from the archive of r's data directory and nothing else of it: every run of the
// journal is done again, in order, with its own settings, deliveries, as-of day and times, and its link of the chain must
// come out the same. r.Key is the key of the pseudonyms. After an error the new directory is incomplete and no run can
// use it.
//
// Errors: KindUsage for a directory that is not empty or an archive without journal, KindInternal naming the first run
// and digest that differ, KindLocked while a run is going on.
func (r *Runner) Rebuild(ctx context.Context, req RebuildRequest) (Rebuilt, error) {
	b := &rebuilding{from: r.path("archive"), req: req}
	if holder := r.LockHolder(); holder != "" {
		return b.out, &pipeline.Error{Kind: pipeline.KindLocked, Op: "rebuild", Where: r.path(), Err: fmt.Errorf("a run is going on: %s", holder),
			Hint: "wait until it ends: what it takes in belongs into the rebuilt warehouse"}
	}
	if err := b.readEntries(); err != nil {
		return b.out, err
	}
	settings := r.Config.Settings
	settings.Data, settings.Inbox = req.Into, filepath.Join(req.Into, "inbox")
	b.Runner = r.with(settings)
	if err := b.prepare(ctx); err != nil {
		return b.out, err
	}
	release, err := acquireLock(ctx, b.path("run.lock"), "rebuild", r.Clock())
	if err != nil {
		return b.out, err
	}
	defer release()
	return b.out, b.replayAll(ctx, r.Clock)
}

// with is the runner for another data directory. It mails and schedules nothing.
func (r *Runner) with(settings configs.Settings) *Runner {
	other, config := *r, *r.Config
	config.Settings, config.Operation = settings, configs.Operation{}
	other.Config = &config
	return &other
}

// readEntries reads the journal and checks that it is one chain.
func (b *rebuilding) readEntries() error {
	names, err := journalNames(b.from)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return &pipeline.Error{Kind: pipeline.KindUsage, Op: "rebuild", Where: filepath.Join(b.from, journalFolder), Err: errors.New("there is no journal"),
			Hint: "give the data directory whose archive is to be replayed with --data"}
	}
	previous := ""
	for i, name := range names {
		e, err := readEntry(b.from, name)
		switch {
		case err != nil:
		case name != journalName(int64(i)+1, e.RunID) || e.LinkNo != int64(i)+1:
			err = fmt.Errorf("the entry of link %d is missing or stands under another name", i+1)
		case e.PreviousHash != previous || e.ChainHash != warehouse.ChainHash(previous, e.Manifest):
			err = errors.New("its hash does not follow from the entry before it and its manifest")
		}
		if err != nil {
			return &pipeline.Error{Kind: pipeline.KindInternal, Op: "read journal", Where: filepath.Join(b.from, journalFolder, name), Err: err,
				Hint: hintJournal}
		}
		previous, b.entries = e.ChainHash, append(b.entries, e)
	}
	return nil
}

// prepare makes the new data directory with a copy of the archive.
func (b *rebuilding) prepare(ctx context.Context) error {
	present, err := os.ReadDir(b.path())
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return dataError(b.path(), err)
	}
	for _, e := range present {
		if e.Name() != "keys" {
			return &pipeline.Error{Kind: pipeline.KindUsage, Op: "rebuild", Where: b.path(), Err: fmt.Errorf("the directory is not empty: it has %s", e.Name()),
				Hint: "give a new directory; it may have keys/pseudonym.key and nothing else"}
		}
	}
	if err := os.MkdirAll(b.path(), 0o700); err != nil {
		return dataError(b.path(), err)
	}
	if err := b.prepareData(); err != nil {
		return err
	}
	return copyTree(ctx, b.from, b.path("archive"))
}

// copyTree gives every file of the archive a second name, which costs no space, or copies it where that is impossible.
func copyTree(ctx context.Context, from, to string) error {
	return filepath.WalkDir(from, func(path string, d os.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		inside, relErr := filepath.Rel(from, path)
		if err = errors.Join(err, relErr); err != nil {
			return copyError(path, err)
		}
		target := filepath.Join(to, inside)
		switch {
		case inside != "." && strings.HasPrefix(d.Name(), "."): // half a file
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		case d.IsDir():
			return copyError(target, os.MkdirAll(target, 0o700))
		case os.Link(path, target) == nil:
			return nil
		default:
			_, err := copyDurably(ctx, path, target, 0o400, func(int64) {})
			return copyError(target, err)
		}
	})
}

func copyError(path string, err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	return &pipeline.Error{Kind: pipeline.KindInternal, Op: "copy archive", Where: path, Err: err,
		Hint: "on another file system the rebuilt directory needs as much space as the archive has; remove the directory and try again"}
}

func (b *rebuilding) replayAll(ctx context.Context, clock pipeline.Clock) (err error) {
	if b.db, err = b.open(ctx, b.WarehousePath()); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.db.Close()) }()
	b.Clock = func() time.Time { return b.present }
	lastPublished := -1
	for i, e := range b.entries {
		if e.IsPublished {
			lastPublished = i
		}
	}
	for i, e := range b.entries {
		if err := ctx.Err(); err != nil {
			return interrupted("rebuild", err)
		}
		p, err := b.past(e)
		if err != nil {
			return err
		}
		if err := p.relive(ctx, i == lastPublished); err != nil {
			return err
		}
		b.out.Runs++
		b.Log.Info().Str("run", e.RunID).Int("of", len(b.entries)).Msg("run rebuilt")
	}
	b.Clock = clock
	if err := b.addUnjournaled(ctx); err != nil {
		return err
	}
	return b.db.Checkpoint(ctx)
}

// addUnjournaled reports the files that no run knows and takes them in if asked. So it also links a run that judges
// anew where another program judged otherwise: the chain must say what the tables are.
func (b *rebuilding) addUnjournaled(ctx context.Context) error {
	archive := intake.Archive{Dir: b.path("archive")}
	stored, err := archive.List()
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, e := range b.entries {
		for _, d := range e.Deliveries {
			known[d.SHA256] = true
		}
	}
	var found intake.Found
	for _, f := range stored {
		if known[f.SHA256] || f.IsControl {
			continue
		}
		b.out.Unjournaled = append(b.out.Unjournaled, f.Path)
		d, err := archive.Delivery(filepath.Base(f.Path), f.SHA256)
		if err != nil {
			return err
		}
		found.Deliveries = append(found.Deliveries, d)
	}
	b.out.TakenIn = b.req.IncludeUnjournaled && len(found.Deliveries) > 0
	if !b.out.TakenIn {
		found.Deliveries = nil
	}
	if !b.out.TakenIn && b.out.Differing == 0 {
		return nil
	}
	var out Outcome
	run := &runState{Runner: b.Runner, db: b.db, req: Request{Job: Nightly, AsOf: b.req.AsOf}, out: &out}
	if err := run.checkBytes(ctx, found); err != nil {
		return err
	}
	if err := run.carryOut(ctx, found, nil); err != nil {
		return err
	}
	return run.writeJournal(ctx)
}

// checkBytes wants every delivery from the archive to be what its name says.
func (s *runState) checkBytes(ctx context.Context, found intake.Found) error {
	for _, d := range found.Deliveries {
		sum, err := intake.Hash(ctx, d)
		if err != nil {
			return err
		}
		if sum != d.SHA256 {
			return &pipeline.Error{Kind: pipeline.KindInternal, Op: "read archive", Where: d.Abs, Err: fmt.Errorf("expected SHA-256 %s, found %s", d.SHA256, sum),
				Hint: hintArchive}
		}
	}
	return nil
}

// settingsOf are the settings an entry's run judged by.
func (b *rebuilding) settingsOf(e journalEntry) (*configs.Config, error) {
	switch {
	case e.Config == "" && b.req.AcceptOtherProgram:
		return b.Config, nil
	case e.Config == "":
		return nil, &pipeline.Error{Kind: pipeline.KindUsage, Op: "rebuild run " + e.RunID, Where: fmt.Sprintf("link %d", e.LinkNo),
			Err:  errors.New("it was made by an earlier program, which archived no settings"),
			Hint: "--accept-other-program judges it by the settings of now and goes on"}
	}
	path := configPath(b.path("archive"), e.Config)
	text, err := os.ReadFile(path)
	if err == nil && sqlfiles.Digest(text) != e.Config {
		err = errors.New("its SHA-256 is not its name")
	}
	var config *configs.Config
	if err == nil {
		config, err = b.Config.AsEffective(text)
	}
	if err != nil {
		return nil, &pipeline.Error{Kind: pipeline.KindInternal, Op: "rebuild run " + e.RunID, Where: path, Err: err,
			Hint: "put the file back from a backup of the archive; settings of a newer program need that program"}
	}
	return config, nil
}
