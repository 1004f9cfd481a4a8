package warehouse

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"claimsaudit/pipeline"
)

// A step that runs out of memory says which setting is too small.
func TestOutOfMemorySaysWhatToRaise(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(context.Background(), Options{Path: filepath.Join(dir, "w.duckdb"), TempDir: dir, MemoryLimitMB: 60, Threads: 1, Key: []byte("key")})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.exec(context.Background(), "CREATE TEMP TABLE much AS SELECT list(i) AS everything FROM range(20000000) r(i)")
	if hint := pipeline.HintOf(diskError("compute", "much", err)); err == nil || !strings.Contains(hint, "memory_limit_mb") {
		t.Errorf("hint %q of %v", hint, err)
	}
}
