package decode

import (
	"bytes"
	"errors"
	"io"
)

// recSpan is one record of a chunk that holds quotes.
type recSpan struct {
	a, b   int32 // within the chunk, without the line feed
	line   int32 // line feeds of the chunk before it
	quoted bool  // it holds a quote character
	fault  fault // not ok: only the first physical line is meant
	total  int64 // of an overlong line: its length, when only the beginning was kept
}

type recordState uint8

const (
	recordOK   recordState = iota
	recordMore             // its end is not in the buffer yet
	recordBad              // malformed quoting; end and next are those of the first line
	recordLong             // its first line does not end within the limit
)

// scanner finds where records end. It looks at bytes as they are in the file:
// line feed, comma, TAB and quote are never part of a longer character in
// either encoding; | and ^ are in GB18030, so there it walks by characters.
type scanner struct {
	sep   byte
	gb    bool
	limit int
}

// next finds the record that begins at pos: its end without line feed, and
// where the following one begins. isEnd says that buf holds the rest of the file.
func (s *scanner) next(buf []byte, pos int, isEnd bool) (end, next int, st recordState) {
	end, next = len(buf), len(buf)
	if i := bytes.IndexByte(buf[pos:], '\n'); i >= 0 {
		end, next = pos+i, pos+i+1
	} else if len(buf)-pos > s.limit {
		return 0, 0, recordLong
	} else if !isEnd {
		return 0, 0, recordMore
	}
	if end-pos > s.limit || bytes.IndexByte(buf[pos:end], '"') < 0 {
		return end, next, recordOK // an overlong line is the worker's to refuse
	}
	e, n, st := s.quoted(buf, pos, isEnd)
	switch {
	case st == recordMore:
		return 0, 0, recordMore
	case st == recordBad || n > next && e-pos > s.limit:
		return end, next, recordBad
	}
	return e, n, recordOK
}

// quoted walks the fields of a record that holds a quote.
func (s *scanner) quoted(buf []byte, pos int, isEnd bool) (end, next int, st recordState) {
	lines := 0
	for i := pos; ; {
		if q := pastBlanks(buf, i, s.sep); q < len(buf) && buf[q] == '"' {
			i = q
			i, st = s.closing(buf, pos, i+1, isEnd, &lines)
			if st != recordOK {
				return 0, 0, st
			}
			i = pastBlanks(buf, i, s.sep)
			if i+1 < len(buf) && buf[i] == '\r' && buf[i+1] == '\n' || isEnd && i+1 == len(buf) && buf[i] == '\r' {
				i++
			}
			if !isEnd && (i == len(buf) || i+1 == len(buf) && buf[i] == '\r') {
				return 0, 0, recordMore
			}
			if i < len(buf) && buf[i] != s.sep && buf[i] != '\n' {
				return 0, 0, recordBad
			}
		} else {
			i = s.plainEnd(buf, i)
		}
		switch {
		case i < len(buf) && buf[i] == s.sep:
			i++
		case i < len(buf): // line feed
			return i, i + 1, recordOK
		case isEnd:
			return i, i, recordOK
		case i-pos > s.limit:
			return 0, 0, recordBad
		default:
			return 0, 0, recordMore
		}
	}
}

// closing finds the place behind the quote that closes a field whose content
// begins at i.
func (s *scanner) closing(buf []byte, pos, i int, isEnd bool, lines *int) (int, recordState) {
	window := buf[:min(len(buf), pos+s.limit+1)]
	for {
		q := -1
		if i < len(window) {
			q = bytes.IndexByte(window[i:], '"')
		}
		if q < 0 {
			if isEnd || len(window) > s.limit+pos {
				return 0, recordBad
			}
			return 0, recordMore
		}
		*lines += bytes.Count(window[i:i+q], []byte("\n"))
		if *lines > maxLines {
			return 0, recordBad
		}
		i += q + 1
		if i >= len(buf) && !isEnd {
			return 0, recordMore
		}
		if i < len(buf) && buf[i] == '"' {
			i++
			continue
		}
		return i, recordOK
	}
}

