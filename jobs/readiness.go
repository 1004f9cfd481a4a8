package jobs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"time"

	"claimsaudit/pipeline"
)

// CheckState is what became of one check of the readiness.
type CheckState string

// The states. Attention asks for a person and leaves the machine ready; the last three do not.
const (
	StateOK        CheckState = "ok"
	StateAttention CheckState = "attention"
	StateFailed    CheckState = "failed"
	StateMissing   CheckState = "missing" // there is nothing to check yet
	StateStale     CheckState = "stale"   // alive and well, on old data
)

// Check is one answer of /readyz. It names no file and no person.
type Check struct {
	Name   string     `json:"name"`
	State  CheckState `json:"state"`
	Detail string     `json:"detail"`
	Do     string     `json:"do,omitempty"`
}

func (c Check) ready() bool { return c.State == StateOK || c.State == StateAttention }

// Readiness says whether what the machine publishes may be trusted.
type Readiness struct {
	Ready  bool    `json:"ready"`
	At     string  `json:"at"` // Asia/Shanghai
	Checks []Check `json:"checks"`
}

// Readiness makes every check.
func (m *Monitor) Readiness(ctx context.Context) Readiness {
	m.refresh(ctx)
	h, now := m.state(), m.clock()
	r := Readiness{Ready: true, At: now.In(pipeline.Shanghai).Format(time.RFC3339), Checks: h.checks(now)}
	for _, c := range r.Checks {
		r.Ready = r.Ready && c.ready()
	}
	return r
}

func (h *health) checks(now time.Time) []Check {
	all := []Check{h.loopCheck(now), h.configurationCheck(), h.clockCheck(), h.diskCheck(), h.warehouseCheck(), h.publicationCheck(), h.freshnessCheck(now)}
	for _, job := range []Job{Nightly, Monthly} {
		if _, known := h.runs[job]; !known {
			all = append(all, Check{string(job), StateOK, "has not run yet", ""})
		}
	}
	for _, job := range slices.Sorted(maps.Keys(h.runs)) {
		all = append(all, h.runs[job].check(job))
	}
	return append(all, h.missedCheck(), h.missingCheck(), h.outboxCheck(now))
}

func (h *health) loopCheck(now time.Time) Check {
	if err := h.alive(now); err != nil {
		return Check{"loop", StateFailed, err.Error(), "restart the service"}
	}
	return Check{"loop", StateOK, "the timetable moves", ""}
}

func (h *health) configurationCheck() Check {
	if h.reloadRefused != nil {
		return Check{"configuration", StateFailed, "the configuration was changed and refused; the former one is in force and a restart would fail",
			"correct what `claimsaudit check` lists, then reload the service"}
	}
	return Check{"configuration", StateOK, "valid", ""}
}

func (h *health) clockCheck() Check {
	if h.clockSuspect != nil {
		return Check{"clock", StateFailed, h.clockSuspect.Error(), "compare date, time and zone with `timedatectl`, correct them, restart the service"}
	}
	return Check{"clock", StateOK, "plausible", ""}
}

func (h *health) diskCheck() Check {
	free, err := diskFree(h.config.Settings.Data)
	if err != nil {
		return Check{"disk", StateFailed, "the data directory cannot be asked for free space", "see that it exists and is mounted: `claimsaudit doctor`"}
	}
	if h.diskLow(free) {
		return Check{"disk", StateFailed, fmt.Sprintf("%s free, at least %d MB wanted", megabytes(free), h.config.Operation.DiskFreeMinMB),
			"free space on the disk of the data directory; what runs have finished is kept"}
	}
	return Check{"disk", StateOK, megabytes(free) + " free", ""}
}

func (h *health) diskLow(free int64) bool {
	return free < int64(h.config.Operation.DiskFreeMinMB)*1e6
}

func (h *health) warehouseCheck() Check {
	info, err := os.Stat((&Runner{Config: h.config}).WarehousePath())
	switch {
	case errors.Is(err, fs.ErrNotExist) && len(h.runs) == 0:
		return Check{"warehouse", StateMissing, "nothing has run yet", "wait for the first nightly run, or `claimsaudit run nightly`"}
	case err != nil || info.Size() == 0:
		return Check{"warehouse", StateFailed, "the warehouse is not there", "`claimsaudit doctor`; if it is lost, `claimsaudit restore` or `claimsaudit rebuild`"}
	}
	return Check{"warehouse", StateOK, "there", ""}
}

