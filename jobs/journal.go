package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"claimsaudit/pipeline"
	"claimsaudit/pipeline/warehouse"
	sqlfiles "claimsaudit/sql"
)

// The journal stands beside the delivered files, one file per link of the chain, so that the archive alone tells what
// was done with them, in which order and by which settings. It is written after the ledger and only from it.

// journalEntry is one link with what a rebuild needs beside its manifest. Times are wall times of Asia/Shanghai.
type journalEntry struct {
	LinkNo       int64             `json:"link_no"`
	PreviousHash string            `json:"previous_hash"`
	ChainHash    string            `json:"chain_hash"`
	RunID        string            `json:"run_id"`
	Job          string            `json:"job"`
	Period       string            `json:"period"`
	AsOf         string            `json:"as_of"`
	StartedAt    string            `json:"started_at"`
	FinishedAt   string            `json:"finished_at"` // "" if the run was killed
	State        string            `json:"state"`
	ExitCode     int               `json:"exit_code"`
	Error        string            `json:"error"`
	IsPublished  bool              `json:"is_published"`
	Config       string            `json:"config"` // SHA-256 of archive/config/<it>.json
	Program      string            `json:"program"`
	Deliveries   []journalDelivery `json:"deliveries"`
	Models       []journalModel    `json:"models"`
	Manifest     string            `json:"manifest"` // the very text the chain hash covers
}

type journalDelivery struct {
	Path       string `json:"path"`
	SHA256     string `json:"sha256"`
	Outcome    string `json:"outcome"`
	Reason     string `json:"reason"`
	ReceivedAt string `json:"received_at"`
}

type journalModel struct {
	Model      string `json:"model"`
	FinishedAt string `json:"finished_at"`
}

// settleLedger completes what a killed run left: its link of the chain and, as after a kill between a commit and its
// file, the journal.
func (s *runState) settleLedger(ctx context.Context) error {
	if err := s.db.MarkDead(ctx); err != nil {
		return fmt.Errorf("mark killed runs: %w", err)
	}
	dead, err := s.db.Unlinked(ctx)
	if err != nil {
		return err
	}
	for _, run := range dead {
		if _, err := s.link(ctx, run); err != nil {
			return fmt.Errorf("link killed run %s: %w", run.ID, err)
		}
		s.Log.Warn().Str("run", run.ID).Msg("run was killed: what it took in is kept and linked")
	}
	return s.writeJournal(ctx)
}

// writeJournal writes the entry of every link that has none.
func (s *runState) writeJournal(ctx context.Context) error {
	ids, err := s.db.LinkIDs(ctx)
	if err != nil {
		return err
	}
	names, err := journalNames(s.path("archive"))
	if err != nil {
		return err
	}
	present := map[int64]bool{}
	for _, name := range names {
		no := journalNumber(name)
		if present[no] = true; name != journalName(no, ids[no]) {
			return &pipeline.Error{Kind: pipeline.KindInternal, Op: "write journal", Where: s.path("archive", journalFolder, name),
				Err: errors.New("the archive knows a run that the warehouse does not: the warehouse is an older copy, or a run was deleted from it"),
				Hint: "nothing that was delivered is lost: `claimsaudit verify` says what differs, `claimsaudit rebuild --into NEW_DIRECTORY` " +
					"makes the warehouse anew from the archive"}
		}
	}
	first := int64(1)
	for present[first] {
		first++
	}
	links, err := s.db.Links(ctx, first)
	if err != nil {
		return err
	}
	for i, l := range links {
		if present[l.No] {
			continue
		}
		if i < len(links)-2 && len(present) > 0 { // the newest, and a killed one before it, are in order
			s.Log.Warn().Str("run", l.ID).Msg("journal entry was missing: written again from the ledger")
		}
		if err := s.writeEntry(ctx, l); err != nil {
			return err
		}
	}
	return nil
}

func (s *runState) writeEntry(ctx context.Context, l warehouse.Link) error {
	traces, err := s.db.Traces(ctx, l.ID)
	if err != nil {
		return err
	}
	e := entryOf(l, traces[l.ID])
	version, revision := build()
	e.Program = version + " " + revision // a rebuild wants the same
	text, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	return writeOnce(s.path("archive", journalFolder, journalName(l.No, l.ID)), append(text, '\n'))
}

