// Package twin is a second, slow and obvious reading of the contract: it works
// day by day and line by line over plain maps, so that an end-to-end test can
// compare the tables the pipeline publishes with tables nobody optimised.
//
// A World holds the rows delivered so far; Audit, Close and Ratios answer from
// them; Result.Rows prints a mart table as sorted text. Generate makes small
// adversarial worlds from a seed. Nothing here reads the pipeline's SQL, and
// nothing is fast. Of the scorecards it computes the figures, late changes only
// where nobody keeps points; Scorecard fills the two tables of the notice once more
// from published numbers.
package twin

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"sort"
	"strings"

	"claimsaudit/pipeline"
)

// File is one delivered file: its name below the inbox, its feed, and its rows
// as raw text by contract column.
type File struct {
	Name string
	Feed string
	Rows []map[string]string
}

// Batch is what happens in one run: files arrive, then Run is started, either
// "monthly 2025-03", "annual 2025" or "nightly", as of the day AsOf (yyyy-MM-dd).
type Batch struct {
	Files []File
	Run   string
	AsOf  string
}

// Period is the month a monthly run closes, "" for a nightly one.
func (b Batch) Period() string {
	p, ok := strings.CutPrefix(b.Run, "monthly ")
	if !ok {
		return ""
	}
	return p
}

// Year is the year an annual run clears, "" for others.
func (b Batch) Year() string {
	year, ok := strings.CutPrefix(b.Run, "annual ")
	if !ok {
		return ""
	}
	return year
}

// CSV writes the file with commas and a header of every column in use and
// every required one, in the order of the contract's feed table.
func (f File) CSV() []byte {
	var header []string
	for _, c := range feeds[f.Feed].columns {
		used := c.required
		for _, row := range f.Rows {
			if _, ok := row[c.name]; ok {
				used = true
			}
		}
		if used {
			header = append(header, c.name)
		}
	}
	var buf bytes.Buffer
	out := csv.NewWriter(&buf)
	write := func(record []string) {
		if err := out.Write(record); err != nil {
			panic(err) // a bytes.Buffer takes every write
		}
	}
	write(header)
	for _, row := range f.Rows {
		record := make([]string, len(header))
		for i, name := range header {
			record[i] = row[name]
		}
		write(record)
	}
	out.Flush()
	return buf.Bytes()
}

// World is everything delivered so far and everything ever issued. The zero
// value is not usable; call NewWorld.
type World struct {
	Workdays   Workdays // for deadlines; without one no day is known
	seen       map[[32]byte]bool
	rows       map[string]map[string]row // feed → key → newest version
	ordered    map[string][]row          // feed → rows in order of their keys, as far as asked for
	people     *registry                 // nil when a registry row arrived since
	issued     map[lineKey]int64         // cents issued on a line so far
	statements []StatementRow
	closed     map[string]bool // periods with a statement, also an empty one
	ratios     map[ratioKey]RatioRow
	metrics    map[metricKey]MetricRow
}

type lineKey struct{ setl, line string }

// NewWorld is an empty world.
func NewWorld() *World {
	w := &World{
		Workdays: noCalendar,
		seen:     map[[32]byte]bool{},
		rows:     map[string]map[string]row{},
		ordered:  map[string][]row{},
		issued:   map[lineKey]int64{},
		closed:   map[string]bool{},
		ratios:   map[ratioKey]RatioRow{},
		metrics:  map[metricKey]MetricRow{},
	}
	for name := range feeds {
		w.rows[name] = map[string]row{}
	}
	return w
}

// Deliver takes one file in, row after row, and says what became of its rows
// and of the cents of its amount column. The same bytes again, or a feed the
// twin does not know, count nothing.
func (w *World) Deliver(f File) pipeline.FileCounts {
	var n pipeline.FileCounts
	spec, ok := feeds[f.Feed]
	sum := sha256.Sum256(f.CSV())
	if !ok || w.seen[sum] {
		return n
	}
	w.seen[sum] = true
	for _, raw := range f.Rows {
		one := pipeline.Tally{Rows: 1, Cents: spec.amountOf(raw)}
		n.Read = n.Read.Add(one)
		r, good := spec.typed(raw)
		if !good {
			n.Rejected = n.Rejected.Add(one)
			continue
		}
		switch w.take(f.Feed, r) {
		case "loaded":
			n.Loaded = n.Loaded.Add(one)
		case "duplicate":
			n.Duplicate = n.Duplicate.Add(one)
		case "superseded":
			n.Superseded = n.Superseded.Add(one)
		}
	}
	return n
}

// take gives one typed row its fate, compared with the version known so far.
func (w *World) take(feed string, r row) string {
	spec := feeds[feed]
	key := r.key(spec.key)
	known, exists := w.rows[feed][key]
	switch {
	case !exists:
	case known.equal(r):
		return "duplicate"
	// A missing version is "", which sorts before every time.
	case spec.version != "" && r[spec.version] < known[spec.version]:
		return "superseded"
	}
	w.rows[feed][key] = r
	delete(w.ordered, feed)
	if feed == "practitioner_status" {
		w.people = nil
	}
	return "loaded"
}

// gateShare is the share of rejected rows of a file, in per cent, above which a run stops.
const gateShare = 5

// Outcome is what one run did.
type Outcome struct {
	Counts map[string]pipeline.FileCounts // by file name
	Gated  bool                           // a file had too many rejected rows: nothing was judged
	Result Result
	Issued []StatementRow // rows of the statement this run issued
}

// Run takes a batch in (byte order of the names), audits, closes the period of
// a monthly run and computes the ratios of ratioPeriods (yyyy-MM), of an annual
// run those of its year too, and of both the scorecard's figures.
func (w *World) Run(b Batch, ratioPeriods ...string) Outcome {
	o := Outcome{Counts: map[string]pipeline.FileCounts{}}
	files := append([]File(nil), b.Files...)
	sort.Slice(files, func(i, j int) bool { return files[i].Name < files[j].Name })
	for _, f := range files {
		n := w.Deliver(f)
		o.Counts[f.Name] = n
		if n.Rejected.Rows*100 > n.Read.Rows*gateShare {
			o.Gated = true
		}
	}
	if o.Gated {
		return o
	}
	if p := b.Period(); p != "" {
		o.Issued = w.Close(p, b.AsOf)
	}
	w.Ratios(ratioPeriods...)
	own := b.Period()
	if year := b.Year(); year != "" {
		own = year + "-12"
		w.ratiosOf(windowsOf(own)[1:]...)
	}
	if own != "" {
		w.Metrics(own, b.AsOf, ratioPeriods...)
	}
	o.Result = w.Audit(b.AsOf)
	return o
}

// KeepsPoints tells whether any decision of the points record was delivered: then the late changes among the figures are
// beyond the twin.
func (w *World) KeepsPoints() bool { return len(w.rows["points_decision"]) > 0 }

// sorted returns the rows of a feed in the order of their keys.
func (w *World) sorted(feed string) []row {
	if rows, ok := w.ordered[feed]; ok {
		return rows
	}
	keys := make([]string, 0, len(w.rows[feed]))
	for k := range w.rows[feed] {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	out := make([]row, 0, len(keys))
	for _, k := range keys {
		out = append(out, w.rows[feed][k])
	}
	w.ordered[feed] = out
	return out
}
