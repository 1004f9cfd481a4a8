package register_test

import (
	"time"

	"claimsaudit/pipeline/register"
)

// region is what the two shipped packs say, typed in by hand from the contract and from the example's comments.
type region struct {
	band                  func(article string) (low, high int)
	byTotal, single       func(points int) (measure string, months int)
	talks                 func(points int) (measure string, lowest int)
	clearing              time.Month // on its first day
	suspensionPostpones   bool
	big                   int
	studyPoints           int
	studyMonths           int
	shortest              int
	publicityEach         int
	publicityYear         int
	onSiteEach            int
	onSiteYear            int
	onSiteDays            int
	noRepair              string // kinds without effect for a terminated person
	everyBlockCommits     bool   // a new commitment after suspensions too
	earlyRestorationWaits bool
	sameAct               bool
	from, to              register.Day
}

var chongqing = region{
	band: func(article string) (int, int) {
		switch article {
		case "29":
			return 1, 3
		case "30":
			return 4, 6
		case "31":
			return 7, 9
		case "32":
			return 10, 12
		}
		return 0, 0
	},
	byTotal: func(n int) (string, int) {
		switch {
		case n >= 12:
			return "terminate", 12
		case n >= 9:
			return "suspend", n - 8
		}
		return "", 0
	},
	single: func(n int) (string, int) {
		switch {
		case n == 12:
			return "terminate", 36
		case n >= 9:
			return "suspend", 2 * (n - 8)
		}
		return "", 0
	},
	talks: func(n int) (string, int) {
		switch {
		case n == 3:
			return "talk", 3
		case n >= 4 && n <= 6:
			return "head_talk", 4
		case n == 7 || n == 8:
			return "circular", 7
		}
		return "", 0
	},
	clearing: time.January, suspensionPostpones: true, big: 12, studyPoints: 3, studyMonths: 3, shortest: 1, publicityEach: 1, publicityYear: 3,
	onSiteEach: 3, onSiteYear: 3, onSiteDays: 5, noRepair: "study", earlyRestorationWaits: true, sameAct: true,
}

var otherRegion = region{
	band: func(article string) (int, int) {
		switch article {
		case "29":
			return 1, 2
		case "30":
			return 3, 5
		case "31":
			return 6, 8
		case "32":
			return 9, 15
		}
		return 0, 0
	},
	byTotal: func(n int) (string, int) {
		switch {
		case n >= 15:
			return "terminate", 6
		case n >= 10:
			return "suspend", 6
		case n >= 8:
			return "suspend", 3
		}
		return "", 0
	},
	single: func(n int) (string, int) {
		if n >= 12 {
			return "terminate", 24
		}
		return "", 0
	},
	talks: func(n int) (string, int) {
		switch {
		case n >= 2 && n <= 4:
			return "talk", 2
		case n >= 5 && n <= 7:
			return "circular", 5
		}
		return "", 0
	},
	clearing: time.April, big: 15, studyPoints: 2, studyMonths: 2, shortest: 2, publicityEach: 2, publicityYear: 4, onSiteEach: 4, onSiteYear: 4,
	onSiteDays: 10, noRepair: "study publicity on_site", everyBlockCommits: true, from: on("2026-01-01"), to: on("2027-12-31"),
}
