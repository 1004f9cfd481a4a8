package report

import (
	"html"
	"strings"
	"testing"
	"time"

	"claimsaudit/pipeline"
)

func monthFacts() MonthFacts {
	return MonthFacts{RunFacts: RunFacts{Centre: "样例中心", Job: "monthly", RunID: "monthly-1", ChainHash: "abc", Period: "2025-03",
		AsOf: time.Date(2025, 4, 3, 0, 0, 0, 0, time.UTC)}, LimitMB: 10,
		Report: &Month{&summary{Meta: Meta{Period: pipeline.Period{Year: 2025, Month: 3}, StatementNo: "500105-2025-03"}}}}
}

func TestMonthlyNoticeSaysWhatHappened(t *testing.T) {
	for name, c := range map[string]struct {
		change                  func(*MonthFacts, *summary)
		subject, lead, standing string
	}{
		"nothing": {func(*MonthFacts, *summary) {}, "2025年3月审核报告：本月没有扣款、追回和待复核",
			"本月没有扣款、追回、退还、急诊豁免，也没有待复核的费用。", "通知单 500105-2025-03 已出具，没有内容。"},
		"emergencies only": {func(_ *MonthFacts, s *summary) { s.Total.Exempt = 3000 }, "2025年3月审核报告：本月没有扣款、追回和待复核",
			"本月没有扣款、追回、退还和待复核的费用；急诊豁免 30.00 元，照付。", "通知单 500105-2025-03 已出具，没有内容。"},
		"all kinds": {func(_ *MonthFacts, s *summary) {
			s.Total = amounts{Withhold: 123456789, Recover: 10, Released: -2000, Review: 5}
			s.Stands = 123456789
		},
			"2025年3月审核报告：扣款 1,234,567.89 元，追回 0.10 元，退还 20.00 元，待复核 0.05 元",
			"本月扣款 1,234,567.89 元，追回 0.10 元，退还 20.00 元，待复核 0.05 元。", "通知单 500105-2025-03 已出具。"},
		"to be reviewed only": {func(_ *MonthFacts, s *summary) { s.Total.Review = 5 }, "2025年3月审核报告：没有扣款，待复核 0.05 元",
			"本月没有扣款，待复核 0.05 元。", "通知单 500105-2025-03 已出具，没有内容。"},
		"closed before": {func(f *MonthFacts, s *summary) { s.Total.Withhold, f.IsLaterView = 100, true }, "2025年3月审核报告：扣款 1.00 元（关账后重算）",
			"本月扣款 1.00 元。", "本月已关账，这是截至2025年4月3日的重算，未另出通知单；差额由下一期通知单追回或退还。"},
		"skipped": {func(_ *MonthFacts, s *summary) { s.Total.Withhold, s.Meta.StatementNo = 100, "" }, "2025年3月审核报告：扣款 1.00 元",
			"本月扣款 1.00 元。", "本月由以后月份的通知单关账，没有单独的通知单。"},
	} {
		f := monthFacts()
		c.change(&f, f.Report.summary)
		n, err := MonthlyNotice(f)
		if err != nil || n.Subject != c.subject || n.Lead != c.lead || n.Month.Standing != c.standing {
			t.Errorf("%s: %v\n%s\n%s\n%s", name, err, n.Subject, n.Lead, n.Month.Standing)
		}
	}
}

// The plain text and the page say the same, and a file name is never markup.
func TestNoticeIsWrittenTwice(t *testing.T) {
	f := monthFacts()
	f.Report.summary.Total.Review, f.RejectedRows, f.Missing = 100, 1234, []string{"settlement_500105_202503*: due 2025-04-03"}
	f.Refused = []Trouble{{pipeline.KindBadFile, "<b>settlement</b>.csv", "没有找到列名行"}}
	f.Quarantine = []string{"data/quarantine/fee_line.rejected-7.csv"}
	f.Attached, f.Elsewhere = []string{"claimsaudit-2025-03.html"}, []string{"data/reports/2025-03/claimsaudit-2025-03.xlsx"}
	monthly, err := MonthlyNotice(f)
	if err != nil {
		t.Fatal(err)
	}
	daily, ok := DailyNotice(f.RunFacts)
	if !ok || daily.Subject != "2025年4月3日月度审核简报：1 个文件被拒收，1,234 行数据被拒收，1 个应到文件未到" {
		t.Errorf("%q", daily.Subject)
	}
	for _, n := range []Notice{monthly, daily} {
		r, err := n.Render()
		if err != nil {
			t.Fatal(err)
		}
		text, page := r.Text, r.Page
		all := append(append([]string{n.Title, n.Lead, n.Centre}, n.Matters...), n.Todo...)
		for _, r := range n.Facts {
			all = append(all, r.Label, r.Value)
		}
		if m := n.Month; m != nil {
			all = append(all, m.Standing)
			for _, f := range m.Figures {
				all = append(all, f.Label, f.Now, f.Before, f.Change)
			}
		}
		for _, words := range all {
			if !strings.Contains(unfolded(text), words) || !strings.Contains(html.UnescapeString(page), words) {
				t.Errorf("%q is missing in the text or on the page", words)
			}
		}
		if strings.Contains(page, "<b>settlement") {
			t.Error("a file name became markup")
		}
		if strings.Contains(text, "\n\n\n") || strings.Contains(text, " due ") {
			t.Errorf("%s", text)
		}
	}
}

func TestNothingToTell(t *testing.T) {
	if n, ok := DailyNotice(RunFacts{Job: "nightly"}); ok {
		t.Errorf("%+v", n)
	}
}

// unfolded is the text with its lines as long as they were written.
func unfolded(text string) string { return strings.NewReplacer("\n  ", "", "\n", "").Replace(text) }
