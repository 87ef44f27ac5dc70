package sqlitestore

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
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

// origin is what a delivery knows of its event: the number, and when the delivery itself was made.
type origin struct{ event, created int64 }

// eventsAtOnce is how many bodies one statement reads.
const eventsAtOnce = 16

// sqlEvents finds events by number. That of a list, "event IN (…)", the planner might look up by walking all of them.
var sqlEvents = strings.Repeat(sqlEventByNumber+` UNION ALL `, eventsAtOnce-1) + sqlEventByNumber

// addEvent stores an event. It returns 0 if the org knows one of this id.
func (tx *transaction) addEvent(p *sender.Publication, orphan bool) (event int64, err error) {
	e := &p.Event
	created := ""
	if !e.CreatedAt.IsZero() {
		created = e.CreatedAt.Format(time.RFC3339Nano)
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
	*sender.StoredEvent
}

// storedEvent is what addEvent stored, with a body of its own: callers reuse their buffers once a publish has returned.
func storedEvent(p *sender.Publication, now int64) *sender.StoredEvent {
	stored := &sender.StoredEvent{Org: p.Org, Event: p.Event, PublishedAt: instant(now), Trace: p.Trace}
	stored.Event.Body = bytes.Clone(p.Event.Body)
	return stored
}

func scanEvent(scan scanner) (number int64, stored *sender.StoredEvent, err error) {
	stored = &sender.StoredEvent{}
	e := &stored.Event
	var created string
	var published int64
	var body []byte
	err = scan(&number, &stored.Org, &e.ID, (*string)(&e.Source), &e.Type, &e.Device, &e.Channel, &e.Test, &created, &published, &stored.Trace, &body)
	if err != nil {
		return 0, nil, err
	}
	stored.PublishedAt, e.Body = instant(published), body
	if created != "" {
		e.CreatedAt, err = time.Parse(time.RFC3339Nano, created)
	}
	return number, stored, err
}

// loadEvents gives the events of deliveries by number; it reads those that are not in memory, each once.
func (tx *transaction) loadEvents(list []origin) (map[int64]*sender.StoredEvent, error) {
	events := make(map[int64]*sender.StoredEvent, len(list))
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
		if err := tx.readEvents(some, events); err != nil {
			return nil, err
		}
	}
	for _, number := range missing {
		if events[number] == nil {
			return nil, fmt.Errorf("event %d is gone though deliveries need it", number)
		}
		tx.store.bodies.put(number, events[number])
	}
	return events, nil
}

// readEvents reads at most eventsAtOnce.
func (tx *transaction) readEvents(list []int64, events map[int64]*sender.StoredEvent) error {
	args := make([]any, eventsAtOnce)
	for i := range args {
		args[i] = 0 // none
	}
	for i, number := range list {
		args[i] = number
	}
	return tx.each(sqlEvents, args, func(scan scanner) error {
		number, event, err := scanEvent(scan)
		events[number] = event
		return err
	})
}

// Event implements [sender.Log].
func (s *Store) Event(ctx context.Context, org, id string) (sender.StoredEvent, error) {
	var found *sender.StoredEvent
	err := s.read(ctx, sqlEventByID, []any{org, id}, func(scan scanner) (err error) {
		_, found, err = scanEvent(scan)
		return err
	})
	switch {
	case err != nil:
		return sender.StoredEvent{}, failed("event", ctx, err)
	case found == nil:
		return sender.StoredEvent{}, notFound("event", org, id)
	}
	return *found, nil
}
