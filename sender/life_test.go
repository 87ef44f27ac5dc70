package sender_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/signature"
)

func TestUpdate(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), sender.Config{})
		sub, _ := r.subscribe(t, "https://example.com/a", "contact.*")
		updated, err := r.org.Update(t.Context(), sub.ID, func(s *sender.Subscription) {
			s.URL, s.Events, s.Description = "https://example.com/b", []string{"message.*"}, "moved"
			s.ID, s.Org, s.Status, s.Contract = "x", "y", sender.StatusDisabled, "kirisan"
		})
		require.NoError(t, err)
		want := sub
		want.URL, want.Events, want.Description = "https://example.com/b", []string{"message.*"}, "moved"
		require.Equal(t, want, updated, "the library's own fields stay")
		require.Zero(t, r.publish(t, contactCreated(t)).Deliveries)

		_, err = r.org.Update(t.Context(), sub.ID, func(s *sender.Subscription) { s.Events = nil })
		require.ErrorIs(t, err, sender.ErrInvalid)
		_, err = r.org.Update(t.Context(), "wbs_unknown", func(*sender.Subscription) {})
		require.ErrorIs(t, err, sender.ErrNotFound)
	})
}

// A new host would learn the secret of the old one, so that its owner has to say what becomes of it.
func TestChangeOfHost(t *testing.T) {
	for _, url := range []string{"https://other.example.com/a", "http://example.com/a", "https://example.com:8443/a"} {
		bubble(t, func(t *testing.T) {
			r := newRig(t, statuses(200), sender.Config{})
			sub, secret := r.subscribe(t, "https://example.com/a", "*")
			_, err := r.org.Update(t.Context(), sub.ID, func(s *sender.Subscription) { s.URL = url })
			require.ErrorIs(t, err, sender.ErrHostChanged)

			moved, fresh, err := r.org.Move(t.Context(), sub.ID, url)
			require.NoError(t, err)
			require.Equal(t, url, moved.URL)
			require.NotEqual(t, secret, fresh.Reveal())
			r.publish(t, contactCreated(t))
			synctest.Wait()
			got := r.far.requests()[0]
			require.NotContains(t, signedBy(t, got, secret, fresh.Reveal()), secret)

			_, err = r.org.MoveWithSecret(t.Context(), sub.ID, "https://third.example.com/")
			require.NoError(t, err)
			r.publish(t, contactCreated(t))
			synctest.Wait()
			require.Equal(t, []string{fresh.Reveal()}, signedBy(t, r.far.requests()[1], secret, fresh.Reveal()))
		})
	}
}

// signedBy returns those of the secrets under which the request verifies.
func signedBy(t *testing.T, got received, secrets ...string) (by []string) {
	t.Helper()
	for _, s := range secrets {
		if _, err := signature.VerifyKirim(got.header.Get("X-Kirim-Signature"), got.body, got.at, 0,
			signature.NewSecret(s)); err == nil {
			by = append(by, s)
		}
	}
	return by
}

func TestRotation(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), sender.Config{})
		sub, first := r.subscribe(t, "https://example.com/", "*")
		second, err := r.org.RotateSecret(t.Context(), sub.ID, sender.Rotation{Overlap: time.Hour})
		require.NoError(t, err)
		send := func() []string {
			r.publish(t, contactCreated(t))
			synctest.Wait()
			got := r.far.requests()
			return signedBy(t, got[len(got)-1], first, second.Reveal())
		}
		require.Equal(t, []string{first, second.Reveal()}, send(), "both sign during the overlap")
		shown, err := r.org.Subscription(t.Context(), sub.ID)
		require.NoError(t, err)
		require.Len(t, shown.Secrets, 2)
		require.True(t, shown.Secrets[0].ExpiresAt.IsZero())
		require.Equal(t, time.Now().Add(time.Hour), shown.Secrets[1].ExpiresAt)

		time.Sleep(time.Hour - time.Nanosecond)
		require.Len(t, send(), 2)
		time.Sleep(time.Nanosecond)
		require.Equal(t, []string{second.Reveal()}, send(), "an expired secret never signs")
	})
}

