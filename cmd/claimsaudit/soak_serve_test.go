package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"claimsaudit/configs"
	"claimsaudit/jobs"
	"claimsaudit/pipeline"
	"claimsaudit/pipeline/warehouse"

	"github.com/rs/zerolog"
)

// soakDisks runs a month on disks of random size, from one that takes the first file to one that is nearly large enough.
func soakDisks(tb testing.TB, size soakSize) soakRow {
	other := newSite(tb)
	other.deliver(tb, firstMonth)
	other.must(tb, 0, firstArgs...)
	want := result(tb, other)
	full, enough, faults := 0, 0, 0
	for i := 0; full < size.disks && i < 10*size.disks; i++ {
		kb := 600 + size.chance("disk", i).IntN(26_000)
		faults += try(tb, fmt.Sprintf("disk of %d KB, seed %d", kb, size.seed), func(tb testing.TB) {
			if fillDisk(tb, kb, want) {
				full++
			} else {
				enough++
			}
		})
	}
	return soakRow{what: "disk full in the middle of a monthly run", asked: fmt.Sprintf("%d sizes", full), faults: faults,
		seen: fmt.Sprintf("each time exit 1 with reason and remedy, nothing half loaded, and the tables of an undisturbed run once there was room (%d more disks were large enough)", enough)}
}

// simulation is a daemon whose clock moves only when told.
type simulation struct {
	tb     testing.TB
	config *configs.Config
	now    time.Time
	daemon *jobs.Daemon
	steps  int // until the run under way is stopped, 0 for never
	stop   func()
}

// The simulation is a Progress, to have a hand in the middle of a run.
func (m *simulation) Start(string, int64) {
	if m.steps--; m.steps == 0 {
		m.stop()
	}
}
func (m *simulation) Add(int64) {}
func (m *simulation) Done()     {}

func (m *simulation) start() {
	m.tb.Helper()
	runner := &jobs.Runner{Config: m.config, Clock: func() time.Time { return m.now }, Log: zerolog.Nop(), Key: bytes.Repeat([]byte("k"), 32),
		Progress: m, Settle: func(context.Context) error { return nil }}
	d, err := runner.NewDaemon(context.Background(), jobs.ServeOptions{})
	if err != nil {
		m.tb.Fatal(err)
	}
	m.daemon = d
}

func (m *simulation) tick() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	m.stop = cancel
	m.daemon.Tick(ctx)
}

const simulatedDays = 30

// soakDays lets a daemon live thirty days with random outages, half of which begin in the middle of a run; every night
// there is something to take in.
func soakDays(tb testing.TB, size soakSize) soakRow {
	stopped, runs := 0, 0
	faults := try(tb, fmt.Sprintf("%d days of seed %d", simulatedDays, size.seed), func(tb testing.TB) {
		config, err := configs.Load("", false, nil, configs.Overrides{Data: filepath.Join(tb.TempDir(), "data"), Inbox: tb.TempDir()})
		if err != nil {
			tb.Fatal(err)
		}
		m := &simulation{tb: tb, config: config, now: time.Date(2025, 3, 20, 12, 0, 0, 0, pipeline.Shanghai)}
		m.live(size)
		stopped, runs = m.eachOnce(tb)
	})
	return soakRow{what: "simulated days of serve with outages", asked: fmt.Sprintf("%d days, %d outages", simulatedDays, size.outages), faults: faults,
		seen: fmt.Sprintf("%d days, Sundays and months due, each done once; %d runs stopped in the middle", runs, stopped)}
}

func (m *simulation) live(size soakSize) {
	m.tb.Helper()
	r := size.chance("days", 0)
	m.start()
	m.tick()
	if err := os.CopyFS(m.config.Settings.Inbox, os.DirFS("testdata/delivery/2025-03")); err != nil {
		m.tb.Fatal(err)
	}
	begins := map[int]bool{} // hours at which an outage begins
	for len(begins) < size.outages {
		hour := 1 + r.IntN(24*simulatedDays-1)
		if r.IntN(2) == 0 {
			hour = hour/24*24 + 14 // 02:00, when there is a run to be stopped
		}
		begins[hour] = true
	}
	for hour := 1; hour <= 24*simulatedDays; hour++ {
		m.now = m.now.Add(time.Hour)
		if m.now.Hour() == 1 {
			m.write(r)
		}
		if m.daemon == nil { // back after an outage
			m.start()
		}
		m.steps = 0
		if begins[hour] {
			m.steps = 1 + r.IntN(20)
		}
		m.tick()
		if !begins[hour] {
			continue
		}
		m.daemon.Close()
		m.daemon = nil
		for off := r.IntN(60); off > 0 && hour < 24*simulatedDays-2 && !begins[hour+1]; off-- {
			hour++
			m.now = m.now.Add(time.Hour)
		}
	}
	if m.daemon == nil {
		m.start()
	}
	m.steps = 0
	m.tick()
	m.daemon.Close()
}

