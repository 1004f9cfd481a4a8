package jobs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sort"
	"strings"

	"claimsaudit/pipeline"
	"claimsaudit/pipeline/intake"
	"claimsaudit/pipeline/warehouse"
	sqlfiles "claimsaudit/sql"
)

// lookAtInbox lists the deliveries and hashes them. For a replay they are the corrected quarantine files.
func (s *runState) lookAtInbox(ctx context.Context) (intake.Found, error) {
	dir := s.Config.Settings.Inbox
	if s.req.Job == Housekeeping {
		return intake.Found{}, nil
	}
	if s.req.Job == Replay {
		return s.correctedFiles(ctx)
	}
	found, err := intake.Scan(ctx, dir, s.Settle)
	if err != nil {
		return found, err
	}
	return found, s.hashAll(ctx, &found)
}

// hashAll fills in the SHA-256 of every delivery that has none yet; one that cannot be read becomes a problem of the run.
func (s *runState) hashAll(ctx context.Context, found *intake.Found) error {
	var whole []intake.Delivery
	for _, d := range found.Deliveries {
		var err error
		if d.SHA256 == "" {
			d.SHA256, err = intake.Hash(ctx, d)
		}
		if err != nil {
			if pipeline.KindOf(err) != pipeline.KindBadFile {
				return err
			}
			s.problems = append(s.problems, err)
			s.Log.Error().Err(err).Str("file", d.Path).Msg("file left in the inbox")
			continue
		}
		whole = append(whole, d)
	}
	found.Deliveries = whole
	for _, i := range found.Ignored {
		event := s.Log.Warn()
		if i.Problem {
			event = s.Log.Error().Err(i.Err)
			s.problems = append(s.problems, &pipeline.Error{Kind: pipeline.KindBadFile, Op: "read inbox", Where: i.Path, Err: i.Err,
				Hint: "give this user permission to read it, or move it out of the inbox"})
		}
		s.out.Ignored = append(s.out.Ignored, i.Path+": "+string(i.Why))
		event.Str("file", i.Path).Str("why", string(i.Why)).Msg("not taken")
	}
	return nil
}

// begin works out the run's id from what it is to do and what it starts from, and enters it into the ledger.
func (s *runState) begin(ctx context.Context, found intake.Found) error {
	feeds, err := s.db.FeedTokens(ctx)
	if err != nil {
		return err
	}
	models, err := sqlDigest()
	if err != nil {
		return err
	}
	parts := []string{string(s.req.Job), s.periodText(), s.req.AsOf.Format("2006-01-02"), s.Config.Digest, models, tokenText(feeds)}
	for _, d := range found.Deliveries {
		parts = append(parts, d.Path, d.SHA256)
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\n")))
	id := string(s.req.Job)
	if p := s.periodText(); p != "" {
		id += "-" + p
	}
	id += "-" + s.req.AsOf.Format("20060102") + "-" + hex.EncodeToString(sum[:5])
	row := warehouse.Run{ID: id, Job: string(s.req.Job), Period: s.periodText(), AsOf: s.req.AsOf, StartedAt: s.now(),
		SettingsDigest: s.Config.Digest, SQLDigest: models}
	if row.ConfigSHA256, err = s.archiveConfig(); err != nil {
		return err
	}
	if row.ID, err = s.db.StartRun(ctx, row); err != nil {
		return err
	}
	s.row = row
	s.out.RunID, s.out.Period = s.row.ID, s.periodText()
	s.Log.Info().Str("run", s.row.ID).Int("files", len(found.Deliveries)).Msg("run started")
	return nil
}

// periodText is what the run is for: its month, its year, "" for a run of a day.
func (s *runState) periodText() string {
	if s.req.Job == Annual {
		return fmt.Sprintf("%04d", s.req.Year)
	}
	return s.monthText()
}

func (s *runState) monthText() string {
	if s.req.Period.IsZero() {
		return ""
	}
	return s.req.Period.String()
}

func tokenText(feeds map[string]string) string {
	names := make([]string, 0, len(feeds))
	for name, token := range feeds {
		names = append(names, name+"="+token)
	}
	sort.Strings(names)
	return strings.Join(names, " ")
}

// sqlDigest stands for the text of every model.
func sqlDigest() (string, error) {
	models, err := sqlfiles.Models("10_accept", "30_core", "40_verdict", "50_statement", "60_ratio", "80_mart")
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for _, m := range models {
		fmt.Fprintln(h, m.Name, m.SHA256)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
