package report

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
)

const (
	claimSheet, claimLinesSheet, claimReviewSheet = "通知书", "明细", "待复核"
	claimKindColumn, claimRuleColumn              = "A", "I" // of the sheet of lines
	claimAmountColumn                             = "L"
)

// Book writes the statement as a workbook: a front sheet whose sums are formulas over the sheet of lines. Call Tally
// first. The scratch folder must be nobody else's to read; nothing stays in it.
func (c *Claim) Book(ctx context.Context, scratch string) (content []byte, err error) {
	return c.book(ctx, scratch, usualLimits())
}

func (c *Claim) book(ctx context.Context, scratch string, l limits) (content []byte, err error) {
	file, err := os.CreateTemp(scratch, ".report-*") // 0600
	if err != nil {
		return nil, fail("write statement", scratch, hintDisk, err)
	}
	defer func() { err = errors.Join(err, os.Remove(file.Name())) }()
	b := &book{meta: c.Meta, title: claimTitle, limits: l, footer: c.footer()}
	err = b.write(file, func() error {
		if err := b.writeClaimFront(c); err != nil {
			return err
		}
		if err := b.writeList(ctx, nil, c.linesList()); err != nil {
			return err
		}
		if len(c.Review) == 0 {
			return nil
		}
		return b.writeList(ctx, nil, c.reviewList())
	})
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, fail("write statement", c.Code, hintDisk, err)
	}
	if content, err = os.ReadFile(file.Name()); err != nil {
		return nil, fail("write statement", c.Code, hintDisk, err)
	}
	return content, nil
}

// footer names statement, run and chain hash on every page. Ampersands lead codes, and a digit after the font size
// would be part of it.
func (c *Claim) footer() string {
	number := []rune(strings.ReplaceAll(oneLine(c.Number), "&", "&&"))
	if len(number) > 80 { // 255 characters are the most a footer can have
		number = append(number[:79], '…')
	}
	return "&L&8 " + string(number) + "  &A\n运行编号 " + c.RunID + "  校验链 " + c.ChainHash + "&R&8 第 &P 页，共 &N 页"
}

func (c *Claim) linesList() list {
	w := newLexicon()
	l := list{name: claimLinesSheet, empty: "本通知书无明细。", columns: []column{
		{title: "类别", width: 8}, {title: "费用所属期", width: 9}, {title: "结算ID", width: 24, form: asLong}, {title: "费用明细流水号", width: 15, form: asLong},
		{title: "服务日期", width: 11, form: asDay}, {title: "项目", width: 24, form: asLong}, {title: "人员（姓名脱敏）", width: 20, form: asLong},
		{title: "人员状态", width: 20, form: asLong}, {title: "规则", width: 22, form: asLong}, {title: "条款", width: 15, form: asLong},
		{title: "说明", width: 20, form: asLong}, {title: "基金金额（元）", width: 14, form: asAmount, sum: true}}}
	for _, k := range c.Kinds {
		for _, x := range k.Lines {
			l.ready = append(l.ready, []any{k.Title, x.Period, x.SetlID, x.LineNo, x.ServiceDay, x.item(), x.person(), x.statusText(w), x.ruleLabel(),
				clauses(x.Article), x.remark(w), x.Cents})
		}
	}
	return l
}

func (c *Claim) reviewList() list {
	w := newLexicon()
	l := list{name: claimReviewSheet, columns: []column{
		{title: "费用所属期", width: 11}, {title: "结算ID", width: 24, form: asLong}, {title: "费用明细流水号", width: 15, form: asLong},
		{title: "服务日期", width: 11, form: asDay}, {title: "项目", width: 26, form: asLong}, {title: "人员（姓名脱敏）", width: 22, form: asLong},
		{title: "人员状态", width: 20, form: asLong}, {title: "规则", width: 24, form: asLong}, {title: "条款", width: 15, form: asLong},
		{title: "基金金额（元）", width: 14, form: asAmount, sum: true}}}
	for _, x := range c.Review {
		l.ready = append(l.ready, []any{x.Period, x.SetlID, x.LineNo, x.ServiceDay, x.item(), x.person(), x.statusText(w), x.ruleLabel(), clauses(x.Article), x.Cents})
	}
	return l
}