// write delivers a late fee line.
func (m *simulation) write(r *rand.Rand) {
	m.tb.Helper()
	name := "fee_line_" + m.now.Format(time.DateOnly) + ".csv"
	row := feeHeader + fmt.Sprintf("S1,%d,2025-03-05,C1,05,1,1,%d.00\n", 100+r.IntN(1_000_000), r.IntN(5))
	if err := os.WriteFile(filepath.Join(m.config.Settings.Inbox, name), []byte(row), 0o600); err != nil {
		m.tb.Fatal(err)
	}
}

// eachOnce wants every day, Sunday and month done once, as of its own day.
func (m *simulation) eachOnce(tb testing.TB) (stopped, runs int) {
	tb.Helper()
	db, err := warehouse.OpenReadOnly(context.Background(), filepath.Join(m.config.Settings.Data, "warehouse.duckdb"))
	if err != nil {
		tb.Fatal(err)
	}
	defer db.Close()
	ledger, err := db.Runs(context.Background(), math.MaxInt32)
	if err != nil {
		tb.Fatal(err)
	}
	want := map[string]int{"monthly 2025-03 as of 2025-04-03": 1} // the third working day, a day before Qingming
	for day := time.Date(2025, 3, 21, 0, 0, 0, 0, pipeline.Shanghai); day.Before(m.now); day = day.AddDate(0, 0, 1) {
		want["nightly  as of "+day.Format(time.DateOnly)] = 1
		if day.Weekday() == time.Sunday {
			want["housekeeping  as of "+day.Format(time.DateOnly)] = 1
		}
	}
	got := map[string]int{}
	for _, run := range ledger {
		switch run.State {
		case "done":
			got[fmt.Sprintf("%s %s as of %s", run.Job, run.Period, run.AsOf.Format(time.DateOnly))]++
		case "interrupted":
			stopped++
		default:
			tb.Errorf("%s as of %s is %s: %s", run.Job, run.AsOf.Format(time.DateOnly), run.State, run.Error)
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		tb.Errorf("done:\n %v\nwant:\n %v", got, want)
	}
	return stopped, len(want)
}

// soakDaemons starts two daemons on one data directory at the same moment.
func soakDaemons(tb testing.TB, size soakSize) soakRow {
	faults := 0
	for i := range size.daemons {
		faults += try(tb, fmt.Sprintf("pair of daemons %d", i), twoDaemons)
	}
	return soakRow{what: "two daemons on one data directory, started at the same moment", asked: fmt.Sprintf("%d pairs", size.daemons), faults: faults,
		seen: "each time one serves, and the other ends with 11 and says who serves"}
}

func twoDaemons(tb testing.TB) {
	s := newSite(tb)
	s.config = filepath.Join(tb.TempDir(), "office.yaml")
	if err := os.WriteFile(s.config, []byte("listen: \"off\"\n"), 0o600); err != nil {
		tb.Fatal(err)
	}
	var daemons [2]*exec.Cmd
	var logs [2]bytes.Buffer
	ended := make(chan int, 2)
	for i := range daemons {
		daemons[i] = s.child(tb, "serve")
		daemons[i].Stderr, daemons[i].Stdout = &logs[i], io.Discard
		if err := daemons[i].Start(); err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() { _ = daemons[i].Process.Kill() }) // it may have ended
		go func() {
			_ = daemons[i].Wait() // the exit code says it
			ended <- i
		}()
	}
	var loser int
	select {
	case loser = <-ended:
	case <-time.After(time.Minute):
		tb.Fatal("both serve")
	}
	winner := 1 - loser
	text := logs[loser].String()
	if code := daemons[loser].ProcessState.ExitCode(); code != 11 || !strings.Contains(text, fmt.Sprintf("pid %d", daemons[winner].Process.Pid)) {
		tb.Errorf("the second daemon ends with %d\n%s", code, text)
	}
	if err := daemons[winner].Process.Signal(syscall.SIGTERM); err != nil {
		tb.Fatal(err)
	}
	<-ended
	if code := daemons[winner].ProcessState.ExitCode(); code != 0 {
		tb.Errorf("the first daemon ends with %d\n%s", code, &logs[winner])
	}
}

