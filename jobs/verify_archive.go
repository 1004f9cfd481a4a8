package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"claimsaudit/pipeline/intake"
	"claimsaudit/pipeline/warehouse"
	sqlfiles "claimsaudit/sql"
)

// checkSettings wants the archived text of everything a linked run judged by.
func (v *verification) checkSettings() {
	c := Proof{Kind: "settings", Text: "archived settings that runs judged by"}
	seen := map[string]bool{"": true}
	for _, l := range v.links {
		if seen[l.ConfigSHA256] {
			continue
		}
		seen[l.ConfigSHA256] = true
		c.Count++
		path := configPath(v.path("archive"), l.ConfigSHA256)
		text, err := os.ReadFile(path)
		if err != nil {
			c.fail(path, "the settings of run "+l.ID, "no readable file", hintArchive)
		} else if sum := sqlfiles.Digest(text); sum != l.ConfigSHA256 {
			c.fail(path, "SHA-256 "+l.ConfigSHA256, sum, hintArchive)
		}
	}
	v.checks = append(v.checks, c)
}

// checkFiles reads every delivered file of the archive and compares it with its name, and wants every file that a run
// took in, refused or saw again.
func (v *verification) checkFiles(ctx context.Context) error {
	stored, err := intake.Archive{Dir: v.path("archive")}.List()
	if err != nil {
		return err
	}
	c := Proof{Kind: "files"}
	delivered := v.deliveredIn()
	var bytes int64
	for _, s := range stored {
		bytes += s.Size
	}
	v.startProgress("hash archive", bytes)
	defer v.endProgress()
	present := map[string]bool{}
	var unknown, writable int
	for _, s := range stored {
		if s.IsControl {
			continue
		}
		c.Count++
		sum, err := s.Hash(ctx, v.addProgress)
		if err != nil {
			return err
		}
		if sum != s.SHA256 {
			c.fail(s.Path, "SHA-256 "+s.SHA256, sum, hintArchive)
		}
		present[s.SHA256] = true
		if _, ok := delivered[s.SHA256]; !ok {
			if unknown++; unknown <= 3 {
				c.note("no run knows %s", s.Path)
			}
		}
		if s.Mode.Perm()&0o222 != 0 {
			writable++
		}
	}
	if unknown > 3 {
		c.note("no run knows %d files in all", unknown)
	}
	if writable > 0 {
		c.note("%d files can be written to: chmod 0400", writable)
	}
	v.wantDelivered(&c, delivered, present)
	c.Text = fmt.Sprintf("delivered files, %s, every byte", size(bytes))
	v.checks = append(v.checks, c)
	return nil
}

// lastLook is where a file was last met.
type lastLook struct {
	path, run string
	isOpen    bool // the run did not come to its end, so the file may still be in the inbox
}

// deliveredIn gives the last look at every file the ledger knows, by SHA-256.
func (v *verification) deliveredIn() map[string]lastLook {
	delivered := map[string]lastLook{}
	add := func(run string, isOpen bool) {
		if t := v.traces[run]; t != nil {
			for _, d := range t.Deliveries {
				delivered[d.SHA256] = lastLook{d.Path, run, isOpen}
			}
		}
	}
	for _, l := range v.links {
		add(l.ID, l.State != "done")
	}
	for _, run := range v.pending {
		add(run.ID, true)
	}
	return delivered
}

func (v *verification) wantDelivered(c *Proof, delivered map[string]lastLook, present map[string]bool) {
	for _, sum := range sortedKeys(delivered) {
		if present[sum] {
			continue
		}
		last := delivered[sum]
		if last.isOpen && v.isInInbox(last.path) {
			c.note("%s is still in the inbox: run %s was cut off before it was archived; the next run does it", last.path, last.run)
			continue
		}
		c.fail(v.path("archive", sum[:2], sum), "the file delivered as "+last.path+" in run "+last.run, "none", hintArchive)
	}
}

