package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"claimsaudit/configs"
	"claimsaudit/pipeline"
	"claimsaudit/pipeline/decode"
	"claimsaudit/pipeline/intake"
	"claimsaudit/pipeline/warehouse"

	"github.com/apache/arrow/go/v17/arrow/array"
)

const filesOfARun = 50

// readings counts what became of mutants.
type readings struct {
	mu                      sync.Mutex
	read, refused, caught   int
	rows, accepted, rejects int64
}

// soakFiles reads mutated files up to their batches, each in a place of its own; those of the whole runs are on top.
func soakFiles(tb testing.TB, size soakSize) soakRow {
	all, config := specimens(tb), builtIn(tb)
	n := max(0, size.files-size.runs*filesOfARun)
	var seen readings
	var next, faults atomic.Int64
	var workers sync.WaitGroup
	for range 2 {
		workers.Go(func() {
			for i := int(next.Add(1)); i <= n; i = int(next.Add(1)) {
				var how, name string
				faults.Add(int64(try(tb, fmt.Sprintf("file %d of seed %d", i, size.seed), func(tb testing.TB) {
					m := mutate(tb, size.chance("file", i), all, i)
					how, name = m.how, m.name
					seen.read1(tb, config, m)
					if tb.Failed() {
						tb.Errorf("%s: %s", name, how)
					}
				})))
			}
		})
	}
	workers.Wait()
	return soakRow{what: "mutated files of every feed, read", asked: fmt.Sprintf("%d files", n), faults: int(faults.Load()),
		seen: fmt.Sprintf("0 panics; %d read: %d rows = %d accepted + %d rejected; %d refused with a reason (%d where a reading library gave up)",
			seen.read, seen.rows, seen.accepted, seen.rejects, seen.refused, seen.caught)}
}

func builtIn(tb testing.TB) *configs.Config {
	tb.Helper()
	config, err := configs.Load("", false, nil, configs.Overrides{})
	if err != nil {
		tb.Fatal(err)
	}
	return config
}

// read1 does with one file what a run does before the database.
func (seen *readings) read1(tb testing.TB, config *configs.Config, m mutant) {
	tb.Helper()
	dir := tb.TempDir()
	path := filepath.Join(dir, m.name)
	if err := os.WriteFile(path, m.content, 0o600); err != nil {
		tb.Fatal(err)
	}
	ctx := context.Background()
	d := intake.Delivery{Path: m.name, Abs: path, Name: m.name, Size: int64(len(m.content)), Feed: pipeline.FeedOf(m.name)}
	contents, cleanup, err := intake.Expand(ctx, d, filepath.Join(dir, "tmp"), intake.Limits{MemberName: decode.FileName})
	defer cleanup()
	if err != nil {
		seen.refuse(tb, err)
		return
	}
	for _, member := range contents.Members {
		accepted, rejected, info, err := readMember(ctx, config, member)
		if err != nil {
			seen.refuse(tb, err)
			continue
		}
		if accepted.Add(rejected) != info.Read || rejected != info.Rejected {
			tb.Errorf("read %+v, accepted %+v, rejected %+v, told to be rejected %+v", info.Read, accepted, rejected, info.Rejected)
		}
		seen.mu.Lock()
		seen.read++
		seen.rows, seen.accepted, seen.rejects = seen.rows+info.Read.Rows, seen.accepted+accepted.Rows, seen.rejects+rejected.Rows
		seen.mu.Unlock()
	}
}

// refuse wants a reason and what to do, in the words of a bad file.
func (seen *readings) refuse(tb testing.TB, err error) {
	tb.Helper()
	var ours *pipeline.Error
	if !errors.As(err, &ours) || ours.Kind != pipeline.KindBadFile || ours.Hint == "" || ours.Err == nil {
		tb.Errorf("refused without a proper reason: %v", err)
	}
	seen.mu.Lock()
	defer seen.mu.Unlock()
	if seen.refused++; strings.Contains(err.Error(), "无法解析：") {
		seen.caught++
	}
}

