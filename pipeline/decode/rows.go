package decode

import "os"

// maxPending is how many rejected rows may wait for delivery.
const maxPending = 1000

// rowSink takes rows one by one, types them and sends them off in batches. It
// serves the forms that are read by one goroutine.
type rowSink struct {
	w *worker
	r *Reader
}

func newRowSink(r *Reader) *rowSink {
	s := &rowSink{w: newWorker(r), r: r}
	s.w.begin(&job{done: make(chan struct{})})
	return s
}

// send delivers what is finished; bytes is what Progress is told.
func (s *rowSink) send(bytes int64) error {
	j := s.w.job
	j.bytes = bytes
	s.w.begin(&job{done: make(chan struct{})})
	return s.r.send(j, true)
}

// next is called between rows.
func (s *rowSink) next() error {
	if len(s.w.job.records) == 0 && len(s.w.job.rejects) < maxPending {
		return s.r.ctx.Err()
	}
	return s.send(0)
}

// finish delivers the rest.
func (s *rowSink) finish(bytes int64) error {
	s.w.flush()
	return s.send(bytes)
}

// cells gathers the fields of one row. Joined by TABs they are its raw text.
type cells struct {
	base    []byte
	fields  []span
	numeric []bool
}

func (c *cells) reset() { c.base, c.fields, c.numeric = c.base[:0], c.fields[:0], c.numeric[:0] }

// start begins the next field; its text is then appended to base.
func (c *cells) start() {
	if len(c.fields) > 0 {
		c.base = append(c.base, '\t')
	}
	c.fields = append(c.fields, span{int32(len(c.base)), int32(len(c.base))})
	c.numeric = append(c.numeric, false)
}

// end closes the field begun last.
func (c *cells) end(isNumber bool) {
	c.fields[len(c.fields)-1].b = int32(len(c.base))
	c.numeric[len(c.numeric)-1] = isNumber
}

func (c *cells) row(line int64) *rowText {
	return &rowText{line: line, base: c.base, raw: c.base, fields: c.fields, numeric: c.numeric, sep: '\t'}
}

// sizeOf is the length of the file, 0 if it cannot be told.
func sizeOf(path string) int64 {
	st, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return st.Size()
}
