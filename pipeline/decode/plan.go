package decode

import (
	"slices"

	"claimsaudit/pipeline"

	"github.com/apache/arrow/go/v17/arrow"
)

// planColumn says how one feed column is read.
type planColumn struct {
	pipeline.Column
	from     int                 // column of the file, -1 if it has none
	scale    int                 // decimals of an amount
	labels   map[string]string   // label → code, nil without any
	codes    map[string]struct{} // the codes labels stand for: they are no labels
	isASCII  bool                // some label is ASCII, so ASCII values need a look
	key      int                 // position in the row key, -1 if none
	fallback []byte              // Default, already in the form of a delivered value
}

// plan says how the rows of one file are read. It never changes once made.
type plan struct {
	feed    *pipeline.Feed
	schema  *arrow.Schema
	width   int // columns of the file
	columns []planColumn
	amount  int    // index of the amount column, -1 without one
	hide    []bool // file columns that a masked row does not show
	keys    []int  // feed columns of the key, in key order
	check   check
	bands   []Band
	at      map[string]int // feed columns by name
	known   []Indicator    // none means any
	scored  int            // Source.ScoredFrom
	article string         // Source.Article
}

// check is a rule that looks at several columns of a row.
type check uint8

const (
	checkNone check = iota
	checkPoints
	checkReview
	checkEvidence
	checkSelfReport
	checkPriceLimit
)

func newPlan(src *Source, header []string) (*plan, error) {
	from, err := newNames(src).resolve(src, header)
	if err != nil {
		return nil, err
	}
	p := &plan{feed: src.Feed, schema: Schema(src.Feed), width: len(header), amount: -1, article: src.Article, hide: make([]bool, len(header))}
	for i := range p.hide {
		p.hide[i] = true // until it turns out to be a column we know
	}
	p.at = map[string]int{}
	for i, c := range src.Feed.Columns {
		p.at[c.Name] = i
		pc := planColumn{Column: c, from: from[i], scale: scaleOf(c.Type), key: slices.Index(src.Feed.Key, c.Name), fallback: []byte(c.Default)}
		if src.Layout != nil && (c.Type == pipeline.Code || c.Type == pipeline.Enum) {
			pc.setLabels(src.Layout.Labels[c.Name])
		}
		if pc.from >= 0 {
			p.hide[pc.from] = c.Personal
		}
		if c.Name == src.Feed.Amount {
			p.amount = i
		}
		p.columns = append(p.columns, pc)
	}
	for _, k := range src.Feed.Key {
		p.keys = append(p.keys, slices.IndexFunc(src.Feed.Columns, func(c pipeline.Column) bool { return c.Name == k }))
	}
	p.check = map[string]check{"points_decision": checkPoints, "review": checkReview, "indicator_evidence": checkEvidence,
		"self_report": checkSelfReport, "price_limit": checkPriceLimit}[src.Feed.Name]
	p.bands, p.known, p.scored = src.Bands, src.Indicators, src.ScoredFrom
	return p, nil
}

func (c *planColumn) setLabels(labels map[string]string) {
	if len(labels) == 0 {
		return
	}
	c.labels, c.codes = labels, map[string]struct{}{}
	for label, code := range labels {
		c.codes[code] = struct{}{}
		if indexNonASCII([]byte(label)) < 0 {
			c.isASCII = true
		}
	}
}

// code is what a value of a Code or Enum column stands for.
func (c *planColumn) code(v []byte) []byte {
	if c.labels == nil || !c.isASCII && v[0] < 0x80 && indexNonASCII(v) < 0 {
		return v
	}
	if _, isCode := c.codes[string(v)]; isCode {
		return v
	}
	if code, isLabel := c.labels[string(v)]; isLabel {
		return []byte(code)
	}
	return v
}

// allows reports whether an Enum column takes the code.
func (c *planColumn) allows(v []byte) bool {
	for _, a := range c.Allowed {
		if string(v) == a {
			return true
		}
	}
	return false
}

func scaleOf(t pipeline.Type) int {
	switch t {
	case pipeline.Cents:
		return 2
	case pipeline.Quantity:
		return 4
	case pipeline.Price:
		return 6
	}
	return 0
}
