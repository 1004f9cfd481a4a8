package configs

import (
	"bytes"
	"reflect"
	"slices"
	"testing"
)

// TestArchivedConfigurationJudgesAsThen: a rebuild reads back what a run wrote, and gets the same digest and decisions
// whatever the configuration says now.
func TestArchivedConfigurationJudgesAsThen(t *testing.T) {
	then, err := Load("", false, map[string]string{"CLAIMSAUDIT_STATEMENT_PREFIX": "T-1", "CLAIMSAUDIT_REJECTED_SHARE_MAX_PERCENT": "2.5"}, Overrides{})
	if err != nil {
		t.Fatal(err)
	}
	now, err := Load("", false, map[string]string{"CLAIMSAUDIT_MEMORY_LIMIT_MB": "321"}, Overrides{Data: "elsewhere"})
	if err != nil {
		t.Fatal(err)
	}
	now.RulePack.Rules, now.Digest = nil, "another"
	got, err := now.AsEffective(then.Effective())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Effective(), then.Effective()) || digest(got) != then.Digest || got.Digest != then.Digest {
		t.Error("the decisions did not come back as they were")
	}
	if !reflect.DeepEqual(got.Operation.Calendar, then.Operation.Calendar) || !reflect.DeepEqual(got.RulePack.Points.Measures, then.RulePack.Points.Measures) ||
		len(got.RulePack.Points.Bands) == 0 || len(got.Operation.Calendar.Years()) == 0 {
		t.Error("working days or the numbers of the points record did not come back")
	}
	if got.Settings.StatementPrefix != "T-1" || got.Settings.GateRejectedBasisPoints != 250 {
		t.Errorf("settings of then: %+v", got.Settings)
	}
	if got.Settings.Data != "elsewhere" || got.Settings.MemoryLimitMB != 321 {
		t.Errorf("the machine is that of now: %+v", got.Settings)
	}
	if len(now.RulePack.Rules) != 0 || now.Digest != "another" {
		t.Error("the configuration of now was changed")
	}
	if _, err := now.AsEffective([]byte(`{"Digest": "d", "NewKnob": 1}`)); err == nil {
		t.Error("a decision that this program does not know was left out without a word")
	}
}

// TestEveryDecisionIsArchived: whoever adds a setting must say whether it changes results. If so it belongs in
// effective, else in the list here.
func TestEveryDecisionIsArchived(t *testing.T) {
	machine := []string{"Settings", "Operation", "Source",
		"Data", "Inbox", "RulePack", "Scorecards", "Layouts", "MemoryLimitMB", "Threads", "PublishedMode", "KeyFile", "LogLevel"}
	var archived []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[effective]()) {
		archived = append(archived, f.Name)
	}
	for _, of := range []reflect.Type{reflect.TypeFor[Config](), reflect.TypeFor[Settings]()} {
		for _, f := range reflect.VisibleFields(of) {
			if !slices.Contains(machine, f.Name) && !slices.Contains(archived, f.Name) {
				t.Errorf("%s.%s is neither archived nor said to change no result", of.Name(), f.Name)
			}
		}
	}
}
