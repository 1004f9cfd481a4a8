package configs

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"claimsaudit/pipeline"
)

// apportioning names how a settlement's fund amount is shared over its lines.
// It is part of the digest, so that another method means another result.
const apportioning = "inscp_scp_amt|det_item_fee_sumamt|equal; largest remainder"

// digest hashes what changes results. Lists are sorted by the readers and
// encoding/json sorts the keys of maps, so equal meaning gives equal bytes.
func digest(c *Config) string {
	return digestOf(struct {
		RulePack     RulePack
		Scorecards   []Scorecard
		Thresholds   []Threshold
		Layout       pipeline.Layout
		Apportioning string
	}{c.RulePack, c.Scorecards, c.Thresholds, c.Layout, apportioning})
}

// ModelsDigest stands for what the models see of the decisions: a corrected
// word in a scorecard must not judge the year's claims again.
func (c *Config) ModelsDigest() string {
	return digestOf(struct {
		RulePack     RulePack
		Thresholds   []Threshold
		Layout       pipeline.Layout
		Apportioning string
	}{c.RulePack, c.Thresholds, c.Layout, apportioning})
}

func digestOf(decisions any) string {
	content, err := json.Marshal(decisions)
	if err != nil {
		panic("configs: digest: " + err.Error()) // plain data always marshals
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
