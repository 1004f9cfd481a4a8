package report

import (
	"bytes"
	"os"
	process "os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"claimsaudit/configs"
)

// shipped is a built-in template.
func shipped(t *testing.T, isDecision bool) (template []byte, source string) {
	t.Helper()
	config, err := configs.Load(filepath.Join(t.TempDir(), "none.yaml"), false, nil, configs.Overrides{})
	if err != nil {
		t.Fatal(err)
	}
	template, source, err = config.Template(isDecision)
	if err != nil {
		t.Fatal(err)
	}
	return template, source
}

func on(text string) time.Time {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return day
}

// suspension is a decision with a block, its facts told.
func suspension() PointsFacts {
	return PointsFacts{IsDecision: true, Number: "江医保中心记处〔2025〕J2号", PolicyNo: "渝医保发〔2025〕7号", Name: "张三", Code: "D1",
		Office:       Office{Issuer: "某某医疗保障事务中心", Seal: "（印章）", Contact: "李四", Phone: "023-00000000", Address: "某路1号"},
		Institutions: []PointsInstitution{{"H1", "样例医院"}}, DecidedOn: on("2025-03-12"), Before: 3, After: 9, Measure: "suspend", Months: 1,
		Decisions: []PointsItem{{No: "J2", Article: "30", Item: "30-2", Points: 6, InspectionNo: "JC-7", ActNo: "XW-1", Responsibility: "important",
			Adjustment: "heavier", Institution: PointsInstitution{"H1", "样例医院"}}},
		From: on("2025-03-14"), To: on("2025-04-14"), Case: []string{"2025年2月，该员……", "以上有病历为证。"},
		Articles: PointsArticles{Decision: "36", Measures: "33", Repair: "43"}, ServedOn: on("2025-03-14"), ToldOn: on("2025-02-20"),
		Appeal: Limit{Workdays: 10, Article: "35", On: on("2025-03-28")}, Registry: Limit{Workdays: 5, Article: "37", On: on("2025-03-21")},
		Restoration: Limit{Workdays: 15, Article: "44", On: on("2025-03-21")}}
}

// intention is a notice of intended points of which little is known: two decisions, one counted with the other.
func intention() PointsFacts {
	return PointsFacts{Number: "江医保中心记告〔2025〕J1号", PolicyNo: "渝医保发〔2025〕7号", Name: `王<五>&"`, Code: "D2",
		Institutions: []PointsInstitution{{"H1", strings.Repeat("样例第一人民医院", 25)}}, DecidedOn: on("2025-03-10"), After: 12, Measure: "terminate", Months: 12,
		Decisions: []PointsItem{{No: "J1", Article: "32", Item: "32-1", Points: 10, CountedWith: "J2", CountedArticle: "26"},
			{No: "J2", Article: "32", Item: "其他", Points: 12, Institution: PointsInstitution{Code: "H9"}}},
		From: on("2025-03-10"), To: on("2026-03-10"), IsMerged: true, NewCommitment: true, NoStudy: true,
		Articles: PointsArticles{Decision: "36", Measures: "33", Repair: "43"}, Appeal: Limit{Workdays: 10, Article: "35"},
		Registry: Limit{Workdays: 5, Article: "37"}, Restoration: Limit{Workdays: 15, Article: "44"}}
}

// office converts files into a folder; dir keeps LibreOffice's profile.
func office(t *testing.T, dir, into, format string, paths ...string) {
	t.Helper()
	args := append([]string{"--headless", "-env:UserInstallation=file://" + filepath.Join(dir, "profile"), "--convert-to", format, "--outdir", into}, paths...)
	if out, err := process.CommandContext(t.Context(), "soffice", args...).CombinedOutput(); err != nil {
		t.Fatalf("LibreOffice (Debian: libreoffice-writer): %v\n%s", err, out)
	}
}

// resave is the shipped notice after somebody opened it in LibreOffice and saved it.
func resave(t *testing.T, dir string) []byte {
	t.Helper()
	template, _ := shipped(t, false)
	path, into := filepath.Join(dir, "template.docx"), filepath.Join(dir, "resaved")
	if err := os.WriteFile(path, template, 0o600); err != nil {
		t.Fatal(err)
	}
	office(t, dir, into, "docx", path)
	saved, err := os.ReadFile(filepath.Join(into, "template.docx"))
	if err != nil {
		t.Fatal(err)
	}
	if err := CheckPointsTemplate(saved, "resaved", false); err != nil {
		t.Fatal(err)
	}
	return saved
}

