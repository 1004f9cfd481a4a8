package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"claimsaudit/pipeline"
)

// The sheets of the centre's workbook behind the first.
const (
	scoreRankSheet    = "排名"
	scoreVetoSheet    = "否决清单"
	scoreGapSheet     = "差异清单"
	figureGapSheet    = "自报数字差异"
	scoreChangeSheet  = "年度变化"
	scoreMissingSheet = "待补材料"
)

func scoreLists(year int, tables ScoreTables) []list {
	args := []any{year}
	return []list{
		{name: scoreRankSheet, table: "scorecard_total", query: queryScoreRank, args: args, columns: rankColumns(),
			empty: "没有机构有本年度的考核表。"},
		{name: scoreVetoSheet, table: "scorecard", query: queryScoreVeto, args: args, columns: vetoColumns(), empty: "没有机构被否决。"},
		{name: scoreGapSheet, table: "scorecard", query: queryScoreGap, args: args, columns: gapColumns(), empty: "自评得分与核定得分没有不一致的。"},
		{name: figureGapSheet, table: "score_metric", query: fmt.Sprintf(queryFigureGap, tables.items(), titledRows(pipeline.Funds), titledRows(pipeline.Insurances)),
			args: args, columns: figureColumns(), empty: "机构自报的数字与系统计算的没有不一致的。"},
		{name: scoreChangeSheet, table: "scorecard_total", query: queryScoreChange, args: args, columns: changeColumns(),
			empty: fmt.Sprintf("没有 %d 年度的考核结果，无从比较。", year-1)},
		{name: scoreMissingSheet, table: "scorecard_step", query: queryScoreMissing, args: args, columns: missingColumns(), empty: "没有待补材料。"},
	}
}

// institutionColumns lead every list.
func institutionColumns() []column {
	return []column{
		{title: "机构类别", width: 11, show: newLexicon().institutionType.of},
		{title: "机构编号", width: 16},
		{title: "机构名称", width: 30, form: asLong},
	}
}

func rankColumns() []column {
	return append([]column{
		{title: "机构类别", width: 11, show: newLexicon().institutionType.of},
		{title: "名次", width: 7, form: asCount},
		{title: "名次说明", width: 15},
	}, []column{
		{title: "机构编号", width: 16},
		{title: "机构名称", width: 30, form: asLong},
		{title: "总分", width: 9, form: asAmount},
		{title: "可得最低", width: 9, form: asAmount},
		{title: "可得最高", width: 9, form: asAmount},
		{title: "自评总分", width: 10, form: asAmount},
		{title: "结论", width: 13, show: decisionWords.of},
		{title: "状态", width: 9, show: scoreStates.of},
		{title: "否决项", width: 11, form: asLong},
		{title: "待定项", width: 18, form: asLong},
		{title: "说明", width: 42, form: asLong},
	}...)
}

// What is open or vetoed has no rank and stands behind those that have one.
const queryScoreRank = scorePlaces + `, ranked AS (
  SELECT *, CASE WHEN vetoed THEN 2 WHEN total IS NULL THEN 1 ELSE 0 END AS class,
    rank() OVER (PARTITION BY fixmedins_type, vetoed OR total IS NULL ORDER BY total DESC) AS place_no,
    count(*) OVER (PARTITION BY fixmedins_type, vetoed, total) AS sharing
  FROM mart.scorecard_total WHERE year = $1)
SELECT t.fixmedins_type, CASE WHEN t.class = 0 THEN t.place_no END,
  CASE t.class WHEN 2 THEN '否决，不排名次' WHEN 1 THEN '待定，不排名次' ELSE CASE WHEN t.sharing > 1 THEN '并列 ' || t.sharing || ' 家' END END,
  t.fixmedins_code, p.name, CAST(t.total * 100 AS BIGINT), CAST(t.lowest * 100 AS BIGINT), CAST(t.highest * 100 AS BIGINT),
  CAST(t.self_total * 100 AS BIGINT), t.decision, t.state, t.vetoes, t.missing, t.note
FROM ranked t LEFT JOIN place p ON p.fixmedins_code = t.fixmedins_code
ORDER BY t.fixmedins_type, t.class, CASE WHEN t.class = 0 THEN t.place_no END, t.highest DESC, t.fixmedins_code`

func vetoColumns() []column {
	return append(institutionColumns(),
		column{title: "序号", width: 7, form: asCount},
		column{title: "考核指标", width: 30, form: asLong},
		column{title: "否决条件", width: 36, form: asLong},
		column{title: "来源", width: 11, show: scoreSources.of},
		column{title: "依据", width: 60, form: asLong},
		column{title: "文件依据", width: 15, form: asLong})
}

