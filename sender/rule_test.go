package sender_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/signature"
)

// acme is a contract without rules of its own: any body that is JSON, under any type.
func acme() sender.Contract {
	return sender.Contract{
		Name: "acme", Sources: []envelope.Source{"acme"}, Schedule: sender.Waits{10 * time.Second, time.Minute}, Jitter: -1,
		Reserved: []string{"X-Acme-"},
		Sign: func(h http.Header, o sender.Outgoing) error {
			h.Set("X-Acme-Event", o.Event.Type)
			h.Set("X-Acme-Signature", string(signature.SignKirim(nil, o.Event.Body, o.Now, o.Secrets...)))
			return nil
		},
	}
}

// The largest body that fits is published, and one byte more is refused.
func TestLimitOfBodies(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), sender.Config{Contracts: []sender.Contract{acme()}})
		body := func(n int) []byte { return []byte(`"` + strings.Repeat("x", n-2) + `"`) }
		r.publish(t, envelope.Event{Source: "acme", Type: "a", Body: body(4 << 20)})
		_, err := r.org.Publish(t.Context(), envelope.Event{Source: "acme", Type: "a", Body: body(4<<20 + 1)})
		require.ErrorIs(t, err, sender.ErrTooLarge)
	})
}

func TestLimitsOfOneSubscription(t *testing.T) {
	s, err := sender.New(newHooked(), sender.Config{})
	require.NoError(t, err)
	events := func(n int) (list []string) {
		for i := range n {
			list = append(list, fmt.Sprintf("event.%d", i))
		}
		return list
	}
	headers := func(n int) map[string]string {
		m := map[string]string{}
		for i := range n {
			m[fmt.Sprintf("X-%d", i)] = strings.Repeat("v", 1<<10-len(fmt.Sprintf("X-%d", i)))
		}
		return m
	}
	url := func(n int) string { return "https://example.com/" + strings.Repeat("x", n-len("https://example.com/")) }
	secrets := func(n int) (list []signature.Secret) {
		for range n {
			list = append(list, signature.GenerateSecret())
		}
		return list
	}
	subscribe := func(sub sender.Subscription, secrets ...signature.Secret) error {
		_, _, err := s.Org("acme").Subscribe(t.Context(), sub, secrets...)
		return err
	}
	require.NoError(t, subscribe(sender.Subscription{URL: url(2048), Events: events(50), Headers: headers(20)},
		secrets(15)...))
	require.ErrorIs(t, subscribe(sender.Subscription{URL: url(2049), Events: events(50)}), sender.ErrForbiddenURL)
	require.ErrorContains(t, subscribe(sender.Subscription{URL: url(100), Events: events(51)}), "Events: 51 types")
	require.ErrorContains(t, subscribe(sender.Subscription{URL: url(100), Events: events(1), Headers: headers(21)}),
		"Headers: 21")
	require.ErrorContains(t, subscribe(sender.Subscription{URL: url(100), Events: events(1)}, secrets(16)...),
		"secrets: 16")
	require.ErrorContains(t, subscribe(sender.Subscription{URL: url(100), Events: events(1),
		Headers: map[string]string{"X_Kirim_Signature": "t=1"}}), "reserved")
}

// A secret that a header cannot carry would never arrive as it is.
func TestKirisanSecretsThatFit(t *testing.T) {
	s, err := sender.New(newHooked(), kirisanOnly())
	require.NoError(t, err)
	for text, fits := range map[string]bool{
		"x": true, strings.Repeat("x", 512): true, "two words": true,
		"": false, strings.Repeat("x", 513): false, " x": false, "x\t": false, "a\r\nb": false, "é": false,
	} {
		_, _, err := s.Org("acme").Subscribe(t.Context(), sender.Subscription{
			URL: "https://example.com/", Events: []string{"incoming_message"}, Devices: []sender.Device{whatsapp},
		}, signature.NewSecret(text))
		require.Equal(t, fits, err == nil, "%q: %v", text, err)
	}
}