// TestNoticesAsLibreOfficeReadsThem: the office's program opens what is written without repair, and shows the right words.
func TestNoticesAsLibreOfficeReadsThem(t *testing.T) {
	terminated := suspension()
	terminated.Measure, terminated.Months, terminated.To, terminated.Restoration.On = "terminate", 36, on("2028-03-14"), time.Time{}
	terminated.NewCommitment, terminated.NoStudy, terminated.AppealedOn = true, true, on("2025-02-25")
	mild := suspension()
	mild.Measure, mild.After, mild.Before, mild.From, mild.To, mild.ServedOn, mild.ToldOn = "", 2, 0, time.Time{}, time.Time{}, time.Time{}, time.Time{}
	mild.Decisions[0].Points, mild.Name, mild.Case = 2, "", nil
	served := intention()
	served.ServedOn, served.Appeal.On = on("2025-03-12"), on("2025-03-26")
	all := map[string]struct {
		facts     PointsFacts
		has, lack []string
	}{
		"suspended": {suspension(), []string{"江医保中心记处〔2025〕J2号", "张三（医保相关人员代码：D1），样例医院：", "已于2025年2月20日向你送达",
			"未收到你的书面申诉", "在编号为JC-7的监督检查中查明，你在样例医院执业（就业）期间，存在《细则》第三十条第（二）项所列的负面情形（行为编号XW-1），经认定负重要责任，在同一记分档次内从重记分，记6分（处理编号J2）。",
			"2025年2月，该员……", "以上有病历为证。", "《细则》第二十七条、第二十八条、第三十条第（二）项、第三十三条。", "记6分，连同此前记分3分，累计达到9分。",
			"暂停医保支付资格1个月，自2025年3月14日起至2025年4月13日止，首尾两日均计算在内。", "登记本次记分情况（按2025年3月14日送达计算，至2025年3月21日止，含当日）。", "维护为“暂停”",
			"在2025年3月14日至2025年4月13日期间", "急诊、抢救等特殊情形除外", "妥善做好医疗等工作交接", "在期满前15个工作日内，即自2025年3月21日起至2025年4月13日（含当日）提出恢复申请", "申请修复。",
			"联系人：李四", "某某医疗保障事务中心（印章）", "2025年3月12日", "送达回证"}, []string{"维护为“终止”", "重新作出服务承诺", "＿＿＿＿年", "不予修复", "由承办人填写"}},
		"terminated": {terminated, []string{"终止医保支付资格，3年内不得登记备案，自2025年3月14日起至2028年3月13日止", "维护为“终止”", "恢复前须重新作出服务承诺。", "终止期内学习培训不予修复。",
			"你于2025年2月25日提起书面申诉", "自＿＿＿＿年＿＿月＿＿日（放假安排公布后填写）起至2028年3月13日（含当日）提出恢复申请"}, []string{"维护为“暂停”"}},
		"mild": {mild, []string{"＿＿＿＿＿＿（医保相关人员代码：D1）", "记2分，累计为2分。本次记分不引起新的管理措施。", "由承办人填写", "已于＿＿＿＿年＿＿月＿＿日向你送达"},
			[]string{"费用结算", "恢复申请", "登记备案状态。", "送达计算", "第三十三条。"}},
		"intended": {intention(), []string{`王<五>&"（医保相关人员代码：D2`, strings.Repeat("样例第一人民医院", 25) + "）：", "第三十五条的规定，本中心拟对你作出记分处理",
			"（一）经查", "对应的分值为10分，与处理编号J2合并", "（二）经查，你在＿＿＿＿＿＿执业", "第三十二条（其他）", "《细则》第二十六条、第二十七条、第二十八条、第三十二条（其他）、第三十二条第（一）项、第三十三条。",
			"处理编号J1与J2按照《细则》第二十六条的规定只记一次", "拟记12分，累计将为12分。", "拟采取以下措施：终止医保支付资格，1年内不得登记备案，自2025年3月10日起至2026年3月9日止",
			"止期以较迟者为准", "正式起止日期以", "陈述权、申辩权", "10个工作日内提起书面申诉。逾期未申诉", "（10）", "与J2合并，不另记分"}, []string{"送达计算", "H9"}},
		"edited": {intention(), []string{"（一）经查", "（二）经查", "拟记12分", "与J2合并，不另记分", "送达回证"}, []string{"送达计算"}},
		"served": {served, []string{"10个工作日内提起书面申诉（按2025年3月12日送达计算，至2025年3月26日止，含当日）。逾期"}, []string{"已于2025年3月12日送达"}},
	}
	dir := t.TempDir()
	resaved := resave(t, dir)
	var paths []string
	for name, c := range all {
		template, source := shipped(t, c.facts.IsDecision)
		if name == "edited" {
			template = resaved
		}
		document, err := c.facts.Document(template, source)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := c.facts.Document(template, source); err != nil || !bytes.Equal(again, document) {
			t.Errorf("%s: the same facts gave other bytes (%v)", name, err)
		}
		path := filepath.Join(dir, name+".docx")
		if err := os.WriteFile(path, document, 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	office(t, dir, dir, "txt:Text (encoded):UTF8", paths...)
	for name, c := range all {
		text, err := os.ReadFile(filepath.Join(dir, name+".txt"))
		if err != nil {
			t.Errorf("%s: LibreOffice could not open it: %v", name, err)
			continue
		}
		for _, want := range c.has {
			if !strings.Contains(string(text), want) {
				t.Errorf("%s lacks %q\n%s", name, want, text)
			}
		}
		for _, never := range append(c.lack, "{{", "%!", "\ufffd") {
			if strings.Contains(string(text), never) {
				t.Errorf("%s says %q\n%s", name, never, text)
			}
		}
	}
}

func TestShippedTemplatesAreSoundAndEveryPlaceholderIsExplained(t *testing.T) {
	for _, isDecision := range []bool{false, true} {
		template, source := shipped(t, isDecision)
		if err := CheckPointsTemplate(template, source, isDecision); err != nil {
			t.Error(err)
		}
	}
	readme, err := os.ReadFile("../../configs/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range PointsPlaceholders() {
		if !strings.Contains(string(readme), "`{{"+name+"}}`") {
			t.Errorf("configs/README.md does not explain {{%s}}", name)
		}
	}
}

// TestWordsTheFeedsMayBring: what is missing or unknown is a line to write on, never a raw code or a wrong word.
func TestWordsTheFeedsMayBring(t *testing.T) {
	f := suspension()
	f.Decisions[0] = PointsItem{No: "J", Article: "30", Points: 4, Responsibility: "x9", Adjustment: "y9"}
	if got, want := f.facts(), "经查，你在＿＿＿＿＿＿执业（就业）期间，存在《细则》第三十条所列的负面情形，经认定负＿＿＿，裁量情形为＿＿＿＿＿＿，记4分（处理编号J）。"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for _, c := range []struct {
		measure, want string
		months        int
	}{{"talk", "分管领导", 0}, {"head_talk", "主要负责人", 0}, {"circular", "通报", 0}, {"suspend", "暂停医保支付资格18个月", 18}, {"terminate", "2年内", 24}, {"new", "new", 0}} {
		f.Measure, f.Months = c.measure, c.months
		if got := f.measure(); !strings.Contains(got, c.want) {
			t.Errorf("%s: %s", c.measure, got)
		}
	}
	f.AppealedOn = on("2025-02-19") // the day before the notice was served
	if got := f.told(); strings.Contains(got, "2月19日") || !strings.HasSuffix(got, "申诉和复核情况：＿＿＿＿＿＿。") {
		t.Error(got)
	}
	f.Decisions = []PointsItem{{Article: "31", Item: "31-2"}, {Article: "29", CountedArticle: "26"}, {Article: "31", Item: "31-1"}, {Article: "29"}}
	if got, want := f.onceClauses()+f.clauses(), "第二十六条、第二十九条、第三十一条第（一）项、第三十一条第（二）项、第三十三条"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	f = suspension()
	f.Decisions[0].CountedWith, f.Decisions[0].CountedArticle, f.Measure, f.Before, f.After = "J0", "26", "", 5, 5
	if got, want := f.result(), "处理编号J2与J0按照《细则》第二十六条的规定只记一次，取最高分值，不另行记分。累计记分仍为5分。本次记分不引起新的管理措施。"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
