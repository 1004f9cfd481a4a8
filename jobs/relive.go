package jobs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"claimsaudit/pipeline"
	"claimsaudit/pipeline/intake"
	"claimsaudit/pipeline/warehouse"
)

// pastRun is a recorded run that is done again.
type pastRun struct {
	*runState
	of         *rebuilding
	entry      journalEntry
	said       manifest
	startedAt  time.Time
	finishedAt time.Time
	models     map[string]time.Time
}

// past makes an entry of the journal a run to be done again.
func (b *rebuilding) past(e journalEntry) (*pastRun, error) {
	fault := func(err error) (*pastRun, error) {
		return nil, &pipeline.Error{Kind: pipeline.KindInternal, Op: "rebuild run " + e.RunID, Where: fmt.Sprintf("link %d", e.LinkNo), Err: err, Hint: hintJournal}
	}
	config, err := b.settingsOf(e)
	if err != nil {
		return nil, err
	}
	p := &pastRun{of: b, entry: e, models: map[string]time.Time{}}
	if p.said, err = parseManifest(e.Manifest); err != nil {
		return fault(err)
	}
	req := Request{Job: Job(e.Job)}
	switch {
	case req.Job == Annual:
		if req.Year, err = strconv.Atoi(e.Period); err != nil {
			return fault(err)
		}
	case e.Period != "":
		if req.Period, err = pipeline.ParsePeriod(e.Period); err != nil {
			return fault(err)
		}
	}
	if req.AsOf, err = time.Parse(time.DateOnly, e.AsOf); err != nil {
		return fault(err)
	}
	if p.startedAt, err = readWall(e.StartedAt); err != nil {
		return fault(err)
	}
	if p.finishedAt, err = readWall(e.FinishedAt); err != nil {
		return fault(err)
	}
	for _, m := range e.Models {
		if p.models[m.Model], err = readWall(m.FinishedAt); err != nil {
			return fault(err)
		}
	}
	runner := *b.Runner
	runner.Config = config
	p.runState = &runState{Runner: &runner, db: b.db, req: req, out: &Outcome{RunID: e.RunID, Period: e.Period}}
	p.runState.row = warehouse.Run{ID: e.RunID, Job: e.Job, Period: e.Period, AsOf: req.AsOf, StartedAt: p.startedAt,
		SettingsDigest: p.said.Settings, ConfigSHA256: e.Config, SQLDigest: p.said.SQL}
	return p, nil
}

// clock sets what the replayed run takes for the present; a time that was not recorded leaves it.
func (p *pastRun) clock(wall time.Time) {
	if !wall.IsZero() {
		p.of.present = wallTime(wall)
	}
}

// relive does the run again as far as it came, and wants the same link.
func (p *pastRun) relive(ctx context.Context, isLastPublished bool) error {
	p.clock(p.startedAt)
	id, err := p.db.StartRun(ctx, p.row)
	if err != nil {
		return err
	}
	if id != p.entry.RunID {
		return fmt.Errorf("rebuild run %s: the ledger calls it %s", p.entry.RunID, id)
	}
	for _, d := range p.entry.Deliveries {
		if err := p.takeInAgain(ctx, d); err != nil {
			return err
		}
	}
	if p.isJudged() || p.entry.ExitCode == pipeline.KindGate.ExitCode() {
		if err := p.gate(ctx); err != nil && pipeline.KindOf(err) != pipeline.KindGate {
			return err
		}
	}
	if err := p.judgeAgain(ctx); err != nil {
		return err
	}
	if err := p.linkAgain(ctx); err != nil {
		return err
	}
	if p.entry.IsPublished {
		return p.publishAgain(ctx, isLastPublished)
	}
	return nil
}

// isJudged reports whether the run came past the gate and left anything behind there.
func (p *pastRun) isJudged() bool {
	if p.req.Job == Housekeeping {
		return false
	}
	return didItsWork(p.entry.ExitCode) || p.entry.IsPublished || len(p.said.Models) > 0 || p.said.Statement != nil
}

