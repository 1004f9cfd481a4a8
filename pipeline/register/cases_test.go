package register_test

import (
	"slices"
	"strings"
	"testing"

	"claimsaudit/pipeline/register"
)

// worked is one case of contract section 4a or its readings in section 7, named for its article. Events are all rows but
// those of kind block; days are "yyyy-MM-dd status".
type worked struct {
	name   string
	rows   []row
	asOf   string // 2025-12-31 unless given
	total  int
	events string // one a line; "-" for not compared
	days   string // one a line
	listed string // joined by a comma
}

func TestWorkedCases(t *testing.T) {
	rules := points(t, "chongqing-2025")
	cases := slices.Concat(casesOfCounting, casesOfClearing, casesOfMeasures, casesOfRepair, casesOfRestoration)
	if len(cases) < 40 {
		t.Errorf("%d cases", len(cases))
	}
	seen := map[string]bool{}
	for _, c := range cases {
		if seen[c.name] || !strings.HasPrefix(c.name, "Art. ") {
			t.Errorf("%s: twice, or without its article", c.name)
		}
		seen[c.name] = true
		t.Run(c.name, func(t *testing.T) {
			if c.asOf == "" {
				c.asOf = "2025-12-31"
			}
			check(t, c, register.Compute(rules, person(c.rows...), on(c.asOf)))
		})
	}
}

func TestWorkedCasesOfAnotherRegion(t *testing.T) {
	rules := points(t, "example-other-region")
	for _, c := range casesElsewhere {
		t.Run(c.name, func(t *testing.T) { check(t, c, register.Compute(rules, person(c.rows...), on(c.asOf))) })
	}
}

func check(t *testing.T, c worked, r register.Record) {
	t.Helper()
	if r.Total != c.total {
		t.Errorf("total %d, want %d", r.Total, c.total)
	}
	events := slices.DeleteFunc(eventLines(r), func(line string) bool { return strings.Contains(line, " block ") })
	if c.events != "-" && !slices.Equal(events, lines(c.events)) {
		t.Errorf("events\n%s\nwant\n%s", strings.Join(events, "\n"), strings.Join(lines(c.events), "\n"))
	}
	for _, line := range lines(c.days) {
		day, status, _ := strings.Cut(line, " ")
		if got := r.StatusOn(on(day)); got != status {
			t.Errorf("%s: %s, want %s", day, got, status)
		}
	}
	var listed []string
	if c.listed != "" {
		listed = strings.Split(c.listed, ", ")
	}
	if got := matterLines(r); !slices.Equal(got, listed) {
		t.Errorf("listed %q, want %q", got, listed)
	}
}

func lines(text string) []string {
	var all []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			all = append(all, line)
		}
	}
	return all
}

