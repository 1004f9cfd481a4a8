package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"claimsaudit/jobs"
	"claimsaudit/pipeline"
	"claimsaudit/pipeline/warehouse"
)

// TestARestartedDaemonKnowsWhatIsPublished: nobody told the monitor anything, and a run may have the warehouse.
func TestARestartedDaemonKnowsWhatIsPublished(t *testing.T) {
	w := newWatched(t)
	w.closeMonth(t, "2025-03", "2025-04-02")
	busy, err := warehouse.Open(t.Context(), warehouse.Options{Path: filepath.Join(w.config.Settings.Data, "warehouse.duckdb"),
		TempDir: t.TempDir(), MemoryLimitMB: 200, Key: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()

	ended := w.now
	w.now = w.now.Add(time.Hour)
	m := w.monitor()
	got := metrics(t, m)
	_, withheld := expectedSum(t, "2025-03", "institution_period", "withhold_yuan", always)
	_, read := expectedSum(t, "2025-03", "delivered_file", "rows_read", always)
	open, _ := expectedSum(t, "2025-03", "rejected_row", "", func(row map[string]string) bool { return row["replayed_in"] == "" })
	if withheld == 0 || open == 0 {
		t.Fatal("the sample withholds and rejects nothing: the test proves nothing")
	}
	wantValue(t, got, float64(withheld)/100, "withheld_yuan", "period=2025-03")
	wantValue(t, got, float64(read)/100, "rows_total")
	wantValue(t, got, float64(open), "rejected_rows_open")
	wantValue(t, got, float64(ended.Unix()), "last_success_timestamp_seconds", "job=monthly")
	wantValue(t, got, 1, "last_success_period_info", "job=monthly", "period=2025-03")
	newest := time.Date(2025, 3, 31, 0, 0, 0, 0, pipeline.Shanghai)
	wantValue(t, got, w.now.Sub(newest).Seconds(), "snapshot_age_seconds")
	wantValue(t, got, 1, "ready")
	if free, ok := value(got, "disk_free_bytes"); !ok || free < 1<<20 {
		t.Errorf("disk_free_bytes is %v (there: %t)", free, ok)
	}
	allowed := []string{"job", "period", "version", "revision", "goversion"}
	for name, family := range got {
		for _, x := range family.GetMetric() {
			for _, l := range x.GetLabel() {
				if strings.HasPrefix(name, "claimsaudit_") && !slices.Contains(allowed, l.GetName()) {
					t.Errorf("%s has the label %s: names, codes and files are nobody's to scrape", name, l.GetName())
				}
			}
		}
	}
	if code, states := readiness(t, m); code != http.StatusOK {
		t.Errorf("/readyz: %d %v", code, states)
	}
	m.Ran(jobs.Nightly, "2025-04-03", jobs.Outcome{}, nil)
	sameAsDocumented(t, metrics(t, m))
}

// TestAPublicationOfSomeoneElseIsSeen: an operator's run on the command line tells the daemon's monitor nothing.
func TestAPublicationOfSomeoneElseIsSeen(t *testing.T) {
	w := newWatched(t)
	w.publishMart(t, "INSERT INTO mart.institution_period (period, withhold_yuan, recover_yuan) VALUES ('2025-03', 10.10, 0), ('2025-03', 0.20, 0)")
	m := w.monitor()
	wantValue(t, metrics(t, m), 10.3, "withheld_yuan", "period=2025-03")
	w.publishMart(t, "INSERT INTO mart.institution_period (period, withhold_yuan, recover_yuan) VALUES ('2025-03', 10.30, 0), ('2025-04', 1, 7.77)")
	got := metrics(t, m)
	wantValue(t, got, 1, "withheld_yuan", "period=2025-04")
	wantValue(t, got, 7.77, "recovered_yuan", "period=2025-04")
}

// TestMonthsAreBounded: years of operation must not become a series each.
func TestMonthsAreBounded(t *testing.T) {
	w := newWatched(t)
	w.publishMart(t, `INSERT INTO mart.institution_period (period, withhold_yuan, recover_yuan)
SELECT strftime(DATE '2023-01-01' + INTERVAL (i) MONTH, '%Y-%m'), i, 0 FROM range(30) t(i)`)
	got := metrics(t, w.monitor())
	for _, name := range []string{"claimsaudit_withheld_yuan", "claimsaudit_recovered_yuan"} {
		if n := len(got[name].GetMetric()); n != 13 {
			t.Errorf("%s has %d months, want 13", name, n)
		}
	}
	wantValue(t, got, 29, "withheld_yuan", "period=2025-06")
	wantValue(t, got, 17, "withheld_yuan", "period=2024-06")
}

// TestOldSnapshotsAreAnAlarmOfTheirOwn: the machine lives and says that it judges by old knowledge.
func TestOldSnapshotsAreAnAlarmOfTheirOwn(t *testing.T) {
	w := newWatched(t)
	w.publishMart(t, "INSERT INTO mart.freshness VALUES ('practitioner_status', DATE '2025-03-31', TIMESTAMP '2025-04-01 09:00:00')")
	m := w.monitor()
	w.now = time.Date(2025, 5, 10, 0, 0, 0, 0, pipeline.Shanghai) // the 40th day ends
	m.Tick(w.now)
	if _, states := readiness(t, m); states["freshness"] != jobs.StateOK {
		t.Errorf("after 40 days freshness is %s", states["freshness"])
	}
	if alarms := m.Alarms(t.Context(), w.now); len(alarms) > 0 {
		t.Errorf("after 40 days: %v", alarms)
	}
	w.now = w.now.Add(time.Second)
	m.Tick(w.now)
	if code, states := readiness(t, m); code != http.StatusServiceUnavailable || states["freshness"] != jobs.StateStale {
		t.Errorf("after more than 40 days: %d, freshness %s", code, states["freshness"])
	}
	if code, body := get(t, m, "/healthz"); code != http.StatusOK {
		t.Errorf("/healthz: %d %s", code, body)
	}
	alarms := m.Alarms(t.Context(), w.now)
	if len(alarms) != 1 || alarms[0].Key != "freshness 2025-03-31" || !strings.Contains(alarms[0].Text, "2025 年 3 月 31 日") ||
		!strings.Contains(alarms[0].Text, "超过设定的 40 天") {
		t.Errorf("alarms: %v", alarms)
	}
	w.publishMart(t, "INSERT INTO mart.freshness VALUES ('practitioner_status', DATE '2025-05-10', TIMESTAMP '2025-05-10 09:00:00')")
	if alarms := m.Alarms(t.Context(), w.now); len(alarms) > 0 {
		t.Errorf("a new snapshot came: %v", alarms)
	}
}

func TestADeadLoopIsNotAlive(t *testing.T) {
	w := newWatched(t)
	m := w.monitor()
	steps := []struct {
		what  string
		do    func()
		alive bool
	}{
		{"just started", func() {}, true},
		{"silent for five minutes", func() { w.now = w.now.Add(5 * time.Minute) }, true},
		{"silent for longer", func() { w.now = w.now.Add(time.Second) }, false},
		{"ticking again", func() { m.Tick(w.now) }, true},
		{"the clock was set back a day", func() { w.now = w.now.AddDate(0, 0, -1) }, true},
	}
	for _, s := range steps {
		s.do()
		code, body := get(t, m, "/healthz")
		if alive := code == http.StatusOK; alive != s.alive || alive != (m.Alive() == nil) {
			t.Errorf("%s: %d %s, Alive: %v", s.what, code, body, m.Alive())
		}
		if code != http.StatusOK && (code != http.StatusServiceUnavailable || !strings.Contains(body, "restart the service")) {
			t.Errorf("%s: %d %s", s.what, code, body)
		}
	}
}

func TestALowDiskIsNotReady(t *testing.T) {
	w := newWatched(t)
	w.config.Operation.DiskFreeMinMB = 1 << 40
	m := w.monitor()
	code, states := readiness(t, m)
	if code != http.StatusServiceUnavailable || states["disk"] != jobs.StateFailed {
		t.Errorf("%d, disk %s", code, states["disk"])
	}
	if alarms := m.Alarms(t.Context(), w.now); len(alarms) != 1 || alarms[0].Key != "disk 2025-04-03" { // the day in Shanghai
		t.Errorf("alarms: %v", alarms)
	}
}

// TestWhatARunLeavesBehind: a failed audit makes the machine not ready; what needs a person elsewhere does not.
func TestWhatARunLeavesBehind(t *testing.T) {
	cases := []struct {
		job   jobs.Job
		err   error
		exit  float64
		state jobs.CheckState
	}{
		{jobs.Monthly, nil, 0, jobs.StateOK},
		{jobs.Monthly, errors.New("a secret of the disk"), 1, jobs.StateFailed},
		{jobs.Monthly, errors.Join(&pipeline.Error{Kind: pipeline.KindBadFile}, &pipeline.Error{Kind: pipeline.KindBadFile}), 3, jobs.StateAttention},
		{jobs.Nightly, &pipeline.Error{Kind: pipeline.KindGate}, 4, jobs.StateFailed},
		{jobs.Monthly, &pipeline.Error{Kind: pipeline.KindUndelivered}, 5, jobs.StateAttention},
		{jobs.Nightly, &pipeline.Error{Kind: pipeline.KindMissingFile}, 6, jobs.StateAttention},
		{jobs.Nightly, &pipeline.Error{Kind: pipeline.KindLocked}, 11, jobs.StateAttention},
		{jobs.Nightly, fmt.Errorf("compute: %w", context.Canceled), 130, jobs.StateFailed},
		{"housekeeping", errors.New("no"), 1, jobs.StateAttention},
	}
	for _, c := range cases {
		w := newWatched(t)
		m := w.monitor()
		m.Ran(c.job, "2025-03", jobs.Outcome{Took: 3 * time.Second}, nil)
		first := w.now
		w.now = w.now.Add(24 * time.Hour)
		m.Ran(c.job, "2025-04", jobs.Outcome{Took: 4 * time.Second}, c.err)
		_, states := readiness(t, m)
		if states[string(c.job)] != c.state {
			t.Errorf("%s with exit %v: %s, want %s", c.job, c.exit, states[string(c.job)], c.state)
		}
		got := metrics(t, m)
		wantValue(t, got, c.exit, "run_exit_code", "job="+string(c.job))
		wantValue(t, got, 4, "run_duration_seconds", "job="+string(c.job))
		success, period := w.now, "period=2025-04"
		if c.exit != 0 && c.exit != 3 && c.exit != 5 && c.exit != 6 {
			success, period = first, "period=2025-03"
		}
		wantValue(t, got, float64(success.Unix()), "last_success_timestamp_seconds", "job="+string(c.job))
		wantValue(t, got, 1, "last_success_period_info", "job="+string(c.job), period)
		if _, body := get(t, m, "/readyz"); strings.Contains(body, "secret") {
			t.Error("/readyz repeats a run's message, which may name files")
		}
	}
}

// TestTheLedgerIsRemembered: what failed before a restart has failed after it.
func TestTheLedgerIsRemembered(t *testing.T) {
	w := newWatched(t)
	at := func(text string) time.Time {
		x, err := time.Parse(time.DateTime, text)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	day := at("2025-04-02 00:00:00")
	m := w.monitor()
	m.Remember([]warehouse.Run{
		{Job: "nightly", AsOf: day, State: "running", StartedAt: at("2025-04-02 02:00:00")},
		{Job: "monthly", Period: "2025-03", State: "failed", ExitCode: 4, StartedAt: at("2025-04-01 06:00:00"), FinishedAt: at("2025-04-01 06:00:30")},
		{Job: "nightly", AsOf: day.AddDate(0, 0, -1), State: "done", StartedAt: at("2025-04-01 02:00:00"), FinishedAt: at("2025-04-01 02:00:07")},
		{Job: "monthly", Period: "2025-02", State: "failed", ExitCode: 3, StartedAt: at("2025-03-05 06:00:00"), FinishedAt: at("2025-03-05 06:00:30")},
	})
	got := metrics(t, m)
	wantValue(t, got, 137, "run_exit_code", "job=nightly")
	wantValue(t, got, 4, "run_exit_code", "job=monthly")
	wantValue(t, got, 30, "run_duration_seconds", "job=monthly")
	wantValue(t, got, 1, "last_success_period_info", "job=nightly", "period=2025-04-01")
	wantValue(t, got, 1, "last_success_period_info", "job=monthly", "period=2025-02")
	wantValue(t, got, float64(time.Date(2025, 4, 1, 2, 0, 7, 0, pipeline.Shanghai).Unix()), "last_success_timestamp_seconds", "job=nightly")
	if _, states := readiness(t, m); states["nightly"] != jobs.StateFailed || states["monthly"] != jobs.StateFailed {
		t.Errorf("%v", states)
	}
}

// TestReadinessNamesWhatIsWrong, each by itself on a machine that is otherwise well.
func TestReadinessNamesWhatIsWrong(t *testing.T) {
	cases := map[string]struct {
		do    func(w *watched, m *jobs.Monitor)
		check string
		state jobs.CheckState
	}{
		"nothing":                {func(*watched, *jobs.Monitor) {}, "configuration", jobs.StateOK},
		"a refused reload":       {func(_ *watched, m *jobs.Monitor) { m.ReloadRefused(errors.New("x")) }, "configuration", jobs.StateFailed},
		"a reload that followed": {func(w *watched, m *jobs.Monitor) { m.ReloadRefused(errors.New("x")); m.Reloaded(w.config) }, "configuration", jobs.StateOK},
		"a suspected clock":      {func(_ *watched, m *jobs.Monitor) { m.ClockSuspected(errors.New("last run is of 2031")) }, "clock", jobs.StateFailed},
		"missed runs":            {func(_ *watched, m *jobs.Monitor) { m.MissedRuns(2) }, "timetable", jobs.StateFailed},
		"missing files":          {func(_ *watched, m *jobs.Monitor) { m.MissingFiles(1) }, "expected_files", jobs.StateAttention},
		"young mail":             {func(w *watched, m *jobs.Monitor) { m.OutboxDepth(2, w.now.Add(-time.Hour)) }, "outbox", jobs.StateOK},
		"old mail":               {func(w *watched, m *jobs.Monitor) { m.OutboxDepth(2, w.now.AddDate(0, 0, -2)) }, "outbox", jobs.StateAttention},
		"a lost warehouse": {func(w *watched, m *jobs.Monitor) {
			m.Ran(jobs.Nightly, "2025-04-02", jobs.Outcome{}, nil)
			os.Remove(filepath.Join(w.config.Settings.Data, "warehouse.duckdb"))
		}, "warehouse", jobs.StateFailed},
		"a broken publication": {func(w *watched, _ *jobs.Monitor) {
			os.WriteFile(filepath.Join(w.config.Settings.Data, "published", "analyst.duckdb"), []byte("no database"), 0o400)
		}, "publication", jobs.StateFailed},
		"no publication": {func(w *watched, _ *jobs.Monitor) { os.RemoveAll(filepath.Join(w.config.Settings.Data, "published")) },
			"publication", jobs.StateMissing},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := newWatched(t)
			w.publishMart(t, "INSERT INTO mart.freshness VALUES ('practitioner_status', DATE '2025-03-31', TIMESTAMP '2025-04-01 09:00:00')")
			if err := os.WriteFile(filepath.Join(w.config.Settings.Data, "warehouse.duckdb"), []byte("not looked into"), 0o600); err != nil {
				t.Fatal(err)
			}
			m := w.monitor()
			c.do(w, m)
			code, states := readiness(t, m)
			want := http.StatusOK
			if c.state != jobs.StateOK && c.state != jobs.StateAttention {
				want = http.StatusServiceUnavailable
			}
			if code != want || states[c.check] != c.state {
				t.Errorf("%d, %s is %s; want %d, %s", code, c.check, states[c.check], want, c.state)
			}
			wantValue(t, metrics(t, m), map[int]float64{http.StatusOK: 1}[code], "ready") // and the metrics answer all the same
		})
	}
}

// TestTheMonitorIsAskedWhileItIsTold is for the race detector.
func TestTheMonitorIsAskedWhileItIsTold(t *testing.T) {
	w := newWatched(t)
	w.publishMart(t, "INSERT INTO mart.freshness VALUES ('practitioner_status', DATE '2025-03-31', TIMESTAMP '2025-04-01 09:00:00')")
	m := w.monitor()
	var all sync.WaitGroup
	for _, f := range []func(){
		func() { m.Tick(w.now); m.MissedRuns(1); m.MissingFiles(1); m.OutboxDepth(1, w.now) },
		func() { m.Ran(jobs.Nightly, "2025-04-02", jobs.Outcome{}, nil); m.Reloaded(w.config); m.Remember(nil) },
		func() { metrics(t, m) },
		func() { readiness(t, m) },
		func() { m.Alarms(t.Context(), w.now); _ = m.Alive() },
	} {
		all.Go(func() {
			for range 20 {
				f()
			}
		})
	}
	all.Wait()
}
