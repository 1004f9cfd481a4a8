package jobs

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"claimsaudit/pipeline/register"
	"claimsaudit/pipeline/report"
	sqlfiles "claimsaudit/sql"
)

// evidenceColumns are the last three cells of a delivered row r: file, line, place in the archive.
const evidenceColumns = `CASE WHEN ends_with(f.path, f.file_name) THEN f.path ELSE f.file_name || ' (delivered as ' || f.path || ')' END, r.line_no,
  'archive/' || left(f.file_sha256, 2) || '/' || f.file_sha256`

func evidenceOf(c []string) report.Evidence {
	c = c[len(c)-3:]
	return report.Evidence{File: report.Text(c[0]), Line: number(c[1]), Archive: report.Text(c[2])}
}

// number reads an integer of the database; NULL is 0.
func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return n
}

// readRegistry collects what the snapshots say, and holds it beside the record.
func (p *personReader) readRegistry(ctx context.Context) error {
	f := p.file
	f.Registrations, f.RegistryRows, f.RegistryStretches = []report.Registration{}, []report.RegistryRow{}, []report.RegistryStretch{}
	err := each(ctx, p.db, func(c []string) {
		f.Registrations = append(f.Registrations, report.Registration{Institution: c[0], InstitutionName: report.Text(c[1]), From: report.Day(c[2]),
			To: report.Day(c[3]), FirstSnapshot: report.Day(c[4]), LastSnapshot: report.Day(c[5]), Commitment: report.Text(c[6])})
	}, `SELECT g.fixmedins_code, i.fixmedins_name, day_date(g.from_day), day_date(g.to_day),
  (SELECT day_date(min(w.snapshot_day)) FROM core.registry_row w WHERE w.practitioner_code = g.practitioner_code AND w.fixmedins_code = g.fixmedins_code
    AND w.base_from_day >= g.from_day AND w.next_snapshot_day <= g.to_day),
  (SELECT day_date(max(w.snapshot_day)) FROM core.registry_row w WHERE w.practitioner_code = g.practitioner_code AND w.fixmedins_code = g.fixmedins_code
    AND w.base_from_day >= g.from_day AND w.next_snapshot_day <= g.to_day), g.commitment_flag
FROM core.registration g LEFT JOIN core.institution_interval i ON i.fixmedins_code = g.fixmedins_code AND i.to_day = 2932896
WHERE g.practitioner_code = $1 ORDER BY g.from_day, g.fixmedins_code`, p.code)
	if err != nil {
		return err
	}
	if err := each(ctx, p.db, func(c []string) {
		f.RegistryRows = append(f.RegistryRows, report.RegistryRow{Snapshot: report.Day(c[0]), Institution: c[1], Status: c[2], Begin: report.Day(c[3]),
			End: report.Day(c[4]), Commitment: report.Text(c[5]), RegisteredOn: report.Day(c[6]), Evidence: evidenceOf(c)})
	}, `SELECT r.snapshot_date, r.fixmedins_code, r.status, r.status_begin, r.status_end, r.commitment_flag, r.registered_on, `+evidenceColumns+`
FROM staging.practitioner_status r LEFT JOIN meta.file f ON f.file_id = r.file_id
WHERE r.prac_psn_code = $1 ORDER BY r.snapshot_date, r.fixmedins_code`, p.code); err != nil {
		return err
	}
	var stretches []register.Span
	if err := each(ctx, p.db, func(c []string) {
		stretches = append(stretches, register.Span{Status: c[0], From: register.Day(number(c[1])), To: register.Day(number(c[2]))})
		f.RegistryStretches = append(f.RegistryStretches, report.RegistryStretch{Status: c[0], From: dayText(register.Day(number(c[1]))),
			To: dayText(register.Day(number(c[2]))), Institution: c[3], Snapshot: report.Day(c[4])})
	}, `SELECT status_name(severity), from_day, to_day, fixmedins_code, day_date(snapshot_day)
FROM core.practitioner_interval WHERE practitioner_code = $1 ORDER BY from_day`, p.code); err != nil {
		return err
	}
	f.Comparison = compareStatuses(f.IsRegistered, register.DayOf(p.Config.RulePack.EffectiveFrom), stretches, p.points.record.Spans)
	if f.IsRegistered {
		f.RegistryStatus = report.Text(statusAt(stretches, p.asOf))
	}
	return nil
}

