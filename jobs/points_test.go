package jobs

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"testing"
	"time"

	"claimsaudit/configs"
	"claimsaudit/pipeline/warehouse"
)

const decisionHead = "decision_no,prac_psn_code,decided_on,article,item,points,state,effective_on,notice_served_on\n"

// pointsOffice has the hand-made month of March in its inbox and mails nothing.
func pointsOffice(t *testing.T) *mailOffice {
	o := newMailOffice(t)
	o.Config.Operation.Mail = configs.Mail{}
	o.deliverFiles()
	return o
}

// nightly runs as of a day and wants the exit code.
func (o *mailOffice) nightly(code int, day string) Outcome {
	o.t.Helper()
	return o.run(code, Request{Job: Nightly, AsOf: dateOf(o.t, day)})
}

func dateOf(t *testing.T, text string) time.Time {
	t.Helper()
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		t.Fatal(err)
	}
	return day
}

// wantRows holds a query of the publication against rows of values joined by blanks.
func (o *mailOffice) wantRows(query string, want ...string) {
	o.t.Helper()
	mart, err := warehouse.OpenMart(context.Background(), o.PublishedPath())
	if err != nil {
		o.t.Fatal(err)
	}
	defer mart.Close()
	rows, err := mart.Query("SELECT concat_ws(' ', " + query)
	if err != nil {
		o.t.Fatal(err)
	}
	defer rows.Close()
	var got []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			o.t.Fatal(err)
		}
		got = append(got, text)
	}
	if !slices.Equal(got, want) {
		o.t.Errorf("%s\n got %q\nwant %q", query, got, want)
	}
}

const recordQuery = `practitioner_code, on_date, event, ref_no, points, total_after, measure, block_from, block_to, article)
FROM mart.points_record ORDER BY practitioner_code, event_no`

// computedBy are the models whose rows come from a run.
func (o *mailOffice) computedBy(run string) (models []string) {
	o.t.Helper()
	db, err := warehouse.OpenReadOnly(context.Background(), o.WarehousePath())
	if err != nil {
		o.t.Fatal(err)
	}
	defer db.Close()
	err = db.Query(context.Background(), func(rows *sql.Rows) error {
		var model string
		err := rows.Scan(&model)
		models = append(models, model)
		return err
	}, "SELECT model FROM meta.model WHERE run_id = ? ORDER BY model", run)
	if err != nil {
		o.t.Fatal(err)
	}
	return models
}

// TestPointsRecordFromFeedToTables: a decision becomes a record, a block, a finding of rule 409, a file and deadlines.
func TestPointsRecordFromFeedToTables(t *testing.T) {
	o := pointsOffice(t)
	o.writeFile("points_decision_1.csv", decisionHead+
		"J1,Ｄ1 ,2025-03-11,32,a,10,final,2025-03-12,2025-03-13\n"+ // codes are normalised at decoding
		"J2,D9,2025-03-18,29,a,2,final,,2025-03-18\n")
	o.nightly(0, "2025-04-02")
	o.wantRows(recordQuery, "D1 2025-03-11 points J1 10 10 suspend 2025-03-12 2025-07-12 32",
		"D1 2025-03-11 block J1 0 10 suspend 2025-03-12 2025-07-12 33", "D9 2025-03-18 points J2 2 2 29")
	o.wantRows("setl_id, feedetl_sn, verdict, rule, article, practitioner_code, status, fund_yuan) FROM mart.line_verdict WHERE practitioner_code = 'D1'",
		"S2 1 review 409 37, 48 D1 normal 60.00")
	o.wantRows(`practitioner_code, name_masked, institutions, coalesce(registry_status, '-'), derived_status, total_points, coalesce(CAST(blocked_to AS VARCHAR), '-'),
  next_deadline, next_deadline_kind) FROM mart.practitioner_file ORDER BY practitioner_code`,
		"D1 样＊＊ H1 normal suspended 10 2025-07-12 2025-03-20 registry", "D2 样＊＊ H1 suspended normal 0 -", "D9 - normal 2 -")
	o.wantRows("practitioner_code, kind, due_on, state, article, ref_no, note) FROM mart.deadline ORDER BY practitioner_code, due_on",
		"D1 registry 2025-03-20 overdue 37 J1", "D1 restoration_request 2025-06-23 later 44 J1")
	o.wantRows("year, fixmedins_code, registered, blocked, flagged) FROM mart.institution_blocked_share ORDER BY year", "2025 H1 2 1 false")

	sections, err := o.Explain(context.Background(), "S2", "1")
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(sections, func(x Section) bool { return x.Title == "evidence: points record of D1, decision J1" })
	if at < 0 {
		t.Fatalf("the claim's explanation does not name the decision: %+v", sections)
	}
	evidence := fmt.Sprint(sections[at].Fields[:len(sections[at].Fields)-1])
	if want := "[{decided 2025-03-11} {points under Art. 32/a} {points 10} {total 10} {measure suspend} {blocked from 2025-03-12} {to, as decided 2025-07-12} {article Art. 33} {notice served 2025-03-13} {from file points_decision_1.csv line 2}]"; evidence != want {
		t.Errorf("got %s\nwant %s", evidence, want)
	}
}

