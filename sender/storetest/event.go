package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func eventCases() []func(*world) {
	return []func(*world){
		eventsAreListedNewestFirst,
		everyFilterSelectsEvents,
		eventsAreListedByPages,
		eventsThatNobodyWantedAreFound,
		anUnreadableEventIsListed,
	}
}

func (w *world) events(q driver.EventQuery) []driver.StoredEvent {
	w.Helper()
	if q.Org == "" {
		q.Org = acme
	}
	list, err := w.Events(w.ctx, q)
	require.NoError(w, err)
	return list
}

func (w *world) eventNames(q driver.EventQuery) (ids []string) {
	w.Helper()
	for _, e := range w.events(q) {
		ids = append(ids, e.Event.ID)
	}
	return ids
}

func eventsAreListedNewestFirst(w *world) {
	require.Empty(w, w.events(driver.EventQuery{}))
	w.subscribe("a", "x")
	p := publication(acme, "b", "x")
	p.Event.Device, p.Event.Channel, p.Trace = "6281", "whatsapp",
		"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	p.Event.CreatedAt = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	require.NoError(w, w.enqueue(p)[0].Err)
	w.publish("c", "x")
	w.publish("a", "nobody")
	w.enqueue(publication(rival, "theirs", "x"))
	require.Equal(w, []string{"a", "c", "b"}, w.eventNames(driver.EventQuery{}))
	require.Equal(w, []string{"theirs"}, w.eventNames(driver.EventQuery{Org: rival}))
	want, err := w.Event(w.ctx, acme, "b")
	require.NoError(w, err)
	want.Event.Body = nil
	require.Equal(w, want, w.events(driver.EventQuery{})[2], "all of it but the body")
}

func everyFilterSelectsEvents(w *world) {
	for _, x := range []struct {
		id, source, typ, device, channel string
	}{
		{"one", "kirisan", "incoming_message", "6281", "whatsapp"},
		{"two", "kirisan", "incoming_message", "bot", "telegram"},
		{"three", "meta", "message.status", "6281", "whatsapp"},
	} {
		p := publication(acme, x.id, "x")
		p.Event.Source, p.Event.Type = envelope.Source(x.source), x.typ
		p.Event.Device, p.Event.Channel = x.device, x.channel
		require.NoError(w, w.enqueue(p)[0].Err)
	}
	one := w.events(driver.EventQuery{})[2].PublishedAt
	for _, x := range []struct {
		q    driver.EventQuery
		want []string
	}{
		{driver.EventQuery{}, []string{"three", "two", "one"}},
		{driver.EventQuery{Source: envelope.Meta}, []string{"three"}},
		{driver.EventQuery{Type: "incoming_message"}, []string{"two", "one"}},
		{driver.EventQuery{Type: "incoming"}, nil},
		{driver.EventQuery{Device: "6281"}, []string{"three", "one"}},
		{driver.EventQuery{Channel: "telegram"}, []string{"two"}},
		{driver.EventQuery{Type: "incoming_message", Device: "6281"}, []string{"one"}},
		{driver.EventQuery{Until: one}, nil},
		{driver.EventQuery{Since: one}, []string{"three", "two", "one"}},
		{driver.EventQuery{Since: one.Add(ages)}, nil},
		{driver.EventQuery{Since: time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC),
			Until: time.Date(20_000, 1, 1, 0, 0, 0, 0, time.UTC)}, []string{"three", "two", "one"}},
	} {
		require.Equal(w, x.want, w.eventNames(x.q), "%+v", x.q)
	}
}

func eventsAreListedByPages(w *world) {
	w.publishMany("evt_", 203, "x")
	require.Len(w, w.events(driver.EventQuery{}), 100, "a page has 100 unless the query says otherwise")
	var all []string
	for q := (driver.EventQuery{Type: "contact.created", Limit: 40}); ; {
		page := w.eventNames(q)
		all = append(all, page...)
		if len(page) < q.Limit {
			break
		}
		q.After = page[len(page)-1]
	}
	require.Len(w, all, 203)
	require.IsDecreasing(w, all)
	_, err := w.Events(w.ctx, driver.EventQuery{Org: acme, After: "unknown"})
	require.ErrorIs(w, err, driver.ErrNotFound)
	_, err = w.Events(w.ctx, driver.EventQuery{Org: rival, After: all[0]})
	require.ErrorIs(w, err, driver.ErrNotFound, "a foreign cursor is an unknown one")
}

func eventsThatNobodyWantedAreFound(w *world) {
	w.subscribe("a", "x")
	w.publish("wanted", "x")
	w.publish("unwanted", "y")
	require.Equal(w, []string{"unwanted"}, w.eventNames(driver.EventQuery{Undelivered: true}))
	w.finish(driver.StateDelivered)
	require.Equal(w, []string{"unwanted"}, w.eventNames(driver.EventQuery{Undelivered: true}), "it had one")
	if !w.canPass(time.Hour) {
		return
	}
	w.pass(time.Hour)
	r := keepAll()
	r.Finished = 0
	w.purge(r)
	require.Equal(w, []string{"unwanted", "wanted"}, w.eventNames(driver.EventQuery{Undelivered: true}),
		"its delivery is purged")
	require.Equal(w, []string{"unwanted", "wanted"}, w.eventNames(driver.EventQuery{}))
}

func anUnreadableEventIsListed(w *world) {
	spoiled := w.spoilAll(Events, func(n int) string {
		id := "evt_" + string(rune('a'+n))
		w.publish(id, "x")
		return id
	})
	listed := w.eventNames(driver.EventQuery{})
	for _, id := range spoiled {
		require.Contains(w, listed, id)
	}
	require.Len(w, listed, len(w.eventNames(driver.EventQuery{Limit: 50})))
}
