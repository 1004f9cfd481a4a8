package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"claimsaudit/pipeline"
)

// cents is an amount of money; it is shown in yuan.
type cents int64

// String writes yuan with two decimals and thousands separators: -1,234.50.
func (c cents) String() string {
	sign, n := "", int64(c)
	if n < 0 {
		sign, n = "-", -n
	}
	return fmt.Sprintf("%s%s.%02d", sign, grouped(n/100), n%100)
}

// yuan is the nearest float, for cells; spreadsheets know nothing else.
func (c cents) yuan() float64 { return float64(c) / 100 }

// grouped writes n with a comma between thousands.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := len(s) - len(strings.TrimPrefix(s, "-"))
	for at := len(s) - 3; at > sign; at -= 3 {
		s = s[:at] + "," + s[at:]
	}
	return s
}

// hundredths is a percentage times 100.
type hundredths int64

func (h hundredths) String() string { return cents(h).String() + "%" }

// words translates a code for the reader; a code it lacks is shown as it is.
type words map[string]string

func (w words) of(code string) string {
	if s, ok := w[code]; ok {
		return s
	}
	return code
}

// lexicon holds the Chinese words for the mart's codes.
type lexicon struct {
	institutionType, role, status, emergency, kind, cause, window, action words
}

func newLexicon() lexicon {
	return lexicon{
		institutionType: words{"1": "医疗机构", "2": "零售药店"},
		role:            words{"bilg_dr": "开单人员", "orders_dr": "受单人员", "principal": "药店负责人"},
		status:          words{"normal": "正常", "suspended": "暂停", "terminated": "终止", "expired": "期满未恢复"},
		emergency:       words{"review": "人工认定急诊", "med_type": "医疗类别为急诊", "er_flag": "明细急诊标志"},
		kind:            words{"withhold": "扣款", "recover": "追回", "release": "退还"},
		cause: words{"new_row": "新送达数据", "superseded_row": "数据更正", "status_learnt_late": "状态事后获知",
			"review_decision": "人工复核决定", "refund": "退费或作废"},
		window: words{"month": "当月", "ytd": "本年累计", "year": "全年"},
		action: words{"withhold": "扣款", "review": "复核", "off": "停用"},
	}
}

// ratioTitle is the Chinese name of a ratio; the mart's name stands in for an unknown one.
func ratioTitle(no int64, name string) string {
	switch no {
	case 601:
		return "医保码结算率"
	case 602:
		return "移动支付结算率"
	case 603:
		return "电子处方开具率"
	case 604:
		return "电子处方结算率"
	case 605:
		return "进销存上传率"
	case 606:
		return "进销存上传完整率"
	case 607:
		return "追溯码采集率"
	case 608:
		return "药品网采率（金额单位：分）"
	default:
		return name
	}
}

// ratioWord does the same for number and name in one text, "601 insurance_code".
func ratioWord(s string) string {
	number, name, _ := strings.Cut(s, " ")
	no, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return s
	}
	return ratioTitle(no, name)
}

func feedTitle(feed string) string {
	if f := pipeline.FeedNamed(feed); f != nil {
		return f.Title
	}
	return feed
}

// clauses turns "19, 50" into 第十九条、第五十条; any other text is shown as it is.
func clauses(article string) string {
	var out []string
	for _, part := range strings.FieldsFunc(article, func(r rune) bool { return strings.ContainsRune(" ,;，；、", r) }) {
		n, err := strconv.Atoi(part)
		if err != nil || n < 1 || n > 99 {
			return article
		}
		out = append(out, "第"+numeral(n)+"条")
	}
	return strings.Join(out, "、")
}

// numeral writes 1 to 99 in Chinese.
func numeral(n int) string {
	digits := []rune("零一二三四五六七八九")
	tens, ones := "", ""
	if n >= 20 {
		tens = string(digits[n/10])
	}
	if n >= 10 {
		tens += "十"
	}
	if n%10 > 0 {
		ones = string(digits[n%10])
	}
	return tens + ones
}

func chineseMonth(p pipeline.Period) string { return fmt.Sprintf("%d年%d月", p.Year, int(p.Month)) }

func chineseDay(t time.Time) string {
	return fmt.Sprintf("%d年%d月%d日", t.Year(), int(t.Month()), t.Day())
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// stamp is a moment as the centre's wall clock shows it.
func stamp(t time.Time) string { return t.In(pipeline.Shanghai).Format("2006-01-02 15:04") }

func driftText(d cents) string {
	return fmt.Sprintf("按数据截至日的判定，本期扣款与已出具的通知单相差 %s 元；通知单不改写，差额由下一期通知单追回或退还。", d)
}