// TestNightsRecomputeOnlyWhatThePointsRecordChanged: the pass over millions of lines must not be made because a day went by.
func TestNightsRecomputeOnlyWhatThePointsRecordChanged(t *testing.T) {
	o := pointsOffice(t)
	o.writeFile("points_decision_1.csv", decisionHead+"J1,D1,2025-03-31,32,a,10,final,2025-04-28,2025-03-31\n")
	o.nightly(0, "2025-04-02")
	if out := o.nightly(0, "2025-04-03"); len(o.computedBy(out.RunID)) != 0 || out.Published {
		t.Errorf("a day on which nothing happens: computed %v, published %t", o.computedBy(out.RunID), out.Published)
	}
	// The registry deadline, 2025-04-08, is over; the block begins within the week.
	if out := o.nightly(0, "2025-04-22"); !slices.Equal(o.computedBy(out.RunID), []string{todayModel}) || !out.Published {
		t.Errorf("deadlines moved: computed %v, published %t", o.computedBy(out.RunID), out.Published)
	}
	o.wantRows("kind, due_on, state) FROM mart.deadline ORDER BY due_on", "registry 2025-04-08 overdue", "block_start 2025-04-28 starting",
		"restoration_request 2025-08-07 later")
	if out := o.nightly(0, "2025-04-28"); !slices.Contains(o.computedBy(out.RunID), pointsModel) || slices.Contains(o.computedBy(out.RunID), "355_candidate_line") {
		t.Errorf("the block begins: computed %v", o.computedBy(out.RunID))
	}
	o.wantRows("derived_status) FROM mart.practitioner_file WHERE practitioner_code = 'D1'", "suspended")

	// A repair that shortens nothing changes the total and no block; a further decision changes the blocks.
	o.writeFile("repair_1.csv", "repair_no,prac_psn_code,kind,done_on\nX1,D1,publicity,2025-04-29\n")
	if out := o.nightly(0, "2025-04-29"); slices.Contains(o.computedBy(out.RunID), "345_clean_registration") {
		t.Errorf("a repair: computed %v", o.computedBy(out.RunID))
	}
	o.wantRows("total_points) FROM mart.practitioner_file WHERE practitioner_code = 'D1'", "9")
	o.writeFile("points_decision_2.csv", decisionHead+"J2,D1,2025-04-30,31,a,7,final,,2025-04-30\n")
	if out := o.nightly(0, "2025-04-30"); !slices.Contains(o.computedBy(out.RunID), "345_clean_registration") {
		t.Errorf("a decision: computed %v", o.computedBy(out.RunID))
	}
	o.wantRows("derived_status, blocked_to) FROM mart.practitioner_file WHERE practitioner_code = 'D1'", "terminated 2026-04-30")
}

// TestTheLastBlockedPersonBecomesNormal: a list that becomes empty is emptied.
func TestTheLastBlockedPersonBecomesNormal(t *testing.T) {
	o := pointsOffice(t)
	o.nightly(0, "2025-04-02")
	const files = "practitioner_code, registry_status) FROM mart.practitioner_file ORDER BY practitioner_code"
	o.wantRows(files, "D1 normal", "D2 suspended")
	o.writeFile("practitioner_status_2.csv", "snapshot_date,prac_psn_code,fixmedins_code,status\n2025-04-10,D1,H1,normal\n2025-04-10,D2,H1,normal\n")
	o.nightly(0, "2025-04-14")
	o.wantRows(files, "D1 normal", "D2 normal")
}

