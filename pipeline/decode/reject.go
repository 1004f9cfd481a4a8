package decode

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"claimsaudit/pipeline"
)

// fault is a reason to reject a row.
type fault uint8

const (
	noFault fault = iota
	faultMissing
	faultAmountForm
	faultAmountRange
	faultDecimals
	faultInt
	faultTime
	faultDay
	faultClock
	faultIDForm
	faultNumericID
	faultEnum
	faultPoints
	faultCorrection
	faultYear
	faultUnscored
	faultIndicator
	faultPart
	faultWay
	faultPercent
	faultUnsigned
	faultNothingEntered
	faultNegative
	faultCount
	faultOneOfTwo
	faultVisits
	faultScore
	faultNoPrice
	faultWhosePrice
	faultEndsEarly
	faultFewerFields
	faultMoreFields
	faultQuote
	faultTooLong
	faultNUL
	faultControl
	faultEncoding
)

// problem is a fault with what its sentence needs.
type problem struct {
	fault  fault
	column *planColumn // nil when the row as a whole is at fault
	value  []byte      // as delivered, trimmed
	band   *Band
	have   int // fields or points delivered, or the indicator
	words  []string
	cited  string // article of the row, "" for none
}

// reason is the sentence for the sender. It never shows a personal value.
func (p *problem) reason(pl *plan) string {
	switch p.fault {
	case faultFewerFields:
		return fmt.Sprintf("本行只有 %d 个字段，首行有 %d 个列名；请补齐，没有值的列也要保留分隔符", p.have, pl.width)
	case faultMoreFields:
		return fmt.Sprintf("本行有 %d 个字段，首行只有 %d 个列名；内容里含有分隔符的字段请用双引号括起", p.have, pl.width)
	case faultQuote:
		return "双引号不成对：以双引号开头的字段没有正确结束；请补上结尾的双引号，内容里的双引号要写成两个"
	case faultTooLong:
		return fmt.Sprintf("本行超过 %d 字节；请检查是否缺少换行", maxRecord)
	case faultControl:
		return "本行含有控制字符 U+001F；请删除后重报"
	case faultNUL:
		return "本行含有空字符（NUL 字节），文件可能已损坏；请重新导出"
	case faultEncoding:
		return "本行含有无法解码的字节，与文件的编码不符；请整个文件统一用 UTF-8 或 GB18030 导出"
	}
	if p.cited != "" && p.fault != faultPoints {
		return "列 " + p.column.Name + "：" + p.rule() + "（条款：第 " + p.cited + " 条）"
	}
	return "列 " + p.column.Name + "：" + p.rule()
}

// cite is the article a rejected row is about: a decision's own where it can be read, the rule pack's for other feeds.
func (w *worker) cite(t *rowText) string {
	if w.plan.check != checkPoints {
		return w.plan.article
	}
	pc := w.column("article")
	if v := t.field(pc.from); len(v) > 0 {
		if code := pc.code(v); pc.allows(code) {
			return string(code)
		}
	}
	return ""
}

// rule is the part of the sentence about one column.
func (p *problem) rule() string {
	q := p.quote()
	switch p.fault {
	case faultMissing:
		return "不能为空，请填写"
	case faultAmountForm:
		return "数值" + q + "写法不对；请只写半角数字和小数点，例如 1234.50，不要货币符号、全角数字或科学计数法"
	case faultAmountRange:
		return "数值" + q + "太大，超出可以保存的范围；请核对"
	case faultDecimals:
		return fmt.Sprintf("数值%s的有效小数超过 %d 位；请最多保留 %d 位小数，系统不做四舍五入", q, p.column.scale, p.column.scale)
	case faultInt:
		return "数值" + q + "不是整数；请写半角整数，例如 3"
	case faultTime:
		return "时间" + q + "写法不对；请写成 2025-03-01 08:30:00、2025-03-01 或 20250301083000"
	case faultDay:
		return "日期" + q + "不存在；请核对年月日"
	case faultClock:
		return "时刻" + q + "不存在；小时为 00 到 23，分和秒为 00 到 59"
	case faultIDForm:
		return "编号" + q + "是科学计数法或带小数，说明曾按数字格式保存、原值已丢失；请从源系统按文本重新导出"
	case faultNumericID:
		return "编号在文件中是数字而不是文本，可能已丢失末尾数字或前面的 0；请把该列设为文本格式后从源系统重新导出"
	case faultEnum:
		return "代码" + q + "不在允许的范围内；请填 " + strings.Join(p.column.Allowed, "、") + " 之一"
	case faultPoints:
		return fmt.Sprintf("%d 分不在第 %s 条的记分范围内；该条应为 %d 到 %d 分，请核对条款和分值", p.have, p.band.Article, p.band.From, p.band.To)
	case faultCorrection:
		return "decision 为 correct_practitioner 时必须填写更正后的人员代码"
	}
	return p.entryRule()
}

