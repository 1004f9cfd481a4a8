package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// PointsFacts are what the notice of intended points (Art. 35) and the decision notice (Art. 36) say. Both carry the
// person's name in full: they are served on the person and the institution.
type PointsFacts struct {
	IsDecision    bool // else the notice of intended points
	Number        string
	Office        Office
	PolicyNo      string
	Name, Code    string // Name "" = not known, to be written by hand
	Institutions  []PointsInstitution
	Decisions     []PointsItem // by number; at least one
	DecidedOn     time.Time
	Before, After int // total
	Measure       string
	Months        int
	From, To      time.Time // of the block, To exclusive; zero without one
	IsMerged      bool      // the block ends with another one that overlaps it
	Case          []string  // the case in the words of who handled it, by paragraph; none = to be written by hand
	Articles      PointsArticles
	ServedOn      time.Time // of this document
	ToldOn        time.Time // decision: when the notice of intention was served, zero if not known
	AppealedOn    time.Time
	Appeal        Limit // counted from ServedOn
	Registry      Limit // likewise
	Restoration   Limit // counted back from To: the first day of those before the end on which to ask
	Later         *LaterMeasure
	NewCommitment bool
	NoStudy       bool // the measure leaves repair by study without effect
}

// LaterMeasure is a heavier block that a proposed decision leads to together with final ones dated after it, which the
// outcome on its own day does not show.
type LaterMeasure struct {
	Decisions []string  // those dated after
	On        time.Time // day of the last decision the block rests on
	Total     int       // on that day
	Measure   string
	Months    int
	From, To  time.Time // To exclusive
	TotalNow  int
}

// Office is who issues the document, as the settings say; "" is written by hand.
type Office struct{ Issuer, Seal, Contact, Phone, Address string }

// PointsInstitution is where the person works. Name "" = not known, to be written by hand.
type PointsInstitution struct{ Code, Name string }

func (i PointsInstitution) String() string { return orElse(i.Name, byHand) }

// PointsItem is one decision of the document.
type PointsItem struct {
	No, Article, Item           string
	Points                      int
	InspectionNo, ActNo         string
	Responsibility, Adjustment  string
	Institution                 PointsInstitution
	CountedWith, CountedArticle string // "" = it counts itself
}

// Limit is a deadline: so many working days, and the day if it is known.
type Limit struct {
	Workdays int
	Article  string
	On       time.Time
}

// PointsArticles are the articles the text names beside those of the limits.
type PointsArticles struct{ Decision, Measures, Repair string }

// byHand is a place to write on.
const byHand = "＿＿＿＿＿＿"

// Document fills a template; source names it in errors. The same facts and template give the same bytes.
func (f *PointsFacts) Document(template []byte, source string) ([]byte, error) {
	return fillTemplate(template, source, f.blanks())
}

// CheckPointsTemplate reports what is wrong with a template: no Word document, placeholders that nobody knows, braces
// without their pair, what must not be left out.
func CheckPointsTemplate(template []byte, source string, isDecision bool) error {
	f := PointsFacts{IsDecision: isDecision, Decisions: []PointsItem{{}}}
	_, err := f.Document(template, source)
	return err
}

// PointsPlaceholders lists what a template may use.
func PointsPlaceholders() []string {
	f := PointsFacts{Decisions: []PointsItem{{}}}
	return f.blanks().known()
}

