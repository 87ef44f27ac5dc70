package harness

import (
	"context"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// watched is the store of a worker with somebody looking over its shoulder. It changes one thing: the lease, since a
// Sender cannot be given one short enough for a test.
type watched struct {
	sender.Store
	worker  string
	lease   time.Duration
	journal *Journal
	pass    func(Point)
}

// watch wraps store and keeps its power to wake a Sender up.
func watch(w *watched) sender.Store {
	waiter, ok := w.Store.(driver.Waiter)
	if !ok {
		return w
	}
	return struct {
		*watched
		driver.Waiter
	}{w, waiter}
}

func (w *watched) Enqueue(
	ctx context.Context, pubs []driver.Publication, claim *driver.ClaimRequest,
) ([]driver.Enqueued, []driver.Claim, error) {
	w.pass(PointBeforeEnqueue)
	if claim != nil {
		short := *claim
		short.Lease = w.lease
		claim = &short
	}
	asked := time.Now()
	results, claims, err := w.Store.Enqueue(ctx, pubs, claim)
	w.journal.claimed(w.worker, asked, claims)
	w.pass(PointAfterEnqueue)
	return results, claims, err
}

func (w *watched) Claim(ctx context.Context, r driver.ClaimRequest) (driver.Claims, error) {
	r.Lease = w.lease
	asked := time.Now()
	claims, err := w.Store.Claim(ctx, r)
	w.journal.claimed(w.worker, asked, claims.Claims)
	if len(claims.Claims) > 0 {
		w.pass(PointAfterClaim)
	}
	return claims, err
}

func (w *watched) Settle(ctx context.Context, outcomes []driver.Outcome) ([]driver.Settled, error) {
	w.pass(PointBeforeSettle)
	w.journal.settling(outcomes)
	settled, err := w.Store.Settle(ctx, outcomes)
	w.journal.settled(outcomes, settled)
	w.pass(PointAfterSettle)
	return settled, err
}
