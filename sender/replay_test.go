package sender_test

import (
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
)

// replayAll gives the number of deliveries that a replay by filter made.
func (r *rig) replayAll(t *testing.T, q sender.DeliveryQuery) (n int) {
	t.Helper()
	for _, err := range r.org.ReplayAll(t.Context(), q) {
		require.NoError(t, err)
		n++
	}
	return n
}

// An impatient operator sends no event more than once for each call, and nothing that has arrived.
func TestReplayAllAgainAndAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		const events = 600 // more than a page
		var healthy atomic.Bool
		r := newRig(t, &farEnd{answer: func(int, *http.Request) (*http.Response, error) {
			if healthy.Load() {
				return reply(200), nil
			}
			return reply(404), nil
		}}, sender.Config{Contracts: []sender.Contract{neverDisables()}})
		r.subscribe(t, "https://example.com/", "*")
		for range events {
			r.publish(t, contactCreated(t))
		}
		time.Sleep(time.Minute)
		dead := sender.DeliveryQuery{States: []sender.State{sender.StateDead}}
		for n := 1; n <= 4; n++ {
			require.Equal(t, events, r.replayAll(t, dead), "call %d", n)
			time.Sleep(time.Minute)
			require.Len(t, r.far.requests(), events*(n+1), "each event once")
		}
		healthy.Store(true)
		require.Equal(t, events, r.replayAll(t, dead))
		require.Zero(t, r.replayAll(t, dead), "all are on their way")
		time.Sleep(time.Minute)
		require.Zero(t, r.replayAll(t, dead), "all have arrived")
		require.Len(t, r.far.requests(), events*6)
	})
}

// Deliveries that a page has made end before the next page is asked for.
func TestReplayAllWhileItsReplaysDie(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(404), sender.Config{Contracts: []sender.Contract{neverDisables()}})
		r.subscribe(t, "https://example.com/", "*")
		for range 600 {
			r.publish(t, contactCreated(t))
		}
		time.Sleep(time.Minute)
		r.replayAll(t, sender.DeliveryQuery{})
		time.Sleep(time.Minute)
		n := 0
		for replayed, err := range r.org.ReplayAll(t.Context(), sender.DeliveryQuery{}) {
			require.NoError(t, err)
			if n++; n%100 == 0 {
				time.Sleep(time.Minute)
				synctest.Wait()
				d, err := r.org.Delivery(t.Context(), replayed.New)
				require.NoError(t, err)
				require.Equal(t, sender.StateDead, d.State)
			}
		}
		require.Equal(t, 600, n)
		time.Sleep(time.Minute)
		require.Len(t, r.far.requests(), 3*600)
	})
}
