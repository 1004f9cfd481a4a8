package pipeline_test

import (
	"errors"
	"testing"

	"claimsaudit/pipeline"
)

func TestWorstOfJoinedErrors(t *testing.T) {
	of := func(kinds ...pipeline.Kind) error {
		var all []error
		for _, k := range kinds {
			all = append(all, &pipeline.Error{Kind: k, Op: "do"})
		}
		return errors.Join(all...)
	}
	for _, c := range []struct {
		err    error
		want   pipeline.Kind
		stands bool
	}{
		{of(pipeline.KindMissingFile, pipeline.KindUndelivered), pipeline.KindUndelivered, true},
		{of(pipeline.KindUndelivered, pipeline.KindBadFile), pipeline.KindBadFile, true},
		{of(pipeline.KindBadFile, pipeline.KindGate), pipeline.KindGate, false},
		{of(pipeline.KindBadFile, pipeline.KindUsage), pipeline.KindUsage, false},
		{errors.Join(of(pipeline.KindGate, pipeline.KindUndelivered), errors.New("something else")), pipeline.KindInternal, false},
		{of(pipeline.KindMissingFile), pipeline.KindMissingFile, true},
	} {
		if got := pipeline.Gravest(c.err); got != c.want || pipeline.Stands(c.err) != c.stands {
			t.Errorf("%v: kind %d, stands %v", c.err, got, pipeline.Stands(c.err))
		}
	}
	if !pipeline.Stands(nil) {
		t.Error("a run without error does not stand")
	}
}
