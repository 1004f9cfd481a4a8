package warehouse

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	sqlfiles "claimsaudit/sql"
)

// ChainHash is the hash of a link: SHA-256 over the former link's hash ("" for the first), a line break and the manifest.
func ChainHash(previous, manifest string) string {
	sum := sha256.Sum256([]byte(previous + "\n" + manifest))
	return hex.EncodeToString(sum[:])
}

// Link is a run as a link of the chain.
type Link struct {
	Run
	No           int64
	PreviousHash string
	Manifest     string
}

// LinkIDs names the run of every link by its number.
func (db *DB) LinkIDs(ctx context.Context) (map[int64]string, error) {
	ids := map[int64]string{}
	err := db.Query(ctx, func(rows *sql.Rows) error {
		var no int64
		var id string
		err := rows.Scan(&no, &id)
		ids[no] = id
		return err
	}, "SELECT link_no, run_id FROM meta.run WHERE link_no IS NOT NULL")
	return ids, err
}

// Links returns the chain in order, from that number on.
func (db *DB) Links(ctx context.Context, from int64) ([]Link, error) {
	var links []Link
	err := db.Query(ctx, func(rows *sql.Rows) error {
		var l Link
		var finished sql.NullTime
		if err := rows.Scan(&l.No, &l.ID, &l.Job, &l.Period, &l.AsOf, &l.StartedAt, &finished, &l.State, &l.ExitCode, &l.RowsIn, &l.Error,
			&l.IsPublished, &l.SettingsDigest, &l.ConfigSHA256, &l.SQLDigest, &l.PreviousHash, &l.Manifest, &l.ChainHash); err != nil {
			return err
		}
		l.FinishedAt = finished.Time
		links = append(links, l)
		return nil
	}, `SELECT link_no, run_id, job, coalesce(period, ''), as_of, started_at, finished_at, state, coalesce(exit_code, 0), coalesce(rows_in, 0), coalesce(error, ''),
  coalesce(is_published, false), coalesce(settings_digest, ''), coalesce(config_sha256, ''), coalesce(sql_digest, ''),
  coalesce(previous_hash, ''), coalesce(manifest, ''), coalesce(chain_hash, '')
FROM meta.run WHERE link_no >= ? ORDER BY link_no, run_id`, from)
	return links, err
}

// HasChain reports whether the warehouse was brought to the shape that numbers its links; a reader cannot do it.
func (db *DB) HasChain(ctx context.Context) (bool, error) {
	var n int64
	err := db.Row(ctx, "SELECT count(*) FROM duckdb_columns() WHERE schema_name = 'meta' AND table_name = 'run' AND column_name = 'link_no'", []any{&n})
	return n > 0, err
}

// MarkDead marks the runs of a process that died as interrupted. Call before a run starts, with the lock held.
func (db *DB) MarkDead(ctx context.Context) error {
	return db.exec(ctx, "UPDATE meta.run SET state = 'interrupted', exit_code = 130 WHERE state IN ('running', 'publishing')")
}

// Unlinked returns the runs that are no link of the chain, oldest first: those that were killed.
func (db *DB) Unlinked(ctx context.Context) ([]Run, error) {
	var runs []Run
	err := db.Query(ctx, func(rows *sql.Rows) error {
		var r Run
		if err := rows.Scan(&r.ID, &r.Job, &r.Period, &r.AsOf, &r.StartedAt, &r.State, &r.ExitCode, &r.Error,
			&r.SettingsDigest, &r.ConfigSHA256, &r.SQLDigest, &r.RowsIn); err != nil {
			return err
		}
		runs = append(runs, r)
		return nil
	}, `SELECT run_id, job, coalesce(period, ''), as_of, started_at, state, coalesce(exit_code, 0), coalesce(error, ''),
  coalesce(settings_digest, ''), coalesce(config_sha256, ''), coalesce(sql_digest, ''),
  CAST(coalesce((SELECT sum(rows_read) FROM meta.file f WHERE f.run_id = r.run_id), 0) AS BIGINT)
FROM meta.run r WHERE link_no IS NULL ORDER BY started_at, run_id`)
	return runs, err
}

// MarkPublished notes that the run's publication is in place.
func (db *DB) MarkPublished(ctx context.Context, runID string) error {
	return db.exec(ctx, "UPDATE meta.run SET is_published = true WHERE run_id = ?", runID)
}

