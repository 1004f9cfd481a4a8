package jobs

import (
	"archive/zip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"claimsaudit/pipeline"
)

const noticeHead = "decision_no,prac_psn_code,decided_on,article,item,points,state,effective_on,inspection_no,act_no,responsibility,adjustment,fixmedins_code,notice_served_on,appealed_on\n"

var tag = regexp.MustCompile(`<[^>]*>`)

// wordsOf is the text of a document, without blanks between its pieces.
func wordsOf(t *testing.T, path string) string {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	part, err := z.Open("word/document.xml")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(part)
	if err != nil {
		t.Fatal(err)
	}
	return tag.ReplaceAllString(string(text), "")
}

// documents writes notices as of a day and returns what was made, by base name, with its state.
func (o *mailOffice) documents(day string, req DocumentsRequest) (made []string, err error) {
	o.t.Helper()
	req.AsOf = dateOf(o.t, day)
	all, err := o.Documents(context.Background(), req)
	for _, m := range all {
		info, statErr := os.Stat(m.Path)
		if statErr != nil || info.Mode().Perm() != 0o600 {
			o.t.Errorf("%s: %v %v", m.Path, info, statErr)
		}
		made = append(made, strings.TrimSuffix(filepath.Base(m.Path)+" "+strings.Join(m.Decisions, "+")+" "+m.State, " "+DocumentWritten))
	}
	return made, err
}

func (o *mailOffice) document(name string) string {
	o.t.Helper()
	return wordsOf(o.t, o.path("reports", "documents", name))
}

func (o *mailOffice) wantWords(name string, has []string, lacks ...string) {
	o.t.Helper()
	text := o.document(name)
	for _, want := range has {
		if !strings.Contains(text, want) {
			o.t.Errorf("%s lacks %q:\n%s", name, want, text)
		}
	}
	for _, never := range lacks {
		if strings.Contains(text, never) {
			o.t.Errorf("%s says %q:\n%s", name, never, text)
		}
	}
}

// TestNoticesFollowTheRecord: from the delivered decision to the words of the document, in both kinds.
func TestNoticesFollowTheRecord(t *testing.T) {
	o := pointsOffice(t)
	o.Config.Operation.Documents.Phone = "023-1"
	o.writeFile("points_decision_1.csv", noticeHead+
		"J1,D1,2025-03-03,29,29-1,3,final,,,,main,none,H1,2025-03-05,\n"+
		"J2,D1,2025-03-12,30,30-2,6,final,2025-03-14,JC-7,,general,lighter,H1,,\n"+ // told nobody when
		"J3,D1,2025-03-20,31,31-1,7,proposed,,,,main,step_up,,2025-03-21,\n"+
		"J4,D1,2025-03-20,31,31-1,8,proposed,,,XW,,,,,\n"+
		"J5,D2,2025-03-25,30,30-1,4,final,,,,,,,2025-03-10,2025-03-18\n"+
		"J6,D2,2025-03-25,29,29-1,1,revoked,,,,,,,,\n")
	o.writeFile("repair_1.csv", "repair_no,prac_psn_code,kind,done_on\nX1,D1,publicity,2025-03-14\n")
	o.nightly(0, "2025-04-02")
	made, err := o.documents("2025-04-02", DocumentsRequest{Decisions: []string{"J4", "J2", "J5"}})
	if want := []string{"decision-J2.docx J2", "notice-J3.docx J3+J4", "decision-J5.docx J5"}; err != nil || !slices.Equal(made, want) {
		t.Fatalf("made %q (%v), want %q", made, err, want)
	}
	o.wantWords("decision-J2.docx", []string{"江医保中心记处〔2025〕J2号", "样例甲（医保相关人员代码：D1），样例医院：", "已于＿＿＿＿年＿＿月＿＿日向你送达", "在编号为JC-7的监督检查中查明",
		"经认定负一般责任，在同一记分档次内从轻记分，记6分", "连同此前记分3分，累计达到9分", "暂停医保支付资格1个月，自2025年3月14日起至2025年4月13日止", "即自2025年3月21日起至2025年4月13日（含当日）提出恢复申请",
		"收到本通知书后5个工作日内", "023-1", "重庆市江北区医疗保障事务中心（印章）2025年3月12日"}, "送达计算", "终止")
	o.wantWords("notice-J3.docx", []string{"江医保中心记告〔2025〕J3号", "（一）经查", "拟记7分（处理编号J3）", "（二）", "行为编号XW", "拟记15分，连同此前记分8分，累计将达到23分",
		"终止医保支付资格，1年内不得登记备案，自2025年3月20日起至2026年3月19日止", "（按2025年3月21日送达计算，至2025年4月7日止，含当日）", "加重一档"}, "由本中心进行通报")
	o.wantWords("decision-J5.docx", []string{"本中心已于2025年3月10日向你送达", "你于2025年3月18日提起书面申诉", "记4分，累计为4分", "主要负责人进行谈话提醒"}, "送达计算", "费用结算", "J6")

	// What comes later does not change what was decided; the case and the date of service do, and overwrite nothing.
	o.writeFile("points_decision_2.csv", noticeHead+"J7,D1,2025-04-03,30,30-2,4,final,,,,,,,,\n")
	o.nightly(0, "2025-04-03")
	if made, err = o.documents("2025-04-03", DocumentsRequest{Decisions: []string{"J2"}}); err != nil || !slices.Equal(made, []string{"decision-J2.docx J2 unchanged"}) {
		t.Errorf("again: %q (%v)", made, err)
	}
	before := o.document("decision-J2.docx")
	for _, want := range []string{"decision-J2+2.docx J2 written beside", "decision-J2+2.docx J2 unchanged"} {
		if made, err = o.documents("2025-04-03", DocumentsRequest{Decisions: []string{"J2"}, Case: CaseText("\ufeff　　一 <b>\r\n\r\n二\n")}); err != nil || !slices.Equal(made, []string{want}) {
			t.Errorf("with the case: %q (%v), want %s", made, err, want)
		}
	}
	if o.document("decision-J2.docx") != before {
		t.Error("a document was overwritten")
	}
	o.wantWords("decision-J2+2.docx", []string{"一 &lt;b&gt;二"}, "由承办人填写")
	if made, err = o.documents("2025-04-03", DocumentsRequest{Decisions: []string{"J2", "J5"}, Case: []string{"x"}}); len(made) != 0 || pipeline.KindOf(err) != pipeline.KindUsage {
		t.Errorf("one case for two persons: %q (%v)", made, err)
	}
}

