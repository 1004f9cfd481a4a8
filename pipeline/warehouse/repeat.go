package warehouse

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory/mallocator"
)

// rowKeyColumn is the place of row_key in every feed's batches.
const rowKeyColumn = 2

// keyWatcher passes batches through and collects the row keys that may stand in the file more than once, so that the
// database need not group millions of keys to find a handful. It may name a key too many, never one too few.
type keyWatcher struct {
	array.RecordReader
	bits  []uint64 // one bit a hash value; nil until the file is large
	few   []int64  // all keys while the file is small
	maybe []int64
	rows  int64           // since something was last sent to rest
	rest  chan<- struct{} // told every writeAlongRows
}

const writeAlongRows = 1 << 18

const (
	watchBits  = 1 << 29 // 64 MiB, whatever the size of the file
	watchFew   = 1 << 16
	watchMaybe = 1 << 22 // beyond it the file repeats itself so much that the database may as well group it
)

func (w *keyWatcher) Next() bool {
	if !w.RecordReader.Next() {
		return false
	}
	if w.rows += w.Record().NumRows(); w.rows >= writeAlongRows {
		w.rows = 0
		select {
		case w.rest <- struct{}{}:
		default: // the disk is at it
		}
	}
	for _, key := range w.Record().Column(rowKeyColumn).(*array.Int64).Int64Values() {
		if w.bits != nil {
			w.see(key)
			continue
		}
		if w.few = append(w.few, key); len(w.few) == watchFew {
			w.bits = make([]uint64, watchBits/64)
			for _, k := range w.few {
				w.see(k)
			}
			w.few = nil
		}
	}
	return true
}

func (w *keyWatcher) see(key int64) {
	slot, bit := uint64(key)%watchBits/64, uint64(1)<<(uint64(key)%64)
	if w.bits[slot]&bit != 0 && len(w.maybe) < watchMaybe {
		w.maybe = append(w.maybe, key)
	}
	w.bits[slot] |= bit
}

// repeats returns the keys that may repeat; known is false when there are too many to name.
func (w *keyWatcher) repeats() (keys []int64, known bool) {
	if w.bits != nil {
		return w.maybe, len(w.maybe) < watchMaybe
	}
	slices.Sort(w.few)
	for i := 1; i < len(w.few); i++ {
		if w.few[i] == w.few[i-1] {
			keys = append(keys, w.few[i])
		}
	}
	return keys, true
}

var keySchema = arrow.NewSchema([]arrow.Field{{Name: "row_key", Type: arrow.PrimitiveTypes.Int64}}, nil)

// keyReader hands keys to DuckDB, each batch once.
type keyReader struct {
	keys []int64
	rec  arrow.Record
	refs int
}

func (r *keyReader) Retain()               { r.refs++ }
func (r *keyReader) Schema() *arrow.Schema { return keySchema }
func (r *keyReader) Record() arrow.Record  { return r.rec }
func (r *keyReader) Err() error            { return nil }

func (r *keyReader) Release() {
	if r.refs--; r.refs == 0 {
		r.drop()
	}
}

func (r *keyReader) drop() {
	if r.rec != nil {
		r.rec.Release()
		r.rec = nil
	}
}

func (r *keyReader) Next() bool {
	r.drop()
	n := min(len(r.keys), 1<<16)
	if n == 0 {
		return false
	}
	b := array.NewRecordBuilder(mallocator.NewMallocator(), keySchema)
	defer b.Release()
	b.Field(0).(*array.Int64Builder).AppendValues(r.keys[:n], nil)
	r.keys, r.rec = r.keys[n:], b.NewRecord()
	return true
}