const claimWide = 117 // characters of the front sheet's columns together

func (b *book) writeClaimFront(c *Claim) error {
	f, err := b.openFrontSheet(claimSheet, "portrait", 0, 32, 22, 9, 13, 13, 13, 15)
	if err != nil {
		return err
	}
	style := b.style
	f.wide(style.lead, 13, c.Office.Issuer)
	f.wide(style.title, 26, claimTitle)
	f.wide(style.value, claimWide, c.Number)
	f.gap()
	f.wide(style.caution, claimWide, c.Addressee()+"：")
	f.wide(style.value, claimWide, c.Opening())
	f.claimSums(c)
	f.claimRules(c)
	f.section("三、异议")
	for _, text := range c.Objection() {
		f.wide(style.value, claimWide, text)
	}
	for _, pair := range c.Contact() {
		f.put(float64(linesOf(pair[1], claimWide-32))*lineHeight+4, excelize.Cell{StyleID: style.label, Value: pair[0]}, excelize.Cell{StyleID: style.value, Value: oneLine(pair[1])})
		f.merge('B', 'G')
	}
	f.section("四、说明")
	f.wide(style.value, claimWide, "逐条明细见“"+claimLinesSheet+"”表，金额与上表相等。人员姓名已脱敏；本通知书不含参保人信息。")
	if len(c.Review) > 0 {
		f.wide(style.value, claimWide, c.ReviewNote()+"见“"+claimReviewSheet+"”表。")
	}
	f.gap()
	right := func(text string) {
		f.put(20, nil, nil, nil, excelize.Cell{StyleID: style.value, Value: oneLine(text)})
		f.merge('D', 'G')
	}
	right(c.Office.Issuer)
	right(c.Office.Seal)
	right(chineseDay(c.Dated))
	f.gap()
	for _, pair := range [][2]string{{"通知单编号", c.StatementNo}, {"运行编号", c.RunID}, {"校验链", c.ChainHash}} {
		f.put(17, excelize.Cell{StyleID: style.label, Value: pair[0]}, excelize.Cell{StyleID: style.label, Value: pair[1]})
		f.merge('B', 'G')
	}
	return f.close()
}

// wide writes a text over the whole width, as high as it takes; width is that in characters of its font.
func (f *front) wide(style int, width float64, text string) {
	height := float64(linesOf(text, claimWide))*lineHeight + 4
	if width < claimWide {
		height = width + 8
	}
	f.put(height, excelize.Cell{StyleID: style, Value: oneLine(text)})
	f.merge('A', 'G')
}

// claimSums shows the kinds and proves that the lines add up to them.
func (f *front) claimSums(c *Claim) {
	style := f.book.style
	f.section("一、金额（单位：元）")
	f.head("FG", "类别", "含义", "", "", "", "条数", "金额")
	f.merge('B', 'E')
	first, lines := f.row+1, 0
	for _, k := range c.Kinds {
		own := fmt.Sprintf("$A%d)", f.row+1)
		f.put(20, excelize.Cell{StyleID: style.text, Value: k.Title}, excelize.Cell{StyleID: style.text, Value: k.Note}, excelize.Cell{StyleID: style.text},
			excelize.Cell{StyleID: style.text}, excelize.Cell{StyleID: style.text},
			excelize.Cell{StyleID: style.count, Value: len(k.Lines), Formula: c.overLines(f.book, "COUNTIF(%s,"+own, claimKindColumn)},
			excelize.Cell{StyleID: style.amount, Value: k.Sum.yuan(), Formula: c.overLines(f.book, "SUMIFS(%s,%s,"+own, claimAmountColumn, claimKindColumn)})
		f.merge('B', 'E')
		lines += len(k.Lines)
	}
	blank := excelize.Cell{StyleID: style.totalText}
	f.put(21, excelize.Cell{StyleID: style.totalText, Value: "合计"}, blank, blank, blank, blank,
		excelize.Cell{StyleID: style.totalCount, Value: lines, Formula: fmt.Sprintf("SUM(F%d:F%d)", first, f.row)},
		excelize.Cell{StyleID: style.totalAmount, Value: c.Net.yuan(), Formula: fmt.Sprintf("SUM(G%d:G%d)", first, f.row)})
	// The difference is rounded because cells hold binary fractions.
	proof := fmt.Sprintf(`"合计与逐条明细"&IF(ROUND(G%d-SUM(%s),2)=0,"相符。","不符。")`, f.row, strings.Join(f.book.cells(claimLinesSheet, claimAmountColumn, len(c.Lines)), ","))
	f.wide(style.caution, claimWide, c.Verdict())
	f.put(19, excelize.Cell{StyleID: style.label, Value: "合计与逐条明细相符。", Formula: proof})
	f.merge('A', 'G')
}