// TestNoticeTellsOfTheBlockThatLaterDecisionsBring: what is proposed for an earlier day than that of final decisions makes
// more of them, and the person is told which block; what is known later is not, and the final decision tells its own.
func TestNoticeTellsOfTheBlockThatLaterDecisionsBring(t *testing.T) {
	o := pointsOffice(t)
	o.writeFile("points_decision_1.csv", noticeHead+
		"P1,D1,2025-03-03,30,30-1,4,proposed,,,,,,,,\n"+
		"F1,D1,2025-03-10,30,30-2,6,final,2025-03-12,,,,,,,\n"+
		"F2,D1,2025-03-28,29,29-1,1,final,,,,,,,,\n"+
		"P2,D2,2025-03-03,29,29-1,1,proposed,,,,,,,,\n"+
		"F3,D2,2025-03-10,29,29-2,2,final,,,,,,,,\n")
	o.writeFile("repair_1.csv", "repair_no,prac_psn_code,kind,done_on\nX1,D1,publicity,2025-03-14\n")
	o.nightly(0, "2025-04-02")
	dir := t.TempDir()
	if _, err := o.documents("2025-03-09", DocumentsRequest{Decisions: []string{"P1"}, Dir: dir}); err != nil {
		t.Fatal(err)
	}
	if text := wordsOf(t, filepath.Join(dir, "notice-P1.docx")); strings.Contains(text, "F1") || !strings.Contains(text, "累计将为4分") {
		t.Errorf("before the other decision: %s", text)
	}
	made, err := o.documents("2025-03-27", DocumentsRequest{Decisions: []string{"P1", "P2", "F1"}})
	if err != nil || len(made) != 3 {
		t.Fatal(made, err)
	}
	o.wantWords("notice-P1.docx", []string{"拟记4分，累计将为4分。", "主要负责人进行谈话提醒", "（处理编号F1）：本次记分作出后，至2025年3月10日累计将为10分（现累计将为9分）",
		"将采取以下措施：暂停医保支付资格2个月，自2025年3月12日起至2025年5月11日止", "以处理通知书为准"}, "F2")
	o.wantWords("notice-P2.docx", []string{"累计将为1分"}, "F3", "暂停")
	o.wantWords("decision-F1.docx", []string{"累计为6分"}, "P1", "暂停医保支付资格")
	if made, err = o.documents("2025-03-28", DocumentsRequest{Decisions: []string{"P1"}}); err != nil || !slices.Equal(made, []string{"notice-P1+2.docx P1 written beside"}) {
		t.Errorf("with a further decision: %q %v", made, err)
	}
	if made, err = o.documents("2025-04-02", DocumentsRequest{Decisions: []string{"P1"}}); err != nil || !slices.Equal(made, []string{"notice-P1+2.docx P1 unchanged"}) {
		t.Errorf("a day on which nothing happens: %q %v", made, err)
	}
}

