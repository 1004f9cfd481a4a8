package jobs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"claimsaudit/pipeline"
)

// restoring is the folder of the new data directory in which a restore works until everything is proven.
const restoring = ".restoring"

// RestoreSummary is what a restore has proven.
type RestoreSummary struct {
	State    string // folder of the state it came from
	Files    int
	Bytes    int64
	Manifest BackupManifest
	Notes    []string
}

// restore is one restore under way.
type restore struct {
	*Runner // its data directory is the new one
	state   string
	sums    sums
	bad     []error
	out     RestoreSummary
}

// Restore makes the data directory of the settings, which must be empty or new, from a backup directory or one of its
// states. Nothing is in its place before every SHA-256, every table's number of rows and the last link of the chain are
// those of the backup; after an error nothing is left of it.
func (r *Runner) Restore(ctx context.Context, dir string) (RestoreSummary, error) {
	s := &restore{Runner: r}
	err := s.run(ctx, dir)
	if ctx.Err() != nil {
		err = interrupted("restore", ctx.Err())
	}
	return s.out, err
}

func (s *restore) run(ctx context.Context, dir string) error {
	if err := s.readState(dir); err != nil {
		return err
	}
	isNew, err := s.checkTarget()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.path(), 0o700); err != nil {
		return dataError(s.path(), err)
	}
	release, err := acquireLock(ctx, s.path("run.lock"), "restore", s.Clock())
	if err != nil {
		return err
	}
	defer release()
	if err := removeScratch(s.path(restoring)); err != nil { // of a restore that was killed
		return err
	}
	err = s.fill(ctx)
	if err == nil {
		return nil
	}
	err = errors.Join(err, removeScratch(s.path(restoring)))
	if isNew && ctx.Err() == nil {
		_ = os.Remove(s.path("run.lock")) // with the directory, if nothing else is in it
		_ = os.Remove(s.path())
	}
	return err
}

// readState finds the state and its list. The newest state must be whole: falling back to an older one is for a person
// to decide.
func (s *restore) readState(dir string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return badBackup(dir, err)
	}
	s.state = dir
	if !stateName.MatchString(filepath.Base(dir)) {
		states, err := backupStates(dir)
		if err != nil {
			return &pipeline.Error{Kind: pipeline.KindUsage, Op: "restore", Where: dir, Err: err, Hint: "give the directory `claimsaudit backup` wrote to"}
		}
		if len(states) == 0 {
			return badBackup(dir, errors.New("there is no complete backup in it"))
		}
		s.state = filepath.Join(dir, states[len(states)-1])
	}
	s.out.State = s.state
	if s.sums, err = readSums(filepath.Join(s.state, sumsName)); errors.Is(err, fs.ErrNotExist) {
		return badBackup(s.state, errors.New("it has no "+sumsName+": the backup was not completed"))
	} else if err != nil {
		return badBackup(filepath.Join(s.state, sumsName), err)
	}
	for name := range s.sums {
		local := strings.TrimPrefix(name, "../")
		isClean := path.Clean(local) == local && filepath.IsLocal(filepath.FromSlash(local))
		if !isClean || local != name && !strings.HasPrefix(local, archiveName+"/") {
			return badBackup(filepath.Join(s.state, sumsName), fmt.Errorf("%q is outside the backup", name))
		}
	}
	if s.out.Manifest, err = readManifest(s.state); err != nil {
		return badBackup(filepath.Join(s.state, manifestName), err)
	}
	m := s.out.Manifest
	if m.Format != 1 {
		return badBackup(filepath.Join(s.state, manifestName), fmt.Errorf("format %d is not known: use the program version that made the backup", m.Format))
	}
	if s.sums[manifestName] == "" || s.sums[warehouseName] == "" || len(s.sums) != m.Files+1 {
		return badBackup(filepath.Join(s.state, sumsName), fmt.Errorf("it lists %d files, the manifest has %d", len(s.sums)-1, m.Files))
	}
	return nil
}

func badBackup(where string, err error) error {
	return &pipeline.Error{Kind: pipeline.KindBadFile, Op: "restore", Where: where, Err: err,
		Hint: "nothing was restored; an earlier backup, if there is one, can be named: `claimsaudit restore DIR/backup-… --into DATA`"}
}

