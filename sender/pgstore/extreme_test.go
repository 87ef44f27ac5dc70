package pgstore_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func TestQueriesMayNameAnyTime(t *testing.T) {
	w := open(t)
	w.subscribe("a", "s", driver.StatusActive, "x")
	w.publish(publication("a", "e", "x"))
	list, err := w.Deliveries(w.ctx, driver.DeliveryQuery{Org: "a"})
	require.NoError(t, err)
	created := list[0].CreatedAt
	past, future := time.Date(-290_000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(300_000_000, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name         string
		since, until time.Time
		want         int
	}{
		{"all of time", past, future, 1},
		{"since far ahead", future, time.Time{}, 0},
		{"until long ago", time.Time{}, past, 0},
		{"since a year that a timestamp cannot have", time.Date(294_277, 1, 1, 0, 0, 0, 0, time.UTC), time.Time{}, 0},
		{"since the very moment", created, time.Time{}, 1},
		{"since a nanosecond later", created.Add(1), time.Time{}, 0},
		{"until the very moment", time.Time{}, created, 0},
		{"until a nanosecond later", time.Time{}, created.Add(1), 1},
	} {
		list, err := w.Deliveries(w.ctx, driver.DeliveryQuery{Org: "a", Since: c.since, Until: c.until})
		require.NoError(t, err, c.name)
		require.Len(t, list, c.want, c.name)
	}
}

func TestDurationsMayBeAny(t *testing.T) {
	w := open(t)
	w.subscribe("a", "s", driver.StatusActive, "x")
	w.publish(publication("a", "e", "x"))
	longest := request(1)
	longest.Lease = math.MaxInt64
	again := died(w.claim(longest).Claims[0])
	require.Empty(t, w.claim(request(1)).Claims)
	again.State, again.After, again.Health = driver.StatePending, math.MaxInt64, driver.HealthUnchanged
	w.settle(again)
	for _, c := range []driver.Claims{w.claim(request(1)), w.claim(longest)} {
		require.Empty(t, c.Claims, "a wait of 292 years is not over at once")
		require.InDelta(t, time.Duration(math.MaxInt64).Hours(), c.NextDue.Hours(), 24)
	}
	w.advance(-30 * time.Second)
	require.EqualValues(t, math.MaxInt64/1000, w.claim(request(1)).NextDue/1000,
		"nor when the clock was corrected meanwhile")
	for _, back := range []time.Duration{math.MinInt64, -time.Hour, 0, time.Hour, math.MaxInt64} {
		list, err := w.Minutes(w.ctx, "a", "s", back)
		require.NoError(t, err)
		if back > 0 {
			require.Len(t, list, 1, back)
		} else {
			require.LessOrEqual(t, len(list), 1, back)
		}
	}
	w.publish(publication("a", "f", "x"))
	again = died(w.claim(request(1)).Claims[0])
	again.State, again.After, again.Health = driver.StatePending, math.MinInt64, driver.HealthUnchanged
	w.settle(again)
	require.Len(t, w.claim(request(1)).Claims, 1, "a negative wait is none")
	r := request(1)
	r.Lease = 1
	w.publish(publication("a", "g", "x"))
	require.Len(t, w.claim(r).Claims, 1)
	p, err := w.Purge(w.ctx, driver.PurgeRequest{
		Finished: math.MinInt64, Identity: math.MinInt64, HeldAge: math.MinInt64, HeldMax: -1, Limit: 100,
	})
	require.NoError(t, err)
	require.Zero(t, p)
	p, err = w.Purge(w.ctx, driver.PurgeRequest{
		Finished: math.MaxInt64, Identity: math.MaxInt64, HeldAge: math.MaxInt64, HeldMax: math.MaxInt, Limit: 100,
	})
	require.NoError(t, err)
	require.Zero(t, p)
}

func TestTimesOfSubscriptionsComeBack(t *testing.T) {
	w := open(t)
	odd := time.FixedZone("LMT", 7*3600+7*60+12)
	at := time.Date(1900, 5, 6, 7, 8, 9, 0, odd)
	r := driver.SubscriptionRecord{
		Subscription: driver.Subscription{
			Org: "a", ID: "s", Status: driver.StatusActive, CreatedAt: at, ActivatedAt: at,
			Secrets: []driver.SecretInfo{{ID: "1", CreatedAt: at, ExpiresAt: at}},
		},
		Sealed: []driver.SecretRecord{{ID: "1", CreatedAt: at, ExpiresAt: at}},
	}
	_, err := w.PutSubscription(w.ctx, r)
	require.NoError(t, err)
	require.Equal(t, odd, r.Secrets[0].CreatedAt.Location(), "the caller's stay as they are")
	list, err := w.Subscriptions(w.ctx, driver.SubscriptionQuery{Org: "a"})
	require.NoError(t, err)
	got := list[0]
	for _, g := range []time.Time{
		got.CreatedAt, got.ActivatedAt, got.Secrets[0].CreatedAt, got.Secrets[0].ExpiresAt,
		got.Sealed[0].CreatedAt, got.Sealed[0].ExpiresAt,
	} {
		require.Equal(t, at.UTC(), g)
	}
}
