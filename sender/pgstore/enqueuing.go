package pgstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

const (
	maxBatch      = 1000     // publications of one statement
	maxBatchBytes = 16 << 20 // and their bodies: the server holds them several times over
)

// enqueuing is one call of Enqueue.
type enqueuing struct {
	sql     *statements
	text    string // of sql, that which stores
	conn    querier
	pubs    []driver.Publication
	results []driver.Enqueued
	events  *cache[*driver.StoredEvent] // where they are kept; nil: they are not committed here
	leased  []leased                    // as they were made
}

func (e *enqueuing) run(ctx context.Context, l lease) error {
	todo := make([]int, len(e.pubs))
	for i := range todo {
		todo[i] = i
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

// split takes as many as one statement should have. The second of two with one id waits for the first one's fate.
func (e *enqueuing) split(todo []int) (batch, later []int) {
	size := 0
	var there map[[2]string]bool
	if len(todo) > 1 {
		there = make(map[[2]string]bool, len(todo))
	}
	for k, i := range todo {
		p := &e.pubs[i]
		if size += len(p.Event.Body); len(batch) == maxBatch || len(batch) > 0 && size > maxBatchBytes {
			return batch, append(later, todo[k:]...)
		}
		id := [2]string{p.Org, p.Event.ID}
		if there[id] {
			later = append(later, i)
			continue
		}
		if there != nil {
			there[id] = true
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
		var a answer
		if err := row.Scan(&a.at, &a.numbers, &a.made, &a.inactive, &a.leased, &a.leasedOf, &a.places,
			&a.subscriptions, &a.versions); err != nil {
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
			r.Err = fmt.Errorf("pgstore: event %q: published before with another body: %w",
				c.id[ord-1], driver.ErrConflict)
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
func (e *enqueuing) keep(p *driver.Publication, number int64, at time.Time) {
	if e.events == nil {
		return
	}
	event := &driver.StoredEvent{Org: p.Org, Event: p.Event, PublishedAt: at, Trace: p.Trace}
	event.Event.Body = bytes.Clone(p.Event.Body) // the publisher may use its buffer again
	if t := event.Event.CreatedAt; !t.IsZero() {
		event.Event.CreatedAt = t.UTC().Truncate(time.Microsecond)
	}
	e.events.put(number, event)
}