func (f *PointsFacts) blanks() Blanks {
	var institutions, codes, numbers, inspections []string
	for _, i := range f.Institutions {
		institutions, codes = append(institutions, i.String()), append(codes, i.Code)
	}
	for _, d := range f.Decisions {
		numbers = append(numbers, d.No)
		if d.InspectionNo != "" && !slices.Contains(inspections, d.InspectionNo) {
			inspections = append(inspections, d.InspectionNo)
		}
	}
	from, to := "", ""
	if !f.From.IsZero() {
		from, to = chineseDay(f.From), chineseDay(f.To.AddDate(0, 0, -1))
	}
	blocked := !f.From.IsZero()
	b := Blanks{
		Values: map[string]string{
			"发文单位": f.Office.Issuer, "印章": f.Office.Seal, "联系人": orElse(f.Office.Contact, byHand), "联系电话": orElse(f.Office.Phone, byHand),
			"单位地址": orElse(f.Office.Address, byHand), "文号": f.Number, "处理编号": strings.Join(numbers, "、"),
			"检查编号": strings.Join(inspections, "、"), "政策文号": f.PolicyNo, "年度": strconv.Itoa(f.DecidedOn.Year()),
			"姓名": orElse(f.Name, byHand), "人员代码": f.Code, "机构名称": orElse(strings.Join(slices.Compact(institutions), "、"), byHand),
			"机构代码": orElse(strings.Join(codes, "、"), byHand), "事实": f.facts(), "案情": f.caseText(), "适用条款": f.clauses(), "合并条款": f.onceClauses(),
			"处理结果": f.result(), "本次记分": strconv.Itoa(f.counted()), "累计记分": strconv.Itoa(f.After), "措施": f.measure(),
			"起始日期": from, "截止日期": to, "成文日期": chineseDay(f.DecidedOn), "告知条款": clauses(f.Appeal.Article), "送达条款": clauses(f.Articles.Decision),
			"告知情况": f.told(), "申诉工作日": strconv.Itoa(f.Appeal.Workdays), "申诉截止日期": dayOrByHand(f.Appeal.On),
			"申诉说明": f.appeal(), "送达日期": dayOrByHand(f.ServedOn), "维护工作日": strconv.Itoa(f.Registry.Workdays),
			"维护条款": clauses(f.Registry.Article), "维护截止日期": dayOrByHand(f.Registry.On), "维护说明": f.registry(),
			"恢复申请工作日": strconv.Itoa(f.Restoration.Workdays), "恢复条款": clauses(f.Restoration.Article), "恢复申请起始日期": f.restoration(),
			"恢复申请截止日期": to,
			"修复条款":     clauses(f.Articles.Repair), "修复说明": f.repair(),
		},
		Conditions: map[string]bool{"如受限": blocked, "如未受限": !blocked, "如暂停": f.Measure == "suspend", "如终止": f.Measure == "terminate",
			"如须重新承诺": blocked && f.NewCommitment, "如已送达": !f.ServedOn.IsZero(), "如未送达": f.ServedOn.IsZero()},
		RowNames: []string{"序号", "处理编号", "条款", "责任", "裁量", "记分", "检查编号", "行为编号", "机构", "说明"},
		Required: []string{"文号", "姓名", "处理结果"},
	}
	for i, d := range f.Decisions {
		b.Rows = append(b.Rows, map[string]string{"序号": strconv.Itoa(i + 1), "处理编号": d.No, "条款": d.clause(),
			"责任": responsibilities.orLine(d.Responsibility), "裁量": adjustments.orLine(d.Adjustment), "记分": d.shownPoints(), "检查编号": d.InspectionNo,
			"行为编号": d.ActNo, "机构": d.Institution.String(), "说明": d.note()})
	}
	return b
}

func dayOrByHand(t time.Time) string {
	if t.IsZero() {
		return "＿＿＿＿年＿＿月＿＿日"
	}
	return chineseDay(t)
}

var (
	responsibilities = words{"": "—", "general": "一般责任", "important": "重要责任", "main": "主要责任"}
	adjustments      = words{"": "—", "none": "无", "lighter": "从轻", "step_down": "减轻一档", "heavier": "从重", "step_up": "加重一档"}
	adjusted         = words{"": "", "none": "", "lighter": "，在同一记分档次内从轻记分", "step_down": "，减轻一档记分",
		"heavier": "，在同一记分档次内从重记分", "step_up": "，加重一档记分"}
)

// orLine is a place to write on for a code nobody knows: what was delivered is no word of a document.
func (w words) orLine(code string) string {
	if text, known := w[code]; known {
		return text
	}
	return "＿＿＿"
}

// clause names article and item: 第三十条第（二）项. An item that is no number stands beside it as delivered.
func (d PointsItem) clause() string {
	text := clauses(d.Article)
	number := strings.TrimPrefix(d.Item, d.Article+"-")
	if n, err := strconv.Atoi(number); err == nil && n > 0 && n < 100 {
		return text + "第（" + numeral(n) + "）项"
	}
	if d.Item != "" {
		text += "（" + d.Item + "）"
	}
	return text
}