// TestAnEarlierBlockOfTheRegistryMaintainsNoLaterOne: a row without an end says nothing after the next snapshot.
func TestAnEarlierBlockOfTheRegistryMaintainsNoLaterOne(t *testing.T) {
	o := pointsOffice(t)
	const registryHead = "snapshot_date,prac_psn_code,fixmedins_code,status,status_begin\n"
	o.writeFile("practitioner_status_0.csv", registryHead+"2024-11-01,D1,H1,suspended,2024-10-20\n2024-12-01,D1,H1,normal,\n")
	o.writeFile("points_decision_1.csv", decisionHead+"J1,D1,2025-03-11,31,a,9,final,,2025-03-11\n")
	o.nightly(0, "2025-04-02")
	const registry = "due_on, state) FROM mart.deadline WHERE kind = 'registry'"
	const late = "practitioner_code, coalesce(CAST(maintained_on AS VARCHAR), '-')) FROM mart.status_not_maintained"
	o.wantRows(registry, "2025-03-18 overdue")
	o.wantRows(late, "D1 -")

	// Shown in two snapshots before it begins: since the first of them, and in time.
	o.writeFile("practitioner_status_2.csv", registryHead+"2025-04-04,D1,H1,suspended,2025-04-14\n2025-04-10,D1,H1,suspended,2025-04-14\n")
	o.writeFile("points_decision_2.csv", decisionHead+"J1,D1,2025-03-31,31,a,9,final,2025-04-14,2025-03-31\n")
	o.nightly(0, "2025-04-16")
	o.wantRows(registry)
	o.wantRows(late)
}

// TestBadPointsRowsAffectNothingElse: what cannot be is rejected with its article; what is without effect is kept and listed.
func TestBadPointsRowsAffectNothingElse(t *testing.T) {
	o := pointsOffice(t)
	o.Config.Settings.GateRejectedBasisPoints = 10_000
	o.writeFile("points_decision_1.csv", decisionHead+
		"J1,D1,2025-03-11,29,a,4,final,,\n"+
		"J2,,2025-03-11,29,a,3,final,,\n"+
		"J3,D1,2025-03-11,33,a,3,final,,\n"+
		"J4,D1,2025-03-11,29,a,3,agreed,,\n"+
		"J5,D1,2025-03-11,29,a,3,revoked,,2025-03-11\n"+
		"J6,D1,2025-03-12,29,a,2,final,,2025-03-12\n"+
		"J7,D1,2025-04-20,29,a,2,final,,\n"+
		"J8,D1,2025-03-13,29,a,1,final,,2025-03-13\n")
	o.writeFile("points_decision_2.csv", decisionHead+"J6,D1,2025-03-12,29,a,2,revoked,,2025-03-12\n") // of the same delivery
	o.writeFile("repair_1.csv", "repair_no,prac_psn_code,kind,done_on\nX1,D1,prayer,2025-03-20\n")
	o.writeFile("restoration_1.csv", "restoration_no,prac_psn_code,applied_on,decided_on,approved\nH1,D1,2025-03-20,2025-03-25,是\n")
	o.nightly(0, "2025-04-02")
	o.wantRows("line_no, column_name, reason LIKE '%29%') FROM mart.rejected_row WHERE feed = 'points_decision' ORDER BY line_no",
		"2 points true", "3 prac_psn_code true", "4 article true", "5 state true")
	o.wantRows("column_name, reason LIKE '%第 43 条%') FROM mart.rejected_row WHERE feed = 'repair'", "kind true")
	o.wantRows("feed, ref_no, reason, article) FROM mart.points_matter", "points_decision J5 revoked_never_final 29",
		"points_decision J7 after_as_of 29", "restoration H1 nothing_to_restore 44")
	o.wantRows(recordQuery, "D1 2025-03-13 points J8 1 1 29")
}

// TestAnotherRulePackIsAnotherRecord: bands, lengths and the share's comparison are the pack's.
func TestAnotherRulePackIsAnotherRecord(t *testing.T) {
	o := pointsOffice(t)
	var err error
	if o.Config.RulePack, err = configs.LoadRulePack("", "example-other-region"); err != nil {
		t.Fatal(err)
	}
	o.Config.RulePack.Points.EffectiveFrom = time.Time{}
	o.Config.RulePack.Points.Share.Percent = 50
	o.writeFile("points_decision_1.csv", decisionHead+"J1,D1,2025-03-11,32,a,15,final,,\n"+"J2,D2,2025-03-11,30,a,3,final,,\n")
	o.nightly(0, "2025-04-02")
	o.wantRows(recordQuery, "D1 2025-03-11 points J1 15 15 terminate 2025-03-11 2027-03-11 32",
		"D1 2025-03-11 block J1 0 15 terminate 2025-03-11 2027-03-11 33", "D2 2025-03-11 points J2 3 3 talk 30",
		"D2 2025-04-01 clear -3 0 25")
	o.wantRows("registered, blocked, flagged) FROM mart.institution_blocked_share", "2 1 true") // half is reached, not exceeded
}

