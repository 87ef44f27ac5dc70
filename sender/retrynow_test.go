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

func TestRetryNow(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(503, 503, 503, 200), sender.Config{PollInterval: time.Hour})
		r.subscribe(t, "https://example.com/", "*")
		r.publish(t, contactCreated(t))
		synctest.Wait()
		d := r.only(t)
		require.Equal(t, 1, d.Attempt)
		began := time.Now()
		require.NoError(t, r.org.RetryNow(t.Context(), d.ID))
		synctest.Wait()
		got := r.far.requests()
		require.Len(t, got, 2)
		require.Equal(t, began, got[1].at, "at once, and not at the next poll")
		require.Equal(t, "2", got[1].header.Get("X-Kirim-Attempt"))
		require.Equal(t, d.ID, got[1].header.Get("X-Kirim-Delivery-Id"))
		d = r.only(t)
		require.Equal(t, 2, d.Attempt)
		require.InDelta(t, 30, d.NextAt.Sub(began).Seconds(), 6, "what is left of the schedule follows")

		time.Sleep(time.Hour)
		require.Len(t, r.far.requests(), 4)
		d = r.only(t)
		require.Equal(t, sender.StateDelivered, d.State)
		require.Len(t, r.attempts(t, d.ID), 4)
	})
}

func TestRetryNowSaysWhatIsInItsWay(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, &farEnd{answer: func(n int, req *http.Request) (*http.Response, error) {
			if n == 1 {
				return hang(req)
			}
			return reply(404), nil
		}}, sender.Config{})
		sub, _ := r.subscribe(t, "https://example.com/", "*")
		r.publish(t, contactCreated(t))
		synctest.Wait()
		d := r.only(t)
		err := r.org.RetryNow(t.Context(), d.ID)
		require.ErrorIs(t, err, sender.ErrConflict)
		require.ErrorContains(t, err, "sender: retry "+d.ID+": attempt 1 is being made")

		require.NoError(t, r.org.Pause(t.Context(), sub.ID))
		time.Sleep(10 * time.Second)
		synctest.Wait()
		for range 2 {
			require.NoError(t, r.org.RetryNow(t.Context(), d.ID), "and what is due stays due")
		}
		time.Sleep(12 * time.Hour)
		require.Equal(t, sender.StateHeld, r.only(t).State)
		require.Len(t, r.far.requests(), 1)
		require.NoError(t, r.org.Resume(t.Context(), sub.ID))
		synctest.Wait()
		err = r.org.RetryNow(t.Context(), d.ID)
		require.ErrorIs(t, err, sender.ErrConflict)
		require.ErrorContains(t, err, "it is dead already")
	})
}

func TestRetryAllNow(t *testing.T) {
	bubble(t, func(t *testing.T) {
		contract := sender.Kirim()
		contract.Schedule = sender.Waits{24 * time.Hour, 24 * time.Hour}
		var healthy atomic.Bool
		r := newRig(t, &farEnd{answer: func(int, *http.Request) (*http.Response, error) {
			if healthy.Load() {
				return reply(200), nil
			}
			return reply(500), nil
		}}, sender.Config{Contracts: []sender.Contract{contract}})
		sub, _ := r.subscribe(t, "https://example.com/", "*")
		for range 700 {
			r.publish(t, contactCreated(t))
		}
		time.Sleep(time.Minute)
		healthy.Store(true)
		hurry := func(q sender.DeliveryQuery) (ids []string) {
			for id, err := range r.org.RetryAllNow(t.Context(), q) {
				require.NoError(t, err)
				require.Regexp(t, "^wbd_", id)
				ids = append(ids, id)
			}
			return ids
		}
		require.Empty(t, hurry(sender.DeliveryQuery{EventType: "contact.deleted"}))
		first := hurry(sender.DeliveryQuery{Subscription: sub.ID, Limit: 100})
		require.Len(t, first, 100, "Limit bounds the whole")
		require.Len(t, hurry(sender.DeliveryQuery{Subscription: sub.ID, After: first[99]}), 600, "After resumes")
		time.Sleep(time.Minute)
		require.Len(t, r.deliveries(t, sender.DeliveryQuery{States: []sender.State{sender.StateDelivered}}), 700)
		require.Empty(t, hurry(sender.DeliveryQuery{}))
		require.Len(t, r.far.requests(), 1400)
	})
}
