package sqlfiles_test

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"claimsaudit/pipeline/warehouse"
	sqlfiles "claimsaudit/sql"
)

// questions lists the examples for analysts with the columns a person has built a sheet on, and the first row they
// give on the small world of questionWorld.
var questions = map[string]struct {
	columns string
	first   string
}{
	"01_withheld_by_institution.sql": {"period,fixmedins_code,fixmedins_name,withheld_lines,withhold_yuan,fund_yuan,withheld_percent",
		"2025-03,H1,第一医院,1,50,150,33.33"},
	"02_lines_of_one_practitioner.sql": {"practitioner_code,name_masked,service_date,fixmedins_code,setl_id,feedetl_sn,role,verdict,rule,rule_title,article,status,status_from,status_to,recorded_at_institution,snapshot_date,fund_yuan",
		"D3,样＊,2025-03-10,H1,S1,1,bilg_dr,withhold,402,人员支付资格已暂停,19, 50,suspended,2025-03-05,,H1,2025-01-01,50"},
	"03_claims_after_suspension.sql": {"practitioner_code,name_masked,status,status_from,status_to,lines,institutions,fund_yuan,of_which_exempt_yuan,last_service_date",
		"D3,样＊,suspended,2025-03-05,,2,1,80,30,2025-03-11"},
	"04_exempt_emergencies_by_test.sql":   {"period,emergency_test,fixmedins_code,lines,settlements,exempt_yuan", "2025-03,er_flag,H1,1,1,30"},
	"05_review_first.sql":                 {"period,fixmedins_code,setl_id,feedetl_sn,service_date,rule,rule_title,article,practitioner_code,role,fund_yuan", "2025-03,H1,S1,2,2025-03-10,405,人员代码查无登记,10,X9,bilg_dr,50"},
	"06_recover_and_release_by_cause.sql": {"statement_no,kind,cause,claim_period,lines,amount_yuan", "T-2025-03,recover,new_row,2025-02,1,3"},
	"07_ratios_below_threshold.sql": {"window_kind,window_key,fixmedins_code,fixmedins_name,ratio_no,ratio_name,numerator,denominator,ratio,threshold,missing_count",
		"month,2025-03,H1,第一医院,601,insurance_code,0,2,0,50,1"},
	"08_withheld_by_month.sql":      {"period,settlements,fund_yuan,withhold_yuan,change_yuan,review_yuan,exempt_yuan,recover_yuan,release_yuan", "2025-03,2,150,50,,50,30,3,-2"},
	"09_rejected_share_by_file.sql": {"feed,file_name,received_at,rows_read,rejected,rejected_percent,worst_column,replayed_rows", "fee_line,fee_line_500105_202503.csv,2025-04-02 08:00:00,3,2,66.67,pric,0"},
	"10_fund_reconciliation.sql":    {"period,fixmedins_code,settlements,fund_yuan,pay_yuan,exempt_yuan,review_yuan,withhold_yuan,difference_yuan", "2025-03,H1,2,150,20,30,50,50,0"},
}

// questionWorld is one hospital's March with something for every question.
func questionWorld(t *testing.T) string {
	db := fresh(t)
	tables := reference(t)
	for _, file := range csvFiles(t, "testdata/90_query") {
		tables[tableOf(file)] = givenRows(t, db, file)
	}
	audit(t, db, tables)
	return publish(t, db)
}

func TestQuestionsOfAnalysts(t *testing.T) {
	names, err := fs.Glob(sqlfiles.Files, "90_query/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, name := range names {
		files = append(files, path.Base(name))
	}
	if want := slices.Sorted(maps.Keys(questions)); !slices.Equal(files, want) {
		t.Fatalf("90_query holds %v, want %v", files, want)
	}
	mart, err := warehouse.OpenMart(context.Background(), questionWorld(t))
	if err != nil {
		t.Fatal(err)
	}
	defer mart.Close()
	for _, file := range files {
		t.Run(file, func(t *testing.T) {
			text, err := sqlfiles.Text("90_query/" + file)
			if err != nil {
				t.Fatal(err)
			}
			checkQuestion(t, text)
			rows, err := mart.Query(text)
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Close()
			columns, err := rows.Columns()
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(columns, ","); got != questions[file].columns {
				t.Errorf("columns %s", got)
			}
			values := make([]any, len(columns))
			for i := range values {
				values[i] = new(any)
			}
			if !rows.Next() {
				t.Fatal("no rows", rows.Err())
			}
			if err := rows.Scan(values...); err != nil {
				t.Fatal(err)
			}
			if got := firstRow(values); got != questions[file].first {
				t.Errorf("first row\n got %s\nwant %s", got, questions[file].first)
			}
		})
	}
}

func firstRow(values []any) string {
	var row []string
	for _, v := range values {
		text := ""
		if v := warehouse.Plain(*v.(*any)); v != nil {
			text = fmt.Sprint(v)
		}
		if strings.Contains(text, ".") && regexp.MustCompile(`^-?\d+\.\d+$`).MatchString(text) {
			text = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
		}
		row = append(row, text)
	}
	return strings.Join(row, ",")
}

// checkQuestion: a file is pasted into `claimsaudit query` as it stands, so it is one SELECT on the promised schema.
func checkQuestion(t *testing.T, text string) {
	first, rest, _ := strings.Cut(text, "\n")
	if !regexp.MustCompile(`^-- .*\p{Han}.* / .*[a-z].*$`).MatchString(first) {
		t.Errorf("the first line is the question in Chinese / in English: %s", first)
	}
	if !strings.HasPrefix(rest, "SELECT") || strings.Contains(bare(rest), ";") || strings.Contains(rest, "--") {
		t.Error("a question is one SELECT behind one comment line")
	}
	for _, s := range source.FindAllStringSubmatch(bare(rest), -1) {
		if !strings.HasPrefix(s[1], "mart.") {
			t.Errorf("reads %s, which is not promised", s[1])
		}
	}
}
