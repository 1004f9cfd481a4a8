// Package warehouse is the only door to DuckDB: it opens and migrates the file,
// takes Arrow batches in, runs the models, keeps the ledger and publishes the
// mart. Everything that changes data happens in a transaction: on an error
// nothing of the step is left.
package warehouse

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"

	"claimsaudit/pipeline"

	"github.com/marcboeker/go-duckdb"
)

// Options say how to open a warehouse.
type Options struct {
	Path          string // the database file; its folder must exist
	TempDir       string // where DuckDB spills; made if missing
	MemoryLimitMB int    // DuckDB's share of memory
	Threads       int    // 0 = all cores
	Key           []byte // for pseudonyms
}

// DB is an open warehouse. It uses one connection and is not safe for concurrent use.
type DB struct {
	pool *sql.DB
	conn *sql.Conn
	path string
	file *os.File // a second handle, closed after DuckDB's: to close any handle of a file gives up a process's locks on it
	inTx bool
}

// Open opens or creates the warehouse and brings its shape up to date.
func Open(ctx context.Context, o Options) (*DB, error) {
	db, err := connect(ctx, o)
	if err != nil {
		return nil, err
	}
	if err := duckdb.RegisterScalarUDF(db.conn, "pseudonym", newPseudonym(o.Key)); err != nil {
		db.Close()
		return nil, openError(o.Path, err)
	}
	if err := db.migrate(ctx); err != nil {
		db.Close()
		return nil, err
	}
	return db, nil
}

// Flush moves what was committed from the log into the file, whatever its shape, so that the file alone is the warehouse.
func Flush(ctx context.Context, o Options) error {
	db, err := connect(ctx, o)
	if err != nil {
		return err
	}
	if err := errors.Join(db.Checkpoint(ctx), db.Close()); err != nil {
		return diskError("tidy warehouse", o.Path, err)
	}
	return nil
}

func connect(ctx context.Context, o Options) (*DB, error) {
	if err := os.MkdirAll(o.TempDir, 0o700); err != nil {
		return nil, openError(o.Path, err)
	}
	db, err := dial(ctx, o)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(o.Path, 0o600); err != nil {
		db.Close()
		return nil, openError(o.Path, err)
	}
	if db.file, err = os.Open(o.Path); err != nil {
		db.Close()
		return nil, openError(o.Path, err)
	}
	return db, nil
}

