package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path"
	"sort"
	"strings"
	"time"

	"claimsaudit/configs"
	"claimsaudit/pipeline"
)

// expectedMonths is how far back an overdue delivery is asked for: what nobody brought in three months is a matter
// between offices, not for every night's mail.
const expectedMonths = 3

// lookForExpected notes which deliveries are overdue on the as-of day. The run goes on without them.
func (s *runState) lookForExpected(ctx context.Context) error {
	expected := s.Config.Operation.Expected
	if len(expected) == 0 || !looksForExpected(s.req.Job) {
		return nil
	}
	began := s.req.AsOf
	if err := s.db.Row(ctx, "SELECT least(?, (SELECT min(as_of) FROM meta.run))", []any{&began}, s.req.AsOf); err != nil {
		return err
	}
	known, err := s.arrivals(ctx)
	if err != nil {
		return err
	}
	missing, unknown := missingFiles(expected, s.Config.Operation.Calendar, known, began, s.req.AsOf)
	s.out.Missing = missing
	if unknown != nil {
		s.Log.Warn().Err(unknown).Str("do", pipeline.HintOf(unknown)).Msg("not known what is due")
		s.overdue = &pipeline.Error{Kind: pipeline.KindMissingFile, Op: "look for expected files", Err: unknown,
			Hint: "the run is complete; " + pipeline.HintOf(unknown)}
	}
	if len(s.out.Missing) == 0 {
		return nil
	}
	for _, text := range s.out.Missing {
		s.Log.Warn().Str("expected", text).Msg("delivery missing")
	}
	const shown = 3
	text := strings.Join(s.out.Missing[:min(shown, len(s.out.Missing))], "; ")
	if more := len(s.out.Missing) - shown; more > 0 {
		text += fmt.Sprintf("; and %d more", more)
	}
	s.overdue = errors.Join(s.overdue, &pipeline.Error{Kind: pipeline.KindMissingFile, Op: "look for expected files",
		Err:  fmt.Errorf("%d missing: %s", len(s.out.Missing), text),
		Hint: "the run is complete without them; ask the senders and put the files into the inbox, or correct expected_files"})
	return nil
}

func looksForExpected(job Job) bool { return job == Nightly || job == Monthly }

// arrival is everything known under one SHA-256: the same bytes may have come more than once, under several names.
type arrival struct {
	feeds map[string]bool
	names []arrivalName
}

type arrivalName struct {
	name   string // of the file or archive member, without folders
	repeat bool   // the bytes were known already
}

// arrivals lists all that was loaded, by SHA-256.
func (s *runState) arrivals(ctx context.Context) (map[string]*arrival, error) {
	all := map[string]*arrival{}
	err := s.db.Query(ctx, func(rows *sql.Rows) error {
		var sum, feed, name string
		var repeat bool
		if err := rows.Scan(&sum, &feed, &name, &repeat); err != nil {
			return err
		}
		if all[sum] == nil {
			all[sum] = &arrival{feeds: map[string]bool{}}
		}
		all[sum].feeds[feed] = true
		all[sum].names = append(all[sum].names, arrivalName{path.Base(name), repeat})
		return nil
	}, `SELECT file_sha256, feed, file_name, false FROM meta.file WHERE state = 'loaded'
UNION ALL
SELECT DISTINCT d.file_sha256, f.feed, d.path, d.outcome <> 'loaded' FROM meta.delivery d
JOIN meta.file f ON f.file_sha256 = d.file_sha256 AND f.state = 'loaded' WHERE d.outcome IN ('loaded', 'no-op')`)
	return all, err
}

// missingFiles lists what was due before asOf and did not come, of the months before asOf's whose due day is not before
// began: what was due before the program was used is nobody's fault. unknown says for which the calendar has no due day.
func missingFiles(expected []configs.ExpectedFile, calendar configs.Calendar, known map[string]*arrival, began, asOf time.Time) (missing []string, unknown error) {
	for back := expectedMonths; back >= 1; back-- {
		month := pipeline.PeriodOf(asOf).Add(-back)
		for _, e := range expected {
			due, err := calendar.NthWorkday(month.Add(1), e.Workday)
			if err != nil { // said as loudly as a missing file, and not guessed
				if month.Add(1).Last().After(began) {
					unknown = err
				}
				continue
			}
			if due.Before(began) || !asOf.After(due) {
				continue
			}
			for _, sender := range e.Senders {
				w := newWanted(e, sender, month)
				if !w.came(known) {
					missing = append(missing, fmt.Sprintf("%s: due %s", w.shown, due.Format(time.DateOnly)))
				}
			}
		}
	}
	sort.Strings(missing)
	return missing, unknown
}

// wanted is one delivery the centre waits for: a sender's file of a month.
type wanted struct {
	feed     string
	shown    string // the glob as people read it
	glob     string // in lower case, like the names it is held against
	anyMonth string // the same for whatever month
}

func newWanted(e configs.ExpectedFile, sender string, month pipeline.Period) wanted {
	text := strings.ReplaceAll(month.String(), "-", "")
	fill := func(period string) string {
		return strings.NewReplacer("{period}", period, "{sender}", sender).Replace(e.Name)
	}
	w := wanted{feed: e.Feed, shown: fill(text)}
	w.glob, w.anyMonth = strings.ToLower(w.shown), strings.ToLower(fill("[0-9][0-9][0-9][0-9][0-9][0-9]"))
	return w
}

func matches(glob, name string) bool {
	ok, err := path.Match(glob, strings.ToLower(name))
	return ok && err == nil // the settings refuse a malformed glob
}

// came reports whether the delivery is among those loaded.
func (w wanted) came(known map[string]*arrival) bool {
	for _, d := range known {
		if d.feeds[w.feed] && w.isOneOf(d) {
			return true
		}
	}
	return false
}

// isOneOf looks at the names of one file's bytes. A name they came under again counts unless the bytes are those of the
// same sender's other month: a correct name given later is a correction, last month's file renamed is not this month's.
func (w wanted) isOneOf(d *arrival) bool {
	again, isOther := false, false
	for _, n := range d.names {
		switch {
		case matches(w.glob, n.name) && !n.repeat:
			return true
		case matches(w.glob, n.name):
			again = true
		case matches(w.anyMonth, n.name):
			isOther = true
		}
	}
	return again && !isOther
}
