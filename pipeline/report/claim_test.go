package report

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	osexec "os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

const formulaDrug = `=HYPERLINK("http://example.invalid","阿莫西林")`

// sampleClaim has every kind, a drug that looks like a formula, a name with markup, a rule nobody holds any more and a
// line that waits for a person.
func sampleClaim() *Claim {
	c := &Claim{Meta: sampleMeta(), Number: "样例结通〔2025〕T-2025-03-01-H50010500001号", FileName: "H50010500001-2025-03", Code: "H50010500001", Name: markup,
		PolicyNo: "渝医保发〔2025〕7号", Office: Office{Issuer: "样例区医疗保障事务中心", Seal: "（印章）", Phone: "023-0000 0000"},
		Dated: date("2025-04-02"), ObjectUntil: date("2025-04-17"), ObjectWorkdays: 10}
	line := func(kind, period, setl, no string, rule int, cents int64) StatementLine {
		l := StatementLine{Kind: kind, Period: period, SetlID: setl, LineNo: no, ServiceDay: date(period + "-05"), ItemCode: "XA01", Item: "样例注射液",
			Rule: rule, Cents: cents}
		switch rule {
		case 402:
			l.Person, l.PersonName, l.Role, l.Status, l.StatusFrom = "D500105000123", "张＊", "bilg_dr", "suspended", date("2025-03-01")
			l.RuleTitle, l.Article, l.Reason = "人员支付资格已暂停", "19, 50", "服务当日该人员处于支付资格暂停期，基金不付。"
		case 404:
			l.RuleTitle, l.Article = "机构医保协议中止或解除", "21"
		case 405:
			l.Person, l.RuleTitle, l.Article = "D999999999999", "人员代码未登记备案", "10"
		}
		return l
	}
	c.Lines = []StatementLine{line("release", "2025-02", "S0003", "1", 0, -25050), line("withhold", "2025-03", longID, "2", 402, 1),
		line("withhold", "2025-03", longID, "1", 402, 1234567), line("recover", "2025-02", "S0002", "7", 402, 100000), line("withhold", "2025-03", secondID, "1", 404, 400010)}
	c.Lines[0].Cause, c.Lines[0].EarlierNotice, c.Lines[3].Cause = "review_decision", "T-2025-02-01", "status_learnt_late"
	c.Lines[2].Item, c.Lines[1].Item, c.Lines[1].ItemCode, c.Lines[4].Item = formulaDrug, "", "XB02", "<b>胶囊</b>&\t片"
	c.Review = []StatementLine{line("review", "2025-03", "S3", "1", 405, 6660)}
	c.Tally()
	return c
}

