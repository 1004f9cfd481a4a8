package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

// samplePerson has a block that the registry learnt of late, and a name that is no markup.
func samplePerson() *PersonFile {
	fund := Money(123456)
	source := Evidence{File: "a<b>.csv", Line: 7, Archive: "archive/00/00"}
	return &PersonFile{Code: "D1", Name: `<script>alert("1")</script>`, Type: "1", AsOf: "2025-06-03", ClaimsAsOf: "2025-06-02", Policy: "细则", Centre: "样例中心",
		IsRegistered: true, HasRecord: true, RegistryStatus: "normal", DerivedStatus: "suspended", TotalPoints: 10, BlockedTo: "2025-07-05",
		Registrations: []Registration{{Institution: "H1", InstitutionName: "样例医院", FirstSnapshot: "2025-03-01", LastSnapshot: "2025-05-31", Commitment: "1"}},
		RegistryRows:  []RegistryRow{{Snapshot: "2025-03-01", Institution: "H1", Status: "suspended", Begin: "2025-03-05", End: "2025-04-30", Evidence: source}},
		Comparison: []StatusStretch{{From: "2025-03-05", To: "2025-05-01", Registry: "suspended", Derived: "suspended", Agrees: true},
			{From: "2025-05-01", To: "2025-07-05", Registry: "normal", Derived: "suspended", Rule: 409},
			{From: "2025-07-05", Registry: "normal", Derived: "expired"}},
		Events: []PersonEvent{{Year: 2025, On: "2025-03-05", Kind: "points", RefNo: "J1", Points: 10, TotalAfter: 10, Measure: "suspend", MeasureTitle: "暂停 4 个月",
			BlockFrom: "2025-03-05", BlockTo: "2025-07-05", Article: "32"}, {Year: 2025, On: "2025-03-20", Kind: "repair", RefNo: "X1", Points: -1, TotalAfter: 9, Article: "43"}},
		Blocks:      []PersonBlock{{Measure: "suspend", Title: "暂停 4 个月", RefNo: "J1", DecidedOn: "2025-03-05", From: "2025-03-05", To: "2025-07-05", State: "running"}},
		Decisions:   []PersonDecision{{No: "J1", DecidedOn: "2025-03-05", Article: "32", Item: "a", Points: 10, State: "final", Responsibility: "main", Evidence: source}},
		ClaimTotals: []ClaimTotal{{Period: "2025-03", Institution: "H1", WithholdLines: 2, Withhold: 123456, Recovered: 100}, {Period: "2025-04", Institution: "H1", WithholdLines: 1, Withhold: 1}},
		Lines: []ClaimLine{{Period: "2025-03", Institution: "H1", SetlID: "S1", LineNo: "1", ServiceDate: "2025-03-06", Verdict: "withhold", Rule: 402, RuleTitle: "人员支付资格已暂停",
			Article: "19, 50", OwnRules: "402 bilg_dr; 402 orders_dr; 409 bilg_dr", Fund: &fund}}, LineCount: 3, LineQuery: "claimsaudit query …",
		Deadlines: []PersonDeadline{{Kind: "registry", Title: "维护登记备案状态", Due: "2025-03-14", State: "overdue", Article: "37", RefNo: "J1"}},
	}
}

