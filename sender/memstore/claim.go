package memstore

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
)

// Claim implements [sender.Queue]. It never answers More: one call goes round as often as there is something to take.
func (s *Store) Claim(ctx context.Context, r sender.ClaimRequest) (sender.Claims, error) {
	if err := checkClaim(&r); err != nil {
		return sender.Claims{}, err
	}
	now, err := s.begin(ctx, "claim")
	if err != nil {
		return sender.Claims{}, err
	}
	defer s.end()
	c := s.newClaimer(&r, now)
	c.serve()
	if s.bell.waiting == 0 {
		s.news = false // the caller learns of its leases from NextDue
	}
	claims := sender.Claims{Claims: c.claims}
	if len(s.timers) > 0 && len(c.claims) < r.Limit {
		claims.NextDue = s.timers[0].at.Sub(now)
	}
	return claims, nil
}

func checkClaim(r *sender.ClaimRequest) error {
	if r != nil && r.Lease <= 0 {
		return fmt.Errorf("memstore: ClaimRequest.Lease is %v, must be positive: %w", r.Lease, sender.ErrInvalid)
	}
	return nil
}

// claimer is one call that leases deliveries.
type claimer struct {
	store   *Store
	request *sender.ClaimRequest
	now     time.Time
	token   uint64
	taken   map[*subscription]int
	claims  []sender.Claim
}

func (s *Store) newClaimer(r *sender.ClaimRequest, now time.Time) *claimer {
	s.lastToken++
	return &claimer{store: s, request: r, now: now, token: s.lastToken, taken: map[*subscription]int{}}
}

// serve lets the first subscription of the rotation give its share and go to the end, until the limit is reached or a
// whole round gave nothing.
func (c *claimer) serve() {
	s := c.store
	for idle := 0; idle < len(s.rotation) && len(c.claims) < c.request.Limit; {
		u := s.rotation[0]
		share := min(c.room(u), max(1, c.request.Limit/len(s.rotation)))
		s.rotation = s.rotation[1:]
		u.lane.rotates = false
		switch {
		case !u.claimable():
			continue
		case share <= 0:
			idle++
		default:
			idle = 0
		}
		for ; share > 0 && u.claimable(); share-- {
			c.take(u.first())
		}
		s.rotate(u)
	}
}

// room is how many more deliveries of a subscription may be taken.
func (c *claimer) room(u *subscription) int {
	quota, listed := c.request.Quota[u.record.ID]
	if !listed {
		quota = c.request.PerSubscription
	}
	if !inShards(u.record, c.request.Shards) {
		quota = 0
	}
	return min(quota-c.taken[u], c.request.Limit-len(c.claims))
}

// take leases a delivery.
func (c *claimer) take(d *delivery) {
	if d.leased {
		c.store.lapse(d, c.now)
	}
	c.store.move(d, inFlight, c.now.Add(c.request.Lease))
	d.leased, d.token = true, c.token
	c.taken[d.subscription]++
	c.claims = append(c.claims, sender.Claim{
		Delivery:     d.shown(),
		Token:        strconv.FormatUint(c.token, 36),
		Lapses:       d.lapses,
		Event:        &d.event.StoredEvent,
		Subscription: d.subscription.record,
	})
}
