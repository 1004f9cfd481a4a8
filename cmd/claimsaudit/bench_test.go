package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"claimsaudit/configs"
	"claimsaudit/pipeline/decode"
	"claimsaudit/pipeline/intake"
	"claimsaudit/pipeline/warehouse"

	"github.com/marcboeker/go-duckdb"
)

// benchTask names the work a child process does; see TestBenchChild. Children are measured by the kernel: wall time, CPU
// seconds and peak memory, all in the same run.
const benchTask = "CLAIMSAUDIT_BENCH_TASK"

type usage struct {
	wall, cpu time.Duration
	peakMB    int64
}

func (u usage) String() string {
	return fmt.Sprintf("wall %6.1fs  cpu %6.1fs  peak %5d MB", u.wall.Seconds(), u.cpu.Seconds(), u.peakMB)
}

// BenchmarkMonth prints the ratios the README states. CLAIMSAUDIT_BENCH_LINES sets the size of the month (5,000,000 in
// the README), CLAIMSAUDIT_BENCH_DIR where it is written.
func BenchmarkMonth(b *testing.B) {
	lines := os.Getenv("CLAIMSAUDIT_BENCH_LINES")
	if lines == "" {
		lines = "500000"
	}
	dir := os.Getenv("CLAIMSAUDIT_BENCH_DIR")
	if dir == "" {
		dir = b.TempDir()
	}
	generate := func(encoding string) string {
		out := filepath.Join(dir, "month-"+encoding)
		cmd := exec.Command("go", "run", "claimsaudit/cmd/gensamples", "--lines", lines, "--out", out, "--encoding", encoding)
		if text, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, text)
		}
		return out
	}
	month, gb := generate("utf-8"), generate("gb18030")
	for b.Loop() {
		best := measure(b, 3, dir, []task{{"read_csv", feeFile(b, month)}, {"load", feeFile(b, month)}, {"load", feeFile(b, gb)}, {"monthly", month}})
		baseline, load, loadGB, monthly := best[0], best[1], best[2], best[3]
		again := child(b, "again", month, dir)
		b.Logf("lines %s\nread_csv            %v\nload fee lines      %v\nload, GB18030       %v\nrun monthly, whole  %v\nnightly, no news    %v",
			lines, baseline, load, loadGB, monthly, again)
		b.ReportMetric(ratio(load.wall, baseline.wall), "load-wall/read_csv")
		b.ReportMetric(ratio(load.cpu, baseline.cpu), "load-cpu/read_csv")
		b.ReportMetric(ratio(loadGB.wall, load.wall), "gb18030-wall/utf8")
		b.ReportMetric(ratio(loadGB.cpu, load.cpu), "gb18030-cpu/utf8")
		b.ReportMetric(ratio(monthly.wall, baseline.wall), "monthly-wall/read_csv")
		b.ReportMetric(ratio(monthly.cpu, baseline.cpu), "monthly-cpu/read_csv")
		b.ReportMetric(float64(monthly.peakMB), "monthly-peak-MB")
		b.ReportMetric(again.wall.Seconds(), "nightly-again-s")
	}
}

func ratio(a, b time.Duration) float64 { return a.Seconds() / b.Seconds() }

func feeFile(b *testing.B, dir string) string {
	found, err := filepath.Glob(filepath.Join(dir, "fee_line*"))
	if err != nil || len(found) != 1 {
		b.Fatalf("want one fee_line file in %s: %v %v", dir, found, err)
	}
	return found[0]
}

type task struct{ name, input string }

// measure does the tasks in turn, n times over, so that what else the machine does hits them alike, and keeps of each
// the least wall time, CPU time and peak.
func measure(b *testing.B, n int, dir string, tasks []task) []usage {
	best := make([]usage, len(tasks))
	for round := range n {
		for i, t := range tasks {
			u := child(b, t.name, t.input, dir)
			if round == 0 {
				best[i] = u
			}
			best[i] = usage{min(best[i].wall, u.wall), min(best[i].cpu, u.cpu), min(best[i].peakMB, u.peakMB)}
		}
	}
	return best
}

