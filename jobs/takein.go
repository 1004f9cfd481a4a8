package jobs

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"claimsaudit/pipeline"
	"claimsaudit/pipeline/decode"
	"claimsaudit/pipeline/intake"
	"claimsaudit/pipeline/warehouse"
)

// takeInAll takes every delivery in, one transaction each, and applies the gate.
func (s *runState) takeInAll(ctx context.Context, found intake.Found) error {
	for _, d := range found.Deliveries {
		if err := ctx.Err(); err != nil {
			return interrupted("take in files", err)
		}
		if err := s.takeIn(ctx, d); err != nil {
			return err
		}
	}
	return s.gate(ctx)
}

func interrupted(op string, err error) error {
	return &pipeline.Error{Kind: pipeline.KindInterrupted, Op: op, Err: err, Hint: "run again: finished steps are kept"}
}

// takeIn loads one delivery. A file that is refused is recorded and archived and does not stop the run.
func (s *runState) takeIn(ctx context.Context, d intake.Delivery) error {
	s.takenAt = s.now()
	log := s.Log.With().Str("file", d.Path).Str("sha256", d.SHA256[:12]).Logger()
	known, err := s.db.IsLoaded(ctx, d.SHA256)
	if err != nil {
		return err
	}
	if known {
		if err := intake.Unchanged(d); err != nil {
			return s.leave(d, err)
		}
		s.out.NoOps++
		log.Info().Msg("same bytes as before: nothing to do")
		if err := s.db.RecordDelivery(ctx, s.row.ID, d.Path, d.SHA256, "no-op", "", s.takenAt); err != nil {
			return err
		}
		return s.archive(ctx, d)
	}
	loaded, err := s.load(ctx, d)
	if pipeline.KindOf(err) == pipeline.KindBadFile {
		return s.refuse(ctx, d, err)
	}
	if err != nil {
		return err
	}
	s.out.Files++
	for _, l := range loaded {
		c := l.file.Counts
		s.db.GiveBack(c.Read.Rows)
		s.out.Rows += c.Read.Rows
		s.out.Rejected += c.Rejected.Rows
		log.Info().Str("feed", l.file.Feed).Str("encoding", l.file.Encoding).Int64("read", c.Read.Rows).Int64("loaded", c.Loaded.Rows).
			Int64("superseded", c.Superseded.Rows).Int64("duplicate", c.Duplicate.Rows).Int64("rejected", c.Rejected.Rows).Msg("taken in")
		if l.quarantine != "" {
			s.out.Quarantine = append(s.out.Quarantine, l.quarantine)
		}
	}
	return s.archive(ctx, d)
}

// archive moves the delivery out of the inbox once its transaction is committed.
func (s *runState) archive(ctx context.Context, d intake.Delivery) error {
	if s.isPlan {
		return nil
	}
	_, err := intake.Archive{Dir: s.path("archive")}.Put(ctx, d)
	if errors.Is(err, intake.ErrChanging) { // in the instant since it was looked at: what it is now is the next run's
		return s.leave(d, err)
	}
	if err != nil && ctx.Err() == nil {
		return &pipeline.Error{Kind: pipeline.KindInternal, Op: "archive file", Where: d.Path, Err: err,
			Hint: "its rows are safe; make " + s.path("archive") + " writable and see that there is space, then run again: it moves there"}
	}
	return err
}

// leave leaves a file to the next run, unrecorded: it is not what it was when it was hashed, and cannot be archived as that.
func (s *runState) leave(d intake.Delivery, cause error) error {
	if pipeline.KindOf(cause) != pipeline.KindBadFile { // it is gone, or the disk is
		return cause
	}
	s.out.Refused++
	s.problems = append(s.problems, cause)
	s.Log.Error().Err(cause).Str("file", d.Path).Str("hint", pipeline.HintOf(cause)).Msg("file left in the inbox")
	return nil
}

// refuse records a file of which nothing was loaded.
func (s *runState) refuse(ctx context.Context, d intake.Delivery, cause error) error {
	if changed := intake.Unchanged(d); changed != nil {
		return s.leave(d, changed)
	}
	s.out.Refused++
	s.problems = append(s.problems, cause)
	s.Log.Error().Err(cause).Str("file", d.Path).Str("hint", pipeline.HintOf(cause)).Msg("file refused, nothing of it was loaded")
	if err := s.db.RecordDelivery(ctx, s.row.ID, d.Path, d.SHA256, "refused", cause.Error(), s.takenAt); err != nil {
		return err
	}
	s.out.RefusedFiles = append(s.out.RefusedFiles, fmt.Sprintf("%s: kept as %s", d.Path, s.path("archive", d.SHA256[:2], d.SHA256, d.Name)))
	return s.archive(ctx, d)
}

// loadedFile is a file or archive member that was loaded.
type loadedFile struct {
	file       warehouse.File
	quarantine string // path of its rejected rows, "" if none
	spool      *warehouse.RejectedSpool
	info       decode.Info
}

