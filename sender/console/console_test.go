package console_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/console"
	"github.com/kirimhooks/kirimhooks/signature"
)

func TestNewRefuses(t *testing.T) {
	r := newRig(t)
	_, err := console.New(nil, console.Config{Org: acme})
	require.ErrorContains(t, err, "sender")
	for want, cfg := range map[string]console.Config{
		"Org":      {},
		"LinkKey":  {LinkKey: signature.NewSecret("short")},
		"Prefix":   {Org: acme, Prefix: "console"},
		"Language": {Org: acme, Language: "tlh"},
	} {
		_, err := console.New(r.sender, cfg)
		require.ErrorContains(t, err, want)
	}
}

func TestWhoIsLetIn(t *testing.T) {
	r := newRig(t)
	r.handler = mounted(t, r.sender, console.Config{Org: func(req *http.Request) (string, error) {
		if user, _, ok := req.BasicAuth(); ok {
			return user, nil
		}
		return "", errors.New("a secret of the host's")
	}})
	p := r.get("/logs").has(http.StatusForbidden, "No access")
	require.NotContains(t, p.Body.String(), "a secret of the host's")
	require.Empty(t, p.all("nav"))
	req := httptest.NewRequest("GET", "/logs", nil)
	req.SetBasicAuth("acme", "")
	r.load(r.handler, req).ok()
	req.SetBasicAuth("", "")
	r.load(r.handler, req).has(http.StatusForbidden)
}

func TestOtherPagesAndMethods(t *testing.T) {
	r := newRig(t)
	r.get("/nothing").has(404, "Not found")
	r.get("/logs/a/b/c").has(404)
	r.get("/%2e%2e/logs").has(404)
	r.load(r.handler, httptest.NewRequest("DELETE", "/logs", nil)).has(405)
	w := httptest.NewRecorder()
	r.handler.ServeHTTP(w, httptest.NewRequest("HEAD", "/logs", nil))
	require.Equal(t, 200, w.Code)
}

func TestAssets(t *testing.T) {
	r := newRig(t)
	p := r.get("/logs")
	for _, x := range [][3]string{
		{"link", "href", "text/css; charset=utf-8"}, {"script", "src", "text/javascript; charset=utf-8"},
	} {
		for _, n := range p.all(x[0]) {
			if attrOf(n, "rel") == "icon" {
				continue
			}
			to, err := p.url.Parse(attrOf(n, x[1]))
			require.NoError(t, err)
			a := r.get(to.RequestURI())
			require.Equal(t, 200, a.Code)
			require.Equal(t, x[2], a.Header().Get("Content-Type"))
			require.Contains(t, a.Header().Get("Cache-Control"), "immutable")
			to.RawQuery = ""
			require.Equal(t, "no-store", r.get(to.RequestURI()).Header().Get("Cache-Control"))
		}
	}
	r.get("/static/nothing.css").has(404)
	r.get("/static/..%2ftemplates%2flayout.html").has(404)
}

// A page is the same wherever it is mounted, since the way back to the root is relative.
func TestEveryMount(t *testing.T) {
	r := newRig(t)
	for name, x := range map[string]struct {
		cfg  console.Config
		wrap func(http.Handler) http.Handler
		at   string
	}{
		"root":              {at: "/"},
		"stripped":          {wrap: strip("/admin/hooks"), at: "/admin/hooks/"},
		"stripped to slash": {wrap: strip("/admin/hooks/"), at: "/admin/hooks/"},
		"prefix":            {cfg: console.Config{Prefix: "/admin/hooks"}, at: "/admin/hooks/"},
		"prefix with slash": {cfg: console.Config{Prefix: "/admin/hooks/"}, at: "/admin/hooks/"},
	} {
		t.Run(name, func(t *testing.T) {
			x.cfg.Org = acme
			h := mounted(t, r.sender, x.cfg)
			if x.wrap != nil {
				h = x.wrap(h)
			}
			visit := func(path string) *page { return r.load(h, httptest.NewRequest("GET", path, nil)) }
			for _, path := range []string{"", "logs", "logs?state=dead"} {
				p := visit(x.at + path).ok()
				require.Equal(t, x.at+"logs", p.link("Logs"), path)
				css, err := p.url.Parse(attrOf(p.all("link", "rel", "stylesheet")[0], "href"))
				require.NoError(t, err)
				require.Equal(t, 200, visit(css.RequestURI()).Code)
			}
			require.Equal(t, x.at+"logs", visit(x.at+"nothing/at/all").has(404).link("To the first page")+"logs")
			p := visit(x.at + "logs/?state=dead")
			require.Equal(t, http.StatusPermanentRedirect, p.Code)
			to, err := p.url.Parse(p.Header().Get("Location"))
			require.NoError(t, err)
			require.Equal(t, x.at+"logs?state=dead", to.RequestURI())
		})
	}
}

func strip(prefix string) func(http.Handler) http.Handler {
	return func(h http.Handler) http.Handler { return http.StripPrefix(prefix, h) }
}

func TestMountWithoutFinalSlash(t *testing.T) {
	r := newRig(t)
	for _, h := range []http.Handler{
		http.StripPrefix("/admin/hooks", r.handler),
		mounted(t, r.sender, console.Config{Org: acme, Prefix: "/admin/hooks"}),
	} {
		p := r.load(h, httptest.NewRequest("GET", "/admin/hooks?x=1", nil))
		require.Equal(t, http.StatusPermanentRedirect, p.Code)
		to, err := p.url.Parse(p.Header().Get("Location"))
		require.NoError(t, err)
		require.Equal(t, "/admin/hooks/?x=1", to.RequestURI())
		r.load(h, httptest.NewRequest("GET", to.RequestURI(), nil)).ok()
	}
}
