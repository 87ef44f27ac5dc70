package pgstore_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func TestALeaseOfBeforeTheClockWentBackHasLapsed(t *testing.T) {
	for name, lease := range map[string]func(*world) []driver.Claim{
		"claimed": func(w *world) []driver.Claim {
			w.publish(publication("a", "e", "x"))
			return w.claim(request(1)).Claims
		},
		"leased as it is published": func(w *world) []driver.Claim {
			r := request(1)
			_, claims, err := w.Enqueue(w.ctx, []driver.Publication{publication("a", "e", "x")}, &r)
			require.NoError(w, err)
			return claims
		},
		"a retry": func(w *world) []driver.Claim {
			w.publish(publication("a", "e", "x"))
			again := died(w.claim(request(1)).Claims[0])
			again.State, again.After, again.Health = driver.StatePending, time.Second, driver.HealthUnchanged
			w.settle(again)
			w.advance(time.Second)
			return w.claim(request(1)).Claims
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			w.subscribe("a", "s", driver.StatusActive, "x")
			first := lease(w)
			require.Len(t, first, 1)
			w.advance(-time.Second)
			require.Empty(t, w.claim(request(1)).Claims, "a clock that is corrected takes no lease away")
			w.advance(-day)
			second := w.claim(request(1)).Claims
			require.Len(t, second, 1)
			require.Equal(t, 1, second[0].Lapses)
			require.Empty(t, w.claim(request(1)).Claims)
			require.False(t, w.settle(delivered(first[0]))[0].Applied)
			require.True(t, w.settle(delivered(second[0]))[0].Applied)
		})
	}
}

// A process whose leases are long is not robbed by one whose leases are short.
func TestALeaseMayBeLongerThanThoseOfOthers(t *testing.T) {
	w := open(t)
	w.subscribe("a", "s", driver.StatusActive, "x")
	w.publish(publication("a", "e", "x"))
	r := request(1)
	r.Lease = 100 * day
	require.Len(t, w.claim(r).Claims, 1)
	w.advance(50 * day)
	require.Empty(t, w.claim(request(1)).Claims)
	w.advance(50 * day)
	require.Len(t, w.claim(request(1)).Claims, 1)
}

func TestWaitsOfBeforeTheClockWentBackAreOver(t *testing.T) {
	w := open(t)
	w.subscribe("a", "s", driver.StatusActive, "x")
	const n = 500 // more than one claim looks at
	w.publish(publications("a", "e", n, "x")...)
	var retries []driver.Outcome
	for i, c := range w.claim(request(n)).Claims {
		o := died(c)
		o.State, o.After, o.Health = driver.StatePending, time.Hour+time.Duration(i)*time.Minute, driver.HealthUnchanged
		retries = append(retries, o)
	}
	w.settle(retries...)
	w.advance(-time.Second)
	require.Empty(t, w.claim(request(10)).Claims, "a clock that is corrected ends no wait")
	w.advance(-day)
	got := map[string]bool{}
	for more := true; more; {
		c := w.claim(request(100))
		for _, c := range c.Claims {
			require.Zero(t, c.Lapses)
			got[c.Delivery.ID] = true
		}
		more = c.More || len(c.Claims) > 0
	}
	require.Len(t, got, n)
}

// What was asked for after the clock went back is waited for, and hides nothing for longer than that.
func TestAWaitOfAfterTheClockWentBackStands(t *testing.T) {
	w := open(t)
	w.subscribe("a", "s", driver.StatusActive, "x")
	w.publish(publications("a", "e", 2, "x")...)
	claims := w.claim(request(2)).Claims
	wait := func(c driver.Claim, after time.Duration) {
		o := died(c)
		o.State, o.After, o.Health = driver.StatePending, after, driver.HealthUnchanged
		w.settle(o)
	}
	wait(claims[0], time.Minute)
	w.advance(-day)
	wait(claims[1], 30*time.Hour)
	require.Empty(t, w.claim(request(2)).Claims, "the first is due before the other")
	w.advance(30 * time.Hour)
	require.Len(t, w.claim(request(2)).Claims, 2)
}

func TestHealthFailsForNoNegativeTime(t *testing.T) {
	w := open(t)
	w.subscribe("a", "s", driver.StatusActive, "x")
	w.publish(publications("a", "e", 2, "x")...)
	claims := w.claim(request(2)).Claims
	w.settle(died(claims[0]))
	w.advance(-day)
	h := w.settle(died(claims[1]))[0].Health
	require.Equal(t, driver.Health{ConsecutiveDead: 2}, h)
	list, err := w.Subscriptions(w.ctx, driver.SubscriptionQuery{Org: "a"})
	require.NoError(t, err)
	require.Equal(t, h, list[0].Health)
}

// A look at one end of an index is all that it costs.
func TestAClockThatGoesOnCostsAClaimNothing(t *testing.T) {
	few, many := alone(t), alone(t)
	for w, n := range map[*world]int{few: 10, many: 50_000} {
		w.seed(1, 1, 0)
		w.exec(`insert into {schema}.unfinished_deliveries (number, subscription, event, org, created_at, due_at,
				lease_ends_at, ready)
			select 1000 + g, (select number from {schema}.subscriptions), (select min(number) from {schema}.events),
				'o', now(), now() + interval '1 hour' + g * interval '1 second', now(), false
			from generate_series(1, $1::int) g`, n)
		w.exec("vacuum analyze {schema}.unfinished_deliveries")
	}
	a, b := few.claimBuffers(10, 10, nil), many.claimBuffers(10, 10, nil)
	t.Logf("%d pages a claim with 10 that wait, %d with 50,000", a/20, b/20)
	require.Less(t, b, a+20*8)
}