// entryRule is the sentence about what a person entered for a scorecard, or about a price.
func (p *problem) entryRule() string {
	switch p.fault {
	case faultYear:
		return fmt.Sprintf("考核年度不对；请写四位年份，%d 至 %d", firstYear, lastYear)
	case faultUnscored:
		return fmt.Sprintf("这个年度没有考核表，最早的是 %d 年，不会计入；请核对考核年度", p.have)
	case faultIndicator:
		return fmt.Sprintf("评分表里没有序号为 %d 的指标；请核对考核表的序号", p.have)
	case faultPart:
		if len(p.words) == 0 {
			return fmt.Sprintf("指标 %d 不收佐证；请核对指标序号", p.have)
		}
		if len(p.value) == 0 {
			return fmt.Sprintf("指标 %d 有几个分项，没有写明是哪一个；请填 %s 之一", p.have, strings.Join(p.words, "、"))
		}
		return fmt.Sprintf("指标 %d 没有分项%s；请填 %s 之一", p.have, p.quote(), strings.Join(p.words, "、"))
	case faultWay:
		return "这个分项应填本列；请核对填写的是哪一列"
	case faultPercent:
		return "百分数不能大于 100；请只写数字，例如 90.5"
	case faultUnsigned:
		return "填了数值的行必须写明填写人和填写时间"
	case faultNothingEntered:
		return "没有填写数值、次数、是否或事项日期；请至少填一项，还没有结果的整行留空"
	case faultNegative:
		return "不能是负数；请核对"
	case faultCount:
		return fmt.Sprintf("次数应在 0 至 %d 之间；请核对", mostCount)
	case faultOneOfTwo:
		return "每行只报一项：填报项目配填报数值，或者指标序号配自评得分"
	case faultVisits:
		return "人次应为整数；请核对"
	case faultScore:
		return fmt.Sprintf("自评得分应在 0 至 %d 之间（该项总分），最多两位小数；请核对", p.have)
	case faultNoPrice:
		return "限价应大于 0；请核对"
	case faultWhosePrice:
		return "非医保价必须写明是哪一家药店"
	case faultEndsEarly:
		return "有效截止日期早于起始日期；请核对"
	}
	return "不能使用"
}

// quote is the value at fault, empty for a personal one.
func (p *problem) quote() string {
	if p.column.Personal || len(p.value) == 0 {
		return ""
	}
	if p.column.Type >= pipeline.Cents && countDigits(p.value) >= 15 {
		return "" // a number in the wrong column may be a person's
	}
	return "“" + clip(string(p.value)) + "”"
}

func countDigits(v []byte) (n int) {
	for _, b := range v {
		if b >= '0' && b <= '9' {
			n++
		}
	}
	return n
}

// clip shortens s to 40 characters.
func clip(s string) string {
	if utf8.RuneCountInString(s) <= 40 {
		return s
	}
	return string([]rune(s)[:39]) + "…"
}

