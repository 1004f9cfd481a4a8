package report

import (
	"time"

	"claimsaudit/pipeline"
)

// What the site, a package of its own, shares with the other reports: a code has one Chinese word, an amount one form.

// Cents is an amount of money; String writes it in yuan, 1,234.50.
type Cents = cents

// Hundredths is a percentage times 100, rounded down; String writes 49.99%.
type Hundredths = hundredths

// Lexicon holds the Chinese words for the mart's codes; a code they lack is shown as it is.
type Lexicon struct {
	InstitutionType, Role, Status, Emergency, Kind, Cause, Window, Verdict, Event, Measure, Agreement func(code string) string
}

// NewLexicon returns the words every report uses.
func NewLexicon() Lexicon {
	l := newLexicon()
	return Lexicon{InstitutionType: l.institutionType.of, Role: l.role.of, Status: l.status.of, Emergency: l.emergency.of, Kind: l.kind.of,
		Cause: l.cause.of, Window: l.window.of, Verdict: personWords.verdict.of, Event: personWords.event.of,
		Measure: newPointsWords().measure.of, Agreement: personWords.agreement.of}
}

// Grouped writes n with a comma between thousands.
func Grouped(n int64) string { return grouped(n) }

// Share is part of whole in per cent, rounded; "—" of nothing.
func Share(part, whole Cents) string { return share(part, whole) }

// Span is a stretch of days, both ends inclusive, either of which may be open.
func Span(from, to string) string { return span(from, to) }

// DeadlineState says how a deadline stands.
func DeadlineState(state string) string { return deadlineStates.of(state) }

// Clauses turns "19, 50" into 第十九条、第五十条.
func Clauses(article string) string { return clauses(article) }

// RatioTitle is the Chinese name of a ratio; the mart's name stands in for an unknown one.
func RatioTitle(no int64, name string) string { return ratioTitle(no, name) }

// FeedTitle is the Chinese name of a feed.
func FeedTitle(feed string) string { return feedTitle(feed) }

// ChineseMonth is 2025年3月.
func ChineseMonth(p pipeline.Period) string { return chineseMonth(p) }

// ChineseDay is 2025年3月14日.
func ChineseDay(t time.Time) string { return chineseDay(t) }

// Stamp is a moment as the centre's wall clock shows it.
func Stamp(t time.Time) string { return stamp(t) }
