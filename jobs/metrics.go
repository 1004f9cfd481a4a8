package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"runtime/debug"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// The metrics. No label holds a name, a file or a code of anyone: jobs are a handful, months the newest thirteen.
var (
	lastSuccess = metric("last_success_timestamp_seconds", "When the job last did its work (exit 0, 3, 5 or 6), Unix time.", "job")
	lastPeriod  = metric("last_success_period_info", "The latest month, year or day the job did its work for; always 1.", "job", "period")
	exitCode    = metric("run_exit_code", "Exit code of the job's last run.", "job")
	runSeconds  = metric("run_duration_seconds", "How long the job's last run took.", "job")
	rowsTotal   = metric("rows_total", "Rows read from all delivered files.")
	rejected    = metric("rejected_rows_open", "Rejected rows that wait for correction.")
	withheld    = metric("withheld_yuan", "Withheld of the month's claims as judged today, yuan; the newest 13 months.", "period")
	recovered   = metric("recovered_yuan", "Recovered from earlier months by the month's statement, yuan; the newest 13 months.", "period")
	snapshotAge = metric("snapshot_age_seconds", "Age of the newest practitioner status snapshot; absent without one.")
	outboxDepth = metric("outbox_depth", "Messages that wait to be sent.")
	outboxAge   = metric("outbox_oldest_seconds", "How long the oldest of them has waited.")
	missingNow  = metric("missing_files", "Expected deliveries that are overdue.")
	missedNow   = metric("missed_runs", "Due runs that have not been made up for.")
	diskNow     = metric("disk_free_bytes", "Free space on the disk of the data directory.")
	isReady     = metric("ready", "1 if /readyz says ready, else 0.")
	buildInfo   = metric("build_info", "The program; always 1.", "version", "revision", "goversion")
)

func metric(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("claimsaudit_"+name, help, labels, nil)
}

// Handler answers /healthz (alive?), /readyz (to be trusted?) and /metrics, and shows the published site below /site/.
func (m *Monitor) Handler() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(metricsOf{m}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	metrics := promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		if err := m.Alive(); err != nil {
			http.Error(w, err.Error()+": restart the service", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		answer := m.Readiness(r.Context())
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Type", "application/json")
		if !answer.Ready {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		text := json.NewEncoder(w)
		text.SetEscapeHTML(false)
		text.SetIndent("", "  ")
		_ = text.Encode(answer) // the asker has gone
	})
	mux.Handle("GET /metrics", metrics)
	mux.HandleFunc("GET /site/", m.serveSite)
	return mux
}

// metricsOf collects at the moment of asking, so that no figure is older than the publication.
type metricsOf struct{ m *Monitor }

func (c metricsOf) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{lastSuccess, lastPeriod, exitCode, runSeconds, rowsTotal, rejected, withheld, recovered, snapshotAge,
		outboxDepth, outboxAge, missingNow, missedNow, diskNow, isReady, buildInfo} {
		to <- d
	}
}

func (c metricsOf) Collect(to chan<- prometheus.Metric) {
	ready := c.m.Readiness(context.Background()).Ready // reads the publication first
	h, now := c.m.state(), c.m.clock()
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	for job, r := range h.runs {
		if !r.successAt.IsZero() {
			gauge(lastSuccess, float64(r.successAt.Unix()), string(job))
			gauge(lastPeriod, 1, string(job), r.period)
		}
		if !r.endedAt.IsZero() {
			gauge(exitCode, float64(r.exit), string(job))
			gauge(runSeconds, r.took.Seconds(), string(job))
		}
	}
	if h.published != nil {
		to <- prometheus.MustNewConstMetric(rowsTotal, prometheus.CounterValue, float64(h.figures.rowsRead))
		gauge(rejected, float64(h.figures.rejectedOpen))
	}
	for _, x := range h.figures.months {
		gauge(withheld, float64(x.withheld)/100, x.period)
		gauge(recovered, float64(x.recovered)/100, x.period)
	}
	if !h.figures.snapshotOn.IsZero() {
		gauge(snapshotAge, h.snapshotAge(now).Seconds())
	}
	gauge(outboxDepth, float64(h.outboxDepth))
	waited := 0.0
	if h.outboxDepth > 0 {
		waited = max(0, now.Sub(h.outboxOldest).Seconds())
	}
	gauge(outboxAge, waited)
	gauge(missingNow, float64(h.missingFiles))
	gauge(missedNow, float64(h.missedRuns))
	if free, err := diskFree(h.config.Settings.Data); err == nil {
		gauge(diskNow, float64(free))
	}
	gauge(isReady, map[bool]float64{true: 1}[ready])
	version, revision := build()
	gauge(buildInfo, 1, version, revision, runtime.Version())
}

// build is what the go command noted in the binary.
func build() (version, revision string) {
	version, revision = "unknown", "unknown"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return version, revision
	}
	if info.Main.Version != "" {
		version = info.Main.Version
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			revision = s.Value
		}
	}
	return version, revision
}
