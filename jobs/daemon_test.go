package jobs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"claimsaudit/configs"
	"claimsaudit/pipeline"
	"claimsaudit/pipeline/warehouse"

	"github.com/rs/zerolog"
)

// office is a data directory, an inbox and a clock that moves only when told.
type office struct {
	t      *testing.T
	now    time.Time
	config *configs.Config
	log    bytes.Buffer
	daemon *Daemon
	step   func(step string) // called when a run begins a step
	settle func()            // called when a run looks at the inbox
}

func newOffice(t *testing.T, now string) *office {
	t.Helper()
	dir := t.TempDir()
	config, err := configs.Load("", false, nil, configs.Overrides{Data: filepath.Join(dir, "data"), Inbox: filepath.Join(dir, "inbox")})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(config.Settings.Inbox, 0o700); err != nil {
		t.Fatal(err)
	}
	o := &office{t: t, now: at(t, now), config: config}
	t.Cleanup(func() { o.stop() })
	return o
}

func (o *office) runner() *Runner {
	return &Runner{Config: o.config, Clock: func() time.Time { return o.now }, Log: zerolog.New(&o.log), Key: bytes.Repeat([]byte("k"), 32), Progress: o,
		Settle: func(context.Context) error {
			if o.settle != nil {
				o.settle()
			}
			return nil
		}}
}

// office is a Progress, to have a hand in the middle of a run.
func (o *office) Start(step string, _ int64) {
	if o.step != nil {
		o.step(step)
	}
}
func (o *office) Add(int64) {}
func (o *office) Done()     {}

func (o *office) start(opts ServeOptions) {
	o.t.Helper()
	d, err := o.runner().NewDaemon(context.Background(), opts)
	if err != nil {
		o.t.Fatal(err)
	}
	o.daemon = d
}

func (o *office) stop() {
	if o.daemon != nil {
		o.daemon.Close()
		o.daemon = nil
	}
}

// live lets time pass in steps of an hour, with a wake after each.
func (o *office) live(d time.Duration) {
	for end := o.now.Add(d); o.now.Before(end); {
		o.now = o.now.Add(time.Hour)
		o.daemon.Tick(context.Background())
	}
}

func (o *office) deliver(folder string) {
	o.t.Helper()
	if err := os.CopyFS(o.config.Settings.Inbox, os.DirFS(folder)); err != nil {
		o.t.Fatal(err)
	}
}

// ledger is the newest run first.
func (o *office) ledger() []warehouse.Run {
	o.t.Helper()
	db, err := warehouse.OpenReadOnly(context.Background(), o.runner().WarehousePath())
	if err != nil {
		o.t.Fatal(err)
	}
	defer db.Close()
	runs, err := db.Runs(context.Background(), math.MaxInt32)
	if err != nil {
		o.t.Fatal(err)
	}
	return runs
}

// states counts the ledger's rows by job, key and state.
func (o *office) states() map[string]int {
	n := map[string]int{}
	for _, r := range o.ledger() {
		n[r.Job+" "+ledgerKey(r.Period, r.AsOf)+" "+r.State]++
	}
	return n
}

func (o *office) wants(want map[string]int) {
	o.t.Helper()
	if got := o.states(); fmt.Sprint(got) != fmt.Sprint(want) {
		o.t.Errorf("ledger:\n got  %v\n want %v\n%s", got, want, o.log.String())
	}
}

const deliveries = "../cmd/claimsaudit/testdata/delivery/"

