package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// node is a piece of a part's XML. What is not filled is written back byte for byte, so that nothing Word, WPS or
// LibreOffice put there is lost.
type node struct {
	name  string // of an element, as written ("w:p"); "" for everything else
	open  string // start tag, or the raw text of what is no element
	close string // end tag; "" for an empty element
	text  string // character data as read
	kids  []*node
}

const partDepthMax = 500

// parsePart reads a part. The decoder checks that it is well-formed; names keep their prefixes.
func parsePart(content []byte) (*node, error) {
	d := xml.NewDecoder(bytes.NewReader(content))
	d.CharsetReader = func(charset string, _ io.Reader) (io.Reader, error) {
		return nil, fmt.Errorf("it is written in %s, not UTF-8", charset)
	}
	root := &node{}
	stack := []*node{root}
	for {
		from := d.InputOffset()
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			if len(stack) > 1 {
				return nil, fmt.Errorf("%s is not closed", stack[len(stack)-1].name)
			}
			return root, nil
		}
		if err != nil {
			return nil, err
		}
		raw, top := string(content[from:d.InputOffset()]), stack[len(stack)-1]
		switch t := token.(type) {
		case xml.StartElement:
			if len(stack) > partDepthMax {
				return nil, errors.New("it is nested too deeply")
			}
			n := &node{name: written(t.Name), open: raw}
			top.kids = append(top.kids, n)
			stack = append(stack, n)
		case xml.EndElement:
			if len(stack) == 1 || top.name != written(t.Name) {
				return nil, fmt.Errorf("</%s> closes nothing", written(t.Name))
			}
			top.close = raw
			stack = stack[:len(stack)-1]
		case xml.CharData:
			top.kids = append(top.kids, &node{open: raw, text: string(t)})
		default:
			top.kids = append(top.kids, &node{open: raw})
		}
	}
}

func written(name xml.Name) string {
	if name.Space == "" {
		return name.Local
	}
	return name.Space + ":" + name.Local
}

func (n *node) render() []byte {
	var b bytes.Buffer
	n.write(&b)
	return b.Bytes()
}

func (n *node) write(b *bytes.Buffer) {
	b.WriteString(n.open)
	for _, k := range n.kids {
		k.write(b)
	}
	b.WriteString(n.close)
}

// ownID is an id that only one paragraph may have.
var ownID = regexp.MustCompile(` w14:(paraId|textId)="[^"]*"`)

// clone copies a paragraph or row for a repetition; what may be in a document only once stays with the first.
func (n *node) clone() *node {
	c := &node{name: n.name, open: ownID.ReplaceAllString(n.open, ""), close: n.close, text: n.text}
	for _, k := range n.kids {
		if k.name != "w:bookmarkStart" && k.name != "w:bookmarkEnd" {
			c.kids = append(c.kids, k.clone())
		}
	}
	return c
}

// has reports whether an element of one of the names is in n.
func (n *node) has(names ...string) bool {
	for _, k := range n.kids {
		for _, name := range names {
			if k.name == name {
				return true
			}
		}
		if k.has(names...) {
			return true
		}
	}
	return false
}

// texts are the text elements of a paragraph in reading order; those of paragraphs inside it (text boxes) and of text
// that was struck or moved away are not its own.
func (n *node) texts() (all []*node) {
	for _, k := range n.kids {
		switch k.name {
		case "w:t":
			all = append(all, k)
		case "w:p", "w:del", "w:moveFrom":
		default:
			all = append(all, k.texts()...)
		}
	}
	return all
}

// content is the text of a text element.
func (n *node) content() string {
	var b strings.Builder
	for _, k := range n.kids {
		b.WriteString(k.text)
	}
	return b.String()
}
