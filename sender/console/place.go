package console

import (
	"net/http"
	"net/url"
	"path"
	"strings"
)

// place is where a request points, below the path at which the console is mounted.
type place struct {
	root  string   // the relative way back to the first page, "./" or "../../"
	parts []string // of the path; none for the first page
}

// placeOf reads the path of a request. It is split before it is unescaped, as the browser does: an escaped slash is
// part of a name.
func placeOf(prefix string, r *http.Request) place {
	at := r.URL.EscapedPath()
	if rest, ok := strings.CutPrefix(at, prefix); ok && (rest == "" || rest[0] == '/') {
		at = rest
	}
	at = strings.TrimPrefix(at, "/")
	up := strings.Count(at, "/")
	p := place{root: "./" + strings.Repeat("../", up)}
	if up > 0 {
		p.root = p.root[len("./"):]
	}
	if at == "" {
		return p
	}
	for part := range strings.SplitSeq(at, "/") {
		name, err := url.PathUnescape(part)
		if err != nil {
			name = part
		}
		p.parts = append(p.parts, name)
	}
	return p
}

// elsewhere returns where a page really is, relative to the request: the first page has a final slash, others have
// none. It is "" for what is right as it is.
func (p place) elsewhere(r *http.Request) string {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return ""
	}
	to := ""
	switch last := len(p.parts) - 1; {
	case last < 0 && !strings.HasSuffix(browserPath(r), "/"):
		to = "./" + path.Base(browserPath(r)) + "/"
	case last == 1 && p.parts[0] == linkRoot && p.parts[1] != "":
		to = "./" + url.PathEscape(p.parts[last]) + "/"
	case last > 0 && p.parts[last] == "" && p.parts[0] != linkRoot, last > 2 && p.parts[last] == "":
		to = "../" + url.PathEscape(p.parts[last-1])
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

// link returns the token of a link, and the place as if the console were mounted at the link's first page.
func (p place) link() (token string, below place) {
	const parts = 2
	if len(p.parts) <= parts || p.parts[0] != linkRoot {
		return "", p
	}
	token = p.parts[1]
	p.root = strings.TrimSuffix(p.root, strings.Repeat("../", parts))
	if p.root == "" {
		p.root = "./"
	}
	if p.parts = p.parts[parts:]; len(p.parts) == 1 && p.parts[0] == "" {
		p.parts = nil
	}
	return token, p
}

// asset returns the name of a static file.
func (p place) asset() (string, bool) {
	if len(p.parts) == 2 && p.parts[0] == "static" {
		return p.parts[1], true
	}
	return "", false
}
