package jobs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"claimsaudit/pipeline"
	"claimsaudit/pipeline/warehouse"
)

// A backup directory holds the archive, which all its states share because nothing in it ever changes, and one folder
// for each state: warehouse, publications, reports, quarantine, key. A state is complete when it has its list of
// SHA-256s, which is written last.
const (
	unfinishedState = ".unfinished"
	sumsName        = "SHA256SUMS"
	manifestName    = "manifest.json"
	backupLock      = ".lock"
	archiveName     = "archive"
	warehouseName   = "warehouse.duckdb"
	keyName         = "keys/pseudonym.key"
	lastBackupName  = "last-backup" // in the data directory: when and where, for doctor
)

var stateName = regexp.MustCompile(`^backup-(\d{6,})-\d{8}-\d{6}$`)

// BackupRequest says what to back up to where.
type BackupRequest struct {
	Dir        string
	Wait       time.Duration // for a run that holds the lock
	WithoutKey bool
	Keep       int // complete states that stay, this one included; at least 1
}

// BackupSummary is what a backup holds, for the operator's eyes.
type BackupSummary struct {
	State    string // folder of the new state
	Copied   int    // files that were not there yet
	Bytes    int64  // of them
	Manifest BackupManifest
	Removed  []string // former states
	Notes    []string
}

// BackupManifest says what a restored copy must show.
type BackupManifest struct {
	Format     int              `json:"format"`
	MadeAt     string           `json:"made_at"` // wall time in Shanghai
	DuckDB     string           `json:"duckdb"`
	Files      int              `json:"files"` // without this one
	Key        string           `json:"key"`   // included, left out, or environment
	Runs       int64            `json:"runs"`
	Statements int64            `json:"statements"`
	LastRun    string           `json:"last_run"`
	ChainHash  string           `json:"chain_hash"` // of the last run
	Rows       map[string]int64 `json:"rows"`       // by table of the warehouse
}

// backup is one backup under way.
type backup struct {
	*Runner
	req   BackupRequest
	dir   string // the backup directory, absolute
	sums  sums   // of the new state, by path within its folder
	known sums   // of the newest complete state
	out   BackupSummary
}

// Backup makes a consistent copy of the data directory. No run takes place meanwhile; readers are not disturbed. After an
// error, a full disk or a kill the former backup is whole, and the next backup takes up what was copied.
func (r *Runner) Backup(ctx context.Context, req BackupRequest) (BackupSummary, error) {
	b := &backup{Runner: r, req: req, sums: sums{}, known: sums{}}
	err := b.make(ctx)
	if ctx.Err() != nil {
		err = interrupted("backup", ctx.Err())
	}
	return b.out, err
}

func (b *backup) make(ctx context.Context) error {
	if _, err := os.Stat(b.WarehousePath()); err != nil {
		return &pipeline.Error{Kind: pipeline.KindUsage, Op: "backup", Where: b.WarehousePath(), Err: err,
			Hint: "there is nothing to back up: see --data, or run `claimsaudit run nightly` first"}
	}
	if err := b.prepareDir(); err != nil {
		return err
	}
	unlock, err := acquireLock(ctx, filepath.Join(b.dir, backupLock), "backup", b.Clock())
	if err != nil {
		return err
	}
	defer unlock()
	states, err := b.states()
	if err != nil {
		return err
	}
	if len(states) > 0 {
		// One that is damaged only costs time: what it lists is hashed anew.
		if known, err := readSums(filepath.Join(b.dir, states[len(states)-1], sumsName)); err == nil {
			b.known = known
		}
	}
	// The bulk is copied before the lock is asked for: what is in the archive stays as it is.
	if err := b.copyArchive(ctx, false); err != nil {
		return err
	}
	if err := b.copyLocked(ctx); err != nil {
		return err
	}
	if err := b.describe(ctx, states); err != nil {
		return err
	}
	if err := b.complete(); err != nil {
		return err
	}
	if err := writeDurably(b.path(lastBackupName), []byte(b.out.Manifest.MadeAt+"\t"+b.out.State+"\n")); err != nil {
		b.Log.Warn().Err(err).Msg("the backup is made, but doctor will not know of it")
	}
	return b.removeFormer(append(states, filepath.Base(b.out.State)))
}