// Which decisions count, and when: Articles 25, 26 and 29 to 32.
var casesOfCounting = []worked{
	{name: "Art. 25: only final decisions count, on the day they were made",
		rows:  []row{gives("J1", "2025-03-18", 7, "state=proposed"), gives("J2", "2025-03-18", 9, "state=revoked", "was_final"), gives("J3", "2025-03-19", 2, "effective_on=2025-04-01")},
		total: 2, events: "2025-03-19 points J3 +2 = 2"},
	{name: "Art. 25: a revoked decision that never was final is listed",
		rows: []row{gives("J1", "2025-03-18", 9, "state=revoked")}, listed: "J1 revoked_never_final"},
	{name: "Art. 25: a decision after the as-of day has no effect yet",
		rows: []row{gives("J1", "2025-03-18", 9), gives("J2", "2025-03-19", 2)}, asOf: "2025-03-18", total: 9,
		events: "2025-03-18 points J1 +9 = 9, suspend [2025-03-18, 2025-05-18)", listed: "J2 after_as_of"},
	{name: "Art. 25: the total adds up over the year, whatever the institution",
		rows: []row{gives("J1", "2025-01-01", 1), gives("J2", "2025-06-01", 1), gives("J3", "2025-12-31", 1)}, total: 3, events: `
			2025-01-01 points J1 +1 = 1
			2025-06-01 points J2 +1 = 2
			2025-12-31 points J3 +1 = 3, talk`},
	{name: "Art. 26: one inspection, article and item counts once with the highest points",
		rows:  []row{gives("J1", "2025-03-10", 4, "inspection_no=JC1"), gives("J2", "2025-03-10", 6, "inspection_no=JC1"), gives("J3", "2025-03-12", 5, "inspection_no=JC1")},
		total: 6, events: "2025-03-10 points J2 +6 = 6, head_talk"},
	{name: "Art. 26: another item, article or inspection counts for itself",
		rows: []row{gives("J1", "2025-03-10", 1, "inspection_no=JC1"), gives("J2", "2025-03-10", 1, "inspection_no=JC1", "item=2"),
			gives("J3", "2025-03-10", 4, "inspection_no=JC1"), gives("J4", "2025-03-10", 1, "inspection_no=JC2")},
		total: 7, events: `
			2025-03-10 points J1 +1 = 1
			2025-03-10 points J2 +1 = 2
			2025-03-10 points J3 +4 = 6
			2025-03-10 points J4 +1 = 7, circular`},
	{name: "Art. 26: one act under several articles counts once with the highest points",
		rows:  []row{gives("J1", "2025-03-20", 2, "act_no=XW1"), gives("J2", "2025-03-21", 5, "act_no=XW1"), gives("J3", "2025-03-22", 3, "act_no=XW1")},
		total: 5, events: "2025-03-21 points J2 +5 = 5, head_talk"},
	{name: "Art. 26: of equal points the smallest number counts, in byte order",
		rows:  []row{gives("J9", "2025-03-20", 2, "act_no=XW1"), gives("J10", "2025-03-25", 2, "act_no=XW1")},
		total: 2, events: "2025-03-25 points J10 +2 = 2"},
	{name: "Art. 26: first the inspection, then the act among those left",
		rows:  []row{gives("J1", "2025-03-10", 6, "inspection_no=JC1", "act_no=XW1"), gives("J2", "2025-03-10", 4, "inspection_no=JC1", "act_no=XW2"), gives("J3", "2025-03-11", 5, "act_no=XW2")},
		total: 11, events: `
			2025-03-10 points J1 +6 = 6, head_talk
			2025-03-11 points J3 +5 = 11, suspend [2025-03-11, 2025-06-11)`},
	{name: "Art. 26: what is not final does not stand for the others",
		rows:  []row{gives("J1", "2025-03-10", 6, "act_no=XW1", "state=proposed"), gives("J2", "2025-03-10", 4, "act_no=XW1")},
		total: 4, events: "2025-03-10 points J2 +4 = 4, head_talk"},
	{name: "Art. 29 to 32: points outside the article's band do not count",
		rows:   []row{gives("J1", "2025-03-10", 4, "article=29"), gives("J2", "2025-03-10", 3, "article=30"), gives("J3", "2025-03-10", 13, "article=32"), gives("J4", "2025-03-10", 0, "article=29")},
		listed: "J1 points_outside_band, J2 points_outside_band, J3 points_outside_band, J4 points_outside_band"},
	{name: "Art. 29 to 32: an article without points does not count",
		rows: []row{gives("J1", "2025-03-10", 4, "article=28"), gives("J2", "2025-03-10", 4, "state=draft")}, listed: "J1 unknown_article, J2 unknown_state"},
}

