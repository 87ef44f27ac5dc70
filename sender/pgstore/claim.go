package pgstore

import (
	"context"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Claim implements [driver.Queue]: one statement, and a second round trip for events and subscriptions that this
// process has not seen lately.
func (s *Store) Claim(ctx context.Context, r driver.ClaimRequest) (claims driver.Claims, err error) {
	defer wrap(&err, "claim")
	defer blame(ctx, &err)
	l := newLease(&r)
	ctx, cancel, ids, err := s.patient(ctx)
	if err != nil {
		return driver.Claims{}, err
	}
	defer cancel()
	if l.limit == 0 {
		return driver.Claims{}, nil
	}
	sc := scan{lanes: max(4*l.limit, 256), look: max(l.limit, 200), leased: make([]leased, 0, l.limit)}
	sleeper := s.listener.sleeper(s.process)
	from := s.round.at()
	err = s.each(ctx, s.sql.claim, []any{
		l.limit, l.each, l.token, l.micros, from, l.quota, sc.lanes, sc.look, (l.limit + 1) / 2, sleeper,
		printable(r.Worker),
	}, sc.row)
	if err != nil {
		return driver.Claims{}, err
	}
	more := s.round.move(from, sc.cursor, sc.visited == sc.lanes, len(sc.leased) > 0)
	if len(sc.leased) < int(l.limit) {
		s.listener.slept(sleeper)
		claims.More = more || sc.again || sc.looked == sc.look
		claims.NextDue = sc.nextDue
	}
	var unread []unread
	if claims.Claims, unread, err = s.complete(ctx, ids, l.token, sc.leased); err != nil {
		return driver.Claims{}, err
	}
	claims.Unreadable = s.endUnreadable(ctx, ids, l.token, unread)
	claims.More = claims.More || len(unread) > 0
	return claims, nil
}
