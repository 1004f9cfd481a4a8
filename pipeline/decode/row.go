package decode

import (
	"bytes"
	"encoding/binary"

	"claimsaudit/pipeline"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/zeebo/xxh3"
)

// rowText is one row as delivered, split into fields.
type rowText struct {
	line    int64
	base    []byte // text the fields lie in
	raw     []byte // the record in UTF-8
	fields  []span
	numeric []bool // of a workbook or Parquet file: the field is a number there; else nil
	sep     byte
	surplus bool // more fields than columns: which is which is not known
}

// field is the trimmed text of a file column, nil if the row is too short.
func (t *rowText) field(i int) []byte {
	if i < 0 || i >= len(t.fields) {
		return nil
	}
	return trim(t.base[t.fields[i].a:t.fields[i].b])
}

// worker types rows and gathers them into batches.
type worker struct {
	r       *Reader
	plan    *plan
	columns []column // one for each feed column
	aside   *column  // the columns set aside, joined; nil if the feed has none
	lines   []int64
	keys    []int64
	days    []dayCache // one for each feed column
	key     []byte     // scratch
	code    []byte     // scratch
	n       int        // rows in the batch
	data    int        // bytes of fields in the batch
	job     *job       // receives batches and rejected rows
}

func newWorker(r *Reader) *worker {
	w := &worker{r: r, plan: r.plan, days: make([]dayCache, len(r.plan.columns))}
	for i := range r.plan.columns {
		w.columns = append(w.columns, newColumn(r.plan.columns[i].Type))
		if r.plan.columns[i].Aside && w.aside == nil {
			c := newColumn(pipeline.Text)
			w.aside = &c
		}
	}
	return w
}

// begin directs batches and rejected rows to j.
func (w *worker) begin(j *job) { w.job = j }

// row types one row and adds it to the batch, or rejects it.
func (w *worker) row(t *rowText) {
	row := w.n
	for i := range w.plan.columns {
		pc := &w.plan.columns[i]
		var v []byte
		if pc.from >= 0 {
			s := t.fields[pc.from]
			if v = t.base[s.a:s.b]; len(v) > 0 && (isEdge[v[0]] || isEdge[v[len(v)-1]]) {
				v = trim(v)
			}
		}
		if isMissing(v) {
			if len(pc.fallback) == 0 {
				if pc.Required {
					w.reject(t, problem{fault: faultMissing, column: pc})
					return
				}
				w.columns[i].putNull(row)
				continue
			}
			v = pc.fallback
		} else if t.numeric != nil && t.numeric[pc.from] && (pc.Type == pipeline.ID || pc.Type == pipeline.PracCode) {
			w.reject(t, problem{fault: faultNumericID, column: pc})
			return
		}
		if f := w.value(i, row, v); f != noFault {
			w.reject(t, problem{fault: f, column: pc, value: v})
			return
		}
	}
	if p := w.crossCheck(row); p.fault != noFault {
		w.reject(t, p)
		return
	}
	if w.aside != nil && !w.putAside(row) {
		w.reject(t, problem{fault: faultControl})
		return
	}
	w.lines = append(w.lines[:row], t.line)
	w.keys = append(w.keys[:row], w.rowKey(row))
	w.job.read.Rows++
	if a := w.plan.amount; a >= 0 {
		w.job.read.Cents += w.columns[a].i64[row] // 0 where it is missing
	}
	w.n++
	w.data += len(t.raw)
	if w.n == maxBatchRows || w.data >= maxBatchData {
		w.flush()
	}
}

// putAside joins the row's values set aside. It is false if a value holds the separator, a control character that no
// text has.
func (w *worker) putAside(row int) bool {
	start := w.aside.offsets[row]
	data, n := w.aside.data[:start], 0
	for i := range w.plan.columns {
		if !w.plan.columns[i].Aside {
			continue
		}
		if n++; n > 1 {
			data = append(data, pipeline.AsideSeparator)
		}
		if !w.columns[i].isNull(row) {
			data = append(data, w.columns[i].text(row)...)
		}
	}
	w.aside.data = data
	w.aside.offsets = append(w.aside.offsets[:row+1], int32(len(data)))
	return bytes.Count(data[start:], []byte{pipeline.AsideSeparator}) == n-1
}

