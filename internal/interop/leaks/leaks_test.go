package leaks_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
	"github.com/kirimhooks/kirimhooks/signature"
)

var quiet = slog.New(slog.DiscardHandler)

// A Sender delivers to a receiver of ours, to one that hangs and to one that is not there, and tests them. It is
// stopped in the middle of it.
func TestNothingIsLeft(t *testing.T) {
	before := goleak.IgnoreCurrent()
	secret := signature.GenerateSecret()
	handled := make(chan struct{}, 100)
	h, err := receiver.Handler(receiver.HandlerFunc(func(context.Context, *receiver.Event) error {
		handled <- struct{}{}
		return nil
	}), receiver.Config{Dialects: []receiver.Dialect{receiver.Kirim(signature.NewKeyring(secret))}, Logger: quiet})
	require.NoError(t, err)
	good := httptest.NewServer(h)
	hangs := make(chan struct{}, 100)
	hanging := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // else the server does not notice that the client is gone
		hangs <- struct{}{}
		<-r.Context().Done()
	}))
	gone := httptest.NewServer(nil)
	gone.Close()

	s, err := sender.New(memstore.New(), sender.Config{
		AllowPrivate:    []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		ShutdownTimeout: 10 * time.Millisecond,
		Logger:          quiet,
	})
	require.NoError(t, err)
	org := s.Org("acme")
	for _, url := range []string{good.URL, hanging.URL, gone.URL} {
		_, _, err := org.Subscribe(t.Context(), sender.Subscription{URL: url, Events: []string{"*"}}, secret)
		require.NoError(t, err)
	}
	for sub, err := range org.Subscriptions(t.Context(), sender.SubscriptionQuery{}) {
		require.NoError(t, err)
		if sub.URL != hanging.URL {
			_, err = org.Test(t.Context(), sub.ID, sender.TestRequest{})
			require.NoError(t, err)
		}
	}
	for range 2 { // and again, as after a restart
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- s.Run(ctx) }()
		for range 10 {
			ev, err := kirim.NewEvent(kirim.ContactCreated, kirim.ContactData{Contact: kirim.Contact{ID: "ctc_1"}})
			require.NoError(t, err)
			_, err = org.Publish(t.Context(), ev)
			require.NoError(t, err)
		}
		<-handled
		<-hangs
		cancel()
		require.NoError(t, <-ended)
	}
	// While the servers are there, net/http keeps connections to them, and a goroutine or two for each, for 90 s.
	good.Close()
	hanging.Close()
	goleak.VerifyNone(t, before)
}
