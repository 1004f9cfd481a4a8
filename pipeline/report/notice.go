package report

import (
	_ "embed"
	htmltemplate "html/template"
	"strings"
	texttemplate "text/template"
)

// Notice is what a mail says: the one sentence that matters first, then the figures, what needs a person, and where it
// all comes from. It holds no personal data; institutions, amounts and file names are all it may name.
type Notice struct {
	Subject, Title, Lead string
	Rows                 []NoticeRow // figures
	Matters              []string    // what needs a person
	Todo                 []string    // what that person should do
	Facts                []NoticeRow // run, hash, where the files lie
	Centre               string
}

// NoticeRow is a figure or fact with its name.
type NoticeRow struct{ Label, Value string }

//go:embed notice.gotext
var noticeText string

//go:embed notice.gohtml
var noticePage string

// Render writes the notice twice, as plain text and as a page, in the same words.
func (n Notice) Render() (text, page string, err error) {
	plain, err := texttemplate.New("text").Parse(noticeText)
	if err != nil {
		return "", "", noticeFault(err)
	}
	rich, err := htmltemplate.New("page").Parse(noticePage)
	if err != nil {
		return "", "", noticeFault(err)
	}
	var t, p strings.Builder
	if err := plain.Execute(&t, n); err != nil {
		return "", "", noticeFault(err)
	}
	if err := rich.Execute(&p, n); err != nil {
		return "", "", noticeFault(err)
	}
	return t.String(), p.String(), nil
}

func noticeFault(err error) error {
	return fail("write notice", "notice", "this is a fault of the program: report it", err)
}
