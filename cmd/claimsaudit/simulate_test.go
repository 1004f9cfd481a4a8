package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"claimsaudit/pipeline/warehouse"
)

// simulated is what the test reads of `points simulate --format json`; null reads as "".
type simulated struct {
	Code   string `json:"practitioner_code"`
	Before struct {
		Events []map[string]any `json:"points_events"`
	} `json:"before"`
	After struct {
		TotalPoints int              `json:"total_points"`
		BlockedTo   string           `json:"blocked_to"`
		Events      []map[string]any `json:"points_events"`
	} `json:"after"`
	NewlyBlocked []struct{ From, To string } `json:"newly_blocked"`
	Until        struct {
		Lines int
		Fund  string `json:"fund_yuan"`
	} `json:"until_shown"`
	Claims []struct {
		Effect string
		Now    string `json:"verdict_now"`
		Lines  int
		Fund   string `json:"fund_yuan"`
	}
	Lines []struct {
		SetlID string `json:"setl_id"`
		LineNo string `json:"feedetl_sn"`
		Period string
		Now    string `json:"verdict_now"`
		Effect string
		Rule   int
		Fund   string `json:"fund_yuan"`
	}
	LineCount int `json:"line_count"`
	Shares    []struct {
		Year          int
		Institution   string `json:"fixmedins_code"`
		Registered    int
		BlockedBefore int  `json:"blocked_before"`
		BlockedAfter  int  `json:"blocked_after"`
		FlaggedBefore bool `json:"flagged_before"`
		FlaggedAfter  bool `json:"flagged_after"`
	}
}

// trials are decisions, and which rules they bring up on which story of the samples.
var trials = []struct {
	about, code string
	add         []string // ARTICLE/a:POINTS@DATE
	rules       []string
}{
	{"an ordinary doctor with emergencies", "D500105000101", []string{"32/a:10@2025-03-12"}, []string{"402"}},
	{"one whose codes are aliases", "D500105000010", []string{"32/a:11@2025-03-05"}, []string{"402"}},
	{"one who was named by a review", "D500105000024", []string{"30/a:6@2025-03-03", "30/a:4@2025-03-20"}, []string{"402"}},
	{"the principal of a pharmacy", "D500105000295", []string{"31/a:9@2025-04-02"}, []string{"403"}},
	{"a month that is over, with claims after it", "D500105000150", []string{"30/a:6@2025-03-05", "29/a:3@2025-03-08"}, []string{"402", "408"}},
	{"a termination", "D500105000145", []string{"32/a:12@2025-04-10"}, []string{"401"}},
}

// TestSimulationIsWhatHappens: the decision is simulated, then delivered, then followed by the registry; record, review
// of rule 409, verdicts, amounts, statement and shares come as they were foretold.
func TestSimulationIsWhatHappens(t *testing.T) {
	s := newSite(t)
	s.closeSample(t, "2025-03", "2025-04-02")
	s.deliver(t, filepath.Join(samplesDir, "inbox", "2025-04"))
	s.must(t, 0, "run", "nightly", "--as-of", "2025-05-06")
	before := s.rowsOf(t, "SELECT setl_id, feedetl_sn FROM mart.line_verdict")
	untouched := s.rowsOf(t, "SELECT 'R' FROM mart.run")

	var foretold []simulated
	decisions := "decision_no,prac_psn_code,decided_on,article,item,points,state\n"
	for _, trial := range trials {
		args := []string{"points", "simulate", strings.ToLower(trial.code), "--format", "json", "--lines", "0"}
		for i, add := range trial.add {
			args = append(args, "--add", add)
			article, rest, _ := strings.Cut(add, "/a:")
			points, day, _ := strings.Cut(rest, "@")
			decisions += fmt.Sprintf("SIM-%02d%s,%s,%s,%s,a,%s,final\n", i+1, trial.code, trial.code, day, article, points)
		}
		var out simulated
		stdout, _ := s.must(t, 0, args...)
		if err := json.Unmarshal([]byte(stdout), &out); err != nil {
			t.Fatalf("%s: %v", trial.about, err)
		}
		foretold = append(foretold, out)
	}
	if !slices.Equal(untouched, s.rowsOf(t, "SELECT 'R' FROM mart.run")) {
		t.Error("a simulation is a run")
	}

	// The decisions are taken.
	s.write(t, "points_decision_taken.csv", []byte(decisions))
	s.must(t, 0, "run", "nightly", "--as-of", "2025-05-06")
	for i, f := range foretold {
		s.checkRecord(t, trials[i].about, f)
		s.checkUntilShown(t, trials[i].about, f, before)
	}

	// The registry follows: the newest row of each person gives way to one that shows the block.
	registry := "snapshot_date,prac_psn_code,fixmedins_code,status,status_begin,status_end,commitment_flag,registered_on\n"
	for _, f := range foretold {
		registry += s.registryRow(t, f)
	}
	s.write(t, "practitioner_status_follows.csv", []byte(registry))
	s.must(t, 0, "run", "monthly", "--period", "2025-04", "--as-of", "2025-05-06")
	for i, f := range foretold {
		s.checkVerdicts(t, trials[i].about, f, trials[i].rules)
		s.checkFile(t, trials[i].about, f.Code)
	}
}