// TestDueNotices: what is still to be served, and nothing else; a decision that cannot be one keeps no other back.
func TestDueNotices(t *testing.T) {
	o := pointsOffice(t)
	o.writeFile("points_decision_1.csv", noticeHead+
		"F1,D1,2025-03-03,29,29-1,1,final,,,,,,,2025-03-05,\n"+ // served
		"F2,D1,2025-03-04,29,29-1,1,final,,,,,,,,\n"+
		"F3,D1,2025-03-05,29,29-1,1,final,,,,,,,2025-03-01,\n"+ // only the intention was
		"F4,D1,2025-03-06,29,29-1,1,final,,,,,,,2025-04-20,\n"+ // not yet
		"F5,D1,2025-04-10,29,29-1,1,final,,,,,,,,\n"+ // not yet decided
		"F6,D9,2025-03-06,29,29-1,1,final,,,,,,,,\n"+ // nobody
		"P1,D2,2025-03-20,31,31-1,7,proposed,,,,,,,2025-03-21,\n"+ // served
		"P2,D2,2025-04-02,31,31-1,7,proposed,,,,,,,,\n"+
		"P3,D2,2025-04-20,31,31-1,7,proposed,,,,,,,,\n"+ // not yet
		"R1,D2,2025-03-20,31,31-1,7,revoked,,,,,,,,\n")
	o.nightly(0, "2025-04-02")
	made, err := o.documents("2025-04-02", DocumentsRequest{Due: true, Dir: filepath.Join(t.TempDir(), "a", "b")})
	if want := []string{"decision-F2.docx F2", "decision-F3.docx F3", "decision-F4.docx F4", "notice-P2.docx P2"}; !slices.Equal(made, want) {
		t.Errorf("made %q, want %q", made, want)
	}
	wantUsage(t, err, "F6", "D9", "practitioner_status")
	for no, words := range map[string][]string{"F5": {"2025-04-10", "--as-of"}, "P3": {"2025-04-20", "--as-of"}, "R1": {"revoked"}, "X": {"no such decision"}, "F6": {"D9"}} {
		made, err := o.documents("2025-04-02", DocumentsRequest{Decisions: []string{no}, Case: []string{"x"}})
		if len(made) != 0 {
			t.Errorf("%s: made %q", no, made)
		}
		wantUsage(t, err, append(words, no)...)
	}
}

func wantUsage(t *testing.T, err error, words ...string) {
	t.Helper()
	if pipeline.Gravest(err) != pipeline.KindUsage || len(pipeline.Flatten(err)) != 1 {
		t.Errorf("got %v", err)
		return
	}
	for _, one := range pipeline.Flatten(err) {
		for _, want := range words {
			if text := one.Error() + " " + pipeline.HintOf(one); !strings.Contains(text, want) {
				t.Errorf("%q lacks %q", text, want)
			}
		}
	}
}

// TestNoticeFileNames: whatever a decision is called, its file lies in the folder and belongs to it alone.
func TestNoticeFileNames(t *testing.T) {
	seen := map[string]string{}
	long := strings.Repeat("记", 80)
	for _, no := range []string{"JF2025030012", "JF/1", "JF_1", "JF=2F1", "../../etc/x", "渝1", "a b", "a+2", "a", "CON:", "\x00", long + "1", long + "2", ".", ""} {
		name := safeName(no)
		if other, taken := seen[name]; taken {
			t.Errorf("%q and %q are both %s", no, other, name)
		}
		seen[name] = no
		if !regexp.MustCompile(`^[A-Za-z0-9=._-]*$`).MatchString(name) || len(name) > 160 || filepath.Base("decision-"+name) != "decision-"+name {
			t.Errorf("%q: %q", no, name)
		}
	}
	if safeName("JF2025030012") != "JF2025030012" {
		t.Error("a plain number changes")
	}
}

