package report

import (
	"context"
	"database/sql"
)

// issuedPart is what the month's statement holds of one institution, month of the claims and kind.
type issuedPart struct {
	StatementNo, Code, Name, Period, Kind string
	Lines                                 int64
	Cents                                 cents
}

func (s *summary) loadIssued(ctx context.Context, db *sql.DB) error {
	return each(ctx, db, "statement_line", queryIssued, []any{s.Meta.Period.String()}, func(rows *sql.Rows) error {
		var p issuedPart
		var name sql.NullString
		err := rows.Scan(&p.StatementNo, &p.Code, &name, &p.Period, &p.Kind, &p.Lines, &p.Cents)
		p.Name = name.String
		s.Issued = append(s.Issued, p)
		return err
	})
}

// placesOf counts the institutions a kind of the statement concerns, "" for any.
func (s *summary) placesOf(kind string) int64 {
	seen := map[string]bool{}
	for _, p := range s.Issued {
		if kind == "" || p.Kind == kind {
			seen[p.Code] = true
		}
	}
	return int64(len(seen))
}