// rowsOf reads a query of the publication as lines of values joined by blanks.
func (s *site) rowsOf(t *testing.T, query string, args ...any) []string {
	t.Helper()
	mart, err := warehouse.OpenMart(t.Context(), filepath.Join(s.data, "published", "analyst.duckdb"))
	if err != nil {
		t.Fatal(err)
	}
	defer mart.Close()
	var lines []string
	for _, row := range records(t, queryCSV(t, mart, query, args...))[1:] {
		lines = append(lines, strings.Join(row, " "))
	}
	slices.Sort(lines)
	return lines
}

func (s *site) checkRecord(t *testing.T, about string, f simulated) {
	t.Helper()
	var want []string
	for i, e := range f.After.Events {
		text := func(name string) string {
			if e[name] == nil {
				return ""
			}
			return fmt.Sprint(e[name])
		}
		want = append(want, strings.Join([]string{fmt.Sprintf("%02d", i+1), text("on_date"), text("event"), text("ref_no"), text("points"), text("total_after"),
			text("measure"), text("block_from"), text("block_to"), text("article")}, " "))
	}
	got := s.rowsOf(t, `SELECT format('{:02d}', event_no), on_date, event, replace(ref_no, practitioner_code, ''), points, total_after, measure, block_from, block_to, article
FROM mart.points_record WHERE practitioner_code = $1`, f.Code)
	if !slices.Equal(got, want) || len(want) == 0 {
		t.Errorf("%s: record\n got %q\nwant %q", about, got, want)
	}
	state := s.rowsOf(t, "SELECT total_points, blocked_to FROM mart.practitioner_file WHERE practitioner_code = $1", f.Code)
	if want := []string{strconv.Itoa(f.After.TotalPoints) + " " + f.After.BlockedTo}; !slices.Equal(state, want) {
		t.Errorf("%s: file %q, want %q", about, state, want)
	}
}

// checkUntilShown: lines that were paid before the decision and now wait because of rule 409.
func (s *site) checkUntilShown(t *testing.T, about string, f simulated, before []string) {
	t.Helper()
	lines, fund := 0, 0
	for _, row := range s.rowsOf(t, `SELECT DISTINCT v.setl_id, v.feedetl_sn, CAST(v.fund_yuan * 100 AS BIGINT) FROM mart.line_verdict v JOIN mart.finding x USING (setl_id, feedetl_sn)
WHERE x.rule = 409 AND x.practitioner_code = $1 AND v.verdict = 'review'`, f.Code) {
		cells := strings.Fields(row)
		if _, wasListed := slices.BinarySearch(before, cells[0]+" "+cells[1]); !wasListed {
			n, err := strconv.Atoi(cells[2])
			if err != nil {
				t.Fatal(err)
			}
			lines, fund = lines+1, fund+n
		}
	}
	if got := fmt.Sprintf("%d.%02d", fund/100, fund%100); lines != f.Until.Lines || got != f.Until.Fund {
		t.Errorf("%s: rule 409 waits on %d lines, %s yuan; foretold %d, %s", about, lines, got, f.Until.Lines, f.Until.Fund)
	}
}

// registryRow is the person's newest row, as an institution delivers it that follows the decision.
func (s *site) registryRow(t *testing.T, f simulated) string {
	t.Helper()
	stdout, _ := s.must(t, 0, "practitioner", f.Code, "--format", "json")
	var file struct {
		Rows   []map[string]any `json:"registry_rows"`
		Blocks []struct{ Measure, From, To string }
	}
	if err := json.Unmarshal([]byte(stdout), &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Blocks) != 1 || len(file.Rows) == 0 {
		t.Fatalf("%s: %d blocks, %d registry rows: this trial wants one block", f.Code, len(file.Blocks), len(file.Rows))
	}
	end, err := time.Parse(time.DateOnly, file.Blocks[0].To)
	if err != nil {
		t.Fatal(err)
	}
	row, status := file.Rows[len(file.Rows)-1], map[string]string{"suspend": "suspended", "terminate": "terminated"}[file.Blocks[0].Measure]
	return fmt.Sprintf("%v,%s,%v,%s,%s,%s,%v,%v\n", row["snapshot_date"], f.Code, row["fixmedins_code"], status, file.Blocks[0].From,
		end.AddDate(0, 0, -1).Format(time.DateOnly), row["commitment_flag"], row["registered_on"])
}

