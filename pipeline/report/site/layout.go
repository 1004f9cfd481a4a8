package site

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"claimsaudit/pipeline"
	"claimsaudit/pipeline/report"
)

// page says what stands around a page's body.
type page struct {
	name, title string // file, with slashes; heading
	lead        string // below the heading
	section     string // of the menu
	hasCharts   bool
	up          string
}

type menuItem struct{ file, title string }

func (b *build) menu() []menuItem {
	items := []menuItem{{"index.html", "总览"}, {"institutions.html", "机构"}, {"practitioners.html", "人员"}, {"deadlines.html", "期限与预警"},
		{"data-quality.html", "数据质量"}, {"runs.html", "运行记录"}}
	if b.opts.People == Off {
		items = append(items[:2], items[3:]...)
	}
	return items
}

// csp lets a page load what lies beside it and nothing else: file: is for a site opened from a folder, where 'self' means
// nothing to some browsers.
const csp = "default-src 'none'; script-src 'self' file:; style-src 'self' file:; img-src 'self' file: data:; base-uri 'none'; form-action 'none'"

func (b *build) head(d *doc, p page) {
	d.add(raw("<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\""), csp,
		raw("\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n"+
			"<meta name=\"robots\" content=\"noindex\">\n<meta name=\"referrer\" content=\"no-referrer\">\n<title>"), p.title, "｜", b.meta.CentreName,
		raw("</title>\n<link rel=\"icon\" href=\"data:,\">\n<link rel=\"stylesheet\" href=\""+raw(p.up)+"assets/site.css\">\n<link rel=\"stylesheet\" href=\""+raw(p.up)+"assets/run.css\">\n"))
	if p.hasCharts {
		d.add(raw("<script src=\"" + p.up + "assets/echarts.common.min.js\" defer></script>\n"))
	}
	d.add(raw("<script src=\""+p.up+"assets/site.js\" defer></script>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">跳到正文</a>\n"+
		"<div class=\"top\"><p class=\"centre\">"), b.meta.CentreName, raw("</p>\n<nav aria-label=\"栏目\"><ul>"))
	for _, item := range b.menu() {
		d.add(raw(`<li><a href="`+p.up+item.file+`"`), current(item.file == p.section), raw(">"), item.title, raw("</a></li>"))
	}
	d.add(raw("</ul></nav></div>\n<main id=\"main\" tabindex=\"-1\">\n<header><h1>"), p.title, raw("</h1>\n"))
	if p.lead != "" {
		d.add(raw(`<p class="lead">`), p.lead, raw("</p>\n"))
	}
	d.add(raw("</header>\n"))
}

func current(is bool) raw {
	if is {
		return ` aria-current="page"`
	}
	return ""
}

func (b *build) foot(d *doc, p page) {
	d.add(raw("</main>\n<footer>\n<p>运行编号 <code>"), orDash(b.meta.RunID), raw("</code>　数据截至 "), report.ChineseDay(b.meta.AsOf), raw("　校验链 <code>"), b.shortHash(),
		raw("</code>　生成于 "), report.Stamp(b.meta.GeneratedAt), raw("</p>\n<p>核对打印件：<code>claimsaudit verify --hash "), b.shortHash(),
		raw("</code>"))
	if b.meta.RulePackTitle != "" {
		d.add("　规则依据：", b.meta.RulePackTitle)
	}
	d.add(raw("</p>\n</footer>\n</body>\n</html>\n"))
}

func (b *build) shortHash() string {
	if len(b.meta.ChainHash) < 8 {
		return orDash(b.meta.ChainHash)
	}
	return b.meta.ChainHash[:8]
}

// section opens a section; close it with end.
func (d *doc) section(title, note string) {
	d.add(raw("<section>\n<h2>"), title)
	if note != "" {
		d.add(raw("<small>"), note, raw("</small>"))
	}
	d.add(raw("</h2>\n"))
}

func (d *doc) end() { d.add(raw("</section>\n")) }

func (d *doc) para(class, text string) {
	d.add(raw(`<p class="`), class, raw(`">`), text, raw("</p>\n"))
}

// fact is one line of a list of facts.
type fact struct{ name, value string }

func (d *doc) facts(all []fact) {
	d.add(raw(`<dl class="facts">`))
	for _, x := range all {
		if x.value != "" {
			d.add(raw("<div><dt>"), x.name, raw("</dt><dd>"), x.value, raw("</dd></div>"))
		}
	}
	d.add(raw("</dl>\n"))
}

// cards shows the amounts of a month, and that they add up.
func (d *doc) cards(a amounts, exempt, review, withhold int64) {
	d.add(raw(`<div class="hero"><div><div class="name">申报基金金额</div><div class="amount">`), a.Fund.String(),
		raw(`<span class="unit">元</span></div></div><div class="side"><span>结算 `), report.Grouped(a.Settlements), " 笔",
		raw("</span><span>明细 "), report.Grouped(a.Lines), " 条", raw("</span></div></div>\n<div class=\"cards\">\n"))
	card := func(tone, name string, c report.Cents, note string) {
		d.add(raw(`<div class="card `), tone, raw(`"><div class="name">`), name, raw(`</div><div class="amount">`), c.String(),
			raw(`<span class="unit">元</span></div><div class="note">`), note, raw("</div></div>\n"))
	}
	card("pay", "支付", a.Pay, "占申报 "+report.Share(a.Pay, a.Fund))
	card("exempt", "急诊豁免", a.Exempt, report.Grouped(exempt)+" 条明细")
	card("review", "待复核", a.Review, report.Grouped(review)+" 条明细")
	card("withhold", "扣款（不予支付）", a.Withhold, report.Grouped(withhold)+" 条明细")
	d.add(raw("</div>\n"))
	if rest := a.Fund - a.Pay - a.Exempt - a.Review - a.Withhold; rest != 0 {
		d.para("caution", "申报与各项之和相差 "+rest.String()+" 元，请勿使用本页数字，并报告运行编号。")
		return
	}
	d.para("balance", fmt.Sprintf("申报 %v 元 ＝ 支付 %v 元 ＋ 急诊豁免 %v 元 ＋ 待复核 %v 元 ＋ 扣款 %v 元，核对相符。", a.Fund, a.Pay, a.Exempt, a.Review, a.Withhold))
}

// month is 2025年3月; a text that is no month is shown as it is.
func month(key string) string {
	p, err := pipeline.ParsePeriod(key)
	if err != nil {
		return orDash(key)
	}
	return report.ChineseMonth(p)
}

// span is a stretch of days, both ends inclusive.
func span(from, to string) string { return report.Span(from, to) }

// daysTo says how far off a day is.
func daysTo(day string, asOf time.Time) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return ""
	}
	switch n := int(t.Sub(asOf).Hours() / 24); {
	case n == 0:
		return "当天"
	case n < 0:
		return fmt.Sprintf("已过 %d 天", -n)
	default:
		return fmt.Sprintf("还有 %d 天", n)
	}
}

// ruleName is 402 暂停期内提供服务.
func (b *build) ruleName(no int64) string {
	if no == 0 {
		return "—"
	}
	return strings.TrimSpace(strconv.FormatInt(no, 10) + " " + b.Rules[no].Title)
}