const queryScoreVeto = scorePlaces + `SELECT t.fixmedins_type, s.fixmedins_code, p.name, CAST(s.indicator_no AS BIGINT), s.title, s.method_text, s.source, s.evidence, s.article
FROM mart.scorecard s JOIN mart.scorecard_total t ON t.year = s.year AND t.fixmedins_code = s.fixmedins_code
LEFT JOIN place p ON p.fixmedins_code = s.fixmedins_code
WHERE s.year = $1 AND s.vetoed ORDER BY t.fixmedins_type, s.fixmedins_code, s.indicator_no`

func gapColumns() []column {
	return append(institutionColumns(),
		column{title: "序号", width: 7, form: asCount},
		column{title: "考核指标", width: 30, form: asLong},
		column{title: "总分", width: 9, form: asAmount},
		column{title: "自评得分", width: 10, form: asAmount},
		column{title: "核定得分", width: 10, form: asAmount},
		column{title: "自评多出", width: 10, form: asAmount},
		column{title: "来源", width: 11, show: scoreSources.of},
		column{title: "核定依据", width: 60, form: asLong})
}

const queryScoreGap = scorePlaces + `SELECT t.fixmedins_type, s.fixmedins_code, p.name, CAST(s.indicator_no AS BIGINT), s.title, CAST(s.max_points * 100 AS BIGINT),
  CAST(s.self_score * 100 AS BIGINT), CAST(s.score * 100 AS BIGINT), CAST((s.self_score - s.score) * 100 AS BIGINT), s.source, s.evidence
FROM mart.scorecard s JOIN mart.scorecard_total t ON t.year = s.year AND t.fixmedins_code = s.fixmedins_code
LEFT JOIN place p ON p.fixmedins_code = s.fixmedins_code
WHERE s.year = $1 AND s.self_score <> s.score ORDER BY t.fixmedins_type, s.fixmedins_code, s.indicator_no`

func figureColumns() []column {
	return append(institutionColumns(),
		column{title: "序号", width: 7, form: asCount},
		column{title: "项目", width: 22, form: asLong},
		column{title: "险种", width: 11},
		column{title: "自报人次", width: 11, form: asCount},
		column{title: "计算人次", width: 11, form: asCount},
		column{title: "自报多出", width: 11, form: asCount},
		column{title: "自报金额（元）", width: 17, form: asAmount},
		column{title: "计算金额（元）", width: 17, form: asAmount},
		column{title: "自报多出（元）", width: 17, form: asAmount},
		column{title: "结论", width: 20, form: asLong})
}

// What nobody reported is no difference; it stands in the list of what is missing.
const queryFigureGap = scorePlaces + `, item AS (SELECT * FROM (VALUES %s) v(card, indicator_no, kind, fund, insu)),
fund AS (SELECT * FROM (VALUES %s) v(fund_no, fund, fund_title)), insu AS (SELECT * FROM (VALUES %s) v(insu_no, insu, insu_title)),
figure AS (
  SELECT t.fixmedins_type, t.fixmedins_code, i.indicator_no, i.fund, i.insu, i.kind,
    CAST(r.figure * CASE WHEN i.kind = 'amount' THEN 1000000 ELSE 1 END AS BIGINT) AS said, CASE WHEN m.state = 'ok' THEN m.numerator END AS computed
  FROM mart.scorecard_total t JOIN item i ON i.card = t.card
  LEFT JOIN mart.self_report r ON r.year = t.year AND r.fixmedins_code = t.fixmedins_code AND r.is_current AND r.report_item = i.kind || '_' || i.fund || '_' || i.insu
  LEFT JOIN mart.score_metric m ON m.year = t.year AND m.fixmedins_code = t.fixmedins_code
    AND m.metric = i.kind || '_' || i.fund || '_' || i.insu || CASE WHEN i.kind = 'amount' THEN '_cents' ELSE '' END
  WHERE t.year = $1),
line AS (
  SELECT fixmedins_type, fixmedins_code, indicator_no, fund, insu, max(said) FILTER (kind = 'visits') AS said_visits, max(computed) FILTER (kind = 'visits') AS visits,
    max(said) FILTER (kind = 'amount') AS said_cents, max(computed) FILTER (kind = 'amount') AS cents,
    bool_or(said IS NOT NULL AND said IS DISTINCT FROM computed) AS differs
  FROM figure GROUP BY ALL)
SELECT l.fixmedins_type, l.fixmedins_code, p.name, CAST(l.indicator_no AS BIGINT), f.fund_title, n.insu_title, l.said_visits, l.visits, l.said_visits - l.visits,
  l.said_cents, l.cents, l.said_cents - l.cents,
  CASE WHEN l.visits IS NULL AND l.cents IS NULL THEN '系统没有数据' WHEN s.score IS NULL THEN '待定'
    WHEN s.score = s.max_points THEN '允许误差以内' WHEN s.source = 'evidence' THEN '按佐证材料核定' ELSE '本项不得分' END
FROM line l JOIN fund f ON f.fund = l.fund JOIN insu n ON n.insu = l.insu LEFT JOIN place p ON p.fixmedins_code = l.fixmedins_code
JOIN mart.scorecard s ON s.year = $1 AND s.fixmedins_code = l.fixmedins_code AND s.indicator_no = l.indicator_no
WHERE l.differs ORDER BY l.fixmedins_type, l.fixmedins_code, l.indicator_no, f.fund_no, n.insu_no`

