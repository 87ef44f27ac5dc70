package sqlitestore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

const (
	sqlAddEvent = `
INSERT INTO kirimhooks_events (org, id, source, type, device, channel, test, created, published, digest, trace, body)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (org, id) DO NOTHING`

	sqlAddOrphan = `INSERT INTO kirimhooks_orphans (published, event) VALUES (?, ?)`

	sqlEventColumns  = `SELECT event, org, id, source, type, device, channel, test, created, published, trace, body FROM kirimhooks_events`
	sqlEventByNumber = sqlEventColumns + ` WHERE event = ?`
	sqlEventByID     = sqlEventColumns + ` WHERE org = ? AND id = ?`
)

// origin is what a delivery knows of its event: the number, and when the delivery itself was made; and its own number.
type origin struct{ event, created, delivery int64 }

// eventsAtOnce is how many bodies one statement reads.
const eventsAtOnce = 16

// sqlEvents finds events by number. That of a list, "event IN (…)", the planner might look up by walking all of them.
var sqlEvents = strings.Repeat(sqlEventByNumber+` UNION ALL `, eventsAtOnce-1) + sqlEventByNumber

// addEvent stores an event. It returns 0 if the org knows one of this id.
func (tx *transaction) addEvent(p *driver.Publication, orphan bool) (event int64, err error) {
	e := &p.Event
	created := ""
	if !e.CreatedAt.IsZero() {
		created = e.CreatedAt.UTC().Format(time.RFC3339Nano) // the form has no room for the seconds of a zone
	}
	body := []byte(e.Body)
	if body == nil {
		body = []byte{} // nil is NULL
	}
	event, err = tx.insert(sqlAddEvent, p.Org, e.ID, string(e.Source), e.Type, e.Device, e.Channel, e.Test, created, tx.now, p.Digest[:], p.Trace, body)
	if err != nil || event == 0 || !orphan {
		return event, err
	}
	_, err = tx.exec(sqlAddOrphan, tx.now, event)
	return event, err
}

// numberedEvent is an event that a transaction stores, and that a claim will ask for.
type numberedEvent struct {
	number int64
	*driver.StoredEvent
}

// storedEvent is what addEvent stored, with a body of its own: callers reuse their buffers once a publish has returned.
func storedEvent(p *driver.Publication, now int64) *driver.StoredEvent {
	stored := &driver.StoredEvent{Org: p.Org, Event: p.Event, PublishedAt: instant(now), Trace: p.Trace}
	stored.Event.Body = bytes.Clone(p.Event.Body)
	return stored
}

// scanEvent gives what is left of an event that does not decode, and an error that wraps ErrUnreadable.
func scanEvent(scan scanner) (number int64, stored *driver.StoredEvent, err error) {
	stored = &driver.StoredEvent{}
	e := &stored.Event
	var created string
	var published int64
	var body []byte
	err = scan(&number, &stored.Org, &e.ID, (*string)(&e.Source), &e.Type, &e.Device, &e.Channel, &e.Test, &created, &published, &stored.Trace, &body)
	if err == nil && created != "" {
		e.CreatedAt, err = time.Parse(time.RFC3339Nano, created)
	}
	if err != nil {
		row, failed := scanAny(scan, 12)
		if failed != nil {
			return 0, nil, failed
		}
		left := &driver.StoredEvent{Org: row.text(1)}
		left.Event.ID, left.Event.Type = row.text(2), row.text(4)
		return row.number(0), left, unreadable(fmt.Sprintf("event %q of org %q", left.Event.ID, left.Org), err)
	}
	stored.PublishedAt, e.Body = instant(published), body
	return number, stored, nil
}

// loadEvents gives the events of deliveries by number; it reads those that are not in memory, each once. Those in broken
// cannot be had.
func (tx *transaction) loadEvents(list []origin) (events map[int64]*driver.StoredEvent, broken map[int64]error, err error) {
	events, broken = make(map[int64]*driver.StoredEvent, len(list)), map[int64]error{}
	var missing []int64
	for _, o := range list {
		if events[o.event] == nil {
			if events[o.event] = tx.store.bodies.get(o.event, o.created); events[o.event] == nil {
				missing = append(missing, o.event)
			}
		}
	}
	missing = slices.Compact(slices.Sorted(slices.Values(missing)))
	for some := range slices.Chunk(missing, eventsAtOnce) {
		if err := tx.readEvents(some, events, broken); err != nil {
			return nil, nil, err
		}
	}
	for _, number := range missing {
		switch {
		case events[number] != nil:
			tx.store.bodies.put(number, events[number])
		case broken[number] == nil:
			broken[number] = unreadable(fmt.Sprintf("event %d", number), errors.New("its row is gone"))
		}
	}
	return events, broken, nil
}

// readEvents reads at most eventsAtOnce.
func (tx *transaction) readEvents(list []int64, events map[int64]*driver.StoredEvent, broken map[int64]error) error {
	args := make([]any, eventsAtOnce)
	for i := range args {
		args[i] = 0 // none
	}
	for i, number := range list {
		args[i] = number
	}
	return tx.each(sqlEvents, args, func(scan scanner) error {
		number, event, err := scanEvent(scan)
		switch {
		case err == nil:
			events[number] = event
		case errors.Is(err, driver.ErrUnreadable):
			broken[number] = err
		default:
			return err
		}
		return nil
	})
}

// Event implements [driver.Log].
func (s *Store) Event(ctx context.Context, org, id string) (driver.StoredEvent, error) {
	var found *driver.StoredEvent
	err := s.read(ctx, sqlEventByID, []any{org, id}, func(scan scanner) (err error) {
		_, found, err = scanEvent(scan)
		return err
	})
	switch {
	case errors.Is(err, driver.ErrUnreadable):
		return *found, failed("event", ctx, err)
	case err != nil:
		return driver.StoredEvent{}, failed("event", ctx, err)
	case found == nil:
		return driver.StoredEvent{}, notFound("event", org, id)
	}
	return *found, nil
}
