package jobs

import (
	"strings"
	"testing"

	"claimsaudit/pipeline"
	"claimsaudit/pipeline/mail/mailtest"
)

// TestDeadlinesAreMailedOnceInEachState: the daily mail counts what became due, overdue or is about to start, and names nobody.
func TestDeadlinesAreMailedOnceInEachState(t *testing.T) {
	o := newMailOffice(t)
	o.deliverFiles()
	o.writeFile("points_decision_1.csv", decisionHead+
		"J1,D1,2025-03-31,31,a,9,final,2025-04-08,2025-03-31\n"+ // registry by 2025-04-08, begins that day
		"J2,D2,2025-03-28,29,a,1,final,,\n") // notice by 2025-04-07
	night := func(day, want string) {
		t.Helper()
		at := dateOf(t, day)
		o.now = pipeline.Period{Year: at.Year(), Month: at.Month()}.First().In(pipeline.Shanghai).AddDate(0, 0, at.Day()-1)
		before := len(o.server.Received())
		o.nightly(0, day)
		var got []string
		for _, m := range o.server.Received()[before:] {
			parsed := mailtest.Parse(t, m.Raw)
			_, subject, _ := strings.Cut(parsed.Subject, "：")
			got = append(got, subject)
			if strings.Contains(parsed.Text+parsed.HTML, "D1") || !strings.Contains(parsed.Text, "mart.deadline") {
				t.Errorf("%s:\n%s", day, parsed.Text)
			}
		}
		if strings.Join(got, "\n") != want {
			t.Errorf("%s: mailed %q, want %q", day, got, want)
		}
	}
	night("2025-04-01", "期限一周内到期 1 项")
	night("2025-04-02", "期限一周内到期 1 项，一周内开始执行 1 项")
	night("2025-04-03", "")
	night("2025-04-09", "期限超期 2 项")
	night("2025-04-10", "")
}
