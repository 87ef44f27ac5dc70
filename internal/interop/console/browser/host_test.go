package browser_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/console"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
	"github.com/kirimhooks/kirimhooks/sender/sendertest"
)

// host is a program that mounts the console, and delivers.
type host struct {
	*testing.T
	org         *sender.Org
	base        string // of the console
	good, bad   *sendertest.Endpoint
	crm, broken sender.Subscription
}

// newHost starts one. Its endpoints are in this process; one of them answers well and the other never does.
func newHost(t *testing.T) *host {
	h := &host{T: t}
	h.good = sendertest.NewEndpoint(t, sendertest.Body(200, `{"ok":true}`))
	h.bad = sendertest.NewEndpoint(t, sendertest.Body(500, "<b>out of order</b>"))
	k := sender.Kirim()
	k.Schedule, k.Disable = sender.Waits{time.Hour}, func(sender.Health) bool { return false }
	s, err := sender.New(memstore.New(), sender.Config{
		Contracts: []sender.Contract{k, sender.Kirisan()},
		Transport: sendertest.Transport(t, h.good, h.bad),
		Logger:    slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	h.org = s.Org("acme")
	dashboard, err := console.New(s, console.Config{
		Org:     func(*http.Request) (string, error) { return "acme", nil },
		Changes: func(*http.Request) bool { return true },
		Title:   "Acme",
		Logger:  slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	mux := http.NewServeMux()
	mux.Handle("/admin/hooks/", http.StripPrefix("/admin/hooks", dashboard))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	h.base = server.URL + "/admin/hooks/"
	sendertest.Run(t, s)
	return h
}

// filled has two subscriptions, and deliveries that arrived, wait and died.
func (h *host) filled() *host {
	h.Helper()
	h.crm = h.subscribe(sender.Subscription{Name: "CRM", URL: h.good.URL, Events: []string{"contact.*"}})
	h.broken = h.subscribe(sender.Subscription{Name: "Broken", URL: h.bad.URL, Events: []string{"*"}})
	h.publish(3)
	h.settled()
	for _, err := range h.org.RetryAllNow(h.Context(), sender.DeliveryQuery{Limit: 2}) {
		require.NoError(h, err)
	}
	require.Eventually(h, func() bool { return h.count(sender.StateDead) == 2 }, 10*time.Second, time.Millisecond)
	return h
}

func (h *host) subscribe(sub sender.Subscription) sender.Subscription {
	h.Helper()
	made, _, err := h.org.Subscribe(h.Context(), sub)
	require.NoError(h, err)
	return made
}

func (h *host) publish(n int) {
	h.Helper()
	for range n {
		ev, err := kirim.NewEvent(kirim.ContactCreated, kirim.ContactData{})
		require.NoError(h, err)
		h.send(ev)
	}
}

func (h *host) send(ev envelope.Event) {
	h.Helper()
	_, err := h.org.Publish(h.Context(), ev)
	require.NoError(h, err)
}

// settled waits until each delivery has been tried.
func (h *host) settled() {
	h.Helper()
	require.Eventually(h, func() bool {
		for d, err := range h.org.Deliveries(context.Background(), sender.DeliveryQuery{}) {
			if err != nil || d.Attempt == 0 {
				return false
			}
		}
		return true
	}, 10*time.Second, time.Millisecond)
}

func (h *host) count(states ...sender.State) (n int) {
	h.Helper()
	for _, err := range h.org.Deliveries(h.Context(), sender.DeliveryQuery{States: states}) {
		require.NoError(h, err)
		n++
	}
	return n
}

func eventually(t *testing.T, done func() bool) {
	t.Helper()
	require.Eventually(t, done, 10*time.Second, time.Millisecond)
}