// child runs one task in a fresh process on fresh copies.
func child(b *testing.B, task, input, dir string) usage {
	data := filepath.Join(dir, "data")
	inbox := filepath.Join(dir, "inbox")
	if task != "again" {
		for _, d := range []string{data, inbox} {
			if err := os.RemoveAll(d); err != nil {
				b.Fatal(err)
			}
		}
		if info, err := os.Stat(input); err == nil && info.IsDir() {
			if text, err := exec.Command("cp", "-r", input, inbox).CombinedOutput(); err != nil {
				b.Fatalf("%v: %s", err, text)
			}
		}
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestBenchChild$")
	cmd.Env = append(os.Environ(), benchTask+"="+task, "BENCH_INPUT="+input, "BENCH_DATA="+data, "BENCH_INBOX="+inbox)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	start := time.Now()
	if err := cmd.Run(); err != nil {
		b.Fatalf("%s: %v\n%s", task, err, &out)
	}
	r := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return usage{wall: time.Since(start), cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), peakMB: r.Maxrss / 1024}
}

// TestBenchChild is the child's side of the benchmark; on its own it does nothing.
func TestBenchChild(t *testing.T) {
	input, data, inbox := os.Getenv("BENCH_INPUT"), os.Getenv("BENCH_DATA"), os.Getenv("BENCH_INBOX")
	args := []string{"--as-of", "2025-04-03", "--data", data, "--inbox", inbox}
	env := map[string]string{"CLAIMSAUDIT_LOG_LEVEL": "error"}
	switch os.Getenv(benchTask) {
	case "read_csv":
		if err := readCSV(input, data); err != nil {
			t.Fatal(err)
		}
	case "load":
		if err := loadFeeLines(t.Context(), input, data); err != nil {
			t.Fatal(err)
		}
	case "monthly":
		if code := run(t.Context(), append([]string{"run", "monthly", "--period", "2025-03"}, args...), env, io.Discard, os.Stderr); code != 0 {
			t.Fatalf("exit %d", code)
		}
	case "again":
		if code := run(t.Context(), append([]string{"run", "nightly"}, args...), env, io.Discard, os.Stderr); code != 0 {
			t.Fatalf("exit %d", code)
		}
	}
}

// loadFeeLines does what a run does with one fee_line file, from its hash to its settled rows on disk.
func loadFeeLines(ctx context.Context, input, data string) (err error) {
	config, err := configs.Load("", false, nil, configs.Overrides{Data: data})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		return err
	}
	delivery, err := intake.One(input)
	if err != nil {
		return err
	}
	if _, err := intake.Hash(ctx, delivery); err != nil {
		return err
	}
	db, err := warehouse.Open(ctx, warehouse.Options{Path: filepath.Join(data, "warehouse.duckdb"), TempDir: filepath.Join(data, "tmp"),
		MemoryLimitMB: config.Settings.MemoryLimitMB})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.Tx(ctx, func() error {
		reader, err := decode.Open(ctx, decode.Source{Path: input, Name: filepath.Base(input), Feed: delivery.Feed, Layout: &config.Layout, FileID: 1})
		if err != nil {
			return err
		}
		defer reader.Release()
		arrived, err := db.LoadRows(ctx, delivery.Feed, 1, reader)
		if err != nil {
			return err
		}
		counts, err := db.Settle(ctx, arrived)
		if err != nil {
			return err
		}
		if info := reader.Info(); counts.Loaded.Add(info.Rejected) != info.Read {
			return fmt.Errorf("read %+v, loaded %+v, rejected %+v", info.Read, counts.Loaded, info.Rejected)
		}
		return nil
	}); err != nil {
		return err
	}
	return db.Checkpoint(ctx)
}

// readCSV is what the pipeline is measured against: DuckDB's own reader into a table of a database file, defaults
// throughout but for the order of rows, which the pipeline does not keep either.
func readCSV(input, data string) error {
	if err := os.MkdirAll(data, 0o755); err != nil {
		return err
	}
	connector, err := duckdb.NewConnector(filepath.Join(data, "baseline.duckdb"), nil)
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	for _, q := range []string{
		"SET preserve_insertion_order = false",
		"CREATE TABLE fee_line AS SELECT * FROM read_csv('" + strings.ReplaceAll(input, "'", "''") + "')",
		"CHECKPOINT",
	} {
		if _, err := db.Exec(q); err != nil {
			return err
		}
	}
	return nil
}
