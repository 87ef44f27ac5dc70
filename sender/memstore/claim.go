package memstore

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Claim implements [driver.Queue]. It never answers More: one call serves as many turns of the ring as there is
// something to take.
func (s *Store) Claim(ctx context.Context, r driver.ClaimRequest) (driver.Claims, error) {
	if err := checkClaim(&r); err != nil {
		return driver.Claims{}, err
	}
	now, err := s.begin(ctx, "claim")
	if err != nil {
		return driver.Claims{}, err
	}
	defer s.mu.Unlock()
	t := s.newTurn(&r, now)
	t.serve()
	if t.soonest && s.bell.waiting > 0 {
		s.bell.ring() // for others: the caller learns of its leases from NextDue
	}
	claims := driver.Claims{Claims: t.claims}
	if at, ok := s.timers.next(); ok && len(t.claims) < r.Limit {
		claims.NextDue = time.Duration(at - now)
	}
	return claims, nil
}

func checkClaim(r *driver.ClaimRequest) error {
	if r == nil {
		return nil
	}
	if r.Lease <= 0 {
		return fmt.Errorf("memstore: ClaimRequest.Lease is %v, must be positive: %w", r.Lease, driver.ErrInvalid)
	}
	return nil
}

// turn is one call that leases deliveries.
type turn struct {
	store   *Store
	request *driver.ClaimRequest
	number  uint64
	now     int64
	until   int64 // end of the leases
	token   uint64
	text    string // token, as the claims have it
	claims  []driver.Claim
	soonest bool // one of the leases ends before any other timer

	// The events taken last: what was fanned out is often taken by one turn again and again.
	events [16]struct {
		ref    uint32
		stored *driver.StoredEvent
	}
}

func (s *Store) newTurn(r *driver.ClaimRequest, now int64) *turn {
	s.turns++
	return &turn{store: s, request: r, number: s.turns, now: now, until: after(now, r.Lease)}
}

// serve goes round the ring until the limit is reached or a whole round gave nothing.
func (t *turn) serve() {
	ring := &t.store.ring
	for idle := 0; idle < ring.n && len(t.claims) < t.request.Limit; {
		u := ring.head
		share := min(t.room(u), max(1, t.request.Limit/ring.n))
		if share > 0 {
			idle = 0
		} else {
			idle++
		}
		for ; share > 0 && u.claimable(); share-- {
			t.take(u.first())
		}
		if ring.head == u {
			ring.head = u.next
		}
	}
}

// room is how many deliveries of a subscription the turn may take now.
func (t *turn) room(u *subscription) int {
	if u.turn != t.number {
		u.turn = t.number
		quota, listed := t.request.Quota[u.record.ID]
		if !listed {
			quota = t.request.PerSubscription
		}
		u.left = quota
	}
	return min(u.left, t.request.Limit-len(t.claims))
}

// take leases a delivery to the turn's token.
func (t *turn) take(ref uint32) {
	s := t.store
	if t.token == 0 {
		s.tokens++
		t.token, t.text = s.tokens, strconv.FormatUint(s.tokens, 36)
	}
	d := s.deliveries.at(ref)
	u := s.subscription(d)
	if t.claims == nil {
		t.claims = make([]driver.Claim, 0, max(1, min(t.request.Limit, s.ring.n+u.ready.n)))
	}
	if d.leased {
		s.lapse(d, t.now)
	}
	s.move(ref, inFlight)
	d.leased, d.token, d.at = true, t.token, t.until
	if s.timers.start(&s.deliveries, ref, t.until) {
		t.soonest = true
	}
	s.rest(u)
	u.left--

	event := t.event(d.event)
	t.claims = append(t.claims, driver.Claim{
		Delivery:     s.view(ref, event.Event.ID),
		Token:        t.text,
		Lapses:       int(d.lapses),
		Event:        event,
		Subscription: u.record,
	})
}

// event returns an event, the same to all claims where that is cheap.
func (t *turn) event(ref uint32) *driver.StoredEvent {
	known := &t.events[ref%uint32(len(t.events))]
	if known.ref != ref {
		known.ref, known.stored = ref, t.store.stored(ref)
	}
	return known.stored
}

// lapse writes down that the holder of a lease was never heard of again.
func (s *Store) lapse(d *delivery, now int64) {
	if d.lapses < math.MaxUint16 {
		d.lapses++
	}
	s.logAttempt(d, &driver.Attempt{N: int(d.attempt) + 1, ErrorClass: driver.ClassUnknown, Test: d.test}, 0, now)
}