// load reads every member of a delivery and stores it, all or nothing.
func (s *runState) load(ctx context.Context, d intake.Delivery) (loaded []loadedFile, err error) {
	if d.ControlErr != nil {
		return nil, d.ControlErr
	}
	contents, cleanup, err := intake.Expand(ctx, d, s.path("tmp"), intake.Limits{MemberName: decode.FileName})
	defer cleanup()
	if err != nil {
		return nil, err
	}
	defer func() {
		for _, l := range loaded {
			l.spool.Close()
		}
	}()
	err = s.db.Tx(ctx, func() error {
		var total pipeline.Tally
		for _, m := range contents.Members {
			l, err := s.loadMember(ctx, d, m)
			if err != nil {
				return err
			}
			loaded = append(loaded, l)
			total = total.Add(l.file.Counts.Read)
		}
		if err := d.Control.Check(d.SHA256, total.Rows, total.Cents); err != nil {
			return err
		}
		for i := range loaded {
			if err := s.writeQuarantine(ctx, &loaded[i]); err != nil {
				return err
			}
			if err := s.noteGate(ctx, loaded[i]); err != nil {
				return err
			}
		}
		if err := intake.Unchanged(d); err != nil {
			return err
		}
		return s.db.RecordDelivery(ctx, s.row.ID, d.Path, d.SHA256, "loaded", "", s.takenAt)
	})
	if err != nil {
		return nil, err
	}
	return loaded, s.settleQuarantine(ctx)
}

// centsMax bounds the sum of a file's amounts, far above any fund and far below what the tables hold.
const centsMax = 10_000_000_000_000_000

// loadMember decodes one plain file into its staging table and settles the fates of its rows.
func (s *runState) loadMember(ctx context.Context, d intake.Delivery, m intake.Member) (l loadedFile, err error) {
	id, err := s.db.NextFileID(ctx)
	if err != nil {
		return l, err
	}
	spool, err := warehouse.NewRejectedSpool(s.path("tmp"))
	if err != nil {
		return l, err
	}
	defer func() {
		if err != nil {
			spool.Close()
		}
	}()
	s.startProgress("read "+m.Name, m.Size)
	defer s.endProgress()
	reader, err := decode.Open(ctx, decode.Source{
		Path: m.Path, Name: m.Name, Feed: m.Feed, Layout: &s.Config.Layout, FileID: id, Encoding: s.encodingOf(m.Name), Bands: s.bands(), Article: s.articleOf(m.Feed.Name),
		Indicators: s.indicators(), ScoredFrom: s.scoredFrom(),
		Reject: spool.Add, Progress: s.addProgress,
	})
	if err != nil {
		return l, err
	}
	defer reader.Release()
	arrived, err := s.db.LoadRows(ctx, m.Feed, id, reader)
	if err != nil {
		return l, err
	}
	info := reader.Info()
	if total := info.Read.Cents; total > centsMax || total < -centsMax {
		return l, &pipeline.Error{Kind: pipeline.KindBadFile, Op: "add up amounts", Where: m.Name, Err: errors.New("the amounts add up to more than 100 million million yuan"),
			Hint: "a column of the file holds something else than amounts; ask for it again"}
	}
	if m.Feed.Name == "points_decision" {
		if err := s.db.NoteDecisions(ctx, id); err != nil {
			return l, err
		}
	}
	if err := s.db.LoadRejected(ctx, spool, id); err != nil {
		return l, err
	}
	counts, err := s.db.Settle(ctx, arrived)
	if err != nil {
		return l, err
	}
	counts.Read, counts.Rejected = info.Read, info.Rejected
	if err := counts.Check(); err != nil {
		return l, &pipeline.Error{Kind: pipeline.KindInternal, Op: "balance rows", Where: m.Name, Err: err,
			Hint: "nothing of the file was kept; report this message"}
	}
	if err := m.Control.Check(m.SHA256, info.Read.Rows, info.Read.Cents); err != nil {
		return l, err
	}
	l = loadedFile{spool: spool, info: info, file: warehouse.File{
		ID: id, SHA256: d.SHA256, Name: filepath.Base(m.Name), Path: d.Path, Feed: m.Feed.Name, Encoding: info.Encoding, State: "loaded",
		Counts: counts, ReceivedAt: s.takenAt, RunID: s.row.ID,
	}}
	if s.req.Job == Replay {
		if err := s.markReplayed(ctx, d); err != nil {
			return l, err
		}
	}
	return l, s.db.RecordFile(ctx, l.file)
}

// encodingOf is the encoding an operator set for files of that name, "" to detect it.
func (s *runState) encodingOf(name string) string {
	best := ""
	for glob := range s.Config.Layout.Encodings {
		if ok, err := filepath.Match(glob, name); err == nil && ok && (best == "" || glob < best) {
			best = glob
		}
	}
	return s.Config.Layout.Encodings[best]
}

func (r *Runner) startProgress(step string, total int64) {
	if r.Progress != nil {
		r.Progress.Start(step, total)
	}
}

func (r *Runner) addProgress(n int64) {
	if r.Progress != nil {
		r.Progress.Add(n)
	}
}

func (r *Runner) endProgress() {
	if r.Progress != nil {
		r.Progress.Done()
	}
}

// articleOf is what the rejected rows of a feed cite.
func (s *runState) articleOf(feed string) string {
	points := &s.Config.RulePack.Points
	return map[string]string{"repair": points.Repair.Article, "restoration": points.Restoration.Article}[feed]
}

// bands are the points the rule pack lets an article give.
func (s *runState) bands() []decode.Band {
	var list []decode.Band
	for _, b := range s.Config.RulePack.Points.Bands {
		list = append(list, decode.Band(b))
	}
	return list
}
