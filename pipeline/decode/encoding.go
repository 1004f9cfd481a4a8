package decode

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"unicode/utf8"
)

const (
	encUTF8    = "utf-8"
	encUTF8BOM = "utf-8-bom"
	encGB      = "gb18030"
)

// encoding is how the bytes of a text file are to be read.
type encoding struct {
	name  string // encUTF8 or encGB
	bom   int64  // bytes to skip at the beginning
	valid bool   // every byte was seen to be valid UTF-8
}

// magics are the beginnings of files that carry a text extension by mistake.
var magics = []struct {
	magic []byte
	what  string
}{
	{[]byte("PK\x03\x04"), "这是压缩包或 Excel 工作簿（.xlsx、.zip）"},
	{[]byte("\xD0\xCF\x11\xE0"), "这是旧版 Excel 工作簿（.xls）"},
	{[]byte("\x1F\x8B"), "这是 gzip 压缩文件"},
	{[]byte("PAR1"), "这是 Parquet 文件"},
	{[]byte("\xFF\xFE"), "这是 UTF-16 编码的文本"},
	{[]byte("\xFE\xFF"), "这是 UTF-16 编码的文本"},
}

// detect finds the encoding of a text file: the override, else the byte order
// mark, else UTF-8 if the whole file is valid, else GB18030 if that is, else
// whichever of the two leaves fewer sequences undecodable.
func detect(ctx context.Context, src *Source, f *os.File) (encoding, error) {
	head := make([]byte, 8)
	n, err := f.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return encoding{}, readError(src, err)
	}
	head = head[:n]
	if n == 0 {
		return encoding{}, emptyFile(src)
	}
	for _, m := range magics {
		if bytes.HasPrefix(head, m.magic) {
			return encoding{}, badFile(src, "请另存为 UTF-8 编码的 .csv 后重报，或改用与内容相符的扩展名", fmt.Errorf("内容不是 UTF-8 或 GB18030 文本：%s", m.what))
		}
	}
	isUTF8BOM := bytes.HasPrefix(head, []byte("\xEF\xBB\xBF"))
	isGBBOM := bytes.HasPrefix(head, []byte("\x84\x31\x95\x33"))
	switch {
	case isUTF8BOM && src.Encoding != encGB:
		return encoding{name: encUTF8, bom: 3}, nil
	case isGBBOM && src.Encoding != encUTF8:
		return encoding{name: encGB, bom: 4}, nil
	case src.Encoding != "":
		return encoding{name: src.Encoding}, nil
	}
	return guess(ctx, src, f)
}

func guess(ctx context.Context, src *Source, f *os.File) (encoding, error) {
	var isInvalid atomic.Bool
	err := eachBlock(ctx, src, f, func(b []byte) bool {
		if !isInvalid.Load() && !utf8.Valid(b) {
			isInvalid.Store(true)
		}
		return !isInvalid.Load()
	})
	if err != nil || !isInvalid.Load() {
		return encoding{name: encUTF8, valid: !isInvalid.Load()}, err
	}
	var badGB, badUTF8 atomic.Int64
	table := newGBTable()
	err = eachBlock(ctx, src, f, func(b []byte) bool { badGB.Add(int64(table.countBad(b))); return true })
	if err != nil || badGB.Load() == 0 {
		return encoding{name: encGB}, err
	}
	err = eachBlock(ctx, src, f, func(b []byte) bool {
		return badUTF8.Add(int64(countBadUTF8(b))) <= badGB.Load()
	})
	if badUTF8.Load() <= badGB.Load() {
		return encoding{name: encUTF8}, err
	}
	return encoding{name: encGB}, err
}

// blockBytes is the most a block holds; it stays in the cache.
const blockBytes = 128 << 10

// eachBlock hands out the file in blocks until f returns false; big files in as many sections as there are processors,
// at the same time. A block ends behind a byte that is part of a longer character in neither encoding.
func eachBlock(ctx context.Context, src *Source, in *os.File, f func([]byte) bool) error {
	size := sizeOf(src.Path)
	sections := int64(runtime.GOMAXPROCS(0))
	if size < sections*64*blockBytes {
		sections = 1
	}
	cuts := []int64{0}
	for i := int64(1); i < sections; i++ {
		at, err := sectionStart(src, in, size/sections*i)
		if err != nil {
			return err
		}
		cuts = append(cuts, max(at, cuts[i-1]))
	}
	cuts = append(cuts, math.MaxInt64) // the last one ends where the file does
	errs := make([]error, sections)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { errs[i] = eachBlockOf(ctx, src, io.NewSectionReader(in, cuts[i], cuts[i+1]-cuts[i]), f) })
	}
	all.Wait()
	return errors.Join(errs...)
}

// sectionStart is the place at or behind off where the file can be cut without splitting a character.
func sectionStart(src *Source, in *os.File, off int64) (int64, error) {
	b := make([]byte, blockBytes)
	n, err := in.ReadAt(b, off)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, readError(src, err)
	}
	return off + int64(safeCut(b[:n])), nil
}

func eachBlockOf(ctx context.Context, src *Source, in io.Reader, f func([]byte) bool) error {
	buf := make([]byte, min(blockBytes, sizeOf(src.Path)+1))
	kept := 0
	for {
		if err := ctx.Err(); err != nil {
			return interrupted(src, err)
		}
		n, err := io.ReadFull(in, buf[kept:])
		isEnd := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !isEnd {
			return readError(src, err)
		}
		b := buf[:kept+n]
		cut := len(b)
		if !isEnd {
			cut = safeCut(b)
		}
		if !f(b[:cut]) || isEnd {
			return nil
		}
		kept = copy(buf, b[cut:])
	}
}

// safeCut is where b can be cut without splitting a character.
func safeCut(b []byte) int {
	if i := bytes.LastIndexByte(b, '\n'); i >= len(b)/2 {
		return i + 1
	}
	for i := len(b) - 1; i >= len(b)/2; i-- {
		if b[i] < '0' {
			return i + 1
		}
	}
	return len(b) // 64 KiB without blank or punctuation: not text anyway
}

func countBadUTF8(b []byte) int {
	bad := 0
	for len(b) > 0 {
		if i := indexNonASCII(b); i < 0 {
			return bad
		} else if i > 0 {
			b = b[i:]
		}
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			bad++
		}
		b = b[n:]
	}
	return bad
}

func readError(src *Source, err error) error {
	e := badFile(src, "文件读到一半出错，请检查磁盘后重试", err)
	return e
}

func emptyFile(src *Source) error {
	return badFile(src, "请重新导出；没有数据时也要保留首行列名", errors.New("文件是空的"))
}
