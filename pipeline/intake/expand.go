package intake

import (
	"compress/gzip"
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
	"strings"

	"claimsaudit/pipeline"
)

// Limits bounds what one delivery may unpack to. A zero field takes its default.
type Limits struct {
	MemberBytesMax int64 // one unpacked member, default 20 GiB
	TotalBytesMax  int64 // all of them together, default 60 GiB
	MembersMax     int   // entries of a zip, default 1000
	RatioMax       int64 // unpacked / packed once past 10 MiB, default 1000: deflate itself ends at 1032

	// MemberName reads a zip member's name that is not UTF-8, as Windows tools
	// write them (GB18030). nil puts "_" for what cannot be read.
	MemberName func(raw string) string
}

// ratioFreeBytes may always be unpacked: a short run of blanks packs very well.
const ratioFreeBytes = 10 << 20

func (l Limits) orDefaults() Limits {
	if l.MemberBytesMax == 0 {
		l.MemberBytesMax = 20 << 30
	}
	if l.TotalBytesMax == 0 {
		l.TotalBytesMax = 60 << 30
	}
	if l.MembersMax == 0 {
		l.MembersMax = 1000
	}
	if l.RatioMax == 0 {
		l.RatioMax = 1000
	}
	if l.MemberName == nil {
		l.MemberName = readable
	}
	return l
}

// Member is one plain table file of a delivery, ready for decode.
type Member struct {
	Name   string // base name without .gz: decides feed and encoding, is shown as file_name
	Inside string // slash path inside a zip; "" for others
	Path   string // the plain bytes; its extension is Name's
	Feed   *pipeline.Feed
	Size   int64 // bytes of Path

	// Control is the member's own .ctl inside the zip, to be checked against
	// SHA256 and the member's rows. The delivery's Control is another matter: it
	// stands for the delivered bytes and the rows of all members together.
	Control *Control
	SHA256  string // of the member as the zip holds it; the delivery's for a plain or .gz file
}

// Contents is what a delivery holds: members in byte order of their path, and
// what was passed over with the reason.
type Contents struct {
	Members []Member
	Skipped []Ignored
}

// Expand makes a delivery's plain files readable: the file itself, what a .gz
// holds, or the members of a .zip. Unpacked files lie in a private folder below
// tmpDir until cleanup, which is never nil and may be called twice; after an
// error nothing is left.
//
// Errors name the member and are KindBadFile for everything wrong with the
// delivery: truncated, corrupt, encrypted, an unknown compression, a path that
// leads outside, a link, a name given twice, a zip inside a zip, more than the
// limits allow, or nothing of use inside. KindInternal means our own disk,
// KindInterrupted that ctx ended.
func Expand(ctx context.Context, d Delivery, tmpDir string, limits Limits) (Contents, func(), error) {
	kind := formOf(d.Name)
	if kind != formGzip && kind != formZip {
		plain := Member{Name: d.Name, Path: d.Abs, Feed: d.Feed, Size: d.Size, SHA256: d.SHA256}
		return Contents{Members: []Member{plain}}, func() {}, nil
	}
	nothing := func() {}
	f, info, err := openRegular(d.Abs)
	if err != nil {
		return Contents{}, nothing, fileError(opExpand, d.Path, err)
	}
	defer func() { _ = f.Close() }()
	if err := os.MkdirAll(tmpDir, 0o700); err != nil {
		return Contents{}, nothing, fileError(opExpand, tmpDir, err)
	}
	dir, err := os.MkdirTemp(tmpDir, "expand-")
	if err != nil {
		return Contents{}, nothing, fileError(opExpand, tmpDir, err)
	}
	cleanup := func() { _ = os.RemoveAll(dir) }
	e := &expander{ctx: ctx, d: d, dir: dir, limits: limits.orDefaults(), packed: info.Size()}
	var contents Contents
	if kind == formZip {
		contents, err = e.zip(f)
	} else {
		contents, err = e.gzip(f)
	}
	if err != nil {
		cleanup()
		return Contents{}, nothing, err
	}
	return contents, cleanup, nil
}

const opExpand = "expand archive"

// expander unpacks one delivery.
type expander struct {
	ctx    context.Context
	d      Delivery
	dir    string
	limits Limits
	packed int64 // bytes of the delivery
	total  int64 // bytes unpacked so far
	files  int
}

