package sender_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// why is what Explain says of the only subscription that ev concerns.
func (r *rig) why(t *testing.T, ev envelope.Event, subscription string) (result, why string) {
	t.Helper()
	list, err := r.org.Explain(t.Context(), ev.ID)
	require.NoError(t, err)
	for _, e := range list {
		if e.Subscription == subscription {
			return e.Result, e.Why
		}
	}
	require.Fail(t, "not explained")
	return "", ""
}

// published gives the event that was published.
func (r *rig) published(t *testing.T) envelope.Event {
	t.Helper()
	ev := contactCreated(t)
	r.publish(t, ev)
	synctest.Wait()
	return ev
}

// What holds events back is told by name: who paused, what disabled.
func TestExplainOfHeldEvents(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(404), sender.Config{})
		sub, _ := r.subscribe(t, "https://example.com/", "*")
		for range 24 {
			r.published(t)
		}
		synctest.Wait()
		held := func(why string) {
			t.Helper()
			ev := r.published(t)
			result, got := r.why(t, ev, sub.ID)
			require.Equal(t, "held", result)
			require.Equal(t, why, got)
			matches, err := r.org.Match(t.Context(), contactCreated(t))
			require.NoError(t, err)
			require.Equal(t, sender.Explanation{Subscription: sub.ID, Result: "held", Why: why}, matches[0])
		}
		held("the subscription is disabled: keeps failing: status 404")
		require.NoError(t, r.org.Pause(t.Context(), sub.ID))
		held("the subscription was paused by its owner")
		require.NoError(t, r.org.Disable(t.Context(), sub.ID, "the invoice is not paid"))
		held("the subscription is disabled: the invoice is not paid")
		require.NoError(t, r.org.Disable(t.Context(), sub.ID, ""))
		held("the subscription is disabled")
	})
}

// A subscription that has no delivery of an event is told why as of then, whatever became of it since.
func TestExplainOfWhatWasNotWanted(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), kirisanOnly())
		sub := r.subscribeKirisan(t, []string{"incoming_message"}, []sender.Device{whatsapp})
		ev := kirisanMessage(t, whatsapp)
		receipt := r.publish(t, ev)
		require.Zero(t, receipt.Deliveries)
		ev.ID = receipt.EventID
		says := func(why string) {
			t.Helper()
			result, got := r.why(t, ev, sub.ID)
			require.Equal(t, "filtered", result)
			require.Equal(t, why, got)
		}
		says("it waits for a successful test")
		time.Sleep(time.Second)
		_, err := r.org.Test(t.Context(), sub.ID, sender.TestRequest{})
		require.NoError(t, err)
		says("it waited for a successful test when the event was published")
		require.NoError(t, r.org.Pause(t.Context(), sub.ID))
		says("it waited for a successful test when the event was published")

		later := r.subscribeKirisan(t, []string{"incoming_message"}, []sender.Device{whatsapp})
		_, err = r.org.Test(t.Context(), later.ID, sender.TestRequest{})
		require.NoError(t, err)
		_, got := r.why(t, ev, later.ID)
		require.Equal(t, "it was not subscribed to this when the event was published: it was made later", got)
	})
}

// endpoints answers by path: /hangs never, /slow after a second, /fails with 503.
func endpoints() *farEnd {
	return &farEnd{answer: func(_ int, r *http.Request) (*http.Response, error) {
		switch path := r.URL.Path; {
		case strings.HasPrefix(path, "/hangs"):
			return hang(r)
		case path == "/fails":
			return reply(503), nil
		case path == "/later":
			time.Sleep(500 * time.Millisecond)
		}
		return reply(200), nil
	}}
}