// When a total becomes zero: Article 25.
var casesOfClearing = []worked{
	{name: "Art. 25: cleared on 1 January",
		rows: []row{gives("J1", "2024-11-20", 8), gives("J2", "2025-01-01", 2)}, total: 2, events: `
			2024-11-20 points J1 +8 = 8, circular
			2025-01-01 clear -8 = 0
			2025-01-01 points J2 +2 = 2`},
	{name: "Art. 25: not yet cleared on 31 December",
		rows: []row{gives("J1", "2024-11-20", 8)}, asOf: "2024-12-31", total: 8, events: "2024-11-20 points J1 +8 = 8, circular"},
	{name: "Art. 25: nothing to clear, nothing written",
		rows: []row{gives("J1", "2024-11-20", 1), publicity("X1", "2024-12-01")}, asOf: "2026-02-01", events: `
			2024-11-20 points J1 +1 = 1
			2024-12-01 repair X1 -1 = 0`},
	{name: "Art. 25: blocked on 1 January, cleared when the block ends",
		rows: []row{gives("J1", "2024-12-10", 9)}, events: `
			2024-12-10 points J1 +9 = 9, suspend [2024-12-10, 2025-02-10)
			2025-02-10 clear -9 = 0`},
	{name: "Art. 25: a block that ends on 1 January puts nothing off",
		rows: []row{gives("J1", "2024-11-01", 9, "effective_on=2024-11-01")}, asOf: "2025-01-01", events: `
			2024-11-01 points J1 +9 = 9, suspend [2024-11-01, 2025-01-01)
			2025-01-01 clear -9 = 0`},
	{name: "Art. 25: a block decided but not begun on 1 January puts the clearing off",
		rows: []row{gives("J1", "2024-12-20", 9, "effective_on=2025-01-10")}, asOf: "2025-03-10", events: `
			2024-12-20 points J1 +9 = 9, suspend [2025-01-10, 2025-03-10)
			2025-03-10 clear -9 = 0`},
	{name: "Art. 25: a total that waits goes on growing and is cleared as a whole",
		rows: []row{gives("J1", "2024-12-10", 9), gives("J2", "2025-01-20", 2), gives("J3", "2025-04-20", 1)}, total: 1, events: `
			2024-12-10 points J1 +9 = 9, suspend [2024-12-10, 2025-02-10)
			2025-01-20 points J2 +2 = 11, suspend [2025-01-20, 2025-04-20)
			2025-04-20 clear -11 = 0
			2025-04-20 points J3 +1 = 1`},
	{name: "Art. 25: a total repaired to zero waits too, and points added meanwhile are cleared with it",
		rows: []row{gives("J1", "2024-12-05", 9), study("X1", "2024-12-06", 3, 0), onSite("X2", "2024-12-07", 5), publicity("X3", "2024-12-08"), publicity("X4", "2024-12-09"),
			publicity("X5", "2024-12-10"), gives("J2", "2025-01-20", 2)}, events: `
			2024-12-05 points J1 +9 = 9, suspend [2024-12-05, 2025-02-05)
			2024-12-06 repair X1 -3 = 6
			2024-12-07 repair X2 -3 = 3
			2024-12-08 repair X3 -1 = 2
			2024-12-09 repair X4 -1 = 1
			2024-12-10 repair X5 -1 = 0
			2025-01-20 points J2 +2 = 2
			2025-02-05 clear -2 = 0`},
	{name: "Art. 25: 12 points are cleared when the termination ends",
		rows: []row{gives("J1", "2025-03-10", 6), gives("J2", "2025-03-20", 6)}, asOf: "2026-03-20", events: `
			2025-03-10 points J1 +6 = 6, head_talk
			2025-03-20 points J2 +6 = 12, terminate [2025-03-20, 2026-03-20)
			2026-03-20 clear -12 = 0`},
	{name: "Art. 25: after three years the total of a termination is cleared once",
		rows: []row{gives("J1", "2025-03-06", 12)}, asOf: "2029-12-31", events: `
			2025-03-06 points J1 +12 = 12, terminate [2025-03-06, 2028-03-06)
			2028-03-06 clear -12 = 0`},
	{name: "Art. 25: a study that ends the suspension today clears the waiting total today",
		rows: []row{gives("J1", "2024-11-20", 10), study("X1", "2025-02-25", 1, 1)}, events: `
			2024-11-20 points J1 +10 = 10, suspend [2024-11-20, 2025-03-20)
			2025-02-25 repair X1 -1 = 9, suspend [2024-11-20, 2025-02-25)
			2025-02-25 clear -9 = 0`},
	{name: "Art. 25: expired on 1 January is not blocked",
		rows: []row{gives("J1", "2024-06-10", 9)}, days: "2025-01-01 expired", events: `
			2024-06-10 points J1 +9 = 9, suspend [2024-06-10, 2024-08-10)
			2025-01-01 clear -9 = 0`},
	{name: "Art. 25: after restoration the same year begins again where it stood",
		rows: []row{gives("J1", "2025-02-03", 9), restores("H1", "2025-03-10", "2025-04-03", "1", "", false), gives("J2", "2025-05-06", 1)}, total: 10, events: `
			2025-02-03 points J1 +9 = 9, suspend [2025-02-03, 2025-04-03)
			2025-04-03 restore H1 = 9
			2025-05-06 points J2 +1 = 10, suspend [2025-05-06, 2025-07-06)`},
}

