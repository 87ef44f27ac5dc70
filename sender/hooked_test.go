package sender_test

import (
	"context"
	"sync/atomic"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// hooked is a memory store whose hot path can be watched and broken. What the functions return replaces the answer.
type hooked struct {
	*memstore.Store
	enqueue func(pubs []driver.Publication) error
	claim   func(r driver.ClaimRequest) error
	claimed func(c *driver.Claims) // after the store has answered
	settle  func(outcomes []driver.Outcome) error
	settled func(s []driver.Settled) []driver.Settled

	enqueues, settles, claims atomic.Int64
	taken                     atomic.Int64 // deliveries that Claim gave
}

func newHooked() *hooked { return &hooked{Store: memstore.New()} }

func (h *hooked) Enqueue(
	ctx context.Context, pubs []driver.Publication, c *driver.ClaimRequest,
) ([]driver.Enqueued, []driver.Claim, error) {
	h.enqueues.Add(1)
	if h.enqueue != nil {
		if err := h.enqueue(pubs); err != nil {
			return nil, nil, err
		}
	}
	return h.Store.Enqueue(ctx, pubs, c)
}

func (h *hooked) Claim(ctx context.Context, r driver.ClaimRequest) (driver.Claims, error) {
	h.claims.Add(1)
	if h.claim != nil {
		if err := h.claim(r); err != nil {
			return driver.Claims{}, err
		}
	}
	claims, err := h.Store.Claim(ctx, r)
	h.taken.Add(int64(len(claims.Claims)))
	if h.claimed != nil {
		h.claimed(&claims)
	}
	return claims, err
}

func (h *hooked) Settle(ctx context.Context, outcomes []driver.Outcome) ([]driver.Settled, error) {
	h.settles.Add(1)
	if h.settle != nil {
		if err := h.settle(outcomes); err != nil {
			return nil, err
		}
	}
	settled, err := h.Store.Settle(ctx, outcomes)
	if h.settled != nil {
		settled = h.settled(settled)
	}
	return settled, err
}

// polled is a store that wakes nobody: all depends on when it is asked.
type polled struct{ sender.Store }
