// Package transform runs the numbered SQL layers. Each model's digest is made
// from its text, the settings it names and the digests of the tables it reads;
// a model whose digest stands in the ledger is not run again, so a run that was
// cut off resumes where it stopped and a run with nothing new does nothing.
// On an error the models already run keep their rows; the failed one keeps its former rows.
package transform

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"sort"
	"strings"
	"time"

	"claimsaudit/pipeline"
	"claimsaudit/pipeline/warehouse"
	sqlfiles "claimsaudit/sql"
)

// Layers of the audit. Statement is run only where one is to be issued or planned.
var (
	AuditLayers     = []string{"30_core", "40_verdict"}
	StatementLayers = []string{"50_statement"}
	RatioLayers     = []string{"60_ratio"}
	// ScoreLayers need the points record as of the run's day, which is written behind the others.
	ScoreLayers = []string{"70_score"}
)

// Input is what the models depend on beside their text.
type Input struct {
	RunID string
	// Feeds maps each feed to a token that changes when its rows change.
	Feeds map[string]string
	// Settings stands for the tables of schema ref that come from the configuration.
	Settings string
	// Params maps each name of a model's Params line to a token that changes with its effect.
	Params map[string]string
	Clock  pipeline.Clock
	// Only holds the models that may run; nil is all. A rebuild computes what the recorded run computed.
	Only map[string]bool
	// Step is told of every model before it runs and, with rows >= 0, after; may be nil.
	Step func(model string, rows int64, took time.Duration)
}

// Run computes the models of the layers that are not up to date and returns how many it ran.
func Run(ctx context.Context, db *warehouse.DB, in Input, layers ...string) (int, error) {
	all, err := sqlfiles.Models("30_core", "40_verdict", "50_statement", "60_ratio", "70_score")
	if err != nil {
		return 0, err
	}
	wanted := map[string]bool{}
	for _, l := range layers {
		wanted[l] = true
	}
	digests := newDigests(in, all)
	ran := 0
	for _, m := range all {
		digest := digests.add(m)
		if !wanted[m.Layer] || (in.Only != nil && !in.Only[m.Name]) {
			continue
		}
		did, err := runModel(ctx, db, in, m, digest)
		if err != nil {
			return ran, err
		}
		if did {
			ran++
		}
	}
	return ran, nil
}

func runModel(ctx context.Context, db *warehouse.DB, in Input, m sqlfiles.Model, digest string) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	known, err := db.ModelDigest(ctx, m.Name)
	if err != nil {
		return false, err
	}
	if known == digest {
		return false, nil
	}
	if in.Step != nil {
		in.Step(m.Name, -1, 0)
	}
	start := in.Clock()
	rows, err := db.RunModel(ctx, m, digest, in.RunID, start)
	if err != nil {
		hint := pipeline.HintOf(err)
		if hint == "" {
			hint = "run again: finished models are kept; if it fails again, report the message"
		}
		return false, &pipeline.Error{Kind: pipeline.KindOf(err), Op: "compute " + m.Layer + "/" + m.Name, Err: err, Hint: hint}
	}
	if in.Step != nil {
		in.Step(m.Name, rows, in.Clock().Sub(start))
	}
	return true, nil
}

// digests follows the lineage that the models' headers declare.
type digests struct {
	in      Input
	written map[string][]string // table → digests of the models that write it
}

func newDigests(in Input, models []sqlfiles.Model) *digests {
	d := &digests{in: in, written: map[string][]string{}}
	for _, m := range models {
		if m.Writes != "" {
			d.written[m.Writes] = nil
		}
	}
	return d
}

func (d *digests) add(m sqlfiles.Model) string {
	parts := []string{m.SHA256, "settings " + d.in.Settings}
	for _, table := range m.Reads {
		parts = append(parts, table+" "+d.of(table))
	}
	for _, p := range m.Params {
		parts = append(parts, p+" "+d.in.Params[p])
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\n")))
	digest := hex.EncodeToString(sum[:])
	if m.Writes != "" {
		d.written[m.Writes] = append(d.written[m.Writes], digest)
	}
	return digest
}

// of is the digest of a table: of the models that write it, of the feed it shows, or of all feeds.
func (d *digests) of(table string) string {
	if models, ok := d.written[table]; ok {
		return strings.Join(models, " ")
	}
	_, name, _ := strings.Cut(table, ".")
	if token, ok := d.in.Feeds[strings.TrimSuffix(name, "_delivered")]; ok {
		return token
	}
	if token, ok := d.in.Params[table]; ok {
		return token
	}
	if strings.HasPrefix(table, "ref.") {
		return "" // covered by settings and params
	}
	all := make([]string, 0, len(d.in.Feeds))
	for feed, token := range d.in.Feeds {
		all = append(all, feed+" "+token)
	}
	sort.Strings(all)
	return strings.Join(all, " ")
}
