package decode

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
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
	isValid := true
	err := eachBlock(ctx, src, f, func(b []byte) bool {
		isValid = utf8.Valid(b)
		return isValid
	})
	if err != nil || isValid {
		return encoding{name: encUTF8, valid: isValid}, err
	}
	badGB, badUTF8 := 0, 0
	table := newGBTable()
	err = eachBlock(ctx, src, f, func(b []byte) bool { badGB += table.countBad(b); return true })
	if err != nil || badGB == 0 {
		return encoding{name: encGB}, err
	}
	err = eachBlock(ctx, src, f, func(b []byte) bool {
		badUTF8 += countBadUTF8(b)
		return badUTF8 <= badGB
	})
	if badUTF8 <= badGB {
		return encoding{name: encUTF8}, err
	}
	return encoding{name: encGB}, err
}

// eachBlock hands out the file in blocks until f returns false. A block ends
// behind a byte that is part of a longer character in neither encoding.
func eachBlock(ctx context.Context, src *Source, in *os.File, f func([]byte) bool) error {
	buf := make([]byte, min(128<<10, sizeOf(src.Path)+1)) // stays in the cache
	kept, off := 0, int64(0)
	for {
		if err := ctx.Err(); err != nil {
			return interrupted(src, err)
		}
		n, err := in.ReadAt(buf[kept:], off)
		off += int64(n)
		isEnd := errors.Is(err, io.EOF)
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
