package register_test

import (
	"slices"
	"testing"

	"claimsaudit/pipeline/register"
)

// TestAServedDecisionThatSaysTooLittle: it is listed only while the notice is older than what changed its measure.
func TestAServedDecisionThatSaysTooLittle(t *testing.T) {
	rules := points(t, "chongqing-2025")
	decision := func(no, day string, points, file, final int, changes ...string) register.Decision {
		d := gives(no, day, points, changes...).(register.Decision)
		d.FileNo, d.FinalSince = file, final
		return d
	}
	served := func(file int, day string) register.Decision {
		return decision("J2", "2025-03-10", 3, file, 1, "notice_served_on="+day)
	}
	for _, c := range []struct {
		about     string
		decisions []register.Decision
		want      string
	}{
		{"an earlier decision makes a block of it", []register.Decision{served(1, "2025-03-12"), decision("J1", "2025-03-03", 6, 2, 2)}, "J1"},
		{"delivered again since", []register.Decision{served(3, "2025-03-12"), decision("J1", "2025-03-03", 6, 2, 2)}, ""},
		{"final before, delivered again since", []register.Decision{served(1, "2025-03-12"), decision("J1", "2025-03-03", 6, 2, 1)}, ""},
		{"a later decision has a notice of its own", []register.Decision{served(1, "2025-03-12"), decision("J3", "2025-03-11", 6, 2, 2)}, ""},
		{"of the same day, listed before it", []register.Decision{served(1, "2025-03-12"), decision("J1", "2025-03-10", 6, 2, 2)}, "J1"},
		{"no other measure", []register.Decision{decision("J2", "2025-03-10", 9, 1, 1, "notice_served_on=2025-03-12"), decision("J1", "2024-03-03", 6, 2, 2)}, ""},
		{"not served", []register.Decision{served(1, ""), decision("J1", "2025-03-03", 6, 2, 2)}, ""},
		{"only the intention was served", []register.Decision{served(1, "2025-03-01"), decision("J1", "2025-03-03", 6, 2, 2)}, ""},
		{"served after the day of the record", []register.Decision{served(1, "2025-07-02"), decision("J1", "2025-03-03", 6, 2, 2)}, ""},
		{"proposed", []register.Decision{served(1, "2025-03-12"), decision("J1", "2025-03-03", 6, 2, 2, "state=proposed")}, ""},
		{"counted once with it", []register.Decision{decision("J2", "2025-03-10", 5, 1, 1, "notice_served_on=2025-03-12", "act_no=A"),
			decision("J1", "2025-03-03", 6, 2, 2, "act_no=A")}, "J1"},
		{"two of them", []register.Decision{served(1, "2025-03-12"), decision("J1", "2025-03-03", 3, 2, 2), decision("J0", "2025-03-02", 3, 3, 3)}, "J0、J1"},
	} {
		rec := register.Compute(rules, register.Person{Decisions: c.decisions}, on("2025-06-30"))
		at := slices.IndexFunc(rec.Matters, func(m register.Matter) bool { return m.Reason == register.ChangedAfterService })
		switch {
		case (at >= 0) != (c.want != ""), rec.IsListed("J2", register.ChangedAfterService) != (c.want != ""):
			t.Errorf("%s: listed at %d: %+v", c.about, at, rec.Matters)
		case at >= 0 && rec.Matters[at].Chinese() != "送达之后，决定在先的 "+c.want+" 才生效，累计和措施可能已变，请核对后重新送达":
			t.Errorf("%s: %s", c.about, rec.Matters[at].Chinese())
		}
	}
}

// TestADecisionThatChangedHands is listed on both sides and counts on one.
func TestADecisionThatChangedHands(t *testing.T) {
	rules := points(t, "chongqing-2025")
	d := gives("J1", "2025-03-03", 6).(register.Decision)
	former := register.Compute(rules, register.Person{MovedAway: []register.Decision{d}}, on("2025-06-30"))
	d.WasAnothers = true
	latter := register.Compute(rules, register.Person{Decisions: []register.Decision{d}}, on("2025-06-30"))
	if !former.IsListed("J1", register.MovedToAnother) || former.Total != 0 || len(former.Events) != 0 {
		t.Errorf("former person: %+v", former)
	}
	if !latter.IsListed("J1", register.MovedFromAnother) || latter.Total != 6 {
		t.Errorf("latter person: %+v", latter)
	}
	if text := former.Matters[0].Chinese(); text != "处理 J1 先送为本人，后改送为另一人，不再计入本人，请核对" {
		t.Error(text)
	}
}