// What follows from points: Article 33.
var casesOfMeasures = []worked{
	{name: "Art. 33: talk, talk by the head, circular, each when its band is reached",
		rows:  []row{gives("J1", "2025-03-01", 2), gives("J2", "2025-03-02", 1), gives("J3", "2025-03-03", 1), gives("J4", "2025-03-04", 2), gives("J5", "2025-03-05", 1), gives("J6", "2025-03-06", 1)},
		total: 8, events: `
			2025-03-01 points J1 +2 = 2
			2025-03-02 points J2 +1 = 3, talk
			2025-03-03 points J3 +1 = 4, head_talk
			2025-03-04 points J4 +2 = 6
			2025-03-05 points J5 +1 = 7, circular
			2025-03-06 points J6 +1 = 8`},
	{name: "Art. 33: a band left by repair is reached again",
		rows: []row{gives("J1", "2025-03-01", 7), publicity("X1", "2025-03-02"), gives("J2", "2025-03-03", 1)}, total: 7, events: `
			2025-03-01 points J1 +7 = 7, circular
			2025-03-02 repair X1 -1 = 6
			2025-03-03 points J2 +1 = 7, circular`},
	{name: "Art. 33: total 9 suspends one month from effective_on",
		rows: []row{gives("J1", "2025-03-03", 3), gives("J2", "2025-03-12", 6, "effective_on=2025-03-14")}, total: 9, events: `
			2025-03-03 points J1 +3 = 3, talk
			2025-03-12 points J2 +6 = 9, suspend [2025-03-14, 2025-04-14)`,
		days: "2025-03-13 normal\n2025-03-14 suspended\n2025-04-13 suspended\n2025-04-14 expired"},
	{name: "Art. 33: total 10 and 11 suspend two and three months",
		rows: []row{gives("J1", "2025-03-03", 6), gives("J2", "2025-03-12", 4), gives("J3", "2025-03-13", 1)}, total: 11, events: `
			2025-03-03 points J1 +6 = 6, head_talk
			2025-03-12 points J2 +4 = 10, suspend [2025-03-12, 2025-05-12)
			2025-03-13 points J3 +1 = 11, suspend [2025-03-13, 2025-06-13)`},
	{name: "Art. 33: single 9, 10 and 11 suspend two, four and six months",
		rows: []row{gives("J1", "2023-03-06", 9), gives("J2", "2024-03-06", 10), gives("J3", "2025-03-06", 11)}, total: 11, events: `
			2023-03-06 points J1 +9 = 9, suspend [2023-03-06, 2023-05-06)
			2024-01-01 clear -9 = 0
			2024-03-06 points J2 +10 = 10, suspend [2024-03-06, 2024-07-06)
			2025-01-01 clear -10 = 0
			2025-03-06 points J3 +11 = 11, suspend [2025-03-06, 2025-09-06)`},
	{name: "Art. 33: single 9 on top of 2 is milder than the total of 11",
		rows: []row{gives("J1", "2025-03-03", 2), gives("J2", "2025-03-12", 9)}, total: 11, events: `
			2025-03-03 points J1 +2 = 2
			2025-03-12 points J2 +9 = 11, suspend [2025-03-12, 2025-06-12)`},
	{name: "Art. 33: total 12 terminates for a year",
		rows: []row{gives("J1", "2025-03-06", 6), gives("J2", "2025-03-06", 6)}, total: 12, events: `
			2025-03-06 points J1 +6 = 6
			2025-03-06 points J2 +6 = 12, terminate [2025-03-06, 2026-03-06)`,
		days: "2025-03-05 normal\n2025-03-06 terminated\n2026-03-05 terminated\n2026-03-06 expired"},
	{name: "Art. 33: more than 12 is 12 or more, single 10 or not",
		rows: []row{gives("J1", "2025-03-06", 8), gives("J2", "2025-03-07", 10)}, total: 18, events: `
			2025-03-06 points J1 +8 = 8, circular
			2025-03-07 points J2 +10 = 18, terminate [2025-03-07, 2026-03-07)`},
	{name: "Art. 33: single 12 terminates for three years",
		rows: []row{gives("J1", "2025-03-06", 12)}, total: 12, events: "2025-03-06 points J1 +12 = 12, terminate [2025-03-06, 2028-03-06)"},
	{name: "Art. 33: the day's decisions together make the measure, on the last of them",
		rows: []row{gives("J3", "2025-03-06", 3), gives("J1", "2025-03-06", 3), gives("J2", "2025-03-06", 3)}, total: 9, events: `
			2025-03-06 points J1 +3 = 3
			2025-03-06 points J2 +3 = 6
			2025-03-06 points J3 +3 = 9, suspend [2025-03-06, 2025-04-06)`},
	{name: "Art. 33: the block starts with the largest decision of the day",
		rows: []row{gives("J1", "2025-03-06", 3, "effective_on=2025-03-10"), gives("J2", "2025-03-06", 6, "effective_on=2025-03-20"), gives("J3", "2025-03-06", 1)}, total: 10, events: `
			2025-03-06 points J1 +3 = 3
			2025-03-06 points J2 +6 = 9
			2025-03-06 points J3 +1 = 10, suspend [2025-03-20, 2025-05-20)`},
	{name: "Art. 33: of equal ones with that of the smallest number",
		rows: []row{gives("J2", "2025-03-06", 5, "effective_on=2025-03-10"), gives("J10", "2025-03-06", 5, "effective_on=2025-03-20")}, total: 10, events: `
			2025-03-06 points J10 +5 = 5
			2025-03-06 points J2 +5 = 10, suspend [2025-03-20, 2025-05-20)`},
	{name: "Art. 33: a day the month lacks becomes its last",
		rows: []row{gives("J1", "2025-01-31", 3), gives("J2", "2025-01-31", 6)}, total: 9, events: `
			2025-01-31 points J1 +3 = 3
			2025-01-31 points J2 +6 = 9, suspend [2025-01-31, 2025-02-28)`},
	{name: "Art. 33: a year from 29 February ends on the 28th",
		rows: []row{gives("J1", "2024-02-29", 6), gives("J2", "2024-02-29", 6)}, asOf: "2024-12-31", total: 12, events: "-",
		days: "2025-02-27 terminated\n2025-02-28 expired"},
	{name: "Art. 33: a further block that overlaps runs to the later of both ends",
		rows: []row{gives("J1", "2025-03-03", 11), study("X1", "2025-03-04", 3, 0), publicity("X2", "2025-03-05"), gives("J2", "2025-04-01", 2)}, total: 9, events: `
			2025-03-03 points J1 +11 = 11, suspend [2025-03-03, 2025-09-03)
			2025-03-04 repair X1 -3 = 8
			2025-03-05 repair X2 -1 = 7
			2025-04-01 points J2 +2 = 9, suspend [2025-04-01, 2025-09-03)`},
	{name: "Art. 33: blocks that only touch stay apart",
		rows: []row{gives("J1", "2025-03-03", 9), gives("J2", "2025-05-03", 1)}, total: 10, events: `
			2025-03-03 points J1 +9 = 9, suspend [2025-03-03, 2025-05-03)
			2025-05-03 points J2 +1 = 10, suspend [2025-05-03, 2025-07-03)`,
		days: "2025-05-02 suspended\n2025-05-03 suspended\n2025-07-03 expired"},
	{name: "Art. 33: a termination starts on its own day, the suspension before it stands",
		rows: []row{gives("J1", "2025-03-03", 10), gives("J2", "2025-04-01", 2, "effective_on=2025-04-10")}, total: 12, events: `
			2025-03-03 points J1 +10 = 10, suspend [2025-03-03, 2025-07-03)
			2025-04-01 points J2 +2 = 12, terminate [2025-04-10, 2026-04-10)`,
		days: "2025-04-09 suspended\n2025-04-10 terminated\n2025-07-03 terminated\n2026-04-10 expired"},
	{name: "Art. 33: termination outranks a suspension that follows it",
		rows: []row{gives("J1", "2025-03-03", 12), study("X1", "2026-01-10", 3, 3), onSite("X2", "2026-01-11", 5), publicity("X3", "2026-01-12"), gives("J2", "2026-01-20", 1)},
		asOf: "2026-12-31", total: 9, listed: "X1 terminated", days: "2026-01-20 terminated\n2028-03-02 terminated\n2028-03-03 expired", events: `
			2025-03-03 points J1 +12 = 12, terminate [2025-03-03, 2028-03-03)
			2026-01-11 repair X2 -3 = 9
			2026-01-12 repair X3 -1 = 8
			2026-01-20 points J2 +1 = 9, suspend [2026-01-20, 2028-03-03)`},
	{name: "Art. 33: after a repair the same total suspends again",
		rows: []row{gives("J1", "2025-03-03", 9), onSite("X1", "2025-06-10", 6), gives("J2", "2025-07-01", 3)}, total: 9, events: `
			2025-03-03 points J1 +9 = 9, suspend [2025-03-03, 2025-05-03)
			2025-06-10 repair X1 -3 = 6
			2025-07-01 points J2 +3 = 9, suspend [2025-07-01, 2025-08-01)`},
	{name: "Art. 33: a further block that reaches one block through another runs to its end",
		rows: []row{gives("J1", "2025-03-01", 9, "effective_on=2025-07-01"), gives("J2", "2025-03-02", 1, "effective_on=2025-05-15"), study("X1", "2025-06-20", 1, 1),
			gives("J3", "2025-06-21", 1, "effective_on=2025-04-20")}, total: 10, listed: "J3 effective_before_decided", events: `
			2025-03-01 points J1 +9 = 9, suspend [2025-07-01, 2025-09-01)
			2025-03-02 points J2 +1 = 10, suspend [2025-05-15, 2025-09-01)
			2025-06-20 repair X1 -1 = 9, suspend [2025-05-15, 2025-08-01)
			2025-06-21 points J3 +1 = 10, suspend [2025-04-20, 2025-09-01)`},
	{name: "Art. 33: a block that ends where a later one begins stays apart from it",
		rows: []row{gives("J1", "2025-03-01", 9, "effective_on=2025-06-01"), gives("J2", "2025-03-02", 1, "effective_on=2025-04-01")}, total: 10, events: `
			2025-03-01 points J1 +9 = 9, suspend [2025-06-01, 2025-08-01)
			2025-03-02 points J2 +1 = 10, suspend [2025-04-01, 2025-06-01)`},
}

