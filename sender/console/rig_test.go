package console_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/console"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
	"github.com/kirimhooks/kirimhooks/sender/sendertest"
)

// rig is a console over a Sender whose endpoints are in this process.
type rig struct {
	*testing.T
	sender  *sender.Sender
	org     *sender.Org
	handler http.Handler
}

func allowed(*http.Request) bool { return true }

func acme(*http.Request) (string, error) { return "acme", nil }

// newRig makes a console that may change everything, over the contracts of Kirim and Kirisan; nothing is
// retried, and no endpoint disabled.
func newRig(t *testing.T, endpoints ...*sendertest.Endpoint) *rig {
	k := sender.Kirim()
	k.Schedule, k.Disable = sender.Once, func(sender.Health) bool { return false }
	return rigOver(t, sender.Config{
		Contracts: []sender.Contract{k, sender.Kirisan()}, Transport: sendertest.Transport(t, endpoints...),
	})
}

func rigOver(t *testing.T, cfg sender.Config) *rig {
	cfg.Logger = slog.New(slog.DiscardHandler)
	s, err := sender.New(memstore.New(), cfg)
	require.NoError(t, err)
	return &rig{t, s, s.Org("acme"), mounted(t, s, console.Config{Org: acme, Changes: allowed})}
}

func mounted(t *testing.T, s *sender.Sender, cfg console.Config) http.Handler {
	cfg.Logger = slog.New(slog.DiscardHandler)
	h, err := console.New(s, cfg)
	require.NoError(t, err)
	return h
}

func (r *rig) subscribe(sub sender.Subscription) sender.Subscription {
	r.Helper()
	made, _, err := r.org.Subscribe(r.Context(), sub)
	require.NoError(r, err)
	return made
}

// publish publishes contact.created n times.
func (r *rig) publish(n int) (last string) {
	r.Helper()
	for range n {
		ev, err := kirim.NewEvent(kirim.ContactCreated, kirim.ContactData{})
		require.NoError(r, err)
		receipt, err := r.org.Publish(r.Context(), ev)
		require.NoError(r, err)
		last = receipt.EventID
	}
	return last
}

// run delivers until nothing is pending any more.
func (r *rig) run() {
	r.Helper()
	r.runUntil(func(d sender.Delivery) bool { return d.State != sender.StatePending })
}

// runUntil delivers until all deliveries are as they should be.
func (r *rig) runUntil(done func(sender.Delivery) bool) {
	r.Helper()
	ctx, stop := context.WithCancel(r.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.sender.Run(ctx) }()
	require.Eventually(r, func() bool {
		for d, err := range r.org.Deliveries(ctx, sender.DeliveryQuery{}) {
			if err != nil || !done(d) {
				return false
			}
		}
		return true
	}, 10*time.Second, time.Millisecond)
	stop()
	require.NoError(r, <-ended)
}

func (r *rig) only(q sender.DeliveryQuery) sender.Delivery {
	r.Helper()
	var list []sender.Delivery
	for d, err := range r.org.Deliveries(r.Context(), q) {
		require.NoError(r, err)
		list = append(list, d)
	}
	require.Len(r, list, 1)
	return list[0]
}

// get loads a page, which must be in order.
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
	to, err := req.URL.Parse(p.Header().Get("Location"))
	require.NoError(r, err)
	return r.get(to.RequestURI())
}

func (r *rig) load(h http.Handler, req *http.Request) *page {
	r.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	return newPage(r.T, req.URL, w)
}
