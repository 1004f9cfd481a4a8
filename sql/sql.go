// Package sqlfiles holds every SQL statement of the project, embedded: the
// migrations that change shape, the numbered models that are one SELECT each,
// the published schema and the analysts' example queries. It knows how a model
// describes itself and nothing about databases.
package sqlfiles

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"sort"
	"strings"
)

// Files is the whole folder.
//
//go:embed migrations/*.sql 10_accept/*.sql 30_core/*.sql 40_verdict/*.sql 50_statement/*.sql 60_ratio/*.sql 70_score/*.sql 80_mart/*.sql 90_query/*.sql mart.sql comments.tsv
var Files embed.FS

// Model is one SELECT with its header.
type Model struct {
	Layer    string // folder, e.g. 40_verdict
	Name     string // number and name, e.g. 402_practitioner_suspended
	Title    string // first header line
	Why      string
	Grain    string
	Reads    []string
	Writes   string   // schema.table; "" for an assertion
	Params   []string // settings beside the rule pack that change the result
	Replaces string   // predicate of the rows the model owns in Writes; "true" for all
	SQL      string   // the SELECT alone
	SHA256   string   // of the file
}

// IsAssertion reports whether the model must return no row and writes none.
func (m Model) IsAssertion() bool { return m.Writes == "" }

var header = regexp.MustCompile(`(?m)^-- (Why|Grain|Reads|Writes|Replaces|Params): (.*(?:\n--  +.*)*)`)

// Models returns the models of the named layers in file order.
func Models(layers ...string) ([]Model, error) {
	var all []Model
	for _, layer := range layers {
		names, err := fs.Glob(Files, layer+"/*.sql")
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", layer, err)
		}
		sort.Strings(names)
		for _, name := range names {
			m, err := readModel(layer, name)
			if err != nil {
				return nil, err
			}
			all = append(all, m)
		}
	}
	return all, nil
}

func readModel(layer, name string) (Model, error) {
	raw, err := Files.ReadFile(name)
	if err != nil {
		return Model{}, fmt.Errorf("read %s: %w", name, err)
	}
	text := string(raw)
	m := Model{Layer: layer, Name: strings.TrimSuffix(path.Base(name), ".sql"), Replaces: "true", SHA256: Digest(raw)}
	first, _, _ := strings.Cut(text, "\n")
	m.Title = strings.TrimPrefix(first, "-- ")
	seen := map[string]bool{}
	for _, h := range header.FindAllStringSubmatch(text, -1) {
		value := strings.TrimSpace(regexp.MustCompile(`\n--\s+`).ReplaceAllString(h[2], " "))
		seen[h[1]] = true
		switch h[1] {
		case "Why":
			m.Why = value
		case "Grain":
			m.Grain = value
		case "Reads":
			m.Reads = strings.Split(strings.ReplaceAll(value, " ", ""), ",")
		case "Writes":
			if !strings.HasPrefix(value, "nothing") {
				m.Writes = value
			}
		case "Params":
			if value != "none" {
				m.Params = strings.Split(strings.ReplaceAll(value, " ", ""), ",")
			}
		case "Replaces":
			m.Replaces = value
		}
	}
	for _, field := range []string{"Why", "Grain", "Reads", "Writes", "Params"} {
		if !seen[field] {
			return Model{}, fmt.Errorf("read %s: header line %q is missing", name, field+":")
		}
	}
	m.SQL = stripHeader(text)
	return m, nil
}

// stripHeader drops the leading comment lines.
func stripHeader(text string) string {
	lines := strings.Split(text, "\n")
	for len(lines) > 0 && strings.HasPrefix(lines[0], "--") {
		lines = lines[1:]
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// Text returns one file of the folder.
func Text(name string) (string, error) {
	raw, err := Files.ReadFile(name)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", name, err)
	}
	return string(raw), nil
}

// Digest is the hex SHA-256 of b.
func Digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