// TestThirtyDaysUnattended: a month with ten outages, a restart in the middle of runs, a machine that was suspended and a
// clock that was set wrong twice: every day, Sunday and month is done once, as of its own day, and the month is closed.
func TestThirtyDaysUnattended(t *testing.T) {
	o := newOffice(t, "2025-03-20 12:00")
	o.start(ServeOptions{})
	o.daemon.Tick(context.Background())
	o.deliver(deliveries + "2025-03")
	outages := 0
	off := func(d time.Duration) {
		o.stop()
		o.now = o.now.Add(d)
		o.start(ServeOptions{})
		outages++
	}
	o.live(30 * time.Hour)
	off(10 * time.Hour)
	o.live(40 * time.Hour)
	off(3 * 24 * time.Hour) // to 26 March, 20:00
	o.live(8 * time.Hour)
	o.now = o.now.Add(20 * time.Hour) // suspended: the daemon lives on
	o.live(20 * time.Hour)
	for range 4 {
		off(9 * time.Hour)
		o.live(7 * time.Hour)
	}
	off(5 * 24 * time.Hour) // over the third working day of April, 06:00
	ctx, cancel := context.WithCancel(context.Background())
	o.step = func(step string) { // stopped in the middle of the first run there is
		if step == "publish" || strings.HasPrefix(step, "compute") {
			cancel()
		}
	}
	o.deliver(deliveries + "2025-04")
	o.daemon.Tick(ctx)
	if ctx.Err() == nil {
		t.Fatal("no run was stopped")
	}
	o.step = nil
	off(time.Minute)
	o.live(30 * time.Hour)
	o.now = o.now.Add(-5 * time.Hour) // between two nights
	o.live(40 * time.Hour)
	off(50 * time.Hour)
	o.now = o.now.AddDate(1, 0, 0) // the battery is replaced, the year mistyped
	o.live(5 * time.Hour)
	o.now = o.now.AddDate(-1, 0, 0)
	off(time.Hour)
	o.live(at(t, "2025-04-19 12:00").Sub(o.now))
	if outages != 10 {
		t.Fatalf("%d outages", outages)
	}
	o.wantsEachOnce()
}