func TestRotationWithOwnSecretAndNoOverlap(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), sender.Config{})
		sub, first := r.subscribe(t, "https://example.com/", "*")
		own := signature.NewSecret("whsec_of-the-host-itself")
		fresh, err := r.org.RotateSecret(t.Context(), sub.ID, sender.Rotation{Secret: own})
		require.NoError(t, err)
		require.True(t, fresh.Equal(own))
		r.publish(t, contactCreated(t))
		synctest.Wait()
		require.Equal(t, []string{own.Reveal()}, signedBy(t, r.far.requests()[0], first, own.Reveal()))

		_, err = r.org.RotateSecret(t.Context(), sub.ID, sender.Rotation{Secret: signature.NewSecret("short")})
		require.ErrorIs(t, err, sender.ErrInvalid)
		require.NotContains(t, err.Error(), "short\"")
		_, err = r.org.RotateSecret(t.Context(), sub.ID, sender.Rotation{Overlap: -1})
		require.ErrorIs(t, err, sender.ErrInvalid)
		for range 14 {
			_, err = r.org.RotateSecret(t.Context(), sub.ID, sender.Rotation{Overlap: time.Hour})
			require.NoError(t, err)
		}
		_, err = r.org.RotateSecret(t.Context(), sub.ID, sender.Rotation{Overlap: time.Hour})
		require.ErrorIs(t, err, sender.ErrInvalid, "15 fit a signature header")
	})
}

// Events of a paused subscription are held, and resume delivers them.
func TestPauseHoldsAndResumeDelivers(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), sender.Config{})
		sub, _ := r.subscribe(t, "https://example.com/", "*")
		require.NoError(t, r.org.Pause(t.Context(), sub.ID))
		require.Equal(t, sender.StatusPaused, r.status(t, sub.ID))
		for range 200 {
			require.Equal(t, 1, r.publish(t, contactCreated(t)).Deliveries)
		}
		time.Sleep(time.Hour)
		require.Empty(t, r.far.requests())
		require.Len(t, r.deliveries(t, sender.DeliveryQuery{States: []sender.State{sender.StateHeld}}), 200)

		require.NoError(t, r.org.Resume(t.Context(), sub.ID))
		synctest.Wait()
		require.Len(t, r.far.requests(), 200)
	})
}

func TestUnsubscribeCancels(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(500), sender.Config{})
		sub, _ := r.subscribe(t, "https://example.com/", "*")
		r.publish(t, contactCreated(t))
		synctest.Wait()
		require.NoError(t, r.org.Unsubscribe(t.Context(), sub.ID))
		time.Sleep(72 * time.Hour)
		require.Len(t, r.far.requests(), 1, "no attempt starts after it")
		require.Equal(t, sender.StateCancelled, r.only(t).State)
		require.ErrorIs(t, r.org.Unsubscribe(t.Context(), sub.ID), sender.ErrNotFound)
	})
}

// 24 dead deliveries in a row disable; there is one notice, and a resume starts anew.
func TestAutoDisable(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var notices []sender.Subscription
		answer := http.StatusGone
		r := newRig(t, &farEnd{answer: func(int, *http.Request) (*http.Response, error) { return reply(answer), nil }},
			sender.Config{
				Hooks: sender.Hooks{Disabled: func(_ context.Context, s sender.Subscription) { notices = append(notices, s) }},
			})
		sub, _ := r.subscribe(t, "https://example.com/", "*")
		dead := func(n int) {
			for range n {
				r.publish(t, contactCreated(t))
				synctest.Wait()
			}
		}
		dead(23)
		answer = 200
		dead(1) // a success zeroes the row
		answer = 404
		dead(23)
		_, err := r.org.Test(t.Context(), sub.ID, sender.TestRequest{})
		require.NoError(t, err)
		for d := range r.org.Deliveries(t.Context(),
			sender.DeliveryQuery{States: []sender.State{sender.StateDead}, Limit: 3}) {
			_, err := r.org.Replay(t.Context(), d.ID)
			require.NoError(t, err)
		}
		synctest.Wait()
		require.Equal(t, sender.StatusActive, r.status(t, sub.ID), "tests and replays never count")
		require.Empty(t, notices)

		dead(1)
		require.Equal(t, sender.StatusDisabled, r.status(t, sub.ID))
		require.Len(t, notices, 1)
		require.Equal(t, "keeps failing: status 404", notices[0].StatusReason)
		dead(3)
		require.Len(t, r.deliveries(t, sender.DeliveryQuery{States: []sender.State{sender.StateHeld}}), 3,
			"held while disabled")

		answer = 200
		require.NoError(t, r.org.Resume(t.Context(), sub.ID))
		synctest.Wait()
		require.Empty(t, r.deliveries(t, sender.DeliveryQuery{States: []sender.State{sender.StateHeld}}))
		answer = 404
		dead(23)
		require.Equal(t, sender.StatusActive, r.status(t, sub.ID), "health starts anew")
		dead(1)
		require.Equal(t, sender.StatusDisabled, r.status(t, sub.ID))
		require.Len(t, notices, 2)
	})
}

