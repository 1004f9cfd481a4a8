package warehouse

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/marcboeker/go-duckdb"
)

// ReplaceComputedWhere gives tables that the program computes outside SQL new rows in place of those for which the
// condition holds, and records it in the ledger of models under that name, in one transaction. Rows are in the order of the
// tables' columns, days as integers; the condition holds for all of them.
func (db *DB) ReplaceComputedWhere(ctx context.Context, model, digest, runID string, at time.Time, where string,
	tables map[string][][]any) (rows int64, err error) {
	err = db.Tx(ctx, func() error {
		for _, table := range slices.Sorted(maps.Keys(tables)) {
			if err := db.exec(ctx, "DELETE FROM "+table+" WHERE "+where); err != nil {
				return fmt.Errorf("clear %s: %w", table, err)
			}
			if err := db.appendRows(table, tables[table]); err != nil {
				return diskError("write "+table, db.path, err)
			}
			rows += int64(len(tables[table]))
		}
		if err := db.exec(ctx, "DELETE FROM meta.model WHERE model = ?", model); err != nil {
			return fmt.Errorf("record %s: %w", model, err)
		}
		return db.exec(ctx, "INSERT INTO meta.model VALUES (?, ?, ?, ?, ?)", model, digest, runID, rows, at)
	})
	return rows, err
}

// appendRows adds rows in bulk; ten thousand single INSERTs would take seconds.
func (db *DB) appendRows(table string, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	schema, name, _ := strings.Cut(table, ".")
	return db.conn.Raw(func(dc any) error {
		conn, ok := dc.(driver.Conn)
		if !ok {
			return fmt.Errorf("driver connection has an unexpected type %T", dc)
		}
		appender, err := duckdb.NewAppenderFromConn(conn, schema, name)
		if err != nil {
			return err
		}
		values := make([]driver.Value, 0, 16)
		for _, row := range rows {
			values = values[:0]
			for _, v := range row {
				values = append(values, v)
			}
			if err := appender.AppendRow(values...); err != nil {
				return errors.Join(err, appender.Close())
			}
		}
		return appender.Close()
	})
}

// NoteDecisions remembers which points decisions a file just loaded calls final and whom it names: once they give way to
// a revocation, or to the same number for another person, nothing else would tell. Call inside Tx, after LoadRows and
// before Settle.
func (db *DB) NoteDecisions(ctx context.Context, fileID int32) error {
	err := db.exec(ctx, `INSERT INTO staging.final_decision
SELECT DISTINCT decision_no, file_id FROM staging.points_decision WHERE file_id = ? AND state = 'final' ORDER BY decision_no`, fileID)
	if err != nil {
		return fmt.Errorf("note final decisions: %w", err)
	}
	err = db.exec(ctx, `INSERT INTO staging.decision_person
SELECT DISTINCT decision_no, prac_psn_code, file_id FROM staging.points_decision WHERE file_id = ? ORDER BY ALL`, fileID)
	if err != nil {
		return fmt.Errorf("note persons of decisions: %w", err)
	}
	return nil
}