// plainEnd finds the separator or line feed that ends an unquoted field.
func (s *scanner) plainEnd(buf []byte, i int) int {
	walk := s.gb && (s.sep == '|' || s.sep == '^')
	for i < len(buf) && buf[i] != s.sep && buf[i] != '\n' {
		if walk && buf[i] >= 0x80 {
			i += gbLen(buf[i:])
		} else {
			i++
		}
	}
	return min(i, len(buf))
}

// splitter cuts the file into chunks of whole records and sends them off.
type splitter struct {
	r     *Reader
	in    io.ReaderAt
	off   int64 // of the next byte to read
	line  int64 // physical line on which the next record begins
	scan  scanner
	buf   []byte
	isEnd bool
}

func (s *splitter) run() error {
	for {
		if err := s.fill(); err != nil {
			return err
		}
		if len(s.buf) == 0 && s.isEnd {
			return nil
		}
		used, recs, st := s.cut()
		if st == recordLong {
			if err := s.long(); err != nil {
				return err
			}
			continue
		}
		if used == 0 { // a record larger than a chunk: read on
			continue
		}
		rest := append(s.r.buffer(), s.buf[used:]...)
		j := &job{raw: s.buf[:used], line: s.line, recs: recs, bytes: int64(used), done: make(chan struct{})}
		s.line += int64(bytes.Count(j.raw, []byte("\n")))
		s.buf = rest
		if err := s.r.send(j, false); err != nil {
			return err
		}
	}
}

// fill adds one chunk to the buffer.
func (s *splitter) fill() error {
	if s.isEnd {
		return nil
	}
	n, size := len(s.buf), s.r.src.chunkSize
	if cap(s.buf) < n+size {
		s.buf = append(make([]byte, 0, n+size+size/8), s.buf...)
	}
	s.buf = s.buf[:n+size]
	k, err := s.in.ReadAt(s.buf[n:], s.off)
	s.buf = s.buf[:n+k]
	s.off += int64(k)
	if errors.Is(err, io.EOF) {
		s.isEnd, err = true, nil
	}
	if err != nil {
		return readError(&s.r.src, err)
	}
	return nil
}

// cut decides how much of the buffer makes a chunk.
func (s *splitter) cut() (used int, recs []recSpan, st recordState) {
	if bytes.IndexByte(s.buf, '"') < 0 {
		if i := bytes.LastIndexByte(s.buf, '\n'); i >= 0 {
			return i + 1, nil, recordOK
		}
		if len(s.buf) > s.scan.limit {
			return 0, nil, recordLong
		}
		if s.isEnd {
			return len(s.buf), nil, recordOK
		}
		return 0, nil, recordMore
	}
	pos, line := 0, int32(0)
	for pos < len(s.buf) {
		end, next, st := s.scan.next(s.buf, pos, s.isEnd)
		if st == recordMore || st == recordLong {
			if pos > 0 {
				st = recordOK
			}
			return pos, recs, st
		}
		rec := recSpan{a: int32(pos), b: int32(end), line: line}
		if st == recordBad {
			rec.fault = faultQuote
		} else {
			rec.quoted = bytes.IndexByte(s.buf[pos:end], '"') >= 0
		}
		recs = append(recs, rec)
		line += int32(bytes.Count(s.buf[pos:next], []byte("\n")))
		pos = next
	}
	return pos, recs, recordOK
}

// long sends off the beginning of an overlong line as one faulty record and
// skips the rest of it.
func (s *splitter) long() error {
	total := int64(0)
	head := append([]byte(nil), s.buf[:min(len(s.buf), maxRaw)]...)
	for {
		if i := bytes.IndexByte(s.buf, '\n'); i >= 0 {
			total += int64(i)
			s.buf = append(s.buf[:0], s.buf[i+1:]...)
			break
		}
		total += int64(len(s.buf))
		s.buf = s.buf[:0]
		if s.isEnd {
			break
		}
		if err := s.fill(); err != nil {
			return err
		}
	}
	j := &job{raw: head, line: s.line, bytes: total, done: make(chan struct{}),
		recs: []recSpan{{b: int32(len(head)), fault: faultTooLong, total: total}}}
	s.line++
	return s.r.send(j, false)
}