// claimRules shows what each rule is behind.
func (f *front) claimRules(c *Claim) {
	style := f.book.style
	f.section("二、适用规则和依据（金额单位：元）")
	f.head("CDEFG", "规则", "条款", "条数", "扣款", "追回", "退还", "合计")
	head, first := f.row, f.row+1
	for _, r := range c.Rules {
		row := f.row + 1
		money := func(column byte, v cents) excelize.Cell {
			return excelize.Cell{StyleID: style.amount, Value: v.yuan(), Formula: c.overLines(f.book,
				"SUMIFS(%s,%s,"+fmt.Sprintf("%c$%d", column, head)+",%s,"+fmt.Sprintf("$A%d)", row), claimAmountColumn, claimKindColumn, claimRuleColumn)}
		}
		height := max(linesOf(r.Label, 32), linesOf(clauses(r.Article), 22))
		f.put(float64(height)*lineHeight+4, excelize.Cell{StyleID: style.wrap, Value: r.Label}, excelize.Cell{StyleID: style.wrap, Value: clauses(r.Article)},
			excelize.Cell{StyleID: style.count, Value: r.Lines, Formula: c.overLines(f.book, "COUNTIF(%s,"+fmt.Sprintf("$A%d)", row), claimRuleColumn)},
			money('D', r.Withheld), money('E', r.Recovered), money('F', r.Released),
			excelize.Cell{StyleID: style.amount, Value: r.Outcome.yuan(), Formula: fmt.Sprintf("SUM(D%d:F%d)", row, row)})
	}
	total := func(column byte, style int, value any) excelize.Cell {
		return excelize.Cell{StyleID: style, Value: value, Formula: fmt.Sprintf("SUM(%c%d:%c%d)", column, first, column, f.row)}
	}
	f.put(21, excelize.Cell{StyleID: style.totalText, Value: "合计"}, excelize.Cell{StyleID: style.totalText}, total('C', style.totalCount, len(c.Lines)),
		total('D', style.totalAmount, c.Withheld.yuan()), total('E', style.totalAmount, c.Recovered.yuan()), total('F', style.totalAmount, c.Released.yuan()),
		total('G', style.totalAmount, c.Net.yuan()))
	for _, r := range c.Rules {
		if r.Reason != "" {
			f.wide(style.label, claimWide, r.Label+"："+r.Reason)
		}
	}
}

// overLines adds a formula up over every sheet the lines take; each %s is the cells of the next column given.
func (c *Claim) overLines(b *book, formula string, columns ...string) string {
	parts := slices.Repeat([]string{formula}, len(b.cells(claimLinesSheet, "A", len(c.Lines))))
	for _, column := range columns {
		for i, cells := range b.cells(claimLinesSheet, column, len(c.Lines)) {
			parts[i] = strings.Replace(parts[i], "%s", cells, 1)
		}
	}
	return strings.Join(parts, "+")
}
