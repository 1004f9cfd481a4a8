package configs

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"claimsaudit/pipeline"

	"pgregory.net/rapid"
)

func builtInYears(t *testing.T) Calendar {
	t.Helper()
	c, err := BuiltInCalendar()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func date(t *testing.T, text string) time.Time {
	t.Helper()
	day, err := pipeline.ParseDay(text)
	if err != nil {
		t.Fatal(err)
	}
	return day
}

func TestKnownWorkingDays(t *testing.T) {
	c := builtInYears(t)
	for text, want := range map[string]bool{
		"2024-02-09": true,                      // the eve was a working day that year
		"2024-02-12": false, "2024-02-18": true, // Spring Festival, and a Sunday worked for it
		"2024-06-08": false, "2024-06-10": false, "2024-06-11": true,
		"2025-01-01": false, "2025-01-02": true, "2025-01-26": true, "2025-01-28": false, "2025-02-04": false, "2025-02-05": true,
		"2025-02-08": true, "2025-02-09": false, // a Saturday worked, an ordinary Sunday
		"2025-04-27": true, "2025-05-05": false, "2025-09-28": true, "2025-10-08": false, "2025-10-09": true, "2025-10-11": true,
		"2026-01-02": false, "2026-01-03": false, "2026-01-04": true, "2026-02-13": true, "2026-02-14": true, "2026-02-23": false,
		"2026-02-28": true, "2026-09-20": true, "2026-10-07": false, "2026-10-10": true, "2026-12-31": true,
	} {
		if got, err := c.IsWorkday(date(t, text)); err != nil || got != want {
			t.Errorf("%s is a working day: %v, want %v (%v)", text, got, want, err)
		}
	}
}

// A year has as many working days as the law gives: all days less Saturdays, Sundays and the public holidays, 11 of
// them until 2024 and 13 since (so also 人社部发〔2025〕2号: 248). What is moved to a weekend is worked on another, so a wrong table shows here.
func TestYearsHaveTheWorkingDaysOfTheLaw(t *testing.T) {
	c := builtInYears(t)
	if got := fmt.Sprint(c.Years()); got != "[2024 2025 2026]" {
		t.Fatalf("years %s", got)
	}
	for year, want := range map[int]int{2024: 366 - 104 - 11, 2025: 365 - 104 - 13, 2026: 365 - 104 - 13} {
		count := 0
		for day := date(t, fmt.Sprintf("%d-01-01", year)); day.Year() == year; day = day.AddDate(0, 0, 1) {
			works, err := c.IsWorkday(day)
			if err != nil {
				t.Fatal(err)
			}
			if works {
				count++
			}
		}
		if count != want {
			t.Errorf("%d has %d working days, want %d", year, count, want)
		}
		if !strings.Contains(c.years[year].source, fmt.Sprintf("关于%d年部分节假日安排的通知", year)) {
			t.Errorf("%d does not name its notice", year)
		}
	}
}

func TestTheNthWorkingDayOfAMonth(t *testing.T) {
	c := builtInYears(t)
	for _, x := range []struct {
		month string
		n     int
		want  string
	}{
		{"2025-01", 1, "2025-01-02"}, {"2025-02", 3, "2025-02-07"}, {"2025-02", 4, "2025-02-08"}, {"2025-05", 3, "2025-05-08"},
		{"2025-10", 3, "2025-10-11"}, {"2026-01", 1, "2026-01-04"}, {"2026-03", 3, "2026-03-04"}, {"2026-10", 1, "2026-10-08"},
		{"2026-02", 16, "2026-02-28"}, {"2026-02", 20, "2026-02-28"}, // February 2026 has 16: the last one stands in
	} {
		p, err := pipeline.ParsePeriod(x.month)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := c.NthWorkday(p, x.n); err != nil || !got.Equal(date(t, x.want)) {
			t.Errorf("working day %d of %s is %s, want %s (%v)", x.n, x.month, got.Format(time.DateOnly), x.want, err)
		}
	}
	if _, err := c.NthWorkday(pipeline.Period{Year: 2025, Month: 5}, 0); pipeline.KindOf(err) != pipeline.KindUsage {
		t.Errorf("working day 0: %v", err)
	}
}

func TestAYearWithoutATableIsAnErrorThatSaysWhatToDo(t *testing.T) {
	c := builtInYears(t)
	_, one := c.IsWorkday(date(t, "2027-03-01"))
	_, border := c.AddWorkdays(date(t, "2026-12-31"), 1)
	_, month := c.NthWorkday(pipeline.Period{Year: 2027, Month: 1}, 3)
	for _, err := range []error{one, border, month} {
		if pipeline.KindOf(err) != pipeline.KindUsage || !strings.Contains(err.Error(), "no calendar for the year 2027") ||
			!strings.Contains(pipeline.HintOf(err), "configs/calendar/2027.yaml") {
			t.Errorf("got %v, hint %q", err, pipeline.HintOf(err))
		}
	}
	if _, err := c.AddWorkdays(date(t, "2024-01-02"), -1); err == nil || !strings.Contains(err.Error(), "2023") {
		t.Errorf("before the first table: %v", err)
	}
	if got, err := c.AddWorkdays(date(t, "2025-12-31"), 1); err != nil || !got.Equal(date(t, "2026-01-04")) {
		t.Errorf("over a border with both tables: %v, %v", got, err)
	}
}

func TestAWorkingDayDoesNotDependOnTheZoneOrTheHour(t *testing.T) {
	c := builtInYears(t)
	shanghai := time.FixedZone("CST", 8*3600)
	day := time.Date(2025, 10, 11, 23, 59, 0, 0, shanghai)
	if works, err := c.IsWorkday(day); err != nil || !works {
		t.Errorf("a late hour of a make-up day in Shanghai: %v, %v", works, err)
	}
	if next, err := c.AddWorkdays(day, 1); err != nil || next != date(t, "2025-10-13") {
		t.Errorf("next: %v, %v", next, err)
	}
}

// The n-th working day after a day has exactly n working days from the day after it, and counting is reversible.
func TestCountingWorkingDays(t *testing.T) {
	c := builtInYears(t)
	works := func(day time.Time) bool {
		ok, err := c.IsWorkday(day)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	first := date(t, "2024-08-01")
	rapid.Check(t, func(r *rapid.T) {
		add := func(day time.Time, n int) time.Time {
			to, err := c.AddWorkdays(day, n)
			if err != nil {
				r.Fatal(err)
			}
			return to
		}
		day := first.AddDate(0, 0, rapid.IntRange(0, 650).Draw(r, "day"))
		n := rapid.IntRange(1, 60).Draw(r, "n")
		after, before := add(day, n), add(day, -n)
		count := func(from, to time.Time) (sum int) {
			for x := from; !x.After(to); x = x.AddDate(0, 0, 1) {
				if works(x) {
					sum++
				}
			}
			return sum
		}
		if !works(after) || !works(before) || count(day.AddDate(0, 0, 1), after) != n || count(before, day.AddDate(0, 0, -1)) != n {
			r.Fatalf("%d working days around %s: %s, %s", n, day, before, after)
		}
		m := rapid.IntRange(1, 60).Draw(r, "m")
		if add(after, m) != add(day, n+m) || add(before, -m) != add(day, -n-m) {
			r.Fatalf("%d and %d working days are not %d", n, m, n+m)
		}
		here := add(day, 0)
		if !works(here) || count(day, here) != 1 || add(add(here, n), -n) != here {
			r.Fatalf("%s: nearest %s, there and back %s", day, here, add(add(here, n), -n))
		}
	})
}

const year2027 = `year: 2027
source: 一份通知
holidays:
  - {name: 元旦, from: 2027-01-01, to: 2027-01-03}
workdays: [2027-01-09]
`

func TestAYearCanBeAddedAndReplaced(t *testing.T) {
	path := deploy(t, func(f map[string]string) {
		f["calendar/2027.yaml"] = year2027
		f["calendar/ours.yaml"] = strings.ReplaceAll(year2027, "2027-01-09", "2026-01-10")
		f["calendar/ours.yaml"] = "replaces: true\n" + strings.ReplaceAll(f["calendar/ours.yaml"], "2027", "2026")
		replace(t, f, main, "calendars: []", `calendars: ["2027", ours]`)
	})
	loaded := mustLoad(t, path, nil, Overrides{})
	c := loaded.Operation.Calendar
	for text, want := range map[string]bool{"2027-01-09": true, "2027-01-01": false, "2027-01-04": true, "2026-01-10": true, "2026-01-04": false} {
		if got, err := c.IsWorkday(date(t, text)); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	if plain := mustLoad(t, deploy(t, nil), nil, Overrides{}); plain.Digest != loaded.Digest {
		t.Error("a calendar changed the digest of results")
	}
}

func TestAShippedYearCorrectedBesideTheSettingsCounts(t *testing.T) {
	path := deploy(t, func(f map[string]string) { replace(t, f, "calendar/2026.yaml", "2026-10-10]", "2026-10-11]") })
	works, err := mustLoad(t, path, nil, Overrides{}).Operation.Calendar.IsWorkday(date(t, "2026-10-10"))
	if err != nil || works {
		t.Errorf("the built-in year beat the operator's: %v, %v", works, err)
	}
}

func TestMistakesInACalendar(t *testing.T) {
	for _, x := range []struct{ old, text, want string }{
		{"year: 2027", "year: 2027\nextra: 1", "extra: 不认识的键 extra"},
		{"year: 2027", "year: 27", "year: 年份 27 不在"},
		{"year: 2027", "year: 2026", "holidays[0].from: 2027-01-01 不在 2026 年"},
		{"source: 一份通知\n", "", "source: 缺少 source"},
		{"from: 2027-01-01", "from: 2026-12-31", "holidays[0].from: 2026-12-31 不在 2027 年"},
		{"to: 2027-01-03", "to: 2026-01-03", "holidays[0].to: 2026-01-03 不在 2027 年"},
		{"from: 2027-01-01, to: 2027-01-03", "from: 2027-01-03, to: 2027-01-01", "holidays[0].to: 最后一天早于第一天"},
		{"to: 2027-01-03}", "to: 2027-01-03}\n  - {name: 又一个, from: 2027-01-03, to: 2027-01-05}", "holidays[1]: 又一个 的 2027-01-03 已在另一个假期里"},
		{"2027-01-09", "2027-01-08", "workdays[0]: 2027-01-08 不是周六或周日"},
		{"2027-01-09", "2027-01-02", "workdays[0]: 2027-01-02 在放假期间"},
		{"2027-01-09", "2028-01-08", "workdays[0]: 2028-01-08 不在 2027 年"},
		{"2027-01-09", "2027-01-09, 2027-01-09", "workdays[1]: 2027-01-09 重复"},
		{"2027-01-09", "2027-02-30", `workdays[0]: "2027-02-30" 不是有效日期`},
		{"holidays:\n  - {name: 元旦, from: 2027-01-01, to: 2027-01-03}", "holidays: []", "holidays: 没有节假日"},
	} {
		path := deploy(t, func(f map[string]string) {
			f["calendar/2027.yaml"] = year2027
			replace(t, f, "calendar/2027.yaml", x.old, x.text)
			replace(t, f, main, "calendars: []", `calendars: [2027]`)
		})
		problems := Check(path, true, nil, Overrides{})
		if len(problems) == 0 {
			t.Errorf("%s: accepted", x.text)
		} else if p := problems[0]; !strings.HasPrefix(p.Path+": "+p.Message, x.want) || p.Hint == "" || (p.Line == 0) != (p.Path == "source") {
			t.Errorf("got %v\nwant %s", Problems(problems), x.want)
		}
	}
}

func TestAYearGivenTwiceIsAMistake(t *testing.T) {
	edits := map[string]func(f map[string]string){
		"a shipped year again": func(f map[string]string) { f["calendar/next.yaml"] = strings.ReplaceAll(year2027, "2027", "2025") },
		"two replacements of one year": func(f map[string]string) {
			f["calendar/next.yaml"] = "replaces: true\n" + year2027
			f["calendar/2027.yaml"] = year2027
			replace(t, f, main, "calendars: [next]", "calendars: [2027, next]")
		},
	}
	for name, edit := range edits {
		path := deploy(t, func(f map[string]string) {
			replace(t, f, main, "calendars: []", "calendars: [next]")
			edit(f)
		})
		all := Problems(Check(path, true, nil, Overrides{})).Error()
		if !strings.Contains(all, "next.yaml") || !strings.Contains(all, "已在") {
			t.Errorf("%s: %s", name, all)
		}
	}
}
