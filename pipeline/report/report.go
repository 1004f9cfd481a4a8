// Package report turns the published mart into what people read: a workbook
// and a page for each month, byte for byte the same for the same data; and the
// facts of a decision into the notice that is served, as a Word document.
//
// Its nouns: a Meta says what the report is about, a Month holds the figures that
// workbook, page and mail show, a sheet is one list of the workbook, a Notice is
// what a mail says. A report whose own
// figures contradict each other is refused, never written, and a report that
// fails leaves neither of its files behind. Names of practitioners appear
// only as the mart masks them, but for the notices of points, which are for the
// person and the institution, and for a PersonFile, the page of everything kept
// about one practitioner, where whoever asked for it wants the name.
package report

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"claimsaudit/pipeline"
)

// Meta says which report is written, for whom, and from which run.
type Meta struct {
	Period        pipeline.Period
	Year          int       // instead of Period, for what is about a year
	AsOf          time.Time // the day whose knowledge the figures show
	CentreName    string    // in Chinese, as it is to stand in the heading
	RulePackTitle string    // in Chinese
	RunID         string
	ChainHash     string
	StatementNo   string    // "" when this run issued no statement
	GeneratedAt   time.Time // the only time that goes into the files; pass the run's
}

// Month is what a month's reports and its mail say: read once, and found not to
// contradict itself.
type Month struct{ summary *summary }

// ReadMonth reads meta.Period from the schema mart of db. Errors are
// *pipeline.Error: KindInterrupted when ctx ends, else KindInternal, also when
// the mart's totals do not agree with each other.
func ReadMonth(ctx context.Context, db *sql.DB, meta Meta) (*Month, error) {
	if err := meta.check(); err != nil {
		return nil, err
	}
	s, err := loadSummary(ctx, db, meta)
	if err != nil {
		return nil, err
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	return &Month{s}, nil
}

// Write writes dir/claimsaudit-yyyy-MM.xlsx and .html and returns their paths;
// the long lists are read from db meanwhile. Both are complete or neither is
// there; equal data and meta give equal bytes. Errors are as of ReadMonth.
func (m *Month) Write(ctx context.Context, db *sql.DB, dir string) ([]string, error) {
	s := m.summary
	base := filepath.Join(dir, "claimsaudit-"+s.Meta.Period.String())
	outputs := []output{
		{base + ".xlsx", func(w *os.File) error { return writeBook(ctx, db, s, w, usualLimits()) }},
		{base + ".html", func(w *os.File) error { return writePage(w, s) }},
	}
	return publish(outputs)
}

// shortHash is as much of the chain's hash as stands on a printed page; eight digits would do to find the run.
func (m Meta) shortHash() string { return m.ChainHash[:min(len(m.ChainHash), 12)] }

// runMark names the run at the foot of a printed page, where & begins a code.
func (m Meta) runMark() string {
	mark := "运行 " + strings.ReplaceAll(m.RunID, "&", "&&")
	if m.ChainHash != "" {
		mark += "　校验码 " + m.shortHash()
	}
	return mark
}

// Monthly reads the month and writes it.
func Monthly(ctx context.Context, db *sql.DB, dir string, meta Meta) ([]string, error) {
	m, err := ReadMonth(ctx, db, meta)
	if err != nil {
		return nil, err
	}
	return m.Write(ctx, db, dir)
}

func (m Meta) check() error {
	for _, field := range []struct {
		name   string
		absent bool
	}{{"Period", m.Period.IsZero() && m.Year == 0}, {"AsOf", m.AsOf.IsZero()}, {"GeneratedAt", m.GeneratedAt.IsZero()}} {
		if field.absent {
			return &pipeline.Error{Kind: pipeline.KindInternal, Op: "write report", Where: field.name,
				Hint: "the job must say which month or year, as of which day and at what time", Err: errors.New("not set")}
		}
	}
	return nil
}

// span is the month or the year, as headings say it.
func (m Meta) span() string {
	if m.Year != 0 {
		return fmt.Sprintf("%d年度", m.Year)
	}
	return chineseMonth(m.Period)
}

type output struct {
	path  string
	write func(*os.File) error
}

// publish writes every output beside its place first and only then renames
// them, so that a failure never leaves half a report.
func publish(outputs []output) ([]string, error) {
	return publishMany(context.Background(), 1, outputs)
}

// publishMany is publish by so many hands at a time.
func publishMany(ctx context.Context, hands int, outputs []output) (paths []string, err error) {
	if len(outputs) == 0 {
		return nil, nil
	}
	temps, failed := make([]string, len(outputs)), make([]error, len(outputs))
	defer func() {
		for _, t := range temps {
			if rm := os.Remove(t); t != "" && rm != nil && !errors.Is(rm, os.ErrNotExist) && err == nil {
				err = fail("remove temporary file", t, hintDisk, rm)
			}
		}
	}()
	next := make(chan int)
	var writers sync.WaitGroup
	for range min(hands, len(outputs)) {
		writers.Go(func() {
			for i := range next {
				temps[i], failed[i] = outputs[i].temporary(ctx)
			}
		})
	}
	for i := range outputs {
		next <- i
	}
	close(next)
	writers.Wait()
	if i := slices.IndexFunc(failed, func(err error) bool { return err != nil }); i >= 0 {
		return nil, failed[i]
	}
	for i, o := range outputs {
		if err := os.Rename(temps[i], o.path); err != nil {
			return nil, fail("put report in place", o.path, hintDisk, err)
		}
		paths = append(paths, o.path)
	}
	return paths, syncDir(filepath.Dir(outputs[0].path))
}

// temporary writes the output beside its place.
func (o output) temporary(ctx context.Context) (path string, err error) {
	if err := ctx.Err(); err != nil {
		return "", fail("write report", o.path, hintDisk, err)
	}
	temp, err := os.CreateTemp(filepath.Dir(o.path), ".report-*") // 0600
	if err != nil {
		return "", fail("write report", o.path, hintDisk, err)
	}
	err = o.write(temp)
	if err == nil {
		err = temp.Sync()
	}
	if err := errors.Join(err, temp.Close()); err != nil {
		return temp.Name(), fail("write report", o.path, hintDisk, err)
	}
	return temp.Name(), nil
}

// syncDir makes the renames survive a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err == nil {
		err = errors.Join(d.Sync(), d.Close())
	}
	if err != nil {
		return fail("put report in place", dir, hintDisk, err)
	}
	return nil
}

const (
	hintDisk = "check that the report folder exists, is writable and has free space, then run the job again"
	hintMart = "publish again with `claimsaudit run nightly`; if it stays, the published database and this program are of different versions"
)

// fail wraps err once; an error that already names its place passes unchanged.
func fail(op, where, hint string, err error) error {
	var known *pipeline.Error
	if errors.As(err, &known) {
		return err
	}
	kind := pipeline.KindInternal
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		kind, hint = pipeline.KindInterrupted, "run the job again"
	}
	return &pipeline.Error{Kind: kind, Op: op, Where: where, Hint: hint, Err: err}
}
