package jobs

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
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
	header := l.info.Header
	isAgain := len(header) > 2 && header[0] == quarantineLine && header[1] == quarantineReason
	if isAgain {
		header = header[2:]
	}
	fmt.Fprintf(w, "\uFEFF%s%s%s%s%s\n", quarantineLine, sep, quarantineReason, sep, strings.Join(quoteAll(header, sep), sep))
	err = l.spool.Each(func(row pipeline.RejectedRow) error {
		line, raw := strconv.FormatInt(row.LineNo, 10), row.Raw
		if isAgain {
			line, raw = original(raw, sep)
		}
		_, err := fmt.Fprintf(w, "%s%s%s%s%s\n", line, sep, quote(row.Reason, sep), sep, raw)
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
	return s.db.SetFact(ctx, "quarantine "+filepath.Base(path), contentOf(path+unsettled))
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
		if written == contentOf(part) {
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

// contentOf tells an untouched quarantine file from a corrected one: its SHA-256, "" if it cannot be read.
func contentOf(path string) string {
	content, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// original takes the two leading columns off a row that comes from a quarantine file: the line it had in the delivery
// and the row itself.
func original(raw, sep string) (line, row string) {
	line, rest, ok := strings.Cut(raw, sep)
	if !ok {
		return "", raw
	}
	if strings.HasPrefix(rest, `"`) {
		if end := strings.Index(strings.ReplaceAll(rest[1:], `""`, "  "), `"`+sep); end >= 0 {
			return line, rest[end+2+len(sep):]
		}
	}
	_, row, _ = strings.Cut(rest, sep)
	return line, row
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
			if written != contentOf(name) {
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
