package sender_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Most endpoints are fine, some hang: the case a webhook sender must win.
func TestHangingEndpointsNeverSlowTheOthers(t *testing.T) {
	bubble(t, func(t *testing.T) {
		far := &farEnd{answer: func(_ int, r *http.Request) (*http.Response, error) {
			if r.URL.Host == "hangs.example.com" {
				return hang(r)
			}
			return reply(200), nil
		}}
		done := map[string]time.Time{}
		r := newRig(t, far, sender.Config{Workers: 100, Hooks: sender.Hooks{
			Finished: func(_ context.Context, d sender.Delivery) { done[d.EventID] = time.Now() },
		}})
		healthy, _ := r.subscribe(t, "https://healthy.example.com/", "contact.*")
		r.subscribe(t, "https://hangs.example.com/", "contact.*")
		published := map[string]time.Time{}
		for range 25 * 40 {
			ev := contactCreated(t)
			published[ev.ID] = time.Now()
			r.publish(t, ev)
			time.Sleep(25 * time.Millisecond)
		}
		synctest.Wait()
		for _, d := range r.deliveries(t, sender.DeliveryQuery{Subscription: healthy.ID}) {
			require.Equal(t, sender.StateDelivered, d.State)
			require.Less(t, d.FinishedAt.Sub(published[d.EventID]), 50*time.Millisecond, "healthy deliveries wait for nobody")
		}
	})
}

func TestHangingEndpointEndsAtOneProbe(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var now, peakLater atomic.Int64
		began := time.Now()
		far := &farEnd{answer: func(_ int, r *http.Request) (*http.Response, error) {
			n := now.Add(1)
			defer now.Add(-1)
			if time.Since(began) > 5*time.Minute {
				peakLater.Store(max(n, peakLater.Load()))
			}
			return hang(r)
		}}
		r := newRig(t, far, sender.Config{})
		r.subscribe(t, "https://hangs.example.com/", "*")
		for range 300 {
			r.publish(t, contactCreated(t))
		}
		synctest.Wait()
		require.EqualValues(t, 1, now.Load(), "an endpoint that has not answered yet gets one")
		time.Sleep(10 * time.Minute)
		require.EqualValues(t, 1, peakLater.Load())
	})
}

func TestEndpointThatAnswersWidensToItsBound(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var now, peak atomic.Int64
		r := newRig(t, &farEnd{answer: func(int, *http.Request) (*http.Response, error) {
			peak.Store(max(now.Add(1), peak.Load()))
			defer now.Add(-1)
			time.Sleep(time.Second)
			return reply(200), nil
		}}, sender.Config{})
		r.subscribe(t, "https://example.com/", "*")
		for range 1000 {
			r.publish(t, contactCreated(t))
		}
		for round, want := range []int64{1, 2, 4, 8, 16, 32, 64, 64} {
			synctest.Wait()
			require.Equal(t, want, now.Load(), "after %d rounds", round)
			time.Sleep(time.Second + 20*time.Millisecond) // slots wait for company before they are filled again
		}
		time.Sleep(time.Minute)
		require.EqualValues(t, 64, peak.Load(), "PerSubscription")
		require.Len(t, r.far.requests(), 1000)
	})
}

