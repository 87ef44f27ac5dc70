package pgstore

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/kirimhooks/kirimhooks/sender"
)

// Claim implements [sender.Queue]: one statement, and a second round trip for events and subscriptions that this
// process has not seen lately.
func (s *Store) Claim(ctx context.Context, r sender.ClaimRequest) (claims sender.Claims, err error) {
	defer wrap(&err, "claim")
	defer blame(ctx, &err)
	l, err := newLease(&r)
	if err != nil {
		return sender.Claims{}, err
	}
	ctx, cancel, ids, err := s.patient(ctx)
	if err != nil {
		return sender.Claims{}, err
	}
	defer cancel()
	if l.limit == 0 {
		return sender.Claims{}, nil
	}
	sc := scan{lanes: max(4*l.limit, 256), look: max(l.limit, 200), leased: make([]leased, 0, l.limit)}
	sleeper := s.listener.sleeper(s.process)
	from := s.round.at()
	err = s.each(ctx, s.sql.claim, []any{
		l.limit, l.each, l.token, l.micros, from, l.quota, sc.lanes, sc.look, (l.limit + 1) / 2, sleeper,
		printable(r.Worker),
	}, sc.row)
	if err != nil {
		return sender.Claims{}, err
	}
	more := s.round.move(from, sc.cursor, sc.visited == sc.lanes, len(sc.leased) > 0)
	if len(sc.leased) < int(l.limit) {
		s.listener.slept(sleeper)
		claims.More = more || sc.again || sc.looked == sc.look
		claims.NextDue = sc.nextDue
	}
	var unread []unread
	if claims.Claims, unread, err = s.complete(ctx, ids, l.token, sc.leased); err != nil {
		return sender.Claims{}, err
	}
	claims.Unreadable = s.endUnreadable(ctx, ids, l.token, unread)
	claims.More = claims.More || len(unread) > 0
	return claims, nil
}

// scan reads what the claim statement answers.
type scan struct {
	lanes, look int32 // at most so many lanes are visited, and retries looked at

	leased  []leased
	cursor  int64 // where the next scan goes on
	visited int32 // lanes, if the limit cut none
	looked  int32 // retries
	again   bool  // retries that could be taken are left
	nextDue time.Duration
}

func (sc *scan) row(row scanner) error {
	var p plainColumns
	var m moreColumns
	var cursor, next *int64
	var visited, looked *int32
	var again *bool
	if err := row.Scan(&p.number, &p.subscription, &p.version, &p.place,
		&m.number, &m.subscription, &m.version, &m.place, &m.event, &m.from, &m.created, &m.made, &m.lapses, &m.test,
		&m.reason, &cursor, &visited, &looked, &again, &next); err != nil {
		return err
	}
	for i := range p.number {
		sc.leased = append(sc.leased, leased{ref: p.ref(i), event: p.number[i]})
	}
	for i := range m.number {
		sc.leased = append(sc.leased, m.leased(i))
	}
	if cursor == nil {
		return nil
	}
	sc.cursor, sc.visited, sc.looked, sc.again = *cursor, *visited, *looked, *again
	if next != nil {
		sc.nextDue = fromMicros(max(*next, 1))
	}
	return nil
}

// plainColumns are deliveries of which there is nothing else to tell.
type plainColumns struct {
	number, subscription, version []int64
	place                         []pgtype.TID
}

func (p *plainColumns) ref(i int) ref {
	return ref{key{p.number[i], p.subscription[i]}, p.version[i], p.place[i]}
}

// moreColumns are those that were tried before, or are replays or tests.
type moreColumns struct {
	plainColumns
	event        []int64
	from         []*int64 // what they replay
	created      []pgtype.Timestamptz
	made, lapses []int32
	test         []bool
	reason       []*string
}

func (m *moreColumns) leased(i int) leased {
	l := leased{
		ref: m.ref(i), event: m.event[i], from: m.from[i],
		made: m.made[i], lapses: m.lapses[i], test: m.test[i], reason: text(m.reason[i]),
	}
	l.created, l.err = moment("created_at of the delivery", m.created[i])
	return l
}