// Delivery is one look at a delivered file.
type Delivery struct {
	Path, SHA256, Outcome, Reason string // Outcome: loaded, no-op or refused
	ReceivedAt                    time.Time
}

// ModelRun is a model that a run computed.
type ModelRun struct {
	Model      string
	FinishedAt time.Time
}

// Trace is what a run left behind, whether it came to its end or not.
type Trace struct {
	Deliveries []Delivery // in order
	Files      []File
	Models     []ModelRun // in order, less those that a later run computed again
	Statement  *Statement // issued by the run
}

// Traces reads what a run left behind, or with "" what every run did, by run.
func (db *DB) Traces(ctx context.Context, runID string) (map[string]*Trace, error) {
	traces := map[string]*Trace{runID: {}}
	of := func(id string) *Trace {
		if traces[id] == nil {
			traces[id] = &Trace{}
		}
		return traces[id]
	}
	for _, read := range []struct {
		scan  func(*sql.Rows) error
		query string
	}{
		{func(rows *sql.Rows) error { return scanDelivery(rows, of) }, `SELECT run_id, path, file_sha256, outcome, coalesce(reason, ''), received_at
FROM meta.delivery WHERE ? IN ('', run_id) ORDER BY delivery_no`},
		{func(rows *sql.Rows) error { return scanFile(rows, of) }, `SELECT run_id, file_id, file_sha256, file_name, feed, state,
  rows_read, loaded, superseded, duplicate, rejected, read_cents
FROM meta.file WHERE ? IN ('', run_id) ORDER BY file_id`},
		{func(rows *sql.Rows) error { return scanModel(rows, of) }, "SELECT run_id, model, finished_at FROM meta.model WHERE ? IN ('', run_id) ORDER BY model"},
	} {
		if err := db.Query(ctx, read.scan, read.query, runID); err != nil {
			return nil, fmt.Errorf("read ledger: %w", err)
		}
	}
	issued, err := db.Statements(ctx)
	for i := range issued {
		if runID == "" || runID == issued[i].RunID {
			of(issued[i].RunID).Statement = &issued[i]
		}
	}
	return traces, err
}

func scanDelivery(rows *sql.Rows, of func(string) *Trace) error {
	var id string
	var d Delivery
	if err := rows.Scan(&id, &d.Path, &d.SHA256, &d.Outcome, &d.Reason, &d.ReceivedAt); err != nil {
		return err
	}
	t := of(id)
	t.Deliveries = append(t.Deliveries, d)
	return nil
}

func scanFile(rows *sql.Rows, of func(string) *Trace) error {
	var id string
	var f File
	c := &f.Counts
	if err := rows.Scan(&id, &f.ID, &f.SHA256, &f.Name, &f.Feed, &f.State, &c.Read.Rows, &c.Loaded.Rows, &c.Superseded.Rows,
		&c.Duplicate.Rows, &c.Rejected.Rows, &c.Read.Cents); err != nil {
		return err
	}
	t := of(id)
	t.Files = append(t.Files, f)
	return nil
}

func scanModel(rows *sql.Rows, of func(string) *Trace) error {
	var id string
	var m ModelRun
	if err := rows.Scan(&id, &m.Model, &m.FinishedAt); err != nil {
		return err
	}
	t := of(id)
	t.Models = append(t.Models, m)
	return nil
}

// Statements returns the heads of all statements, oldest first.
func (db *DB) Statements(ctx context.Context) ([]Statement, error) {
	var all []Statement
	err := db.Query(ctx, func(rows *sql.Rows) error {
		var s Statement
		if err := rows.Scan(&s.No, &s.IssuedIn, &s.AsOf, &s.RunID, &s.LastFileID, &s.Lines, &s.ContentSHA256); err != nil {
			return err
		}
		all = append(all, s)
		return nil
	}, "SELECT statement_no, issued_in, as_of, run_id, last_file_id, line_count, content_sha256 FROM audit.statement ORDER BY issued_in, statement_no")
	return all, err
}

// StatementContent computes what IssueStatement recorded: the number of the statement's rows and their digest. Rows
// that name another month than the statement's do not count.
func (db *DB) StatementContent(ctx context.Context, s Statement) (lines int64, digest string, err error) {
	err = db.Row(ctx, "SELECT count(*) FROM audit.statement_line WHERE statement_no = ? AND issued_in = ?", []any{&lines}, s.No, s.IssuedIn)
	if err != nil {
		return 0, "", fmt.Errorf("count lines of statement %s: %w", s.No, err)
	}
	digest, err = db.statementDigest(ctx, s.No)
	return lines, digest, err
}

