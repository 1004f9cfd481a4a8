package report

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"claimsaudit/pipeline"

	"pgregory.net/rapid"
)

const wordSpace = ` xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"`

// docxOf makes a template: parts by name, the text of each below its root.
func docxOf(t *testing.T, parts ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i := 0; i < len(parts); i += 2 {
		w, err := z.Create(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		root := map[bool]string{true: "w:document", false: "w:hdr"}[strings.Contains(parts[i], "document")]
		if _, err := io.WriteString(w, `<?xml version="1.0" encoding="UTF-8"?>`+"<"+root+wordSpace+">"+parts[i+1]+"</"+root+">"); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// partOf is a part of a document below its root; it must be well-formed.
func partOf(t *testing.T, document []byte, name string) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(document), int64(len(document)))
	if err != nil {
		t.Fatal(err)
	}
	file, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(bytes.NewReader(content)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("%s is damaged: %v\n%s", name, err, content)
		}
	}
	_, below, _ := strings.Cut(string(content), wordSpace+">")
	return below[:strings.LastIndex(below, "</")]
}

func testBlanks() Blanks {
	return Blanks{
		Values:     map[string]string{"姓名": "张三", "机构": "某院", "多段": "第一段\n第二段", "空": ""},
		Conditions: map[string]bool{"如是": true, "如否": false},
		RowNames:   []string{"号", "分"},
		Rows:       []map[string]string{{"号": "A", "分": "1"}, {"号": "B", "分": "2"}},
	}
}

func para(text string) string { return "<w:p><w:r><w:t>" + text + "</w:t></w:r></w:p>" }

// kept is a text element as the filler writes it.
func kept(text string) string {
	return `<w:p><w:r><w:t xml:space="preserve">` + text + "</w:t></w:r></w:p>"
}

