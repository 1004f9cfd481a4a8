package jobs

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"claimsaudit/pipeline"
	"claimsaudit/pipeline/register"
)

// timeOf is the zero time for a day not given.
func timeOf(day register.Day) (t time.Time) {
	if day != 0 {
		t = day.Time()
	}
	return t
}

// safeName is a number as it may stand in the name of a file: every other character is written =XX, so that two
// numbers never share a name. A number too long for a name is cut, and its hash stands for the rest.
func safeName(no string) string {
	const longest = 150
	var b strings.Builder
	for _, c := range []byte(no) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "=%02X", c)
		}
	}
	if name := b.String(); len(name) <= longest {
		return name
	}
	sum := sha256.Sum256([]byte(no))
	return b.String()[:longest-34] + "=h" + hex.EncodeToString(sum[:16])
}

// besideMax bounds how many versions of one paper are kept beside each other.
const besideMax = 1000

// keepDocument puts content into dir, readable by its owner alone. A paper may have been signed or served: nothing is
// overwritten. If another content lies under the name, the next free NAME+2, NAME+3 is taken.
func keepDocument(dir, name, extension string, content []byte) (path, state string, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", "", noticeFileError(dir, err)
	}
	for n := 1; n <= besideMax; n++ {
		path, state = filepath.Join(dir, name+extension), DocumentWritten
		if n > 1 {
			path, state = filepath.Join(dir, fmt.Sprintf("%s+%d%s", name, n, extension)), DocumentBeside
		}
		there, err := os.ReadFile(path)
		switch {
		case err == nil && bytes.Equal(there, content):
			return path, DocumentStood, nil
		case err == nil:
			continue
		case !errors.Is(err, fs.ErrNotExist):
			return "", "", noticeFileError(path, err)
		}
		if err := writeNew(path, content); err != nil {
			return "", "", noticeFileError(path, err)
		}
		return path, state, nil
	}
	return "", "", noticeFileError(path, fmt.Errorf("there are %d versions already", besideMax))
}

// writeNew writes a file that must not be there yet; a write that fails leaves nothing.
func writeNew(path string, content []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}

// noticeFileError tells a folder that is none or may not be written, which is for the caller to change, from a disk that fails.
func noticeFileError(where string, err error) error {
	kind := pipeline.KindInternal
	for _, choice := range []error{fs.ErrPermission, fs.ErrNotExist, syscall.ENOTDIR, syscall.EROFS, syscall.ENAMETOOLONG, syscall.EISDIR} {
		if errors.Is(err, choice) {
			kind = pipeline.KindUsage
		}
	}
	return &pipeline.Error{Kind: kind, Op: "write notice", Where: where, Err: err,
		Hint: "give --out a folder that exists or can be made, that this user may write, and with free space, then run the command again"}
}
