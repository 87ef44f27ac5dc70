package pgstore

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

const (
	maxBatch      = 1000     // publications of one statement
	maxBatchBytes = 16 << 20 // and their bodies: the server holds them several times over
	maxInactive   = 16       // subscriptions that Enqueued names
)

// Enqueue implements [driver.Enqueuer]. A batch of more than 1,000 events or 16 MiB is stored in several transactions, of
// which the first alone leases.
func (s *Store) Enqueue(ctx context.Context, pubs []driver.Publication, claim *driver.ClaimRequest) (results []driver.Enqueued, claims []driver.Claim, err error) {
	defer wrap(&err, "enqueue")
	defer blame(ctx, &err)
	begin := s.begin
	if claim != nil {
		begin = s.patient
	}
	ctx, cancel, ids, err := begin(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer cancel()
	l, err := newLease(claim)
	if err != nil {
		return nil, nil, err
	}
	e := enqueuing{sql: &s.sql, text: s.sql.enqueue, conn: s, events: &s.events, pubs: pubs, results: make([]driver.Enqueued, len(pubs))}
	if err := e.run(ctx, l); err != nil {
		return nil, nil, err
	}
	claims, unread, err := s.complete(ctx, ids, l.token, e.born)
	if err != nil {
		return nil, nil, err
	}
	s.leave(ctx, l.token, unread)
	return e.results, claims, nil
}

// enqueuing is one call of Enqueue.
type enqueuing struct {
	sql     *statements
	text    string // of sql, that which stores
	conn    querier
	pubs    []driver.Publication
	results []driver.Enqueued
	events  *cache[*driver.StoredEvent] // where they are kept; nil: they are not committed here
	born    []taken                     // leased as they were made
}

func (e *enqueuing) run(ctx context.Context, l lease) error {
	var todo []int
	for i := range e.pubs {
		if err := check(&e.pubs[i]); err != nil {
			e.results[i].Err = fmt.Errorf("pgstore: event %q: %w", short(e.pubs[i].Event.ID), err)
			continue
		}
		todo = append(todo, i)
	}
	for stuck := 0; len(todo) > 0; {
		batch, later := e.split(todo)
		again, err := e.store(ctx, batch, l)
		if err != nil {
			return err
		}
		if stuck++; len(again) < len(batch) {
			stuck = 0
		}
		if stuck == 3 {
			return errors.New("an event is neither new nor known")
		}
		todo, l = append(again, later...), l.testsAlone()
	}
	return nil
}

// short keeps an error text readable whatever an id holds.
func short(id string) string { return id[:min(len(id), 64)] }

// split takes as many as one statement should have. The second of two with one id waits for the first one's fate.
func (e *enqueuing) split(todo []int) (batch, later []int) {
	size := 0
	var taken map[[2]string]bool
	if len(todo) > 1 {
		taken = make(map[[2]string]bool, len(todo))
	}
	for k, i := range todo {
		p := &e.pubs[i]
		if size += len(p.Event.Body); len(batch) == maxBatch || len(batch) > 0 && size > maxBatchBytes {
			return batch, append(later, todo[k:]...)
		}
		key := [2]string{p.Org, p.Event.ID}
		if taken[key] {
			later = append(later, i)
			continue
		}
		if taken != nil {
			taken[key] = true
		}
		batch = append(batch, i)
	}
	return batch, later
}

// store is one statement, and one more if there were events that it did not store. It returns those that are to be
// tried again: forgotten between the two.
func (e *enqueuing) store(ctx context.Context, batch []int, l lease) (again []int, err error) {
	var rest []int
	err = e.conn.each(ctx, e.text, columns(e.pubs, batch).args(l), func(row scanner) error {
		var a stored
		if err := row.Scan(&a.at, &a.slots, &a.ofs, &a.inactive, &a.slot, &a.sub, &a.cid, &a.subs, &a.versions); err != nil {
			return err
		}
		rest, err = e.read(batch, &a)
		return err
	})
	if err != nil || len(rest) == 0 {
		return nil, err
	}
	return e.known(ctx, rest)
}

// stored is what the statement answers.
type stored struct {
	at             *time.Time // nil: it is not needed
	slots          string
	ofs, inactive  *string
	slot, sub, cid *string // of what was leased
	subs, versions *string
}

// read makes results of the answer, and returns what was not stored.
func (e *enqueuing) read(batch []int, a *stored) (rest []int, err error) {
	slots, err := numbers(&a.slots)
	if err != nil || len(slots) != len(batch) {
		return nil, fmt.Errorf("answer about %d events: %q: %w", len(batch), a.slots, err)
	}
	of := make(map[int64]int, len(batch)) // event by slot
	for j, i := range batch {
		switch p := &e.pubs[i]; slots[j] {
		case -1:
			e.results[i].Err = fmt.Errorf("pgstore: %w", notFound("subscription", p.Org, p.Only))
		case 0:
			rest = append(rest, i)
		default:
			of[slots[j]] = i
			e.keep(p, slots[j], instant(a.at))
		}
	}
	ofs, err := numbers(a.ofs)
	if err != nil {
		return nil, err
	}
	for _, ord := range ofs {
		e.results[batch[ord-1]].Deliveries++
	}
	if err := e.readInactive(batch, a.inactive); err != nil {
		return nil, err
	}
	return rest, e.readLeased(of, a)
}

func (e *enqueuing) readInactive(batch []int, text *string) error {
	if text == nil {
		return nil
	}
	var list [][2]json.RawMessage // ordinal, id
	if err := json.Unmarshal([]byte(*text), &list); err != nil {
		return err
	}
	for _, pair := range list {
		var ord int
		var id string
		if err := errors.Join(json.Unmarshal(pair[0], &ord), json.Unmarshal(pair[1], &id)); err != nil {
			return err
		}
		if r := &e.results[batch[ord-1]]; len(r.Inactive) < maxInactive {
			r.Inactive = append(r.Inactive, id)
		}
	}
	return nil
}

func (e *enqueuing) readLeased(of map[int64]int, a *stored) error {
	if a.slot == nil {
		return nil
	}
	var columns [4][]int64
	for i, text := range []*string{a.slot, a.sub, a.subs, a.versions} {
		list, err := numbers(text)
		if err != nil {
			return err
		}
		columns[i] = list
	}
	places, err := tids(a.cid)
	if err != nil {
		return err
	}
	versions := make(map[int64]int64, len(columns[2]))
	for i, sub := range columns[2] {
		versions[sub] = columns[3][i]
	}
	for i, slot := range columns[0] {
		sub := columns[1][i]
		test := e.pubs[of[slot]].Only != ""
		e.born = append(e.born, taken{ref: ref{slot, sub, versions[sub], places[i]}, event: slot, test: test})
	}
	return nil
}

// known tells duplicates from conflicts, and returns what is neither.
func (e *enqueuing) known(ctx context.Context, batch []int) (unknown []int, err error) {
	c := columns(e.pubs, batch)
	found := make([]bool, len(batch))
	err = e.conn.each(ctx, e.sql.known, []any{c.org, c.id, c.digest}, func(row scanner) error {
		var ord int64
		var same bool
		if err := row.Scan(&ord, &same); err != nil {
			return err
		}
		found[ord-1] = true
		r := &e.results[batch[ord-1]]
		r.Duplicate = true
		if !same {
			r.Err = fmt.Errorf("pgstore: event %q: published before with another body: %w", c.id[ord-1], driver.ErrConflict)
		}
		return nil
	})
	for j, i := range batch {
		if !found[j] {
			unknown = append(unknown, i)
		}
	}
	return unknown, err
}

// keep holds an event at hand for claims.
func (e *enqueuing) keep(p *driver.Publication, slot int64, at time.Time) {
	if e.events == nil {
		return
	}
	event := &driver.StoredEvent{Org: p.Org, Event: p.Event, PublishedAt: at, Trace: p.Trace}
	event.Event.Body = bytes.Clone(p.Event.Body) // the publisher may use its buffer again
	if t := event.Event.CreatedAt; !t.IsZero() {
		event.Event.CreatedAt = t.UTC().Truncate(time.Microsecond)
	}
	e.events.put(slot, event)
}
