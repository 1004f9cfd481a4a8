package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"

	"claimsaudit/pipeline"
)

// ErrChanging marks a file that changed after Scan looked at it. It is left where
// it is and can be taken by a later run.
var ErrChanging = errors.New("the file is still being written")

const bufferBytes = 1 << 20

// hashBytes is small enough that what was read is still in the cache when it is hashed.
const hashBytes = 128 << 10

// openRegular opens a plain file for reading and never follows a symlink, not
// even one put there after the scan.
func openRegular(abs string) (*os.File, fs.FileInfo, error) {
	f, err := os.OpenFile(abs, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: abs, Err: errors.New("not a regular file")}
	}
	if err != nil {
		_ = f.Close()
		return nil, nil, err
	}
	return f, info, nil
}

// fileError explains a file the machine could not read. A missing permission is
// the deliverer's to mend (KindBadFile), so that the other files are still taken.
func fileError(op, where string, err error) error {
	var e *pipeline.Error
	if errors.As(err, &e) {
		return err
	}
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return &pipeline.Error{Kind: pipeline.KindInterrupted, Op: op, Where: where,
			Hint: "运行被中断，文件未动，再次运行即可", Err: err}
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.ELOOP):
		return &pipeline.Error{Kind: pipeline.KindBadFile, Op: op, Where: where,
			Hint: "本程序的运行账号无权读取该文件，或它是符号链接；请修正权限或放入真实文件后再次运行", Err: err}
	case errors.Is(err, syscall.ENOSPC):
		return &pipeline.Error{Kind: pipeline.KindInternal, Op: op, Where: where,
			Hint: "磁盘空间不足，请清理数据目录所在磁盘后再次运行", Err: err}
	default:
		return &pipeline.Error{Kind: pipeline.KindInternal, Op: op, Where: where,
			Hint: "请检查磁盘和挂载是否正常，文件未丢失，修复后再次运行", Err: err}
	}
}

// Hash returns the SHA-256 of a delivery's bytes as 64 lower-case hex digits.
// The error is KindBadFile wrapping ErrChanging if the file is no longer the one
// Scan saw or changes while it is read, KindBadFile without permission,
// KindInterrupted when ctx ends, KindInternal when the disk fails.
func Hash(ctx context.Context, d Delivery) (string, error) {
	const op = "hash file"
	f, before, err := openRegular(d.Abs)
	if err != nil {
		return "", fileError(op, d.Path, err)
	}
	defer func() { _ = f.Close() }()
	startWriteOut(f)
	sum, err := hashReader(ctx, f)
	if err != nil {
		return "", fileError(op, d.Path, err)
	}
	after, err := f.Stat()
	if err != nil {
		return "", fileError(op, d.Path, err)
	}
	if !d.unchanged(before) || !d.unchanged(after) {
		return "", changing(op, d.Path)
	}
	return sum, nil
}

// Unchanged reports an error of KindBadFile wrapping ErrChanging if the file is no longer the one that was hashed.
func Unchanged(d Delivery) error {
	info, err := os.Lstat(d.Abs)
	if err != nil {
		return fileError("read file", d.Path, err)
	}
	if !d.unchanged(info) {
		return changing("read file", d.Path)
	}
	return nil
}

func changing(op, where string) error {
	return &pipeline.Error{Kind: pipeline.KindBadFile, Op: op, Where: where,
		Hint: "文件仍在写入，本次不取；写完后下次运行会自动接收", Err: ErrChanging}
}

func hashReader(ctx context.Context, r io.Reader) (string, error) {
	h := sha256.New()
	if _, err := io.CopyBuffer(onlyWriter{h}, reader{ctx, r}, make([]byte, hashBytes)); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func hashFile(ctx context.Context, abs string) (string, error) {
	f, _, err := openRegular(abs)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	return hashReader(ctx, f)
}

// reader stops reading when its context ends: a file may be gigabytes.
type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// onlyWriter hides ReaderFrom, so that a copy uses our buffer.
type onlyWriter struct{ io.Writer }

// syncDir makes names created or removed in a folder survive a power cut.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = f.Sync()
	return errors.Join(err, f.Close())
}