// entryOf is what the ledger knows of a link.
func entryOf(l warehouse.Link, trace *warehouse.Trace) journalEntry {
	e := journalEntry{
		LinkNo: l.No, PreviousHash: l.PreviousHash, ChainHash: l.ChainHash, RunID: l.ID, Job: l.Job, Period: l.Period,
		AsOf: l.AsOf.Format(time.DateOnly), StartedAt: wallText(l.StartedAt), FinishedAt: wallText(l.FinishedAt), State: l.State,
		ExitCode: l.ExitCode, Error: l.Error, IsPublished: l.IsPublished, Config: l.ConfigSHA256, Manifest: l.Manifest,
		Deliveries: []journalDelivery{}, Models: []journalModel{},
	}
	if trace == nil {
		return e
	}
	for _, d := range trace.Deliveries {
		e.Deliveries = append(e.Deliveries, journalDelivery{d.Path, d.SHA256, d.Outcome, d.Reason, wallText(d.ReceivedAt)})
	}
	for _, m := range trace.Models {
		e.Models = append(e.Models, journalModel{m.Model, wallText(m.FinishedAt)})
	}
	return e
}

// archiveConfig keeps what this run judges by beside the delivered files and returns its SHA-256.
func (s *runState) archiveConfig() (string, error) {
	text := s.Config.Effective()
	sum := sqlfiles.Digest(text)
	if s.isPlan {
		return sum, nil
	}
	path := configPath(s.path("archive"), sum)
	if _, err := os.Stat(path); err == nil {
		return sum, nil
	}
	return sum, writeOnce(path, text)
}

// Folders of the archive beside those of delivered files, whose names are two hex digits.
const (
	journalFolder = "journal"
	configFolder  = "config"
)

func configPath(archive, sha256 string) string {
	return filepath.Join(archive, configFolder, sha256+".json")
}

func journalName(no int64, runID string) string { return fmt.Sprintf("%06d-%s.json", no, runID) }

var journalPattern = regexp.MustCompile(`^(\d{6,})-(.+)\.json$`)

// journalNames lists the journal's files in the order of their links; none without a journal.
func journalNames(archive string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(archive, journalFolder))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, dataError(filepath.Join(archive, journalFolder), err)
	}
	var names []string
	for _, e := range entries {
		if journalPattern.MatchString(e.Name()) {
			names = append(names, e.Name())
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		if len(a) == len(b) || journalNumber(a) == journalNumber(b) {
			return strings.Compare(a, b)
		}
		return int(journalNumber(a) - journalNumber(b))
	})
	return names, nil
}

func journalNumber(name string) int64 {
	no, _ := strconv.ParseInt(journalPattern.FindStringSubmatch(name)[1], 10, 64) // digits, and not too many
	return no
}

func readEntry(archive, name string) (e journalEntry, err error) {
	path := filepath.Join(archive, journalFolder, name)
	text, err := os.ReadFile(path)
	if err != nil {
		return e, dataError(path, err)
	}
	if err := json.Unmarshal(text, &e); err != nil {
		return e, fmt.Errorf("is no journal entry: %w", err)
	}
	return e, nil
}

// wallLayout writes the wall times of the ledger, to the microsecond that the database keeps.
const wallLayout = "2006-01-02T15:04:05.000000"

func wallText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(wallLayout)
}

// readWall reads what wallText wrote; "" is the zero time.
func readWall(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(wallLayout, text)
	if err != nil {
		return t, fmt.Errorf("read time of the journal: %w", err)
	}
	return t, nil
}

// writeOnce makes a read-only file in a folder of the archive that is complete as soon as it has its name, and never takes
// the place of another. The caller holds the lock.
func writeOnce(path string, text []byte) error {
	dir := filepath.Dir(path)
	incoming := filepath.Join(filepath.Dir(dir), ".incoming") // where half files of the archive are, and nobody minds them
	for _, folder := range []string{dir, incoming} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return keepError(folder, err)
		}
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return keepError(path, fs.ErrExist)
	}
	part := filepath.Join(incoming, "entry")
	if err := removeScratch(part); err != nil { // what a kill left
		return err
	}
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o400)
	if err != nil {
		return keepError(part, err)
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(part, path)
	}
	if err == nil {
		err = errors.Join(syncFolder(dir), syncFolder(filepath.Dir(dir)))
	}
	if err != nil {
		return keepError(path, err)
	}
	return nil
}

func keepError(path string, err error) error {
	return &pipeline.Error{Kind: pipeline.KindInternal, Op: "write to archive", Where: path, Err: err,
		Hint: "see that the archive is writable by this user and its disk has space, then run again: what is missing is written then"}
}
