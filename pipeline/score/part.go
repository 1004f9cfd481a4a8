package score

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"claimsaudit/configs"
)

// outcome is what one part does to its indicator. Points are in hundredths; low and high differ while something is missing.
type outcome struct {
	low, high     int64
	veto, mayVeto bool
	isFirm        bool // a person vetoes, or nobody could lift the veto with evidence
	source        Source
	text          string
	step          *Step
	refs          []ref
}

// verdict answers whether a condition holds, or says what is missing.
type verdict struct {
	known, holds bool
	source       Source
	text         string
	toDo         string // what would make it come out otherwise
	refs         []ref
}

func (s *scorer) part(x *configs.Indicator, p *configs.RulePart) outcome {
	switch p.Rule {
	case configs.VetoIf:
		return veto(p, s.condition(x, p))
	case configs.AllOrNothing:
		return lose(p, s.condition(x, p))
	case configs.FigureMatches:
		return lose(p, s.figures(x, p))
	case configs.AwardAt:
		return gain(p, s.condition(x, p), fmt.Sprintf("得 %d 分", p.Points))
	case configs.Rank:
		return gain(p, s.rank(x, p), fmt.Sprintf("得 %d 分", p.Points))
	case configs.AwardEach:
		return s.awardEach(x, p)
	case configs.DeductPerWorkdayLate:
		return s.deduct(x, p, s.workdaysLate(x, p))
	default:
		return s.deduct(x, p, s.count(x, p))
	}
}

func veto(p *configs.RulePart, v verdict) outcome {
	o := outcome{source: v.source, text: v.text, refs: v.refs}
	switch {
	case !v.known:
		o.mayVeto = true
		o.step = &Step{Lacks: true, Lifts: true, Text: v.toDo}
	case v.holds:
		o.veto, o.isFirm, o.text = true, v.source == Evidenced || !p.EvidenceFirst, o.text+"，否决"
		o.step = &Step{Lifts: true, Text: v.toDo}
	default:
		o.text += "，不否决"
	}
	return o
}

// lose takes the points off unless the condition holds.
func lose(p *configs.RulePart, v verdict) outcome {
	o := outcome{source: v.source, text: v.text, refs: v.refs}
	all := int64(p.Points) * 100
	switch {
	case !v.known:
		o.low, o.step = -all, &Step{Gain: all, Lacks: true, Text: v.toDo}
	case v.holds:
		o.text += "，不扣分"
	default:
		o.low, o.high, o.step = -all, -all, &Step{Gain: all, Text: v.toDo}
		o.text += fmt.Sprintf("，扣 %d 分", p.Points)
	}
	return o
}

// gain gives the points if the condition holds.
func gain(p *configs.RulePart, v verdict, word string) outcome {
	o := outcome{source: v.source, text: v.text, refs: v.refs}
	all := int64(p.Points) * 100
	switch {
	case !v.known:
		o.high, o.step = all, &Step{Gain: all, Lacks: true, Text: v.toDo}
	case v.holds:
		o.low, o.high, o.text = all, all, o.text+"，"+word
	default:
		o.step, o.text = &Step{Gain: all, Text: v.toDo}, o.text+"，不得分"
	}
	return o
}

// tally is how often something occurred.
type tally struct {
	known  bool
	n      int64
	source Source
	text   string
	lacks  string
	refs   []ref
}

// deduct takes points off for each, down to nothing.
func (s *scorer) deduct(x *configs.Indicator, p *configs.RulePart, t tally) outcome {
	o := outcome{source: t.source, text: t.text, refs: t.refs}
	all := int64(x.Points) * 100
	if !t.known {
		o.low, o.step = -all, &Step{Gain: all, Lacks: true, Text: t.lacks}
		return o
	}
	off := all
	if t.n < all { // else it is more than there is
		off = min(t.n*int64(p.Points)*100, all)
	}
	o.low, o.high = -off, -off
	if off == 0 {
		o.text += "，不扣分"
		return o
	}
	o.text += fmt.Sprintf("，每%s扣 %d 分，扣 %s 分", unitOf(p), p.Points, points(off))
	if p.Rule == configs.DeductEach {
		o.step = &Step{Gain: off, Text: p.Title + "：逐一核对整改，已整改或有误的提交证明"}
	}
	return o
}

func unitOf(p *configs.RulePart) string {
	if p.Rule == configs.DeductPerWorkdayLate {
		return "个工作日"
	}
	return "次（个）"
}

