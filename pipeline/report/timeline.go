package report

import (
	"fmt"
	"strings"
	"time"
)

// timeline draws registered and derived status below each other, in units of which the picture is 1000 wide.
type timeline struct {
	Width, Height int
	From, To      Day
	Lanes         []lane
	Ticks         []tick
	Marks         []mark
	Today         *tick
	Text          string // what the picture shows, for who cannot see it
	first         time.Time
	days          int
}

type lane struct {
	Name   string
	Y      int
	Pieces []piece
	IsThin bool
	NameY  int
}

type piece struct {
	X, W         int
	Class, Label string
	LabelX       int
	what         string // of the title
	from, to     Day
}

// Title is what the piece shows and on which days.
func (p piece) Title() string { return p.what + "：" + chineseDays(p.from, p.to) }

type tick struct {
	X     int
	Label string
}

type mark struct {
	X      int
	Points string
	Title  string
}

const (
	timelineLeft  = 92
	timelineRight = 985
	laneHeight    = 24
	// timelineMonths is how far the picture looks beyond the as-of day: a termination of three years would leave no room for
	// what happened.
	timelineMonths = 15
)

// newTimeline is nil for a person of whom nothing is to be drawn.
func newTimeline(f *PersonFile) *timeline {
	if len(f.Comparison) == 0 && len(f.Events) == 0 {
		return nil
	}
	asOf, ok := dayOf(f.AsOf)
	if !ok {
		return nil
	}
	first, last := asOf.AddDate(0, -2, 0), asOf.AddDate(0, 1, 0)
	widen := func(days ...Day) {
		for _, d := range days {
			if day, ok := dayOf(d); ok {
				if day.Before(first) {
					first = day
				}
				if day.After(last) {
					last = day
				}
			}
		}
	}
	for _, s := range f.Comparison {
		widen(s.From, s.To)
	}
	for _, e := range f.Events {
		widen(e.On)
	}
	if end := asOf.AddDate(0, timelineMonths, 0); last.After(end) {
		last = end
	}
	first = time.Date(first.Year(), first.Month(), 1, 0, 0, 0, 0, time.UTC)
	last = time.Date(last.Year(), last.Month()+1, 1, 0, 0, 0, 0, time.UTC)
	t := &timeline{Width: 1000, first: first, days: int(last.Sub(first).Hours() / 24)}
	t.From, t.To = Day(first.Format(time.DateOnly)), Day(last.Format(time.DateOnly))
	t.ticks(last)
	t.Today = &tick{t.x(asOf), "截至 " + string(f.AsOf)}
	t.lanes(f)
	t.marks(f)
	return t
}

func (t *timeline) x(day time.Time) int {
	days := int(day.Sub(t.first).Hours() / 24)
	return timelineLeft + max(0, min(days, t.days))*(timelineRight-timelineLeft)/t.days
}

// ticks stand at the beginnings of months, as many as there is room for.
func (t *timeline) ticks(last time.Time) {
	step := 1
	for _, step = range []int{1, 2, 3, 6, 12, 24, 60} {
		if t.days/(30*step) <= 13 {
			break
		}
	}
	for at := t.first; at.Before(last); at = at.AddDate(0, 1, 0) {
		if (int(at.Month())-1)%min(step, 12) != 0 || step > 12 && at.Year()%(step/12) != 0 {
			continue
		}
		label := fmt.Sprintf("%d月", int(at.Month()))
		if at.Month() == time.January || len(t.Ticks) == 0 {
			label = fmt.Sprintf("%d年", at.Year())
			if at.Month() != time.January {
				label = fmt.Sprintf("%d.%d", at.Year(), int(at.Month()))
			}
		}
		t.Ticks = append(t.Ticks, tick{t.x(at), label})
	}
}

func (t *timeline) lanes(f *PersonFile) {
	registry, derived, differs := lane{Name: "登记状态", Y: 34}, lane{Name: "记分档案", Y: 68}, lane{Name: "不一致", Y: 100, IsThin: true}
	status := newLexicon().status
	var said []string
	for _, s := range f.Comparison {
		days := chineseDays(s.From, s.To)
		if f.IsRegistered && s.Registry != "normal" {
			registry.add(t.piece(s, string(s.Registry), status.of(string(s.Registry))))
		}
		if s.Derived != "normal" {
			derived.add(t.piece(s, s.Derived, status.of(s.Derived)))
		}
		if f.IsRegistered && !s.Agrees {
			p := t.piece(s, "differs", "")
			p.what = "不一致"
			differs.add(p)
		}
		registered := "无登记"
		if f.IsRegistered {
			registered = status.of(string(s.Registry))
		}
		said = append(said, days+"，登记状态"+registered+"，记分档案"+status.of(s.Derived))
	}
	t.Lanes = []lane{registry, derived, differs}
	for i := range t.Lanes {
		l := &t.Lanes[i]
		l.NameY = l.Y + laneHeight/2 + 5
		if l.IsThin {
			l.NameY = l.Y + 10
		}
	}
	t.Text = strings.Join(said, "；") + "。其余日期均正常。"
	if len(said) == 0 {
		t.Text = "所有日期均正常。"
	}
}

// add joins a piece that goes on where one of the same kind ends: the other lane has a border there, this one has none.
func (l *lane) add(p piece) {
	if last := len(l.Pieces) - 1; last >= 0 && l.Pieces[last].Class == p.Class && l.Pieces[last].X+l.Pieces[last].W >= p.X {
		q := &l.Pieces[last]
		q.W = p.X + p.W - q.X
		q.to = p.to
		if q.Label == "" {
			q.Label = p.Label
		}
		q.LabelX = q.X + q.W/2
		return
	}
	l.Pieces = append(l.Pieces, p)
}

func (t *timeline) piece(s StatusStretch, class, label string) piece {
	from, to := timelineLeft, timelineRight
	if day, ok := dayOf(s.From); ok {
		from = t.x(day)
	}
	if day, ok := dayOf(s.To); ok {
		to = t.x(day)
	}
	p := piece{X: from, W: max(2, to-from), Class: "s-" + class, what: label, from: s.From, to: s.To}
	if p.W >= 16*len([]rune(label)) { // room for the words inside
		p.Label = label
	}
	p.LabelX = p.X + p.W/2
	return p
}

// marks are the days on which the total changed; those too near to the last one share its place.
func (t *timeline) marks(f *PersonFile) {
	t.Height = 120
	for _, e := range f.Events {
		on, ok := dayOf(e.On)
		if e.Kind == "block" || !ok {
			continue
		}
		x := t.x(on)
		title := string(e.On) + " " + personWords.event.of(e.Kind)
		points := "恢复"
		if e.Points != 0 {
			points = signed(e.Points)
			title += points
		}
		title += fmt.Sprintf("，累计 %d 分", e.TotalAfter)
		if last := len(t.Marks) - 1; last >= 0 && x-t.Marks[last].X < 34 {
			t.Marks[last].Points += " " + points
			t.Marks[last].Title += "；" + title
			continue
		}
		t.Marks = append(t.Marks, mark{X: x, Points: points, Title: title})
	}
	if len(t.Marks) > 0 {
		t.Height = 160
	}
}
