package jobs

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"claimsaudit/pipeline/report"
)

const matterQuery = "practitioner_code, ref_no, on_date, reason, title, article) FROM mart.points_matter ORDER BY practitioner_code, ref_no, reason"

// TestPointsDecisionOfAnotherPerson: the same number for somebody else leaves a trace in both files.
func TestPointsDecisionOfAnotherPerson(t *testing.T) {
	o := pointsOffice(t)
	o.writeFile("points_decision_1.csv", decisionHead+"J1,D7,2025-03-11,31,a,9,final,,2025-03-11\nJ2,D1,2025-03-12,29,a,1,final,,\n")
	o.nightly(0, "2025-04-02")
	o.wantRows(matterQuery)
	o.writeFile("points_decision_2.csv", decisionHead+"J1,D1,2025-03-11,31,a,9,final,,2025-03-11\n")
	o.nightly(0, "2025-04-03")
	const former = "D7 J1 2025-03-11 moved_to_another_person 处理 J1 先送为本人，后改送为另一人，不再计入本人，请核对 31"
	o.wantRows(matterQuery, "D1 J1 2025-03-11 moved_from_another_person 处理 J1 曾送为另一人，后改送为本人，请核对 31", former)
	o.wantRows("practitioner_code, derived_status, total_points) FROM mart.practitioner_file WHERE practitioner_code IN ('D1', 'D7') ORDER BY practitioner_code",
		"D1 suspended 10", "D7 normal 0")
	file, err := o.Practitioner(context.Background(), PersonRequest{Code: "D7"})
	if err != nil {
		t.Fatal(err)
	}
	if len(file.Matters) != 1 || file.Matters[0].Reason != "moved_to_another_person" || len(file.Events) != 0 {
		t.Errorf("the former person's file: %+v %+v", file.Matters, file.Events)
	}
}

// TestPointsEffectBeforeTheDecision is followed, as the contract says, and listed.
func TestPointsEffectBeforeTheDecision(t *testing.T) {
	o := pointsOffice(t)
	o.writeFile("points_decision_1.csv", decisionHead+"J1,D1,2025-03-11,31,a,9,final,2025-03-04,2025-03-11\n")
	o.nightly(0, "2025-04-02")
	o.wantRows(matterQuery, "D1 J1 2025-03-11 effective_before_decided 生效日早于决定日，已照此执行，请核对 31")
	o.wantRows("block_from, block_to) FROM mart.points_record WHERE event = 'block'", "2025-03-04 2025-05-04")

	s, err := o.Simulate(context.Background(), SimulateRequest{Code: "D7", Add: []Addition{{Article: "31", Item: "a", Points: 9,
		DecidedOn: dateOf(t, "2025-03-20"), EffectiveOn: dateOf(t, "2025-03-19")}}})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.Join(s.Notes, "\n"), "SIM-01 takes effect on 2025-03-19, before it is decided on 2025-03-20") {
		t.Errorf("notes: %q", s.Notes)
	}
}

// TestPointsChangedAfterTheService: an institution is not late with a block that its notice did not name.
func TestPointsChangedAfterTheService(t *testing.T) {
	o := pointsOffice(t)
	o.writeFile("points_decision_1.csv", decisionHead+"J2,D1,2025-03-10,29,a,3,final,,2025-03-10\n")
	o.nightly(0, "2025-03-20")
	o.writeFile("points_decision_2.csv", decisionHead+"J1,D1,2025-03-03,30,a,6,final,,2025-03-18\n")
	o.nightly(0, "2025-04-02")
	const late = "practitioner_code, ref_no, due_on) FROM mart.status_not_maintained"
	o.wantRows("block_from) FROM mart.points_record WHERE event = 'block'", "2025-03-10")
	o.wantRows(matterQuery, "D1 J2 2025-03-10 changed_after_service 送达之后，决定在先的 J1 才生效，累计和措施可能已变，请核对后重新送达 29")
	o.wantRows(late)
	o.writeFile("points_decision_3.csv", decisionHead+"J2,D1,2025-03-10,29,a,3,final,,2025-03-20\n")
	o.nightly(0, "2025-04-03")
	o.wantRows(matterQuery)
	o.wantRows(late, "D1 J2 2025-03-27")
}

// TestPointsAfterARunThatStoppedAtAGate: what was taken in and not judged is in the person's file and not in the mart.
func TestPointsAfterARunThatStoppedAtAGate(t *testing.T) {
	o := pointsOffice(t)
	o.nightly(0, "2025-04-02")
	o.writeFile("points_decision_1.csv", decisionHead+"J1,D1,2025-03-11,31,a,9,final,,2025-03-11\nJ2,D1,2025-03-11,31,a,1,final,,\n") // half of it rejected
	ctx := context.Background()
	remarks := func(files int) {
		t.Helper()
		file, err := o.Practitioner(ctx, PersonRequest{Code: "D1"})
		if err != nil {
			t.Fatal(err)
		}
		var page bytes.Buffer
		if err := report.WritePerson(&page, file); err != nil {
			t.Fatal(err)
		}
		if file.UnjudgedFiles != files || strings.Contains(page.String(), "另有 1 个文件已接收、尚未审核") != (files == 1) {
			t.Errorf("practitioner: %d files, want %d", file.UnjudgedFiles, files)
		}
		s, err := o.Simulate(ctx, SimulateRequest{Code: "D1", Add: []Addition{{Article: "29", Item: "a", Points: 1, DecidedOn: dateOf(t, "2025-03-20")}}})
		if err != nil {
			t.Fatal(err)
		}
		if s.Unjudged != files || strings.Contains(strings.Join(s.Notes, "\n"), "files taken in and not judged yet: 1,") != (files == 1) {
			t.Errorf("simulation: %d files, notes %q", s.Unjudged, s.Notes)
		}
	}
	remarks(0)
	o.nightly(4, "2025-04-03")
	o.wantRows("total_points) FROM mart.practitioner_file WHERE practitioner_code = 'D1'", "0")
	remarks(1)
	o.nightly(0, "2025-04-03")
	o.wantRows("total_points) FROM mart.practitioner_file WHERE practitioner_code = 'D1'", "9")
	remarks(0)
}

// TestNightlyOfAnEarlierDayWarns: the publication shows the earlier day, which must not pass unseen.
func TestNightlyOfAnEarlierDayWarns(t *testing.T) {
	o := pointsOffice(t)
	const warning = "the as-of day is before the last run's"
	o.nightly(0, "2025-04-10")
	if out := o.nightly(0, "2025-04-11"); out.LaterDay != "" || strings.Contains(o.log.String(), warning) {
		t.Errorf("a later day: %q", out.LaterDay)
	}
	if out := o.nightly(0, "2025-04-02"); out.LaterDay != "2025-04-11" || strings.Count(o.log.String(), warning) != 1 {
		t.Errorf("an earlier day: %q, log %s", out.LaterDay, o.log.String())
	}
}