// copyLocked copies everything while no run can change it.
func (b *backup) copyLocked(ctx context.Context) error {
	release, err := waitForLock(ctx, b.path("run.lock"), "backup", b.Clock(), b.req.Wait)
	if err != nil {
		return err
	}
	defer release()
	log := b.WarehousePath() + ".wal"
	if _, err := os.Stat(log); err == nil {
		flush := func() error { return warehouse.Flush(ctx, b.warehouseOptions(b.WarehousePath())) }
		if err := patiently(ctx, flush); err != nil {
			return err
		}
	}
	if _, err := os.Stat(log); !errors.Is(err, fs.ErrNotExist) {
		return &pipeline.Error{Kind: pipeline.KindInternal, Op: "backup", Where: log, Err: errors.New("the warehouse still has a log"),
			Hint: "run `claimsaudit run nightly`, then back up again"}
	}
	if err := b.copyState(ctx); err != nil {
		return err
	}
	return b.copyArchive(ctx, true)
}

// prepareDir makes the backup directory, or refuses one that would be backed up itself or is used for something else.
func (b *backup) prepareDir() error {
	dir, err := resolved(b.req.Dir)
	if err != nil {
		return b.fail(b.req.Dir, err)
	}
	for _, own := range []string{b.path(), b.Config.Settings.Inbox} {
		own, err := resolved(own)
		if err != nil {
			return b.fail(own, err)
		}
		if inside, err := filepath.Rel(own, dir); err == nil && filepath.IsLocal(inside) {
			return &pipeline.Error{Kind: pipeline.KindUsage, Op: "backup", Where: dir, Err: fmt.Errorf("it lies in %s", own),
				Hint: "give a directory outside the data directory and the inbox, on another disk"}
		}
	}
	b.dir = dir
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return b.fail(dir, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return b.fail(dir, err)
	}
	for _, e := range entries {
		if name := e.Name(); name != unfinishedState && name != backupLock && name != archiveName && name != "lost+found" && !stateName.MatchString(name) {
			return &pipeline.Error{Kind: pipeline.KindUsage, Op: "backup", Where: filepath.Join(dir, name), Err: errors.New("the directory holds something else than backups"),
				Hint: "give an empty or new directory, or one of earlier backups"}
		}
	}
	return nil
}

// resolved is the absolute path without links, also of one that does not exist yet.
func resolved(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(abs)
	if errors.Is(err, fs.ErrNotExist) && filepath.Dir(abs) != abs {
		parent, err := resolved(filepath.Dir(abs))
		return filepath.Join(parent, filepath.Base(abs)), err
	}
	return real, err
}

// states lists the states of the backup directory, oldest first, that have their list of SHA-256s.
func (b *backup) states() (names []string, err error) {
	names, err = backupStates(b.dir)
	if err != nil {
		return nil, b.fail(b.dir, err)
	}
	return slices.DeleteFunc(names, func(name string) bool {
		_, err := os.Stat(filepath.Join(b.dir, name, sumsName))
		return err != nil
	}), nil
}

// backupStates lists the states of a backup directory, oldest first. They are numbered: a clock may go back.
func backupStates(dir string) (names []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.IsDir() && stateName.MatchString(e.Name()) {
			names = append(names, e.Name())
		}
	}
	slices.SortFunc(names, func(a, b string) int { return stateNumber(a) - stateNumber(b) })
	return names, nil
}

func stateNumber(name string) (n int) {
	if m := stateName.FindStringSubmatch(name); m != nil {
		fmt.Sscan(m[1], &n)
	}
	return n
}