// checkTarget refuses a directory that holds anything; isNew tells that there is none yet.
func (s *restore) checkTarget() (isNew bool, err error) {
	entries, err := os.ReadDir(s.path())
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, dataError(s.path(), err)
	}
	for _, e := range entries {
		if e.Name() != restoring && e.Name() != "run.lock" && e.Name() != "lost+found" {
			return false, &pipeline.Error{Kind: pipeline.KindUsage, Op: "restore", Where: s.path(), Err: fmt.Errorf("the directory is not empty: it holds %s", e.Name()),
				Hint: "restore into an empty or new directory; nothing is ever overwritten"}
		}
	}
	return false, nil
}

// fill copies and proves, and puts everything in place, the warehouse last.
func (s *restore) fill(ctx context.Context) error {
	if err := s.copyAll(ctx); err != nil {
		return err
	}
	now, err := describeWarehouse(ctx, s.path(restoring, warehouseName))
	if err != nil {
		return err
	}
	then := s.out.Manifest
	for table, rows := range then.Rows {
		if now.Rows[table] != rows {
			return badBackup(filepath.Join(s.state, warehouseName), fmt.Errorf("%s has %d rows, the manifest says %d", table, now.Rows[table], rows))
		}
	}
	if len(now.Rows) != len(then.Rows) || now.LastRun != then.LastRun || now.ChainHash != then.ChainHash {
		return badBackup(filepath.Join(s.state, warehouseName), fmt.Errorf("it ends with run %s, chain hash %s, not with %s, %s", now.LastRun, now.ChainHash, then.LastRun, then.ChainHash))
	}
	return s.putInPlace()
}

func (s *restore) copyAll(ctx context.Context) error {
	s.startProgress("restore", 0)
	defer s.endProgress()
	for _, name := range slices.Sorted(maps.Keys(s.sums)) {
		from := filepath.Join(s.state, filepath.FromSlash(name))
		to := s.path(restoring, filepath.FromSlash(strings.TrimPrefix(name, "../")))
		sum, err := copyDurably(ctx, from, to, s.modeOf(name), func(n int64) { s.out.Bytes += n; s.addProgress(n) })
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if isDiskFull(err) {
			return dataError(to, err)
		}
		if err == nil && sum != s.sums[name] {
			err = fmt.Errorf("has SHA-256 %s, the backup was made of %s", sum, s.sums[name])
		}
		if err != nil { // go on: the operator wants to know how much is damaged
			s.bad = append(s.bad, badBackup(from, err))
		}
		s.out.Files++
	}
	const named = 5
	if n := len(s.bad); n > named {
		s.bad = append(s.bad[:named], badBackup(s.state, fmt.Errorf("and %d more files", n-named)))
	}
	return errors.Join(s.bad...)
}

func (s *restore) modeOf(name string) fs.FileMode {
	switch {
	case strings.HasPrefix(name, "../"):
		return 0o400
	case strings.HasPrefix(name, "published/"):
		return s.Config.Settings.PublishedMode
	}
	return 0o600
}

func (s *restore) putInPlace() error {
	staged := s.path(restoring)
	if err := os.Remove(filepath.Join(staged, manifestName)); err != nil {
		return dataError(staged, err)
	}
	if err := syncTree(staged); err != nil {
		return dataError(staged, err)
	}
	for _, name := range []string{archiveName, "keys", "quarantine", "reports", "published", warehouseName} {
		err := os.Rename(filepath.Join(staged, name), s.path(name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return dataError(s.path(name), err)
		}
	}
	if err := os.MkdirAll(s.path("published"), 0o700); err != nil {
		return dataError(s.path("published"), err)
	}
	if err := s.openPublished(); err != nil {
		return err
	}
	if err := errors.Join(os.Remove(staged), syncFolder(s.path())); err != nil {
		return dataError(s.path(), err)
	}
	if s.out.Manifest.Key != "included" {
		s.out.Notes = append(s.out.Notes, "the backup has no key of the pseudonyms: put yours at "+s.Config.Settings.KeyFile+
			", mode 0600, or set CLAIMSAUDIT_PSEUDONYM_KEY before the first run, which else makes a new one and with it new pseudonyms")
	} else if s.Config.Settings.KeyFile != s.path("keys", "pseudonym.key") {
		s.out.Notes = append(s.out.Notes, fmt.Sprintf("the key of the pseudonyms is in %s, the settings look for it at %s", s.path("keys", "pseudonym.key"), s.Config.Settings.KeyFile))
	}
	return nil
}