func (s *scorer) awardEach(x *configs.Indicator, p *configs.RulePart) outcome {
	t := s.count(x, p)
	o := outcome{source: t.source, text: t.text, refs: t.refs}
	most := int64(p.Cap) * 100
	if !t.known {
		o.high, o.step = most, &Step{Gain: most, Lacks: true, Text: t.lacks}
		return o
	}
	got := most
	if t.n < most {
		got = min(t.n*int64(p.Points)*100, most)
	}
	o.low, o.high = got, got
	o.text += fmt.Sprintf("，每次 %d 分，至多 %d 分，得 %s 分", p.Points, p.Cap, points(got))
	if got < most {
		o.step = &Step{Gain: most - got, Text: p.Title + "：补充还没有提交的证明"}
	}
	return o
}

// count is the number of occurrences, by a person's evidence or as computed.
func (s *scorer) count(x *configs.Indicator, p *configs.RulePart) tally {
	t := tally{source: Missing}
	ev := s.evidenceOf(x, p)
	hasEvidence := ev != nil && ev.Count != nil && *ev.Count >= 0
	m, computed := s.metric(p.Metric)
	if p.Metric != "" {
		t.refs = append(t.refs, s.refOf(p.Metric))
	}
	if ev != nil || p.Metric == "" {
		t.refs = append(t.refs, evidenceRef(x))
	}
	if hasEvidence && (p.EvidenceFirst || !computed) {
		t.known, t.n, t.source = true, *ev.Count, Evidenced
		word := ""
		if p.Metric != "" {
			word = "核定"
		}
		t.text = fmt.Sprintf("%s%s %d%s", p.Title, word, t.n, document(ev))
		if computed && m.Numerator != t.n {
			t.text += fmt.Sprintf("（系统算出 %d）", m.Numerator)
		}
		return t
	}
	if computed {
		t.known, t.n, t.source = true, m.Numerator, Computed
		t.text = fmt.Sprintf("%s %d", p.Title, t.n)
		return t
	}
	t.text, t.lacks = s.lacking(p), "提交证据：“"+p.Title+"”的次数（数量）"
	return t
}

// workdaysLate counts the working days after the date up to the day it was done.
func (s *scorer) workdaysLate(x *configs.Indicator, p *configs.RulePart) tally {
	t := tally{source: Missing, refs: []ref{evidenceRef(x)}}
	done, by := s.evidenceOf(x, p), s.deadline(x, p)
	switch {
	case done == nil || done.EventOn.IsZero() || done.YesNo != nil && !*done.YesNo:
		t.text, t.lacks = p.Title+"：没有证据", "提交证据："+p.Title
		return t
	case by.IsZero():
		t.text, t.lacks = p.Title+" "+dayText(done.EventOn)+"，没有期限的证据", "提交证据："+p.Title+"的期限"
		return t
	}
	n, err := s.workdays(by, done.EventOn, int64(x.Points))
	if err != nil {
		t.text, t.lacks = fmt.Sprintf("%s %s，期限 %s，没有 %s 之间的工作日历", p.Title, dayText(done.EventOn), dayText(by), yearsOf(by, done.EventOn)),
			"增加工作日历（configs/README.md）"
		return t
	}
	t.known, t.n, t.source = true, n, Evidenced
	t.text = fmt.Sprintf("%s %s，期限 %s%s", p.Title, dayText(done.EventOn), dayText(by), document(done))
	if n > 0 {
		t.text += "，超 " + atLeast(n, int64(x.Points)) + "工作日"
	}
	return t
}

// atLeast writes a number that was not counted beyond enough.
func atLeast(n, enough int64) string {
	if n > enough {
		return fmt.Sprintf("%d 个以上", enough)
	}
	return fmt.Sprintf("%d 个", n)
}

// workdays counts those in (from, to]; beyond enough it stops, there is nothing left to take off.
func (s *scorer) workdays(from, to time.Time, enough int64) (n int64, err error) {
	for day := from.AddDate(0, 0, 1); !day.After(to) && n <= enough; day = day.AddDate(0, 0, 1) {
		works, err := s.when.Workday(day)
		if err != nil {
			return 0, err
		}
		if works {
			n++
		}
	}
	return n, nil
}

// deadline is the last day of a part: the table's, or what was delivered.
func (s *scorer) deadline(x *configs.Indicator, p *configs.RulePart) time.Time {
	if p.ByPart == "" {
		return p.By
	}
	if ev := s.evidence[partKey{x.No, p.ByPart}]; ev != nil {
		return ev.EventOn
	}
	return time.Time{}
}

func (s *scorer) evidenceOf(x *configs.Indicator, p *configs.RulePart) *Evidence {
	if p.Evidence == "" {
		return nil
	}
	return s.evidence[partKey{x.No, p.Part}]
}

// metric is the computed figure; ok is false without data.
func (s *scorer) metric(name string) (m Metric, ok bool) {
	m, ok = s.in.Metrics[name]
	if !ok || m.State != StateOK {
		return m, false
	}
	known, _ := configs.MetricNamed(name)
	return m, known.Kind != configs.RatioMetric || m.Denominator > 0
}

