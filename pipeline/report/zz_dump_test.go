package report

import (
	"context"
	"os"
	"path/filepath"
	"testing"
)

func TestDump(t *testing.T) {
	os.MkdirAll("/tmp/rep", 0o755)
	db := sampleMart(t)
	p, err := Monthly(context.Background(), db, "/tmp/rep", sampleMeta())
	t.Log(p, err)
	s, _ := loadSummary(context.Background(), db, sampleMeta())
	w, _ := os.Create(filepath.Join("/tmp/rep", "split.xlsx"))
	t.Log(writeBook(context.Background(), db, s, w, 3))
	w.Close()
	os.MkdirAll("/tmp/rep/empty", 0o755)
	m := sampleMeta()
	m.StatementNo = ""
	p, err = Monthly(context.Background(), openMart(t), "/tmp/rep/empty", m)
	t.Log(p, err)
}
