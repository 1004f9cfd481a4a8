package decode

import (
	"claimsaudit/pipeline"
	"context"
	"os"
	"syscall"
	"testing"
	"time"
)

func TestZZ(t *testing.T) {
	p := os.Getenv("ZZ")
	if p == "" {
		t.Skip()
	}
	t0 := time.Now()
	r, err := Open(context.Background(), Source{Path: p, Name: "fee_line.csv", Feed: pipeline.FeedNamed("fee_line"), Reject: func(x pipeline.RejectedRow) error { t.Log(x); return nil }})
	if err != nil {
		t.Fatal(err)
	}
	t.Log("open", time.Since(t0))
	n := int64(0)
	k := 0
	for r.Next() {
		n += r.Record().NumRows()
		k++
	}
	t.Log(r.Err(), n, k, r.Info())
	r.Release()
	var u syscall.Rusage
	syscall.Getrusage(0, &u)
	t.Log(time.Since(t0), "user", time.Duration(u.Utime.Nano()), "sys", time.Duration(u.Stime.Nano()), "rss", u.Maxrss/1024, "left", r.alloc.AllocatedBytes())
}
