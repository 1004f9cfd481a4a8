package twin

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// play runs every batch of a world and returns what each did.
func play(batches []Batch) []Outcome {
	w := NewWorld()
	w.Workdays = weekdays
	var out []Outcome
	for _, b := range batches {
		var ratios []string
		if b.Period() != "" {
			ratios = append(ratios, b.Period())
		}
		out = append(out, w.Run(b, ratios...))
	}
	return out
}

// weekdays knows no holidays and no year after 2026.
func weekdays(day time.Time, n int) (time.Time, error) {
	step := 1
	if n < 0 {
		step = -1
	}
	for n != 0 {
		day = day.AddDate(0, 0, step)
		if weekday := day.Weekday(); weekday != time.Saturday && weekday != time.Sunday {
			n -= step
		}
	}
	if day.Year() > 2026 {
		return day, errors.New("no such year")
	}
	return day, nil
}

func TestEqualSeedsGiveEqualWorlds(t *testing.T) {
	print := func(batches []Batch) string {
		var b strings.Builder
		for _, batch := range batches {
			fmt.Fprintln(&b, batch.Run, batch.AsOf)
			for _, f := range batch.Files {
				fmt.Fprintf(&b, "%s\n%s", f.Name, f.CSV())
			}
		}
		return b.String()
	}
	for seed := range int64(20) {
		first, second := print(Generate(seed, 12)), print(Generate(seed, 12))
		if first != second {
			t.Fatalf("seed %d differs from itself", seed)
		}
	}
	if print(Generate(1, 12)) == print(Generate(2, 12)) {
		t.Error("two seeds give one world")
	}
}

// TestEveryWorldBalances asserts what must hold of any world: no gate, fund =
// pay + exempt + review + withhold, lines add up to settlements, statements
// add up to what was withheld.
func TestEveryWorldBalances(t *testing.T) {
	for seed := range int64(60) {
		w := NewWorld()
		for i, b := range Generate(seed, 15) {
			o := w.Run(b)
			where := fmt.Sprintf("seed %d batch %d", seed, i)
			if o.Gated {
				t.Fatalf("%s: the gate stopped it", where)
			}
			for name, n := range o.Counts {
				if err := n.Check(); err != nil {
					t.Errorf("%s %s: %v", where, name, err)
				}
			}
			balance(t, where, o.Result)
			if b.Period() != "" && len(o.Issued) > 0 {
				stands(t, where, w, o.Result)
			}
		}
	}
}

func balance(t *testing.T, where string, r Result) {
	t.Helper()
	shares := map[string]int64{}
	lines := map[string]bool{}
	for _, l := range r.Lines {
		shares[l.Setl] += l.Fund
		lines[l.Setl] = true
	}
	for _, s := range r.Settlements {
		if s.Fund != s.Pay+s.Exempt+s.Review+s.Withhold || (lines[s.Setl] && shares[s.Setl] != s.Fund) {
			t.Errorf("%s: settlement does not balance: %+v, lines %d", where, s, shares[s.Setl])
		}
	}
}

// stands checks that after a statement the rows of every line of a closed month add up to what stands.
func stands(t *testing.T, where string, w *World, r Result) {
	t.Helper()
	issued := map[lineKey]int64{}
	newest := ""
	for _, s := range r.Statements {
		issued[lineKey{s.Setl, s.Line}] += s.Amount
		newest = max(newest, s.IssuedIn)
	}
	for _, l := range r.Lines {
		want := int64(0)
		if l.Verdict == "withhold" {
			want = l.Fund
		}
		if got := issued[lineKey{l.Setl, l.Line}]; l.Period <= newest && got != want {
			t.Errorf("%s: line %s/%s issued %d, stands %d", where, l.Setl, l.Line, got, want)
		}
	}
}

// TestWorldsAreAdversarial makes sure the generator reaches every verdict,
// rule, test, fate and kind of statement row: what it never makes, it never tests.
func TestWorldsAreAdversarial(t *testing.T) {
	seen := map[string]int{}
	for seed := range int64(60) {
		var last Outcome
		for _, o := range play(Generate(seed, 15)) {
			for _, n := range o.Counts {
				seen["loaded"] += int(n.Loaded.Rows)
				seen["duplicate"] += int(n.Duplicate.Rows)
				seen["superseded"] += int(n.Superseded.Rows)
				seen["rejected"] += int(n.Rejected.Rows)
				if n.Read.Rows == 0 {
					seen["no-op"]++
				}
			}
			for _, x := range o.Result.Deadlines {
				seen["until "+x.Kind]++
				seen["deadline "+x.State]++
			}
			last = o
		}
		for _, v := range last.Result.Lines {
			seen[v.Verdict]++
			seen["test "+v.EmergencyTest]++
		}
		for _, f := range last.Result.Findings {
			seen[itoa(f.Rule)+f.Role]++
			if strings.HasPrefix(f.LiftedBy, "R") {
				seen["released"]++
			}
		}
		for _, s := range last.Result.Statements {
			seen["issued "+s.Kind]++
		}
		for _, i := range last.Result.Intervals {
			seen["interval "+i.Status]++
		}
		for _, e := range last.Result.Points {
			seen["event "+e.Event+" "+e.Measure]++
		}
		for _, f := range last.Result.Files {
			seen["record "+f.Derived]++
			if f.Registry == "" {
				seen["record alone"]++
			}
		}
		for _, s := range last.Result.Shares {
			if s.Flagged {
				seen["flagged"]++
			}
		}
		for _, r := range last.Result.Ratios {
			seen[itoa(r.Number)+r.State+r.Meets]++
		}
	}
	for _, want := range []string{"duplicate", "superseded", "rejected", "no-op", "pay", "withhold", "exempt", "review",
		"test review", "test med_type", "test er_flag", "401bilg_dr", "401orders_dr", "402bilg_dr", "402orders_dr", "403principal",
		"404", "405bilg_dr", "405orders_dr", "406bilg_dr", "406orders_dr", "407bilg_dr", "407orders_dr", "408bilg_dr", "408orders_dr", "409bilg_dr", "409orders_dr",
		"410", "released", "issued withhold", "issued recover", "issued release", "interval terminated", "interval suspended", "interval expired",
		"event points ", "event points talk", "event points head_talk", "event points circular", "event block suspend", "event block terminate",
		"event repair ", "event repair suspend", "event clear ", "event restore ", "record alone", "record expired", "record suspended",
		"record terminated", "flagged", "until notice", "until registry", "until appeal", "until restoration_request", "until restoration_decision",
		"until block_start", "deadline overdue", "deadline due", "deadline later", "deadline starting", "deadline unknown",
		"601oktrue", "601okfalse", "602oktrue", "603oktrue", "603okfalse", "604oktrue", "604okfalse", "605ok", "606ok", "607ok",
		"608oktrue", "608okfalse", "608no_datafalse"} {
		if seen[want] < 5 {
			t.Errorf("%s: seen %d times", want, seen[want])
		}
	}
	t.Log(seen)
}
