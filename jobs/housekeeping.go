package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"claimsaudit/pipeline/warehouse"
)

// Freed is one kind of thing housekeeping did away with.
type Freed struct {
	What  string
	Count int
	Bytes int64
}

// A warehouse with more gaps than this is written anew; below compactBytesMin the gaps are those every file has.
const (
	compactGapsPercent = 30
	compactBytesMin    = 4 << 20
)

// keepHouse gives room back. The archive, the statements, the reports and the ledger are never touched: what it removes
// can be made again or is by the operator's own rule too old. With nothing to do it changes nothing.
func (s *runState) keepHouse(ctx context.Context) error {
	for _, step := range []func(context.Context) error{s.removeLeftovers, s.removeFormer, s.pruneQuarantine, s.pruneOutbox, s.compact} {
		if err := ctx.Err(); err != nil {
			return interrupted("keep house", err)
		}
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s *runState) freed(what string, count int, bytes int64) {
	if count == 0 {
		return
	}
	s.out.Freed = append(s.out.Freed, Freed{what, count, bytes})
	s.Log.Info().Int("count", count).Int64("bytes", bytes).Msg("freed: " + what)
}

// leftovers are what a killed process may leave, below the data directory. The lock is ours: nobody is writing them.
var leftovers = []string{
	"archive/.incoming/*", "reports/*/.report-*", "reports/*/*/.report-*", "published/*.tmp", "published/*.tmp.wal", "keys/.key-*",
}

func (s *runState) removeLeftovers(context.Context) error {
	count, bytes := 0, int64(0)
	for _, pattern := range leftovers {
		found, err := filepath.Glob(s.path(filepath.FromSlash(pattern)))
		if err != nil {
			return err
		}
		for _, path := range found {
			size, err := treeBytes(path)
			if err == nil {
				err = os.RemoveAll(path)
			}
			if err != nil {
				return dataError(path, err)
			}
			count, bytes = count+1, bytes+size
		}
	}
	s.freed("leftovers of interrupted runs", count, bytes)
	return nil
}

func treeBytes(root string) (bytes int64, err error) {
	err = filepath.WalkDir(root, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			bytes += info.Size()
		}
		return err
	})
	return bytes, err
}

func (r *Runner) historyDir() string { return r.path("published", "history") }

// keepFormer keeps the publication that is about to be replaced, if the operator wants former ones, and lets go of the
// oldest: a week of nights must not fill the disk before housekeeping comes. A publication is never stopped by it.
func (s *runState) keepFormer(ctx context.Context) {
	if s.Config.Operation.Retention.PublishedCopies <= 0 {
		return
	}
	_, err := warehouse.KeepFormer(ctx, s.PublishedPath(), s.historyDir())
	if err == nil {
		err = s.openPublished()
	}
	if err == nil {
		_, _, err = s.pruneFormer()
	}
	if err != nil {
		s.Log.Warn().Err(err).Msg("former publications are not in order")
	}
}

// removeFormer removes the former publications the operator does not want any more.
func (s *runState) removeFormer(context.Context) error {
	count, bytes, err := s.pruneFormer()
	s.freed("former publications", count, bytes)
	return err
}

// pruneFormer keeps the newest former publications.
func (r *Runner) pruneFormer() (count int, bytes int64, err error) {
	paths, err := filepath.Glob(filepath.Join(r.historyDir(), "*.duckdb"))
	if err != nil {
		return 0, 0, err
	}
	type former struct {
		path string
		info fs.FileInfo
	}
	var all []former
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return 0, 0, dataError(path, err)
		}
		all = append(all, former{path, info})
	}
	slices.SortFunc(all, func(a, b former) int { return b.info.ModTime().Compare(a.info.ModTime()) })
	for _, f := range all[min(len(all), max(0, r.Config.Operation.Retention.PublishedCopies)):] {
		if err := os.Remove(f.path); err != nil {
			return count, bytes, dataError(f.path, err)
		}
		count++
		if links(f.info) < 2 { // else it is the publication that stands, under a second name
			bytes += f.info.Size()
		}
	}
	return count, bytes, nil
}

func links(info fs.FileInfo) uint64 {
	if sys, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(sys.Nlink)
	}
	return 1
}