// What the example of another region makes of the same articles.
var casesElsewhere = []worked{
	{name: "Art. 25: a block found out late clears at its end like any other",
		rows: []row{gives("J1", "2026-04-14", 7, "article=31"), gives("J2", "2026-04-15", 8, "effective_on=2026-04-10")}, asOf: "2026-12-31",
		listed: "J2 effective_before_decided", events: `
			2026-04-14 points J1 +7 = 7, circular
			2026-04-15 points J2 +8 = 15, terminate [2026-04-10, 2026-10-10)
			2026-10-10 clear -15 = 0`},
	{name: "Art. 25: a total that waits for a termination does not wait for the suspension after it",
		rows: []row{gives("J1", "2026-01-10", 12), gives("J2", "2027-12-20", 1)}, asOf: "2028-03-31", events: `
			2026-01-10 points J1 +12 = 12, terminate [2026-01-10, 2028-01-10)
			2027-12-20 points J2 +1 = 13, suspend [2027-12-20, 2028-06-20)
			2028-01-10 clear -13 = 0`},
	{name: "Art. 25: decisions before and after the rules' own dates do not count",
		rows: []row{gives("J1", "2025-12-31", 1), gives("J2", "2028-01-01", 1), gives("J3", "2027-12-31", 1)}, asOf: "2028-02-01", total: 1,
		listed: "J1 outside_effective_dates, J2 outside_effective_dates", events: "2027-12-31 points J3 +1 = 1"},
	{name: "Art. 33: single 12 weighs more than the total here, for two years",
		rows: []row{gives("J1", "2026-05-04", 2), gives("J2", "2026-05-05", 12)}, asOf: "2026-12-31", total: 14, events: `
			2026-05-04 points J1 +2 = 2, talk
			2026-05-05 points J2 +12 = 14, terminate [2026-05-05, 2028-05-05)`},
	{name: "Art. 43: the limits' year begins with the clearing, not with January",
		rows: []row{gives("J1", "2026-04-06", 7, "article=31"), publicity("X1", "2026-12-01"), publicity("X2", "2027-01-10"), publicity("X3", "2027-03-31"),
			gives("J2", "2027-04-01", 2), publicity("X4", "2027-04-02")}, asOf: "2027-12-31", listed: "X3 points_of_the_year_used_up", events: `
			2026-04-06 points J1 +7 = 7, circular
			2026-12-01 repair X1 -2 = 5
			2027-01-10 repair X2 -2 = 3
			2027-04-01 clear -3 = 0
			2027-04-01 points J2 +2 = 2, talk
			2027-04-02 repair X4 -2 = 0`},
	{name: "Art. 44: a restoration dated before the end is void here",
		rows: []row{gives("J1", "2026-05-04", 8, "article=31"), restores("H1", "2026-07-01", "2026-07-08", "1", "", true), restores("H2", "2026-08-10", "2026-08-14", "1", "", true)},
		asOf: "2026-12-31", total: 8, listed: "H1 before_the_end", days: "2026-08-03 suspended\n2026-08-13 expired\n2026-08-14 normal", events: "-"},
}