func (d PointsItem) shownPoints() string {
	if d.CountedWith != "" {
		return fmt.Sprintf("（%d）", d.Points)
	}
	return strconv.Itoa(d.Points)
}

func (d PointsItem) note() string {
	if d.CountedWith != "" {
		return "与" + d.CountedWith + "合并，不另记分"
	}
	return ""
}

// counted is how many points count.
func (f *PointsFacts) counted() (n int) {
	for _, d := range f.Decisions {
		if d.CountedWith == "" {
			n += d.Points
		}
	}
	return n
}

// facts composes what the deliveries know, a paragraph for each decision.
func (f *PointsFacts) facts() string {
	var lines []string
	for i, d := range f.Decisions {
		var b strings.Builder
		if len(f.Decisions) > 1 {
			fmt.Fprintf(&b, "（%s）", numeral(i+1))
		}
		if d.InspectionNo != "" {
			fmt.Fprintf(&b, "在编号为%s的监督检查中查明，", d.InspectionNo)
		} else {
			b.WriteString("经查，")
		}
		fmt.Fprintf(&b, "你在%s执业（就业）期间，存在《细则》%s所列的负面情形", d.Institution, d.clause())
		if d.ActNo != "" {
			fmt.Fprintf(&b, "（行为编号%s）", d.ActNo)
		}
		if d.Responsibility != "" {
			fmt.Fprintf(&b, "，经认定负%s", responsibilities.orLine(d.Responsibility))
		}
		if text, known := adjusted[d.Adjustment]; known {
			b.WriteString(text)
		} else {
			b.WriteString("，裁量情形为" + byHand)
		}
		if d.CountedWith != "" {
			fmt.Fprintf(&b, "，对应的分值为%d分，与处理编号%s合并，不另行记分（处理编号%s）。", d.Points, d.CountedWith, d.No)
		} else {
			fmt.Fprintf(&b, "，%s记%d分（处理编号%s）。", f.intended(), d.Points, d.No)
		}
		lines = append(lines, b.String())
	}
	return strings.Join(lines, "\n")
}

func (f *PointsFacts) intended() string {
	if f.IsDecision {
		return ""
	}
	return "拟"
}

// caseText is the case as it was given, else lines to write on, which nobody can overlook.
func (f *PointsFacts) caseText() string {
	if len(f.Case) > 0 {
		return strings.Join(f.Case, "\n")
	}
	return "违法违规行为发生的时间、经过、涉及金额和主要证据（由承办人填写）：" + strings.Repeat("＿", 14) + "\n" + strings.Repeat("＿", 23) + "。"
}

// clauses are the articles of the decisions and of the measure, in ascending order.
func (f *PointsFacts) clauses() string {
	type clause struct {
		article, item int
		text          string
	}
	var list []clause
	add := func(article, item, text string) {
		c := clause{text: text}
		c.article, _ = strconv.Atoi(article) // what is no number comes first, as delivered
		c.item, _ = strconv.Atoi(strings.TrimPrefix(item, article+"-"))
		if text != "" && !slices.Contains(list, c) {
			list = append(list, c)
		}
	}
	for _, d := range f.Decisions {
		add(d.Article, d.Item, d.clause())
	}
	if f.Measure != "" || f.Later != nil {
		add(f.Articles.Measures, "", clauses(f.Articles.Measures))
	}
	slices.SortStableFunc(list, func(a, b clause) int { return cmp.Or(cmp.Compare(a.article, b.article), cmp.Compare(a.item, b.item)) })
	var texts []string
	for _, c := range list {
		texts = append(texts, c.text)
	}
	return strings.Join(texts, "、")
}

// onceClauses are the articles by which decisions are counted once, each with its comma.
func (f *PointsFacts) onceClauses() (text string) {
	for _, d := range f.Decisions {
		if c := clauses(d.CountedArticle); c != "" && !strings.Contains(text, c) {
			text += c + "、"
		}
	}
	return text
}