// TestDeadlinesWithoutCalendarAreUnknown: a year the State Council has not settled stops no run, and adding it is enough.
func TestDeadlinesWithoutCalendarAreUnknown(t *testing.T) {
	o := pointsOffice(t)
	calendar := o.Config.Operation.Calendar
	o.Config.Operation.Calendar = configs.Calendar{}
	o.writeFile("points_decision_1.csv", decisionHead+"J1,D1,2025-03-11,31,a,9,final,,2025-03-11\n")
	o.nightly(0, "2025-04-02")
	o.wantRows("kind, state, coalesce(CAST(due_on AS VARCHAR), '-'), note) FROM mart.deadline ORDER BY kind",
		"registry unknown - 没有 2025 年的工作日历，算不出期限；请照 configs/README.md 增加年份。",
		"restoration_request unknown - 没有 2025 年的工作日历，算不出期限；请照 configs/README.md 增加年份。")
	o.Config.Operation.Calendar = calendar
	o.nightly(0, "2025-04-02")
	o.wantRows("kind, state, due_on) FROM mart.deadline ORDER BY kind", "registry overdue 2025-03-18", "restoration_request later 2025-04-17")
}

// TestWarningsAndStatusesNotMaintained: who bears what the fund pays meanwhile (Art. 48), and what can still be prepared for.
func TestWarningsAndStatusesNotMaintained(t *testing.T) {
	o := pointsOffice(t)
	o.writeFile("points_decision_1.csv", decisionHead+
		"J1,D1,2025-03-03,31,a,9,final,2025-03-04,2025-03-03\n"+ // 2 months; S1 of the 5th is in time, S2 of the 12th is late
		"J2,D8,2025-03-18,31,a,8,final,,2025-03-18\n")
	o.nightly(0, "2025-03-10")
	o.wantRows("ref_no) FROM mart.status_not_maintained") // the five working days are not over
	o.nightly(0, "2025-04-02")
	const late = `fixmedins_code, practitioner_code, ref_no, measure, block_from, block_to, notice_on, due_on, coalesce(CAST(maintained_on AS VARCHAR), '-'),
  lines, fund_yuan, late_lines, late_fund_yuan, article) FROM mart.status_not_maintained`
	o.wantRows(late, "H1 D1 J1 suspend 2025-03-04 2025-05-04 2025-03-03 2025-03-10 - 2 140.01 1 60.00 37, 48")
	// A second block over the first, not maintained either: the lines do not count twice.
	o.writeFile("points_decision_2.csv", decisionHead+"J3,D1,2025-03-07,29,a,1,final,,2025-03-07\n")
	o.nightly(0, "2025-04-03")
	o.wantRows(late, "H1 D1 J1 suspend 2025-03-04 2025-05-04 2025-03-03 2025-03-10 - 2 140.01 1 60.00 37, 48",
		"H1 D1 J3 suspend 2025-03-07 2025-05-07 2025-03-07 2025-03-14 - 0 0.00 0 0.00 37, 48")
	o.writeFile("points_decision_3.csv", decisionHead+"J3,D1,2025-03-07,29,a,1,revoked,,2025-03-07\n")
	const warnings = `kind, fixmedins_code, practitioner_code, on_date, total_points, registered, blocked, article) FROM mart.early_warning ORDER BY kind`
	o.wantRows(warnings, "one_step D8 8 33", "share_near H1 2 1 34")

	// The snapshot that shows the block comes late; then both persons of the hospital are blocked, and the suspension nears its end.
	o.writeFile("practitioner_status_2.csv", "snapshot_date,prac_psn_code,fixmedins_code,status,status_begin,status_end\n"+
		"2025-04-10,D1,H1,suspended,2025-04-10,2025-05-03\n2025-04-10,D2,H1,normal,,\n")
	o.nightly(0, "2025-04-14")
	o.wantRows(late, "H1 D1 J1 suspend 2025-03-04 2025-05-04 2025-03-03 2025-03-10 2025-04-10 2 140.01 1 60.00 37, 48")
	o.wantRows(warnings, "ends_soon D1 2025-05-04 9 44", "one_step D8 8 33", "share_exceeded H1 2 2 34")
}
