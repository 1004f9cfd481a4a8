package intake

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"claimsaudit/pipeline"
)

// Archive keeps delivered files for ever, as
// <Dir>/<first 2 hex digits>/<SHA-256>/<name>, read-only, each with its .ctl.
// One process at a time may write to it.
type Archive struct {
	Dir string

	link func(oldname, newname string) error // nil is os.Link; tests let it fail
}

const (
	opArchive = "archive file"
	// incoming holds copies until they are complete. It is a folder of the
	// archive because a rename works only within one file system.
	incoming = ".incoming"
)

// Path returns where the file of that SHA-256 lies in the archive.
func (a Archive) Path(sha256 string) (string, bool) {
	if !isSHA256(sha256) {
		return "", false
	}
	dir := a.folder(sha256)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", false
	}
	for _, entry := range entries {
		if entry.Type().IsRegular() && !isControl(entry.Name()) {
			return filepath.Join(dir, entry.Name()), true
		}
	}
	return "", false
}

func (a Archive) folder(sha256 string) string { return filepath.Join(a.Dir, sha256[:2], sha256) }

// Put moves a hashed delivery and its .ctl from the inbox into the archive and
// returns where the file lies now. If the archive has these bytes already, under
// whatever name, the copy in the inbox is deleted once the archive's has been
// read and found whole. Calling Put again after an interruption finishes the
// work; nothing in the archive is ever overwritten.
//
// Errors: KindBadFile wrapping ErrChanging if the file is not the one that was
// hashed, KindInternal if a disk fails or the archive's copy is damaged,
// KindInterrupted. After an error the file is still in the inbox or complete in
// the archive.
func (a Archive) Put(ctx context.Context, d Delivery) (string, error) {
	if !isSHA256(d.SHA256) {
		return "", fileError(opArchive, d.Path, fmt.Errorf("the delivery has no SHA-256 (%q)", d.SHA256))
	}
	stored, known := a.Path(d.SHA256)
	if known && samePath(stored, d.Abs) {
		return stored, nil
	}
	f, info, err := openRegular(d.Abs)
	if err != nil {
		return "", fileError(opArchive, d.Path, err)
	}
	defer func() { _ = f.Close() }()
	if !d.unchanged(info) {
		return "", changing(opArchive, d.Path)
	}
	// The .ctl is stored first and deleted last: a crash in between must not
	// leave the file in the inbox without the totals it is checked against.
	control, err := a.putControl(ctx, d)
	if err != nil {
		return "", fileError(opArchive, d.ControlPath, err)
	}
	if known {
		err = a.verify(ctx, stored, d)
	} else {
		stored, err = a.store(ctx, d, f)
	}
	if err != nil {
		return "", err
	}
	if err := a.leaveInbox(d, stored, control); err != nil {
		return "", &pipeline.Error{Kind: pipeline.KindInternal, Op: "remove archived file from inbox", Where: d.Path,
			Hint: "文件已存档，但无法从收件目录删除；请给运行账号收件目录的写权限", Err: err}
	}
	return stored, nil
}

// samePath reports whether both are one file under one name, also when folders
// are reached through links: then there is no second copy to remove.
func samePath(stored, abs string) bool {
	if filepath.Clean(stored) == filepath.Clean(abs) {
		return true
	}
	s, err := os.Stat(stored)
	if err != nil {
		return false
	}
	d, err := os.Stat(abs)
	if err != nil || !os.SameFile(s, d) {
		return false
	}
	return links(s) < 2
}

// links is how many names a file has.
func links(info fs.FileInfo) uint64 {
	if sys, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(sys.Nlink)
	}
	return 1
}

// verify reads the archive's copy before the inbox's may go.
func (a Archive) verify(ctx context.Context, stored string, d Delivery) error {
	sum, err := hashFile(ctx, stored)
	if err != nil {
		return fileError(opArchive, stored, err)
	}
	if sum != d.SHA256 {
		return &pipeline.Error{Kind: pipeline.KindInternal, Op: opArchive, Where: stored,
			Hint: "存档中的文件已损坏，收件目录中的同一文件完好并已保留；请先把损坏的存档文件移走，再次运行",
			Err:  fmt.Errorf("has SHA-256 %s", sum)}
	}
	return nil
}

// store brings the bytes into the archive under the delivery's name, durably,
// and leaves the inbox as it is.
func (a Archive) store(ctx context.Context, d Delivery, f *os.File) (string, error) {
	dir := a.folder(d.SHA256)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fileError(opArchive, dir, err)
	}
	stored := filepath.Join(dir, filepath.Base(d.Abs))
	if err := a.linkIn(d.Abs, stored, f); err != nil {
		// Another file system, or one without links, or another owner's file.
		if err := a.copyIn(ctx, d, f, stored); err != nil {
			return "", fileError(opArchive, d.Path, err)
		}
	}
	if err := a.syncFolders(dir); err != nil {
		return "", fileError(opArchive, dir, err)
	}
	return stored, nil
}

