package intake

import (
	"archive/zip"
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"unicode/utf8"

	"claimsaudit/pipeline"
)

// flagEncrypted is bit 0 of a zip member's general purpose flags.
const flagEncrypted = 1

// entry is a zip member with the path we know it by.
type entry struct {
	*zip.File
	path string // slash path as the zip spells it
	name string // base name, readable
}

// zip unpacks the members of a zip. Every entry is checked before the first
// byte is unpacked, the ones we would pass over too: an archive that lies in one
// place is not trusted in another.
func (e *expander) zip(f *os.File) (Contents, error) {
	z, err := openZip(f, e.packed)
	if err != nil {
		return Contents{}, e.readError("", err)
	}
	entries, err := e.entries(z)
	if err != nil {
		return Contents{}, err
	}
	var c Contents
	controls := controlIndex{}
	byPath, claimed := map[string]entry{}, map[string]bool{}
	for _, m := range entries {
		if isControl(m.path) {
			controls.add(m.path)
			byPath[m.path] = m
		}
	}
	for _, m := range entries {
		if isControl(m.path) {
			continue
		}
		if why := e.skip(m); why != "" {
			c.Skipped = append(c.Skipped, Ignored{Path: readable(m.path), Why: why})
			continue
		}
		control := controls.find(m.path)
		member, err := e.member(m, byPath[control])
		if err != nil {
			return Contents{}, err
		}
		c.Members = append(c.Members, member)
		claimed[control] = true
	}
	if len(c.Members) == 0 {
		return Contents{}, e.bad("", "压缩包内没有可识别的数据文件，请检查文件名和扩展名后重新报送",
			errors.New("no member is a file of a known feed"))
	}
	for p := range byPath {
		if !claimed[p] {
			c.Skipped = append(c.Skipped, Ignored{Path: readable(p), Why: WhyOrphanControl})
		}
	}
	slices.SortStableFunc(c.Skipped, func(a, b Ignored) int { return cmp.Compare(a.Path, b.Path) })
	return c, nil
}

// skip says why a member is not taken; "" if it is.
func (e *expander) skip(m entry) Why {
	switch {
	case m.Mode().IsDir():
		return WhyDirectory
	case isSidecar(m.path):
		return WhySidecar
	case formOf(m.path) == formNone:
		return WhyExtension
	case e.feed(m) == nil:
		return WhyNoFeed
	default:
		return ""
	}
}

// feed is the member's own, else the archive's.
func (e *expander) feed(m entry) *pipeline.Feed {
	if own := pipeline.FeedOf(m.name); own != nil {
		return own
	}
	return e.d.Feed
}

// entries checks all members and returns them in byte order of their path.
func (e *expander) entries(z *zip.Reader) ([]entry, error) {
	if len(z.File) > e.limits.MembersMax {
		return nil, e.bad("", "压缩包内文件过多，请分成几个压缩包报送",
			fmt.Errorf("%d members, at most %d are allowed", len(z.File), e.limits.MembersMax))
	}
	entries := make([]entry, 0, len(z.File))
	seen := map[string]bool{}
	left := uint64(e.limits.TotalBytesMax)
	for _, f := range z.File {
		m := entry{File: f, path: memberPath(f.Name)}
		m.name = path.Base(m.path)
		if !utf8.ValidString(m.name) {
			m.name = path.Base(readable(e.limits.MemberName(m.name)))
		}
		if err := e.checkEntry(m); err != nil {
			return nil, err
		}
		clean := path.Clean(m.path)
		if seen[clean] {
			return nil, e.bad(m.path, "压缩包内有两个同名文件，无法判断以哪个为准，请重新压缩", errors.New("the name is given twice"))
		}
		seen[clean] = true
		if f.UncompressedSize64 > uint64(e.limits.MemberBytesMax) || f.UncompressedSize64 > left {
			return nil, e.bad(m.path, hintLimit, fmt.Errorf("unpacks to %d bytes", f.UncompressedSize64))
		}
		left -= f.UncompressedSize64
		entries = append(entries, m)
	}
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Compare(a.path, b.path) })
	return entries, nil
}

