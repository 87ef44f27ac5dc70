package console_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox/console"
)

func TestNewRefuses(t *testing.T) {
	r := newRig(t)
	_, err := console.New(nil, console.Config{})
	require.ErrorContains(t, err, "inbox")
	for want, cfg := range map[string]console.Config{"Prefix": {Prefix: "inbox"}, "Language": {Language: "tlh"}} {
		_, err := console.New(r.inbox, cfg)
		require.ErrorContains(t, err, want)
	}
}

func TestOtherPagesAndMethods(t *testing.T) {
	r := newRig(t)
	for _, path := range []string{"/nothing", "/events/1", "/events/x", "/events/1/body", "/static/nothing.css", "/l/x/y"} {
		r.get(path).has(404, "Not found")
	}
	r.get("/events?before=x").has(400)
	r.load(r.handler, httptest.NewRequest("DELETE", "/events", nil)).has(405)
	r.load(r.handler, httptest.NewRequest("HEAD", "/events", nil)).has(200)
}

func TestReadOnly(t *testing.T) {
	r := newRig(t)
	r.receive("1", "fatal", "")
	r.run(1)
	id := r.only(sqlinbox.Dead)
	r.handler = r.mounted(console.Config{})
	for _, path := range []string{"/dead", "/events/" + id} {
		r.get(path).has(200, "Read-only").hasNot(`method="post"`)
	}
	r.post("/events/"+id, url.Values{"do": {"replay"}}).has(403, "Read-only")
	r.post("/events", url.Values{"do": {"replay"}, "id": {id}}).has(403, "Read-only")
	require.Equal(t, sqlinbox.Counts{Dead: 1}, r.counts())
}

func TestOtherSitesAreRefused(t *testing.T) {
	r := newRig(t)
	r.receive("1", "fatal", "")
	r.run(1)
	id := r.only(sqlinbox.Dead)
	for name, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"} {
		for _, path := range []string{"/events/" + id, "/events"} {
			form := url.Values{"do": {"replay"}, "id": {id}}
			req := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Header.Set(name, value)
			r.load(r.handler, req).has(403, "another site")
		}
	}
	require.Equal(t, sqlinbox.Counts{Dead: 1}, r.counts())
}

// A page is the same wherever it is mounted, since the way back to the root is relative.
func TestEveryMount(t *testing.T) {
	r := newRig(t)
	for name, x := range map[string]struct{ prefix, strip, at string }{
		"root":              {at: "/"},
		"stripped":          {strip: "/admin/inbox", at: "/admin/inbox/"},
		"stripped to slash": {strip: "/admin/inbox/", at: "/admin/inbox/"},
		"prefix":            {prefix: "/admin/inbox", at: "/admin/inbox/"},
		"prefix with slash": {prefix: "/admin/inbox/", at: "/admin/inbox/"},
	} {
		t.Run(name, func(t *testing.T) {
			h := http.StripPrefix(x.strip, r.mounted(console.Config{Prefix: x.prefix}))
			visit := func(path string) *page { return r.load(h, httptest.NewRequest("GET", path, nil)) }
			for _, path := range []string{"", "events", "blocked", "dead?lane=x", "events/1"} {
				p := visit(x.at + path)
				require.Equal(t, x.at+"blocked", p.link("blocked"), path)
				require.Equal(t, "text/css; charset=utf-8", visit(p.link("console.css")).has(200).Header().Get("Content-Type"))
			}
			p := visit(x.at + "dead/?lane=x")
			require.Equal(t, http.StatusPermanentRedirect, p.Code)
			require.Equal(t, x.at+"dead?lane=x", p.to(p.Header().Get("Location")))
		})
	}
}

func TestMountWithoutFinalSlash(t *testing.T) {
	r := newRig(t)
	for _, h := range []http.Handler{
		http.StripPrefix("/admin/inbox", r.handler), r.mounted(console.Config{Prefix: "/admin/inbox"}),
	} {
		p := r.load(h, httptest.NewRequest("GET", "/admin/inbox?x=1", nil))
		require.Equal(t, http.StatusPermanentRedirect, p.Code)
		require.Equal(t, "/admin/inbox/?x=1", p.to(p.Header().Get("Location")))
	}
}

func TestLanguages(t *testing.T) {
	r := newRig(t)
	for wish, want := range map[string]string{"": "en", "id-ID,id;q=0.9": "id", "de, en;q=0.5": "en"} {
		req := httptest.NewRequest("GET", "/blocked", nil)
		req.Header.Set("Accept-Language", wish)
		p := r.load(r.handler, req).has(200, `<html lang="`+want+`">`)
		require.Equal(t, want, p.Header().Get("Content-Language"))
	}
	r.handler = r.mounted(console.Config{Language: "id", Title: "Kotak"})
	r.get("/blocked").has(200, "Tidak ada jalur yang terhenti.", "Kotak")
}
