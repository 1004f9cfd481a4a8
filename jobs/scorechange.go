package jobs

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"claimsaudit/pipeline"
	"claimsaudit/pipeline/score"
)

// scoreChangeModel stands in the ledger of models behind the scorecards.
const scoreChangeModel = "795_scorecard_change"

// rowKey is an indicator of a card; 0 is its total.
type rowKey struct {
	code      string
	indicator int
}

// frozenRow is an indicator of a final card as it was decided.
type frozenRow struct {
	score           sql.NullInt64
	lowest, highest int64
	vetoed          bool
	evidence        string
}

// keepChanges says of every final card what it would be by what is known now: the card stays, but evidence and claims
// behind it go on changing, and whoever follows its query must be told. rescored are the cards of the years this run
// scored; others are looked at again only when something was entered, or the tables were edited.
func (s *runState) keepChanges(ctx context.Context, feeds map[string]string, rescored map[int][]score.Card) error {
	if s.isPlan {
		return nil
	}
	years, err := s.finalYears(ctx)
	if err != nil || len(years) == 0 {
		return err
	}
	var ahead int64 // what was entered ahead of the as-of day counts once the day has come
	if err := s.db.Row(ctx, `SELECT (SELECT count(*) FROM core.indicator_evidence WHERE is_ahead) + (SELECT count(*) FROM core.self_report WHERE is_ahead)`,
		[]any{&ahead}); err != nil {
		return fmt.Errorf("count entries ahead: %w", err)
	}
	token := fmt.Sprint(s.Config.Digest, " ", feeds["indicator_evidence"], " ", feeds["self_report"], " ", feeds["institution"], " ", ahead, " ")
	if known, err := s.db.ModelDigest(ctx, scoreChangeModel); err != nil || len(rescored) == 0 && strings.HasPrefix(known, token) {
		return err
	}
	since, err := s.changedSince(ctx)
	if err != nil {
		return err
	}
	var rows [][]any
	for _, year := range years {
		cards, scored := rescored[year]
		if !scored {
			if cards, err = s.rescore(ctx, year); err != nil {
				return err
			}
		}
		frozen, err := s.frozenRows(ctx, year)
		if err != nil {
			return err
		}
		rows = append(rows, s.changeRows(year, cards, frozen, since)...)
	}
	return s.keepComputedWhere(ctx, scoreChangeModel, token+digestRows(rows), "true", map[string][][]any{"audit.scorecard_change": rows})
}

// finalYears are the years some card of which is final.
func (s *runState) finalYears(ctx context.Context) (years []int, err error) {
	err = s.db.Query(ctx, func(rows *sql.Rows) error {
		var year int
		err := rows.Scan(&year)
		years = append(years, year)
		return err
	}, "SELECT DISTINCT year FROM audit.scorecard_total WHERE is_final ORDER BY year")
	if err != nil {
		return nil, fmt.Errorf("read years of final scorecards: %w", err)
	}
	return years, nil
}

// rescore are the cards of a past year as they come out now.
func (s *runState) rescore(ctx context.Context, year int) (cards []score.Card, err error) {
	known, err := s.readScoreYear(ctx, wholeYear(year))
	if err != nil {
		return nil, fmt.Errorf("read what the scorecards of %d rest on: %w", year, err)
	}
	for _, kind := range []string{"1", "2"} {
		if card, _ := s.Config.Scorecard(kind, year); card != nil {
			cards = append(cards, score.Table(card, s.whenOf(known), known.inputs[kind])...)
		}
	}
	return cards, nil
}

// changedSince is when a difference of a card or of one of its indicators was first seen.
func (s *runState) changedSince(ctx context.Context) (map[int]map[rowKey]int32, error) {
	since := map[int]map[rowKey]int32{}
	err := s.db.Query(ctx, func(rows *sql.Rows) error {
		var year int
		var key rowKey
		var day int32
		if err := rows.Scan(&year, &key.code, &key.indicator, &day); err != nil {
			return err
		}
		if since[year] == nil {
			since[year] = map[rowKey]int32{}
		}
		since[year][key] = day
		return nil
	}, "SELECT year, fixmedins_code, indicator_no, since_day FROM audit.scorecard_change")
	if err != nil {
		return nil, fmt.Errorf("read changes of final scorecards: %w", err)
	}
	return since, nil
}

func (s *runState) frozenRows(ctx context.Context, year int) (map[rowKey]frozenRow, error) {
	frozen := map[rowKey]frozenRow{}
	err := s.db.Query(ctx, func(rows *sql.Rows) error {
		var key rowKey
		var f frozenRow
		err := rows.Scan(&key.code, &key.indicator, &f.score, &f.lowest, &f.highest, &f.vetoed, &f.evidence)
		frozen[key] = f
		return err
	}, `SELECT fixmedins_code, indicator_no, score_hundredths, lowest_hundredths, highest_hundredths, is_vetoed, evidence
FROM audit.scorecard WHERE is_final AND year = $1`, year)
	if err != nil {
		return nil, fmt.Errorf("read final scorecards of %d: %w", year, err)
	}
	return frozen, nil
}

// changeRows are the differences of a year's final cards.
func (s *runState) changeRows(year int, cards []score.Card, frozen map[rowKey]frozenRow, since map[int]map[rowKey]int32) (rows [][]any) {
	first := func(key rowKey) int32 {
		if day, ok := since[year][key]; ok {
			return day
		}
		return pipeline.EpochDay(s.req.AsOf)
	}
	for _, c := range cards {
		before := len(rows)
		for i := range c.Rows {
			r := &c.Rows[i]
			key := rowKey{c.Code, r.Indicator.No}
			if f, isFinal := frozen[key]; isFinal && f != frozenOf(r) {
				rows = append(rows, []any{int32(year), c.Code, int32(key.indicator), first(key), pointsIf(r.Known, r.Score), r.Vetoed, r.Evidence, nil})
			}
		}
		if len(rows) > before {
			rows = append(rows, []any{int32(year), c.Code, int32(0), first(rowKey{c.Code, 0}), pointsIf(c.Known, c.Total), c.Vetoed, c.Note, c.Decision})
		}
	}
	return rows
}

func frozenOf(r *score.Row) frozenRow {
	f := frozenRow{sql.NullInt64{Int64: r.Score, Valid: r.Known}, r.Lowest, r.Highest, r.Vetoed, r.Evidence}
	if !r.Known {
		f.score.Int64 = 0
	}
	return f
}
