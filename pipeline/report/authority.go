package report

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// PointsMonth is the points record of a month and of its year so far, as the
// authorities get it: with names in full and without certificate numbers. The
// job collects it, because the mart knows names only masked.
type PointsMonth struct {
	Until      time.Time // the last day it shows: the month's, or the as-of day before it
	Bands      []PointsBand
	Persons    map[string]PointsPerson // by practitioner code, everyone named below
	Places     map[string]PointsPlace  // by institution code, every one in the registry
	Decisions  []PointsDecision        // from 1 January on, by day
	Late       []PointsDecision        // of earlier months, final only after their papers; those of the year are also in Decisions
	Revoked    []time.Time             // days of decisions that were final and are revoked now
	Restricted []PointsRestriction     // on the last day, by code
	Remedies   []PointsRemedy          // from 1 January on, by day
	Shares     []PointsShare           // at or one person below the share of the year, by code
}

// PointsBand is what one decision under an article may give.
type PointsBand struct {
	Article  string
	From, To int
}

// PointsPerson is a person of the record.
type PointsPerson struct {
	Name        string   // "" if no registry row has one
	Places      []string // institutions where the person is registered on the last day, else was last
	PrincipalOf []string // pharmacies
}

// PointsPlace is an institution.
type PointsPlace struct {
	Name, Type string // Type 1 medical institution, 2 pharmacy, "" not known
}

// PointsDecision is a final decision. Points are those that count: none if it
// is counted with another one.
type PointsDecision struct {
	No, Code                   string
	On                         time.Time
	Place                      string // institution code, "" if the decision names none
	Article, Item              string
	Points, Total              int
	Measure                    string // kind; "" for none
	Months                     int
	From, To                   time.Time // first and last day of the block it caused
	Responsibility, Adjustment string
	CountedWith, CountedBy     string // the decision that counts, and the article that says so
}

// PointsRestriction is a person who is not normal on the last day.
type PointsRestriction struct {
	Code           string
	Status         string    // of the record; normal: only the registry says otherwise
	From, To       time.Time // first and last day; zero To: no end known
	Refs           []string  // decisions
	Total          int
	RegistryStatus string // "" for a person the registry does not know
}

// PointsRemedy is a repair, a restoration or a refusal of one.
type PointsRemedy struct {
	Kind     string // study, publicity, on_site, restore or refused
	No, Code string
	On       time.Time
	Off      int       // points taken off
	To       time.Time // last day of the suspension a study shortened
	Total    int       // after it
	Article  string
}

// PointsShare is an institution at the share of Article 34 or one person below it.
type PointsShare struct {
	Place               string
	Registered, Blocked int64
	Exceeded            bool
	Article             string
}

// The names of the workbooks for the authorities, before the month.
const (
	PointsReportName   = "points-report-"
	HandoverHealthName = "handover-health-"
	HandoverDrugName   = "handover-drug-"
)

// officeUse stands on every sheet and page that names people in full.
const officeUse = "内部资料　注意保密"

// Points writes dir/points-report-yyyy-MM.xlsx, the month's report to the upper
// level (Art. 4, 45), and returns its path. What the mart says of statuses not
// maintained comes from db. Promise and errors are those of Monthly.
func Points(ctx context.Context, db *sql.DB, dir string, meta Meta, m PointsMonth) ([]string, error) {
	if err := meta.check(); err != nil {
		return nil, err
	}
	late, err := loadLate(ctx, db, m.Until, meta)
	if err != nil {
		return nil, err
	}
	p := newPointsView(meta, m)
	b := &book{meta: meta, title: "定点医药机构相关人员记分与处理情况月报", mark: officeUse, limits: usualLimits()}
	return publish([]output{{filepath.Join(dir, PointsReportName+meta.Period.String()+".xlsx"), func(w *os.File) error {
		return b.write(w, func() error {
			return b.fill(ctx, func() error { return b.writePointsFront(p, late) },
				append(p.decisionLists(nil), p.restrictedList(nil), p.remedyList(nil), p.shareList(), p.lateList(late))...)
		})
	}}})
}

// Handover writes dir/handover-health-yyyy-MM.xlsx and handover-drug-yyyy-MM.xlsx,
// the lists for the health and the drug authority (Art. 4, 5, 6), and returns
// their paths. Promise and errors are those of Monthly.
func Handover(ctx context.Context, dir string, meta Meta, m PointsMonth) ([]string, error) {
	if err := meta.check(); err != nil {
		return nil, err
	}
	p := newPointsView(meta, m)
	var outputs []output
	for _, to := range receivers {
		b := &book{meta: meta, title: to.title, mark: officeUse, limits: usualLimits()}
		belongs := func(code string) bool { return p.concerns(code, to.kind) }
		outputs = append(outputs, output{filepath.Join(dir, to.file+meta.Period.String()+".xlsx"), func(w *os.File) error {
			return b.write(w, func() error {
				return b.fill(ctx, func() error { return b.writeHandoverFront(p, to) },
					append(p.decisionLists(belongs), p.restrictedList(belongs), p.remedyList(belongs))...)
			})
		}})
	}
	return publish(outputs)
}