// statusAt is the status of a day in disjoint stretches.
func statusAt(spans []register.Span, day register.Day) string {
	for _, s := range spans {
		if s.From <= day && day < s.To {
			return s.Status
		}
	}
	return register.StatusNormal
}

// compareStatuses lays the registry's stretches beside the record's; days on which both say normal are left out. Rule 409
// is said of days from the rules' first day on: no claim of an earlier one is judged (Art. 51).
func compareStatuses(isRegistered bool, effective register.Day, registry, derived []register.Span) []report.StatusStretch {
	borders := []register.Day{effective}
	for _, s := range slices.Concat(registry, derived) {
		borders = append(borders, s.From, min(s.To, openDay))
	}
	slices.Sort(borders)
	borders = slices.Compact(borders)
	rows := []report.StatusStretch{}
	for i := 0; i+1 < len(borders); i++ {
		r, d := statusAt(registry, borders[i]), statusAt(derived, borders[i])
		if r == register.StatusNormal && d == register.StatusNormal {
			continue
		}
		row := report.StatusStretch{From: dayText(borders[i]), To: dayText(borders[i+1]), Registry: report.Text(r), Derived: d, Agrees: r == d}
		if !isRegistered {
			row.Registry, row.Agrees = "", false
		} else if r == register.StatusNormal && severityOf(d) >= severityOf(register.StatusSuspended) && borders[i] >= effective {
			row.Rule = 409
		}
		if last := len(rows) - 1; last >= 0 && rows[last].To == row.From && rows[last].Registry == row.Registry && rows[last].Derived == row.Derived && rows[last].Rule == row.Rule {
			rows[last].To = row.To
			continue
		}
		rows = append(rows, row)
	}
	return rows
}