// soakReaders reads the publication while it is replaced. Every publication has one file and one fee line more, so a
// reader can tell which it has, that it is whole, and that it is not older than when it was opened.
func soakReaders(tb testing.TB, size soakSize) soakRow {
	var answers atomic.Int64
	processes := size.readers / 5
	faults := try(tb, fmt.Sprintf("%d readers", size.readers), func(tb testing.TB) {
		s := newSite(tb)
		s.deliver(tb, "testdata/delivery/2025-03")
		s.must(tb, 0, firstArgs...)
		w := &watched{site: s, tb: tb, over: make(chan struct{}), answers: &answers}
		files, lines := w.ask()
		w.files, w.lines = files, lines
		var readers sync.WaitGroup
		for i := range size.readers {
			readers.Go(func() { w.read(size.chance("reader", i), i < processes) })
		}
		for i := range size.news {
			s.write(tb, fmt.Sprintf("fee_line_late_%d.csv", i), []byte(feeHeader+fmt.Sprintf("S1,%d,2025-03-05,C1,05,1,1,0.00\n", 100+i)))
			w.begun.Add(1)
			code, log := watch(tb, s.child(tb, "run", "nightly", "--as-of", "2025-04-03"), nil)
			w.done.Add(1)
			if code != 0 {
				tb.Errorf("publication %d: exit %d\n%s", i, code, log)
			}
		}
		close(w.over)
		readers.Wait()
		if files, lines := w.ask(); files != w.files+int64(size.news) || lines != w.lines+int64(size.news) {
			tb.Errorf("in the end %d files and %d lines", files-w.files, lines-w.lines)
		}
	})
	return soakRow{what: "readers of the published file while it is replaced", faults: faults,
		asked: fmt.Sprintf("%d readers (%d of them processes), %d publications", size.readers, processes, size.news),
		seen:  fmt.Sprintf("%d answers, each of one whole publication, none older than when it was asked", answers.Load())}
}

// watched is a publication under its readers' eyes.
type watched struct {
	*site
	tb           testing.TB
	over         chan struct{}
	begun, done  atomic.Int64 // publications
	files, lines int64        // of the first one
	answers      *atomic.Int64
}

const whichPublication = "SELECT (SELECT count(*) FROM mart.delivered_file), (SELECT CAST(sum(lines) AS BIGINT) FROM mart.institution_period)"

// ask asks the publication three times without closing it.
func (w *watched) ask() (files, lines int64) {
	mart, err := warehouse.OpenMart(context.Background(), filepath.Join(w.data, "published", "analyst.duckdb"))
	if err != nil {
		w.tb.Errorf("open: %v", err)
		return 0, 0
	}
	defer mart.Close()
	for i := range 3 {
		var f, l int64
		if err := mart.QueryRow(whichPublication).Scan(&f, &l); err != nil {
			w.tb.Errorf("query: %v", err)
		}
		if i > 0 && (f != files || l != lines) {
			w.tb.Errorf("an open publication changed from %d, %d to %d, %d", files, lines, f, l)
		}
		files, lines = f, l
	}
	return files, lines
}

// askOutside asks by the command line, as a process.
func (w *watched) askOutside() (files, lines int64) {
	cmd := w.child(w.tb, "query", "--format", "csv", whichPublication)
	out, err := cmd.Output()
	if err != nil {
		w.tb.Errorf("query: %v", err)
	}
	rows := strings.Split(strings.TrimSpace(string(out)), "\n")
	if _, err := fmt.Sscanf(rows[len(rows)-1], "%d,%d", &files, &lines); err != nil {
		w.tb.Errorf("query answers %q", out)
	}
	return files, lines
}

func (w *watched) read(r *rand.Rand, isProcess bool) {
	for {
		least := w.done.Load()
		ask := w.ask
		if isProcess {
			ask = w.askOutside
		}
		files, lines := ask()
		files, lines = files-w.files, lines-w.lines
		if files != lines || files < least || files > w.begun.Load() {
			w.tb.Errorf("publication %d of %d to %d, with %d lines", files, least, w.begun.Load(), lines)
		}
		w.answers.Add(1)
		select {
		case <-w.over:
			return
		case <-time.After(time.Duration(r.IntN(200)) * time.Millisecond):
		}
	}
}
