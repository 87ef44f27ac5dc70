package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func kirisanEvent(device, channel string) string {
	return `{"source":"kirisan","type":"incoming_message","body":{"event":"incoming_message","device":` + quote(device) +
		`,"channel":` + quote(channel) + `,"production":true}}`
}

func TestKirisan(t *testing.T) { eachStore(t, testKirisan) }

func testKirisan(t *testing.T, store string) {
	c := start(t, "-store", store, "-contract", "kirisan")
	h := newHook(t, 500)
	made := c.data(201, "POST", "webhook_subscriptions",
		`{"url":`+quote(h.URL)+`,"events":["incoming_message","submission"],"secret":"kirisan's own secret","devices":["wa-1",{"id":"wa-2"},{"id":"tg-1","channel":"telegram"}]}`)
	require.Equal(t, "pending_test", made["status"])
	require.Equal(t, "kirisan", made["contract"])
	require.Equal(t, "kirisan's own secret", made["initial_secret"])
	require.Equal(t, []object{{"id": "wa-1", "channel": "whatsapp"}, {"id": "wa-2", "channel": "whatsapp"},
		{"id": "tg-1", "channel": "telegram"}}, objects(made["devices"]))
	path := "webhook_subscriptions/" + made["id"].(string)

	require.Equal(t, 0.0, c.data(201, "POST", "events", kirisanEvent("wa-1", "whatsapp"))["deliveries"],
		"it waits for its test")
	require.Equal(t, "pending_test", c.data(200, "PATCH", path, `{"status":"active"}`)["status"],
		"nothing but a test makes it active")
	failed := c.data(200, "POST", path+"/test", "")
	require.Equal(t, []string{"attempt", "delivered", "object", "subscription_id", "subscription_status"}, keys(failed))
	require.Equal(t, false, failed["delivered"])
	require.Equal(t, 500.0, failed["attempt"].(object)["status_code"])
	require.Regexp(t, `^2\d{3}-`, failed["attempt"].(object)["at"])
	require.Equal(t, "pending_test", failed["subscription_status"])
	h.next(t)

	h.answers(202) // success for Kirim, not for Kirisan
	require.Equal(t, false, c.data(200, "POST", path+"/test", `{}`)["delivered"])
	h.next(t)
	h.answers(201)
	passed := c.data(200, "POST", path+"/test", `{"type":"submission","channel":"telegram"}`)
	require.Equal(t, true, passed["delivered"])
	require.Equal(t, "active", passed["subscription_status"])
	r := h.next(t)
	require.Equal(t, "Kirisan-Webhook-Test/1.0", r.header.Get("User-Agent"))
	require.Equal(t, "submission", r.header.Get("X-Kirisan-Event"))
	require.Equal(t, "tg-1", r.header.Get("X-Kirisan-Device"))

	receipt := c.data(201, "POST", "events", kirisanEvent("wa-1", "whatsapp"))
	require.Equal(t, 1.0, receipt["deliveries"])
	require.Regexp(t, `^evt_[0-9A-HJKMNP-TV-Z]{26}$`, receipt["id"])
	ev := verify(t, h.next(t), "kirisan's own secret")
	require.Equal(t, "wa-1", ev.Device)
	require.Equal(t, 0.0, c.data(201, "POST", "events", kirisanEvent("wa-9", "whatsapp"))["deliveries"], "not its device")

	// One header has room for one secret.
	refusal := c.call(400, "POST", path+"/secrets", `{"expires_in_hours":1}`)["error"].(object)
	require.Equal(t, "expires_in_hours", refusal["param"])
	require.Equal(t, "next", c.data(201, "POST", path+"/secrets", `{"secret":"next"}`)["secret"])
	now := c.data(200, "GET", path, "")
	require.Len(t, now["secrets"], 1)
	require.Equal(t, "pending_test", now["status"], "a new secret wants a new test")

	var delivered []object
	require.Eventually(t, func() bool {
		delivered = c.list("webhook_deliveries?status=delivered")
		return len(delivered) == 2
	}, patience, 20*time.Millisecond)
	require.Equal(t, false, delivered[0]["test"])
	require.Equal(t, true, delivered[1]["test"])
}

func TestKirisanWithoutSecret(t *testing.T) {
	c := start(t, "-contract", "kirisan")
	h := newHook(t, 200)
	made := c.data(201, "POST", "webhook_subscriptions",
		`{"url":`+quote(h.URL)+`,"events":["incoming_message"],"devices":[{"id":"tg-1","channel":"telegram"}]}`)
	require.NotContains(t, made, "initial_secret")
	require.Equal(t, "devices", c.refusal(400, "POST", "webhook_subscriptions",
		`{"url":`+quote(h.URL)+`,"events":["incoming_message"],"devices":[{"id":"tg-1","line":"b"}]}`)["param"])
	require.Equal(t, []any{}, made["secrets"])
	// Telegram's first live message is delivered and makes it active.
	require.Equal(t, 1.0, c.data(201, "POST", "events", kirisanEvent("tg-1", "telegram"))["deliveries"])
	require.NotContains(t, h.next(t).header, "X-Webhook-Secret")
	require.Equal(t, "active", c.data(200, "GET", "webhook_subscriptions/"+made["id"].(string), "")["status"])
}

// Both contracts in one process: the first is the default, and a subscription may name the other.
func TestBothContracts(t *testing.T) {
	c := start(t, "-contract", "kirim,kirisan")
	h := newHook(t, 200)
	id, _ := c.subscribe(h.URL, `["*"]`)
	require.Equal(t, "kirim", c.data(200, "GET", "webhook_subscriptions/"+id, "")["contract"])
	made := c.data(201, "POST", "webhook_subscriptions",
		`{"contract":"kirisan","url":`+quote(h.URL)+
			`,"events":["incoming_message"],"devices":[{"id":"tg-1","channel":"telegram"}]}`)
	require.Equal(t, "kirisan", made["contract"])
	require.Equal(t, 1.0, c.data(201, "POST", "events", kirisanEvent("tg-1", "telegram"))["deliveries"])
	require.Equal(t, 1.0, c.publish("evt_1", "a.b")["deliveries"])
}
