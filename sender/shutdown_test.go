package sender_test

import (
	"context"
	"errors"
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

// parkOne makes a retry wait in this process behind a fresh delivery that hangs. Both were claimed for a lane that gets
// one, the retry by the claim loop, the other by its publisher meanwhile.
func parkOne(t *testing.T) (r *rig, retry sender.Receipt) { return parkOneBehind(t, time.Second) }

// parkOneBehind is parkOne with an attempt that takes so long.
func parkOneBehind(t *testing.T, long time.Duration) (r *rig, retry sender.Receipt) {
	store := newHooked()
	var slow atomic.Bool
	store.claimed = func(c *driver.Claims) {
		if slow.Load() && len(c.Claims) > 0 {
			time.Sleep(20 * time.Millisecond)
		}
	}
	far := &farEnd{answer: func(n int, req *http.Request) (*http.Response, error) {
		switch n {
		case 1:
			return reply(503), nil
		case 2:
			time.Sleep(long)
		}
		return reply(200), nil
	}}
	r = newRigOn(t, store, far, sender.Config{ShutdownTimeout: 5 * time.Second, Contracts: []sender.Contract{acme()}})
	sub, _ := r.subscribe(t, "https://example.com/", "*")
	publish := func() sender.Receipt {
		return r.publish(t, envelope.Event{Source: "acme", Type: "a", Body: []byte("1")})
	}
	retry = publish()
	synctest.Wait()
	require.NoError(t, r.org.Pause(t.Context(), sub.ID))
	time.Sleep(65 * time.Second) // between two polls
	slow.Store(true)
	before := store.taken.Load()
	require.NoError(t, r.org.Resume(t.Context(), sub.ID))
	time.Sleep(10 * time.Millisecond)
	publish()
	time.Sleep(50 * time.Millisecond)
	require.Len(t, r.far.requests(), 2)
	require.EqualValues(t, before+1, store.taken.Load())
	return r, retry
}

// A pause counts for what has waited long.
func TestParkedClaimGoesBack(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r, retry := parkOneBehind(t, 8*time.Second)
		d := r.deliveries(t, sender.DeliveryQuery{EventID: retry.EventID})[0]
		require.NoError(t, r.org.Pause(t.Context(), d.SubscriptionID))
		time.Sleep(time.Minute)
		require.Len(t, r.far.requests(), 2)
		d = r.deliveries(t, sender.DeliveryQuery{EventID: retry.EventID})[0]
		require.Equal(t, sender.StateHeld, d.State)
		require.Equal(t, 1, d.Attempt, "no attempt was consumed")
		require.NoError(t, r.org.Resume(t.Context(), d.SubscriptionID))
		time.Sleep(time.Second)
		require.Len(t, r.far.requests(), 3)
	})
}

func TestParkedClaimRunsNext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r, retry := parkOne(t)
		time.Sleep(time.Second)
		got := r.far.requests()
		require.Len(t, got, 3)
		require.WithinDuration(t, got[1].at.Add(time.Second), got[2].at, time.Millisecond)
		require.Equal(t, sender.StateDelivered, r.deliveries(t, sender.DeliveryQuery{EventID: retry.EventID})[0].State)
	})
}

// What has not begun at shutdown is given back at once, and keeps the reason for which it waits.
func TestShutdownGivesBackWhatHasNotBegun(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r, retry := parkOne(t)
		r.stop()
		require.Len(t, r.far.requests(), 2)
		d := r.deliveries(t, sender.DeliveryQuery{EventID: retry.EventID})[0]
		require.Equal(t, sender.StatePending, d.State)
		require.False(t, d.NextAt.IsZero(), "it is nobody's")
		require.Equal(t, "status 503", d.Reason)
		require.Equal(t, 1, d.Attempt)
		r.run(t)
		time.Sleep(time.Second)
		require.Len(t, r.far.requests(), 3)
	})
}

