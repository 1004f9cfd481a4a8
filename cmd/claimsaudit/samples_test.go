package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"claimsaudit/pipeline/warehouse"

	"github.com/xuri/excelize/v2"
)

var updateSamples = flag.Bool("update-samples", false, "rewrite samples/expected from what the program says now")

const samplesDir = "../../samples"

// sampleMonths are closed in this order, as samples/README.md says.
var sampleMonths = []struct{ period, asOf string }{
	{"2025-03", "2025-04-02"}, {"2025-04", "2025-05-06"}, {"2025-05", "2025-06-03"},
}

// sampleNow is the day the samples are run on, a moment whose date differs between Shanghai and UTC.
var sampleNow = time.Date(2025, 6, 3, 17, 30, 0, 0, time.UTC)

// sampleTables are what samples/expected holds of each closed month; $1 is the month. Run numbers, times and hashes are
// left out, and of settlements all that were paid in full, of practitioners all of whom nothing is recorded.
var sampleTables = []struct{ name, query string }{
	{"line_verdict", `SELECT period, fixmedins_code, setl_id, feedetl_sn, service_date, verdict, rule, article, practitioner_code, role, status,
  status_from, status_to, emergency_test, fund_yuan FROM mart.line_verdict WHERE $1 <> '' ORDER BY ALL`},
	{"finding", `SELECT period, setl_id, feedetl_sn, rule, rule_name, role, practitioner_code, action, lifted_by FROM mart.finding
WHERE $1 <> '' ORDER BY ALL`},
	{"settlement_verdict", `SELECT period, fixmedins_code, setl_id, fund_yuan, pay_yuan, exempt_yuan, review_yuan, withhold_yuan
FROM mart.settlement_verdict WHERE $1 <> '' AND pay_yuan <> fund_yuan ORDER BY ALL`},
	{"institution_period", `SELECT period, fixmedins_code, fixmedins_name, fixmedins_type, settlements, lines, fund_yuan, pay_yuan, exempt_yuan,
  review_yuan, withhold_yuan, recover_yuan, release_yuan FROM mart.institution_period WHERE $1 <> '' ORDER BY ALL`},
	{"statement_line", `SELECT statement_no, issued_in, period, fixmedins_code, setl_id, feedetl_sn, kind, amount_yuan, cause
FROM mart.statement_line WHERE $1 <> '' ORDER BY ALL`},
	{"institution_ratio", ratioQuery},
	{"institution_ratio_year", `SELECT window_key, fixmedins_code, ratio_no, ratio_name, numerator, denominator, ratio, state, threshold, meets
FROM mart.institution_ratio WHERE window_kind = 'year' AND window_key = left($1, 4) ORDER BY ALL`},
	{"practitioner_interval", `SELECT practitioner_code, status, valid_from, valid_to, recorded_at_institution, snapshot_date
FROM mart.practitioner_interval WHERE $1 <> '' ORDER BY ALL`},
	{"points_record", `SELECT practitioner_code, year, on_date, event, ref_no, points, total_after, measure, block_from, block_to, article
FROM mart.points_record WHERE $1 <> '' ORDER BY practitioner_code, event_no`},
	{"points_matter", `SELECT practitioner_code, feed, ref_no, on_date, reason, title, article, counted_with FROM mart.points_matter
WHERE $1 <> '' ORDER BY ALL`},
	{"practitioner_file", `SELECT practitioner_code, name_masked, institutions, registry_status, derived_status, total_points, blocked_to,
  next_deadline, next_deadline_kind FROM mart.practitioner_file
WHERE $1 <> '' AND (registry_status IS DISTINCT FROM 'normal' OR derived_status <> 'normal' OR total_points > 0) ORDER BY ALL`},
	{"deadline", `SELECT practitioner_code, kind, title, due_on, state, article, ref_no, note FROM mart.deadline WHERE $1 <> '' ORDER BY ALL`},
	{"institution_blocked_share", `SELECT year, fixmedins_code, registered, blocked, flagged FROM mart.institution_blocked_share
WHERE $1 <> '' ORDER BY ALL`},
	{"status_not_maintained", `SELECT fixmedins_code, practitioner_code, ref_no, measure, block_from, block_to, notice_on, due_on, maintained_on,
  lines, fund_yuan, late_lines, late_fund_yuan, article FROM mart.status_not_maintained WHERE $1 <> '' ORDER BY ALL`},
	{"early_warning", `SELECT kind, title, fixmedins_code, practitioner_code, on_date, total_points, registered, blocked, article
FROM mart.early_warning WHERE $1 <> '' ORDER BY ALL`},
	{"indicator_evidence", `SELECT year, fixmedins_code, indicator_no, part, value, count, yes_no, event_on, document_no, entered_by_masked, entered_at,
  is_current, file_name, line_no FROM mart.indicator_evidence WHERE $1 <> '' ORDER BY ALL`},
	{"self_report", `SELECT year, fixmedins_code, report_item, figure, indicator_no, self_score, reported_at, is_current FROM mart.self_report
WHERE $1 <> '' ORDER BY ALL`},
	{"score_metric", `SELECT year, fixmedins_code, metric, title, numerator, denominator, state FROM mart.score_metric
WHERE $1 <> '' AND (fixmedins_code IN ('H50010500001', 'H50010500010', 'H50010500025', 'P50010500001') OR metric IN ('late_change', 'uncoded_person') AND numerator > 0) ORDER BY ALL`},
	{"score_case", `SELECT year, fixmedins_code, metric, kind, title, on_date, due_on, seen_on, practitioner_code, ref_no, med_list_codg, setl_id, feedetl_sn,
  price, limit_price, lines, amount_yuan FROM mart.score_case WHERE $1 <> '' ORDER BY ALL`},
	{"scorecard", `SELECT year, fixmedins_code, indicator_no, title, method, max_points, score, lowest, highest, vetoed, source, evidence, self_score, state
FROM mart.scorecard WHERE $1 <> '' AND fixmedins_code IN ('H50010500001', 'H50010500010', 'P50010500001') ORDER BY ALL`},
	{"scorecard_total", `SELECT year, fixmedins_code, total, lowest, highest, vetoed, vetoes, missing, self_total, decision, card, stands_in, window_key, state
FROM mart.scorecard_total WHERE $1 <> '' ORDER BY ALL`},
	{"scorecard_step", `SELECT year, fixmedins_code, step_no, indicator_no, kind, gain, step FROM mart.scorecard_step
WHERE $1 <> '' AND fixmedins_code IN ('H50010500001', 'H50010500010', 'P50010500001') ORDER BY year, fixmedins_code, step_no`},
	{"rejected_row", `SELECT file_name, feed, line_no, column_name, reason, raw, replayed_in FROM mart.rejected_row WHERE $1 <> '' ORDER BY ALL`},
	{"delivered_file", `SELECT file_name, feed, encoding, rows_read, loaded, superseded, duplicate, rejected, amount_yuan
FROM mart.delivered_file WHERE $1 <> '' ORDER BY ALL`},
	{"data_quality", `SELECT kind, title, period, setl_id, feedetl_sn, note FROM mart.data_quality WHERE $1 <> '' ORDER BY ALL`},
}

