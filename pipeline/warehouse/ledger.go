package warehouse

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"claimsaudit/pipeline"
)

// Run is one row of the ledger of runs.
type Run struct {
	ID, Job, Period string
	AsOf            time.Time
	StartedAt       time.Time
	FinishedAt      time.Time // zero while it runs, and for ever if it was killed
	State           string    // running, publishing, done, failed, interrupted
	ExitCode        int
	RowsIn          int64
	Error           string
	ChainHash       string
	SettingsDigest  string // of all settings that change results
	ConfigSHA256    string // of their text as archived
	SQLDigest       string // of the models
	IsPublished     bool   // put a publication in place
}

// StartRun records that a run begins and returns its id. A run of the same id that did not finish is taken up again; one
// that is a link of the chain stays, and the new one's id gets a number. Runs of a process that died are marked interrupted.
func (db *DB) StartRun(ctx context.Context, r Run) (id string, err error) {
	err = db.Tx(ctx, func() error {
		var linked int64
		if err := db.Row(ctx, "SELECT count(*) FROM meta.run WHERE chain_hash IS NOT NULL AND (run_id = ? OR starts_with(run_id, ?))",
			[]any{&linked}, r.ID, r.ID+"-r"); err != nil {
			return fmt.Errorf("start run: %w", err)
		}
		if linked > 0 {
			r.ID = fmt.Sprintf("%s-r%d", r.ID, linked+1)
		}
		if err := db.exec(ctx, "UPDATE meta.run SET state = 'interrupted', exit_code = 130 WHERE state IN ('running', 'publishing')"); err != nil {
			return fmt.Errorf("start run: %w", err)
		}
		if err := db.exec(ctx, "DELETE FROM meta.run WHERE run_id = ?", r.ID); err != nil {
			return fmt.Errorf("start run: %w", err)
		}
		return db.exec(ctx, `INSERT INTO meta.run (run_id, job, period, as_of, started_at, state, rows_in, settings_digest, config_sha256, sql_digest)
VALUES (?, ?, nullif(?, ''), ?, ?, 'running', 0, ?, ?, ?)`, r.ID, r.Job, r.Period, r.AsOf, r.StartedAt, r.SettingsDigest, r.ConfigSHA256, r.SQLDigest)
	})
	return r.ID, err
}

// FinishRun records the end of a run and links it into the chain: its hash covers the former link and the manifest. A
// run that is the last link already stays the same link with a new manifest.
func (db *DB) FinishRun(ctx context.Context, r Run, manifest string) (chainHash string, err error) {
	err = db.Tx(ctx, func() error {
		var no sql.NullInt64
		var former string
		if err := db.Row(ctx, "SELECT link_no, coalesce(previous_hash, '') FROM meta.run WHERE run_id = ?", []any{&no, &former}, r.ID); err != nil {
			return fmt.Errorf("finish run: %w", err)
		}
		if !no.Valid {
			err := db.Row(ctx, "SELECT coalesce(max(link_no), 0) + 1, coalesce(max_by(chain_hash, link_no), '') FROM meta.run", []any{&no, &former})
			if err != nil {
				return fmt.Errorf("finish run: %w", err)
			}
		}
		chainHash = ChainHash(former, manifest)
		finished := sql.NullTime{Time: r.FinishedAt, Valid: !r.FinishedAt.IsZero()}
		return db.exec(ctx, `UPDATE meta.run SET finished_at = ?, state = ?, exit_code = ?, rows_in = ?, error = nullif(?, ''),
manifest = ?, link_no = ?, previous_hash = ?, chain_hash = ? WHERE run_id = ?`,
			finished, r.State, r.ExitCode, r.RowsIn, r.Error, manifest, no.Int64, former, chainHash, r.ID)
	})
	return chainHash, err
}

// Runs returns the newest runs, newest first.
func (db *DB) Runs(ctx context.Context, limit int) ([]Run, error) {
	var runs []Run
	err := db.Query(ctx, func(rows *sql.Rows) error {
		var r Run
		var finished sql.NullTime
		var period, text, chain sql.NullString
		var code sql.NullInt64
		if err := rows.Scan(&r.ID, &r.Job, &period, &r.AsOf, &r.StartedAt, &finished, &r.State, &code, &r.RowsIn, &text, &chain); err != nil {
			return err
		}
		r.FinishedAt, r.Period, r.Error, r.ChainHash, r.ExitCode = finished.Time, period.String, text.String, chain.String, int(code.Int64)
		runs = append(runs, r)
		return nil
	}, `SELECT run_id, job, period, as_of, started_at, finished_at, state, exit_code, rows_in, error, chain_hash
FROM meta.run ORDER BY started_at DESC, run_id DESC LIMIT ?`, limit)
	return runs, err
}

// File is one row of the ledger of files: a delivered file or a member of a delivered archive.
type File struct {
	ID                       int32
	SHA256, Name, Path, Feed string
	Encoding, State, Reason  string // State: loaded or refused
	Counts                   pipeline.FileCounts
	ReceivedAt               time.Time
	RunID                    string
}

// NextFileID is the number the next file gets; later files have larger numbers.
func (db *DB) NextFileID(ctx context.Context) (int32, error) {
	var id int32
	err := db.Row(ctx, "SELECT coalesce(max(file_id), 0) + 1 FROM meta.file", []any{&id})
	return id, err
}

// IsLoaded reports whether the bytes were taken in before.
func (db *DB) IsLoaded(ctx context.Context, sha256 string) (bool, error) {
	var n int64
	err := db.Row(ctx, "SELECT count(*) FROM meta.file WHERE file_sha256 = ? AND state = 'loaded'", []any{&n}, sha256)
	return n > 0, err
}