func (e *expander) checkEntry(m entry) error {
	const again = "，请只压缩数据文件本身后重新报送"
	switch mode := m.Mode(); {
	case escapes(m.path):
		return e.bad(m.path, "压缩包内的路径指向包外"+again, errors.New("the path leads out of the archive"))
	case mode&fs.ModeSymlink != 0:
		return e.bad(m.path, "压缩包内含符号链接"+again, errors.New("the member is a symlink"))
	case !mode.IsRegular() && !mode.IsDir():
		return e.bad(m.path, "压缩包内含特殊文件"+again, errors.New("the member is not a regular file"))
	case m.Flags&flagEncrypted != 0:
		return e.bad(m.path, "压缩包已加密，请去掉密码后重新报送", errors.New("the member is encrypted"))
	case formOf(m.path) == formZip && !mode.IsDir():
		return e.bad(m.path, "压缩包不能再套压缩包"+again, errors.New("a zip inside a zip"))
	case mode.IsDir() || m.Method == zip.Store || m.Method == zip.Deflate:
		return nil
	default:
		return e.bad(m.path, "压缩算法不受支持（Windows 对大文件常用 Deflate64），请用普通 Deflate 算法或 .gz 重新压缩",
			fmt.Errorf("compression method %d is not supported", m.Method))
	}
}

// member unpacks one member; control is its own .ctl, if any.
func (e *expander) member(m, control entry) (Member, error) {
	out := Member{Name: withoutGzip(m.name), Inside: readable(m.path), Feed: e.feed(m)}
	rc, err := m.Open()
	if err != nil {
		return Member{}, e.readError(m.path, err)
	}
	defer func() { _ = rc.Close() }()
	in, sum := summed(rc)
	packed := int64(m.CompressedSize64)
	if formOf(m.path) == formGzip {
		err = e.gunzip(&out, in, m.path, packed)
	} else {
		out.Path, out.Size, err = e.write(in, path.Ext(m.path), m.path, packed)
	}
	if err != nil {
		return Member{}, err
	}
	out.SHA256 = sum()
	if control.File != nil {
		out.Control, err = e.control(control)
	}
	return out, err
}

func (e *expander) control(m entry) (*Control, error) {
	rc, err := m.Open()
	if err != nil {
		return nil, e.readError(m.path, err)
	}
	defer func() { _ = rc.Close() }()
	return parseControl(rc, e.where(m.path))
}

// openZip reads a zip's directory. Names are ours to judge, so the reader's own
// verdict on them is not an error here. A directory that points outside the file
// meets its end, as one that was cut off does: asked for a negative offset the
// file itself would answer like a broken disk, and stop the run.
func openZip(r io.ReaderAt, size int64) (*zip.Reader, error) {
	z, err := zip.NewReader(io.NewSectionReader(r, 0, size), size)
	if errors.Is(err, zip.ErrInsecurePath) {
		err = nil
	}
	return z, err
}

// zipNamesFeed looks for a member that is a feed by its name; the result is ""
// or the reason to leave the zip alone. A truncated zip has no directory, but
// its members' names still stand before their bytes: such a delivery must be
// refused aloud, not passed over. The error is the machine's.
func zipNamesFeed(abs string) (Why, error) {
	f, info, err := openRegular(abs)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	z, err := openZip(f, info.Size())
	if err == nil {
		if slices.ContainsFunc(z.File, func(m *zip.File) bool { return namesFeed(memberPath(m.Name)) }) {
			return "", nil
		}
		return WhyNoFeed, nil
	}
	var disk *fs.PathError
	if errors.As(err, &disk) {
		return "", err
	}
	found, err := localNamesFeed(f)
	if err != nil {
		return "", err
	}
	if !found {
		return WhyUnreadableZip, nil
	}
	return "", nil
}

// localNamesFeed walks the local headers of a zip without directory.
func localNamesFeed(f *os.File) (bool, error) {
	const headerBytes, nameMax = 30, 4096
	signature := []byte("PK\x03\x04")
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return false, err
	}
	r := bufio.NewReaderSize(f, bufferBytes)
	for {
		window, err := r.Peek(bufferBytes)
		if err != nil && err != io.EOF {
			return false, err
		}
		at := bytes.Index(window, signature)
		if at < 0 {
			if err == io.EOF {
				return false, nil
			}
			_, _ = r.Discard(len(window) - len(signature) + 1)
			continue
		}
		_, _ = r.Discard(at)
		header, _ := r.Peek(headerBytes)
		if len(header) < headerBytes {
			return false, nil
		}
		length := int(binary.LittleEndian.Uint16(header[26:]))
		named, _ := r.Peek(headerBytes + min(length, nameMax))
		if namesFeed(memberPath(string(named[headerBytes:]))) {
			return true, nil
		}
		_, _ = r.Discard(len(signature))
	}
}