// takeInAgain does to a delivery what was done to it.
func (p *pastRun) takeInAgain(ctx context.Context, was journalDelivery) error {
	at, err := readWall(was.ReceivedAt)
	if err != nil {
		return err
	}
	p.clock(at)
	p.of.out.Files++
	if was.Outcome == "refused" { // nothing of it was loaded
		return p.db.RecordDelivery(ctx, p.row.ID, was.Path, was.SHA256, was.Outcome, was.Reason, p.now())
	}
	d, err := intake.Archive{Dir: p.path("archive")}.Delivery(was.Path, was.SHA256)
	if err != nil {
		return err
	}
	if err := p.checkBytes(ctx, intake.Found{Deliveries: []intake.Delivery{d}}); err != nil {
		return err
	}
	if err := p.takeIn(ctx, d); err != nil {
		return err
	}
	if p.req.Job != Replay {
		return nil
	}
	// The corrected file went from the quarantine to the archive; the replay above wrote the uncorrected one.
	if err := os.Remove(p.path("quarantine", d.Name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return dataError(p.path("quarantine", d.Name), err)
	}
	return nil
}

// judgeAgain computes the models the run computed and issues the statement it issued.
func (p *pastRun) judgeAgain(ctx context.Context) error {
	if !p.isJudged() {
		return nil
	}
	if !p.of.req.AcceptOtherProgram { // another program may have other models
		p.only = map[string]bool{}
		for _, model := range p.said.Models {
			p.only[model] = true
		}
	}
	p.onModel = func(model string) { p.clock(p.models[model]) }
	if err := p.audit(ctx); err != nil {
		return err
	}
	if p.said.Statement == nil && !(p.said.isEarlier() && p.req.Job == Monthly) {
		return nil
	}
	if err := p.closeMonth(ctx); err != nil {
		return err
	}
	if p.out.Statement != nil {
		p.of.out.Statements++
	}
	return nil
}

// linkAgain links the run and compares: first what it did, then its hash.
func (p *pastRun) linkAgain(ctx context.Context) error {
	p.clock(p.finishedAt)
	sql, err := sqlDigest()
	if err != nil {
		return err
	}
	row := p.row
	row.SQLDigest = sql
	is, err := p.manifest(ctx, row)
	if err != nil {
		return err
	}
	var differing []difference
	for _, d := range differences(p.said, is) {
		if p.of.req.AcceptOtherProgram && mayDiffer(d.field, p.said) {
			continue
		}
		differing = append(differing, d)
	}
	if len(differing) > 0 {
		return p.differs(differing)
	}
	if len(differences(p.said, is)) > 0 {
		p.of.out.Differing++
	}
	row.SQLDigest = p.said.SQL
	row.State, row.ExitCode, row.Error = p.entry.State, p.entry.ExitCode, p.entry.Error
	row.FinishedAt, row.RowsIn = p.finishedAt, p.said.RowsIn
	if p.entry.IsPublished { // as it stood when its publication was made
		row.State, row.Error, row.ExitCode = "publishing", "", 0
		if p.entry.ExitCode == pipeline.KindBadFile.ExitCode() || p.hasRefused() {
			row.ExitCode = pipeline.KindBadFile.ExitCode()
		}
	}
	p.row = row
	// The link is the recorded one: where another program is accepted, what was done then stays what was done.
	p.row.ChainHash, err = p.db.FinishRun(ctx, row, p.entry.Manifest)
	if err == nil && p.row.ChainHash != p.entry.ChainHash {
		err = fmt.Errorf("rebuild run %s: chain hash %s, want %s", p.entry.RunID, p.row.ChainHash, p.entry.ChainHash)
	}
	return err
}

// hasRefused reports whether the run refused a file, which whatever was graver later does not show in its exit code.
func (p *pastRun) hasRefused() bool {
	return slices.ContainsFunc(p.entry.Deliveries, func(d journalDelivery) bool { return d.Outcome == "refused" })
}

// mayDiffer names the fields in which another program may differ. What a statement said is not among them.
func mayDiffer(field string, said manifest) bool {
	for _, prefix := range []string{"sql", "duckdb", "models", "results"} {
		if field == prefix || strings.HasPrefix(field, prefix+" ") {
			return true
		}
	}
	return said.isEarlier()
}

func (p *pastRun) differs(all []difference) error {
	var lines []string
	hint := "the archive is not the one these runs saw, or its journal was changed: compare with a backup of the archive"
	for _, d := range all {
		lines = append(lines, fmt.Sprintf("%s: recorded %s, rebuilt %s", d.field, d.want, d.got))
		if d.field == "sql" || d.field == "duckdb" {
			hint = fmt.Sprintf("the run was made by another program (%s): rebuild with that one, or give --accept-other-program", p.entry.Program)
		}
	}
	if len(lines) > 5 {
		lines = append(lines[:5], fmt.Sprintf("and %d more", len(all)-5))
	}
	return &pipeline.Error{Kind: pipeline.KindInternal, Op: "rebuild run " + p.entry.RunID, Where: fmt.Sprintf("link %d", p.entry.LinkNo),
		Err: errors.New(strings.Join(lines, "; ")), Hint: hint}
}

// publishAgain makes the reports of a month, and the publication where it is wanted: of the others only the last counts.
func (p *pastRun) publishAgain(ctx context.Context, isLast bool) error {
	state, err := p.publicationDigest(ctx)
	if err != nil {
		return err
	}
	reported, err := p.db.Fact(ctx, reportedFact+p.periodText())
	if err != nil {
		return err
	}
	p.isReported = reported != ""
	if isLast || p.req.Job == Monthly {
		if err := p.renew(ctx, p.PublishedPath()+".tmp"); err != nil {
			return err
		}
	}
	row := p.row
	row.State, row.ExitCode, row.Error = p.entry.State, p.entry.ExitCode, p.entry.Error
	return p.db.Tx(ctx, func() error {
		if err := p.db.MarkRun(ctx, row); err != nil {
			return err
		}
		return p.notePublication(ctx, state)
	})
}
