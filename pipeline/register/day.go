package register

import (
	"time"

	"claimsaudit/pipeline"
)

// Day counts days since 1970-01-01, as pipeline.EpochDay does. 0 stands for a day not given.
type Day int32

const never Day = 1<<31 - 1

// DayOf is the day of t's wall clock; 0 for the zero time.
func DayOf(t time.Time) Day {
	if t.IsZero() {
		return 0
	}
	return Day(pipeline.EpochDay(t))
}

// Time is the day at 00:00 UTC.
func (d Day) Time() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// String is yyyy-MM-dd; "" for a day not given.
func (d Day) String() string {
	if d == 0 {
		return ""
	}
	return d.Time().Format(time.DateOnly)
}

// addMonths moves by whole calendar months; a day the month lacks becomes its last.
func (d Day) addMonths(n int) Day {
	year, month, day := d.Time().Date()
	first := time.Date(year, month+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return Day(first.Unix()/86400) + Day(min(day, last)-1)
}