// As many endpoints hang as there are workers, and events for them pile up; those that answer notice nothing.
func TestAsManyHangingEndpointsAsWorkers(t *testing.T) {
	bubble(t, func(t *testing.T) {
		far := &farEnd{answer: func(_ int, r *http.Request) (*http.Response, error) {
			if r.URL.Host == "hangs.example.com" {
				return hang(r)
			}
			return reply(200), nil
		}}
		r := newRig(t, far, sender.Config{Workers: 100, MaxSubscriptions: -1})
		for i := range 100 {
			r.subscribe(t, fmt.Sprintf("https://hangs.example.com/%d", i), "hangs.*")
			r.subscribe(t, fmt.Sprintf("https://healthy.example.com/%d", i), "healthy.*")
		}
		publish := func(eventType string) {
			ev, err := kirim.NewEvent(kirim.NewKind[int](eventType), 0)
			require.NoError(t, err)
			require.Equal(t, 100, r.publish(t, ev).Deliveries)
		}
		publish("healthy.first") // all endpoints are known to answer
		publish("hangs.first")
		time.Sleep(11 * time.Second)
		for range 30 {
			publish("hangs.more")
			publish("healthy.more")
			time.Sleep(time.Second)
		}
		for _, d := range r.deliveries(t, sender.DeliveryQuery{EventType: "healthy.more"}) {
			require.Equal(t, sender.StateDelivered, d.State)
			require.Less(t, d.FinishedAt.Sub(d.CreatedAt), 50*time.Millisecond)
		}
	})
}

// A process that has just started knows nobody, and finds a backlog for endpoints that hang before what it has for the
// others.
func TestHangingEndpointsAtTheStart(t *testing.T) {
	bubble(t, func(t *testing.T) {
		far := &farEnd{answer: func(_ int, r *http.Request) (*http.Response, error) {
			if r.URL.Host == "hangs.example.com" {
				return hang(r)
			}
			return reply(200), nil
		}}
		r := newRig(t, far, sender.Config{Workers: 100, MaxSubscriptions: -1})
		r.stop()
		for i := range 60 {
			r.subscribe(t, fmt.Sprintf("https://hangs.example.com/%d", i), "hangs.*")
			r.subscribe(t, fmt.Sprintf("https://healthy.example.com/%d", i), "healthy.*")
		}
		publish := func(eventType string, times int) {
			for range times {
				ev, err := kirim.NewEvent(kirim.NewKind[int](eventType), 0)
				require.NoError(t, err)
				require.Equal(t, 60, r.publish(t, ev).Deliveries)
			}
		}
		publish("hangs.first", 20)
		publish("healthy.first", 5)
		r.run(t)
		time.Sleep(3 * time.Second)
		require.Len(t, r.deliveries(t, sender.DeliveryQuery{EventType: "healthy.first",
			States: []sender.State{sender.StateDelivered}}), 300,
			"they wait for those that hang for a second, not for their time-out")
	})
}

func TestRecoveredEndpointWidensAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var healthy atomic.Bool
		var now, peak atomic.Int64
		far := &farEnd{answer: func(_ int, r *http.Request) (*http.Response, error) {
			peak.Store(max(now.Add(1), peak.Load()))
			defer now.Add(-1)
			if !healthy.Load() {
				return hang(r)
			}
			time.Sleep(time.Second)
			return reply(200), nil
		}}
		r := newRig(t, far, sender.Config{PerSubscription: 8})
		r.subscribe(t, "https://example.com/", "*")
		for range 200 {
			r.publish(t, contactCreated(t))
		}
		time.Sleep(time.Hour)
		healthy.Store(true)
		peak.Store(0)
		time.Sleep(48 * time.Hour)
		require.EqualValues(t, 8, peak.Load())
		require.Empty(t, r.deliveries(t, sender.DeliveryQuery{States: []sender.State{sender.StatePending}}))
	})
}

// While workers are free, an endpoint that answers gets its full number however many others have something in flight.
func TestFreeWorkersAreUsed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var now, peak atomic.Int64
		r := newRig(t, &farEnd{answer: func(_ int, req *http.Request) (*http.Response, error) {
			if req.URL.Path != "/busy" {
				time.Sleep(9 * time.Second)
				return reply(200), nil
			}
			peak.Store(max(now.Add(1), peak.Load()))
			defer now.Add(-1)
			time.Sleep(100 * time.Millisecond)
			return reply(200), nil
		}}, sender.Config{Workers: 100, PerSubscription: 40, Contracts: []sender.Contract{acme()}})
		r.subscribe(t, "https://example.com/busy", "busy")
		for i := range 8 {
			r.subscribe(t, fmt.Sprintf("https://example.com/%d", i), "slow")
		}
		publish := func(eventType string) {
			r.publish(t, envelope.Event{Source: "acme", Type: eventType, Body: []byte("1")})
		}
		publish("slow")
		for range 400 {
			publish("busy")
		}
		time.Sleep(8 * time.Second)
		require.EqualValues(t, 40, peak.Load())
	})
}

