package configs

import "time"

// Points says how a practitioner's points are counted and what follows from
// them. Every number and every article of the points record stands here.
type Points struct {
	EffectiveFrom time.Time    `yaml:"effective_from,omitempty"` // first day on which a decision counts; zero: any
	EffectiveTo   time.Time    `yaml:"effective_to,omitempty"`   // last such day; zero: no end
	Bands         []PointsBand `yaml:"bands"`                    // by article
	CountedOnce   CountedOnce  `yaml:"counted_once"`
	Measures      Measures     `yaml:"measures"`
	Clearing      Clearing     `yaml:"clearing"`
	Repair        Repair       `yaml:"repair"`
	Restoration   Restoration  `yaml:"restoration"`
	Share         Share        `yaml:"share"`
	Deadlines     Deadlines    `yaml:"deadlines"`
	Examples      []Example    `yaml:"examples,omitempty" json:"-"` // they explain the numbers and change none
}

// PointsBand is what one decision under an article may give.
type PointsBand struct {
	Article string `yaml:"article"`
	From    int    `yaml:"from"`
	To      int    `yaml:"to"`
}

// CountedOnce says which decisions count together, with the highest points.
type CountedOnce struct {
	Article        string `yaml:"article"`
	SameInspection bool   `yaml:"same_inspection"` // one inspection, article and item
	SameAct        bool   `yaml:"same_act"`        // one act
}

// Measures says what follows from a total and from a single decision. Both
// lists ascend without a gap and end open.
type Measures struct {
	Article string    `yaml:"article"`
	Total   []Measure `yaml:"total"`
	Single  []Measure `yaml:"single"`
}

// Measure is what follows from points in [From, To].
type Measure struct {
	From   int    `yaml:"from"`
	To     int    `yaml:"to,omitempty"` // 0: and above
	Kind   string `yaml:"kind"`         // talk, head_talk, circular, suspend or terminate
	Months int    `yaml:"months,omitempty"`
	Years  int    `yaml:"years,omitempty"`
}

// The kinds of a measure.
const (
	Talk      = "talk"
	HeadTalk  = "head_talk"
	Circular  = "circular"
	Suspend   = "suspend"
	Terminate = "terminate"
)

var measureKinds = []string{Talk, HeadTalk, Circular, Suspend, Terminate} // ascending

// Length is how many months a block runs; 0 for a measure that is none.
func (m Measure) Length() int { return m.Months + 12*m.Years }

// Blocks reports whether the measure takes the right to be paid away.
func (m Measure) Blocks() bool { return m.Kind == Suspend || m.Kind == Terminate }

// Covers reports whether the measure follows from so many points.
func (m Measure) Covers(points int) bool { return points >= m.From && (m.To == 0 || points <= m.To) }

// MoreSevere compares first by kind, then by length; the zero Measure is the mildest.
func (m Measure) MoreSevere(than Measure) bool {
	if a, b := rank(m.Kind), rank(than.Kind); a != b {
		return a > b
	}
	return m.Length() > than.Length()
}

func rank(kind string) int {
	for i, k := range measureKinds {
		if k == kind {
			return i
		}
	}
	return -1
}

// Clearing says when a total becomes zero.
type Clearing struct {
	Article   string   `yaml:"article"`
	Day       string   `yaml:"day"`                  // MM-dd; with it begins the year of totals and repairs
	DelayedBy []string `yaml:"delayed_by,omitempty"` // blocks on that day whose end is waited for
	FromTotal int      `yaml:"from_total,omitempty"` // a block begun with so many clears at its end in any case; 0: none does
}

// MonthDay is the clearing day of every year.
func (c Clearing) MonthDay() (time.Month, int) {
	t, err := time.Parse("01-02", c.Day)
	if err != nil {
		return time.January, 1 // not in a pack that was checked
	}
	return t.Month(), t.Day()
}

// Repair says what each way of making good takes off within a year.
type Repair struct {
	Article   string    `yaml:"article"`
	Study     Study     `yaml:"study"`
	Publicity Publicity `yaml:"publicity"`
	OnSite    OnSite    `yaml:"on_site"`
	NotAfter  []string  `yaml:"not_when_terminated,omitempty"` // kinds without effect for a terminated person
}

// Study takes off what was granted, points and months of a running suspension.
type Study struct {
	PointsPerYear  int `yaml:"points_per_year"`
	MonthsPerYear  int `yaml:"months_per_year"`
	ShortestMonths int `yaml:"shortest_months"` // a suspension lasts that long, whatever was granted
}

// Publicity takes off the same each time.
type Publicity struct {
	PointsEach    int `yaml:"points_each"`
	PointsPerYear int `yaml:"points_per_year"`
}

// OnSite takes off the same each time it lasted long enough.
type OnSite struct {
	PointsEach    int `yaml:"points_each"`
	PointsPerYear int `yaml:"points_per_year"`
	WorkingDays   int `yaml:"working_days"` // at least
}

// Restoration says what it takes to be normal again after a block.
type Restoration struct {
	Article       string   `yaml:"article"`
	NewCommitment []string `yaml:"new_commitment,omitempty"` // kinds of block after which a new commitment is needed
	BeforeTheEnd  string   `yaml:"before_the_end"`           // a date in the block: waits (takes effect at the end) or void
}

// Share says from which share of blocked persons on an institution is flagged.
type Share struct {
	Article    string `yaml:"article"`
	Percent    int    `yaml:"percent"`
	Comparison string `yaml:"comparison"` // above or at_least
}

// Deadlines in working days.
type Deadlines struct {
	Notice              Deadline `yaml:"notice"`               // to serve a decision, after it
	Registry            Deadline `yaml:"registry"`             // to put the status into the registry, after the notice
	Appeal              Deadline `yaml:"appeal"`               // to appeal, after the notice of intended points
	RestorationRequest  Deadline `yaml:"restoration_request"`  // to ask, before the block's end
	RestorationDecision Deadline `yaml:"restoration_decision"` // to decide, after the request
	PracticeReport      Deadline `yaml:"practice_report"`      // to report that another authority stopped a practice; no feed says when
}

// Deadline is a number of working days and the article that sets it.
type Deadline struct {
	Article  string `yaml:"article"`
	Workdays int    `yaml:"workdays"`
}