// describe reads from the copy what a restored one must show, which proves that the copy is a warehouse, and refuses to
// mix the histories of two data directories.
func (b *backup) describe(ctx context.Context, states []string) error {
	m := &b.out.Manifest
	key := m.Key
	described, err := describeWarehouse(ctx, filepath.Join(b.dir, unfinishedState, warehouseName))
	if err != nil {
		return err
	}
	*m = described
	m.Key, m.MadeAt, m.Files = key, b.Clock().In(pipeline.Shanghai).Format(time.DateTime), len(b.sums)
	if len(states) == 0 {
		return nil
	}
	former, err := readManifest(filepath.Join(b.dir, states[len(states)-1]))
	if err != nil || former.ChainHash == "" {
		return nil // restore says what is wrong with it
	}
	db, err := warehouse.OpenReadOnly(ctx, filepath.Join(b.dir, unfinishedState, warehouseName))
	if err != nil {
		return err
	}
	known, err := db.HasLink(ctx, former.ChainHash)
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	if !known {
		return &pipeline.Error{Kind: pipeline.KindUsage, Op: "backup", Where: b.dir,
			Err:  fmt.Errorf("the backup there ends with run %s, which %s does not have", former.LastRun, b.WarehousePath()),
			Hint: "it is the backup of another data directory, or of what was there before a restore: see --data, or back up to an empty directory"}
	}
	return nil
}

// describeWarehouse opens a copy of the warehouse for reading and counts.
func describeWarehouse(ctx context.Context, path string) (m BackupManifest, err error) {
	db, err := warehouse.OpenReadOnly(ctx, path)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	m.Format = 1
	if m.DuckDB, err = db.Version(ctx); err != nil {
		return m, err
	}
	if m.Rows, err = db.TableRows(ctx); err != nil {
		return m, err
	}
	m.Runs, m.Statements = m.Rows["meta.run"], m.Rows["audit.statement"]
	m.LastRun, m.ChainHash, err = db.LastLink(ctx)
	return m, err
}

func readManifest(state string) (m BackupManifest, err error) {
	text, err := os.ReadFile(filepath.Join(state, manifestName))
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal(text, &m)
}

// complete writes what makes the state a backup and gives it its name.
func (b *backup) complete() error {
	state := filepath.Join(b.dir, unfinishedState)
	text, err := json.MarshalIndent(b.out.Manifest, "", " ")
	if err != nil {
		return err
	}
	manifest := filepath.Join(state, manifestName)
	text = append(text, '\n')
	if err := writeDurably(manifest, text); err != nil {
		return b.fail(manifest, err)
	}
	sum := sha256.Sum256(text)
	b.sums[manifestName] = hex.EncodeToString(sum[:])
	if err := syncTree(state); err != nil {
		return b.fail(state, err)
	}
	if err := writeDurably(filepath.Join(state, sumsName), []byte(b.sums.text())); err != nil {
		return b.fail(state, err)
	}
	if err := syncFolder(state); err != nil {
		return b.fail(state, err)
	}
	all, err := backupStates(b.dir)
	if err != nil {
		return b.fail(b.dir, err)
	}
	last := 0
	if len(all) > 0 {
		last = stateNumber(all[len(all)-1])
	}
	name := fmt.Sprintf("backup-%06d-%s", last+1, b.Clock().In(pipeline.Shanghai).Format("20060102-150405"))
	b.out.State = filepath.Join(b.dir, name)
	if err := errors.Join(os.Rename(state, b.out.State), syncFolder(b.dir)); err != nil {
		return b.fail(b.out.State, err)
	}
	return nil
}

// removeFormer removes the states beyond those to keep, and what is left of one whose removal was cut off. What only
// they listed of the archive stays.
func (b *backup) removeFormer(complete []string) error {
	all, err := backupStates(b.dir)
	if err != nil {
		return b.fail(b.dir, err)
	}
	keep := complete[max(0, len(complete)-max(1, b.req.Keep)):]
	for _, name := range all {
		if slices.Contains(keep, name) {
			continue
		}
		// Without its list it is no backup any more: a kill in the middle leaves none that looks whole.
		state := filepath.Join(b.dir, name)
		if err := removeScratch(filepath.Join(state, sumsName)); err != nil {
			return err
		}
		if err := removeScratch(state); err != nil {
			return err
		}
		b.out.Removed = append(b.out.Removed, name)
	}
	return nil
}

func (b *backup) fail(where string, err error) error {
	var known *pipeline.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	hint := "see that this user may read the data directory and write to the backup directory; earlier backups are untouched"
	if isDiskFull(err) {
		hint = "the disk is full: free space and back up again, what was copied is taken up; earlier backups are untouched"
	}
	return &pipeline.Error{Kind: pipeline.KindInternal, Op: "backup", Where: where, Err: err, Hint: hint}
}
