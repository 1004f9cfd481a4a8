package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"claimsaudit/pipeline/report"
)

// AnnualReports writes the draft of each institution's yearly report with the figures the publication shows. A draft is
// there to be completed by hand: nothing is overwritten, another content goes beside it.
func (r *Runner) AnnualReports(ctx context.Context, req ScoreRequest) (made []MadeDocument, err error) {
	s, err := r.openScores(ctx, req, "write yearly reports")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.mart.Close()) }()
	templates := map[string]annualTemplate{}
	for _, kind := range []string{"1", "2"} {
		var t annualTemplate
		if t.content, t.source, err = r.Config.AnnualTemplate(kind); err != nil {
			return nil, err
		}
		templates[kind] = t
	}
	notices := map[string]string{}
	for _, card := range r.Config.Scorecards {
		notices[card.Name] = card.Source
	}
	all, err := report.LoadAnnual(ctx, s.mart, s.meta, r.scoreTables(), notices, req.Institutions)
	if err != nil {
		return nil, err
	}
	for _, facts := range all {
		if err := ctx.Err(); err != nil {
			return made, err
		}
		facts.Issuer = cmp.Or(r.Config.Operation.Documents.Issuer, facts.Issuer)
		t := templates[facts.Type]
		content, err := facts.Document(t.content, t.source)
		if err != nil {
			return made, err
		}
		var m MadeDocument
		if m.Path, m.State, err = keepDocument(s.dir, fmt.Sprintf("annual-report-%s-%d", safeName(facts.Code), req.Year), ".docx", content); err != nil {
			return made, err
		}
		made = append(made, m)
	}
	return made, nil
}

type annualTemplate struct {
	content []byte
	source  string
}