// Over many starts and stops with publishers at work nothing is lost, nothing is left running, and every slot comes
// back.
func TestStartStop(t *testing.T) {
	bubble(t, func(t *testing.T) {
		const workers = 8
		var now, peak atomic.Int64
		var hold atomic.Bool
		far := &farEnd{answer: func(n int, r *http.Request) (*http.Response, error) {
			peak.Store(max(now.Add(1), peak.Load()))
			defer now.Add(-1)
			if hold.Load() {
				return hang(r)
			}
			time.Sleep(time.Duration(n%5) * time.Millisecond)
			return reply(200), nil
		}}
		store := newHooked()
		store.claimed = func(*driver.Claims) { time.Sleep(time.Millisecond) }
		r := newRigOn(t, store, far, sender.Config{Workers: workers, PerSubscription: 2, ShutdownTimeout: time.Millisecond})
		for i := range 8 {
			r.subscribe(t, fmt.Sprintf("https://example.com/%d", i), "*")
		}
		ctx, cancel := context.WithCancel(t.Context())
		var publishers sync.WaitGroup
		var published atomic.Int64
		for i := range 4 {
			publishers.Go(func() {
				for ctx.Err() == nil {
					if _, err := r.org.Publish(ctx, contactCreated(t)); err == nil {
						published.Add(1)
					}
					time.Sleep(time.Duration(i+1) * time.Millisecond)
				}
			})
		}
		for range 50 {
			time.Sleep(20 * time.Millisecond)
			r.stop()
			r.run(t)
		}
		cancel()
		publishers.Wait()
		time.Sleep(time.Hour)
		all := len(r.deliveries(t, sender.DeliveryQuery{}))
		require.GreaterOrEqual(t, all, int(8*published.Load()))
		require.LessOrEqual(t, all, int(8*(published.Load()+4)), "each publisher may have given up what was being written")
		require.Len(t, r.deliveries(t, sender.DeliveryQuery{States: []sender.State{sender.StateDelivered}}), all)
		require.LessOrEqual(t, peak.Load(), int64(workers))

		hold.Store(true)
		peak.Store(0)
		for range 3 {
			r.publish(t, contactCreated(t))
		}
		time.Sleep(time.Second)
		require.EqualValues(t, workers, peak.Load(), "every slot has come back")
	})
}

// Who publishes while Run ends only stores.
func TestPublishDuringShutdown(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, &farEnd{answer: func(int, *http.Request) (*http.Response, error) {
			time.Sleep(3 * time.Second)
			return reply(200), nil
		}}, sender.Config{})
		r.subscribe(t, "https://example.com/", "*")
		r.subscribe(t, "https://example.com/other", "message.*")
		r.publish(t, contactCreated(t))
		synctest.Wait()
		go r.stop()
		time.Sleep(time.Second)
		for range 10 {
			require.Positive(t, r.publish(t, metaSample(t, "message.received")).Deliveries+
				r.publish(t, contactCreated(t)).Deliveries)
		}
		time.Sleep(time.Minute)
		require.Len(t, r.far.requests(), 1)
		r.run(t)
		time.Sleep(time.Minute)
		require.Empty(t, r.deliveries(t, sender.DeliveryQuery{States: []sender.State{sender.StatePending}}))
	})
}

// A shutdown that takes a while says what it waits for, every few seconds; one that does not says nothing.
func TestShutdownSaysWhatItWaitsFor(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := newHooked()
		var down atomic.Bool
		store.settle = func([]driver.Outcome) error {
			if down.Load() {
				return errors.New("no server")
			}
			return nil
		}
		r := newRigOn(t, store, &farEnd{answer: func(int, *http.Request) (*http.Response, error) {
			time.Sleep(9 * time.Second)
			return reply(200), nil
		}}, sender.Config{ShutdownTimeout: 12 * time.Second})
		for range 3 {
			r.subscribe(t, "https://example.com/", "*")
		}
		r.publish(t, contactCreated(t))
		synctest.Wait()
		down.Store(true)
		time.AfterFunc(11500*time.Millisecond, func() { down.Store(false) })
		r.stop()
		require.Regexp(t, `(?s)"shutdown waits" attempts=3 outcomes=0 remaining=11s.*attempts=3 outcomes=0 remaining=6s.*attempts=0 outcomes=3 remaining=1s`, r.logs.String())
		require.Len(t, r.logs.times(t, `"shutdown waits"`), 3)
		for _, d := range r.deliveries(t, sender.DeliveryQuery{}) {
			require.Equal(t, sender.StateDelivered, d.State)
		}

		idle := newRig(t, statuses(200), sender.Config{})
		synctest.Wait()
		idle.stop()
		require.NotContains(t, idle.logs.String(), "shutdown waits")
	})
}
