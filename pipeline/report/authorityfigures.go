package report

// tally counts by kind of institution.
type tally [kinds]int

func (t tally) total() (n int) {
	for _, x := range t {
		n += x
	}
	return n
}

// figures are the tallies of the record, of the month and of the year so far.
type figures struct {
	byArticle, byMeasure, personsByMeasure map[string]*[2]tally // measure "" for none
	decisions, merged, points, persons     [2]tally
	repairs, off, restored, refused        [2]tally
	late, latePoints                       tally // of earlier months, not counted in the month
	revoked                                [2]int
	byStatus                               map[string]*tally // on the last day; "registry" for the registry alone
	unknown                                int               // persons of the month whose institution is not known
}

func (p *pointsView) figures() figures {
	f := figures{byArticle: map[string]*[2]tally{}, byMeasure: map[string]*[2]tally{}, personsByMeasure: map[string]*[2]tally{}, byStatus: map[string]*tally{}}
	seen := [2]map[string]bool{{}, {}}
	count := func(in map[string]*[2]tally, key string, window, kind int) {
		if in[key] == nil {
			in[key] = &[2]tally{}
		}
		in[key][window][kind]++
	}
	for _, d := range p.Decisions {
		for window := range 2 {
			if window == 0 && !p.inMonth(d.On) {
				continue
			}
			kind := p.kindOfDecision(d)
			f.decisions[window][kind]++
			f.points[window][kind] += d.Points
			if d.CountedWith != "" {
				f.merged[window][kind]++
			}
			count(f.byArticle, d.Article, window, kind)
			count(f.byMeasure, d.Measure, window, kind)
			if !seen[window][d.Code] {
				seen[window][d.Code] = true
				f.persons[window][p.kind[d.Code]]++
			}
			if key := d.Code + " " + d.Measure; d.Measure != "" && !seen[window][key] {
				seen[window][key] = true
				count(f.personsByMeasure, d.Measure, window, p.kind[d.Code])
			}
		}
	}
	for _, d := range p.Late {
		f.late[p.kindOfDecision(d)]++
		f.latePoints[p.kindOfDecision(d)] += d.Points
	}
	p.countRemedies(&f)
	for _, day := range p.Revoked {
		f.revoked[1]++
		f.revoked[0] += boolInt(p.inMonth(day))
	}
	for _, r := range p.Restricted {
		status := r.Status
		if status == "normal" {
			status = "registry"
		}
		if f.byStatus[status] == nil {
			f.byStatus[status] = &tally{}
		}
		f.byStatus[status][p.kind[r.Code]]++
	}
	f.unknown = p.unknown()
	return f
}

func (p *pointsView) countRemedies(f *figures) {
	restored := [2]map[string]bool{{}, {}}
	for _, r := range p.Remedies {
		for window := range 2 {
			if window == 0 && !p.inMonth(r.On) {
				continue
			}
			kind := p.kind[r.Code]
			switch {
			case r.Kind == "refused":
				f.refused[window][kind]++
			case r.Kind != "restore":
				f.repairs[window][kind]++
				f.off[window][kind] += r.Off
			case !restored[window][r.Code]:
				restored[window][r.Code] = true
				f.restored[window][kind]++
			}
		}
	}
}

// unknown counts the persons of the month's lists who belong to no institution known.
func (p *pointsView) unknown() int {
	codes := map[string]bool{}
	add := func(code string) { codes[code] = codes[code] || p.kind[code] == kindUnknown }
	for _, d := range p.Decisions {
		if p.inMonth(d.On) {
			add(d.Code)
		}
	}
	for _, d := range p.Late {
		add(d.Code)
	}
	for _, r := range p.Restricted {
		add(r.Code)
	}
	for _, r := range p.Remedies {
		if p.inMonth(r.On) {
			add(r.Code)
		}
	}
	n := 0
	for _, is := range codes {
		n += boolInt(is)
	}
	return n
}
