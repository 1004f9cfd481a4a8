package main

// plantStatus plants what contract section 3 says about a status on a day.
func (w *world) plantStatus() {
	w.begin(1, "Terminated from a day on (终止)", "S1 normal, S2 terminated since 2025-03-10.")
	w.register(1, hospital(1)).on(2, 4, row{"status": "terminated", "status_begin": "2025-03-10"})
	w.one(hospital(1), "2025-03-09", pracCode(1)).says("pay")
	w.one(hospital(1), "2025-03-10", pracCode(1)).says("withhold 401")
	w.one(hospital(1), "2025-03-20", pracCode(1)).says("withhold 401")

	w.begin(2, "Suspension with an end, then restored (暂停期满)", "S1 suspended 2025-02-01 to 2025-03-15 inclusive, S2 normal again.")
	w.register(2, hospital(1)).on(1, 1, row{"status": "suspended", "status_begin": "2025-02-01", "status_end": "2025-03-15"})
	w.one(hospital(1), "2025-03-15", pracCode(2)).says("withhold 402")
	w.one(hospital(1), "2025-03-16", pracCode(2)).says("review 408")
	w.one(hospital(1), "2025-03-31", pracCode(2)).says("pay")

	w.begin(3, "Status follows the person (Art. 20)", "Suspended at "+hospital(2)+" since 2025-03-05 (announced in S1), registered and normal at "+hospital(1)+".")
	w.register(3, hospital(1))
	w.register(3, hospital(2)).on(1, 4, row{"status": "suspended", "status_begin": "2025-03-05"})
	w.one(hospital(1), "2025-03-04", pracCode(3)).says("pay")
	w.one(hospital(1), "2025-03-05", pracCode(3)).says("withhold 402")

	w.begin(4, "Status learnt late", "Normal in S1 and S2; S3 (2025-04-30, delivered in month 2) says suspended since 2025-03-12. March was closed: recover (追回).")
	w.register(4, hospital(2)).on(3, 4, row{"status": "suspended", "status_begin": "2025-03-12"})
	w.one(hospital(2), "2025-03-11", pracCode(4)).says("pay")
	w.one(hospital(2), "2025-03-12", pracCode(4)).says("pay", "withhold 402")
	w.one(hospital(2), "2025-03-20", pracCode(4)).says("pay", "withhold 402")
	w.one(hospital(2), "2025-04-10", pracCode(4)).says("withhold 402")

	w.begin(5, "Snapshot corrected afterwards", "S2 says suspended since 2025-03-15; month 2 delivers the same snapshot row again as normal (practitioner_status_20250331_corrected.csv): release.")
	g := w.register(5, hospital(2)).on(2, 2, row{"status": "suspended", "status_begin": "2025-03-15"})
	w.add(1, "practitioner_status", g.snaps[1].with(row{"status": "normal", "status_begin": ""}), "corrected")
	w.one(hospital(2), "2025-03-16", pracCode(5)).says("withhold 402", "pay")

	w.begin(6, "Missing from the next snapshot", "In S1 at "+hospital(3)+", absent from S2 on: not registered there from 2025-03-31.")
	w.register(6, hospital(3)).absent(2, 4)
	w.one(hospital(3), "2025-03-30", pracCode(6)).says("pay")
	w.one(hospital(3), "2025-03-31", pracCode(6)).says("review 406")

	w.plantRegistration()
	w.plantLeaving()
}

func (w *world) plantRegistration() {
	w.begin(7, "Days before an institution's first snapshot", hospital(7)+" has its first snapshot in S2. D…007 has registered_on 2025-03-15, D…008 has none.")
	w.register(7, hospital(7)).on(2, 4, row{"registered_on": "2025-03-15"}).absent(1, 1)
	w.register(8, hospital(7)).on(2, 4, row{"registered_on": ""}).absent(1, 1)
	w.one(hospital(7), "2025-03-14", pracCode(7)).says("review 406")
	w.one(hospital(7), "2025-03-15", pracCode(7)).says("pay")
	w.one(hospital(7), "2025-03-05", pracCode(8)).says("pay")

	w.begin(8, "Registered elsewhere only", "D…011 is registered at "+hospital(5)+", the claim is "+hospital(6)+"'s.")
	w.register(11, hospital(5))
	w.one(hospital(6), "2025-03-18", pracCode(11)).says("review 406")

	w.begin(9, "Service commitment (服务承诺)", "D…012 has commitment_flag 0, D…013 has none: a missing flag fires nothing.")
	w.register(12, hospital(5)).on(1, 4, row{"commitment_flag": "0"})
	w.register(13, hospital(5)).on(1, 4, row{"commitment_flag": ""})
	w.one(hospital(5), "2025-03-18", pracCode(12)).says("review 407")
	w.one(hospital(5), "2025-03-18", pracCode(13)).says("pay")
}

func (w *world) plantLeaving() {
	w.begin(10, "Leaving does not clear a suspension", "S1 at "+hospital(3)+": suspended 2025-02-10 to 2025-04-20; absent there from S2; normal at "+hospital(4)+" all along.")
	w.register(9, hospital(3)).on(1, 1, row{"status": "suspended", "status_begin": "2025-02-10", "status_end": "2025-04-20"}).absent(2, 4)
	w.register(9, hospital(4))
	w.one(hospital(4), "2025-03-10", pracCode(9)).says("withhold 402")
	w.one(hospital(4), "2025-04-05", pracCode(9)).says("withhold 402")
	w.one(hospital(4), "2025-04-20", pracCode(9)).says("withhold 402")
	w.one(hospital(4), "2025-04-21", pracCode(9)).says("pay")

	w.begin(11, "The most severe status counts", "D…016: terminated at "+hospital(5)+", suspended at "+hospital(6)+", both without status_begin (blocked on every day governed).")
	w.register(16, hospital(5)).on(1, 4, row{"status": "terminated"})
	w.register(16, hospital(6)).on(1, 4, row{"status": "suspended"})
	w.one(hospital(6), "2025-03-12", pracCode(16)).says("withhold 401")

	w.begin(12, "Before the rules took effect (Art. 51)", "Service days before 2025-03-01 fire nothing, not even 410; settled in March.")
	w.one(hospital(5), "2025-03-03", pracCode(16), day("2025-02-28")).says("pay")
	w.one(hospital(5), "2025-03-03", "", day("2025-02-27")).says("pay")
	w.one(hospital(5), "2025-03-03", pracCode(16), day("2025-03-01")).says("withhold 401")

	w.begin(13, "The points record disagrees (409)", "D…040 has a final decision of 10 points on 2025-03-05: single 10 suspends for 4 months. The registry says normal.",
		"The hospital was to put it into the registry by 2025-03-14, five working days after the notice: that stands overdue in mart.deadline.")
	w.register(40, hospital(6))
	w.one(hospital(6), "2025-03-04", pracCode(40)).says("pay")
	w.one(hospital(6), "2025-03-20", pracCode(40)).says("review 409")
	w.decision(0, 40, "2025-03-05", 10, row{"effective_on": "2025-03-05"})
}
