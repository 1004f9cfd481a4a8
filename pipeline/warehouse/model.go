package warehouse

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	sqlfiles "claimsaudit/sql"
)

// ModelDigest is the input digest the model's rows were last computed from, "" if never.
func (db *DB) ModelDigest(ctx context.Context, model string) (string, error) {
	var digest string
	err := db.Row(ctx, "SELECT input_digest FROM meta.model WHERE model = ?", []any{&digest}, model)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return digest, err
}

// RunModel replaces the model's rows by its SELECT and records the digest, in one transaction, and returns the
// number of rows. An assertion that returns rows is an error naming the first.
func (db *DB) RunModel(ctx context.Context, m sqlfiles.Model, digest, runID string, at time.Time) (int64, error) {
	if m.IsAssertion() {
		return 0, db.assert(ctx, m)
	}
	var rows int64
	err := db.Tx(ctx, func() error {
		if err := db.exec(ctx, "DELETE FROM "+m.Writes+" WHERE "+m.Replaces); err != nil {
			return fmt.Errorf("clear %s: %w", m.Writes, err)
		}
		result, err := db.conn.ExecContext(ctx, "INSERT INTO "+m.Writes+"\n"+m.SQL)
		if err != nil {
			return diskError("compute "+m.Name, m.Writes, err)
		}
		if rows, err = result.RowsAffected(); err != nil {
			return fmt.Errorf("compute %s: %w", m.Name, err)
		}
		if err := db.exec(ctx, "DELETE FROM meta.model WHERE model = ?", m.Name); err != nil {
			return fmt.Errorf("record %s: %w", m.Name, err)
		}
		return db.exec(ctx, "INSERT INTO meta.model VALUES (?, ?, ?, ?, ?)", m.Name, digest, runID, rows, at)
	})
	db.GiveBack(rows)
	return rows, err
}

func (db *DB) assert(ctx context.Context, m sqlfiles.Model) error {
	var found []string
	err := db.Query(ctx, func(r *sql.Rows) error {
		columns, err := r.Columns()
		if err != nil {
			return err
		}
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		if err := r.Scan(values...); err != nil {
			return err
		}
		var b strings.Builder
		for i, c := range columns {
			fmt.Fprintf(&b, "%s=%v ", c, *values[i].(*any))
		}
		found = append(found, strings.TrimSpace(b.String()))
		return nil
	}, m.SQL+"\nLIMIT 3")
	if err != nil {
		return fmt.Errorf("check %s: %w", m.Name, err)
	}
	if len(found) > 0 {
		return fmt.Errorf("check %s: must be empty, found %s", m.Name, strings.Join(found, "; "))
	}
	return nil
}

// ReplaceRows replaces the whole content of a small table, in the order of its columns.
func (db *DB) ReplaceRows(ctx context.Context, table string, rows [][]any) error {
	return db.Tx(ctx, func() error {
		if err := db.exec(ctx, "DELETE FROM "+table); err != nil {
			return fmt.Errorf("replace %s: %w", table, err)
		}
		for _, row := range rows {
			marks := strings.TrimSuffix(strings.Repeat("?, ", len(row)), ", ")
			if err := db.exec(ctx, "INSERT INTO "+table+" VALUES ("+marks+")", row...); err != nil {
				return fmt.Errorf("replace %s: %w", table, err)
			}
		}
		return nil
	})
}

// Fact reads one named fact, "" if it was never set.
func (db *DB) Fact(ctx context.Context, name string) (string, error) {
	var value string
	err := db.Row(ctx, "SELECT value FROM meta.fact WHERE name = ?", []any{&value}, name)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return value, err
}

// SetFact writes one named fact.
func (db *DB) SetFact(ctx context.Context, name, value string) error {
	return db.Tx(ctx, func() error {
		if err := db.exec(ctx, "DELETE FROM meta.fact WHERE name = ?", name); err != nil {
			return fmt.Errorf("set %s: %w", name, err)
		}
		return db.exec(ctx, "INSERT INTO meta.fact VALUES (?, ?)", name, value)
	})
}
