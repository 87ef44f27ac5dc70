package sender_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

// deliverOverTheNetwork subscribes url, publishes one event through the guarded transport and returns how the first
// attempt went.
func deliverOverTheNetwork(t *testing.T, cfg sender.Config, url string) sender.Attempt {
	t.Helper()
	attempts := make(chan sender.Attempt, 10)
	cfg.Hooks.AttemptDone = func(_ context.Context, _ sender.Delivery, a sender.Attempt) { attempts <- a }
	s, err := sender.New(memstore.New(), cfg)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	defer func() {
		cancel()
		require.NoError(t, <-done)
	}()
	_, _, err = s.Org("acme").Subscribe(ctx, sender.Subscription{URL: url, Events: []string{"*"}})
	require.NoError(t, err)
	_, err = s.Org("acme").Publish(ctx, contactCreated(t))
	require.NoError(t, err)
	select {
	case a := <-attempts:
		return a
	case <-time.After(20 * time.Second):
		t.Fatal("no attempt was made")
		return sender.Attempt{}
	}
}

func TestGuardBlocksPrivateAddressesAtDialTime(t *testing.T) {
	var hits atomic.Int64
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) }))
	defer server.Close()
	// A name passes registration; what it resolves to is judged when it is dialled.
	a := deliverOverTheNetwork(t, sender.Config{}, "https://localhost/")
	require.Equal(t, sender.ClassBlocked, a.ErrorClass)
	require.Empty(t, a.Response)
	require.Zero(t, hits.Load())
}

func TestAllowPrivateLiftsTheGuard(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter,
		_ *http.Request) {
		w.WriteHeader(http.StatusNoContent)
	}))
	defer server.Close()
	a := deliverOverTheNetwork(t, sender.Config{AllowPrivate: loopback}, server.URL)
	require.Equal(t, 204, a.StatusCode)
}

// The same list decides at registration and, for what is stored by then, at each dial.
func TestAllowPorts(t *testing.T) {
	var hits atomic.Int64
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) }))
	defer server.Close()
	subscribed := func(url string, ports ...uint16) error {
		s, err := sender.New(memstore.New(), sender.Config{AllowPorts: ports})
		require.NoError(t, err)
		return subscribe(t, s.Org("acme"), sender.Subscription{URL: url, Events: []string{"*"}})
	}
	require.NoError(t, subscribed("https://example.com:8443/", 443, 8443))
	require.NoError(t, subscribed("https://example.com/", 443, 8443))
	for url, ports := range map[string][]uint16{
		"https://example.com:8443/": nil, "https://example.com:9443/": {443, 8443}, "https://example.com/": {8443},
		"http://example.com:8443/": {443, 8443}, "https://127.0.0.1:8443/": {443, 8443},
	} {
		require.ErrorIs(t, subscribed(url, ports...), sender.ErrForbiddenURL, url)
	}
	require.ErrorContains(t, subscribed("https://example.com:9443/", 443, 8443),
		"port 9443 is closed; only 443, 8443 may be used")

	// A port that is open opens no address.
	port := server.Listener.Addr().(*net.TCPAddr).Port
	a := deliverOverTheNetwork(t, sender.Config{AllowPorts: []uint16{uint16(port)}},
		fmt.Sprintf("https://localhost:%d/", port))
	require.Equal(t, sender.ClassBlocked, a.ErrorClass)
	require.Zero(t, hits.Load())
}

func TestRedirectsAreNeverFollowed(t *testing.T) {
	var hits atomic.Int64
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) }))
	defer elsewhere.Close()
	for _, code := range []int{300, 301, 302, 303, 305, 307, 308} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", elsewhere.URL)
			w.WriteHeader(code)
		}))
		a := deliverOverTheNetwork(t, sender.Config{AllowPrivate: loopback}, server.URL)
		server.Close()
		require.Equal(t, code, a.StatusCode)
	}
	require.Zero(t, hits.Load())
}

func TestHugeAnswerIsBounded(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		chunk := make([]byte, 64<<10)
		for r.Context().Err() == nil {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}))
	defer server.Close()
	a := deliverOverTheNetwork(t, sender.Config{AllowPrivate: loopback}, server.URL)
	require.Equal(t, 200, a.StatusCode, "the status decides")
	require.LessOrEqual(t, len(a.Response), 3<<10)
	require.Less(t, a.Duration, 5*time.Second)
}

// What is shown is what is dialled: there is one spelling of a URL, however it was typed and by whichever call it came.
func TestOneSpellingIsStored(t *testing.T) {
	const typed, stored = "HTTPS://EXAMPLE.com:443/Hook?A=%2f", "https://example.com/Hook?A=%2f"
	s, err := sender.New(memstore.New(), sender.Config{})
	require.NoError(t, err)
	org := s.Org("acme")
	made, _, err := org.Subscribe(t.Context(), sender.Subscription{URL: typed, Events: []string{"*"}})
	require.NoError(t, err)
	require.Equal(t, stored, made.URL)
	updated, err := org.Update(t.Context(), made.ID, func(s *sender.Subscription) { s.URL = typed })
	require.NoError(t, err, "another spelling is no other host")
	require.Equal(t, stored, updated.URL)
	moved, err := org.MoveWithSecret(t.Context(), made.ID, typed)
	require.NoError(t, err)
	require.Equal(t, stored, moved.URL)
	kept, err := org.Subscription(t.Context(), made.ID)
	require.NoError(t, err)
	require.Equal(t, stored, kept.URL)
}

// The prefixes of a translator say what an address stands for, when it is subscribed as when it is dialled.
func TestNAT64(t *testing.T) {
	s, err := sender.New(memstore.New(), sender.Config{NAT64: []netip.Prefix{netip.MustParsePrefix("2a00:1098:122:344::/96")}})
	require.NoError(t, err)
	for host, fine := range map[string]bool{
		"2a00:1098:122:344::1.1.1.1": true, "64:ff9b::1.1.1.1": true,
		"2a00:1098:122:344::169.254.169.254": false, "64:ff9b::169.254.169.254": false, "2a00:1098:122:344::10.0.0.1": false,
		"64:ff9b:1::1.1.1.1": false,
	} {
		err := subscribe(t, s.Org("acme"), sender.Subscription{URL: "https://[" + host + "]/", Events: []string{"*"}})
		require.Equal(t, !fine, errors.Is(err, sender.ErrForbiddenURL), "%s: %v", host, err)
	}
}