// bad is a fault of the delivery; member is "" for the delivery as a whole.
func (e *expander) bad(member, hint string, err error) error {
	return &pipeline.Error{Kind: pipeline.KindBadFile, Op: opExpand, Where: e.where(member), Hint: hint, Err: err}
}

func (e *expander) where(member string) string {
	if member == "" {
		return e.d.Path
	}
	return e.d.Path + " > " + readable(member)
}

const (
	hintCorrupt = "压缩文件不完整或已损坏，请报送单位重新压缩、完整传送"
	hintLimit   = "解压后的数据量超过上限，可能是压缩炸弹；若确属正常报送，请分成几个文件，或由管理员调高上限"
)

func (e *expander) gzip(f *os.File) (Contents, error) {
	m := Member{Name: withoutGzip(e.d.Name), Feed: e.d.Feed, SHA256: e.d.SHA256}
	err := e.gunzip(&m, f, "", e.packed)
	return Contents{Members: []Member{m}}, err
}

// gunzip unpacks a gzip stream to m.Path. A file named only x.gz takes its
// extension from the name the packer stored.
func (e *expander) gunzip(m *Member, r io.Reader, member string, packed int64) error {
	z, err := gzip.NewReader(reader{e.ctx, r})
	if err != nil {
		return e.readError(member, err)
	}
	if formOf(m.Name) != formTable {
		ext := path.Ext(memberPath(z.Name))
		if formOf(ext) != formTable {
			return e.bad(member, "请让 .gz 前带上数据文件的扩展名，例如 fee_line_202503.csv.gz；压缩包不能再套压缩包",
				errors.New("the name does not say what the .gz file holds"))
		}
		m.Name += strings.ToLower(ext)
	}
	m.Path, m.Size, err = e.write(z, path.Ext(m.Name), member, packed)
	return err
}

// write unpacks one stream to a new file, within the limits. packed is the
// stream's compressed size.
func (e *expander) write(r io.Reader, ext, member string, packed int64) (abs string, size int64, err error) {
	e.files++
	abs = filepath.Join(e.dir, fmt.Sprintf("%04d%s", e.files, strings.ToLower(ext)))
	f, err := os.OpenFile(abs, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", 0, fileError(opExpand, abs, err)
	}
	defer func() {
		if closeErr := f.Close(); err == nil && closeErr != nil {
			err = fileError(opExpand, abs, closeErr)
		}
	}()
	allowed := min(e.limits.MemberBytesMax, e.limits.TotalBytesMax-e.total,
		e.ratioBytes(packed), e.ratioBytes(e.packed)-e.total)
	in := &inflow{r: reader{e.ctx, r}}
	size, err = io.CopyBuffer(onlyWriter{f}, io.LimitReader(in, allowed+1), make([]byte, bufferBytes))
	switch {
	case in.err != nil:
		return "", 0, e.readError(member, in.err)
	case err != nil:
		return "", 0, fileError(opExpand, abs, err)
	case size > allowed:
		return "", 0, e.bad(member, hintLimit, fmt.Errorf("unpacks to more than %d bytes from %d", allowed, packed))
	}
	e.total += size
	return abs, size, nil
}

// ratioBytes is how much so many packed bytes may become.
func (e *expander) ratioBytes(packed int64) int64 {
	if packed > (1<<62)/e.limits.RatioMax {
		return 1 << 62
	}
	return max(ratioFreeBytes, packed*e.limits.RatioMax)
}

// inflow remembers the read error, which io.Copy mixes with the write error.
type inflow struct {
	r   io.Reader
	err error
}

func (i *inflow) Read(p []byte) (int, error) {
	n, err := i.r.Read(p)
	if err != nil && err != io.EOF {
		i.err = err
	}
	return n, err
}

// readError tells a broken archive from a broken disk.
func (e *expander) readError(member string, err error) error {
	var disk *fs.PathError
	if errors.As(err, &disk) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fileError(opExpand, e.where(member), err)
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return e.bad(member, hintCorrupt, err)
}

// summed passes bytes through and hashes them.
func summed(r io.Reader) (io.Reader, func() string) {
	h := sha256.New()
	return io.TeeReader(r, h), func() string { return hex.EncodeToString(h.Sum(nil)) }
}
