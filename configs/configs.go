// Package configs reads and validates everything an operator may write:
// settings, layouts, rule packs, scorecards and calendars. The shipped files lie in this
// folder and are also built into the binary, so it works without the folder.
//
// A Config is only handed out when every file is free of problems; otherwise
// the caller gets all problems of all files at once, each with file, line,
// column and what to do about it, in the operator's language.
package configs

import (
	"cmp"
	"embed"
	"os"
	"path/filepath"
	"time"

	"claimsaudit/pipeline"
)

// DefaultPath is where the settings are looked for unless the operator names a
// file; relative to the working directory of the process.
const DefaultPath = "configs/claimsaudit.yaml"

//go:embed claimsaudit.yaml rulepacks/*.yaml scorecards/*.yaml layouts/*.yaml calendar/*.yaml documents/*.docx
var builtIn embed.FS

// Config is everything an operator decided, checked.
type Config struct {
	Settings   Settings
	RulePack   RulePack
	Thresholds []Threshold // of all scorecards, by institution type, then ratio
	Layout     pipeline.Layout
	Operation  Operation
	Source     string // the settings file that was read
	Digest     string // SHA-256 (hex) over all that changes results; not paths, limits or log level
}

// Settings says where things lie and how much of the machine may be used.
type Settings struct {
	Data                    string // working directory of the pipeline: warehouse, archive, published
	Inbox                   string // where deliveries arrive; <Data>/inbox unless given
	RulePack                string // name, or path of a file
	Scorecards              []string
	Layouts                 []string
	Region                  string // GB/T 2260, 6 digits
	CentreName              string // as it stands in reports
	StatementPrefix         string // begins every statement number; the region unless given
	MemoryLimitMB           int    // DuckDB's share
	Threads                 int    // 0 = all cores
	GateRejectedBasisPoints int    // share of rejected rows of a file, in 1/100 %, above which a run stops
	PublishedMode           os.FileMode
	KeyFile                 string // key of the pseudonyms; <Data>/keys/pseudonym.key unless given
	LogLevel                string // debug, info, warn or error
}

// Overrides are the settings given on the command line; "" means not given.
type Overrides struct {
	Data  string
	Inbox string
}

// RulePack is the reading of a regulation: which rules act how, from when.
type RulePack struct {
	Name           string          `yaml:"name"`
	Title          string          `yaml:"title"`
	Source         string          `yaml:"source"`         // number of the regulation's document
	EffectiveFrom  time.Time       `yaml:"effective_from"` // first service day judged, 00:00 UTC
	Roles          []string        `yaml:"roles"`          // persons of a line that count
	Rules          []Rule          `yaml:"rules"`          // by number
	EmergencyTests []EmergencyTest `yaml:"emergency_tests"`
	Ratios         []Ratio         `yaml:"ratios"` // by number
	Points         Points          `yaml:"points"`
}

// Rule is one rule of contract section 4; No follows it everywhere.
type Rule struct {
	No                int    `yaml:"rule"`
	Name              string `yaml:"name"`
	Title             string `yaml:"title"`
	Action            string `yaml:"action"`  // withhold or review
	Article           string `yaml:"article"` // "19, 50"
	Reason            string `yaml:"reason"`  // one sentence for the institution concerned
	LiftedByEmergency bool   `yaml:"lifted_by_emergency,omitempty"`
}

// EmergencyTest is one way to recognise an emergency; the lowest Order that hits is recorded.
type EmergencyTest struct {
	Order  int      `yaml:"order"`
	Name   string   `yaml:"name"`   // review, med_type or er_flag
	Values []string `yaml:"values"` // codes that mean an emergency
}

// Ratio is one ratio of contract section 5.
type Ratio struct {
	No                  int    `yaml:"ratio"`
	Name                string `yaml:"name"`
	Title               string `yaml:"title"`
	DenominatorPerMonth int    `yaml:"denominator_per_month,omitempty"` // 0: the denominator is counted
}

// Threshold is what a ratio has to reach for institutions of one type.
type Threshold struct {
	RatioNo       int
	FixmedinsType string // 1 institution, 2 pharmacy
	Percent       int
	Indicator     int // number of the indicator in the scorecard
}

// Load reads the settings at path and all they name. Unless explicit, a path
// that does not exist stands for the built-in settings; "" is DefaultPath. A
// flag beats the environment (CLAIMSAUDIT_*, empty = not set), which beats the
// file, which beats the default. The error is a KindUsage whose cause is
// Problems.
func Load(path string, explicit bool, env map[string]string, flags Overrides) (*Config, error) {
	l := &loader{}
	c := l.load(path, explicit, env, flags)
	if len(l.problems) > 0 {
		return nil, &pipeline.Error{Kind: pipeline.KindUsage, Op: "load configuration", Where: c.Source,
			Hint: "按所列各条修改后，运行 claimsaudit check 再查一遍", Err: Problems(l.problems)}
	}
	return c, nil
}

// Check reads the same files as Load and returns every problem found, nil when
// there is none.
func Check(path string, explicit bool, env map[string]string, flags Overrides) []Problem {
	l := &loader{}
	l.load(path, explicit, env, flags)
	return l.problems
}

// LoadRulePack reads one rule pack, given by name or path as the settings at
// path settings would name it. Errors are those of Load.
func LoadRulePack(settings, name string) (RulePack, error) {
	l := &loader{dir: filepath.Dir(cmp.Or(settings, DefaultPath))}
	var p RulePack
	if d := l.named(newDocument("命令行", nil, &l.problems), "rulepacks", "PACK", name); d != nil {
		p = rulePack(d)
	}
	if len(l.problems) > 0 {
		return RulePack{}, &pipeline.Error{Kind: pipeline.KindUsage, Op: "load rule pack", Where: name,
			Hint: "按所列各条修改后再试一遍", Err: Problems(l.problems)}
	}
	return p, nil
}
