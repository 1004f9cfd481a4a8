package pipeline

import (
	"fmt"
	"time"
)

// Shanghai is the zone of every wall time in a delivery. It is fixed at +08:00,
// because China has had no daylight saving time since 1991 and the offices'
// machines may lack zone data.
var Shanghai = time.FixedZone("Asia/Shanghai", 8*60*60)

// Clock tells the present; only cmd holds the real one.
type Clock func() time.Time

// Period is one calendar month, the unit in which claims are settled and closed.
type Period struct {
	Year  int
	Month time.Month
}

// ParsePeriod reads yyyy-MM.
func ParsePeriod(s string) (Period, error) {
	t, err := time.Parse("2006-01", s)
	if err != nil || len(s) != 7 {
		return Period{}, &Error{Kind: KindUsage, Op: "read period", Where: s,
			Hint: "write a month as yyyy-MM, for example 2025-03"}
	}
	return Period{t.Year(), t.Month()}, nil
}

// PeriodOf is the month t lies in, by t's own wall clock.
func PeriodOf(t time.Time) Period { return Period{t.Year(), t.Month()} }

func (p Period) String() string { return fmt.Sprintf("%04d-%02d", p.Year, int(p.Month)) }

// IsZero reports whether p was never set.
func (p Period) IsZero() bool { return p == Period{} }

// First is the first day of the month at 00:00 UTC.
func (p Period) First() time.Time { return time.Date(p.Year, p.Month, 1, 0, 0, 0, 0, time.UTC) }

// Last is the last day of the month at 00:00 UTC.
func (p Period) Last() time.Time { return p.First().AddDate(0, 1, -1) }

// Add moves by n months.
func (p Period) Add(n int) Period { return PeriodOf(p.First().AddDate(0, n, 0)) }

// ParseDay reads yyyy-MM-dd as 00:00 UTC.
func ParseDay(s string) (time.Time, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return time.Time{}, &Error{Kind: KindUsage, Op: "read date", Where: s,
			Hint: "write a day as yyyy-MM-dd, for example 2025-04-02"}
	}
	return t, nil
}

// EpochDay counts days since 1970-01-01, the form in which models carry dates.
func EpochDay(t time.Time) int32 {
	return int32(time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC).Unix() / 86400)
}