func TestPlaceholdersAreFilledHoweverWordCutsThem(t *testing.T) {
	for name, c := range map[string]struct{ body, want string }{
		"plain":        {para("致{{姓名}}："), kept("致张三：")},
		"untouched":    {`<w:p w14:paraId="1"><w:r ><w:t>a &amp; &#x4E00;</w:t></w:r></w:p><!-- c --><?x y?>`, `<w:p w14:paraId="1"><w:r ><w:t>a &amp; &#x4E00;</w:t></w:r></w:p><!-- c --><?x y?>`},
		"blanks":       {para("{{ 姓名　}}"), kept("张三")},
		"full width":   {para("｛｛姓名｝｝"), kept("张三")},
		"mixed braces": {para("｛｛姓名}}"), kept("张三")},
		"twice":        {para("{{姓名}}、{{姓名}}"), kept("张三、张三")},
		"cut": {`<w:p><w:r><w:rPr><w:b/></w:rPr><w:t>甲{</w:t></w:r><w:proofErr w:type="spellStart"/><w:r><w:t>{姓</w:t></w:r><w:r><w:t/></w:r><w:r><w:t>名}</w:t></w:r><w:r><w:t>}乙</w:t></w:r></w:p>`,
			`<w:p><w:r><w:rPr><w:b/></w:rPr><w:t xml:space="preserve">甲张三</w:t></w:r><w:proofErr w:type="spellStart"/><w:r><w:t xml:space="preserve"></w:t></w:r><w:r><w:t xml:space="preserve"></w:t></w:r><w:r><w:t xml:space="preserve"></w:t></w:r><w:r><w:t xml:space="preserve">乙</w:t></w:r></w:p>`},
		"neighbours": {`<w:p><w:r><w:t>{{姓名}}</w:t></w:r><w:r><w:t> b </w:t></w:r><w:r><w:t>{{机构}}</w:t></w:r></w:p>`,
			`<w:p><w:r><w:t xml:space="preserve">张三</w:t></w:r><w:r><w:t> b </w:t></w:r><w:r><w:t xml:space="preserve">某院</w:t></w:r></w:p>`},
		"in a link":  {`<w:p><w:hyperlink><w:r><w:t>{{姓名}}</w:t></w:r></w:hyperlink></w:p>`, `<w:p><w:hyperlink><w:r><w:t xml:space="preserve">张三</w:t></w:r></w:hyperlink></w:p>`},
		"struck out": {`<w:p><w:del><w:r><w:t>{{旧}}</w:t></w:r></w:del><w:r><w:t>{{姓名}}</w:t></w:r></w:p>`, `<w:p><w:del><w:r><w:t>{{旧}}</w:t></w:r></w:del><w:r><w:t xml:space="preserve">张三</w:t></w:r></w:p>`},
		"text box":   {`<w:p><w:r><w:pict><w:p><w:r><w:t>{{姓名}}</w:t></w:r></w:p></w:pict></w:r></w:p>`, `<w:p><w:r><w:pict>` + kept("张三") + `</w:pict></w:r></w:p>`},
		"paragraphs": {`<w:p w14:paraId="7"><w:pPr><w:jc/></w:pPr><w:bookmarkStart w:id="1"/><w:r><w:t>{{多段}}</w:t></w:r><w:bookmarkEnd w:id="1"/></w:p>`,
			`<w:p><w:pPr><w:jc/></w:pPr><w:r><w:t xml:space="preserve">第一段</w:t></w:r></w:p><w:p w14:paraId="7"><w:pPr><w:jc/></w:pPr><w:bookmarkStart w:id="1"/><w:r><w:t xml:space="preserve">第二段</w:t></w:r><w:bookmarkEnd w:id="1"/></w:p>`},
		"line break within text":       {para("甲{{多段}}"), kept(`甲第一段</w:t><w:br/><w:t xml:space="preserve">第二段`)},
		"nothing stands alone":         {para("甲") + para("　{{空}}"), para("甲")},
		"nothing within text":          {para("甲{{空}}"), kept("甲")},
		"condition holds":              {para("{{如是}}甲"), kept("甲")},
		"condition holds not":          {para("甲") + para("{{如否}}乙{{姓名}}"), para("甲")},
		"both":                         {para("{{如是}}{{如否}}乙") + para("甲"), para("甲")},
		"condition before paragraphs":  {para("{{如是}}{{多段}}"), kept("第一段") + kept("第二段")},
		"a section's last is kept":     {`<w:p><w:pPr><w:sectPr/></w:pPr><w:r><w:t>{{如否}}乙</w:t></w:r></w:p>`, `<w:p><w:pPr><w:sectPr/></w:pPr><w:r><w:t xml:space="preserve"></w:t></w:r></w:p>`},
		"a cell keeps one paragraph":   {"<w:tc>" + para("{{空}}") + "</w:tc>", "<w:tc><w:p/></w:tc>"},
		"a picture stays where it was": {`<w:p><w:r><w:drawing/></w:r><w:r><w:t>{{空}}</w:t></w:r></w:p>`, `<w:p><w:r><w:drawing/></w:r><w:r><w:t xml:space="preserve"></w:t></w:r></w:p>`},
	} {
		document, err := fillTemplate(docxOf(t, "word/document.xml", c.body), "t.docx", testBlanks())
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got := partOf(t, document, "word/document.xml"); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", name, got, c.want)
		}
	}
}