// reject counts a row that was split into fields and keeps it as rejected.
func (w *worker) reject(t *rowText, p problem) {
	for i := range w.columns {
		w.columns[i].drop(w.n)
	}
	var cents int64
	if a := w.plan.amount; a >= 0 && !t.surplus {
		if n, f := parseCents(t.field(w.plan.columns[a].from)); f == noFault {
			cents = n
		}
	}
	p.cited = w.cite(t)
	isTold := p.fault != faultFewerFields && p.fault != faultMoreFields && len(t.fields) >= w.plan.width
	out := pipeline.RejectedRow{LineNo: t.line, Reason: p.reason(w.plan), Raw: clean(t.raw), Cents: cents}
	if p.column != nil {
		out.Column = p.column.Name
	}
	if isTold {
		out.Masked = w.maskFields(t)
	} else {
		out.Masked = maskText(out.Raw)
	}
	out.Raw, out.Masked = shorten(out.Raw, len(out.Raw)), shorten(out.Masked, len(out.Masked))
	w.count(out)
}

// rejectRaw keeps a record that could not be split; total is its length in the
// file, of which text may be the beginning only.
func (w *worker) rejectRaw(line int64, f fault, text []byte, total int64) {
	p := problem{fault: f}
	raw := clean(bytes.TrimSuffix(text, []byte("\r")))
	if total > int64(maxRaw) {
		raw = strings.TrimRight(raw, "\uFFFD") // a character cut in two
	}
	masked := maskText(raw)
	if total > int64(maxRaw) {
		raw, masked = cut(raw, total), cut(masked, total)
	}
	w.count(pipeline.RejectedRow{LineNo: line, Reason: p.reason(w.plan), Raw: raw, Masked: masked})
}

func (w *worker) count(row pipeline.RejectedRow) {
	w.job.read = w.job.read.Add(pipeline.Tally{Rows: 1, Cents: row.Cents})
	w.job.rejects = append(w.job.rejects, row)
}

// clean is the text without NUL, which no text column can hold.
func clean(b []byte) string { return strings.ReplaceAll(string(b), "\x00", "␀") }

func shorten(s string, total int) string {
	if len(s) <= maxRaw {
		return s
	}
	n := maxRaw
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return cut(s[:n], int64(total))
}

func cut(s string, total int64) string {
	return fmt.Sprintf("%s…（内容过长，已截断；原长 %d 字节）", s, total)
}

// maskFields writes the row anew with a * for every value that is personal or
// of a column we do not know.
func (w *worker) maskFields(t *rowText) string {
	var b strings.Builder
	for i := range t.fields {
		if i > 0 {
			b.WriteByte(t.sep)
		}
		v := clean(bytes.ToValidUTF8(t.field(i), []byte("\uFFFD")))
		switch {
		case v == "":
		case i >= len(w.plan.hide) || w.plan.hide[i]:
			b.WriteByte('*')
		case strings.IndexByte(v, t.sep) >= 0 || strings.ContainsAny(v, "\"\r\n"):
			b.WriteString(`"` + strings.ReplaceAll(v, `"`, `""`) + `"`)
		default:
			b.WriteString(v)
		}
	}
	return b.String()
}

// maskText hides what may be personal in text whose fields are not known: long
// numbers, with an X at their end or not, and Chinese words.
func maskText(s string) string {
	var b strings.Builder
	runes := []rune(s)
	for i := 0; i < len(runes); {
		j := i
		for j < len(runes) && isDigit(runes[j]) {
			j++
		}
		switch n := j - i; {
		case n >= 15:
			if j < len(runes) && (runes[j] == 'X' || runes[j] == 'x') {
				j++
			}
			b.WriteByte('*')
		case n > 0:
			b.WriteString(string(runes[i:j]))
		default:
			for j < len(runes) && unicode.Is(unicode.Han, runes[j]) {
				j++
			}
			if j > i {
				b.WriteByte('*')
				break
			}
			j++
			b.WriteRune(runes[i])
		}
		i = j
	}
	return b.String()
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' || r >= '０' && r <= '９' }
