package report

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"claimsaudit/pipeline"
)

// ScoreTables say what the mart does not hold of the tables: by name and number of the indicator, the figures the
// self-report is held against.
type ScoreTables map[string]map[int][]string

// scoreCard is the scorecard of one institution. Points are in hundredths.
type scoreCard struct {
	code, name, kind      string
	total, self           sql.NullInt64 // total: not valid while something is missing
	lowest, highest, pass int64
	vetoed, standsIn      bool
	decision, note        string
	card, title           string
	finalOn               sql.NullTime
	rows                  []scoreRow
	reported              map[string]int64 // figures of the self-report by item: visits, or cents
}

// scoreRow is one indicator.
type scoreRow struct {
	no                                   int
	category, title, explanation, method string
	kind, evidence                       string
	most                                 int64
	score, self                          sql.NullInt64
	vetoed                               bool
}

// scorePlaces names every institution as the year's last day knew it.
const scorePlaces = `WITH place AS (
  SELECT fixmedins_code, arg_max(fixmedins_name, coalesce(valid_from, DATE '0001-01-01')) AS name FROM mart.institution
  WHERE coalesce(valid_from, DATE '0001-01-01') <= make_date($1, 12, 31) GROUP BY fixmedins_code)
`

// Of $2 only these institutions, one a line; all if it is empty.
const (
	scoreWanted = ` AND ($2 = '' OR list_contains(string_split($2, chr(10)), t.fixmedins_code))`

	queryCards = scorePlaces + `SELECT t.fixmedins_code, coalesce(p.name, ''), t.fixmedins_type, CAST(t.total * 100 AS BIGINT), CAST(t.self_total * 100 AS BIGINT),
  CAST(t.lowest * 100 AS BIGINT), CAST(t.highest * 100 AS BIGINT), CAST(t.pass_mark * 100 AS BIGINT), t.vetoed, t.stands_in, t.decision,
  coalesce(t.note, ''), t.card, t.card_title, t.final_on
FROM mart.scorecard_total t LEFT JOIN place p ON p.fixmedins_code = t.fixmedins_code
WHERE t.year = $1` + scoreWanted + ` ORDER BY t.fixmedins_type, t.fixmedins_code`

	queryCardRows = `SELECT t.fixmedins_code, t.indicator_no, t.category, t.title, coalesce(t.explanation, ''), coalesce(t.method_text, ''), t.method,
  coalesce(t.evidence, ''), CAST(t.max_points * 100 AS BIGINT), CAST(t.score * 100 AS BIGINT), CAST(t.self_score * 100 AS BIGINT), t.vetoed
FROM mart.scorecard t WHERE t.year = $1` + scoreWanted + ` ORDER BY t.fixmedins_code, t.indicator_no`

	// An amount is delivered in 10,000 yuan, which are a million cents.
	queryCardFigures = `SELECT t.fixmedins_code, t.report_item, CAST(t.figure * CASE WHEN starts_with(t.report_item, 'amount_') THEN 1000000 ELSE 1 END AS BIGINT)
FROM mart.self_report t WHERE t.year = $1 AND t.is_current AND t.report_item IS NOT NULL AND t.figure IS NOT NULL` + scoreWanted
)

