package sqlitestore

import (
	"context"
	"fmt"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Claim implements [driver.Queue]. When nothing is ready, after a claim that gave nothing, it only reads.
func (s *Store) Claim(ctx context.Context, r driver.ClaimRequest) (driver.Claims, error) {
	if err := checkClaim(&r); err != nil {
		return driver.Claims{}, err
	}
	var claims driver.Claims
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
		return driver.Claims{}, err
	}
	s.bell.heard(t.ahead)
	s.busy.Store(len(claims.Claims)+len(claims.Unreadable) > 0)
	return claims, nil
}

func checkClaim(r *driver.ClaimRequest) error {
	if r == nil {
		return nil
	}
	if r.Lease <= 0 {
		return fmt.Errorf("sqlitestore: ClaimRequest.Lease is %v, must be positive: %w", r.Lease, driver.ErrInvalid)
	}
	return nil
}

// idle reports, without the write lock, that there is nothing to claim.
func (s *Store) idle(ctx context.Context) (bool, driver.Claims, error) {
	var o outlook
	err := s.read(ctx, sqlOutlook, nil, o.scan)
	now := s.now()
	if err != nil || o.lanes || o.next <= now || o.clock-clockSlack > now {
		return false, driver.Claims{}, err
	}
	s.bell.heard(o)
	return true, driver.Claims{NextDue: o.nextDue(now)}, nil
}

// claim lets what is due become ready, goes round the ring, and looks ahead.
func (t *turn) claim() (driver.Claims, error) {
	more, err := t.tx.promote(max(minPromote, 2*t.request.Limit))
	if err != nil {
		return driver.Claims{}, err
	}
	unseen, err := t.serve()
	if err != nil {
		return driver.Claims{}, err
	}
	if err := t.fill(); err != nil {
		return driver.Claims{}, err
	}
	claims := driver.Claims{Claims: t.claims, Unreadable: t.aside, More: more || unseen || len(t.aside) > 0}
	if err := t.tx.each(sqlOutlook, nil, t.ahead.scan); err != nil {
		return driver.Claims{}, err
	}
	if len(t.claims) < t.request.Limit {
		claims.NextDue = t.ahead.nextDue(t.tx.now)
	}
	return claims, nil
}
