package console_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/sendertest"
)

func TestEvents(t *testing.T) {
	r := newRig(t)
	r.get("/events").has(200, "No event fits.")
	r.publish(1)
	unwanted := r.publish(1)
	r.subscribe(sender.Subscription{Name: "CRM", URL: "https://example.com/", Events: []string{"contact.created"}})
	wanted := r.publish(1)
	require.Len(t, r.get("/events").ok().rows(), 3)
	require.Len(t, r.get("/events?undelivered=1").ok().rows(), 2)
	require.Empty(t, r.get("/events?type=message.status").rows())
	require.Empty(t, r.get("/events?until=2020-01-01T00:00").rows())
	require.Empty(t, r.get("/events?device=1&channel=waba").rows())
	require.Len(t, r.get("/events?span=1h&state=dead&webhook=x&event=y&kind=test").rows(), 3, "those are of deliveries")

	p := r.get("/events/one?id="+wanted).has(200, "contact.created", wanted, "CRM Pending waits for a worker",
		`"type": "contact.created"`)
	r.get(p.link("Pending")).has(200, wanted)
	saved := r.get(p.link("Save body"))
	require.Equal(t, "text/plain; charset=utf-8", saved.Header().Get("Content-Type"))
	require.Equal(t, `attachment; filename="event.json"`, saved.Header().Get("Content-Disposition"))
	ev, err := r.org.Event(t.Context(), wanted)
	require.NoError(t, err)
	require.Equal(t, string(ev.Event.Body), saved.Body.String())

	r.get("/events/one?id="+unwanted).has(200, "Not wanted", "it was made later")
	r.get("/events/one?id=unknown").has(404)
	r.get("/events/body?id=unknown").has(404)
	r.get("/events/one").has(404)
}

func TestEventsComeInPages(t *testing.T) {
	r := newRig(t)
	r.publish(120)
	p := r.get("/events?undelivered=1")
	require.Len(t, p.rows(), 50)
	p = r.get(p.link("Older"))
	require.Len(t, p.rows(), 50)
	p = r.get(p.link("Older"))
	require.Len(t, p.rows(), 20)
	require.Equal(t, "/events?undelivered=1", p.link("Newest"))
	r.get("/events?after=unknown").has(404)
}

// Ids may hold whatever a path or a query is made of.
func TestEventIDsOfAnyShape(t *testing.T) {
	e := sendertest.NewEndpoint(t, sendertest.Status(200))
	r := rigOver(t, sender.Config{Contracts: []sender.Contract{sender.Kirim()}, Transport: sendertest.Transport(t, e)})
	r.subscribe(sender.Subscription{URL: e.URL, Events: []string{"*"}})
	for _, id := range []string{"../../logs", "a/b?c=d&e#f", "%2e%2e%2f", "wamid.HBg=="} {
		ev := envelope.Event{Source: envelope.Kirim, Body: []byte(`{"id":"` + id + `","type":"x","data":{}}`)}
		_, err := r.org.Publish(t.Context(), ev)
		require.NoError(t, err)
		p := r.get("/logs?event=" + url.QueryEscape(id)).ok()
		require.Len(t, p.rows(), 1)
		p = r.get(p.link("x")).ok()
		r.get(p.link(id)).has(200, id, "What became of it")
	}
	p := r.get("/events")
	r.get(p.link("x")).has(200, "wamid.HBg==")
}
