package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"
)

//go:embed person.gohtml
var personText string

// personWords are the Chinese words for the codes of a person's file.
var personWords = struct {
	kind, event, decision, block, repair, verdict, agreement, flag words
}{
	kind:      words{"1": "医师", "2": "护士", "3": "药师", "4": "技师"},
	event:     words{"points": "记分", "block": "暂停或终止", "repair": "修复", "clear": "清零", "restore": "恢复"},
	decision:  words{"proposed": "拟处理", "final": "已生效", "revoked": "已撤销"},
	block:     words{"to_come": "尚未开始", "running": "执行中", "over": "期满未恢复", "restored": "已恢复"},
	repair:    words{"study": "学习培训", "publicity": "政策宣传", "on_site": "跟岗学习"},
	verdict:   words{"withhold": "扣款", "exempt": "急诊豁免", "review": "待复核", "pay": "支付"},
	agreement: words{"active": "有效", "suspended": "中止", "terminated": "解除"},
	flag:      words{"1": "有", "0": "无"},
}

// personPage is what the template shows beside the file.
type personPage struct {
	*PersonFile
	Timeline *timeline
	Total    ClaimTotal // over all months and institutions
	Differs  int        // stretches in which registry and record differ
}

// WritePerson writes a person's file as one HTML page without any outside resource.
func WritePerson(w io.Writer, f *PersonFile) error {
	lex := newLexicon()
	t, err := template.New("person").Funcs(template.FuncMap{
		"clauses": clauses, "days": chineseDays, "long": longDay, "last": lastDay, "status": func(s any) string { return lex.status.of(plain(s)) }, "feed": feedTitle,
		"kind": func(t Text) string { return personWords.kind.of(string(t)) }, "event": personWords.event.of, "state": personWords.decision.of,
		"stage": personWords.block.of, "due": deadlineStates.of, "repair": personWords.repair.of, "verdict": personWords.verdict.of,
		"duty":  func(t Text) string { return responsibilities.of(string(t)) },
		"grade": func(t Text) string { return adjustments.of(string(t)) },
		"terms": func(t Text) string { return personWords.agreement.of(string(t)) },
		"flag":  func(t Text) string { return personWords.flag.of(string(t)) },
		"test":  func(t Text) string { return lex.emergency.of(string(t)) },
		"own":   func(s string) string { return ownRules(s, lex.role) }, "text": plain, "signed": signed,
	}).Parse(styleText + personText)
	if err != nil {
		return fail("write page", "person.gohtml", "this is a fault of the program: report it", err)
	}
	p := personPage{PersonFile: f, Timeline: newTimeline(f)}
	for _, x := range f.ClaimTotals {
		p.Total.WithholdLines, p.Total.Withhold = p.Total.WithholdLines+x.WithholdLines, p.Total.Withhold+x.Withhold
		p.Total.ExemptLines, p.Total.Exempt = p.Total.ExemptLines+x.ExemptLines, p.Total.Exempt+x.Exempt
		p.Total.ReviewLines, p.Total.Review = p.Total.ReviewLines+x.ReviewLines, p.Total.Review+x.Review
		p.Total.ReleasedLines += x.ReleasedLines
		p.Total.Recovered, p.Total.Released = p.Total.Recovered+x.Recovered, p.Total.Released+x.Released
	}
	for i, x := range f.Comparison {
		if i > 0 && f.Comparison[i-1].To == x.From && f.Comparison[i-1].Registry == x.Registry && f.Comparison[i-1].Derived == x.Derived {
			continue // cut in two where rule 409 begins
		}
		if !x.Agrees {
			p.Differs++
		}
	}
	return t.Execute(w, p)
}

// plain is any of the file's texts as a string.
func plain(v any) string {
	switch x := v.(type) {
	case Text:
		return string(x)
	case Day:
		return string(x)
	case string:
		return x
	}
	return ""
}

// signed is what a total changed by, with a minus sign of its width; nothing for no change.
func signed(points int) string {
	if points == 0 {
		return ""
	}
	return strings.Replace(fmt.Sprintf("%+d", points), "-", "−", 1)
}

// chineseDays is a half-open stretch with both its days: 2025-03-14 至 2025-04-13.
func chineseDays(from, to Day) string {
	end := ""
	if day, ok := dayOf(to); ok {
		end = day.AddDate(0, 0, -1).Format(time.DateOnly)
	}
	return span(string(from), end)
}

// span is a stretch of days, both ends inclusive, either of which may be open.
func span(from, to string) string {
	switch {
	case from != "" && to != "":
		return from + " 至 " + to
	case from != "":
		return from + " 起"
	case to != "":
		return "至 " + to
	}
	return "始终"
}

// longDay is 2025年3月14日.
func longDay(d Day) string {
	if day, ok := dayOf(d); ok {
		return chineseDay(day)
	}
	return "—"
}

// lastDay is the day before d: a half-open stretch ends with it.
func lastDay(d Day) string {
	if day, ok := dayOf(d); ok {
		return chineseDay(day.AddDate(0, 0, -1))
	}
	return "—"
}

func dayOf(d Day) (time.Time, bool) {
	day, err := time.Parse(time.DateOnly, string(d))
	return day, err == nil
}

// ownRules turns "402 bilg_dr; 402 orders_dr" into 402（开单人员、受单人员）.
func ownRules(text string, role words) string {
	var out []string
	last := ""
	for _, part := range strings.Split(text, "; ") {
		rule, who, _ := strings.Cut(part, " ")
		if rule == last {
			out[len(out)-1] = strings.TrimSuffix(out[len(out)-1], "）") + "、" + role.of(who) + "）"
			continue
		}
		if rule != "" {
			out, last = append(out, rule+"（"+role.of(who)+"）"), rule
		}
	}
	return strings.Join(out, "；")
}
