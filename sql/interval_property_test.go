package sqlfiles_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// snapshotRow is a registry row of the property test; days count from firstDay, missing ones are nil.
type snapshotRow struct {
	snapshot               int
	who, inst, status      string
	begin, end, registered *int
}

// The registries of the test lie in days 0 to 20 after 2025-01-01; nothing changes outside.
const (
	origin            = 20089
	dayBefore, dayEnd = -3, 26
)

func registryOf(t *rapid.T) []snapshotRow {
	maybe := func(name string) *int {
		if d := rapid.IntRange(-8, 20).Draw(t, name); d >= 0 {
			return &d
		}
		return nil
	}
	var rows []snapshotRow
	for _, inst := range []string{"H1", "H2"} {
		for _, snapshot := range rapid.SliceOfNDistinct(rapid.IntRange(0, 16), 1, 4, rapid.ID[int]).Draw(t, "snapshots of "+inst) {
			for _, who := range []string{"D1", "D2"} {
				name := fmt.Sprint(inst, snapshot, who)
				status := rapid.SampledFrom([]string{"", "normal", "suspended", "terminated"}).Draw(t, name)
				if status == "" { // not in this snapshot
					continue
				}
				rows = append(rows, snapshotRow{snapshot, who, inst, status, maybe(name + " begin"), maybe(name + " end"), maybe(name + " registered")})
			}
		}
	}
	return rows
}

// evidence is what makes a day not normal; severity 0 is normal.
type evidence struct {
	severity int
	snapshot int
	inst     string
}

var severities = map[string]int{"suspended": 2, "terminated": 3}

func (r snapshotRow) saysOn(d int) int {
	switch {
	case r.status == "normal", r.begin != nil && d < *r.begin:
		return 0
	case r.end != nil && d > *r.end:
		return 1
	default:
		return severities[r.status]
	}
}

// atInstitution reads the rules 1 to 4 of contract section 3 for one day.
func atInstitution(rows []snapshotRow, who, inst string, d int) evidence {
	var dates []int
	for _, r := range rows {
		if r.inst == inst {
			dates = append(dates, r.snapshot)
		}
	}
	slices.Sort(dates)
	var governing, last *snapshotRow
	for i := range rows {
		r := &rows[i]
		if r.who != who || r.inst != inst {
			continue
		}
		next := slices.IndexFunc(dates, func(s int) bool { return s > r.snapshot })
		governs := d >= r.snapshot && (next < 0 || d < dates[next]) ||
			d < r.snapshot && r.snapshot == dates[0] && (r.registered == nil || d >= *r.registered) ||
			d < r.snapshot && r.status != "normal" && r.begin != nil && d >= *r.begin
		if governs && (governing == nil || r.snapshot > governing.snapshot) {
			governing = r
		}
		if r.snapshot <= d && (last == nil || r.snapshot > last.snapshot) {
			last = r
		}
	}
	if governing != nil {
		return evidence{governing.saysOn(d), governing.snapshot, inst}
	}
	if last != nil && last.saysOn(d) > 1 { // left: a block goes on, being expired does not
		return evidence{last.saysOn(d), last.snapshot, inst}
	}
	return evidence{}
}

// onDay reads rule 5: the most severe; of equal ones the latest snapshot, then the smallest institution code.
func onDay(rows []snapshotRow, who string, d int) evidence {
	best := atInstitution(rows, who, "H1", d)
	if e := atInstitution(rows, who, "H2", d); e.severity > best.severity || e.severity == best.severity && e.snapshot > best.snapshot {
		best = e
	}
	return best
}

// TestIntervalsAreWhatEveryDaySays: the stretches of a person are disjoint, as long as can be, and say of every day
// what the contract says of it, with the evidence of their first day.
func TestIntervalsAreWhatEveryDaySays(t *testing.T) {
	db, all := fresh(t), models(t, "30_core")
	columns := columnsOf(t, db, "staging.practitioner_status")
	rapid.Check(t, func(rt *rapid.T) {
		registry := registryOf(rt)
		var rows [][]any
		for _, r := range registry {
			rows = append(rows, place(t, columns, "snapshot_date,prac_psn_code,fixmedins_code,status,status_begin,status_end,registered_on",
				date(&r.snapshot), r.who, r.inst, r.status, date(r.begin), date(r.end), date(r.registered)))
		}
		if err := db.ReplaceRows(context.Background(), "staging.practitioner_status", rows); err != nil {
			rt.Fatal(err)
		}
		compute(rt, db, all, "315", "320", "325")
		got := map[string][]string{"D1": make([]string, dayEnd-dayBefore), "D2": make([]string, dayEnd-dayBefore)}
		for _, row := range cells(t, db, `SELECT practitioner_code, severity, from_day, to_day, fixmedins_code, snapshot_day
FROM core.practitioner_interval`) {
			mark(rt, got[row[0]], row)
		}
		for who, days := range got {
			want := make([]string, len(days))
			for i := range want {
				e := onDay(registry, who, i+dayBefore)
				switch {
				case e.severity == 0:
				case i > 0 && onDay(registry, who, i+dayBefore-1).severity == e.severity:
					want[i] = fmt.Sprint(e.severity)
				default:
					want[i] = fmt.Sprint("start ", e.severity, " ", e.inst, " ", e.snapshot)
				}
			}
			if !slices.Equal(days, want) {
				rt.Errorf("%s of %+v\n got %q\nwant %q", who, registry, days, want)
			}
		}
	})
}

// mark writes an interval onto the days; a day that is marked already means two intervals overlap, a start in the
// middle of a stretch that one is not as long as can be.
func mark(t rapid.TB, days []string, row []string) {
	n := make([]int, 6)
	for _, i := range []int{1, 2, 3, 5} {
		v, err := strconv.Atoi(row[i])
		if err != nil {
			t.Fatal(err)
		}
		n[i] = v
	}
	from, to := max(n[2]-origin-dayBefore, 0), min(n[3]-origin-dayBefore, len(days))
	if from >= to {
		t.Fatalf("an interval without days: %v", row)
	}
	for i := from; i < to; i++ {
		if days[i] != "" {
			t.Fatalf("two intervals on one day: %v", row)
		}
		days[i] = row[1]
	}
	days[from] = fmt.Sprint("start ", row[1], " ", row[4], " ", n[5]-origin)
}

func date(d *int) any {
	if d == nil {
		return nil
	}
	return fmt.Sprintf("2025-01-%02d", *d+1)
}