func (v *verification) isInInbox(path string) bool {
	for _, dir := range []string{v.Config.Settings.Inbox, v.path("quarantine")} {
		if _, err := os.Lstat(filepath.Join(dir, filepath.FromSlash(path))); err == nil {
			return true
		}
	}
	return false
}

// size writes a number of bytes for people.
func size(bytes int64) string {
	switch {
	case bytes >= 1e9:
		return fmt.Sprintf("%.1f GB", float64(bytes)/1e9)
	case bytes >= 1e6:
		return fmt.Sprintf("%.1f MB", float64(bytes)/1e6)
	default:
		return fmt.Sprintf("%.1f kB", float64(bytes)/1e3)
	}
}

// publishedRow is what the publication and the ledger must say alike: a run with its hash, or a statement with its sums.
type publishedRow struct{ kind, name, value string }

const (
	publishedRuns       = `SELECT 'run', run_id, chain_hash FROM mart.run WHERE chain_hash IS NOT NULL`
	publishedStatements = `SELECT 'statement', statement_no, count(*) || ' rows, ' || CAST(sum(amount_yuan) AS VARCHAR) || ' yuan'
FROM mart.statement_line GROUP BY statement_no`
	ledgerStatements = `SELECT statement_no, count(*) || ' rows, ' || CAST(sum(yuan(amount_cents)) AS VARCHAR) || ' yuan'
FROM audit.statement_line GROUP BY statement_no`
)

const hintPublication = "somebody replaced or changed the publication: `claimsaudit run nightly` after removing it publishes anew from the warehouse"

// checkPublication compares what is published with the ledger: the newest publishing run is in it with its hash, and
// no run and no statement is told otherwise.
func (v *verification) checkPublication(ctx context.Context) error {
	c := Proof{Kind: "publication", Text: "runs and statements as published"}
	defer func() { v.checks = append(v.checks, c) }()
	var newest warehouse.Link
	want := map[string]string{}
	for _, l := range v.links {
		want["run "+l.ID] = l.ChainHash
		if l.IsPublished {
			newest = l
		}
	}
	for no, value := range v.issued {
		want["statement "+no] = value
	}
	if _, err := os.Stat(v.PublishedPath()); errors.Is(err, fs.ErrNotExist) {
		if newest.ID != "" {
			c.fail(v.PublishedPath(), "the publication of run "+newest.ID, "no file", "run `claimsaudit run nightly`: it publishes again")
		}
		return nil
	}
	got, err := v.readPublished(ctx)
	if err != nil {
		return err
	}
	c.Count = int64(len(got))
	isThere := newest.ID == ""
	for _, row := range got {
		name := row.kind + " " + row.name
		isThere = isThere || name == "run "+newest.ID
		if want[name] != row.value {
			c.fail(v.PublishedPath()+", "+name, "what the ledger says, "+orNothing(want[name]), row.value, hintPublication)
		}
	}
	if !isThere {
		c.fail(v.PublishedPath(), "the publication of run "+newest.ID, "an older one", hintPublication)
	}
	return nil
}

func (v *verification) readPublished(ctx context.Context) (all []publishedRow, err error) {
	mart, err := warehouse.OpenMart(ctx, v.PublishedPath())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, mart.Close()) }()
	rows, err := mart.QueryContext(ctx, publishedRuns+" UNION ALL "+publishedStatements+" ORDER BY 1, 2")
	if err != nil {
		return nil, fmt.Errorf("read publication: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var r publishedRow
		if err := rows.Scan(&r.kind, &r.name, &r.value); err != nil {
			return nil, fmt.Errorf("read publication: %w", err)
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

// readIssued reads the sums of every statement, to be compared with the publication.
func (v *verification) readIssued(ctx context.Context, db *warehouse.DB) error {
	v.issued = map[string]string{}
	return db.Query(ctx, func(rows *sql.Rows) error {
		var no, value string
		err := rows.Scan(&no, &value)
		v.issued[no] = value
		return err
	}, ledgerStatements)
}
