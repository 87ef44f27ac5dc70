package pgstore

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Claim implements [driver.Queue]: one statement, and a second round trip for events and subscriptions that this process
// has not seen lately.
func (s *Store) Claim(ctx context.Context, r driver.ClaimRequest) (claims driver.Claims, err error) {
	defer wrap(&err, "claim")
	defer blame(ctx, &err)
	l, err := newLease(&r)
	if err != nil {
		return driver.Claims{}, err
	}
	ctx, cancel, ids, err := s.patient(ctx)
	if err != nil {
		return driver.Claims{}, err
	}
	defer cancel()
	if l.limit == 0 {
		return driver.Claims{}, nil
	}
	sc := scan{most: max(4*l.limit, 256), ripe: max(l.limit, 200), list: make([]taken, 0, l.limit)}
	worker := s.listener.sleeper(s.worker)
	from := s.ring.at()
	err = s.each(ctx, s.sql.claim, []any{l.limit, l.each, l.token, l.micros, from, l.quota, l.shards, sc.most, sc.ripe, (l.limit + 1) / 2,
		worker, printable(r.Worker)}, sc.row)
	if err != nil {
		return driver.Claims{}, err
	}
	more := s.ring.move(from, sc.cursor, sc.lanes == sc.most, len(sc.list) > 0)
	if len(sc.list) < int(l.limit) {
		s.listener.slept(worker)
		claims.More = more || sc.late || sc.looked == sc.ripe
		claims.NextDue = sc.nextDue
	}
	var unread []unread
	if claims.Claims, unread, err = s.complete(ctx, ids, l.token, sc.list); err != nil {
		return driver.Claims{}, err
	}
	claims.Unreadable = s.setAside(ctx, ids, l.token, unread)
	claims.More = claims.More || len(unread) > 0
	return claims, nil
}

// ref is a delivery's key, so that Settle need not decode the id, the version of its subscription, and where the lease left
// its row.
type ref struct {
	slot, sub, version int64
	cid                pgtype.TID
}

// scan reads what the claim statement answers.
type scan struct {
	most, ripe int32 // lanes, and retries, are looked at at most

	list    []taken
	cursor  int64 // where the next scan goes on
	lanes   int32 // that were looked at, if the limit cut none
	looked  int32 // retries
	late    bool  // retries that could be taken are left
	nextDue time.Duration
}

func (sc *scan) row(row scanner) error {
	var slot, sub, version []int64
	var cid []pgtype.TID
	var s specials
	var last, next *int64
	var lanes, ripe *int32
	var late *bool
	if err := row.Scan(&slot, &sub, &version, &cid, &s.slot, &s.sub, &s.version, &s.cid, &s.event, &s.parent, &s.at,
		&s.attempt, &s.lapses, &s.live, &s.reason, &last, &lanes, &ripe, &late, &next); err != nil {
		return err
	}
	for i := range slot {
		sc.list = append(sc.list, taken{ref: ref{slot[i], sub[i], version[i], cid[i]}, event: slot[i]})
	}
	for i := range s.slot {
		sc.list = append(sc.list, s.taken(i))
	}
	if last == nil {
		return nil
	}
	sc.cursor, sc.lanes, sc.looked, sc.late = *last, *lanes, *ripe, *late
	if next != nil {
		sc.nextDue = fromMicros(max(*next, 1))
	}
	return nil
}

// specials are deliveries of which there is more to tell than that they are there.
type specials struct {
	slot, sub, version, event []int64
	parent                    []*int64
	cid                       []pgtype.TID
	at                        []pgtype.Timestamptz
	attempt, lapses           []int32
	live                      []bool
	reason                    []*string
}

func (s *specials) taken(i int) taken {
	t := taken{
		ref: ref{s.slot[i], s.sub[i], s.version[i], s.cid[i]}, event: s.event[i],
		attempt: s.attempt[i], lapses: s.lapses[i], test: !s.live[i], reason: text(s.reason[i]),
	}
	t.at, t.err = moment("the time of the delivery", s.at[i])
	if s.parent[i] != nil {
		t.parent = *s.parent[i]
	}
	return t
}

// text and instant read what may be null.
func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func instant(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}