func (a Archive) syncFolders(dir string) error {
	return errors.Join(syncDir(dir), syncDir(filepath.Dir(dir)), syncDir(a.Dir))
}

// linkIn gives the file a second name: unlike a rename it never overwrites, and
// the file is in both places until it leaves the inbox.
func (a Archive) linkIn(abs, stored string, f *os.File) error {
	mine, err := f.Stat()
	if err != nil {
		return err
	}
	if links(mine) > 1 {
		return errors.New("the sender has the file under another name and could still change it")
	}
	link := a.link
	if link == nil {
		link = os.Link
	}
	if err := link(abs, stored); err != nil {
		return err
	}
	// What was linked must be what was opened and compared, not a file put there since.
	there, err := os.Lstat(stored)
	if err == nil && !os.SameFile(mine, there) {
		err = ErrChanging
	}
	if err == nil {
		err = f.Chmod(0o400)
	}
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		return errors.Join(err, os.Remove(stored))
	}
	return nil
}

// copyIn copies the file, reads the copy back and only then gives it its name.
func (a Archive) copyIn(ctx context.Context, d Delivery, f *os.File, stored string) error {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	tmp, err := a.writeTemp(reader{ctx, f})
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tmp) }()
	sum, err := hashFile(ctx, tmp)
	if err != nil {
		return err
	}
	if sum != d.SHA256 {
		return changing(opArchive, d.Path)
	}
	if err := os.Chtimes(tmp, d.ModTime, d.ModTime); err != nil {
		return err
	}
	return renameNew(tmp, stored)
}

// renameNew is a rename that refuses to overwrite.
func renameNew(from, to string) error {
	if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		return &fs.PathError{Op: "rename", Path: to, Err: fs.ErrExist}
	}
	return os.Rename(from, to)
}

// writeTemp writes a durable read-only file below incoming; after an error nothing is left.
func (a Archive) writeTemp(r io.Reader) (name string, err error) {
	dir := filepath.Join(a.Dir, incoming)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	// One name for all: what a crash left behind is gone with the next copy.
	name = filepath.Join(dir, "copy")
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	_, err = io.CopyBuffer(onlyWriter{f}, r, make([]byte, bufferBytes))
	if err == nil {
		err = f.Chmod(0o400)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(name))
	}
	return name, nil
}

// putControl stores the delivery's .ctl beside where the file is or will be and
// returns its bytes, nil without one. A corrected .ctl for known bytes is kept
// beside the first one, its hash in its name.
func (a Archive) putControl(ctx context.Context, d Delivery) ([]byte, error) {
	if d.ControlPath == "" {
		return nil, nil
	}
	f, _, err := openRegular(d.ControlPath)
	if errors.Is(err, fs.ErrNotExist) || d.ControlErr != nil {
		return nil, nil // taken before an interruption; or never readable, then it stays
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, controlBytesMax+1))
	if err != nil || len(data) > controlBytesMax { // too large for a .ctl: stays in the inbox
		return nil, err
	}
	dir, base := a.folder(d.SHA256), filepath.Base(d.ControlPath)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	ext := filepath.Ext(base)
	other := strings.TrimSuffix(base, ext) + "." + hex.EncodeToString(sum[:4]) + ext
	for _, name := range []string{base, other} {
		there, err := os.ReadFile(filepath.Join(dir, name))
		if err == nil && bytes.Equal(there, data) {
			return data, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		tmp, err := a.writeTemp(reader{ctx, bytes.NewReader(data)})
		if err != nil {
			return nil, err
		}
		if err := renameNew(tmp, filepath.Join(dir, name)); err != nil {
			return nil, errors.Join(err, os.Remove(tmp))
		}
		return data, a.syncFolders(dir)
	}
	return nil, fmt.Errorf("%s already holds another %s", dir, other)
}

// leaveInbox deletes what the archive now has. A .ctl goes only if it still says
// what was stored and no later delivery needs it.
func (a Archive) leaveInbox(d Delivery, stored string, control []byte) error {
	now, err := os.Lstat(d.Abs)
	if err != nil {
		return err
	}
	if there, err := os.Lstat(stored); err != nil {
		return err
	} else if !d.unchanged(now) && !os.SameFile(now, there) {
		return ErrChanging
	}
	if err := os.Remove(d.Abs); err != nil {
		return err
	}
	if control != nil && !d.controlShared {
		if still, err := os.ReadFile(d.ControlPath); err == nil && bytes.Equal(still, control) {
			if err := os.Remove(d.ControlPath); err != nil {
				return err
			}
		}
	}
	return syncDir(filepath.Dir(d.Abs))
}