// items are the figures of all tables as rows of SQL.
func (t ScoreTables) items() string {
	var rows []string
	for _, card := range slices.Sorted(maps.Keys(t)) {
		for _, no := range slices.Sorted(maps.Keys(t[card])) {
			for _, f := range t[card][no] {
				if kind, fund, insu := splitFigure(f); insu != "" {
					rows = append(rows, fmt.Sprintf("(%s, %d, %s, %s, %s)", sqlText(card), no, sqlText(kind), sqlText(fund), sqlText(insu)))
				}
			}
		}
	}
	if len(rows) == 0 {
		return "('', 0, '', '', '')"
	}
	return strings.Join(rows, ", ")
}

// splitFigure takes visits_outpatient_employee or amount_outpatient_employee_cents apart.
func splitFigure(name string) (kind, fund, insu string) {
	kind, rest, _ := strings.Cut(strings.TrimSuffix(name, "_cents"), "_")
	if at := strings.LastIndex(rest, "_"); at > 0 {
		return kind, rest[:at], rest[at+1:]
	}
	return kind, rest, ""
}

func titledRows(list []pipeline.Titled) string {
	var rows []string
	for i, x := range list {
		rows = append(rows, fmt.Sprintf("(%d, %s, %s)", i, sqlText(x.Name), sqlText(x.Title)))
	}
	return strings.Join(rows, ", ")
}

func sqlText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func changeColumns() []column {
	return append(institutionColumns(),
		column{title: "上年总分", width: 10, form: asAmount},
		column{title: "上年结论", width: 13, show: decisionWords.of},
		column{title: "本年总分", width: 10, form: asAmount},
		column{title: "本年结论", width: 13, show: decisionWords.of},
		column{title: "增减", width: 10, form: asAmount},
		column{title: "说明", width: 40, form: asLong})
}

const queryScoreChange = scorePlaces + `, now AS (SELECT * FROM mart.scorecard_total WHERE year = $1), former AS (SELECT * FROM mart.scorecard_total WHERE year = $1 - 1)
SELECT coalesce(n.fixmedins_type, f.fixmedins_type) AS kind, coalesce(n.fixmedins_code, f.fixmedins_code) AS code, p.name,
  CAST(f.total * 100 AS BIGINT), f.decision, CAST(n.total * 100 AS BIGINT), n.decision, CAST((n.total - f.total) * 100 AS BIGINT),
  CASE WHEN f.year IS NULL THEN '上年没有考核' WHEN n.year IS NULL THEN '本年没有考核'
    WHEN n.decision = 'incomplete' THEN '本年暂不能确定，可得 ' || CAST(n.lowest AS VARCHAR) || ' 至 ' || CAST(n.highest AS VARCHAR) || ' 分'
    WHEN f.decision = 'incomplete' THEN '上年未能确定'
    WHEN f.decision <> n.decision AND n.decision = 'qualified' THEN '转为合格' WHEN f.decision <> n.decision THEN '转为不合格' ELSE '' END
  || CASE WHEN f.state = 'open' THEN '（上年未定稿）' ELSE '' END
FROM now n FULL JOIN former f ON f.fixmedins_code = n.fixmedins_code LEFT JOIN place p ON p.fixmedins_code = coalesce(n.fixmedins_code, f.fixmedins_code)
WHERE EXISTS (SELECT 1 FROM former) ORDER BY kind, code`

func missingColumns() []column {
	return append(institutionColumns(),
		column{title: "序号", width: 7, form: asCount},
		column{title: "考核指标", width: 32, form: asLong},
		column{title: "事项", width: 18, show: words{"submit": "提交材料", "show_no_veto": "证明没有否决情形"}.of},
		column{title: "至多得分", width: 10, form: asAmount},
		column{title: "内容", width: 60, form: asLong})
}

const queryScoreMissing = scorePlaces + `SELECT t.fixmedins_type, s.fixmedins_code, p.name, CAST(s.indicator_no AS BIGINT), c.title, s.kind, CAST(s.gain * 100 AS BIGINT), s.step
FROM mart.scorecard_step s JOIN mart.scorecard_total t ON t.year = s.year AND t.fixmedins_code = s.fixmedins_code
JOIN mart.scorecard c ON c.year = s.year AND c.fixmedins_code = s.fixmedins_code AND c.indicator_no = s.indicator_no
LEFT JOIN place p ON p.fixmedins_code = s.fixmedins_code
WHERE s.year = $1 AND s.kind IN ('submit', 'show_no_veto') ORDER BY t.fixmedins_type, s.fixmedins_code, s.step_no`