func renderPerson(t *testing.T, f *PersonFile) string {
	t.Helper()
	var b bytes.Buffer
	if err := WritePerson(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPersonPageSaysItAllAndNeedsNothingFromOutside(t *testing.T) {
	page := renderPerson(t, samplePerson())
	for _, want := range []string{"&lt;script&gt;alert", "a&lt;b&gt;.csv 第 7 行", "2025-05-01 至 2025-07-04", "2025-07-05 起", "始终", "1,234.56", "1,234.57", "第三十七条、第四十八条",
		"402（开单人员、受单人员）；409（开单人员）", "前 1 条，共 3 条", "−1", "主要责任", "记分档案暂停", "维护登记备案状态", "已超期"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	for _, bad := range []string{"<script", "src=", "href=", "url(", "@import", "ZgotmplZ", "<no value>", "%!"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page contains %s", bad)
		}
	}
	if renderPerson(t, samplePerson()) != page {
		t.Error("the same file twice gives other bytes")
	}
	checkNesting(t, page)
}

func TestPersonPageOfWhomNothingIsKept(t *testing.T) {
	page := renderPerson(t, &PersonFile{Code: "D9", AsOf: "2025-06-03", ClaimsAsOf: "2025-06-03", DerivedStatus: "normal"})
	for _, want := range []string{"登记状态与记分档案在所有日期均为正常", "没有待办期限", "没有记分", "没有规则指向本人的费用明细", "登记快照中均没有本人", "未登记"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	checkNesting(t, page)
}

// checkNesting: every element is closed in its place, and every id that is referred to exists.
func checkNesting(t *testing.T, page string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page))
	d.Strict, d.AutoClose, d.Entity = false, []string{"meta", "br", "link", "hr", "img", "input"}, xml.HTMLEntity
	var open, ids, wanted []string
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch x := token.(type) {
		case xml.StartElement:
			open = append(open, x.Name.Local)
			for _, a := range x.Attr {
				switch a.Name.Local {
				case "id":
					ids = append(ids, a.Value)
				case "aria-labelledby":
					wanted = append(wanted, strings.Fields(a.Value)...)
				}
			}
		case xml.EndElement:
			if len(open) == 0 || open[len(open)-1] != x.Name.Local {
				t.Fatalf("</%s> closes %v", x.Name.Local, open)
			}
			open = open[:len(open)-1]
		}
	}
	for _, id := range wanted {
		if !slices.Contains(ids, id) {
			t.Errorf("there is no element %s", id)
		}
	}
}

// TestTimelineHoldsWhatItDraws: no piece leaves the picture, whatever the dates, and borders of one lane do not cut the other.
func TestTimelineHoldsWhatItDraws(t *testing.T) {
	for name, f := range map[string]*PersonFile{
		"a block known late": samplePerson(),
		"three years": {IsRegistered: true, AsOf: "2025-06-03", Comparison: []StatusStretch{
			{From: "2025-03-06", To: "2028-03-06", Registry: "normal", Derived: "terminated"}, {From: "2028-03-06", Registry: "normal", Derived: "expired"}}},
		"open at both ends": {IsRegistered: true, AsOf: "2025-06-03", Comparison: []StatusStretch{{Registry: "terminated", Derived: "normal"}}},
		"ten years ago":     {AsOf: "2025-06-03", Events: []PersonEvent{{On: "2015-02-01", Kind: "points", Points: 3}, {On: "2016-01-01", Kind: "clear", Points: -3}}},
	} {
		line := newTimeline(f)
		for _, lane := range line.Lanes {
			for i, p := range lane.Pieces {
				if p.X < timelineLeft || p.X+p.W > timelineRight+2 || p.W <= 0 {
					t.Errorf("%s: %s lies at %d, %d wide", name, p.Title(), p.X, p.W)
				}
				if i > 0 && lane.Pieces[i-1].X+lane.Pieces[i-1].W > p.X+1 {
					t.Errorf("%s: %s and %s overlap", name, lane.Pieces[i-1].Title(), p.Title())
				}
			}
		}
		if n := len(line.Ticks); n < 2 || n > 26 {
			t.Errorf("%s: %d ticks", name, n)
		}
		if line.Today.X <= timelineLeft || line.Today.X >= timelineRight {
			t.Errorf("%s: the as-of day lies at %d", name, line.Today.X)
		}
	}
	derived := newTimeline(samplePerson()).Lanes[1]
	if len(derived.Pieces) != 2 || !strings.Contains(derived.Pieces[0].Title(), "2025-03-05 至 2025-07-04") {
		t.Errorf("the suspension is cut where the registry changes: %+v", derived.Pieces)
	}
}

func TestMeasureTitles(t *testing.T) {
	for want, got := range map[string]string{"暂停 1 个月": MeasureTitle("suspend", 1), "终止 3 年": MeasureTitle("terminate", 36), "暂停 18 个月": MeasureTitle("suspend", 18), "通报": MeasureTitle("circular", 0)} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
