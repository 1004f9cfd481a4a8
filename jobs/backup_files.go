package jobs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"

	"claimsaudit/pipeline"
)

// copyArchive copies the archive's files that are not in the backup yet. Without the lock a file may be on its way into
// the archive: it is left for the second pass.
func (b *backup) copyArchive(ctx context.Context, isLocked bool) error {
	root := b.path(archiveName)
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.IsDir() && strings.HasPrefix(e.Name(), ".") { // half copies on their way in
			return fs.SkipDir
		}
		if err == nil && e.Type().IsRegular() {
			err = b.copyArchived(ctx, root, path, isLocked)
		}
		if err != nil && !isLocked && ctx.Err() == nil && !isDiskFull(err) {
			return nil
		}
		return err
	})
	if err == nil {
		err = os.MkdirAll(filepath.Join(b.dir, archiveName), 0o700)
	}
	if err == nil {
		err = syncTree(filepath.Join(b.dir, archiveName))
	}
	return b.fail(root, err)
}

func (b *backup) copyArchived(ctx context.Context, root, path string, isLocked bool) error {
	rel, err := filepath.Rel(root, path)
	if err != nil {
		return err
	}
	to := filepath.Join(b.dir, archiveName, rel)
	name := "../" + archiveName + "/" + filepath.ToSlash(rel) // as seen from the state's folder
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	there, err := os.Stat(to)
	if errors.Is(err, fs.ErrNotExist) {
		sum, err := b.copy(ctx, path, to, 0o400)
		if err == nil && !holds(rel, sum) {
			err = errors.Join(&pipeline.Error{Kind: pipeline.KindInternal, Op: "backup", Where: path, Err: fmt.Errorf("has SHA-256 %s, not that of its folder", sum),
				Hint: "the archived file is damaged: put the copy of an earlier backup in its place; earlier backups are untouched"}, os.Remove(to))
		}
		b.sums[name] = sum
		return err
	}
	if err != nil || !isLocked {
		return err
	}
	sum := b.known[name]
	if sum == "" || !holds(rel, sum) {
		if sum, err = hashFile(ctx, to); err != nil {
			return err
		}
	}
	isSame := there.Size() == info.Size() && holds(rel, sum)
	if isSame && addressOf(rel) == "" { // its name does not say what it holds
		now, err := hashFile(ctx, path)
		if err != nil {
			return err
		}
		isSame = now == sum
	}
	if !isSame {
		return &pipeline.Error{Kind: pipeline.KindInternal, Op: "backup", Where: path, Err: fmt.Errorf("%s holds other bytes under the same name", to),
			Hint: "one of the two is damaged, or the backup directory belongs to another data directory: `claimsaudit verify` checks the archive; or back up to an empty directory"}
	}
	b.sums[name] = sum
	return nil
}

// copyState copies what changes from run to run.
func (b *backup) copyState(ctx context.Context) error {
	files, err := b.stateFiles()
	if err != nil {
		return b.fail(b.path(), err)
	}
	state := filepath.Join(b.dir, unfinishedState)
	if err := b.dropStrays(state, files); err != nil {
		return b.fail(state, err)
	}
	for name, from := range files {
		to := filepath.Join(state, filepath.FromSlash(name))
		sum, err := b.copyUnlessThere(ctx, from, to)
		if err != nil {
			return b.fail(from, err)
		}
		b.sums[name] = sum
	}
	return nil
}

// stateFiles are the files of a state, by their path within it.
func (b *backup) stateFiles() (map[string]string, error) {
	files := map[string]string{warehouseName: b.WarehousePath()}
	for _, dir := range []string{"published", "reports", "quarantine"} {
		root := b.path(dir)
		err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) && path == root {
				return nil
			}
			if err != nil {
				return err
			}
			name := e.Name()
			if path == b.SitePath() { // thousands of small files, which the next run makes again from the publication
				return fs.SkipDir
			}
			if strings.HasPrefix(name, ".") { // a report being written when a run was killed
				if e.IsDir() {
					return fs.SkipDir
				}
				return nil
			}
			isHalf := strings.HasSuffix(name, unsettled) || strings.HasSuffix(name, ".tmp") || strings.HasSuffix(name, ".tmp.wal")
			if !e.Type().IsRegular() || isHalf {
				return nil
			}
			rel, err := filepath.Rel(b.path(), path)
			files[filepath.ToSlash(rel)] = path
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return files, b.addKey(files)
}

// addKey adds the key of the pseudonyms, wherever it lies, and notes if the backup has none.
func (b *backup) addKey(files map[string]string) error {
	_, err := os.Stat(b.Config.Settings.KeyFile)
	b.out.Manifest.Key = "included"
	switch {
	case b.req.WithoutKey:
		b.out.Manifest.Key = "left out"
		b.out.Notes = append(b.out.Notes, "the key of the pseudonyms is not in the backup: keep "+b.Config.Settings.KeyFile+" elsewhere, a new one makes new pseudonyms")
	case errors.Is(err, fs.ErrNotExist):
		b.out.Manifest.Key = "environment"
		b.out.Notes = append(b.out.Notes, "there is no key file; if the key comes from CLAIMSAUDIT_PSEUDONYM_KEY, keep it elsewhere: a new one makes new pseudonyms")
	case err != nil:
		return err
	default:
		files[keyName] = b.Config.Settings.KeyFile
	}
	return nil
}

// dropStrays removes from an unfinished state what is not in the data directory any more.
func (b *backup) dropStrays(state string, files map[string]string) error {
	if err := os.MkdirAll(state, 0o700); err != nil {
		return err
	}
	return filepath.WalkDir(state, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel, err := filepath.Rel(state, path)
		if err != nil {
			return err
		}
		if _, ok := files[filepath.ToSlash(rel)]; !ok {
			return os.Remove(path)
		}
		return nil
	})
}

// copyUnlessThere takes up a copy that an interrupted backup made if it holds the same.
func (b *backup) copyUnlessThere(ctx context.Context, from, to string) (string, error) {
	info, err := os.Stat(from)
	if err != nil {
		return "", err
	}
	if there, err := os.Stat(to); err == nil && there.Size() == info.Size() && there.ModTime().Equal(info.ModTime()) {
		old, err := hashFile(ctx, to)
		if err != nil {
			return "", err
		}
		if now, err := hashFile(ctx, from); err != nil || now == old {
			return now, err
		}
	}
	return b.copy(ctx, from, to, 0o600)
}

func (b *backup) copy(ctx context.Context, from, to string, mode fs.FileMode) (string, error) {
	var bytes int64
	sum, err := copyDurably(ctx, from, to, mode, func(n int64) { bytes += n; b.addProgress(n) })
	if err == nil {
		b.out.Copied, b.out.Bytes = b.out.Copied+1, b.out.Bytes+bytes
	}
	return sum, err
}

// addressedPath is where the archive keeps a delivered file: below its SHA-256.
var addressedPath = regexp.MustCompile(`^[0-9a-f]{2}/([0-9a-f]{64})/[^/]+$`)

// addressOf is the SHA-256 that the name of an archived file promises, "" for a .ctl and everything else.
func addressOf(rel string) string {
	m := addressedPath.FindStringSubmatch(filepath.ToSlash(rel))
	if m == nil || strings.EqualFold(filepath.Ext(rel), ".ctl") {
		return ""
	}
	return m[1]
}

// holds reports whether bytes of that SHA-256 are what the name promises.
func holds(rel, sum string) bool {
	address := addressOf(rel)
	return address == "" || address == sum
}

func isDiskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}
