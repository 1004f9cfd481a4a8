package report

import (
	"cmp"
	"slices"
	"strconv"
	"time"
)

// claimTitle is what the statement of one institution is called.
const claimTitle = "医保费用扣款、追回通知书"

// Claim is the statement of one institution (扣款／追回通知书): what is withheld from it, recovered and given back by one
// statement, line by line. It knows no patient, and practitioners by code and masked name.
type Claim struct {
	Meta                     // of the run that issued the statement
	Number                   string
	FileName                 string // of its files, without extension
	Code, Name               string // of the institution; Name "" = not registered
	PolicyNo                 string // document whose articles are cited
	Office                   Office
	Dated                    time.Time // day on the notice
	ObjectUntil              time.Time // last day
	ObjectWorkdays           int
	Lines                    []StatementLine // of the statement, in any order
	Review                   []StatementLine // of the same month, what a person still has to look at
	Withheld, Recovered, Net cents           // set by Tally, with what follows
	Released, InReview       cents
	Kinds                    []claimKind
	Rules                    []claimRule
}

// StatementLine is one line of a statement.
type StatementLine struct {
	Kind, Period         string
	SetlID, LineNo       string
	ServiceDay           time.Time
	ItemCode, Item       string
	Person, PersonName   string // code, masked name; "" where no person is concerned
	Role, Status         string
	StatusFrom           time.Time // zero: not known, or no status
	Rule                 int       // 0 where nothing stands any more
	RuleTitle, Article   string
	Reason               string // of the rule, in the rule pack's words
	Cause, EarlierNotice string // why now; the statements that stood on the line before
	Cents                int64
}

// claimKind is the sum of one kind and its lines.
type claimKind struct {
	Kind, Title, Note string
	Lines             []StatementLine
	Sum               cents
}

// claimRule is what one rule withholds, recovers and gives back.
type claimRule struct {
	Label, Title, Article, Reason          string
	Lines                                  int64
	Withheld, Recovered, Released, Outcome cents
}

// nothingStands stands for the rule of a line on which nothing is withheld any more.
const nothingStands = "— 不再成立"

var claimNotes = words{"withhold": "本期结算中不予支付的费用", "recover": "以前期间已支付、本期通知追回的费用", "release": "以前通知、现不再成立的扣款或追回，以负数表示"}

// Tally sorts the lines and adds them up. Call it once, before the forms.
func (c *Claim) Tally() {
	byPlace := func(a, b StatementLine) int {
		return cmp.Or(cmp.Compare(a.Period, b.Period), cmp.Compare(a.SetlID, b.SetlID), cmp.Compare(a.LineNo, b.LineNo), cmp.Compare(a.Cents, b.Cents))
	}
	slices.SortFunc(c.Review, byPlace)
	for _, l := range c.Review {
		c.InReview += cents(l.Cents)
	}
	title := newLexicon().kind
	rules := map[int]*claimRule{}
	for _, kind := range []string{"withhold", "recover", "release"} {
		k := claimKind{Kind: kind, Title: title.of(kind), Note: claimNotes.of(kind)}
		for _, l := range c.Lines {
			if l.Kind != kind {
				continue
			}
			k.Lines, k.Sum = append(k.Lines, l), k.Sum+cents(l.Cents)
			if rules[l.Rule] == nil {
				rules[l.Rule] = &claimRule{Label: l.ruleLabel(), Title: l.RuleTitle, Article: l.Article, Reason: l.Reason}
			}
			r := rules[l.Rule]
			r.Lines, r.Outcome = r.Lines+1, r.Outcome+cents(l.Cents)
			*map[string]*cents{"withhold": &r.Withheld, "recover": &r.Recovered, "release": &r.Released}[kind] += cents(l.Cents)
		}
		slices.SortFunc(k.Lines, byPlace)
		c.Kinds = append(c.Kinds, k)
	}
	c.Withheld, c.Recovered, c.Released = c.Kinds[0].Sum, c.Kinds[1].Sum, c.Kinds[2].Sum
	c.Net = c.Withheld + c.Recovered + c.Released
	for _, r := range rules {
		c.Rules = append(c.Rules, *r)
	}
	slices.SortFunc(c.Rules, func(a, b claimRule) int { // what no rule holds any more comes last
		return cmp.Or(cmp.Compare(boolInt(a.Label == nothingStands), boolInt(b.Label == nothingStands)), cmp.Compare(a.Label, b.Label))
	})
}

