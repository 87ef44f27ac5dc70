package sender_test

import (
	"fmt"
	"net/http"
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

// Attempts that end while a claim is under way must not be forgotten when it comes back: the backlog of one endpoint
// drains as fast as the store answers, not as often as it is polled.
func TestBacklogDrainsThroughASlowStore(t *testing.T) {
	for _, slow := range []time.Duration{0, 3 * time.Millisecond, 20 * time.Millisecond} {
		t.Run(slow.String(), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				store := newHooked()
				var late atomic.Bool
				store.claimed = func(*driver.Claims) {
					if late.Load() {
						time.Sleep(slow)
					}
				}
				r := newRigOn(t, polled{store}, &farEnd{answer: func(n int, _ *http.Request) (*http.Response, error) {
					time.Sleep(time.Duration(n%7) * 5 * time.Millisecond)
					return reply(200), nil
				}}, sender.Config{PollInterval: time.Hour, PerSubscription: 8})
				sub, _ := r.subscribe(t, "https://example.com/", "*")
				require.NoError(t, r.org.Pause(t.Context(), sub.ID))
				for range 400 {
					r.publish(t, contactCreated(t))
				}
				late.Store(true)
				require.NoError(t, r.org.Resume(t.Context(), sub.ID))
				time.Sleep(10 * time.Second)
				require.Len(t, r.deliveries(t, sender.DeliveryQuery{States: []sender.State{sender.StateDelivered}}), 400)
			})
		})
	}
}

// An endpoint that answered before and was idle since gets its backlog without waiting for a poll.
func TestBacklogOfAnIdleEndpointDrains(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRigOn(t, polled{newHooked()}, statuses(200), sender.Config{PollInterval: time.Hour})
		sub, _ := r.subscribe(t, "https://example.com/", "*")
		for range 5 {
			r.publish(t, contactCreated(t))
			synctest.Wait()
		}
		require.NoError(t, r.org.Pause(t.Context(), sub.ID))
		for range 100 {
			r.publish(t, contactCreated(t))
		}
		require.NoError(t, r.org.Resume(t.Context(), sub.ID))
		time.Sleep(time.Second)
		require.Len(t, r.far.requests(), 105)
	})
}

// A retry that is written while a claim is under way is made when it is due, although that claim did not see it.
func TestRetryWrittenDuringAClaimIsMadeInTime(t *testing.T) {
	bubble(t, func(t *testing.T) {
		contract := acme()
		contract.Schedule = sender.Waits{50 * time.Millisecond}
		store := newHooked()
		var failed, late atomic.Bool
		store.claimed = func(*driver.Claims) {
			if late.Load() {
				time.Sleep(20 * time.Millisecond)
			}
		}
		far := &farEnd{answer: func(n int, req *http.Request) (*http.Response, error) {
			switch {
			case n <= 2: // both are known to answer
			case req.URL.Path == "/slow":
				time.Sleep(time.Minute)
			case !failed.Swap(true):
				time.Sleep(time.Second)
				return reply(503), nil
			}
			return reply(200), nil
		}}
		// With half of the workers busy the loop asks once, for deliveries of any kind, before it sleeps.
		r := newRigOn(t, polled{store}, far, sender.Config{Workers: 4, PollInterval: time.Hour,
			Contracts: []sender.Contract{contract}})
		r.subscribe(t, "https://example.com/slow", "*")
		r.subscribe(t, "https://example.com/retried", "*")
		other, _ := r.subscribe(t, "https://example.com/", "never")
		publish := func() { r.publish(t, envelope.Event{Source: "acme", Type: "a", Body: []byte("1")}) }
		publish()
		time.Sleep(time.Second)
		began := time.Now()
		publish()
		time.Sleep(990 * time.Millisecond)
		late.Store(true)
		require.NoError(t, r.org.Pause(t.Context(), other.ID))
		require.NoError(t, r.org.Resume(t.Context(), other.ID)) // a wake-up
		time.Sleep(2 * time.Second)
		got := r.far.requests()
		require.Len(t, got, 5)
		require.Less(t, got[4].at.Sub(began), 1100*time.Millisecond)
	})
}

// New events of an endpoint with a backlog line up behind it.
func TestFreshDeliveriesDoNotOvertake(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var order []string
		var mu sync.Mutex
		r := newRig(t, &farEnd{answer: func(_ int, r *http.Request) (*http.Response, error) {
			mu.Lock()
			order = append(order, r.Header.Get("X-Kirim-Event-Id"))
			mu.Unlock()
			time.Sleep(100 * time.Millisecond)
			return reply(200), nil
		}}, sender.Config{PerSubscription: 1})
		r.subscribe(t, "https://example.com/", "*")
		var want []string
		for range 50 {
			ev := contactCreated(t)
			want = append(want, ev.ID)
			r.publish(t, ev)
			time.Sleep(30 * time.Millisecond)
		}
		time.Sleep(time.Minute)
		mu.Lock()
		defer mu.Unlock()
		require.Equal(t, want, order)
	})
}

// Publishing to a subscription that is not active asks the store for nothing.
func TestHeldDeliveriesWakeNobody(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := newHooked()
		r := newRigOn(t, polled{store}, statuses(200), sender.Config{PollInterval: time.Hour})
		sub, _ := r.subscribe(t, "https://example.com/", "*")
		require.NoError(t, r.org.Pause(t.Context(), sub.ID))
		synctest.Wait()
		before := store.claims.Load()
		for range 20 {
			r.publish(t, contactCreated(t))
			synctest.Wait()
		}
		require.Equal(t, before, store.claims.Load())
	})
}

// What a publisher could not take itself is asked for at once, also where the store wakes nobody.
func TestFanOutBeyondWhatThePublisherTook(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRigOn(t, polled{newHooked()}, statuses(200), sender.Config{PollInterval: time.Hour})
		for i := range 40 {
			r.subscribe(t, fmt.Sprintf("https://example.com/%d", i), "*")
		}
		synctest.Wait()
		r.publish(t, contactCreated(t))
		synctest.Wait()
		require.Len(t, r.far.requests(), 40)
	})
}