// readDelivered collects the rows of the record's feeds and the aliases, each with the file it came from.
func (p *personReader) readDelivered(ctx context.Context) error {
	f := p.file
	f.Decisions, f.Repairs, f.Restorations, f.Aliases = []report.PersonDecision{}, []report.PersonRepair{}, []report.PersonRestoration{}, []report.PersonAlias{}
	for _, feed := range []struct {
		use   func([]string)
		query string
	}{
		{func(c []string) {
			f.Decisions = append(f.Decisions, report.PersonDecision{No: c[0], DecidedOn: report.Day(c[1]), Article: c[2], Item: report.Text(c[3]), Points: number(c[4]),
				State: c[5], EffectiveOn: report.Day(c[6]), InspectionNo: report.Text(c[7]), ActNo: report.Text(c[8]), Responsibility: report.Text(c[9]),
				Adjustment: report.Text(c[10]), Institution: report.Text(c[11]), ServedOn: report.Day(c[12]), AppealedOn: report.Day(c[13]), Evidence: evidenceOf(c)})
		}, `SELECT decision_no, decided_on, article, item, points, r.state, effective_on, inspection_no, act_no, responsibility, adjustment, fixmedins_code,
  notice_served_on, appealed_on, ` + evidenceColumns + ` FROM staging.points_decision r LEFT JOIN meta.file f ON f.file_id = r.file_id
WHERE prac_psn_code = $1 ORDER BY decided_on, decision_no`},
		{func(c []string) {
			f.Repairs = append(f.Repairs, report.PersonRepair{No: c[0], Kind: c[1], DoneOn: report.Day(c[2]), PointsOff: number(c[3]), MonthsOff: number(c[4]),
				WorkingDays: number(c[5]), Evidence: evidenceOf(c)})
		}, `SELECT repair_no, kind, done_on, points_off, months_off, working_days, ` + evidenceColumns + ` FROM staging.repair r
LEFT JOIN meta.file f ON f.file_id = r.file_id WHERE prac_psn_code = $1 ORDER BY done_on, repair_no`},
		{func(c []string) {
			f.Restorations = append(f.Restorations, report.PersonRestoration{No: c[0], AppliedOn: report.Day(c[1]), DecidedOn: report.Day(c[2]),
				Approved: report.Text(c[3]), EffectiveOn: report.Day(c[4]), NewCommitment: c[5] == "1", Evidence: evidenceOf(c)})
		}, `SELECT restoration_no, applied_on, decided_on, approved, effective_on, new_commitment, ` + evidenceColumns + ` FROM staging.restoration r
LEFT JOIN meta.file f ON f.file_id = r.file_id WHERE prac_psn_code = $1 ORDER BY applied_on, restoration_no`},
		{func(c []string) {
			f.Aliases = append(f.Aliases, report.PersonAlias{Code: c[0], Institution: report.Text(c[1]), From: report.Day(c[2]), Remark: report.Text(c[3]),
				Evidence: evidenceOf(c)})
		}, `SELECT alias_code, fixmedins_code, valid_from, remark, ` + evidenceColumns + ` FROM staging.practitioner_alias r
LEFT JOIN meta.file f ON f.file_id = r.file_id WHERE prac_psn_code = $1 ORDER BY alias_code, fixmedins_code`},
	} {
		if err := each(ctx, p.db, feed.use, feed.query, p.code); err != nil {
			return err
		}
	}
	return nil
}

// readPharmacies lists those of which the person is or was principal: who is blocked, is so at all of them (Art. 39).
func (p *personReader) readPharmacies(ctx context.Context) error {
	p.file.Pharmacies = []report.Pharmacy{}
	return each(ctx, p.db, func(c []string) {
		p.file.Pharmacies = append(p.file.Pharmacies, report.Pharmacy{Institution: c[0], InstitutionName: report.Text(c[1]), From: report.Day(c[2]),
			To: report.Day(c[3]), Agreement: report.Text(c[4])})
	}, `SELECT i.fixmedins_code, i.fixmedins_name, day_date(i.from_day), day_date(i.to_day), i.agreement_status
FROM core.institution_interval i
LEFT JOIN core.practitioner_alias own ON own.alias_code = i.principal_code AND own.fixmedins_code = i.fixmedins_code
LEFT JOIN core.practitioner_alias general ON general.alias_code = i.principal_code AND general.fixmedins_code IS NULL
WHERE i.fixmedins_type = '2' AND i.principal_code <> '' AND coalesce(own.practitioner_code, general.practitioner_code, i.principal_code) = $1
ORDER BY i.fixmedins_code, i.from_day`, p.code)
}

