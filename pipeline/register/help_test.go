package register_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"claimsaudit/configs"
	"claimsaudit/pipeline/register"
)

// points are those of a shipped rule pack.
func points(t testing.TB, pack string) *configs.Points {
	t.Helper()
	p, err := configs.LoadRulePack("../../configs/claimsaudit.yaml", pack)
	if err != nil {
		t.Fatal(err)
	}
	return &p.Points
}

// on is a day written yyyy-MM-dd, and none for "".
func on(text string) register.Day {
	if text == "" {
		return 0
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return register.DayOf(day)
}

// row is one delivered row of a case, of whatever feed.
type row any

// gives is a final decision, under the article of its points; changes are "key=value".
func gives(no, day string, n int, changes ...string) row {
	d := register.Decision{No: no, DecidedOn: on(day), Article: fmt.Sprint(29 + (n-1)/3), Item: "1", Points: n, State: "final"}
	for _, change := range changes {
		key, value, _ := strings.Cut(change, "=")
		switch key {
		case "state":
			d.State = value
		case "effective_on":
			d.EffectiveOn = on(value)
		case "inspection_no":
			d.InspectionNo = value
		case "act_no":
			d.ActNo = value
		case "item":
			d.Item = value
		case "article":
			d.Article = value
		case "was_final":
			d.WasFinal = true
		case "notice_served_on":
			d.NoticeServedOn = on(value)
		case "appealed_on":
			d.AppealedOn = on(value)
		default:
			panic(change)
		}
	}
	return d
}

func study(no, day string, pointsOff, monthsOff int) row {
	return register.Repair{No: no, Kind: "study", DoneOn: on(day), PointsOff: pointsOff, MonthsOff: monthsOff}
}

func publicity(no, day string) row {
	return register.Repair{No: no, Kind: "publicity", DoneOn: on(day)}
}

func onSite(no, day string, workingDays int) row {
	return register.Repair{No: no, Kind: "on_site", DoneOn: on(day), WorkingDays: workingDays}
}

// restores is an application; effective "" means from the day it was decided.
func restores(no, applied, decided, approved, effective string, commitment bool) row {
	return register.Restoration{No: no, AppliedOn: on(applied), DecidedOn: on(decided), Approved: approved, EffectiveOn: on(effective), NewCommitment: commitment}
}

func person(rows ...row) register.Person {
	var p register.Person
	for _, r := range rows {
		switch x := r.(type) {
		case register.Decision:
			p.Decisions = append(p.Decisions, x)
		case register.Repair:
			p.Repairs = append(p.Repairs, x)
		case register.Restoration:
			p.Restorations = append(p.Restorations, x)
		}
	}
	return p
}

func eventLines(r register.Record) []string {
	var lines []string
	for _, e := range r.Events {
		lines = append(lines, e.String())
	}
	return lines
}

func matterLines(r register.Record) []string {
	var lines []string
	for _, m := range r.Matters {
		lines = append(lines, m.RefNo+" "+string(m.Reason))
	}
	slices.Sort(lines)
	return lines
}