const ratioQuery = `SELECT window_kind, window_key, fixmedins_code, ratio_no, ratio_name, numerator, denominator, ratio, state, threshold, meets
FROM mart.institution_ratio WHERE window_kind IN ('month', 'ytd') AND window_key = $1 ORDER BY ALL`

// TestSamples closes the three sample months one after the other, compares every table with samples/expected, and what
// people sign with the tables.
func TestSamples(t *testing.T) {
	s := newSite(t)
	for i, m := range sampleMonths {
		s.closeSample(t, m.period, m.asOf)
		mart, err := warehouse.OpenMart(t.Context(), filepath.Join(s.data, "published", "analyst.duckdb"))
		if err != nil {
			t.Fatal(err)
		}
		defer mart.Close()
		for _, table := range sampleTables {
			compareSample(t, m.period, table.name, queryCSV(t, mart, table.query, m.period))
		}
		for _, past := range sampleMonths[:i] { // past windows stay as they were computed
			compareSample(t, past.period, "institution_ratio", queryCSV(t, mart, ratioQuery, past.period))
		}
		checkReports(t, mart, s.data, m.period)
		checkPublishedScores(t, mart, m.period, m.asOf)
		if left := filesIn(t, s.inbox); m.period == "2025-03" && !slices.Equal(left, []string{"note_to_centre.txt"}) || i > 0 && len(left) > 0 {
			t.Errorf("%s: left in the inbox: %v", m.period, left)
		}
	}
}