// RecordFile writes a file's row.
func (db *DB) RecordFile(ctx context.Context, f File) error {
	c := f.Counts
	return db.exec(ctx, `INSERT INTO meta.file VALUES (?, ?, ?, ?, ?, nullif(?, ''), ?, nullif(?, ''), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		f.ID, f.SHA256, f.Name, f.Path, f.Feed, f.Encoding, f.State, f.Reason,
		c.Read.Rows, c.Loaded.Rows, c.Superseded.Rows, c.Duplicate.Rows, c.Rejected.Rows,
		c.Read.Cents, c.Loaded.Cents, c.Superseded.Cents, c.Duplicate.Cents, c.Rejected.Cents, f.ReceivedAt, f.RunID)
}

// RecordDelivery writes that a delivery was looked at: loaded, no-op or refused.
func (db *DB) RecordDelivery(ctx context.Context, runID, path, sha256, outcome, reason string, at time.Time) error {
	return db.exec(ctx, `INSERT INTO meta.delivery
SELECT ?, ?, ?, ?, nullif(?, ''), CAST(? AS TIMESTAMP), coalesce(max(delivery_no), 0) + 1 FROM meta.delivery`, runID, path, sha256, outcome, reason, at)
}

// FeedTokens gives every feed a token that changes whenever its rows may have changed: its newest loaded file.
func (db *DB) FeedTokens(ctx context.Context) (map[string]string, error) {
	tokens := map[string]string{}
	for _, f := range pipeline.Feeds {
		tokens[f.Name] = "0"
	}
	err := db.Query(ctx, func(rows *sql.Rows) error {
		var feed, token string
		if err := rows.Scan(&feed, &token); err != nil {
			return err
		}
		tokens[feed] = token
		return nil
	}, "SELECT feed, CAST(max(file_id) AS VARCHAR) FROM meta.file WHERE state = 'loaded' AND loaded > 0 GROUP BY feed")
	return tokens, err
}

// Statement is the head of an issued statement.
type Statement struct {
	No, IssuedIn, RunID string
	AsOf                time.Time
	LastFileID          int32
	Lines               int64
	ContentSHA256       string // over its rows in canonical order
}

// LatestStatement is the statement of the latest closed month; ok is false before the first.
func (db *DB) LatestStatement(ctx context.Context) (s Statement, ok bool, err error) {
	err = db.Row(ctx, "SELECT statement_no, issued_in, run_id, as_of, last_file_id, line_count FROM audit.statement ORDER BY issued_in DESC LIMIT 1",
		[]any{&s.No, &s.IssuedIn, &s.RunID, &s.AsOf, &s.LastFileID, &s.Lines})
	if errors.Is(err, sql.ErrNoRows) {
		return s, false, nil
	}
	return s, err == nil, err
}

// StatementOf is the number of the statement that closed the month, "" without one of its own.
func (db *DB) StatementOf(ctx context.Context, period string) (string, error) {
	var no string
	err := db.Row(ctx, "SELECT statement_no FROM audit.statement WHERE issued_in = ?", []any{&no}, period)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return no, err
}

// IssueStatement closes the month: it writes the computed difference as a statement that never changes.
func (db *DB) IssueStatement(ctx context.Context, s Statement) (Statement, error) {
	err := db.Tx(ctx, func() error {
		var closed int64
		if err := db.Row(ctx, "SELECT count(*) FROM audit.statement WHERE issued_in >= ?", []any{&closed}, s.IssuedIn); err != nil {
			return err
		}
		if closed > 0 {
			return fmt.Errorf("issue statement %s: the month is closed", s.No)
		}
		if err := db.exec(ctx, `INSERT INTO audit.statement_line
SELECT ?, ?, period, fixmedins_code, setl_id, feedetl_sn, kind, amount_cents, cause FROM audit.statement_difference`, s.No, s.IssuedIn); err != nil {
			return err
		}
		var err error
		if s.ContentSHA256, err = db.statementDigest(ctx, s.No); err != nil {
			return err
		}
		if err := db.Row(ctx, "SELECT count(*) FROM audit.statement_line WHERE statement_no = ?", []any{&s.Lines}, s.No); err != nil {
			return err
		}
		return db.exec(ctx, "INSERT INTO audit.statement VALUES (?, ?, ?, ?, ?, ?, ?)", s.No, s.IssuedIn, s.AsOf, s.RunID, s.LastFileID, s.Lines, s.ContentSHA256)
	})
	return s, err
}

// statementDigest is the SHA-256 over the statement's rows in canonical order.
func (db *DB) statementDigest(ctx context.Context, no string) (string, error) {
	h := sha256.New()
	err := db.Query(ctx, func(rows *sql.Rows) error {
		var period, institution, setl, sn, kind, cause string
		var cents int64
		if err := rows.Scan(&period, &institution, &setl, &sn, &kind, &cents, &cause); err != nil {
			return err
		}
		fmt.Fprintf(h, "%q %q %q %q %q %d %q\n", period, institution, setl, sn, kind, cents, cause)
		return nil
	}, `SELECT period, fixmedins_code, setl_id, feedetl_sn, kind, amount_cents, cause FROM audit.statement_line
WHERE statement_no = ? ORDER BY setl_id, feedetl_sn, fixmedins_code, period, kind, amount_cents, cause`, no)
	return hex.EncodeToString(h.Sum(nil)), err
}
