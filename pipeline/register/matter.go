package register

// Matter is a delivered row, or a part of it, that has no effect as of the day
// of the record. It is for a person to look at.
type Matter struct {
	Feed   string // points_decision, repair or restoration
	RefNo  string
	On     Day // the row's date, 0 if it has none
	Reason Reason
}

// Reason says why a row has no effect.
type Reason string

// The reasons; Chinese says them to the office.
const (
	AfterAsOf         Reason = "after_as_of"
	NoDate            Reason = "no_date"
	OutsideRules      Reason = "outside_effective_dates"
	UnknownState      Reason = "unknown_state"
	UnknownArticle    Reason = "unknown_article"
	OutsideBand       Reason = "points_outside_band"
	RevokedNeverFinal Reason = "revoked_never_final"
	UnknownKind       Reason = "unknown_kind"
	Terminated        Reason = "terminated"
	NothingGranted    Reason = "nothing_granted"
	TooFewDays        Reason = "too_few_working_days"
	PointsUsedUp      Reason = "points_of_the_year_used_up"
	MonthsUsedUp      Reason = "months_of_the_year_used_up"
	NoPointsLeft      Reason = "no_points_left"
	NotSuspended      Reason = "not_suspended"
	ShortestLength    Reason = "shortest_length_reached"
	NothingToRestore  Reason = "nothing_to_restore"
	BeforeTheEnd      Reason = "before_the_end"
	CommitmentMissing Reason = "new_commitment_missing"
)

var chinese = map[Reason]string{
	AfterAsOf:         "日期晚于截止日，尚未计入",
	NoDate:            "缺少日期，无法计入",
	OutsideRules:      "不在本规则包的施行日期内，未计入",
	UnknownState:      "状态不是拟处理、已生效或已撤销，未计入",
	UnknownArticle:    "规则包里没有这一条款，未计入",
	OutsideBand:       "分值不在该条款的记分范围内，未计入",
	RevokedNeverFinal: "撤销的处理从未生效，请核对编号",
	UnknownKind:       "修复方式不在规定之内，未计入",
	Terminated:        "资格已终止，不予修复",
	NothingGranted:    "没有写明减免的分数或月数，未计入",
	TooFewDays:        "跟岗学习的工作日不足，未计入",
	PointsUsedUp:      "这种方式本年度可减免的分数已用完",
	MonthsUsedUp:      "本年度可缩短的月数已用完",
	NoPointsLeft:      "当时没有记分可减免",
	NotSuspended:      "当时没有正在执行的暂停，无法缩短",
	ShortestLength:    "暂停已到最短期限，无法再缩短",
	NothingToRestore:  "当时资格正常，没有可恢复的事项",
	BeforeTheEnd:      "日期早于期满日，期满前不生效",
	CommitmentMissing: "恢复须重新作出服务承诺，未见承诺",
}

// Chinese is the reason in the office's words.
func (r Reason) Chinese() string { return chinese[r] }

// The feeds a matter comes from.
const (
	feedDecision    = "points_decision"
	feedRepair      = "repair"
	feedRestoration = "restoration"
)

func (w *walk) list(feed, refNo string, on Day, reason Reason) {
	w.rec.Matters = append(w.rec.Matters, Matter{feed, refNo, on, reason})
}