// dial connects and makes the settings; an empty path is a database in memory, an empty TempDir one that never spills.
func dial(ctx context.Context, o Options) (*DB, error) {
	keepFreedMemory()
	settings := []string{
		"SET autoinstall_known_extensions = false",
		"SET autoload_known_extensions = false",
		"SET preserve_insertion_order = false",
		fmt.Sprintf("SET memory_limit = '%dMB'", o.MemoryLimitMB),
		fmt.Sprintf("SET temp_directory = '%s'", strings.ReplaceAll(o.TempDir, "'", "''")),
		"SET checkpoint_threshold = '512MB'",
	}
	if o.Threads > 0 {
		settings = append(settings, fmt.Sprintf("SET threads = %d", o.Threads))
	}
	isSet := false // they are the database's, not a connection's; DuckDB refuses to set some again once they were used
	connector, err := duckdb.NewConnector(o.Path, func(execer driver.ExecerContext) error {
		if isSet {
			return nil
		}
		isSet = true
		for _, s := range settings {
			if _, err := execer.ExecContext(ctx, s, nil); err != nil {
				return fmt.Errorf("%s: %w", s, err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, openError(o.Path, err)
	}
	pool := sql.OpenDB(connector)
	conn, err := pool.Conn(ctx)
	if err != nil {
		pool.Close()
		return nil, openError(o.Path, err)
	}
	return &DB{pool: pool, conn: conn, path: o.Path}, nil
}

func openError(path string, err error) error {
	hint := "see that the data directory exists, is writable and has free space"
	kind := pipeline.KindInternal
	if strings.Contains(err.Error(), "Conflicting lock") || strings.Contains(err.Error(), "Could not set lock") {
		kind, hint = pipeline.KindLocked, "another process has the warehouse open; wait for it or stop it"
	}
	if errors.Is(err, fs.ErrPermission) || strings.Contains(err.Error(), "Permission denied") {
		hint = "it belongs to another user: give it back to the one the service runs as (chown -R), data and permissions are otherwise whole"
	} else if strings.Contains(err.Error(), "Corrupt") || strings.Contains(err.Error(), "checksum") || strings.Contains(err.Error(), "not a valid DuckDB") {
		hint = "the file is damaged: `claimsaudit restore` a backup, or `claimsaudit rebuild` it from the archive; keep the damaged one until then"
	}
	return &pipeline.Error{Kind: kind, Op: "open warehouse", Where: path, Hint: hint, Err: err}
}

// Close releases the file.
func (db *DB) Close() error {
	err := errors.Join(db.conn.Close(), db.pool.Close())
	if db.file != nil {
		err = errors.Join(err, db.file.Close())
	}
	return err
}

// Checkpoint writes the log into the file.
func (db *DB) Checkpoint(ctx context.Context) error { return db.exec(ctx, "CHECKPOINT") }

// GiveBack returns to the system what the allocators, of C and of Go, keep after a step over so many rows, if they are
// many: the next one starts with the memory that memory_limit_mb stands for.
func (db *DB) GiveBack(rows int64) {
	const many = 1_000_000
	if rows < many {
		return
	}
	giveBackFreedMemory()
	debug.FreeOSMemory()
}

// Exec runs one statement.
func (db *DB) exec(ctx context.Context, query string, args ...any) error {
	for i, a := range args {
		if text, ok := a.(string); ok { // the database takes nothing but UTF-8, and what cannot be written down stops every run
			args[i] = strings.ToValidUTF8(text, "\uFFFD")
		}
	}
	_, err := db.conn.ExecContext(ctx, query, args...)
	if err == nil && !db.inTx {
		err = ownLog(db.path)
	}
	return err
}

// ownLog makes the log readable by its owner alone: DuckDB makes it anew after every checkpoint, with the mode the
// process's umask leaves.
func ownLog(path string) error {
	if path == "" { // in memory
		return nil
	}
	if err := os.Chmod(path+".wal", 0o600); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Tx runs fn in a transaction; an error or panic rolls back. A Tx inside a Tx joins it.
func (db *DB) Tx(ctx context.Context, fn func() error) (err error) {
	if db.inTx {
		return fn()
	}
	if err := db.exec(ctx, "BEGIN"); err != nil {
		return diskError("begin", db.path, err)
	}
	db.inTx = true
	done := false
	defer func() {
		db.inTx = false
		if !done {
			// The context may be over; the rollback must happen all the same.
			// A failed COMMIT has ended the transaction already.
			rollback := db.exec(context.WithoutCancel(ctx), "ROLLBACK")
			if rollback != nil && err != nil && !strings.Contains(rollback.Error(), "no transaction is active") {
				err = errors.Join(err, rollback)
			}
		}
	}()
	if err := fn(); err != nil {
		return err
	}
	if err := db.exec(ctx, "COMMIT"); err != nil {
		return diskError("commit", db.path, err)
	}
	done = true
	return ownLog(db.path)
}

// diskError turns DuckDB's messages that disk or memory ran out into ones an operator can act on.
func diskError(op, where string, err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if errors.Is(err, syscall.ENOSPC) || strings.Contains(text, "No space left") || strings.Contains(text, "not enough space") || strings.Contains(text, "Could not write") ||
		strings.Contains(text, "failed to offload") {
		return &pipeline.Error{Kind: pipeline.KindInternal, Op: op, Where: where,
			Hint: "the disk is full: free space and run again; nothing of this step was kept", Err: err}
	}
	if strings.Contains(text, "Out of Memory Error") {
		return &pipeline.Error{Kind: pipeline.KindInternal, Op: op, Where: where,
			Hint: "the database had too little memory: raise memory_limit_mb, or set threads lower, and run again; nothing of this step was kept", Err: err}
	}
	return fmt.Errorf("%s: %w", op, err)
}

// Query runs a read and hands every row to scan.
func (db *DB) Query(ctx context.Context, scan func(*sql.Rows) error, query string, args ...any) error {
	rows, err := db.conn.QueryContext(ctx, query, args...)
	if err != nil {
		return diskError("query", db.path, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Row runs a read that returns one row.
func (db *DB) Row(ctx context.Context, query string, dest []any, args ...any) error {
	return db.conn.QueryRowContext(ctx, query, args...).Scan(dest...)
}

// pseudonym is the SQL function that stands for a person or certificate number: HMAC-SHA256, 16 bytes in hex.
type pseudonym struct {
	macs sync.Pool // of hash.Hash: DuckDB calls from several threads
}

func newPseudonym(key []byte) *pseudonym {
	return &pseudonym{macs: sync.Pool{New: func() any { return hmac.New(sha256.New, key) }}}
}

func (p *pseudonym) Config() duckdb.ScalarFuncConfig {
	varchar, err := duckdb.NewTypeInfo(duckdb.TYPE_VARCHAR)
	if err != nil {
		panic(err) // VARCHAR is a primitive type: cannot fail
	}
	return duckdb.ScalarFuncConfig{InputTypeInfos: []duckdb.TypeInfo{varchar}, ResultTypeInfo: varchar}
}

func (p *pseudonym) Executor() duckdb.ScalarFuncExecutor {
	return duckdb.ScalarFuncExecutor{RowExecutor: func(values []driver.Value) (any, error) {
		mac := p.macs.Get().(hash.Hash)
		defer p.macs.Put(mac)
		mac.Reset()
		mac.Write([]byte(values[0].(string)))
		return hex.EncodeToString(mac.Sum(nil)[:16]), nil
	}}
}

// LoadKey reads the pseudonym key from the environment value or the file, making the file on first use.
// The file must be readable by its owner alone.
func LoadKey(fromEnv, path string) ([]byte, error) {
	if fromEnv != "" {
		if len(fromEnv) < 32 {
			return nil, keyError("CLAIMSAUDIT_PSEUDONYM_KEY", errors.New("the key is shorter than 32 characters"))
		}
		return []byte(fromEnv), nil
	}
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return makeKey(path)
	}
	if err != nil {
		return nil, keyError(path, err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, keyError(path, fmt.Errorf("mode is %04o, must be 0600", info.Mode().Perm()))
	}
	key, err := os.ReadFile(path)
	if err != nil {
		return nil, keyError(path, err)
	}
	if len(strings.TrimSpace(string(key))) < 32 {
		return nil, keyError(path, errors.New("the key is shorter than 32 characters"))
	}
	return []byte(strings.TrimSpace(string(key))), nil
}

func keyError(path string, err error) error {
	hint := "use at least 32 characters in a file with mode 0600; a lost key must be restored from backup: a new one makes new pseudonyms"
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, fs.ErrNotExist) {
		hint = "see that the directory of --data exists and is writable by this user"
	}
	return &pipeline.Error{Kind: pipeline.KindUsage, Op: "read pseudonym key", Where: filepath.ToSlash(path), Err: err, Hint: hint}
}
