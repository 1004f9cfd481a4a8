package warehouse

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"time"

	sqlfiles "claimsaudit/sql"
)

// tables lists the warehouse's own tables as schema.table.
func (db *DB) tables(ctx context.Context) (names []string, err error) {
	err = db.Query(ctx, func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		names = append(names, name)
		return err
	}, `SELECT schema_name || '.' || table_name FROM duckdb_tables()
WHERE database_name = current_database() AND NOT internal AND NOT temporary ORDER BY 1`)
	return names, err
}

// TableRows is the number of rows of every table, by schema.table.
func (db *DB) TableRows(ctx context.Context) (map[string]int64, error) {
	tables, err := db.tables(ctx)
	if err != nil {
		return nil, err
	}
	rows := make(map[string]int64, len(tables))
	for _, table := range tables {
		var n int64
		if err := db.Row(ctx, "SELECT count(*) FROM "+table, []any{&n}); err != nil {
			return nil, fmt.Errorf("count %s: %w", table, err)
		}
		rows[table] = n
	}
	return rows, nil
}

// Version is the DuckDB library's, as v1.1.2.
func (db *DB) Version(ctx context.Context) (version string, err error) {
	err = db.Row(ctx, "SELECT version()", []any{&version})
	return version, err
}

// LastLink is the newest run of the chain and its hash, "" before the first.
func (db *DB) LastLink(ctx context.Context) (runID, hash string, err error) {
	err = db.Row(ctx, "SELECT run_id, chain_hash FROM meta.run WHERE chain_hash IS NOT NULL ORDER BY link_no DESC LIMIT 1",
		[]any{&runID, &hash})
	if errors.Is(err, sql.ErrNoRows) {
		return "", "", nil
	}
	return runID, hash, err
}

// HasLink reports whether a run of the chain has that hash.
func (db *DB) HasLink(ctx context.Context, hash string) (bool, error) {
	var n int64
	err := db.Row(ctx, "SELECT count(*) FROM meta.run WHERE chain_hash = ?", []any{&n}, hash)
	return n > 0, err
}

// Migrations compares the migrations the warehouse has with the program's: those still to be applied, and those the
// program does not know or knows otherwise.
func (db *DB) Migrations(ctx context.Context) (missing, foreign []string, err error) {
	names, err := fs.Glob(sqlfiles.Files, "migrations/*.sql")
	if err != nil {
		return nil, nil, err
	}
	want := map[string]string{}
	for _, name := range names {
		text, err := sqlfiles.Text(name)
		if err != nil {
			return nil, nil, err
		}
		want[path.Base(name)] = sqlfiles.Digest([]byte(text))
	}
	err = db.Query(ctx, func(rows *sql.Rows) error {
		var name, digest string
		err := rows.Scan(&name, &digest)
		if want[name] != digest {
			foreign = append(foreign, name)
		}
		delete(want, name)
		return err
	}, "SELECT name, sha256 FROM main.migration ORDER BY name")
	for _, name := range names {
		if _, ok := want[path.Base(name)]; ok && err == nil {
			missing = append(missing, path.Base(name))
		}
	}
	return missing, foreign, err
}

// LibraryVersion is the DuckDB library's, without a file.
func LibraryVersion(ctx context.Context) (version string, err error) {
	pool, err := sql.Open("duckdb", "")
	if err != nil {
		return "", err
	}
	err = pool.QueryRowContext(ctx, "SELECT version()").Scan(&version)
	return version, errors.Join(err, pool.Close())
}

// WrittenBy reads from the head of a database file which DuckDB wrote it, without opening it: a run may have it.
func WrittenBy(path string) (version string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	head := make([]byte, 84) // checksum, "DUCK", storage version, flags, library version
	if _, err := io.ReadFull(f, head); err != nil || string(head[8:12]) != "DUCK" {
		return "", fmt.Errorf("%s is not a DuckDB file", path)
	}
	version = string(bytes.TrimRight(head[52:84], "\x00"))
	if version == "" {
		version = "before v0.10"
	}
	return version, nil
}

// NewestTime is the latest time in the ledger of runs, zero before the first.
func (db *DB) NewestTime(ctx context.Context) (time.Time, error) {
	var newest sql.NullTime
	err := db.Row(ctx, "SELECT max(greatest(started_at, coalesce(finished_at, started_at))) FROM meta.run", []any{&newest})
	return newest.Time, err
}
