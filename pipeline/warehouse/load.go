package warehouse

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"

	"claimsaudit/pipeline"
	sqlfiles "claimsaudit/sql"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/marcboeker/go-duckdb"
)

// arrival is the name of the view through which Arrow batches enter.
const arrival = "arrival"

// insertArrow is the only way Arrow enters DuckDB: one streaming reader, scanned once, whole, without filter or
// column list, because DuckDB pushes both into a scan that ignores them (wrong rows without an error). The view is
// dropped before it returns.
func (db *DB) insertArrow(ctx context.Context, table string, reader array.RecordReader) error {
	return db.conn.Raw(func(dc any) error {
		conn, ok := dc.(driver.Conn)
		if !ok {
			return fmt.Errorf("load %s: driver connection has an unexpected type %T", table, dc)
		}
		arrow, err := duckdb.NewArrowFromConn(conn)
		if err != nil {
			return fmt.Errorf("load %s: %w", table, err)
		}
		release, err := arrow.RegisterView(reader, arrival)
		if err != nil {
			return fmt.Errorf("load %s: %w", table, err)
		}
		defer release()
		execer, ok := dc.(driver.ExecerContext)
		if !ok {
			return fmt.Errorf("load %s: driver connection cannot execute", table)
		}
		_, err = execer.ExecContext(ctx, "INSERT INTO "+table+" SELECT * FROM "+arrival, nil)
		if readErr := reader.Err(); readErr != nil {
			err = readErr
		}
		if err == nil {
			_, err = execer.ExecContext(ctx, "DROP VIEW "+arrival, nil)
		}
		return diskError("load "+table, "", err)
	})
}

// Loaded is what LoadRows learnt about a file's keys; Settle wants it.
type Loaded struct {
	feed    *pipeline.Feed
	fileID  int32
	repeats []int64
	known   bool
}

// LoadRows appends every batch of the reader, all of one file, to the feed's staging table. Call inside Tx.
func (db *DB) LoadRows(ctx context.Context, feed *pipeline.Feed, fileID int32, reader array.RecordReader) (Loaded, error) {
	rest, stop := db.writeAlong()
	defer stop()
	watcher := &keyWatcher{RecordReader: reader, rest: rest}
	err := db.insertArrow(ctx, "staging."+feed.Name, watcher)
	l := Loaded{feed: feed, fileID: fileID}
	l.repeats, l.known = watcher.repeats()
	return l, err
}

// Settle decides the fate of every row of the file just loaded, keeps the one row of each key that counts,
// records what gave way, and returns the tallies of the accepted rows. Call inside Tx, after LoadRows.
func (db *DB) Settle(ctx context.Context, l Loaded) (pipeline.FileCounts, error) {
	var c pipeline.FileCounts
	feed, fileID := l.feed, l.fileID
	table, amount := "staging."+feed.Name, amountColumn(feed)
	err := db.Row(ctx, "SELECT count(*), CAST(coalesce(sum("+amount+"), 0) AS BIGINT) FROM "+table+" WHERE file_id = ?",
		[]any{&c.Loaded.Rows, &c.Loaded.Cents}, fileID)
	if err != nil {
		return c, fmt.Errorf("count %s: %w", feed.Name, err)
	}
	var repeated int64
	if repeated, err = db.findRepeated(ctx, table, l); err != nil || repeated == 0 {
		return c, err
	}
	if err := db.judgeFates(ctx, feed, fileID); err != nil {
		return c, err
	}
	for _, f := range []struct {
		fate string
		to   *pipeline.Tally
	}{{"superseded", &c.Superseded}, {"duplicate", &c.Duplicate}} {
		if err := db.Row(ctx, "SELECT count(*), CAST(coalesce(sum(amount_cents), 0) AS BIGINT) FROM fate WHERE is_new AND fate = ?",
			[]any{&f.to.Rows, &f.to.Cents}, f.fate); err != nil {
			return c, fmt.Errorf("count %s: %w", f.fate, err)
		}
		c.Loaded.Rows -= f.to.Rows
		c.Loaded.Cents -= f.to.Cents
	}
	return c, db.dropLosers(ctx, feed, fileID)
}

func amountColumn(feed *pipeline.Feed) string {
	if feed.Amount == "" {
		return "CAST(0 AS BIGINT)"
	}
	column, _ := feed.Column(feed.Amount)
	return "coalesce(" + column.Stored() + ", 0)"
}

