package storetest

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func logCases() []func(*world) {
	return []func(*world){
		eventsComeBackAsTheyWere,
		bodiesComeBackBitForBit,
		anUnknownEventIsNotFound,
		deliveriesRunFromTheNewestToTheOldest,
		deliveriesComeInPages,
		deliveriesComeInPagesOf100UnlessToldOtherwise,
		aPageGoesOnWhereTheLastOneEndedThoughNewOnesCame,
	}
}

func eventsComeBackAsTheyWere(w *world) {
	p := publication(acme, "evt_1")
	p.Event = envelope.Event{
		ID: "evt_1", Source: envelope.Kirisan, Type: "incoming_message", Device: "6281", Channel: "whatsapp", Test: true,
		CreatedAt: time.Date(2026, 3, 4, 5, 6, 7, 123456000, time.FixedZone("WIB", 7*3600)), Body: json.RawMessage(`{}`),
	}
	p.Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	require.NoError(w, w.enqueue(p)[0].Err)

	got, err := w.Event(w.ctx, acme, "evt_1")
	require.NoError(w, err)
	require.Equal(w, acme, got.Org)
	require.Equal(w, p.Trace, got.Trace)
	require.False(w, got.PublishedAt.IsZero())
	require.True(w, p.Event.CreatedAt.Equal(got.Event.CreatedAt))
	got.Event.CreatedAt = p.Event.CreatedAt
	require.Equal(w, p.Event, got.Event)

	w.publish("evt_2")
	later, err := w.Event(w.ctx, acme, "evt_2")
	require.NoError(w, err)
	require.True(w, later.Event.CreatedAt.IsZero(), "none stated, none invented")
	require.False(w, later.PublishedAt.Before(got.PublishedAt))
}

func bodiesComeBackBitForBit(w *world) {
	w.subscribe("a", "x")
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	for name, body := range map[string][]byte{
		"white space and order":  []byte(" {\n\t\"b\" : 1.0 , \"a\":1e2,\"a\":null }\r\n"),
		"no UTF-8":               []byte("{\"a\":\"\xff\xfe\xc0\x80\xed\xa0\x80\"}"),
		"NUL":                    []byte("{\"a\":\"\x00\\u0000\"}\x00"),
		"every byte":             all,
		"large numbers":          []byte(`{"id":123456789012345678901234567890,"f":0.1000}`),
		"a mebibyte":             bytes.Repeat([]byte("0123456789abcdef"), 1<<16),
		"a mebibyte of zeros":    make([]byte, 1<<20),
		"one byte":               {0},
		"what looks like hex":    []byte(`\x00ff`),
		"what looks like escape": []byte(`\\000\101`),
	} {
		p := publication(acme, name, "x")
		p.Event.Body, p.Digest = body, sha256.Sum256(body)
		require.NoError(w, w.enqueue(p)[0].Err)
		got, err := w.Event(w.ctx, acme, name)
		require.NoError(w, err)
		require.True(w, bytes.Equal(body, got.Event.Body), "Event: %s", name)
		c := w.one()
		require.True(w, bytes.Equal(body, c.Event.Event.Body), "Claim: %s", name)
		w.settle(outcome(c, driver.StateDelivered, nil))
	}
}

func anUnknownEventIsNotFound(w *world) {
	w.create(record(rival, "r", "x"))
	w.enqueue(publication(rival, "foreign", "x"))
	for _, id := range []string{"", "unknown", "foreign"} {
		_, err := w.Event(w.ctx, acme, id)
		require.ErrorIs(w, err, driver.ErrNotFound, "event %q", id)
	}
}

// logOf makes n deliveries, one event each, and returns their ids, newest first.
func (w *world) logOf(n int) []string {
	w.Helper()
	w.subscribe("a", "x")
	w.publishMany("evt_", n, "x")
	all := ids(w.deliveries(driver.DeliveryQuery{Limit: n}))
	require.Len(w, all, n)
	return all
}

func deliveriesRunFromTheNewestToTheOldest(w *world) {
	w.subscribe("a", "x")
	var want []string
	for _, id := range []string{"evt_c", "evt_a", "evt_d", "evt_b"} {
		w.publish(id, "x")
		want = append([]string{id}, want...)
		w.pass(w.moment / 10)
	}
	var got []string
	list := w.deliveries(driver.DeliveryQuery{})
	for i, d := range list {
		got = append(got, d.EventID)
		require.False(w, i > 0 && d.CreatedAt.After(list[i-1].CreatedAt))
	}
	require.Equal(w, want, got)
}

func deliveriesComeInPages(w *world) {
	all := w.logOf(23)
	var got []string
	q := driver.DeliveryQuery{Limit: 5}
	for range 10 {
		page := ids(w.deliveries(q))
		require.LessOrEqual(w, len(page), 5)
		if len(page) == 0 {
			break
		}
		got = append(got, page...)
		q.After = page[len(page)-1]
	}
	require.Equal(w, all, got, "each once, in one order")

	q = driver.DeliveryQuery{After: all[9], Limit: 100}
	require.Equal(w, all[10:], ids(w.deliveries(q)))
	q.After = all[22]
	require.Empty(w, w.deliveries(q))
}

func deliveriesComeInPagesOf100UnlessToldOtherwise(w *world) {
	all := w.logOf(120)
	require.Equal(w, all[:100], ids(w.deliveries(driver.DeliveryQuery{})))
	require.Equal(w, all[100:], ids(w.deliveries(driver.DeliveryQuery{After: all[99]})))
}

func aPageGoesOnWhereTheLastOneEndedThoughNewOnesCame(w *world) {
	all := w.logOf(10)
	first := ids(w.deliveries(driver.DeliveryQuery{Limit: 4}))
	w.publishMany("new_", 6, "x")
	second := ids(w.deliveries(driver.DeliveryQuery{After: first[3], Limit: 100}))
	require.Equal(w, all, append(first, second...))
}