// fill writes the front and then lists whose rows are at hand.
func (b *book) fill(ctx context.Context, front func() error, lists ...list) error {
	if err := front(); err != nil {
		return err
	}
	for _, l := range lists {
		if err := ctx.Err(); err != nil {
			return fail("write workbook", l.name, hintDisk, err)
		}
		if err := b.writeList(ctx, nil, l); err != nil {
			return err
		}
	}
	return nil
}

// receiver is an authority that gets a list.
type receiver struct {
	kind        int // of its persons
	file, title string
	to, article string
	persons     string
}

var receivers = []receiver{
	{kindHealth, HandoverHealthName, "定点医疗机构相关人员记分与处理情况移交清单", "同级卫生健康主管部门", "4, 5", "定点医疗机构的相关人员"},
	{kindDrug, HandoverDrugName, "定点零售药店主要负责人记分与处理情况移交清单", "同级药品监督管理部门", "4, 6", "定点零售药店的主要负责人，以及在零售药店受到处理的人员"},
}

// The kinds of institutions, by which the report counts.
const (
	kindHealth  = iota
	kindDrug    // pharmacies
	kindUnknown // the institution is not in the registry
	kinds
)

// pointsView answers the questions of the books about a PointsMonth.
type pointsView struct {
	PointsMonth
	meta  Meta
	words pointsWords
	first time.Time // day of the month
	kind  map[string]int
	// by person, whether the month's lists have a decision at an institution of that kind
	decidedAt map[string]*[kinds]bool
}

func newPointsView(meta Meta, m PointsMonth) *pointsView {
	p := &pointsView{PointsMonth: m, meta: meta, words: newPointsWords(), first: meta.Period.First(),
		kind: map[string]int{}, decidedAt: map[string]*[kinds]bool{}}
	decided := map[string][]string{}
	add := func(d PointsDecision, isListed bool) {
		decided[d.Code] = append(decided[d.Code], d.Place)
		if p.decidedAt[d.Code] == nil {
			p.decidedAt[d.Code] = &[kinds]bool{}
		}
		if isListed {
			p.decidedAt[d.Code][p.kindOf(d.Place)] = true
		}
	}
	for _, d := range m.Decisions {
		add(d, p.inMonth(d.On))
	}
	for _, d := range m.Late {
		add(d, true)
	}
	for code, person := range m.Persons {
		p.kind[code] = p.kindOf(append(slices.Concat(person.Places, person.PrincipalOf), decided[code]...)...)
	}
	return p
}

// kindOf is health if one of the institutions is medical, else drug if one is a pharmacy.
func (p *pointsView) kindOf(places ...string) int {
	kind := kindUnknown
	for _, code := range places {
		switch p.Places[code].Type {
		case "1":
			return kindHealth
		case "2":
			kind = kindDrug
		}
	}
	return kind
}

// kindOfDecision is that of the institution it names, else that of the person.
func (p *pointsView) kindOfDecision(d PointsDecision) int {
	if k := p.kindOf(d.Place); k != kindUnknown {
		return k
	}
	return p.kind[d.Code]
}

// concerns reports whether the authority for that kind gets a person: one of a
// medical institution or decided at one; a principal of a pharmacy, one decided
// at a pharmacy or registered at pharmacies alone. Whoever is both is on both lists.
func (p *pointsView) concerns(code string, kind int) bool {
	at := p.decidedAt[code]
	return p.kind[code] == kind || at != nil && at[kind] || kind == kindDrug && len(p.Persons[code].PrincipalOf) > 0
}

func (p *pointsView) inMonth(day time.Time) bool { return !day.Before(p.first) && !day.After(p.Until) }

// name is what a list shows of a person.
func (p *pointsView) name(code string) string {
	return orElse(p.Persons[code].Name, "（姓名未登记）")
}

// placeName is what a list shows of an institution.
func (p *pointsView) placeName(code string) string {
	if code == "" {
		return ""
	}
	return orElse(p.Places[code].Name, "（名称未登记）")
}

// ownPlaces are codes and names of the institutions of a person, for a decision that names none.
func (p *pointsView) ownPlaces(code string) (codes, names string) {
	var all []string
	for _, place := range p.Persons[code].Places {
		all = append(all, p.placeName(place))
	}
	return strings.Join(p.Persons[code].Places, "；"), strings.Join(all, "；")
}

// placesOf are the institutions of a person, in words.
func (p *pointsView) placesOf(code string) string {
	var names []string
	person := p.Persons[code]
	for _, place := range person.Places {
		names = append(names, p.placeName(place)+"（"+place+"）")
	}
	for _, place := range person.PrincipalOf {
		if !slices.Contains(person.Places, place) {
			names = append(names, p.placeName(place)+"（"+place+"，主要负责人）")
		}
	}
	return strings.Join(names, "；")
}
