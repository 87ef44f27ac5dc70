package sqlitestore

import (
	"context"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Claim implements [driver.Queue].
func (s *Store) Claim(ctx context.Context, r driver.ClaimRequest) (claims driver.Claims, err error) {
	var d due
	err = s.write(ctx, "claim", func(tx *transaction) (err error) {
		claims, d, err = tx.claim(&r)
		return err
	})
	if err != nil {
		return driver.Claims{}, err
	}
	s.wakeup.heard(d)
	return claims, nil
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
