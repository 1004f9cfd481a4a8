package jobs

import (
	"context"
	"strings"
	"testing"

	"claimsaudit/pipeline"
)

// TestExplainNamesARejectedRowOfThisClaimOnly: digits of an amount or of a longer number are no claim.
func TestExplainNamesARejectedRowOfThisClaimOnly(t *testing.T) {
	o := pointsOffice(t)
	rows := decisionHead
	for _, no := range []string{"J1", "J2", "J3"} {
		rows += no + ",D1,2025-03-11,32,a,10,final,2025-03-12,2025-03-13\n"
	}
	o.writeFile("points_decision_1.csv", rows+"J456.1,D1,2025-03-11,32,a,1.2345678,final,2025-03-12,2025-03-13\n")
	o.nightly(4, "2025-04-02")
	if _, err := o.Explain(context.Background(), "456", ""); pipeline.KindOf(err) != pipeline.KindUsage {
		t.Errorf("456 is part of another number: %v", err)
	}
	sections, err := o.Explain(context.Background(), "J456.1", "")
	if err != nil || len(sections) != 1 || !strings.HasPrefix(sections[0].Title, "rejected row that names this claim") {
		t.Errorf("the row that names J456.1: %+v, %v", sections, err)
	}
}