// value types one value into column i.
func (w *worker) value(i, row int, v []byte) fault {
	pc, c := &w.plan.columns[i], &w.columns[i]
	switch pc.Type {
	case pipeline.Text:
		c.putText(row, v)
	case pipeline.ID:
		if isNumberForm(v) {
			return faultIDForm
		}
		c.putText(row, v)
	case pipeline.Code:
		c.putText(row, pc.code(v))
	case pipeline.PracCode:
		if !isNormalCode(v) {
			w.code = normalCode(w.code[:0], v)
			v = w.code
		}
		c.putText(row, v)
	case pipeline.Enum:
		if !pc.allows(v) {
			if v = pc.code(v); !pc.allows(v) {
				return faultEnum
			}
		}
		c.putText(row, v)
	case pipeline.Cents:
		n, f := parseCents(v)
		c.put64(row, n)
		return f
	case pipeline.Quantity, pipeline.Price:
		n, f := parseDecimal(v, pc.scale)
		c.put64(row, n)
		return f
	case pipeline.Int:
		n, f := parseInt(v)
		c.put32(row, n)
		return f
	case pipeline.Time:
		days, seconds, f := w.days[i].parseTime(v)
		c.put64(row, (int64(days)*86400+int64(seconds))*1e6)
		return f
	case pipeline.Date:
		days, _, f := w.days[i].parseTime(v)
		c.put32(row, days)
		return f
	}
	return noFault
}

// rowKey hashes the key columns: each value ended by a byte that UTF-8 does not
// have, another one for a missing value.
func (w *worker) rowKey(row int) int64 {
	key := w.key[:0]
	for _, i := range w.plan.keys {
		c := &w.columns[i]
		switch {
		case c.isNull(row):
			key = append(key, 0xFE)
		case c.kind == pipeline.Date || c.kind == pipeline.Int:
			key = binary.LittleEndian.AppendUint32(key, uint32(c.i32[row]))
		case c.kind == pipeline.Time:
			key = binary.LittleEndian.AppendUint64(key, uint64(c.i64[row]))
		default:
			key = append(key, c.text(row)...)
			key = append(key, 0xFF)
		}
	}
	w.key = key
	return int64(xxh3.Hash(key))
}

// flush hands the batch to the job.
func (w *worker) flush() {
	n := w.n
	w.n, w.data = 0, 0
	if n == 0 {
		return
	}
	ids := make([]int32, n)
	for i := range ids {
		ids[i] = w.r.src.FileID
	}
	head := []column{{kind: pipeline.Int, i32: ids}, {kind: pipeline.Cents, i64: w.lines}, {kind: pipeline.Cents, i64: w.keys}}
	table := make([]*column, 0, len(head)+len(w.columns))
	for i := range head {
		table = append(table, &head[i])
	}
	for i := range w.columns {
		if w.plan.columns[i].Aside {
			w.columns[i].nulls = w.columns[i].nulls[:0]
			continue
		}
		table = append(table, &w.columns[i])
	}
	if w.aside != nil {
		table = append(table, w.aside)
	}
	size := 0
	for _, c := range table {
		size += c.size(n)
	}
	b := newBlock(size, w.r.alloc)
	arrays := make([]arrow.Array, 0, len(table))
	for i, c := range table {
		arrays = append(arrays, c.build(w.plan.schema.Field(i).Type, n, b))
	}
	b.whole.Release() // the arrays hold their own references
	w.job.records = append(w.job.records, array.NewRecord(w.plan.schema, arrays, int64(n)))
	for _, a := range arrays {
		a.Release() // the record holds its own reference
	}
}
