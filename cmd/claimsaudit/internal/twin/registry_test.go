package twin

import (
	"strings"
	"testing"
)

func TestEffectiveStatusOnADay(t *testing.T) {
	cases := []struct {
		name  string
		items []item
		day   string
		want  string // status, institution, snapshot
	}{
		{"a row governs from its snapshot date", list(snap("2025-03-10", "D0", "H1", "normal"), snap("2025-03-10", "D1", "H1", "suspended")), "2025-03-10", "suspended H1 2025-03-10"},
		{"until the day before the institution's next snapshot", list(snap("2025-03-10", "D1", "H1", "suspended"), snap("2025-04-01", "D1", "H1", "normal")), "2025-03-31", "suspended H1 2025-03-10"},
		{"the next snapshot governs its own date", list(snap("2025-03-10", "D1", "H1", "suspended"), snap("2025-04-01", "D1", "H1", "normal")), "2025-04-01", "normal H1 2025-04-01"},
		{"onwards if it is the last", list(snap("2025-03-10", "D1", "H1", "suspended")), "2027-01-01", "suspended H1 2025-03-10"},
		{"another person's row makes a snapshot date", list(snap("2025-03-10", "D1", "H1", "normal"), snap("2025-04-01", "D2", "H1", "normal")), "2025-04-01", "normal  "},
		{"another institution's snapshot ends nothing", list(snap("2025-03-10", "D1", "H1", "suspended"), snap("2025-04-01", "D2", "H2", "normal")), "2025-04-02", "suspended H1 2025-03-10"},
		{"days before the first snapshot are governed by it", list(snap("2025-03-10", "D1", "H1", "suspended")), "2020-01-01", "suspended H1 2025-03-10"},
		{"but only from registered_on", list(snap("2025-03-10", "D1", "H1", "suspended", "registered_on=2025-02-01")), "2025-01-31", "normal  "},
		{"registered_on itself is governed", list(snap("2025-03-10", "D1", "H1", "suspended", "registered_on=2025-02-01")), "2025-02-01", "suspended H1 2025-03-10"},
		{"registered_on after the first snapshot means nothing", list(snap("2025-03-10", "D1", "H1", "suspended", "registered_on=2025-03-20")), "2025-03-11", "suspended H1 2025-03-10"},
		{"a second snapshot does not govern backwards", list(snap("2025-03-01", "D2", "H1", "normal"), snap("2025-03-10", "D1", "H1", "suspended")), "2025-03-09", "normal  "},
		{"late knowledge counts from status_begin", list(snap("2025-03-01", "D1", "H1", "normal"), snap("2025-04-01", "D1", "H1", "suspended", "status_begin=2025-03-15")), "2025-03-15", "suspended H1 2025-04-01"},
		{"and not before status_begin", list(snap("2025-03-01", "D1", "H1", "normal"), snap("2025-04-01", "D1", "H1", "suspended", "status_begin=2025-03-15")), "2025-03-14", "normal H1 2025-03-01"},
		{"late knowledge reaches before registered_on", list(snap("2025-04-01", "D1", "H1", "suspended", "status_begin=2025-01-10", "registered_on=2025-03-01")), "2025-02-01", "suspended H1 2025-04-01"},
		{"days before status_begin inside a stretch are normal", list(snap("2025-03-01", "D1", "H1", "suspended", "status_begin=2025-03-20")), "2025-03-19", "normal H1 2025-03-01"},
		{"status_end is the last blocked day", list(snap("2025-03-01", "D1", "H1", "suspended", "status_end=2025-03-20")), "2025-03-20", "suspended H1 2025-03-01"},
		{"days after status_end are expired", list(snap("2025-03-01", "D1", "H1", "terminated", "status_end=2025-03-20")), "2025-03-21", "expired H1 2025-03-01"},
		{"days of a late stretch after status_end are expired too", list(snap("2025-03-01", "D1", "H1", "normal"), snap("2025-04-01", "D1", "H1", "suspended", "status_begin=2025-03-05", "status_end=2025-03-10")), "2025-03-20", "expired H1 2025-04-01"},
		{"the dates of a normal row mean nothing", list(snap("2025-03-01", "D1", "H1", "normal", "status_begin=2025-01-01", "status_end=2025-03-05")), "2025-03-10", "normal H1 2025-03-01"},
		{"of several rows the latest snapshot wins", list(snap("2025-03-01", "D1", "H1", "suspended"), snap("2025-04-01", "D1", "H1", "terminated", "status_begin=2025-03-15")), "2025-03-20", "terminated H1 2025-04-01"},
		{"also when it is milder", list(snap("2025-03-01", "D1", "H1", "terminated"), snap("2025-04-01", "D1", "H1", "suspended", "status_begin=2025-03-15")), "2025-03-20", "suspended H1 2025-04-01"},
		{"leaving does not clear a block", list(snap("2025-03-01", "D1", "H1", "suspended"), snap("2025-04-01", "D2", "H1", "normal")), "2025-09-01", "suspended H1 2025-03-01"},
		{"after leaving, a block lasts until status_end", list(snap("2025-03-01", "D1", "H1", "suspended", "status_end=2025-04-10"), snap("2025-04-01", "D2", "H1", "normal")), "2025-04-10", "suspended H1 2025-03-01"},
		{"and is nothing after it, not expired", list(snap("2025-03-01", "D1", "H1", "suspended", "status_end=2025-04-10"), snap("2025-04-01", "D2", "H1", "normal")), "2025-04-11", "normal  "},
		{"after leaving, a block may only begin", list(snap("2025-03-01", "D1", "H1", "suspended", "status_begin=2025-05-01"), snap("2025-04-01", "D2", "H1", "normal")), "2025-05-01", "suspended H1 2025-03-01"},
		{"a return ends the block of the last row", list(snap("2025-03-01", "D1", "H1", "suspended"), snap("2025-04-01", "D2", "H1", "normal"), snap("2025-05-01", "D1", "H1", "normal")), "2025-05-01", "normal H1 2025-05-01"},
		{"the day before the return is still blocked", list(snap("2025-03-01", "D1", "H1", "suspended"), snap("2025-04-01", "D2", "H1", "normal"), snap("2025-05-01", "D1", "H1", "normal")), "2025-04-30", "suspended H1 2025-03-01"},
		{"a late stretch of the return governs inside the absence", list(snap("2025-03-01", "D1", "H1", "terminated"), snap("2025-04-01", "D2", "H1", "normal"), snap("2025-05-01", "D1", "H1", "suspended", "status_begin=2025-04-20")), "2025-04-20", "suspended H1 2025-05-01"},
		{"a normal last row leaves nothing", list(snap("2025-02-01", "D1", "H1", "suspended"), snap("2025-03-01", "D1", "H1", "normal"), snap("2025-04-01", "D2", "H1", "normal")), "2025-04-02", "normal  "},
		{"the most severe over all institutions: terminated", list(snap("2025-03-01", "D1", "H1", "suspended"), snap("2025-02-01", "D1", "H2", "terminated")), "2025-03-05", "terminated H2 2025-02-01"},
		{"suspended beats expired", list(snap("2025-03-01", "D1", "H1", "suspended", "status_end=2025-03-02"), snap("2025-02-01", "D1", "H2", "suspended")), "2025-03-05", "suspended H2 2025-02-01"},
		{"expired beats normal", list(snap("2025-02-01", "D1", "H1", "suspended", "status_end=2025-03-02"), snap("2025-03-01", "D1", "H2", "normal")), "2025-03-05", "expired H1 2025-02-01"},
		{"of equal severities the latest snapshot is shown", list(snap("2025-02-01", "D1", "H1", "suspended"), snap("2025-03-01", "D1", "H2", "suspended")), "2025-03-05", "suspended H2 2025-03-01"},
		{"then the smallest institution code", list(snap("2025-03-01", "D1", "H2", "suspended"), snap("2025-03-01", "D1", "H1", "suspended")), "2025-03-05", "suspended H1 2025-03-01"},
		{"registry codes are compared half-width and upper case", list(snap("2025-03-01", "　ｄ１", "H1", "suspended")), "2025-03-05", "suspended H1 2025-03-01"},
		{"the later row of a key replaces the earlier", list(snap("2025-03-01", "D1", "H1", "suspended"), snap("2025-03-01", "d1", "H1", "normal")), "2025-03-05", "normal H1 2025-03-01"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := worldOf(c.items...).registry().effective("D1", MustDay(c.day))
			equal(t, s.status+" "+s.inst+" "+s.snapshot.String(), c.want)
		})
	}
}

