package warehouse

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"os"
	"slices"
	"strings"

	"claimsaudit/pipeline"

	"github.com/marcboeker/go-duckdb"
)

// OpenMart opens a published file for reading only: no writing, no other files, no way to switch that back on.
func OpenMart(ctx context.Context, path string) (*sql.DB, error) { return openMart(ctx, path) }

// OpenMartWithin is OpenMart for a reader who shares the machine with a run: beyond so much memory it spills.
func OpenMartWithin(ctx context.Context, path string, memoryLimitMB int, tempDir string) (*sql.DB, error) {
	return openMart(ctx, path, fmt.Sprintf("SET memory_limit = '%dMB'", memoryLimitMB),
		fmt.Sprintf("SET temp_directory = '%s'", strings.ReplaceAll(tempDir, "'", "''")))
}

func openMart(ctx context.Context, path string, settings ...string) (*sql.DB, error) {
	if _, err := os.Stat(path); err != nil {
		if !os.IsNotExist(err) {
			return nil, &pipeline.Error{Kind: pipeline.KindUsage, Op: "open publication", Where: path, Err: err,
				Hint: "this user may not read it: join the group of the data directory, or see published_mode"}
		}
		return nil, &pipeline.Error{Kind: pipeline.KindUsage, Op: "open publication", Where: path, Err: err,
			Hint: "nothing is published yet: run `claimsaudit run nightly` or `run monthly` first, or give the right --data"}
	}
	connector, err := duckdb.NewConnector(path+"?access_mode=READ_ONLY", func(execer driver.ExecerContext) error {
		for _, s := range append(slices.Clone(settings),
			"SET autoinstall_known_extensions = false", "SET autoload_known_extensions = false",
			"SET enable_external_access = false", "SET lock_configuration = true",
		) {
			// Settings are the database's: on a second connection they are in force already and locked.
			if _, err := execer.ExecContext(ctx, s, nil); err != nil {
				return fmt.Errorf("%s: %w", s, err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, openError(path, err)
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(1)
	if err := db.PingContext(ctx); err != nil {
		db.Close()
		return nil, openError(path, err)
	}
	return db, nil
}

// MarkRun corrects the state of a run whose link stands in the chain.
func (db *DB) MarkRun(ctx context.Context, r Run) error {
	return db.exec(ctx, "UPDATE meta.run SET state = ?, exit_code = ?, error = nullif(?, '') WHERE run_id = ?", r.State, r.ExitCode, r.Error, r.ID)
}

// MarkReplayed notes that the rejected rows of a file were taken in again by the file with that SHA-256.
func (db *DB) MarkReplayed(ctx context.Context, fileID int32, by string) error {
	return db.exec(ctx, "UPDATE staging.rejected_row SET replayed_in = ? WHERE file_id = ? AND replayed_in IS NULL", by, fileID)
}

// OpenReadOnly opens the warehouse itself for reading; while a run has it open the error is of KindLocked.
func OpenReadOnly(ctx context.Context, path string) (*DB, error) {
	connector, err := duckdb.NewConnector(path+"?access_mode=READ_ONLY", nil)
	if err != nil {
		return nil, openError(path, err)
	}
	pool := sql.OpenDB(connector)
	conn, err := pool.Conn(ctx)
	if err != nil {
		pool.Close()
		return nil, openError(path, err)
	}
	return &DB{pool: pool, conn: conn, path: path}, nil
}