// TestSampleReportsAreRepeatable: another office with the same deliveries signs the same bytes.
func TestSampleReportsAreRepeatable(t *testing.T) {
	one, other := newSite(t), newSite(t)
	delete(other.env, "CLAIMSAUDIT_PSEUDONYM_KEY") // makes a key of its own, which no report may depend on
	for _, m := range sampleMonths[:2] {
		one.closeSample(t, m.period, m.asOf)
		other.closeSample(t, m.period, m.asOf)
		for _, file := range []string{"claimsaudit-%s.xlsx", "claimsaudit-%s.html", "points-report-%s.xlsx", "handover-health-%s.xlsx", "handover-drug-%s.xlsx"} {
			name := filepath.Join("reports", m.period, fmt.Sprintf(file, m.period))
			a, errA := os.ReadFile(filepath.Join(one.data, name))
			b, errB := os.ReadFile(filepath.Join(other.data, name))
			if err := errors.Join(errA, errB); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(a, b) {
				t.Errorf("%s: %d and %d bytes, not the same", name, len(a), len(b))
			}
		}
	}
}

// closeSample runs a sample month at sampleNow.
func (s *site) closeSample(t *testing.T, period, asOf string) {
	t.Helper()
	if err := os.RemoveAll(s.inbox); err != nil {
		t.Fatal(err)
	}
	s.deliver(t, filepath.Join(samplesDir, "inbox", period))
	var stdout, stderr bytes.Buffer
	a := &app{env: s.env, stdout: &stdout, stderr: &stderr, clock: func() time.Time { return sampleNow }}
	root := a.rootCommand()
	root.SetArgs([]string{"run", "monthly", "--period", period, "--as-of", asOf})
	if err := root.ExecuteContext(context.Background()); err != nil {
		t.Fatalf("%s: %v\n%s%s", period, err, &stdout, &stderr)
	}
}

