package twin

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
)

// Tables are the mart tables Rows can print.
var Tables = []string{"line_verdict", "finding", "settlement_verdict", "practitioner_interval",
	"institution_period", "statement_line", "institution_ratio", "points_record", "practitioner_file", "deadline", "institution_blocked_share",
	"score_metric"}

// Rows prints a mart table as sorted text rows, columns in the order of the
// published schema (statement_line without statement_no and cause, points_record
// without event_no, practitioner_file without names and places, deadline and score_metric without titles): dates
// yyyy-MM-dd, NULL as "", money as 12.30, truth as true or false.
func (r Result) Rows(table string) [][]string {
	var out [][]string
	switch table {
	case "line_verdict":
		for _, v := range r.Lines {
			if v.Verdict != "pay" {
				out = append(out, []string{v.Period, v.Institution, v.Setl, v.Line, v.ServiceDate, v.Verdict,
					strconv.Itoa(v.Rule), v.Article, v.Practitioner, v.Role, v.Status, v.StatusFrom, v.StatusTo,
					v.EmergencyTest, yuan(v.Fund)})
			}
		}
	case "finding":
		for _, f := range r.Findings {
			out = append(out, []string{f.Period, f.Setl, f.Line, strconv.Itoa(f.Rule), rules[f.Rule].name, f.Role, f.Practitioner, f.Action, f.LiftedBy})
		}
	case "settlement_verdict":
		for _, s := range r.Settlements {
			out = append(out, []string{s.Period, s.Institution, s.Setl, yuan(s.Fund), yuan(s.Pay), yuan(s.Exempt),
				yuan(s.Review), yuan(s.Withhold)})
		}
	case "practitioner_interval":
		for _, i := range r.Intervals {
			out = append(out, []string{i.Practitioner, i.Status, i.From, i.To, i.Institution, i.Snapshot})
		}
	case "institution_period":
		for _, p := range r.Institutions {
			out = append(out, []string{p.Period, p.Institution, p.Name, p.Type, fmt.Sprint(p.Settlements),
				fmt.Sprint(p.Lines), yuan(p.Fund), yuan(p.Pay), yuan(p.Exempt), yuan(p.Review), yuan(p.Withhold),
				yuan(p.Recover), yuan(p.Release)})
		}
	case "statement_line":
		for _, s := range r.Statements {
			out = append(out, []string{s.IssuedIn, s.Period, s.Institution, s.Setl, s.Line, s.Kind, yuan(s.Amount)})
		}
	case "institution_ratio":
		for _, q := range r.Ratios {
			threshold := ""
			if q.Threshold >= 0 {
				threshold = strconv.Itoa(q.Threshold)
			}
			out = append(out, []string{q.Kind, q.Key, q.Institution, strconv.Itoa(q.Number), q.Name,
				fmt.Sprint(q.Numerator), fmt.Sprint(q.Denominator), q.Ratio, q.State, threshold, q.Meets})
		}
	case "points_record":
		for _, e := range r.Points {
			out = append(out, []string{e.Practitioner, e.On[:4], e.On, e.Event, e.Ref, fmt.Sprint(e.Points), fmt.Sprint(e.TotalAfter),
				e.Measure, e.BlockFrom, e.BlockTo, e.Article})
		}
	case "practitioner_file":
		for _, f := range r.Files {
			out = append(out, []string{f.Practitioner, f.Registry, f.Derived, fmt.Sprint(f.Total), f.BlockedTo, f.NextDue, f.NextKind})
		}
	case "deadline":
		for _, x := range r.Deadlines {
			out = append(out, []string{x.Practitioner, x.Kind, x.Due, x.State, x.Article, x.Ref})
		}
	case "institution_blocked_share":
		for _, s := range r.Shares {
			out = append(out, []string{fmt.Sprint(s.Year), s.Institution, fmt.Sprint(s.Registered), fmt.Sprint(s.Blocked), fmt.Sprint(s.Flagged)})
		}
	case "score_metric":
		for _, m := range r.Metrics {
			out = append(out, []string{fmt.Sprint(m.Year), m.Institution, m.Metric, fmt.Sprint(m.Numerator), fmt.Sprint(m.Denominator), m.State})
		}
	default:
		panic("no such table: " + table)
	}
	slices.SortFunc(out, slices.Compare)
	return out
}

func yuan(cents int64) string { return new(big.Rat).SetFrac64(cents, 100).FloatString(2) }
