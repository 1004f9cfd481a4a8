package configs

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"claimsaudit/pipeline"
)

// Calendar knows the working days: the State Council's holidays and make-up days.
type Calendar struct {
	years map[int]calendarYear
}

type calendarYear struct {
	source  string
	off, on map[time.Time]bool // days off on weekdays or weekends; weekend days worked
}

// Years lists the years with a table, in order.
func (c Calendar) Years() []int { return slices.Sorted(maps.Keys(c.years)) }

// calendarText is a year as it is archived with what a run judged by.
type calendarText struct {
	Source  string
	Off, On []string
}

// MarshalJSON writes the years in order, each with its days in order.
func (c Calendar) MarshalJSON() ([]byte, error) {
	days := func(set map[time.Time]bool) []string {
		list := []string{}
		for day := range set {
			list = append(list, day.Format(time.DateOnly))
		}
		slices.Sort(list)
		return list
	}
	years := map[int]calendarText{}
	for no, year := range c.years {
		years[no] = calendarText{year.source, days(year.off), days(year.on)}
	}
	return json.Marshal(years)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (c *Calendar) UnmarshalJSON(text []byte) error {
	var years map[int]calendarText
	if err := json.Unmarshal(text, &years); err != nil {
		return fmt.Errorf("read calendar: %w", err)
	}
	c.years = map[int]calendarYear{}
	for no, year := range years {
		c.years[no] = calendarYear{source: year.Source, off: map[time.Time]bool{}, on: map[time.Time]bool{}}
		for _, list := range []struct {
			days []string
			set  map[time.Time]bool
		}{{year.Off, c.years[no].off}, {year.On, c.years[no].on}} {
			for _, day := range list.days {
				t, err := time.Parse(time.DateOnly, day)
				if err != nil {
					return fmt.Errorf("read calendar: %w", err)
				}
				list.set[t] = true
			}
		}
	}
	return nil
}

// IsWorkday reports whether the office works on that day. A year without a
// table is an error: its holidays are not known before the State Council names them.
func (c Calendar) IsWorkday(day time.Time) (bool, error) {
	day = midnight(day)
	year, known := c.years[day.Year()]
	if !known {
		return false, &pipeline.Error{Kind: pipeline.KindUsage, Op: "look up working day", Where: day.Format(time.DateOnly),
			Hint: fmt.Sprintf("write configs/calendar/%d.yaml after the State Council's notice, like the years already there, and add %[1]d to calendars in the settings; configs/README.md shows how", day.Year()),
			Err:  fmt.Errorf("no calendar for the year %d", day.Year())}
	}
	return year.on[day] || !isWeekend(day) && !year.off[day], nil
}

// AddWorkdays is the n-th working day after day, before it if n is negative.
// With n = 0 it is day itself, or the next working day if day is none.
func (c Calendar) AddWorkdays(day time.Time, n int) (time.Time, error) {
	day = midnight(day)
	step := 1
	if n == 0 {
		day, n = day.AddDate(0, 0, -1), 1
	} else if n < 0 {
		step, n = -1, -n
	}
	for n > 0 {
		day = day.AddDate(0, 0, step)
		works, err := c.IsWorkday(day)
		if err != nil {
			return time.Time{}, err
		}
		if works {
			n--
		}
	}
	return day, nil
}

// NthWorkday is the n-th working day of the month, its last one if it has
// fewer: nothing due in a month may fall out of it (February 2026 has 16).
func (c Calendar) NthWorkday(p pipeline.Period, n int) (time.Time, error) {
	if n < 1 {
		return time.Time{}, &pipeline.Error{Kind: pipeline.KindUsage, Op: "look up working day", Where: p.String(),
			Hint: "working days of a month count from 1", Err: fmt.Errorf("there is no working day %d", n)}
	}
	var last time.Time
	for day := p.First(); !day.After(p.Last()) && n > 0; day = day.AddDate(0, 0, 1) {
		works, err := c.IsWorkday(day)
		if err != nil {
			return time.Time{}, err
		}
		if works {
			last = day
			n--
		}
	}
	return last, nil
}

// midnight is the day as it stands on t's own wall clock: a map of days must not care for zones.
func midnight(t time.Time) time.Time {
	year, month, day := t.Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

func isWeekend(day time.Time) bool {
	return day.Weekday() == time.Saturday || day.Weekday() == time.Sunday
}

// BuiltInCalendar holds the years the program ships with.
func BuiltInCalendar() (Calendar, error) {
	l := &loader{} // no folder: only what is built in
	c := l.calendar(newDocument("", nil, &l.problems), nil)
	if len(l.problems) > 0 {
		return Calendar{}, &pipeline.Error{Kind: pipeline.KindInternal, Op: "read built-in calendar", Err: Problems(l.problems)}
	}
	return c, nil
}

// calendarFile is one year as the State Council's notice gives it.
type calendarFile struct {
	Year     int    `yaml:"year"`
	Source   string `yaml:"source"`
	Replaces bool   `yaml:"replaces,omitempty"` // stands in for a built-in year
	Holidays []struct {
		Name string    `yaml:"name"`
		From time.Time `yaml:"from"`
		To   time.Time `yaml:"to"`
	} `yaml:"holidays"`
	Workdays []time.Time `yaml:"workdays,omitempty"` // weekend days worked
}

// calendar reads the shipped years, then those the settings name.
func (l *loader) calendar(settings *document, names []string) Calendar {
	c := Calendar{years: map[int]calendarYear{}}
	from := map[int]string{} // year → file
	for _, name := range builtInNames("calendar") {
		if d := l.named(settings, "calendar", "calendars", name); d != nil {
			f, year := readYear(d)
			c.years[f.Year], from[f.Year] = year, d.file
			if d.good("year") && fmt.Sprint(f.Year) != name {
				d.fault("year", fmt.Sprintf("年份 %d 与文件名 %s.yaml 不符", f.Year, name), "改年份，或换文件名")
			}
		}
	}
	added := map[int]bool{}
	for i, name := range names {
		d := l.named(settings, "calendar", fmt.Sprintf("calendars[%d]", i), name)
		if d == nil {
			continue
		}
		f, year := readYear(d)
		if !d.good("year") {
			continue
		}
		if other, taken := from[f.Year]; taken && (!f.Replaces || added[f.Year]) {
			d.fault("year", fmt.Sprintf("年份 %d 已在 %s", f.Year, other), "一年只写一份；要代替内置的一年，加一行 replaces: true")
			continue
		}
		c.years[f.Year], from[f.Year], added[f.Year] = year, d.file, true
	}
	return c
}

// readYear reads one year's file and holds it against the weekdays of that year.
func readYear(d *document) (calendarFile, calendarYear) {
	var f calendarFile
	d.into(&f)
	year := calendarYear{source: f.Source, off: map[time.Time]bool{}, on: map[time.Time]bool{}}
	if d.good("year") && (f.Year < 2000 || f.Year > 2099) {
		d.fault("year", fmt.Sprintf("年份 %d 不在 2000 至 2099 之间", f.Year), "写四位数的年份")
	}
	if !d.good("year") {
		return f, year // every day would be outside it
	}
	for i, h := range f.Holidays {
		d.holiday(fmt.Sprintf("holidays[%d]", i), f.Year, h.Name, h.From, h.To, year.off)
	}
	if d.good("holidays") && len(f.Holidays) == 0 {
		d.fault("holidays", "没有节假日", "照国务院办公厅的通知逐个写上")
	}
	for i, day := range f.Workdays {
		at := fmt.Sprintf("workdays[%d]", i)
		text := day.Format(time.DateOnly)
		switch {
		case !d.good(at):
		case day.Year() != f.Year:
			d.within(at, day, f.Year)
		case !isWeekend(day):
			d.fault(at, text+" 不是周六或周日", "这里只写调休上班的周末；对照通知核对日期")
		case year.off[day]:
			d.fault(at, text+" 在放假期间", "对照通知核对日期")
		case year.on[day]:
			d.fault(at, text+" 重复", "只留一处")
		default:
			year.on[day] = true
		}
	}
	return f, year
}

// holiday adds the days of one holiday to off.
func (d *document) holiday(at string, year int, name string, from, to time.Time, off map[time.Time]bool) {
	d.within(at+".from", from, year)
	d.within(at+".to", to, year)
	if !d.good(at+".from") || !d.good(at+".to") {
		return
	}
	if to.Before(from) {
		d.fault(at+".to", "最后一天早于第一天", "from 是放假第一天，to 是最后一天，都算在内")
		return
	}
	for day := from; !day.After(to); day = day.AddDate(0, 0, 1) {
		if off[day] {
			d.fault(at, fmt.Sprintf("%s 的 %s 已在另一个假期里", name, day.Format(time.DateOnly)), "同一天只写一处；合并的假期写成一个")
			return
		}
		off[day] = true
	}
}

func (d *document) within(at string, day time.Time, year int) {
	if d.good(at) && day.Year() != year {
		d.fault(at, fmt.Sprintf("%s 不在 %d 年", day.Format(time.DateOnly), year), "跨年的假期分开写，各写进自己那一年的文件")
	}
}