// However a paragraph is cut into runs, its text comes out the same.
func TestCutsMakeNoDifference(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := []rune(strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"{{姓名}}", "{{机构}}", "｛｛空｝｝", "{{如是}}", "甲", " & < ", "{", "}。"}), 1, 12).Draw(rt, "text"), "x"))
		want := strings.NewReplacer("{{姓名}}", "张三", "{{机构}}", "某院", "｛｛空｝｝", "", "{{如是}}", "").Replace(string(text))
		var b strings.Builder
		for from := 0; from < len(text); {
			to := rapid.IntRange(from, len(text)).Draw(rt, "cut")
			var piece bytes.Buffer
			if err := xml.EscapeText(&piece, []byte(string(text[from:to]))); err != nil {
				rt.Fatal(err)
			}
			b.WriteString("<w:r><w:t>" + piece.String() + "</w:t></w:r>")
			from = to
		}
		root, err := parsePart([]byte("<w:p>" + b.String() + "</w:p>"))
		if err != nil {
			rt.Fatal(err)
		}
		f := &filler{blanks: testBlanks(), unknown: map[string]bool{}, met: map[string]bool{}}
		f.children(root, f.blanks.Values)
		got := ""
		if len(root.kids) > 0 {
			if root, err = parsePart(root.render()); err != nil {
				rt.Fatal(err)
			}
			got, _ = joined(root.kids[0].texts())
		}
		if strings.Trim(want, anyBlank) != strings.Trim(got, anyBlank) || len(f.unknown)+len(f.faults) > 0 {
			rt.Fatalf("got %q, want %q (%v %v)", got, want, f.unknown, f.faults)
		}
	})
}

func TestRowsRepeat(t *testing.T) {
	cell := func(text string) string { return "<w:tc>" + text + "</w:tc>" }
	head := "<w:tr>" + cell(para("号")) + cell(para("分")) + "</w:tr>"
	body := "<w:tbl>" + head + `<w:tr w14:paraId="3">` + cell(para("{{逐项.号}} {{姓名}}")) + cell(para("{{逐项.分}}")) + "</w:tr></w:tbl>"
	want := "<w:tbl>" + head + "<w:tr>" + cell(kept("A 张三")) + cell(kept("1")) + "</w:tr><w:tr>" + cell(kept("B 张三")) + cell(kept("2")) + "</w:tr></w:tbl>"
	nested := "<w:tr>" + cell("<w:tbl><w:tr>"+cell(para("{{逐项.号}}"))+"</w:tr></w:tbl>"+para("x")) + "</w:tr>"
	blanks := testBlanks()
	document, err := fillTemplate(docxOf(t, "word/document.xml", body+nested), "t.docx", blanks)
	if err != nil {
		t.Fatal(err)
	}
	inner := "<w:tbl><w:tr>" + cell(kept("A")) + "</w:tr><w:tr>" + cell(kept("B")) + "</w:tr></w:tbl>"
	if got := partOf(t, document, "word/document.xml"); got != want+"<w:tr>"+cell(inner+para("x"))+"</w:tr>" {
		t.Errorf("got %s", got)
	}
	blanks.Rows = nil
	if document, err = fillTemplate(docxOf(t, "word/document.xml", body), "t.docx", blanks); err != nil {
		t.Fatal(err)
	}
	if got := partOf(t, document, "word/document.xml"); got != "<w:tbl>"+head+"</w:tbl>" {
		t.Errorf("without rows: %s", got)
	}
}

// Whatever a name contains, it is text: never markup, never a placeholder filled again, never a damaged document.
func TestValuesAreOnlyText(t *testing.T) {
	long := strings.Repeat("样例第一人民医院", 25)
	for _, value := range []string{`<w:p>&amp;"'</w:t>`, "]]>", "{{机构}}", long, "a\x00b\x1f", "\xff\xfe", "甲\t乙", "&#x3C;"} {
		blanks := testBlanks()
		blanks.Values["姓名"] = value
		document, err := fillTemplate(docxOf(t, "word/document.xml", para("致{{姓名}}")), "t.docx", blanks)
		if err != nil {
			t.Errorf("%q: %v", value, err)
			continue
		}
		root, err := parsePart([]byte("<w:x>" + partOf(t, document, "word/document.xml") + "</w:x>"))
		if err != nil {
			t.Fatal(err)
		}
		text, _ := joined(root.kids[0].kids[0].texts())
		want := strings.NewReplacer("\x00", "\uFFFD", "\x1f", "\uFFFD", "\xff\xfe", "\uFFFD", "\t", "").Replace(value)
		if text != "致"+want {
			t.Errorf("%q: got %q", value, text)
		}
	}
}

