package jobs

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"claimsaudit/pipeline"
)

// TestScorePapersOfTheYear: `run annual` leaves them behind, the command writes the same to the byte, and what a person
// may have completed is never overwritten.
func TestScorePapersOfTheYear(t *testing.T) {
	o := pointsOffice(t)
	o.writeFile("institution_9.csv", "fixmedins_code,fixmedins_name,fixmedins_type\nP/9,=1+1药店,2\n")
	out := o.run(0, Request{Job: Annual, Year: 2025, AsOf: dateOf(t, "2026-01-10")})
	year := o.path("reports", "2025")
	if got := baseNames(out.Reports); got != "scorecards-2025.xlsx" || filepath.Dir(out.Reports[0]) != year {
		t.Error(got)
	}
	if got := baseNames(out.ScoreForms); !strings.Contains(got, "H1-2025.xlsx") || !strings.Contains(got, "P=2F9-2025.xlsx") {
		t.Error(got)
	}
	aside := filepath.Join(t.TempDir(), "a", "b")
	paths, err := o.ScoreForms(context.Background(), ScoreRequest{Year: 2025, Dir: aside})
	if err != nil || len(paths) != len(out.ScoreForms)+1 {
		t.Fatal(paths, err)
	}
	for _, path := range paths {
		other := filepath.Join(year, filepath.Base(path))
		if a, b := content(t, path), content(t, other); !bytes.Equal(a, b) {
			t.Errorf("%s is not %s", path, other)
		}
	}
	if again := o.run(0, Request{Job: Annual, Year: 2025, AsOf: dateOf(t, "2026-01-10")}); again.Published || !slices.Equal(again.Reports, out.Reports) {
		t.Errorf("nothing new: %+v", again)
	}
	if err := os.Remove(out.Reports[0]); err != nil {
		t.Fatal(err)
	}
	if again := o.run(0, Request{Job: Annual, Year: 2025, AsOf: dateOf(t, "2026-01-10")}); !again.Published || len(existing(out.Reports...)) != 1 {
		t.Errorf("a lost workbook: %+v", again)
	}

	made, err := o.AnnualReports(context.Background(), ScoreRequest{Year: 2025, Institutions: []string{"H1", "H1", "P/9"}})
	if err != nil || len(made) != 2 || made[0].Path != filepath.Join(year, "annual-report-H1-2025.docx") || made[1].State != DocumentWritten {
		t.Fatal(made, err)
	}
	if text := wordsOf(t, made[0].Path); !strings.Contains(text, "（机构编码：H1）2025年度") || !strings.Contains(text, "工作通知（＿＿＿＿＿＿）收悉") /* the notice of that year is not known yet */ {
		t.Error(text)
	}
	if err := os.WriteFile(made[0].Path, []byte("completed by hand"), 0o600); err != nil {
		t.Fatal(err)
	}
	made, err = o.AnnualReports(context.Background(), ScoreRequest{Year: 2025, Institutions: []string{"H1", "P/9"}})
	if err != nil || made[0].State != DocumentBeside || made[1].State != DocumentStood || string(content(t, filepath.Join(year, "annual-report-H1-2025.docx"))) != "completed by hand" {
		t.Error(made, err)
	}
}

func TestScorePapersNobodyCanWrite(t *testing.T) {
	o := pointsOffice(t)
	_, err := o.ScoreForms(context.Background(), ScoreRequest{Year: 2025})
	wantUsage(t, err, "nothing is published yet")
	o.nightly(0, "2025-04-02")
	_, err = o.ScoreForms(context.Background(), ScoreRequest{Year: 2025})
	wantUsage(t, err, "no scorecards of 2025 are published; none of any year", "run annual --year 2025")
	o.run(0, Request{Job: Annual, Year: 2025, AsOf: dateOf(t, "2026-01-10")})
	_, err = o.ScoreForms(context.Background(), ScoreRequest{Year: 2023})
	wantUsage(t, err, "no scorecard for the year 2023", "configs/scorecards")
	_, err = o.ScoreForms(context.Background(), ScoreRequest{Year: 2024})
	wantUsage(t, err, "no scorecards of 2024 are published; there are those of 2025")
	o.writeFile("institution_new.csv", "fixmedins_code,fixmedins_name,fixmedins_type,valid_from\nH77,新设医院,1,2026-03-01\n")
	o.nightly(0, "2026-04-02")
	dir := filepath.Join(t.TempDir(), "none")
	for name, write := range map[string]func(ScoreRequest) error{
		"forms":   func(req ScoreRequest) error { _, err := o.ScoreForms(context.Background(), req); return err },
		"reports": func(req ScoreRequest) error { _, err := o.AnnualReports(context.Background(), req); return err },
	} {
		err := write(ScoreRequest{Year: 2025, Institutions: []string{"H1", "H9\nx", "H77"}, Dir: dir})
		all := pipeline.Flatten(err)
		if len(all) != 2 || !strings.Contains(all[0].Error(), "the registry has no such institution") || !strings.Contains(all[1].Error(), "H77: the institution has no scorecard of 2025; none of any year") {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%s: something was written", name)
		}
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		wantUsage(t, write(ScoreRequest{Year: 2025, Dir: file}), "--out")
	}
	o.Config.Operation.Documents.AnnualPharmacy = "nowhere"
	_, err = o.AnnualReports(context.Background(), ScoreRequest{Year: 2025})
	wantUsage(t, err, "documents.annual_report_pharmacy")
	_, err = CheckDocuments(o.Config)
	wantUsage(t, err, "documents.annual_report_pharmacy")
	own := filepath.Join(t.TempDir(), "own.docx")
	o.Config.Operation.Documents.AnnualPharmacy = own
	writeTemplate(t, own, "{{机构名称}}{{年度}}{{总分}}")
	_, err = CheckDocuments(o.Config)
	wantUsage(t, err, own, "{{总分}}", "known are")
}

func content(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
