package warehouse

import (
	"context"
	"fmt"
	"strings"
)

// Sandbox is an empty warehouse in memory in which models can be tried on chosen rows of a real one. Nothing is written
// to disk. While the real one is attached, for reading, its tables are named delivered.SCHEMA.TABLE.
type Sandbox struct {
	*DB
	isAttached bool
}

// OpenSandbox attaches the warehouse at source. While a run has it open the error is of KindLocked.
func OpenSandbox(ctx context.Context, o Options, source string) (*Sandbox, error) {
	o.Path, o.TempDir = "", ""
	db, err := dial(ctx, o)
	if err != nil {
		return nil, err
	}
	if err := db.exec(ctx, fmt.Sprintf("ATTACH '%s' AS delivered (READ_ONLY)", strings.ReplaceAll(source, "'", "''"))); err != nil {
		db.Close()
		return nil, openError(source, err)
	}
	if err := db.migrate(ctx); err != nil {
		db.Close()
		return nil, err
	}
	return &Sandbox{DB: db, isAttached: true}, nil
}

// Fill adds the rows of a query to a table, column by column of the same name.
func (s *Sandbox) Fill(ctx context.Context, table, query string, args ...any) error {
	return diskError("fill "+table, table, s.exec(ctx, "INSERT INTO "+table+" BY NAME "+query, args...))
}

// Keep makes a table of the sandbox's own, in schema main, from a query.
func (s *Sandbox) Keep(ctx context.Context, table, query string, args ...any) error {
	return diskError("keep "+table, table, s.exec(ctx, "CREATE TABLE main."+table+" AS "+query, args...))
}

// Release lets go of the real warehouse, so that a run can have it.
func (s *Sandbox) Release(ctx context.Context) error {
	if !s.isAttached {
		return nil
	}
	s.isAttached = false
	return s.exec(ctx, "DETACH delivered")
}
