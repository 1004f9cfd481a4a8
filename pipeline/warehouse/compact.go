package warehouse

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"claimsaudit/pipeline"
)

// Room says how the blocks of a database file are used.
type Room struct {
	BlockBytes, Total, Used, Free int64
}

// Room looks at the file as of the last checkpoint.
func (db *DB) Room(ctx context.Context) (r Room, err error) {
	err = db.Row(ctx, `SELECT block_size, total_blocks, used_blocks, free_blocks FROM pragma_database_size()
WHERE database_name = current_database()`, []any{&r.BlockBytes, &r.Total, &r.Used, &r.Free})
	if err != nil {
		return r, fmt.Errorf("measure warehouse: %w", err)
	}
	return r, nil
}

// CompactingPath is where Compact builds the new file; what lies there otherwise is the rest of a killed attempt.
func CompactingPath(path string) string { return path + ".compact" }

// Compact writes a closed warehouse into a new file without the gaps that deleted rows leave, proves that both hold the
// same, and puts the new one in place of the old in a single step. After an error, or a kill at any moment, the
// warehouse is one of the two, whole.
//
// The new file gets its shape from the migrations, so that what they make is all it can hold; COPY FROM DATABASE of
// DuckDB 1.1.2 cannot copy a table whose default uses a sequence. Where a sequence stands is not copied: a warehouse
// that has used one is refused, and a test keeps the migrations free of them.
func Compact(ctx context.Context, o Options) (err error) {
	target := CompactingPath(o.Path)
	if err := removeFile(target); err != nil {
		return compactError(o.Path, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(compactError(o.Path, err), removeFile(target))
		}
	}()
	into := o
	into.Path = target
	db, err := Open(ctx, into)
	if err != nil {
		return err
	}
	err = errors.Join(db.takeOver(ctx, o.Path), db.Close())
	if err != nil {
		return err
	}
	for _, path := range []string{o.Path, target} { // a log beside the wrong file would be played into it
		if _, err := os.Stat(path + ".wal"); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s still has a log", path)
		}
	}
	if err := syncFile(target); err != nil {
		return err
	}
	if err := os.Rename(target, o.Path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(o.Path))
}

func compactError(path string, err error) error {
	return &pipeline.Error{Kind: pipeline.KindInternal, Op: "compact warehouse", Where: path, Err: err,
		Hint: "the warehouse is as it was and every other job works; see that the disk has room for a second copy of it"}
}

// takeOver copies every row of the file at path, which must be of this program's shape, and compares.
func (db *DB) takeOver(ctx context.Context, path string) error {
	// Rows that belong together lie together: the order is worth keeping here.
	if err := db.exec(ctx, "SET preserve_insertion_order = true"); err != nil {
		return err
	}
	if err := db.exec(ctx, fmt.Sprintf("ATTACH '%s' AS former (READ_ONLY)", strings.ReplaceAll(path, "'", "''"))); err != nil {
		return err
	}
	here, there, err := db.shapes(ctx)
	if err != nil {
		return err
	}
	if here != there {
		return fmt.Errorf("the migrations give another shape than the warehouse has: %s", firstDifference(here, there))
	}
	tables, err := db.tables(ctx)
	if err != nil {
		return err
	}
	for _, table := range tables {
		if err := db.takeOverTable(ctx, table); err != nil {
			return diskError("copy "+table, db.path, err)
		}
	}
	if err := db.exec(ctx, "DETACH former"); err != nil {
		return err
	}
	return diskError("write", db.path, db.Checkpoint(ctx))
}

func (db *DB) takeOverTable(ctx context.Context, table string) error {
	err := db.Tx(ctx, func() error {
		if err := db.exec(ctx, "DELETE FROM "+table); err != nil { // what a migration put there
			return err
		}
		return db.exec(ctx, "INSERT INTO "+table+" SELECT * FROM former."+table)
	})
	if err != nil {
		return err
	}
	here, err := db.tableDigest(ctx, table)
	if err != nil {
		return err
	}
	there, err := db.tableDigest(ctx, "former."+table)
	if err != nil {
		return err
	}
	if here != there {
		return fmt.Errorf("the copy differs: %s, not %s", here, there)
	}
	return nil
}

// tableDigest tells the rows of two tables apart, whatever their order.
func (db *DB) tableDigest(ctx context.Context, table string) (digest string, err error) {
	err = db.Row(ctx, "SELECT concat(count(*), ' rows ', coalesce(sum(CAST(hash(t) AS HUGEINT)), 0), ' ', coalesce(bit_xor(hash(t)), 0)) FROM "+table+" AS t",
		[]any{&digest})
	return digest, err
}

// shapes describes everything but rows of this database and of the attached one.
func (db *DB) shapes(ctx context.Context) (here, there string, err error) {
	texts := map[bool]*strings.Builder{true: {}, false: {}}
	err = db.Query(ctx, func(rows *sql.Rows) error {
		var isHere bool
		var text string
		err := rows.Scan(&isHere, &text)
		fmt.Fprintln(texts[isHere], text)
		return err
	}, `SELECT database_name = current_database(), text FROM (
  SELECT database_name, concat('table ', schema_name, '.', table_name, ' ', comment, ' ', sql) AS text FROM duckdb_tables() WHERE NOT internal AND NOT temporary
  UNION ALL SELECT database_name, concat('column ', schema_name, '.', table_name, '.', column_name, ' ', comment) FROM duckdb_columns() WHERE NOT internal
  UNION ALL SELECT database_name, concat('view ', schema_name, '.', view_name, ' ', comment, ' ', sql) FROM duckdb_views() WHERE NOT internal AND NOT temporary
  UNION ALL SELECT database_name, concat('macro ', schema_name, '.', function_name, ' ', parameters, ' ', macro_definition) FROM duckdb_functions()
    WHERE NOT internal AND function_type LIKE '%macro'
  UNION ALL SELECT database_name, concat('index ', schema_name, '.', index_name, ' ', comment, ' ', sql) FROM duckdb_indexes()
  UNION ALL SELECT database_name, concat('sequence ', schema_name, '.', sequence_name, ' ', last_value) FROM duckdb_sequences() WHERE NOT temporary)
WHERE database_name IN (current_database(), 'former') ORDER BY text`)
	return texts[true].String(), texts[false].String(), err
}

func firstDifference(here, there string) string {
	a, b := strings.Split(here, "\n"), strings.Split(there, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("%q, not %q", a[i], b[i])
		}
	}
	return fmt.Sprintf("%d parts, not %d", len(a), len(b))
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
