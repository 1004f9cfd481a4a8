package decode

import (
	"unsafe"

	"claimsaudit/pipeline"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// column gathers the values of one batch. A row that turns out to be rejected
// is taken back simply by writing the next one over it: put and null truncate
// to the row first.
type column struct {
	kind    pipeline.Type
	i64     []int64
	i32     []int32
	offsets []int32 // text: row i is data[offsets[i]:offsets[i+1]]
	data    []byte
	nulls   []int32 // rows without a value, ascending
}

func newColumn(t pipeline.Type) column { return column{kind: t, offsets: []int32{0}} }

func (c *column) putText(row int, v []byte) {
	start := c.offsets[row]
	c.data = append(c.data[:start], v...)
	c.offsets = append(c.offsets[:row+1], int32(len(c.data)))
}

func (c *column) put64(row int, v int64) { c.i64 = append(c.i64[:row], v) }
func (c *column) put32(row int, v int32) { c.i32 = append(c.i32[:row], v) }

// putNull records that the row has no value.
func (c *column) putNull(row int) {
	c.nulls = append(c.nulls, int32(row))
	switch c.kind {
	case pipeline.Cents, pipeline.Quantity, pipeline.Price, pipeline.Time:
		c.put64(row, 0)
	case pipeline.Int, pipeline.Date:
		c.put32(row, 0)
	default:
		c.putText(row, nil)
	}
}

// isNull reports whether the row being written has no value.
func (c *column) isNull(row int) bool {
	n := len(c.nulls)
	return n > 0 && c.nulls[n-1] == int32(row)
}

// drop takes the null mark of a rejected row back.
func (c *column) drop(row int) {
	if c.isNull(row) {
		c.nulls = c.nulls[:len(c.nulls)-1]
	}
}

func (c *column) text(row int) []byte { return c.data[c.offsets[row]:] }

// size is how many bytes of a block the first n rows need at most.
func (c *column) size(n int) int {
	switch c.kind {
	case pipeline.Cents, pipeline.Quantity, pipeline.Price, pipeline.Time:
		return padded(n/8+1) + padded(8*n)
	case pipeline.Int, pipeline.Date:
		return padded(n/8+1) + padded(4*n)
	default:
		return padded(n/8+1) + padded(4*n+4) + padded(int(c.offsets[n])+1)
	}
}

// build copies the first n rows into an array whose buffers lie in the block,
// and empties the column.
func (c *column) build(t arrow.DataType, n int, b *block) arrow.Array {
	buffers := []*memory.Buffer{c.validity(n, b)}
	switch c.kind {
	case pipeline.Cents, pipeline.Quantity, pipeline.Price, pipeline.Time:
		buffers = append(buffers, copyOut(c.i64[:n], b))
	case pipeline.Int, pipeline.Date:
		buffers = append(buffers, copyOut(c.i32[:n], b))
	default:
		buffers = append(buffers, copyOut(c.offsets[:n+1], b), copyOut(c.data[:c.offsets[n]], b))
	}
	data := array.NewData(t, n, buffers, nil, len(c.nulls), 0)
	for _, b := range buffers {
		if b != nil {
			b.Release() // data holds its own reference
		}
	}
	out := array.MakeFromData(data)
	data.Release()
	c.nulls = c.nulls[:0]
	return out
}

// validity is the bitmap of the rows that have a value, nil if all do.
func (c *column) validity(n int, b *block) *memory.Buffer {
	if len(c.nulls) == 0 {
		return nil
	}
	out := b.take((n + 7) / 8)
	bitmap := out.Bytes()
	for i := range bitmap {
		bitmap[i] = 0xFF
	}
	for _, row := range c.nulls {
		bitmap[row/8] &^= 1 << (row % 8)
	}
	return out
}

// copyOut copies values into the block.
func copyOut[T int64 | int32 | byte](values []T, b *block) *memory.Buffer {
	if len(values) == 0 {
		return b.take(0)
	}
	size := len(values) * int(unsafe.Sizeof(values[0]))
	out := b.take(size)
	copy(out.Bytes(), unsafe.Slice((*byte)(unsafe.Pointer(&values[0])), size))
	return out
}

// block is one piece of memory outside Go's that all buffers of a batch share:
// one call of the allocator for each batch instead of some seventy.
type block struct {
	whole *memory.Buffer
	used  int
}

func newBlock(size int, alloc memory.Allocator) *block {
	b := &block{whole: memory.NewResizableBuffer(alloc)}
	b.whole.Resize(size)
	return b
}

// take is the next n bytes, with an address even for none of them.
func (b *block) take(n int) *memory.Buffer {
	out := memory.SliceBuffer(b.whole, b.used, n)
	b.used += padded(max(n, 1))
	return out
}

// padded rounds up to the alignment Arrow asks for.
func padded(n int) int { return (n + 63) &^ 63 }
