package sqlitestore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender/driver"
)

const (
	sqlAddEvent = `
INSERT INTO kirimhooks_events
	(org, id, source, type, device, channel, is_test, created_at, published_at, digest, trace, body)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (org, id) DO NOTHING`

	sqlAddOrphan = `INSERT INTO kirimhooks_orphans (published_at, event) VALUES (?, ?)`

	// sqlEventHead is all columns but the body, which comes last.
	sqlEventHead = `
SELECT e.event, e.org, e.id, e.source, e.type, e.device, e.channel, e.is_test, e.created_at, e.published_at, e.trace`
	eventColumns = 12

	sqlEventByID = sqlEventHead + `, e.body FROM kirimhooks_events e WHERE e.org = ? AND e.id = ?`
)

var sqlEvents = lookup(sqlEventHead + `, e.body FROM kirimhooks_events e WHERE e.event = ?`)

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
	event, err = tx.insert(sqlAddEvent, p.Org, e.ID, string(e.Source), e.Type, e.Device, e.Channel, e.Test, created,
		tx.now, p.Digest[:], p.Trace, body)
	if err != nil || event == 0 || !orphan {
		return event, err
	}
	_, err = tx.exec(sqlAddOrphan, tx.now, event)
	return event, err
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
	err = scan(&number, &stored.Org, &e.ID, (*string)(&e.Source), &e.Type, &e.Device, &e.Channel, &e.Test, &created,
		&published, &stored.Trace, &body)
	if err == nil && created != "" {
		e.CreatedAt, err = time.Parse(time.RFC3339Nano, created)
	}
	if err != nil {
		row, failed := scanAny(scan, eventColumns)
		if failed != nil {
			return 0, nil, failed
		}
		left := &driver.StoredEvent{Org: row.text(1), Trace: row.text(10)}
		if at := row.number(9); at != 0 {
			left.PublishedAt = instant(at)
		}
		e = &left.Event
		e.ID, e.Source, e.Type = row.text(2), envelope.Source(row.text(3)), row.text(4)
		e.Device, e.Channel, e.Test = row.text(5), row.text(6), row.flag(7)
		what := fmt.Sprintf("event %q of org %q", left.Event.ID, left.Org)
		return row.number(0), left, unreadable(what, err)
	}
	stored.PublishedAt, e.Body = instant(published), body
	return number, stored, nil
}

var errEventGone = unreadable("its event", errors.New("the row is gone"))

// eventsOf gives the events of deliveries by number, each once. Those in broken cannot be had.
func (tx *transaction) eventsOf(
	all []takenDelivery,
) (events map[int64]*driver.StoredEvent, broken map[int64]error, err error) {
	events, broken = make(map[int64]*driver.StoredEvent, len(all)), map[int64]error{}
	var list []int64
	for i := range all {
		number := all[i].event
		if broken[number] != nil || events[number] != nil {
			continue
		}
		if events[number] = tx.store.events.get(number, all[i].created); events[number] == nil {
			broken[number] = errEventGone
			list = append(list, number)
		}
	}
	err = tx.find(sqlEvents, list, func(scan scanner) error {
		number, event, err := scanEvent(scan)
		if broken[number] = err; err == nil || errors.Is(err, driver.ErrUnreadable) {
			if events[number] = event; err == nil {
				tx.store.events.put(number, event)
			}
			return nil
		}
		return err
	})
	return events, broken, err
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
