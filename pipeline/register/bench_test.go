package register_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"claimsaudit/pipeline/register"
)

// BenchmarkYear is a district's year: 20,000 persons, 5,000 decisions among them, repairs and restorations beside. It is
// to stay below a second.
func BenchmarkYear(b *testing.B) {
	rules := points(b, "chongqing-2025")
	r := rand.New(rand.NewPCG(1, 2))
	persons := make([]register.Person, 20000)
	day := func() register.Day { return on("2025-01-01") + register.Day(r.IntN(365)) }
	for i := range 5000 {
		n := 1 + r.IntN(12)
		p := &persons[r.IntN(len(persons)/4)]
		p.Decisions = append(p.Decisions, register.Decision{No: fmt.Sprintf("J%06d", i), DecidedOn: day(), Article: fmt.Sprint(29 + (n-1)/3), Item: "1", Points: n,
			State: "final", InspectionNo: fmt.Sprint(r.IntN(900)), ActNo: fmt.Sprint(r.IntN(900))})
		if i%3 == 0 {
			p.Repairs = append(p.Repairs, register.Repair{No: fmt.Sprintf("X%06d", i), Kind: "study", DoneOn: day(), PointsOff: 2, MonthsOff: 1})
		}
		if i%7 == 0 {
			p.Restorations = append(p.Restorations, register.Restoration{No: fmt.Sprintf("H%06d", i), AppliedOn: day(), DecidedOn: day(), Approved: "1"})
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		for i := range persons {
			register.Compute(rules, persons[i], on("2025-12-31"))
		}
	}
}
