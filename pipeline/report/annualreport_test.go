package report

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

func annualTemplateOf(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile("../../configs/documents/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// TestYearlyReportsAsLibreOfficeReadsThem: the draft states what was computed, and leaves a line where nothing is known.
func TestYearlyReportsAsLibreOfficeReadsThem(t *testing.T) {
	all, err := LoadAnnual(context.Background(), scoreMart(t), yearMeta(), sampleTables, map[string]string{"institution-2025": "江医保中心发〔2024〕16号"}, nil)
	if err != nil || len(all) != 5 {
		t.Fatal(len(all), err)
	}
	again, err := LoadAnnual(context.Background(), scoreMart(t), yearMeta(), sampleTables, nil, []string{"P50010500005", "H50010500001"})
	if err != nil || len(again) != 2 || again[0].Code != "H50010500001" {
		t.Fatal(len(again), err)
	}
	dir := t.TempDir()
	var paths []string
	for _, f := range all {
		name := "annual_report_institution.docx"
		if f.Type == "2" {
			name = "annual_report_pharmacy.docx"
		}
		document, err := f.Document(annualTemplateOf(t, name), name)
		if err != nil {
			t.Fatal(err)
		}
		if repeated, err := f.Document(annualTemplateOf(t, name), name); err != nil || !bytes.Equal(document, repeated) {
			t.Errorf("%s differs: %v", f.Code, err)
		}
		path := filepath.Join(dir, f.Code+".docx")
		if err := os.WriteFile(path, document, 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	office(t, dir, filepath.Join(dir, "txt"), "txt:Text (encoded):UTF8", paths...)
	for code, c := range map[string]struct{ has, lacks []string }{
		"H50010500001": {[]string{"样例区第一人民医院\n关于2024年医疗保障运行管理情况的报告", "样例区医疗保障事务中心：", "（江医保中心发〔2024〕16号）收悉", "（机构编码：H50010500001）2024年度",
			"本年度结算6笔，申报基金1,200.10元。", "不予支付100.00元，追回以前月份10.00元，退还5.50元", "相关人员30人，其中支付资格曾受限制的1人；变更登记超期0次；费用明细上查无登记的人员编码＿＿＿＿＿＿个",
			"本年度有1人受到记分处理2件，共记5分。", "超过支付标准2次。", "上述明细金额30.50元", "医保码结算率49.99%（49,999／100,000 笔）", "药品网采率61.72%（1,234.56／2,000.00 元）", "移动支付占比＿＿＿＿＿＿",
			"门诊统筹（含慢特病）", "12.3456", "50.00", "2025年＿＿月＿＿日", "数据截至2025年4月2日", yearMeta().ChainHash}, []string{"没有不予支付", "还须提交", "没有受到记分处理", "旧名", "新名", "{{"}},
		"H50010500002": {[]string{longName(), "五、对照考核表还须提交的材料", "第 1 项：提交证据：已缴清。", "第 9 项：提交自报数字。", "受到记分处理2件"}, []string{"本年度结算", "{{"}},
		"P50010500003": {[]string{formulaish, "（＿＿＿＿＿＿）收悉", "高于监测价的＿＿＿＿＿＿种", "受到记分处理的人员＿＿＿＿人"}, []string{"药品网采率", "本年度没有受到", "{{"}},
		"P50010500004": {[]string{markup}, nil},
	} {
		text := string(mustRead(t, filepath.Join(dir, "txt", code+".txt")))
		text = strings.ReplaceAll(text, "\r\n", "\n")
		for _, want := range c.has {
			if !strings.Contains(text, want) {
				t.Errorf("%s lacks %q:\n%s", code, want, text)
			}
		}
		for _, never := range c.lacks {
			if strings.Contains(text, never) {
				t.Errorf("%s says %q:\n%s", code, never, text)
			}
		}
	}
}

func TestTemplatesOfTheYearlyReport(t *testing.T) {
	for _, name := range []string{"institution", "pharmacy"} {
		if err := CheckAnnualTemplate(annualTemplateOf(t, "annual_report_"+name+".docx"), name, "1"); err != nil {
			t.Error(err)
		}
	}
	err := CheckAnnualTemplate(docxOf(t, "word/document.xml", para("{{机构名称}}{{年度}}{{处理编号}}")), "own.docx", "1")
	if pipeline.KindOf(err) != pipeline.KindUsage || !strings.Contains(err.Error(), "{{处理编号}}") || !strings.Contains(pipeline.HintOf(err), "居民住院金额") {
		t.Error(err)
	}
	if err := CheckAnnualTemplate(docxOf(t, "word/document.xml", para("{{机构名称}}")), "own.docx", "1"); err == nil || !strings.Contains(err.Error(), "{{年度}} is missing") {
		t.Error(err)
	}
	// What an office may write is what the guide of the settings lists.
	guide := string(mustRead(t, "../../configs/README.md"))
	_, guide, _ = strings.Cut(guide, "## 年度报告初稿")
	guide, _, _ = strings.Cut(guide, "\n## ")
	for _, name := range AnnualPlaceholders() {
		if !strings.Contains(guide, "{{"+name+"}}") {
			t.Errorf("configs/README.md does not explain {{%s}}", name)
		}
	}
	for _, m := range placeholder.FindAllStringSubmatch(guide, -1) {
		if name := nameOf(m[1]); !strings.HasSuffix(name, "…") && !slices.Contains(AnnualPlaceholders(), name) {
			t.Errorf("configs/README.md names {{%s}}, which nobody fills", name)
		}
	}
}
