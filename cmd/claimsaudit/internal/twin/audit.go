package twin

import (
	"sort"
	"strings"

	"claimsaudit/pipeline"
)

// SettlementVerdict is one effective settlement, in cents:
// Fund = Pay + Exempt + Review + Withhold.
type SettlementVerdict struct {
	Period, Institution, Setl           string
	Fund, Pay, Exempt, Review, Withhold int64
}

// InstitutionPeriod is one institution in one month, in cents. Recover and
// Release are what the statement of the month issued.
type InstitutionPeriod struct {
	Period, Institution, Name, Type     string
	Settlements, Lines                  int64
	Fund, Pay, Exempt, Review, Withhold int64
	Recover, Release                    int64
}

// Result is everything the mart tables of an audit hold.
type Result struct {
	Lines        []LineVerdict
	Findings     []Finding
	Settlements  []SettlementVerdict
	Institutions []InstitutionPeriod
	Intervals    []Interval
	Statements   []StatementRow // all ever issued
	Ratios       []RatioRow     // all ever computed, newest per key
	Points       []PointsEvent
	Files        []FileRow
	Deadlines    []DeadlineRow
	Shares       []ShareRow
	Metrics      []MetricRow // all ever computed, newest per year
}

// Audit judges every effective settlement of every period as of a day (yyyy-MM-dd).
func (w *World) Audit(asOf string) Result {
	c := w.court(asOf)
	res := Result{Intervals: c.registry.intervals(), Statements: w.statements, Files: c.files(), Deadlines: c.deadlines(), Shares: c.shares()}
	for _, d := range c.dossiers {
		res.Points = append(res.Points, d.events...)
	}
	for _, s := range c.settlements {
		if !effectiveSettlement(s) {
			continue
		}
		v := SettlementVerdict{Period: s.month("setl_time"), Institution: s["fixmedins_code"], Setl: s["setl_id"],
			Fund: s.number("fund_pay_sumamt")}
		lines := c.lines[s["setl_id"]]
		if len(lines) == 0 {
			v.Pay = v.Fund
		}
		for i, share := range apportion(v.Fund, lines) {
			verdict, findings := c.judge(s, lines[i])
			verdict.Fund = share
			*v.bucket(verdict.Verdict) += share
			res.Lines = append(res.Lines, verdict)
			res.Findings = append(res.Findings, findings...)
		}
		res.Settlements = append(res.Settlements, v)
	}
	res.Institutions = w.institutionPeriods(res)
	for _, r := range w.ratios {
		res.Ratios = append(res.Ratios, r)
	}
	for _, m := range w.metrics {
		res.Metrics = append(res.Metrics, m)
	}
	return res
}

func (v *SettlementVerdict) bucket(verdict string) *int64 {
	switch verdict {
	case "exempt":
		return &v.Exempt
	case "review":
		return &v.Review
	case "withhold":
		return &v.Withhold
	default:
		return &v.Pay
	}
}

// institutionPeriods adds settlements and issued statements up by month and
// institution. A month without either has no row.
func (w *World) institutionPeriods(res Result) []InstitutionPeriod {
	rows := map[string]*InstitutionPeriod{}
	at := func(period, inst string) *InstitutionPeriod {
		key := period + "|" + inst
		if rows[key] == nil {
			rows[key] = &InstitutionPeriod{Period: period, Institution: inst}
		}
		return rows[key]
	}
	lines := map[string]int64{}
	for _, l := range res.Lines {
		lines[l.Setl]++
	}
	for _, s := range res.Settlements {
		p := at(s.Period, s.Institution)
		p.Settlements++
		p.Lines += lines[s.Setl]
		p.Fund += s.Fund
		p.Pay += s.Pay
		p.Exempt += s.Exempt
		p.Review += s.Review
		p.Withhold += s.Withhold
	}
	for _, s := range res.Statements {
		switch s.Kind {
		case "recover":
			at(s.IssuedIn, s.Institution).Recover += s.Amount
		case "release":
			at(s.IssuedIn, s.Institution).Release += s.Amount
		}
	}
	keys := make([]string, 0, len(rows))
	for k := range rows {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	var out []InstitutionPeriod
	registered := w.institutions()
	for _, k := range keys {
		p := rows[k]
		if inst := institutionOn(registered[p.Institution], lastDay(p.Period)); inst != nil {
			p.Name, p.Type = inst["fixmedins_name"], inst["fixmedins_type"]
		} else {
			p.Name = w.settlementName(p.Institution)
		}
		out = append(out, *p)
	}
	return out
}

// settlementName is what settlements call an institution the registry lacks:
// the first name in the order of setl_id.
func (w *World) settlementName(inst string) string {
	for _, s := range w.sorted("settlement") {
		if s["fixmedins_code"] == inst && s.has("fixmedins_name") {
			return s["fixmedins_name"]
		}
	}
	return ""
}

// lastDay is the last day of a month (yyyy-MM).
func lastDay(period string) Day {
	p, err := pipeline.ParsePeriod(period)
	if err != nil {
		panic(err)
	}
	return MustDay(p.Last().Format("2006-01-02"))
}

// StatementRow is one row of a statement; Amount is in cents and signed.
type StatementRow struct {
	IssuedIn, Period, Institution, Setl, Line, Kind string
	Amount                                          int64
}

// Close issues the statement of a period (yyyy-MM) as of a day and returns its
// rows. A period already closed, by its own statement or a later one, issues nothing.
func (w *World) Close(period, asOf string) []StatementRow {
	for p := range w.closed {
		if p >= period {
			return nil
		}
	}
	w.closed[period] = true

	stands := map[lineKey]int64{}
	for _, v := range w.Audit(asOf).Lines {
		if v.Verdict == "withhold" {
			stands[lineKey{v.Setl, v.Line}] = v.Fund
		}
	}
	var rows []StatementRow
	for _, l := range w.sorted("fee_line") {
		key := lineKey{l["setl_id"], l["feedetl_sn"]}
		s := w.rows["settlement"][key.setl]
		if s == nil {
			continue
		}
		r := StatementRow{IssuedIn: period, Period: s.month("setl_time"), Institution: s["fixmedins_code"],
			Setl: key.setl, Line: key.line, Amount: stands[key] - w.issued[key]}
		switch {
		case r.Amount == 0:
			continue
		case r.Period > period && (r.Amount > 0 || w.issued[key] == 0):
			continue // its own month is still to be closed
		case r.Amount < 0:
			r.Kind = "release"
		case r.Period == period:
			r.Kind = "withhold"
		default:
			r.Kind = "recover"
		}
		rows = append(rows, r)
	}
	for _, r := range rows {
		w.issued[lineKey{r.Setl, r.Line}] += r.Amount
	}
	w.statements = append(w.statements, rows...)
	return rows
}

// sameDayOrBefore compares a typed time with the end of a day.
func sameDayOrBefore(t row, column string, d Day) bool { return t.has(column) && t.day(column) <= d }

// wellFormedTrace tells whether any of the joined codes has exactly 20 digits.
func wellFormedTrace(joined string) bool {
	for part := range strings.SplitSeq(joined, ";") {
		part = strings.Trim(part, " \t")
		if len(part) == 20 && strings.Trim(part, "0123456789") == "" {
			return true
		}
	}
	return false
}