// TestNothingIsLeftWhereANoticeCannotBeWritten: a folder that is a file, or may not be written.
func TestNothingIsLeftWhereANoticeCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, _, err := keepDocument(file, "a", ".docx", []byte("x"))
	var ours *pipeline.Error
	if !errors.As(err, &ours) || ours.Kind != pipeline.KindUsage || !strings.Contains(ours.Hint, "--out") {
		t.Errorf("got %v", err)
	}
	if err := writeNew(file, []byte("x")); err == nil {
		t.Error("a file was overwritten")
	}
}

// TestWhoANoticeConcerns: the newest name, and the institutions of the newest snapshots; where it happened is not guessed.
func TestWhoANoticeConcerns(t *testing.T) {
	o := pointsOffice(t)
	head := "snapshot_date,prac_psn_code,fixmedins_code,status,prac_psn_name\n"
	o.writeFile("practitioner_status_2.csv", head+
		"2025-03-20,D1,H2,normal,新名\n2025-03-20,D3,H3,normal,\n2025-03-25,D4,H4,normal,丁\n2025-03-26,D5,H4,normal,戊\n2025-03-24,D4,H5,normal,丁\n2025-03-27,D5,H5,normal,戊\n")
	o.writeFile("institution_2.csv", "fixmedins_code,fixmedins_name,fixmedins_type,valid_from\nH4,丁医院,1,2025-01-01\nH5,戊医院,1,2025-01-01\n")
	o.writeFile("points_decision_1.csv", noticeHead+
		"J1,D1,2025-03-03,29,29-1,3,final,,,,,,,,\nJ2,D1,2025-03-04,29,29-1,1,final,,,,,,H2,,\nJ3,D3,2025-03-03,29,29-1,3,final,,,,,,,,\nJ4,D4,2025-03-03,29,29-1,3,final,,,,,,,,\n")
	o.nightly(0, "2025-04-02")
	if made, err := o.documents("2025-04-02", DocumentsRequest{Due: true}); err != nil || len(made) != 4 {
		t.Fatal(made, err)
	}
	o.wantWords("decision-J1.docx", []string{"新名（医保相关人员代码：D1），样例医院、＿＿＿＿＿＿：", "你在＿＿＿＿＿＿执业"})
	o.wantWords("decision-J2.docx", []string{"新名（医保相关人员代码：D1），＿＿＿＿＿＿：", "你在＿＿＿＿＿＿执业"}, "H2")
	o.wantWords("decision-J3.docx", []string{"＿＿＿＿＿＿（医保相关人员代码：D3），＿＿＿＿＿＿："})
	o.wantWords("decision-J4.docx", []string{"丁（医保相关人员代码：D4），丁医院："}) // registered nowhere now: where last
}

// TestTemplatesOfTheOffice: its own file is used, and what is wrong with it is said by name.
func TestTemplatesOfTheOffice(t *testing.T) {
	o := pointsOffice(t)
	o.writeFile("points_decision_1.csv", noticeHead+"J1,D1,2025-03-03,29,29-1,3,final,,,,,,,,\n")
	o.nightly(0, "2025-04-02")
	own := filepath.Join(t.TempDir(), "own.docx")
	o.Config.Operation.Documents.Decision = own
	_, err := o.documents("2025-04-02", DocumentsRequest{Decisions: []string{"J1"}})
	wantUsage(t, err, own, "documents.decision")
	_, err = CheckDocuments(o.Config)
	wantUsage(t, err, own, "documents.decision")
	writeTemplate(t, own, "{{文号}}{{姓名}}{{处理结果}}{{性别}}")
	_, err = CheckDocuments(o.Config)
	wantUsage(t, err, own, "{{性别}}", "known are", "姓名")
	writeTemplate(t, own, "{{文号}} {{姓名}} {{累计记分}} {{处理结果}}")
	if sources, err := CheckDocuments(o.Config); err != nil || !slices.Contains(sources, own) {
		t.Error(sources, err)
	}
	if _, err := o.documents("2025-04-02", DocumentsRequest{Decisions: []string{"J1"}}); err != nil {
		t.Error(err)
	}
	o.wantWords("decision-J1.docx", []string{"江医保中心记处〔2025〕J1号 样例甲 3 记3分，累计为3分。"})
}

func writeTemplate(t *testing.T, path, text string) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(file)
	w, err := z.Create("word/document.xml")
	if err == nil {
		_, err = io.WriteString(w, `<w:document xmlns:w="x"><w:body><w:p><w:r><w:t>`+text+`</w:t></w:r></w:p></w:body></w:document>`)
	}
	if err := errors.Join(err, z.Close(), file.Close()); err != nil {
		t.Fatal(err)
	}
}
