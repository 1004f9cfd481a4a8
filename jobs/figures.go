package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"claimsaudit/pipeline/warehouse"
)

// monthsShown bounds the metrics that carry a month.
const monthsShown = 13

// readPatience bounds a look at the publication, which takes milliseconds.
const readPatience = 30 * time.Second

// figures are what a publication says, amounts in cents.
type figures struct {
	rowsRead, rejectedOpen int64
	months                 []monthFigures // newest first
	snapshotOn             time.Time      // day of the newest status snapshot, 00:00 UTC; zero: none was ever delivered
	done                   []doneJob
}

type monthFigures struct {
	period              string
	withheld, recovered int64
}

type doneJob struct {
	job    Job
	period string
	at     time.Time
}

// refresh reads the publication if it is another one than last time, whoever made it: the daemon, a run on the command
// line, a restore. The working database is a run's alone and is never touched. What cannot be read is tried again.
func (m *Monitor) refresh(ctx context.Context) {
	m.reading.Lock()
	defer m.reading.Unlock()
	was := m.state()
	path := (&Runner{Config: was.config}).PublishedPath()
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		m.tell(func(h *health) { h.figures, h.published, h.publishedErr = figures{}, nil, nil })
		return
	}
	if err == nil && was.published != nil && os.SameFile(info, was.published) && info.ModTime().Equal(was.published.ModTime()) {
		return
	}
	var read figures
	if err == nil {
		// Whoever asked may give up; the next one is glad of the answer.
		ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), readPatience)
		read, err = readFigures(ctx, path)
		stop()
	}
	m.tell(func(h *health) {
		h.publishedErr = err
		if err != nil {
			return // the former figures are the best there are
		}
		h.figures, h.published = read, info
		for _, d := range read.done {
			h.runs[d.job] = h.runs[d.job].succeeded(d.at, d.period)
		}
	})
}

func readFigures(ctx context.Context, path string) (f figures, err error) {
	mart, err := warehouse.OpenMart(ctx, path)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, mart.Close()) }()
	var snapshot sql.NullTime
	err = mart.QueryRowContext(ctx, `SELECT coalesce((SELECT CAST(sum(rows_read) AS BIGINT) FROM mart.delivered_file), 0),
  (SELECT count(*) FROM mart.rejected_row WHERE replayed_in IS NULL),
  (SELECT newest_data_on FROM mart.freshness WHERE feed = 'practitioner_status')`).Scan(&f.rowsRead, &f.rejectedOpen, &snapshot)
	if err != nil {
		return f, fmt.Errorf("read publication: %w", err)
	}
	f.snapshotOn = snapshot.Time
	err = eachOf(ctx, mart, func(rows *sql.Rows) error {
		var x monthFigures
		err := rows.Scan(&x.period, &x.withheld, &x.recovered)
		f.months = append(f.months, x)
		return err
	}, fmt.Sprintf(`SELECT period, CAST(sum(withhold_yuan) * 100 AS BIGINT), CAST(sum(recover_yuan) * 100 AS BIGINT)
FROM mart.institution_period GROUP BY period ORDER BY period DESC LIMIT %d`, monthsShown))
	if err != nil {
		return f, err
	}
	return f, eachOf(ctx, mart, func(rows *sql.Rows) error {
		var job, period string
		var asOf, at time.Time
		err := rows.Scan(&job, &period, &asOf, &at)
		f.done = append(f.done, doneJob{Job(job), ledgerKey(period, asOf), wallTime(at)})
		return err
	}, `SELECT job, coalesce(max(period), ''), max(as_of), max(finished_at) FROM mart.run WHERE state = 'done' GROUP BY job`)
}

// eachOf hands every row of a read to scan.
func eachOf(ctx context.Context, mart *sql.DB, scan func(*sql.Rows) error, query string) error {
	rows, err := mart.QueryContext(ctx, query)
	if err != nil {
		return fmt.Errorf("read publication: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return fmt.Errorf("read publication: %w", err)
		}
	}
	return rows.Err()
}
