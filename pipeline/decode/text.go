package decode

import (
	"bytes"
	"context"
	"os"
	"unicode/utf8"
)

// openText opens a delimited text file.
func openText(ctx context.Context, src Source) (*Reader, error) {
	f, err := os.Open(src.Path)
	if err != nil {
		return nil, badFile(&src, "文件无法打开，请检查磁盘与权限后重试", err)
	}
	r, err := startText(ctx, src, f)
	if err != nil {
		_ = f.Close() // the first error is the one to tell
		return nil, err
	}
	return r, nil
}

func startText(ctx context.Context, src Source, f *os.File) (*Reader, error) {
	enc, err := detect(ctx, &src, f)
	if err != nil {
		return nil, err
	}
	var gb *gbTable
	if enc.name == encGB {
		gb = newGBTable()
	}
	head, err := readHeader(&src, f, enc, gb)
	if err != nil {
		return nil, err
	}
	p, err := newPlan(&src, head.names)
	if err != nil {
		return nil, err
	}
	n := src.workers()
	r := newReader(ctx, src, p, n)
	r.closers = append(r.closers, f)
	r.info = Info{Encoding: enc.name, Separator: string(head.sep), Header: head.names}
	if enc.bom > 0 && enc.name == encUTF8 {
		r.info.Encoding = encUTF8BOM
	}
	s := &splitter{r: r, in: f, off: head.end, line: head.lines + 1,
		scan: scanner{sep: head.sep, gb: gb != nil, limit: maxRecord}}
	r.produce(s.run)
	for range n {
		w := &textWorker{worker: newWorker(r), sep: head.sep, gb: gb, valid: enc.valid}
		r.running.Add(1)
		go func() {
			defer r.running.Done()
			for j := range r.work {
				if err := guard(&r.src, func() error { w.parse(j); return nil }); err != nil {
					j.err = err
				}
				r.recycle(j)
				close(j.done)
			}
		}()
	}
	return r, nil
}

// buffer is an empty chunk buffer, perhaps used before.
func (r *Reader) buffer() []byte {
	if b, ok := r.buffers.Get().(*[]byte); ok {
		return (*b)[:0]
	}
	return nil
}

func (r *Reader) recycle(j *job) {
	if b := j.raw; cap(b) >= r.src.chunkSize && cap(b) <= 2*r.src.chunkSize+maxRecord {
		r.buffers.Put(&b)
	}
	j.raw, j.recs = nil, nil
}

// textWorker parses chunks of a text file.
type textWorker struct {
	*worker
	sep     byte
	gb      *gbTable // nil: the file is UTF-8
	valid   bool     // the whole file is known to be valid UTF-8
	scratch []byte   // the record in UTF-8, if it had to be decoded or unquoted
	fields  []span

	hasNUL  bool // the chunk being parsed holds a NUL byte
	checked bool // and its text is valid UTF-8
}

func (w *textWorker) parse(j *job) {
	w.begin(j)
	w.hasNUL = bytes.IndexByte(j.raw, 0) >= 0
	w.checked = w.gb == nil && (w.valid || utf8.Valid(j.raw))
	if j.recs != nil {
		for _, s := range j.recs {
			w.record(j.line+int64(s.line), j.raw[s.a:s.b], s)
		}
	} else {
		rest, line := j.raw, j.line
		for len(rest) > 0 {
			rec := rest
			if i := bytes.IndexByte(rest, '\n'); i >= 0 {
				rec, rest = rest[:i], rest[i+1:]
			} else {
				rest = nil
			}
			w.record(line, rec, recSpan{})
			line++
		}
	}
	w.flush()
}

// record decodes one record, as in the file but for its line end.
func (w *textWorker) record(line int64, rec []byte, s recSpan) {
	if isBlank(rec) {
		return
	}
	if len(rec) > maxRecord && s.fault == noFault {
		s.fault, s.total = faultTooLong, int64(len(rec))
	}
	if n := len(rec); rec[n-1] == '\r' {
		rec = rec[:n-1]
	}
	if s.fault != noFault {
		total := max(s.total, int64(len(rec)))
		w.rejectRaw(line, s.fault, w.toUTF8(rec[:min(len(rec), maxRaw)]), total)
		return
	}
	text, bad := rec, false
	if w.gb != nil {
		text, bad = w.gb.decode(w.scratch[:0], rec)
		w.scratch = text
	} else if !w.checked && !utf8.Valid(rec) {
		text, bad = bytes.ToValidUTF8(rec, []byte("\uFFFD")), true
	}
	base := text
	if s.quoted {
		base = w.splitQuoted(text)
	} else {
		w.fields = splitPlain(text, w.sep, w.fields[:0])
	}
	row := rowText{line: line, base: base, raw: text, fields: w.fields, sep: w.sep}
	switch {
	case bad:
		w.reject(&row, problem{fault: faultEncoding})
	case w.hasNUL && bytes.IndexByte(text, 0) >= 0:
		w.reject(&row, problem{fault: faultNUL})
	case len(w.fields) != w.plan.width && !w.fits(&row):
		// rejected
	default:
		w.row(&row)
	}
}

// fits accepts a row whose surplus fields are all empty and rejects any other
// row with a wrong number of fields.
func (w *textWorker) fits(row *rowText) bool {
	n := len(row.fields)
	if n > w.plan.width {
		row.surplus = true
		for _, s := range row.fields[w.plan.width:] {
			if len(trim(row.base[s.a:s.b])) > 0 {
				w.reject(row, problem{fault: faultMoreFields, have: n})
				return false
			}
		}
		row.surplus = false
		return true
	}
	w.reject(row, problem{fault: faultFewerFields, have: n})
	return false
}

// toUTF8 decodes text of a record that is about to be rejected.
func (w *textWorker) toUTF8(rec []byte) []byte {
	if w.gb != nil {
		text, _ := w.gb.decode(nil, rec)
		return text
	}
	return bytes.ToValidUTF8(rec, []byte("\uFFFD"))
}

func isBlank(rec []byte) bool {
	for _, c := range rec {
		if c != ' ' && c != '\t' && c != '\r' {
			return false
		}
	}
	return true
}
