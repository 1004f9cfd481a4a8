package main

import (
	"fmt"
	"strconv"
)

// plantPoints plants the points record (contract section 4a). Nobody here has
// fee lines except D…040 of case 13.
func (w *world) plantPoints() {
	w.begin(32, "Points of one person add up (累计)", "D…041: 3 + 6 = 9 on 2025-03-12: suspended 1 month, [2025-03-14, 2025-04-14). The registry agrees from S2 on.",
		"Month 2 delivers a study that takes off 2 points and 1 month: the block never gets shorter than one month, so only the total falls to 7.")
	w.register(41, hospital(11)).on(2, 2, row{"status": "suspended", "status_begin": "2025-03-14", "status_end": "2025-04-13"})
	w.decision(0, 41, "2025-03-03", 3, nil)
	w.decision(0, 41, "2025-03-12", 6, row{"effective_on": "2025-03-14"})
	w.repair(1, 41, "study", "2025-04-02", row{"points_off": "2", "months_off": "1"})

	w.begin(33, "Same inspection, same act (Art. 26)", "D…042: 4 and 6 of one inspection, article and item count 6; 2 and 3 with one act_no count 3: total 9 on 2025-03-20.")
	w.register(42, hospital(11))
	w.decision(0, 42, "2025-03-10", 4, row{"inspection_no": "JC202503-07", "item": "30-2"})
	w.decision(0, 42, "2025-03-10", 6, row{"inspection_no": "JC202503-07", "item": "30-2"})
	w.decision(0, 42, "2025-03-20", 2, row{"act_no": "XW202503-11"})
	w.decision(0, 42, "2025-03-20", 3, row{"act_no": "XW202503-11"})

	w.begin(34, "Single decisions", "D…043: single 11: 6 months. D…044: single 12: terminated for 3 years. D…045: 6 + 6 on one day: total 12, terminated for 1 year.")
	for n := 43; n <= 45; n++ {
		w.register(n, hospital(12))
	}
	w.decision(0, 43, "2025-03-06", 11, row{"effective_on": "2025-03-31"})
	w.decision(0, 44, "2025-03-06", 12, nil)
	w.decision(0, 45, "2025-03-06", 6, nil)
	w.decision(0, 45, "2025-03-06", 6, nil)

	w.begin(35, "Only final decisions count", "D…046: one proposed, one revoked, one final of 2 points: total 2. Month 2 makes the proposed one (7 points) final with the same decision_no: total 9; the later one of 2 points, served before, is listed for a new service.")
	w.register(46, hospital(12))
	no := w.decision(0, 46, "2025-03-18", 7, row{"state": "proposed"})
	w.decision(0, 46, "2025-03-18", 9, row{"state": "revoked"})
	w.decision(0, 46, "2025-03-19", 2, nil)
	w.decision(1, 46, "2025-03-18", 7, row{"decision_no": no})

	w.begin(36, "Cleared on 1 January, and after a block", "D…047: 8 points in 2024, cleared on 2025-01-01, 2 in 2025: total 2. D…048: blocked from 2024-12-10 for 2 months (total 10): cleared when the block ends, 2025-02-10.")
	w.register(47, hospital(13))
	w.register(48, hospital(13))
	w.decision(0, 47, "2024-11-20", 8, nil)
	w.decision(0, 47, "2025-02-20", 2, nil)
	w.decision(0, 48, "2024-12-01", 5, nil)
	w.decision(0, 48, "2024-12-10", 5, nil)

	w.begin(37, "Repair (修复) and restoration (恢复)", "D…049: 8 points; study 5 counts 3, publicity 4 times 1 counts 3, on-site of 4 working days counts 0: total 2.",
		"D…048 is restored on 2025-02-20. D…050: suspended 1 month from 2025-03-03, refused on 2025-04-10, restored on 2025-05-06.")
	w.register(49, hospital(13))
	w.register(50, hospital(13)).on(2, 3, row{"status": "suspended", "status_begin": "2025-03-03", "status_end": "2025-04-02"})
	w.decision(0, 49, "2025-03-04", 8, nil)
	w.repair(0, 49, "study", "2025-03-10", row{"points_off": "5"})
	for d := 11; d <= 14; d++ {
		w.repair(0, 49, "publicity", fmt.Sprintf("2025-03-%02d", d), row{"points_off": "1"})
	}
	w.repair(0, 49, "on_site", "2025-03-20", row{"points_off": "3", "working_days": "4"})
	w.decision(0, 50, "2025-03-01", 4, nil)
	w.decision(0, 50, "2025-03-03", 5, nil)
	w.restore(0, 48, row{"applied_on": "2025-01-20", "decided_on": "2025-02-12", "approved": "1", "effective_on": "2025-02-20"})
	w.restore(1, 50, row{"applied_on": "2025-03-12", "decided_on": "2025-04-10", "approved": "0"})
	w.restore(2, 50, row{"applied_on": "2025-04-20", "decided_on": "2025-05-06", "approved": "1", "effective_on": "2025-05-06"})

	w.begin(38, "More than half blocked (Art. 34)", pharmacy(14)+": two persons registered, D…297 and D…298, both suspended in March: 2 of 2, flagged. "+
		pharmacy(13)+" (case 21): 1 of 2 is not strictly more than half.")
	for n := 297; n <= 298; n++ {
		w.register(n, pharmacy(14)).on(2, 2, row{"status": "suspended", "status_begin": "2025-03-17", "status_end": "2025-04-16"})
	}
	for n := 101; n <= 140; n++ { // everyday small matters, so that a bad row stays below the gate
		w.decision(n%3, n, fmt.Sprintf("2025-%02d-%02d", n%3+3, n%27+1), n%2+1, nil)
	}
}

// decision delivers a points decision, final unless changed, with the article of its band, and returns its number.
func (w *world) decision(month, n int, on string, points int, changes row) string {
	article := 29 + (points-1)/3
	no := fmt.Sprintf("JF2025%02d%04d", month+3, len(w.months[month]["points_decision"])+1)
	r := row{"decision_no": no, "prac_psn_code": pracCode(n), "decided_on": on, "article": strconv.Itoa(article), "item": strconv.Itoa(article) + "-1",
		"points": strconv.Itoa(points), "state": "final", "responsibility": "main", "adjustment": "none", "notice_served_on": addDays(on, 2)}
	w.add(month, "points_decision", r.with(changes), "")
	return no
}

func (w *world) repair(month, n int, kind, on string, changes row) {
	no := fmt.Sprintf("XF2025%02d%04d", month+3, len(w.months[month]["repair"])+1)
	w.add(month, "repair", row{"repair_no": no, "prac_psn_code": pracCode(n), "kind": kind, "done_on": on}.with(changes), "")
}

func (w *world) restore(month, n int, changes row) {
	no := fmt.Sprintf("HF2025%02d%04d", month+3, len(w.months[month]["restoration"])+1)
	w.add(month, "restoration", row{"restoration_no": no, "prac_psn_code": pracCode(n)}.with(changes), "")
}
