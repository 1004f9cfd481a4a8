package report

import (
	_ "embed"
	htmltemplate "html/template"
	"strings"
	texttemplate "text/template"
)

// Notice is what a mail says: the one sentence that matters first, then what needs a person, and where it all comes from;
// the month's mail has its figures in between. It holds no personal data; institutions, amounts and file names are all it may name.
type Notice struct {
	Subject, Title, Lead string
	Matters              []string    // what needs a person
	Todo                 []string    // what that person should do
	Facts                []NoticeRow // run, hash, where the files lie
	Centre               string
	Month                *monthBody // of the mail with the month's report, nil in all others
}

// NoticeRow is an amount or fact with its name.
type NoticeRow struct{ Label, Value string }

//go:embed notice.gotext
var noticeText string

//go:embed notice.gohtml
var noticePage string

// Rendered is a notice in the same words as plain text and as a page, with the pictures the page refers to.
type Rendered struct {
	Text, Page string
	Pictures   []Picture
}

// Render writes the notice.
func (n Notice) Render() (r Rendered, err error) {
	text, page := noticeText, noticePage
	if n.Month != nil {
		text, page, r.Pictures = monthMailText, monthMailPage, n.Month.Pictures
	}
	plain, err := texttemplate.New("text").Funcs(texttemplate.FuncMap{"left": padRight, "right": padLeft, "grouped": grouped}).Parse(text)
	if err != nil {
		return r, noticeFault(err)
	}
	rich, err := htmltemplate.New("page").Funcs(htmltemplate.FuncMap{"grouped": grouped, "cid": cid}).Parse(page)
	if err != nil {
		return r, noticeFault(err)
	}
	var t, p strings.Builder
	if err := plain.Execute(&t, n); err != nil {
		return r, noticeFault(err)
	}
	if err := rich.Execute(&p, n); err != nil {
		return r, noticeFault(err)
	}
	r.Text, r.Page = fold(t.String(), textColumns), p.String()
	return r, nil
}

// cid refers to a picture of the same mail; the template package knows no such scheme. Only our own IDs get here.
func cid(id string) htmltemplate.URL { return htmltemplate.URL("cid:" + id) }

func noticeFault(err error) error {
	return fail("write notice", "notice", "this is a fault of the program: report it", err)
}