// An endpoint that says it is overloaded gets fewer attempts at once, down to one.
func TestOverloadedEndpointNarrows(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var overloaded atomic.Bool
		var now, peak atomic.Int64
		r := newRig(t, &farEnd{answer: func(int, *http.Request) (*http.Response, error) {
			peak.Store(max(now.Add(1), peak.Load()))
			defer now.Add(-1)
			time.Sleep(time.Second)
			if overloaded.Load() {
				return reply(503), nil
			}
			return reply(200), nil
		}}, sender.Config{PerSubscription: 8})
		r.subscribe(t, "https://example.com/", "*")
		for range 200 {
			r.publish(t, contactCreated(t))
		}
		time.Sleep(15 * time.Second)
		require.EqualValues(t, 8, peak.Load())
		overloaded.Store(true)
		time.Sleep(10 * time.Second)
		peak.Store(0)
		time.Sleep(time.Minute)
		require.EqualValues(t, 1, peak.Load())
	})
}

// A claim that ends before it came to a lane says nothing of what waits there. What a store has to go through for a
// claim must not grow with how many subscriptions have a backlog.
func TestManyBacklogsShareAClaim(t *testing.T) {
	const subscriptions, events = 20, 100
	bubble(t, func(t *testing.T) {
		store := newHooked()
		wide := []int{} // how many subscriptions each claim may take several deliveries of
		store.claim = func(r driver.ClaimRequest) error {
			n := 0
			for _, most := range r.Quota {
				if most >= 4 {
					n++
				}
			}
			wide = append(wide, n)
			return nil
		}
		slow := &farEnd{answer: func(int, *http.Request) (*http.Response, error) {
			time.Sleep(time.Millisecond)
			return reply(200), nil
		}}
		r := newRigOn(t, store, slow, sender.Config{Workers: 32, PerSubscription: 32})
		r.stop()
		for i := range subscriptions {
			r.subscribe(t, fmt.Sprintf("https://s%d.example.com/", i), "*")
		}
		for range events {
			r.publish(t, contactCreated(t))
		}
		r.run(t)
		time.Sleep(time.Minute)
		require.Len(t, r.far.requests(), subscriptions*events)
		r.stop()
		slices.Sort(wide)
		require.GreaterOrEqual(t, wide[len(wide)/2], subscriptions*9/10, "%v", wide)
	})
}

// A claim may have every free slot reserved while it runs. An attempt that ends meanwhile frees one for the next of its
// lane all the same: the loop asks again at once.
func TestSlotFreedDuringAClaimIsUsedAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := newHooked()
		answer, claim := make(chan struct{}), make(chan struct{})
		var slow atomic.Bool
		store.claim = func(driver.ClaimRequest) error {
			if slow.Load() {
				<-claim
			}
			return nil
		}
		far := &farEnd{answer: func(int, *http.Request) (*http.Response, error) {
			<-answer
			return reply(200), nil
		}}
		r := newRigOn(t, polled{store}, far, sender.Config{})
		r.subscribe(t, "https://example.com/", "*")
		r.publish(t, contactCreated(t))
		synctest.Wait()
		require.Len(t, far.requests(), 1, "an endpoint that has not answered yet gets one")

		slow.Store(true)
		r.publish(t, contactCreated(t))
		synctest.Wait() // a claim is under way, and may bring nothing of this lane
		began := time.Now()
		close(answer)
		synctest.Wait()
		close(claim)
		synctest.Wait()
		require.Len(t, far.requests(), 2)
		require.Zero(t, time.Since(began))
	})
}