// figures holds the self-report against what was computed.
func (s *scorer) figures(x *configs.Indicator, p *configs.RulePart) verdict {
	v := verdict{source: Computed, refs: []ref{s.selfRef()}}
	var texts, lacks, wrong []string
	for _, name := range p.Figures {
		v.refs = append(v.refs, s.refOf(name))
		title := titleOf(name)
		computed, ok := s.metric(name)
		var said int64
		var reported bool
		if s.in.Self != nil {
			said, reported = s.in.Self.Figures[name]
		}
		switch {
		case !ok:
			lacks = append(lacks, title+"系统没有数据")
		case !reported:
			lacks = append(lacks, title+"没有自报")
		case !within(p, name, said, computed.Numerator):
			wrong = append(wrong, title)
			fallthrough
		default:
			texts = append(texts, fmt.Sprintf("%s自报 %s、系统 %s", title, figure(name, said), figure(name, computed.Numerator)))
		}
	}
	if ev := s.evidenceOf(x, p); ev != nil && ev.YesNo != nil && (p.EvidenceFirst || len(lacks) > 0 && len(wrong) == 0) {
		v.refs = append(v.refs, evidenceRef(x))
		v.known, v.holds, v.source = true, *ev.YesNo, Evidenced
		v.text = p.Title + map[bool]string{true: "经核实属实", false: "经核实不实"}[v.holds] + document(ev)
		v.toDo = p.Title + "：更正后重报"
		return v
	}
	v.known, v.holds = len(wrong) > 0 || len(lacks) == 0, len(wrong) == 0
	switch {
	case len(wrong) > 0: // one false figure decides, whatever else is not known
		v.text = strings.Join(texts, "，") + "，" + strings.Join(wrong, "、") + "不符"
		v.toDo = "核对自报数字：" + strings.Join(wrong, "、")
	case len(lacks) > 0:
		v.source, v.text, v.toDo = Missing, p.Title+"无法核对："+strings.Join(lacks, "、"), "提交或核实自报数字："+strings.Join(lacks, "、")
	default:
		v.text = strings.Join(texts, "，") + "，相符"
	}
	return v
}

// within reports whether a figure of the self-report is close enough.
func within(p *configs.RulePart, name string, said, computed int64) bool {
	off := max(said-computed, computed-said)
	return off <= tolerance(p, name, computed)
}

// tolerance is the largest difference that is still none.
func tolerance(p *configs.RulePart, name string, computed int64) int64 {
	t := computed / 100 * int64(p.TolerancePercent) // no overflow for any sum of money
	t += computed % 100 * int64(p.TolerancePercent) / 100
	if m, _ := configs.MetricNamed(name); m.IsAmount() {
		t = max(t, int64(p.ToleranceYuan)*100)
	}
	return t
}

// ranking is what the institutions of a table have to be ranked by, the most first.
type ranking []int64

func rankings(table *configs.Scorecard, inputs []Input) map[partKey]ranking {
	ranks := map[partKey]ranking{}
	for _, x := range table.Indicators {
		for _, p := range x.Parts {
			if p.Rule == configs.Rank {
				ranks[partKey{x.No, p.Part}] = ranking{}
			}
		}
	}
	for i := range inputs {
		for key, ev := range newest(table, inputs[i].Evidence) {
			if list, ok := ranks[key]; ok && ev.Count != nil {
				ranks[key] = append(list, *ev.Count)
			}
		}
	}
	for _, list := range ranks {
		slices.SortFunc(list, func(a, b int64) int { return cmp.Compare(b, a) })
	}
	return ranks
}

// rank is whether the institution is among the first; who shares the last place is. Nothing done is no place.
func (s *scorer) rank(x *configs.Indicator, p *configs.RulePart) verdict {
	v := verdict{source: Missing, refs: []ref{evidenceRef(x)}}
	ev := s.evidenceOf(x, p)
	if ev == nil || ev.Count == nil {
		v.text, v.toDo = p.Title+"：没有证据", "提交证据："+p.Title
		return v
	}
	list := s.ranks[partKey{x.No, p.Part}]
	place := 1 + slices.IndexFunc(list, func(n int64) bool { return n <= *ev.Count })
	same := 0
	for _, n := range list {
		if n == *ev.Count {
			same++
		}
	}
	v.known, v.source, v.holds = true, Evidenced, place <= p.Top && *ev.Count > 0
	v.text = fmt.Sprintf("%s %d%s，在已报的 %d 家中列第 %d", p.Title, *ev.Count, document(ev), len(list), place)
	if same > 1 {
		v.text += fmt.Sprintf("（%d 家并列）", same)
	}
	v.toDo = fmt.Sprintf("%s进入前 %d 名", p.Title, p.Top)
	if len(list) >= p.Top && place > p.Top {
		v.toDo += fmt.Sprintf("，目前第 %d 名是 %d", p.Top, list[p.Top-1])
	}
	return v
}