// Each attempt is made with the subscription as it is then: its URL, its headers, the secrets that have not expired.
func TestRetryUsesTheSubscriptionAsItIs(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(500), sender.Config{})
		sub, first := r.subscribe(t, "https://example.com/a", "*")
		second, err := r.org.RotateSecret(t.Context(), sub.ID, sender.Rotation{Overlap: 20 * time.Second})
		require.NoError(t, err)
		r.publish(t, contactCreated(t))
		synctest.Wait()
		_, err = r.org.Update(t.Context(), sub.ID, func(s *sender.Subscription) {
			s.URL, s.Headers = "https://example.com/b", map[string]string{"X-Team": "crm"}
		})
		require.NoError(t, err)
		time.Sleep(time.Minute)
		got := r.far.requests()
		require.Len(t, got, 3)
		require.Equal(t, "https://example.com/a", got[0].url)
		require.Equal(t, "https://example.com/b", got[1].url)
		require.Equal(t, "crm", got[1].header.Get("X-Team"))
		both := []string{first, second.Reveal()}
		require.Equal(t, both, signedBy(t, got[0], both...))
		require.Equal(t, both, signedBy(t, got[1], both...), "10 s later both still sign")
		require.Equal(t, both[1:], signedBy(t, got[2], both...), "40 s later the old one has expired")
	})
}

// What a person tries says nothing about health, not even a 410.
func TestReplayOrTestOfAGoneEndpointDisablesNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(404, 410), sender.Config{Contracts: []sender.Contract{sender.Standard()}})
		sub, _ := r.subscribe(t, "https://example.com/", "*")
		ev := envelope.Event{Source: envelope.Standard,
			Body: []byte(`{"type":"a.b","timestamp":"2026-07-02T00:00:00Z","data":{}}`)}
		r.publish(t, ev)
		synctest.Wait()
		_, err := r.org.Replay(t.Context(), r.only(t).ID)
		require.NoError(t, err)
		_, err = r.org.Test(t.Context(), sub.ID, sender.TestRequest{})
		require.NoError(t, err)
		synctest.Wait()
		require.Len(t, r.far.requests(), 3)
		require.Equal(t, sender.StatusActive, r.status(t, sub.ID))
		r.publish(t, ev)
		synctest.Wait()
		require.Equal(t, sender.StatusDisabled, r.status(t, sub.ID))
	})
}

// All sequences can be ranged over again.
func TestSequencesAreRepeatable(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(404), sender.Config{})
		r.subscribe(t, "https://example.com/", "*")
		for range 3 {
			r.publish(t, contactCreated(t))
		}
		time.Sleep(time.Second)
		deliveries := r.org.Deliveries(t.Context(), sender.DeliveryQuery{Limit: 2})
		replays := r.org.ReplayAll(t.Context(), sender.DeliveryQuery{Limit: 2, States: []sender.State{sender.StateDead}})
		for range 2 {
			n := 0
			for _, err := range deliveries {
				require.NoError(t, err)
				n++
			}
			require.Equal(t, 2, n)
		}
		r.stop()
		n := 0
		for range replays {
			n++
		}
		require.Equal(t, 2, n)
		for range replays {
			n++
		}
		require.Equal(t, 3, n, "the third; the others' replays are unfinished")
	})
}

// An event of one device is not another's, whatever characters its names are made of.
func TestTopicsDoNotCollide(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), kirisanOnly())
		sub := r.subscribeKirisan(t, []string{"incoming_message"}, []sender.Device{{ID: "b|c", Channel: "whatsapp"}})
		_, err := r.org.Test(t.Context(), sub.ID, sender.TestRequest{})
		require.NoError(t, err)
		require.Zero(t, r.publish(t, kirisanMessage(t, sender.Device{ID: "c", Channel: "whatsapp|b"})).Deliveries)
		require.Equal(t, 1, r.publish(t, kirisanMessage(t, sender.Device{ID: "b|c", Channel: "whatsapp"})).Deliveries)
		require.Zero(t, r.publish(t, kirisanMessage(t, sender.Device{ID: "c", Channel: "whatsapp b|c"})).Deliveries)
	})
}

// A hook may use the Sender: to publish, to look, to pause.
func TestHooksMayCallTheSender(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var r *rig
		var notices atomic.Int64
		r = newRig(t, statuses(404), sender.Config{Hooks: sender.Hooks{
			Finished: func(ctx context.Context, d sender.Delivery) {
				if notices.Add(1) <= 3 {
					_, err := r.org.Publish(ctx, contactCreated(t))
					require.NoError(t, err)
					require.NoError(t, r.org.Pause(ctx, d.SubscriptionID))
					require.NoError(t, r.org.Resume(ctx, d.SubscriptionID))
				}
			},
		}})
		r.subscribe(t, "https://example.com/", "*")
		r.publish(t, contactCreated(t))
		time.Sleep(time.Minute)
		require.Len(t, r.far.requests(), 4)
	})
}