func TestSubscribeRefuses(t *testing.T) {
	tests := []struct {
		name string
		edit func(*sender.Subscription)
		is   error
		want string
	}{
		{"no URL", func(s *sender.Subscription) { s.URL = "" }, sender.ErrForbiddenURL, "URL"},
		{"http", func(s *sender.Subscription) { s.URL = "http://example.com/" }, sender.ErrForbiddenURL, "https"},
		{"userinfo", func(s *sender.Subscription) { s.URL = "https://user:hunter2@example.com/" }, sender.ErrForbiddenURL,
			"URL"},
		{"loopback", func(s *sender.Subscription) { s.URL = "https://127.0.0.1/" }, sender.ErrForbiddenURL, "URL"},
		{"metadata service", func(s *sender.Subscription) { s.URL = "https://169.254.169.254/latest" },
			sender.ErrForbiddenURL, "URL"},
		{"odd port", func(s *sender.Subscription) { s.URL = "https://example.com:6379/" }, sender.ErrForbiddenURL, "port"},
		{"fragment", func(s *sender.Subscription) { s.URL = "https://example.com/#x" }, sender.ErrForbiddenURL, "fragment"},
		{"no events", func(s *sender.Subscription) { s.Events = nil }, sender.ErrInvalid, "Events"},
		{"51 events", func(s *sender.Subscription) { s.Events = make([]string, 51) }, sender.ErrInvalid, "Events"},
		{"star in the middle", func(s *sender.Subscription) { s.Events = []string{"contact.*.created"} }, sender.ErrInvalid,
			"Events[0]"},
		{"star without dot", func(s *sender.Subscription) { s.Events = []string{"contact*"} }, sender.ErrInvalid,
			"Events[0]"},
		{"lone dot before a star", func(s *sender.Subscription) { s.Events = []string{".*"} }, sender.ErrInvalid,
			"Events[0]"},
		{"event twice", func(s *sender.Subscription) { s.Events = []string{"*", "*"} }, sender.ErrInvalid, "Events[1]"},
		{"devices", func(s *sender.Subscription) { s.Devices = []sender.Device{whatsapp} }, sender.ErrInvalid, "Devices"},
		{"unknown contract", func(s *sender.Subscription) { s.Contract = "acme" }, sender.ErrInvalid, "Contract"},
		{"protocol header", func(s *sender.Subscription) { s.Headers = map[string]string{"x-kirim-signature": "t=1"} },
			sender.ErrInvalid, "reserved"},
		{"hop-by-hop header", func(s *sender.Subscription) { s.Headers = map[string]string{"Connection": "X-Kirim-Signature"} }, sender.ErrInvalid, "reserved"},
		{"idempotency key", func(s *sender.Subscription) { s.Headers = map[string]string{"Idempotency-Key": "1"} },
			sender.ErrInvalid, "reserved"},
		{"header with a line break", func(s *sender.Subscription) { s.Headers = map[string]string{"X-A": "a\r\nX-B: b"} },
			sender.ErrInvalid, "value"},
		{"header that is none", func(s *sender.Subscription) { s.Headers = map[string]string{"X A": "a"} }, sender.ErrInvalid,
			"not a header name"},
		{"header twice", func(s *sender.Subscription) { s.Headers = map[string]string{"X-A": "a", "x-a": "b"} },
			sender.ErrInvalid, "twice"},
		{"long header", func(s *sender.Subscription) { s.Headers = map[string]string{"X-A": strings.Repeat("a", 1024)} },
			sender.ErrInvalid, "1024"},
		{"long name", func(s *sender.Subscription) { s.Name = strings.Repeat("a", 1025) }, sender.ErrInvalid, "Name"},
		{"name with NUL", func(s *sender.Subscription) { s.Name = "a\x00" }, sender.ErrInvalid, "Name"},
	}
	s, err := sender.New(newHooked(), sender.Config{})
	require.NoError(t, err)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sub := sender.Subscription{URL: "https://example.com/hooks", Events: []string{"contact.*"}}
			tt.edit(&sub)
			_, _, err := s.Org("acme").Subscribe(t.Context(), sub)
			require.ErrorIs(t, err, tt.is)
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), "hunter2")
		})
	}
	t.Run("every header that HTTP or a dialect has for itself", func(t *testing.T) {
		for _, name := range []string{
			"Host", "Content-Type", "Transfer-Encoding", "Connection", "Keep-Alive", "TE", "Trailer", "Upgrade",
			"Proxy-Authorization",
			"Expect", "Forwarded", "Accept-Encoding", "User-Agent", "Cookie", "X-Idempotency-Key", "X-Kirisan-Event",
			"X-Webhook-Secret",
			"Webhook-Id", "X-Hub-Signature-256",
		} {
			_, _, err := s.Org("acme").Subscribe(t.Context(), sender.Subscription{
				URL: "https://example.com/", Events: []string{"*"}, Headers: map[string]string{name: "x"},
			})
			require.ErrorIs(t, err, sender.ErrInvalid, name)
			require.ErrorContains(t, err, "reserved", name)
		}
	})
	t.Run("all complaints at once", func(t *testing.T) {
		_, _, err := s.Org("acme").Subscribe(t.Context(), sender.Subscription{Headers: map[string]string{"Host": "x"}})
		for _, field := range []string{"URL", "Events", "Headers"} {
			require.ErrorContains(t, err, field)
		}
	})
	t.Run("short secret", func(t *testing.T) {
		_, _, err := s.Org("acme").Subscribe(t.Context(),
			sender.Subscription{URL: "https://example.com/", Events: []string{"*"}}, signature.NewSecret("short"))
		require.ErrorIs(t, err, sender.ErrInvalid)
	})
	t.Run("long secret", func(t *testing.T) {
		_, _, err := s.Org("acme").Subscribe(t.Context(),
			sender.Subscription{URL: "https://example.com/", Events: []string{"*"}},
			signature.NewSecret(strings.Repeat("a", 513)))
		require.ErrorIs(t, err, sender.ErrInvalid)
		require.ErrorContains(t, err, "513 bytes")
	})
	t.Run("odd org", func(t *testing.T) {
		_, _, err := s.Org("").Subscribe(t.Context(), sender.Subscription{URL: "https://example.com/", Events: []string{"*"}})
		require.ErrorIs(t, err, sender.ErrInvalid)
		_, err = s.Org("a b").Publish(t.Context(), contactCreated(t))
		require.ErrorIs(t, err, sender.ErrInvalid)
	})
}

