package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"claimsaudit/pipeline"
)

// Stored is a file of the archive.
type Stored struct {
	SHA256    string // by its folder's name: what it must be
	Path      string
	Size      int64
	Mode      fs.FileMode
	IsControl bool // the .ctl delivered with a file
}

// List names every file of the archive, in byte order of SHA-256; none if there is no archive. The error is
// KindInternal if a folder cannot be read.
func (a Archive) List() ([]Stored, error) {
	var all []Stored
	for i := range 256 {
		prefix := fmt.Sprintf("%02x", i)
		folders, err := os.ReadDir(filepath.Join(a.Dir, prefix))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fileError("list archive", filepath.Join(a.Dir, prefix), err)
		}
		for _, folder := range folders {
			if !isSHA256(folder.Name()) || folder.Name()[:2] != prefix || !folder.IsDir() {
				continue
			}
			files, err := os.ReadDir(a.folder(folder.Name()))
			if err != nil {
				return nil, fileError("list archive", a.folder(folder.Name()), err)
			}
			for _, file := range files {
				info, err := file.Info()
				if err != nil {
					return nil, fileError("list archive", a.folder(folder.Name()), err)
				}
				if info.Mode().IsRegular() {
					all = append(all, Stored{SHA256: folder.Name(), Path: filepath.Join(a.folder(folder.Name()), file.Name()),
						Size: info.Size(), Mode: info.Mode(), IsControl: isControl(file.Name())})
				}
			}
		}
	}
	return all, nil
}

// Hash reads the file and returns its SHA-256; progress is told of every stretch of bytes read. Errors as of the
// package's Hash.
func (s Stored) Hash(ctx context.Context, progress func(int64)) (string, error) {
	f, _, err := openRegular(s.Path)
	if err != nil {
		return "", fileError("hash archived file", s.Path, err)
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	if _, err := io.CopyBuffer(&counted{h, progress}, reader{ctx, f}, make([]byte, hashBytes)); err != nil {
		return "", fileError("hash archived file", s.Path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// counted tells how much was written.
type counted struct {
	w    io.Writer
	told func(int64)
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.told(int64(n))
	return n, err
}

// Delivery is an archived file as the delivery it was, under the path it came by; Put leaves it where it is. Its .ctl is
// not read again: what it said is known by what became of the file. The error is KindInternal if the archive lacks it.
func (a Archive) Delivery(deliveredPath, sha256 string) (Delivery, error) {
	stored, ok := a.Path(sha256)
	if !ok {
		return Delivery{}, &pipeline.Error{Kind: pipeline.KindInternal, Op: "read archive", Where: deliveredPath,
			Err: fmt.Errorf("there is no file with SHA-256 %s", sha256), Hint: "put the file back from a backup of the archive"}
	}
	info, err := os.Lstat(stored)
	if err != nil {
		return Delivery{}, fileError("read archive", stored, err)
	}
	name := path.Base(deliveredPath)
	return Delivery{Path: deliveredPath, Abs: stored, Name: name, Size: info.Size(), ModTime: info.ModTime(), SHA256: sha256,
		Feed: pipeline.FeedOf(name)}, nil
}
