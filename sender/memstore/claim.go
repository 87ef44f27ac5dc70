package memstore

import (
	"context"
	"strconv"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Claim implements [driver.Queue]. It never answers More: one call goes round as often as there is something to take.
func (s *Store) Claim(ctx context.Context, r driver.ClaimRequest) (claims driver.Claims, err error) {
	now, err := s.begin(ctx, "claim")
	if err != nil {
		return claims, err
	}
	defer s.end()
	c := s.newClaimer(&r, now)
	c.serve()
	if s.news { // the caller learns of its leases from NextDue; others may sleep past them
		s.news = false
		s.ring()
	}
	claims.Claims = c.claims
	if len(s.timers) > 0 && len(c.claims) < r.Limit {
		claims.NextDue = s.timers[0].at.Sub(now)
	}
	return claims, nil
}

// claimer is one call that may lease deliveries.
type claimer struct {
	*driver.ClaimRequest
	store  *Store
	now    time.Time
	token  uint64
	taken  map[*subscription]int
	claims []driver.Claim
}

func (s *Store) newClaimer(r *driver.ClaimRequest, now time.Time) *claimer {
	s.lastToken++
	return &claimer{ClaimRequest: r, store: s, now: now, token: s.lastToken, taken: map[*subscription]int{}}
}

// serve lets the first subscription of the rotation give its share and go to the end, until the limit is reached or a
// whole round gave nothing.
func (c *claimer) serve() {
	s := c.store
	for idle := 0; idle < len(s.rotation) && len(c.claims) < c.Limit; {
		u := s.rotation[0]
		share := min(c.room(u), max(1, c.Limit/len(s.rotation)))
		s.rotation, u.rotates = s.rotation[1:], false
		if !u.claimable() {
			continue
		}
		if idle++; share > 0 {
			idle = 0
		}
		for ; share > 0 && u.claimable(); share-- {
			if len(u.tests) > 0 {
				c.take(u.tests[0])
			} else {
				c.take(u.due[0])
			}
		}
		s.rotate(u)
	}
}

// room is how many more deliveries of a subscription may be taken.
func (c *claimer) room(u *subscription) int {
	quota, listed := c.Quota[u.record.ID]
	if !listed {
		quota = c.PerSubscription
	}
	return min(quota-c.taken[u], c.Limit-len(c.claims))
}

// take leases a delivery.
func (c *claimer) take(d *delivery) {
	if d.leased {
		d.lapse(c.now)
	}
	d.leased, d.token = true, c.token
	c.store.move(d, &c.store.timers, c.now.Add(c.Lease))
	c.taken[d.subscription]++
	c.claims = append(c.claims, driver.Claim{
		Delivery: d.shown(), Token: strconv.FormatUint(c.token, 36), Lapses: d.lapses,
		Event: &d.event.StoredEvent, Subscription: d.subscription.record,
	})
}
