package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const subscriptionForm = `^wbs_[0-9A-HJKMNP-TV-Z]{26}$`

func keys(o object) []string { return slices.Sorted(maps.Keys(o)) }

func TestCreate(t *testing.T) {
	c := start(t)
	made := c.data(201, "POST", "webhook_subscriptions",
		`{"url":"https://app.example.com/webhooks/kirim","events":["message.received","contact.*"],"description":"Production handler"}`)
	require.Equal(t, []string{
		"contract", "created_at", "description", "events", "id", "initial_secret", "object", "secrets", "status",
		"status_reason", "url",
	}, keys(made))
	require.Regexp(t, subscriptionForm, made["id"])
	require.Equal(t, "webhook_subscription", made["object"])
	require.Equal(t, "https://app.example.com/webhooks/kirim", made["url"])
	require.Equal(t, "Production handler", made["description"])
	require.Equal(t, "active", made["status"])
	require.Equal(t, "kirim", made["contract"])
	require.Equal(t, []any{"message.received", "contact.*"}, made["events"])
	require.Regexp(t, `^whsec_.{16,}$`, made["initial_secret"])
	require.Len(t, made["secrets"], 1)
	s := objects(made["secrets"])[0]
	require.Equal(t, []string{"created_at", "expires_at", "id"}, keys(s))
	require.Regexp(t, `^sec_[0-9A-HJKMNP-TV-Z]{26}$`, s["id"])
	require.Nil(t, s["expires_at"])
	require.Regexp(t, `^2\d{3}-\d\d-\d\dT.*Z$`, s["created_at"])

	id := made["id"].(string)
	delete(made, "initial_secret")
	require.Equal(t, made, c.data(200, "GET", "webhook_subscriptions/"+id, ""))
	require.Equal(t, []object{made}, c.list("webhook_subscriptions"))
}

// No answer but the two that make a secret holds one.
func TestSecretsAreShownOnce(t *testing.T) {
	c := start(t)
	h := newHook(t, 200)
	id, initial := c.subscribe(h.URL, `["*"]`)
	fresh := c.data(201, "POST", "webhook_subscriptions/"+id+"/secrets", `{"expires_in_hours":24}`)
	require.Equal(t, []string{"object", "secret", "subscription_id"}, keys(fresh))
	secret := fresh["secret"].(string)
	require.Regexp(t, `^whsec_.{16,}$`, secret)
	require.NotEqual(t, initial, secret)
	c.publish("evt_1", "a.b")
	d := c.await("delivered", "webhook_deliveries")[0]
	for _, call := range [][3]string{
		{"GET", "webhook_subscriptions", ""},
		{"GET", "webhook_subscriptions/" + id, ""},
		{"PATCH", "webhook_subscriptions/" + id, `{"description":"x"}`},
		{"PATCH", "webhook_subscriptions/" + id, `{"url":` + quote(h.URL+"/moved") + `,"secret":"keep"}`},
		{"POST", "webhook_subscriptions/" + id + "/test", `{}`},
		{"GET", "webhook_deliveries", ""},
		{"GET", "webhook_deliveries/" + d["id"].(string), ""},
		{"POST", "webhook_deliveries/" + d["id"].(string) + "/replay", ""},
		{"DELETE", "webhook_subscriptions/" + id, ""},
	} {
		status, text := c.send(call[0], call[1], call[2])
		require.Less(t, status, 300, text)
		require.NotContains(t, text, "whsec_", call)
	}
}

func TestRotationOverlaps(t *testing.T) { eachStore(t, testRotationOverlaps) }

func testRotationOverlaps(t *testing.T, store string) {
	c := start(t, "-store", store)
	h := newHook(t, 200)
	id, old := c.subscribe(h.URL, `["*"]`)
	fresh := c.data(201, "POST", "webhook_subscriptions/"+id+"/secrets", "")["secret"].(string)
	secrets := objects(c.data(200, "GET", "webhook_subscriptions/"+id, "")["secrets"])
	require.Len(t, secrets, 2)
	require.Nil(t, secrets[0]["expires_at"], "the newest comes first")
	require.NotNil(t, secrets[1]["expires_at"])

	c.publish("evt_1", "a.b")
	r := h.next(t)
	require.Equal(t, 2, strings.Count(r.header.Get("X-Kirim-Signature"), "v1="))
	verify(t, r, old)
	verify(t, r, fresh)

	last := c.data(201, "POST", "webhook_subscriptions/"+id+"/secrets", `{"expires_in_hours":0}`)["secret"].(string)
	c.publish("evt_2", "a.b")
	r = h.next(t)
	require.Equal(t, 1, strings.Count(r.header.Get("X-Kirim-Signature"), "v1="))
	verify(t, r, last)

	own := c.data(201, "POST", "webhook_subscriptions/"+id+"/secrets",
		`{"expires_in_hours":0.5,"secret":"whsec_brought_by_its_owner"}`)
	require.Equal(t, "whsec_brought_by_its_owner", own["secret"])
}

