package decode

import "slices"

// The ranges of what a person enters for a scorecard.
const (
	firstYear, lastYear = 2000, 2100
	mostCount           = 1_000_000
	fullScore           = 100 * 10_000 // of a whole table, times 10^4
	fullPercent         = 100 * 1_000_000
)

// crossCheck applies the rules that look at several columns of a feed, or at the range of one.
func (w *worker) crossCheck(row int) problem {
	switch w.plan.check {
	case checkPoints:
		return w.checkPoints(row)
	case checkReview:
		if w.text(row, "decision") == "correct_practitioner" && w.isMissing(row, "prac_psn_code") {
			return w.problem(faultCorrection, "prac_psn_code")
		}
	case checkEvidence:
		return w.checkEvidence(row)
	case checkSelfReport:
		return w.checkSelfReport(row)
	case checkPriceLimit:
		return w.checkPriceLimit(row)
	}
	return problem{}
}

func (w *worker) checkPoints(row int) problem {
	for i := range w.plan.bands {
		b, n := &w.plan.bands[i], w.int(row, "points")
		if w.text(row, "article") == b.Article && (n < b.From || n > b.To) {
			return problem{fault: faultPoints, column: w.column("points"), band: b, have: n}
		}
	}
	return problem{}
}

// checkEvidence lets a row without any value pass: a form that is not filled in yet.
func (w *worker) checkEvidence(row int) problem {
	if p := w.checkIndicator(row); p.fault != noFault {
		return p
	}
	isFilled := !w.isMissing(row, "value") || !w.isMissing(row, "count") || !w.isMissing(row, "yes_no") || !w.isMissing(row, "event_on")
	isSigned := !w.isMissing(row, "entered_by") && !w.isMissing(row, "entered_at")
	switch {
	case isFilled && !isSigned:
		return w.problem(faultUnsigned, "entered_at")
	case !isFilled && (!w.isMissing(row, "entered_at") || !w.isMissing(row, "document_no")):
		return w.problem(faultNothingEntered, "value")
	case w.wide(row, "value") < 0:
		return w.problem(faultNegative, "value")
	case w.int(row, "count") < 0 || w.int(row, "count") > mostCount:
		return w.problem(faultCount, "count")
	}
	return w.checkPart(row, isFilled)
}

// checkPart holds the part against the tables, and a filled row against the way in which it is answered.
func (w *worker) checkPart(row int, isFilled bool) problem {
	if len(w.plan.known) == 0 {
		return problem{}
	}
	no, part := w.int(row, "indicator_no"), w.text(row, "part")
	var parts, ways []string
	isAnswered := !isFilled
	for _, k := range w.plan.known {
		if k.No != no || k.Way == "" {
			continue
		}
		if k.Part != "" {
			parts = append(parts, k.Part)
		}
		if k.Part != part {
			continue
		}
		ways = append(ways, k.Way)
		// No date at all is "no": what was to be done by a day was not done.
		isAnswered = isAnswered || !w.isMissing(row, k.Way) || k.Way == "event_on" && w.text(row, "yes_no") == "0"
		if k.Way == "value" && w.wide(row, "value") > fullPercent {
			return w.problem(faultPercent, "value")
		}
	}
	slices.Sort(parts)
	switch {
	case len(ways) == 0:
		return problem{fault: faultPart, column: w.column("part"), value: []byte(part), have: no, words: slices.Compact(parts)}
	case !isAnswered && part == "" && len(slices.Compact(slices.Clone(parts))) > 1:
		return problem{fault: faultPart, column: w.column("part"), have: no, words: slices.Compact(parts)}
	case !isAnswered:
		return problem{fault: faultWay, column: w.column(ways[0]), words: ways}
	}
	return problem{}
}

func (w *worker) checkSelfReport(row int) problem {
	if p := w.checkIndicator(row); p.fault != noFault {
		return p
	}
	isItem, isScore := !w.isMissing(row, "report_item"), !w.isMissing(row, "indicator_no")
	score, figure := w.wide(row, "self_score"), w.wide(row, "figure")
	isFilled := !w.isMissing(row, "figure") || !w.isMissing(row, "self_score")
	switch {
	case isItem == isScore || isItem && !w.isMissing(row, "self_score") || isScore && !w.isMissing(row, "figure"):
		return w.problem(faultOneOfTwo, "report_item")
	case isFilled && w.isMissing(row, "reported_at"):
		return w.problem(faultUnsigned, "reported_at")
	case figure < 0:
		return w.problem(faultNegative, "figure")
	case isItem && w.text(row, "report_item")[0] == 'v' && figure%1_000_000 != 0:
		return w.problem(faultVisits, "figure")
	case score < 0 || score%100 != 0 || score > w.mostPoints(w.int(row, "indicator_no")):
		p := w.problem(faultScore, "self_score")
		p.have = int(w.mostPoints(w.int(row, "indicator_no")) / 10_000)
		return p
	}
	return problem{}
}

// mostPoints is what the number is worth at most in any table, times 10^4; which table is the institution's, only the registry knows.
func (w *worker) mostPoints(no int) int64 {
	most := int64(-1)
	for _, k := range w.plan.known {
		if k.No == no && k.Most != nil {
			most = max(most, int64(*k.Most)*10_000)
		}
	}
	if most < 0 {
		return fullScore
	}
	return most
}

func (w *worker) checkIndicator(row int) problem {
	switch year := w.int(row, "year"); {
	case year < firstYear || year > lastYear:
		return w.problem(faultYear, "year")
	case year < w.plan.scored:
		p := w.problem(faultUnscored, "year")
		p.have = w.plan.scored
		return p
	}
	no := w.int(row, "indicator_no")
	isKnown := slices.ContainsFunc(w.plan.known, func(k Indicator) bool { return k.No == no })
	if !w.isMissing(row, "indicator_no") && len(w.plan.known) > 0 && !isKnown {
		p := w.problem(faultIndicator, "indicator_no")
		p.have = no
		return p
	}
	return problem{}
}

func (w *worker) checkPriceLimit(row int) problem {
	from, to := w.column32(row, "valid_from"), w.column32(row, "valid_to")
	switch {
	case w.wide(row, "limit_price") <= 0:
		return w.problem(faultNoPrice, "limit_price")
	case w.text(row, "price_kind") == "uninsured" && w.isMissing(row, "fixmedins_code"):
		return w.problem(faultWhosePrice, "fixmedins_code")
	case from != nil && to != nil && *to < *from:
		return w.problem(faultEndsEarly, "valid_to")
	}
	return problem{}
}

func (w *worker) problem(f fault, column string) problem {
	return problem{fault: f, column: w.column(column)}
}

func (w *worker) column(name string) *planColumn { return &w.plan.columns[w.plan.at[name]] }

func (w *worker) isMissing(row int, name string) bool { return w.columns[w.plan.at[name]].isNull(row) }

func (w *worker) text(row int, name string) string {
	return string(w.columns[w.plan.at[name]].text(row))
}

// int and wide are 0 for a missing value.
func (w *worker) int(row int, name string) int    { return int(w.columns[w.plan.at[name]].i32[row]) }
func (w *worker) wide(row int, name string) int64 { return w.columns[w.plan.at[name]].i64[row] }

func (w *worker) column32(row int, name string) *int32 {
	if w.isMissing(row, name) {
		return nil
	}
	return &w.columns[w.plan.at[name]].i32[row]
}
