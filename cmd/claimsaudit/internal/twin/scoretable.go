package twin

// indicator is one row of a table; earned points begin at zero, others are lost from the full number.
type indicator struct {
	points             int64
	earned, publicOnly bool
	score              func(*sheet)
}

var institutionTable = []indicator{
	{score: func(s *sheet) { s.vetoUnless(s.said("1.penalty_paid")) }},
	{score: func(s *sheet) { s.vetoUnless(s.said("2.rectified")); s.vetoUnless(not(s.said("2.grave_impact"))) }},
	{score: func(s *sheet) { s.vetoUnless(s.said("3.budget_kept")) }},
	{points: 5, score: func(s *sheet) { s.personnel("4") }},
	{points: 4, earned: true, score: func(s *sheet) { s.publicity("5") }},
	{points: 5, score: func(s *sheet) { s.loseEach(s.number("6.over_price", "over_standard_price")) }},
	{points: 4, score: func(s *sheet) {
		s.loseUnless(4, s.said("7.rules_kept"))
		s.loseEach(s.number("7.harm", ""))
	}},
	{points: 2, score: func(s *sheet) {
		s.loseUnless(2, s.honest("8.figures", "visits_outpatient_employee", "amount_outpatient_employee_cents"))
	}},
	{points: 2, score: func(s *sheet) {
		s.loseUnless(2, s.honest("9.figures", "visits_inpatient_employee", "amount_inpatient_employee_cents", "visits_inpatient_resident", "amount_inpatient_resident_cents"))
	}},
	{points: 2, score: func(s *sheet) {
		s.loseUnless(2, s.honest("10.figures", "visits_large_amount_employee", "amount_large_amount_employee_cents"))
	}},
	{points: 2, score: func(s *sheet) {
		s.loseUnless(2, s.honest("11.figures", "visits_serious_illness_resident", "amount_serious_illness_resident_cents"))
	}},
	{points: 2, score: func(s *sheet) {
		s.loseUnless(2, s.honest("12.figures", "visits_medical_aid_employee", "amount_medical_aid_employee_cents", "visits_medical_aid_resident", "amount_medical_aid_resident_cents"))
	}},
	{points: 2, score: func(s *sheet) {
		s.loseUnless(2, s.honest("13.figures", "amount_pooled_employee_cents", "amount_pooled_resident_cents"))
	}},
	{score: func(s *sheet) {
		s.vetoUnless(either(s.said("14.uploaded"), s.reaches("ratio_605", 90)))
		s.vetoUnless(either(s.said("14.complete"), s.reaches("ratio_606", 90)))
	}},
	{score: func(s *sheet) { s.vetoUnless(s.said("15.connected")) }},
	{score: func(s *sheet) {
		s.vetoUnless(s.doneBy("16.interface", "2024-10-31"))
		s.codes("trace_code_dispensing", "16.dispensing")
	}},
	{points: 10, score: func(s *sheet) { s.vetoUnless(s.said("17.signs")); s.signedLate() }},
	{points: 20, score: func(s *sheet) { s.insuranceCode("18") }},
	{points: 10, publicOnly: true, score: func(s *sheet) {
		s.loseEach(s.number("19.surplus_missed", ""))
		s.loseEach(s.number("19.payment_late", ""))
	}},
	{points: 10, score: func(s *sheet) {
		word := unknown
		if p := s.Answers["20.online"].Percent; p != nil {
			word = answerOf(*p >= 90_000_000)
		}
		s.loseUnless(10, either(s.reaches("ratio_608", 90), word))
	}},
	{points: 5, earned: true, score: func(s *sheet) { s.gainIf(5, either(s.reaches("ratio_602", 30), s.said("21.mobile"))) }},
	{points: 5, earned: true, score: func(s *sheet) {
		s.gainIf(5, either(both(s.reaches("ratio_603", 20), s.reaches("ratio_604", 50)), s.said("22.prescriptions")))
	}},
	{points: 5, earned: true, score: func(s *sheet) { s.station("23") }},
	{points: 5, earned: true, score: func(s *sheet) { s.gainIf(5, s.said("24.joined")) }},
}

var pharmacyTable = []indicator{
	{score: func(s *sheet) { s.vetoUnless(s.said("1.penalty_paid")) }},
	{score: func(s *sheet) { s.vetoUnless(s.said("2.rectified")); s.vetoUnless(not(s.said("2.grave_impact"))) }},
	{points: 5, score: func(s *sheet) { s.personnel("3") }},
	{points: 4, earned: true, score: func(s *sheet) { s.publicity("4") }},
	{points: 10, score: func(s *sheet) { s.loseEach(s.number("5.over_price", "over_standard_price")) }},
	{points: 5, score: func(s *sheet) {
		s.loseUnless(5, s.honest("6.figures", "visits_outpatient_employee", "amount_outpatient_employee_cents"))
	}},
	{points: 6, score: func(s *sheet) {
		s.loseUnless(6, s.honest("7.figures", "amount_pooled_employee_cents", "amount_pooled_resident_cents"))
	}},
	{score: func(s *sheet) { s.vetoUnless(either(s.said("8.uploaded"), s.reaches("ratio_605", 90))) }},
	{score: func(s *sheet) { s.vetoUnless(s.said("9.connected")) }},
	{score: func(s *sheet) {
		s.vetoUnless(s.doneBy("10.interface", "2024-10-31"))
		s.codes("trace_code_dispensing", "10.dispensing")
		if s.Year > 2025 || s.Year == 2025 && s.AsOf >= "2025-06-30" {
			s.codes("trace_code_stock_in", "10.stock_in")
		}
	}},
	{points: 20, score: func(s *sheet) { s.insuranceCode("11") }},
	{points: 20, score: func(s *sheet) {
		s.loseEach(s.number("12.monitored", "price_over_monitored"))
		s.loseEach(s.number("12.online", "price_over_online"))
		s.loseEach(s.number("12.uninsured", "price_over_uninsured"))
	}},
	{points: 10, earned: true, score: func(s *sheet) { s.gainIf(10, s.said("13.joined")) }},
	{points: 5, earned: true, score: func(s *sheet) {
		s.gainIf(5, either(both(s.reaches("ratio_603", 85), s.reaches("ratio_604", 70)), s.said("14.prescriptions")))
	}},
	{points: 5, earned: true, score: func(s *sheet) { s.station("15") }},
	{points: 10, earned: true, score: func(s *sheet) { s.gainIf(10, s.said("16.connected")) }},
}

// personnel: nobody without a code, and a point for each change filed late.
func (s *sheet) personnel(no string) {
	n, known := s.number(no+".coded", "uncoded_person")
	switch {
	case !known:
		s.vetoUnless(unknown)
	case n > 0:
		s.vetoUnless(isFalse)
	}
	s.loseEach(s.number(no+".late_change", "late_change"))
}

func (s *sheet) publicity(no string) {
	s.gainIf(2, s.said(no+".enrolment"))
	s.gainIf(2, s.said(no+".benefit"))
}

// insuranceCode: half of the settlements by the code, and the code in the whole process by the end of 2024.
func (s *sheet) insuranceCode(no string) {
	s.loseUnless(10, either(s.reaches("ratio_601", 50), s.said(no+".code_share")))
	s.loseUnless(10, s.doneBy(no+".full_process", "2024-12-31"))
}
