package console_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/console"
	"github.com/kirimhooks/kirimhooks/sender/sendertest"
)

func TestOneDelivery(t *testing.T) {
	e := sendertest.NewEndpoint(t, sendertest.Body(500, `{"error":"<b>broken</b>"}`))
	r := newRig(t, e)
	sub, secret, err := r.org.Subscribe(t.Context(), sender.Subscription{
		Name: "CRM", URL: e.URL, Events: []string{"*"}, Headers: map[string]string{"X-Api-Key": "sesame"},
	})
	require.NoError(t, err)
	event := r.publish(1)
	r.run()
	d := r.only(sender.DeliveryQuery{})
	p := r.get("/logs/"+d.ID).has(200, "contact.created", "Dead", "Why: exhausted: status 500", "CRM", event, d.ID,
		"Attempt 1", "500", `{"error":"<b>broken</b>"}`, "POST "+e.URL, `"type": "contact.created"`, "X-Kirim-Event-Id")
	lines := map[string]string{}
	for _, dt := range p.all("dt") {
		lines[inner(dt)] = inner(dt.NextSibling)
	}
	require.Equal(t, event, lines["X-Kirim-Event-Id"])
	require.Equal(t, d.ID, lines["X-Kirim-Delivery-Id"])
	require.Equal(t, "1", lines["X-Kirim-Attempt"])
	require.Regexp(t, `^t=\d+,v1=•+hidden$`, lines["X-Kirim-Signature"])
	require.Regexp(t, `^•+hidden$`, lines["X-Api-Key"])
	require.NotContains(t, p.Body.String(), "sesame")
	require.NotContains(t, p.Body.String(), secret.Reveal())

	require.NoError(t, r.org.Unsubscribe(t.Context(), sub.ID))
	p = r.get("/logs/"+d.ID).has(200, "removed")
	require.NotContains(t, p.text(), "Replay")
	r.get("/logs/wbd_unknown").has(404)
}

// A dialect whose header is the secret itself shows nothing of it.
func TestSecretInAHeaderIsHidden(t *testing.T) {
	e := sendertest.NewEndpoint(t, sendertest.Status(200))
	r := newRig(t, e)
	sub := r.subscribe(sender.Subscription{
		Contract: "kirisan", URL: e.URL, Events: []string{"submission.completed"},
		Devices: []sender.Device{{ID: "6281", Channel: "whatsapp"}},
	})
	_, err := r.org.RotateSecret(t.Context(), sub.ID, sender.Rotation{})
	require.NoError(t, err)
	result, err := r.org.Test(t.Context(), sub.ID, sender.TestRequest{})
	require.NoError(t, err)
	r.get("/logs/"+result.DeliveryID).has(200, "X-Webhook-Secret •••••••• hidden", "X-Kirisan-Event submission.completed",
		"Delivered", "delivered at attempt 1")
}

func TestRetryCancelAndReplay(t *testing.T) {
	e := sendertest.NewEndpoint(t, sendertest.Status(503))
	k := sender.Kirim()
	k.Schedule = sender.Waits{time.Hour, time.Hour, time.Hour}
	r := rigOver(t, sender.Config{Contracts: []sender.Contract{k}, Transport: sendertest.Transport(t, e)})
	r.subscribe(sender.Subscription{URL: e.URL, Events: []string{"*"}})
	r.publish(1)
	r.runUntil(func(d sender.Delivery) bool { return d.Attempt == 1 })
	d := r.only(sender.DeliveryQuery{})
	at := "/logs/" + d.ID
	r.get(at).has(200, "Pending", "Retry now", "Cancel", "attempt 2 is due at")
	r.post(at+"/retry", nil).has(200, "It is due now")
	require.NotContains(t, r.get(at).text(), "Retry now")
	r.runUntil(func(d sender.Delivery) bool { return d.Attempt == 2 })
	require.Len(t, r.get(at).all("li", "class", "sheet"), 2)
	r.post(at+"/replay", nil).has(409, "Not any more", "it is unfinished itself")
	r.post(at+"/cancel", nil).has(200, "Cancelled")
	r.post(at+"/retry", nil).has(409)
	p := r.post(at+"/replay", nil).has(200, "Sent again", "Replay of "+d.ID)
	require.NotEqual(t, at, p.url.Path)
	r.get(at).has(200, "Replayed by")
	r.get(at + "?done=<b>").ok()
}

// Whoever may only look cannot change, and no other site can do it for those who may.
func TestChangesAreGuarded(t *testing.T) {
	e := sendertest.NewEndpoint(t, sendertest.Status(500))
	r := newRig(t, e)
	r.subscribe(sender.Subscription{URL: e.URL, Events: []string{"*"}})
	r.publish(1)
	r.run()
	at := "/logs/" + r.only(sender.DeliveryQuery{}).ID
	require.Contains(t, r.get(at).text(), "Replay")

	req := httptest.NewRequest("POST", at+"/replay", nil)
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	r.load(r.handler, req).has(403, "Stopped")
	req = httptest.NewRequest("POST", at+"/replay", nil)
	req.Header.Set("Origin", "https://evil.example")
	r.load(r.handler, req).has(403, "Stopped")

	r.handler = mounted(t, r.sender, console.Config{Org: acme})
	p := r.get(at).has(200, "Read-only")
	require.Empty(t, p.all("form"))
	r.post(at+"/replay", nil).has(403, "change nothing")
	r.handler = mounted(t, r.sender, console.Config{
		Changes: allowed, Org: func(*http.Request) (string, error) { return "rival", nil },
	})
	r.get(at).has(404)
	r.post(at+"/replay", nil).has(404)
	r.only(sender.DeliveryQuery{})
}

// What comes from outside is shown and never obeyed.
func TestHostileTextsAreOnlyText(t *testing.T) {
	const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>' onmouseover='`
	e := sendertest.NewEndpoint(t, sendertest.Body(500, evil+"\u202e\x00\x1b[31m"))
	r := newRig(t, e)
	r.subscribe(sender.Subscription{
		Name: evil + "\u202e", Description: evil, URL: e.URL + "?q=%3Cscript%3E", Events: []string{"*"},
	})
	_, err := r.org.Publish(t.Context(), envelope.Event{
		Source: envelope.Kirim,
		Body:   []byte(`{"id":"evt_<script>","type":"\"><script>alert(1)","data":{"x":"</pre><script>"}}`),
	})
	require.NoError(t, err)
	r.run()
	d := r.only(sender.DeliveryQuery{})
	for _, path := range []string{
		"/logs", "/logs/" + d.ID, "/logs?type=%22%3E%3Cscript%3E&webhook=%3Cb%3E&since=%3Ci%3E", "/", "/webhooks", "/dead",
		"/webhooks/" + d.SubscriptionID, "/webhooks/" + d.SubscriptionID + "/edit", "/events/one?id=" + d.EventID,
		"/webhooks/" + d.SubscriptionID + "/delete", "/test", "/events", "/dead/all?webhook=%3Cscript%3E",
	} {
		p := r.get(path).ok()
		require.Len(t, p.all("script"), 1, path)
		require.Empty(t, p.all("img"), path)
		if !strings.HasSuffix(path, "/edit") { // its fields hold what was entered
			require.NotContains(t, p.Body.String(), "\u202e", path)
		}
	}
	require.Contains(t, r.get("/logs/"+d.ID).text(), `"x": "</pre><script>"`)
}