// Every delivery ends, and dead letters have used up their schedule or met a permanent answer.
func TestEveryDeliveryEnds(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, &farEnd{answer: func(n int, req *http.Request) (*http.Response, error) {
			switch n % 11 {
			case 0:
				return reply(404), nil
			case 3, 4, 5:
				return reply(503), nil
			case 7:
				return hang(req)
			}
			return reply(200), nil
		}}, sender.Config{Workers: 16, PollInterval: time.Minute, Contracts: []sender.Contract{neverDisables()}})
		for i := range 7 {
			r.subscribe(t, fmt.Sprintf("https://example.com/%d", i), "*")
		}
		for range 100 {
			r.publish(t, contactCreated(t))
			time.Sleep(time.Second)
		}
		time.Sleep(3 * 24 * time.Hour)
		for _, d := range r.deliveries(t, sender.DeliveryQuery{}) {
			attempts := r.attempts(t, d.ID)
			last := attempts[len(attempts)-1]
			switch d.State {
			case sender.StateDelivered:
				require.Equal(t, 200, last.StatusCode)
			case sender.StateDead:
				require.True(t, last.StatusCode == 404 || len(attempts) == 9, "%+v", attempts)
			default:
				t.Fatalf("unfinished: %+v", d)
			}
			require.Equal(t, len(attempts), d.Attempt)
		}
		require.Len(t, r.deliveries(t, sender.DeliveryQuery{}), 700)
		seen := map[string]int{}
		for _, got := range r.far.requests() {
			seen[got.header.Get("X-Kirim-Delivery-Id")+" "+got.header.Get("X-Kirim-Attempt")]++
			require.True(t, bytes.Contains(got.body, []byte("contact.created")))
		}
		for what, n := range seen {
			require.Equal(t, 1, n, "%s was sent more than once", what)
		}
	})
}

// Waits of deliveries that failed together are spread, lest they fail together again.
func TestJitterSpreadsRetries(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(500), sender.Config{})
		for i := range 50 {
			r.subscribe(t, fmt.Sprintf("https://example.com/%d", i), "*")
		}
		r.publish(t, contactCreated(t))
		began := time.Now()
		time.Sleep(15 * time.Second)
		got := r.far.requests()
		require.Len(t, got, 100)
		first, last := got[50].at.Sub(began), got[99].at.Sub(began)
		require.GreaterOrEqual(t, first, 8*time.Second)
		require.LessOrEqual(t, last, 12*time.Second+time.Millisecond)
		require.Greater(t, last-first, 2*time.Second)
	})
}

// What the log keeps of an answer is text, whatever came.
func TestResponseInTheLogIsText(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, &farEnd{answer: func(int, *http.Request) (*http.Response, error) {
			resp := reply(200)
			resp.Body = io.NopCloser(strings.NewReader(strings.Repeat("x", 1023) + "é\xff\x00"))
			return resp, nil
		}}, sender.Config{})
		r.subscribe(t, "https://example.com/", "*")
		r.publish(t, contactCreated(t))
		synctest.Wait()
		response := r.attempts(t, r.only(t).ID)[0].Response
		require.True(t, utf8.ValidString(response))
		require.NotContains(t, response, "\x00")
		require.True(t, strings.HasPrefix(response, strings.Repeat("x", 1023)))
	})
}

// Changes of one subscription at once are all made.
func TestChangesAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), sender.Config{})
		sub, _ := r.subscribe(t, "https://example.com/", "*")
		between := true
		_, err := r.org.Update(t.Context(), sub.ID, func(s *sender.Subscription) {
			s.Name = "mine"
			if between {
				between = false
				_, err := r.org.Update(t.Context(), sub.ID, func(s *sender.Subscription) { s.Description = "theirs" })
				require.NoError(t, err)
			}
		})
		require.NoError(t, err)
		got, err := r.org.Subscription(t.Context(), sub.ID)
		require.NoError(t, err)
		require.Equal(t, "mine theirs", got.Name+" "+got.Description)
		require.ErrorIs(t, r.org.Disable(t.Context(), sub.ID, "\x00"), sender.ErrInvalid)
		require.NoError(t, r.org.Disable(t.Context(), sub.ID, "abuse"))
		got, err = r.org.Subscription(t.Context(), sub.ID)
		require.NoError(t, err)
		require.Equal(t, "abuse", got.StatusReason)
	})
}

func TestPurgeGoesOnUntilNothingIsLeft(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), sender.Config{Retention: sender.Retention{Every: -1}, PollInterval: time.Hour})
		for range 2100 {
			r.publish(t, contactCreated(t))
		}
		time.Sleep(49 * time.Hour)
		purged, err := r.Purge(t.Context())
		require.NoError(t, err)
		require.Equal(t, sender.Purged{Events: 2100}, purged)
	})
}
