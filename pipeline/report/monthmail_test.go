package report

import (
	"bytes"
	"context"
	"database/sql"
	"image/png"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// sampleMail is the mail of a mart's March as it is queued.
func sampleMail(t *testing.T, db *sql.DB, meta Meta) (Notice, Rendered) {
	t.Helper()
	month, err := ReadMonth(context.Background(), db, meta)
	if err != nil {
		t.Fatal(err)
	}
	f := MonthFacts{RunFacts: RunFacts{Centre: meta.CentreName, Job: "monthly", RunID: meta.RunID, ChainHash: meta.ChainHash,
		Period: meta.Period.String(), AsOf: meta.AsOf, RejectedRows: 2}, Report: month, LimitMB: 10,
		Attached: []string{"claimsaudit-2025-03.xlsx", "claimsaudit-2025-03.html"}}
	n, err := MonthlyNotice(f)
	if err != nil {
		t.Fatal(err)
	}
	r, err := n.Render()
	if err != nil {
		t.Fatal(err)
	}
	return n, r
}

// The mail of the sample month, word by word.
func TestMonthMail(t *testing.T) {
	n, r := sampleMail(t, sampleMart(t), sampleMeta())
	if want := "2025年3月审核报告：扣款 17,845.78 元，追回 1,000.00 元，退还 250.50 元，待复核 66.60 元"; n.Subject != want {
		t.Errorf("subject %q", n.Subject)
	}
	for name, got := range map[string]string{"testdata/monthmail.golden.html": r.Page, "testdata/monthmail.golden.txt": r.Text} {
		if *update {
			if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got != string(mustRead(t, name)) {
			t.Errorf("the mail differs from %s; look at the difference, then run the test with -update", name)
		}
	}
	if _, again := sampleMail(t, sampleMart(t), sampleMeta()); again.Page != r.Page || again.Text != r.Text || !slices.EqualFunc(again.Pictures, r.Pictures,
		func(a, b Picture) bool { return a.ID == b.ID && bytes.Equal(a.Content, b.Content) }) {
		t.Error("the same data, another mail")
	}
}

// What was maintained, if late, needs nobody any more.
func TestMailAsksForNothingThatIsDone(t *testing.T) {
	db := sampleMart(t)
	exec(t, db, `UPDATE mart.status_not_maintained SET maintained_on = '2025-03-31' WHERE ref_no = 'JF1'`)
	if n, _ := sampleMail(t, db, sampleMeta()); !strings.Contains(strings.Join(n.Matters, "\n"), "逾期未维护登记状态的机构 1 家") {
		t.Errorf("%q", n.Matters)
	}
}

// Every picture is there, is used, is an image, and says in words what it shows.
func TestMailPictures(t *testing.T) {
	n, r := sampleMail(t, sampleMart(t), sampleMeta())
	used := map[string]bool{}
	for _, m := range regexp.MustCompile(`src="([^"]*)"`).FindAllStringSubmatch(r.Page, -1) {
		id, isOurs := strings.CutPrefix(m[1], "cid:")
		if !isOurs {
			t.Errorf("the page fetches %s", m[1])
		}
		used[id] = true
	}
	if len(used) != len(r.Pictures) || len(used) < 4 {
		t.Errorf("%d pictures, %d used", len(r.Pictures), len(used))
	}
	for _, p := range r.Pictures {
		img, err := png.Decode(bytes.NewReader(p.Content))
		if err != nil || img.Bounds().Dx() != barWide || img.Bounds().Dy() != barHigh || len(p.Content) > 2000 || !used[p.ID] {
			t.Errorf("%s: %v, %d bytes", p.Name, err, len(p.Content))
		}
	}
	bars := 0
	for _, c := range n.Month.Charts {
		for _, row := range c.Rows {
			bars++
			if !strings.Contains(row.Alt, row.Value) || !strings.Contains(r.Page, `alt="`+row.Alt+`"`) || !strings.Contains(r.Text, row.Label+"："+row.Value) {
				t.Errorf("%+v", row)
			}
		}
	}
	if bars != 5 { // three rules, two months
		t.Errorf("%d bars", bars)
	}
}

// A bar is as long as its share, never nothing for a cent, never more than the whole.
func TestBarIsAsLongAsItsShare(t *testing.T) {
	for _, c := range []struct {
		part, whole cents
		want        int // pixels of the middle row
	}{{0, 100, 0}, {1, 1_000_000, barHigh}, {50, 100, barWide / 2}, {100, 100, barWide}, {300, 100, barWide}, {0, 0, 0}} {
		p, err := barPicture(toneWithheld, c.part, c.whole)
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(p.Content))
		if err != nil {
			t.Fatal(err)
		}
		got := 0
		for x := range barWide {
			if _, _, _, alpha := img.At(x, barHigh/2).RGBA(); alpha == 0xFFFF {
				got++
			}
		}
		if got != c.want {
			t.Errorf("%d of %d is %d pixels, want %d", c.part, c.whole, got, c.want)
		}
	}
}

// A mail may lie open on any desk: neither persons nor their claims are in it, in no heading, text, page or picture name.
func TestMailNamesNobody(t *testing.T) {
	n, r := sampleMail(t, sampleMart(t), sampleMeta())
	all := n.Subject + r.Text + r.Page
	for _, p := range r.Pictures {
		all += p.Name + p.ID
	}
	for _, private := range []string{longID, secondID, "D500105000123", "D500105000456", "D999999999999", "张*", "欧阳", "S0003", "JF1", "12345678901234567890"} {
		if strings.Contains(all, private) {
			t.Errorf("the mail holds %s", private)
		}
	}
}

// What arrives as a name stays a name, however long and whatever is in it.
func TestMailSurvivesOddNames(t *testing.T) {
	db := sampleMart(t)
	exec(t, db, `UPDATE mart.line_verdict SET fixmedins_code = 'H50010500003' WHERE fixmedins_code = 'P50010500004'`)
	exec(t, db, `UPDATE mart.statement_line SET fixmedins_code = 'H50010500003' WHERE fixmedins_code = 'P50010500004'`)
	_, r := sampleMail(t, db, sampleMeta())
	if strings.Contains(r.Page, "<script") || !strings.Contains(r.Page, "&lt;script&gt;alert(1)") || !strings.Contains(r.Text, markup) {
		t.Error("a name became markup, or is lost")
	}
	if long := longName(); strings.Contains(r.Text, long) || !strings.Contains(unfolded(r.Text), string([]rune(long)[:glanceName])+"…") {
		t.Errorf("a name of %d characters is not shortened", len([]rune(long)))
	}
	wantNarrow(t, r.Text)
}

// wantNarrow reports lines beyond what a terminal shows; only a word may be longer.
func wantNarrow(t *testing.T, text string) {
	t.Helper()
	for line := range strings.SplitSeq(text, "\n") {
		if columnsOf(strings.TrimRight(line, " ")) > textColumns && len(breakable(strings.TrimPrefix(line, "· "))) > 1 {
			t.Errorf("%d columns: %s", columnsOf(line), line)
		}
	}
}

func TestFold(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"short":             {"没有扣款。", "没有扣款。"},
		"Chinese":           {"一二三四五六七", "一二三四五\n六七"},
		"no comma in front": {"一二三四五，六七", "一二三四\n五，六七"},
		"bracket stays":     {"一二三四（五六）", "一二三四\n（五六）"},
		"word stays":        {"路径 reports/2025-03/claimsaudit.xlsx", "路径\nreports/2025-03/claimsaudit.xlsx"},
		"item":              {"· 一二三四五六", "· 一二三四\n  五六"},
		"lines":             {"一\n\n二", "一\n\n二"},
	} {
		if got := fold(c.text, 10); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// A month in which nothing was found, the first there is, has neither bars nor a comparison, and says so.
func TestMailOfAnEmptyFirstMonth(t *testing.T) {
	db := openMart(t)
	exec(t, db, `INSERT INTO mart.statement VALUES ('T-2025-03-01', '2025-03', DATE '2025-04-02', 'run', 0, 0, 0, 0)`)
	n, r := sampleMail(t, db, sampleMeta())
	if n.Subject != "2025年3月审核报告：本月没有扣款、追回和待复核" || len(r.Pictures) != 0 || strings.Contains(r.Page, "<img") ||
		!strings.Contains(unfolded(r.Text), "此前没有通知单，无上期可比。") || strings.Contains(r.Text, "增减") || strings.Contains(r.Text, "\n\n\n") {
		t.Errorf("%q, %d pictures\n%s", n.Subject, len(r.Pictures), r.Text)
	}
	wantNarrow(t, r.Text)
}
