package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// soakSize says how long the soak lasts. CLAIMSAUDIT_SOAK_KILLS and so on set it; 0 leaves a part out.
type soakSize struct {
	seed                                uint64
	kills, disks, outages               int
	files, runs, daemons, readers, news int
}

// BenchmarkSoak prints the table of figures the README shows:
//
//	go test ./cmd/claimsaudit -run '^$' -bench Soak -benchtime 1x -timeout 3h
func BenchmarkSoak(b *testing.B) {
	size := soakSize{
		seed:  uint64(fromEnv(b, "SEED", int(time.Now().Unix()))),
		kills: fromEnv(b, "KILLS", 200), disks: fromEnv(b, "DISKS", 20), outages: fromEnv(b, "OUTAGES", 10),
		files: fromEnv(b, "FILES", 10000), runs: fromEnv(b, "FILE_RUNS", 40), daemons: fromEnv(b, "DAEMONS", 10),
		readers: fromEnv(b, "READERS", 50), news: fromEnv(b, "PUBLICATIONS", 20),
	}
	for b.Loop() {
		fmt.Printf("\nsoak: CLAIMSAUDIT_SOAK_SEED=%d\n", size.seed)
		soak(b, size, func(row soakRow) { fmt.Printf("%s  %s\n", time.Now().Format(time.TimeOnly), row) })
	}
}

// TestSoakInSmall is what the ordinary suite can bear of the soak; disks, days and readers have small tests of their own.
func TestSoakInSmall(t *testing.T) {
	soak(t, soakSize{seed: 1, kills: 1, files: 150, runs: 1, daemons: 1}, func(row soakRow) { t.Log(row) })
}

func fromEnv(tb testing.TB, name string, otherwise int) int {
	text := os.Getenv("CLAIMSAUDIT_SOAK_" + name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		tb.Fatalf("CLAIMSAUDIT_SOAK_%s=%q: give a number", name, text)
	}
	return n
}

// soakRow is a line of the table.
type soakRow struct {
	what, asked, seen string
	faults            int
	took              time.Duration
}

func (r soakRow) String() string {
	return fmt.Sprintf("| %s | %s | %s | %d | %.0f s |", r.what, r.asked, r.seen, r.faults, r.took.Seconds())
}

// soak does every part that has a size and prints the table at the end.
func soak(tb testing.TB, size soakSize, tell func(soakRow)) {
	var rows []soakRow
	for _, part := range []struct {
		n   int
		run func(testing.TB, soakSize) soakRow
	}{
		{size.kills, soakKills}, {size.disks, soakDisks}, {size.outages, soakDays}, {size.files, soakFiles},
		{size.runs, soakFileRuns}, {size.daemons, soakDaemons}, {size.readers, soakReaders},
	} {
		if part.n == 0 {
			continue
		}
		start := time.Now()
		row := part.run(tb, size)
		row.took = time.Since(start)
		tell(row)
		rows = append(rows, row)
	}
	if _, isBenchmark := tb.(*testing.B); isBenchmark {
		fmt.Printf("\nseed %d, %d processors\n\n| what | how often | seen | faults | took |\n|---|---|---|---|---|\n", size.seed, runtime.GOMAXPROCS(0))
		for _, row := range rows {
			fmt.Println(row)
		}
	}
}

// chance is the random numbers of one trial: the same seed makes the same trials, in whatever order they are done.
func (size soakSize) chance(part string, trial int) *rand.Rand {
	mixed := uint64(trial)
	for _, c := range part {
		mixed = mixed*1099511628211 + uint64(c)
	}
	return rand.New(rand.NewPCG(size.seed, mixed))
}

// attempt is the testing.TB of one trial among thousands: what it makes is removed when it is over, and what it finds
// does not end the soak.
type attempt struct {
	testing.TB
	mu       sync.Mutex
	dir      string
	dirs     int
	cleanups []func()
	faults   []string
}

// try does one trial and returns how many faults it found, which are reported with the trial's name. What a faulty
// trial has made stays where it is, for a look.
func try(tb testing.TB, name string, f func(testing.TB)) (faults int) {
	tb.Helper()
	dir, err := os.MkdirTemp("", "claimsaudit-soak-")
	if err != nil {
		tb.Fatal(err)
	}
	a := &attempt{TB: tb, dir: dir}
	over := make(chan struct{})
	go func() {
		defer close(over)
		defer a.tidy()
		defer func() {
			if p := recover(); p != nil {
				a.Errorf("panic: %v\n%s", p, debug.Stack())
			}
		}()
		f(a)
	}()
	<-over
	if len(a.faults) == 0 {
		_ = os.RemoveAll(dir) // in the temporary folder
		return 0
	}
	tb.Errorf("%s (kept in %s):\n%s", name, dir, strings.Join(a.faults, "\n"))
	if _, isBenchmark := tb.(*testing.B); isBenchmark { // a benchmark says so only at its end
		fmt.Printf("FAULT %s (kept in %s):\n%s\n", name, dir, strings.Join(a.faults, "\n"))
	}
	return len(a.faults)
}

func (a *attempt) tidy() {
	for _, f := range slices.Backward(a.cleanups) {
		f()
	}
}

func (a *attempt) Cleanup(f func())         { a.cleanups = append(a.cleanups, f) }
func (a *attempt) Context() context.Context { return context.Background() }
func (a *attempt) Logf(string, ...any)      {}
func (a *attempt) Log(...any)               {}

func (a *attempt) TempDir() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.dirs++
	dir := filepath.Join(a.dir, strconv.Itoa(a.dirs))
	if err := os.Mkdir(dir, 0o700); err != nil {
		a.TB.Fatal(err)
	}
	return dir
}

func (a *attempt) Errorf(format string, args ...any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.faults = append(a.faults, fmt.Sprintf(format, args...))
}
func (a *attempt) Error(args ...any)                 { a.Errorf("%s", fmt.Sprint(args...)) }
func (a *attempt) Fatal(args ...any)                 { a.Error(args...); runtime.Goexit() }
func (a *attempt) Fatalf(format string, args ...any) { a.Errorf(format, args...); runtime.Goexit() }
func (a *attempt) Fail()                             { a.Errorf("failed") }
func (a *attempt) FailNow()                          { a.Fail(); runtime.Goexit() }
func (a *attempt) Failed() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.faults) > 0
}

// tallies shows what was counted, most frequent first.
func tallies(counts map[string]int) string {
	var names []string
	for name := range counts {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if counts[a] != counts[b] {
			return counts[b] - counts[a]
		}
		return strings.Compare(a, b)
	})
	for i, name := range names {
		names[i] = fmt.Sprintf("%s %d", name, counts[name])
	}
	return strings.Join(names, ", ")
}