// wantsEachOnce: every day from 21 March on, every Sunday and the month of March are done once; one run was stopped.
func (o *office) wantsEachOnce() {
	o.t.Helper()
	want := map[string]int{"monthly 2025-03 done": 1}
	for day := at(o.t, "2025-03-21 00:00"); day.Before(o.now); day = day.AddDate(0, 0, 1) {
		want["nightly "+day.Format(time.DateOnly)+" done"] = 1
		if day.Weekday() == time.Sunday {
			want["housekeeping "+day.Format(time.DateOnly)+" done"] = 1
		}
	}
	got := o.states()
	interrupted := 0
	for name, n := range got {
		if strings.HasSuffix(name, " interrupted") {
			interrupted += n
			delete(got, name)
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) || interrupted != 1 {
		o.t.Errorf("%d interrupted\n got  %v\n want %v\n%s", interrupted, got, want, o.log.String())
	}
	for _, r := range o.ledger() {
		if r.Job == string(Monthly) && r.AsOf.Format(time.DateOnly) != "2025-04-03" {
			o.t.Errorf("the month is judged as of %s", r.AsOf.Format(time.DateOnly))
		}
	}
}

// A panic is a failed run of the ledger, wherever it happens; the daemon goes on and tries again.
func TestPanicIsAFailedRun(t *testing.T) {
	for _, where := range []string{"before the run has a row", "in the middle of a step"} {
		t.Run(where, func(t *testing.T) {
			o := newOffice(t, "2025-03-20 12:00")
			o.start(ServeOptions{})
			o.live(time.Hour)
			o.deliver(deliveries + "2025-03")
			fault := func() { panic("a fault of the program") }
			if where == "in the middle of a step" {
				o.step = func(string) { fault() }
			} else {
				o.settle = fault
			}
			o.live(13 * time.Hour)
			o.step, o.settle = nil, nil
			o.wants(map[string]int{"nightly 2025-03-21 failed": 1})
			failed := o.ledger()[0]
			if !strings.Contains(failed.Error, "panic: a fault of the program") || failed.ExitCode != 1 {
				t.Errorf("the ledger says %d %q", failed.ExitCode, failed.Error)
			}
			if !strings.Contains(o.log.String(), "daemon_test.go") {
				t.Error("the log has no stack")
			}
			o.live(2 * time.Hour)
			o.wants(map[string]int{"nightly 2025-03-21 failed": 1, "nightly 2025-03-21 done": 1})
			if left, _ := os.ReadDir(o.config.Settings.Inbox); len(left) > 0 {
				t.Errorf("%d files were left in the inbox", len(left))
			}
		})
	}
}

// A run that cannot even begin is tried three times, an hour apart, and the next night is not held up by it.
func TestRunThatCannotBegin(t *testing.T) {
	o := newOffice(t, "2025-03-20 12:00")
	var missed []Missed
	o.start(ServeOptions{Observer: Observer{Missed: func(m []Missed) { missed = m }}})
	o.live(time.Hour)
	gone := o.config.Settings.Inbox + ".unmounted"
	if err := os.Rename(o.config.Settings.Inbox, gone); err != nil {
		t.Fatal(err)
	}
	o.live(20 * time.Hour)
	o.wants(map[string]int{"nightly 2025-03-21 failed": 3})
	if shownDue(missed) != "nightly 2025-03-21 given up" || !strings.Contains(o.log.String(), "run it by hand") {
		t.Errorf("missed: %s\n%s", shownDue(missed), o.log.String())
	}
	if err := os.Rename(gone, o.config.Settings.Inbox); err != nil {
		t.Fatal(err)
	}
	o.live(24 * time.Hour)
	o.wants(map[string]int{"nightly 2025-03-21 failed": 3, "nightly 2025-03-22 done": 1})
	if len(missed) > 0 {
		t.Errorf("still missed: %s", shownDue(missed))
	}
}

// While somebody works by hand the daemon waits; what was typed is not run again.
func TestHandTypedRunIsWaitedFor(t *testing.T) {
	o := newOffice(t, "2025-03-20 12:00")
	o.start(ServeOptions{})
	o.live(time.Hour)
	release, err := acquireLock(context.Background(), o.runner().path("run.lock"), "monthly", o.now)
	if err != nil {
		t.Fatal(err)
	}
	o.live(14 * time.Hour)
	release()
	if n := len(o.ledger()); n != 0 {
		t.Fatalf("%d runs although somebody held the lock", n)
	}
	if _, err := o.runner().Run(context.Background(), Request{Job: Nightly, AsOf: dayOf(o.now)}); err != nil {
		t.Fatal(err)
	}
	o.live(time.Hour)
	o.wants(map[string]int{"nightly 2025-03-21 done": 1})
}

func TestSecondDaemonIsRefused(t *testing.T) {
	o := newOffice(t, "2025-03-20 12:00")
	o.start(ServeOptions{})
	_, err := o.runner().NewDaemon(context.Background(), ServeOptions{})
	if pipeline.KindOf(err) != pipeline.KindLocked || !strings.Contains(fmt.Sprint(err), fmt.Sprintf("pid %d", os.Getpid())) {
		t.Fatalf("second daemon: %v", err)
	}
	o.stop()
	o.start(ServeOptions{})
}

// A clock years ahead runs nothing until a person vouches for it; corrected, serving goes on as if nothing had been.
func TestSuspectClockRunsNothing(t *testing.T) {
	o := newOffice(t, "2025-03-28 12:00")
	o.config.Operation.CatchUpMax = 4 * 24 * time.Hour
	var suspect error
	watch := Observer{ClockSuspected: func(err error) { suspect = err }}
	o.start(ServeOptions{Observer: watch})
	o.live(24 * time.Hour)
	o.now = o.now.AddDate(0, 0, 5) // to 3 April
	o.live(24 * time.Hour)
	o.wants(map[string]int{"nightly 2025-03-29 done": 1})
	if pipeline.KindOf(suspect) != pipeline.KindUsage || suspect == nil || strings.Count(o.log.String(), "the clock is not believed") != 1 {
		t.Errorf("suspect %v\n%s", suspect, o.log.String())
	}
	o.stop()
	o.start(ServeOptions{Observer: watch})
	o.live(3 * time.Hour)
	if n := len(o.ledger()); n != 1 {
		t.Fatalf("a restart made the daemon believe the clock: %d runs", n)
	}
	o.stop()
	o.start(ServeOptions{Observer: watch, AcceptGap: true})
	o.live(3 * time.Hour)
	states := o.states()
	if suspect != nil || states["nightly 2025-03-30 done"] != 1 || states["nightly 2025-04-04 done"] != 1 || states["monthly 2025-03 done"] != 1 {
		t.Errorf("accepted (%v), and then: %v", suspect, states)
	}
}

// Serving began under a clock years ahead: corrected, it must not idle until that day comes.
func TestBeginningInTheFuture(t *testing.T) {
	o := newOffice(t, "2026-03-20 12:00")
	o.start(ServeOptions{})
	o.live(time.Hour)
	o.stop()
	o.now = at(t, "2025-03-20 12:00")
	o.start(ServeOptions{})
	o.live(24 * time.Hour)
	if n := len(o.ledger()); n != 0 || !strings.Contains(o.log.String(), "serving began") {
		t.Fatalf("%d runs\n%s", n, o.log.String())
	}
	o.stop()
	o.start(ServeOptions{AcceptGap: true})
	o.live(24 * time.Hour)
	o.wants(map[string]int{"nightly 2025-03-22 done": 1})
}

// A valid configuration is in force from the next run on, an invalid one is refused and the former stays.
func TestReload(t *testing.T) {
	o := newOffice(t, "2025-03-20 12:00")
	var refused error
	var next *Runner
	var wrong error
	o.start(ServeOptions{Reload: func() (*Runner, error) { return next, wrong }, Observer: Observer{ReloadRefused: func(err error) { refused = err }}})
	o.live(time.Hour)
	with := func(change func(*configs.Config)) *Runner {
		config := *o.config
		change(&config)
		r := o.runner()
		r.Config = &config
		return r
	}
	for name, try := range map[string]struct {
		next  *Runner
		wrong error
	}{
		"a configuration with problems": {nil, &pipeline.Error{Kind: pipeline.KindUsage, Op: "load configuration"}},
		"a line that never fires":       {with(func(c *configs.Config) { c.Operation.Schedule.Nightly = "0 0 30 2 *" }), nil},
		"another data directory":        {with(func(c *configs.Config) { c.Settings.Data += "2" }), nil},
	} {
		refused = nil
		next, wrong = try.next, try.wrong
		o.daemon.reload()
		if refused == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	next, wrong = with(func(c *configs.Config) { c.Operation.Schedule.Nightly = "0 15 * * *" }), nil
	o.daemon.reload()
	o.live(24 * time.Hour) // to 21 March, 13:00: one fire of the new line, none of the old
	if !strings.Contains(o.log.String(), "new configuration in force") {
		t.Errorf("the log does not say so:\n%s", o.log.String())
	}
	o.wants(map[string]int{"nightly 2025-03-20 done": 1})
}

// What the daemon could not write down it remembers: a disk that is full makes no run start every minute.
func TestFailureTheLedgerCannotTake(t *testing.T) {
	o := newOffice(t, "2025-03-20 12:00")
	o.start(ServeOptions{})
	o.live(time.Hour)
	tries := 0
	o.settle = func() { tries++; panic("before the run has a row") }
	d := o.daemon
	o.now = at(t, "2025-03-21 02:00")
	due, err := d.next(context.Background(), o.now)
	if err != nil || due == nil {
		t.Fatal(due, err)
	}
	d.unrecorded = append(d.unrecorded, ran(t, Nightly, due.Key, "2025-03-21 02:00", "failed", 1))
	for range 30 {
		o.now = o.now.Add(time.Minute)
		d.Tick(context.Background())
	}
	if tries != 0 {
		t.Errorf("tried %d times within the hour", tries)
	}
}

// TestServeEndsWithoutError: SIGTERM is how a service ends.
func TestServeEndsWithoutError(t *testing.T) {
	o := newOffice(t, "2025-03-20 12:00")
	ctx, cancel := context.WithCancel(context.Background())
	hangup := make(chan os.Signal)
	reloaded := make(chan struct{})
	done := make(chan error)
	go func() {
		done <- o.runner().Serve(ctx, ServeOptions{Hangup: hangup, Reload: func() (*Runner, error) { return nil, errors.New("nothing to read") },
			Observer: Observer{ReloadRefused: func(error) { close(reloaded) }}})
	}()
	hangup <- os.Interrupt
	<-reloaded
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	o.start(ServeOptions{}) // the data directory is free again
}

// TestHandTypedRunSettlesTheMatter: what the daemon gave up and somebody then ran by hand is in order, also for /readyz.
func TestHandTypedRunSettlesTheMatter(t *testing.T) {
	o := newOffice(t, "2025-04-06 12:00")
	m := NewMonitor(o.config, func() time.Time { return o.now })
	o.start(ServeOptions{Observer: WatchedBy(m)})
	o.daemon.Tick(context.Background())
	inbox := o.config.Settings.Inbox
	if err := os.Rename(inbox, inbox+".unmounted"); err != nil {
		t.Fatal(err)
	}
	o.live(20 * time.Hour)
	if state := m.state().runs[Nightly].check(Nightly).State; state != StateFailed {
		t.Fatalf("after three failures nightly is %s", state)
	}
	if err := os.Rename(inbox+".unmounted", inbox); err != nil {
		t.Fatal(err)
	}
	if _, err := o.runner().Run(context.Background(), Request{Job: Nightly, AsOf: dayOf(o.now)}); err != nil {
		t.Fatal(err)
	}
	o.now = o.now.Add(time.Minute)
	o.daemon.Tick(context.Background())
	if h := m.state(); h.runs[Nightly].check(Nightly).State != StateOK || h.missedRuns != 0 {
		t.Errorf("after the run by hand: %+v, %d missed", h.runs[Nightly], h.missedRuns)
	}
}
