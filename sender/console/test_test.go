package console_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/console"
	"github.com/kirimhooks/kirimhooks/sender/sendertest"
)

func TestSendATest(t *testing.T) {
	e := sendertest.NewEndpoint(t, sendertest.Body(418, "short and stout"), sendertest.Status(200))
	r := newRig(t, e)
	r.get("/test").has(200, "No webhook yet.")
	sub := r.subscribe(sender.Subscription{Name: "CRM", URL: e.URL, Events: []string{"contact.*", "message.status"}})
	p := r.get("/test").has(200, "Payload", `"type": "contact.created"`, "Send to CRM")
	form := p.fields()
	require.Equal(t, "contact.created", form.Get("type"))
	r.get("/test?webhook="+sub.ID+"&type=message.status").has(200, `"statuses": [`)

	p = r.post("/test", url.Values{"webhook": {sub.ID}, "type": {"message.status"}}).
		has(200, "What came of it", "Dead", "418", "short and stout")
	r.get(p.link("Show in the log")).has(200, "message.status", "test")
	r.post("/test", url.Values{"webhook": {sub.ID}, "type": {"contact.updated"}}).has(200, "Delivered", "200")
	r.post("/test", url.Values{"webhook": {sub.ID}, "type": {"contact.unheard_of"}}).has(422, "there is no sample")
	r.post("/test", url.Values{"webhook": {"wbs_unknown"}}).has(404)
	r.get("/test?webhook=wbs_unknown").has(404)
	r.get("/test?delivery=wbd_unknown").has(404)
}

func TestTestMakesAnEndpointActive(t *testing.T) {
	e := sendertest.NewEndpoint(t, sendertest.Status(200))
	r := newRig(t, e)
	sub := r.subscribe(sender.Subscription{
		Contract: "kirisan", Name: "bot", URL: e.URL,
		Events:  []string{"submission.completed", "incoming_message", "message_status"},
		Devices: []sender.Device{{ID: "6281", Channel: "whatsapp"}, {ID: "6282", Channel: "waba"}},
	})
	p := r.get("/test").has(200, "becomes active once a test succeeds", `"device": "6281"`, `"event": "submission"`)
	require.Equal(t, "whatsapp", p.fields().Get("channel"))
	require.NotContains(t, p.text(), "message_status")
	p = r.get("/test?webhook="+sub.ID+"&channel=waba&type=message_status").has(200, `"device": "6282"`)
	p = r.post("/test", p.fields()).has(200, "Delivered")
	require.NotContains(t, p.text(), "becomes active once")
	require.Equal(t, sender.StatusActive, r.subscription().Status)
	r.post("/test", url.Values{"webhook": {sub.ID}, "channel": {"telegram"}}).has(422, "no device on")
}

func TestReadOnlyTest(t *testing.T) {
	e := sendertest.NewEndpoint(t)
	r := newRig(t, e)
	sub := r.subscribe(sender.Subscription{URL: e.URL, Events: []string{"*"}})
	r.handler = mounted(t, r.sender, console.Config{Org: acme})
	p := r.get("/test").has(200, "Payload")
	require.Empty(t, p.all("form", "method", "post"))
	r.post("/test", url.Values{"webhook": {sub.ID}}).has(403)
	e.RequireNone()
}

// A dialect without samples says so, and one without a list of types offers what the subscription names.
func TestTestOfOtherDialects(t *testing.T) {
	bare := sender.Contract{
		Name: "bare", Sources: []envelope.Source{"bare"}, Sign: sender.Standard().Sign,
	}
	r := rigOver(t, sender.Config{
		Contracts: []sender.Contract{sender.Standard(), bare}, Transport: sendertest.Transport(t),
	})
	one := r.subscribe(sender.Subscription{Contract: "bare", URL: "https://example.com/", Events: []string{"x"}})
	two := r.subscribe(sender.Subscription{Contract: "standard", URL: "https://example.com/", Events: []string{"user.*"}})
	r.get("/test?webhook="+one.ID).has(200, "There are no samples")
	r.get("/test?webhook="+two.ID).has(200, `"type": "user"`)
}
