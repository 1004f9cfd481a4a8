package warehouse

import (
	"context"
	"database/sql"
	"fmt"
)

// Untold is what interrupted runs found and nobody was told of.
type Untold struct {
	Rejected   int64    // rows
	Quarantine []string // base names of the files that hold them
	Refused    []RefusedDelivery
}

// RefusedDelivery is a delivered file of which nothing was loaded.
type RefusedDelivery struct {
	Path, Reason string
}

// interruptedBefore are the runs between a run and the last one before it that came to its end and told what it had
// found. Who replays sits in front of it, so replays neither tell nor leave anything to be told.
const interruptedBefore = `SELECT run_id FROM meta.run WHERE run_id <> $1 AND state = 'interrupted' AND job <> 'replay'
  AND link_no > coalesce((SELECT max(link_no) FROM meta.run WHERE run_id <> $1 AND state <> 'interrupted' AND job <> 'replay'), 0)
  AND run_id NOT IN (SELECT run_id FROM meta.message WHERE kind = $2)`

// UntoldBefore collects what the interrupted runs just before a run took in; those that could still make a message of
// the kind have told of it themselves. Every run before this one must be linked.
func (db *DB) UntoldBefore(ctx context.Context, runID, kind string) (u Untold, err error) {
	if err := db.Row(ctx, "SELECT CAST(coalesce(sum(rejected), 0) AS BIGINT) FROM meta.file WHERE run_id IN ("+interruptedBefore+")",
		[]any{&u.Rejected}, runID, kind); err != nil {
		return u, fmt.Errorf("read what was not told: %w", err)
	}
	err = db.Query(ctx, func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		u.Quarantine = append(u.Quarantine, name)
		return err
	}, `SELECT substr(q.name, length('quarantine ') + 1) FROM meta.file f
JOIN meta.fact q ON starts_with(q.name, 'quarantine ') AND ends_with(q.name, '.rejected-' || f.file_id || '.csv')
WHERE f.rejected > 0 AND f.run_id IN (`+interruptedBefore+`) ORDER BY f.file_id`, runID, kind)
	if err != nil {
		return u, err
	}
	return u, db.Query(ctx, func(rows *sql.Rows) error {
		var d RefusedDelivery
		err := rows.Scan(&d.Path, &d.Reason)
		u.Refused = append(u.Refused, d)
		return err
	}, `SELECT path, coalesce(reason, '') FROM meta.delivery WHERE outcome = 'refused' AND run_id IN (`+interruptedBefore+`)
ORDER BY delivery_no`, runID, kind)
}