// filesIn lists the files below a folder.
func filesIn(t *testing.T, root string) (names []string) {
	t.Helper()
	if err := fs.WalkDir(os.DirFS(root), ".", func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			names = append(names, path)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return names
}

// queryCSV is a query's answer as it lies in samples/expected.
func queryCSV(t *testing.T, mart *sql.DB, query string, args ...any) []byte {
	t.Helper()
	rows, err := mart.Query(query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var out bytes.Buffer
	if err := writeCSV(&out, rows); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func compareSample(t *testing.T, period, table string, got []byte) {
	t.Helper()
	path := filepath.Join(samplesDir, "expected", period, table+".csv")
	if *updateSamples {
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, got, 0o644)); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("%v: go test ./cmd/claimsaudit -run TestSamples -update-samples writes it", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	compareRows(t, period+", "+table, records(t, got), records(t, want))
}

func records(t *testing.T, text []byte) [][]string {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// sampleTotals are a month's amounts in the order of the workbook's columns.
const sampleTotals = `SELECT sum(settlements), sum(lines), sum(fund_yuan), sum(pay_yuan), sum(exempt_yuan), sum(review_yuan), sum(withhold_yuan),
  sum(recover_yuan), sum(release_yuan) FROM mart.institution_period WHERE period = $1`

// checkReports compares what people sign with the tables: every total, in the page and in the workbook's cells.
func checkReports(t *testing.T, mart *sql.DB, data, period string) {
	t.Helper()
	totals := records(t, queryCSV(t, mart, sampleTotals, period))[1]
	base := filepath.Join(data, "reports", period, "claimsaudit-"+period)
	page, err := os.ReadFile(base + ".html")
	if err != nil {
		t.Fatal(err)
	}
	for _, total := range totals {
		if !bytes.Contains(page, []byte(grouped(total))) {
			t.Errorf("%s: the page does not say %s", period, grouped(total))
		}
	}
	book, err := excelize.OpenFile(base + ".xlsx")
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	checkFront(t, book, period, totals)
	for i, column := range []string{"结算笔数", "明细条数", "申报基金金额", "支付", "急诊豁免", "待复核", "扣款", "追回", "退还"} {
		sameAmount(t, period+", sheet 机构, "+column, columnSum(t, book, "机构", column), totals[i])
	}
	for sheet, total := range map[string]string{"豁免明细": totals[4], "复核明细": totals[5], "扣款明细": totals[6]} {
		sameAmount(t, period+", sheet "+sheet, columnSum(t, book, sheet, "基金金额（元）"), total)
	}
	issued := records(t, queryCSV(t, mart, "SELECT coalesce(sum(amount_yuan), 0), count(*) FROM mart.statement_line WHERE issued_in = $1", period))[1]
	sameAmount(t, period+", sheet 通知单", columnSum(t, book, "通知单", "金额（元）"), issued[0])
	sameAmount(t, period+", sheet 通知单, lines", columnSum(t, book, "通知单", "条数"), issued[1])
	for sheet, total := range map[string]string{"追回明细": totals[7], "退还明细": totals[8]} {
		sameAmount(t, period+", sheet "+sheet, columnSum(t, book, sheet, "金额（元）"), total)
	}
}

// checkFront reads the first sheet's figures as a viewer without formulas shows them.
func checkFront(t *testing.T, book *excelize.File, period string, totals []string) {
	t.Helper()
	rows, err := book.GetRows("封面", excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	for i, label := range []string{"结算笔数", "明细条数", "申报基金金额", "支付", "急诊豁免", "待复核", "扣款", "追回", "退还"} {
		found := false
		for _, row := range rows {
			if len(row) > 1 && row[0] == label {
				sameAmount(t, period+", sheet 封面, "+label, row[1], totals[i])
				found = true
				break // a label comes again in the tables below
			}
		}
		if !found {
			t.Errorf("%s: sheet 封面 has no %s", period, label)
		}
	}
}

// columnSum adds up a column of a list without its total row.
func columnSum(t *testing.T, book *excelize.File, sheet, title string) string {
	t.Helper()
	rows, err := book.GetRows(sheet, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	column := -1
	for i, cell := range rows[0] {
		if cell == title {
			column = i
		}
	}
	if column < 0 {
		t.Fatalf("sheet %s has no column %s: %v", sheet, title, rows[0])
	}
	var sum float64
	for _, row := range rows[1:] {
		if row[0] == "合计" || len(row) <= column {
			continue
		}
		n, err := strconv.ParseFloat(row[column], 64)
		if err != nil {
			t.Fatalf("sheet %s, column %s: %v", sheet, title, err)
		}
		sum += n
	}
	return strconv.FormatFloat(sum, 'f', 2, 64)
}

func sameAmount(t *testing.T, what, got, want string) {
	t.Helper()
	a, errA := strconv.ParseFloat(got, 64)
	b, errB := strconv.ParseFloat(want, 64)
	if errA != nil || errB != nil || fmt.Sprintf("%.2f", a) != fmt.Sprintf("%.2f", b) {
		t.Errorf("%s: %q, the tables say %q", what, got, want)
	}
}

// grouped writes 1234.50 as 1,234.50.
func grouped(amount string) string {
	whole, rest, hasRest := strings.Cut(strings.TrimPrefix(amount, "-"), ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if hasRest {
		whole += "." + rest
	}
	if strings.HasPrefix(amount, "-") {
		whole = "-" + whole
	}
	return whole
}