// While some endpoints hang and have a backlog, what is published for others still goes straight to them: neither must
// it wait for the claims that the events for those that hang bring about.
func TestBornClaimedBesideBacklogsThatHang(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := newHooked()
		store.claim = func(driver.ClaimRequest) error {
			time.Sleep(3 * time.Millisecond)
			return nil
		}
		arrived := make(chan time.Time, 1)
		far := &farEnd{answer: func(_ int, r *http.Request) (*http.Response, error) {
			if r.URL.Host == "hangs.example.com" {
				return hang(r)
			}
			arrived <- time.Now()
			return reply(200), nil
		}}
		r := newRigOn(t, polled{store}, far, sender.Config{Workers: 16})
		r.subscribe(t, "https://healthy.example.com/", kirim.TypeContactUpdated)
		for i := range 8 {
			r.subscribe(t, fmt.Sprintf("https://hangs.example.com/%d", i), kirim.TypeContactCreated)
		}
		for range 10 {
			r.publish(t, contactCreated(t))
		}
		time.Sleep(time.Minute)
		updated := func() time.Duration {
			began := time.Now()
			r.publish(t, empty(t, kirim.ContactUpdated))
			return (<-arrived).Sub(began)
		}
		updated() // it has answered from now on
		time.Sleep(time.Second)
		for after := range 12 {
			r.publish(t, contactCreated(t)) // a wake-up for what must wait
			time.Sleep(time.Duration(after) * time.Millisecond)
			require.Zero(t, updated(), "%d ms after an event for those that hang", after)
			time.Sleep(time.Second)
		}
	})
}

// What a claim for healthy endpoints alone leaves out is asked for right after it, though it brought less than it
// could.
func TestClaimForHealthyEndpointsIsNotTheLast(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := newHooked()
		var brought []int
		store.claimed = func(c *driver.Claims) { brought = append(brought, len(c.Claims)) }
		far := &farEnd{answer: func(_ int, r *http.Request) (*http.Response, error) {
			if r.URL.Host == "hangs.example.com" {
				return hang(r)
			}
			return reply(200), nil
		}}
		r := newRigOn(t, polled{store}, far, sender.Config{Workers: 16, PollInterval: time.Hour})
		subscribe := func(n int, host, eventType string) {
			for i := range n {
				r.subscribe(t, fmt.Sprintf("https://%s.example.com/%d", host, i), eventType)
			}
		}
		subscribe(4, "hangs", kirim.TypeContactCreated)
		subscribe(10, "healthy", kirim.TypeContactUpdated)
		subscribe(4, "new", kirim.TypeMessageCreated)
		r.publish(t, empty(t, kirim.ContactUpdated))
		synctest.Wait()
		r.publish(t, contactCreated(t)) // unproven endpoints have four slots left
		synctest.Wait()
		require.Len(t, far.requests(), 14)

		other, err := sender.New(store, sender.Config{}) // does not deliver, nor wake who does
		require.NoError(t, err)
		for _, ev := range []envelope.Event{empty(t, kirim.ContactUpdated), empty(t, kirim.MessageCreated)} {
			_, err := other.Org("acme").Publish(t.Context(), ev)
			require.NoError(t, err)
		}
		began := time.Now()
		brought = nil
		r.publish(t, contactCreated(t)) // a wake-up
		synctest.Wait()
		require.Len(t, far.requests(), 14+14)
		require.Zero(t, time.Since(began))
		require.Equal(t, []int{4, 6, 4}, brought[:3], "some of any kind, those that are healthy, and the rest")
	})
}

// A Sender that has nothing to do asks once per PollInterval, whatever its rules keep back.
func TestIdleSenderAsksOncePerPoll(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := newHooked()
		newRigOn(t, polled{store}, statuses(200), sender.Config{PollInterval: 10 * time.Second})
		time.Sleep(time.Second)
		require.EqualValues(t, 1, store.claims.Load())
		time.Sleep(10 * time.Minute)
		require.EqualValues(t, 1+60, store.claims.Load())
	})
}