// checkVerdicts: every line, amount, statement row and share that was foretold, and no other.
func (s *site) checkVerdicts(t *testing.T, about string, f simulated, rules []string) {
	t.Helper()
	var want, issued, fired []string
	for _, l := range f.Lines {
		verdict := l.Effect
		switch {
		case l.Effect == "none":
			verdict = l.Now
		case l.Effect == "recover" || l.Effect == "stands":
			verdict = "withhold"
		}
		fired = append(fired, strconv.Itoa(l.Rule))
		want = append(want, strings.Join([]string{l.SetlID, l.LineNo, verdict, strconv.Itoa(l.Rule), l.Fund}, " "))
		if l.Effect == "recover" || l.Effect == "withhold" && l.Period == "2025-04" {
			issued = append(issued, strings.Join([]string{l.SetlID, l.LineNo, l.Effect, l.Fund}, " "))
		}
	}
	slices.Sort(want)
	slices.Sort(issued)
	slices.Sort(fired)
	if len(f.Lines) != f.LineCount || len(want) == 0 || len(issued) == 0 || !slices.Equal(slices.Compact(fired), rules) {
		t.Errorf("%s: %d of %d lines, %d issued, by rules %v: not the story the trial is for", about, len(want), f.LineCount, len(issued), fired)
	}
	got := s.rowsOf(t, `SELECT DISTINCT v.setl_id, v.feedetl_sn, v.verdict, v.rule, v.fund_yuan FROM mart.line_verdict v JOIN mart.finding x USING (setl_id, feedetl_sn)
WHERE x.rule IN (401, 402, 403, 408) AND x.practitioner_code = $1 AND v.service_date >= CAST($2 AS DATE)`, f.Code, f.NewlyBlocked[0].From)
	if !slices.Equal(got, want) {
		t.Errorf("%s: lines\n got %q\nwant %q", about, got, want)
	}
	stated := s.rowsOf(t, `SELECT t.setl_id, t.feedetl_sn, t.kind, t.amount_yuan FROM mart.statement_line t JOIN (SELECT DISTINCT setl_id, feedetl_sn FROM mart.finding
  WHERE rule IN (401, 402, 403) AND practitioner_code = $1) x USING (setl_id, feedetl_sn) WHERE t.issued_in = '2025-04'`, f.Code)
	if !slices.Equal(stated, issued) {
		t.Errorf("%s: statement\n got %q\nwant %q", about, stated, issued)
	}
	for _, x := range f.Shares {
		want := []string{fmt.Sprintf("%d %d %t", x.Registered, x.BlockedAfter, x.FlaggedAfter)}
		if got := s.rowsOf(t, "SELECT registered, blocked, flagged FROM mart.institution_blocked_share WHERE year = $1 AND fixmedins_code = $2", x.Year,
			x.Institution); !slices.Equal(got, want) {
			t.Errorf("%s: share of %s in %d: %q, foretold %q", about, x.Institution, x.Year, got, want)
		}
	}
	summed := 0
	for _, x := range f.Claims {
		summed += x.Lines
	}
	if summed != f.LineCount {
		t.Errorf("%s: %d lines by institution and month, %d in all", about, summed, f.LineCount)
	}
	if len(f.Shares) == 0 {
		t.Errorf("%s: no share foretold", about)
	}
}

// checkFile: the amounts of `practitioner` are those of the mart.
func (s *site) checkFile(t *testing.T, about, code string) {
	t.Helper()
	stdout, _ := s.must(t, 0, "practitioner", code, "--format", "json", "--lines", "3")
	var file struct {
		Totals []map[string]any `json:"claim_totals"`
		Lines  []any
		Count  int `json:"line_count"`
	}
	if err := json.Unmarshal([]byte(stdout), &file); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, x := range file.Totals {
		got = append(got, fmt.Sprint(x["period"], " ", x["fixmedins_code"], " ", x["withhold_yuan"], " ", x["exempt_yuan"], " ", x["review_yuan"], " ", x["recover_yuan"]))
	}
	slices.Sort(got)
	want := s.rowsOf(t, `WITH own AS (SELECT DISTINCT setl_id, feedetl_sn FROM mart.finding WHERE practitioner_code = $1),
issued AS (SELECT setl_id, feedetl_sn, sum(amount_yuan) AS recover_yuan FROM mart.statement_line WHERE kind = 'recover' GROUP BY ALL)
SELECT v.period, v.fixmedins_code, sum(CASE WHEN verdict = 'withhold' THEN fund_yuan ELSE 0 END), sum(CASE WHEN verdict = 'exempt' THEN fund_yuan ELSE 0 END),
  sum(CASE WHEN verdict = 'review' THEN fund_yuan ELSE 0 END), coalesce(sum(i.recover_yuan), 0.00)
FROM mart.line_verdict v JOIN own USING (setl_id, feedetl_sn) LEFT JOIN issued i USING (setl_id, feedetl_sn) GROUP BY ALL`, code)
	if !slices.Equal(got, want) || len(want) == 0 {
		t.Errorf("%s: totals\n got %q\nwant %q", about, got, want)
	}
	if file.Count > 3 && len(file.Lines) != 3 {
		t.Errorf("%s: %d lines, 3 were asked for", about, len(file.Lines))
	}
}