func TestIntervalsAreTheStretchesThatAreNotNormal(t *testing.T) {
	cases := []struct {
		name  string
		items []item
		want  string
	}{
		{"an open start and an open end are NULL", list(snap("2025-03-01", "D1", "H1", "terminated")),
			"D1|terminated|||H1|2025-03-01"},
		{"to is exclusive and expired follows", list(snap("2025-03-01", "D1", "H1", "suspended", "status_begin=2025-03-05", "status_end=2025-03-20"), snap("2025-04-01", "D1", "H1", "normal")),
			"D1|expired|2025-03-21|2025-04-01|H1|2025-03-01 D1|suspended|2025-03-05|2025-03-21|H1|2025-03-01"},
		{"one stretch over two sources shows those of its first day", list(snap("2025-03-01", "D1", "H1", "suspended", "status_begin=2025-03-01"), snap("2025-04-01", "D1", "H1", "suspended"), snap("2025-05-01", "D1", "H1", "normal")),
			"D1|suspended|2025-03-01|2025-05-01|H1|2025-03-01"},
		{"effective over institutions, disjoint", list(snap("2025-03-01", "D1", "H1", "suspended", "status_begin=2025-03-01"), snap("2025-01-01", "D1", "H2", "normal"), snap("2025-03-10", "D1", "H2", "terminated"), snap("2025-03-20", "D1", "H2", "normal")),
			"D1|suspended|2025-03-01|2025-03-10|H1|2025-03-01 D1|suspended|2025-03-20||H1|2025-03-01 D1|terminated|2025-03-10|2025-03-20|H2|2025-03-10"},
		{"always normal is no interval", list(snap("2025-03-01", "D1", "H1", "normal")), ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			equal(t, joined(worldOf(c.items...).Audit("2025-04-02"), "practitioner_interval"), c.want)
		})
	}
}

func joined(r Result, table string) string {
	var out []string
	for _, row := range r.Rows(table) {
		out = append(out, strings.Join(row, "|"))
	}
	return strings.Join(out, " ")
}
