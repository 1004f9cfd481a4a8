package warehouse

import (
	"context"
	"path/filepath"
	"testing"
)

// A rebuild publishes after every month it relives and computes the next one with the same database: on as many threads.
func TestPublishingGivesItsThreadsBack(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	db := opened(t, Options{Path: filepath.Join(dir, "w.duckdb"), TempDir: dir, MemoryLimitMB: 200, Threads: 3, Key: []byte("key")})
	tidied, err := db.BuildMart(ctx, filepath.Join(dir, "p.duckdb"))
	if err != nil {
		t.Fatal(err)
	}
	if err := tidied(); err != nil {
		t.Fatal(err)
	}
	var threads int64
	if err := db.Row(ctx, "SELECT current_setting('threads')", []any{&threads}); err != nil || threads != 3 {
		t.Errorf("%d threads, %v", threads, err)
	}
}
