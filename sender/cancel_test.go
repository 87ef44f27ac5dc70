package sender_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// endings is what Hooks.Finished was told.
type endings struct {
	mu    sync.Mutex
	lines []string
}

func (e *endings) hooks() sender.Hooks {
	return sender.Hooks{Finished: func(_ context.Context, d sender.Delivery) {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.lines = append(e.lines, fmt.Sprintf("%s %s at attempt %d: %s", d.ID, d.State, d.Attempt, d.Reason))
	}}
}

func (e *endings) told() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.lines)
}

func TestCancel(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var ended endings
		r := newRig(t, statuses(503), sender.Config{Hooks: ended.hooks()})
		r.subscribe(t, "https://example.com/", "*")
		receipt := r.publish(t, contactCreated(t))
		synctest.Wait()
		d := r.only(t)
		require.NoError(t, r.org.Cancel(t.Context(), d.ID))
		d = r.only(t)
		require.Equal(t, sender.StateCancelled, d.State)
		require.Equal(t, "cancelled by its owner", d.Reason)
		require.False(t, d.FinishedAt.IsZero())
		err := r.org.Cancel(t.Context(), d.ID)
		require.ErrorIs(t, err, sender.ErrConflict)
		require.ErrorContains(t, err, "sender: cancel "+d.ID+": it is cancelled already")
		require.ErrorIs(t, r.org.RetryNow(t.Context(), d.ID), sender.ErrConflict)
		time.Sleep(48 * time.Hour)
		require.Len(t, r.far.requests(), 1)
		require.Equal(t, []string{d.ID + " cancelled at attempt 1: cancelled by its owner"}, ended.told())
		list, err := r.org.Explain(t.Context(), receipt.EventID)
		require.NoError(t, err)
		require.Equal(t, []sender.Explanation{
			{Subscription: d.SubscriptionID, Delivery: d.ID, Result: "cancelled", Why: "cancelled by its owner"},
		}, list)
		_, err = r.org.Replay(t.Context(), d.ID)
		require.NoError(t, err)
	})
}

// What is in flight finishes its attempt; what comes of it is told once, and truly.
func TestCancelOfAnAttemptThatIsBeingMade(t *testing.T) {
	for status, want := range map[int]string{
		503: "cancelled at attempt 1: cancelled by its owner",
		404: "cancelled at attempt 1: cancelled by its owner",
		200: "delivered at attempt 1: ",
	} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				var ended endings
				answer := make(chan struct{})
				r := newRig(t, &farEnd{answer: func(int, *http.Request) (*http.Response, error) {
					<-answer
					return reply(status), nil
				}}, sender.Config{Hooks: ended.hooks()})
				r.subscribe(t, "https://example.com/", "*")
				receipt := r.publish(t, contactCreated(t))
				synctest.Wait()
				d := r.only(t)
				for range 2 {
					require.NoError(t, r.org.Cancel(t.Context(), d.ID), "and once more changes nothing")
				}
				require.Equal(t, sender.StatePending, r.only(t).State)
				list, err := r.org.Explain(t.Context(), receipt.EventID)
				require.NoError(t, err)
				require.Equal(t, "attempt 1 is being made; unless it delivers, it was the last: cancelled by its owner",
					list[0].Why)
				require.Empty(t, ended.told())
				close(answer)
				time.Sleep(48 * time.Hour)
				require.Equal(t, []string{d.ID + " " + want}, ended.told())
				require.Len(t, r.far.requests(), 1)
				require.Len(t, r.attempts(t, d.ID), 1)
				require.NotContains(t, r.logs.String(), "delivery dead")
			})
		})
	}
}

// A worker that died with a delivery that was cancelled meanwhile leaves nothing to another.
func TestCancelOfALostAttempt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), sender.Config{})
		r.subscribe(t, "https://example.com/", "*")
		r.stop()
		r.publish(t, contactCreated(t))
		claims, err := r.store.Claim(t.Context(), driver.ClaimRequest{Limit: 1, PerSubscription: 1, Lease: time.Minute})
		require.NoError(t, err)
		require.Len(t, claims.Claims, 1)
		require.NoError(t, r.org.Cancel(t.Context(), r.only(t).ID))
		r.run(t)
		time.Sleep(time.Hour)
		require.Empty(t, r.far.requests())
		require.Equal(t, sender.StateCancelled, r.only(t).State)
	})
}

func TestCancelAll(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var ended endings
		r := newRig(t, &farEnd{answer: func(_ int, req *http.Request) (*http.Response, error) { return hang(req) }},
			sender.Config{Hooks: ended.hooks(), PerSubscription: 3})
		sub, _ := r.subscribe(t, "https://example.com/", "*")
		for range 600 {
			r.publish(t, contactCreated(t))
		}
		synctest.Wait()
		flying := len(r.far.requests())
		require.NotZero(t, flying)
		cancel := func(q sender.DeliveryQuery) (now, later int) {
			for c, err := range r.org.CancelAll(t.Context(), q) {
				require.NoError(t, err)
				require.Regexp(t, "^wbd_", c.ID)
				if c.Ended {
					now++
				} else {
					later++
				}
			}
			return now, later
		}
		now, later := cancel(sender.DeliveryQuery{EventType: "contact.deleted"})
		require.Zero(t, now+later)
		now, later = cancel(sender.DeliveryQuery{Subscription: sub.ID, Limit: 50})
		require.Equal(t, 50, now+later, "Limit bounds the whole")
		now, later = cancel(sender.DeliveryQuery{Subscription: sub.ID})
		require.Equal(t, 550, now+later)
		require.Equal(t, flying, later)
		time.Sleep(time.Hour)
		require.Len(t, r.far.requests(), flying, "no further attempt")
		require.Len(t, r.deliveries(t, sender.DeliveryQuery{States: []sender.State{sender.StateCancelled}}), 600)
		require.Len(t, ended.told(), 600, "each once")
	})
}
