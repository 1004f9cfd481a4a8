package jobs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"claimsaudit/configs"
	"claimsaudit/pipeline"
	"claimsaudit/pipeline/score"
)

// scoreModel stands in the ledger of models behind layer 70.
const scoreModel = "790_scorecard"

// ScoreYear is what a run made of one year's scorecards, by one table.
type ScoreYear struct {
	Year                               int
	Card                               string
	StandsIn                           bool // the year has no table of its own: nothing becomes final
	IsRunning                          bool // the year has not ended on the run's day: nothing becomes final
	Institutions                       int
	Qualified, Unqualified, Incomplete int
	Final, NewlyFinal                  int // final of an earlier run, final since this one
}

// scoreTables are the rows of one run.
type scoreTables struct {
	rows, totals, steps [][]any
	finals              []string // year and institution of every card that is final
}

// finalColumn is where all three tables say whether a card is final.
const finalColumn = 2

// keepScores scores every institution for the years whose figures this run computed. `run annual` makes final what a
// year's own table decides when the year is over: where nothing is missing, or a veto stands whatever is missing. What is
// final stays; what it would be now is told beside it.
func (s *runState) keepScores(ctx context.Context, feeds map[string]string, years []scoreYear) error {
	rescored := map[int][]score.Card{}
	if s.req.Job == Monthly || s.req.Job == Annual {
		if err := s.keepCards(ctx, years, rescored); err != nil {
			return err
		}
	}
	return s.keepChanges(ctx, feeds, rescored)
}

func (s *runState) keepCards(ctx context.Context, years []scoreYear, rescored map[int][]score.Card) error {
	var tables scoreTables
	var done []string
	for _, year := range years {
		known, err := s.readScoreYear(ctx, year)
		if err != nil {
			return fmt.Errorf("read what the scorecards of %d rest on: %w", year.Year, err)
		}
		for _, kind := range []string{"1", "2"} {
			card, standsIn := s.Config.Scorecard(kind, year.Year)
			if card == nil || len(known.inputs[kind]) == 0 {
				continue
			}
			cards := score.Table(card, s.whenOf(known), known.inputs[kind])
			out := s.scoreYear(known, card, standsIn, cards, &tables)
			s.out.Scores = append(s.out.Scores, out)
			if out.Final+out.NewlyFinal > 0 {
				rescored[year.Year] = append(rescored[year.Year], cards...)
			}
		}
		done = append(done, fmt.Sprint(year.Year))
	}
	if len(done) == 0 {
		return nil
	}
	s.logScores()
	return s.writeScores(ctx, strings.Join(done, ", "), &tables)
}

func (s *runState) whenOf(known *scoreInputs) score.When {
	return score.When{Year: known.Year, AsOf: s.req.AsOf, WindowKind: known.Window, WindowKey: known.Key, Workday: s.Config.Operation.Calendar.IsWorkday}
}

// scoreYear adds the cards of one table that are not final yet. A card that lacks something ends by a veto only after the
// day by which the notice wants everything handed in, because until then what lifts it may still come; and only by one
// that a person stands for: a share that is low for want of deliveries must not end an agreement by itself.
func (s *runState) scoreYear(known *scoreInputs, card *configs.Scorecard, standsIn bool, cards []score.Card, tables *scoreTables) ScoreYear {
	out := ScoreYear{Year: known.Year, Card: card.Name, StandsIn: standsIn, IsRunning: !known.isOver}
	mayEnd := s.req.Job == Annual && s.req.Year == known.Year && known.isOver && !standsIn
	vetoEnds := s.req.AsOf.After(card.SubmitBy)
	for _, c := range cards {
		out.Institutions++
		decision, isFinal := known.final[c.Code]
		if isFinal {
			out.Final++
		} else {
			decision = c.Decision
			becomesFinal := mayEnd && (len(c.Missing) == 0 || c.IsFirm && vetoEnds)
			if becomesFinal {
				out.NewlyFinal++
			}
			s.addCard(tables, card, c, known, standsIn, becomesFinal)
			isFinal = becomesFinal
		}
		if isFinal {
			tables.finals = append(tables.finals, fmt.Sprint(known.Year, " ", c.Code))
		}
		switch decision {
		case score.Qualified:
			out.Qualified++
		case score.Unqualified:
			out.Unqualified++
		default:
			out.Incomplete++
		}
	}
	return out
}

