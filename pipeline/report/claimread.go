package report

import (
	"context"
	"database/sql"
	"time"
)

// queryClaims gives the lines of the month's statement and, for the same institutions, what of the month waits for a
// person. A line that is withheld no more shows the rule that withheld it, as long as the findings know it; one given back
// rests on no rule. Earlier statements are those that stood on the line.
const queryClaims = names + `, due AS (
  SELECT fixmedins_code, kind, period, setl_id, feedetl_sn, CAST(amount_yuan * 100 AS BIGINT) AS cents, coalesce(cause, '') AS cause
  FROM mart.statement_line WHERE issued_in = $1
  UNION ALL
  SELECT fixmedins_code, 'review', period, setl_id, feedetl_sn, CAST(fund_yuan * 100 AS BIGINT), ''
  FROM mart.line_verdict WHERE period = $1 AND verdict = 'review'
    AND fixmedins_code IN (SELECT fixmedins_code FROM mart.statement_line WHERE issued_in = $1)),
found AS (SELECT setl_id, feedetl_sn, min(rule) AS rule FROM mart.finding WHERE action = 'withhold' GROUP BY setl_id, feedetl_sn),
earlier AS (SELECT fixmedins_code, setl_id, feedetl_sn, string_agg(statement_no, '、' ORDER BY statement_no) AS notices
  FROM mart.statement_line WHERE issued_in < $1 GROUP BY fixmedins_code, setl_id, feedetl_sn),
worded AS (SELECT rule, min(coalesce(title, name)) AS title, min(article) AS article, min(reason) AS reason FROM mart.rule GROUP BY rule)
SELECT d.fixmedins_code, coalesce(p.name, ''), d.kind, d.period, d.setl_id, d.feedetl_sn, d.cents, d.cause, coalesce(e.notices, ''),
  CAST(coalesce(w.rule, 0) AS BIGINT), coalesce(w.title, ''), coalesce(w.article, ''), coalesce(w.reason, ''),
  v.service_date, coalesce(v.practitioner_code, ''), coalesce(n.name_masked, ''), coalesce(v.role, ''), coalesce(v.status, ''), v.status_from
FROM due d
LEFT JOIN mart.line_verdict v ON v.setl_id = d.setl_id AND v.feedetl_sn = d.feedetl_sn AND v.fixmedins_code = d.fixmedins_code
  AND v.verdict = CASE WHEN d.kind = 'review' THEN 'review' ELSE 'withhold' END
LEFT JOIN found f ON f.setl_id = d.setl_id AND f.feedetl_sn = d.feedetl_sn AND d.kind IN ('withhold', 'recover')
LEFT JOIN worded w ON w.rule = coalesce(v.rule, f.rule)
LEFT JOIN earlier e ON e.fixmedins_code = d.fixmedins_code AND e.setl_id = d.setl_id AND e.feedetl_sn = d.feedetl_sn
LEFT JOIN place p ON p.fixmedins_code = d.fixmedins_code
LEFT JOIN person n ON n.practitioner_code = v.practitioner_code
ORDER BY d.fixmedins_code, d.setl_id, d.feedetl_sn, d.kind`

// EachClaim hands the statement of every institution to use, by code and with its lines; what is charged, and of a line
// that no verdict shows the day of service, the mart does not know. It stops at the first error.
func EachClaim(ctx context.Context, mart *sql.DB, meta Meta, use func(*Claim) error) error {
	var c *Claim
	err := each(ctx, mart, "statement_line", queryClaims, []any{meta.Period.String()}, func(rows *sql.Rows) error {
		var code, name string
		var l StatementLine
		var rule int64
		var day, from sql.NullTime
		if err := rows.Scan(&code, &name, &l.Kind, &l.Period, &l.SetlID, &l.LineNo, &l.Cents, &l.Cause, &l.EarlierNotice, &rule, &l.RuleTitle, &l.Article,
			&l.Reason, &day, &l.Person, &l.PersonName, &l.Role, &l.Status, &from); err != nil {
			return err
		}
		l.Rule, l.ServiceDay, l.StatusFrom = int(rule), dayAt(day), dayAt(from)
		if c == nil || c.Code != code {
			if c != nil {
				if err := use(c); err != nil {
					return err
				}
			}
			c = &Claim{Meta: meta, Code: code, Name: name}
		}
		if l.Kind == "review" {
			c.Review = append(c.Review, l)
		} else {
			c.Lines = append(c.Lines, l)
		}
		return nil
	})
	if err != nil || c == nil {
		return err
	}
	return use(c)
}

func dayAt(t sql.NullTime) (day time.Time) {
	if t.Valid {
		day = t.Time
	}
	return day
}

// ClaimNotice is the mail that brings an institution its statement. It names amounts and nobody.
func ClaimNotice(c *Claim, isLocked bool) Notice {
	n := Notice{Title: chineseMonth(c.Period) + claimTitle, Centre: c.Office.Issuer}
	n.Subject = n.Title + "（" + oneLine(c.Code) + "）"
	n.Lead = c.Addressee() + "：" + chineseMonth(c.Period) + claimTitle + "随信附上。" + c.Verdict()
	for _, k := range c.Kinds {
		n.Facts = append(n.Facts, NoticeRow{k.Title, k.Sum.String() + " 元（" + grouped(int64(len(k.Lines))) + " 条）"})
	}
	n.Facts = append(n.Facts, NoticeRow{"合计", c.Net.String() + " 元"})
	if isLocked {
		n.Todo = append(n.Todo, "附件已加密，请用另行告知的密码打开。")
	}
	n.Todo = append(n.Todo, c.Objection()[0])
	n.Facts = append(n.Facts, NoticeRow{"文号", oneLine(c.Number)}, NoticeRow{"通知单编号", c.StatementNo}, NoticeRow{"数据截至", c.AsOf.Format(time.DateOnly)})
	for _, pair := range c.Contact() {
		if pair[1] != byHand {
			n.Facts = append(n.Facts, NoticeRow{pair[0], pair[1]})
		}
	}
	n.Facts = append(n.Facts, NoticeRow{"校验链", c.ChainHash})
	return n
}
