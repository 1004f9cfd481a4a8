package jobs

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// sums holds the SHA-256 of files by slash path, as the standard tool sha256sum writes and checks them.
type sums map[string]string

// text is a line per file, in byte order of the paths.
func (s sums) text() string {
	var b strings.Builder
	names := make([]string, 0, len(s))
	for name := range s {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		mark, shown := "", name
		if strings.ContainsAny(name, "\\\n\r") {
			mark = `\`
			shown = strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`).Replace(name)
		}
		fmt.Fprintf(&b, "%s%s  %s\n", mark, s[name], shown)
	}
	return b.String()
}

func unescapeName(mark, name string) string {
	if mark == "" {
		return name
	}
	return strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\r`, "\r").Replace(name)
}

// readSums reads what text wrote; a line that is cut off or changed is an error.
func readSums(path string) (sums, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	all := sums{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		mark, line := "", lines.Text()
		if rest, ok := strings.CutPrefix(line, `\`); ok {
			mark, line = `\`, rest
		}
		sum, name, ok := strings.Cut(line, "  ")
		if raw, err := hex.DecodeString(sum); !ok || err != nil || len(raw) != sha256.Size {
			return nil, fmt.Errorf("line %d is no SHA-256 and name", n)
		}
		all[unescapeName(mark, name)] = sum
	}
	return all, lines.Err()
}

// contextReader ends a long read when ctx is over.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// hashFile is the SHA-256 of a file's bytes.
func hashFile(ctx context.Context, path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.CopyBuffer(h, contextReader{ctx, f}, make([]byte, 1<<20)); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// halfCopy ends the name of a file that is not complete.
const halfCopy = ".half"

// copyDurably copies a file, its time and its bytes, and returns their SHA-256. The copy has its name only when it is
// complete and on the disk; a file of that name is replaced.
func copyDurably(ctx context.Context, from, to string, mode fs.FileMode, progress func(int64)) (sum string, err error) {
	src, err := os.Open(from)
	if err != nil {
		return "", err
	}
	defer src.Close()
	info, err := src.Stat()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return "", err
	}
	half := to + halfCopy
	if err := os.Remove(half); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	dst, err := os.OpenFile(half, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	sum, err = fill(ctx, dst, io.TeeReader(src, h), h.Sum, progress)
	if err == nil {
		err = errors.Join(dst.Chmod(mode), dst.Sync())
	}
	err = errors.Join(err, dst.Close())
	if err == nil {
		err = os.Chtimes(half, info.ModTime(), info.ModTime())
	}
	if err == nil {
		err = os.Rename(half, to)
	}
	if err != nil {
		return "", errors.Join(err, os.Remove(half))
	}
	return sum, nil
}

func fill(ctx context.Context, dst io.Writer, src io.Reader, digest func([]byte) []byte, progress func(int64)) (string, error) {
	buffer := make([]byte, 1<<20)
	for {
		n, err := contextReader{ctx, src}.Read(buffer)
		if _, writeErr := dst.Write(buffer[:n]); writeErr != nil {
			return "", writeErr
		}
		progress(int64(n))
		if errors.Is(err, io.EOF) {
			return hex.EncodeToString(digest(nil)), nil
		}
		if err != nil {
			return "", err
		}
	}
}

// writeDurably gives a file its content in one step.
func writeDurably(path string, content []byte) error {
	half := path + halfCopy
	f, err := os.OpenFile(half, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(half, path)
	}
	return err
}

// syncTree makes the names of all files below root survive a power cut; their bytes do already.
func syncTree(root string) error {
	return filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.IsDir() {
			return err
		}
		return syncFolder(path)
	})
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
