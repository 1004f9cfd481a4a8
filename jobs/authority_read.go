package jobs

import (
	"context"
	"database/sql"

	"claimsaudit/pipeline"
	"claimsaudit/pipeline/register"
	"claimsaudit/pipeline/report"
)

// wantedPersons are those whom the lists may name: whoever is in a feed of the record, and whoever the registry has as
// blocked on day $1.
const wantedPersons = `WITH wanted AS (
  SELECT prac_psn_code AS code FROM staging.points_decision UNION SELECT prac_psn_code FROM staging.repair
  UNION SELECT prac_psn_code FROM staging.restoration
  UNION SELECT practitioner_code FROM core.practitioner_interval WHERE from_day <= $1 AND to_day > $1 AND severity >= 2)
`

func (m *monthRecord) readExtras(ctx context.Context) error {
	return m.db.Query(ctx, func(rows *sql.Rows) error {
		var no string
		var x decisionExtra
		err := rows.Scan(&no, &x.place, &x.responsibility, &x.adjustment)
		m.extras[no] = x
		return err
	}, `SELECT decision_no, coalesce(fixmedins_code, ''), coalesce(responsibility, ''), coalesce(adjustment, '') FROM staging.points_decision`)
}

// readLate reads which decisions were first called final in a file that the last statement before the month did not know
// yet. No statement, no earlier papers: nothing is late. A revoked decision that was final is not in the record any more.
func (m *monthRecord) readLate(ctx context.Context, period pipeline.Period) error {
	return m.db.Query(ctx, func(rows *sql.Rows) error {
		var no string
		err := rows.Scan(&no)
		m.late[no] = true
		return err
	}, `SELECT decision_no FROM staging.final_decision GROUP BY decision_no
HAVING min(file_id) > (SELECT max_by(last_file_id, issued_in) FROM audit.statement WHERE issued_in < $1)`, period.String())
}

// readPersons reads names and institutions. The name is the newest the registry has, the institutions are those of the
// last day, or the last ones of somebody who has left all.
func (m *monthRecord) readPersons(ctx context.Context) error {
	m.out.Persons = map[string]report.PointsPerson{}
	err := m.db.Query(ctx, func(rows *sql.Rows) error {
		var code, name string
		err := rows.Scan(&code, &name)
		m.out.Persons[code] = report.PointsPerson{Name: name}
		return err
	}, wantedPersons+`SELECT w.code, coalesce(arg_max(s.prac_psn_name, struct_pack(d := s.snapshot_date, i := s.fixmedins_code)), '')
FROM wanted w LEFT JOIN staging.practitioner_status s ON s.prac_psn_code = w.code AND s.prac_psn_name <> ''
GROUP BY w.code`, int(m.until))
	if err != nil {
		return err
	}
	if err := m.readRegistrations(ctx); err != nil {
		return err
	}
	return m.db.Query(ctx, func(rows *sql.Rows) error {
		var code, pharmacy string
		err := rows.Scan(&code, &pharmacy)
		if p, wanted := m.out.Persons[code]; wanted {
			p.PrincipalOf = append(p.PrincipalOf, pharmacy)
			m.out.Persons[code] = p
		}
		return err
	}, `SELECT coalesce(own.practitioner_code, general.practitioner_code, i.principal_code) AS code, i.fixmedins_code
FROM core.institution_interval i
LEFT JOIN core.practitioner_alias own ON own.alias_code = i.principal_code AND own.fixmedins_code = i.fixmedins_code AND coalesce(own.valid_from_day, 0) <= $1
LEFT JOIN core.practitioner_alias general ON general.alias_code = i.principal_code AND general.fixmedins_code IS NULL AND coalesce(general.valid_from_day, 0) <= $1
WHERE i.fixmedins_type = '2' AND i.from_day <= $1 AND i.to_day > $1 AND i.principal_code <> '' ORDER BY ALL`, int(m.until))
}

func (m *monthRecord) readRegistrations(ctx context.Context) error {
	return m.db.Query(ctx, func(rows *sql.Rows) error {
		var code, place string
		err := rows.Scan(&code, &place)
		p := m.out.Persons[code]
		p.Places = append(p.Places, place)
		m.out.Persons[code] = p
		return err
	}, wantedPersons+`, registered AS (
  SELECT g.practitioner_code AS code, g.fixmedins_code AS place, max(least(g.to_day, $1 + 1)) AS until
  FROM core.registration g JOIN wanted w ON w.code = g.practitioner_code WHERE g.from_day <= $1 GROUP BY ALL)
SELECT code, place FROM registered QUALIFY until = max(until) OVER (PARTITION BY code) ORDER BY code, place`, int(m.until))
}

func (m *monthRecord) readPlaces(ctx context.Context) error {
	m.out.Places = map[string]report.PointsPlace{}
	return m.db.Query(ctx, func(rows *sql.Rows) error {
		var code string
		var p report.PointsPlace
		err := rows.Scan(&code, &p.Name, &p.Type)
		m.out.Places[code] = p
		return err
	}, `SELECT fixmedins_code, coalesce(fixmedins_name, ''), coalesce(fixmedins_type, '') FROM core.institution_interval
WHERE from_day <= $1 AND to_day > $1`, int(m.until))
}

// readShares reads the institutions at or one person below the share of Article 34; the counts take the whole year.
func (m *monthRecord) readShares(ctx context.Context) error {
	return m.db.Query(ctx, func(rows *sql.Rows) error {
		var s report.PointsShare
		err := rows.Scan(&s.Place, &s.Registered, &s.Blocked, &s.Exceeded, &s.Article)
		m.out.Shares = append(m.out.Shares, s)
		return err
	}, `SELECT i.fixmedins_code, i.registered, i.blocked, i.blocked >= i.least_flagged, s.article
FROM core.institution_year i CROSS JOIN ref.share s
WHERE i.year = $1 AND i.blocked > 0 AND i.blocked + 1 >= i.least_flagged ORDER BY i.fixmedins_code`, m.first.Time().Year())
}

// registryBlock is what the registry says of somebody on the last day; the zero value is normal.
type registryBlock struct {
	severity int
	from, to register.Day
}

func (b registryBlock) status() string {
	return [...]string{register.StatusNormal, register.StatusExpired, register.StatusSuspended, register.StatusTerminated}[b.severity]
}

func (m *monthRecord) registryBlocks(ctx context.Context) (map[string]registryBlock, error) {
	all := map[string]registryBlock{}
	err := m.db.Query(ctx, func(rows *sql.Rows) error {
		var code string
		var b registryBlock
		err := rows.Scan(&code, &b.severity, &b.from, &b.to)
		all[code] = b
		return err
	}, `SELECT practitioner_code, severity, from_day, to_day FROM core.practitioner_interval WHERE from_day <= $1 AND to_day > $1`, int(m.until))
	return all, err
}
