package decode

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"sync/atomic"

	"claimsaudit/pipeline"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory/mallocator"
)

// job is a stretch of the file on its way through the workers.
type job struct {
	raw     []byte    // text path: whole records, as in the file
	line    int64     // physical line at which raw begins
	recs    []recSpan // records of raw if it holds quotes, else nil: one a line
	records []arrow.Record
	rejects []pipeline.RejectedRow
	read    pipeline.Tally
	bytes   int64 // of the file, for Progress
	err     error
	done    chan struct{} // closed when the fields above are final
}

// Reader streams the batches of one file. It implements array.RecordReader:
// Record is valid until the next call of Next, and each record is handed out
// once. Next, Record, Err and Info belong to one goroutine.
type Reader struct {
	refs    atomic.Int64
	src     Source
	plan    *plan
	alloc   *mallocator.Mallocator
	info    Info
	order   chan *job // every job, in file order
	work    chan *job // the same jobs, for the workers
	cancel  context.CancelFunc
	ctx     context.Context // ends when the caller's ends or on Close
	running sync.WaitGroup
	closers []io.Closer
	buffers sync.Pool // of *[]byte, chunk buffers

	ready []arrow.Record // of the job delivered last, not handed out yet
	cur   arrow.Record
	err   error
	ended bool
}

func newReader(ctx context.Context, src Source, p *plan, workers int) *Reader {
	r := &Reader{src: src, plan: p, alloc: mallocator.NewMallocator()}
	r.refs.Store(1)
	r.ctx, r.cancel = context.WithCancel(ctx)
	r.order = make(chan *job, workers+1)
	r.work = make(chan *job, workers+1)
	return r
}

func (s *Source) workers() int {
	if s.Workers > 0 {
		return s.Workers
	}
	return runtime.GOMAXPROCS(0)
}

// produce runs f in the background; f sends jobs with send and its error ends
// the stream.
func (r *Reader) produce(f func() error) {
	r.running.Add(1)
	go func() {
		defer r.running.Done()
		defer close(r.order)
		defer close(r.work)
		if err := guard(&r.src, f); err != nil {
			j := &job{err: err, done: make(chan struct{})}
			close(j.done)
			select {
			case r.order <- j:
			case <-r.ctx.Done():
			}
		}
	}()
}

// guard runs a part of the decoding. A file that makes it panic is a bad file: the process must live on, in which other
// files wait, and the file must not come back every night.
func guard(src *Source, f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = badFile(src, "请重新导出或换一种格式报送；仍然如此时，把这个文件和这条信息交给程序维护人员", fmt.Errorf("无法解析：%v", p))
		}
	}()
	return f()
}

// send queues a job, to be parsed unless it is final already.
func (r *Reader) send(j *job, final bool) error {
	if final {
		close(j.done)
	}
	select {
	case r.order <- j:
	case <-r.ctx.Done():
		j.release()
		return r.ctx.Err()
	}
	if final {
		return nil
	}
	select {
	case r.work <- j:
		return nil
	case <-r.ctx.Done():
		close(j.done) // nobody will
		return r.ctx.Err()
	}
}

func (j *job) release() {
	for _, rec := range j.records {
		rec.Release()
	}
	j.records = nil
}

// Next moves to the next batch and reports whether there is one. The rejected
// rows of a stretch of the file are delivered before its batches.
func (r *Reader) Next() bool {
	if r.cur != nil {
		r.cur.Release()
		r.cur = nil
	}
	for !r.ended {
		if len(r.ready) > 0 {
			r.cur, r.ready = r.ready[0], r.ready[1:]
			return true
		}
		j, err := r.take()
		if err == nil && j != nil {
			err = r.deliver(j)
		}
		if err != nil {
			r.err = err
		}
		if err != nil || j == nil {
			r.Close()
		}
	}
	return false
}

// take waits for the next job in file order; nil is the end of the file.
func (r *Reader) take() (*job, error) {
	var j *job
	var ok bool
	select {
	case j, ok = <-r.order:
	case <-r.ctx.Done():
		return nil, interrupted(&r.src, r.ctx.Err())
	}
	if !ok {
		if r.ctx.Err() != nil {
			return nil, interrupted(&r.src, r.ctx.Err())
		}
		return nil, nil
	}
	<-j.done
	return j, nil
}

func (r *Reader) deliver(j *job) error {
	r.ready = j.records
	if j.err != nil {
		if errors.Is(j.err, context.Canceled) || errors.Is(j.err, context.DeadlineExceeded) {
			return interrupted(&r.src, j.err)
		}
		return j.err
	}
	r.info.Read = r.info.Read.Add(j.read)
	for _, row := range j.rejects {
		r.info.Rejected = r.info.Rejected.Add(pipeline.Tally{Rows: 1, Cents: row.Cents})
		if r.src.Reject == nil {
			continue
		}
		if err := r.src.Reject(row); err != nil {
			return err
		}
	}
	if r.src.Progress != nil && j.bytes > 0 {
		r.src.Progress(j.bytes)
	}
	return nil
}

func interrupted(src *Source, err error) error {
	return &pipeline.Error{Kind: pipeline.KindInterrupted, Op: "decode " + src.Feed.Name, Where: src.Name,
		Hint: "读取被中断，重新运行即可", Err: err}
}

// Close stops the workers and frees what was not handed out. It may be called
// at any time and more than once; Next ends in it.
func (r *Reader) Close() {
	if r.ended {
		return
	}
	r.ended = true
	r.cancel()
	for _, rec := range r.ready {
		rec.Release()
	}
	r.ready = nil
	for j := range r.order {
		<-j.done
		j.release()
	}
	r.running.Wait()
	for _, c := range r.closers {
		_ = c.Close() // opened for reading only
	}
}

// Retain adds a reference.
func (r *Reader) Retain() { r.refs.Add(1) }

// Release drops a reference; the last one closes the reader and frees the
// current record.
func (r *Reader) Release() {
	if r.refs.Add(-1) != 0 {
		return
	}
	r.Close()
	if r.cur != nil {
		r.cur.Release()
		r.cur = nil
	}
}

// Schema is the shape of every record.
func (r *Reader) Schema() *arrow.Schema { return r.plan.schema }

// Record is the current batch; it is released by the next call of Next.
func (r *Reader) Record() arrow.Record { return r.cur }

// Err says why Next returned false, nil at the end of the file.
func (r *Reader) Err() error { return r.err }

// Info is what the file turned out to be; the tallies are complete once Next
// has returned false.
func (r *Reader) Info() Info { return r.info }
