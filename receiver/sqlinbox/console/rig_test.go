package console_test

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox/console"
)

// rig is a console over an inbox in SQLite. Events of type "bad" fail, those of type "fatal" for good.
type rig struct {
	*testing.T
	inbox   *sqlinbox.Inbox
	handler http.Handler
	ran     chan struct{} // one for each run
	why     string        // what bad ones fail with
}

func allowed(*http.Request) bool { return true }

func newRig(t *testing.T) *rig {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "inbox.db")+
		"?_pragma=busy_timeout(100)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	require.NoError(t, err)
	t.Cleanup(func() { db.Close() })
	r := &rig{T: t, ran: make(chan struct{}, 1000), why: "the books are closed"}
	r.inbox, err = sqlinbox.New(db, sqlinbox.SQLite, receiver.HandlerFunc(r.handle), sqlinbox.Config{
		Key: func(ev *receiver.Event) string { return ev.Device }, Waits: []time.Duration{time.Hour},
		Logger: slog.New(slog.DiscardHandler),
		Hooks:  sqlinbox.Hooks{Ran: func(context.Context, *receiver.Event, sqlinbox.Outcome) { r.ran <- struct{}{} }},
	})
	require.NoError(t, err)
	require.NoError(t, r.inbox.Migrate(t.Context()))
	r.handler = r.mounted(console.Config{Changes: allowed})
	return r
}

func (r *rig) handle(_ context.Context, ev *receiver.Event) error {
	switch ev.Type {
	case "bad":
		return errors.New(r.why)
	case "fatal":
		return receiver.Permanent(errors.New(r.why))
	}
	return nil
}

func (r *rig) mounted(cfg console.Config) http.Handler {
	r.Helper()
	cfg.Logger = slog.New(slog.DiscardHandler)
	h, err := console.New(r.inbox, cfg)
	require.NoError(r, err)
	return h
}

// receive stores an event, whose lane is a device.
func (r *rig) receive(id, kind, lane string) {
	r.Helper()
	require.NoError(r, r.inbox.HandleEvent(r.Context(), &receiver.Event{
		Event: envelope.Event{
			ID: id, Source: envelope.Kirim, Type: kind, Device: lane, Body: []byte(`{"id":"` + id + `","n":1}`),
		},
		Key: "kirim:" + id, Dialect: "kirim", DeliveryID: "wbd_" + id, Attempt: 2, ReceivedAt: time.Now(),
	}))
}

// run handles until so many runs are over.
func (r *rig) run(runs int) {
	r.Helper()
	ctx, stop := context.WithCancel(r.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.inbox.Run(ctx) }()
	for range runs {
		<-r.ran
	}
	stop()
	require.NoError(r, <-ended)
	require.Empty(r, r.ran)
}

func (r *rig) counts() sqlinbox.Counts {
	r.Helper()
	c, err := r.inbox.Counts(r.Context())
	require.NoError(r, err)
	return c
}

// page is an answer of the console.
type page struct {
	*httptest.ResponseRecorder
	t   *testing.T
	url *url.URL
}

func (r *rig) get(path string) *page {
	r.Helper()
	return r.load(r.handler, httptest.NewRequest("GET", path, nil))
}

// post sends a form as a browser does, and returns what answers it, or where it leads to.
func (r *rig) post(path string, form url.Values) *page {
	r.Helper()
	req := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	p := r.load(r.handler, req)
	if p.Code != http.StatusSeeOther {
		return p
	}
	return r.get(p.to(p.Header().Get("Location")))
}

var (
	links  = regexp.MustCompile(`(?:href|src|action)="([^"]*)"`)
	quoted = regexp.MustCompile(`"[^"]*"`)
	inline = regexp.MustCompile(`(?i)<style|<script>|<[^>]*\s(?:style|on[a-z]+)=`)
)

// load refuses what no page may have.
func (r *rig) load(h http.Handler, req *http.Request) *page {
	r.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	p := &page{w, r.T, req.URL}
	if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
		return p
	}
	require.Equal(r, "no-store", w.Header().Get("Cache-Control"))
	require.Contains(r, w.Header().Get("Content-Security-Policy"), "default-src 'none'; script-src 'self'")
	require.NotRegexp(r, inline, quoted.ReplaceAllString(w.Body.String(), `""`))
	for _, link := range links.FindAllStringSubmatch(w.Body.String(), -1) {
		require.NotRegexp(r, `^(/|[a-z]+:)`, link[1], "links are relative")
	}
	return p
}

// has requires a status and texts of the source.
func (p *page) has(status int, texts ...string) *page {
	p.t.Helper()
	require.Equal(p.t, status, p.Code, "%s: %s", p.url, p.Body)
	for _, text := range texts {
		require.Contains(p.t, p.Body.String(), text)
	}
	return p
}

func (p *page) hasNot(texts ...string) *page {
	p.t.Helper()
	for _, text := range texts {
		require.NotContains(p.t, p.Body.String(), text)
	}
	return p
}

// to is where a link leads.
func (p *page) to(link string) string {
	p.t.Helper()
	u, err := p.url.Parse(strings.ReplaceAll(link, "&amp;", "&"))
	require.NoError(p.t, err)
	return u.RequestURI()
}

// link finds one by what it begins with, after the way to the root.
func (p *page) link(of string) string {
	p.t.Helper()
	found := regexp.MustCompile(`href="([^"]*` + of + `[^"]*)"`).FindStringSubmatch(p.Body.String())
	require.NotNil(p.t, found, "no link to %s", of)
	return p.to(found[1])
}

var boxes = regexp.MustCompile(`name="id" value="(\d+)"`)

// ids are what can be ticked.
func (p *page) ids() (ids []string) {
	for _, found := range boxes.FindAllStringSubmatch(p.Body.String(), -1) {
		ids = append(ids, found[1])
	}
	return ids
}

// only is the id of the one event of a state.
func (r *rig) only(s sqlinbox.State) string {
	r.Helper()
	list, err := r.inbox.List(r.Context(), sqlinbox.Query{State: s})
	require.NoError(r, err)
	require.Len(r, list, 1)
	return strconv.FormatInt(list[0].ID, 10)
}
