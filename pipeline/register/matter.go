package register

import (
	"slices"
	"strings"
)

// Matter is a delivered row, or a part of it, that has no effect as of the day
// of the record, or one that a person should look at although it has.
type Matter struct {
	Feed   string // points_decision, repair or restoration
	RefNo  string
	On     Day // the row's date, 0 if it has none
	Reason Reason
	Others []string // ChangedAfterService: the decisions that changed it
}

// Chinese is the matter in the office's words.
func (m Matter) Chinese() string {
	names := m.RefNo
	if len(m.Others) > 0 {
		names = strings.Join(m.Others, "、")
	}
	return strings.ReplaceAll(m.Reason.Chinese(), "×", names)
}

// Reason says why a row has no effect, or what is doubtful about it.
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

	MovedToAnother         Reason = "moved_to_another_person"
	MovedFromAnother       Reason = "moved_from_another_person"
	EffectiveBeforeDecided Reason = "effective_before_decided"
	ChangedAfterService    Reason = "changed_after_service"
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

	MovedToAnother:         "处理 × 先送为本人，后改送为另一人，不再计入本人，请核对",
	MovedFromAnother:       "处理 × 曾送为另一人，后改送为本人，请核对",
	EffectiveBeforeDecided: "生效日早于决定日，已照此执行，请核对",
	ChangedAfterService:    "送达之后，决定在先的 × 才生效，累计和措施可能已变，请核对后重新送达",
}

// Chinese is the reason in the office's words; × stands for the number of a decision.
func (r Reason) Chinese() string { return chinese[r] }

// HasEffect reports whether what is listed for the reason counts all the same.
func (r Reason) HasEffect() bool {
	return r == MovedFromAnother || r == EffectiveBeforeDecided || r == ChangedAfterService
}

// The feeds a matter comes from.
const (
	feedDecision    = "points_decision"
	feedRepair      = "repair"
	feedRestoration = "restoration"
)

func (w *walk) list(feed, refNo string, on Day, reason Reason) {
	w.rec.Matters = append(w.rec.Matters, Matter{Feed: feed, RefNo: refNo, On: on, Reason: reason})
}

// IsListed reports whether the decision is a matter for that reason.
func (r *Record) IsListed(decisionNo string, reason Reason) bool {
	return slices.ContainsFunc(r.Matters, func(m Matter) bool {
		return m.Feed == feedDecision && m.RefNo == decisionNo && m.Reason == reason
	})
}
