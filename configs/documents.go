package configs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"claimsaudit/pipeline"
)

// Documents says how the notices of the points record and the drafts of the yearly reports look: templates, numbers and
// who signs.
type Documents struct {
	Notice, Decision             string // template: name, or path of a .docx file
	AnnualInstitution            string // template of the yearly report, likewise
	AnnualPharmacy               string
	NoticeNumber, DecisionNumber string // with {{年度}} and {{处理编号}}
	Issuer                       string // CentreName unless given
	Seal, Contact, Phone         string
	Address                      string
}

// documentsFile is Documents as the settings spell it.
type documentsFile struct {
	Notice            string `yaml:"notice,optional"`
	Decision          string `yaml:"decision,optional"`
	AnnualInstitution string `yaml:"annual_report_institution,optional"`
	AnnualPharmacy    string `yaml:"annual_report_pharmacy,optional"`
	NoticeNumber      string `yaml:"notice_number,optional"`
	DecisionNumber    string `yaml:"decision_number,optional"`
	Issuer            string `yaml:"issuer,optional"`
	Seal              string `yaml:"seal,optional"`
	Contact           string `yaml:"contact,optional"`
	Phone             string `yaml:"phone,optional"`
	Address           string `yaml:"address,optional"`
}

func defaultDocuments() Documents {
	return Documents{Notice: "points_notice", Decision: "points_decision", Seal: "（印章）",
		AnnualInstitution: "annual_report_institution", AnnualPharmacy: "annual_report_pharmacy",
		NoticeNumber: "江医保中心记告〔{{年度}}〕{{处理编号}}号", DecisionNumber: "江医保中心记处〔{{年度}}〕{{处理编号}}号"}
}

var numberBlank = regexp.MustCompile(`\{\{([^{}]*)\}\}`)

// documents checks what stands in the settings. Templates are read when they are needed, and by `check`: a run must
// not stop because a Word file is in use elsewhere.
func documents(d *document, f documentsFile) Documents {
	for _, x := range []struct{ key, text string }{{"notice_number", f.NoticeNumber}, {"decision_number", f.DecisionNumber}} {
		at := "documents." + x.key
		if !d.good(at) {
			continue
		}
		hint := "只能用 {{年度}} 和 {{处理编号}}，{{处理编号}} 必须有，如 江医保中心记告〔{{年度}}〕{{处理编号}}号"
		hasNo, wrong := false, strings.ContainsAny(numberBlank.ReplaceAllString(x.text, ""), "{}｛｝")
		for _, m := range numberBlank.FindAllStringSubmatch(x.text, -1) {
			hasNo = hasNo || m[1] == "处理编号"
			wrong = wrong || m[1] != "处理编号" && m[1] != "年度"
		}
		if wrong || !hasNo {
			d.fault(at, fmt.Sprintf("文号 %q 写法不对", x.text), hint)
		}
	}
	return Documents(f)
}

// Number is the document's number: of the notice of intended points, or of the decision.
func (d Documents) Number(isDecision bool, year int, decisionNo string) string {
	format := d.NoticeNumber
	if isDecision {
		format = d.DecisionNumber
	}
	return numberBlank.ReplaceAllStringFunc(format, func(blank string) string {
		if blank == "{{年度}}" {
			return strconv.Itoa(year)
		}
		return decisionNo
	})
}

// Template reads the template of a notice and says where it came from. The error is of KindUsage.
func (c *Config) Template(isDecision bool) (content []byte, source string, err error) {
	if isDecision {
		return c.template(c.Operation.Documents.Decision, "documents.decision")
	}
	return c.template(c.Operation.Documents.Notice, "documents.notice")
}

// AnnualTemplate reads the template of the yearly report for a type of institution, like Template.
func (c *Config) AnnualTemplate(fixmedinsType string) (content []byte, source string, err error) {
	if fixmedinsType == "2" {
		return c.template(c.Operation.Documents.AnnualPharmacy, "documents.annual_report_pharmacy")
	}
	return c.template(c.Operation.Documents.AnnualInstitution, "documents.annual_report_institution")
}

// template looks for a name in documents/ beside the settings file, then among the built-in ones; a path is taken as it
// stands.
func (c *Config) template(name, key string) (content []byte, source string, err error) {
	source = name
	isPath := strings.ContainsAny(name, `/\`) || strings.EqualFold(filepath.Ext(name), ".docx")
	if !isPath {
		source = filepath.Join(filepath.Dir(strings.TrimPrefix(c.Source, builtInMark)), "documents", name+".docx")
	}
	content, err = readTemplate(source)
	if errors.Is(err, fs.ErrNotExist) && !isPath {
		if own, missing := builtIn.ReadFile("documents/" + name + ".docx"); missing == nil {
			return own, builtInName("documents/" + name + ".docx"), nil
		}
	}
	if err != nil {
		return nil, source, &pipeline.Error{Kind: pipeline.KindUsage, Op: "read template", Where: source, Err: err,
			Hint: "see " + key + " in the settings: the name of a file in documents/ beside them, the path of a .docx file, or nothing for the built-in template"}
	}
	return content, source, nil
}

// templateBytesMax bounds what is read: whatever the path names, memory stays bounded.
const templateBytesMax = 20 << 20

func readTemplate(path string) ([]byte, error) {
	info, err := os.Stat(path) // before opening: opening a pipe would wait for ever
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > templateBytesMax {
		return nil, fmt.Errorf("it is no file, or larger than %d MB", templateBytesMax>>20)
	}
	return os.ReadFile(path)
}
