package decode

import (
	"context"
	"testing"

	"claimsaudit/pipeline"
)

// A panic in the background is a bad file, in whose place the next one is read; the process lives on.
func TestPanicIsABadFile(t *testing.T) {
	src := source(t, "institution", "institution.csv", []byte("fixmedins_code\n"))
	r := newReader(context.Background(), src, &plan{}, 1)
	r.produce(func() error { panic("a fault of the library") })
	if r.Next() || pipeline.KindOf(r.Err()) != pipeline.KindBadFile || r.Err() == nil || pipeline.HintOf(r.Err()) == "" {
		t.Errorf("producer: %v", r.Err())
	}
	r.Release()

	src.Layout = nil // a fault of the caller
	if _, err := Open(context.Background(), src); pipeline.KindOf(err) != pipeline.KindBadFile {
		t.Errorf("header: %v", err)
	}
}
