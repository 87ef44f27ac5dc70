package sender_test

import (
	"context"
	"sync/atomic"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// hooked is a memory store whose hot path can be watched and broken. What the functions return replaces the answer.
type hooked struct {
	*memstore.Store
	enqueue func(pubs []sender.Publication) error
	claim   func(r sender.ClaimRequest) error
	claimed func(c *sender.Claims) // after the store has answered
	settle  func(outcomes []sender.Outcome) error
	settled func(s []sender.Settled) []sender.Settled

	enqueues, settles, claims atomic.Int64
	taken                     atomic.Int64 // deliveries that Claim gave
}

func newHooked() *hooked { return &hooked{Store: memstore.New()} }

func (h *hooked) Enqueue(ctx context.Context, pubs []sender.Publication, c *sender.ClaimRequest) ([]sender.Enqueued, []sender.Claim, error) {
	h.enqueues.Add(1)
	if h.enqueue != nil {
		if err := h.enqueue(pubs); err != nil {
			return nil, nil, err
		}
	}
	return h.Store.Enqueue(ctx, pubs, c)
}

func (h *hooked) Claim(ctx context.Context, r sender.ClaimRequest) (sender.Claims, error) {
	h.claims.Add(1)
	if h.claim != nil {
		if err := h.claim(r); err != nil {
			return sender.Claims{}, err
		}
	}
	claims, err := h.Store.Claim(ctx, r)
	h.taken.Add(int64(len(claims.Claims)))
	if h.claimed != nil {
		h.claimed(&claims)
	}
	return claims, err
}

func (h *hooked) Settle(ctx context.Context, outcomes []sender.Outcome) ([]sender.Settled, error) {
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
