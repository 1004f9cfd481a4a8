package site

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
)

// namesOf gives each code the name of its page: the code itself where a file may be called that.
func namesOf(codes []string) map[string]string {
	names, taken := make(map[string]string, len(codes)), map[string]bool{}
	for _, code := range codes {
		name := fileName(code)
		for n := 2; taken[strings.ToLower(name)]; n++ { // a file share may not tell h1 from H1
			name = fileName(code) + "~" + strconv.Itoa(n)
		}
		taken[strings.ToLower(name)] = true
		names[code] = name + ".html"
	}
	return names
}

// fileName writes a code so that no character of it can lead elsewhere: all but letters, digits, - and _ become =XX.
func fileName(code string) string {
	const longest = 80
	var b strings.Builder
	for _, c := range []byte(code) {
		if c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '-' || c == '_' {
			b.WriteByte(c)
		} else {
			b.WriteByte('=')
			b.WriteString(strings.ToUpper(hex.EncodeToString([]byte{c})))
		}
	}
	name := b.String()
	if len(name) > longest {
		digest := sha256.Sum256([]byte(code))
		name = name[:longest] + "~" + hex.EncodeToString(digest[:8])
	}
	if name == "" {
		return "="
	}
	return name
}

// namer decides what may be seen of a person.
type namer struct {
	people People
	key    []byte
	known  map[string]*person
	pages  map[string]string // by code, below practitioner/
	labels map[string]string // pseudonyms made so far
	cut    int               // persons with findings who have no page
}

// newNamer gives the persons with findings their pages: beyond peopleMost those with the largest amounts.
func newNamer(f *facts, opts Options) *namer {
	n := &namer{people: opts.People, key: opts.Key, known: f.People, pages: map[string]string{}, labels: map[string]string{}}
	if n.people == Off {
		return n
	}
	if len(f.PeopleCodes) > peopleMost {
		n.cut = len(f.PeopleCodes) - peopleMost
		weight := func(code string) int64 {
			t := f.People[code].Total
			return int64(t.Withhold + t.Exempt + t.Review)
		}
		slices.SortStableFunc(f.PeopleCodes, func(a, b string) int { return int(min(max(weight(b)-weight(a), -1), 1)) })
		f.PeopleCodes = f.PeopleCodes[:peopleMost]
		slices.Sort(f.PeopleCodes)
	}
	if n.people == Masked {
		n.pages = namesOf(f.PeopleCodes)
		return n
	}
	for _, code := range f.PeopleCodes {
		n.pages[code] = n.pseudonym(code) + ".html"
	}
	// The order of the codes must not show through that of the pseudonyms.
	slices.SortFunc(f.PeopleCodes, func(a, b string) int { return strings.Compare(n.pages[a], n.pages[b]) })
	return n
}

// pseudonym is a keyed one of the code, apart from those of certificate numbers.
func (n *namer) pseudonym(code string) string {
	if n.labels[code] == "" {
		mac := hmac.New(sha256.New, n.key)
		mac.Write([]byte("practitioner\x00" + code))
		n.labels[code] = hex.EncodeToString(mac.Sum(nil)[:8])
	}
	return n.labels[code]
}

// label is what a person is called, and what stands below it.
func (n *namer) label(code string) (name, sub string) {
	if code == "" {
		return "—", ""
	}
	switch n.people {
	case Masked:
		if p := n.known[code]; p != nil && p.Masked != "" {
			return p.Masked, code
		}
		return "（未登记）", code
	case Off:
		return "—", ""
	}
	s := n.pseudonym(code)
	return "人员 " + s[:4] + "-" + s[4:8] + "-" + s[8:12] + "-" + s[12:], ""
}

// cell names a person, with a link if there is a page.
func (n *namer) cell(code, up string) cell {
	name, sub := n.label(code)
	x := cell{text: name, sub: sub}
	if file := n.pages[code]; file != "" {
		x.href = up + "practitioner/" + file
	}
	return x
}