func readMember(ctx context.Context, config *configs.Config, m intake.Member) (accepted, rejected pipeline.Tally, info decode.Info, err error) {
	reader, err := decode.Open(ctx, decode.Source{Path: m.Path, Name: m.Name, Feed: m.Feed, Layout: &config.Layout, FileID: 1,
		Reject: func(row pipeline.RejectedRow) error {
			if row.Reason == "" {
				return fmt.Errorf("line %d is rejected without a reason", row.LineNo)
			}
			rejected = rejected.Add(pipeline.Tally{Rows: 1, Cents: row.Cents})
			return nil
		}})
	if err != nil {
		return accepted, rejected, info, err
	}
	defer reader.Release()
	amount := -1
	if c, ok := m.Feed.Column(m.Feed.Amount); ok {
		amount = reader.Schema().FieldIndices(c.Stored())[0]
	}
	for reader.Next() {
		rec := reader.Record()
		accepted.Rows += rec.NumRows()
		for i := range int(rec.NumRows()) {
			if amount >= 0 && !rec.Column(amount).IsNull(i) {
				accepted.Cents += rec.Column(amount).(*array.Int64).Value(i)
			}
		}
	}
	return accepted, rejected, reader.Info(), reader.Err()
}

// inboxes counts what became of the files of whole runs.
type inboxes struct {
	files, loaded, noOps, refused int
	rows                          int64
	exits                         map[string]int
}

// soakFileRuns takes inboxes of mutated files in, judges and publishes them.
func soakFileRuns(tb testing.TB, size soakSize) soakRow {
	all := specimens(tb)
	seen, faults := inboxes{exits: map[string]int{}}, 0
	for i := range size.runs {
		faults += try(tb, fmt.Sprintf("inbox %d of seed %d", i, size.seed), func(tb testing.TB) { seen.takeIn(tb, size, all, i) })
	}
	return soakRow{what: "the same in whole runs, up to the publication", asked: fmt.Sprintf("%d files in %d runs", size.runs*filesOfARun, size.runs), faults: faults,
		seen: fmt.Sprintf("0 panics; %d files: %d loaded with %d rows, each found again, %d seen before, %d refused; exit codes: %s",
			seen.files, seen.loaded, seen.rows, seen.noOps, seen.refused, tallies(seen.exits))}
}

func (seen *inboxes) takeIn(tb testing.TB, size soakSize, all []specimen, no int) {
	tb.Helper()
	s, r := newSite(tb), size.chance("inbox", no)
	if err := os.CopyFS(s.inbox, os.DirFS(filepath.Join(firstMonth, "registry"))); err != nil {
		tb.Fatal(err)
	}
	for i := range filesOfARun {
		m := mutate(tb, r, all, i)
		s.write(tb, m.name, m.content)
	}
	given := len(contents(tb, s.inbox))
	args := []string{"run", "monthly", "--period", "2025-03", "--as-of", "2025-06-03"}
	code, log := watch(tb, s.child(tb, args...), nil)
	if code != 0 && code != 3 && code != 4 || strings.Contains(log, "panic") {
		tb.Fatalf("exit %d\n%s", code, log)
	}
	seen.exits[fmt.Sprint(code)]++
	if left := contents(tb, s.inbox); len(left) > 0 {
		tb.Errorf("left in the inbox: %v", left)
	}
	loaded, noOps, refused := deliveries(tb, s)
	if loaded+noOps+refused != given {
		tb.Errorf("%d files were given; %d loaded, %d seen before, %d refused", given, loaded, noOps, refused)
	}
	_, rows := s.accounted(tb)
	seen.files, seen.loaded, seen.noOps, seen.refused = seen.files+given, seen.loaded+loaded, seen.noOps+noOps, seen.refused+refused
	seen.rows += rows
	if code, log := watch(tb, s.child(tb, args...), nil); code != 0 { // what a gate stopped is done, and nothing is new
		tb.Errorf("again: exit %d\n%s", code, log)
	}
	s.must(tb, 0, "verify")
}

// deliveries counts the outcomes in the ledger; a refused one has its reason there.
func deliveries(tb testing.TB, s *site) (loaded, noOps, refused int) {
	tb.Helper()
	db, err := warehouse.OpenReadOnly(context.Background(), filepath.Join(s.data, "warehouse.duckdb"))
	if err != nil {
		tb.Fatal(err)
	}
	defer db.Close()
	if err := db.Query(context.Background(), func(rows *sql.Rows) error {
		var path, outcome string
		var reason sql.NullString
		if err := rows.Scan(&path, &outcome, &reason); err != nil {
			return err
		}
		switch outcome {
		case "loaded":
			loaded++
		case "no-op":
			noOps++
		case "refused":
			if refused++; reason.String == "" {
				tb.Errorf("%s was refused without a reason", path)
			}
		default:
			tb.Errorf("%s: %s", path, outcome)
		}
		return nil
	}, "SELECT path, outcome, reason FROM meta.delivery"); err != nil {
		tb.Fatal(err)
	}
	return loaded, noOps, refused
}
