package report

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"

	"github.com/xuri/excelize/v2"
)

// ScoreBook writes dir/scorecards-yyyy.xlsx, what the centre needs of all scorecards of meta.Year: ranking, vetoes,
// where the self-reports do not hold, the change since last year, what is still missing. Promise and errors are those of
// Monthly.
func ScoreBook(ctx context.Context, db *sql.DB, dir string, meta Meta, tables ScoreTables) ([]string, error) {
	if err := meta.check(); err != nil {
		return nil, err
	}
	counts, err := loadScoreCounts(ctx, db, meta.Year)
	if err != nil {
		return nil, err
	}
	b := &book{meta: meta, title: "定点医药机构考核汇总", limits: usualLimits()}
	path := filepath.Join(dir, fmt.Sprintf("%s%d.xlsx", ScoreBookName, meta.Year))
	return publish([]output{{path, func(w *os.File) error {
		return b.write(w, func() error {
			if err := b.writeScoreFront(counts); err != nil {
				return err
			}
			for _, l := range scoreLists(meta.Year, tables) {
				if err := b.writeList(ctx, db, l); err != nil {
					return err
				}
			}
			return nil
		})
	}}})
}

// scoreCounts are the cards of one table.
type scoreCounts struct {
	kind, title                                     string
	standsIn                                        bool
	all, qualified, unqualified, vetoed, incomplete int64
	final, reported, differing, steps, former       int64
}

const queryScoreCounts = `WITH gap AS (
  SELECT fixmedins_code, count(*) AS n FROM mart.scorecard WHERE year = $1 AND self_score <> score GROUP BY 1),
step AS (SELECT fixmedins_code, count(*) AS n FROM mart.scorecard_step WHERE year = $1 AND kind IN ('submit', 'show_no_veto') GROUP BY 1),
former AS (SELECT fixmedins_code FROM mart.scorecard_total WHERE year = $1 - 1)
SELECT t.fixmedins_type, t.card_title, bool_or(t.stands_in), count(*), count(*) FILTER (t.decision = 'qualified'), count(*) FILTER (t.decision = 'unqualified'),
  count(*) FILTER (t.vetoed), count(*) FILTER (t.decision = 'incomplete'), count(*) FILTER (t.state = 'final'), count(t.self_total),
  CAST(coalesce(sum(g.n), 0) AS BIGINT), CAST(coalesce(sum(s.n), 0) AS BIGINT), count(f.fixmedins_code)
FROM mart.scorecard_total t LEFT JOIN gap g ON g.fixmedins_code = t.fixmedins_code LEFT JOIN step s ON s.fixmedins_code = t.fixmedins_code
  LEFT JOIN former f ON f.fixmedins_code = t.fixmedins_code
WHERE t.year = $1 GROUP BY 1, 2 ORDER BY 1, 2`

func loadScoreCounts(ctx context.Context, db *sql.DB, year int) (all []scoreCounts, err error) {
	err = each(ctx, db, "scorecard_total", queryScoreCounts, []any{year}, func(rows *sql.Rows) error {
		var c scoreCounts
		err := rows.Scan(&c.kind, &c.title, &c.standsIn, &c.all, &c.qualified, &c.unqualified, &c.vetoed, &c.incomplete, &c.final, &c.reported,
			&c.differing, &c.steps, &c.former)
		all = append(all, c)
		return err
	})
	return all, err
}