// findRepeated collects the row keys of the file that are not alone, in the file or in the table, and counts them.
func (db *DB) findRepeated(ctx context.Context, table string, l Loaded) (int64, error) {
	watched := ""
	if l.known {
		if err := db.exec(ctx, "CREATE OR REPLACE TEMP TABLE watched (row_key BIGINT)"); err != nil {
			return 0, diskError("find repeated rows", table, err)
		}
		if len(l.repeats) > 0 {
			if err := db.insertArrow(ctx, "watched", &keyReader{keys: l.repeats, refs: 1}); err != nil {
				return 0, err
			}
		}
		watched = "AND row_key IN (SELECT row_key FROM watched)"
	}
	err := db.exec(ctx, fmt.Sprintf(`CREATE OR REPLACE TEMP TABLE repeated AS
SELECT row_key FROM %[1]s WHERE file_id = %[2]d %[3]s GROUP BY row_key HAVING count(*) > 1`, table, l.fileID, watched))
	if err != nil {
		return 0, diskError("find repeated rows", table, err)
	}
	var others, n int64
	if err := db.Row(ctx, "SELECT count(*) FROM "+table+" WHERE file_id <> ?", []any{&others}, l.fileID); err != nil {
		return 0, fmt.Errorf("find repeated rows: %w", err)
	}
	if others > 0 {
		err := db.exec(ctx, fmt.Sprintf(`INSERT INTO repeated
SELECT DISTINCT o.row_key FROM %[1]s o WHERE o.file_id <> %[2]d AND o.row_key IN (SELECT row_key FROM %[1]s WHERE file_id = %[2]d)
EXCEPT SELECT row_key FROM repeated`, table, l.fileID))
		if err != nil {
			return 0, diskError("find repeated rows", table, err)
		}
	}
	err = db.Row(ctx, "SELECT count(*) FROM repeated", []any{&n})
	return n, err
}

// candidatesMax bounds how many rows are compared at a time, and with it the memory: a file delivered again as a whole
// makes every row a candidate.
const candidatesMax = 1 << 20

// judgeFates fills the temporary table fate. Keys and contents are compared by their hashes: a key by two independent
// ones, a content only with others of the same key.
func (db *DB) judgeFates(ctx context.Context, feed *pipeline.Feed, fileID int32) error {
	var content, key []string
	for _, c := range feed.Table() {
		content = append(content, c.Stored())
	}
	for _, k := range feed.Key {
		c, _ := feed.Column(k)
		key = append(key, c.Stored())
	}
	version := "CAST(NULL AS TIMESTAMP)"
	if feed.Version != "" {
		version = feed.Version
	}
	model, err := sqlfiles.Models("10_accept")
	if err != nil {
		return err
	}
	err = db.exec(ctx, fmt.Sprintf(`CREATE OR REPLACE TEMP TABLE every_candidate AS
SELECT file_id, line_no, row_key, hash(%s) AS key_hash, file_id = %d AS is_new, %s AS amount_cents, %s AS version_at, hash(%s) AS content
FROM staging.%s WHERE row_key IN (SELECT row_key FROM repeated)`,
		strings.Join(key, ", "), fileID, amountColumn(feed), version, strings.Join(content, ", "), feed.Name))
	if err != nil {
		return diskError("compare versions", feed.Name, err)
	}
	var rows int64
	if err := db.Row(ctx, "SELECT count(*) FROM every_candidate", []any{&rows}); err != nil {
		return fmt.Errorf("compare versions: %w", err)
	}
	parts := rows/candidatesMax + 1
	for part := range parts {
		into := "INSERT INTO fate\n"
		if part == 0 {
			into = "CREATE OR REPLACE TEMP TABLE fate AS\n"
		}
		for _, query := range []string{
			fmt.Sprintf("CREATE OR REPLACE TEMP VIEW candidate AS SELECT * FROM every_candidate WHERE abs(row_key %% %d) = %d", parts, part),
			into + model[0].SQL,
		} {
			if err := db.exec(ctx, query); err != nil {
				return diskError("compare versions", feed.Name, err)
			}
		}
	}
	return nil
}

// dropLosers keeps the last row that became the known one of each key and records every row that gave way.
func (db *DB) dropLosers(ctx context.Context, feed *pipeline.Feed, fileID int32) error {
	var key []string
	for _, k := range feed.Key {
		c, _ := feed.Column(k)
		key = append(key, "coalesce(CAST(t."+c.Stored()+" AS VARCHAR), '')")
	}
	steps := []string{
		fmt.Sprintf(`INSERT INTO staging.superseded_row
SELECT '%[1]s', o.row_key, %[2]s, o.file_id, o.line_no, o.amount_cents, w.file_id, w.line_no, w.amount_cents, %[3]d
FROM (SELECT * FROM fate WHERE fate <> 'duplicate' AND NOT is_winner) o
JOIN fate w ON w.row_key = o.row_key AND w.key_hash = o.key_hash AND w.is_winner
JOIN staging.%[1]s t ON t.file_id = o.file_id AND t.line_no = o.line_no`, feed.Name, strings.Join(key, " || chr(31) || "), fileID),
		fmt.Sprintf("DELETE FROM staging.%s t USING fate o WHERE t.file_id = o.file_id AND t.line_no = o.line_no AND NOT o.is_winner", feed.Name),
		"DROP VIEW candidate", "DROP TABLE fate", "DROP TABLE every_candidate", "DROP TABLE repeated", "DROP TABLE IF EXISTS watched",
	}
	for _, s := range steps {
		if err := db.exec(ctx, s); err != nil {
			return diskError("replace superseded rows", feed.Name, err)
		}
	}
	return nil
}

// writeAlong has the disk take what was written whenever something is sent, until stop: a commit waits for all that is
// left, and would wait for the whole of a large file.
func (db *DB) writeAlong() (rest chan<- struct{}, stop func()) {
	signal, stopped := make(chan struct{}, 1), make(chan struct{})
	go func() {
		defer close(stopped)
		for range signal {
			startWriteOut(db.file)
		}
	}()
	return signal, func() { close(signal); <-stopped }
}