func TestExplainOfWhatWaitsForASlot(t *testing.T) {
	for name, c := range map[string]struct {
		workers int
		rate    float64
		urls    []string // the last is that of the subscription that waits
		first   int      // events for it before
		wait    time.Duration
		why     string
	}{
		"endpoint does not answer": {64, 0, []string{"/hangs"}, 1, 2 * time.Second,
			"waits for a slot: its endpoint does not answer and gets one request at a time, which is under way"},
		"rate": {64, 0.25, []string{"/fine"}, 1, time.Second,
			"waits for a slot: its rate is 0.25 attempts a second, and the next may begin in 3s"},
		"workers are busy": {1, 0, []string{"/hangs", "/fine"}, 0, 100 * time.Millisecond,
			"waits for a slot: all 1 are taken"},
		"new endpoints": {4, 0, []string{"/hangs1", "/hangs2", "/fine"}, 0, 100 * time.Millisecond,
			"waits for a slot: its endpoint has not answered yet, and the slots of such endpoints are taken"},
		"slow start": {64, 0, []string{"/later"}, 1, 100 * time.Millisecond,
			"waits for a slot: its endpoint has 1 requests at once, as many as it may get now"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				r := newRig(t, endpoints(), sender.Config{Workers: c.workers})
				var last sender.Subscription
				for i, path := range c.urls {
					sub := sender.Subscription{URL: "https://example.com" + path, Events: []string{"*"}}
					if i == len(c.urls)-1 {
						sub.Rate = c.rate
					} else {
						sub.Events = []string{fmt.Sprintf("contact.%s", []string{"updated", "deleted"}[i])}
					}
					var err error
					last, _, err = r.org.Subscribe(t.Context(), sub)
					require.NoError(t, err)
					if i < len(c.urls)-1 {
						ev := contactCreated(t)
						ev.Type = strings.TrimSpace(sub.Events[0])
						ev.Body = []byte(strings.Replace(string(ev.Body), "contact.created", ev.Type, 1))
						r.publish(t, ev)
					}
				}
				for range c.first {
					r.published(t)
				}
				time.Sleep(c.wait)
				ev := r.published(t)
				_, why := r.why(t, ev, last.ID)
				require.Equal(t, c.why, why)
			})
		})
	}
}

// Endpoints that do not answer share a quarter of the slots.
func TestExplainOfOneProbeTooMany(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, endpoints(), sender.Config{Workers: 4})
		a, _ := r.subscribe(t, "https://example.com/hangs1", "*")
		b, _ := r.subscribe(t, "https://example.com/hangs2", "*")
		r.published(t)
		time.Sleep(11 * time.Second)
		ev := r.published(t)
		_, first := r.why(t, ev, a.ID)
		_, second := r.why(t, ev, b.ID)
		require.ElementsMatch(t, []string{
			"attempt 1 is being made",
			"waits for a slot: its endpoint does not answer, and all slots of such endpoints, 1, are taken",
		}, []string{first, second})
	})
}

// A store that fails, and one that does not answer, is what due deliveries wait for.
func TestExplainInTroubleOfTheStore(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := newHooked()
		var down atomic.Bool
		store.claim = func(driver.ClaimRequest) error {
			if down.Load() {
				return errors.New("lost connection")
			}
			return nil
		}
		r := newRigOn(t, store, endpoints(), sender.Config{})
		sub, _ := r.subscribe(t, "https://example.com/fails", "*")
		ev := r.published(t)
		time.Sleep(time.Second)
		down.Store(true)
		time.Sleep(time.Minute)
		result, why := r.why(t, ev, sub.ID)
		require.Equal(t, "pending", result)
		require.Regexp(t, `^waits for the store, which is in trouble: claim has failed since 2000-01-01T00:00:\d\dZ; attempt 2, after: status 503$`, why)
		down.Store(false)
		time.Sleep(time.Minute)
		_, why = r.why(t, ev, sub.ID)
		require.NotContains(t, why, "trouble")
	})
	bubble(t, func(t *testing.T) {
		store := newHooked()
		stuck := make(chan struct{})
		release := sync.OnceFunc(func() { close(stuck) })
		defer release()
		store.settle = func([]driver.Outcome) error {
			<-stuck
			return nil
		}
		r := newRigOn(t, store, statuses(200), sender.Config{Workers: 2})
		sub, _ := r.subscribe(t, "https://example.com/", "*")
		for range 8 {
			r.published(t)
		}
		_, why := r.why(t, r.published(t), sub.ID)
		require.Equal(t, "waits for a slot: 4 outcomes are not written: the store is slow or in trouble", why)
		release()
		time.Sleep(time.Minute)
		require.Len(t, r.deliveries(t, sender.DeliveryQuery{States: []sender.State{sender.StateDelivered}}), 9)
	})
}
