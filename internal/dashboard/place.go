package dashboard

import (
	"net/http"
	"net/url"
	"path"
	"strings"
)

// Place is where a request points, below the path at which a dashboard is mounted.
type Place struct {
	Root  string   // the relative way back to the first page, "./" or "../../"
	Parts []string // of the path; none for the first page
}

// PlaceOf reads the path of a request. It is split before it is unescaped, as the browser does: an escaped slash is
// part of a name.
func PlaceOf(prefix string, r *http.Request) Place {
	at := r.URL.EscapedPath()
	if rest, ok := strings.CutPrefix(at, prefix); ok && (rest == "" || rest[0] == '/') {
		at = rest
	}
	at = strings.TrimPrefix(at, "/")
	up := strings.Count(at, "/")
	p := Place{Root: "./" + strings.Repeat("../", up)}
	if up > 0 {
		p.Root = p.Root[len("./"):]
	}
	if at == "" {
		return p
	}
	for part := range strings.SplitSeq(at, "/") {
		name, err := url.PathUnescape(part)
		if err != nil {
			name = part
		}
		p.Parts = append(p.Parts, name)
	}
	return p
}

// Elsewhere returns where a page really is, relative to the request: the first page has a final slash, others have
// none. It is "" for what is right as it is. Below links, if that is not "", are the first pages of links.
func (p Place) Elsewhere(r *http.Request, links string) string {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return ""
	}
	to, link := "", links != "" && len(p.Parts) > 0 && p.Parts[0] == links
	switch last := len(p.Parts) - 1; {
	case last < 0 && !strings.HasSuffix(browserPath(r), "/"):
		to = "./" + path.Base(browserPath(r)) + "/"
	case last == 1 && link && p.Parts[1] != "":
		to = "./" + url.PathEscape(p.Parts[last]) + "/"
	case last > 0 && p.Parts[last] == "" && !link, last > 2 && p.Parts[last] == "":
		to = "../" + url.PathEscape(p.Parts[last-1])
	default:
		return ""
	}
	if r.URL.RawQuery != "" {
		to += "?" + r.URL.RawQuery
	}
	return to
}

// browserPath is the path of a request before a router took something off.
func browserPath(r *http.Request) string {
	if u, err := url.ParseRequestURI(r.RequestURI); err == nil {
		return u.EscapedPath()
	}
	return r.URL.EscapedPath()
}

// Link returns the token of a link, and the place as if the console were mounted at the link's first page.
func (p Place) Link(links string) (token string, below Place) {
	const parts = 2
	if len(p.Parts) <= parts || p.Parts[0] != links {
		return "", p
	}
	token = p.Parts[1]
	p.Root = strings.TrimSuffix(p.Root, strings.Repeat("../", parts))
	if p.Root == "" {
		p.Root = "./"
	}
	if p.Parts = p.Parts[parts:]; len(p.Parts) == 1 && p.Parts[0] == "" {
		p.Parts = nil
	}
	return token, p
}

// Asset returns the name of a static file.
func (p Place) Asset() (string, bool) {
	if len(p.Parts) == 2 && p.Parts[0] == "static" {
		return p.Parts[1], true
	}
	return "", false
}
