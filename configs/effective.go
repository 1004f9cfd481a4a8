package configs

import (
	"bytes"
	"encoding/json"
	"fmt"

	"claimsaudit/pipeline"
)

// effective is what a run judged by, as it is kept beside the delivered files: old months are rebuilt by the rules of
// then, whatever the files in the operator's folder say now. Where things lie, how much of the machine is used, and
// whom to tell is left out: it changes no result.
type effective struct {
	Digest                  string
	RulePack                RulePack
	Scorecards              []Scorecard // none in what an older program archived: it scored nobody
	Thresholds              []Threshold
	Layout                  pipeline.Layout
	Region                  string
	CentreName              string
	StatementPrefix         string
	GateRejectedBasisPoints int
	Calendar                Calendar // deadlines count its working days; no verdict does, so it is not in the digest
}

// Effective is the text of everything that changes results, the same bytes for the same decisions. It holds no secret.
func (c *Config) Effective() []byte {
	s := c.Settings
	text, err := json.MarshalIndent(effective{c.Digest, c.RulePack, c.Scorecards, c.Thresholds, c.Layout, s.Region, s.CentreName, s.StatementPrefix,
		s.GateRejectedBasisPoints, c.Operation.Calendar}, "", "  ")
	if err != nil {
		panic("configs: effective: " + err.Error()) // plain data always marshals
	}
	return append(text, '\n')
}

// AsEffective returns c judging as the text says, which Effective wrote; machine and paths stay those of c, and it
// sends and schedules nothing. The error is that of a text no program of ours wrote.
func (c *Config) AsEffective(text []byte) (*Config, error) {
	var e effective
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields() // a newer program's decisions must not be left out silently
	if err := d.Decode(&e); err != nil {
		return nil, fmt.Errorf("read archived configuration: %w", err)
	}
	then := *c
	then.Operation = Operation{Calendar: e.Calendar}
	then.Digest, then.RulePack, then.Scorecards, then.Thresholds, then.Layout = e.Digest, e.RulePack, e.Scorecards, e.Thresholds, e.Layout
	s := &then.Settings
	s.Region, s.CentreName, s.StatementPrefix, s.GateRejectedBasisPoints = e.Region, e.CentreName, e.StatementPrefix, e.GateRejectedBasisPoints
	return &then, nil
}
