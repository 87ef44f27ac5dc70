package console_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"
)

// page is an answer of the console, read as a browser reads it.
type page struct {
	*httptest.ResponseRecorder
	t    *testing.T
	url  *url.URL
	root *html.Node
}

// newPage reads an answer, and refuses what no page may have.
func newPage(t *testing.T, at *url.URL, w *httptest.ResponseRecorder) *page {
	t.Helper()
	p := &page{w, t, at, nil}
	if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
		return p
	}
	require.NoError(t, wellFormed(w.Body.String()), "%s", w.Body)
	require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
	require.Contains(t, w.Header().Get("Content-Security-Policy"),
		"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'")
	root, err := html.Parse(strings.NewReader(w.Body.String()))
	require.NoError(t, err)
	p.root = root
	ids := map[string]bool{}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		require.NotContains(t, []string{"style", "base", "iframe", "object", "embed", "math"}, n.Data)
		require.False(t, n.Data == "script" && n.FirstChild != nil, "an inline script")
		for _, a := range n.Attr {
			require.False(t, a.Key == "style" || strings.HasPrefix(a.Key, "on"), "%s of <%s>", a.Key, n.Data)
			if slices.Contains([]string{"href", "src", "action", "formaction"}, a.Key) {
				require.NotRegexp(t, `^(/|[a-z]+:)`, a.Val, "links are relative")
			}
			if a.Key == "id" {
				require.False(t, ids[a.Val], "id %s stands twice", a.Val)
				ids[a.Val] = true
			}
		}
	}
	return p
}

// wellFormed refuses tags that do not match and attributes that stand twice.
func wellFormed(text string) error {
	empty := []string{"meta", "link", "input", "br", "hr", "img", "path", "rect", "line"}
	var open []string
	z := html.NewTokenizer(strings.NewReader(text))
	for {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			if len(open) > 0 {
				return fmt.Errorf("not closed: %v", open)
			}
			return nil
		case html.StartTagToken, html.SelfClosingTagToken:
			token := z.Token()
			seen := map[string]bool{}
			for _, a := range token.Attr {
				if seen[a.Key] {
					return fmt.Errorf("<%s> has %s twice", token.Data, a.Key)
				}
				seen[a.Key] = true
			}
			if kind == html.StartTagToken && !slices.Contains(empty, token.Data) {
				open = append(open, token.Data)
			}
		case html.EndTagToken:
			name := z.Token().Data
			if len(open) == 0 || open[len(open)-1] != name {
				return fmt.Errorf("</%s> within %v", name, open)
			}
			open = open[:len(open)-1]
		}
	}
}

// ok requires that the page is one, with status 200.
func (p *page) ok() *page { return p.has(http.StatusOK) }

// has requires a status and texts.
func (p *page) has(status int, texts ...string) *page {
	p.t.Helper()
	require.Equal(p.t, status, p.Code, "%s: %s", p.url, p.Body)
	for _, text := range texts {
		require.Contains(p.t, p.text(), text)
	}
	return p
}

// text is what a reader sees, spaces joined.
func (p *page) text() string {
	var words []string
	for n := range p.root.Descendants() {
		if n.Type == html.TextNode {
			words = append(words, strings.Fields(n.Data)...)
		}
	}
	return strings.Join(words, " ")
}

// all finds elements by name and, if given, an attribute that they must have with a value.
func (p *page) all(name string, attr ...string) (found []*html.Node) {
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && n.Data == name && (len(attr) == 0 || attrOf(n, attr[0]) == attr[1]) {
			found = append(found, n)
		}
	}
	return found
}

func attrOf(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// link returns where the link with this text leads to.
func (p *page) link(text string) string {
	p.t.Helper()
	for _, a := range p.all("a") {
		if strings.TrimSpace(inner(a)) == text {
			to, err := p.url.Parse(attrOf(a, "href"))
			require.NoError(p.t, err)
			return to.RequestURI()
		}
	}
	require.FailNow(p.t, "no link", "%q in %s", text, p.text())
	return ""
}

func inner(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

// rows are the lines of the page's list.
func (p *page) rows() (rows []string) {
	for _, body := range p.all("tbody") {
		for row := range body.ChildNodes() {
			if row.Type == html.ElementNode {
				rows = append(rows, strings.Join(strings.Fields(inner(row)), " "))
			}
		}
	}
	return rows
}

// chosen is the value of a select.
func chosen(n *html.Node) string {
	first := ""
	for o := range n.Descendants() {
		if o.Type != html.ElementNode || o.Data != "option" {
			continue
		}
		value := inner(o)
		for _, a := range o.Attr {
			if a.Key == "value" {
				value = a.Val
			}
		}
		for _, a := range o.Attr {
			if a.Key == "selected" {
				return value
			}
		}
		if first == "" {
			first = value
		}
	}
	return first
}

// isChecked reports whether an input would be sent.
func isChecked(n *html.Node) bool {
	switch attrOf(n, "type") {
	case "checkbox", "radio":
		for _, a := range n.Attr {
			if a.Key == "checked" {
				return true
			}
		}
		return false
	}
	return true
}