// writeScoreFront writes the first sheet: how many came to which decision, and how to read the others.
func (b *book) writeScoreFront(counts []scoreCounts) error {
	f, err := b.openFront("landscape", 14, 40, 10, 10, 10, 12, 14, 12, 14)
	if err != nil {
		return err
	}
	m, style := b.meta, b.style
	f.put(34, excelize.Cell{StyleID: style.title, Value: m.span() + b.title})
	f.merge('A', 'I')
	f.put(20, excelize.Cell{StyleID: style.lead, Value: m.CentreName})
	f.merge('A', 'I')
	f.gap()
	for _, pair := range [][2]string{{"考核年度", fmt.Sprintf("%d 年", m.Year)}, {"数据截至", chineseDay(m.AsOf)}, {"运行编号", m.RunID},
		{"校验链", m.ChainHash}, {"生成时间", stamp(m.GeneratedAt)}} {
		f.put(19, excelize.Cell{StyleID: style.label, Value: pair[0]}, excelize.Cell{StyleID: style.value, Value: pair[1]})
		f.merge('B', 'I')
	}
	f.section("一、考核结论（家）")
	f.head("CDEFGHI", "机构类别", "考核表", "机构数", "合格", "不合格", "其中否决", "暂不能确定", "已定稿", "已报自评")
	first := f.row + 1
	var sum [7]int64
	for _, c := range counts {
		cells := []any{excelize.Cell{StyleID: style.text, Value: newLexicon().institutionType.of(c.kind)}, excelize.Cell{StyleID: style.wrap, Value: oneLine(c.title)}}
		for i, n := range [7]int64{c.all, c.qualified, c.unqualified, c.vetoed, c.incomplete, c.final, c.reported} {
			cells = append(cells, excelize.Cell{StyleID: style.count, Value: n})
			sum[i] += n
		}
		f.put(float64(linesOf(c.title, 40))*lineHeight+4, cells...)
	}
	if len(counts) == 0 {
		f.put(19, excelize.Cell{StyleID: style.label, Value: "没有机构有本年度的考核表。"})
	} else {
		cells := []any{excelize.Cell{StyleID: style.totalText, Value: "合计"}, excelize.Cell{StyleID: style.totalText}}
		for i, n := range sum {
			column := 'C' + rune(i)
			cells = append(cells, excelize.Cell{StyleID: style.totalCount, Value: n, Formula: fmt.Sprintf("SUM(%c%d:%c%d)", column, first, column, f.row)})
		}
		f.put(20, cells...)
	}
	f.section("二、说明")
	f.notes(scoreNotes(m.Year, counts), 140, 'I')
	f.gap()
	value := func(text string) excelize.Cell { return excelize.Cell{StyleID: style.value, Value: text} }
	f.put(34, value("制表："), nil, value("复核："), nil, nil, value("负责人："), nil, value("日期："))
	return f.close()
}

// scoreNotes says what the sheets show, and what did not occur.
func scoreNotes(year int, counts []scoreCounts) []string {
	var all, incomplete, reported, differing, steps, vetoed, former int64
	standsIn := false
	for _, c := range counts {
		all, incomplete, reported, differing = all+c.all, incomplete+c.incomplete, reported+c.reported, differing+c.differing
		steps, vetoed, former, standsIn = steps+c.steps, vetoed+c.vetoed, former+c.former, standsIn || c.standsIn
	}
	notes := []string{"“" + scoreRankSheet + "”：同类机构按总分排列，同分的并列；总分还不能确定的列出可得范围，有否决项的总分为 0 分，都不排名次。"}
	if standsIn {
		notes = append(notes, fmt.Sprintf("%d 年度的考核表尚未公布，暂按上一年度的表试算，不定稿。", year))
	}
	say := func(n int64, yes, no string) {
		if n > 0 {
			notes = append(notes, fmt.Sprintf(yes, n))
		} else {
			notes = append(notes, no)
		}
	}
	say(vetoed, "“"+scoreVetoSheet+"”：有否决项的机构 %d 家。", "没有机构被否决。")
	say(differing, "“"+scoreGapSheet+"”：自评与核定不一致的 %d 项；自报数字与系统计算不一致的，见“"+figureGapSheet+"”。", "自评得分与核定得分没有不一致的。")
	if n := all - reported; n > 0 {
		notes = append(notes, fmt.Sprintf("没有报自评得分的机构 %d 家，无从比较。", n))
	}
	say(former, "“"+scoreChangeSheet+"”：其中 %d 家有上一年度的考核结果。", fmt.Sprintf("没有 %d 年度的考核结果，“%s”无从比较。", year-1, scoreChangeSheet))
	say(steps, "“"+scoreMissingSheet+"”：待补材料 %d 项。", "没有待补材料。")
	if incomplete > 0 && !standsIn {
		notes = append(notes, fmt.Sprintf("暂不能确定的机构 %d 家：材料补齐后重新运行 claimsaudit run annual --year %d，即可定稿。", incomplete, year))
	}
	return notes
}