// pruneQuarantine removes files of rejected rows all of which were taken in again long enough ago. One that somebody has
// changed since it was written stays: the changes may not have been taken in.
func (s *runState) pruneQuarantine(ctx context.Context) error {
	days := s.Config.Operation.Retention.QuarantineDays
	if days <= 0 {
		return nil
	}
	taken := map[string]bool{} // by number of the file whose rows they are
	err := s.db.Query(ctx, func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		taken[id] = true
		return err
	}, `SELECT CAST(r.file_id AS VARCHAR) FROM staging.rejected_row r
LEFT JOIN (SELECT file_sha256, max(received_at) AS received_at FROM meta.file GROUP BY ALL) f ON f.file_sha256 = r.replayed_in
GROUP BY r.file_id HAVING bool_and(coalesce(f.received_at < ?, false))`, s.daysBefore(days))
	if err != nil {
		return fmt.Errorf("list replayed rows: %w", err)
	}
	paths, err := filepath.Glob(s.path("quarantine", "*.csv"))
	if err != nil {
		return err
	}
	count, bytes := 0, int64(0)
	for _, path := range paths {
		m := quarantineName.FindStringSubmatch(filepath.Base(path))
		if m == nil || !taken[m[1]] {
			continue
		}
		written, err := s.db.Fact(ctx, "quarantine "+filepath.Base(path))
		if err != nil {
			return err
		}
		if written != contentOf(path) {
			continue
		}
		info, err := os.Stat(path)
		if err == nil {
			err = os.Remove(path)
		}
		if err != nil {
			return dataError(path, err)
		}
		count, bytes = count+1, bytes+info.Size()
	}
	s.freed("quarantine files taken in again", count, bytes)
	return nil
}

// daysBefore is the beginning of the day so many days before the as-of day.
func (s *runState) daysBefore(days int) time.Time { return s.req.AsOf.AddDate(0, 0, -days) }

// pruneOutbox takes the content out of messages that were sent long enough ago.
func (s *runState) pruneOutbox(ctx context.Context) error {
	count, bytes, err := s.db.PurgeOutbox(ctx, s.daysBefore(s.Config.Operation.Retention.OutboxDays), s.now())
	if err == nil {
		s.freed("contents of mails sent long ago", int(count), bytes)
	}
	return err
}

// compact writes the warehouse anew if it has too many gaps. It needs room for a second copy meanwhile.
func (s *runState) compact(ctx context.Context) error {
	if err := s.checkpoint(ctx); err != nil {
		return err
	}
	room, err := s.db.Room(ctx)
	if err != nil {
		return err
	}
	if room.Free*100 <= room.Total*compactGapsPercent || room.Free*room.BlockBytes < compactBytesMin {
		return nil
	}
	free, err := diskFree(s.path())
	if err != nil {
		return dataError(s.path(), err)
	}
	// The copy needs what is used and, while it is written, some more.
	if need := room.Used * room.BlockBytes * 5 / 4; free < need {
		note := fmt.Sprintf("the warehouse has gaps of %s, but to close them takes %s of free disk and there are %s",
			megabytes(room.Free*room.BlockBytes), megabytes(need), megabytes(free))
		s.out.Notes = append(s.out.Notes, note)
		s.Log.Warn().Msg(note)
		return nil
	}
	before, err := os.Stat(s.WarehousePath())
	if err != nil {
		return dataError(s.WarehousePath(), err)
	}
	s.startProgress("compact warehouse", 0)
	defer s.endProgress()
	if err := s.compactClosed(ctx); err != nil {
		return err
	}
	after, err := os.Stat(s.WarehousePath())
	if err != nil {
		return dataError(s.WarehousePath(), err)
	}
	s.freed("gaps in the warehouse", 1, before.Size()-after.Size())
	return nil
}

// compactClosed closes the warehouse, compacts it and opens it again, compacted or not, for the rest of the run.
func (s *runState) compactClosed(ctx context.Context) error {
	if err := s.db.Close(); err != nil {
		return err
	}
	err := warehouse.Compact(ctx, s.warehouseOptions(s.WarehousePath()))
	again, openErr := s.open(context.WithoutCancel(ctx), s.WarehousePath())
	if openErr == nil {
		*s.db = *again // whoever opened the warehouse closes it through the same pointer
	}
	return errors.Join(err, openErr)
}
