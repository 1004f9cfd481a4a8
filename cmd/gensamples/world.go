package main

import (
	"fmt"
	"time"

	"claimsaudit/pipeline"
)

// row is one data row in canonical form: contract column to value, money as
// 123.45, times as yyyy-MM-dd HH:mm:ss. A file's dress rewrites it on writing.
type row map[string]string

// with is a copy of r with changes laid over it.
func (r row) with(changes row) row {
	out := make(row, len(r)+len(changes))
	for k, v := range r {
		out[k] = v
	}
	for k, v := range changes {
		out[k] = v
	}
	return out
}

// rec is a row on its way to a file.
type rec struct {
	v    row
	part string // which of the feed's files of the month; "" is decided by setl_id
	cut  int    // write only so many fields (a damaged row); 0 writes all
	more string // one field too many (a damaged row)
}

// delivery is what arrives for one month, by feed.
type delivery map[string][]rec

// months of the samples.
var months = [3]pipeline.Period{{Year: 2025, Month: 3}, {Year: 2025, Month: 4}, {Year: 2025, Month: 5}}

// snapshots are the dates of the status snapshots and the month each comes with.
var snapshots = [4]struct {
	day   string
	month int
}{{"2025-03-01", 0}, {"2025-03-31", 0}, {"2025-04-30", 1}, {"2025-05-31", 2}}

// world is everything that happened in the made-up district.
type world struct {
	rng     random
	items   []item
	drugs   int // items[:drugs] are drugs
	months  [3]delivery
	regs    []*registration
	regAt   map[string]*registration
	doctors map[string][]int // institution to its ordinary practitioners
	serial  [3]int           // ordinary settlements so far, per month
	batch   int              // fixmedins_bchno so far
	cases   []*caseDoc
}

// registration is one practitioner at one institution over the snapshots; a
// nil row means absent from that snapshot.
type registration struct{ snaps [len(snapshots)]row }

// on lays changes over snapshots from..to (1-based, inclusive).
func (g *registration) on(from, to int, changes row) *registration {
	for i := from - 1; i < to; i++ {
		g.snaps[i] = g.snaps[i].with(changes)
	}
	return g
}

// absent takes the practitioner out of snapshots from..to.
func (g *registration) absent(from, to int) *registration {
	for i := from - 1; i < to; i++ {
		g.snaps[i] = nil
	}
	return g
}

// register registers practitioner n at an institution, normal in all snapshots.
func (w *world) register(n int, inst string) *registration {
	key := pracCode(n) + inst
	if g, ok := w.regAt[key]; ok {
		return g
	}
	kind := "1"
	if isPharmacy(inst) {
		kind = "3"
	}
	g := &registration{}
	for i := range g.snaps {
		g.snaps[i] = row{"snapshot_date": snapshots[i].day, "prac_psn_code": pracCode(n), "fixmedins_code": inst,
			"status": "normal", "prac_psn_name": pracName(n), "certno": pracCert(n), "prac_psn_type": kind,
			"commitment_flag": "1", "registered_on": fmt.Sprintf("2023-%02d-%02d", n%12+1, n%28+1)}
	}
	w.regs, w.regAt[key] = append(w.regs, g), g
	return g
}

// happened is the world with everything planted and every month lived through.
func happened(seed uint64) *world {
	w := newWorld(seed)
	w.plantStatus()
	w.plantCodes()
	w.plantEmergency()
	w.plantInstitutions()
	w.plantMoney()
	w.plantPoints()
	w.plantRatios()
	w.plantScores()
	for m := range months {
		w.everyday(m)
	}
	w.snapshotRows()
	w.plantBad()
	return w
}

// newWorld has the institutions and ordinary practitioners, nothing else yet.
func newWorld(seed uint64) *world {
	w := &world{rng: random{seed}, regAt: map[string]*registration{}, doctors: map[string][]int{}}
	w.items, w.drugs = catalogue()
	for i := range w.months {
		w.months[i] = delivery{}
	}
	for _, inst := range institutions() {
		w.institution(0, inst, nil)
	}
	ordinary := ordinaryHospitals()
	for n := 61; n <= 270; n++ {
		w.employ(n, ordinary[n%len(ordinary)])
	}
	for n := 271; n <= 300; n++ {
		w.employ(n, pharmacy((n-271)/2+1))
	}
	return w
}

func (w *world) employ(n int, inst string) {
	w.register(n, inst)
	w.doctors[inst] = append(w.doctors[inst], n)
}

// institutions lists all 25 medical institutions and 15 pharmacies.
func institutions() []string {
	var out []string
	for n := 1; n <= 25; n++ {
		out = append(out, hospital(n))
	}
	for n := 1; n <= 15; n++ {
		out = append(out, pharmacy(n))
	}
	return out
}

// ordinaryHospitals have everyday business; 7 to 10 have planted cases only, 25 has none.
func ordinaryHospitals() []string {
	var out []string
	for n := 1; n <= 24; n++ {
		if n < 7 || n > 10 {
			out = append(out, hospital(n))
		}
	}
	return out
}

// ordinaryPharmacies have everyday business; 13 to 15 have planted cases only.
func ordinaryPharmacies() []string {
	var out []string
	for n := 1; n <= 12; n++ {
		out = append(out, pharmacy(n))
	}
	return out
}

// institution delivers a registry row of an institution in a month.
func (w *world) institution(month int, code string, changes row) {
	var n int
	fmt.Sscanf(code[7:], "%d", &n)
	r := row{"fixmedins_code": code, "fixmedins_name": institutionName(code), "fixmedins_type": "1",
		"ownership": "public", "hosp_lv": fmt.Sprintf("%02d", n%9+2), "agreement_status": "active"}
	if n%5 == 0 {
		r["ownership"] = "private"
	}
	if isPharmacy(code) {
		r["fixmedins_type"], r["ownership"], r["hosp_lv"] = "2", "private", ""
		r["principal_code"] = pracCode(269 + 2*n)
	}
	w.add(month, "institution", r.with(changes), "")
}

// add puts a row into a month's delivery.
func (w *world) add(month int, feed string, r row, part string) {
	w.months[month][feed] = append(w.months[month][feed], rec{v: r, part: part})
}

// snapshotRows delivers the registry as it was on the snapshot dates.
func (w *world) snapshotRows() {
	for i, s := range snapshots {
		for _, g := range w.regs {
			if g.snaps[i] != nil {
				w.add(s.month, "practitioner_status", g.snaps[i], s.day)
			}
		}
	}
}

// at is a wall time on a day, seconds after midnight.
func at(day string, seconds int) string {
	return fmt.Sprintf("%s %02d:%02d:%02d", day, seconds/3600, seconds/60%60, seconds%60)
}

// addDays moves a yyyy-MM-dd day.
func addDays(day string, n int) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		panic("gensamples: a day in the source is wrong: " + day)
	}
	return t.AddDate(0, 0, n).Format(time.DateOnly)
}

// monthOf is the index of the month a day lies in.
func monthOf(day string) int {
	for i, m := range months {
		if day[:7] == m.String() {
			return i
		}
	}
	panic("gensamples: a day in the source is outside the samples: " + day)
}