func (h *health) publicationCheck() Check {
	switch {
	case h.publishedErr != nil:
		return Check{"publication", StateFailed, "the published database cannot be read", "`claimsaudit run nightly` publishes it anew; `claimsaudit doctor` says more"}
	case h.published == nil:
		return Check{"publication", StateMissing, "nothing is published yet", "wait for the first nightly run, or `claimsaudit run nightly`"}
	}
	return Check{"publication", StateOK, "published " + shanghai(h.published.ModTime()), ""}
}

// snapshotAge is how long ago the day of the newest status snapshot began, in Shanghai.
func (h *health) snapshotAge(now time.Time) time.Duration {
	return max(0, now.Sub(wallTime(h.figures.snapshotOn)))
}

func (h *health) snapshotStale(now time.Time) bool {
	limit := h.config.Operation.SnapshotMaxAge
	return !h.figures.snapshotOn.IsZero() && limit > 0 && h.snapshotAge(now) > limit
}

func (h *health) freshnessCheck(now time.Time) Check {
	const do = "ask the registry's keeper for the current practitioner_status file and put it into the inbox"
	if h.figures.snapshotOn.IsZero() {
		return Check{"freshness", StateMissing, "no status snapshot is known", do}
	}
	detail := fmt.Sprintf("the newest status snapshot is of %s, %d days old", h.figures.snapshotOn.Format(time.DateOnly), days(h.snapshotAge(now)))
	if h.snapshotStale(now) {
		return Check{"freshness", StateStale, fmt.Sprintf("%s; at most %d are allowed", detail, days(h.config.Operation.SnapshotMaxAge)), do}
	}
	return Check{"freshness", StateOK, detail, ""}
}

func days(d time.Duration) int { return int(d / (24 * time.Hour)) }

// endWords say what an exit code means; a run's own message may name files and stays in the log.
var endWords = map[int]string{
	1: "internal fault or the disk", 2: "arguments or configuration", 3: "a delivered file was refused", 4: "a quality gate stopped it",
	5: "a report was not delivered", 6: "an expected file is missing", 11: "another run held the lock", 130: "interrupted", 137: "killed",
}

func (r lastRun) check(job Job) Check {
	if r.exit == 0 {
		return Check{string(job), StateOK, "succeeded " + shanghai(r.successAt), ""}
	}
	c := Check{string(job), StateFailed, fmt.Sprintf("ended with exit %d at %s: %s", r.exit, shanghai(r.endedAt), endWords[r.exit]),
		"`claimsaudit status` shows the message and what to do"}
	// The month stands or falls with these; what a person must see to elsewhere does not make it untrue.
	isAudit := job == Nightly || job == Monthly || job == "annual"
	if didItsWork(r.exit) || r.exit == pipeline.KindLocked.ExitCode() || !isAudit {
		c.State = StateAttention
	}
	return c
}

func (h *health) missedCheck() Check {
	if h.missedRuns > 0 {
		return Check{"timetable", StateFailed, fmt.Sprintf("%d due runs are not made up for yet", h.missedRuns), "`claimsaudit jobs` lists them; they are run oldest first"}
	}
	return Check{"timetable", StateOK, "nothing is overdue", ""}
}

func (h *health) missingCheck() Check {
	if h.missingFiles > 0 {
		return Check{"expected_files", StateAttention, fmt.Sprintf("%d expected files are overdue", h.missingFiles), "`claimsaudit status` names them; ask their senders"}
	}
	return Check{"expected_files", StateOK, "none is overdue", ""}
}

// outboxPatience is how long a message may wait before a person should look: the mail server had a whole day.
const outboxPatience = 24 * time.Hour

func (h *health) outboxCheck(now time.Time) Check {
	if h.outboxDepth > 0 && now.Sub(h.outboxOldest) > outboxPatience {
		return Check{"outbox", StateAttention, fmt.Sprintf("%d messages wait, the oldest since %s", h.outboxDepth, shanghai(h.outboxOldest)),
			"`claimsaudit doctor` tries the mail server"}
	}
	return Check{"outbox", StateOK, fmt.Sprintf("%d messages wait", h.outboxDepth), ""}
}
