package jobs

import (
	"strings"
	"testing"
	"time"

	"claimsaudit/configs"
	"claimsaudit/pipeline"
)

func TestMissingFiles(t *testing.T) {
	expected := []configs.ExpectedFile{
		{Feed: "settlement", Name: "settlement_{sender}_{period}*", Senders: []string{"500105", "500112"}, Workday: 3},
		{Feed: "practitioner_status", Name: "practitioner_status_*{period}*", Senders: []string{""}, Workday: 1},
	}
	loaded := func(feed string, names ...string) *arrival {
		a := &arrival{feeds: map[string]bool{feed: true}}
		for i, n := range names {
			a.names = append(a.names, arrivalName{n, i > 0})
		}
		return a
	}
	snapshot := loaded("practitioner_status", "practitioner_status_20250301.csv")
	ours := loaded("settlement", "settlement_500105_202503.csv")
	for _, c := range []struct {
		name        string
		began, asOf string
		known       []*arrival
		want        string
	}{
		{"the due day is not over", "2025-03-10", "2025-04-03", []*arrival{snapshot}, ""},
		{"the day after, sender by sender", "2025-03-10", "2025-04-04", []*arrival{snapshot, ours}, "settlement_500112_202503*: due 2025-04-03"},
		{"due before the program was used", "2025-04-04", "2025-04-07", nil, ""},
		{"an archive with a capital name", "2025-04-02", "2025-04-04", []*arrival{loaded("settlement", "SETTLEMENT_500105_202503.ZIP"),
			loaded("settlement", "settlement_500112_202503_2.csv")}, ""},
		{"the right name on another feed's rows", "2025-04-02", "2025-04-04", []*arrival{loaded("fee_line", "settlement_500105_202503.csv"),
			loaded("settlement", "settlement_500112_202503.csv")}, "settlement_500105_202503*: due 2025-04-03"},
		{"the same bytes under the right name later", "2025-04-02", "2025-04-04", []*arrival{loaded("settlement", "settlement_march.csv", "settlement_500105_202503.csv"),
			loaded("settlement", "settlement_500112_202503.csv")}, ""},
		{"last month's file renamed", "2025-04-02", "2025-04-04", []*arrival{loaded("settlement", "settlement_500105_202502.csv", "settlement_500105_202503.csv"),
			loaded("settlement", "settlement_500112_202503.csv")}, "settlement_500105_202503*: due 2025-04-03"},
		{"three months back and no further", "2024-06-01", "2025-04-02", []*arrival{snapshot, loaded("practitioner_status", "practitioner_status_20241231.csv"),
			loaded("practitioner_status", "practitioner_status_20250131.csv"), loaded("practitioner_status", "practitioner_status_20250228.csv"),
			loaded("settlement", "settlement_500105_202502.csv"), loaded("settlement", "settlement_500112_202502.csv"), loaded("settlement", "settlement_500112_202501.csv")},
			"settlement_500105_202501*: due 2025-02-07"},
		{"the calendar ends: not guessed, not silent", "2026-11-20", "2027-01-20", []*arrival{loaded("settlement", "settlement_500105_202611.csv"),
			loaded("settlement", "settlement_500112_202611.csv"), loaded("settlement", "settlement_500105_202610.csv"), loaded("settlement", "settlement_500112_202610.csv"),
			loaded("practitioner_status", "practitioner_status_20261130.csv")},
			"look up working day: 2027-01-01: no calendar for the year 2027"},
	} {
		t.Run(c.name, func(t *testing.T) {
			known := map[string]*arrival{}
			for i, a := range c.known {
				known[string(rune('a'+i))] = a
			}
			began, err1 := pipeline.ParseDay(c.began)
			asOf, err2 := pipeline.ParseDay(c.asOf)
			if err1 != nil || err2 != nil {
				t.Fatal(err1, err2)
			}
			missing, unknown := missingFiles(expected, workdays(t), known, began, asOf)
			if unknown != nil {
				missing = append(missing, unknown.Error())
			}
			if got := strings.Join(missing, "; "); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

// Night after night until it comes: the run is complete, says what is missing and does not count as failed.
func TestMissingFileIsNoFailedRun(t *testing.T) {
	o := newOffice(t, "2025-04-01 12:00")
	o.config.Operation.Expected = []configs.ExpectedFile{{Feed: "settlement", Name: "settlement_{period}*", Senders: []string{""}, Workday: 3}}
	told := map[string]int{}
	o.start(ServeOptions{Observer: Observer{Ran: func(job Job, key string, out Outcome, err error) {
		told[string(job)+" "+key] = len(out.Missing)
		if (len(out.Missing) > 0) != (err != nil) || err != nil && pipeline.Gravest(err) != pipeline.KindMissingFile {
			t.Errorf("%s %s: missing %v, error %v", job, key, out.Missing, err)
		}
	}}})
	o.live(72 * time.Hour)
	o.deliver(deliveries + "2025-03")
	o.live(24 * time.Hour)
	o.wants(map[string]int{"nightly 2025-04-02 done": 1, "nightly 2025-04-03 done": 1, "monthly 2025-03 done": 1, "nightly 2025-04-04 done": 1, "nightly 2025-04-05 done": 1})
	for key, want := range map[string]int{"nightly 2025-04-03": 0, "monthly 2025-03": 0, "nightly 2025-04-04": 1, "nightly 2025-04-05": 0} {
		if got, ran := told[key]; got != want || !ran {
			t.Errorf("%s: %d missing, want %d", key, got, want)
		}
	}
	for _, r := range o.ledger() {
		if want := 6 * told[r.Job+" "+ledgerKey(r.Period, r.AsOf)]; r.ExitCode != want {
			t.Errorf("%s: exit %d, want %d", r.ID, r.ExitCode, want)
		}
	}
}
