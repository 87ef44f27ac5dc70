package memstore_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// within reports whether Wait returns before anything else happens.
func within(t *testing.T, s *memstore.Store) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	return s.Wait(ctx) == nil
}

// A wake-up that reaches a waiter in the moment it gives up belongs to the next one.
func TestWakeUpForOneWhoLeavesIsNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		within(t, s) // the subscription
		for range 100 {
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() { done <- s.Wait(ctx) }()
			synctest.Wait()
			cancel()
			enqueue(t, s, []driver.Publication{pub(time.Now().String(), 1)})
			require.ErrorIs(t, <-done, context.Canceled)
			require.True(t, within(t, s))
			time.Sleep(time.Second)
		}
	})
}

func TestWaitHearsOfLeasesAndRetriesThatNoClaimForesaw(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		within(t, s)
		r := request(10)
		_, claims, err := s.Enqueue(t.Context(), []driver.Publication{pub("evt_1", 1)}, &r)
		require.NoError(t, err)
		require.True(t, within(t, s), "a lease that somebody else was given may run out")

		_, err = s.Settle(t.Context(), []driver.Outcome{{
			Org: "acme", DeliveryID: claims[0].Delivery.ID, Token: claims[0].Token, State: driver.StatePending,
			After: time.Minute,
		}})
		require.NoError(t, err)
		require.True(t, within(t, s), "a retry")
		require.False(t, within(t, s), "nothing new")
		time.Sleep(time.Minute)
		c, err := s.Claim(t.Context(), request(10))
		require.NoError(t, err)
		require.Len(t, c.Claims, 1)
		require.False(t, within(t, s), "a claim tells its caller of its own leases")
	})
}

func TestMinutesReachBack24Hours(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		for range 50 {
			r := request(1)
			_, claims, err := s.Enqueue(t.Context(), []driver.Publication{pub(time.Now().String(), 1)}, &r)
			require.NoError(t, err)
			_, err = s.Settle(t.Context(), []driver.Outcome{{
				Org: "acme", DeliveryID: claims[0].Delivery.ID, Token: claims[0].Token, State: driver.StateDelivered,
				Attempt: &driver.Attempt{N: 1, StatusCode: 200},
			}})
			require.NoError(t, err)
			time.Sleep(time.Hour)
		}
		for _, sub := range []string{"", "a"} {
			m, err := s.Minutes(t.Context(), "acme", sub, 1000*time.Hour)
			require.NoError(t, err)
			require.Len(t, m, 24)
		}
	})
}
