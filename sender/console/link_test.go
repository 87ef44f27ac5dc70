package console_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/console"
	"github.com/kirimhooks/kirimhooks/signature"
)

var linkKey = signature.NewSecret("0123456789abcdef0123456789abcdef")

// linked is a console below /hooks/ that only links lead into.
func (r *rig) linked() http.Handler {
	return http.StripPrefix("/hooks", mounted(r.T, r.sender, console.Config{LinkKey: linkKey, Title: "Acme"}))
}

func link(t *testing.T, g console.Grant) string {
	at, err := console.Link("https://app.example.com/hooks/", linkKey, g)
	require.NoError(t, err)
	path, ok := strings.CutPrefix(at, "https://app.example.com")
	require.True(t, ok)
	return path
}

func TestLinkShowsOneOrganisation(t *testing.T) {
	r := newRig(t)
	r.subscribe(sender.Subscription{Name: "CRM", URL: "https://example.com/", Events: []string{"*"}})
	r.publish(60)
	r.handler = r.linked()
	at := link(t, console.Grant{Org: "acme", Expires: time.Now().Add(time.Hour)})

	p := r.get(at).has(200, "Read-only", "This link ends in 59 min", "Overview")
	for _, section := range []string{"Webhooks", "Test", "Logs", "Events", "Dead letters", "Overview"} {
		p = r.get(p.link(section)).ok()
		require.True(t, strings.HasPrefix(p.url.Path, at), "%s: links lead on below the link", p.url)
		css, err := p.url.Parse(attrOf(p.all("link", "rel", "stylesheet")[0], "href"))
		require.NoError(t, err)
		require.Equal(t, 200, r.get(css.RequestURI()).Code)
	}
	p = r.get(p.link("Webhooks"))
	p = r.get(p.link("CRM")).ok()
	require.Empty(t, p.all("form"))
	r.post(p.url.Path+"/pause", nil).has(403)
	p = r.get(p.link("Show in logs"))
	require.Len(t, r.get(p.link("Older")).rows(), 10)

	p = r.get(strings.TrimSuffix(at, "/"))
	require.Equal(t, http.StatusPermanentRedirect, p.Code)
	to, err := p.url.Parse(p.Header().Get("Location"))
	require.NoError(t, err)
	require.Equal(t, at, to.Path)

	rival := link(t, console.Grant{Org: "rival", Expires: time.Now().Add(time.Hour), Changes: true})
	require.Empty(t, r.get(rival+"logs").ok().rows())
	sub := r.subscription()
	r.get(rival + "webhooks/" + sub.ID).has(404)
	r.post(rival+"webhooks/"+sub.ID+"/pause", nil).has(404)
}

func TestLinkThatAllowsChanges(t *testing.T) {
	r := newRig(t)
	sub := r.subscribe(sender.Subscription{Name: "CRM", URL: "https://example.com/", Events: []string{"*"}})
	r.handler = r.linked()
	at := link(t, console.Grant{Org: "acme", Expires: time.Now().Add(time.Hour), Changes: true})
	p := r.post(at+"webhooks/"+sub.ID+"/pause", nil).has(200, "Paused.")
	require.True(t, strings.HasPrefix(p.url.Path, at))
	req := httptest.NewRequest("POST", at+"webhooks/"+sub.ID+"/resume", nil)
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	r.load(r.handler, req).has(403, "Stopped")
}

func TestLinksThatLetNobodyIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.handler = r.linked()
		at := link(t, console.Grant{Org: "acme", Expires: time.Now().Add(time.Hour)})
		r.get(at).ok()
		token := strings.Split(at, "/")[3]
		for i := range token {
			other := "A"
			if token[i] == 'A' {
				other = "B"
			}
			r.get("/hooks/l/"+token[:i]+other+token[i+1:]+"/").has(403, "No access")
		}
		for _, path := range []string{
			"/hooks/", "/hooks/logs", "/hooks/l/", "/hooks/l//", "/hooks/l/x/",
			"/hooks/l/" + token + "A/", "/hooks/l/" + token[1:] + "/",
			"/hooks/l/" + strings.Repeat("A", 10_000) + "/", "/hooks/l/%00/", "/hooks/l/" + token[:20] + "/logs",
		} {
			p := r.get(path).has(403, "No access")
			require.Empty(t, p.all("nav"))
		}
		old, err := console.Link("https://app.example.com/hooks", signature.NewSecret(strings.Repeat("k", 32)),
			console.Grant{Org: "acme", Expires: time.Now().Add(time.Hour)})
		require.NoError(t, err)
		r.get(strings.TrimPrefix(old, "https://app.example.com")).has(403)

		time.Sleep(time.Hour - time.Second)
		r.get(at).ok()
		time.Sleep(time.Second)
		r.get(at+"logs").has(403, "your link has expired")

		r.handler = mounted(t, r.sender, console.Config{Org: acme})
		r.get("/l/" + token + "/").has(403)
	})
}

func TestLinkRefuses(t *testing.T) {
	soon := time.Now().Add(time.Hour)
	for want, x := range map[string]struct {
		base string
		key  signature.Secret
		g    console.Grant
	}{
		"base":    {"https://example.com/?x=1", linkKey, console.Grant{Org: "acme", Expires: soon}},
		"key":     {"https://example.com/", signature.NewSecret("short"), console.Grant{Org: "acme", Expires: soon}},
		"Org":     {"https://example.com/", linkKey, console.Grant{Expires: soon}},
		"Expires": {"https://example.com/", linkKey, console.Grant{Org: "acme"}},
	} {
		_, err := console.Link(x.base, x.key, x.g)
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), x.key.Reveal())
	}
}