func TestLimitOfSubscriptions(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), sender.Config{MaxSubscriptions: 3})
		for i := range 3 {
			r.subscribe(t, fmt.Sprintf("https://example.com/%d", i), "*")
		}
		_, _, err := r.org.Subscribe(t.Context(), sender.Subscription{URL: "https://example.com/", Events: []string{"*"}})
		require.ErrorIs(t, err, sender.ErrLimit)
		_, _, err = r.Org("other").Subscribe(t.Context(),
			sender.Subscription{URL: "https://example.com/", Events: []string{"*"}})
		require.NoError(t, err)
	})
}

func TestCustomHeadersAreSentAndCannotTouchTheProtocol(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), sender.Config{})
		_, _, err := r.org.Subscribe(t.Context(), sender.Subscription{
			URL: "https://example.com/", Events: []string{"*"},
			Headers: map[string]string{"authorization": "Bearer abc", "X-Team": "crm"},
		})
		require.NoError(t, err)
		r.publish(t, contactCreated(t))
		synctest.Wait()
		h := r.far.requests()[0].header
		require.Equal(t, "Bearer abc", h.Get("Authorization"))
		require.Equal(t, "crm", h.Get("X-Team"))
		for name, values := range h {
			require.Len(t, values, 1, name)
		}
	})
}

