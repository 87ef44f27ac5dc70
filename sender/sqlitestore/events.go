package sqlitestore

import (
	"context"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

const (
	// A listed event has no body: the pages of a large one are not read.
	sqlListedEvents = sqlEventHead + `, NULL FROM kirimhooks_events e INDEXED BY kirimhooks_events_of_org`

	sqlUndelivered = `NOT EXISTS (
	SELECT 1 FROM kirimhooks_deliveries INDEXED BY kirimhooks_by_event WHERE event = e.event)`
)

// Events implements [driver.Log]. A page costs the walk through the newer events of the org that it passes over.
func (s *Store) Events(ctx context.Context, q driver.EventQuery) ([]driver.StoredEvent, error) {
	f, err := s.eventFilter(ctx, &q)
	if err != nil {
		return nil, failed("events", ctx, err)
	}
	var page []driver.StoredEvent
	err = s.read(ctx, sqlListedEvents+f.clausesOfEvents(), append(f.args, limit(q.Limit)), func(scan scanner) error {
		_, e, err := scanEvent(scan)
		if e == nil {
			return err
		}
		page = append(page, *e) // or what can be read of it
		return nil
	})
	return page, failed("events", ctx, err)
}

func (f *filter) clausesOfEvents() string { return f.where() + ` ORDER BY e.event DESC LIMIT ?` }

// eventFilter turns all but Limit into conditions.
func (s *Store) eventFilter(ctx context.Context, q *driver.EventQuery) (*filter, error) {
	f := &filter{}
	f.add(`e.org = ?`, q.Org)
	if q.After != "" {
		found, err := s.numbers(ctx, sqlEventOfID, q.Org, q.After)
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, notFound("event", q.Org, q.After)
		}
		f.add(`e.event < ?`, found[0])
	}
	for _, x := range [...]struct{ column, value string }{
		{`source`, string(q.Source)}, {`type`, q.Type}, {`device`, q.Device}, {`channel`, q.Channel},
	} {
		if x.value != "" {
			f.add(`e.`+x.column+` = ?`, x.value)
		}
	}
	if q.Undelivered {
		f.add(sqlUndelivered)
	}
	f.addSpan(`e.published_at`, q.Since, q.Until)
	return f, nil
}
