package site

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"

	"golang.org/x/sys/unix"
)

// signatureName is the file that says of which run a site is and how much belongs to it.
const signatureName = "site.json"

type signature struct {
	Look      string `json:"look"`
	People    People `json:"practitioners"`
	Mode      string `json:"mode"`
	Run       string `json:"run"`
	ChainHash string `json:"chain_hash"`
	Files     int64  `json:"files"` // without this one
	Bytes     int64  `json:"bytes"`
}

// look changes with the program's pages: their assets, and the version that writes them.
var look = sync.OnceValue(func() string {
	h := sha256.New()
	err := fs.WalkDir(assets, "assets", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := assets.ReadFile(name)
		h.Write(data)
		return err
	})
	if err != nil {
		panic("site: read assets: " + err.Error()) // they are in the binary
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				h.Write([]byte(s.Value))
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
})

// Stands reports whether dir holds a whole site of that run, as this program and these options would write it. Sizes are
// compared, so that what a power cut tore is noticed.
func Stands(dir, runID, chainHash string, opts Options) bool {
	text, err := os.ReadFile(filepath.Join(dir, signatureName))
	if err != nil {
		return false
	}
	var s signature
	if json.Unmarshal(text, &s) != nil || s.Look != look() || s.People != opts.People || s.Mode != opts.FileMode.String() || s.Run != runID || s.ChainHash != chainHash {
		return false
	}
	var files, bytes int64
	err = filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || e.Name() == signatureName {
			return err
		}
		info, err := e.Info()
		if err == nil {
			files, bytes = files+1, bytes+info.Size()
		}
		return err
	})
	return err == nil && files == s.Files && bytes == s.Bytes
}

// Put makes built the site at dir, in one step where the file system can exchange two directories; elsewhere there is for
// a moment no site. The former site is then removed. Killed at any moment, one of the two is whole, at dir or beside it.
func Put(built, dir string) error {
	if err := flush(built); err != nil {
		return writeError(dir, err)
	}
	err := unix.Renameat2(unix.AT_FDCWD, built, unix.AT_FDCWD, dir, unix.RENAME_EXCHANGE)
	switch {
	case err == nil:
		err = os.RemoveAll(built)
	case errors.Is(err, fs.ErrNotExist): // the first one
		err = os.Rename(built, dir)
	default:
		err = moveAside(built, dir)
	}
	if err == nil {
		err = syncFolder(filepath.Dir(dir))
	}
	if err != nil {
		return writeError(dir, err)
	}
	return nil
}

// moveAside is for file systems without an exchange.
func moveAside(built, dir string) error {
	former := dir + ".former.tmp"
	if err := os.RemoveAll(former); err != nil {
		return err
	}
	if err := os.Rename(dir, former); err != nil {
		return err
	}
	if err := os.Rename(built, dir); err != nil {
		return errors.Join(err, os.Rename(former, dir))
	}
	return os.RemoveAll(former)
}

// flush brings the new site to the disk before it takes the old one's place: one call for thousands of small files.
func flush(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(unix.Syncfs(int(d.Fd())), d.Close())
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
