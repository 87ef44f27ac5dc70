package sqlitestore

import (
	"context"
	"fmt"

	"github.com/kirimhooks/kirimhooks/sender"
)

const shards = 64

// Claim implements [sender.Queue]. When nothing is ready, after a claim that gave nothing, it only reads.
func (s *Store) Claim(ctx context.Context, r sender.ClaimRequest) (sender.Claims, error) {
	if err := checkClaim(&r); err != nil {
		return sender.Claims{}, err
	}
	var claims sender.Claims
	if !s.busy.Load() {
		idle, claims, err := s.idle(ctx)
		if err != nil || idle {
			return claims, failed("claim", ctx, err)
		}
	}
	var t *turn
	err := s.write(ctx, "claim", func(tx *transaction) (err error) {
		t = tx.newTurn(&r)
		claims, err = t.claim()
		return err
	})
	if err != nil {
		return sender.Claims{}, err
	}
	s.bell.heard(t.ahead)
	s.busy.Store(len(claims.Claims)+len(claims.Unreadable) > 0)
	return claims, nil
}

func checkClaim(r *sender.ClaimRequest) error {
	if r == nil {
		return nil
	}
	if r.Lease <= 0 {
		return fmt.Errorf("sqlitestore: ClaimRequest.Lease is %v, must be positive: %w", r.Lease, sender.ErrInvalid)
	}
	for _, shard := range r.Shards {
		if shard < 0 || shard >= shards {
			return fmt.Errorf("sqlitestore: ClaimRequest.Shards has %d, must be from 0 to %d: %w", shard, shards-1, sender.ErrInvalid)
		}
	}
	return nil
}

// idle reports, without the write lock, that there is nothing to claim.
func (s *Store) idle(ctx context.Context) (bool, sender.Claims, error) {
	var o outlook
	err := s.read(ctx, sqlOutlook, nil, o.scan)
	now := s.now()
	if err != nil || o.lanes || o.next <= now || o.clock-clockSlack > now {
		return false, sender.Claims{}, err
	}
	s.bell.heard(o)
	return true, sender.Claims{NextDue: o.nextDue(now)}, nil
}

// claim lets what is due become ready, goes round the ring, and looks ahead.
func (t *turn) claim() (sender.Claims, error) {
	more, err := t.tx.promote(max(minPromote, 2*t.request.Limit))
	if err != nil {
		return sender.Claims{}, err
	}
	unseen, err := t.serve()
	if err != nil {
		return sender.Claims{}, err
	}
	if err := t.fill(); err != nil {
		return sender.Claims{}, err
	}
	claims := sender.Claims{Claims: t.claims, Unreadable: t.aside, More: more || unseen || len(t.aside) > 0}
	if err := t.tx.each(sqlOutlook, nil, t.ahead.scan); err != nil {
		return sender.Claims{}, err
	}
	if len(t.claims) < t.request.Limit {
		claims.NextDue = t.ahead.nextDue(t.tx.now)
	}
	return claims, nil
}