// addCard adds the rows of one institution.
func (s *runState) addCard(tables *scoreTables, card *configs.Scorecard, c score.Card, known *scoreInputs, standsIn, isFinal bool) {
	for _, r := range c.Rows {
		x := r.Indicator
		tables.rows = append(tables.rows, []any{int32(known.Year), c.Code, isFinal, int32(x.No), x.Category, x.Title, x.Explanation, x.Method, x.Kind, x.Article,
			r.Max, pointsIf(r.Known, r.Score), r.Lowest, r.Highest, r.Vetoed, r.MayVeto, string(r.Source), r.Evidence, nullText(r.Query), pointsOf(r.Self)})
	}
	var finalDay any
	if isFinal {
		finalDay = pipeline.EpochDay(s.req.AsOf)
	}
	tables.totals = append(tables.totals, []any{int32(known.Year), c.Code, isFinal, finalDay, c.Type, nullText(c.Ownership), card.Name, card.Title,
		int32(card.AgreementYear), standsIn, known.Key, int64(card.PassMark) * 100, pointsIf(c.Known, c.Total), c.Lowest, c.Highest, c.Vetoed,
		nullText(numberText(c.Vetoes)), nullText(numberText(c.Missing)), pointsOf(c.SelfTotal), c.Decision, c.Note})
	for i, step := range c.Steps {
		tables.steps = append(tables.steps, []any{int32(known.Year), c.Code, isFinal, int32(i + 1), int32(step.Indicator), stepKind(step), step.Gain, step.Text})
	}
}

func stepKind(step score.Step) string {
	switch {
	case step.Lifts && !step.Lacks:
		return "lift_veto"
	case step.Lifts:
		return "show_no_veto"
	case step.Lacks:
		return "submit"
	}
	return "improve"
}

func pointsIf(known bool, hundredths int64) any {
	if !known {
		return nil
	}
	return hundredths
}

func pointsOf(hundredths *int64) any {
	if hundredths == nil {
		return nil
	}
	return *hundredths
}

func numberText(numbers []int) string {
	words := make([]string, 0, len(numbers))
	for _, n := range numbers {
		words = append(words, fmt.Sprint(n))
	}
	return strings.Join(words, ", ")
}

// writeScores replaces what is not final of these years. The digest is the same for the run that makes cards final and for
// the next one, which finds them so.
func (s *runState) writeScores(ctx context.Context, years string, tables *scoreTables) error {
	h := sha256.New()
	slices.Sort(tables.finals)
	fmt.Fprintln(h, years, tables.finals)
	byName := map[string][][]any{"audit.scorecard": tables.rows, "audit.scorecard_total": tables.totals, "audit.scorecard_step": tables.steps}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		open := slices.DeleteFunc(slices.Clone(byName[name]), func(row []any) bool { return row[finalColumn] == true })
		fmt.Fprintln(h, name, digestRows(open))
	}
	return s.keepComputedWhere(ctx, scoreModel, hex.EncodeToString(h.Sum(nil)), "year IN ("+years+") AND NOT is_final", byName)
}

// logScores tells what a person must see to; the table printed at the end has the rest.
func (s *runState) logScores() {
	for _, y := range s.out.Scores {
		event := s.Log.Info()
		if y.IsRunning && s.req.Job == Annual && y.Year == s.req.Year {
			event = s.Log.Warn().Str("hint", fmt.Sprintf("the year %d has not ended: this is the standing to date, nothing is final; run it again in %d", y.Year, y.Year+1))
		} else if y.StandsIn && s.req.Job == Annual && y.Year == s.req.Year {
			event = s.Log.Warn().Str("hint", fmt.Sprintf("the year %d has no scorecard of its own: scored by %s, nothing is final; add the notice's table to configs/scorecards and run again", y.Year, y.Card))
		}
		event.Int("year", y.Year).Str("scorecard", y.Card).Int("institutions", y.Institutions).Int("qualified", y.Qualified).
			Int("unqualified", y.Unqualified).Int("incomplete", y.Incomplete).Int("final", y.Final+y.NewlyFinal).Msg("scored")
	}
}
