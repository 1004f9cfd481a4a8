package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"claimsaudit/pipeline"
)

// gatePrefix begins the name of the fact that a file is above the gate and nobody was told yet. It is written in the
// file's own transaction: a run that is killed before it stops must not let the next one go on as if told.
const gatePrefix = "gate "

// noteGate notes a file of which too many rows were rejected. Call inside the file's transaction.
func (s *runState) noteGate(ctx context.Context, l loadedFile) error {
	if quarantineName.MatchString(l.file.Name) {
		return nil // its rows stopped a run before; the corrected ones must count
	}
	c := l.file.Counts
	if c.Rejected.Rows*10_000 <= int64(s.Config.Settings.GateRejectedBasisPoints)*c.Read.Rows {
		return nil
	}
	text := fmt.Sprintf("%d of %d rows were rejected, more than %.2f %%", c.Rejected.Rows, c.Read.Rows,
		float64(s.Config.Settings.GateRejectedBasisPoints)/100)
	return s.db.SetFact(ctx, fmt.Sprintf("%s%d", gatePrefix, l.file.ID), strings.Join([]string{l.file.Name, text, l.quarantine}, "\t"))
}

// gate stops the run once for every file noted; the next run goes on without the rejected rows.
func (s *runState) gate(ctx context.Context) error {
	noted := map[string][]string{}
	var names []string
	err := s.db.Query(ctx, func(rows *sql.Rows) error {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			return err
		}
		parts := strings.SplitN(value, "\t", 3)
		if len(parts) != 3 {
			return fmt.Errorf("gate: unexpected fact %q", value)
		}
		noted[name], names = parts, append(names, name)
		return nil
	}, "SELECT name, value FROM meta.fact WHERE starts_with(name, ?) AND value <> '' ORDER BY name", gatePrefix)
	if err != nil {
		return err
	}
	var stopped []error
	for _, name := range names {
		file := noted[name]
		stopped = append(stopped, &pipeline.Error{Kind: pipeline.KindGate, Op: "check rejected rows", Where: file[0], Err: errors.New(file[1]),
			Hint: "nothing was judged; correct " + file[2] + " and run `claimsaudit replay`, or run again to go on without these rows"})
		if err := s.db.SetFact(ctx, name, ""); err != nil {
			return err
		}
	}
	return errors.Join(stopped...)
}
