package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"claimsaudit/pipeline/warehouse"
)

// manifest is what a link of the chain covers. As text it is canonical: JSON without blanks, keys sorted.
type manifest struct {
	AsOf      string                      `json:"as_of"`
	Config    string                      `json:"config"` // SHA-256 of the archived settings
	DuckDB    string                      `json:"duckdb"` // whose hash made the digests of results
	Feeds     map[string]string           `json:"feeds"`
	Files     []manifestFile              `json:"files"`
	Inputs    []manifestInput             `json:"inputs"` // every delivery looked at, in order
	Job       string                      `json:"job"`
	Models    []string                    `json:"models"` // computed by this run
	Period    string                      `json:"period"`
	Results   map[string]warehouse.Result `json:"results"`
	RowsIn    int64                       `json:"rows_in"`
	RunID     string                      `json:"run_id"`
	Settings  string                      `json:"settings"`
	SQL       string                      `json:"sql"`
	Statement *manifestStatement          `json:"statement"` // issued by this run
}

type manifestFile struct {
	Cents      int64  `json:"cents"`
	Duplicate  int64  `json:"duplicate"`
	Feed       string `json:"feed"`
	FileID     int32  `json:"file_id"`
	Loaded     int64  `json:"loaded"`
	Name       string `json:"name"`
	Read       int64  `json:"read"`
	Rejected   int64  `json:"rejected"`
	SHA256     string `json:"sha256"`
	Superseded int64  `json:"superseded"`
}

type manifestInput struct {
	Outcome string `json:"outcome"`
	Path    string `json:"path"`
	SHA256  string `json:"sha256"`
}

type manifestStatement struct {
	AsOf       string `json:"as_of"`
	IssuedIn   string `json:"issued_in"`
	LastFileID int32  `json:"last_file_id"`
	Lines      int64  `json:"lines"`
	No         string `json:"no"`
	SHA256     string `json:"sha256"`
}

// link records the end of a run and what it left as the next link of the chain.
func (s *runState) link(ctx context.Context, row warehouse.Run) (chainHash string, err error) {
	err = s.db.Tx(ctx, func() error {
		m, err := s.manifest(ctx, row)
		if err != nil {
			return err
		}
		text, err := json.Marshal(m)
		if err != nil {
			return fmt.Errorf("write manifest: %w", err)
		}
		chainHash, err = s.db.FinishRun(ctx, row, string(text))
		return err
	})
	return chainHash, err
}

// manifest says what a run did and what the tables are after it.
func (s *runState) manifest(ctx context.Context, row warehouse.Run) (m manifest, err error) {
	traces, err := s.db.Traces(ctx, row.ID)
	if err != nil {
		return m, err
	}
	m = newManifest(row, traces[row.ID])
	if m.Feeds, err = s.db.FeedTokens(ctx); err != nil {
		return m, err
	}
	if m.Results, err = s.db.Results(ctx); err != nil {
		return m, err
	}
	m.DuckDB, err = s.db.Version(ctx)
	return m, err
}

// newManifest is the part of a manifest that is the run's own.
func newManifest(row warehouse.Run, trace *warehouse.Trace) manifest {
	m := manifest{
		AsOf: row.AsOf.Format(time.DateOnly), Config: row.ConfigSHA256, Job: row.Job, Period: row.Period, RunID: row.ID,
		Settings: row.SettingsDigest, SQL: row.SQLDigest,
		Files: []manifestFile{}, Inputs: []manifestInput{}, Models: []string{},
	}
	for _, d := range trace.Deliveries {
		m.Inputs = append(m.Inputs, manifestInput{Outcome: d.Outcome, Path: d.Path, SHA256: d.SHA256})
	}
	for _, f := range trace.Files {
		c := f.Counts
		m.RowsIn += c.Read.Rows
		m.Files = append(m.Files, manifestFile{FileID: f.ID, SHA256: f.SHA256, Name: f.Name, Feed: f.Feed, Read: c.Read.Rows, Loaded: c.Loaded.Rows,
			Superseded: c.Superseded.Rows, Duplicate: c.Duplicate.Rows, Rejected: c.Rejected.Rows, Cents: c.Read.Cents})
	}
	for _, model := range trace.Models {
		m.Models = append(m.Models, model.Model)
	}
	if st := trace.Statement; st != nil {
		m.Statement = &manifestStatement{No: st.No, IssuedIn: st.IssuedIn, AsOf: st.AsOf.Format(time.DateOnly), LastFileID: st.LastFileID,
			Lines: st.Lines, SHA256: st.ContentSHA256}
	}
	return m
}

// parseManifest reads what newManifest wrote. A manifest of an earlier program has fields of other types: they stay empty,
// and isEarlier tells.
func parseManifest(text string) (m manifest, err error) {
	var otherType *json.UnmarshalTypeError
	if err := json.Unmarshal([]byte(text), &m); err != nil && !errors.As(err, &otherType) {
		return m, fmt.Errorf("read manifest: %w", err)
	}
	if m.isEarlier() {
		m.Statement = nil
	}
	return m, nil
}

// isEarlier reports whether an earlier program wrote the manifest, which archived no settings and recorded less.
func (m manifest) isEarlier() bool { return m.Config == "" }
