package sqlitestore

import (
	"context"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Claim implements [driver.Queue]. When nothing is ready, after a claim that gave nothing, it only reads.
func (s *Store) Claim(ctx context.Context, r driver.ClaimRequest) (driver.Claims, error) {
	if err := checkClaim(&r); err != nil {
		return driver.Claims{}, err
	}
	if !s.busy.Load() {
		idle, claims, err := s.idle(ctx)
		if err != nil || idle {
			return claims, failed("claim", ctx, err)
		}
	}
	var claims driver.Claims
	var d due
	err := s.write(ctx, "claim", func(tx *transaction) (err error) {
		claims, d, err = tx.claim(&r)
		return err
	})
	if err != nil {
		return driver.Claims{}, err
	}
	s.wakeup.heard(d)
	s.busy.Store(len(claims.Claims)+len(claims.Unreadable) > 0)
	return claims, nil
}

// idle reports, without the write lock, that there is nothing to claim.
func (s *Store) idle(ctx context.Context) (bool, driver.Claims, error) {
	var d due
	err := s.read(ctx, sqlDue, nil, d.scan)
	now := s.now()
	if err != nil || d.lanes || d.next <= now || d.latest-clockSlack > now {
		return false, driver.Claims{}, err
	}
	s.wakeup.heard(d)
	return true, driver.Claims{NextDue: d.in(now)}, nil
}

// claim lets what is due become ready, goes round the lanes, and looks ahead.
func (tx *transaction) claim(r *driver.ClaimRequest) (claims driver.Claims, d due, err error) {
	more, err := tx.promote(max(minPromote, 2*r.Limit))
	if err != nil {
		return claims, d, err
	}
	l := tx.newLeaser(r)
	unseen, err := l.serve()
	if err != nil {
		return claims, d, err
	}
	if err := tx.each(sqlDue, nil, d.scan); err != nil {
		return claims, d, err
	}
	claims = driver.Claims{Claims: l.claims, Unreadable: l.aside, More: more || unseen || len(l.aside) > 0}
	if len(l.claims) < r.Limit {
		claims.NextDue = d.in(tx.now)
	}
	return claims, d, nil
}
