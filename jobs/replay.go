package jobs

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"claimsaudit/pipeline"
	"claimsaudit/pipeline/intake"
)

// Names of the two columns a quarantine file has before those of the delivery; no feed knows them.
const (
	quarantineLine   = "拒收行号"
	quarantineReason = "拒收原因"
)

// quarantineName ends in the number of the file whose rejected rows it holds.
var quarantineName = regexp.MustCompile(`\.rejected-(\d+)\.csv$`)

// writeQuarantine writes a loaded file's rejected rows as a file an operator can correct in place and replay:
// UTF-8, the delivery's own header and separator, two leading columns with line and reason. It belongs to the
// transaction that loads the file: it is written as .part, and settleQuarantine gives it its name after the commit.
func (s *runState) writeQuarantine(ctx context.Context, l *loadedFile) error {
	if l.spool.Count() == 0 || s.isPlan {
		return nil
	}
	stem := quarantineName.ReplaceAllString(l.file.Name, "") // still rejected after a replay: no suffix upon suffix
	stem = strings.TrimSuffix(stem, filepath.Ext(stem))
	if pipeline.FeedOf(stem) == nil || pipeline.FeedOf(stem).Name != l.file.Feed {
		stem = l.file.Feed + "_" + stem
	}
	path := s.path("quarantine", fmt.Sprintf("%s.rejected-%d.csv", stem, l.file.ID))
	f, err := os.OpenFile(path+unsettled, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return dataError(path, err)
	}
	w := bufio.NewWriter(f)
	sep := l.info.Separator
	if sep == "" {
		sep = "\t"
	}
	fmt.Fprintf(w, "\uFEFF%s%s%s%s%s\n", quarantineLine, sep, quarantineReason, sep, strings.Join(quoteAll(l.info.Header, sep), sep))
	err = l.spool.Each(func(row pipeline.RejectedRow) error {
		_, err := fmt.Fprintf(w, "%d%s%s%s%s\n", row.LineNo, sep, quote(row.Reason, sep), sep, row.Raw)
		return err
	})
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return dataError(path, err)
	}
	l.quarantine = path
	return s.db.SetFact(ctx, "quarantine "+filepath.Base(path), fileSize(path+unsettled))
}

// unsettled ends the name of a quarantine file whose transaction may not have been committed.
const unsettled = ".part"

// settleQuarantine names the quarantine files of committed transactions and drops those of others, this run's and
// those of a run that was killed.
func (s *runState) settleQuarantine(ctx context.Context) error {
	if s.isPlan {
		return nil
	}
	found, err := filepath.Glob(s.path("quarantine", "*.csv"+unsettled))
	if err != nil {
		return err
	}
	for _, part := range found {
		path := strings.TrimSuffix(part, unsettled)
		written, err := s.db.Fact(ctx, "quarantine "+filepath.Base(path))
		if err != nil {
			return err
		}
		if written == fileSize(part) {
			err = os.Rename(part, path)
		} else {
			err = os.Remove(part)
		}
		if err != nil {
			return dataError(part, err)
		}
	}
	return nil
}

// fileSize and modification time tell an untouched quarantine file from a corrected one.
func fileSize(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%d %d", info.Size(), info.ModTime().UnixNano())
}

func quote(s, sep string) string {
	if !strings.ContainsAny(s, "\"\r\n"+sep) {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}

func quoteAll(fields []string, sep string) []string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = quote(f, sep)
	}
	return out
}

// correctedFiles are the deliveries of a replay: the files named, or every quarantine file that was changed.
func (s *runState) correctedFiles(ctx context.Context) (intake.Found, error) {
	var found intake.Found
	names := s.req.Files
	if len(names) == 0 {
		all, err := filepath.Glob(s.path("quarantine", "*.csv"))
		if err != nil {
			return found, err
		}
		for _, name := range all {
			written, err := s.db.Fact(ctx, "quarantine "+filepath.Base(name))
			if err != nil {
				return found, err
			}
			if written != fileSize(name) {
				names = append(names, name)
			}
		}
	}
	for _, name := range names {
		d, err := intake.One(name)
		if err != nil {
			return found, err
		}
		found.Deliveries = append(found.Deliveries, d)
	}
	return found, s.hashAll(ctx, &found)
}

// markReplayed notes at the original rows that a corrected file took them in.
func (s *runState) markReplayed(ctx context.Context, d intake.Delivery) error {
	m := quarantineName.FindStringSubmatch(d.Name)
	if m == nil {
		return nil // a corrected file under a name of its own: nothing tells whose rows it holds
	}
	id, err := strconv.ParseInt(m[1], 10, 32)
	if err != nil {
		return nil
	}
	return s.db.MarkReplayed(ctx, int32(id), d.SHA256)
}

// removeScratch deletes a directory tree of ours.
func removeScratch(dir string) error {
	if err := os.RemoveAll(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return dataError(dir, err)
	}
	return nil
}
