package sender_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/testnet"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
	"github.com/kirimhooks/kirimhooks/signature"
)

// One test for each published fault of others that this package must not share, by the id under which it is known.

// Redirects carried the signed payload, with its signature, to where the answer said.
func TestAdvisory_CVE_2022_1285_and_GHSA_c4v7_xg93_qf8g(t *testing.T) {
	other := testnet.Serve(t, "127.0.1.2:0", testnet.KeepAlive(testnet.OK))
	for _, code := range []int{300, 301, 302, 303, 305, 307, 308} {
		server := testnet.Serve(t, "127.0.1.1:0", testnet.KeepAlive(
			fmt.Sprintf("HTTP/1.1 %d x\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n", code, other.URL("http"))))
		require.Equal(t, code, testers(t, 1, impatient(), server.URL("http"))[0]().StatusCode)
		require.Len(t, server.Requests(), 1)
	}
	require.Zero(t, other.Accepts())
}

// A webhook to the inside was sent, and what answered there was shown.
func TestAdvisory_CVE_2018_15192_and_CVE_2024_5526(t *testing.T) {
	inside := testnet.Serve(t, "127.0.2.1:0", testnet.KeepAlive("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\ninternal"))
	store := memstore.New()
	s, err := sender.New(store, impatient())
	require.NoError(t, err)
	org := s.Org("acme")
	require.ErrorIs(t, subscribe(t, org, sender.Subscription{URL: inside.URL("http"), Events: []string{"*"}}),
		sender.ErrForbiddenURL)

	// Should a record hold such a URL all the same, the dial is refused, and tells nobody what is there.
	for _, url := range []string{inside.URL("http"), inside.URL("https"),
		fmt.Sprintf("http://localhost:%d/", inside.Addr().Port()), "http://127.0.2.1:1/"} {
		sub, _, err := org.Subscribe(t.Context(),
			sender.Subscription{URL: "https://example.com/", Events: []string{"contact.created"}})
		require.NoError(t, err)
		records, err := store.Subscriptions(t.Context(), driver.SubscriptionQuery{Org: "acme", IDs: []string{sub.ID}})
		require.NoError(t, err)
		require.Len(t, records, 1)
		records[0].URL = url
		_, err = store.PutSubscription(t.Context(), records[0])
		require.NoError(t, err)
		a, err := org.Test(t.Context(), sub.ID, sender.TestRequest{})
		require.NoError(t, err)
		require.Equal(t, sender.ClassBlocked, a.ErrorClass, url)
		require.Empty(t, a.Response)
	}
	require.Zero(t, inside.Accepts())
}

// The URL was checked where it was changed and tested, and not where it was made.
func TestAdvisory_CVE_2026_34590(t *testing.T) {
	s, err := sender.New(memstore.New(), sender.Config{})
	require.NoError(t, err)
	org := s.Org("acme")
	sub, _, err := org.Subscribe(t.Context(), sender.Subscription{URL: "https://example.com/", Events: []string{"*"}})
	require.NoError(t, err)
	for _, url := range []string{
		"https://127.0.0.1/", "https://169.254.169.254/", "https://[::ffff:10.0.0.1]/", "https://0x7f.1/",
		"http://example.com/", "https://example.com:22/",
		"https://a@example.com/", `https://example.com\@127.0.0.1/`, "gopher://example.com/", "",
	} {
		require.ErrorIs(t, subscribe(t, org, sender.Subscription{URL: url, Events: []string{"*"}}), sender.ErrForbiddenURL,
			url)
		_, err = org.Update(t.Context(), sub.ID, func(s *sender.Subscription) { s.URL = url })
		require.ErrorIs(t, err, sender.ErrForbiddenURL, url)
		_, _, err = org.Move(t.Context(), sub.ID, url)
		require.ErrorIs(t, err, sender.ErrForbiddenURL, url)
		_, err = org.MoveWithSecret(t.Context(), sub.ID, url)
		require.ErrorIs(t, err, sender.ErrForbiddenURL, url)
	}
	still, err := org.Subscription(t.Context(), sub.ID)
	require.NoError(t, err)
	require.Equal(t, "https://example.com/", still.URL)
}

// A change of the URL sent the stored secret to another owner's host.
func TestAdvisory_CVE_2023_0838_and_CVE_2023_2620(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), sender.Config{})
		secret := signature.NewSecret(canarySecret)
		sub, _, err := r.org.Subscribe(t.Context(), sender.Subscription{URL: "https://example.com/a", Events: []string{"*"}},
			secret)
		require.NoError(t, err)
		for _, url := range []string{"https://example.org/a", "https://example.com.example.org/a",
			"https://example.com:8443/a", "http://example.com/a", "https://sub.example.com/a"} {
			_, err := r.org.Update(t.Context(), sub.ID, func(s *sender.Subscription) { s.URL = url })
			require.ErrorIs(t, err, sender.ErrHostChanged, url)
		}
		_, err = r.org.Update(t.Context(), sub.ID, func(s *sender.Subscription) { s.URL = "https://example.com/b?c" })
		require.NoError(t, err)
		_, fresh, err := r.org.Move(t.Context(), sub.ID, "https://example.org/a")
		require.NoError(t, err)
		require.False(t, fresh.IsZero())
		require.False(t, fresh.Equal(secret))
	})
}

// Whoever might read the deliveries read the tokens in their target URLs.
func TestAdvisory_CVE_2026_123504(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(404), sender.Config{})
		sub, _, err := r.org.Subscribe(t.Context(), guarded("https://example.com/"))
		require.NoError(t, err)
		ev := contactCreated(t)
		r.publish(t, ev)
		synctest.Wait()
		d := r.only(t)
		stored, err := r.org.Event(t.Context(), ev.ID)
		require.NoError(t, err)
		why, err := r.org.Explain(t.Context(), ev.ID)
		require.NoError(t, err)
		matches, err := r.org.Match(t.Context(), contactCreated(t))
		require.NoError(t, err)
		minutes, err := r.org.Minutes(t.Context(), sub.ID, time.Hour)
		require.NoError(t, err)
		requireHidden(t, fmt.Sprintf("%+v %+v %+v %+v %+v %+v", d, r.attempts(t, d.ID), stored, why, matches, minutes))
	})
}