func TestPatch(t *testing.T) { eachStore(t, testPatch) }

func testPatch(t *testing.T, store string) {
	c := start(t, "-store", store)
	id, _ := c.subscribe("https://a.example/x", `["a.b"]`)
	path := "webhook_subscriptions/" + id
	got := c.data(200, "PATCH", path, `{"url":"https://a.example/y","description":"Re-enabled","events":["message.received"]}`)
	require.Equal(t, "https://a.example/y", got["url"])
	require.Equal(t, "Re-enabled", got["description"])
	require.Equal(t, []any{"message.received"}, got["events"])
	require.Equal(t, "active", got["status"])

	require.Equal(t, "paused", c.data(200, "PATCH", path, `{"status":"paused","events":["c.d"]}`)["status"])
	require.Equal(t, "active", c.data(200, "PATCH", path, `{"status":"active"}`)["status"])
	require.Equal(t, got["url"], c.data(200, "PATCH", path, `{"description":null}`)["url"])
	require.Equal(t, "Re-enabled", c.data(200, "PATCH", path, `{}`)["description"], "null and absent are the same")
	require.Empty(t, c.data(200, "PATCH", path, `{"description":""}`)["description"])

	// What is refused changes nothing.
	c.call(400, "PATCH", path, `{"description":"new","events":[]}`)
	c.call(400, "PATCH", path, `{"description":"new","status":"disabled"}`)
	require.Empty(t, c.data(200, "GET", path, "")["description"])
}

func TestMove(t *testing.T) {
	c := start(t)
	before, after := newHook(t, 200), newHook(t, 200)
	id, secret := c.subscribe(before.URL, `["*"]`)
	path := "webhook_subscriptions/" + id
	refusal := c.call(400, "PATCH", path, `{"url":`+quote(after.URL)+`}`)["error"].(object)
	require.Equal(t, "host_changed", refusal["code"])
	require.Equal(t, "url", refusal["param"])

	require.NotContains(t, c.data(200, "PATCH", path, `{"url":`+quote(after.URL)+`,"secret":"keep"}`), "initial_secret")
	c.publish("evt_1", "a.b")
	verify(t, after.next(t), secret)

	renewed := c.data(200, "PATCH", path, `{"url":`+quote(before.URL)+
		`,"secret":"renew","status":"active"}`)["initial_secret"].(string)
	c.publish("evt_2", "a.b")
	verify(t, before.next(t), renewed)
	require.NotEqual(t, secret, renewed)
}

func TestDelete(t *testing.T) { eachStore(t, testDelete) }

func testDelete(t *testing.T, store string) {
	c := start(t, "-store", store)
	id, _ := c.subscribe("https://a.example/x", `["a.b"]`)
	require.Equal(t, object{"id": id, "object": "webhook_subscription", "deleted": true},
		c.data(200, "DELETE", "webhook_subscriptions/"+id, ""))
	c.call(404, "DELETE", "webhook_subscriptions/"+id, "")
	c.call(404, "GET", "webhook_subscriptions/"+id, "")
	require.Empty(t, c.list("webhook_subscriptions"))
}

func TestSubscriptionPages(t *testing.T) { eachStore(t, testSubscriptionPages) }

func testSubscriptionPages(t *testing.T, store string) {
	c := start(t, "-store", store)
	made := map[string]bool{}
	for i := range 60 {
		id, _ := c.subscribe(fmt.Sprintf("https://a.example/%d", i), `["a.b"]`)
		made[id] = true
	}
	for limit, pages := range map[string][]int{"": {25, 25, 10}, "limit=20": {20, 20, 20}, "limit=100": {60}} {
		listed := map[string]bool{}
		cursor := ""
		for i, n := range pages {
			page := c.call(200, "GET", "webhook_subscriptions?"+limit+cursor, "")
			require.Equal(t, []string{"data", "has_more", "next_cursor"}, keys(page))
			require.Len(t, page["data"], n)
			for _, s := range objects(page["data"]) {
				listed[s["id"].(string)] = true
			}
			require.Equal(t, i < len(pages)-1, page["has_more"])
			if i == len(pages)-1 {
				require.Nil(t, page["next_cursor"])
				break
			}
			cursor = "&cursor=" + page["next_cursor"].(string)
		}
		require.Equal(t, made, listed)
	}
}

func TestLimit(t *testing.T) {
	c := start(t)
	for i := range 100 {
		c.subscribe(fmt.Sprintf("https://a.example/%d", i), `["a.b"]`)
	}
	refusal := c.call(409, "POST", "webhook_subscriptions", `{"url":"https://a.example","events":["a"]}`)["error"].(object)
	require.Equal(t, "limit_reached", refusal["code"])
	c.as("another").subscribe("https://a.example/x", `["a.b"]`)
}