func TestHeadersAndFootersAreFilledTheRestIsNot(t *testing.T) {
	template := docxOf(t, "word/document.xml", para("x"), "word/header1.xml", para("{{姓名}}"), "word/footer2.xml", para("{{机构}}"), "word/comments.xml", para("{{批注}}"))
	document, err := fillTemplate(template, "t.docx", testBlanks())
	if err != nil {
		t.Fatal(err)
	}
	for part, want := range map[string]string{"word/header1.xml": kept("张三"), "word/footer2.xml": kept("某院"), "word/comments.xml": para("{{批注}}")} {
		if got := partOf(t, document, part); got != want {
			t.Errorf("%s: %s", part, got)
		}
	}
	if again, err := fillTemplate(template, "t.docx", testBlanks()); err != nil || !bytes.Equal(again, document) {
		t.Errorf("the same data gave other bytes (%v)", err)
	}
}

func TestWhatIsWrongWithATemplateIsSaid(t *testing.T) {
	long := strings.Repeat("<w:p>", partDepthMax+1) + strings.Repeat("</w:p>", partDepthMax+1)
	blanks := testBlanks()
	blanks.Required = []string{"姓名"}
	for name, c := range map[string]struct {
		template []byte
		want     []string
	}{
		"all unknown at once": {docxOf(t, "word/document.xml", para("{{姓名}}{{性别}}"), "word/footer1.xml", para("{{页眉}}")),
			[]string{"t.docx", "{{性别}}", "{{页眉}}", "known are", "如是", "逐项.号", "姓名"}},
		"unknown in a paragraph that goes": {docxOf(t, "word/document.xml", para("{{姓名}}")+para("{{如否}}{{性别}}")), []string{"{{性别}}"}},
		"unknown of the list":              {docxOf(t, "word/document.xml", "<w:tr>"+para("{{逐项.x}}")+"</w:tr>"), []string{"{{逐项.x}}"}},
		"list outside a row":               {docxOf(t, "word/document.xml", para("{{姓名}}{{逐项.号}}")), []string{"逐项.号", "outside a table row"}},
		"open braces":                      {docxOf(t, "word/document.xml", para("{{姓名}}")+para("甲{{姓名")), []string{"braces without their pair", "甲{{姓名"}},
		"braces inside braces":             {docxOf(t, "word/document.xml", para("{{姓名}}")+para("{{{{姓名}}}}")), []string{"braces without their pair"}},
		"required":                         {docxOf(t, "word/document.xml", para("x")), []string{"{{姓名}} is missing"}},
		"not a zip":                        {[]byte("hello"), []string{"no .docx file", "save the template as .docx"}},
		"old doc":                          {[]byte{0xD0, 0xCF, 0x11, 0xE0, 1, 2}, []string{"old .doc file, or protected by a password"}},
		"a workbook":                       {docxOf(t, "xl/workbook.xml", ""), []string{"no Word document"}},
		"damaged":                          {docxOf(t, "word/document.xml", "<w:p>"), []string{"word/document.xml"}},
		"wrong nesting":                    {docxOf(t, "word/document.xml", "<w:p><w:r></w:p></w:r>"), []string{"closes nothing"}},
		"too deep":                         {docxOf(t, "word/document.xml", long), []string{"too deeply"}},
		"twice":                            {docxOf(t, "word/document.xml", "", "word/document.xml", ""), []string{"comes twice"}},
		"a way out":                        {docxOf(t, "../x", "", "word/document.xml", ""), []string{"no proper name"}},
		"macros":                           {docxOf(t, "word/document.xml", "", "word/vbaProject.bin", ""), []string{"macros"}},
		"bomb":                             {docxOf(t, "word/document.xml", strings.Repeat(" ", unpackedBytesMax)), []string{"unpacks to more than 64 MB"}},
	} {
		_, err := fillTemplate(c.template, "t.docx", blanks)
		if pipeline.KindOf(err) != pipeline.KindUsage {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, want := range c.want {
			if text := err.Error() + pipeline.HintOf(err); !strings.Contains(text, want) {
				t.Errorf("%s: %q lacks %q", name, text, want)
			}
		}
	}
}
