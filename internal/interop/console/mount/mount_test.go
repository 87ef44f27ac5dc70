// Package mount_test mounts the console in the routers that people use, and walks through it as a browser does.
package mount_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/console"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
	"github.com/kirimhooks/kirimhooks/sender/sendertest"
)

const prefix = "/admin/hooks"

// ways are how hosts mount the console below prefix.
var ways = map[string]struct {
	keeps bool // the router leaves the prefix on, so that Config.Prefix takes it off
	mount func(h http.Handler) http.Handler
}{
	"net/http": {mount: func(h http.Handler) http.Handler {
		mux := http.NewServeMux()
		mux.Handle(prefix+"/", http.StripPrefix(prefix, h))
		return mux
	}},
	"net/http, slash stripped": {mount: func(h http.Handler) http.Handler {
		mux := http.NewServeMux()
		mux.Handle(prefix+"/", http.StripPrefix(prefix+"/", h))
		return mux
	}},
	"net/http, both paths": {mount: func(h http.Handler) http.Handler {
		mux := http.NewServeMux()
		mux.Handle(prefix, http.StripPrefix(prefix, h))
		mux.Handle(prefix+"/", http.StripPrefix(prefix, h))
		return mux
	}},
	"net/http, prefix": {keeps: true, mount: func(h http.Handler) http.Handler {
		mux := http.NewServeMux()
		mux.Handle(prefix+"/", h)
		return mux
	}},
	"chi, Mount": {keeps: true, mount: func(h http.Handler) http.Handler {
		r := chi.NewRouter()
		r.Mount(prefix, h)
		return r
	}},
	"chi, Mount below Route, stripped": {mount: func(h http.Handler) http.Handler {
		r := chi.NewRouter()
		r.Route("/admin", func(r chi.Router) { r.Mount("/hooks", http.StripPrefix(prefix, h)) })
		return r
	}},
	"chi, Handle": {mount: func(h http.Handler) http.Handler {
		r := chi.NewRouter()
		r.Handle(prefix, http.StripPrefix(prefix, h))
		r.Handle(prefix+"/*", http.StripPrefix(prefix, h))
		return r
	}},
	"gin": {keeps: true, mount: func(h http.Handler) http.Handler {
		r := gin.New()
		r.Any(prefix+"/*path", gin.WrapH(h))
		return r
	}},
	"gin, group, stripped": {mount: func(h http.Handler) http.Handler {
		r := gin.New()
		r.Group("/admin").Any("/hooks/*path", gin.WrapH(http.StripPrefix(prefix, h)))
		return r
	}},
	"echo": {keeps: true, mount: func(h http.Handler) http.Handler {
		e := echo.New()
		e.Any(prefix, echo.WrapHandler(h))
		e.Any(prefix+"/*", echo.WrapHandler(h))
		return e
	}},
	"echo, group, stripped": {mount: func(h http.Handler) http.Handler {
		e := echo.New()
		e.Group("/admin").Any("/hooks*", echo.WrapHandler(http.StripPrefix(prefix, h)))
		return e
	}},
}

func TestEveryRouter(t *testing.T) {
	gin.SetMode(gin.ReleaseMode)
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			endpoint := sendertest.NewEndpoint(t, sendertest.Status(200))
			s, err := sender.New(memstore.New(), sender.Config{Transport: sendertest.Transport(t, endpoint)})
			require.NoError(t, err)
			sub, _, err := s.Org("acme").Subscribe(t.Context(), sender.Subscription{
				Name: "CRM", URL: endpoint.URL, Events: []string{"*"},
			})
			require.NoError(t, err)
			cfg := console.Config{
				Org:     func(*http.Request) (string, error) { return "acme", nil },
				Changes: func(*http.Request) bool { return true },
				Logger:  slog.New(slog.DiscardHandler),
			}
			if way.keeps {
				cfg.Prefix = prefix
			}
			h, err := console.New(s, cfg)
			require.NoError(t, err)
			server := httptest.NewServer(way.mount(h))
			t.Cleanup(server.Close)
			b := &browser{t, server.URL}
			walk(b, sub.ID)
		})
	}
}

// walk goes through the console from its first page.
func walk(b *browser, subscription string) {
	first := b.open(prefix + "/")
	require.Equal(b, prefix+"/", b.open(prefix).url.Path, "without its final slash")
	for _, section := range []string{"webhooks", "test", "logs", "events", "dead"} {
		p := b.follow(first, section)
		require.Equal(b, prefix+"/"+section, p.url.Path)
		require.Equal(b, p.url.Path, b.open(p.url.Path+"/").url.Path, "with a final slash")
		require.Equal(b, prefix+"/", b.follow(p, "./").url.Path, "the way back")
	}
	for _, asset := range []string{"console.css", "console.js", "icon.svg"} {
		require.NotEmpty(b, b.follow(first, "static/"+asset).text)
	}
	hook := b.follow(b.open(prefix+"/webhooks"), "webhooks/"+subscription)
	p := b.post(hook, "webhooks/"+subscription+"/pause")
	require.Equal(b, prefix+"/webhooks/"+subscription, p.url.Path)
	require.Contains(b, p.text, "Paused.")
	missing := b.get(prefix+"/nothing/here", 404)
	require.Equal(b, prefix+"/", b.follow(missing, "../").url.Path)
}

// browser follows redirects and relative links, and minds what is not right.
type browser struct {
	*testing.T
	server string
}

type page struct {
	url  *url.URL
	text string
}

func (b *browser) open(path string) page {
	b.Helper()
	return b.get(path, 200)
}

func (b *browser) get(path string, want int) page {
	b.Helper()
	return b.read(want)(http.Get(b.server + path))
}

func (b *browser) read(want int) func(*http.Response, error) page {
	b.Helper()
	return func(r *http.Response, err error) page {
		b.Helper()
		require.NoError(b, err)
		defer func() { require.NoError(b, r.Body.Close()) }()
		text, err := io.ReadAll(r.Body)
		require.NoError(b, err)
		require.Equal(b, want, r.StatusCode, "%s: %s", r.Request.URL, text)
		return page{r.Request.URL, string(text)}
	}
}

var attribute = regexp.MustCompile(`(?:href|src|action)="([^"]*)"`)

// link finds the relative link of a page that leads to a place below the console.
func (b *browser) link(p page, to string) string {
	b.Helper()
	for _, found := range attribute.FindAllStringSubmatch(p.text, -1) {
		plain, _, _ := strings.Cut(found[1], "?")
		if strings.TrimLeft(plain, "./") == strings.TrimLeft(to, "./") {
			at, err := p.url.Parse(found[1])
			require.NoError(b, err)
			return at.String()
		}
	}
	require.FailNow(b, "no link", "%s in %s", to, p.url)
	return ""
}

func (b *browser) follow(p page, to string) page {
	b.Helper()
	return b.read(200)(http.Get(b.link(p, to)))
}

func (b *browser) post(p page, to string) page {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), "POST", b.link(p, to), nil)
	require.NoError(b, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", b.server)
	return b.read(200)(http.DefaultClient.Do(req))
}
