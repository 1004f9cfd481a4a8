package mailtest

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
	"testing"
)

// Parsed is a message as a mail program shows it.
type Parsed struct {
	Header      mail.Header
	Subject     string
	Text, HTML  string
	Attachments map[string][]byte
	Pictures    map[string][]byte // by Content-ID, without brackets
	Shape       string            // the kinds of the parts, each with those within it in brackets
}

// Parse reads a stored message with the standard library, which shares no code with what wrote it.
func Parse(t testing.TB, raw []byte) Parsed {
	t.Helper()
	p, err := parse(raw)
	if err != nil {
		t.Fatalf("the message cannot be read: %v", err)
	}
	return p
}

func parse(raw []byte) (p Parsed, err error) {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return p, err
	}
	p.Header, p.Attachments, p.Pictures = m.Header, map[string][]byte{}, map[string][]byte{}
	if p.Subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		return p, err
	}
	return p, p.part(textproto.MIMEHeader(m.Header), m.Body)
}

func (p *Parsed) part(header textproto.MIMEHeader, body io.Reader) error {
	kind, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		return err
	}
	p.Shape += " " + kind
	if boundary := params["boundary"]; boundary != "" {
		p.Shape += " ["
		parts := multipart.NewReader(body, boundary)
		for {
			part, err := parts.NextRawPart()
			if err == io.EOF {
				p.Shape += " ]"
				return nil
			}
			if err != nil {
				return err
			}
			if err := p.part(part.Header, part); err != nil {
				return err
			}
		}
	}
	switch header.Get("Content-Transfer-Encoding") {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	content, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	disposition, where, _ := mime.ParseMediaType(header.Get("Content-Disposition")) // absent in bodies
	switch {
	case disposition == "attachment":
		p.Attachments[where["filename"]] = content
	case disposition == "inline" && header.Get("Content-Id") != "":
		p.Pictures[strings.Trim(header.Get("Content-Id"), "<>")] = content
	case kind == "text/plain":
		p.Text = string(content)
	case kind == "text/html":
		p.HTML = string(content)
	default:
		return fmt.Errorf("unexpected part %s", kind)
	}
	return nil
}
