package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"claimsaudit/pipeline"
)

// chunkLines is the number of fee lines made at a time. Each chunk has its own
// seed, so two goroutines can work ahead of the one that writes, and the bytes
// do not depend on who was faster.
const chunkLines = 20000

// makers is the number of goroutines that make chunks.
const makers = 2

// The streams of a load-test delivery, in the order of chunk.bufs.
const (
	feeLines = iota
	settlements
	inventories
	prescriptions
	payments
	streams
)

var streamFeeds = [streams]string{"fee_line", "settlement", "inventory", "prescription", "mobile_payment"}

// chunk is the rows of chunkLines fee lines and of what belongs to them.
type chunk struct {
	bufs [streams][]byte
	rows [streams]int64
}

// writeLoad writes a load-test delivery of exactly opt.lines fee lines.
func writeLoad(opt options, stdout io.Writer) error {
	if err := os.MkdirAll(opt.out, 0o755); err != nil {
		return cannotWrite(opt.out, err)
	}
	d, err := newDistrict(opt)
	if err != nil {
		return err
	}
	for feed, rows := range map[string][][]string{"practitioner_status": d.statusRows(), "institution": d.institutionRows()} {
		if err := writeRows(opt, feed, rows); err != nil {
			return err
		}
		fmt.Fprintf(stdout, "%s: %d rows\n", fileName(opt, feed), len(rows))
	}
	rows, err := d.stream(opt)
	if err != nil {
		return err
	}
	for i, feed := range streamFeeds {
		fmt.Fprintf(stdout, "%s: %d rows\n", fileName(opt, feed), rows[i])
	}
	return nil
}

// stream makes the chunks and writes them in order; it returns the rows of each stream.
func (d *district) stream(opt options) (rows [streams]int64, err error) {
	var outs [streams]*output
	for i, feed := range streamFeeds {
		if outs[i], err = create(opt, feed); err != nil {
			return rows, err
		}
		defer outs[i].file.Close()
	}
	purchases, n := d.purchases()
	rows[inventories] = n
	if err := outs[inventories].write(purchases); err != nil {
		return rows, err
	}
	chunks := int((opt.lines + chunkLines - 1) / chunkLines)
	var made, free [makers]chan *chunk
	done := make(chan struct{})
	defer close(done)
	for k := range makers {
		made[k], free[k] = make(chan *chunk, 2), make(chan *chunk, 2)
		free[k] <- &chunk{}
		free[k] <- &chunk{}
		go d.make(k, chunks, made[k], free[k], done)
	}
	for i := range chunks {
		c := <-made[i%makers]
		for s := range outs {
			if err := outs[s].write(c.bufs[s]); err != nil {
				return rows, err
			}
			rows[s] += c.rows[s]
		}
		free[i%makers] <- c
	}
	for _, o := range outs {
		if err := o.close(); err != nil {
			return rows, err
		}
	}
	return rows, nil
}

// make makes every makers-th chunk from k on, until all are made or done is closed.
func (d *district) make(k, chunks int, made chan<- *chunk, free <-chan *chunk, done <-chan struct{}) {
	for i := k; i < chunks; i += makers {
		select {
		case c := <-free:
			d.fill(c, i)
			made <- c // never blocks: there are as many places as chunks
		case <-done:
			return
		}
	}
}

// output is one file being written.
type output struct {
	file *os.File
	buf  *bufio.Writer
}

func fileName(opt options, feed string) string {
	return fmt.Sprintf("%s_%s_%s.csv", feed, region, strings.ReplaceAll(opt.month.String(), "-", ""))
}

// create opens the file of a feed and writes its header.
func create(opt options, feed string) (*output, error) {
	f, err := os.Create(filepath.Join(opt.out, fileName(opt, feed)))
	if err != nil {
		return nil, cannotWrite(opt.out, err)
	}
	o := &output{f, bufio.NewWriterSize(f, 1<<20)}
	var names []string
	for _, c := range pipeline.FeedNamed(feed).Columns {
		names = append(names, c.Name)
	}
	return o, o.write([]byte(strings.Join(names, ",") + "\n"))
}

func (o *output) write(data []byte) error {
	if _, err := o.buf.Write(data); err != nil {
		return cannotWrite(o.file.Name(), err)
	}
	return nil
}

func (o *output) close() error {
	if err := o.buf.Flush(); err != nil {
		return cannotWrite(o.file.Name(), err)
	}
	if err := o.file.Close(); err != nil {
		return cannotWrite(o.file.Name(), err)
	}
	return nil
}

// writeRows writes a small feed at once; no value needs quoting.
func writeRows(opt options, feed string, rows [][]string) error {
	o, err := create(opt, feed)
	if err != nil {
		return err
	}
	defer o.file.Close()
	for _, r := range rows {
		if err := o.write([]byte(strings.Join(r, ",") + "\n")); err != nil {
			return err
		}
	}
	return o.close()
}