// readWarnings collects what is to be prepared for or looked at.
func (p *personReader) readWarnings(ctx context.Context) error {
	f := p.file
	f.Warnings, f.NotMaintained = []report.PersonWarning{}, []report.NotMaintained{}
	warn := func(w report.PersonWarning) { f.Warnings = append(f.Warnings, w) }
	p.warnOfRecord(warn)
	if err := p.eachOfModel(ctx, "894_status_not_maintained", `fixmedins_code, ref_no, due_on, maintained_on, lines, fund_yuan, late_lines, late_fund_yuan, article`,
		"practitioner_code = $1", func(c []string) {
			f.NotMaintained = append(f.NotMaintained, report.NotMaintained{Institution: c[0], RefNo: c[1], Due: report.Day(c[2]), MaintainedOn: report.Day(c[3]),
				Lines: number(c[4]), Fund: moneyOf(c[5]), LateLines: number(c[6]), LateFund: moneyOf(c[7]), Article: c[8]})
		}, p.code); err != nil {
		return err
	}
	if err := p.eachOfModel(ctx, "895_early_warning", "kind, title, fixmedins_code, article, registered, blocked", `fixmedins_code IN (SELECT fixmedins_code
  FROM core.registration WHERE practitioner_code = $1 AND from_day <= $2 AND to_day > $2) ORDER BY fixmedins_code`, func(c []string) {
		warn(report.PersonWarning{Kind: c[0], Title: c[1], Institution: report.Text(c[2]), Article: report.Text(c[3]),
			Note: report.Text(fmt.Sprintf("登记 %s 人，受限 %s 人", c[4], c[5]))})
	}, p.code, int(p.lastDay)); err != nil {
		return err
	}
	if err := p.eachOfModel(ctx, "896_agreement_event", "fixmedins_code, valid_from, article", "practitioner_code = $1 ORDER BY fixmedins_code, valid_from", func(c []string) {
		warn(report.PersonWarning{Kind: "agreement_event", Title: "所在机构协议中止或解除，是否为责任人员由人认定", Institution: report.Text(c[0]), On: report.Day(c[1]),
			Article: report.Text(c[2])})
	}, p.code); err != nil {
		return err
	}
	return each(ctx, p.db, func(c []string) {
		warn(report.PersonWarning{Kind: "code_is_alias", Title: "本代码同时是 " + c[0] + " 的别名，自起始日起费用算在该人名下", Institution: report.Text(c[1]), On: report.Day(c[2])})
	}, `SELECT prac_psn_code, fixmedins_code, valid_from FROM staging.practitioner_alias WHERE alias_code = $1 ORDER BY ALL`, p.code)
}

// warnOfRecord looks at the record alone, and at it beside the registry.
func (p *personReader) warnOfRecord(warn func(report.PersonWarning)) {
	rules := &p.Config.RulePack.Points
	var soon register.Day
	if day, err := p.Config.Operation.Calendar.AddWorkdays(p.asOf.Time(), rules.Deadlines.RestorationRequest.Workdays); err == nil {
		soon = register.DayOf(day)
	}
	if w, ok := warningOf(rules, &p.points.record, p.asOf, soon); ok {
		title := "再记分即可能暂停"
		if w.kind == warnEndsSoon {
			title = "暂停即将期满"
		}
		warn(report.PersonWarning{Kind: w.kind, Title: title, On: dayText(w.on), Article: report.Text(w.article)})
	}
	f := p.file
	for _, s := range f.Comparison {
		if s.Rule == 409 && (s.From == "" || s.From <= f.AsOf) && (s.To == "" || s.To > f.AsOf) {
			warn(report.PersonWarning{Kind: "registry_differs", Title: "记分档案已受限，登记状态仍为正常", On: s.From, Article: "37, 48"})
		}
	}
	for _, d := range f.Decisions {
		if d.State == "proposed" {
			warn(report.PersonWarning{Kind: "decision_proposed", Title: "拟处理 " + d.No + "：" + strconv.Itoa(d.Points) + " 分，尚未作出决定", On: d.DecidedOn,
				Institution: d.Institution, Article: report.Text(d.Article)})
		}
	}
}

// eachOfModel reads columns of the rows of a model of the mart of which a condition holds, from the warehouse.
func (p *personReader) eachOfModel(ctx context.Context, name, columns, where string, use func([]string), args ...any) error {
	models, err := sqlfiles.Models("80_mart")
	if err != nil {
		return err
	}
	at := slices.IndexFunc(models, func(m sqlfiles.Model) bool { return m.Name == name })
	if at < 0 {
		return fmt.Errorf("there is no model %s", name)
	}
	return each(ctx, p.db, use, "SELECT "+columns+" FROM (\n"+models[at].SQL+"\n) WHERE "+where, args...)
}