// Result is the digest of a table that does not depend on the order of its rows: their number, and the sum of DuckDB's
// hashes over all columns. It finds every change that was not made to deceive it; what was delivered and what was
// issued have digests of their own that nobody can imitate.
type Result struct {
	Rows int64  `json:"rows"`
	Sum  string `json:"sum"`
}

// besideAudit are the result tables outside schema audit: what the verdicts of every day stand on.
var besideAudit = []string{"core.points_block", "core.points_deadline", "core.points_event", "core.points_matter", "core.points_notice",
	"core.points_person", "core.points_status", "core.points_warning",
	"core.practitioner_interval", "core.registration", "core.settlement"}

// Results returns the digest of every result table. One whose models have not run since the last time is not read again.
func (db *DB) Results(ctx context.Context) (map[string]Result, error) {
	tables := slices.Clone(besideAudit)
	err := db.Query(ctx, func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		tables = append(tables, "audit."+name)
		return err
	}, `SELECT table_name FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = 'audit'
AND table_name <> 'line_floor' ORDER BY table_name -- a step on the way to line_share, as long`)
	if err != nil {
		return nil, err
	}
	lineages, err := db.lineages(ctx)
	if err != nil {
		return nil, err
	}
	results := map[string]Result{}
	for _, table := range tables {
		if results[table], err = db.result(ctx, table, lineages[table]); err != nil {
			return nil, err
		}
	}
	return results, nil
}

// lineages says for every table that models write which runs of them its rows come from.
func (db *DB) lineages(ctx context.Context) (map[string]string, error) {
	models, err := sqlfiles.Models("30_core", "40_verdict", "50_statement", "60_ratio")
	if err != nil {
		return nil, err
	}
	computed := map[string]string{}
	err = db.Query(ctx, func(rows *sql.Rows) error {
		var model, from string
		err := rows.Scan(&model, &from)
		computed[model] = from
		return err
	}, "SELECT model, model || ' ' || input_digest || ' ' || run_id FROM meta.model")
	lineages := map[string]string{}
	for _, m := range models {
		if !m.IsAssertion() {
			lineages[m.Writes] += computed[m.Name] + "\n"
		}
	}
	for table, text := range lineages {
		lineages[table] = sqlfiles.Digest([]byte(text))
	}
	return lineages, err
}

func (db *DB) result(ctx context.Context, table, lineage string) (r Result, err error) {
	if lineage != "" {
		err := db.Row(ctx, "SELECT row_count, digest FROM meta.result WHERE table_name = ? AND lineage = ?", []any{&r.Rows, &r.Sum}, table, lineage)
		if err == nil || !errors.Is(err, sql.ErrNoRows) {
			return r, err
		}
	}
	if r, err = db.Digest(ctx, table); err != nil || lineage == "" {
		return r, err
	}
	return r, db.Tx(ctx, func() error {
		if err := db.exec(ctx, "DELETE FROM meta.result WHERE table_name = ?", table); err != nil {
			return fmt.Errorf("record digest of %s: %w", table, err)
		}
		return db.exec(ctx, "INSERT INTO meta.result VALUES (?, ?, ?, ?)", table, lineage, r.Rows, r.Sum)
	})
}

// Digest reads a table and computes its digest.
func (db *DB) Digest(ctx context.Context, table string) (r Result, err error) {
	schema, name, _ := strings.Cut(table, ".")
	var columns []string
	err = db.Query(ctx, func(rows *sql.Rows) error {
		var column string
		err := rows.Scan(&column)
		columns = append(columns, column)
		return err
	}, "SELECT column_name FROM duckdb_columns() WHERE database_name = current_database() AND schema_name = ? AND table_name = ? ORDER BY column_index",
		schema, name)
	if err != nil {
		return r, err
	}
	if len(columns) == 0 {
		return r, fmt.Errorf("digest of %s: there is no such table", table)
	}
	err = db.Row(ctx, "SELECT count(*), CAST(coalesce(sum(hash("+strings.Join(columns, ", ")+")), 0) AS VARCHAR) FROM "+table, []any{&r.Rows, &r.Sum})
	if err != nil {
		return r, fmt.Errorf("digest of %s: %w", table, err)
	}
	return r, nil
}
