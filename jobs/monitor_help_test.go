package jobs_test

import (
	"context"
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"claimsaudit/configs"
	"claimsaudit/jobs"
	"claimsaudit/pipeline"
	sqlfiles "claimsaudit/sql"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/rs/zerolog"
)

// watched is an office with a monitor: its folders, its settings, and a clock that stands until it is moved.
type watched struct {
	config *configs.Config
	now    time.Time
}

func newWatched(t *testing.T) *watched {
	t.Helper()
	dir := t.TempDir()
	config, err := configs.Load("../configs/claimsaudit.yaml", true, nil,
		configs.Overrides{Data: filepath.Join(dir, "data"), Inbox: filepath.Join(dir, "inbox")})
	if err != nil {
		t.Fatal(err)
	}
	config.Operation.SnapshotMaxAge, config.Operation.DiskFreeMinMB = 40*24*time.Hour, 1
	if err := errors.Join(os.MkdirAll(config.Settings.Data, 0o700), os.MkdirAll(config.Settings.Inbox, 0o700)); err != nil {
		t.Fatal(err)
	}
	return &watched{config: config, now: time.Date(2025, 4, 2, 17, 30, 0, 0, time.UTC)}
}

func (w *watched) clock() time.Time { return w.now }

func (w *watched) monitor() *jobs.Monitor { return jobs.NewMonitor(w.config, w.clock) }

// closeMonth runs a month of the samples.
func (w *watched) closeMonth(t *testing.T, period, asOf string) {
	t.Helper()
	if err := os.CopyFS(w.config.Settings.Inbox, os.DirFS(filepath.Join("../samples/inbox", period))); err != nil {
		t.Fatal(err)
	}
	p, errPeriod := pipeline.ParsePeriod(period)
	day, errDay := pipeline.ParseDay(asOf)
	if err := errors.Join(errPeriod, errDay); err != nil {
		t.Fatal(err)
	}
	runner := &jobs.Runner{Config: w.config, Key: []byte("for tests only, for tests only, for tests only"), Clock: w.clock, Log: zerolog.Nop(),
		Settle: func(context.Context) error { return nil }}
	if _, err := runner.Run(t.Context(), jobs.Request{Job: jobs.Monthly, Period: p, AsOf: day}); err != nil {
		t.Fatal(err)
	}
}

// publishMart puts a mart in place that holds what the statements insert and nothing else.
func (w *watched) publishMart(t *testing.T, statements ...string) {
	t.Helper()
	shape, err := sqlfiles.Text("mart.sql")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(w.config.Settings.Data, "published", "analyst.duckdb")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("duckdb", path+".tmp")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range append([]string{shape}, statements...) {
		if _, err := db.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(db.Close(), os.Rename(path+".tmp", path)); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, m *jobs.Monitor, path string) (code int, body string) {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	return w.Code, w.Body.String()
}

// metrics reads /metrics with Prometheus' own parser: a text it would refuse fails the test.
func metrics(t *testing.T, m *jobs.Monitor) map[string]*dto.MetricFamily {
	t.Helper()
	code, body := get(t, m, "/metrics")
	if code != http.StatusOK {
		t.Fatalf("/metrics: %d %s", code, body)
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return families
}

// value is the sample with the labels given as name=value; ok is false without one.
func value(families map[string]*dto.MetricFamily, name string, labels ...string) (v float64, ok bool) {
	for _, x := range families["claimsaudit_"+name].GetMetric() {
		var has []string
		for _, l := range x.GetLabel() {
			has = append(has, l.GetName()+"="+l.GetValue())
		}
		if slices.Equal(has, labels) {
			return x.GetGauge().GetValue() + x.GetCounter().GetValue(), true
		}
	}
	return 0, false
}

func wantValue(t *testing.T, families map[string]*dto.MetricFamily, want float64, name string, labels ...string) {
	t.Helper()
	if got, ok := value(families, name, labels...); !ok || got != want {
		t.Errorf("%s%v is %v (there: %t), want %v", name, labels, got, ok, want)
	}
}

// readiness asks /readyz and returns its code and the state of every check.
func readiness(t *testing.T, m *jobs.Monitor) (code int, states map[string]jobs.CheckState) {
	t.Helper()
	code, body := get(t, m, "/readyz")
	var answer jobs.Readiness
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	states = map[string]jobs.CheckState{}
	for _, c := range answer.Checks {
		states[c.Name] = c.State
		if c.State != jobs.StateOK && c.Do == "" {
			t.Errorf("%s is %s and does not say what to do: %s", c.Name, c.State, c.Detail)
		}
	}
	if answer.Ready != (code == http.StatusOK) {
		t.Errorf("/readyz says ready: %t with code %d", answer.Ready, code)
	}
	return code, states
}

// expectedSum adds up a column of samples/expected in hundredths, rows that keep rejects left out.
func expectedSum(t *testing.T, period, table, column string, keep func(row map[string]string) bool) (rows int, hundredths int64) {
	t.Helper()
	f, err := os.Open(filepath.Join("../samples/expected", period, table+".csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, cells := range all[1:] {
		row := map[string]string{}
		for i, name := range all[0] {
			row[name] = cells[i]
		}
		if !keep(row) {
			continue
		}
		rows++
		if column == "" {
			continue
		}
		whole, decimals, _ := strings.Cut(row[column], ".")
		n, err := strconv.ParseInt(whole+(decimals + "00")[:2], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		hundredths += n
	}
	return rows, hundredths
}

func always(map[string]string) bool { return true }

// sameAsDocumented: whoever writes an alert reads the names in the README.
func sameAsDocumented(t *testing.T, families map[string]*dto.MetricFamily) {
	t.Helper()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]bool{}
	for _, name := range regexp.MustCompile(`\bclaimsaudit_[a-z_]+`).FindAllString(string(readme), -1) {
		documented[name] = true
		if families[name] == nil {
			t.Errorf("the README names %s, which is not there", name)
		}
	}
	for name := range families {
		if strings.HasPrefix(name, "claimsaudit_") && !documented[name] {
			t.Errorf("%s is not in the README", name)
		}
	}
}
