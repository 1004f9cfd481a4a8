package warehouse

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strings"

	"claimsaudit/pipeline"
	sqlfiles "claimsaudit/sql"
)

// migrate applies the numbered migrations that are missing, each in its own
// transaction, and refuses a warehouse whose applied migrations were edited since.
func (db *DB) migrate(ctx context.Context) error {
	if err := db.exec(ctx, "CREATE TABLE IF NOT EXISTS main.migration (name VARCHAR NOT NULL, sha256 VARCHAR NOT NULL)"); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	names, err := fs.Glob(sqlfiles.Files, "migrations/*.sql")
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	sort.Strings(names)
	for _, name := range names {
		text, err := sqlfiles.Text(name)
		if err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
		if err := db.applyMigration(ctx, path.Base(name), text); err != nil {
			return err
		}
	}
	return nil
}

func (db *DB) applyMigration(ctx context.Context, name, text string) error {
	digest := sqlfiles.Digest([]byte(text))
	var known string
	err := db.Row(ctx, "SELECT sha256 FROM main.migration WHERE name = ?", []any{&known}, name)
	if err == nil {
		if known != digest {
			return &pipeline.Error{Kind: pipeline.KindInternal, Op: "migrate", Where: name,
				Hint: "this program's migration differs from the one the warehouse was made with: use the matching program version",
				Err:  errors.New("an applied migration was changed")}
		}
		return nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("migrate %s: %w", name, err)
	}
	return db.Tx(ctx, func() error {
		for _, statement := range statements(text) {
			if err := db.exec(ctx, statement); err != nil {
				return fmt.Errorf("migrate %s: %w", name, err)
			}
		}
		return db.exec(ctx, "INSERT INTO main.migration VALUES (?, ?)", name, digest)
	})
}

// statements splits a script at semicolons that end a line; our scripts hold no others outside comments.
func statements(script string) []string {
	var all []string
	var b strings.Builder
	for _, line := range strings.Split(script, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "--") {
			continue
		}
		b.WriteString(line)
		b.WriteByte('\n')
		if strings.HasSuffix(strings.TrimSpace(line), ";") {
			all = append(all, b.String())
			b.Reset()
		}
	}
	if strings.TrimSpace(b.String()) != "" {
		all = append(all, b.String())
	}
	return all
}