func (l StatementLine) ruleLabel() string {
	if l.Rule == 0 {
		return nothingStands
	}
	return strconv.Itoa(l.Rule) + " " + l.RuleTitle
}

// Addressee is whom the notice is for.
func (c *Claim) Addressee() string {
	return oneLine(orElse(c.Name, "（名称未登记）")) + "（" + oneLine(c.Code) + "）"
}

// Opening is the first sentence.
func (c *Claim) Opening() string {
	also := ""
	if c.Kinds[1].Lines != nil || c.Kinds[2].Lines != nil {
		also = "，并复查了以前通知和支付的费用"
	}
	return "根据" + c.PolicyNo + "文件，对你单位" + chineseMonth(c.Period) + "的医保结算费用进行了审核" + also + "（数据截至" + chineseDay(c.AsOf) + "）。现将结果通知如下。"
}

// Verdict says the outcome in one sentence.
func (c *Claim) Verdict() string {
	switch {
	case c.Net > 0:
		return "以上合计，应从你单位的医保基金支付中扣减 " + c.Net.String() + " 元。"
	case c.Net < 0:
		return "以上合计，应退还你单位 " + (-c.Net).String() + " 元。"
	}
	return "以上各项相抵，合计为 0 元。"
}

// Objection says until when and how to object.
func (c *Claim) Objection() []string {
	return []string{
		"对所列明细有异议的，请于" + chineseDay(c.ObjectUntil) + "（含当日，为本通知书日期次日起的第 " + strconv.Itoa(c.ObjectWorkdays) + " 个工作日）以前书面提出，写明结算ID、费用明细流水号和理由，并附证明材料。",
		"属急诊、抢救等特殊情形的，请附急诊病历等材料。经核实应予支付的，在以后的通知书中退还。逾期未提出的，按本通知书办理。",
	}
}

// ReviewNote explains the list of what waits for a person.
func (c *Claim) ReviewNote() string {
	return "另有 " + grouped(int64(len(c.Review))) + " 条明细、" + c.InReview.String() + " 元尚待人工核实，未计入本通知书的金额，列出供你单位核对；可以一并提供材料。"
}

// Contact is how the office is reached; what nobody has set is a line to write on.
func (c *Claim) Contact() [][2]string {
	return [][2]string{{"联系人", orElse(c.Office.Contact, byHand)}, {"联系电话", orElse(c.Office.Phone, byHand)}, {"地址", orElse(c.Office.Address, byHand)}}
}

// item is the thing charged, with its code.
func (l StatementLine) item() string { return named(l.Item, l.ItemCode) }

// person is the person the verdict rests on.
func (l StatementLine) person() string {
	if l.Person == "" {
		return ""
	}
	return named(l.PersonName, l.Person)
}

func named(name, code string) string {
	if name == "" || name == code {
		return code
	}
	if code == "" {
		return name
	}
	return name + "（" + code + "）"
}

// statusText is the status with its first day.
func (l StatementLine) statusText(w lexicon) string {
	text := w.status.of(l.Status)
	if l.Status != "" && !l.StatusFrom.IsZero() {
		text += "，" + l.StatusFrom.Format(time.DateOnly) + " 起"
	}
	return text
}

// remark says why a line of an earlier month, or one given back, is on this statement.
func (l StatementLine) remark(w lexicon) string {
	text := ""
	if l.Kind == "recover" || l.Kind == "release" {
		text = w.cause.of(l.Cause)
	}
	if l.EarlierNotice != "" {
		text += "；原通知单 " + l.EarlierNotice
	}
	return text
}
