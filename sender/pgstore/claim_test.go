package pgstore_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func TestClaimsAreFair(t *testing.T) {
	w := open(t)
	w.seed(100, 500, 50_000)
	got := map[string]int{}
	r := request(12) // cuts every second lane short
	r.PerSubscription = 10
	for range 300 {
		var done []driver.Outcome
		for _, c := range w.claim(r).Claims {
			got[c.Delivery.SubscriptionID]++
			done = append(done, delivered(c))
		}
		w.settle(done...)
	}
	least, most := 1<<30, 0
	for i := range 100 {
		n := got[fmt.Sprint("s", i)]
		least, most = min(least, n), max(most, n)
	}
	t.Logf("%d to %d each", least, most)
	require.LessOrEqual(t, 2*most, 3*least)
}

// More must end, or a process whose every lane is held or over quota would ask for ever.
func TestMoreEndsAfterOneRound(t *testing.T) {
	w := open(t)
	w.seed(5000, 1, 0)
	r := request(10)
	r.PerSubscription = 0
	for range 3 {
		n := 1
		for ; w.claim(r).More; n++ {
			require.Less(t, n, 40)
		}
		require.GreaterOrEqual(t, n, 5000/256, "all lanes were seen")
	}
	r.Quota = map[string]int{"s3777": 1}
	for n := 0; ; n++ {
		c := w.claim(r)
		if len(c.Claims) > 0 {
			break
		}
		require.True(t, c.More || n == 0)
		require.Less(t, n, 40)
	}
}

// blocked starts call while the directory is locked, and cancels its context once it waits. It returns a function that
// unlocks, and what call came to.
func (w *world) blocked(call func(context.Context) error) (unlock func(), result <-chan error) {
	w.Helper()
	tx := w.begin()
	require.NoError(w, tx.exec(w.in("lock table {schema}.subscriptions in access exclusive mode")))
	ctx, cancel := context.WithCancel(w.ctx)
	done := make(chan error, 1)
	go func() { done <- call(ctx) }()
	w.untilBlocked(1)
	cancel()
	return tx.rollback, done
}

// What is cancelled while it leases is finished all the same if that takes no longer than a moment: otherwise nobody
// would know of the leases.
func TestACallThatLeasesIsFinished(t *testing.T) {
	w := open(t)
	w.subscribe("a", "s", driver.StatusActive, "x")
	w.publish(publication("a", "e1", "x"))
	w.claim(driver.ClaimRequest{Limit: 1, Lease: time.Minute}) // the statement is prepared
	var claims []driver.Claim
	unlock, result := w.blocked(func(ctx context.Context) error {
		c, err := w.Store.Claim(ctx, request(1))
		claims = c.Claims
		return err
	})
	unlock()
	require.NoError(t, <-result)
	require.Len(t, claims, 1)

	r := request(1)
	unlock, result = w.blocked(func(ctx context.Context) (err error) {
		_, claims, err = w.Enqueue(ctx, []driver.Publication{publication("a", "e2", "x")}, &r)
		return err
	})
	unlock()
	require.NoError(t, <-result)
	require.Len(t, claims, 1)
}

func TestACallThatLeasesIsCutShortInTheEnd(t *testing.T) {
	w := open(t)
	unlock, result := w.blocked(func(ctx context.Context) error {
		_, err := w.Store.Claim(ctx, request(1))
		return err
	})
	defer unlock()
	start := time.Now()
	require.ErrorIs(t, <-result, context.Canceled)
	require.Less(t, time.Since(start), 10*time.Second)
}