// loadCards reads the scorecards of a year, of all institutions or of those named.
func loadCards(ctx context.Context, db *sql.DB, year int, codes []string) (cards []*scoreCard, err error) {
	byCode := map[string]*scoreCard{}
	args := []any{year, strings.Join(codes, "\n")}
	err = each(ctx, db, "scorecard_total", queryCards, args, func(rows *sql.Rows) error {
		c := &scoreCard{reported: map[string]int64{}}
		cards = append(cards, c)
		err := rows.Scan(&c.code, &c.name, &c.kind, &c.total, &c.self, &c.lowest, &c.highest, &c.pass, &c.vetoed, &c.standsIn, &c.decision,
			&c.note, &c.card, &c.title, &c.finalOn)
		byCode[c.code] = c
		return err
	})
	if err != nil {
		return nil, err
	}
	err = each(ctx, db, "scorecard", queryCardRows, args, func(rows *sql.Rows) error {
		var code string
		var r scoreRow
		err := rows.Scan(&code, &r.no, &r.category, &r.title, &r.explanation, &r.method, &r.kind, &r.evidence, &r.most, &r.score, &r.self, &r.vetoed)
		if c := byCode[code]; c != nil {
			c.rows = append(c.rows, r)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	err = each(ctx, db, "self_report", queryCardFigures, args, func(rows *sql.Rows) error {
		var code, item string
		var figure int64
		err := rows.Scan(&code, &item, &figure)
		if c := byCode[code]; c != nil {
			c.reported[item] = figure
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, c := range cards {
		if err := c.check(year); err != nil {
			return nil, err
		}
	}
	return cards, nil
}

// check refuses a card whose rows do not come to its total.
func (c *scoreCard) check(year int) error {
	sum, vetoed, open := int64(0), false, false
	for _, r := range c.rows {
		sum, vetoed, open = sum+r.score.Int64, vetoed || r.vetoed, open || !r.score.Valid
	}
	var want sql.NullInt64
	switch {
	case vetoed:
		want = sql.NullInt64{Valid: true}
	case !open:
		want = sql.NullInt64{Int64: sum, Valid: true}
	}
	if len(c.rows) == 0 || vetoed != c.vetoed || want != c.total {
		return &pipeline.Error{Kind: pipeline.KindInternal, Op: "write scorecard", Where: fmt.Sprintf("%s %d", c.code, year), Hint: hintMart,
			Err: errors.New("the indicators do not add up to the published total")}
	}
	return nil
}

// elsewhere is what the self-score holds for indicators that the table does not have.
func (c *scoreCard) elsewhere() int64 {
	rest := c.self.Int64
	for _, r := range c.rows {
		rest -= r.self.Int64
	}
	return rest
}

// pointsText writes hundredths of a point without needless decimals.
func pointsText(n int64) string {
	text := fmt.Sprintf("%d.%02d", n/100, n%100)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// The words of the scorecards.
var (
	decisionWords = words{"qualified": "合格", "unqualified": "不合格", "incomplete": "暂不能确定"}
	scoreKinds    = words{"veto": "否决项", "deduct": "扣分项", "award": "得分项", "mixed": "否决项／扣分项"}
	scoreStates   = words{"final": "定稿", "open": "未定稿"}
	scoreSources  = words{"computed": "系统计算", "evidence": "佐证材料", "self_report": "自评", "missing": "缺少"}
)

// vetoed, passed and pending stand in the place of points.
const (
	scoreVetoed  = "否决"
	scorePassed  = "未否决"
	scorePending = "待定"
)

// said is what the institution reported for an indicator, a line for each insurance kind.
func (c *scoreCard) said(figures []string) (lines []string) {
	for _, insu := range pipeline.Insurances {
		var parts []string
		asked := false
		for _, f := range figures {
			item := strings.TrimSuffix(f, "_cents")
			if !strings.HasSuffix(item, "_"+insu.Name) {
				continue
			}
			asked = true
			n, isGiven := c.reported[item]
			switch {
			case !isGiven:
			case item != f:
				parts = append(parts, tenThousands(n)+" 万元")
			default:
				parts = append(parts, grouped(n)+" 人次")
			}
		}
		if asked {
			lines = append(lines, insu.Title+"："+orElse(strings.Join(parts, "，"), "未填报"))
		}
	}
	return lines
}

// tenThousands writes cents in 10,000 yuan to the cent, without needless decimals below 0.01.
func tenThousands(n int64) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	decimals := strings.TrimRight(fmt.Sprintf("%06d", n%1_000_000), "0")
	return sign + grouped(n/1_000_000) + "." + decimals + strings.Repeat("0", max(0, 2-len(decimals)))
}
