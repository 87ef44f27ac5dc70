package pgstore

import (
	"time"

	"github.com/jackc/pgx/v5/pgtype"
)

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