func claimBook(t *testing.T, c *Claim) string {
	t.Helper()
	dir := t.TempDir()
	content, err := c.Book(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, c.FileName+".xlsx")
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func claimPage(t *testing.T, c *Claim, most int) string {
	t.Helper()
	p, err := NewClaimPage()
	if err != nil {
		t.Fatal(err)
	}
	page, err := p.write(c, most)
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

// unzipped is one part of a workbook, unzipped.
func unzipped(t *testing.T, path, name string) []byte {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	content, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// wantGolden compares with a file under testdata; XML is broken into lines, so that a difference can be read.
func wantGolden(t *testing.T, name string, content []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if strings.HasSuffix(name, ".xml") {
		content = bytes.ReplaceAll(content, []byte("><"), []byte(">\n<"))
	}
	if *update {
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(content, mustRead(t, path)) {
		t.Errorf("%s is another one; look at the difference, then run the test with -update", path)
	}
}

func TestStatementOfAnInstitutionIsGolden(t *testing.T) {
	c := sampleClaim()
	book := claimBook(t, c)
	wantGolden(t, "claim.front.golden.xml", unzipped(t, book, "xl/worksheets/sheet1.xml"))
	wantGolden(t, "claim.lines.golden.xml", unzipped(t, book, "xl/worksheets/sheet2.xml"))
	page := claimPage(t, c, claimPageLines)
	wantGolden(t, "claim.golden.html", []byte(page))
	if again := claimBook(t, sampleClaim()); !bytes.Equal(mustRead(t, book), mustRead(t, again)) {
		t.Error("the same statement twice makes two different workbooks")
	}
	for _, bad := range []string{"<script", "<b>", "http", "src=", "url("} {
		if strings.Contains(strings.ReplaceAll(page, `=HYPERLINK(&#34;http://example.invalid`, ""), bad) {
			t.Errorf("the page holds %s", bad)
		}
	}
}

// TestStatementSumsAreThoseOfLibreOffice: without the stored values the office's program computes the same ones.
func TestStatementSumsAreThoseOfLibreOffice(t *testing.T) {
	c := sampleClaim()
	path := filepath.Join(t.TempDir(), "H-2025-03.xlsx")
	if err := os.WriteFile(path, withoutValues(t, claimBook(t, c)), 0o600); err != nil {
		t.Fatal(err)
	}
	sheets := byLibreOffice(t, path)
	front := sheets["H "+claimSheet]
	for _, want := range [][]string{
		{"扣款", "本期结算中不予支付的费用", "", "", "", "3", "16345.78"},
		{"追回", "以前期间已支付、本期通知追回的费用", "", "", "", "1", "1000"},
		{"退还", "以前通知、现不再成立的扣款或追回，以负数表示", "", "", "", "1", "-250.5"},
		{"合计", "", "", "", "", "5", "17095.28"},
		{"402 人员支付资格已暂停", "第十九条、第五十条", "3", "12345.68", "1000", "0", "13345.68"},
		{"404 机构医保协议中止或解除", "第二十一条", "1", "4000.1", "0", "0", "4000.1"},
		{nothingStands, "", "1", "0", "0", "-250.5", "-250.5"},
		{"合计", "", "5", "16345.78", "1000", "-250.5", "17095.28"},
		{"合计与逐条明细相符。"},
	} {
		if !slices.ContainsFunc(front, func(row []string) bool { return len(row) >= len(want) && slices.Equal(row[:len(want)], want) }) {
			t.Errorf("no row %q in\n%q", want, front)
		}
	}
	lines := sheets["H "+claimLinesSheet]
	if got := line(t, lines, "扣款", "2025-03", longID, "1"); got != "扣款|2025-03|"+longID+"|1|2025-03-05|"+formulaDrug+"（XA01）|张＊（D500105000123）|暂停，2025-03-01 起|402 人员支付资格已暂停|第十九条、第五十条||12345.67" {
		t.Error(got)
	}
	if got := line(t, lines, "退还"); got != "退还|2025-02|S0003|1|2025-02-05|样例注射液（XA01）|||"+nothingStands+"||人工复核决定；原通知单 T-2025-02-01|-250.5" {
		t.Error(got)
	}
	if got := line(t, sheets["H "+claimReviewSheet], "合计"); got != "合计|||||||||66.6" {
		t.Error(got)
	}
	if !strings.Contains(front[4][0], markup) {
		t.Errorf("addressee %q", front[4])
	}
}

// withoutValues is the workbook with the stored value of every formula taken out.
func withoutValues(t *testing.T, path string) []byte {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var out bytes.Buffer
	w, taken := zip.NewWriter(&out), 0
	for _, f := range z.File {
		content := unzipped(t, path, f.Name)
		stored := regexp.MustCompile(`(</f>)<v>[^<]*</v>`)
		taken += len(stored.FindAll(content, -1))
		dst, err := w.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := dst.Write(stored.ReplaceAll(content, []byte("$1"))); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil || taken == 0 {
		t.Fatalf("%d formulas, %v", taken, err)
	}
	return out.Bytes()
}

// TestStatementPageHoldsWhatTheWorkbookHolds: the same lines and sums; beyond what can be printed it says so.
func TestStatementPageHoldsWhatTheWorkbookHolds(t *testing.T) {
	c := sampleClaim()
	page := claimPage(t, c, claimPageLines)
	for _, want := range []string{c.Withheld.String(), c.Recovered.String(), c.Released.String(), c.Net.String(), "应从你单位的医保基金支付中扣减 17,095.28 元", "2025年4月17日（含当日", "第 10 个工作日",
		longID, secondID, "S0002", "S0003", "原通知单 T-2025-02-01", "T-2025-03-01", c.RunID, c.ChainHash, "023-0000 0000", byHand, "服务当日该人员处于支付资格暂停期", "待复核（未计入本通知书的金额）", "66.60"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	short := claimPage(t, c, 2)
	if !strings.Contains(short, "另有 1 条见同名工作簿（H50010500001-2025-03.xlsx）；合计为全部 3 条") || !strings.Contains(short, "17,095.28") || strings.Contains(short, "S0003") {
		t.Error("a page cut short does not say so, or loses its sums")
	}
}

// TestStatementGoesOnInTheNextSheet: the sums of the front sheet reach over all sheets of lines.
func TestStatementGoesOnInTheNextSheet(t *testing.T) {
	c := sampleClaim()
	content, err := c.book(context.Background(), t.TempDir(), limits{sheetRows: 2})
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(content), excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if n := len(f.GetSheetList()); n != 5 {
		t.Errorf("sheets %q", f.GetSheetList())
	}
	if n := checkFormulas(t, f); n < 20 {
		t.Errorf("%d formulas", n)
	}
}

func TestOddInstitutions(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Claim)
		want   string
	}{
		"no name":         {func(c *Claim) { c.Name = "" }, "（名称未登记）（H50010500001）："},
		"200 characters":  {func(c *Claim) { c.Name = longName() }, longName()},
		"a line break":    {func(c *Claim) { c.Name = "甲\n乙" }, "甲 乙（"},
		"only given back": {func(c *Claim) { c.Lines = c.Lines[:1] }, "应退还你单位 250.50 元"},
		"all comes to 0": {func(c *Claim) {
			c.Lines = c.Lines[:1]
			c.Lines = append(c.Lines, c.Lines[0])
			c.Lines[1].Kind, c.Lines[1].Cents = "recover", 25050
		}, "合计为 0 元"},
		"only to review":    {func(c *Claim) { c.Lines = nil }, "合计为 0 元"},
		"nothing to review": {func(c *Claim) { c.Review = nil }, "17,095.28"},
		"codes in footers":  {func(c *Claim) { c.Number, c.ChainHash = strings.Repeat("&P", 100), strings.Repeat("f", 64) }, "&amp;P&amp;P"},
		"no day":            {func(c *Claim) { c.Lines[0].ServiceDay = time.Time{} }, "<td>—"},
	} {
		t.Run(name, func(t *testing.T) {
			x := sampleClaim()
			x.Kinds, x.Rules, x.InReview = nil, nil, 0
			c.change(x)
			x.Tally()
			if page := claimPage(t, x, claimPageLines); !strings.Contains(page, c.want) {
				t.Errorf("the page lacks %s", c.want)
			}
			book := claimBook(t, x)
			checkFormulas(t, openBook(t, book))
			footer := regexp.MustCompile(`<oddFooter>([^<]*)`).FindStringSubmatch(string(unzipped(t, book, "xl/worksheets/sheet1.xml")))
			if len(footer) != 2 || !strings.Contains(footer[1], x.ChainHash) {
				t.Errorf("footer %q", footer)
			}
		})
	}
}

// openLocked lets LibreOffice open a workbook with a password, as a person does, and save its first sheet as text. Its
// command line has no way to say a password.
const openLocked = `Sub Main(sSource As String, sPassword As String, sTarget As String)
  On Error Resume Next ' else an error opens a window that nobody sees
  Dim aHow(1) As New com.sun.star.beans.PropertyValue
  aHow(0).Name = "Hidden"
  aHow(0).Value = True
  aHow(1).Name = "Password"
  aHow(1).Value = sPassword
  oBook = StarDesktop.loadComponentFromURL(ConvertToURL(sSource), "_blank", 0, aHow())
  Dim aAs(1) As New com.sun.star.beans.PropertyValue
  aAs(0).Name = "FilterName"
  aAs(0).Value = "Text - txt - csv (StarCalc)"
  aAs(1).Name = "FilterOptions"
  aAs(1).Value = "44,34,76"
  oBook.storeToURL(ConvertToURL(sTarget), aAs())
  oBook.close(True)
End Sub`

// TestLockedWorkbookOpensWithItsPassword: in Go and in LibreOffice; not without it, and not the same bytes twice, since
// the salt is drawn anew.
func TestLockedWorkbookOpensWithItsPassword(t *testing.T) {
	const password = "Tür-42号"
	book := claimBook(t, sampleClaim())
	locked, err := Protect(mustRead(t, book), password)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := Protect(mustRead(t, book), password); err != nil || bytes.Equal(locked, again) {
		t.Errorf("twice the same bytes: %v", err)
	}
	if _, err := excelize.OpenReader(bytes.NewReader(locked)); err == nil {
		t.Error("it opens without the password")
	}
	f, err := excelize.OpenReader(bytes.NewReader(locked), excelize.Options{Password: password})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if !slices.Contains(f.GetSheetList(), claimLinesSheet) {
		t.Errorf("%q", f.GetSheetList())
	}
	path := filepath.Join(t.TempDir(), "locked.xlsx")
	if err := os.WriteFile(path, locked, 0o600); err != nil {
		t.Fatal(err)
	}
	open := officeWithMacro(t, openLocked)
	if text := open(path, password); !strings.Contains(text, claimTitle) || !strings.Contains(text, "17,095.28") {
		t.Errorf("LibreOffice shows %q", text)
	}
	if text := open(path, "another"); text != "" {
		t.Errorf("with another password LibreOffice shows %q", text)
	}
}

// officeWithMacro gives LibreOffice a macro of its user's and returns what calls it: with a workbook and a password it
// returns the text the macro wrote, "" if it wrote none.
func officeWithMacro(t *testing.T, macro string) func(path, password string) string {
	t.Helper()
	dir := t.TempDir()
	office := func(args ...string) {
		args = append([]string{"-env:UserInstallation=file://" + filepath.Join(dir, "profile"), "--headless", "--norestore"}, args...)
		if out, err := osexec.CommandContext(t.Context(), "soffice", args...).CombinedOutput(); err != nil {
			t.Fatalf("soffice: %v: %s", err, out)
		}
	}
	office("--terminate_after_init") // makes the profile, with an empty library over whatever lies there
	library := filepath.Join(dir, "profile", "user", "basic", "Standard")
	for name, content := range map[string]string{
		"script.xlb": `<library:library xmlns:library="http://openoffice.org/2000/library" library:name="Standard" library:readonly="false" library:passwordprotected="false"><library:element library:name="Locked"/></library:library>`,
		"Locked.xba": `<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Locked" script:language="StarBasic">` +
			strings.ReplaceAll(macro, `"`, "&quot;") + `</script:module>`,
	} {
		if err := os.WriteFile(filepath.Join(library, name), []byte(`<?xml version="1.0" encoding="UTF-8"?>`+"\n"+content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return func(path, password string) string {
		target := filepath.Join(dir, "out.csv")
		office(fmt.Sprintf(`macro:///Standard.Locked.Main("%s","%s","%s")`, path, password, target))
		text, err := os.ReadFile(target)
		if err != nil {
			return ""
		}
		if err := os.Remove(target); err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
}

// BenchmarkStatements renders a month of 600 institutions with 20,000 lines, both forms, on all processors.
func BenchmarkStatements(b *testing.B) {
	page, err := NewClaimPage()
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			c := sampleClaim()
			for i := range 28 {
				l := c.Lines[i%5]
				l.LineNo += strconv.Itoa(i)
				c.Lines = append(c.Lines, l)
			}
			c.Kinds, c.Rules, c.InReview = nil, nil, 0
			c.Tally()
			if _, err := c.Book(context.Background(), dir); err != nil {
				b.Fatal(err)
			}
			if _, err := page.Write(c); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.ReportMetric(2*float64(b.N)/b.Elapsed().Seconds(), "files/s")
}

// TestLineThatMovedNamesNobodyToItsFormerInstitution: who is withheld from now is another institution's person.
func TestLineThatMovedNamesNobodyToItsFormerInstitution(t *testing.T) {
	db := sampleMart(t)
	exec(t, db, `INSERT INTO mart.statement_line VALUES ('T-2025-03-01','2025-03','2025-02','P50010500004',$1,'1','release',-12345.67,'更正')`, longID)
	seen := false
	err := EachClaim(context.Background(), db, sampleMeta(), func(c *Claim) error {
		for _, l := range c.Lines {
			if c.Code == "P50010500004" && l.Kind == "release" {
				seen = true
				if l.Person != "" || l.PersonName != "" || l.Rule != 0 || !l.ServiceDay.IsZero() {
					t.Errorf("%+v", l)
				}
			}
			if c.Code == "H50010500001" && l.SetlID == longID && l.LineNo == "1" && l.Person == "" {
				t.Errorf("its own line lost its person: %+v", l)
			}
		}
		return nil
	})
	if err != nil || !seen {
		t.Error(seen, err)
	}
}