// A foreign id and an unknown one look alike, whatever is asked.
func TestTenantsNeverMeet(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(500), sender.Config{})
		sub, _ := r.subscribe(t, "https://example.com/", "*")
		receipt := r.publish(t, contactCreated(t))
		synctest.Wait()
		d := r.only(t)
		other, ctx := r.Org("other"), t.Context()
		calls := map[string]func(sub, event, delivery string) error{
			"Subscription": func(sub, _, _ string) error { _, err := other.Subscription(ctx, sub); return err },
			"Update": func(sub, _, _ string) error {
				_, err := other.Update(ctx, sub, func(*sender.Subscription) {})
				return err
			},
			"Move": func(sub, _, _ string) error {
				_, _, err := other.Move(ctx, sub, "https://x.com/")
				return err
			},
			"Pause":   func(sub, _, _ string) error { return other.Pause(ctx, sub) },
			"Resume":  func(sub, _, _ string) error { return other.Resume(ctx, sub) },
			"Disable": func(sub, _, _ string) error { return other.Disable(ctx, sub, "") },
			"RotateSecret": func(sub, _, _ string) error {
				_,
					err := other.RotateSecret(ctx, sub, sender.Rotation{})
				return err
			},
			"Unsubscribe": func(sub, _, _ string) error { return other.Unsubscribe(ctx, sub) },
			"Test":        func(sub, _, _ string) error { _, err := other.Test(ctx, sub, sender.TestRequest{}); return err },
			"Event":       func(_, event, _ string) error { _, err := other.Event(ctx, event); return err },
			"Explain":     func(_, event, _ string) error { _, err := other.Explain(ctx, event); return err },
			"Delivery":    func(_, _, delivery string) error { _, err := other.Delivery(ctx, delivery); return err },
			"Attempts":    func(_, _, delivery string) error { _, err := other.Attempts(ctx, delivery); return err },
			"Replay":      func(_, _, delivery string) error { _, err := other.Replay(ctx, delivery); return err },
			"RetryNow":    func(_, _, delivery string) error { return other.RetryNow(ctx, delivery) },
			"Cancel":      func(_, _, delivery string) error { return other.Cancel(ctx, delivery) },
			"Minutes":     func(sub, _, _ string) error { _, err := other.Minutes(ctx, sub, time.Hour); return err },
		}
		for name, call := range calls {
			foreign := call(sub.ID, receipt.EventID, d.ID)
			require.ErrorIs(t, foreign, sender.ErrNotFound, name)
			unknown := call("wbs_X", "evt_X", "wbd_00000000000000000000000000")
			require.ErrorIs(t, unknown, sender.ErrNotFound, name)
			strip := strings.NewReplacer(sub.ID, "", receipt.EventID, "", d.ID, "", "wbs_X", "", "evt_X", "",
				"wbd_00000000000000000000000000", "",
				strings.TrimPrefix(d.ID, "wbd_"), "", "00000000000000000000000000", "")
			require.Equal(t, strip.Replace(foreign.Error()), strip.Replace(unknown.Error()), name)
		}
		for range other.Subscriptions(ctx, sender.SubscriptionQuery{}) {
			t.Fatal("a foreign subscription is listed")
		}
		for _, q := range []sender.DeliveryQuery{{Org: "acme"}, {IDs: []string{d.ID}}, {Subscription: sub.ID},
			{EventID: receipt.EventID}} {
			for range other.Deliveries(ctx, q) {
				t.Fatal("a foreign delivery is listed")
			}
			for range other.ReplayAll(ctx, q) {
				t.Fatal("a foreign delivery is replayed")
			}
			for range other.RetryAllNow(ctx, q) {
				t.Fatal("a foreign delivery is hurried")
			}
			for range other.CancelAll(ctx, q) {
				t.Fatal("a foreign delivery is cancelled")
			}
		}
		require.Equal(t, sender.StatusActive, r.status(t, sub.ID))
	})
}
